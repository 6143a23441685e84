package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// retain removes the oldest segments that are too old or too many, after having verified them. What is removed is
// first told by a record, then the anchor is saved, and then the files go: a crash in between leaves files that the
// next Open removes, never a log whose beginning is in doubt.
func (l *Log) retain(ctx context.Context) error {
	if l.cfg.RetainFor == 0 && l.cfg.RetainBytes == 0 || l.suspicious {
		return nil
	}
	if !l.retaining.TryLock() {
		return nil // somebody verifies what might be removed; there is a next time
	}
	defer l.retaining.Unlock()
	all, _, err := l.segments()
	if err != nil {
		return err
	}
	anchor := l.anchor()
	if left := removed(all, anchor); left > 0 { // by an attempt that failed
		if err := l.remove(all[:left]); err != nil {
			return err
		}
		all = all[left:]
	}
	n := l.dispensable(all)
	if n == 0 {
		return nil
	}
	w := walker{dir: l.cfg.Dir, segments: all[:n], chain: chain{mac: l.cfg.MAC, head: anchor}}
	err = w.walk(ctx, 0, 0)
	if end := w.chain.head.Seq; err == nil && all[n].first != end+1 {
		err = w.wrong(n-1, fmt.Errorf("truncated: record %d is missing", end+1))
	}
	if errors.Is(err, ErrTampered) {
		l.suspicious = true
		event := &Event{Kind: KindSystem, Detail: fmt.Sprintf("retention removes nothing: %v", err)}
		return errors.Join(err, l.Record(ctx, event, Synced))
	}
	if err != nil {
		return err
	}
	if err := l.Record(ctx, removal(anchor.Seq+1, w.chain.head.Seq, n), Synced); err != nil {
		return err
	}
	if err := l.save(ctx, w.chain.head); err != nil {
		return err
	}
	return l.remove(all[:n])
}

// removal tells which records are about to be removed.
func removal(first, last uint64, segments int) *Event {
	return &Event{
		Kind: KindSystem, Count: last - first + 1,
		Detail: fmt.Sprintf("retention removes records %d to %d, %d segments", first, last, segments),
	}
}

// dispensable returns how many segments, of all, retention is to remove.
func (l *Log) dispensable(all []segment) int {
	sizes, total := make([]int64, len(all)), int64(0)
	for i, s := range all {
		sizes[i] = s.size
		if info, err := os.Stat(l.path(s.indexName())); err == nil {
			sizes[i] += info.Size()
		}
		total += sizes[i]
	}
	horizon := l.now().Add(-l.cfg.RetainFor)
	n := 0
	for ; n < len(all)-1; n++ {
		tooMany := l.cfg.RetainBytes > 0 && total > l.cfg.RetainBytes
		if !tooMany && (l.cfg.RetainFor == 0 || !l.before(all[n], horizon)) {
			break
		}
		total -= sizes[n]
	}
	return n
}

// before reports whether all records of s are older than horizon.
func (l *Log) before(s segment, horizon time.Time) bool {
	x, err := l.openIndex(s)
	if err == nil {
		defer x.close()
		return x.head.Newest < horizon.UnixMicro()
	}
	f, err := os.Open(l.path(s.name()))
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	for line, err := range forward(io.NewSectionReader(f, 0, s.size)) {
		if err != nil {
			return false
		}
		if at, err := lineTime(line); err != nil || !at.Before(horizon) {
			return false
		}
	}
	return true
}

// now is the time by the system's clock, but not later than the time that has passed since Open allows: a clock that
// jumps ahead makes no record old.
func (l *Log) now() time.Time {
	wall, steady := l.cfg.clock(), l.opened.wall.Add(time.Since(l.opened.steady))
	if steady.Before(wall) {
		return steady
	}
	return wall
}

// removed returns how many segments, of all, lie before the end of the anchor.
func removed(all []segment, anchor Head) int { return holding(all, anchor.Seq) + 1 }

// remove removes segments and their indexes.
func (l *Log) remove(old []segment) error {
	for _, s := range old {
		for _, name := range []string{s.indexName(), s.name()} {
			if err := os.Remove(l.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("removing old segments: %w", err)
			}
		}
	}
	if len(old) == 0 {
		return nil
	}
	if err := l.dirLock.Sync(); err != nil {
		return fmt.Errorf("removing old segments: %w", err)
	}
	return nil
}
