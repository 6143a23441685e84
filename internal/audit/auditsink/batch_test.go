package auditsink_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
)

// A batch of large events has fewer of them, and the others follow without a pause.
func TestBatch_bytes(t *testing.T) {
	l := openLog(t)
	hook := newReceiver(t)
	var mu sync.Mutex
	var largest int64
	hook.answers(func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		mu.Lock()
		defer mu.Unlock()
		largest = max(largest, r.ContentLength)
		return true
	})
	e := audit.Event{Kind: audit.KindDecision, Reasons: slices.Repeat([]string{strings.Repeat("é", 255)}, 16)}
	const n = 100 // of 24 KiB
	for range n {
		if err := l.Record(t.Context(), &e, audit.Written); err != nil {
			t.Fatal(err)
		}
	}
	record(t, l, 1)
	var set *auditsink.Set
	paused := make(chan uint64, 100)
	c := auditsink.WithWait(config(t, l, hook.settings(t)), func(ctx context.Context, d time.Duration) error {
		paused <- delivered(set, "hook")
		return shortly(ctx, d)
	})
	set, err := auditsink.New(c)
	if err != nil {
		t.Fatal(err)
	}
	run(t, set)
	if at := <-paused; at != n+1 {
		t.Errorf("it paused after %d events, want %d", at, n+1)
	}
	if diff := cmp.Diff(upTo(n+1), numbers(hook.got())); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
	mu.Lock()
	defer mu.Unlock()
	if largest > 1<<20+4096 {
		t.Errorf("a body had %d bytes, want at most about 1 MiB", largest)
	}
}

// What comes while a sink pauses after a delivery goes together, and nothing pauses a sink that has a full batch.
func TestBatch_gathers(t *testing.T) {
	l := openLog(t)
	hook := newReceiver(t)
	s := hook.settings(t)
	s.BatchSize = 5
	pausing, release := make(chan time.Duration), make(chan struct{})
	c := auditsink.WithWait(config(t, l, s), func(ctx context.Context, d time.Duration) error {
		select {
		case pausing <- d:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	set, _ := start(t, c)
	record(t, l, 1)
	if d := <-pausing; d <= 0 || d > time.Second {
		t.Errorf("a pause of %v to gather", d)
	}
	record(t, l, 13)
	release <- struct{}{}
	<-pausing // 14 are delivered: in batches of 5, 5 and 3
	if got := delivered(set, "hook"); got != 14 || len(hook.given()) != 4 {
		t.Errorf("%d events in %d deliveries, want 14 in 4", got, len(hook.given()))
	}
}

// Batches of two servers, or of a sink that began anew, have other ids: a receiver that takes each id once takes both.
func TestBatch_ids(t *testing.T) {
	hook := newReceiver(t)
	for range 2 {
		l := openLog(t)
		record(t, l, 1)
		set, stop := start(t, config(t, l, hook.settings(t)))
		eventually(t, "1 delivered", func() bool { return delivered(set, "hook") == 1 })
		stop()
	}
	ids := hook.given()
	if ids[0] == ids[1] || strings.ContainsAny(ids[0], ". ") {
		t.Errorf("ids %q, want two that differ and have no period, which divides what is signed", ids)
	}
}
