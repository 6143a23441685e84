// Package audit keeps the record of what was decided and what came of it.
//
// What it guarantees: when Record returns nil the event is in the log (written, or on stable storage when Synced was
// asked for); when it cannot be, Record fails, every later Record fails too and Err tells readiness, so nothing moves
// unrecorded. Every record carries a MAC over itself and the MAC of the record before it, so a changed, removed or
// reordered record is found by Verify. No field of an Event can hold a secret value, and no string, however hostile,
// can break a line or a terminal.
//
// What threatens it: whoever may write the directory can cut whole records off the end. The head of the chain is
// therefore checkpointed in the encrypted store every few seconds, and Open refuses a log that ends before its
// checkpoint; what was cut between two checkpoints while the server was down is not found. Records that were only
// Written can be lost to a power failure in the 100 ms before they are synced, never to the death of the process.
//
// On disk, a directory of segments named by the number of their first record:
//
//	audit-00000000000000000001.jsonl
//	audit-00000000000000214512.jsonl
//
//	{"seq":1,"time":"…","kind":"DECISION",…,"mac":"<base64url>"}\n
//	└───────────── body ─────────────────┘
//	mac = MAC(mac of record seq-1, or 32 zero bytes ‖ body)
//
// The chain runs through all segments.
package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrUnavailable is returned once the log cannot be written, synced or trusted any more, and after Close. It
	// stays until the log is opened anew.
	ErrUnavailable = errors.New("audit log unavailable")
	// ErrTampered tells that the log is not what was written: a record or segment was changed, removed, reordered
	// or cut off.
	ErrTampered = errors.New("audit log tampered with")
	// ErrLocked tells that another process has the log open.
	ErrLocked = errors.New("audit log in use by another process")
	// ErrPageToken is returned by List for a token that it did not give out for the same query.
	ErrPageToken = errors.New("audit: page token does not belong to this query")
)

const (
	defaultSegmentSize = 64 << 20
	// maxOutcomes bounds the outcomes that wait for the next group; beyond it Outcome waits itself.
	maxOutcomes = 1024
	// maxBuffer is the capacity above which a buffer that one large group grew is let go again.
	maxBuffer = 1 << 20
)

// MAC is a keyed message authentication code of 32 bytes, safe for concurrent use.
type MAC interface {
	Sum(data []byte) []byte
}

// Head is a position in the chain: a record and its MAC. The zero Head is the empty log.
type Head struct {
	Seq uint64
	MAC [macSize]byte
}

// Checkpoint keeps the synced head of the chain where whoever can write the log's directory cannot.
type Checkpoint interface {
	// Load returns the zero Head when none was ever saved.
	Load(ctx context.Context) (Head, error)
	Save(ctx context.Context, head Head) error
}

// Config says where the log is and how it is kept.
type Config struct {
	// Dir is created with mode 0700 when absent. Required.
	Dir string
	// MAC keys the chain. Required; it must be the same for the life of the log.
	MAC MAC
	// Checkpoint holds the head. Required.
	Checkpoint Checkpoint
	// FsyncAlways makes every Record a Synced one.
	FsyncAlways bool
	// SegmentSize is the size in bytes after which a new segment is begun; 0 means 64 MiB.
	SegmentSize int64
	// Logger is told what breaks; nil means that nobody is.
	Logger *slog.Logger

	wrap func(file) file // tests: inject failing files
}

func (c Config) validate() error {
	switch {
	case c.Dir == "":
		return errors.New("audit: Dir is required")
	case c.MAC == nil:
		return errors.New("audit: MAC is required")
	case c.Checkpoint == nil:
		return errors.New("audit: Checkpoint is required")
	case c.SegmentSize < 0:
		return errors.New("audit: SegmentSize is negative")
	case len(c.MAC.Sum(nil)) != macSize:
		return fmt.Errorf("audit: MAC has %d bytes, want %d", len(c.MAC.Sum(nil)), macSize)
	}
	return nil
}

// Durability is how safe a record must be before Record returns.
type Durability int

const (
	// Written records survive the death of the process; they are synced within 100 ms.
	Written Durability = iota
	// Synced records survive power loss.
	Synced
)

