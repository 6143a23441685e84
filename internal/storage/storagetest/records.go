package storagetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/storage"
)

func testEmptyStore(t *testing.T, e storage.Engine) {
	view(t, e, func(r storage.Reader) error {
		if rev := r.Revision(); rev != 0 {
			t.Errorf("Revision() = %d, want 0", rev)
		}
		_, err := r.Get("absent")
		wantError(t, "Get(absent)", err, storage.ErrNotFound)
		records, err := r.Range("", "", 10)
		if len(records) != 0 || err != nil {
			t.Errorf("Range() = %v, %v, want nothing", records, err)
		}
		return nil
	})
}

func testPutGetDelete(t *testing.T, e storage.Engine) {
	if rev := put(t, e, "a", "1"); rev != 1 {
		t.Errorf("first Update() = %d, want 1", rev)
	}
	put(t, e, "b", "")
	put(t, e, "a", "2")
	update(t, e, func(txn storage.Txn) error { return txn.Put("nil", nil) })
	wantContents(t, e, record("a", "2", 3), record("b", "", 2), record("nil", "", 4))
	remove(t, e, "a")
	wantContents(t, e, record("b", "", 2), record("nil", "", 4))
	put(t, e, "a", "3")
	wantContents(t, e, record("a", "3", 6), record("b", "", 2), record("nil", "", 4))
	view(t, e, func(r storage.Reader) error {
		got, err := r.Get("a")
		if err != nil || !equalRecords(got, record("a", "3", 6)) {
			t.Errorf("Get(a) = %v, %v, want value 3 at revision 6", got, err)
		}
		return nil
	})
}

func testRecordRevisions(t *testing.T, e storage.Engine) {
	update(t, e, func(txn storage.Txn) error {
		return errors.Join(txn.Put("a", []byte("1")), txn.Put("b", []byte("1")), txn.Put("c", []byte("1")))
	})
	put(t, e, "b", "1") // an equal value is a write like any other
	remove(t, e, "c")
	wantContents(t, e, record("a", "1", 1), record("b", "1", 2))
	if _, rev := contents(t, e); rev != 3 {
		t.Errorf("Revision() = %d, want 3: deletes count", rev)
	}
	update(t, e, func(txn storage.Txn) error {
		got, err := txn.Get("b")
		if err != nil || !equalRecords(got, record("b", "1", 2)) {
			t.Errorf("Txn.Get(b) = %v, %v, want value 1 at revision 2", got, err)
		}
		return nil
	})
}

