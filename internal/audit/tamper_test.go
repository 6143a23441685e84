package audit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/audit"
)

// tampered makes a log of three segments with some ten records each, two of them with indexes, lets change have its
// files while it is open, and returns what Verify says then and what a later Open and Verify say.
func tampered(t *testing.T, change func(t *testing.T, files []string)) (live, reopened error) {
	t.Helper()
	cfg := newConfig(t)
	cfg.SegmentSize = 6000
	l := open(t, cfg)
	record(t, l, 30)
	files := segmentFiles(t, cfg)
	if len(files) != 3 {
		t.Fatalf("%d segments, want 3", len(files))
	}
	tend(t, l)
	verify(t, l, audit.Report{Records: 30, FirstSeq: 1, LastSeq: 30, Segments: 3})
	change(t, files)
	_, live = l.Verify(t.Context())
	closeLog(t, l)
	l, reopened = audit.Open(t.Context(), cfg)
	if reopened == nil {
		_, reopened = l.Verify(t.Context())
		closeLog(t, l)
	}
	return live, reopened
}

// edit changes the lines of a file.
func edit(t *testing.T, file string, change func(lines []string) []string) {
	t.Helper()
	lines := strings.SplitAfter(read(t, file), "\n")
	write(t, file, strings.Join(change(lines[:len(lines)-1]), ""))
}

func wantTampered(t *testing.T, err error, mentions ...string) {
	t.Helper()
	if !errors.Is(err, audit.ErrTampered) {
		t.Errorf("error is %v, want ErrTampered", err)
		return
	}
	for _, m := range mentions {
		if !strings.Contains(err.Error(), m) {
			t.Errorf("error %q does not say %q", err, m)
		}
	}
}

func TestVerify_findsChangedRecord(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"principal":     func(s string) string { return strings.Replace(s, "Accounts/etl", "Accounts/bob", 1) },
		"decision":      func(s string) string { return strings.Replace(s, "ALLOW", "DENY", 1) },
		"field added":   func(s string) string { return strings.Replace(s, `,"mac"`, `,"code":"OK","mac"`, 1) },
		"mac case":      func(s string) string { return s[:len(s)-40] + strings.ToUpper(s[len(s)-40:]) },
		"no json":       func(string) string { return "hello\n" },
		"blank line":    func(s string) string { return "\n" + s },
		"zeros":         func(s string) string { return strings.Repeat("\x00", len(s)-1) + "\n" },
		"number":        func(s string) string { return strings.Replace(s, `{"seq":5`, `{"seq":05`, 1) },
		"joined":        func(s string) string { return strings.TrimSuffix(s, "\n") },
		"very long":     func(s string) string { return strings.Repeat("x", 1<<20) + s },
		"trailing text": func(s string) string { return strings.TrimSuffix(s, "\n") + " \n" },
	} {
		t.Run(name, func(t *testing.T) {
			live, reopened := tampered(t, func(t *testing.T, files []string) {
				edit(t, files[0], func(lines []string) []string {
					before := lines[4]
					if lines[4] = change(before); lines[4] == before {
						t.Fatal("nothing was changed")
					}
					return lines
				})
			})
			wantTampered(t, live, "audit-00000000000000000001.jsonl: record 5: changed")
			wantTampered(t, reopened, "record 5: changed")
		})
	}
}

func TestVerify_everyByteCounts(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	record(t, l, 2)
	file := segmentFiles(t, cfg)[0]
	good := read(t, file)
	for i := range len(good) {
		bad := []byte(good)
		bad[i] ^= 1 << (i % 8)
		write(t, file, string(bad))
		if _, err := l.Verify(t.Context()); !errors.Is(err, audit.ErrTampered) {
			t.Errorf("byte %d changed: Verify = %v, want ErrTampered", i, err)
		}
	}
	write(t, file, good)
	verify(t, l, audit.Report{Records: 2, FirstSeq: 1, LastSeq: 2, Segments: 1})
}

func TestVerify_findsRemovedRecord(t *testing.T) {
	live, reopened := tampered(t, func(t *testing.T, files []string) {
		edit(t, files[0], func(lines []string) []string { return append(lines[:4], lines[5:]...) })
	})
	wantTampered(t, live, "audit-00000000000000000001.jsonl: record 5: removed")
	wantTampered(t, reopened, "record 5: removed")
}

