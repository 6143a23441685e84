package audit_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
)

// listed is a log of 40 events in several segments, a minute apart, of two principals, three resources and two kinds.
func listed(t *testing.T) (*audit.Log, time.Time) {
	t.Helper()
	cfg := newConfig(t)
	cfg.SegmentSize = 1500
	l := open(t, cfg)
	start := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for i := range 40 {
		e := audit.Event{
			Time:      start.Add(time.Duration(i) * time.Minute),
			Kind:      audit.KindDecision,
			Principal: fmt.Sprintf("user:%d", i%2),
			Resource:  []string{"namespaces/a", "namespaces/a/secrets/s", "namespaces/ab/secrets/s"}[i%3],
			Action:    "secret:access",
			Decision:  audit.Allow,
		}
		if i%5 == 0 {
			e.Kind, e.Action, e.Decision = audit.KindOutcome, "", ""
		}
		if i%7 == 0 {
			e.Decision = audit.Deny
		}
		if err := l.Record(t.Context(), &e, audit.Written); err != nil {
			t.Fatal(err)
		}
	}
	return l, start
}

func numbers(events []audit.Event) []uint64 {
	var seqs []uint64
	for _, e := range events {
		seqs = append(seqs, e.Seq)
	}
	return seqs
}

// where returns the numbers, from 40 down, of which keep holds; the record i has number i+1.
func where(keep func(i int) bool) []uint64 {
	var seqs []uint64
	for i := 39; i >= 0; i-- {
		if keep(i) {
			seqs = append(seqs, uint64(i+1))
		}
	}
	return seqs
}

func TestList_filters(t *testing.T) {
	l, start := listed(t)
	for name, row := range map[string]struct {
		query audit.Query
		keep  func(i int) bool
	}{
		"all":         {audit.Query{}, func(int) bool { return true }},
		"after":       {audit.Query{After: start.Add(17 * time.Minute)}, func(i int) bool { return i >= 17 }},
		"before":      {audit.Query{Before: start.Add(17 * time.Minute)}, func(i int) bool { return i < 17 }},
		"between":     {audit.Query{After: start.Add(9 * time.Minute), Before: start.Add(17 * time.Minute)}, func(i int) bool { return i >= 9 && i < 17 }},
		"too early":   {audit.Query{Before: start}, func(int) bool { return false }},
		"too late":    {audit.Query{After: start.Add(time.Hour)}, func(int) bool { return false }},
		"principal":   {audit.Query{Principal: "user:1"}, func(i int) bool { return i%2 == 1 }},
		"resource":    {audit.Query{Resource: "namespaces/a"}, func(i int) bool { return i%3 != 2 }},
		"below":       {audit.Query{Resource: "namespaces/ab/"}, func(i int) bool { return i%3 == 2 }},
		"action":      {audit.Query{Action: "secret:access"}, func(i int) bool { return i%5 != 0 }},
		"kind":        {audit.Query{Kind: audit.KindOutcome}, func(i int) bool { return i%5 == 0 }},
		"decision":    {audit.Query{Decision: audit.Deny}, func(i int) bool { return i%7 == 0 }},
		"match":       {audit.Query{Match: func(e *audit.Event) bool { return e.Seq > 38 }}, func(i int) bool { return i >= 38 }},
		"conjunction": {audit.Query{Principal: "user:0", Kind: audit.KindOutcome}, func(i int) bool { return i%10 == 0 }},
	} {
		for _, size := range []int{0, 1, 3, 40, 5000} {
			t.Run(fmt.Sprintf("%s/%d", name, size), func(t *testing.T) {
				row.query.PageSize = size
				if diff := cmp.Diff(where(row.keep), numbers(list(t, l, row.query))); diff != "" {
					t.Errorf("List (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestList_pagesStayPutWhileTheLogGrows(t *testing.T) {
	l, _ := listed(t)
	first, err := l.List(t.Context(), audit.Query{PageSize: 10})
	if err != nil {
		t.Fatal(err)
	}
	record(t, l, 20)
	second, err := l.List(t.Context(), audit.Query{PageSize: 10, PageToken: first.NextPageToken})
	if err != nil {
		t.Fatal(err)
	}
	got := numbers(slices.Concat(first.Events, second.Events))
	if diff := cmp.Diff(where(func(i int) bool { return i >= 20 }), got); diff != "" {
		t.Errorf("two pages (-want +got):\n%s", diff)
	}
}

func TestList_refusesForeignTokens(t *testing.T) {
	l, _ := listed(t)
	page, err := l.List(t.Context(), audit.Query{PageSize: 10})
	if err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]audit.Query{
		"another query": {PageToken: page.NextPageToken, Principal: "user:1"},
		"no base64":     {PageToken: "!"},
		"too short":     {PageToken: "AAAA"},
		"garbage":       {PageToken: strings.Repeat("A", 22)},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := l.List(t.Context(), q); !errors.Is(err, audit.ErrPageToken) {
				t.Errorf("List = %v, want ErrPageToken", err)
			}
		})
	}
}

func TestList_examinesBoundedlyMany(t *testing.T) {
	l := open(t, newConfig(t))
	record(t, l, 10_500)
	q := audit.Query{Match: func(*audit.Event) bool { return false }}
	page, err := l.List(t.Context(), q)
	if err != nil || len(page.Events) != 0 || page.NextPageToken == "" {
		t.Fatalf("List = %+v, %v, want a short page with a token", page, err)
	}
	q.PageToken = page.NextPageToken
	if page, err = l.List(t.Context(), q); err != nil || page.NextPageToken != "" {
		t.Errorf("List = %+v, %v, want the last page", page, err)
	}
}

func TestList_showsBufferedOutcomes(t *testing.T) {
	l := open(t, newConfig(t))
	l.Outcome(&audit.Event{Kind: audit.KindOutcome, Code: "OK"})
	if got := list(t, l, audit.Query{}); len(got) != 1 {
		t.Errorf("%d events listed, want 1", len(got))
	}
}
