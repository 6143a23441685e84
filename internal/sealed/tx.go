package sealed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
	"google.golang.org/protobuf/proto"

	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/storage"
)

const (
	patience   = 3 // conflicts retried at once, before backing off
	minBackoff = time.Millisecond
	maxBackoff = 64 * time.Millisecond

	absent storage.Revision = 0 // where there is no record; records start at 1
)

// errConflict: a record that the transaction read was written by another in the meantime.
var errConflict = errors.New("sealed: conflicting transaction")

// Update runs fn and commits what it wrote: all or nothing, durable before it returns, and only if no record that fn
// read has changed since. If one has, fn runs again on a fresh snapshot, until ctx ends; so fn must have no effect
// besides its Tx, and must not call the Store. An error of fn is returned as it is and writes nothing. A transaction
// that writes nothing returns the revision it read.
//
// fn runs on a snapshot, outside any engine transaction, because encryption and randomness must not: an engine may run
// its transactions one at a time, or several times each.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) (storage.Revision, error) {
	for conflicts := 0; ; conflicts++ {
		rev, err := s.try(ctx, fn)
		if !errors.Is(err, errConflict) {
			return rev, err
		}
		if err := backOff(ctx, conflicts); err != nil {
			return 0, fmt.Errorf("giving up after %d conflicting transactions: %w", conflicts+1, err)
		}
	}
}

func (s *Store) try(ctx context.Context, fn func(*Tx) error) (storage.Revision, error) {
	var tx *Tx
	var rev storage.Revision
	err := s.engine.View(ctx, func(r storage.Reader) error {
		rev = r.Revision()
		tx = &Tx{
			box:    box{keyring: s.keyring, reader: r},
			reads:  make(map[storage.Key]storage.Revision),
			writes: make(map[storage.Key][]byte),
		}
		if err := fn(tx); err != nil {
			return err
		}
		return tx.err
	})
	if err != nil {
		return 0, err
	}
	if len(tx.writes) == 0 {
		return rev, nil
	}
	rev, err = s.engine.Update(ctx, tx.commit)
	for nsUID, dek := range tx.box.keysets {
		if dek == nil { // forgotten after an error too: whether the engine committed is then unknown
			s.keyring.Forget(nsUID, rev)
		}
	}
	return rev, err
}

