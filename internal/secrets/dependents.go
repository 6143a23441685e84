package secrets

import (
	"context"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// Dependents are the projections that use a secret.
type Dependents struct {
	Projections []string // full names of those that the caller may see
	Hidden      int      // how many more there are
}

// ListDependents returns what uses a secret.
func (s *Service) ListDependents(ctx context.Context, caller authn.Caller, name string) (Dependents, error) {
	t, err := s.allowSecret(ctx, caller, authz.SecretGet, "name", name, namespaces, secretsOf)
	if err != nil {
		return Dependents{}, err
	}
	var d Dependents
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		record, err := readDependents(snapshot, t.key())
		d = s.dependentsFor(caller, record)
		return err
	})
	return d, err
}

func readDependents(r reader, k secretKey) (*storev1.Dependents, error) {
	record := &storev1.Dependents{}
	_, err := r.Get(kindDependents, k.nsUID, k.in(dependentsPrefix), record)
	_, err = found(err)
	return record, err
}

// dependentsFor names the dependents that the caller may see and counts the others.
func (s *Service) dependentsFor(caller authn.Caller, record *storev1.Dependents) Dependents {
	var d Dependents
	for _, p := range record.GetProjections() {
		n, ok := s.directory.namespaceByUID(p.GetNamespaceUid())
		resource := authz.Resource{Kind: authz.KindProjection, UID: p.GetUid(), NamespaceUID: p.GetNamespaceUid()}
		if !ok || !s.gate.Holds(caller.Principal, authz.ProjectionGet, resource) {
			d.Hidden++
			continue
		}
		d.Projections = append(d.Projections, join(namespaces, n.id, projections, p.GetId()))
	}
	return d
}

// maxDependents bounds the projections that use one secret.
const maxDependents = 1000

// addDependent writes that a projection uses a secret; removeDependent that it does no more.
func addDependent(tx *sealed.Tx, k secretKey, d *storev1.Dependents_Dependent) error {
	return changeDependents(tx, k, func(record *storev1.Dependents) error {
		if len(record.GetProjections()) >= maxDependents {
			return ErrLimit
		}
		record.Projections = append(record.Projections, d)
		return nil
	})
}

func removeDependent(tx *sealed.Tx, k secretKey, uid string) error {
	return changeDependents(tx, k, func(record *storev1.Dependents) error {
		kept := record.Projections[:0]
		for _, d := range record.GetProjections() {
			if d.GetUid() != uid {
				kept = append(kept, d)
			}
		}
		record.Projections = kept
		return nil
	})
}

func changeDependents(tx *sealed.Tx, k secretKey, change func(*storev1.Dependents) error) error {
	record, err := readDependents(tx, k)
	if err != nil {
		return err
	}
	if err := change(record); err != nil {
		return err
	}
	if len(record.GetProjections()) == 0 {
		tx.Delete(k.in(dependentsPrefix))
		return nil
	}
	return tx.Put(kindDependents, k.nsUID, k.in(dependentsPrefix), record)
}
