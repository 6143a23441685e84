package audit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
)

// TestAcceptLoss loses records of a log of 30 in three segments, of which retention removed none.
func TestAcceptLoss(t *testing.T) {
	for name, test := range map[string]struct {
		lose  func(t *testing.T, files []string)
		files int // that are left
		opens bool
	}{
		"whole folder": {lose: func(t *testing.T, files []string) {
			if err := os.RemoveAll(filepath.Dir(files[0])); err != nil {
				t.Fatal(err)
			}
		}},
		"every file": {lose: func(t *testing.T, files []string) { removeAll(t, filepath.Dir(files[0])) }},
		"the first segment": {lose: func(t *testing.T, files []string) {
			if err := os.Remove(files[0]); err != nil {
				t.Fatal(err)
			}
		}, files: 2, opens: true},
		"a segment in the middle damaged": {lose: func(t *testing.T, files []string) {
			edit(t, files[1], func(lines []string) []string { return slices.Delete(lines, 3, 4) })
		}, files: 3, opens: true},
		"the last segment cut": {lose: func(t *testing.T, files []string) {
			edit(t, files[2], func(lines []string) []string { return lines[:len(lines)-1] })
		}, files: 3},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			cfg.SegmentSize = 6000
			l := open(t, cfg)
			record(t, l, 30)
			closeLog(t, l)
			files := segmentFiles(t, cfg)
			if len(files) != 3 {
				t.Fatalf("%d segments, want 3", len(files))
			}
			test.lose(t, files)
			if l, err := audit.Open(t.Context(), cfg); test.opens != (err == nil) {
				t.Fatalf("Open without acceptance: %v", err)
			} else if err == nil {
				_, err := l.Verify(t.Context())
				wantTampered(t, err)
				closeLog(t, l)
			}
			left := contents(t, cfg.Dir)
			loss, err := audit.AcceptLoss(t.Context(), cfg)
			if err != nil || loss.First != 1 || loss.Last != 30 || (loss.Aside == "") != (test.files == 0) {
				t.Fatalf("AcceptLoss = %+v, %v", loss, err)
			}
			if loss.Aside != "" {
				if !strings.HasPrefix(loss.Aside, cfg.Dir+".lost-") {
					t.Errorf("set aside as %s", loss.Aside)
				}
				if diff := cmp.Diff(left, contents(t, loss.Aside)); diff != "" {
					t.Errorf("what was left (-want +got):\n%s", diff)
				}
			}
			goesOn(t, cfg, loss)
		})
	}
}

// goesOn wants the log to go on after record 30, and to say what is missing.
func goesOn(t *testing.T, cfg audit.Config, loss audit.Loss) {
	t.Helper()
	l := open(t, cfg)
	record(t, l, 3)
	verify(t, l, audit.Report{Records: 4, FirstSeq: 31, LastSeq: 34, Segments: 1})
	told := list(t, l, audit.Query{Kind: audit.KindSystem})
	if len(told) != 1 || told[0].Seq != 31 || told[0].Count != 30 || !strings.HasPrefix(told[0].Detail,
		"records 1 to 30 and any after them are missing: their loss was accepted by cofferd recover, ") ||
		loss.Aside != "" && !strings.Contains(told[0].Detail, filepath.Base(loss.Aside)) {
		t.Errorf("the log tells %+v", told)
	}
	var gone audit.ErrGone
	if _, err := l.Tail(t.Context(), 12, 10); !errors.As(err, &gone) || gone.First != 31 {
		t.Errorf("Tail(12): %v, want that 31 is the first", err)
	}
	closeLog(t, l)
	if _, err := audit.AcceptLoss(t.Context(), cfg); !errors.Is(err, audit.ErrWhole) {
		t.Errorf("AcceptLoss again: %v, want ErrWhole", err)
	}
	// The record of the loss cannot be lost unnoticed either.
	file := segmentFiles(t, cfg)[0]
	write(t, file, "")
	_, err := audit.Open(t.Context(), cfg)
	wantTampered(t, err)
}

// What fails in between leaves a log that is refused until the loss is accepted again; then all of it is told.
func TestAcceptLoss_interrupted(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	record(t, l, 30)
	closeLog(t, l)
	if err := os.RemoveAll(cfg.Dir); err != nil {
		t.Fatal(err)
	}
	failing := cfg
	failing.Checkpoint = unsaved{cfg.Checkpoint}
	if _, err := audit.AcceptLoss(t.Context(), failing); !errors.Is(err, errUnsaved) {
		t.Fatalf("AcceptLoss without its checkpoint: %v", err)
	}
	_, err := audit.Open(t.Context(), cfg)
	wantTampered(t, err)
	loss, err := audit.AcceptLoss(t.Context(), cfg)
	if err != nil || loss.First != 1 || loss.Last != 30 || loss.Aside == "" {
		t.Fatalf("AcceptLoss = %+v, %v", loss, err)
	}
	goesOn(t, cfg, loss)
}

// After retention and after an earlier loss, only what there was since is missing.
func TestAcceptLoss_twice(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	record(t, l, 5)
	closeLog(t, l)
	for _, want := range []audit.Loss{{First: 1, Last: 5}, {First: 6, Last: 6}} {
		removeAll(t, cfg.Dir)
		if loss, err := audit.AcceptLoss(t.Context(), cfg); err != nil || loss != want {
			t.Fatalf("AcceptLoss = %+v, %v, want %+v", loss, err, want)
		}
	}
}

// A log that cannot be looked at is not lost.
func TestAcceptLoss_refuses(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	record(t, l, 3)
	if _, err := audit.AcceptLoss(t.Context(), cfg); !errors.Is(err, audit.ErrLocked) {
		t.Errorf("of an open log: %v, want ErrLocked", err)
	}
	closeLog(t, l)
	if _, err := audit.AcceptLoss(t.Context(), cfg); !errors.Is(err, audit.ErrWhole) {
		t.Errorf("of a whole log: %v, want ErrWhole", err)
	}
	verify(t, open(t, cfg), audit.Report{Records: 3, FirstSeq: 1, LastSeq: 3, Segments: 1})
}

var errUnsaved = errors.New("not saved")

// unsaved is a checkpoint that does not keep anything more.
type unsaved struct{ audit.Checkpoint }

func (unsaved) Save(context.Context, audit.State) error { return errUnsaved }

func removeAll(t *testing.T, dir string) {
	t.Helper()
	for name := range contents(t, dir) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// contents returns the files of a directory, without those that are renamed meanwhile.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		all[entry.Name()] = string(text)
	}
	return all
}
