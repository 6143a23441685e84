package storagebolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/coffer-dev/coffer/internal/storage"
)

// The file has two buckets, whose names carry the version of their format:
//
//	records   key → checksum (4) ‖ revision (8) ‖ value; the bucket's sequence is the revision of the store
//	changes   last revision of a group (8) → checksum (4) ‖ first revision of the group (8) ‖ events
//
// Numbers are big-endian; a checksum is CRC-32C, seeded differently in each bucket, of the key and of all that
// follows the checksum.
var (
	recordsBucket = []byte("coffer.records.1")
	changesBucket = []byte("coffer.changes.1")
)

const defaultLockTimeout = time.Second

// create makes an empty store at cfg.Path unless there is a file. It is made under another name, so that a crash can
// leave no half-made store, and linked, so that two processes cannot both believe that they made it.
func create(cfg Config) error {
	if _, err := os.Lstat(cfg.Path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	dir := filepath.Dir(cfg.Path)
	temp, err := os.CreateTemp(dir, filepath.Base(cfg.Path)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if err := temp.Close(); err != nil {
		return err
	}
	if err := initialize(cfg, temp.Name()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), cfg.Path); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return syncDir(dir)
}

func initialize(cfg Config, path string) error {
	db, err := bolt.Open(path, 0o600, options(cfg, os.OpenFile))
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucket(recordsBucket)
		if err != nil {
			return err
		}
		_, err = tx.CreateBucket(changesBucket)
		return err
	})
	return errors.Join(err, db.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func options(cfg Config, openFile func(string, int, os.FileMode) (*os.File, error)) *bolt.Options {
	timeout := cfg.LockTimeout
	if timeout == 0 {
		timeout = defaultLockTimeout
	}
	// Measured with 1,000,000 records of 400 bytes under random keys, a file of 956 MB, on two shared cores:
	//   - free pages synced: opened in 25 to 60 ms, nearly all of it tree.go's walk (3,000,000: 0.24 s). NoFreelistSync: in
	//     0.8 to 4 s more, as every page is read, and in a goroutine of bbolt's, where a damaged page could not be
	//     contained. Writes were no faster for it.
	//   - the array of free pages hands out the lowest ones first, so that a group's pages lie together: 1,500 to 3,500
	//     updates/s of 3 puts from 64 callers; the hash map scatters them: 750 to 2,200.
	//   - a larger first mapping would spare the few moments when a doubled one waits for the readers; not worth having.
	return &bolt.Options{
		Timeout:      timeout,
		NoSync:       cfg.NoSync,
		FreelistType: bolt.FreelistArrayType,
		NoStatistics: true,
		OpenFile:     openFile,
	}
}

// open opens the file that is there and proves that it is a whole store.
func open(cfg Config, path string) (_ *bolt.DB, file *os.File, err error) {
	defer func() {
		if err != nil && file != nil {
			file.Close() // after a panic of bbolt nobody else does; its mapping and its lock go with the process
		}
	}()
	openExisting := func(name string, flag int, mode os.FileMode) (*os.File, error) {
		var err error
		if file, err = os.OpenFile(name, flag&^os.O_CREATE, mode); err != nil {
			return nil, err
		}
		info, err := file.Stat()
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() || info.Size() == 0 {
			return nil, fmt.Errorf("%w: an empty file or none at all", storage.ErrCorrupt)
		}
		return file, nil
	}
	defer contain(debug.SetPanicOnFault(true), &err)

	db, err := bolt.Open(path, 0o600, options(cfg, openExisting))
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, file, ErrLocked
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission), errors.Is(err, storage.ErrCorrupt):
		return nil, file, err
	case err != nil:
		return nil, file, fmt.Errorf("%w: %w", storage.ErrCorrupt, err)
	}
	if err := db.View(func(tx *bolt.Tx) error { return verify(tx, file) }); err != nil {
		return nil, file, errors.Join(err, db.Close())
	}
	return db, file, nil
}

// verify finds the damage that must not wait for the first read that stumbles on it.
func verify(tx *bolt.Tx, file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return fmt.Errorf("%w: %d bytes, %d expected", storage.ErrCorrupt, info.Size(), tx.Size())
	}
	if err := verifyTrees(tx, file); err != nil {
		return err
	}
	records, changes := tx.Bucket(recordsBucket), tx.Bucket(changesBucket)
	last, _ := changes.Cursor().Last()
	switch {
	case last == nil && records.Sequence() == 0:
		return nil
	case len(last) != revisionSize || decodeRevision(last) != storage.Revision(records.Sequence()):
		return fmt.Errorf("%w: the change log does not end at the store's revision", storage.ErrCorrupt)
	}
	return nil
}

// contain ends a region that touches the mapped file, begun with
//
//	defer contain(debug.SetPanicOnFault(true), &err)
//
// and turns a panic in it into ErrCorrupt. No code of a caller's may run in the region: its panics are its own.
func contain(faults bool, err *error) {
	debug.SetPanicOnFault(faults)
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", storage.ErrCorrupt, p)
	}
}

// rollback ends a transaction that was not committed.
func rollback(tx *bolt.Tx) (err error) {
	defer contain(debug.SetPanicOnFault(true), &err)
	if err := tx.Rollback(); err != nil && !errors.Is(err, berrors.ErrTxClosed) {
		return err
	}
	return nil
}
