// Package storage is the contract between Coffer and the key-value engine below it.
//
// An engine is durable, ordered and transactional, and it is trusted with nothing else: keys carry names, values are
// ciphertext bound to their key, so a record that the engine alters, swaps or moves is detected above. A record that it
// deletes, or replaces by an older one of the same key, is not; SECURITY.md says so.
//
// The interface offers only what both bbolt and etcd can honour exactly. An optimistic etcd transaction cannot promise
// phantom-free ranges, so a Txn has none: indexes are explicit keys written in the same transaction.
package storage

import (
	"context"
	"errors"
	"iter"
)

var (
	// ErrNotFound: the key does not exist at this revision.
	ErrNotFound = errors.New("storage: key not found")
	// ErrLimit: a key, value, range or transaction is empty or larger than its limit. Nothing was written.
	ErrLimit = errors.New("storage: limit exceeded")
	// ErrCompacted: the changes asked for are no longer kept. Read everything again, then watch from that revision.
	ErrCompacted = errors.New("storage: revision compacted")
	// ErrClosed: the engine is closed or closing.
	ErrClosed = errors.New("storage: engine closed")
	// ErrUnavailable: the engine cannot commit (disk full, I/O error, no quorum). Whether the write is durable is
	// unknown to the caller: it may show up after a restart, whole or not at all.
	ErrUnavailable = errors.New("storage: engine unavailable")
	// ErrCorrupt: what the engine finds on disk is not a store of its own, or a damaged one.
	ErrCorrupt = errors.New("storage: store is damaged")
)

// Key names a record: non-empty bytes, at most MaxKeySize, ordered bytewise. A string so that it can key a map.
type Key string

// Revision counts committed transactions of a store, from 1. The revision of a record is that of the transaction which
// last wrote it. An empty store is at revision 0.
type Revision uint64

// Record is a key with its value and the revision that wrote it. The value is the caller's to keep and to change.
type Record struct {
	Key      Key
	Value    []byte
	Revision Revision
}

// Event tells that a committed transaction wrote or deleted a key. It carries no value: whoever needs it reads it.
type Event struct {
	Key      Key
	Revision Revision
	Deleted  bool
}

// Engine is durable, ordered, transactional key-value storage. All methods are safe for concurrent use, but not from
// inside the fn of a View or Update: an engine may then wait for itself.
type Engine interface {
	// View runs fn on one consistent snapshot that includes every transaction acknowledged before the call.
	// The Reader is valid only inside fn.
	View(ctx context.Context, fn func(Reader) error) error
	// Update runs fn and commits what it wrote: all or nothing, durable before it returns. An error of fn is returned
	// as it is and writes nothing. fn may run several times, on another goroutine, and must have no effect besides its
	// Txn; conflicts are retried until ctx ends. A context that ends before the commit begins writes nothing. A panic of
	// fn reaches the caller. A transaction that writes nothing returns the revision it read.
	Update(ctx context.Context, fn func(Txn) error) (Revision, error)
	// Watch yields every change of a key with the prefix after rev, in order of revision and then of key, until ctx ends
	// (the sequence then ends without an error) or something fails: ErrCompacted, ErrClosed. It waits for changes to come.
	// Between two events of one revision a reader may already see both, and later ones.
	Watch(ctx context.Context, prefix Key, rev Revision) iter.Seq2[Event, error]
	// Close waits for running transactions, ends watches with ErrClosed, and refuses everything after.
	Close() error
}

// Reader reads one snapshot. It is for one goroutine.
type Reader interface {
	// Revision is that of the snapshot.
	Revision() Revision
	// Get returns the record at key or ErrNotFound.
	Get(key Key) (Record, error)
	// Range returns up to limit records whose keys have the prefix and sort after the key after, in key order.
	// An empty after starts at the first. limit must be 1 to MaxRange.
	Range(prefix, after Key, limit int) ([]Record, error)
}

// Txn reads and writes within one transaction. It sees its own writes; the revision of a record that it wrote itself
// is 0 until committed. Only the last write of a key counts. An error of a Txn, ErrNotFound aside, fails the transaction
// even when fn drops it. It is for one goroutine.
type Txn interface {
	Get(key Key) (Record, error)
	Put(key Key, value []byte) error
	Delete(key Key) error // deleting an absent key is no error and no change
}
