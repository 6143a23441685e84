package secrets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// A secret that goes to another namespace, or is copied, gets there version by version, under the keys of that namespace.
// Until the last transaction, which makes it visible there and, if it moves, puts the old one into the bin, nobody sees
// any of it. Few versions go in that one transaction. Where they do not fit, the first leaves a mark, and of a secret that
// moves the note that nobody may write it. What a call leaves half done the sweep takes back: nobody was told that it was
// made, and whoever asked for it may have lost the right to it. What is still being made then is made anew.
//
// To take one back frees the secret and turns the mark into that of a purge, all at once: no step of the transfer can
// follow, for each reads the mark.

// What goes along in one transaction, beside what may use the secret (dependentsShards) and the records of both secrets.
const (
	maxCarried     = 16        // versions, each of which is read and written, with its payload
	maxCarriedSize = 384 << 10 // bytes, after which no further version goes along; a single one has at most 600 KiB
)

const (
	transferTime = 2 * time.Minute  // how long a transfer goes on without its caller
	takeBackTime = 10 * time.Second // and to take it back; the sweep does it after that
)

var (
	errMoving  = fmt.Errorf("%w: the secret is being moved to another namespace; try again when that is done", ErrPrecondition)
	errSettled = fmt.Errorf("%w: the transfer was ended by another", ErrChanged)
)

// transit is the way of a secret, or of its copy, to another namespace.
type transit struct {
	from, to namespace
	uid      string           // of the secret
	rev      storage.Revision // of its record, which must not change on the way
	record   *storev1.Transfer
	owner    *storev1.Principal // at its destination; nil: the one it has
	holding  *holding           // of the namespace that it goes to
	once     *once              // of the call
}

func (t *transit) source() secretKey { return secretKey{t.from.uid, t.uid} }

func (t *transit) destination() secretKey { return secretKey{t.to.uid, t.record.GetDestinationUid()} }

func (t *transit) mark() storage.Key {
	if t.record.GetCopy() {
		return key(transferPrefix, t.from.uid, t.record.GetDestinationUid())
	}
	return t.source().in(transferPrefix)
}

// progress is how far a transit has come.
type progress struct {
	next   int64           // version to go
	secret *storev1.Secret // as it is at its destination
	landed bool
}

// send takes a secret, or its copy, to another namespace. Once there is a mark, a caller who leaves does not stop it.
func (s *Service) send(ctx context.Context, caller authn.Caller, p passage, t *transit, etag string, validateOnly bool) (Secret, error) {
	var err error
	if t.holding, err = s.holding(ctx, t.to); err != nil {
		return Secret{}, err
	}
	defer t.holding.release()
	var at progress
	rev, err := s.update(ctx, validateOnly, func(tx *sealed.Tx) error {
		var err error
		if at, err = t.answered(tx); err != nil || at.landed {
			return err
		}
		now := secretAt{place: p.from.place}
		if err := p.same(tx, s, &now, etag); err != nil {
			return err
		}
		if err := s.liveNamespace(tx, t.to); err != nil {
			return err
		}
		t.rev = now.rev
		if at, err = s.step(tx, t, now.record, 1); err != nil || at.landed {
			return err
		}
		return depart(tx, t, now.record)
	})
	if err != nil {
		return Secret{}, s.named(ctx, caller, p.from, err)
	}
	if !at.landed && !validateOnly {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), transferTime)
		defer cancel()
		if !t.record.GetCopy() {
			t.rev = rev
		}
		if at, rev, err = s.proceed(ctx, t, at.next); err != nil {
			return Secret{}, s.named(ctx, caller, p.from, err)
		}
	}
	if !validateOnly {
		t.holding.commit(t.once.wrote(rev))
		s.moveAccess(t)
	}
	return s.secretFor(caller, t.to, at.secret, t.once.revision(rev)), nil
}

// answered is the end of the way where a call at the same time, of the same request, has made it.
func (t *transit) answered(tx *sealed.Tx) (progress, error) {
	t.once.replayed = 0
	if t.once.key == "" {
		return progress{}, nil
	}
	at := progress{secret: &storev1.Secret{}}
	var err error
	_, at.landed, err = t.once.replay(tx, at.secret)
	return at, err
}

// depart leaves the mark of a transfer that takes further transactions.
func depart(tx *sealed.Tx, t *transit, source *storev1.Secret) error {
	if err := tx.Put(kindTransfer, system, t.mark(), t.record); err != nil || t.record.GetCopy() {
		return err
	}
	source.Moving = true
	return tx.Put(kindSecret, t.from.uid, key(secretPrefix, t.from.uid, source.GetId()), source)
}

// step carries what fits into the transaction, from a version on; with the last one the secret lands.
func (s *Service) step(tx *sealed.Tx, t *transit, source *storev1.Secret, next int64) (progress, error) {
	at := progress{next: next}
	var err error
	if at.secret, err = s.arriving(tx, t, source); err != nil {
		return at, err
	}
	size := 0
	for ; at.next <= source.GetLastVersion(); at.next++ {
		if at.next-next == maxCarried || size > maxCarriedSize {
			return at, nil
		}
		carried, err := carry(tx, t, at.next)
		if err != nil {
			return at, fmt.Errorf("carrying version %d: %w", at.next, err)
		}
		size += carried
	}
	at.landed = true
	return at, s.land(tx, t, source, at.secret)
}

