package audit_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
)

// clocked returns a config whose log goes by the time that is pointed to.
func clocked(t *testing.T) (audit.Config, *time.Time) {
	t.Helper()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	return audit.WithClock(newConfig(t), func() time.Time { return now }), &now
}

func TestRotate_eachDay(t *testing.T) {
	cfg, now := clocked(t)
	l := open(t, cfg)
	for range 4 {
		record(t, l, 3)
		*now = now.Add(11 * time.Hour) // two on each day
	}
	if got := len(segmentFiles(t, cfg)); got != 2 {
		t.Errorf("%d segments, want 2", got)
	}
	for range 2 {
		closeLog(t, l)
		l = open(t, cfg)
		record(t, l, 1)
		if got := len(segmentFiles(t, cfg)); got != 3 {
			t.Errorf("%d segments on the third day, want 3", got)
		}
	}
	closeLog(t, l)
	*now = now.Add(day)
	l = open(t, cfg)
	tend(t, l) // nothing is recorded, and the day is over
	tend(t, l)
	*now = now.Add(day)
	tend(t, l) // nor on this one, but there is nothing to close
	if got := len(segmentFiles(t, cfg)); got != 4 {
		t.Errorf("%d segments after idle days, want 4", got)
	}
	verify(t, l, audit.Report{Records: 14, FirstSeq: 1, LastSeq: 14, Segments: 3})
}

func TestRotate_clockToAndFro(t *testing.T) {
	cfg, now := clocked(t)
	l := open(t, cfg)
	for range 50 {
		record(t, l, 1)
		*now = now.Add(day)
		record(t, l, 1)
		*now = now.Add(-day)
	}
	if got := len(segmentFiles(t, cfg)); got != 2 {
		t.Errorf("%d segments, want 2", got)
	}
	*now = now.Add(1000 * day) // and back: the next start knows the day again
	record(t, l, 1)
	*now = now.Add(-1000 * day)
	record(t, l, 1)
	closeLog(t, l)
	l = open(t, cfg)
	record(t, l, 1)
	before := len(segmentFiles(t, cfg))
	*now = now.Add(day)
	record(t, l, 1)
	if got := len(segmentFiles(t, cfg)); got != before+1 {
		t.Errorf("%d segments after the next day began, want %d", got, before+1)
	}
	verify(t, l, audit.Report{Records: 104, FirstSeq: 1, LastSeq: 104, Segments: before + 1})
}

func TestList_byTimeThoughTheClockJumped(t *testing.T) {
	for _, indexed := range []bool{false, true} {
		cfg, now := clocked(t)
		cfg.SegmentSize = 5000
		l := open(t, cfg)
		noon := *now
		for _, hours := range []int{0, -5, -30, 2, -1, 30, 1} { // seven events at each
			*now = noon.Add(time.Duration(hours) * time.Hour)
			record(t, l, 7)
		}
		if indexed {
			tend(t, l)
		}
		between := func(from, to int) []uint64 {
			return numbers(list(t, l, audit.Query{
				After: noon.Add(time.Duration(from) * time.Hour), Before: noon.Add(time.Duration(to) * time.Hour), PageSize: 5,
			}))
		}
		block := func(blocks ...int) []uint64 {
			var seqs []uint64
			for _, b := range blocks {
				for i := 7; i > 0; i-- {
					seqs = append(seqs, uint64(7*b+i))
				}
			}
			return seqs
		}
		for name, row := range map[string][2][]uint64{
			"around noon":  {between(-2, 3), block(6, 4, 3, 0)},
			"the day off":  {between(-31, -29), block(2)},
			"the day on":   {between(29, 31), block(5)},
			"all":          {between(-100, 100), block(6, 5, 4, 3, 2, 1, 0)},
			"long before":  {between(-100, -50), nil},
			"the lost one": {between(-6, -4), block(1)},
		} {
			if diff := cmp.Diff(row[1], row[0]); diff != "" {
				t.Errorf("%s, indexed %v (-want +got):\n%s", name, indexed, diff)
			}
		}
	}
}
