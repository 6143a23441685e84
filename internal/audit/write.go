package audit

import (
	"errors"
	"fmt"
	"time"
)

// instant is a time by the system's clock and by the one that never jumps.
type instant struct{ wall, steady time.Time }

func (l *Log) encode(e *Event) *record {
	r := l.buffers.Get().(*record)
	r.body = appendEvent(r.body[:0], e, l.cfg.clock())
	r.count = max(e.Count, 1)
	return r
}

// write is the run of one group of records.
func (l *Log) write(group []*record) error {
	if err := l.fault(); err != nil {
		return err
	}
	err := l.refuse()
	if err == nil {
		if err = l.append(group); errors.Is(err, errFull) {
			err = l.suspend(err)
		}
	}
	for _, r := range group {
		if err != nil {
			l.refusal.count += r.count
		}
		if cap(r.body) <= maxLine {
			l.buffers.Put(r)
		}
	}
	return err
}

// append writes group, with one write(2), to a new segment if the current one is full. An error that is errFull has
// left the log as it was; any other has broken it.
func (l *Log) append(group []*record) error {
	today := dayOf(l.cfg.clock())
	if err := l.rotate(today); err != nil {
		return err
	}
	before := l.chain.head
	l.out = l.out[:0]
	for _, r := range group {
		l.out = l.chain.append(l.out, r.body)
	}
	if _, err := l.segment.file.Write(l.out); err != nil {
		l.chain.head = before
		return l.cutBack(err)
	}
	l.mu.Lock()
	l.segment.size += int64(len(l.out))
	l.written = l.chain.head
	l.mu.Unlock()
	if cap(l.out) > maxBuffer {
		l.out = nil
	}
	l.wake()
	return nil
}

// cutBack undoes a write that the full disk took only a part of. Those that fail otherwise are not undone: nobody
// knows what the file holds now.
func (l *Log) cutBack(cause error) error {
	if !isFull(cause) {
		return l.fail("writing", cause)
	}
	if err := l.segment.file.Truncate(l.segment.size); err != nil {
		return l.fail("cutting back an incomplete record", errors.Join(err, cause))
	}
	return fmt.Errorf("%w: %w", errFull, cause)
}

// rotate begins a new segment when the current one is full or of an earlier day. The old one is synced, so that a sync
// of the current segment is always a sync of the whole log.
//
// The day of a segment is that of its first record, and one begun ahead of its time by a clock that was then put right
// goes on until it is full or its day has passed: a clock that jumps to and fro does not make a segment at each jump.
func (l *Log) rotate(today int64) error {
	switch {
	case l.segment.size == 0:
		l.segment.day = today
		return nil
	case l.segment.size < l.cfg.SegmentSize && today <= l.segment.day:
		return nil
	}
	if err := l.sync(nil); err != nil {
		return err
	}
	next, err := l.createSegment(l.chain.head.Seq + 1)
	if isFull(err) && next.file == nil {
		return fmt.Errorf("%w: beginning a segment: %w", errFull, err)
	}
	if err != nil {
		return l.fail("beginning a segment", err)
	}
	next.day = today
	l.syncs.turn.Lock() // nobody may be syncing the file that is closed here
	old := l.segment
	l.mu.Lock()
	l.segment = next
	l.mu.Unlock()
	l.syncs.turn.Unlock()
	if err := old.file.Close(); err != nil {
		return l.fail("closing "+old.name(), err)
	}
	signal(l.rotated)
	signal(l.untended)
	return nil
}

// dayOf numbers the days of UTC.
func dayOf(t time.Time) int64 { return t.Unix() / int64(24*time.Hour/time.Second) }

// sync is the run of one group of syncs. It covers all that was written when it began.
func (l *Log) sync([]struct{}) error {
	l.mu.Lock()
	head, done, f := l.written, l.synced, l.segment.file
	l.mu.Unlock()
	if head == done {
		return nil
	}
	if err := l.fault(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return l.fail("syncing", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if head.Seq > l.synced.Seq {
		l.synced = head
		if l.advanced != nil {
			close(l.advanced)
			l.advanced = nil
		}
	}
	return nil
}

// fault returns nil unless the log is broken for good.
func (l *Log) fault() error {
	if err := l.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// fail breaks the log for good and returns the error that everybody gets from now on.
func (l *Log) fail(doing string, cause error) error {
	err := fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, cause)
	if l.broken.CompareAndSwap(nil, &err) {
		l.logger.Error("audit log broken: every recorded call fails until it is opened anew", "doing", doing, "error", cause)
	}
	return l.fault()
}
