package storagetest

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"

	"github.com/coffer-dev/coffer/internal/storage"
)

// Faulty is an engine that breaks on demand. It breaks nothing until told to by Set.
type Faulty struct {
	storage.Engine
	faults atomic.Pointer[Faults]
}

var _ storage.Engine = (*Faulty)(nil)

// Faults says what breaks. A nil function breaks nothing; the functions are called concurrently.
type Faults struct {
	// View is called before a View; its error is returned instead of running fn.
	View func() error
	// Read replaces what Get and Range of a View and Get of an Update find: a record that is altered, swapped or older
	// than it should be. ErrNotFound as its error leaves the record out, any other is returned.
	Read func(storage.Record) (storage.Record, error)
	// Update is called before an Update; its error is returned, and nothing is written.
	Update func() error
	// Reruns is how often fn of an Update runs in vain before it runs for good, as after a conflict.
	Reruns int
	// Committed is called after a commit; its error is returned though everything is written, as by a node that lost
	// its network in between.
	Committed func(storage.Revision) error
	// Watch is called before each event of a watch; its error ends the watch.
	Watch func(storage.Event) error
}

// NewFaulty wraps engine.
func NewFaulty(engine storage.Engine) *Faulty {
	f := &Faulty{Engine: engine}
	f.Set(Faults{})
	return f
}

// Set replaces the faults, for calls that begin after it.
func (f *Faulty) Set(faults Faults) { f.faults.Store(&faults) }

// View implements storage.Engine.
func (f *Faulty) View(ctx context.Context, fn func(storage.Reader) error) error {
	faults := f.faults.Load()
	if faults.View != nil {
		if err := faults.View(); err != nil {
			return err
		}
	}
	return f.Engine.View(ctx, func(r storage.Reader) error { return fn(&faultyReader{r, faults}) })
}

// Update implements storage.Engine.
func (f *Faulty) Update(ctx context.Context, fn func(storage.Txn) error) (storage.Revision, error) {
	faults := f.faults.Load()
	if faults.Update != nil {
		if err := faults.Update(); err != nil {
			return 0, err
		}
	}
	rev, err := f.Engine.Update(ctx, func(txn storage.Txn) error {
		txn = &faultyTxn{txn, faults}
		for range faults.Reruns {
			_ = fn(storage.NewOverlay(txn.Get)) // what it says is forgotten with what it writes
		}
		return fn(txn)
	})
	if err == nil && faults.Committed != nil {
		err = faults.Committed(rev)
	}
	if err != nil {
		return 0, err
	}
	return rev, nil
}

// Watch implements storage.Engine.
func (f *Faulty) Watch(ctx context.Context, prefix storage.Key, rev storage.Revision) iter.Seq2[storage.Event, error] {
	faults := f.faults.Load()
	if faults.Watch == nil {
		return f.Engine.Watch(ctx, prefix, rev)
	}
	return func(yield func(storage.Event, error) bool) {
		for event, err := range f.Engine.Watch(ctx, prefix, rev) {
			if err == nil {
				err = faults.Watch(event)
			}
			if err != nil {
				yield(storage.Event{}, err)
				return
			}
			if !yield(event, nil) {
				return
			}
		}
	}
}

type faultyReader struct {
	storage.Reader
	faults *Faults
}

func (r *faultyReader) Get(key storage.Key) (storage.Record, error) {
	return r.faults.read(r.Reader.Get(key))
}

func (r *faultyReader) Range(prefix, after storage.Key, limit int) ([]storage.Record, error) {
	records, err := r.Reader.Range(prefix, after, limit)
	if err != nil {
		return nil, err
	}
	kept := records[:0]
	for _, record := range records {
		record, err := r.faults.read(record, nil)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		kept = append(kept, record)
	}
	return kept, nil
}

type faultyTxn struct {
	storage.Txn
	faults *Faults
}

func (t *faultyTxn) Get(key storage.Key) (storage.Record, error) {
	return t.faults.read(t.Txn.Get(key))
}

func (f *Faults) read(record storage.Record, err error) (storage.Record, error) {
	if err != nil || f.Read == nil {
		return record, err
	}
	return f.Read(record)
}
