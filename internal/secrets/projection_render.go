package secrets

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Bundle is what one rendering of a projection yields.
type Bundle struct {
	render.Bundle
	Etag        string
	Revision    storage.Revision // all of it was read at
	NotModified bool             // the caller has it already: there are no values in it
}

// boundSecret is a secret that a projection delivers, as it is now.
type boundSecret struct {
	ns      namespace
	record  *storev1.Secret // nil: it was deleted
	number  int64
	problem error // why nothing of it can be delivered
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

// RenderProjection returns the values of a projection in their shapes: all of one revision, or none. While the etag that
// the caller has is current, it returns no values.
func (s *Service) RenderProjection(ctx context.Context, caller authn.Caller, name, ifNoneMatch string) (Bundle, error) {
	d, err := s.deliver(ctx, caller, authz.ProjectionRender, name, ifNoneMatch)
	return d.bundle, err
}

// deliver decides, records and renders.
func (s *Service) deliver(ctx context.Context, caller authn.Caller, action authz.Action, name, ifNoneMatch string) (delivery, error) {
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
		d.bundle.Revision, d.bundle.Etag = snapshot.Revision(), d.etag
		if d.bundle.NotModified = d.etag == ifNoneMatch; d.bundle.NotModified {
			return nil
		}
		return readPayloads(snapshot, d.bound)
	})
	if err != nil || d.bundle.NotModified {
		return d, err
	}
	recipe := make([]render.Item, len(d.at.record.GetItems()))
	for i, item := range d.at.record.GetItems() {
		recipe[i] = itemOf(item).recipe(d.bound[secretKey{item.GetNamespaceUid(), item.GetSecretUid()}].payload)
	}
	if d.bundle.Bundle, err = render.Render(ctx, render.Recipe{Items: recipe}); err != nil {
		d.bundle = Bundle{}
		return d, renderError(err, "", ErrNotRepresentable)
	}
	for k, b := range d.bound {
		if b.payload != nil {
			s.noteAccess(k)
		}
	}
	return d, nil
}

// readDelivery reads, without values, what the projection delivers.
func (s *Service) readDelivery(r reader, d *delivery) (err error) {
	if d.bound, err = s.readBound(r, d.at.record.GetItems()); err != nil {
		return err
	}
	d.fault = s.deliverable(d.at.record.GetItems(), d.bound)
	d.etag = bundleEtag(d.at, d.bound)
	return nil
}

// readBound reads the metadata of the secrets that items are bound to.
func (s *Service) readBound(r reader, items []*storev1.Projection_Item) (map[secretKey]*boundSecret, error) {
	bound := map[secretKey]*boundSecret{}
	for k, id := range secretsOfItems(items) {
		b := &boundSecret{}
		b.ns, _ = s.directory.namespaceByUID(k.nsUID)
		record, err := readByUID(r, k, id)
		lives, err := found(err)
		if err != nil {
			return nil, err
		}
		switch b.record = record; {
		case !lives || b.ns.deleted || b.ns.uid == "":
			b.record, b.problem = nil, ErrDangling
		default:
			if b.number, b.problem = versionNumber(b.record, versionActive); b.problem == nil {
				b.problem = readable(b.record, b.number, s.now())
			}
		}
		bound[k] = b
	}
	return bound, nil
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

// usesOf are the uses that the author of a projection must have the right to. A deleted secret is no use.
func (s *Service) usesOf(p *storev1.Projection, bound map[secretKey]*boundSecret) []gate.Use {
	author := s.authorOf(p)
	var uses []gate.Use
	for _, b := range bound {
		if b.record != nil {
			uses = append(uses, gate.Use{Author: author, Secret: secretIn(b.ns, b.record)})
		}
	}
	return uses
}

// deliverable returns an error if a secret that is not optional cannot be delivered.
func (s *Service) deliverable(items []*storev1.Projection_Item, bound map[secretKey]*boundSecret) error {
	for i, item := range items {
		b := bound[secretKey{item.GetNamespaceUid(), item.GetSecretUid()}]
		if b.problem != nil && !item.GetOptional() {
			return fmt.Errorf("%w: items[%d], secret %q", b.problem, i, item.GetSecret())
		}
	}
	return nil
}

func readPayloads(snapshot *sealed.Snapshot, bound map[secretKey]*boundSecret) error {
	for k, b := range bound {
		if b.problem != nil {
			continue
		}
		var err error
		if b.payload, err = snapshot.GetPayload(kindPayload, k.nsUID, k.version(payloadPrefix, b.number)); err != nil {
			return err
		}
	}
	return nil
}

// bundleEtag names the projection as written and the versions it delivers; the values have no part in it.
func bundleEtag(t projectionAt, bound map[secretKey]*boundSecret) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %d", t.record.GetUid(), t.rev)
	for _, item := range t.record.GetItems() {
		k := secretKey{item.GetNamespaceUid(), item.GetSecretUid()}
		number := bound[k].number
		if bound[k].problem != nil {
			number = 0
		}
		fmt.Fprintf(h, " %s %d", k.uid, number)
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
	bound, err := s.readBound(snapshot, r.GetItems())
	if err != nil {
		return Projection{}, err
	}
	p := Projection{
		Meta: metaOf(r.GetUid(), r.GetMeta(), rev), Name: join(namespaces, n.id, projections, r.GetId()),
		AuthorizedBy: r.GetAuthorizedBy().GetName(), Items: make([]Item, len(r.GetItems())),
	}
	for i, stored := range r.GetItems() {
		p.Items[i] = itemOf(stored)
		if b := bound[secretKey{stored.GetNamespaceUid(), stored.GetSecretUid()}]; b.record != nil {
			p.Items[i].Bound = join(namespaces, b.ns.id, secretsOf, b.record.GetId())
		}
	}
	return p, nil
}

func itemOf(r *storev1.Projection_Item) Item {
	item := Item{Secret: r.GetSecret(), Key: r.GetKey(), AllKeys: r.GetAllKeys(), Optional: r.GetOptional()}
	if r.GetPath() != "" {
		item.File = &render.FileTarget{Path: r.GetPath(), Format: render.Format(r.GetFormat()), Mode: r.GetMode()}
	} else {
		item.Env = &render.EnvTarget{Name: r.GetEnv(), Prefix: r.GetEnvPrefix()}
	}
	return item
}

// stored is the item bound to a secret.
func (item Item) stored(t secretAt) *storev1.Projection_Item {
	r := &storev1.Projection_Item{
		Secret: item.Secret, NamespaceUid: t.ns.uid, SecretUid: t.record.GetUid(), SecretId: t.record.GetId(),
		Key: item.Key, AllKeys: item.AllKeys, Optional: item.Optional,
	}
	if item.Env != nil {
		r.Env, r.EnvPrefix = item.Env.Name, item.Env.Prefix
	}
	if item.File != nil {
		r.Path, r.Format, r.Mode = item.File.Path, int32(item.File.Format), item.File.Mode
	}
	return r
}

// recipe is the item for the renderer.
func (item Item) recipe(payload plaintext.Payload) render.Item {
	return render.Item{
		SecretName: item.Secret, Key: item.Key, AllKeys: item.AllKeys, Optional: item.Optional, Payload: payload,
		Target: render.Target{Env: item.Env, File: item.File},
	}
}
