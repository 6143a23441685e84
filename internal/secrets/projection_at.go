package secrets

import (
	"context"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// projectionAt is a projection that a name points to, as far as it exists.
type projectionAt struct {
	place
	record *storev1.Projection
	rev    storage.Revision
}

func (t *projectionAt) read(r reader) error {
	if t.ns.uid == "" || len(t.ids) == 0 {
		return nil
	}
	record := &storev1.Projection{}
	rev, err := r.Get(kindProjection, t.ns.uid, key(projectionPrefix, t.ns.uid, t.ids[0]), record)
	if ok, err := found(err); !ok {
		return err
	}
	t.record, t.rev = record, rev
	return nil
}

func (t projectionAt) told() error {
	if t.fault == nil && t.record == nil {
		return t.absent()
	}
	return t.fault
}

// projectionResource is what is asked about.
func (s *Service) projectionResource(t projectionAt) authz.Resource {
	r := s.resource(t.place, authz.KindProjection, t.record.GetUid())
	r.Labels = t.record.GetMeta().GetLabels()
	return r
}

// projectionIn is the resource of a projection of a namespace.
func projectionIn(n namespace, r *storev1.Projection) authz.Resource {
	return authz.Resource{
		Kind: authz.KindProjection, UID: r.GetUid(), NamespaceUID: n.uid, Name: join(namespaces, n.id, projections, r.GetId()),
		Labels: r.GetMeta().GetLabels(),
	}
}

func (s *Service) allowProjection(ctx context.Context, caller authn.Caller, action authz.Action, fieldName, name string) (projectionAt, error) {
	t := projectionAt{place: s.locate(fieldName, name, namespaces, projections)}
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return t.read(snapshot) })
	if err != nil {
		return t, err
	}
	if err := s.gate.Allow(ctx, caller, action, s.projectionResource(t)); err != nil {
		return t, err
	}
	return t, t.told()
}
