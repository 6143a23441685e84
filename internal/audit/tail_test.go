package audit_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
)

func TestTail_followsThroughSegments(t *testing.T) {
	cfg := newConfig(t)
	cfg.SegmentSize = 2000
	l := open(t, cfg)
	record(t, l, 30)
	if err := l.Record(t.Context(), event(30), audit.Synced); err != nil {
		t.Fatal(err)
	}
	var got, want []uint64
	for len(got) < 31 {
		events, err := l.Tail(t.Context(), uint64(len(got)), 7)
		if err != nil || len(events) == 0 || len(events) > 7 {
			t.Fatalf("Tail(%d) = %d events, %v, want 1 to 7", len(got), len(events), err)
		}
		got = append(got, numbers(events)...)
	}
	for i := range 31 {
		want = append(want, uint64(i+1))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Tail (-want +got):\n%s", diff)
	}
}

func TestTail_waitsForWhatIsSynced(t *testing.T) {
	cfg := newConfig(t)
	synctest.Test(t, func(t *testing.T) {
		l := open(t, cfg)
		record(t, l, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if events, err := l.Tail(ctx, 0, 10); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Tail = %d events, %v before the sync, want it to wait", len(events), err)
		}
		running(t, l)
		for n := range uint64(3) {
			events, err := l.Tail(t.Context(), n, 10)
			if err != nil || len(events) != 1 || events[0].Seq != n+1 {
				t.Errorf("Tail(%d) = %d events, %v, want record %d", n, len(events), err, n+1)
			}
			record(t, l, 1)
		}
	})
}

func TestTail_endsWithTheLog(t *testing.T) {
	l := open(t, newConfig(t))
	record(t, l, 1)
	result := make(chan error)
	go func() {
		_, err := l.Tail(context.Background(), 1, 10)
		result <- err
	}()
	closeLog(t, l)
	if err := <-result; !errors.Is(err, audit.ErrUnavailable) {
		t.Errorf("Tail = %v, want ErrUnavailable", err)
	}
}

func TestTail_refusesPositionsAhead(t *testing.T) {
	l := open(t, newConfig(t))
	record(t, l, 1)
	if _, err := l.Tail(t.Context(), 2, 10); !errors.Is(err, audit.ErrAhead) {
		t.Errorf("Tail = %v, want ErrAhead", err)
	}
}

func TestTail_tellsOfTampering(t *testing.T) {
	for name, change := range map[string]func(lines []string) []string{
		"removed":   func(lines []string) []string { return lines[1:] },
		"truncated": func([]string) []string { return nil },
		"swapped":   func(lines []string) []string { return []string{lines[1], lines[0]} },
		"no record": func(lines []string) []string { return []string{"x" + lines[0], lines[1]} },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			l := open(t, cfg)
			recordAt(t, l, 2, time.Now())
			edit(t, segmentFiles(t, cfg)[0], change)
			_, err := l.Tail(t.Context(), 0, 10)
			wantTampered(t, err)
		})
	}
}

func TestTail_tellsWhatRetentionRemoved(t *testing.T) {
	cfg := newConfig(t)
	l := aged(t, cfg)
	if err := audit.Tend(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	_, err := l.Tail(t.Context(), 3, 10)
	gone, ok := errors.AsType[audit.ErrGone](err)
	if !ok || gone.First != firstYoung {
		t.Errorf("Tail = %v, want ErrGone with %d", err, firstYoung)
	}
	if events, err := l.Tail(t.Context(), firstYoung-1, 10); err != nil || events[0].Seq != firstYoung {
		t.Errorf("Tail = %d events, %v, want those after the removed ones", len(events), err)
	}
}
