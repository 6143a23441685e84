package storagebolt

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"

	bolt "go.etcd.io/bbolt"

	"github.com/coffer-dev/coffer/internal/storage"
)

// Bounds of a group: it must not grow for ever while updates keep arriving, nor be held in memory at any size.
const (
	maxGroupMembers = 2048
	maxGroupSize    = 32 << 20 // bytes of values written
)

// member is one Update on its way through a group.
type member struct {
	ctx      context.Context // the caller's: it gives up this member and nothing else
	fn       func(storage.Txn) error
	taken    atomic.Bool // by the writer, or by the caller that stopped waiting
	done     chan struct{}
	revision storage.Revision
	err      error
	panicked any
}

// Update implements storage.Engine. The updates that arrive while a group is being committed are the next group.
func (e *Engine) Update(ctx context.Context, fn func(storage.Txn) error) (storage.Revision, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m := &member{ctx: ctx, fn: fn, done: make(chan struct{}), err: errAborted}
	e.mu.Lock()
	if e.closing {
		e.mu.Unlock()
		return 0, storage.ErrClosed
	}
	e.queue = append(e.queue, m)
	e.queued.Signal()
	e.mu.Unlock()

	select {
	case <-m.done:
	case <-ctx.Done():
		if m.taken.CompareAndSwap(false, true) {
			return 0, ctx.Err()
		}
		<-m.done // the writer has begun: only the commit tells what comes of it
	}
	if m.panicked != nil {
		panic(m.panicked)
	}
	if m.err != nil {
		return 0, m.err
	}
	return m.revision, nil
}

// write is the one goroutine that writes to the file.
func (e *Engine) write() {
	ended := false
	defer func() {
		if ended {
			close(e.idle)
			return
		}
		go e.write() // a member's fn ended this goroutine by runtime.Goexit
	}()
	for e.await() {
		e.commitGroup()
	}
	ended = true
}

// await returns true once an update waits, false when the engine is closing and none does.
func (e *Engine) await() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.queue) == 0 && !e.closing {
		e.queued.Wait()
	}
	return len(e.queue) > 0
}

// next takes the oldest waiting update, nil if none waits.
func (e *Engine) next() *member {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.queue) > 0 {
		m := e.queue[0]
		e.queue[0] = nil
		e.queue = e.queue[1:]
		if m.taken.CompareAndSwap(false, true) {
			return m
		}
	}
	return nil
}

// commitGroup runs the waiting updates, one after the other, over one transaction, commits it, and then answers them all.
func (e *Engine) commitGroup() {
	g := &group{pending: make(map[storage.Key]pending)}
	defer g.answer()
	g.err = errAborted // unless all of them return
	err := g.begin(e)
	defer func() { e.abandon(g) }()

	yielded := false
	for len(g.members) < maxGroupMembers && g.size < maxGroupSize {
		m := e.next()
		if m == nil && yielded {
			break
		}
		// Those whom the last group answered are about to come again: let them run, or they would form groups of a few
		// and of the many by turns.
		if yielded = m == nil; yielded {
			runtime.Gosched()
			continue
		}
		g.members = append(g.members, m)
		if err == nil {
			g.run(m)
		}
	}
	if err == nil {
		err = g.commit(e.history)
	}
	if err != nil {
		err = e.settle(g, err)
	}
	g.err = err
	if err == nil && len(g.events) > 0 {
		e.announce()
	}
}

// settle decides what a failed commit means: nothing was written, or nobody knows.
func (e *Engine) settle(g *group, err error) error {
	if errors.Is(err, storage.ErrCorrupt) {
		e.fault.CompareAndSwap(nil, &err)
		return err
	}
	err = fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
	// bbolt shows what its last flush could not make durable. Nobody may build on that.
	visible := g.before + 1
	viewErr := e.View(context.Background(), func(r storage.Reader) error { //nolint:forbidigo // a group is committed for many callers
		visible = r.Revision()
		return nil
	})
	if viewErr != nil || visible != g.before {
		e.fault.CompareAndSwap(nil, &err)
	}
	return err
}

// abandon ends the group's transaction if it was not committed.
func (e *Engine) abandon(g *group) {
	if g.tx != nil && rollback(g.tx) != nil {
		e.stuck = true
	}
}

