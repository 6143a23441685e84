package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// How long follow waits before it connects again: the first time, and at most.
const (
	followPause    = 500 * time.Millisecond
	followPauseMax = 30 * time.Second
)

func (a *app) auditFollow() *cobra.Command {
	var f auditFlags
	var after uint64
	cmd := &cobra.Command{
		Use:   "follow",
		Short: "Show audit events as they are recorded, until interrupted",
		Long: `Show audit events as they are recorded, until interrupted: every event from now on, or from --after on, in order. When
the connection is lost it connects again and goes on where it was, so that nothing is missed. It ends when the right to
watch does. -o json prints an event a line, -o yaml a document each.`,
		Example: "  coffer audit follow --decision DENY\n  coffer audit follow --after 123456 -o json | jq .resource",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			kindWanted, err := f.eventKind()
			if err != nil {
				return err
			}
			if a.quiet && a.output == outputTable {
				return usage("events have no names: leave --quiet out")
			}
			req := &cofferv1.WatchAuditEventsRequest{
				AfterSequence: after, Principal: f.principal, Resource: f.resource, Action: f.action, Kind: kindWanted, Decision: constant(f.decision),
			}
			return a.connected(func(c *client.Client) error {
				w := eventWatch{app: a, client: c, request: req}
				return w.run(cmd.Context())
			})
		},
	}
	f.register(cmd.Flags(), false)
	cmd.Flags().Uint64Var(&after, "after", 0, "begin after the event of this sequence number (default: now)")
	return cmd
}

// maxGrown is how wide a column may become, in characters. What is longer stands out.
const maxGrown = 48

// eventWatch is one run of follow.
type eventWatch struct {
	app     *app
	client  *client.Client
	request *cofferv1.WatchAuditEventsRequest // says where to go on from
	reached bool                              // the server has answered once
	columns []column                          // nil before the first line
	narrow  bool                              // the columns are to fit a terminal
}

// run watches until it is interrupted, which is its good end.
func (w *eventWatch) run(ctx context.Context) error {
	pause := followPause
	for {
		heard, err := w.watch(ctx)
		wait, err := w.again(ctx, err, pause)
		if wait == 0 {
			return err
		}
		if heard {
			pause, wait = followPause, followPause
		}
		w.app.note("the connection is lost: trying again in %v", wait)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		pause = min(pause*2, followPauseMax)
	}
}

// again tells how long to wait before connecting again after an error, or returns it with 0. A server that was never
// reached may be a wrong one.
func (w *eventWatch) again(ctx context.Context, err error, pause time.Duration) (time.Duration, error) {
	var refused *client.Error
	switch {
	case ctx.Err() != nil:
		return 0, nil //nolint:nilerr // being interrupted is the good end
	case !w.reached:
		return 0, err
	case errors.Is(err, io.EOF), errors.Is(err, client.ErrUnavailable):
		return pause, nil
	case errors.Is(err, client.ErrLimit) && errors.As(err, &refused):
		return max(pause, refused.RetryAfter), nil
	}
	return 0, err
}

// watch shows events until the stream ends, and tells whether there was anything.
func (w *eventWatch) watch(ctx context.Context) (heard bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := w.client.WatchAuditEvents(ctx, w.request)
	if err != nil {
		return false, err
	}
	for {
		answer, err := stream.Recv()
		if err != nil {
			return heard, err
		}
		heard, w.reached = true, true
		if answer.GetEvent() != nil {
			if err := w.show(answer.GetEvent()); err != nil {
				return heard, err
			}
		}
		if answer.GetSequence() > 0 {
			w.request.AfterSequence = answer.GetSequence()
		}
	}
}

func (w *eventWatch) show(event *cofferv1.AuditEvent) error {
	a := w.app
	switch {
	case a.output == outputTable:
		if w.columns == nil {
			w.layOut(a.width())
			if err := a.printLine(w.line(eventTitles())); err != nil {
				return err
			}
		}
		return a.printLine(w.line(eventCells(event, event.GetCode())))
	case a.output == outputYAML:
		if _, err := fmt.Fprintln(a.Out, "---"); err != nil {
			return fmt.Errorf("writing the answer: %w", err)
		}
		return a.printMessage(event)
	}
	line, err := messageJSON(event)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(a.Out, "%s\n", line); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}

// layOut begins the table, for a terminal of a width or, where that is 0, for anything.
func (w *eventWatch) layOut(width int) {
	w.columns, w.narrow = []column{{width: 20}, {width: 24}, {width: 22}, {width: 28}, {width: 22}, {width: maxGrown}}, width > 0
	fit(w.columns, width)
}

// line lays cells into columns. Where there is room they grow with what was seen, since what comes is not known.
func (w *eventWatch) line(cells []string) string {
	var b strings.Builder
	for i, cell := range cells {
		if cell = printable(cell); cell == "" {
			cell = "-"
		}
		width := utf8.RuneCountInString(cell)
		if w.narrow {
			cell = clip(cell, w.columns[i].width)
		} else if i < len(cells)-1 {
			w.columns[i].width = max(w.columns[i].width, min(width, maxGrown))
		}
		b.WriteString(cell)
		if i < len(cells)-1 {
			b.WriteString(strings.Repeat(" ", max(w.columns[i].width-width, 0)+gap))
		}
	}
	return b.String()
}
