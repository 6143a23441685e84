package audit_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
)

// hang makes the next sync, and all that come while it lasts, wait for release. The entered channel is closed when it
// has begun.
func (f *faults) hang() (entered <-chan struct{}, release func()) {
	in, out := make(chan struct{}), make(chan struct{})
	hook := sync.OnceFunc(func() {
		close(in)
		<-out
	})
	f.onSync.Store(&hook)
	return in, func() { close(out) }
}

// faults wraps the segments of a log. Its fields say what goes wrong.
type faults struct {
	room         atomic.Int64 // bytes that can still be written
	syncFail     atomic.Bool
	truncateFail atomic.Bool
	syncs        atomic.Int64
	onSync       atomic.Pointer[func()]
}

type faultyFile struct {
	audit.File
	*faults
}

func (f faultyFile) Write(p []byte) (int, error) {
	if room := f.room.Add(-int64(len(p))); room < 0 {
		n, _ := f.File.Write(p[:max(0, len(p)+int(room))])
		f.room.CompareAndSwap(room, 0)
		return n, syscall.ENOSPC
	}
	return f.File.Write(p)
}

func (f faultyFile) Sync() error {
	f.syncs.Add(1)
	if hook := f.onSync.Load(); hook != nil {
		(*hook)()
	}
	if f.syncFail.Load() {
		return syscall.EIO
	}
	return f.File.Sync()
}

func (f faultyFile) Truncate(size int64) error {
	if f.truncateFail.Load() {
		return syscall.EIO
	}
	return f.File.Truncate(size)
}

func withFaults(cfg audit.Config) (audit.Config, *faults) {
	f := &faults{}
	f.room.Store(1 << 40)
	return audit.WithFile(cfg, func(file audit.File) audit.File { return faultyFile{file, f} }), f
}

func wantBroken(t *testing.T, l *audit.Log, cause error) {
	t.Helper()
	for range 2 {
		for _, d := range []audit.Durability{audit.Written, audit.Synced} {
			err := l.Record(t.Context(), event(1), d)
			if !errors.Is(err, audit.ErrUnavailable) || !errors.Is(err, cause) {
				t.Errorf("Record = %v, want ErrUnavailable because of %v", err, cause)
			}
		}
	}
	if err := l.Err(); !errors.Is(err, audit.ErrUnavailable) || !errors.Is(err, cause) {
		t.Errorf("Err = %v, want ErrUnavailable because of %v", err, cause)
	}
}

func TestRecord_fullFilesystemFailsClosed(t *testing.T) {
	cfg := newConfig(t)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	cfg = audit.WithFile(cfg, func(audit.File) audit.File { return full })
	wantBroken(t, open(t, cfg), syscall.ENOSPC)
}

func TestRecord_failedCutBackFailsClosed(t *testing.T) {
	cfg, f := withFaults(newConfig(t))
	l := open(t, cfg)
	record(t, l, 1)
	f.room.Store(100)
	f.truncateFail.Store(true)
	wantBroken(t, l, syscall.ENOSPC)
	f.room.Store(1 << 40)
	f.truncateFail.Store(false)
	wantBroken(t, l, syscall.ENOSPC)
}

func TestRecord_syncErrorFailsClosed(t *testing.T) {
	cfg, f := withFaults(newConfig(t))
	l := open(t, cfg)
	f.syncFail.Store(true)
	record(t, l, 1) // needs no sync
	if err := l.Record(t.Context(), event(1), audit.Synced); !errors.Is(err, syscall.EIO) {
		t.Errorf("Record = %v, want EIO", err)
	}
	f.syncFail.Store(false)
	wantBroken(t, l, syscall.EIO) // the kernel may have dropped the pages: a second sync proves nothing
}

func TestRecord_rotationErrorFailsClosed(t *testing.T) {
	cfg, _ := withFaults(newConfig(t))
	cfg.SegmentSize = 1
	l := open(t, cfg)
	record(t, l, 1)
	write(t, strings.Replace(segmentFiles(t, cfg)[0], "1.jsonl", "2.jsonl", 1), "in the way")
	wantBroken(t, l, os.ErrExist)
}

