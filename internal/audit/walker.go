package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// walker goes through records, oldest first, and verifies them.
type walker struct {
	dir      string
	segments []segment
	chain    chain
	expect   Head  // a head the walk must come by, if its number is not zero
	stop     Head  // the last record to look at; zero: all there are
	torn     int64 // bytes after the last complete record
	seen     int   // segments
}

// from verifies all records after head, after having found that head is a record of the log.
func (w *walker) from(ctx context.Context, head Head) error {
	if head.Seq == 0 {
		return w.walk(ctx, 0, 0)
	}
	i := holding(w.segments, head.Seq)
	if i < 0 {
		return fmt.Errorf("%w: record %d, the checkpoint, was removed", ErrTampered, head.Seq)
	}
	f, err := os.Open(filepath.Join(w.dir, w.segments[i].name()))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	size, err := complete(f, w.segments[i].size)
	if err != nil {
		return err
	}
	offset, err := search(f, size, head.Seq)
	var line []byte
	if err == nil && offset < size {
		line, _, err = lineAt(f, size, offset)
	}
	seq, _ := lineSeq(line)
	switch {
	case err != nil && !errors.Is(err, ErrTampered):
		return err
	case err != nil || seq != head.Seq:
		return w.locate(io.NewSectionReader(f, 0, size), i, head.Seq)
	case !lineHas(line, head):
		return w.wrong(i, fmt.Errorf("record %d: changed or removed: it is not the checkpoint", head.Seq))
	}
	w.chain.head = head
	return w.walk(ctx, i, offset+int64(len(line)))
}

// locate tells what is wrong in segment i, in which searching did not lead to the checkpoint: a search that came by what
// does not belong there says nothing of what is behind it.
func (w *walker) locate(r io.Reader, i int, checkpoint uint64) error {
	next := w.segments[i].first
	for line, err := range forward(r) {
		if err != nil {
			return err
		}
		if err := misplaced(line, next); err != nil {
			return w.wrong(i, err)
		}
		next++
	}
	return w.wrong(i, fmt.Errorf("truncated: record %d, the checkpoint, is missing", checkpoint))
}

// walk verifies what follows offset in segment i.
func (w *walker) walk(ctx context.Context, i int, offset int64) error {
	for ; i < len(w.segments); i++ {
		if w.stop.Seq > 0 && w.chain.head.Seq >= w.stop.Seq {
			break
		}
		if next := w.chain.head.Seq + 1; offset == 0 && w.segments[i].first != next {
			return w.wrong(i, fmt.Errorf("record %d: removed: the segment begins with record %d", next, w.segments[i].first))
		}
		if err := w.walkSegment(ctx, i, offset); err != nil {
			return err
		}
		w.seen++
		offset = 0
	}
	if w.stop.Seq > 0 && w.chain.head != w.stop {
		return w.wrong(len(w.segments)-1, fmt.Errorf("truncated: record %d is missing", w.chain.head.Seq+1))
	}
	return nil
}

func (w *walker) walkSegment(ctx context.Context, i int, offset int64) error {
	f, err := os.Open(filepath.Join(w.dir, w.segments[i].name()))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for line, err := range forward(io.NewSectionReader(f, offset, w.segments[i].size-offset)) {
		if err != nil {
			return err
		}
		if line[len(line)-1] != '\n' { // the end of the file, or a piece of what is too long for a record
			w.torn += int64(len(line))
			continue
		}
		if w.torn > 0 {
			return w.wrong(i, misplaced(nil, w.chain.head.Seq+1))
		}
		if err := w.chain.check(line); err != nil {
			return w.wrong(i, err)
		}
		if w.chain.head.Seq == w.expect.Seq && w.chain.head != w.expect {
			return w.wrong(i, fmt.Errorf("record %d: changed: it is not the checkpoint", w.expect.Seq))
		}
		if w.chain.head.Seq%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if w.chain.head.Seq == w.stop.Seq {
			return nil
		}
	}
	if w.torn > 0 && i < len(w.segments)-1 {
		return w.wrong(i, fmt.Errorf("truncated: record %d is incomplete", w.chain.head.Seq+1))
	}
	return nil
}

func (w *walker) wrong(i int, err error) error {
	if i < 0 {
		return fmt.Errorf("%w: %w", ErrTampered, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrTampered, w.segments[i].name(), err)
}

// complete returns where the complete lines among the first size bytes of r end.
func complete(r io.ReaderAt, size int64) (int64, error) {
	block := make([]byte, readSize)
	for end := size; end > 0; {
		n := min(end, readSize)
		if _, err := r.ReadAt(block[:n], end-n); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(block[:n], '\n'); i >= 0 {
			return end - n + int64(i) + 1, nil
		}
		end -= n
	}
	return 0, nil
}
