package keyring_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/storage"
)

func TestNewKeyset_opensInItsNamespaceOnly(t *testing.T) {
	cfg := newConfig(t)
	k := create(t, cfg)
	record, dek, err := k.NewKeyset("acme")
	if err != nil {
		t.Fatalf("NewKeyset: %v", err)
	}
	ciphertext, err := dek.Encrypt([]byte("record"), nil)
	if err != nil {
		t.Fatalf("Encrypt: %v", err)
	}
	put(t, cfg.Engine, keyring.KeysetKey("acme"), record)
	put(t, cfg.Engine, keyring.KeysetKey("globex"), record)
	put(t, cfg.Engine, keyring.KeysetKey("initech"), get(t, cfg.Engine, keyring.KeysetKey(keyring.System)))

	stored, err := aead(t, cfg, k, "acme")
	if err != nil {
		t.Fatalf("AEAD: %v", err)
	}
	if got, err := stored.Decrypt(ciphertext, nil); err != nil || string(got) != "record" {
		t.Errorf("Decrypt by the stored keyset = %q, %v", got, err)
	}
	for _, nsUID := range []string{"globex", "initech"} {
		if _, err := aead(t, cfg, k, nsUID); !errors.Is(err, keyring.ErrIntegrity) {
			t.Errorf("AEAD(%q), whose keyset was copied from another: %v, want ErrIntegrity", nsUID, err)
		}
	}
}

func TestNewKeyset_refusesReserved(t *testing.T) {
	k := create(t, newConfig(t))
	for _, nsUID := range []string{"", keyring.System} {
		if _, _, err := k.NewKeyset(nsUID); err == nil {
			t.Errorf("NewKeyset(%q) succeeded", nsUID)
		}
	}
}

func TestAEAD_tamperedKeyset(t *testing.T) {
	cfg := newConfig(t)
	k := create(t, cfg)
	good := newKeyset(t, cfg, "acme")
	for i := range good {
		bad := append([]byte(nil), good...)
		bad[i] ^= 0x80 >> (i % 8)
		put(t, cfg.Engine, keyring.KeysetKey("acme"), bad)
		if _, err := aead(t, cfg, k, "acme"); !errors.Is(err, keyring.ErrIntegrity) {
			t.Errorf("AEAD with byte %d of the keyset flipped: %v, want ErrIntegrity", i, err)
		}
	}
	if k.Cached() != 1 {
		t.Errorf("%d keysets cached, want the system's alone", k.Cached())
	}
}

func TestAEAD_absent(t *testing.T) {
	cfg := newConfig(t)
	k := create(t, cfg)
	for _, nsUID := range []string{"", "acme", "../root"} {
		if _, err := aead(t, cfg, k, nsUID); !errors.Is(err, keyring.ErrNoKeyset) {
			t.Errorf("AEAD(%q): %v, want ErrNoKeyset", nsUID, err)
		}
	}
}

// brokenReader is a snapshot of an engine that fails.
type brokenReader struct{ storage.Reader }

func (brokenReader) Get(storage.Key) (storage.Record, error) {
	return storage.Record{}, storage.ErrUnavailable
}

func TestAEAD_cachedNeedsNoEngine(t *testing.T) {
	cfg := newConfig(t)
	k := create(t, cfg)
	if _, err := k.AEAD(brokenReader{}, "acme"); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("AEAD while the engine fails: %v, want ErrUnavailable", err)
	}
	put(t, cfg.Engine, keyring.KeysetKey("acme"), newKeyset(t, cfg, "acme"))
	if _, err := aead(t, cfg, k, "acme"); err != nil {
		t.Fatalf("AEAD: %v", err)
	}
	if _, err := k.AEAD(brokenReader{}, "acme"); err != nil {
		t.Errorf("AEAD of a cached keyset while the engine fails: %v", err)
	}
}

// oldReader is the snapshot at revision 1, with one record at every key. A real one cannot be held open here: the
// engine cannot grow its file under it.
type oldReader struct {
	storage.Reader
	record []byte
}

func (oldReader) Revision() storage.Revision { return 1 }

func (o oldReader) Get(key storage.Key) (storage.Record, error) {
	return storage.Record{Key: key, Value: o.record, Revision: 1}, nil
}

func TestForget_destroyed(t *testing.T) {
	cfg := newConfig(t)
	k := create(t, cfg)
	put(t, cfg.Engine, keyring.KeysetKey("acme"), newKeyset(t, cfg, "acme"))
	if _, err := aead(t, cfg, k, "acme"); err != nil {
		t.Fatalf("AEAD: %v", err)
	}
	// A snapshot from before the destruction still shows the keyset. It must not bring it back into memory.
	old := oldReader{record: get(t, cfg.Engine, keyring.KeysetKey("acme"))}
	k.Forget("acme", remove(t, cfg.Engine, keyring.KeysetKey("acme")))
	if _, err := k.AEAD(old, "acme"); err != nil {
		t.Errorf("AEAD in an older snapshot: %v", err)
	}
	if _, err := aead(t, cfg, k, "acme"); !errors.Is(err, keyring.ErrNoKeyset) {
		t.Errorf("AEAD of a destroyed keyset: %v, want ErrNoKeyset", err)
	}
}

func TestAEAD_cacheIsBounded(t *testing.T) {
	cfg := newConfig(t)
	k := create(t, cfg)
	const perTxn = 100
	for first := 0; first <= keyring.MaxCached; first += perTxn {
		_, err := cfg.Engine.Update(t.Context(), func(txn storage.Txn) error {
			for i := first; i < first+perTxn; i++ {
				nsUID := fmt.Sprint(i)
				record, _, err := k.NewKeyset(nsUID)
				if err != nil {
					return err
				}
				if err := txn.Put(keyring.KeysetKey(nsUID), record); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("writing keysets: %v", err)
		}
	}
	for i := range keyring.MaxCached + 1 {
		if _, err := aead(t, cfg, k, fmt.Sprint(i)); err != nil {
			t.Fatalf("AEAD(%d): %v", i, err)
		}
	}
	if got := k.Cached(); got != keyring.MaxCached {
		t.Errorf("%d keysets cached, want %d", got, keyring.MaxCached)
	}
	if _, err := k.AEAD(brokenReader{}, keyring.System); err != nil {
		t.Errorf("the system keyset was dropped: %v", err)
	}
}

func FuzzAppendAssociatedData(f *testing.F) {
	f.Add("kind", "ns", "key", "kind", "nsk", "ey")
	f.Add("", "ns", "key", "ns", "", "key")
	f.Add("a\x01b", "c", "d", "a", "b\x01c", "d")
	f.Fuzz(func(t *testing.T, a1, a2, a3, b1, b2, b3 string) {
		a := string(keyring.AppendAssociatedData(nil, a1, a2, a3))
		b := string(keyring.AppendAssociatedData(nil, b1, b2, b3))
		same := a1 == b1 && a2 == b2 && a3 == b3
		if (a == b) != same {
			t.Errorf("fields %q and %q: equal bytes is %v, want %v", []string{a1, a2, a3}, []string{b1, b2, b3}, a == b, same)
		}
		if shorter := string(keyring.AppendAssociatedData(nil, a1, a2)); shorter == a {
			t.Errorf("two fields of %q give the same bytes as three", []string{a1, a2, a3})
		}
	})
}