// arriving is the secret as it will be, if it may go and there is room for it.
func (s *Service) arriving(tx *sealed.Tx, t *transit, source *storev1.Secret) (*storev1.Secret, error) {
	if err := vacant(tx, t.to.uid, t.record.GetDestinationId()); err != nil {
		return nil, err
	}
	if !t.record.GetCopy() && !t.record.GetForce() {
		if used, err := dependentsOf(tx, t.source()); err != nil || len(used) > 0 {
			return nil, firstError(err, &usedError{used: used})
		}
	}
	secret, now := proto.CloneOf(source), s.now()
	secret.Uid, secret.Id, secret.Moving = t.record.GetDestinationUid(), t.record.GetDestinationId(), false
	touch(secret.Meta, t.record.GetBy(), now)
	if t.owner != nil {
		setOwner(secret, t.owner)
	}
	if t.record.GetCopy() {
		secret.Meta.CreateTime, secret.Meta.CreatedBy = stamp(now), t.record.GetBy()
	}
	return secret, t.holding.change(Usage{}, takes(secret))
}

// carry writes a version at the destination as it is at the source, and returns how large it is.
func carry(tx *sealed.Tx, t *transit, number int64) (size int, err error) {
	from, to, version := t.source(), t.destination(), &storev1.SecretVersion{}
	if _, err := tx.Get(kindVersion, from.nsUID, from.version(versionPrefix, number), version); err != nil {
		return 0, err
	}
	version.Uid = newUID()
	size = proto.Size(version)
	if err := tx.Put(kindVersion, to.nsUID, to.version(versionPrefix, number), version); err != nil || State(version.GetState()) == Destroyed {
		return size, err
	}
	payload, err := tx.GetPayload(kindPayload, from.nsUID, from.version(payloadPrefix, number))
	if err != nil {
		return 0, err
	}
	return size + payload.Size(), tx.PutPayload(kindPayload, to.nsUID, to.version(payloadPrefix, number), payload)
}

// land makes a secret visible whose versions are all there.
func (s *Service) land(tx *sealed.Tx, t *transit, source, secret *storev1.Secret) error {
	tx.Delete(t.mark())
	if err := tx.Put(kindSecret, t.to.uid, key(secretPrefix, t.to.uid, secret.GetId()), secret); err != nil {
		return err
	}
	if t.record.GetCopy() {
		return t.once.wrap(secret, func(*sealed.Tx) error { return nil })(tx)
	}
	used := &storev1.LastAccess{}
	_, err := tx.Get(kindLastAccess, t.from.uid, t.source().in(lastAccessPrefix), used)
	if ok, err := found(err); err != nil {
		return err
	} else if ok {
		if err := tx.Put(kindLastAccess, t.to.uid, t.destination().in(lastAccessPrefix), used); err != nil {
			return err
		}
	}
	now := s.now()
	source.Moving, source.DeleteTime, source.PurgeTime = false, stamp(now), stamp(now.Add(s.retention))
	touch(source.Meta, t.record.GetBy(), now)
	tx.Delete(key(secretPrefix, t.from.uid, source.GetId()))
	return tx.Put(kindSecret, t.from.uid, t.source().in(binPrefix), source)
}

// proceed goes on with a transfer that has a mark until the secret has landed, or takes it back.
func (s *Service) proceed(ctx context.Context, t *transit, next int64) (progress, storage.Revision, error) {
	at := progress{next: next}
	for {
		before := at.next
		rev, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
			if marked, err := exists(tx, t.mark()); !marked {
				return firstError(err, errSettled)
			}
			var err error
			if at, err = t.answered(tx); err != nil || at.landed {
				return firstError(err, withdraw(tx, t))
			}
			now := secretAt{place: place{ns: t.from, ids: []string{t.record.GetId()}}}
			if err := firstError(s.liveNamespace(tx, t.from), s.liveNamespace(tx, t.to), now.read(tx)); err != nil {
				return err
			}
			if now.record.GetUid() != t.uid || now.rev != t.rev {
				return ErrChanged
			}
			at, err = s.step(tx, t, now.record, before)
			return err
		})
		if err != nil {
			return s.conclude(ctx, t, err)
		}
		if t.once.replayed != 0 {
			if err := s.erase(ctx, t.destination()); err != nil {
				s.log.Warn("erasing a copy that another call made; it is tried again", "mark", t.mark(), "error", err)
			}
		}
		if at.landed {
			return at, rev, nil
		}
	}
}

// conclude ends a transfer that cannot go on, be it for want of time. It is taken back, unless it has landed, the store
// not having said so, by the very transaction that failed.
func (s *Service) conclude(ctx context.Context, t *transit, why error) (progress, storage.Revision, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeBackTime)
	defer cancel()
	there := secretAt{place: place{ns: t.to, ids: []string{t.record.GetDestinationId()}}}
	err := s.takeBack(ctx, t)
	if errors.Is(err, errSettled) {
		err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return there.read(snapshot) })
	}
	if err != nil {
		s.log.Warn("taking a transfer back; it is tried again", "mark", t.mark(), "error", err)
	}
	if err != nil || there.record.GetUid() != t.record.GetDestinationUid() {
		return progress{}, 0, why
	}
	return progress{secret: there.record, landed: true}, there.rev, nil
}

// moveAccess makes accesses that are not stored yet count for what has landed.
func (s *Service) moveAccess(t *transit) {
	s.accessMu.Lock()
	defer s.accessMu.Unlock()
	if hour, ok := s.accessed[t.source()]; ok && !t.record.GetCopy() {
		s.accessed[t.destination()] = hour
	}
}
