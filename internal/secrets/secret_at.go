package secrets

import (
	"context"
	"strconv"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// secretAt is a secret that a name points to, as far as it exists.
type secretAt struct {
	place
	record *storev1.Secret // nil: there is none
	rev    storage.Revision
}

func (t secretAt) key() secretKey { return secretKey{t.ns.uid, t.record.GetUid()} }

// readSecret reads the secret that a place points to, for the decision.
func (s *Service) readSecret(ctx context.Context, at place) (secretAt, error) {
	t := secretAt{place: at}
	if at.ns.uid == "" || len(at.ids) == 0 {
		return t, nil
	}
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return t.read(snapshot) })
	return t, err
}

func (t *secretAt) read(r reader) error {
	if t.ns.uid == "" || len(t.ids) == 0 {
		return nil
	}
	record := &storev1.Secret{}
	rev, err := r.Get(kindSecret, t.ns.uid, key(secretPrefix, t.ns.uid, t.ids[0]), record)
	if ok, err := found(err); !ok {
		return err
	}
	t.record, t.rev = record, rev
	return nil
}

// secretResource is what is asked about. Its name is told where it is denied, so it comes from the request alone.
func (s *Service) secretResource(t secretAt) authz.Resource {
	r := s.resource(t.place, authz.KindSecret, "")
	if len(t.ids) > 0 {
		r.Name = join(namespaces, t.nsID, secretsOf, t.ids[0])
	}
	return attributed(r, t.record)
}

// told is why there is nothing to work on, once the decision allows telling.
func (t secretAt) told() error {
	if t.fault == nil && t.record == nil {
		return t.absent()
	}
	return t.fault
}

// note says which version a name means, for the audit log: an alias means another one tomorrow.
func (t secretAt) note() string {
	if len(t.ids) < 2 {
		return ""
	}
	if number, err := versionNumber(t.record, t.ids[1]); t.record != nil && err == nil {
		return "version " + strconv.FormatInt(number, 10)
	}
	return "version " + t.ids[1]
}

// allowSecret reads the secret that a name points to and asks the gate.
func (s *Service) allowSecret(ctx context.Context, caller authn.Caller, action authz.Action, fieldName, name string, collections ...string) (secretAt, error) {
	return s.allowSecretAll(ctx, caller, []authz.Action{action}, fieldName, name, collections...)
}

// allowSecretAll is allowSecret for several actions, all of which the caller must hold.
func (s *Service) allowSecretAll(ctx context.Context, caller authn.Caller, actions []authz.Action, fieldName, name string, collections ...string) (secretAt, error) {
	t, err := s.readSecret(ctx, s.locate(fieldName, name, collections...))
	if err != nil {
		return t, err
	}
	if err := s.gate.AllowAll(ctx, caller, s.secretResource(t), t.note(), actions...); err != nil {
		return t, err
	}
	return t, t.told()
}

// changeSecret applies change to a secret that the gate has allowed to change, and writes its record.
func (s *Service) changeSecret(ctx context.Context, caller authn.Caller, t secretAt, etag string, validateOnly bool, change func(*sealed.Tx, secretAt, *holding) error) (*storev1.Secret, storage.Revision, error) {
	var now secretAt
	holding, err := s.holding(ctx, t.ns)
	if err != nil {
		return nil, 0, err
	}
	defer holding.release()
	rev, err := s.update(ctx, validateOnly, func(tx *sealed.Tx) error {
		now = secretAt{place: t.place}
		if err := s.sameSecret(tx, t, &now, etag); err != nil {
			return err
		}
		before := takes(now.record)
		if err := change(tx, now, holding); err != nil {
			return err
		}
		if err := holding.change(before, takes(now.record)); err != nil {
			return err
		}
		touch(now.record.Meta, caller.Name, s.now())
		return tx.Put(kindSecret, t.ns.uid, key(secretPrefix, t.ns.uid, now.record.GetId()), now.record)
	})
	holding.commit(rev)
	if validateOnly {
		rev = now.rev
	}
	return now.record, rev, err
}

// sameSecret reads the secret again within a transaction that writes it: it must be the one that was decided on, and stay.
func (s *Service) sameSecret(tx *sealed.Tx, decided secretAt, now *secretAt, etag string) error {
	if err := s.liveNamespace(tx, decided.ns); err != nil {
		return err
	}
	if err := now.read(tx); err != nil {
		return err
	}
	if now.record.GetUid() != decided.record.GetUid() {
		return ErrNotFound
	}
	if now.record.GetMoving() {
		return errMoving
	}
	return checkEtag(etag, now.rev)
}
