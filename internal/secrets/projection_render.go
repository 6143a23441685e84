package secrets

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Bundle is what one rendering of a projection yields.
type Bundle struct {
	render.Bundle
	Payload     plaintext.Value // of a workload: its payload with the references replaced
	Shape       *render.Shape   // of a dry run: then there are no values
	Etag        string
	Revision    storage.Revision // all of it was read at
	NotModified bool             // the caller has it already: there are no values in it
}

// RenderProjection is what is to be rendered.
type RenderProjection struct {
	Name string
	// IfNoneMatch is the etag of a bundle that the caller has: while it is current, no values are returned.
	IfNoneMatch string
	// AllowEnv are the variables that take over a process, and that the caller wants.
	AllowEnv []string
}

// boundSecret is a secret that a projection delivers, as it is now.
type boundSecret struct {
	ns       namespace
	record   *storev1.Secret          // nil: it was deleted
	versions map[string]*boundVersion // by what names them: active, latest, or a number
}

// boundVersion is a version that a projection delivers.
type boundVersion struct {
	number  int64
	problem error    // why nothing of it can be delivered
	names   []string // of its keys; read for dry runs only
	payload plaintext.Payload
}

// delivery is what one rendering found: who must hold which rights, and where what it delivers lives.
type delivery struct {
	at     projectionAt
	bound  map[secretKey]*boundSecret
	etag   string
	fault  error // why nothing of it can be delivered
	bundle Bundle
}

// RenderProjection returns the values of a projection in their shapes: all of one revision, or none.
func (s *Service) RenderProjection(ctx context.Context, caller authn.Caller, req RenderProjection) (Bundle, error) {
	d, err := s.deliver(ctx, caller, authz.ProjectionRender, req)
	return d.bundle, err
}

// open reads the projection, asks the gate, and goes on with it on the same snapshot.
func (s *Service) open(ctx context.Context, caller authn.Caller, action authz.Action, name string, then func(*sealed.Snapshot, *delivery) error) (delivery, error) {
	d := delivery{at: projectionAt{place: s.locate("name", name, namespaces, projections)}}
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		if err := d.at.read(snapshot); err != nil {
			return err
		}
		if err := s.gate.AllowDelegated(ctx, caller, action, s.projectionResource(d.at), func() ([]gate.Use, error) {
			err := s.readDelivery(snapshot, &d)
			return s.usesOf(d.at.record, d.bound), err
		}); err != nil {
			return err
		}
		if err := firstError(d.at.told(), d.fault); err != nil {
			return err
		}
		d.bundle.Revision, d.bundle.Etag = snapshot.Revision(), etagFor(d.at.record, d.etag)
		return then(snapshot, &d)
	})
	return d, err
}

// deliver decides, records and renders.
func (s *Service) deliver(ctx context.Context, caller authn.Caller, action authz.Action, req RenderProjection) (delivery, error) {
	d, err := s.open(ctx, caller, action, req.Name, func(snapshot *sealed.Snapshot, d *delivery) error {
		if len(req.AllowEnv) > maxAllowEnv {
			return Invalid("allow_env", "more than %d names", maxAllowEnv)
		}
		if d.bundle.NotModified = d.etag == req.IfNoneMatch; d.bundle.NotModified {
			return nil
		}
		return readPayloads(snapshot, d.bound)
	})
	if err != nil || d.bundle.NotModified {
		return d, err
	}
	if d.at.record.GetWorkload() != "" {
		err = s.resolveBound(ctx, &d, req.AllowEnv)
	} else {
		err = s.renderBound(ctx, &d, req.AllowEnv)
	}
	if err != nil {
		d.bundle = Bundle{}
		return d, err
	}
	for k, b := range d.bound {
		for _, v := range b.versions {
			if v.payload != nil {
				s.noteAccess(k)
				break
			}
		}
	}
	return d, nil
}

func (s *Service) renderBound(ctx context.Context, d *delivery, allowEnv []string) error {
	recipe := d.recipe()
	recipe.AllowEnv = allowEnv
	ctx, cancel := context.WithTimeout(ctx, maxRenderTime)
	defer cancel()
	var err error
	d.bundle.Bundle, err = render.Render(ctx, recipe)
	return renderError(err, "", ErrNotRepresentable)
}

