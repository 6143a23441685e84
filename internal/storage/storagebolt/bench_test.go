package storagebolt_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
)

const benchCallers = 64

var benchValue = make([]byte, 400)

// benchKey scatters the keys of a count over the store, as UIDs do.
func benchKey(n uint64) storage.Key {
	return storage.Key(fmt.Sprintf("namespaces/0123456789abcdef/secrets/%016x", n*0x9e3779b97f4a7c15))
}

func BenchmarkView(b *testing.B) {
	e := benchEngine(b)
	key := benchKey(1)
	if _, err := e.Update(b.Context(), func(txn storage.Txn) error { return txn.Put(key, benchValue) }); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		err := e.View(b.Context(), func(r storage.Reader) error {
			_, err := r.Get(key)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUpdate makes durable updates of three puts from 64 callers. Compare BenchmarkRaw.
func BenchmarkUpdate(b *testing.B) {
	e := benchEngine(b)
	var n atomic.Uint64
	b.SetParallelism(max(1, benchCallers/runtime.GOMAXPROCS(0)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			base := n.Add(3)
			_, err := e.Update(b.Context(), func(txn storage.Txn) error {
				for i := range uint64(3) {
					if err := txn.Put(benchKey(base+i), benchValue); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkRaw makes the same writes in bbolt itself, 64 updates to a transaction.
func BenchmarkRaw(b *testing.B) {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "raw.db"), 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	n := uint64(0)
	bucket := []byte("bucket")
	for i := 0; i < b.N; i += benchCallers {
		var keys []storage.Key
		for range 3 * benchCallers {
			keys = append(keys, benchKey(n))
			n++
		}
		slices.Sort(keys)
		err := db.Update(func(tx *bolt.Tx) error {
			records, err := tx.CreateBucketIfNotExists(bucket)
			for _, key := range keys {
				if err == nil {
					err = records.Put([]byte(key), benchValue)
				}
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen opens a store of as many records of 400 bytes as its name says.
func BenchmarkOpen(b *testing.B) {
	for _, records := range []int{1_000, 100_000} {
		b.Run(strconv.Itoa(records), func(b *testing.B) {
			cfg := storagebolt.Config{Path: filepath.Join(b.TempDir(), "coffer.db"), NoSync: true}
			e, err := storagebolt.Open(b.Context(), cfg)
			if err != nil {
				b.Fatal(err)
			}
			for n := 0; n < records; n += 100 {
				_, err := e.Update(b.Context(), func(txn storage.Txn) error {
					for i := range 100 {
						if err := txn.Put(benchKey(uint64(n+i)), benchValue); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if err := e.Close(); err != nil {
					b.Fatal(err)
				}
				if e, err = storagebolt.Open(b.Context(), cfg); err != nil {
					b.Fatal(err)
				}
			}
			if err := e.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func benchEngine(b *testing.B) *storagebolt.Engine {
	b.Helper()
	e, err := storagebolt.Open(b.Context(), storagebolt.Config{Path: filepath.Join(b.TempDir(), "coffer.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close() })
	return e
}
