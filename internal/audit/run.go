package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	// flushAfter is how long written records wait for their sync and outcomes for a group; with the sync itself it
	// stays below the promised 100 ms.
	flushAfter = 50 * time.Millisecond
	// checkpointEvery is how often the head is saved while it moves.
	checkpointEvery = 3 * time.Second
)

// Run syncs written records and buffered outcomes within 100 ms, saves the checkpoint, records what Failure counted,
// and watches that nobody removes the file that is being written. It returns nil when ctx ends; Close does the rest.
func (l *Log) Run(ctx context.Context) error {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.dirty:
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(flushAfter):
			}
			_ = l.flush() // a failure breaks the log, which Err tells
			l.inspect()
		case <-l.rotated:
			l.checkpoint(ctx)
		case now := <-tick.C:
			l.recordRepeats(now, failureWindow)
			l.checkpoint(ctx)
		}
	}
}

// Close records and syncs what is buffered, saves the checkpoint and releases the directory. Record fails from then
// on.
func (l *Log) Close(ctx context.Context) error {
	l.recordRepeats(time.Now(), 0)
	err := errors.Join(l.writes.close(), l.syncs.do(struct{}{}, nil))
	if err == nil {
		err = l.save(ctx)
	}
	l.writes.turn.Lock()
	defer l.writes.turn.Unlock()
	closed := fmt.Errorf("%w: closed", ErrUnavailable)
	l.broken.CompareAndSwap(nil, &closed)
	_ = l.syncs.close()
	if err := errors.Join(err, l.segment.file.Close(), l.dirLock.Close()); err != nil {
		return fmt.Errorf("closing the audit log: %w", err)
	}
	return nil
}

// flush writes what is buffered and syncs what is written.
func (l *Log) flush() error {
	if err := l.writes.flush(); err != nil {
		return err
	}
	return l.syncs.do(struct{}{}, nil)
}

// inspect breaks the log when its file was removed, replaced or changed in size: records that go on being written to
// a file that nobody can find are not recorded.
func (l *Log) inspect() {
	l.writes.turn.Lock()
	defer l.writes.turn.Unlock()
	if l.Err() != nil {
		return
	}
	open, err := l.segment.file.Stat()
	if err != nil {
		_ = l.fail("inspecting", err)
		return
	}
	found, err := os.Stat(filepath.Join(l.cfg.Dir, l.segment.name()))
	switch {
	case err != nil:
		_ = l.fail("inspecting", err)
	case !os.SameFile(open, found) || open.Size() != l.segment.size:
		_ = l.fail("inspecting", fmt.Errorf("%w: %s was replaced or changed", ErrTampered, l.segment.name()))
	}
}

// checkpoint saves the head if it moved. What fails is tried again at the next tick: until then the log is no less
// complete, only less protected against truncation.
func (l *Log) checkpoint(ctx context.Context) {
	if err := l.save(ctx); err != nil && ctx.Err() == nil {
		l.logger.Warn("audit log: checkpoint not saved", "error", err)
	}
}

func (l *Log) save(ctx context.Context) error {
	l.mu.Lock()
	head, saved := l.synced, l.saved
	l.mu.Unlock()
	if head == saved {
		return nil
	}
	if err := l.cfg.Checkpoint.Save(ctx, head); err != nil {
		return fmt.Errorf("saving the checkpoint: %w", err)
	}
	l.mu.Lock()
	l.saved = head
	l.mu.Unlock()
	return nil
}
