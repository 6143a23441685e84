// Package sealed is the encrypted store: records in, ciphertext down to the engine.
//
// Every record is encrypted under its namespace's keyset and bound to its kind, namespace and key, so one that the
// engine alters, moves or swaps fails with ErrIntegrity and is never taken for absent. What it cannot see is a record
// deleted or replaced by an older one of the same key, and the engine sees keys, sizes and times of writing.
//
// A stored value is an envelope, and what the envelope is bound to:
//
//	envelope         format version 1 | Tink ciphertext
//	associated data  length | kind | length | namespace UID | length | key        (lengths are uvarints)
package sealed

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/tink-crypto/tink-go/v2/tink"
	"google.golang.org/protobuf/proto"

	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/storage"
)

// formatVersion is the first byte of every envelope.
const formatVersion = 1

var (
	// ErrNotFound: there is no record at the key.
	ErrNotFound = storage.ErrNotFound
	// ErrIntegrity: there is a record, but not the one that was put there: altered, moved, of another kind or
	// namespace, of an unknown format, or its keyset is gone.
	ErrIntegrity = keyring.ErrIntegrity
	// ErrNoKeyset: the namespace has no keyset, so nothing can be put into it.
	ErrNoKeyset = keyring.ErrNoKeyset
	// ErrKeysetExists: the namespace already has a keyset, which a new one would shred.
	ErrKeysetExists = errors.New("sealed: namespace already has a keyset")
	// ErrReserved: the record belongs to the keyring and is not to be put or deleted as an ordinary one.
	ErrReserved = errors.New("sealed: record belongs to the keyring")
)

// Kind is the format of a record, such as "coffer/secret/v1". A record opens only as the kind it was put as.
type Kind string

// Config says what to encrypt with and where to store. Both fields are required.
type Config struct {
	Engine  storage.Engine
	Keyring *keyring.Keyring
}

// Store is the encrypted store. It is safe for concurrent use.
type Store struct {
	engine  storage.Engine
	keyring *keyring.Keyring
}

// New returns the store over an engine and the keyring opened from it.
func New(cfg Config) *Store { return &Store{engine: cfg.Engine, keyring: cfg.Keyring} }

// View runs fn on one consistent snapshot that includes every write acknowledged before the call. The Snapshot is valid
// only inside fn, for one goroutine. fn must not call the Store.
func (s *Store) View(ctx context.Context, fn func(*Snapshot) error) error {
	return s.engine.View(ctx, func(r storage.Reader) error {
		return fn(&Snapshot{box{keyring: s.keyring, reader: r}})
	})
}

// Watch yields the changes of the keys with the prefix after rev, as storage.Engine does. Events carry no values.
func (s *Store) Watch(ctx context.Context, prefix storage.Key, rev storage.Revision) iter.Seq2[storage.Event, error] {
	return s.engine.Watch(ctx, prefix, rev)
}

// Snapshot reads one revision of the store.
type Snapshot struct{ box box }

// Revision is that of the snapshot.
func (s *Snapshot) Revision() storage.Revision { return s.box.reader.Revision() }

// Get decrypts the record at key into msg, replacing what msg held, and returns the revision that wrote it.
// ErrNotFound, ErrIntegrity.
func (s *Snapshot) Get(kind Kind, nsUID string, key storage.Key, msg proto.Message) (storage.Revision, error) {
	rec, err := s.box.reader.Get(key)
	if err != nil {
		return 0, err
	}
	return rec.Revision, s.box.open(kind, nsUID, rec, msg)
}

// GetPayload decrypts the payload at key. ErrNotFound, ErrIntegrity.
func (s *Snapshot) GetPayload(kind Kind, nsUID string, key storage.Key) (plaintext.Payload, error) {
	rec, err := s.box.reader.Get(key)
	if err != nil {
		return nil, err
	}
	return s.box.openPayload(kind, nsUID, rec)
}

// Exists returns the revision that wrote the record at key, without opening it, or ErrNotFound.
func (s *Snapshot) Exists(key storage.Key) (storage.Revision, error) {
	rec, err := s.box.reader.Get(key)
	return rec.Revision, err
}

