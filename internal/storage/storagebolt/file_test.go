package storagebolt_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
)

const pageSize = 4096

func TestOpen_keepsWhatWasAcknowledged(t *testing.T) {
	cfg := storagebolt.Config{Path: filepath.Join(t.TempDir(), "coffer.db")}
	want := map[storage.Key]string{}
	for round := range 5 {
		e := open(t, cfg)
		for i := range 20 {
			key, value := storage.Key(fmt.Sprintf("key/%d", i)), fmt.Sprintf("%d/%d", round, i)
			put(t, e, key, []byte(value))
			want[key] = value
		}
		closeEngine(t, e)
	}
	e := open(t, cfg)
	err := e.View(t.Context(), func(r storage.Reader) error {
		if r.Revision() != 100 {
			t.Errorf("Revision() = %d, want 100", r.Revision())
		}
		for key, value := range want {
			if got, err := r.Get(key); err != nil || string(got.Value) != value {
				t.Errorf("Get(%s) = %q, %v, want %q", key, got.Value, err, value)
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("View() = %v, want nil", err)
	}
	n := 0
	for event, err := range e.Watch(t.Context(), "", 0) {
		if n++; err != nil || event.Revision != storage.Revision(n) {
			t.Fatalf("Watch(0) yields %v, %v, want revision %d", event, err, n)
		}
		if n == 100 {
			break
		}
	}
}

func TestOpen_fileIsPrivate(t *testing.T) {
	dir := t.TempDir()
	cfg := storagebolt.Config{Path: filepath.Join(dir, "coffer.db")}
	open(t, cfg)
	info, err := os.Stat(cfg.Path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("Stat() = %v, %v, want mode 0600", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("ReadDir() = %v, want the store alone", entries)
	}
}

func TestOpen_lockedByAnother(t *testing.T) {
	cfg := storagebolt.Config{Path: filepath.Join(t.TempDir(), "coffer.db"), LockTimeout: 1}
	e := open(t, cfg)
	if _, err := storagebolt.Open(t.Context(), cfg); !errors.Is(err, storagebolt.ErrLocked) {
		t.Errorf("Open() of an open store = %v, want %v", err, storagebolt.ErrLocked)
	}
	put(t, e, "a", nil)
	closeEngine(t, e)
	closeEngine(t, open(t, cfg))
}

func TestOpen_refusesWhatIsNoStore(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign.db")
	db, err := bolt.Open(foreign, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 1))
	noise := make([]byte, 10*pageSize)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	whole := store(t)
	for name, content := range map[string][]byte{
		"empty":           nil,
		"one byte":        {0},
		"text":            []byte(strings.Repeat("not a store\n", 2000)),
		"zeros":           make([]byte, 8*pageSize),
		"noise":           noise,
		"short noise":     noise[:100],
		"header of ours":  append(whole[:2*pageSize:2*pageSize], noise...),
		"foreign bbolt":   read(t, foreign),
		"half of a store": whole[:len(whole)/2],
	} {
		path := filepath.Join(dir, "store")
		write(t, path, content)
		e, err := storagebolt.Open(t.Context(), storagebolt.Config{Path: path, LockTimeout: 1})
		if !errors.Is(err, storage.ErrCorrupt) {
			t.Errorf("Open(%s) = %v, %v, want %v", name, e, err, storage.ErrCorrupt)
		}
		if !bytes.Equal(read(t, path), content) {
			t.Errorf("Open(%s) has changed the file", name)
		}
	}
	if _, err := storagebolt.Open(t.Context(), storagebolt.Config{Path: dir}); err == nil {
		t.Error("Open(a directory) = nil, want an error")
	}
	if _, err := storagebolt.Open(t.Context(), storagebolt.Config{Path: filepath.Join(dir, "none", "store")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open(in no directory) = %v, want %v", err, os.ErrNotExist)
	}
}

func TestOpen_truncated(t *testing.T) {
	whole := store(t)
	path := filepath.Join(t.TempDir(), "store")
	for size := len(whole) - 1; size >= 0; size -= 1371 {
		write(t, path, whole[:size])
		e, err := storagebolt.Open(t.Context(), storagebolt.Config{Path: path, NoSync: true})
		if err == nil {
			// What is missing lies behind the last page in use, where bbolt grows in advance.
			err = e.View(t.Context(), checkRecords)
			closeEngine(t, e)
		} else if errors.Is(err, storage.ErrCorrupt) {
			err = nil
		}
		if err != nil {
			t.Errorf("store of %d bytes cut to %d: %v, want all records or %v", len(whole), size, err, storage.ErrCorrupt)
		}
	}
}

// TestDamage flips single bits, at random and all over the pages' headers. No answer may be wrong, though a record may
// hide behind damage in a branch page, and nothing may panic or hang.
func TestDamage(t *testing.T) {
	whole := store(t)
	path := filepath.Join(t.TempDir(), "store")
	const seed = 1
	random := rand.New(rand.NewPCG(seed, 0))
	var flips []int
	for page := range 40 {
		for bit := 0; bit < 48*8; bit += 1 + random.IntN(40) {
			flips = append(flips, page*pageSize*8+bit)
		}
	}
	for range 300 {
		flips = append(flips, random.IntN(60*pageSize*8))
	}
	refused, found := 0, 0
	for _, flip := range flips {
		if flip >= len(whole)*8 {
			continue
		}
		damaged := bytes.Clone(whole)
		damaged[flip/8] ^= 1 << (flip % 8)
		write(t, path, damaged)
		e, err := storagebolt.Open(t.Context(), storagebolt.Config{Path: path, NoSync: true})
		if err != nil {
			refused++
			if !errors.Is(err, storage.ErrCorrupt) {
				t.Errorf("Open() with bit %d flipped = %v, want %v", flip, err, storage.ErrCorrupt)
			}
			continue
		}
		if useDamaged(t, e, flip) {
			found++
		}
		closeEngine(t, e)
	}
	t.Logf("%d bits flipped: %d found by Open, %d later", len(flips), refused, found)
	if refused == 0 || found == 0 {
		t.Error("no damage was found")
	}
}

// useDamaged makes every call and reports whether one found the damage.
func useDamaged(t *testing.T, e *storagebolt.Engine, flip int) (found bool) {
	t.Helper()
	check := func(call string, err error, allowed ...error) {
		found = found || errors.Is(err, storage.ErrCorrupt)
		for _, allowed := range append(allowed, nil, storage.ErrCorrupt) {
			if errors.Is(err, allowed) {
				return
			}
		}
		t.Errorf("%s with bit %d flipped = %v, want nil or %v", call, flip, err, storage.ErrCorrupt)
	}
	check("View(Range)", e.View(t.Context(), func(r storage.Reader) error {
		records, err := r.Range("", "", storage.MaxRange)
		for _, record := range records {
			checkValue(t, record)
		}
		return err
	}))
	for i := range storedRecords {
		key := storedKey(i)
		check("View(Get)", e.View(t.Context(), func(r storage.Reader) error {
			record, err := r.Get(key)
			if err == nil {
				checkValue(t, record)
			}
			return err
		}), storage.ErrNotFound)
	}
	for _, err := range e.Watch(t.Context(), "", 0) {
		if check("Watch()", err, storage.ErrCompacted); err != nil {
			break
		}
		break
	}
	for i := 0; i < storedRecords; i += 50 {
		_, err := e.Update(t.Context(), func(txn storage.Txn) error {
			return errors.Join(txn.Put(storedKey(i)+"+", storedValue(storedKey(i)+"+")), txn.Delete(storedKey(i+1)))
		})
		check("Update()", err, storage.ErrUnavailable)
	}
	return found
}

const storedRecords = 300

func storedKey(i int) storage.Key {
	return storage.Key(fmt.Sprintf("namespaces/0123456789/secrets/%05d", i))
}

func storedValue(key storage.Key) []byte { return bytes.Repeat([]byte(key[20:]), 10) }

func checkValue(t *testing.T, record storage.Record) {
	t.Helper()
	if len(record.Key) < 20 || !bytes.Equal(record.Value, storedValue(record.Key)) {
		t.Errorf("record %q = %q, not what was stored", record.Key, record.Value)
	}
}

func checkRecords(r storage.Reader) error {
	for i := range storedRecords {
		record, err := r.Get(storedKey(i))
		if err != nil {
			return err
		}
		if !bytes.Equal(record.Value, storedValue(record.Key)) {
			return fmt.Errorf("record %s is not what was stored", record.Key)
		}
	}
	return nil
}

// store returns the file of a closed store whose records are those of storedKey, without what bbolt grew in advance.
func store(t *testing.T) []byte {
	t.Helper()
	cfg := storagebolt.Config{Path: filepath.Join(t.TempDir(), "coffer.db"), NoSync: true}
	e := open(t, cfg)
	for i := range storedRecords {
		put(t, e, storedKey((i*7)%storedRecords), storedValue(storedKey((i*7)%storedRecords)))
	}
	closeEngine(t, e)
	return read(t, cfg.Path)
}

func put(t *testing.T, e *storagebolt.Engine, key storage.Key, value []byte) {
	t.Helper()
	if _, err := e.Update(t.Context(), func(txn storage.Txn) error { return txn.Put(key, value) }); err != nil {
		t.Fatalf("Update(Put(%s)) = %v, want nil", key, err)
	}
}

func closeEngine(t *testing.T, e *storagebolt.Engine) {
	t.Helper()
	if err := e.Close(); err != nil {
		t.Errorf("Close() = %v, want nil", err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	// A new file: a damaged one may stay mapped, and locked, until the process ends.
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
