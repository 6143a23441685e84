package secrets

import (
	"context"
	"fmt"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// vacant returns ErrExists if the namespace has a secret of that ID.
func vacant(tx *sealed.Tx, nsUID, id string) error {
	taken, err := exists(tx, key(secretPrefix, nsUID, id))
	if err == nil && taken {
		return fmt.Errorf("%w: a secret %q", ErrExists, id)
	}
	return err
}

// DeleteSecret puts a secret into the bin. Unless forced, it refuses with an InUseError while projections use it.
func (s *Service) DeleteSecret(ctx context.Context, caller authn.Caller, name, etag string, force, validateOnly bool) (Secret, error) {
	t, err := s.allowSecret(ctx, caller, authz.SecretDelete, "name", name, namespaces, secretsOf)
	if err != nil {
		return Secret{}, err
	}
	var now secretAt
	rev, err := s.update(ctx, validateOnly, func(tx *sealed.Tx) error {
		now = secretAt{place: t.place}
		if err := s.sameSecret(tx, t, &now, etag); err != nil {
			return err
		}
		if !force {
			used, err := dependentsOf(tx, t.key())
			if err != nil {
				return err
			}
			if len(used) > 0 {
				return &usedError{used: used}
			}
		}
		at := s.now()
		now.record.DeleteTime, now.record.PurgeTime = stamp(at), stamp(at.Add(s.retention))
		touch(now.record.Meta, caller.Name, at)
		tx.Delete(key(secretPrefix, t.ns.uid, t.ids[0]))
		return tx.Put(kindSecret, t.ns.uid, t.key().in(binPrefix), now.record)
	})
	if err != nil {
		return Secret{}, s.named(ctx, caller, t, err)
	}
	return s.secretFor(caller, t.ns, now.record, rev), nil
}

// allowDeleted reads the secret in the bin that a name points to and asks the gate.
func (s *Service) allowDeleted(ctx context.Context, caller authn.Caller, action authz.Action, name string) (secretAt, error) {
	t := secretAt{place: s.locate("name", name, namespaces, deletedSecrets)}
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return t.readDeleted(snapshot) })
	if err != nil {
		return t, err
	}
	// Policies know a secret by the ID that it had, which is not for who was denied.
	resource, note := s.resource(t.place, authz.KindSecret, ""), ""
	if t.record != nil {
		resource, note = secretIn(t.ns, t.record), "in the bin"
	}
	if err := s.gate.AllowAll(ctx, caller, resource, note, action); err != nil {
		return t, retold(err, t.name)
	}
	return t, t.told()
}

func (t *secretAt) readDeleted(r reader) error {
	if t.ns.uid == "" || len(t.ids) == 0 {
		return nil
	}
	record := &storev1.Secret{}
	rev, err := r.Get(kindSecret, t.ns.uid, secretKey{t.ns.uid, t.ids[0]}.in(binPrefix), record)
	if ok, err := found(err); !ok {
		return err
	}
	t.record, t.rev = record, rev
	return nil
}

func (s *Service) getDeleted(ctx context.Context, caller authn.Caller, name string) (Secret, error) {
	t, err := s.allowDeleted(ctx, caller, authz.SecretGet, name)
	if err != nil {
		return Secret{}, err
	}
	secret := s.secretFor(caller, t.ns, t.record, t.rev)
	return secret, s.addLastAccess(ctx, t.key(), &secret)
}

