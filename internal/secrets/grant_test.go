package secrets_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// What each role may do, as the contract has it. A role that includes another has its rights too.
var (
	viewerMay = []authz.Action{
		authz.NamespaceGet, authz.NamespaceList, authz.SecretGet, authz.SecretList, authz.ProjectionGet, authz.ProjectionList,
		authz.ServiceAccountGet, authz.ServiceAccountList, authz.GrantGet, authz.GrantList, authz.CustomRoleGet, authz.CustomRoleList,
		authz.PolicyGet, authz.PolicyList,
	}
	developerMay = slices.Concat(viewerMay, []authz.Action{
		authz.SecretCreate, authz.SecretUpdate, authz.SecretAddVersion, authz.SecretActivate, authz.SecretEnable, authz.SecretDisable,
		authz.SecretDelete, authz.SecretUndelete, authz.SecretMove, authz.SecretCopy, authz.SecretUse, authz.ProjectionCreate, authz.ProjectionUpdate, authz.ProjectionDelete,
	})
	dataAdminMay = slices.Concat(developerMay, []authz.Action{
		authz.SecretDestroy, authz.SecretPurge, authz.ProjectionTakeOver, authz.GrantCreate, authz.GrantDelete,
	})
	namespaceAdminMay = slices.Concat(dataAdminMay, []authz.Action{
		authz.NamespaceCreate, authz.NamespaceUpdate, authz.NamespaceDelete, authz.NamespaceUndelete, authz.ServiceAccountCreate,
		authz.ServiceAccountUpdate, authz.ServiceAccountDelete, authz.TokenCreate, authz.TokenGet, authz.TokenList, authz.TokenDelete,
		authz.CustomRoleCreate, authz.CustomRoleUpdate, authz.CustomRoleDelete, authz.PolicyCreate, authz.PolicyUpdate, authz.PolicyDelete,
		authz.SecretSetOwner, authz.TokenRenew, authz.AccessCheck, authz.AccessList,
	})
	roleMay = map[authz.Role][]authz.Action{
		authz.RoleViewer: viewerMay, authz.RoleDeveloper: developerMay, authz.RoleDataAdmin: dataAdminMay, authz.RoleNamespaceAdmin: namespaceAdminMay,
		authz.RoleOperator: slices.Concat(namespaceAdminMay, []authz.Action{
			authz.SecretAccess, authz.ProjectionRender, authz.AuditList, authz.AuditVerify, authz.SystemStatus,
		}),
		authz.RoleAuditor:    slices.Concat(viewerMay, []authz.Action{authz.AuditList, authz.AuditVerify, authz.AccessCheck, authz.AccessList}),
		authz.RoleSecretUser: {authz.SecretUse}, authz.RoleSecretReader: {authz.SecretAccess},
		authz.RoleWorkload: {authz.ProjectionGet, authz.ProjectionRender},
	}
)

// Every method, by a holder of every role in the whole instance and by one in a namespace.
func TestRoles_methods(t *testing.T) {
	f := newFixture(t)
	names := f.everything()
	for role, may := range roleMay {
		everywhere := f.with(role, "namespaces/instance")
		here := f.with(role, names["namespace"])
		for _, m := range methods {
			name := names[m.kind]
			if m.writes && strings.Count(name, "/") > 1 {
				name = absent(name)[1] // decided by the namespace alone, and nothing is lost
			}
			for _, caller := range []authn.Caller{everywhere, here} {
				want := slices.Contains(may, m.action)
				if caller.Name == here.Name && (m.kind == "" || m.kind == "empty") {
					want = false // that is elsewhere
				}
				err := m.call(f, caller, name)
				if got := !errors.Is(err, gate.ErrDenied); got != want {
					t.Errorf("%s by %s: %v; allowed %v, want %v", m.name, caller.Name, err, got, want)
				}
			}
		}
	}
}