func TestVerify_findsRemovedSegment(t *testing.T) {
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			live, reopened := tampered(t, func(t *testing.T, files []string) {
				if err := os.Remove(files[i]); err != nil {
					t.Fatal(err)
				}
			})
			wantTampered(t, live)
			wantTampered(t, reopened)
		})
	}
}

func TestVerify_findsEveryFileRemoved(t *testing.T) {
	live, reopened := tampered(t, func(t *testing.T, files []string) {
		if err := os.RemoveAll(filepath.Dir(files[0])); err != nil {
			t.Fatal(err)
		}
	})
	if live == nil {
		t.Error("Verify found nothing")
	}
	wantTampered(t, reopened, "record 30, the checkpoint, was removed")
}

func TestVerify_findsReorderedRecords(t *testing.T) {
	live, reopened := tampered(t, func(t *testing.T, files []string) {
		edit(t, files[0], func(lines []string) []string {
			lines[4], lines[5] = lines[5], lines[4]
			return lines
		})
	})
	wantTampered(t, live, "record 5: removed or reordered: record 6 is in its place")
	wantTampered(t, reopened, "record 5: removed or reordered")
}

func TestVerify_findsRepeatedRecord(t *testing.T) {
	live, _ := tampered(t, func(t *testing.T, files []string) {
		edit(t, files[0], func(lines []string) []string { return append(lines[:5:5], lines[4:]...) })
	})
	wantTampered(t, live, "record 6: reordered or repeated: record 5 is in its place")
}

func TestVerify_findsTruncatedRecords(t *testing.T) {
	for i, mention := range []string{"removed", "removed", "truncated: record 30 is missing"} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			live, reopened := tampered(t, func(t *testing.T, files []string) {
				edit(t, files[i], func(lines []string) []string { return lines[:len(lines)-1] })
			})
			wantTampered(t, live, mention)
			wantTampered(t, reopened)
		})
	}
}

func TestVerify_findsRecordsOfAnotherKey(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	record(t, l, 3)
	closeLog(t, l)
	cfg.MAC = testMAC("another key")
	cfg.Checkpoint = &memoryCheckpoint{}
	_, err := audit.Open(t.Context(), cfg)
	wantTampered(t, err, "record 1: changed")
}

func TestOpen_refusesTruncationBehindTheCheckpoint(t *testing.T) {
	for name, cut := range map[string]func(string) string{
		"whole record": func(s string) string { return s[:strings.LastIndexByte(s[:len(s)-1], '\n')+1] },
		"half record":  func(s string) string { return s[:len(s)-20] },
		"newline":      func(s string) string { return s[:len(s)-1] },
		"everything":   func(string) string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			l := open(t, cfg)
			record(t, l, 5)
			closeLog(t, l) // saves the checkpoint
			file := segmentFiles(t, cfg)[0]
			whole := read(t, file)
			write(t, file, cut(whole))
			_, err := audit.Open(t.Context(), cfg)
			wantTampered(t, err, "record 5, the checkpoint, is missing")
			if got := read(t, file); got != cut(whole) {
				t.Error("Open changed a log that it refused")
			}
			write(t, file, whole)
			verify(t, open(t, cfg), audit.Report{Records: 5, FirstSeq: 1, LastSeq: 5, Segments: 1})
		})
	}
}