// announce wakes the watches.
func (e *Engine) announce() {
	e.mu.Lock()
	defer e.mu.Unlock()
	close(e.changed)
	e.changed = make(chan struct{})
}

// group is a number of updates in one bbolt transaction. Until it is committed its writes are kept beside that
// transaction, not in it: a later member sees them, and they are applied once, in key order, which bbolt likes best.
type group struct {
	tx       *bolt.Tx
	records  *reader
	before   storage.Revision // that of the store
	revision storage.Revision // that of the last member that wrote
	pending  map[storage.Key]pending
	events   []storage.Event
	size     int
	members  []*member
	err      error // of all members
}

// pending is a record to be, or the absence of one.
type pending struct {
	record  storage.Record
	deleted bool
}

func (g *group) begin(e *Engine) error {
	if err := e.Err(); err != nil {
		return err
	}
	tx, err := e.db.Begin(true)
	if err != nil {
		return fmt.Errorf("%w: beginning a transaction: %w", storage.ErrUnavailable, err)
	}
	g.tx = tx
	if g.records, err = newReader(tx); err != nil {
		return err
	}
	g.before = g.records.Revision()
	g.revision = g.before
	return nil
}

// get reads what the members before left.
func (g *group) get(key storage.Key) (storage.Record, error) {
	p, ok := g.pending[key]
	if !ok {
		return g.records.Get(key)
	}
	if p.deleted {
		return storage.Record{}, storage.ErrNotFound
	}
	record := p.record
	record.Value = append([]byte{}, record.Value...)
	return record, nil
}

// run runs one member and, if it succeeds, adds its writes to the group's.
func (g *group) run(m *member) {
	if m.err = m.ctx.Err(); m.err != nil {
		return
	}
	m.err = errAborted
	overlay := storage.NewOverlay(g.get)
	if m.err = m.call(overlay); m.err != nil {
		return
	}
	if m.err = m.ctx.Err(); m.err != nil {
		return
	}
	var writes []storage.Write
	if writes, m.err = g.effective(overlay); m.err != nil {
		return
	}
	if len(writes) > 0 {
		g.revision++
	}
	m.revision = g.revision
	for _, w := range writes {
		g.size += len(w.Key) + len(w.Value)
		g.events = append(g.events, storage.Event{Key: w.Key, Revision: g.revision, Deleted: w.Deleted})
		g.pending[w.Key] = pending{
			record:  storage.Record{Key: w.Key, Value: w.Value, Revision: g.revision},
			deleted: w.Deleted,
		}
	}
}

// call runs fn. A panic is kept for the caller, whose it is.
func (m *member) call(txn storage.Txn) (err error) {
	returned := false
	defer func() {
		if !returned {
			m.panicked = recover()
			err = errAborted
		}
	}()
	err = m.fn(txn)
	returned = true
	return err
}

// effective returns the writes of an overlay without the deletes of what is not there.
func (g *group) effective(overlay *storage.Overlay) ([]storage.Write, error) {
	writes, err := overlay.Writes()
	if err != nil {
		return nil, err
	}
	kept := writes[:0]
	for _, w := range writes {
		if w.Deleted {
			_, err := g.get(w.Key)
			if errors.Is(err, storage.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		kept = append(kept, w)
	}
	return kept, nil
}

// commit applies the group's writes to its transaction, with one entry for the change log, and makes them durable.
func (g *group) commit(history storage.Revision) (err error) {
	if len(g.events) == 0 {
		return nil
	}
	defer contain(debug.SetPanicOnFault(true), &err)
	records := g.records.records
	for _, key := range slices.Sorted(maps.Keys(g.pending)) {
		p := g.pending[key]
		if p.deleted {
			err = records.Delete([]byte(key))
		} else {
			err = records.Put([]byte(key), encodeRecord(p.record))
		}
		if err != nil {
			return fmt.Errorf("applying a write: %w", err)
		}
	}
	if err := records.SetSequence(uint64(g.revision)); err != nil {
		return fmt.Errorf("moving the revision: %w", err)
	}
	if err := appendChanges(g.tx, g.events, history); err != nil {
		return err
	}
	if err := g.tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

func (g *group) answer() {
	for _, m := range g.members {
		if g.err != nil {
			m.err = g.err
		}
		close(m.done)
	}
}
