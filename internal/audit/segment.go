package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strconv"
	"strings"
)

const (
	segmentPrefix = "audit-"
	segmentSuffix = ".jsonl"
	// readSize is how much of a segment is read at a time.
	readSize = 64 << 10
)

// file is what the log needs of the segment it writes.
type file interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
}

// datafile is an os.File with a cheaper Sync where the system has one.
type datafile struct{ *os.File }

// segment is one file of the log.
type segment struct {
	first uint64 // number of its first record
	size  int64  // in bytes, of complete records
	file  file   // of the one being written; nil otherwise
	day   int64  // of the one being written: the day after which another is begun; the leader of writes' own
}

func (s segment) name() string {
	return fmt.Sprintf("%s%020d%s", segmentPrefix, s.first, segmentSuffix)
}

// segments lists the segments in dir, oldest first. Files with other names are not the log's.
func segments(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir) // sorted by name, and the names are as wide as each other
	if err != nil {
		return nil, fmt.Errorf("listing the audit log: %w", err)
	}
	var all []segment
	for _, entry := range entries {
		digits, ok := strings.CutPrefix(entry.Name(), segmentPrefix)
		digits, suffixed := strings.CutSuffix(digits, segmentSuffix)
		first, err := strconv.ParseUint(digits, 10, 64)
		if s := (segment{first: first}); !ok || !suffixed || err != nil || s.name() != entry.Name() {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // retention removed it just now; if it was another, a gap is left
		}
		if err != nil {
			return nil, fmt.Errorf("listing the audit log: %w", err)
		}
		all = append(all, segment{first: first, size: info.Size()})
	}
	return all, nil
}

// segments lists the segments as far as they are written, oldest first, and tells the first record of the current one.
func (l *Log) segments() (all []segment, current uint64, err error) {
	l.mu.Lock()
	current, written := l.segment.first, l.segment.size // before the list, so that what is older in it is finished
	l.mu.Unlock()
	if all, err = segments(l.cfg.Dir); err != nil {
		return nil, 0, err
	}
	all = all[:holding(all, current)+1]
	if n := len(all); n > 0 && all[n-1].first == current {
		all[n-1].size = min(all[n-1].size, written) // without what is just being written
	}
	return all, current, nil
}

// holding returns the index of the segment that holds record seq if there is such a record; -1 if it lies before all.
func holding(all []segment, seq uint64) int {
	i := len(all) - 1
	for i >= 0 && all[i].first > seq {
		i--
	}
	return i
}

// createSegment makes an empty segment whose first record will be first, durably.
func (l *Log) createSegment(first uint64) (segment, error) {
	s := segment{first: first}
	f, err := os.OpenFile(l.path(s.name()), os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return segment{}, err
	}
	s.file = l.wrap(f)
	if err := errors.Join(f.Sync(), l.dirLock.Sync()); err != nil {
		return s, errors.Join(fmt.Errorf("syncing %s: %w", s.name(), err), f.Close())
	}
	return s, nil
}

// reopenSegment continues s, whose complete records end at s.size, cutting off what follows them.
func (l *Log) reopenSegment(s segment) (segment, error) {
	f, err := os.OpenFile(l.path(s.name()), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return segment{}, err
	}
	if err := errors.Join(f.Chmod(0o600), f.Truncate(s.size), f.Sync()); err != nil {
		return segment{}, errors.Join(fmt.Errorf("continuing %s: %w", s.name(), err), f.Close())
	}
	if s.day, err = lastDay(f.Name(), s.size); err != nil {
		return segment{}, errors.Join(fmt.Errorf("continuing %s: %w", s.name(), err), f.Close())
	}
	s.day = min(s.day, dayOf(l.opened.wall))
	s.file = l.wrap(f)
	return s, nil
}

// lastDay returns the day of the last record of a segment; 0 if it has none.
func lastDay(path string, size int64) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	for line, err := range backward(f, 0, size, nil) {
		if err != nil {
			return 0, err
		}
		at, err := lineTime(line)
		return dayOf(at), err
	}
	return 0, nil
}

