package audit_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
)

func failure(source string) audit.Event {
	return audit.Event{Kind: audit.KindAuthnFailure, Source: source, Code: "UNAUTHENTICATED"}
}

// counts returns how often each source failed, and in how many records that is told.
func counts(t *testing.T, l *audit.Log) (failed map[string]uint64, records int) {
	t.Helper()
	failed = make(map[string]uint64)
	all := list(t, l, audit.Query{Kind: audit.KindAuthnFailure, PageSize: 1000})
	for _, e := range all {
		failed[e.Source] += max(e.Count, 1)
	}
	return failed, len(all)
}

func TestFailure_firstIsRecordedAtOnceAndRepeatsAreCounted(t *testing.T) {
	cfg := newConfig(t)
	synctest.Test(t, func(t *testing.T) {
		l := open(t, cfg)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = l.Run(ctx) }()
		l.Failure(failure("10.0.0.1:1000"))
		l.Failure(failure("10.0.0.2:1000"))
		if _, records := counts(t, l); records != 2 {
			t.Errorf("%d records at once, want 2", records)
		}
		for range 500 {
			l.Failure(failure("10.0.0.1:1000"))
		}
		if _, records := counts(t, l); records != 2 {
			t.Errorf("%d records within the minute, want 2", records)
		}
		time.Sleep(70 * time.Second) // of the bubble's clock
		failed, records := counts(t, l)
		if diff := cmp.Diff(map[string]uint64{"10.0.0.1:1000": 501, "10.0.0.2:1000": 1}, failed); diff != "" || records != 3 {
			t.Errorf("%d records after the minute, want 3; failures (-want +got):\n%s", records, diff)
		}
		time.Sleep(2 * time.Minute)
		l.Failure(failure("10.0.0.1:1000"))
		if _, records := counts(t, l); records != 4 {
			t.Errorf("%d records after a new failure, want 4", records)
		}
		cancel()
	})
}

func TestFailure_sourcesAreNetworks(t *testing.T) {
	for name, row := range map[string]struct {
		a, b    string
		records int
	}{
		"port":        {"10.0.0.1:1", "10.0.0.1:2", 1},
		"no port":     {"10.0.0.1", "10.0.0.1:2", 1},
		"mapped":      {"[::ffff:10.0.0.1]:1", "10.0.0.1:1", 1},
		"same /64":    {"[2001:db8::1]:1", "[2001:db8::2]:1", 1},
		"another /64": {"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", 2},
		"another":     {"10.0.0.1:1", "10.0.0.2:1", 2},
		"unreadable":  {"", "\x00", 1},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, newConfig(t))
			l.Failure(failure(row.a))
			l.Failure(failure(row.b))
			if _, got := counts(t, l); got != row.records {
				t.Errorf("%d records, want %d", got, row.records)
			}
		})
	}
}

func TestFailure_manySourcesAreBounded(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	const sources = 5000
	for i := range sources {
		l.Failure(failure(fmt.Sprintf("10.0.%d.%d:1", i/256, i%256)))
	}
	closeLog(t, l) // records what was counted
	failed, records := counts(t, open(t, cfg))
	if records > 1100 {
		t.Errorf("%d records of %d sources: not bounded", records, sources)
	}
	var sum uint64
	for _, n := range failed {
		sum += n
	}
	if sum != sources {
		t.Errorf("%d failures accounted for, want %d", sum, sources)
	}
}

// Refused calls are counted by who made them, apart from failed logins, and none of the counts is lost when the log closes.
func TestRefusal_isCountedByCaller(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	refusal := func(caller string) {
		l.Refusal(caller, audit.Event{Kind: audit.KindOutcome, Principal: caller, Source: "10.0.0.1:1"})
	}
	for range 5 {
		refusal("user:alice")
	}
	refusal("user:bob")
	l.Failure(failure("10.0.0.1:1"))
	closeLog(t, l)
	told := map[string]uint64{}
	for _, e := range list(t, open(t, cfg), audit.Query{PageSize: 1000}) {
		told[e.Principal] += max(e.Count, 1)
	}
	if diff := cmp.Diff(map[string]uint64{"user:alice": 5, "user:bob": 1, "": 1}, told); diff != "" {
		t.Errorf("events by caller (-want +got):\n%s", diff)
	}
}