// A line that the log did not write is told where it stands, whatever it says.
func TestOpen_locatesForeignLine(t *testing.T) {
	for name, test := range map[string]struct{ line, want string }{
		"text":      {"hello\n", "changed: what follows record %d is not a record"},
		"long text": {strings.Repeat("hello ", 100) + "\n", "changed: what follows record %d is not a record"},
		"too long":  {strings.Repeat("x", 100<<10) + "\n", "changed: what follows record %d is not a record"},
		"earlier":   {"", "reordered or repeated: record 21 is in its place"},
		"later":     {`{"seq":99,"time":"2026-11-22T01:02:03Z"` + strings.Repeat(" ", 80) + "\n", "removed or reordered: record 99 is in its place"},
	} {
		for _, after := range []int{30, 29, 24} { // of 30 records in segments of ten, the last of which is checkpointed
			t.Run(fmt.Sprint(name, " after ", after), func(t *testing.T) {
				cfg := newConfig(t)
				cfg.SegmentSize = 6000
				l := open(t, cfg)
				record(t, l, 30)
				closeLog(t, l)
				last := segmentFiles(t, cfg)[2]
				lines := strings.SplitAfter(read(t, last), "\n")
				first := 30 - len(lines) + 2
				line := test.line
				if line == "" {
					line = lines[21-first]
				}
				i := after - first + 1
				write(t, last, strings.Join(lines[:i], "")+line+strings.Join(lines[i:], ""))
				l, err := audit.Open(t.Context(), cfg)
				if err == nil && after < 30 { // what comes before the checkpoint is for Verify to find
					_, err = l.Verify(t.Context())
					closeLog(t, l)
				}
				want := test.want
				if strings.Contains(want, "%d") {
					want = fmt.Sprintf(want, after)
				}
				wantTampered(t, err, fmt.Sprintf("%s: record %d: %s", filepath.Base(last), after+1, want))
			})
		}
	}
}

func TestOpen_refusesForgedContinuation(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	record(t, l, 3)
	closeLog(t, l)
	file := segmentFiles(t, cfg)[0]
	whole := read(t, file)
	lines := strings.SplitAfter(whole, "\n")
	write(t, file, whole+strings.Replace(lines[2], `{"seq":3`, `{"seq":4`, 1))
	_, err := audit.Open(t.Context(), cfg)
	wantTampered(t, err, "record 4: changed")
	write(t, file, whole)
	write(t, filepath.Join(cfg.Dir, "audit-00000000000000000009.jsonl"), "")
	_, err = audit.Open(t.Context(), cfg)
	wantTampered(t, err, "record 4: removed: the segment begins with record 9")
}

func TestOpen_recoversTornTail(t *testing.T) {
	for name, torn := range map[string]string{
		"half a record": `{"seq":6,"time":"2026-11-22T01:02:03Z","kind":"DECI`,
		"zeros":         strings.Repeat("\x00", 100<<10),
		"no newline":    "",
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			l := open(t, cfg)
			record(t, l, 3)
			closeLog(t, l)
			head, _ := cfg.Checkpoint.Load(t.Context())
			l = open(t, cfg)
			record(t, l, 2)
			closeLog(t, l)
			if err := cfg.Checkpoint.Save(t.Context(), head); err != nil { // as a crash before the next one leaves it
				t.Fatal(err)
			}
			file, records := segmentFiles(t, cfg)[0], uint64(5)
			if torn == "" {
				write(t, file, strings.TrimSuffix(read(t, file), "\n"))
				records = 4
			} else {
				write(t, file, read(t, file)+torn)
			}
			l = open(t, cfg)
			verify(t, l, audit.Report{Records: records + 1, FirstSeq: 1, LastSeq: records + 1, Segments: 1})
			last := list(t, l, audit.Query{PageSize: 1})[0]
			if last.Kind != audit.KindSystem || !strings.Contains(last.Detail, "incomplete record") {
				t.Errorf("last event is %+v, want one that tells of the cut", last)
			}
		})
	}
}

func TestOpen_recoversEmptySegmentAfterRotation(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	record(t, l, 3)
	closeLog(t, l)
	write(t, filepath.Join(cfg.Dir, "audit-00000000000000000004.jsonl"), "")
	l = open(t, cfg)
	record(t, l, 2)
	verify(t, l, audit.Report{Records: 5, FirstSeq: 1, LastSeq: 5, Segments: 2})
}

func TestClose_savesTheHead(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	record(t, l, 2)
	l.Outcome(&audit.Event{Kind: audit.KindOutcome})
	closeLog(t, l)
	if got, err := cfg.Checkpoint.Load(context.Background()); err != nil || got.Head != l.Head() || got.Head.Seq != 3 {
		t.Errorf("checkpoint is %+v, %v, want record 3", got, err)
	}
}
