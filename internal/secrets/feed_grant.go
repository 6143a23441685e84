package secrets

import (
	"errors"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// What cannot be understood, of a newer version, say, keeps nobody from all else: the authorizer fails closed on it. A
// grant or a role then gives nothing; what a policy permits does not count, and what it forbids is forbidden to all.

func (f *feed) putGrant(snapshot *sealed.Snapshot, record storage.Record) error {
	r, nsUID := &storev1.Grant{}, segment(record.Key, grantPrefix, 0)
	if err := snapshot.Open(kindGrant, nsUID, record, r); err != nil {
		return err
	}
	f.supersede(record.Key, r)
	g := authz.Grant{
		UID: r.GetUid(), Name: f.named(nsUID, grantsOf, r.GetId()), Principal: r.GetPrincipal().GetName(),
		PrincipalUID: r.GetPrincipal().GetUid(), RoleUID: r.GetRoleUid(), ExpireTime: unstamp(r.GetExpireTime()), Condition: r.GetCondition(),
		Scope: authz.Resource{Kind: authz.Kind(r.GetResourceKind()), UID: r.GetResourceUid(), NamespaceUID: nsUID, Name: r.GetResource()},
	}
	if g.RoleUID == "" {
		g.Role = authz.Role(r.GetRole())
	}
	return f.understood(record.Key, f.authz.PutGrant(g), authz.ErrGrant)
}

func (f *feed) putRole(snapshot *sealed.Snapshot, record storage.Record) error {
	r, nsUID := &storev1.Role{}, segment(record.Key, rolePrefix, 0)
	if err := snapshot.Open(kindRole, nsUID, record, r); err != nil {
		return err
	}
	f.supersede(record.Key, r)
	err := f.authz.PutRole(authz.CustomRole{
		UID: r.GetUid(), Name: f.named(nsUID, rolesOf, r.GetId()), NamespaceUID: nsUID, Actions: actionsOf(r.GetActions()),
	})
	return f.understood(record.Key, err, authz.ErrRole)
}

func (f *feed) putPolicy(snapshot *sealed.Snapshot, record storage.Record) error {
	r, nsUID := &storev1.Policy{}, segment(record.Key, policyPrefix, 0)
	if err := snapshot.Open(kindPolicy, nsUID, record, r); err != nil {
		return err
	}
	f.supersede(record.Key, r)
	err := f.authz.PutPolicy(authz.Policy{UID: r.GetUid(), Name: f.named(nsUID, policiesOf, r.GetId()), NamespaceUID: nsUID, Text: r.GetText()})
	return f.understood(record.Key, err, authz.ErrPolicy)
}

// supersede puts a record in force in place of the one that had the key, and takes that out if it was another resource.
func (f *feed) supersede(k storage.Key, r interface{ GetUid() string }) {
	if old, ok := f.inForce[k].(interface{ GetUid() string }); ok && old.GetUid() != r.GetUid() {
		f.remove(k)
	}
	f.inForce[k] = r
}

func (f *feed) named(nsUID, collection, id string) string {
	n, _ := f.directory.namespaceByUID(nsUID)
	return join(n.name(), collection, id)
}

func (f *feed) understood(k storage.Key, err, kind error) error {
	if errors.Is(err, kind) {
		f.log.Error("what decides about access cannot be understood and fails closed", "key", k, "error", err)
		return nil
	}
	return err
}
