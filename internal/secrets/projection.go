package secrets

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/filter"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Projection is a stored recipe: which keys of which secrets a workload receives, in which shape.
type Projection struct {
	Meta
	Name         string
	Items        []Item
	AuthorizedBy string // principal whose right to use the secrets delivers them
}

// Item delivers one key, or all keys, of a secret.
type Item struct {
	Secret   string // as it was written: an ID, or a full name
	Key      string
	AllKeys  bool
	Optional bool
	Env      *render.EnvTarget
	File     *render.FileTarget
	// Bound is the full name of the secret it is bound to, as it is called now; empty when that was deleted. Output only.
	Bound string
}

// CreateProjection is what CreateProjection creates.
type CreateProjection struct {
	Parent       string
	ID           string
	Projection   Projection // Items and Meta's description, labels and annotations count
	RequestID    string
	ValidateOnly bool
}

func storedProjectionMeta(r *storev1.Projection) *storev1.Meta { return r.Meta }

func sentProjectionMeta(p *Projection) *Meta { return &p.Meta }

// projectionFields are the fields that an update mask can name. Items are bound, not set, so setting them does nothing
// here.
var projectionFields = append(metaFields(sentProjectionMeta, storedProjectionMeta), field[Projection, storev1.Projection]{
	"items", func(p *Projection) bool { return len(p.Items) > 0 }, func(*storev1.Projection, *Projection) {},
})

// CreateProjection stores a projection; the caller becomes the one whose right delivers.
func (s *Service) CreateProjection(ctx context.Context, caller authn.Caller, req CreateProjection) (Projection, error) {
	at := s.locate("parent", req.Parent, namespaces)
	if err := s.gate.Allow(ctx, caller, authz.ProjectionCreate, s.in(at, authz.KindProjection, projections, req.ID)); err != nil {
		return Projection{}, err
	}
	once := s.once(caller, req.RequestID, "CreateProjection", req.Parent, req.ID, req.Projection)
	first := &storev1.Projection{}
	if done, err := s.answered(ctx, once, first); err != nil {
		return Projection{}, err
	} else if done {
		return s.projectionOf(ctx, at.ns, first, once.replayed)
	}
	var p problems
	checkID(&p, "projection_id", projections, req.ID)
	req.Projection.check(&p, "projection.")
	if err := firstError(at.fault, p.err(), checkItems(req.Projection.Items)); err != nil {
		return Projection{}, err
	}
	bound, err := s.bind(ctx, caller, at.ns, req.Projection.Items)
	if err != nil {
		return Projection{}, err
	}
	record := &storev1.Projection{Uid: newUID(), Id: req.ID, Meta: newMeta(req.Projection.Meta, caller.Name, s.now())}
	rev, err := s.update(ctx, req.ValidateOnly, once.wrap(record, func(tx *sealed.Tx) error {
		if err := s.liveNamespace(tx, at.ns); err != nil {
			return err
		}
		k := key(projectionPrefix, at.ns.uid, req.ID)
		if taken, err := exists(tx, k); err != nil || taken {
			return firstError(err, fmt.Errorf("%w: a projection %q", ErrExists, req.ID))
		}
		record.Items = nil
		if err := s.setItems(tx, caller, at.ns, record, bound); err != nil {
			return err
		}
		return tx.Put(kindProjection, at.ns.uid, k, record)
	}))
	if err != nil {
		return Projection{}, err
	}
	return s.projectionOf(ctx, at.ns, record, once.revision(rev))
}

func checkItems(items []Item) error {
	if len(items) == 0 {
		return Invalid("projection.items", "at least one is required")
	}
	recipe := make([]render.Item, len(items))
	var p problems
	for i, item := range items {
		recipe[i] = item.recipe(nil)
		if item.Secret == "" {
			p.addf(fmt.Sprintf("projection.items[%d].secret", i), "is required")
		}
	}
	return firstError(p.err(), renderError(render.Check(render.Recipe{Items: recipe}), "projection.", nil))
}

