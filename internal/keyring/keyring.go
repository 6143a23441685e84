// Package keyring holds the keys of an unsealed store.
//
// The KEK, which Coffer does not store, wraps the root keyset; the root keyset wraps one DEK keyset per namespace and
// one PRF keyset from which MAC keys are derived. The KEK is called when the keyring is created or opened and never
// afterwards. Deleting a namespace's keyset makes everything encrypted under it unreadable for good (crypto-shredding).
//
// What is stored, all of it ciphertext bound to its place, so that a keyset moved to another namespace does not open:
//
//	keyring/root       version 1 | length of KEK name | KEK name | root keyset encrypted by the KEK
//	keyring/mac        version 1 | PRF keyset encrypted by the root keyset
//	keyring/ns/{uid}   version 1 | DEK keyset encrypted by the root keyset
//
// What threatens it: whoever reads this process's memory has every cached key, and an engine that puts back a deleted
// keyset undoes a shredding as long as the KEK lives.
package keyring

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/coffer-dev/coffer/internal/kek"
	"github.com/coffer-dev/coffer/internal/storage"
)

// System stands for a namespace UID: its keyset encrypts the records that belong to the instance.
const System = "system"

// Prefix begins the key of every record of the keyring; no other record's key begins with it.
const Prefix = "keyring/"

const (
	rootKey  storage.Key = Prefix + "root"
	macKey   storage.Key = Prefix + "mac"
	nsPrefix storage.Key = Prefix + "ns/"

	rootLabel = "coffer/root-keyset/v1"
	macLabel  = "coffer/mac-keyset/v1"
	dekLabel  = "coffer/dek-keyset/v1"

	// maxCached bounds the unwrapped DEK keysets in memory, about 1 KiB each. Beyond it one costs an unwrapping, 3 µs.
	maxCached = 8192
)

var (
	// ErrExists: the store is not empty, so no keyring is created in it.
	ErrExists = errors.New("keyring: store is not empty")
	// ErrNotInitialized: the store has no keyring.
	ErrNotInitialized = errors.New("keyring: store has no keyring")
	// ErrKEK: the KEK does not unwrap the root keyset. It is another key, unavailable, or the root keyset is damaged.
	ErrKEK = errors.New("keyring: KEK does not unwrap the root keyset")
	// ErrNoKeyset: the namespace has no keyset. It never had one, or it was destroyed.
	ErrNoKeyset = errors.New("keyring: namespace has no keyset")
	// ErrIntegrity: a record was altered or moved, or is not ours.
	ErrIntegrity = errors.New("keyring: record fails its integrity check")
)

// Config says where the keyring is and what unwraps it. Both fields are required.
type Config struct {
	Engine storage.Engine
	KEK    kek.Provider
}

// Keyring is the set of unwrapped keysets of one store. It is safe for concurrent use.
type Keyring struct {
	root tink.AEAD
	prf  *prf.Set

	mu    sync.RWMutex
	aeads map[string]tink.AEAD // by namespace UID
	// forgotten is the latest revision at which a keyset was destroyed. A snapshot older than it may still show that
	// keyset, so what is unwrapped from one is not cached.
	forgotten storage.Revision
}

