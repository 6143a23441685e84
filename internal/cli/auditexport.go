package cli

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// Formats of an export.
const (
	formatJSONLines = "jsonl"
	formatCSV       = "csv"
)

func (a *app) auditExport() *cobra.Command {
	var f auditFlags
	var format, file string
	cmd := &cobra.Command{
		Use:   "export --since TIME",
		Short: "Write audit events as JSON Lines or CSV",
		Long: `Write all audit events that fit, newest first as 'coffer audit list' shows them. jsonl is an event a line in the API's
JSON; csv has a column for each of its fields, and text that a spreadsheet would take for a formula has a ' before it.

The file is readable by you only. One that exists is not overwritten, and after an error none is left.`,
		Example: `  coffer audit export --since 7d -f audit.jsonl
  coffer audit export --format csv -f january.csv \
    --since 2027-01-01T00:00:00Z --until 2027-02-01T00:00:00Z`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			req, err := f.request()
			if err != nil {
				return err
			}
			if format != formatJSONLines && format != formatCSV {
				return usage(fmt.Sprintf("--format %q: want jsonl or csv", format))
			}
			return a.connected(func(c *client.Client) error { return a.export(cmd.Context(), c, req, format, file) })
		},
	}
	f.register(cmd.Flags(), true)
	cmd.Flags().StringVar(&format, "format", formatJSONLines, "jsonl or csv")
	cmd.Flags().StringVarP(&file, "file", "f", "-", "file to write, or - for standard output")
	return cmd
}

func (a *app) export(ctx context.Context, c *client.Client, req *cofferv1.ListAuditEventsRequest, format, file string) error {
	if file == "-" {
		return a.exportTo(ctx, c, req, format, a.Out)
	}
	to, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	err = a.exportTo(ctx, c, req, format, to)
	if closeErr := to.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("writing the export: %w", closeErr)
	}
	if err != nil {
		os.Remove(file)
	}
	return err
}

// eventWriter writes events in a format.
type eventWriter interface {
	write(event *cofferv1.AuditEvent) error
	flush() error
}

func (a *app) exportTo(ctx context.Context, c *client.Client, req *cofferv1.ListAuditEventsRequest, format string, to io.Writer) error {
	var w eventWriter = &jsonLines{bufio.NewWriter(to)}
	if format == formatCSV {
		w = &csvEvents{w: csv.NewWriter(to)}
	}
	req.PageSize = 1000
	written := 0
	for page, err := range client.Pages(ctx, c.ListAuditEvents, req) {
		if err != nil {
			a.progress("")
			return err
		}
		for _, event := range page.GetEvents() {
			if err := w.write(event); err != nil {
				return fmt.Errorf("writing the export: %w", err)
			}
		}
		if err := w.flush(); err != nil {
			return fmt.Errorf("writing the export: %w", err)
		}
		written += len(page.GetEvents())
		a.progress("%d events", written)
	}
	a.progress("")
	a.note("%d events written", written)
	return nil
}

// progress keeps a line of a terminal up to date; an empty one takes it away.
func (a *app) progress(format string, args ...any) {
	if a.quiet || !isTerminal(a.Err) {
		return
	}
	text := "\r\x1b[K"
	if format != "" {
		text += prefix + fmt.Sprintf(format, args...)
	}
	fmt.Fprint(a.Err, text)
}

type jsonLines struct{ w *bufio.Writer }

func (j *jsonLines) write(event *cofferv1.AuditEvent) error {
	line, err := messageJSON(event)
	if err != nil {
		return err
	}
	_, err = j.w.Write(append(line, '\n'))
	return err
}

func (j *jsonLines) flush() error { return j.w.Flush() }

// csvEvents has a column for each field of an event, in their order, with their names in the API's JSON.
type csvEvents struct {
	w      *csv.Writer
	titled bool
}

func (e *csvEvents) write(event *cofferv1.AuditEvent) error {
	m := event.ProtoReflect()
	if err := e.titles(m.Descriptor()); err != nil {
		return err
	}
	all := m.Descriptor().Fields()
	row := make([]string, all.Len())
	for i := range row {
		field := all.Get(i)
		row[i] = formatField(m, field, false)
		if field.Kind() == protoreflect.StringKind {
			row[i] = harmless(row[i])
		} else if field.Name() == "time" && m.Has(field) {
			row[i] = event.GetTime().AsTime().Format(time.RFC3339Nano)
		}
	}
	return e.w.Write(row)
}

func (e *csvEvents) titles(event protoreflect.MessageDescriptor) error {
	if e.titled {
		return nil
	}
	e.titled = true
	titles := make([]string, event.Fields().Len())
	for i := range titles {
		titles[i] = event.Fields().Get(i).JSONName()
	}
	return e.w.Write(titles)
}

// flush also writes the titles of an export without events.
func (e *csvEvents) flush() error {
	if err := e.titles((&cofferv1.AuditEvent{}).ProtoReflect().Descriptor()); err != nil {
		return err
	}
	e.w.Flush()
	return e.w.Error()
}

// harmless keeps a spreadsheet from taking text for a formula: callers choose parts of it, such as the client's name.
func harmless(text string) string {
	trimmed := strings.TrimLeft(text, " \u00a0\u3000")
	if trimmed != "" && slices.Contains([]rune("=+-@\t\r\n＝＋－＠"), []rune(trimmed)[0]) {
		return "'" + text
	}
	return text
}