// renderError turns what the renderer found wrong into an InvalidError, or into kind where that is given.
func renderError(err error, prefix string, kind error) error {
	var invalid *render.InvalidError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &invalid):
		return err
	case kind != nil:
		return fmt.Errorf("%w: %w", kind, err)
	}
	var p problems
	for _, v := range invalid.Violations {
		p.addf(prefix+v.Field, "%s", v.Description)
	}
	return p.err()
}

// bind resolves what the items name and asks the gate whether the caller may use each secret. An ID is looked up in the
// projection's namespace, then in those above it; where there is none, that is told only to who may use it.
func (s *Service) bind(ctx context.Context, caller authn.Caller, n namespace, items []Item) ([]*storev1.Projection_Item, error) {
	bound := make([]*storev1.Projection_Item, len(items))
	seen := map[string]secretAt{}
	for i, item := range items {
		t, ok := seen[item.Secret]
		if !ok {
			var err error
			if t, err = s.allowUse(ctx, caller, n, item.Secret); err != nil {
				return nil, err
			}
			if err := t.told(); err != nil {
				return nil, Invalid(fmt.Sprintf("projection.items[%d].secret", i), "%v: %q", err, clip(item.Secret))
			}
			seen[item.Secret] = t
		}
		bound[i] = item.stored(t)
	}
	return bound, nil
}

// allowUse looks up what an item names and asks the gate whether the caller may use it. One above the projection's
// namespace that it may not use is to it as if it did not exist.
func (s *Service) allowUse(ctx context.Context, caller authn.Caller, n namespace, reference string) (secretAt, error) {
	names := []string{reference}
	if shortName(reference) {
		names = nil
		for _, up := range s.directory.line(n) {
			names = append(names, join(namespaces, up.id, secretsOf, reference))
		}
	}
	var first secretAt
	for i, name := range names {
		t, err := s.readSecret(ctx, s.locate("projection.items.secret", name, namespaces, secretsOf))
		if err != nil {
			return t, err
		}
		if i == 0 {
			first = t
		}
		if t.record == nil {
			continue
		}
		err = s.gate.Allow(ctx, caller, authz.SecretUse, s.secretResource(t))
		if i == 0 || !errors.Is(err, gate.ErrDenied) {
			return t, err
		}
	}
	return first, s.gate.Allow(ctx, caller, authz.SecretUse, s.secretResource(first))
}

// GetProjection returns a projection.
func (s *Service) GetProjection(ctx context.Context, caller authn.Caller, name string) (Projection, error) {
	t, err := s.allowProjection(ctx, caller, authz.ProjectionGet, "name", name)
	if err != nil {
		return Projection{}, err
	}
	return s.projectionOf(ctx, t.ns, t.record, t.rev)
}

// ListProjections returns the projections of a namespace that the caller may see.
func (s *Service) ListProjections(ctx context.Context, caller authn.Caller, parent string, page Page) ([]Projection, string, error) {
	at, visible, err := s.listIn(ctx, caller, authz.ProjectionList, parent)
	if err != nil {
		return nil, "", err
	}
	return list(ctx, s, caller, page, listing[Projection]{
		method: "projections", parent: parent, prefixes: []storage.Key{key(projectionPrefix, at.ns.uid, "")},
		fields: metaFilter(filter.Fields{"authorized_by": filter.String}),
		open: func(snapshot *sealed.Snapshot, rec storage.Record) (Projection, bool, error) {
			r := &storev1.Projection{}
			if err := snapshot.Open(kindProjection, at.ns.uid, rec, r); err != nil {
				return Projection{}, false, err
			}
			if !visible(projectionIn(at.ns, r)) {
				return Projection{}, false, nil
			}
			p, err := s.readProjection(snapshot, at.ns, r, rec.Revision)
			return p, true, err
		},
		get: func(p *Projection, name string) any {
			if name == "authorized_by" {
				return p.AuthorizedBy
			}
			return p.get(p.Name, name)
		},
	})
}

