package secrets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/filter"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Grant is a role given to a principal on a resource.
type Grant struct {
	Meta
	Name       string
	Principal  string
	Role       string
	Resource   string // full name
	ExpireTime time.Time
	Dangling   bool // the resource, or the service account it was given to, is gone
}

// CreateGrant is what CreateGrant gives.
type CreateGrant struct {
	Parent       string
	ID           string // empty: one of the server's choice
	Grant        Grant  // Principal, Role, Resource, ExpireTime and Description count; no Resource: the namespace
	RequestID    string
	ValidateOnly bool
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

// CreateGrant gives a role. The caller needs the right to create grants on the resource, and to give that role.
func (s *Service) CreateGrant(ctx context.Context, caller authn.Caller, req CreateGrant) (Grant, error) {
	at := s.locate("parent", req.Parent, namespaces)
	once := s.once(caller, req.RequestID, "CreateGrant", req.Parent, req.ID, req.Grant)
	first := &storev1.Grant{}
	if req.ID == "" {
		req.ID = newUID()
	}
	resource, fault, err := s.grantedOn(ctx, at, req.Grant.Resource)
	if err != nil {
		return Grant{}, err
	}
	note := grantNote(clip(req.ID), clip(req.Grant.Role), clip(req.Grant.Principal))
	if err := s.allowGrant(ctx, caller, authz.GrantCreate, req.Grant.Role, resource, note); err != nil {
		return Grant{}, err
	}
	if done, err := s.answered(ctx, once, first); err != nil {
		return Grant{}, err
	} else if done {
		return s.grantOf(ctx, at.ns, first, once.replayed)
	}
	var p problems
	checkID(&p, "grant_id", grantsOf, req.ID)
	req.Grant.check(&p, "grant.")
	if !s.knownRole(req.Grant.Role) {
		p.addf("grant.role", "%q is not a role", clip(req.Grant.Role))
	}
	if e := req.Grant.ExpireTime; !e.IsZero() && e.Before(s.now()) {
		p.addf("grant.expire_time", "has passed")
	}
	principal, err := s.grantee(caller, req.Grant.Principal)
	if err != nil {
		p.addf("grant.principal", "%v", err)
	}
	if err := firstError(at.fault, req.Fault, fault, p.err()); err != nil {
		return Grant{}, err
	}
	record := &storev1.Grant{
		Uid: newUID(), Id: req.ID, Meta: newMeta(req.Grant.Meta, caller.Name, s.now()), Principal: principal,
		Role: req.Grant.Role, ResourceKind: string(resource.Kind), ResourceUid: resource.UID, Resource: resource.Name,
		ExpireTime: stamp(req.Grant.ExpireTime),
	}
	rev, err := s.updateAccess(ctx, req.ValidateOnly, once.wrap(record, func(tx *sealed.Tx) error {
		if err := s.liveNamespace(tx, at.ns); err != nil {
			return err
		}
		k := key(grantPrefix, at.ns.uid, req.ID)
		if taken, err := exists(tx, k); err != nil || taken {
			return firstError(err, fmt.Errorf("%w: a grant %q", ErrExists, req.ID))
		}
		return tx.Put(kindGrant, at.ns.uid, k, record)
	}))
	if err != nil {
		return Grant{}, err
	}
	return s.grantOf(ctx, at.ns, record, once.revision(rev))
}

// grantNote says for the audit log who is given what: the log must tell it even after the grant is gone.
func grantNote(id, role, principal string) string {
	return "grant " + id + ": " + role + " to " + principal
}

// allowGrant asks for the right to write grants on the resource and for the right to give the role there.
func (s *Service) allowGrant(ctx context.Context, caller authn.Caller, action authz.Action, role string, resource authz.Resource, note string) error {
	actions := []authz.Action{action}
	if s.knownRole(role) { // another one is refused as invalid by whoever asks
		actions = append(actions, authz.GrantRole(authz.Role(role)))
	}
	return s.gate.AllowAll(ctx, caller, resource, note, actions...)
}

func (s *Service) knownRole(role string) bool {
	return slices.ContainsFunc(s.authz.Roles(), func(r authz.RoleInfo) bool { return string(r.Role) == role })
}

// grantedOn is the resource that a grant names: the namespace at the place, or a secret or projection in it. fault says
// why there is no such thing, to be told after the decision.
func (s *Service) grantedOn(ctx context.Context, at place, name string) (resource authz.Resource, fault, err error) {
	if name == "" || name == at.name {
		return s.namespaceAt(at), nil, nil
	}
	const fieldName = "grant.resource"
	absent := s.namespaceAt(at)
	absent.Name = clip(name)
	below, ok := strings.CutPrefix(name, at.name+"/")
	collection, _, _ := strings.Cut(below, "/")
	switch {
	case ok && collection == secretsOf:
		t, err := s.readSecret(ctx, s.locate(fieldName, name, namespaces, secretsOf))
		found := s.secretResource(t)
		if err != nil || t.record == nil {
			absent.Name = found.Name
			return absent, firstError(t.fault, Invalid(fieldName, "does not exist")), err
		}
		return found, nil, nil
	case ok && collection == projections:
		t := projectionAt{place: s.locate(fieldName, name, namespaces, projections)}
		err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return t.read(snapshot) })
		if err != nil || t.record == nil {
			absent.Name = t.name
			return absent, firstError(t.fault, Invalid(fieldName, "does not exist")), err
		}
		return s.resource(t.place, authz.KindProjection, t.record.GetUid()), nil, nil
	}
	return absent, Invalid(fieldName, "must be the namespace of the grant, or a secret or projection in it"), nil
}