// Who may give which role, and take it.
func TestGrants_whoMayGiveWhat(t *testing.T) {
	f := newFixture(t)
	f.secret(db)
	upToDataAdmin := []authz.Role{authz.RoleViewer, authz.RoleDeveloper, authz.RoleDataAdmin, authz.RoleSecretUser}
	all := []authz.Role{
		authz.RoleViewer, authz.RoleDeveloper, authz.RoleDataAdmin, authz.RoleNamespaceAdmin, authz.RoleAuditor, authz.RoleSecretUser,
		authz.RoleSecretReader, authz.RoleWorkload, authz.RoleOperator,
	}
	gives := map[authz.Role][]authz.Role{
		authz.RoleViewer: nil, authz.RoleDeveloper: nil, authz.RoleAuditor: nil, authz.RoleSecretUser: nil, authz.RoleSecretReader: nil,
		authz.RoleWorkload: nil, authz.RoleDataAdmin: upToDataAdmin, authz.RoleNamespaceAdmin: all[:len(all)-1], authz.RoleOperator: all,
	}
	for giver, given := range gives {
		caller := f.with(giver, "namespaces/acme")
		for _, role := range all {
			for _, resource := range []string{"namespaces/acme", db} {
				want := error(nil)
				if !slices.Contains(given, role) {
					want = gate.ErrDenied
				}
				taken := f.grant(user("somebody"), role, resource)
				f.check(erred(f.DeleteGrant(f.ctx(), caller, taken, "", false)), want)
				_, err := f.CreateGrant(f.ctx(), caller, secrets.CreateGrant{
					Parent: "namespaces/acme", Grant: secrets.Grant{Principal: "user:somebody", Role: string(role), Resource: resource},
				})
				if f.check(err, want); t.Failed() {
					t.Fatalf("%s giving %s on %s", giver, role, resource)
				}
			}
		}
	}
}

func TestGrants_escalation(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.secret("namespaces/other/secrets/theirs", "k", "v")
	admin := f.with(authz.RoleNamespaceAdmin, "namespaces/acme")
	owner := f.with(authz.RoleDataAdmin, db) // of one secret
	give := func(by authn.Caller, parent, resource string, role authz.Role) error {
		return only(f.CreateGrant(f.ctx(), by, secrets.CreateGrant{Parent: parent, Grant: secrets.Grant{Principal: by.Name, Role: string(role), Resource: resource}}))
	}
	tests := []struct {
		name             string
		by               authn.Caller
		parent, resource string
		role             authz.Role
		want             error
	}{
		{"a role above its own", admin, "namespaces/acme", "", authz.RoleOperator, gate.ErrDenied},
		{"in the parent", admin, "namespaces/instance", "", authz.RoleViewer, gate.ErrDenied},
		{"beside", admin, "namespaces/other", "", authz.RoleViewer, gate.ErrDenied},
		{"on another's secret", admin, "namespaces/other", "namespaces/other/secrets/theirs", authz.RoleSecretReader, gate.ErrDenied},
		{"below", admin, "namespaces/team", "", authz.RoleSecretReader, nil},
		{"its own secret", owner, "namespaces/acme", db, authz.RoleSecretUser, nil},
		{"the namespace of its secret", owner, "namespaces/acme", "", authz.RoleViewer, gate.ErrDenied},
		{"reading its own secret", owner, "namespaces/acme", db, authz.RoleSecretReader, gate.ErrDenied},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { f.check(give(test.by, test.parent, test.resource, test.role), test.want) })
	}
	// A resource of another namespace is not what a grant may name, whoever asks.
	for _, resource := range []string{"namespaces/other", "namespaces/other/secrets/theirs", "namespaces/instance", "namespaces/acme/serviceAccounts/x", "secrets/db", "namespaces/acme/", db + "/versions/1", "namespaces/acme/secrets/nothing"} {
		f.invalid(give(f.root, "namespaces/acme", resource, authz.RoleViewer), "grant.resource")
		f.check(give(owner, "namespaces/acme", resource, authz.RoleViewer), gate.ErrDenied)
	}
	// An admin does not read, until it gives itself the right to, on the record.
	_, err := f.AccessSecretVersion(f.ctx(), admin, at(db, 1))
	f.check(err, gate.ErrDenied)
	f.check(give(admin, "namespaces/acme", "", authz.RoleSecretReader), nil)
	_, err = f.AccessSecretVersion(f.ctx(), admin, at(db, 1))
	f.check(err, nil)
}

func TestGrants_expire(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	reader := user("reader")
	g, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", ID: "g", Grant: secrets.Grant{
		Principal: reader.Name, Role: "secret-reader", Resource: db, ExpireTime: start.Add(time.Hour),
	}})
	f.must(err)
	f.pass(time.Hour - 1)
	_, err = f.AccessSecretVersion(f.ctx(), reader, at(db, 1))
	f.check(err, nil)
	f.pass(1)
	_, err = f.AccessSecretVersion(f.ctx(), reader, at(db, 1))
	f.check(err, gate.ErrDenied)
	if g, err = f.GetGrant(f.ctx(), f.root, g.Name); err != nil || g.ExpireTime != start.Add(time.Hour) {
		t.Errorf("GetGrant = %+v, %v", g, err)
	}
	_, err = f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", Grant: secrets.Grant{Principal: reader.Name, Role: "viewer", ExpireTime: start}})
	f.invalid(err, "grant.expire_time")
}

