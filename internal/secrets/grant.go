package secrets

import (
	"context"
	"fmt"
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
	Role       string // a built-in one, or the full name of another
	Resource   string // full name
	Condition  string // a Cedar expression; empty: none
	ExpireTime time.Time
	Dangling   bool // the resource, the service account or the role it was given on, to or of is gone
}

// CreateGrant is what CreateGrant gives.
type CreateGrant struct {
	Parent       string
	ID           string // empty: one of the server's choice
	Grant        Grant  // no Resource: the namespace; what is output only does not count
	RequestID    string
	ValidateOnly bool
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

// CreateGrant gives a role. The caller needs the right to create grants on the resource, and to give that role there for
// as long: nobody gives more than it holds.
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
	role, err := s.roleToGive(ctx, caller, at, req.Grant.Role)
	if err != nil {
		return Grant{}, err
	}
	note := grantNote(clip(req.ID), req.Grant)
	if err := s.allowGiving(ctx, caller, authz.GrantCreate, role, resource, req.Grant.ExpireTime, note); err != nil {
		return Grant{}, err
	}
	if done, err := s.answered(ctx, once, first); err != nil {
		return Grant{}, err
	} else if done {
		return s.grantOf(ctx, at.ns, first, once.replayed)
	}
	record, err := s.newGrant(caller, req, role, resource)
	if err := firstError(at.fault, req.Fault, fault, err); err != nil {
		return Grant{}, err
	}
	rev, err := s.updateAccess(ctx, req.ValidateOnly, once.wrap(record, func(tx *sealed.Tx) error {
		if err := firstError(s.liveNamespace(tx, at.ns), role.same(tx)); err != nil {
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

// newGrant checks a grant that was sent and binds it to what it names.
func (s *Service) newGrant(caller authn.Caller, req CreateGrant, role givenRole, resource authz.Resource) (*storev1.Grant, error) {
	var p problems
	checkID(&p, "grant_id", grantsOf, req.ID)
	req.Grant.check(&p, "grant.")
	if role.fault != "" {
		p.addf("grant.role", "%s", role.fault)
	} else if req.Grant.Condition != "" {
		if names, err := s.authz.CheckCondition(role.actions, req.Grant.Condition); err != nil {
			p.addf("grant.condition", "%s", policyFault(err))
		} else if fault := s.absentName(names); fault != "" {
			p.addf("grant.condition", "%s", fault)
		}
	}
	if e := req.Grant.ExpireTime; !e.IsZero() && e.Before(s.now()) {
		p.addf("grant.expire_time", "has passed")
	}
	principal, err := s.bound(caller, req.Grant.Principal)
	if err != nil {
		p.addf("grant.principal", "%v", err)
	}
	return &storev1.Grant{
		Uid: newUID(), Id: req.ID, Meta: newMeta(req.Grant.Meta, caller.Name, s.now()), Principal: principal,
		Role: req.Grant.Role, RoleUid: role.record.GetUid(), ResourceKind: string(resource.Kind), ResourceUid: resource.UID, Resource: resource.Name,
		ExpireTime: stamp(req.Grant.ExpireTime), Condition: req.Grant.Condition,
	}, p.err()
}

// grantNote says for the audit log who is given what: the log must tell it even after the grant is gone.
func grantNote(id string, g Grant) string {
	note := "grant " + id + ": " + clip(g.Role) + " to " + clip(g.Principal)
	if g.Condition != "" {
		note += ", on a condition"
	}
	if !g.ExpireTime.IsZero() {
		note += ", until " + g.ExpireTime.UTC().Format(time.RFC3339)
	}
	return note
}

// allowGiving asks for the right to write grants on the resource and for the right to give the role there until then. A
// role that is not known is told of once it is decided who asks.
func (s *Service) allowGiving(ctx context.Context, caller authn.Caller, action authz.Action, role givenRole, resource authz.Resource, until time.Time, note string) error {
	if role.fault != "" {
		return s.gate.AllowAll(ctx, caller, resource, note, action)
	}
	giving := authz.Giving{Principal: caller.Principal, Role: role.builtIn, Resource: resource, Until: until}
	if role.builtIn == "" {
		giving.Actions = role.actions
	}
	return s.gate.AllowGiving(ctx, caller, action, resource, note, []authz.Giving{giving})
}

// grantOf is a grant with what has become of what it names.
func (s *Service) grantOf(ctx context.Context, n namespace, r *storev1.Grant, rev storage.Revision) (Grant, error) {
	var g Grant
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		on, lives, err := s.on(snapshot, n, r)
		if err == nil {
			g, err = s.readGrant(snapshot, n, r, rev, on, lives)
		}
		return err
	})
	return g, err
}

// readGrant is a grant that was given on a resource, which lives or is gone.
func (s *Service) readGrant(snapshot reader, n namespace, r *storev1.Grant, rev storage.Revision, on authz.Resource, lives bool) (Grant, error) {
	role, err := s.roleOfGrant(snapshot, n, r)
	g := Grant{
		Meta: metaOf(r.GetUid(), r.GetMeta(), rev), Name: join(namespaces, n.id, grantsOf, r.GetId()), Principal: r.GetPrincipal().GetName(),
		Role: r.GetRole(), Resource: on.Name, Condition: r.GetCondition(), ExpireTime: unstamp(r.GetExpireTime()),
		Dangling: !lives || role.fault != "",
	}
	if uid := r.GetPrincipal().GetUid(); uid != "" {
		if _, lives := s.directory.account(uid); !lives {
			g.Dangling = true
		}
	}
	return g, err
}

// grantAt is a grant that a name points to, as far as it exists.
type grantAt struct {
	place
	record *storev1.Grant
	rev    storage.Revision
	on     authz.Resource // that it was given on, which the decision is made on
	lives  bool           // that resource
	role   givenRole
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

func (s *Service) readGrantAt(ctx context.Context, name string) (grantAt, error) {
	t := grantAt{place: s.locate("name", name, namespaces, grantsOf)}
	t.on = s.namespaceAt(t.place)
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		if err := t.read(snapshot); err != nil || t.record == nil {
			return err
		}
		var err error
		if t.on, t.lives, err = s.on(snapshot, t.ns, t.record); err == nil {
			t.role, err = s.roleOfGrant(snapshot, t.ns, t.record)
		}
		return err
	})
	return t, err
}

func (t grantAt) told() error {
	if t.fault == nil && t.record == nil {
		return t.absent()
	}
	return t.fault
}

// GetGrant returns a grant. It is decided, and recorded, on what the grant was given on; a denial tells the name that was
// sent alone.
func (s *Service) GetGrant(ctx context.Context, caller authn.Caller, name string) (Grant, error) {
	t, err := s.readGrantAt(ctx, name)
	if err != nil {
		return Grant{}, err
	}
	if err := s.gate.AllowAll(ctx, caller, t.on, t.note(), authz.GrantGet); err != nil {
		return Grant{}, retold(err, t.name)
	}
	if err := t.told(); err != nil {
		return Grant{}, err
	}
	return s.grantOf(ctx, t.ns, t.record, t.rev)
}

// note says which grant is meant, for the audit log.
func (t grantAt) note() string {
	if t.record == nil {
		return ""
	}
	return grantNote(t.record.GetId(), Grant{
		Role: t.record.GetRole(), Principal: t.record.GetPrincipal().GetName(), Condition: t.record.GetCondition(),
		ExpireTime: unstamp(t.record.GetExpireTime()),
	})
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
			on, lives, err := s.on(snapshot, at.ns, r)
			if err != nil || !visible(on) {
				return Grant{}, false, err
			}
			g, err := s.readGrant(snapshot, at.ns, r, rec.Revision, on, lives)
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

// DeleteGrant takes a role away: when it returns, the grant gives nothing. Who may take a role is who may give it now.
func (s *Service) DeleteGrant(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (storage.Revision, error) {
	t, err := s.readGrantAt(ctx, name)
	if err != nil {
		return 0, err
	}
	if t.record == nil {
		t.role.fault = "there is no grant"
	}
	if err := s.allowGiving(ctx, caller, authz.GrantDelete, t.role, t.on, s.now(), t.note()); err != nil {
		return 0, retold(err, t.name)
	}
	if err := t.told(); err != nil {
		return 0, err
	}
	k := key(grantPrefix, t.ns.uid, t.ids[0])
	if err := firstError(s.keepOperator(ctx, k), s.keepAdmins(ctx, k)); err != nil {
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
		tx.Delete(k)
		return nil
	})
}