// grantee is the principal that a grant names, bound to its UID where it is a service account. One that the caller may
// not see is as good as absent.
func (s *Service) grantee(caller authn.Caller, name string) (*storev1.Principal, error) {
	kind, bare, err := authn.SplitPrincipal(name)
	if err != nil || kind != authn.KindServiceAccount {
		return &storev1.Principal{Name: name}, err
	}
	ids, ok := split(bare, namespaces, serviceAccounts)
	if ok {
		if n, here := s.directory.namespace(ids[0]); here {
			a, here := s.directory.accountNamed(n.uid, ids[1])
			resource := authz.Resource{Kind: authz.KindServiceAccount, UID: a.uid, NamespaceUID: n.uid}
			if here && s.gate.Holds(caller.Principal, authz.ServiceAccountGet, resource) {
				return &storev1.Principal{Name: name, Uid: a.uid, NamespaceUid: a.nsUID}, nil
			}
		}
	}
	return nil, fmt.Errorf("there is no service account %q that you may see", clip(bare))
}

// grantOf is a grant with what has become of what it names.
func (s *Service) grantOf(ctx context.Context, n namespace, r *storev1.Grant, rev storage.Revision) (Grant, error) {
	var g Grant
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		var err error
		g, err = s.readGrant(snapshot, n, r, rev)
		return err
	})
	return g, err
}

func (s *Service) readGrant(snapshot reader, n namespace, r *storev1.Grant, rev storage.Revision) (Grant, error) {
	g := Grant{
		Meta: metaOf(r.GetUid(), r.GetMeta(), rev), Name: join(namespaces, n.id, grantsOf, r.GetId()), Principal: r.GetPrincipal().GetName(),
		Role: r.GetRole(), Resource: r.GetResource(), ExpireTime: unstamp(r.GetExpireTime()),
	}
	if uid := r.GetPrincipal().GetUid(); uid != "" {
		_, lives := s.directory.account(uid)
		g.Dangling = !lives
	}
	lives, err := s.grantedOnNow(snapshot, n, r, &g.Resource)
	g.Dangling = g.Dangling || !lives
	return g, err
}

// grantedOnNow tells whether the resource that a grant was given on still exists, and sets the name it has now.
func (s *Service) grantedOnNow(snapshot reader, n namespace, r *storev1.Grant, name *string) (bool, error) {
	if kind := authz.Kind(r.GetResourceKind()); kind == authz.KindSecret {
		at := s.locate("", r.GetResource(), namespaces, secretsOf)
		secret, err := readByUID(snapshot, secretKey{n.uid, r.GetResourceUid()}, strings.Join(at.ids, ""))
		if err == nil {
			*name = join(namespaces, n.id, secretsOf, secret.GetId())
		}
		return found(err)
	} else if kind == authz.KindProjection {
		t := projectionAt{place: s.locate("", r.GetResource(), namespaces, projections)}
		err := t.read(snapshot)
		return t.record.GetUid() == r.GetResourceUid(), err
	}
	return true, nil
}

// grantAt is a grant that a name points to, as far as it exists.
type grantAt struct {
	place
	record *storev1.Grant
	rev    storage.Revision
}

