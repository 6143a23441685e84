package secrets

import (
	"context"
	"errors"
	"fmt"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// givenRole is the role of a grant: a built-in one, or one of a namespace, bound to its UID.
type givenRole struct {
	builtIn authz.Role
	definitionAt[*storev1.Role]
	actions []authz.Action
	fault   string // why there is no such role; it gives nothing
}

// same makes a transaction fail if the role is not what it was decided by.
func (g givenRole) same(tx *sealed.Tx) error {
	if g.record == nil {
		return nil
	}
	rev, err := tx.Exists(key(rolePrefix, g.ns.uid, g.record.GetId()))
	if _, err := found(err); err != nil {
		return err
	}
	if rev != g.rev {
		return fmt.Errorf("%w: the role was changed meanwhile; try again", ErrPrecondition)
	}
	return nil
}

// roleToGive is the role that a new grant names. One that the caller may not see is as good as absent.
func (s *Service) roleToGive(ctx context.Context, caller authn.Caller, at place, name string) (givenRole, error) {
	if shortName(name) {
		return s.builtInToGive(name), nil
	}
	t, err := definesRoles.at(ctx, s, "grant.role", name)
	if err != nil {
		return givenRole{}, err
	}
	if !s.grantable(t, at.ns) || !s.gate.Holds(caller, authz.CustomRoleGet, definesRoles.resource(s, t)) {
		return givenRole{fault: fmt.Sprintf("there is no role %q in the namespace or above it that you may see", clip(name))}, nil
	}
	return givenRole{definitionAt: t, actions: actionsOf(t.record.GetActions())}, nil
}

func (s *Service) builtInToGive(name string) givenRole {
	for _, info := range s.authz.Roles() {
		if string(info.Role) == name && info.Grantable {
			return givenRole{builtIn: info.Role, actions: info.Actions}
		}
	}
	return givenRole{fault: fmt.Sprintf("%q is not a role", clip(name))}
}

// grantable tells whether the role exists and can be granted in the namespace: there or above, but not from beyond an
// isolated one, or somebody outside could change what it gives inside.
func (s *Service) grantable(t definitionAt[*storev1.Role], n namespace) bool {
	if t.record == nil || t.fault != nil {
		return false
	}
	for _, up := range s.directory.line(n) {
		if up.uid == t.ns.uid {
			return true
		}
		if up.isolated {
			return false
		}
	}
	return false
}

// roleOfGrant is the role of a grant as it is now. One made later under the same name is another.
func (s *Service) roleOfGrant(r reader, n namespace, g *storev1.Grant) (givenRole, error) {
	if g.GetRoleUid() == "" {
		return s.builtInToGive(g.GetRole()), nil
	}
	t := definitionAt[*storev1.Role]{place: s.locate("", g.GetRole(), namespaces, rolesOf)}
	if err := definesRoles.read(r, &t); err != nil {
		return givenRole{}, err
	}
	if t.record.GetUid() != g.GetRoleUid() || !s.grantable(t, n) {
		return givenRole{fault: "the role is gone"}, nil
	}
	return givenRole{definitionAt: t, actions: actionsOf(t.record.GetActions())}, nil
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
		return s.projectionResource(t), nil, nil
	}
	return absent, Invalid(fieldName, "must be the namespace of the grant, or a secret or projection in it"), nil
}

// on is the resource that a grant was given on, as it is called now, and whether it lives. One in the bin does not, but
// still has its attributes: an owner can take back what it gave.
func (s *Service) on(r reader, n namespace, g *storev1.Grant) (resource authz.Resource, lives bool, err error) {
	gone := authz.Resource{Kind: authz.Kind(g.GetResourceKind()), UID: g.GetResourceUid(), NamespaceUID: n.uid, Name: g.GetResource()}
	switch gone.Kind {
	case authz.KindSecret:
		k := secretKey{n.uid, gone.UID}
		record, err := readByUID(r, k, gone.Name[strings.LastIndexByte(gone.Name, '/')+1:])
		if lives, err := found(err); err != nil || lives {
			return secretIn(n, record), lives, err
		}
		record = &storev1.Secret{}
		_, err = r.Get(kindSecret, n.uid, k.in(binPrefix), record)
		if there, err := found(err); err != nil || !there {
			return gone, false, err
		}
		return secretIn(n, record), false, nil
	case authz.KindProjection:
		t := projectionAt{place: s.locate("", gone.Name, namespaces, projections)}
		if err := t.read(r); err != nil || t.record.GetUid() != gone.UID {
			return gone, false, err
		}
		return s.projectionResource(t), true, nil
	}
	return s.namespaceAt(place{name: n.name(), nsID: n.id, ns: n}), true, nil
}

// bound is the principal of a name, bound to its UID where it is a service account. One that the caller may not see is as
// good as absent.
func (s *Service) bound(caller authn.Caller, name string) (*storev1.Principal, error) {
	kind, bare, err := authn.SplitPrincipal(name)
	if err != nil || kind != authn.KindServiceAccount {
		return &storev1.Principal{Name: name}, err
	}
	ids, ok := split(bare, namespaces, serviceAccounts)
	if ok {
		if n, here := s.directory.namespace(ids[0]); here {
			a, here := s.directory.accountNamed(n.uid, ids[1])
			resource := authz.Resource{Kind: authz.KindServiceAccount, UID: a.uid, NamespaceUID: n.uid, Name: bare, Labels: a.labels}
			if here && s.gate.Holds(caller, authz.ServiceAccountGet, resource) {
				return &storev1.Principal{Name: name, Uid: a.uid, NamespaceUid: a.nsUID}, nil
			}
		}
	}
	return nil, fmt.Errorf("there is no service account %q that you may see", clip(bare))
}

// retold is an error of the gate that tells the name which was sent: what the decision was made on, under another name,
// is not for who was denied.
func retold(err error, name string) error {
	var denied *gate.DeniedError
	if !errors.As(err, &denied) {
		return err
	}
	told := *denied
	told.Resource = name
	return &told
}