func testLastWriteCounts(t *testing.T, e storage.Engine) {
	put(t, e, "kept", "0")
	rev := update(t, e, func(txn storage.Txn) error {
		return errors.Join(
			txn.Put("twice", []byte("1")), txn.Put("twice", []byte("2")),
			txn.Put("gone", []byte("1")), txn.Delete("gone"),
			txn.Delete("kept"), txn.Put("kept", []byte("1")))
	})
	wantContents(t, e, record("kept", "1", rev), record("twice", "2", rev))
	want := []storage.Event{{Key: "kept", Revision: rev}, {Key: "twice", Revision: rev}}
	if diff := cmp.Diff(want, watched(t, e, "", rev-1, 2)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func testOwnWrites(t *testing.T, e storage.Engine) {
	put(t, e, "a", "old")
	update(t, e, func(txn storage.Txn) error {
		if err := txn.Put("a", []byte("new")); err != nil {
			return err
		}
		got, err := txn.Get("a")
		if err != nil || !equalRecords(got, record("a", "new", 0)) {
			t.Errorf("Txn.Get(a) after Put = %v, %v, want value new at revision 0", got, err)
		}
		if err := txn.Delete("a"); err != nil {
			return err
		}
		_, err = txn.Get("a")
		wantError(t, "Txn.Get(a) after Delete", err, storage.ErrNotFound)
		return txn.Put("a", []byte("newest"))
	})
	wantContents(t, e, record("a", "newest", 2))
}

func testFailingFn(t *testing.T, e storage.Engine) {
	put(t, e, "a", "1")
	errFn := errors.New("fn says no")
	_, err := e.Update(t.Context(), func(txn storage.Txn) error {
		return errors.Join(txn.Put("a", []byte("2")), txn.Put("b", []byte("2")), errFn)
	})
	wantError(t, "Update()", err, errFn)
	_, err = e.Update(t.Context(), func(storage.Txn) error { return errFn })
	if err != errFn {
		t.Errorf("Update() = %v, want the error of fn as it is", err)
	}
	if err := e.View(t.Context(), func(storage.Reader) error { return errFn }); err != errFn {
		t.Errorf("View() = %v, want the error of fn as it is", err)
	}
	wantContents(t, e, record("a", "1", 1))
	if rev := put(t, e, "b", "1"); rev != 2 {
		t.Errorf("Update() after a failed one = %d, want 2", rev)
	}
}

func testWithoutWrites(t *testing.T, e storage.Engine) {
	nothing := map[string]func(storage.Txn) error{
		"empty": func(storage.Txn) error { return nil },
		"read": func(txn storage.Txn) error {
			_, err := txn.Get("a")
			if errors.Is(err, storage.ErrNotFound) {
				return nil
			}
			return err
		},
		"delete absent":       func(txn storage.Txn) error { return txn.Delete("absent") },
		"put and delete":      func(txn storage.Txn) error { return errors.Join(txn.Put("b", nil), txn.Delete("b")) },
		"read absent, delete": func(txn storage.Txn) error { _, _ = txn.Get("b"); return txn.Delete("b") },
	}
	for want := range storage.Revision(2) {
		for name, fn := range nothing {
			if rev := update(t, e, fn); rev != want {
				t.Errorf("Update(%s) = %d, want %d", name, rev, want)
			}
		}
		if _, rev := contents(t, e); rev != want {
			t.Errorf("Revision() = %d, want %d", rev, want)
		}
		put(t, e, "a", "1")
	}
}

func testMemoryIsCopied(t *testing.T, e storage.Engine) {
	const value = "a value that is long enough to lie in a page"
	mine := []byte(value)
	spoil := func(b []byte) {
		clear(b)
		_ = append(b, "spoilt"...)
	}
	update(t, e, func(txn storage.Txn) error {
		copy(mine, value)
		if err := txn.Put("a", mine); err != nil {
			return err
		}
		spoil(mine)
		got, err := txn.Get("a")
		spoil(got.Value)
		return err
	})
	var kept []storage.Record
	for range 2 { // what the first round spoils the second would see
		update(t, e, func(txn storage.Txn) error {
			got, err := txn.Get("a")
			if string(got.Value) != value {
				t.Errorf("Txn.Get(a) = %q, want %q", got.Value, value)
			}
			spoil(got.Value)
			return err
		})
		view(t, e, func(r storage.Reader) error {
			got, err := r.Get("a")
			if err != nil {
				return err
			}
			records, err := r.Range("", "", 1)
			if err != nil {
				return err
			}
			for _, record := range append(records, got) {
				if string(record.Value) != value {
					t.Errorf("value read = %q, want %q", record.Value, value)
				}
				spoil(record.Value)
			}
			again, err := r.Get("a")
			kept = append(kept, again)
			return err
		})
	}
	put(t, e, "a", strings.Repeat("x", len(value)))
	for _, record := range kept {
		if string(record.Value) != value {
			t.Errorf("value kept after its transaction = %q, want %q", record.Value, value)
		}
	}
}

func testRange(t *testing.T, e storage.Engine) {
	keys := []storage.Key{"\x00", "a", "a\x00", "a/", "a/1", "a/10", "a/2", "a0", "b", "b\xff", "b\xff\xff", "ä", "\xff", "\xff\xff"}
	for _, i := range []int{7, 3, 11, 0, 13, 5, 1, 9, 2, 12, 4, 10, 6, 8} {
		put(t, e, keys[i], string(keys[i]))
	}
	for _, test := range []struct {
		prefix, after storage.Key
		limit         int
		want          []storage.Key
	}{
		{"", "", 100, keys},
		{"", "", 3, keys[:3]},
		{"", "a/1", 2, keys[5:7]},
		{"", "a/1!", 2, keys[5:7]}, // after need not exist
		{"", "\xff\xff", 100, nil},
		{"a", "", 100, keys[1:8]},
		{"a", "a", 100, keys[2:8]},
		{"a/", "", 100, keys[3:7]},
		{"a/", "a/1", 100, keys[5:7]},
		{"a/", "A", 100, keys[3:7]}, // after lies before the prefix
		{"a/", "b", 100, nil},       // after lies behind it
		{"a/", "a/2", 100, nil},
		{"b\xff", "", 100, keys[9:11]},
		{"\xff", "", 100, keys[12:]},
		{"\xff\xff\xff", "", 100, nil},
		{"c", "", storage.MaxRange, nil},
	} {
		view(t, e, func(r storage.Reader) error {
			records, err := r.Range(test.prefix, test.after, test.limit)
			if err != nil {
				return err
			}
			var got []storage.Key
			for _, record := range records {
				got = append(got, record.Key)
				if string(record.Value) != string(record.Key) || record.Revision == 0 {
					t.Errorf("Range() holds %v, want the key as its value and a revision", record)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Range(%q, %q, %d) (-want +got):\n%s", test.prefix, test.after, test.limit, diff)
			}
			return nil
		})
	}
}

func testEnded(t *testing.T, e storage.Engine) {
	var reader storage.Reader
	view(t, e, func(r storage.Reader) error { reader = r; return nil })
	if _, err := reader.Get("a"); err == nil || errors.Is(err, storage.ErrNotFound) {
		t.Errorf("Get() of an ended View = %v, want an error", err)
	}
	if _, err := reader.Range("", "", 1); err == nil {
		t.Error("Range() of an ended View = nil, want an error")
	}
	var ended storage.Txn
	update(t, e, func(txn storage.Txn) error { ended = txn; return txn.Put("a", nil) })
	for call, err := range map[string]error{"Put": ended.Put("a", nil), "Delete": ended.Delete("a")} {
		if err == nil {
			t.Errorf("%s() of an ended Update = nil, want an error", call)
		}
	}
	if _, err := ended.Get("a"); err == nil || errors.Is(err, storage.ErrNotFound) {
		t.Errorf("Get() of an ended Update = %v, want an error", err)
	}
	wantContents(t, e, record("a", "", 1))
}

// manyKeys returns n keys in order.
func manyKeys(n int) []storage.Key {
	keys := make([]storage.Key, n)
	for i := range keys {
		keys[i] = storage.Key(fmt.Sprintf("key/%06d", i))
	}
	return keys
}