const (
	// maxAllowEnv bounds the names of variables that a caller allows.
	maxAllowEnv = 64
	// maxRenderTime bounds what all templates and key stores of a projection take together.
	maxRenderTime = 5 * time.Second
)

// recipe is what is delivered, with what was read for it.
func (d *delivery) recipe() render.Recipe {
	p := recipeOf(d.at.record)
	for i, item := range d.at.record.GetItems() {
		v := d.version(item.GetNamespaceUid(), item.GetSecretUid(), item.GetVersion())
		p.Items[i].Payload, p.Items[i].KeyNames = v.payload, v.names
		p.Items[i].SecretType = d.bound[secretKey{item.GetNamespaceUid(), item.GetSecretUid()}].record.GetType()
		if store := item.GetTarget().GetStore(); store.GetPassword() != nil {
			v := d.version(store.GetPassword().GetNamespaceUid(), store.GetPassword().GetSecretUid(), "")
			p.Items[i].File.Store.Password, p.Items[i].File.Store.KeyNames = v.payload, v.names
		}
	}
	for i, source := range d.at.record.GetSources() {
		p.Sources[i].Payload = d.version(source.GetBound().GetNamespaceUid(), source.GetBound().GetSecretUid(), source.GetVersion()).payload
	}
	return p.recipe()
}

func (d *delivery) version(nsUID, uid, version string) *boundVersion {
	return d.bound[secretKey{nsUID, uid}].versions[versionOr(version)]
}

// readDelivery reads, without values, what the projection delivers.
func (s *Service) readDelivery(r reader, d *delivery) (err error) {
	if d.bound, err = s.readBound(r, d.at.record); err != nil {
		return err
	}
	d.fault = deliverable(d.at.record, d.bound)
	d.etag = bundleEtag(d.at, d.bound)
	return nil
}

// readBound reads the metadata of the secrets that a projection is bound to.
func (s *Service) readBound(r reader, p *storev1.Projection) (map[secretKey]*boundSecret, error) {
	bound := map[secretKey]*boundSecret{}
	for u := range usesIn(p) {
		b := bound[u.key]
		if b == nil {
			b = &boundSecret{versions: map[string]*boundVersion{}}
			b.ns, _ = s.directory.namespaceByUID(u.key.nsUID)
			record, err := readByUID(r, u.key, u.id)
			lives, err := found(err)
			if err != nil {
				return nil, err
			}
			if lives && !b.ns.deleted && b.ns.uid != "" {
				b.record = record
			}
			bound[u.key] = b
		}
		if b.versions[u.version] == nil {
			b.versions[u.version] = s.boundVersion(b.record, u.version)
		}
	}
	return bound, nil
}

func (s *Service) boundVersion(record *storev1.Secret, version string) *boundVersion {
	if record == nil {
		return &boundVersion{problem: ErrDangling}
	}
	number, err := versionNumber(record, version)
	if err == nil {
		err = readable(record, number, s.now())
	}
	return &boundVersion{number: number, problem: err}
}

// readByUID reads a secret by its UID, starting from an ID that it has or had. sealed.ErrNotFound: it was deleted.
func readByUID(r reader, k secretKey, id string) (*storev1.Secret, error) {
	binding := &storev1.Binding{}
	for _, next := range []func() error{
		func() error { return nil },
		func() error {
			_, err := r.Get(kindBinding, k.nsUID, k.in(bindingPrefix), binding)
			id = binding.GetId()
			return err
		},
	} {
		if err := next(); err != nil {
			return nil, err
		}
		record := &storev1.Secret{}
		_, err := r.Get(kindSecret, k.nsUID, key(secretPrefix, k.nsUID, id), record)
		if ok, err := found(err); err != nil {
			return nil, err
		} else if ok && record.GetUid() == k.uid {
			return record, nil
		}
	}
	return nil, sealed.ErrNotFound
}

