package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

const (
	// flushAfter is how long written records wait for their sync and outcomes for a group; with the sync itself it
	// stays below the promised 100 ms.
	flushAfter = 50 * time.Millisecond
	// checkpointEvery is how often the head is saved while it moves.
	checkpointEvery = 3 * time.Second
	// measureEvery is how often the space on the disk is looked at.
	measureEvery = time.Second
	// tendEvery is how often old segments are looked for, besides at each rotation.
	tendEvery = time.Hour
	// restFactor is how many times as long as it works indexing rests, so that callers have the processors.
	restFactor = 3
)

// Run syncs written records and buffered outcomes within 100 ms, saves the checkpoint, records what Failure counted,
// watches the disk and that nobody removes the file that is being written, indexes finished segments and removes old
// ones. It returns nil when ctx ends; Close does the rest.
func (l *Log) Run(ctx context.Context) error {
	var tending sync.WaitGroup
	tending.Go(func() { l.tendAll(ctx) })
	defer tending.Wait()
	save, measure := time.NewTicker(checkpointEvery), time.NewTicker(measureEvery)
	defer save.Stop()
	defer measure.Stop()
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
			_ = l.flush() // a failure is told by Err
			l.inspect()
		case <-l.rotated:
			l.checkpoint(ctx)
		case <-measure.C:
			l.measure()
			l.resume()
		case now := <-save.C:
			if l.Err() == nil {
				l.recordRepeats(now, failureWindow)
			}
			l.checkpoint(ctx)
		}
	}
}

// tendAll looks after finished segments until ctx ends.
func (l *Log) tendAll(ctx context.Context) {
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.untended:
		case <-tick.C:
		}
		if err := l.tend(ctx, restFactor); err != nil && ctx.Err() == nil {
			l.logger.Error("audit log: looking after old segments", "error", err)
		}
	}
}

// tend begins a segment if the day is over, indexes those finished and removes the old ones. Nothing is written while
// there is little space, and a log that cannot be written keeps what it has.
func (l *Log) tend(ctx context.Context, rest int) error {
	var errs []error
	if l.Ready() == nil {
		errs = append(errs, l.closeDay(), l.indexAll(ctx, rest))
	}
	if l.Err() == nil {
		errs = append(errs, l.retain(ctx))
	}
	return errors.Join(errs...)
}

// closeDay begins a new segment if the current one is of an earlier day.
func (l *Log) closeDay() error {
	l.writes.turn.Lock()
	defer l.writes.turn.Unlock()
	if today := dayOf(l.cfg.clock()); l.Err() == nil && today > l.segment.day {
		return l.rotate(today)
	}
	return nil
}

// Close records and syncs what is buffered, saves the checkpoint and releases the directory. Record fails from then
// on.
func (l *Log) Close(ctx context.Context) error {
	l.resume()
	l.recordRepeats(l.cfg.clock(), 0)
	err := errors.Join(l.writes.close(), l.syncs.do(struct{}{}, nil))
	if err == nil {
		err = l.save(ctx, l.anchor())
	}
	l.writes.turn.Lock()
	defer l.writes.turn.Unlock()
	closed := fmt.Errorf("%w: closed", ErrUnavailable)
	if l.broken.CompareAndSwap(nil, &closed) {
		close(l.closed)
	}
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
	if l.fault() != nil {
		return
	}
	open, err := l.segment.file.Stat()
	if err != nil {
		_ = l.fail("inspecting", err)
		return
	}
	found, err := os.Stat(l.path(l.segment.name()))
	switch {
	case err != nil:
		_ = l.fail("inspecting", err)
	case !os.SameFile(open, found) || open.Size() != l.segment.size:
		_ = l.fail("inspecting", fmt.Errorf("%w: %s was replaced or changed", ErrTampered, l.segment.name()))
	}
}
