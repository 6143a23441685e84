package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/zalando/go-keyring"
)

// Values of --store.
const (
	storeAuto    = "auto"
	storeFile    = "file"
	storeKeyring = "keyring"
)

const (
	// keyringService is how the keyring calls us. The user of an entry is the address of the server.
	keyringService = "coffer"
	// keyringTimeout is how long a keyring may wait for its owner to unlock it.
	keyringTimeout = time.Minute
)

// saveLogin keeps a login in place of the one before, and tells where the credential is.
func (a *app) saveLogin(ctx context.Context, s settings, store string) (string, error) {
	unlock, err := lockLogin()
	if err != nil {
		return "", err
	}
	defer unlock()
	before, err := loadLogin()
	if err != nil {
		before = settings{} // damaged or open to others: what replaces it is neither
	}
	kept := s
	if store != storeFile {
		err := keep(ctx, s.Address, s.credential)
		switch {
		case err == nil:
			kept.Keyring, kept.credential = true, credential{}
		case store == storeKeyring || ctx.Err() != nil:
			return "", err
		default:
			a.note("the keyring cannot be used: %v", err)
		}
	}
	path, err := writeLogin(kept)
	if err != nil {
		return "", err
	}
	if before.Keyring && (!kept.Keyring || before.Address != kept.Address) {
		if err := forget(ctx, before.Address); err != nil {
			return "", err
		}
	}
	if kept.Keyring {
		return "the keyring of this system", nil
	}
	return path, nil
}

// keep puts a credential into the keyring.
func keep(ctx context.Context, address string, c credential) error {
	content, err := json.Marshal(c) //nolint:gosec // storing the token for its owner alone is what login is for
	if err != nil {
		return fmt.Errorf("writing to the keyring: %w", err)
	}
	_, err = withKeyring(ctx, func() (string, error) { return "", keyring.Set(keyringService, address, string(content)) })
	if err != nil {
		return fmt.Errorf("writing to the keyring: %w", err)
	}
	return nil
}

// recall takes a credential out of the keyring.
func recall(ctx context.Context, address string) (credential, error) {
	content, err := withKeyring(ctx, func() (string, error) { return keyring.Get(keyringService, address) })
	if err != nil {
		return credential{}, fmt.Errorf("reading the login from the keyring: %w; run 'coffer login' again", err)
	}
	var c credential
	if json.Unmarshal([]byte(content), &c) != nil || c.Token == "" {
		return credential{}, errors.New("the login in the keyring is damaged: run 'coffer login' again")
	}
	return c, nil
}

// forget removes a credential from the keyring.
func forget(ctx context.Context, address string) error {
	_, err := withKeyring(ctx, func() (string, error) { return "", keyring.Delete(keyringService, address) })
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("removing the login from the keyring: %w", err)
	}
	return nil
}

// withKeyring bounds how long a keyring may take, which may have to ask its owner and cannot be interrupted.
func withKeyring(ctx context.Context, do func() (string, error)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, keyringTimeout)
	defer cancel()
	return interruptible(ctx, do)
}

// lockLogin keeps other processes from changing the stored login until the lock is returned.
func lockLogin() (unlock func(), err error) {
	path := loginPath()
	if path == "" {
		return nil, usage("there is no home directory to store the login in: set HOME or XDG_CONFIG_HOME")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("storing the login: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(filepath.Dir(path), ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the stored login: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("locking the stored login: %w", err)
	}
	return func() { f.Close() }, nil
}