// authorOf is whose right a projection delivers by, as far as it is known now. An account that is gone has no right any
// more, though grants to it may still stand: it is asked about without its UID.
func (s *Service) authorOf(p *storev1.Projection) authn.Principal {
	a := p.GetAuthorizedBy()
	author := s.absent(authn.Principal{Name: a.GetName(), UID: a.GetUid(), NamespaceUID: a.GetNamespaceUid()})
	if _, lives := s.directory.principal(author.UID); !lives {
		author.UID = ""
	}
	return author
}

// usesOf are the uses that the author of a projection must have the right to, those of backends among them. A deleted
// secret is no use.
func (s *Service) usesOf(p *storev1.Projection, bound map[secretKey]*boundSecret) []gate.Use {
	author := s.authorOf(p)
	var uses []gate.Use
	for _, b := range bound {
		if b.record != nil {
			uses = append(uses, gate.Use{Author: author, Secret: secretIn(b.ns, b.record)})
		}
	}
	for name, nsUID := range backendsIn(p) {
		uses = append(uses, gate.Use{Author: author, Secret: backendResource(nsUID, name)})
	}
	return uses
}

// deliverable returns an error if something that is not optional cannot be delivered.
func deliverable(p *storev1.Projection, bound map[secretKey]*boundSecret) error {
	for u := range usesIn(p) {
		if problem := bound[u.key].versions[u.version].problem; problem != nil && !u.optional {
			return fmt.Errorf("%w: %s, secret %q", problem, u.where, u.written)
		}
	}
	return nil
}

func readPayloads(snapshot *sealed.Snapshot, bound map[secretKey]*boundSecret) error {
	for k, b := range bound {
		read := map[int64]plaintext.Payload{}
		for _, v := range b.versions {
			if v.problem != nil {
				continue
			}
			if read[v.number] == nil {
				payload, err := snapshot.GetPayload(kindPayload, k.nsUID, k.version(payloadPrefix, v.number))
				if err != nil {
					return err
				}
				read[v.number] = payload
			}
			v.payload = read[v.number]
		}
	}
	return nil
}

// bundleEtag names the projection as written and the versions it delivers, for a workload together with what decides how
// they are delivered; the values have no part in it.
func bundleEtag(t projectionAt, bound map[secretKey]*boundSecret) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %d", t.record.GetUid(), t.rev)
	for u := range usesIn(t.record) {
		v := bound[u.key].versions[u.version]
		number := v.number
		if v.problem != nil {
			number = 0
		}
		fmt.Fprintf(h, " %s %d", u.key.uid, number)
		if said := bound[u.key].record.GetMeta().GetAnnotations(); t.record.GetWorkload() != "" {
			fmt.Fprintf(h, " %q %q", said[naming.DataOSType], said[naming.DataOSFiles])
		}
	}
	return `"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18]) + `"`
}

// projectionOf is a projection with the present names of its secrets.
func (s *Service) projectionOf(ctx context.Context, n namespace, r *storev1.Projection, rev storage.Revision) (Projection, error) {
	var p Projection
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		var err error
		p, err = s.readProjection(snapshot, n, r, rev)
		return err
	})
	return p, err
}

func (s *Service) readProjection(snapshot reader, n namespace, r *storev1.Projection, rev storage.Revision) (Projection, error) {
	bound, err := s.readBound(snapshot, r)
	if err != nil {
		return Projection{}, err
	}
	name := func(nsUID, uid string) string {
		b := bound[secretKey{nsUID, uid}]
		if b.record == nil {
			return ""
		}
		return join(namespaces, b.ns.id, secretsOf, b.record.GetId())
	}
	p := recipeOf(r)
	p.Meta, p.Name = metaOf(r.GetUid(), r.GetMeta(), rev), join(namespaces, n.id, projections, r.GetId())
	p.AuthorizedBy = r.GetAuthorizedBy().GetName()
	for i, stored := range r.GetItems() {
		p.Items[i].Bound = name(stored.GetNamespaceUid(), stored.GetSecretUid())
	}
	for i, stored := range r.GetSources() {
		p.Sources[i].Bound = name(stored.GetBound().GetNamespaceUid(), stored.GetBound().GetSecretUid())
	}
	p.References = referencesOf(r, func(b *storev1.Projection_Bound) string { return name(b.GetNamespaceUid(), b.GetSecretUid()) })
	return p, nil
}
