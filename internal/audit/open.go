package audit

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Open opens the log in cfg.Dir, or begins one, and continues its chain after the last record. All records after the
// checkpoint are verified. What a crash left of a record that was not completely written is cut off, and a KindSystem
// record tells so. A log that ends before its checkpoint or whose records do not verify is refused with ErrTampered.
// Segments that retention was about to remove when the process ended are removed now.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	l, err := prepare(cfg)
	if err != nil {
		return nil, fmt.Errorf("opening the audit log: %w", err)
	}
	if err := l.load(ctx); err != nil {
		if l.segment.file != nil {
			_ = l.segment.file.Close()
		}
		_ = l.dirLock.Close()
		return nil, fmt.Errorf("opening the audit log: %w", err)
	}
	return l, nil
}

// prepare locks the directory and makes a log that knows nothing of it.
func prepare(cfg Config) (*Log, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	dir, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	l := &Log{
		cfg: cfg, logger: cfg.Logger, dirLock: dir, opened: instant{wall: cfg.clock(), steady: time.Now()}, termKey: newTermKey(cfg.MAC),
		dirty: make(chan struct{}, 1), rotated: make(chan struct{}, 1), untended: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	l.buffers.New = func() any { return &record{body: make([]byte, 0, 512)} }
	l.writes = newCombiner(l.write)
	l.syncs = newCombiner(l.sync)
	return l, nil
}

// lockDir makes dir, private, and locks it until the returned file is closed.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(0o700); err != nil {
		_ = f.Close()
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if err == syscall.EWOULDBLOCK {
			return nil, ErrLocked
		}
		return nil, err
	}
	return f, nil
}

// load verifies the log from the checkpoint on and makes it ready to be continued.
func (l *Log) load(ctx context.Context) error {
	saved, err := l.cfg.Checkpoint.Load(ctx)
	if err != nil {
		return fmt.Errorf("loading the checkpoint: %w", err)
	}
	all, err := segments(l.cfg.Dir)
	if err != nil {
		return err
	}
	gone := removed(all, saved.Anchor)
	if err := l.remove(all[:gone]); err != nil {
		return err
	}
	all = all[gone:]
	w := walker{dir: l.cfg.Dir, segments: all, chain: chain{mac: l.cfg.MAC}}
	if err := w.from(ctx, saved.Head); err != nil {
		return err
	}
	l.chain = w.chain
	l.saved, l.written = saved, l.chain.head
	if len(all) == 0 {
		l.segment, err = l.createSegment(1)
	} else {
		last := all[len(all)-1]
		last.size -= w.torn
		l.segment, err = l.reopenSegment(last)
	}
	if err != nil {
		return err
	}
	l.synced = l.written // reopening synced it
	if err := l.makeReserve(); err != nil {
		l.logger.Warn("audit log: no space could be held back for the record that tells of a full disk", "error", err)
	}
	l.measure()
	signal(l.untended)
	if w.torn == 0 {
		return nil
	}
	l.logger.Warn("audit log: cut off a record that a crash left incomplete", "bytes", w.torn, "after", l.written.Seq)
	detail := fmt.Sprintf("cut off %d bytes of an incomplete record, left by a crash", w.torn)
	return l.Record(ctx, &Event{Kind: KindSystem, Detail: detail}, Synced)
}