// Create writes a new keyring into the empty store, in one transaction. ErrExists means that it was not empty.
func Create(ctx context.Context, cfg Config) (*Keyring, error) {
	records, err := newRecords(cfg.KEK)
	if err != nil {
		return nil, fmt.Errorf("creating keyring: %w", err)
	}
	// Opening what is about to be written proves that the KEK unwraps before anything depends on it.
	k, err := open(records, cfg.KEK)
	if err != nil {
		return nil, fmt.Errorf("creating keyring: %w", err)
	}
	err = cfg.Engine.View(ctx, func(r storage.Reader) error {
		found, err := r.Range("", "", 1)
		if len(found) > 0 {
			return ErrExists
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("creating keyring: %w", err)
	}
	_, err = cfg.Engine.Update(ctx, func(txn storage.Txn) error {
		if _, err := txn.Get(rootKey); err == nil {
			return ErrExists
		} else if !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		for key, value := range records {
			if err := txn.Put(key, value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("creating keyring: %w", err)
	}
	return k, nil
}

// Open unwraps the keyring of the store: ErrNotInitialized, ErrKEK or ErrIntegrity if it cannot.
func Open(ctx context.Context, cfg Config) (*Keyring, error) {
	records := make(map[storage.Key][]byte)
	err := cfg.Engine.View(ctx, func(r storage.Reader) error {
		for _, key := range []storage.Key{rootKey, macKey, KeysetKey(System)} {
			rec, err := r.Get(key)
			if errors.Is(err, storage.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			records[key] = rec.Value
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("opening keyring: %w", err)
	}
	if records[rootKey] == nil {
		return nil, fmt.Errorf("opening keyring: %w", ErrNotInitialized)
	}
	k, err := open(records, cfg.KEK)
	if err != nil {
		return nil, fmt.Errorf("opening keyring: %w", err)
	}
	return k, nil
}

func newRecords(provider kek.Provider) (map[storage.Key][]byte, error) {
	rootHandle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	root, err := aead.New(rootHandle)
	if err != nil {
		return nil, err
	}
	macHandle, err := keyset.NewHandle(prf.HKDFSHA256PRFKeyTemplate())
	if err != nil {
		return nil, err
	}
	records := make(map[storage.Key][]byte)
	if records[rootKey], err = wrapRoot(rootHandle, provider); err != nil {
		return nil, err
	}
	if records[macKey], err = wrap(macHandle, root, macLabel, string(macKey)); err != nil {
		return nil, err
	}
	records[KeysetKey(System)], _, err = newKeyset(root, System)
	return records, err
}

func open(records map[storage.Key][]byte, provider kek.Provider) (*Keyring, error) {
	rootHandle, err := unwrapRoot(records[rootKey], provider)
	if err != nil {
		return nil, err
	}
	root, err := aead.New(rootHandle)
	if err != nil {
		return nil, fmt.Errorf("root keyset: %w", err)
	}
	macHandle, err := unwrap(records[macKey], root, macLabel, string(macKey))
	if err != nil {
		return nil, fmt.Errorf("MAC keyset: %w", err)
	}
	set, err := prf.NewPRFSet(macHandle)
	if err != nil {
		return nil, fmt.Errorf("MAC keyset: %w", err)
	}
	k := &Keyring{root: root, prf: set, aeads: make(map[string]tink.AEAD)}
	system, err := k.unwrapDEK(System, records[KeysetKey(System)])
	if err != nil {
		return nil, fmt.Errorf("system keyset: %w", err)
	}
	k.aeads[System] = system
	return k, nil
}

// KeysetKey is where the keyset of the namespace is stored. Deleting it shreds the namespace; call Forget then.
func KeysetKey(nsUID string) storage.Key { return nsPrefix + storage.Key(nsUID) }

// NewKeyset makes a keyset for a new namespace: the record to put at KeysetKey in the transaction that creates the
// namespace, and the AEAD for what that transaction encrypts. The keyring itself learns of it when it is first read.
func (k *Keyring) NewKeyset(nsUID string) (record []byte, dek tink.AEAD, err error) {
	if nsUID == "" || nsUID == System {
		return nil, nil, fmt.Errorf("creating keyset: %q is not a namespace UID", nsUID)
	}
	record, dek, err = newKeyset(k.root, nsUID)
	if err != nil {
		return nil, nil, fmt.Errorf("creating keyset: %w", err)
	}
	return record, dek, nil
}

// AEAD encrypts and decrypts for a namespace. A keyset not in memory is read from r: the caller has a snapshot open,
// and opening a second one under it can deadlock with a writer that grows the database. ErrNoKeyset means that there
// is none; what was encrypted under it is lost.
func (k *Keyring) AEAD(r storage.Reader, nsUID string) (tink.AEAD, error) {
	k.mu.RLock()
	dek, ok := k.aeads[nsUID]
	k.mu.RUnlock()
	if ok {
		return dek, nil
	}
	rec, err := r.Get(KeysetKey(nsUID))
	if errors.Is(err, storage.ErrNotFound) {
		return nil, fmt.Errorf("namespace %q: %w", nsUID, ErrNoKeyset)
	}
	if err != nil {
		return nil, fmt.Errorf("reading keyset of namespace %q: %w", nsUID, err)
	}
	dek, err = k.unwrapDEK(nsUID, rec.Value)
	if err != nil {
		return nil, fmt.Errorf("keyset of namespace %q: %w", nsUID, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if r.Revision() >= k.forgotten {
		k.cache(nsUID, dek)
	}
	return dek, nil
}

// Forget drops the namespace's keyset from memory after the transaction at revision rev deleted it.
func (k *Keyring) Forget(nsUID string, rev storage.Revision) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.aeads, nsUID)
	k.forgotten = max(k.forgotten, rev)
}

// cache makes room by dropping an arbitrary keyset other than the system's. The caller holds the lock.
func (k *Keyring) cache(nsUID string, dek tink.AEAD) {
	for victim := range k.aeads {
		if len(k.aeads) < maxCached {
			break
		}
		if victim != System {
			delete(k.aeads, victim)
		}
	}
	k.aeads[nsUID] = dek
}

func (k *Keyring) unwrapDEK(nsUID string, record []byte) (tink.AEAD, error) {
	handle, err := unwrap(record, k.root, dekLabel, nsUID)
	if err != nil {
		return nil, err
	}
	return aead.New(handle)
}

func newKeyset(root tink.AEAD, nsUID string) ([]byte, tink.AEAD, error) {
	// XChaCha20-Poly1305 draws 192-bit nonces, so unlike with AES-GCM no number of writes wears a key out.
	handle, err := keyset.NewHandle(aead.XChaCha20Poly1305KeyTemplate())
	if err != nil {
		return nil, nil, err
	}
	dek, err := aead.New(handle)
	if err != nil {
		return nil, nil, err
	}
	record, err := wrap(handle, root, dekLabel, nsUID)
	return record, dek, err
}
