package keyring_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/coffer-dev/coffer/internal/kek"
	"github.com/coffer-dev/coffer/internal/kek/filekek"
	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
)

const (
	rootKey = storage.Key(keyring.Prefix + "root")
	macKey  = storage.Key(keyring.Prefix + "mac")
)

func TestCreate_opensAsItself(t *testing.T) {
	cfg := newConfig(t)
	created := create(t, cfg)
	opened, err := keyring.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	ciphertext, err := systemAEAD(t, cfg, created).Encrypt([]byte("record"), []byte("ad"))
	if err != nil {
		t.Fatalf("Encrypt: %v", err)
	}
	got, err := systemAEAD(t, cfg, opened).Decrypt(ciphertext, []byte("ad"))
	if err != nil || string(got) != "record" {
		t.Errorf("Decrypt after reopening = %q, %v", got, err)
	}
}

func TestCreate_refusesStoreInUse(t *testing.T) {
	cfg := newConfig(t)
	create(t, cfg)
	before := get(t, cfg.Engine, rootKey)
	if _, err := keyring.Create(t.Context(), cfg); !errors.Is(err, keyring.ErrExists) {
		t.Errorf("Create in a store with a keyring: %v, want ErrExists", err)
	}
	if !bytes.Equal(get(t, cfg.Engine, rootKey), before) {
		t.Error("Create changed the root keyset it refused to overwrite")
	}

	// A store that lost its root keyset is a damaged one, not a new one.
	cfg = newConfig(t)
	put(t, cfg.Engine, "ns/acme", []byte("record"))
	if _, err := keyring.Create(t.Context(), cfg); !errors.Is(err, keyring.ErrExists) {
		t.Errorf("Create in a store with records: %v, want ErrExists", err)
	}
}

func TestCreate_concurrently(t *testing.T) {
	cfg := newConfig(t)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { _, errs[i] = keyring.Create(t.Context(), cfg) })
	}
	wg.Wait()
	created := 0
	for _, err := range errs {
		if err == nil {
			created++
		} else if !errors.Is(err, keyring.ErrExists) {
			t.Errorf("Create: %v, want ErrExists", err)
		}
	}
	if created != 1 {
		t.Errorf("%d of %d concurrent Creates succeeded, want 1", created, len(errs))
	}
	if _, err := keyring.Open(t.Context(), cfg); err != nil {
		t.Errorf("Open: %v", err)
	}
}

// brokenKEK wraps but does not unwrap.
type brokenKEK struct{ kek.Provider }

func (b brokenKEK) AEAD() tink.AEAD { return wrapOnly{b.Provider.AEAD()} }

type wrapOnly struct{ tink.AEAD }

func (wrapOnly) Decrypt(_, _ []byte) ([]byte, error) { return nil, errors.New("permission denied") }

func TestCreate_writesNothingUnlessKEKUnwraps(t *testing.T) {
	cfg := newConfig(t)
	good := cfg.KEK
	cfg.KEK = brokenKEK{good}
	if _, err := keyring.Create(t.Context(), cfg); !errors.Is(err, keyring.ErrKEK) {
		t.Errorf("Create with a KEK that cannot unwrap: %v, want ErrKEK", err)
	}
	cfg.KEK = good
	if _, err := keyring.Open(t.Context(), cfg); !errors.Is(err, keyring.ErrNotInitialized) {
		t.Errorf("Open afterwards: %v, want ErrNotInitialized", err)
	}
}

type namedKEK struct {
	kek.Provider
	name string
}

func (n namedKEK) Name() string { return n.name }

func TestCreate_refusesNamelessKEK(t *testing.T) {
	for _, name := range []string{"", strings.Repeat("n", kek.MaxName+1)} {
		cfg := newConfig(t)
		cfg.KEK = namedKEK{cfg.KEK, name}
		if _, err := keyring.Create(t.Context(), cfg); err == nil {
			t.Errorf("Create with a KEK whose name has %d bytes succeeded", len(name))
		}
	}
}

func TestOpen_emptyStore(t *testing.T) {
	if _, err := keyring.Open(t.Context(), newConfig(t)); !errors.Is(err, keyring.ErrNotInitialized) {
		t.Errorf("Open of an empty store: %v, want ErrNotInitialized", err)
	}
}

func TestOpen_wrongKEK(t *testing.T) {
	cfg := newConfig(t)
	create(t, cfg)
	other := cfg
	other.KEK = newKEK(t)
	_, err := keyring.Open(t.Context(), other)
	if !errors.Is(err, keyring.ErrKEK) {
		t.Fatalf("Open with another KEK: %v, want ErrKEK", err)
	}
	for _, name := range []string{cfg.KEK.Name(), other.KEK.Name()} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error %q does not name the KEK %s", err, name)
		}
	}
}

func TestOpen_renamedKEK(t *testing.T) {
	cfg := newConfig(t)
	create(t, cfg)
	cfg.KEK = namedKEK{cfg.KEK, "tink:renamed"}
	if _, err := keyring.Open(t.Context(), cfg); err != nil {
		t.Errorf("Open with the same key under a new name: %v, want no error: a rotated KEK has a new name", err)
	}
}