func (t *grantAt) read(r reader) error {
	if t.ns.uid == "" || len(t.ids) == 0 {
		return nil
	}
	record := &storev1.Grant{}
	rev, err := r.Get(kindGrant, t.ns.uid, key(grantPrefix, t.ns.uid, t.ids[0]), record)
	if ok, err := found(err); !ok {
		return err
	}
	t.record, t.rev = record, rev
	return nil
}

// on is the resource that the decision about a grant is made on: what it was given on.
func (s *Service) on(t grantAt) authz.Resource {
	if t.record == nil {
		r := s.namespaceAt(t.place)
		r.Name = t.name
		return r
	}
	return authz.Resource{Kind: authz.Kind(t.record.GetResourceKind()), UID: t.record.GetResourceUid(), NamespaceUID: t.ns.uid, Name: t.name}
}

func (s *Service) readGrantAt(ctx context.Context, name string) (grantAt, error) {
	t := grantAt{place: s.locate("name", name, namespaces, grantsOf)}
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return t.read(snapshot) })
	return t, err
}

func (t grantAt) told() error {
	if t.fault == nil && t.record == nil {
		return t.absent()
	}
	return t.fault
}

// GetGrant returns a grant.
func (s *Service) GetGrant(ctx context.Context, caller authn.Caller, name string) (Grant, error) {
	t, err := s.readGrantAt(ctx, name)
	if err != nil {
		return Grant{}, err
	}
	if err := s.gate.Allow(ctx, caller, authz.GrantGet, s.on(t)); err != nil {
		return Grant{}, err
	}
	if err := t.told(); err != nil {
		return Grant{}, err
	}
	return s.grantOf(ctx, t.ns, t.record, t.rev)
}

// ListGrants returns the grants of a namespace that the caller may see.
func (s *Service) ListGrants(ctx context.Context, caller authn.Caller, parent string, page Page) ([]Grant, string, error) {
	at, visible, err := s.listIn(ctx, caller, authz.GrantList, parent)
	if err != nil {
		return nil, "", err
	}
	return list(ctx, s, caller, page, listing[Grant]{
		method: "grants", parent: parent, prefixes: []storage.Key{key(grantPrefix, at.ns.uid, "")},
		fields: metaFilter(filter.Fields{
			"principal": filter.String, "role": filter.String, "resource": filter.String, "expire_time": filter.Timestamp,
		}),
		open: func(snapshot *sealed.Snapshot, rec storage.Record) (Grant, bool, error) {
			r := &storev1.Grant{}
			if err := snapshot.Open(kindGrant, at.ns.uid, rec, r); err != nil {
				return Grant{}, false, err
			}
			if !visible(s.on(grantAt{place: at, record: r})) {
				return Grant{}, false, nil
			}
			g, err := s.readGrant(snapshot, at.ns, r, rec.Revision)
			return g, true, err
		},
		get: func(g *Grant, name string) any {
			switch name {
			case "principal":
				return g.Principal
			case "role":
				return g.Role
			case "resource":
				return g.Resource
			case "expire_time":
				return g.ExpireTime
			}
			return g.get(g.Name, name)
		},
	})
}

// DeleteGrant takes a role away: when it returns, the grant gives nothing.
func (s *Service) DeleteGrant(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (storage.Revision, error) {
	t, err := s.readGrantAt(ctx, name)
	if err != nil {
		return 0, err
	}
	note := ""
	if t.record != nil {
		note = grantNote(t.record.GetId(), t.record.GetRole(), t.record.GetPrincipal().GetName())
	}
	if err := s.allowGrant(ctx, caller, authz.GrantDelete, t.record.GetRole(), s.on(t), note); err != nil {
		return 0, err
	}
	if err := t.told(); err != nil {
		return 0, err
	}
	if err := s.keepOperator(ctx, key(grantPrefix, t.ns.uid, t.ids[0])); err != nil {
		return 0, err
	}
	return s.updateAccess(ctx, validateOnly, func(tx *sealed.Tx) error {
		now := grantAt{place: t.place}
		if err := now.read(tx); err != nil {
			return err
		}
		if now.record.GetUid() != t.record.GetUid() {
			return ErrNotFound
		}
		if err := checkEtag(etag, now.rev); err != nil {
			return err
		}
		tx.Delete(key(grantPrefix, t.ns.uid, t.ids[0]))
		return nil
	})
}
