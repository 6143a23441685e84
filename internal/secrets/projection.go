package secrets

import (
	"context"
	"fmt"
	"slices"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/filter"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Projection is a stored recipe: which keys of which secrets a workload receives, in which shape.
type Projection struct {
	Meta
	Name         string
	Items        []Item
	Sources      []Source
	Values       map[string]string // plain values of templates
	Templates    []render.Template
	Spark        render.Spark
	Workload     string              // a workload's own payload; then there is nothing of the others
	OneDomain    bool                // refuses a workload that names other namespaces than its own and the instance; input only
	References   []WorkloadReference // found in it; output only
	AuthorizedBy string              // principal whose right to use the secrets delivers them
}

// Item delivers keys of a secret. SecretName is as it was written: an ID, or a full name.
type Item struct {
	render.Item
	Version string // active, which is the same as none, latest, or a number
	Bound   string // full name of the secret it is bound to, as it is called now; empty when that was deleted. Output only.
}

// Source is a secret that templates draw from. SecretName is as it was written: an ID, or a full name.
type Source struct {
	render.Source
	Version string // as of an Item
	Bound   string // as of an Item
}

// CreateProjection is what CreateProjection creates.
type CreateProjection struct {
	Parent       string
	ID           string
	Projection   Projection // what it delivers, and Meta's description, labels and annotations count
	RequestID    string
	ValidateOnly bool
	Fault        error // what whoever calls found wrong while decoding; told after the decision
}

func storedProjectionMeta(r *storev1.Projection) *storev1.Meta { return r.Meta }

func sentProjectionMeta(p *Projection) *Meta { return &p.Meta }

// projectionFields are the fields that an update mask can name. What a projection delivers is bound, not set, so setting
// it does nothing here.
var projectionFields = slices.Concat(metaFields(sentProjectionMeta, storedProjectionMeta), recipeFields())

func recipeFields() []field[Projection, storev1.Projection] {
	fields := make([]field[Projection, storev1.Projection], len(recipeParts))
	for i, part := range recipeParts {
		fields[i] = field[Projection, storev1.Projection]{part.path, part.present, func(*storev1.Projection, *Projection) {}}
	}
	return fields
}

// recipeParts are the fields that say what a projection delivers.
var recipeParts = []struct {
	path    string
	present func(*Projection) bool
	set     func(now, sent *Projection)
}{
	{"items", func(p *Projection) bool { return len(p.Items) > 0 }, func(now, sent *Projection) { now.Items = sent.Items }},
	{"sources", func(p *Projection) bool { return len(p.Sources) > 0 }, func(now, sent *Projection) { now.Sources = sent.Sources }},
	{"values", func(p *Projection) bool { return len(p.Values) > 0 }, func(now, sent *Projection) { now.Values = sent.Values }},
	{"templates", func(p *Projection) bool { return len(p.Templates) > 0 }, func(now, sent *Projection) { now.Templates = sent.Templates }},
	{"spark", func(p *Projection) bool { return p.Spark != render.Spark{} }, func(now, sent *Projection) { now.Spark = sent.Spark }},
	{"workload", func(p *Projection) bool { return p.Workload != "" }, func(now, sent *Projection) { now.Workload, now.OneDomain = sent.Workload, sent.OneDomain }},
}

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
	if err := firstError(at.fault, req.Fault, p.err()); err != nil {
		return Projection{}, err
	}
	bound, err := s.bind(ctx, caller, at.ns, &req.Projection)
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
		clearRecipe(record)
		if err := s.setRecipe(tx, caller, at.ns, record, &req.Projection, bound); err != nil {
			return err
		}
		return tx.Put(kindProjection, at.ns.uid, k, record)
	}))
	if err != nil {
		return Projection{}, err
	}
	return s.projectionOf(ctx, at.ns, record, once.revision(rev))
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

// UpdateProjection is what UpdateProjection changes.
type UpdateProjection struct {
	Projection   Projection
	Mask         []string
	ValidateOnly bool
	Fault        error // what whoever calls found wrong while decoding; told after the decision
}

// UpdateProjection sets the fields of the mask. Setting one that says what is delivered binds all secrets anew, by the
// caller's right.
func (s *Service) UpdateProjection(ctx context.Context, caller authn.Caller, req UpdateProjection) (Projection, error) {
	sent, mask := req.Projection, req.Mask
	t, err := s.allowProjection(ctx, caller, authz.ProjectionUpdate, "projection.name", sent.Name)
	if err != nil {
		return Projection{}, err
	}
	var p problems
	sent.check(&p, "projection.")
	set, err := masked(mask, &sent, projectionFields, sentProjectionMeta, storedProjectionMeta)
	if err := firstError(req.Fault, p.err(), err); err != nil {
		return Projection{}, err
	}
	recipe, bound, err := s.rebind(ctx, caller, t, &sent, mask)
	if err != nil {
		return Projection{}, err
	}
	var now projectionAt
	rev, err := s.update(ctx, req.ValidateOnly, func(tx *sealed.Tx) error {
		now = projectionAt{place: t.place}
		if err := s.sameProjection(tx, t, &now, sent.Etag); err != nil {
			return err
		}
		set(now.record)
		if recipe != nil {
			if now.rev != t.rev {
				return ErrEtag // what was decided on is not what is there: it may even have been taken over
			}
			if err := s.setRecipe(tx, caller, t.ns, now.record, recipe, bound); err != nil {
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
	if req.ValidateOnly {
		rev = now.rev
	}
	return s.projectionOf(ctx, t.ns, now.record, rev)
}

// rebind returns what an existing projection delivers after an update, bound, or nil if the update does not touch that.
// It asks the gate what writing it takes.
func (s *Service) rebind(ctx context.Context, caller authn.Caller, t projectionAt, sent *Projection, mask []string) (*Projection, binding, error) {
	recipe := recipeOf(t.record)
	touched := false
	for _, part := range recipeParts {
		if len(mask) == 0 && part.present(sent) || slices.Contains(mask, part.path) || slices.Contains(mask, "*") {
			part.set(&recipe, sent)
			touched = true
		}
	}
	if !touched {
		return nil, nil, nil
	}
	author := t.record.GetAuthorizedBy()
	if author.GetName() != caller.Name || author.GetUid() != caller.UID {
		if err := s.gate.Allow(ctx, caller, authz.ProjectionTakeOver, s.projectionResource(t)); err != nil {
			return nil, nil, err
		}
	}
	bound, err := s.bind(ctx, caller, t.ns, &recipe)
	return &recipe, bound, err
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
		if err := s.setDependents(tx, t.ns, now.record, &storev1.Projection{}); err != nil {
			return err
		}
		tx.Delete(key(projectionPrefix, t.ns.uid, t.ids[0]))
		return nil
	})
}
