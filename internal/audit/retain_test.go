package audit_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
)

const (
	day = 24 * time.Hour
	// firstYoung is the number of the first event of aged that is not too old, and of the first of its segment.
	firstYoung = 11
)

// recordAt records n events of one time.
func recordAt(t *testing.T, l *audit.Log, n int, at time.Time) {
	t.Helper()
	for i := range n {
		e := event(i)
		e.Time = at
		if err := l.Record(t.Context(), e, audit.Synced); err != nil {
			t.Fatalf("Record(%d): %v", i, err)
		}
	}
}

// aged is a log that keeps events for 30 days, with two segments of older ones and two of younger ones, five events each.
func aged(t *testing.T, cfg audit.Config) *audit.Log {
	t.Helper()
	cfg.SegmentSize, cfg.RetainFor = 2500, 30*day
	l := open(t, cfg)
	recordAt(t, l, firstYoung-1, time.Now().Add(-31*day))
	recordAt(t, l, 9, time.Now().Add(-29*day))
	if got := len(segmentFiles(t, cfg)); got != 4 {
		t.Fatalf("%d segments, want 4", got)
	}
	return l
}

func tend(t *testing.T, l *audit.Log) {
	t.Helper()
	if err := audit.Tend(t.Context(), l); err != nil {
		t.Fatalf("Tend: %v", err)
	}
}

// files returns what the log's directory holds besides the reserve.
func files(t *testing.T, cfg audit.Config) map[string]string {
	t.Helper()
	all := contents(t, cfg.Dir)
	delete(all, "reserve")
	return all
}

func TestRetain_removesWhatIsOld(t *testing.T) {
	cfg := newConfig(t)
	l := aged(t, cfg)
	tend(t, l)
	want := []string{
		"audit-00000000000000000011.idx", "audit-00000000000000000011.jsonl", "audit-00000000000000000016.jsonl",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(files(t, cfg)))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if got := systemEvents(t, l); len(got) != 1 || got[0].Count != 10 || got[0].Detail != "retention removes records 1 to 10, 2 segments" {
		t.Errorf("system events %+v, want one that tells what was removed", got)
	}
	for range 2 {
		verify(t, l, audit.Report{Records: 10, FirstSeq: firstYoung, LastSeq: 20, Segments: 2})
		if got := list(t, l, audit.Query{PageSize: 3}); len(got) != 10 {
			t.Errorf("%d events listed, want 10", len(got))
		}
		tend(t, l) // nothing more to remove
		closeLog(t, l)
		l = open(t, cfg)
	}
}

func TestRetain_removesWhatIsTooMuch(t *testing.T) {
	cfg := newConfig(t)
	cfg.SegmentSize, cfg.RetainBytes = 4000, 20_000
	l := open(t, cfg)
	for range 10 {
		record(t, l, 30)
		tend(t, l)
		if got := size(t, cfg, "audit-*"); got > cfg.RetainBytes+cfg.SegmentSize {
			t.Errorf("%d bytes are kept, want about %d", got, cfg.RetainBytes)
		}
	}
	if got, err := l.Verify(t.Context()); err != nil || got.FirstSeq < 200 || got.LastSeq < 300 {
		t.Errorf("Verify = %+v, %v, want the last records", got, err)
	}
	var gaps uint64
	for _, e := range systemEvents(t, l) {
		gaps += e.Count
	}
	if gaps == 0 {
		t.Error("no event tells of what was removed last")
	}
}

func TestRetain_keepsAllByDefault(t *testing.T) {
	cfg := newConfig(t)
	cfg.SegmentSize = 2500
	l := open(t, cfg)
	recordAt(t, l, 20, time.Now().Add(-10000*day))
	tend(t, l)
	verify(t, l, audit.Report{Records: 20, FirstSeq: 1, LastSeq: 20, Segments: 4})
}

