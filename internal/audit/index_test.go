package audit_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/audit"
)

// deep is a name with more parents than are indexed.
var deep = strings.Repeat("a/b/", 20) + "c"

// drawn draws an event from few values, some of them hostile, so that queries drawn likewise select some.
func drawn(t *rapid.T) audit.Event {
	text := func(name string, values ...string) string {
		return rapid.SampledFrom(append(values, "", "x\"}\n", "é\u202e…", strings.Repeat("y", 600))).Draw(t, name)
	}
	return audit.Event{
		Time:      time.Unix(1_800_000_000+60*rapid.Int64Range(0, 100).Draw(t, "time"), 0).UTC(),
		Kind:      rapid.SampledFrom([]audit.Kind{audit.KindDecision, audit.KindOutcome, audit.KindSystem}).Draw(t, "kind"),
		RequestID: text("request", "r1", "r2", "r3"),
		Principal: text("principal", "user:alice", "user:al"),
		Action:    text("action", "secret:access", "secret:get"),
		Resource: text("resource", "namespaces/a", "namespaces/a/secrets/s", "namespaces/a/secrets/s/", "namespaces/ab/secrets/s", "namespaces",
			"/", "//", deep, deep+"/d", deep[:len(deep)-2]),
		Decision: rapid.SampledFrom([]audit.Decision{"", audit.Allow, audit.Deny}).Draw(t, "decision"),
		Code:     text("code", "OK", "NOT_FOUND"),
		Reasons:  []string{text("reason", `","resource":"namespaces/a"`, "]")},
		Detail:   text("detail", `,"principal":"user:alice"`),
	}
}

// drawnQuery asks for some of the values of an event.
func drawnQuery(t *rapid.T) audit.Query {
	e, q := drawn(t), audit.Query{PageSize: rapid.IntRange(1, 50).Draw(t, "size")}
	for field, set := range map[string]func(){
		"after":     func() { q.After = e.Time },
		"before":    func() { q.Before = e.Time.Add(20 * time.Minute) },
		"principal": func() { q.Principal = e.Principal },
		"resource":  func() { q.Resource = e.Resource },
		"action":    func() { q.Action = e.Action },
		"kind":      func() { q.Kind = e.Kind },
		"decision":  func() { q.Decision = e.Decision },
		"outcome":   func() { q.Outcome = e.Code },
		"request":   func() { q.RequestID = e.RequestID },
	} {
		if rapid.IntRange(0, 3).Draw(t, "with "+field) == 0 {
			set()
		}
	}
	return q
}

func TestList_indexedOrNotSelectsTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cfg := newConfig(t)
		cfg.SegmentSize = 8000
		l := open(t, cfg)
		for range rapid.IntRange(1, 100).Draw(rt, "events") {
			e := drawn(rt)
			if err := l.Record(t.Context(), &e, audit.Written); err != nil {
				rt.Fatalf("Record: %v", err)
			}
		}
		all := list(t, l, audit.Query{PageSize: 1000})
		queries := make([]audit.Query, 20)
		for i := range queries {
			queries[i] = drawnQuery(rt)
		}
		for _, indexed := range []bool{false, true} {
			if indexed {
				tend(t, l)
			}
			for _, q := range queries {
				var want []uint64
				for _, e := range all {
					if q.Selects(&e) {
						want = append(want, e.Seq)
					}
				}
				if diff := cmp.Diff(want, numbers(list(t, l, q))); diff != "" {
					rt.Fatalf("List(%+v), indexed %v (-want +got):\n%s", q, indexed, diff)
				}
			}
		}
		closeLog(t, l)
	})
}

// indexedLog is a log of three finished segments with indexes and of the current one.
func indexedLog(t *testing.T) (audit.Config, *audit.Log) {
	t.Helper()
	cfg := newConfig(t)
	cfg.SegmentSize = 6000
	l := open(t, cfg)
	for i := range 40 {
		if err := l.Record(t.Context(), call(i), audit.Written); err != nil {
			t.Fatal(err)
		}
	}
	tend(t, l)
	if got := len(indexes(t, cfg)); got != 3 {
		t.Fatalf("%d indexes, want 3", got)
	}
	return cfg, l
}

