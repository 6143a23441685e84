// Package storagebolt is the engine of a single node: one bbolt file, opened by one process at a time.
//
// It guarantees what storage.Engine promises: an acknowledged write survives the loss of power, an unacknowledged one is
// there whole or not at all. Concurrent updates share a transaction and its two disk flushes without ever waiting for
// a timer (group.go). What threatens it is the disk: every record and every entry of the change log carries a checksum,
// Open compares the file's size with what its header says and walks the branches of its trees (tree.go), and what bbolt
// does on a damaged page, a panic or a fault in the mapped file, is turned into storage.ErrCorrupt. Damage to the keys
// of a branch can still hide a record, and a damaged header falls back to the transaction before, as after a crash:
// bbolt has no checksum of its pages.
package storagebolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/coffer-dev/coffer/internal/storage"
)

// defaultWatchHistory is about 20 MB of change log.
const defaultWatchHistory = 1 << 16

var (
	// ErrLocked: another process, or another engine of this one, has the file open.
	ErrLocked = errors.New("storagebolt: store is in use by another process")
	// errAborted: the transaction's fn ended its goroutine, or shared a group with one that did. Nothing was written.
	errAborted = errors.New("storagebolt: fn did not return")
)

// Config says which file to open and how.
type Config struct {
	// Path of the file, required. It is created, readable by its owner only, if there is none.
	Path string
	// NoSync leaves out the disk flushes: an acknowledged write is then lost with the power. For tests only.
	NoSync bool
	// WatchHistory is the number of revisions kept for Watch. 0 means 65,536.
	WatchHistory int
	// LockTimeout is how long Open waits for another process to let go of the file. 0 means one second.
	LockTimeout time.Duration
}

// Validate reports what no engine can be opened with.
func (c Config) Validate() error {
	switch {
	case c.Path == "":
		return errors.New("storagebolt: no path")
	case c.WatchHistory < 0:
		return errors.New("storagebolt: negative watch history")
	case c.LockTimeout < 0:
		return errors.New("storagebolt: negative lock timeout")
	}
	return nil
}

// Engine is a storage.Engine over one file. Open makes one.
type Engine struct {
	db      *bolt.DB
	file    *os.File
	history storage.Revision

	fault  atomic.Pointer[error] // what made the file unusable until it is opened again
	closed chan struct{}         // closed as soon as Close is called
	idle   chan struct{}         // closed when the writer has ended

	mu      sync.Mutex
	queued  sync.Cond // on mu: the queue or closing changed
	queue   []*member // updates waiting for the writer, in order of arrival
	closing bool
	changed chan struct{} // closed and replaced by every commit
	stuck   bool          // a broken transaction holds bbolt's locks; written by the writer, read after it ended
}

var _ storage.Engine = (*Engine)(nil)

// Open opens or creates the store at cfg.Path and locks it. It returns ErrLocked if another process keeps it, and
// storage.ErrCorrupt for a file that is damaged or not a store. An empty file is one that lost its content, never a new store.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := create(cfg); err != nil {
		return nil, fmt.Errorf("creating store %s: %w", cfg.Path, err)
	}
	db, file, err := open(cfg, cfg.Path)
	if err != nil {
		return nil, fmt.Errorf("opening store %s: %w", cfg.Path, err)
	}
	e := &Engine{
		db:      db,
		file:    file,
		history: storage.Revision(cfg.WatchHistory),
		closed:  make(chan struct{}),
		idle:    make(chan struct{}),
		changed: make(chan struct{}),
	}
	if e.history == 0 {
		e.history = defaultWatchHistory
	}
	e.queued.L = &e.mu
	go e.write()
	return e, nil
}

// View implements storage.Engine.
func (e *Engine) View(ctx context.Context, fn func(storage.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := e.snapshot()
	if err != nil {
		return err
	}
	defer func() { _ = rollback(tx) }() // of a read: nothing is lost
	r, err := newReader(tx)
	if err != nil {
		return err
	}
	defer r.end()
	return fn(r)
}

// Close implements storage.Engine. Updates that are already waiting are still committed.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closing {
		e.mu.Unlock()
		<-e.idle
		return nil
	}
	e.closing = true
	close(e.closed)
	e.queued.Broadcast()
	e.mu.Unlock()

	<-e.idle
	if e.stuck {
		// bbolt would wait for ever for its own broken transaction. The lock goes with the process.
		return e.file.Close()
	}
	return e.db.Close()
}

// Err returns what made the engine unusable until it is opened again, or nil. For readiness.
func (e *Engine) Err() error {
	if fault := e.fault.Load(); fault != nil {
		return *fault
	}
	return nil
}

// snapshot begins a read transaction, which must be rolled back.
func (e *Engine) snapshot() (*bolt.Tx, error) {
	if err := e.Err(); err != nil {
		return nil, err
	}
	select {
	case <-e.closed:
		return nil, storage.ErrClosed
	default:
	}
	tx, err := e.db.Begin(false)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return nil, storage.ErrClosed
	}
	if err != nil {
		return nil, fmt.Errorf("%w: beginning a read: %w", storage.ErrUnavailable, err)
	}
	return tx, nil
}