func TestRetain_byTheServersOwnHand(t *testing.T) {
	cfg := newConfig(t)
	synctest.Test(t, func(t *testing.T) {
		l := aged(t, cfg)
		running(t, l)
		synctest.Wait()
		if got := len(segmentFiles(t, cfg)); got != 2 {
			t.Errorf("%d segments, want 2", got)
		}
		time.Sleep(2 * day) // of the bubble's clock: one segment more is old by then
		if got, err := l.Verify(t.Context()); err != nil || got.FirstSeq != 16 {
			t.Errorf("Verify = %+v, %v, want it to begin with record 16", got, err)
		}
	})
}

func TestRetain_needsNoIndexes(t *testing.T) {
	cfg := audit.WithSpace(newConfig(t), func(string) (int64, error) { return 0, nil })
	l := aged(t, cfg)
	tend(t, l)
	if got := files(t, cfg); len(got) != 2 {
		t.Errorf("files %q, want two segments, and no indexes while there is little space", slices.Sorted(maps.Keys(got)))
	}
}

func TestRetain_clockAheadRemovesNothingYoung(t *testing.T) {
	var ahead time.Duration
	cfg := audit.WithClock(newConfig(t), func() time.Time { return time.Now().Add(ahead) })
	cfg.SegmentSize, cfg.RetainFor = 2500, 30*day
	l := open(t, cfg)
	record(t, l, 20)
	ahead = 365 * day
	tend(t, l)
	if got := list(t, l, audit.Query{}); got[len(got)-1].Seq != 1 {
		t.Errorf("record %d is the first, want 1", got[len(got)-1].Seq)
	}
}

func TestRetain_clockBackRemovesNothingYoung(t *testing.T) {
	cfg := newConfig(t)
	cfg.SegmentSize, cfg.RetainFor = 2500, 30*day
	l := open(t, cfg)
	for range 4 { // each segment has young events, among those of a clock that was wrong
		recordAt(t, l, 1, time.Now())
		recordAt(t, l, 4, time.Now().Add(-100*day))
	}
	tend(t, l)
	if got := list(t, l, audit.Query{}); got[len(got)-1].Seq != 1 {
		t.Errorf("record %d is the first, want 1", got[len(got)-1].Seq)
	}
}

func TestRetain_crashBetweenAnchorAndRemoval(t *testing.T) {
	all := []string{
		"audit-00000000000000000001.idx", "audit-00000000000000000001.jsonl", "audit-00000000000000000006.idx", "audit-00000000000000000006.jsonl",
	}
	for _, left := range [][]string{nil, all, all[:2], all[2:], all[1:2], all[3:], all[:1]} {
		t.Run(fmt.Sprint(len(left), left), func(t *testing.T) {
			cfg := newConfig(t)
			l := aged(t, cfg)
			noRetention := cfg
			noRetention.SegmentSize = 2500
			closeLog(t, l)
			l = open(t, noRetention)
			tend(t, l) // makes the indexes
			closeLog(t, l)
			before := files(t, cfg)
			cfg.SegmentSize, cfg.RetainFor = 2500, 30*day
			l = open(t, cfg)
			tend(t, l)
			closeLog(t, l)
			for _, name := range left {
				write(t, filepath.Join(cfg.Dir, name), before[name])
			}
			l = open(t, cfg)
			verify(t, l, audit.Report{Records: 10, FirstSeq: firstYoung, LastSeq: 20, Segments: 3})
			tend(t, l)
			for name := range files(t, cfg) {
				if slices.Contains(all, name) {
					t.Errorf("%s is still there", name)
				}
			}
		})
	}
}

// refusingCheckpoint refuses to save while it is told to.
type refusingCheckpoint struct {
	memoryCheckpoint
	refuse bool
}

func (c *refusingCheckpoint) Save(ctx context.Context, state audit.State) error {
	if c.refuse {
		return os.ErrPermission
	}
	return c.memoryCheckpoint.Save(ctx, state)
}