// UpdateProjection sets the fields of the mask. Setting items binds them anew by the caller's right.
func (s *Service) UpdateProjection(ctx context.Context, caller authn.Caller, sent Projection, mask []string, validateOnly bool) (Projection, error) {
	t, err := s.allowProjection(ctx, caller, authz.ProjectionUpdate, "projection.name", sent.Name)
	if err != nil {
		return Projection{}, err
	}
	var p problems
	sent.check(&p, "projection.")
	set, err := masked(mask, &sent, projectionFields, sentProjectionMeta, storedProjectionMeta)
	if err := firstError(p.err(), err); err != nil {
		return Projection{}, err
	}
	setsItems := len(sent.Items) > 0 && len(mask) == 0 || slices.Contains(mask, "items") || slices.Contains(mask, "*")
	var bound []*storev1.Projection_Item
	if setsItems {
		if bound, err = s.rebind(ctx, caller, t, sent.Items); err != nil {
			return Projection{}, err
		}
	}
	var now projectionAt
	rev, err := s.update(ctx, validateOnly, func(tx *sealed.Tx) error {
		now = projectionAt{place: t.place}
		if err := s.sameProjection(tx, t, &now, sent.Etag); err != nil {
			return err
		}
		set(now.record)
		if setsItems {
			if !proto.Equal(now.record.GetAuthorizedBy(), t.record.GetAuthorizedBy()) {
				return ErrEtag // it was taken over since it was decided who may write it
			}
			if err := s.setItems(tx, caller, t.ns, now.record, bound); err != nil {
				return err
			}
		}
		var p problems
		metaOf("", now.record.GetMeta(), 0).check(&p, "projection.")
		if err := p.err(); err != nil {
			return err
		}
		touch(now.record.Meta, caller.Name, s.now())
		return tx.Put(kindProjection, t.ns.uid, key(projectionPrefix, t.ns.uid, t.ids[0]), now.record)
	})
	if err != nil {
		return Projection{}, err
	}
	if validateOnly {
		rev = now.rev
	}
	return s.projectionOf(ctx, t.ns, now.record, rev)
}

// rebind asks the gate what writing the items of an existing projection takes, and binds them.
func (s *Service) rebind(ctx context.Context, caller authn.Caller, t projectionAt, items []Item) ([]*storev1.Projection_Item, error) {
	if err := checkItems(items); err != nil {
		return nil, err
	}
	author := t.record.GetAuthorizedBy()
	if author.GetName() != caller.Name || author.GetUid() != caller.UID {
		if err := s.gate.Allow(ctx, caller, authz.ProjectionTakeOver, s.projectionResource(t)); err != nil {
			return nil, err
		}
	}
	return s.bind(ctx, caller, t.ns, items)
}

func (s *Service) sameProjection(tx *sealed.Tx, decided projectionAt, now *projectionAt, etag string) error {
	if err := firstError(s.liveNamespace(tx, decided.ns), now.read(tx)); err != nil {
		return err
	}
	if now.record.GetUid() != decided.record.GetUid() {
		return ErrNotFound
	}
	return checkEtag(etag, now.rev)
}

// DeleteProjection removes a projection for good.
func (s *Service) DeleteProjection(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (storage.Revision, error) {
	t, err := s.allowProjection(ctx, caller, authz.ProjectionDelete, "name", name)
	if err != nil {
		return 0, err
	}
	return s.update(ctx, validateOnly, func(tx *sealed.Tx) error {
		now := projectionAt{place: t.place}
		if err := s.sameProjection(tx, t, &now, etag); err != nil {
			return err
		}
		for k := range secretsOfItems(now.record.GetItems()) {
			if err := removeDependent(tx, k, now.record.GetUid()); err != nil {
				return err
			}
		}
		tx.Delete(key(projectionPrefix, t.ns.uid, t.ids[0]))
		return nil
	})
}