// Record returns the record at key, still encrypted, or ErrNotFound.
func (s *Snapshot) Record(key storage.Key) (storage.Record, error) { return s.box.reader.Get(key) }

// Range returns up to limit records, still encrypted, whose keys have the prefix and sort after the key after.
func (s *Snapshot) Range(prefix, after storage.Key, limit int) ([]storage.Record, error) {
	return s.box.reader.Range(prefix, after, limit)
}

// Open decrypts a record of Range into msg, replacing what msg held. ErrIntegrity.
func (s *Snapshot) Open(kind Kind, nsUID string, rec storage.Record, msg proto.Message) error {
	return s.box.open(kind, nsUID, rec, msg)
}

// box encrypts and decrypts within one snapshot.
type box struct {
	keyring *keyring.Keyring
	reader  storage.Reader
	// keysets holds those made (or, when nil, deleted) by the transaction itself, by namespace UID.
	keysets map[string]tink.AEAD
	ad      []byte // reused
}

func (b *box) open(kind Kind, nsUID string, rec storage.Record, msg proto.Message) error {
	content, err := b.decrypt(kind, nsUID, rec)
	if err != nil {
		return err
	}
	if err := proto.Unmarshal(content, msg); err != nil {
		return fmt.Errorf("decoding %s at %q: %w", kind, rec.Key, ErrIntegrity)
	}
	return nil
}

func (b *box) openPayload(kind Kind, nsUID string, rec storage.Record) (plaintext.Payload, error) {
	content, err := b.decrypt(kind, nsUID, rec)
	if err != nil {
		return nil, err
	}
	payload, err := decodePayload(content)
	if err != nil {
		return nil, fmt.Errorf("decoding %s at %q: %w", kind, rec.Key, err)
	}
	return payload, nil
}

// decrypt returns a fresh buffer.
func (b *box) decrypt(kind Kind, nsUID string, rec storage.Record) ([]byte, error) {
	dek, err := b.aead(nsUID)
	if errors.Is(err, ErrNoKeyset) {
		return nil, fmt.Errorf("opening %s at %q: %w: %w", kind, rec.Key, ErrIntegrity, err)
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s at %q: %w", kind, rec.Key, err)
	}
	if err := b.bind(kind, nsUID, rec.Key); err != nil {
		return nil, err
	}
	if len(rec.Value) == 0 || rec.Value[0] != formatVersion {
		return nil, fmt.Errorf("opening %s at %q: format version: %w", kind, rec.Key, ErrIntegrity)
	}
	content, err := dek.Decrypt(rec.Value[1:], b.ad)
	if err != nil {
		return nil, fmt.Errorf("opening %s at %q: %w", kind, rec.Key, ErrIntegrity)
	}
	return content, nil
}

func (b *box) encrypt(kind Kind, nsUID string, key storage.Key, content []byte) ([]byte, error) {
	dek, err := b.aead(nsUID)
	if err != nil {
		return nil, fmt.Errorf("encrypting %s at %q: %w", kind, key, err)
	}
	if err := b.bind(kind, nsUID, key); err != nil {
		return nil, err
	}
	ciphertext, err := dek.Encrypt(content, b.ad)
	if err != nil {
		return nil, fmt.Errorf("encrypting %s at %q: %w", kind, key, err)
	}
	return append([]byte{formatVersion}, ciphertext...), nil
}

func (b *box) aead(nsUID string) (tink.AEAD, error) {
	if dek, ok := b.keysets[nsUID]; ok {
		if dek == nil {
			return nil, ErrNoKeyset
		}
		return dek, nil
	}
	return b.keyring.AEAD(b.reader, nsUID)
}

// bind sets the associated data. An empty field would bind to nothing.
func (b *box) bind(kind Kind, nsUID string, key storage.Key) error {
	if kind == "" || nsUID == "" || key == "" {
		return fmt.Errorf("sealed: kind %q, namespace UID %q and key %q must not be empty", kind, nsUID, key)
	}
	b.ad = keyring.AppendAssociatedData(b.ad[:0], string(kind), nsUID, string(key))
	return nil
}
