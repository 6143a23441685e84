package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/coffer-dev/coffer/internal/kek"
	"github.com/coffer-dev/coffer/internal/kek/filekek"
	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
)

// What is in a data dir, beside kek.json unless the KEK is elsewhere.
const (
	storeFile     = "coffer.db"
	newStoreFile  = "coffer.db.new"
	tokenFile     = "operator.token"
	recoveryFile  = "recovery.token"
	auditDir      = "audit"
	sinkDir       = "sinks"
	lockTimeout   = time.Second
	lockRetryTime = 50 * time.Millisecond
)

// dataDir is a locked data dir with its KEK and its unsealed store.
type dataDir struct {
	path    string
	lock    *os.File
	kek     kek.Provider
	engine  *storagebolt.Engine
	keyring *keyring.Keyring
	store   *sealed.Store
}

// openDataDir opens the data dir, and begins one if it is empty.
//
// A first start makes the KEK, then a whole store under another name with its operator, whose token is written first, and
// only then gives the store its name. So a store that is there is complete and its token was written, and what a crash
// left of a first start is thrown away by the next: nothing that matters was ever encrypted in it.
func openDataDir(ctx context.Context, config Config) (_ *dataDir, err error) {
	if err := makePrivate(config.DataDir); err != nil {
		return nil, err
	}
	d := &dataDir{path: config.DataDir}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.lock, err = lockDir(d.path); err != nil {
		return nil, err
	}
	_, err = os.Lstat(d.file(storeFile))
	first := errors.Is(err, fs.ErrNotExist)
	if err != nil && !first {
		return nil, err
	}
	if err := d.openKEK(config, first); err != nil {
		return nil, err
	}
	if first {
		if err := d.begin(ctx, config); err != nil {
			return nil, fmt.Errorf("first start in %s: %w", d.path, err)
		}
	}
	if err := d.open(ctx, storeFile, config.NoSync); err != nil {
		return nil, err
	}
	switch d.keyring, err = keyring.Open(ctx, keyring.Config{Engine: d.engine, KEK: d.kek}); {
	case errors.Is(err, keyring.ErrKEK):
		return nil, fmt.Errorf("the KEK %s is not the one that %s was sealed with: %w", d.kek.Name(), d.file(storeFile), err)
	case err != nil:
		return nil, err
	}
	d.store = sealed.New(sealed.Config{Engine: d.engine, Keyring: d.keyring})
	return d, nil
}

func (d *dataDir) file(name string) string { return filepath.Join(d.path, name) }

// close closes what is open. It may be called again.
func (d *dataDir) close() error {
	var err error
	if d.engine != nil {
		err = d.engine.Close()
		d.engine = nil
	}
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
		d.lock = nil
	}
	return err
}

func (d *dataDir) open(ctx context.Context, name string, noSync bool) error {
	engine, err := storagebolt.Open(ctx, storagebolt.Config{Path: d.file(name), NoSync: noSync})
	if err != nil {
		return err
	}
	d.engine = engine
	return nil
}

// openKEK opens the KEK, or makes one for a first start.
func (d *dataDir) openKEK(config Config, first bool) error {
	path, err := config.kekPath()
	if err != nil {
		return err
	}
	found, err := filekek.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && first:
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return fmt.Errorf("the folder of the KEK %s must be there before the first start: %w", path, err)
		}
		if found, err = filekek.Create(path); err != nil {
			return err
		}
		config.Logger.Info("KEK created; keep a copy apart from the store: without it no secret can be read again", "path", path)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the KEK %s is missing, and %s cannot be opened without it: put it back", path, d.file(storeFile))
	case err != nil:
		return err
	}
	d.kek = found
	return nil
}

// begin makes the store of a first start.
func (d *dataDir) begin(ctx context.Context, config Config) (err error) {
	if _, err := os.Lstat(d.file(auditDir)); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is an audit log but no %s: put the store back, or start on an empty folder", storeFile)
	}
	if err := os.Remove(d.file(newStoreFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := d.open(ctx, newStoreFile, config.NoSync); err != nil {
		return err
	}
	k, err := keyring.Create(ctx, keyring.Config{Engine: d.engine, KEK: d.kek})
	if err != nil {
		return err
	}
	if err := secrets.Bootstrap(ctx, sealed.New(sealed.Config{Engine: d.engine, Keyring: k}), time.Now(), d.writeFirstToken); err != nil {
		return err
	}
	err = d.engine.Close()
	d.engine = nil
	if err != nil {
		return err
	}
	if err := os.Rename(d.file(newStoreFile), d.file(storeFile)); err != nil {
		return err
	}
	if err := syncDir(d.path); err != nil {
		return err
	}
	config.Logger.Info("first start: the operator's token is in a file; keep it, or replace it by named operators",
		slog.String("path", d.file(tokenFile)))
	return nil
}

// writeFirstToken writes the operator's token. One that is there already is one of a first start that did not finish: it
// is good for no store.
func (d *dataDir) writeFirstToken(token string) error { return d.writeToken(tokenFile, token) }

// writeToken writes a file with a token, whole or not at all.
func (d *dataDir) writeToken(name, token string) error {
	unfinished := d.file(name + ".new")
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(token + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(unfinished, d.file(name)); err != nil {
		return err
	}
	return syncDir(d.path)
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// makePrivate makes the data dir, or checks that nobody else can reach into the one that is there.
func makePrivate(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("making the data dir: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("looking at the data dir: %w", err)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("looking at the data dir: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("the data dir %s is open to others (mode %04o): chmod 700 it", path, info.Mode().Perm())
	}
	if err := os.Chmod(path, 0o700); err != nil { //nolint:gosec // without the bit nobody enters a folder
		return fmt.Errorf("closing the data dir to others: %w", err)
	}
	return nil
}

// lockDir makes sure that no other process works in the data dir until the returned file is closed. A process that was
// killed may take a moment to let go.
func lockDir(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the data dir: %w", err)
	}
	for begin := time.Now(); ; time.Sleep(lockRetryTime) {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return f, nil
		case !errors.Is(err, syscall.EWOULDBLOCK) || time.Since(begin) > lockTimeout:
			_ = f.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, fmt.Errorf("another cofferd is running in %s", path)
			}
			return nil, fmt.Errorf("locking the data dir: %w", err)
		}
	}
}