// Log is an append-only chained log. Its methods are safe for concurrent use. Run must be running for the whole time
// that events are recorded.
type Log struct {
	cfg      Config
	logger   *slog.Logger
	dirLock  *os.File
	writes   *combiner[*record]
	syncs    *combiner[struct{}]
	dirty    chan struct{} // something was recorded that is not synced or not even written
	rotated  chan struct{}
	buffers  sync.Pool
	failures failures

	// Held by the leader of writes, except where noted.
	chain chain
	out   []byte

	mu      sync.Mutex
	segment segment // changed by the leader of writes holding also syncs.turn
	written Head
	synced  Head
	saved   Head // the checkpoint

	broken atomic.Pointer[error]
}

// record is an encoded event on its way to the chain, which gives it its number.
type record struct{ body []byte }

// Record appends e and returns when it is as durable as asked. The log sets the sequence number, and the time when it
// is zero. An error means that e may or may not be in the log, and that what e tells of must not happen. When ctx ends
// while others write for the caller, that is its error.
func (l *Log) Record(ctx context.Context, e *Event, d Durability) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := l.writes.do(l.encode(e), ctx.Done()); err != nil {
		return contextError(ctx, err)
	}
	if d == Synced || l.cfg.FsyncAlways {
		return contextError(ctx, l.syncs.do(struct{}{}, ctx.Done()))
	}
	return nil
}

// Outcome appends e without waiting: it rides the next group and is written after 100 ms at the latest. When too many
// wait already it writes at once instead. An outcome is lost only if the log is broken or closed, or the process is
// killed before it is written.
func (l *Log) Outcome(e *Event) {
	r := l.encode(e)
	if !l.writes.leave(r, maxOutcomes) {
		_ = l.writes.do(r, nil) // a failure breaks the log, which Err tells
	}
	l.wake()
}

// Err returns nil while the log can be written, and otherwise why not: an error that is ErrUnavailable.
func (l *Log) Err() error {
	if err := l.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// Head returns the last record written.
func (l *Log) Head() Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written
}

func (l *Log) encode(e *Event) *record {
	r := l.buffers.Get().(*record)
	r.body = appendEvent(r.body[:0], e, time.Now())
	return r
}

// write is the run of one group of records: one write(2), or a new segment first.
func (l *Log) write(group []*record) error {
	if err := l.Err(); err != nil {
		return err
	}
	if err := l.rotate(); err != nil {
		return l.fail("beginning a segment", err)
	}
	l.out = l.out[:0]
	for _, r := range group {
		l.out = l.chain.append(l.out, r.body)
		if cap(r.body) <= maxLine {
			l.buffers.Put(r)
		}
	}
	if _, err := l.segment.file.Write(l.out); err != nil {
		return l.fail("writing", err)
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

// rotate begins a new segment when the current one is full. The old one is synced, so that a sync of the current
// segment is always a sync of the whole log.
func (l *Log) rotate() error {
	if l.segment.size < l.cfg.SegmentSize {
		return nil
	}
	if err := l.sync(nil); err != nil {
		return err
	}
	next, err := l.createSegment(l.chain.head.Seq + 1)
	if err != nil {
		return err
	}
	l.syncs.turn.Lock() // nobody may be syncing the file that is closed here
	old := l.segment
	l.mu.Lock()
	l.segment = next
	l.mu.Unlock()
	l.syncs.turn.Unlock()
	if err := old.file.Close(); err != nil {
		return fmt.Errorf("closing %s: %w", old.name(), err)
	}
	signal(l.rotated)
	return nil
}

// sync is the run of one group of syncs. It covers all that was written when it began.
func (l *Log) sync([]struct{}) error {
	l.mu.Lock()
	head, done, f := l.written, l.synced, l.segment.file
	l.mu.Unlock()
	if head == done {
		return nil
	}
	if err := l.Err(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return l.fail("syncing", err)
	}
	l.mu.Lock()
	if head.Seq > l.synced.Seq {
		l.synced = head
	}
	l.mu.Unlock()
	return nil
}

// fail breaks the log for good and returns the error that everybody gets from now on.
func (l *Log) fail(doing string, cause error) error {
	err := fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, cause)
	if l.broken.CompareAndSwap(nil, &err) {
		l.logger.Error("audit log broken: every recorded call fails until it is opened anew", "doing", doing, "error", cause)
	}
	return l.Err()
}

func (l *Log) wake() { signal(l.dirty) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func contextError(ctx context.Context, err error) error {
	if errors.Is(err, errAbandoned) {
		return ctx.Err()
	}
	return err
}
