package auditsink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/cenkalti/backoff/v5"

	"github.com/coffer-dev/coffer/internal/audit"
)

const (
	// gather is the pause after a delivery that was not full: what comes meanwhile goes together.
	gather = 100 * time.Millisecond
	// firstPause and longestPause bound the growing pauses between tries; each is shortened or lengthened by up to a
	// half at random, so that servers that lost a receiver together do not come back together.
	firstPause   = time.Second
	longestPause = time.Minute
	// maxRetryAfter bounds the pause that a receiver may ask for.
	maxRetryAfter = 10 * time.Minute
	maxErrorText  = 256
)

// retryAfterError wants the next try not before some time has passed.
type retryAfterError struct {
	error
	after time.Duration
}

// queue is one sink: its place in the log, and the loop that moves it.
type queue struct {
	settings Settings
	log      Log
	logger   *slog.Logger
	wait     func(context.Context, time.Duration) error
	target   target
	cursor   *cursor
	notice   string // what is to be recorded before anything is delivered

	mu   sync.Mutex
	fail string
}

func newQueue(config Config, s Settings) (*queue, error) {
	q := &queue{settings: s, log: config.Log, logger: config.Logger.With("sink", s.Name), wait: config.wait}
	var err error
	if q.target, err = newTarget(s, config.Stdout); err != nil {
		return nil, err
	}
	if q.cursor, q.notice, err = openCursor(config.Dir, s, config.Log.Head().Seq); err != nil {
		return nil, err
	}
	return q, nil
}

// run delivers until ctx ends.
func (q *queue) run(ctx context.Context) {
	if q.notice != "" {
		q.logger.Warn("audit sink begins anew", "reason", q.notice)
		if q.persist(ctx, func(ctx context.Context) error { return q.record(ctx, q.notice) }) != nil {
			return
		}
		q.cursor.begin()
	}
	for {
		var b batch
		err := q.persist(ctx, func(ctx context.Context) (err error) {
			b, err = q.next(ctx)
			return err
		})
		if err != nil {
			return
		}
		err = q.persist(ctx, func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, time.Duration(q.settings.Deadline))
			defer cancel()
			return q.target.deliver(ctx, b)
		})
		if err != nil {
			return
		}
		q.cursor.move(b.last)
		if !b.full && q.wait(ctx, gather) != nil {
			return
		}
	}
}

// persist tries until it works. Its only error is that ctx ended.
func (q *queue) persist(ctx context.Context, try func(context.Context) error) error {
	pauses := backoff.ExponentialBackOff{
		InitialInterval: firstPause, MaxInterval: longestPause, Multiplier: 2, RandomizationFactor: 0.5,
	}
	for {
		err := try(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		q.tell(err)
		if err == nil {
			return nil
		}
		pause := pauses.NextBackOff()
		if asked, ok := errors.AsType[retryAfterError](err); ok {
			pause = max(pause, min(asked.after, maxRetryAfter))
		}
		if err := q.wait(ctx, pause); err != nil {
			return err
		}
	}
}

// next waits for events. What was removed is an event of its own.
func (q *queue) next(ctx context.Context) (batch, error) {
	stream, delivered := q.cursor.at()
	events, err := q.log.Tail(ctx, delivered, q.settings.BatchSize)
	if gone, ok := errors.AsType[audit.ErrGone](err); ok && gone.First > delivered+1 {
		return q.gap(ctx, stream, delivered+1, gone.First-1)
	}
	if err != nil {
		return batch{}, fmt.Errorf("reading the audit log: %w", err)
	}
	return newBatch(stream, events, q.settings.BatchSize)
}

// gap records that events are missing and stands for them.
func (q *queue) gap(ctx context.Context, stream string, first, last uint64) (batch, error) {
	e := audit.Event{Time: time.Now().UTC(), Kind: audit.KindSystem, Count: last - first + 1, Detail: fmt.Sprintf(
		"audit sink %s: events %d to %d were removed before it took them", q.settings.Name, first, last)}
	if err := q.log.Record(ctx, &e, audit.Synced); err != nil {
		return batch{}, fmt.Errorf("recording a gap: %w", err)
	}
	b, err := newBatch(stream, []audit.Event{e}, 1)
	b.first, b.last = first, last
	return b, err
}

func (q *queue) record(ctx context.Context, notice string) error {
	detail := fmt.Sprintf("audit sink %s: %s", q.settings.Name, notice)
	return q.log.Record(ctx, &audit.Event{Kind: audit.KindSystem, Detail: detail}, audit.Synced)
}

// tell keeps how the last try ended, and logs when that changes.
func (q *queue) tell(err error) {
	text := ""
	if err != nil {
		text = printable(err.Error())
	}
	q.mu.Lock()
	before := q.fail
	q.fail = text
	q.mu.Unlock()
	switch {
	case text != "" && before == "":
		q.logger.Error("audit sink does not take events; it is tried again, and lags until then", "error", text)
	case text == "" && before != "":
		q.logger.Info("audit sink takes events again")
	}
}

func (q *queue) state() State {
	_, delivered := q.cursor.at()
	s := State{Name: q.settings.Name, Kind: q.settings.Kind, Delivered: delivered}
	if head := q.log.Head().Seq; head > delivered {
		s.Lag = head - delivered
	}
	q.mu.Lock()
	s.Error = q.fail
	q.mu.Unlock()
	return s
}

// printable is s without what does not print, and not too long: receivers have a say in errors.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, s)
	if len(s) > maxErrorText {
		s = strings.ToValidUTF8(s[:maxErrorText], "") + "…"
	}
	return s
}
