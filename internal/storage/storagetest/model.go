package storagetest

import (
	"bytes"
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/coffer-dev/coffer/internal/storage"
)

// model is the contract in its plainest form: a map, a list of events and a lock. It shares nothing with the engines, not
// even storage.Overlay, keeps every event, and its watches end with what has happened so far.
type model struct {
	mu       sync.Mutex
	records  map[storage.Key]storage.Record
	events   []storage.Event
	revision storage.Revision
}

var _ storage.Engine = (*model)(nil)

func newModel() *model { return &model{records: make(map[storage.Key]storage.Record)} }

func (m *model) View(ctx context.Context, fn func(storage.Reader) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	return fn(m)
}

func (m *model) Update(ctx context.Context, fn func(storage.Txn) error) (storage.Revision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	txn := &modelTxn{records: maps.Clone(m.records), touched: map[storage.Key]bool{}, sizes: map[storage.Key]int{}}
	if err := fn(txn); err != nil {
		return 0, err
	}
	if txn.err != nil {
		return 0, txn.err
	}
	var events []storage.Event
	for key := range txn.sizes {
		_, before := m.records[key]
		record, after := txn.records[key]
		if !before && !after {
			continue
		}
		events = append(events, storage.Event{Key: key, Revision: m.revision + 1, Deleted: !after})
		if after {
			record.Revision = m.revision + 1
			txn.records[key] = record
		}
	}
	if len(events) > 0 {
		m.revision++
	}
	slices.SortFunc(events, func(a, b storage.Event) int { return strings.Compare(string(a.Key), string(b.Key)) })
	m.events = append(m.events, events...)
	m.records = txn.records
	return m.revision, nil
}

func (m *model) Watch(ctx context.Context, prefix storage.Key, rev storage.Revision) iter.Seq2[storage.Event, error] {
	return func(yield func(storage.Event, error) bool) {
		m.mu.Lock()
		events := slices.Clone(m.events)
		m.mu.Unlock()
		for _, event := range events {
			if event.Revision <= rev || !strings.HasPrefix(string(event.Key), string(prefix)) {
				continue
			}
			if ctx.Err() != nil || !yield(event, nil) {
				return
			}
		}
	}
}

func (m *model) Close() error { return nil }

func (m *model) Revision() storage.Revision { return m.revision }

func (m *model) Get(key storage.Key) (storage.Record, error) {
	if len(key) < 1 || len(key) > storage.MaxKeySize {
		return storage.Record{}, storage.ErrLimit
	}
	record, ok := m.records[key]
	if !ok {
		return storage.Record{}, storage.ErrNotFound
	}
	record.Value = bytes.Clone(record.Value)
	return record, nil
}

func (m *model) Range(prefix, after storage.Key, limit int) ([]storage.Record, error) {
	if limit < 1 || limit > storage.MaxRange || len(prefix) > storage.MaxKeySize || len(after) > storage.MaxKeySize {
		return nil, storage.ErrLimit
	}
	var records []storage.Record
	for _, key := range slices.Sorted(maps.Keys(m.records)) {
		if strings.HasPrefix(string(key), string(prefix)) && key > after && len(records) < limit {
			records = append(records, m.records[key])
		}
	}
	return records, nil
}

// modelTxn writes into a copy of all records.
type modelTxn struct {
	records map[storage.Key]storage.Record
	touched map[storage.Key]bool
	sizes   map[storage.Key]int // of the keys written
	err     error
}

var _ storage.Txn = (*modelTxn)(nil)

func (t *modelTxn) Get(key storage.Key) (storage.Record, error) {
	if t.check(key, 0); t.err != nil {
		return storage.Record{}, t.err
	}
	record, ok := t.records[key]
	if !ok {
		return storage.Record{}, storage.ErrNotFound
	}
	record.Value = bytes.Clone(record.Value)
	return record, nil
}

func (t *modelTxn) Put(key storage.Key, value []byte) error {
	return t.write(key, value, func() { t.records[key] = storage.Record{Key: key, Value: bytes.Clone(value)} })
}

func (t *modelTxn) Delete(key storage.Key) error {
	return t.write(key, nil, func() { delete(t.records, key) })
}

func (t *modelTxn) write(key storage.Key, value []byte, apply func()) error {
	if t.check(key, len(value)); t.err != nil {
		return t.err
	}
	t.sizes[key] = len(key) + len(value)
	sum := 0
	for _, size := range t.sizes {
		sum += size
	}
	if sum > storage.MaxTxnSize {
		t.err = storage.ErrLimit
		return t.err
	}
	apply()
	return nil
}

func (t *modelTxn) check(key storage.Key, size int) {
	if len(key) < 1 || len(key) > storage.MaxKeySize || size > storage.MaxValueSize {
		t.err = storage.ErrLimit
	}
	if t.err == nil {
		t.touched[key] = true
	}
	if len(t.touched) > storage.MaxTxnOps {
		t.err = storage.ErrLimit
	}
}
