package audit

import (
	"context"
	"fmt"
	"io"
	"os"
)

// ErrGone is returned by Tail when records that were to come are no longer in the log: retention removed them, or their
// loss was accepted. First is the oldest that is left.
//
//nolint:errname // it reads like the other errors of this package
type ErrGone struct{ First uint64 }

// Error implements error.
func (e ErrGone) Error() string {
	return fmt.Sprintf("audit log: the records before %d were removed", e.First)
}

// Tail returns up to limit events after record after, oldest first, as soon as there are any on stable storage. It
// waits for them until ctx ends. The error is an ErrGone if records after that one were removed, ErrAhead
// if the log is not even that long, and ErrUnavailable once the log is closed.
func (l *Log) Tail(ctx context.Context, after uint64, limit int) ([]Event, error) {
	head, err := l.await(ctx, after)
	if err != nil {
		return nil, err
	}
	all, _, err := l.segments()
	if err != nil {
		return nil, err
	}
	t := tail{next: after + 1, last: min(head.Seq, after+uint64(min(max(limit, 1), maxExamined)))}
	for i := max(holding(all, t.next), 0); i < len(all) && t.next <= t.last; i++ {
		err := t.segment(l.path(all[i].name()), all[i])
		if anchor := l.anchor(); t.next <= anchor.Seq {
			if len(t.events) > 0 {
				return t.events, nil // the next call is told
			}
			return nil, ErrGone{First: anchor.Seq + 1}
		}
		if err != nil {
			return nil, fmt.Errorf("following the audit log: %s: %w", all[i].name(), err)
		}
	}
	if len(t.events) == 0 {
		return nil, fmt.Errorf("following the audit log: %w: record %d is missing", ErrTampered, t.next)
	}
	return t.events, nil
}

// await returns the last synced record once that is beyond after.
func (l *Log) await(ctx context.Context, after uint64) (Head, error) {
	for {
		l.mu.Lock()
		written, synced, anchor := l.written, l.synced, l.saved.Anchor
		if l.advanced == nil && after >= synced.Seq {
			l.advanced = make(chan struct{})
		}
		advanced := l.advanced
		l.mu.Unlock()
		switch {
		case after > written.Seq:
			return Head{}, ErrAhead
		case after < anchor.Seq:
			return Head{}, ErrGone{First: anchor.Seq + 1}
		case after < synced.Seq:
			return synced, nil
		}
		select {
		case <-advanced:
		case <-l.closed:
			return Head{}, fmt.Errorf("%w: closed", ErrUnavailable)
		case <-ctx.Done():
			return Head{}, ctx.Err()
		}
	}
}

// tail collects records.
type tail struct {
	next, last uint64
	events     []Event
}

func (t *tail) segment(path string, s segment) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	size, err := complete(f, s.size)
	if err != nil {
		return err
	}
	offset, err := search(f, size, t.next)
	if err != nil {
		return err
	}
	for line, err := range forward(io.NewSectionReader(f, offset, size-offset)) {
		if err != nil {
			return err
		}
		e, err := parseEvent(line)
		if err != nil || e.Seq != t.next {
			return fmt.Errorf("%w: record %d is not in its place", ErrTampered, t.next)
		}
		t.events = append(t.events, e)
		if t.next++; t.next > t.last {
			return nil
		}
	}
	return nil
}