func TestOpen_tampered(t *testing.T) {
	cfg := newConfig(t)
	create(t, cfg)
	for _, key := range []storage.Key{rootKey, macKey, keyring.KeysetKey(keyring.System)} {
		good := get(t, cfg.Engine, key)
		for i := range good {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << (i % 8)
			expectRefusal(t, cfg, key, bad, fmt.Sprintf("byte %d flipped", i))
			expectRefusal(t, cfg, key, good[:i], fmt.Sprintf("cut to %d bytes", i))
		}
		expectRefusal(t, cfg, key, append(bytes.Clone(good), 0), "a byte appended")
		put(t, cfg.Engine, key, good)
	}
	if _, err := keyring.Open(t.Context(), cfg); err != nil {
		t.Errorf("Open after all is put back: %v", err)
	}
}

func expectRefusal(t *testing.T, cfg keyring.Config, key storage.Key, bad []byte, how string) {
	t.Helper()
	put(t, cfg.Engine, key, bad)
	_, err := keyring.Open(t.Context(), cfg)
	if !errors.Is(err, keyring.ErrIntegrity) && !(key == rootKey && errors.Is(err, keyring.ErrKEK)) {
		t.Errorf("Open with %s of %s: %v, want ErrIntegrity (or ErrKEK)", how, key, err)
	}
}

func TestOpen_missingRecord(t *testing.T) {
	for _, key := range []storage.Key{macKey, keyring.KeysetKey(keyring.System)} {
		cfg := newConfig(t)
		create(t, cfg)
		remove(t, cfg.Engine, key)
		if _, err := keyring.Open(t.Context(), cfg); !errors.Is(err, keyring.ErrIntegrity) {
			t.Errorf("Open without %s: %v, want ErrIntegrity", key, err)
		}
	}
}

func TestKEK_onlyCalledToOpen(t *testing.T) {
	cfg := newConfig(t)
	create(t, cfg)
	put(t, cfg.Engine, keyring.KeysetKey("acme"), newKeyset(t, cfg, "acme"))
	counted := &countingKEK{Provider: cfg.KEK}
	k, err := keyring.Open(t.Context(), keyring.Config{Engine: cfg.Engine, KEK: counted})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if _, err := aead(t, cfg, k, "acme"); err != nil {
		t.Fatalf("AEAD: %v", err)
	}
	if _, err := k.MAC("audit"); err != nil {
		t.Fatalf("MAC: %v", err)
	}
	if counted.calls != 1 {
		t.Errorf("the KEK was called %d times, want once, by Open", counted.calls)
	}
}

type countingKEK struct {
	kek.Provider
	calls int
}

func (c *countingKEK) AEAD() tink.AEAD {
	c.calls++
	return c.Provider.AEAD()
}

func newConfig(t testing.TB) keyring.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	engine, err := storagebolt.Open(t.Context(), storagebolt.Config{Path: path, NoSync: true})
	if err != nil {
		t.Fatalf("opening engine: %v", err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	return keyring.Config{Engine: engine, KEK: newKEK(t)}
}

func newKEK(t testing.TB) kek.Provider {
	t.Helper()
	k, err := filekek.Create(filepath.Join(t.TempDir(), "kek.json"))
	if err != nil {
		t.Fatalf("creating KEK: %v", err)
	}
	return k
}

func create(t testing.TB, cfg keyring.Config) *keyring.Keyring {
	t.Helper()
	k, err := keyring.Create(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	return k
}

func newKeyset(t *testing.T, cfg keyring.Config, nsUID string) []byte {
	t.Helper()
	k, err := keyring.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	record, _, err := k.NewKeyset(nsUID)
	if err != nil {
		t.Fatalf("NewKeyset(%q): %v", nsUID, err)
	}
	return record
}

func aead(t *testing.T, cfg keyring.Config, k *keyring.Keyring, nsUID string) (dek tink.AEAD, err error) {
	t.Helper()
	viewErr := cfg.Engine.View(context.Background(), func(r storage.Reader) error {
		dek, err = k.AEAD(r, nsUID)
		return nil
	})
	if viewErr != nil {
		t.Fatalf("View: %v", viewErr)
	}
	return dek, err
}

func systemAEAD(t *testing.T, cfg keyring.Config, k *keyring.Keyring) tink.AEAD {
	t.Helper()
	dek, err := aead(t, cfg, k, keyring.System)
	if err != nil {
		t.Fatalf("AEAD(System): %v", err)
	}
	return dek
}

func get(t *testing.T, engine storage.Engine, key storage.Key) []byte {
	t.Helper()
	var rec storage.Record
	err := engine.View(t.Context(), func(r storage.Reader) (err error) {
		rec, err = r.Get(key)
		return err
	})
	if err != nil {
		t.Fatalf("reading %q: %v", key, err)
	}
	return rec.Value
}

func put(t *testing.T, engine storage.Engine, key storage.Key, value []byte) storage.Revision {
	t.Helper()
	rev, err := engine.Update(t.Context(), func(txn storage.Txn) error { return txn.Put(key, value) })
	if err != nil {
		t.Fatalf("writing %q: %v", key, err)
	}
	return rev
}

func remove(t *testing.T, engine storage.Engine, key storage.Key) storage.Revision {
	t.Helper()
	rev, err := engine.Update(t.Context(), func(txn storage.Txn) error { return txn.Delete(key) })
	if err != nil {
		t.Fatalf("deleting %q: %v", key, err)
	}
	return rev
}
