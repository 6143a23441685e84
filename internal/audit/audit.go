// Package audit keeps the record of what was decided and what came of it.
//
// What it guarantees: when Record returns nil the event is in the log (written, or on stable storage when Synced was
// asked for); when it cannot be, Record fails and Err tells readiness, so nothing moves unrecorded. A full disk ends by
// itself and leaves a record that tells how many events were refused; after any other failure every later Record fails
// too. Every record carries a MAC over itself and the MAC of the record before it, so a changed, removed or reordered
// record is found by Verify. No field of an Event can hold a secret value, and no string, however hostile, can break a
// line or a terminal. Records are removed by retention alone, oldest first, and a record tells which. A log that lost some
// otherwise goes on only when somebody accepts that by AcceptLoss, and then begins with a record that tells.
//
// What threatens it: whoever may write the directory can cut whole records off either end. The head of the chain and
// its anchor, the last record that retention removed, are therefore checkpointed in the encrypted store: the head every
// few seconds, the anchor before anything is removed. Open refuses a log that ends before its checkpoint, and Verify one
// that does not begin after its anchor; what was cut between two checkpoints while the server was down is not found.
// Records that were only Written can be lost to a power failure in the 100 ms before they are synced, never to the death
// of the process. A clock that is wrong when the server starts may have retention remove what is young.
//
// On disk, a directory of segments named by the number of their first record, each of one day at most, finished ones
// with an index beside them that only serves to list faster and can be made anew, and a reserve of space for the record
// that tells that the disk is full:
//
//	audit-00000000000000000001.idx
//	audit-00000000000000000001.jsonl
//	audit-00000000000000214512.jsonl
//	reserve
//
//	{"seq":1,"time":"…","kind":"DECISION",…,"mac":"<base64url>"}\n
//	└───────────── body ─────────────────┘
//	mac = MAC(mac of record seq-1, or 32 zero bytes ‖ body)
//
// The chain runs through all segments. The format of an index is drawn beside its type.
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
	// ErrUnavailable is returned while the disk is full, once the log cannot be written, synced or trusted any more,
	// and after Close. But for the full disk it stays until the log is opened anew.
	ErrUnavailable = errors.New("audit log unavailable")
	// ErrLowSpace is returned by Ready while there is less space than Config.MinFree.
	ErrLowSpace = errors.New("audit log: little space left on its disk")
	// ErrTampered tells that the log is not what was written: a record or segment was changed, removed, reordered
	// or cut off.
	ErrTampered = errors.New("audit log tampered with")
	// ErrLocked tells that another process has the log open.
	ErrLocked = errors.New("audit log in use by another process")
	// ErrWhole is returned by AcceptLoss for a log that misses nothing.
	ErrWhole = errors.New("audit log is whole: there is no loss to accept")
	// ErrPageToken is returned by List for a token that it did not give out for the same query.
	ErrPageToken = errors.New("audit: page token does not belong to this query")
	// ErrAhead is returned by Tail for a position behind the end of the log: it is one of another log.
	ErrAhead = errors.New("audit: no such position in the log yet")
)

const (
	defaultSegmentSize = 64 << 20
	// maxSegmentSize bounds what indexing a segment takes of memory, and the offsets in an index.
	maxSegmentSize = 256 << 20
	defaultMinFree = 64 << 20
	// maxOutcomes bounds the outcomes that wait for the next group; beyond it Outcome waits itself.
	maxOutcomes = 1024
	// maxBuffer is the capacity above which a buffer that one large group grew is let go again.
	maxBuffer = 1 << 20
)

// MAC is a keyed message authentication code of 32 bytes, safe for concurrent use.
type MAC interface {
	Sum(data []byte) []byte
}

// Config says where the log is and how it is kept.
type Config struct {
	// Dir is created with mode 0700 when absent. Required.
	Dir string
	// MAC keys the chain. Required; it must be the same for the life of the log.
	MAC MAC
	// Checkpoint holds the head and the anchor. Required.
	Checkpoint Checkpoint
	// FsyncAlways makes every Record a Synced one.
	FsyncAlways bool
	// SegmentSize is the size in bytes after which a new segment is begun; 0 means 64 MiB. At most 256 MiB.
	SegmentSize int64
	// RetainFor is how long events are kept. Whole segments are removed, when all in them is older. 0 means for ever.
	RetainFor time.Duration
	// RetainBytes is how large the log may grow before its oldest segments are removed; 0 means without bound. The
	// segment that is being written is never removed.
	RetainBytes int64
	// MinFree is the space in bytes on the log's disk below which Ready fails, before the disk is full and Record
	// fails; 0 means 64 MiB, less than 0 that Ready does not look.
	MinFree int64
	// Logger is told what breaks; nil means that nobody is.
	Logger *slog.Logger

	wrap  func(file) file                 // tests: inject failing files
	clock func() time.Time                // tests: time.Now
	space func(dir string) (int64, error) // tests: the free bytes of the disk
}

func (c *Config) setDefaults() {
	if c.SegmentSize == 0 {
		c.SegmentSize = defaultSegmentSize
	}
	if c.MinFree == 0 {
		c.MinFree = defaultMinFree
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.clock == nil {
		c.clock = time.Now
	}
	if c.space == nil {
		c.space = freeSpace
	}
}

func (c *Config) validate() error {
	switch {
	case c.Dir == "":
		return errors.New("audit: Dir is required")
	case c.MAC == nil:
		return errors.New("audit: MAC is required")
	case c.Checkpoint == nil:
		return errors.New("audit: Checkpoint is required")
	case c.SegmentSize < 0 || c.SegmentSize > maxSegmentSize:
		return fmt.Errorf("audit: SegmentSize is not between 0 and %d", maxSegmentSize)
	case c.RetainFor < 0 || c.RetainBytes < 0:
		return errors.New("audit: RetainFor or RetainBytes is negative")
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
	opened   instant
	writes   *combiner[*record]
	syncs    *combiner[struct{}]
	dirty    chan struct{} // something was recorded that is not synced or not even written
	rotated  chan struct{}
	untended chan struct{} // a segment may want an index, or be too old
	closed   chan struct{}
	buffers  sync.Pool
	failures failures
	refusals failures
	termKey  []byte

	// Held by the leader of writes, except where noted.
	chain   chain
	out     []byte
	refusal refusal

	mu       sync.Mutex
	segment  segment // changed by the leader of writes holding also syncs.turn
	written  Head
	synced   Head
	saved    State         // the checkpoint
	advanced chan struct{} // closed when synced moves, if somebody waits for it; nil otherwise

	saving     sync.Mutex   // held while the checkpoint is saved
	retaining  sync.RWMutex // held while old segments are removed; read-held while all must stay
	suspicious bool         // retention has told of records that it refuses to remove; its own

	broken atomic.Pointer[error]
	full   atomic.Pointer[error]
	low    atomic.Bool
}

// record is an encoded event on its way to the chain, which gives it its number.
type record struct {
	body  []byte
	count uint64 // how many events it stands for
}

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
	if err := l.fault(); err != nil {
		return err
	}
	if err := l.full.Load(); err != nil {
		return *err
	}
	return nil
}

// Ready returns what Err does, and ErrLowSpace before it comes to that.
func (l *Log) Ready() error {
	if err := l.Err(); err != nil {
		return err
	}
	if l.low.Load() {
		return ErrLowSpace
	}
	return nil
}

// Head returns the last record written.
func (l *Log) Head() Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written
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
