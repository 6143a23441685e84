package secrets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// maxActions bounds the actions of a role.
const maxActions = 64

// builtIn is the parent, in names, of the roles that are part of Coffer.
const builtIn = namespaces + "/-"

// Role is a named group of actions.
type Role struct {
	Meta
	Name    string
	Actions []string // in order
	BuiltIn bool
}

// CreateRole is what CreateRole creates.
type CreateRole struct {
	Parent       string
	ID           string
	Role         Role // Actions and Meta's description, labels and annotations count
	RequestID    string
	ValidateOnly bool
}

func storedRoleMeta(r *storev1.Role) *storev1.Meta { return r.Meta }

func sentRoleMeta(r *Role) *Meta { return &r.Meta }

// roleFields are the fields that an update mask can name.
var roleFields = append(metaFields(sentRoleMeta, storedRoleMeta), field[Role, storev1.Role]{
	"actions", func(r *Role) bool { return len(r.Actions) > 0 }, func(stored *storev1.Role, sent *Role) { stored.Actions = sent.Actions },
})

func roleOf(n namespace, r *storev1.Role, rev storage.Revision) Role {
	return Role{Meta: metaOf(r.GetUid(), r.GetMeta(), rev), Name: join(namespaces, n.id, rolesOf, r.GetId()), Actions: r.GetActions()}
}

// sorted puts the actions of a role in order, each once.
func (r *Role) sorted() {
	r.Actions = slices.Compact(slices.Sorted(slices.Values(r.Actions)))
}

func (s *Service) checkActions(p *problems, actions []string) {
	if len(actions) == 0 || len(actions) > maxActions {
		p.addf("role.actions", "must be 1 to %d", maxActions)
		return // they are looked at before it is decided who asks
	}
	known := s.authz.Actions()
	for _, action := range actions {
		if !slices.Contains(known, authz.Action(action)) {
			p.addf("role.actions", "%q is not an action", clip(action))
		}
	}
}

// givable are the actions that the writer of a role must be able to give. A role that is not valid gives nothing: that is
// told once it is decided who asks.
func (s *Service) givable(actions []string) []authz.Action {
	var p problems
	if s.checkActions(&p, actions); len(p) > 0 {
		return nil
	}
	return actionsOf(actions)
}

func actionsOf(names []string) []authz.Action {
	actions := make([]authz.Action, len(names))
	for i, name := range names {
		actions[i] = authz.Action(name)
	}
	return actions
}

// CreateRole makes a role of actions. Nobody makes one of what it could not give: whoever may grant could take it then.
func (s *Service) CreateRole(ctx context.Context, caller authn.Caller, req CreateRole) (Role, error) {
	req.Role.sorted()
	at := s.locate("parent", req.Parent, namespaces)
	created := s.in(at, authz.KindRole, rolesOf, req.ID)
	if err := s.allowDefining(ctx, caller, authz.CustomRoleCreate, at, created, s.givable(req.Role.Actions)); err != nil {
		return Role{}, err
	}
	once := s.once(caller, req.RequestID, "CreateRole", req.Parent, req.ID, req.Role)
	first := &storev1.Role{}
	if done, err := s.answered(ctx, once, first); err != nil || done {
		return roleOf(at.ns, first, once.replayed), err
	}
	var p problems
	checkID(&p, "role_id", rolesOf, req.ID)
	req.Role.check(&p, "role.")
	s.checkActions(&p, req.Role.Actions)
	if err := firstError(at.fault, p.err()); err != nil {
		return Role{}, err
	}
	record := &storev1.Role{Uid: newUID(), Id: req.ID, Meta: newMeta(req.Role.Meta, caller.Name, s.now()), Actions: req.Role.Actions}
	rev, err := definesRoles.create(ctx, s, at, record, once, req.ValidateOnly)
	if err != nil {
		return Role{}, err
	}
	return roleOf(at.ns, record, rev), nil
}

// GetRole returns a role of a namespace, or a built-in one, which anybody may see.
func (s *Service) GetRole(ctx context.Context, caller authn.Caller, name string) (Role, error) {
	id, ok := strings.CutPrefix(name, builtIn+"/"+rolesOf+"/")
	if !ok {
		t, err := definesRoles.allow(ctx, s, caller, authz.CustomRoleGet, name)
		if err != nil {
			return Role{}, err
		}
		return roleOf(t.ns, t.record, t.rev), nil
	}
	if err := s.gate.AllowSelf(ctx, caller, authz.CustomRoleGet, s.builtInRoles(join(builtIn, rolesOf, clip(id))), ""); err != nil {
		return Role{}, err
	}
	for _, info := range s.authz.Roles() {
		if string(info.Role) == id {
			return builtInRole(info), nil
		}
	}
	return Role{}, fmt.Errorf("%w: %s", ErrNotFound, clip(name))
}

