package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
)

// rawStore is bbolt with a group commit and nothing else: the limit of what a durable write can be. It works on a copy
// of a seeded store and writes what AddSecretVersion writes there: records of the same sizes, at the same places.
type rawStore struct {
	db    *bolt.DB
	queue chan *rawWrite
	idle  chan struct{}

	nsUID    string
	uids     []string // of secrets, spread evenly over the stored ones
	versions []int64  // latest of each; owned by the caller that writes to it
	stored   int
	secret   []byte // values of the sizes that Coffer stores
	version  []byte
	payload  []byte
}

// rawWrite is what one caller asks for; a nil value deletes.
type rawWrite struct {
	keys   []string
	values [][]byte
	done   chan error
}

const (
	maxSampled = 200_000
	maxGroup   = 2048
	secretsAt  = "data/secret/"
	versionsAt = "data/version/"
	payloadsAt = "data/payload/"
)

var recordsBucket = []byte("coffer.records.1")

// openRaw opens a copy of a seeded store with the options that Coffer found best for it.
func openRaw(path string, seeded, versions int) (*rawStore, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{FreelistType: bolt.FreelistArrayType, NoStatistics: true, Timeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	r := &rawStore{db: db, queue: make(chan *rawWrite, maxGroup), idle: make(chan struct{}), stored: seeded}
	if err := db.View(func(tx *bolt.Tx) error { return r.sample(tx.Bucket(recordsBucket), seeded/maxSampled+1) }); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	r.versions = slices.Repeat([]int64{int64(versions)}, len(r.uids))
	go r.write()
	return r, nil
}

// sample takes every n-th secret, and the sizes of records.
func (r *rawStore) sample(records *bolt.Bucket, n int) error {
	cursor, seen := records.Cursor(), 0
	for k, v := cursor.Seek([]byte(payloadsAt)); bytes.HasPrefix(k, []byte(payloadsAt)); k, v = cursor.Next() {
		parts := strings.Split(string(k), "/")
		if len(r.uids) > 0 && r.uids[len(r.uids)-1] == parts[3] {
			continue
		}
		if records.Get([]byte(secretsAt+parts[2]+"/"+secretID(0))) == nil {
			continue // not of the namespace that is written to
		}
		if seen++; seen%n != 0 && r.uids != nil {
			continue
		}
		r.nsUID, r.uids = parts[2], append(r.uids, parts[3])
		if len(v) > len(r.payload) {
			r.payload = make([]byte, len(v))
		}
	}
	_, v := cursor.Seek([]byte(versionsAt))
	r.version = make([]byte, len(v))
	r.secret = make([]byte, len(records.Get([]byte(secretsAt+r.nsUID+"/"+secretID(0)))))
	if len(r.payload) == 0 || len(r.version) == 0 || len(r.secret) == 0 {
		return errors.New("a store without secrets")
	}
	return nil
}

func (r *rawStore) close() error {
	close(r.queue)
	<-r.idle
	return r.db.Close()
}

// callers returns callers that write to secrets of their own.
func (r *rawStore) callers(n int) ([]call, func(), error) {
	calls := make([]call, n)
	for i := range calls {
		done := make(chan error, 1)
		calls[i] = func(context.Context) error {
			at := (rand.IntN(len(r.uids))/n*n + i) % len(r.uids)
			w := r.add(at)
			w.done = done
			r.queue <- w
			return <-done
		}
	}
	return calls, func() {}, nil
}

// add is what AddSecretVersion writes: the version, its payload and the secret, and in the steady state the tombstone of
// the oldest version, whose payload goes.
func (r *rawStore) add(at int) *rawWrite {
	r.versions[at]++
	uid, number := r.nsUID+"/"+r.uids[at]+"/", r.versions[at]
	w := &rawWrite{
		keys: []string{
			fmt.Sprintf("%s%s%016x", versionsAt, uid, number), fmt.Sprintf("%s%s%016x", payloadsAt, uid, number),
			secretsAt + r.nsUID + "/" + secretID(rand.IntN(r.stored)),
		},
		values: [][]byte{r.version, r.payload, r.secret},
	}
	if old := number - maxVersions; old > 0 {
		w.keys = append(w.keys, fmt.Sprintf("%s%s%016x", versionsAt, uid, old), fmt.Sprintf("%s%s%016x", payloadsAt, uid, old))
		w.values = append(w.values, r.version, nil)
	}
	return w
}

// write commits what has arrived as one group, again and again, without a timer.
func (r *rawStore) write() {
	defer close(r.idle)
	for first := range r.queue {
		group, yielded := []*rawWrite{first}, false
		for len(group) < maxGroup {
			select {
			case w, ok := <-r.queue:
				if ok {
					group, yielded = append(group, w), false
					continue
				}
			default:
			}
			if yielded {
				break
			}
			yielded = true
			runtime.Gosched()
		}
		err := r.db.Update(func(tx *bolt.Tx) error { return put(tx.Bucket(recordsBucket), group) })
		for _, w := range group {
			w.done <- err
		}
	}
}

// put applies a group in the order of its keys, which bbolt likes best.
func put(records *bolt.Bucket, group []*rawWrite) error {
	type write struct {
		key   string
		value []byte
	}
	var writes []write
	for _, w := range group {
		for i, key := range w.keys {
			writes = append(writes, write{key, w.values[i]})
		}
	}
	slices.SortFunc(writes, func(a, b write) int { return cmp.Compare(a.key, b.key) })
	for _, w := range writes {
		var err error
		if w.value == nil {
			err = records.Delete([]byte(w.key))
		} else {
			err = records.Put([]byte(w.key), w.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fsyncs returns one caller that writes 4 KiB and makes them durable: at the end of a file, as an audit log does, or in
// the middle of one, as bbolt does.
func fsyncs(dir string, appending bool) func(int) ([]call, func(), error) {
	return func(int) ([]call, func(), error) {
		f, err := os.CreateTemp(dir, "fsync-*")
		if err != nil {
			return nil, nil, err
		}
		done := func() {
			f.Close()
			os.Remove(f.Name())
		}
		const pages, page = 256, 4096
		if _, err := f.Write(make([]byte, pages*page)); err != nil {
			done()
			return nil, nil, err
		}
		var n uint64
		buffer := make([]byte, page)
		return []call{func(context.Context) error {
			n++
			binary.LittleEndian.PutUint64(buffer, n)
			var err error
			if appending {
				_, err = f.Write(buffer)
			} else {
				_, err = f.WriteAt(buffer, rand.Int64N(pages)*page)
			}
			if err != nil {
				return err
			}
			return syscall.Fdatasync(int(f.Fd()))
		}}, done, nil
	}
}

// copyStore copies the store of a data dir for rawStore.
func copyStore(dir, to string) (err error) {
	from, err := os.Open(filepath.Join(dir, storeFile))
	if err != nil {
		return err
	}
	defer from.Close()
	f, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.ReadFrom(from)
	return errors.Join(err, f.Sync(), f.Close())
}
