package audit_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/coffer-dev/coffer/internal/audit"
)

// TestLog_everythingAtOnce records while segments are indexed and removed, and while others list, verify and follow.
func TestLog_everythingAtOnce(t *testing.T) {
	const callers, each = 8, 800
	cfg := newConfig(t)
	cfg.SegmentSize, cfg.RetainBytes = 40<<10, 300<<10
	l := open(t, cfg)
	running(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	var recording, reading sync.WaitGroup
	var kept, gone atomic.Uint64
	for range callers {
		recording.Go(func() {
			for i := range each {
				if err := l.Record(ctx, call(i), audit.Written); err != nil {
					t.Errorf("Record: %v", err)
					return
				}
			}
		})
	}
	reading.Go(func() { // sees every record, or is told that it is gone
		for next := uint64(1); ; {
			events, err := l.Tail(ctx, next-1, 100)
			if ctx.Err() != nil {
				return
			}
			if removed, ok := errors.AsType[audit.ErrGone](err); ok {
				gone.Add(removed.First - next)
				next = removed.First
				continue
			}
			if err != nil {
				t.Errorf("Tail(%d): %v", next-1, err)
				return
			}
			for _, e := range events {
				if e.Seq != next {
					t.Errorf("record %d follows %d", e.Seq, next-1)
				}
				next++
				kept.Add(1)
			}
		}
	})
	for _, read := range []func() error{
		func() error {
			_, err := l.Verify(ctx)
			return err
		},
		func() error {
			page, err := l.List(ctx, audit.Query{Resource: call(2).Resource, PageSize: 1000})
			for i, e := range page.Events {
				if e.Resource != call(2).Resource || i > 0 && e.Seq >= page.Events[i-1].Seq {
					t.Errorf("List: record %d of %s at %d", e.Seq, e.Resource, i)
				}
			}
			return err
		},
	} {
		reading.Go(func() {
			for ctx.Err() == nil {
				if err := read(); err != nil && ctx.Err() == nil {
					t.Errorf("while recording: %v", err)
					return
				}
			}
		})
	}
	recording.Wait()
	if err := l.Record(ctx, event(0), audit.Synced); err != nil {
		t.Fatal(err)
	}
	for last := l.Head().Seq; kept.Load()+gone.Load() < last && !t.Failed(); {
		if _, err := l.List(ctx, audit.Query{PageSize: 1}); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	reading.Wait()
	closeLog(t, l)
	l = open(t, cfg)
	tend(t, l)
	got, err := l.Verify(t.Context())
	if err != nil || got.FirstSeq == 1 || got.LastSeq < callers*each {
		t.Errorf("Verify = %+v, %v, want the end of the log", got, err)
	}
}