func TestRetain_removesNothingWithoutAnchor(t *testing.T) {
	cfg := newConfig(t)
	checkpoint := &refusingCheckpoint{refuse: true}
	cfg.Checkpoint = checkpoint
	l := aged(t, cfg)
	if err := audit.Tend(t.Context(), l); !errors.Is(err, os.ErrPermission) {
		t.Errorf("Tend = %v, want the error of the checkpoint", err)
	}
	verify(t, l, audit.Report{Records: 20, FirstSeq: 1, LastSeq: 20, Segments: 4})
	checkpoint.refuse = false
	tend(t, l)
	verify(t, l, audit.Report{Records: 11, FirstSeq: firstYoung, LastSeq: 21, Segments: 3})
}

func TestRetain_leavesWhatWasTamperedWith(t *testing.T) {
	for name, row := range map[string]struct {
		change   func(lines []string) []string
		mentions string
	}{
		"changed": {func(lines []string) []string {
			lines[1] = strings.Replace(lines[1], "ALLOW", "DENY!", 1)
			return lines
		}, "00006.jsonl: record 7: changed"},
		"removed":   {func(lines []string) []string { return slices.Delete(lines, 1, 2) }, "00006.jsonl: record 7: removed"},
		"truncated": {func(lines []string) []string { return lines[:4] }, "record 10: removed"},
		"torn":      {func(lines []string) []string { return append(lines[:4], lines[4][:10]) }, "00006.jsonl: truncated: record 10"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			closeLog(t, aged(t, cfg))
			cfg.SegmentSize, cfg.RetainBytes = 2500, 1
			l := open(t, cfg)
			before := segmentFiles(t, cfg)
			edit(t, before[1], row.change)
			wantTampered(t, audit.Tend(t.Context(), l), row.mentions)
			_ = audit.Tend(t.Context(), l) // does not try again
			if got := systemEvents(t, l); len(got) != 1 || !strings.Contains(got[0].Detail, row.mentions) {
				t.Errorf("system events %+v, want one that tells of %q", got, row.mentions)
			}
			for _, file := range before {
				if _, err := os.Stat(file); err != nil {
					t.Errorf("evidence is gone: %v", err)
				}
			}
			_, err := l.Verify(t.Context())
			wantTampered(t, err, row.mentions)
		})
	}
}

func TestVerify_findsTamperingBehindTheAnchor(t *testing.T) {
	for name, row := range map[string]struct {
		change   func(files []string) error
		mentions []string
	}{
		"segment removed":       {func(files []string) error { return os.Remove(files[0]) }, []string{"record 11: removed"}},
		"last segment removed":  {func(files []string) error { return os.Remove(files[len(files)-1]) }, []string{"record 16 is missing"}},
		"first record removed":  {func(files []string) error { return cutLine(files[0], 0) }, []string{"record 11: removed"}},
		"another made up":       {func(files []string) error { return swapLines(files[0], 0, 1) }, []string{"record 11: removed or reordered"}},
		"record in the middle":  {func(files []string) error { return cutLine(files[0], 2) }, []string{"00011.jsonl: record 13: removed"}},
		"end of a segment":      {func(files []string) error { return cutLine(files[0], 4) }, []string{"record 15: removed"}},
		"all segments replaced": {func(files []string) error { return os.Rename(files[1], files[0]) }, []string{"record 11: removed"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			l := aged(t, cfg)
			tend(t, l)
			if err := row.change(segmentFiles(t, cfg)); err != nil {
				t.Fatal(err)
			}
			_, err := l.Verify(t.Context())
			wantTampered(t, err, row.mentions...)
		})
	}
}

func cutLine(file string, i int) error {
	return changeLines(file, func(lines []string) []string { return slices.Delete(lines, i, i+1) })
}

func swapLines(file string, i, k int) error {
	return changeLines(file, func(lines []string) []string {
		lines[i], lines[k] = lines[k], lines[i]
		return lines
	})
}

func changeLines(file string, change func([]string) []string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(strings.Join(change(strings.SplitAfter(string(b), "\n")), "")), 0o600)
}
