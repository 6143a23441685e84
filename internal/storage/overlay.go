package storage

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Overlay is the Txn of every engine. It buffers writes over what the engine reads, so that a transaction that fails or is
// given up leaves nothing behind, and it is the one place where the limits of a transaction are enforced.
type Overlay struct {
	read    func(Key) (Record, error)
	touched map[Key]*Write // nil for a key that was only read
	size    int
	err     error // the first that happened; it fails everything after
}

var _ Txn = (*Overlay)(nil)

// Write is the last thing that a transaction did to a key. Its value belongs to the engine.
type Write struct {
	Key     Key
	Value   []byte
	Deleted bool
}

// NewOverlay returns an empty transaction over read, which answers ErrNotFound for an absent key and whose records'
// values are given to fn as they are.
func NewOverlay(read func(Key) (Record, error)) *Overlay {
	return &Overlay{read: read, touched: make(map[Key]*Write)}
}

// Get implements Txn.
func (o *Overlay) Get(key Key) (Record, error) {
	w, err := o.touch(key)
	switch {
	case err != nil:
		return Record{}, err
	case w != nil && w.Deleted:
		return Record{}, ErrNotFound
	case w != nil:
		return Record{Key: key, Value: bytes.Clone(w.Value)}, nil
	}
	record, err := o.read(key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		o.err = err
	}
	return record, err
}

// Put implements Txn.
func (o *Overlay) Put(key Key, value []byte) error {
	if err := CheckValue(value); err != nil && o.err == nil {
		o.err = err
	}
	return o.write(&Write{Key: key, Value: append([]byte{}, value...)})
}

// Delete implements Txn.
func (o *Overlay) Delete(key Key) error {
	return o.write(&Write{Key: key, Deleted: true})
}

// Writes ends the transaction and returns what it wrote, in key order, or the error that fails it.
func (o *Overlay) Writes() ([]Write, error) {
	if o.err != nil {
		return nil, o.err
	}
	o.err = fmt.Errorf("%w: transaction used after its end", ErrClosed)
	writes := make([]Write, 0, len(o.touched))
	for _, w := range o.touched {
		if w != nil {
			writes = append(writes, *w)
		}
	}
	slices.SortFunc(writes, func(a, b Write) int { return strings.Compare(string(a.Key), string(b.Key)) })
	return writes, nil
}

func (o *Overlay) write(w *Write) error {
	before, err := o.touch(w.Key)
	if err != nil {
		return err
	}
	if before != nil {
		o.size -= len(before.Key) + len(before.Value)
	}
	o.size += len(w.Key) + len(w.Value)
	if o.size > MaxTxnSize {
		o.err = fmt.Errorf("%w: transaction of more than %d bytes", ErrLimit, MaxTxnSize)
		return o.err
	}
	o.touched[w.Key] = w
	return nil
}

// touch counts key among those of the transaction and returns what was written to it.
func (o *Overlay) touch(key Key) (*Write, error) {
	if o.err != nil {
		return nil, o.err
	}
	w, ok := o.touched[key]
	if ok {
		return w, nil
	}
	if o.err = CheckKey(key); o.err != nil {
		return nil, o.err
	}
	if len(o.touched) == MaxTxnOps {
		o.err = fmt.Errorf("%w: transaction of more than %d keys", ErrLimit, MaxTxnOps)
		return nil, o.err
	}
	o.touched[key] = nil
	return w, nil
}