func (l *Log) wrap(f *os.File) file {
	if l.cfg.wrap != nil {
		return l.cfg.wrap(datafile{f})
	}
	return datafile{f}
}

// forward yields the lines of r, each with its newline and valid until the next; the last one has none if it is torn.
// A line that is too long for a record is cut into pieces, which are no records.
func forward(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		br := bufio.NewReaderSize(r, maxLine)
		for {
			line, err := br.ReadSlice('\n')
			if errors.Is(err, bufio.ErrBufferFull) {
				err = nil
			}
			if len(line) > 0 && !yield(line, nil) || errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// backward yields the lines of r between the offsets from, where one begins, and end, where one ends, last first, each
// valid until the next. It may leave out lines that do not hold needle.
func backward(r io.ReaderAt, from, end int64, needle []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		buf := make([]byte, min(end-from, readSize)+maxLine)
		var rest []byte // the end of a line whose beginning is not read yet
		for end > from {
			n := min(end-from, readSize)
			block := buf[:int(n)+copy(buf[n:], rest)]
			if _, err := r.ReadAt(block[:n], end-n); err != nil {
				yield(nil, err)
				return
			}
			end -= n
			if len(needle) > 0 && !bytes.Contains(block, needle) { // the line that begins before block may still hold it
				block = block[:bytes.IndexByte(block, '\n')+1]
			}
			for {
				i := bytes.LastIndexByte(block[:max(len(block)-1, 0)], '\n')
				if i < 0 {
					break
				}
				if !yield(block[i+1:], nil) {
					return
				}
				block = block[:i+1]
			}
			if rest = block; len(rest) > maxLine {
				yield(nil, fmt.Errorf("%w: a line is longer than a record", ErrTampered))
				return
			}
		}
		if len(rest) > 0 {
			yield(rest, nil)
		}
	}
}

// lineAt returns the first line of r that begins at offset or after it, with its offset. Lines before size are
// complete; there must be one.
func lineAt(r io.ReaderAt, size, offset int64) ([]byte, int64, error) {
	from := max(offset-1, 0)
	buf := make([]byte, min(2*maxLine, size-from))
	if _, err := r.ReadAt(buf, from); err != nil {
		return nil, 0, err
	}
	if offset > 0 {
		skip := bytes.IndexByte(buf, '\n') + 1
		buf, from = buf[skip:], from+int64(skip)
	}
	if i := bytes.IndexByte(buf, '\n'); i >= 0 {
		return buf[:i+1], from, nil
	}
	return nil, 0, fmt.Errorf("%w: a line is longer than a record", ErrTampered)
}

// search returns the offset of the first record in r whose number is at least seq, or size. Lines before size are
// complete. It reads a number of lines that is logarithmic in size.
func search(r io.ReaderAt, size int64, seq uint64) (int64, error) {
	lo, hi := int64(0), size
	buf := make([]byte, 2*maxLine)
	for lo < hi {
		mid := lo + (hi-lo)/2
		from := max(lo, mid-maxLine)
		n, err := r.ReadAt(buf[:min(int64(len(buf)), hi-from)], from)
		if err != nil && err != io.EOF {
			return 0, err
		}
		block, at := buf[:n], int(mid-from)
		if at >= n {
			return 0, fmt.Errorf("%w: a segment became shorter", ErrTampered)
		}
		begin := bytes.LastIndexByte(block[:at], '\n') + 1
		length := bytes.IndexByte(block[begin:], '\n') + 1
		found, ok := lineSeq(block[begin : begin+length])
		if !ok {
			return 0, fmt.Errorf("%w: a line is not a record", ErrTampered)
		}
		if found < seq {
			lo = from + int64(begin+length)
		} else {
			hi = from + int64(begin)
		}
	}
	return lo, nil
}
