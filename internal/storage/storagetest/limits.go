package storagetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/storage"
)

var (
	longKey   = storage.Key(strings.Repeat("k", storage.MaxKeySize+1))
	longValue = make([]byte, storage.MaxValueSize+1)
)

func testLimits(t *testing.T, e storage.Engine) {
	put(t, e, "a", "1")
	for name, fn := range map[string]func(storage.Txn) error{
		"put empty key":    func(txn storage.Txn) error { return txn.Put("", nil) },
		"put long key":     func(txn storage.Txn) error { return txn.Put(longKey, nil) },
		"put long value":   func(txn storage.Txn) error { return txn.Put("b", longValue) },
		"delete empty key": func(txn storage.Txn) error { return txn.Delete("") },
		"delete long key":  func(txn storage.Txn) error { return txn.Delete(longKey) },
		"get empty key":    func(txn storage.Txn) error { _, err := txn.Get(""); return err },
		"get long key":     func(txn storage.Txn) error { _, err := txn.Get(longKey); return err },
		"too many keys written": func(txn storage.Txn) (err error) {
			for _, key := range manyKeys(storage.MaxTxnOps + 1) {
				err = errors.Join(err, txn.Put(key, nil))
			}
			return err
		},
		"too many keys read or written": func(txn storage.Txn) (err error) {
			for i, key := range manyKeys(storage.MaxTxnOps + 1) {
				if i%2 == 0 {
					err = errors.Join(err, txn.Delete(key))
				} else if _, getErr := txn.Get(key); !errors.Is(getErr, storage.ErrNotFound) {
					err = errors.Join(err, getErr)
				}
			}
			return err
		},
		"too many bytes": func(txn storage.Txn) error {
			return errors.Join(txn.Put("b", longValue[1:]), txn.Put("c", longValue[:storage.MaxTxnSize-storage.MaxValueSize-1]))
		},
	} {
		_, err := e.Update(t.Context(), func(txn storage.Txn) error {
			return errors.Join(txn.Put("a", []byte("2")), fn(txn))
		})
		wantError(t, "Update("+name+")", err, storage.ErrLimit)
	}
	wantContents(t, e, record("a", "1", 1))

	view(t, e, func(r storage.Reader) error {
		for name, call := range map[string]func() error{
			"Get(empty)":          func() error { _, err := r.Get(""); return err },
			"Get(long)":           func() error { _, err := r.Get(longKey); return err },
			"Range(long prefix)":  func() error { _, err := r.Range(longKey, "", 1); return err },
			"Range(long after)":   func() error { _, err := r.Range("", longKey, 1); return err },
			"Range(limit 0)":      func() error { _, err := r.Range("", "", 0); return err },
			"Range(limit -1)":     func() error { _, err := r.Range("", "", -1); return err },
			"Range(limit beyond)": func() error { _, err := r.Range("", "", storage.MaxRange+1); return err },
		} {
			wantError(t, name, call(), storage.ErrLimit)
		}
		return nil
	})
	_, err := collect(t.Context(), e, longKey, 0, 1)
	wantError(t, "Watch(long prefix)", err, storage.ErrLimit)
}

// testLimitErrorSticks proves that half of what fn meant to write is never committed.
func testLimitErrorSticks(t *testing.T, e storage.Engine) {
	_, err := e.Update(t.Context(), func(txn storage.Txn) error {
		_ = txn.Put("a", nil)
		_ = txn.Put("b", longValue)
		wantError(t, "Put() after a refused one", txn.Put("c", nil), storage.ErrLimit)
		return nil
	})
	wantError(t, "Update() that drops an error", err, storage.ErrLimit)
	wantContents(t, e)
}

// testLargestTransaction writes exactly as much as is allowed.
func testLargestTransaction(t *testing.T, e storage.Engine) {
	keys := manyKeys(storage.MaxTxnOps)
	value := make([]byte, storage.MaxTxnSize/storage.MaxTxnOps-len(keys[0]))
	first := make([]byte, len(value)+storage.MaxTxnSize%storage.MaxTxnOps)
	for round := range 2 { // the second one overwrites
		rev := update(t, e, func(txn storage.Txn) error {
			for i, key := range keys {
				if _, err := txn.Get(key); err != nil && !errors.Is(err, storage.ErrNotFound) {
					return err
				}
				written := value
				if i == 0 {
					written = first
				}
				// What is overwritten in the same transaction does not count.
				if err := errors.Join(txn.Put(key, written[:len(written)/2]), txn.Put(key, written)); err != nil {
					return err
				}
			}
			return nil
		})
		if rev != storage.Revision(round+1) {
			t.Errorf("Update() = %d, want %d", rev, round+1)
		}
	}
	longest := longKey[1:]
	rev := update(t, e, func(txn storage.Txn) error { return txn.Put(longest, longValue[1:]) })
	view(t, e, func(r storage.Reader) error {
		got, err := r.Get(longest)
		if err != nil || len(got.Value) != storage.MaxValueSize || got.Revision != rev {
			t.Errorf("Get(longest key) = %d bytes at %d, %v, want %d at %d", len(got.Value), got.Revision, err, storage.MaxValueSize, rev)
		}
		records, err := r.Range("key/", "", storage.MaxRange)
		if len(records) != len(keys) {
			t.Errorf("Range() = %d records, want %d", len(records), len(keys))
		}
		return err
	})
}