// UndeleteSecret takes a secret out of the bin, under its old ID or a new one.
func (s *Service) UndeleteSecret(ctx context.Context, caller authn.Caller, name, id string, validateOnly bool) (Secret, error) {
	t, err := s.allowDeleted(ctx, caller, authz.SecretUndelete, name)
	if err != nil {
		return Secret{}, err
	}
	var p problems
	if id != "" && id != t.record.GetId() {
		if err := s.allowRename(ctx, caller, t, id); err != nil {
			return Secret{}, err
		}
		checkID(&p, "secret_id", secretsOf, id)
	}
	if err := p.err(); err != nil {
		return Secret{}, err
	}
	var now secretAt
	rev, err := s.update(ctx, validateOnly, func(tx *sealed.Tx) error {
		now = secretAt{place: t.place}
		if err := firstError(s.liveNamespace(tx, t.ns), now.readDeleted(tx)); err != nil {
			return err
		}
		if now.record == nil {
			return ErrNotFound
		}
		if now.record.GetPurging() {
			return fmt.Errorf("%w: the secret is being purged", ErrPrecondition)
		}
		if err := s.rename(tx, t.key(), now.record, id); err != nil {
			return err
		}
		now.record.DeleteTime, now.record.PurgeTime = nil, nil
		touch(now.record.Meta, caller.Name, s.now())
		tx.Delete(t.key().in(binPrefix))
		return tx.Put(kindSecret, t.ns.uid, key(secretPrefix, t.ns.uid, now.record.GetId()), now.record)
	})
	if err != nil {
		return Secret{}, err
	}
	return s.secretFor(caller, t.ns, now.record, rev), nil
}

// allowRename asks the gate whether a secret in the bin may come back under another ID. That takes the right to create it,
// as policies see it, or a right to one secret would tell and take any other name; and, as where it moves, nobody gains the
// right to read or use it.
func (s *Service) allowRename(ctx context.Context, caller authn.Caller, t secretAt, id string) error {
	there := attributed(s.in(s.locate("name", join(namespaces, t.nsID), namespaces), authz.KindSecret, secretsOf, id), t.record)
	created := there
	created.UID = ""
	if err := s.gate.AllowAll(ctx, caller, created, "from the bin", authz.SecretCreate); err != nil {
		return err
	}
	return retold(s.gate.AllowAs(ctx, caller, secretIn(t.ns, t.record), there, "as "+there.Name, authz.SecretAccess, authz.SecretUse), t.name)
}

// rename gives a secret an ID that is free. Projections remember the ID under which they were bound; a binding leads
// them on from there.
func (s *Service) rename(tx *sealed.Tx, k secretKey, record *storev1.Secret, id string) error {
	if id == "" {
		id = record.GetId()
	}
	if err := vacant(tx, k.nsUID, id); err != nil {
		return err
	}
	bound, err := exists(tx, k.in(bindingPrefix))
	if err != nil || (id == record.GetId() && !bound) {
		return err
	}
	record.Id = id
	return tx.Put(kindBinding, k.nsUID, k.in(bindingPrefix), &storev1.Binding{Id: id})
}

// PurgeSecret erases a secret in the bin for good. Before its purge_time that takes force.
func (s *Service) PurgeSecret(ctx context.Context, caller authn.Caller, name string, force, validateOnly bool) (storage.Revision, error) {
	t, err := s.allowDeleted(ctx, caller, authz.SecretPurge, name)
	if err != nil {
		return 0, err
	}
	rev, err := s.update(ctx, validateOnly, func(tx *sealed.Tx) error {
		return s.beginPurge(tx, t, func(now *storev1.Secret) error {
			if purge := now.GetPurgeTime().AsTime(); !force && !now.GetPurging() && s.now().Before(purge) {
				return fmt.Errorf("%w: it may be undeleted until %s; purge it now with force", ErrPrecondition, purge.Format("2006-01-02 15:04 MST"))
			}
			return nil
		})
	})
	if err != nil || validateOnly {
		return rev, err
	}
	return rev, s.erase(ctx, t.key())
}

// beginPurge closes the door on a secret in the bin, if it may be purged: from then on it cannot be undeleted, and can be
// erased.
func (s *Service) beginPurge(tx *sealed.Tx, t secretAt, may func(*storev1.Secret) error) error {
	now := secretAt{place: t.place}
	if err := firstError(s.liveNamespace(tx, t.ns), now.readDeleted(tx)); err != nil {
		return err
	}
	if now.record == nil {
		return ErrNotFound
	}
	if err := may(now.record); err != nil {
		return err
	}
	k := secretKey{t.ns.uid, now.record.GetUid()}
	now.record.Purging = true
	return firstError(markLeftover(tx, purgePrefix, k), tx.Put(kindSecret, t.ns.uid, k.in(binPrefix), now.record))
}
