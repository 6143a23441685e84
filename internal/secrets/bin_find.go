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

// FindSecret returns the metadata of a secret by the name that it has, or had before it was deleted: the one that was
// deleted last, where there is none of the name. fault is what whoever calls found wrong with the request while decoding it;
// it is told after the decision.
func (s *Service) FindSecret(ctx context.Context, caller authn.Caller, name string, fault error) (Secret, error) {
	t := secretAt{place: s.locate("name", name, namespaces, secretsOf)}
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		if err := t.read(snapshot); err != nil {
			return err
		}
		// How long the bin takes is for those alone who may know whether there is such a secret.
		if err := s.gate.Allow(ctx, caller, authz.SecretGet, s.secretResource(t)); err != nil {
			return err
		}
		if fault != nil || t.record != nil || t.fault != nil {
			return firstError(fault, t.told())
		}
		whole, err := t.readLastDeleted(ctx, snapshot)
		switch {
		case err != nil:
			return err
		case t.record != nil:
			return s.gate.AllowAll(ctx, caller, s.secretResource(t), "in the bin", authz.SecretGet)
		case !whole:
			return fmt.Errorf("%w: the bin of %s has more secrets than are looked through", ErrLimit, t.ns.name())
		}
		return t.told()
	})
	if err != nil {
		return Secret{}, err
	}
	return s.secretFor(caller, t.ns, t.record, t.rev), nil
}

// readLastDeleted looks for the secret in the bin that had the ID and was deleted last. It tells whether it looked through
// the whole bin: it is by UIDs, of which a caller may have filled it with as many as it likes.
func (t *secretAt) readLastDeleted(ctx context.Context, snapshot *sealed.Snapshot) (whole bool, err error) {
	prefix := key(binPrefix, t.ns.uid, "")
	var after storage.Key
	for range maxExamined / rangeSize {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		records, err := snapshot.Range(prefix, after, rangeSize)
		if err != nil || len(records) == 0 {
			return true, err
		}
		for _, rec := range records {
			after = rec.Key
			record := &storev1.Secret{}
			if err := snapshot.Open(kindSecret, t.ns.uid, rec, record); err != nil {
				return false, err
			}
			later := t.record == nil || record.GetDeleteTime().AsTime().After(t.record.GetDeleteTime().AsTime())
			if record.GetId() == t.ids[0] && later {
				t.record, t.rev = record, rec.Revision
			}
		}
	}
	return false, nil
}
