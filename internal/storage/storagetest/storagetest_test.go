package storagetest_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

func open(t *testing.T) storage.Engine {
	t.Helper()
	e, err := storagebolt.Open(t.Context(), storagebolt.Config{Path: filepath.Join(t.TempDir(), "coffer.db"), NoSync: true})
	if err != nil {
		t.Fatalf("Open() = %v, want nil", err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// TestDifferential_rerun proves that transactions which run again and again come to the same.
func TestDifferential_rerun(t *testing.T) {
	faulty := storagetest.NewFaulty(open(t))
	faulty.Set(storagetest.Faults{Reruns: 2})
	storagetest.Differential(t, open(t), faulty, 7, 300)
}

func TestFaulty(t *testing.T) {
	faulty := storagetest.NewFaulty(open(t))
	errFault := errors.New("fault")
	put := func(value string) (storage.Revision, error) {
		return faulty.Update(t.Context(), func(txn storage.Txn) error { return txn.Put("a", []byte(value)) })
	}
	get := func() (value string, err error) {
		err = faulty.View(t.Context(), func(r storage.Reader) error {
			record, err := r.Get("a")
			if err != nil {
				return err
			}
			records, err := r.Range("", "", 10)
			if err == nil && (len(records) != 1 || string(records[0].Value) != string(record.Value)) {
				t.Errorf("Range() = %v, want what Get returns, %v", records, record)
			}
			value = string(record.Value)
			return err
		})
		return value, err
	}
	want := func(step, wantValue string, wantErr error) {
		t.Helper()
		if value, err := get(); value != wantValue || !errors.Is(err, wantErr) {
			t.Errorf("%s: read %q, %v, want %q, %v", step, value, err, wantValue, wantErr)
		}
	}
	if rev, err := put("1"); rev != 1 || err != nil {
		t.Fatalf("Update() without faults = %d, %v, want 1", rev, err)
	}
	want("no fault", "1", nil)

	faulty.Set(storagetest.Faults{Update: func() error { return errFault }})
	if _, err := put("2"); !errors.Is(err, errFault) {
		t.Errorf("Update() = %v, want %v", err, errFault)
	}
	want("after an update that failed", "1", nil)

	faulty.Set(storagetest.Faults{Committed: func(storage.Revision) error { return errFault }})
	if _, err := put("3"); !errors.Is(err, errFault) {
		t.Errorf("Update() = %v, want %v", err, errFault)
	}
	want("after a commit that nobody heard of", "3", nil)

	faulty.Set(storagetest.Faults{View: func() error { return errFault }})
	want("failing view", "", errFault)
	faulty.Set(storagetest.Faults{Read: func(r storage.Record) (storage.Record, error) {
		r.Value = []byte("forged")
		return r, nil
	}})
	want("forged record", "forged", nil)
	faulty.Set(storagetest.Faults{Read: func(storage.Record) (storage.Record, error) { return storage.Record{}, storage.ErrNotFound }})
	want("hidden record", "", storage.ErrNotFound)

	faulty.Set(storagetest.Faults{Watch: func(storage.Event) error { return storage.ErrCompacted }})
	for event, err := range faulty.Watch(t.Context(), "", 0) {
		if !errors.Is(err, storage.ErrCompacted) {
			t.Errorf("Watch() yields %v, %v, want %v", event, err, storage.ErrCompacted)
		}
	}
}