// builtInRoles is the resource of what belongs to no namespace: it is that of the instance.
func (s *Service) builtInRoles(name string) authz.Resource {
	return authz.Namespace(s.directory.root().uid, name)
}

func builtInRole(info authz.RoleInfo) Role {
	role := Role{Meta: Meta{Description: info.Description}, Name: join(builtIn, rolesOf, string(info.Role)), BuiltIn: true}
	for _, action := range info.Actions {
		role.Actions = append(role.Actions, string(action))
	}
	return role
}

// ListRoles returns the roles of a namespace that the caller may see, or the built-in ones.
func (s *Service) ListRoles(ctx context.Context, caller authn.Caller, parent string, page Page) ([]Role, string, error) {
	roles := listing[Role]{
		method: "roles", parent: parent, fields: metaFilter(nil),
		get: func(r *Role, name string) any { return r.get(r.Name, name) },
	}
	if parent == builtIn {
		if err := s.gate.AllowSelf(ctx, caller, authz.CustomRoleList, s.builtInRoles(builtIn), ""); err != nil {
			return nil, "", err
		}
		table := s.authz.Roles()
		roles.prefixes = []storage.Key{""}
		roles.read = func(_ *sealed.Snapshot, _, after storage.Key, limit int) (records []storage.Record, _ error) {
			for _, info := range table {
				if k := storage.Key(info.Role); k > after && len(records) < limit {
					records = append(records, storage.Record{Key: k})
				}
			}
			return records, nil
		}
		roles.open = func(_ *sealed.Snapshot, rec storage.Record) (Role, bool, error) {
			i := slices.IndexFunc(table, func(info authz.RoleInfo) bool { return storage.Key(info.Role) == rec.Key })
			return builtInRole(table[i]), true, nil
		}
		return list(ctx, s, caller, page, roles)
	}
	at, visible, err := s.listIn(ctx, caller, authz.CustomRoleList, parent)
	if err != nil {
		return nil, "", err
	}
	roles.prefixes = []storage.Key{key(rolePrefix, at.ns.uid, "")}
	roles.open = func(snapshot *sealed.Snapshot, rec storage.Record) (Role, bool, error) {
		r := &storev1.Role{}
		if err := snapshot.Open(kindRole, at.ns.uid, rec, r); err != nil {
			return Role{}, false, err
		}
		role := roleOf(at.ns, r, rec.Revision)
		return role, visible(authz.Resource{Kind: authz.KindRole, UID: r.GetUid(), NamespaceUID: at.ns.uid, Name: role.Name, Labels: role.Labels}), nil
	}
	return list(ctx, s, caller, page, roles)
}

// UpdateRole sets the fields of the mask. Grants of the role follow at once, so whoever sets its actions must be able to
// give all of them.
func (s *Service) UpdateRole(ctx context.Context, caller authn.Caller, sent Role, mask []string, validateOnly bool) (Role, error) {
	sent.sorted()
	t, err := definesRoles.at(ctx, s, "role.name", sent.Name)
	if err != nil {
		return Role{}, err
	}
	var p problems
	set, fault := masked(mask, &sent, roleFields, sentRoleMeta, storedRoleMeta)
	probe := &storev1.Role{Meta: &storev1.Meta{}, Actions: []string{""}}
	set(probe)
	var given []authz.Action
	if slices.Equal(probe.GetActions(), sent.Actions) { // the mask names them
		given = s.givable(sent.Actions)
		s.checkActions(&p, sent.Actions)
	}
	if err := s.allowDefining(ctx, caller, authz.CustomRoleUpdate, t.place, definesRoles.resource(s, t), given); err != nil {
		return Role{}, err
	}
	sent.check(&p, "role.")
	if err := firstError(t.told(), p.err(), fault); err != nil {
		return Role{}, err
	}
	now, err := definesRoles.update(ctx, s, caller, t, sent.Etag, validateOnly, func(r *storev1.Role) error {
		set(r)
		var p problems
		metaOf("", r.GetMeta(), 0).check(&p, "role.")
		return p.err()
	})
	if err != nil {
		return Role{}, err
	}
	return roleOf(t.ns, now.record, now.rev), nil
}

// DeleteRole removes a role: when it returns, its grants give nothing.
func (s *Service) DeleteRole(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (storage.Revision, error) {
	return definesRoles.remove(ctx, s, caller, authz.CustomRoleDelete, name, etag, validateOnly)
}