func TestRun_noticesRemovedFile(t *testing.T) {
	for name, harm := range map[string]func(string) error{
		"removed":   os.Remove,
		"truncated": func(file string) error { return os.Truncate(file, 0) },
		"replaced": func(file string) error {
			return errors.Join(os.Rename(file, file+".old"), os.WriteFile(file, nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, _ := withFaults(newConfig(t))
			synctest.Test(t, func(t *testing.T) {
				l := open(t, cfg)
				ctx, cancel := context.WithCancel(t.Context())
				go func() { _ = l.Run(ctx) }()
				record(t, l, 1)
				if err := harm(segmentFiles(t, cfg)[0]); err != nil {
					t.Fatal(err)
				}
				record(t, l, 1)
				time.Sleep(100 * time.Millisecond) // of the bubble's clock
				if err := l.Err(); !errors.Is(err, audit.ErrUnavailable) {
					t.Errorf("Err = %v, want ErrUnavailable", err)
				}
				cancel()
			})
		})
	}
}

func TestRecord_writtenIsNotSyncedAndSyncedIs(t *testing.T) {
	cfg, f := withFaults(newConfig(t))
	l := open(t, cfg)
	before := f.syncs.Load()
	record(t, l, 3)
	if got := f.syncs.Load() - before; got != 0 {
		t.Errorf("%d syncs after Written records, want none", got)
	}
	if got := strings.Count(read(t, segmentFiles(t, cfg)[0]), "\n"); got != 3 {
		t.Errorf("%d records in the file after Written records, want 3", got)
	}
	if err := l.Record(t.Context(), event(1), audit.Synced); err != nil {
		t.Fatal(err)
	}
	if got := f.syncs.Load() - before; got != 1 {
		t.Errorf("%d syncs after a Synced record, want 1", got)
	}
}

func TestRecord_fsyncAlways(t *testing.T) {
	cfg, f := withFaults(newConfig(t))
	cfg.FsyncAlways = true
	l := open(t, cfg)
	before := f.syncs.Load()
	record(t, l, 3)
	if got := f.syncs.Load() - before; got != 3 {
		t.Errorf("%d syncs, want 3", got)
	}
}

func TestRecord_writtenDoesNotWaitForSynced(t *testing.T) {
	cfg, f := withFaults(newConfig(t))
	l := open(t, cfg)
	entered, release := f.hang()
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := l.Record(t.Context(), event(1), audit.Synced); err != nil {
			t.Errorf("Record: %v", err)
		}
	})
	<-entered
	record(t, l, 3) // returns while the sync hangs
	release()
	wg.Wait()
	verify(t, l, audit.Report{Records: 4, FirstSeq: 1, LastSeq: 4, Segments: 1})
}

func TestRecord_followersStopWaitingForHangingDisk(t *testing.T) {
	const callers = 5
	cfg, f := withFaults(newConfig(t))
	l := open(t, cfg)
	entered, release := f.hang()
	var wg sync.WaitGroup
	wg.Go(func() { _ = l.Record(context.Background(), event(1), audit.Synced) })
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error, callers)
	for range callers {
		wg.Go(func() { results <- l.Record(ctx, event(2), audit.Synced) })
	}
	for l.Head().Seq < callers+1 {
		runtime.Gosched()
	}
	cancel()
	for range callers - 1 { // all but the one that will sync for them
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("Record = %v, want context.Canceled", err)
		}
	}
	release()
	if err := <-results; err != nil {
		t.Errorf("Record = %v by the leader, want nil", err)
	}
	wg.Wait()
}

func TestRun_syncsWrittenRecordsAndSavesTheHead(t *testing.T) {
	cfg, f := withFaults(newConfig(t))
	synctest.Test(t, func(t *testing.T) {
		l := open(t, cfg)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = l.Run(ctx) }()
		synctest.Wait()
		before := f.syncs.Load()
		record(t, l, 3)
		l.Outcome(event(4))
		time.Sleep(100 * time.Millisecond) // of the bubble's clock
		if got := f.syncs.Load() - before; got == 0 {
			t.Error("no sync after 100 ms")
		}
		if got := strings.Count(read(t, segmentFiles(t, cfg)[0]), "\n"); got != 4 {
			t.Errorf("%d records written after 100 ms, want 4", got)
		}
		time.Sleep(5 * time.Second)
		if got, _ := cfg.Checkpoint.Load(ctx); got.Head != l.Head() || got.Head.Seq != 4 {
			t.Errorf("checkpoint is record %d after 5 s, want 4", got.Head.Seq)
		}
		cancel()
	})
}
