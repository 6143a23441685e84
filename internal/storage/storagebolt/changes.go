package storagebolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"

	"github.com/coffer-dev/coffer/internal/storage"
)

const (
	// compactionSlack is by how many revisions the log outgrows its bound before it is cut, so that not every commit
	// has to touch its far end.
	compactionSlack = 128
	// maxCompaction bounds the entries that one commit removes.
	maxCompaction = 1024
	// maxWatchEvents is about how many events a watch examines in one read transaction.
	maxWatchEvents = 4096
)

// appendChanges logs the events of one group, whose last revision is the store's, and cuts off what is too old.
func appendChanges(tx *bolt.Tx, events []storage.Event, history storage.Revision) error {
	changes := tx.Bucket(changesBucket)
	if changes == nil {
		return fmt.Errorf("%w: no change log", storage.ErrCorrupt)
	}
	changes.FillPercent = 1 // it only grows at its end
	last := events[len(events)-1].Revision
	key := encodeRevision(last)
	if err := changes.Put(key, encodeChanges(key, events)); err != nil {
		return fmt.Errorf("logging changes: %w", err)
	}
	if last < history {
		return nil
	}
	cursor := changes.Cursor()
	oldest, _ := cursor.First()
	if decodeRevision(oldest)+min(compactionSlack, history) > last-history {
		return nil
	}
	for range maxCompaction {
		oldest, _ := cursor.First()
		if decodeRevision(oldest) > last-history {
			break
		}
		if err := cursor.Delete(); err != nil {
			return fmt.Errorf("compacting changes: %w", err)
		}
	}
	return nil
}

// encodeChanges writes, for each event, how far its revision lies after the first one together with a bit that says
// deleted, the length of the key and the key.
func encodeChanges(key []byte, events []storage.Event) []byte {
	first := events[0].Revision
	stored := make([]byte, headerSize, headerSize+64*len(events))
	binary.BigEndian.PutUint64(stored[checksumSize:], uint64(first))
	for _, event := range events {
		step := uint64(event.Revision-first) << 1
		if event.Deleted {
			step |= 1
		}
		stored = binary.AppendUvarint(stored, step)
		stored = binary.AppendUvarint(stored, uint64(len(event.Key)))
		stored = append(stored, event.Key...)
	}
	binary.BigEndian.PutUint32(stored, checksum(changesSeed, string(key), stored))
	return stored
}

// decodeChanges appends to events those of stored that match, and returns how many it has examined.
func decodeChanges(events []storage.Event, stored, prefix []byte, after storage.Revision) ([]storage.Event, int, error) {
	first := decodeRevision(stored[checksumSize:])
	examined := 0
	for rest := stored[headerSize:]; len(rest) > 0; examined++ {
		step, n := binary.Uvarint(rest)
		size, m := binary.Uvarint(rest[max(n, 0):])
		if n <= 0 || m <= 0 || size > uint64(len(rest)-n-m) {
			return nil, 0, fmt.Errorf("%w: cannot read the change log", storage.ErrCorrupt)
		}
		key := rest[n+m:][:size]
		rest = rest[n+m+int(size):]
		event := storage.Event{Revision: first + storage.Revision(step>>1), Deleted: step&1 == 1}
		if event.Revision > after && bytes.HasPrefix(key, prefix) {
			event.Key = storage.Key(key)
			events = append(events, event)
		}
	}
	return events, examined, nil
}

// Watch implements storage.Engine.
func (e *Engine) Watch(ctx context.Context, prefix storage.Key, rev storage.Revision) iter.Seq2[storage.Event, error] {
	return func(yield func(storage.Event, error) bool) {
		if err := storage.CheckPrefix(prefix); err != nil {
			yield(storage.Event{}, err)
			return
		}
		for rev := rev; ctx.Err() == nil; {
			changed := e.nextChange() // before reading, so that no commit slips through between
			events, last, err := e.changesAfter(prefix, rev)
			if err != nil {
				yield(storage.Event{}, err)
				return
			}
			for _, event := range events {
				if ctx.Err() != nil || !yield(event, nil) {
					return
				}
			}
			if last > rev {
				rev = last
				continue
			}
			select {
			case <-changed:
			case <-e.closed:
			case <-ctx.Done():
			}
		}
	}
}

func (e *Engine) nextChange() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.changed
}

// changesAfter returns the next matching events after rev and the revision up to which it has looked, rev if there is
// nothing new.
func (e *Engine) changesAfter(prefix storage.Key, rev storage.Revision) (_ []storage.Event, last storage.Revision, err error) {
	tx, err := e.snapshot()
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = rollback(tx) }() // of a read: nothing is lost
	defer contain(debug.SetPanicOnFault(true), &err)
	changes := tx.Bucket(changesBucket)
	if changes == nil {
		return nil, 0, fmt.Errorf("%w: no change log", storage.ErrCorrupt)
	}
	var events []storage.Event
	cursor := changes.Cursor()
	last = rev
	key, stored := cursor.Seek(encodeRevision(rev + 1))
	for examined := 0; key != nil && examined < maxWatchEvents; key, stored = cursor.Next() {
		if len(key) != revisionSize || !intact(changesSeed, string(key), stored) {
			return nil, 0, fmt.Errorf("%w: wrong checksum in the change log", storage.ErrCorrupt)
		}
		// Groups follow each other without a gap, so that a gap is what compaction has left.
		if decodeRevision(stored[checksumSize:]) > last+1 {
			return nil, 0, storage.ErrCompacted
		}
		var n int
		if events, n, err = decodeChanges(events, stored, []byte(prefix), rev); err != nil {
			return nil, 0, err
		}
		examined += n
		last = decodeRevision(key)
	}
	return events, last, nil
}