func indexes(t *testing.T, cfg audit.Config) map[string]string {
	t.Helper()
	all := files(t, cfg)
	maps.DeleteFunc(all, func(name, _ string) bool { return !strings.HasSuffix(name, ".idx") })
	return all
}

func TestList_usesTheIndex(t *testing.T) {
	cfg, l := indexedLog(t)
	q := audit.Query{RequestID: call(8).RequestID}
	if got := numbers(list(t, l, q)); !slices.Equal(got, []uint64{10, 9}) {
		t.Fatalf("records %d listed, want 10 and 9", got)
	}
	// A record that only a look at every one of them could find.
	edit(t, segmentFiles(t, cfg)[0], func(lines []string) []string {
		lines[0] = strings.Replace(lines[0], call(0).RequestID, call(8).RequestID, 1)
		return lines
	})
	if got := numbers(list(t, l, q)); !slices.Equal(got, []uint64{10, 9}) {
		t.Errorf("records %d listed, want 10 and 9", got)
	}
	for name := range indexes(t, cfg) {
		if err := os.Remove(filepath.Join(cfg.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if got := numbers(list(t, l, q)); !slices.Equal(got, []uint64{10, 9, 1}) {
		t.Errorf("records %d listed without index, want 10, 9 and 1", got)
	}
}

func TestList_doesNotBelieveChangedIndexes(t *testing.T) {
	cfg, l := indexedLog(t)
	good := indexes(t, cfg)
	names := slices.Sorted(maps.Keys(good))
	queries := []audit.Query{{Resource: call(2).Resource}, {Kind: audit.KindOutcome}, {Before: time.Now()}}
	var want [][]uint64
	for _, q := range queries {
		want = append(want, numbers(list(t, l, q)))
	}
	check := func(what string) {
		t.Helper()
		for i, q := range queries {
			if diff := cmp.Diff(want[i], numbers(list(t, l, q))); diff != "" {
				t.Errorf("%s: List(%+v) (-want +got):\n%s", what, q, diff)
			}
		}
	}
	first := good[names[0]]
	changes := map[string]string{
		"empty": "", "cut": first[:len(first)-1], "longer": first + "x", "of another segment": good[names[1]], "zeros": strings.Repeat("\x00", len(first)),
	}
	for i := 0; i < len(first); i += 7 {
		changes[fmt.Sprintf("byte %d", i)] = first[:i] + string(first[i]^0x10) + first[i+1:]
	}
	for what, changed := range changes {
		write(t, filepath.Join(cfg.Dir, names[0]), changed)
		check(what)
		tend(t, l)
		check(what + ", made anew")
		if _, err := l.Verify(t.Context()); err != nil {
			t.Errorf("%s: Verify: %v", what, err)
		}
	}
	if _, ok := indexes(t, cfg)[names[0]]; !ok {
		t.Error("the index was not made anew")
	}
}

func TestOpen_indexesOldSegmentsInTheBackground(t *testing.T) {
	cfg, l := indexedLog(t)
	closeLog(t, l)
	good := indexes(t, cfg)
	for name := range good {
		if err := os.Remove(filepath.Join(cfg.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(cfg.Dir, "audit-00000000000000000001.idx.new"), "half of one")
	l = open(t, cfg)
	if got := indexes(t, cfg); len(got) != 0 {
		t.Errorf("Open made %d indexes", len(got))
	}
	running(t, l)
	for len(indexes(t, cfg)) < len(good) {
		time.Sleep(time.Millisecond)
	}
	if diff := cmp.Diff(good, indexes(t, cfg)); diff != "" {
		t.Error("the indexes made anew are others")
	}
	for name := range files(t, cfg) {
		if strings.HasSuffix(name, ".new") {
			t.Errorf("%s is left", name)
		}
	}
}