func backOff(ctx context.Context, conflicts int) error {
	if conflicts < patience {
		return ctx.Err()
	}
	limit := min(maxBackoff, minBackoff<<min(conflicts-patience, 16))
	timer := time.NewTimer(rand.N(limit))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Tx reads and writes within one transaction. It sees its own writes, with revision 0. It is valid only inside the
// function it is given to, for one goroutine. The records it reads and writes are at most storage.MaxTxnOps.
type Tx struct {
	box    box
	reads  map[storage.Key]storage.Revision // of every record looked for
	writes map[storage.Key][]byte           // envelopes; nil: delete
	err    error                            // of a Delete or DeleteKeyset that must not happen
}

// Revision is that of the snapshot which the transaction reads.
func (tx *Tx) Revision() storage.Revision { return tx.box.reader.Revision() }

// Get decrypts the record at key into msg, replacing what msg held, and returns the revision that wrote it.
// ErrNotFound, ErrIntegrity.
func (tx *Tx) Get(kind Kind, nsUID string, key storage.Key, msg proto.Message) (storage.Revision, error) {
	rec, err := tx.Record(key)
	if err != nil {
		return 0, err
	}
	return rec.Revision, tx.box.open(kind, nsUID, rec, msg)
}

// GetPayload decrypts the payload at key. ErrNotFound, ErrIntegrity.
func (tx *Tx) GetPayload(kind Kind, nsUID string, key storage.Key) (plaintext.Payload, error) {
	rec, err := tx.Record(key)
	if err != nil {
		return nil, err
	}
	return tx.box.openPayload(kind, nsUID, rec)
}

// Exists returns the revision that wrote the record at key, without opening it, or ErrNotFound.
func (tx *Tx) Exists(key storage.Key) (storage.Revision, error) {
	rec, err := tx.Record(key)
	return rec.Revision, err
}

// Record returns the record at key, still encrypted, or ErrNotFound.
func (tx *Tx) Record(key storage.Key) (storage.Record, error) {
	if envelope, ok := tx.writes[key]; ok {
		if envelope == nil {
			return storage.Record{}, ErrNotFound
		}
		return storage.Record{Key: key, Value: bytes.Clone(envelope)}, nil
	}
	rec, err := tx.box.reader.Get(key)
	if err == nil {
		tx.reads[key] = rec.Revision
	} else if errors.Is(err, ErrNotFound) {
		tx.reads[key] = absent
	}
	return rec, err
}

// Open decrypts a record of Record into msg, replacing what msg held. ErrIntegrity.
func (tx *Tx) Open(kind Kind, nsUID string, rec storage.Record, msg proto.Message) error {
	return tx.box.open(kind, nsUID, rec, msg)
}

// Put encrypts msg at once and writes it when the transaction commits. ErrNoKeyset if the namespace has no keyset. To
// be safe against the namespace being destroyed meanwhile, fn must have read a record that its destruction writes.
func (tx *Tx) Put(kind Kind, nsUID string, key storage.Key, msg proto.Message) error {
	content, err := proto.Marshal(msg)
	if err != nil {
		return fmt.Errorf("encoding %s at %q: %w", kind, key, err)
	}
	return tx.put(kind, nsUID, key, content)
}

// PutPayload is Put for a payload.
func (tx *Tx) PutPayload(kind Kind, nsUID string, key storage.Key, payload plaintext.Payload) error {
	content := encodePayload(payload)
	defer clear(content)
	return tx.put(kind, nsUID, key, content)
}

func (tx *Tx) put(kind Kind, nsUID string, key storage.Key, content []byte) error {
	if err := refuse(key); err != nil {
		return err
	}
	envelope, err := tx.box.encrypt(kind, nsUID, key, content)
	if err != nil {
		return err
	}
	tx.writes[key] = envelope
	return nil
}

// Wrote tells whether the transaction has written or deleted anything so far.
func (tx *Tx) Wrote() bool { return len(tx.writes) > 0 }

// Delete deletes the record at key when the transaction commits. Deleting an absent one is no change.
func (tx *Tx) Delete(key storage.Key) {
	if err := refuse(key); err != nil {
		tx.err = err
		return
	}
	tx.writes[key] = nil
}

// NewKeyset makes the keyset of a new namespace. From then on the transaction can put into the namespace.
// ErrKeysetExists.
func (tx *Tx) NewKeyset(nsUID string) error {
	key := keyring.KeysetKey(nsUID)
	if _, err := tx.Record(key); err == nil {
		return fmt.Errorf("namespace %q: %w", nsUID, ErrKeysetExists)
	} else if !errors.Is(err, ErrNotFound) {
		return err
	}
	record, dek, err := tx.box.keyring.NewKeyset(nsUID)
	if err != nil {
		return err
	}
	tx.setKeyset(nsUID, record, dek)
	return nil
}

// DeleteKeyset shreds the namespace: once the transaction commits, nothing that was ever put into it can be opened.
// The system keyset cannot be deleted: the transaction fails.
func (tx *Tx) DeleteKeyset(nsUID string) {
	if nsUID == keyring.System {
		tx.err = fmt.Errorf("deleting the system keyset: %w", ErrReserved)
		return
	}
	tx.setKeyset(nsUID, nil, nil)
}

// refuse protects the keyring's records from being written as ordinary ones: without them nothing opens.
func refuse(key storage.Key) error {
	if strings.HasPrefix(string(key), keyring.Prefix) {
		return fmt.Errorf("writing %q: %w", key, ErrReserved)
	}
	return nil
}

func (tx *Tx) setKeyset(nsUID string, record []byte, dek tink.AEAD) {
	if tx.box.keysets == nil {
		tx.box.keysets = make(map[string]tink.AEAD)
	}
	tx.box.keysets[nsUID] = dek
	tx.writes[keyring.KeysetKey(nsUID)] = record
}

// commit writes what the transaction wrote if what it read is still so.
func (tx *Tx) commit(txn storage.Txn) error {
	for key, rev := range tx.reads {
		now := absent
		rec, err := txn.Get(key)
		if err == nil {
			now = rec.Revision
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		if now != rev {
			return errConflict
		}
	}
	for key, envelope := range tx.writes {
		var err error
		if envelope == nil {
			err = txn.Delete(key)
		} else {
			err = txn.Put(key, envelope)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
