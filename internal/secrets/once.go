package secrets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// requestMemory is how long a request_id is remembered.
const requestMemory = 24 * time.Hour

// once makes a retried create or add answer as the first did, by its request_id.
type once struct {
	fault    error
	key      storage.Key // empty: no request_id was sent
	digest   []byte
	now      time.Time
	replayed storage.Revision // of the first call; 0 while this is the first
}

// once binds a request_id to the principal, the method and a keyed digest of what is asked for.
func (s *Service) once(caller authn.Caller, requestID, method string, parts ...any) *once {
	if requestID == "" {
		return &once{}
	}
	if _, err := uuid.Parse(requestID); err != nil || len(requestID) != 36 {
		return &once{fault: Invalid("request_id", "is not a UUID")}
	}
	var b bytes.Buffer
	for _, part := range append([]any{method}, parts...) {
		var encoded []byte
		if payload, ok := part.(plaintext.Payload); ok {
			encoded = s.store.Digest(s.digests, payload)
		} else if text, err := json.Marshal(part); err == nil {
			encoded = text
		} else {
			return &once{fault: fmt.Errorf("digesting the request: %w", err)}
		}
		fmt.Fprintf(&b, "%d:", len(encoded))
		b.Write(encoded)
	}
	id := sha256.Sum256(fmt.Appendf(nil, "%d:%s%d:%s%d:%s", len(caller.Name), caller.Name, len(caller.UID), caller.UID, len(requestID), requestID))
	return &once{key: key(requestPrefix, hex.EncodeToString(id[:])), digest: s.digests.Sum(b.Bytes()), now: s.now()}
}

// replay makes record what the first call wrote, if there was one.
func (o *once) replay(r reader, record proto.Message) (first *storev1.Request, done bool, err error) {
	first = &storev1.Request{}
	rev, err := r.Get(kindRequest, system, o.key, first)
	known, err := found(err)
	switch {
	case err != nil || !known:
		return nil, false, err
	case !o.now.Before(unstamp(first.GetExpireTime())):
		return first, false, nil
	case !bytes.Equal(first.GetDigest(), o.digest):
		return first, false, ErrRequestReused
	}
	o.replayed = rev
	return first, true, proto.Unmarshal(first.GetRecord(), record)
}

// answered tells whether the request was answered before; record is then what the first call wrote. It comes right after
// the decision: what was checked then is not checked again, for it may be otherwise by now.
func (s *Service) answered(ctx context.Context, o *once, record proto.Message) (done bool, err error) {
	if o.fault != nil || o.key == "" {
		return false, o.fault
	}
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		_, done, err = o.replay(snapshot, record)
		return err
	})
	return done, err
}

// wrap makes fn, which writes record, run only if the request was not answered before; otherwise record becomes what
// the first call wrote.
func (o *once) wrap(record proto.Message, fn func(*sealed.Tx) error) func(*sealed.Tx) error {
	if o.key == "" {
		return fn
	}
	return func(tx *sealed.Tx) error {
		o.replayed = 0
		first, done, err := o.replay(tx, record) // by a call at the same time
		if err != nil || done {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		if first != nil { // forgotten, but not yet swept: its sweep must not take the new one along
			tx.Delete(requestExpiry(unstamp(first.GetExpireTime()), o.key))
		}
		return o.remember(tx, record)
	}
}

func (o *once) remember(tx *sealed.Tx, record proto.Message) error {
	content, err := proto.Marshal(record)
	if err != nil {
		return fmt.Errorf("encoding the answer to remember: %w", err)
	}
	expire := o.now.Add(requestMemory)
	if err := tx.Put(kindRequest, system, o.key, &storev1.Request{Digest: o.digest, ExpireTime: stamp(expire), Record: content}); err != nil {
		return err
	}
	return tx.Put(kindRequest, system, requestExpiry(expire, o.key), &storev1.Request{})
}

// wrote is the revision where this call wrote something, 0 where it is a retry.
func (o *once) wrote(rev storage.Revision) storage.Revision {
	if o.replayed != 0 {
		return 0
	}
	return rev
}

// revision is that of the first call where this is a retry.
func (o *once) revision(rev storage.Revision) storage.Revision {
	if o.replayed != 0 {
		return o.replayed
	}
	return rev
}

// requestExpiry is the key that finds a request by the hour it may be forgotten in.
func requestExpiry(expire time.Time, request storage.Key) storage.Key {
	return key(requestExpiryPrefix, numbered(expire.Unix()/3600+1), string(request[len(requestPrefix):]))
}

// forgetRequests forgets old requests.
func (s *Service) forgetRequests(ctx context.Context) error {
	const batch = storage.MaxTxnOps / 2 // each is two keys
	limit := key(requestExpiryPrefix, numbered(s.now().Unix()/3600))
	for {
		var due []storage.Key
		err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
			records, err := snapshot.Range(requestExpiryPrefix, "", batch)
			for _, r := range records {
				if r.Key < limit {
					due = append(due, r.Key)
				}
			}
			return err
		})
		if err != nil || len(due) == 0 {
			return err
		}
		if _, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
			for _, k := range due {
				tx.Delete(k)
				tx.Delete(key(requestPrefix, segment(k, requestExpiryPrefix, 1)))
			}
			return nil
		}); err != nil {
			return err
		}
	}
}