func TestGrants_takeEffectAtOnce(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	reader := user("reader")
	for range 20 {
		g := f.grant(reader, authz.RoleSecretReader, db)
		_, err := f.AccessSecretVersion(f.ctx(), reader, at(db, 1))
		f.check(err, nil)
		f.must(erred(f.DeleteGrant(f.ctx(), f.root, g, "", false)))
		_, err = f.AccessSecretVersion(f.ctx(), reader, at(db, 1))
		f.check(err, gate.ErrDenied)
	}
}

func TestGrants_groups(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	_, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", Grant: secrets.Grant{Principal: "group:data", Role: "secret-reader"}})
	f.must(err)
	member := user("member")
	member.Groups = []string{"group:data"}
	_, err = f.AccessSecretVersion(f.ctx(), member, at(db, 1))
	f.check(err, nil)
	_, err = f.AccessSecretVersion(f.ctx(), user("data"), at(db, 1))
	f.check(err, gate.ErrDenied)
}

func TestCreateGrant_invalid(t *testing.T) {
	f := newFixture(t)
	tests := []struct {
		name, field string
		id          string
		grant       secrets.Grant
	}{
		{"ID", "grant_id", "a/b", secrets.Grant{Principal: "user:a", Role: "viewer"}},
		{"no principal", "grant.principal", "", secrets.Grant{Role: "viewer"}},
		{"no kind", "grant.principal", "", secrets.Grant{Principal: "alice", Role: "viewer"}},
		{"wrong kind", "grant.principal", "", secrets.Grant{Principal: "robot:r2", Role: "viewer"}},
		{"control character", "grant.principal", "", secrets.Grant{Principal: "user:a\n", Role: "viewer"}},
		{"long", "grant.principal", "", secrets.Grant{Principal: "user:" + strings.Repeat("a", 600), Role: "viewer"}},
		{"account without its namespace", "grant.principal", "", secrets.Grant{Principal: "serviceAccount:etl", Role: "viewer"}},
		{"no role", "grant.role", "", secrets.Grant{Principal: "user:a"}},
		{"unknown role", "grant.role", "", secrets.Grant{Principal: "user:a", Role: "king"}},
		{"action as a role", "grant.role", "", secrets.Grant{Principal: "user:a", Role: "create"}},
		{"description", "grant.description", "", secrets.Grant{Principal: "user:a", Role: "viewer", Meta: secrets.Meta{Description: strings.Repeat("x", 1025)}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", ID: test.id, Grant: test.grant})
			f.invalid(err, test.field)
		})
	}
}

func TestListGrants(t *testing.T) {
	f := newFixture(t)
	f.secret(db)
	for i := range 5 {
		f.grant(user(fmt.Sprint("u", i)), authz.RoleViewer, db)
	}
	hidden := f.grant(user("hidden"), authz.RoleSecretUser, "namespaces/acme")
	caller := f.with(authz.RoleViewer, db) // a sixth
	list, _, err := f.ListGrants(f.ctx(), caller, "namespaces/acme", secrets.Page{})
	f.must(err)
	if len(list) != 6 {
		t.Errorf("listed %d grants, want the six on the secret", len(list))
	}
	for _, g := range list {
		if g.Name == hidden {
			t.Errorf("listed %s, which is not on the secret", hidden)
		}
	}
	list, _, err = f.ListGrants(f.ctx(), f.root, "namespaces/acme", secrets.Page{Filter: `role = "secret-user" AND principal = "user:hidden"`})
	if err != nil || len(list) != 1 || list[0].Name != hidden || list[0].Resource != "namespaces/acme" {
		t.Errorf("filtered = %+v, %v", list, err)
	}
}

// A service account elsewhere that the granter may not see reads the same as one that does not exist.
func TestCreateGrant_foreignAccount(t *testing.T) {
	f := newFixture(t)
	f.account("namespaces/other/serviceAccounts/etl")
	admin := f.with(authz.RoleNamespaceAdmin, "namespaces/acme")
	try := func(id string) string {
		_, err := f.CreateGrant(f.ctx(), admin, secrets.CreateGrant{Parent: "namespaces/acme", Grant: secrets.Grant{
			Principal: "serviceAccount:namespaces/other/serviceAccounts/" + id, Role: string(authz.RoleViewer),
		}})
		f.invalid(err, "grant.principal")
		return strings.ReplaceAll(err.Error(), id, "ID")
	}
	if there, absent := try("etl"), try("nobody"); there != absent {
		t.Errorf("CreateGrant tells a foreign account (%q) from an absent one (%q)", there, absent)
	}
}
