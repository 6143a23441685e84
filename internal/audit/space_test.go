package audit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
)

// running runs l until the test, or the bubble of a synctest, ends.
func running(t *testing.T, l *audit.Log) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = l.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

// systemEvents returns the details of the KindSystem events, oldest first.
func systemEvents(t *testing.T, l *audit.Log) []audit.Event {
	t.Helper()
	var all []audit.Event
	for _, e := range list(t, l, audit.Query{Kind: audit.KindSystem}) {
		all = append([]audit.Event{e}, all...)
	}
	return all
}

func wantFull(t *testing.T, l *audit.Log) {
	t.Helper()
	for _, d := range []audit.Durability{audit.Written, audit.Synced} {
		if err := l.Record(t.Context(), event(1), d); !errors.Is(err, audit.ErrUnavailable) || !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("Record = %v, want ErrUnavailable because of ENOSPC", err)
		}
	}
	if err := l.Err(); !errors.Is(err, audit.ErrUnavailable) {
		t.Errorf("Err = %v, want ErrUnavailable", err)
	}
	if err := l.Ready(); !errors.Is(err, audit.ErrUnavailable) {
		t.Errorf("Ready = %v, want ErrUnavailable", err)
	}
}

func TestRecord_fullDiskIsSurvived(t *testing.T) {
	cfg, f := withFaults(newConfig(t))
	synctest.Test(t, func(t *testing.T) {
		l := open(t, cfg)
		running(t, l)
		record(t, l, 3)
		whole := read(t, segmentFiles(t, cfg)[0])
		f.room.Store(100)
		wantFull(t, l)
		if got := read(t, segmentFiles(t, cfg)[0]); got != whole {
			t.Errorf("the segment holds %q after the complete records", strings.TrimPrefix(got, whole))
		}
		l.Outcome(event(4))
		time.Sleep(10 * time.Second) // of the bubble's clock
		wantFull(t, l)
		if got := list(t, l, audit.Query{}); len(got) != 3 {
			t.Errorf("%d events listed while the disk is full, want 3", len(got))
		}
		f.room.Store(1 << 40)
		time.Sleep(2 * time.Second)
		if err := l.Ready(); err != nil {
			t.Fatalf("Ready = %v with space again", err)
		}
		record(t, l, 1)
		got := systemEvents(t, l)
		if len(got) != 1 || got[0].Count != 5 || !strings.Contains(got[0].Detail, ": 5") {
			t.Errorf("system events %+v, want one that tells of 5 refused", got)
		}
		verify(t, l, audit.Report{Records: 5, FirstSeq: 1, LastSeq: 5, Segments: 1})
	})
}

func TestRecord_fullDiskIsToldInTheReserve(t *testing.T) {
	cfg, f := withFaults(newConfig(t))
	reserve := filepath.Join(cfg.Dir, "reserve")
	released := audit.WithFile(cfg, func(file audit.File) audit.File { return reservedFile{faultyFile{file, f}, reserve} })
	synctest.Test(t, func(t *testing.T) {
		l := open(t, released)
		running(t, l)
		record(t, l, 1)
		if info, err := os.Stat(reserve); err != nil || info.Size() != 1<<20 {
			t.Fatalf("Stat = %v, %v, want the reserve", info, err)
		}
		f.room.Store(100)
		wantFull(t, l)
		if got := systemEvents(t, l); len(got) != 1 || !strings.Contains(got[0].Detail, "disk full") {
			t.Errorf("system events %+v, want one that tells that the disk is full", got)
		}
		f.room.Store(1 << 40)
		time.Sleep(2 * time.Second)
		record(t, l, 1)
		if info, err := os.Stat(reserve); err != nil || info.Size() != 1<<20 {
			t.Errorf("Stat = %v, %v, want the reserve", info, err)
		}
		verify(t, l, audit.Report{Records: 4, FirstSeq: 1, LastSeq: 4, Segments: 1})
	})
}

// reservedFile is on a disk that has room for as long as its reserve is gone.
type reservedFile struct {
	faultyFile
	reserve string
}

func (f reservedFile) Write(p []byte) (int, error) {
	if _, err := os.Stat(f.reserve); err != nil {
		return f.File.Write(p)
	}
	return f.faultyFile.Write(p)
}

func TestFailure_isCountedWhileTheDiskIsFull(t *testing.T) {
	cfg, f := withFaults(newConfig(t))
	synctest.Test(t, func(t *testing.T) {
		l := open(t, cfg)
		running(t, l)
		l.Failure(failure("10.0.0.1:1"))
		f.room.Store(0)
		wantFull(t, l)
		for range 100 {
			l.Failure(failure("10.0.0.1:1"))
		}
		time.Sleep(5 * time.Minute) // of the bubble's clock
		f.room.Store(1 << 40)
		time.Sleep(5 * time.Minute)
		if failed, _ := counts(t, l); failed["10.0.0.1:1"] != 101 {
			t.Errorf("%d failures recorded, want 101", failed["10.0.0.1:1"])
		}
	})
}

func TestClose_tellsOfTheFullDisk(t *testing.T) {
	cfg, f := withFaults(newConfig(t))
	l := open(t, cfg)
	f.room.Store(0)
	wantFull(t, l)
	f.room.Store(1 << 40)
	closeLog(t, l)
	if got := systemEvents(t, open(t, cfg)); len(got) != 1 || got[0].Count != 2 {
		t.Errorf("system events %+v, want one that tells of 2 refused", got)
	}
}

func TestReady_lowSpace(t *testing.T) {
	for name, row := range map[string]struct {
		minFree, free int64
		failing       error
		want          error
	}{
		"below the default": {0, 64<<20 - 1, nil, audit.ErrLowSpace},
		"the default":       {0, 64 << 20, nil, nil},
		"below":             {1000, 999, nil, audit.ErrLowSpace},
		"enough":            {1000, 1000, nil, nil},
		"off":               {-1, 0, nil, nil},
		"unknown":           {0, 1 << 40, syscall.EIO, audit.ErrLowSpace},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			cfg.MinFree = row.minFree
			var plenty atomic.Bool
			cfg = audit.WithSpace(cfg, func(string) (int64, error) {
				if plenty.Load() {
					return 1 << 40, nil
				}
				return row.free, row.failing
			})
			synctest.Test(t, func(t *testing.T) {
				l := open(t, cfg)
				running(t, l)
				if err := l.Ready(); !errors.Is(err, row.want) {
					t.Errorf("Ready = %v, want %v", err, row.want)
				}
				record(t, l, 1) // it is not full yet
				plenty.Store(true)
				time.Sleep(2 * time.Second) // of the bubble's clock
				if err := l.Ready(); err != nil {
					t.Errorf("Ready = %v with enough space, want nil", err)
				}
			})
		})
	}
}
