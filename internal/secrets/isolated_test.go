package secrets_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// isolate sets the border of a namespace.
func (f *fixture) isolate(by authn.Caller, name string, isolated bool) error {
	return only(f.UpdateNamespace(f.ctx(), by, secrets.Namespace{Name: name, Isolated: isolated}, []string{"isolated"}, false))
}

// Whatever somebody holds above an isolated namespace, an operator included, and whatever is permitted there, no method
// does anything in it or below, but tell that it is there.
func TestIsolated_everyMethod(t *testing.T) {
	f := newFixture(t)
	names := f.everything()
	ns := names["namespace"]
	f.namespace("deep", strings.TrimPrefix(ns, "namespaces/"))
	f.secret("namespaces/deep/secrets/db", "k", "v")
	f.secret(db, "k", "v")
	f.policy(rules, `permit (principal, action in [Action::"role:secret-reader", Action::"secret:get", Action::"secret:list", Action::"projection:render", Action::"namespace:update"], resource);`)
	inside := f.with(authz.RoleNamespaceAdmin, ns)
	group := f.root
	group.Groups = []string{"group:ops"}
	_, err := f.give(f.root, "namespaces/instance", secrets.Grant{Principal: "group:ops", Role: "operator"})
	f.must(err)
	// What the operator owns inside is not a right from above.
	_, err = f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: names["secret"], Owner: inside.Name}})
	f.must(err)
	f.must(f.isolate(f.root, ns, true))
	for _, caller := range []authn.Caller{f.root, group, f.with(authz.RoleNamespaceAdmin, "namespaces/acme"), user("anybody")} {
		for _, m := range methods {
			if m.kind == "" || m.kind == "empty" {
				continue
			}
			name := names[m.kind]
			mayKnow := m.name == "GetNamespace" || m.name == "ListNamespaces"
			if caller.Name == "user:anybody" {
				mayKnow = false
			}
			if err := m.call(f, caller, name); errors.Is(err, gate.ErrDenied) == mayKnow {
				t.Errorf("%s by %s from above = %v", m.name, caller.Name, err)
			}
		}
		f.check(only(f.GetNamespace(f.ctx(), caller, "namespaces/deep")), gate.ErrDenied)
		f.check(only(f.AccessSecretVersion(f.ctx(), caller, "namespaces/deep/secrets/db/versions/1")), gate.ErrDenied)
	}
	// Nor can the border be taken away from above, or the namespace be made anew.
	f.check(f.isolate(f.root, ns, false), gate.ErrDenied)
	f.check(only(f.DeleteNamespace(f.ctx(), f.root, ns, "", false)), gate.ErrDenied)
	list, _, err := f.ListNamespaces(f.ctx(), f.root, "", secrets.Page{})
	f.must(err)
	for _, n := range list {
		if n.Name == "namespaces/deep" {
			t.Error("what is below the border is listed from above")
		}
	}
	// What is beside it goes on, and so does it for those inside, until one of them opens it.
	f.check(f.access(f.root), nil)
	f.check(only(f.GetSecret(f.ctx(), inside, "namespaces/deep/secrets/db")), nil)
	f.check(only(f.reopen().GetSecret(f.ctx(), f.root, "namespaces/deep/secrets/db")), gate.ErrDenied)
	f.check(f.isolate(inside, ns, false), nil)
	f.check(only(f.GetSecret(f.ctx(), f.root, "namespaces/deep/secrets/db")), nil)
}

// Forbids from above reach in; permits of inside count inside.
func TestIsolated_policies(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/s", "k", "v")
	admin := f.with(authz.RoleNamespaceAdmin, "namespaces/team")
	f.must(f.isolate(f.root, "namespaces/team", true))
	get := func(by authn.Caller) error { return only(f.GetSecret(f.ctx(), by, "namespaces/team/secrets/s")) }
	f.check(f.write(admin, "namespaces/team", `permit (principal == User::"guest", action == Action::"secret:get", resource);`), nil)
	f.check(get(user("guest")), nil)
	f.policy("namespaces/instance/policies/ban", `forbid (principal == User::"guest", action, resource);`)
	f.check(get(user("guest")), gate.ErrDenied)
	f.check(get(admin), nil)
}

// A namespace is isolated only if somebody can open it again, and that stays so.
func TestIsolated_somebodyIsInside(t *testing.T) {
	f := newFixture(t)
	const team = "namespaces/team"
	_, err := f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: "new", Namespace: secrets.Namespace{Isolated: true}})
	f.check(err, secrets.ErrPrecondition)
	f.check(f.isolate(f.root, "namespaces/instance", true), secrets.ErrPrecondition)
	caller, _ := f.account("namespaces/other/serviceAccounts/admin")
	f.role("namespaces/team/roles/namespace-admin", "namespace:update")
	for name, g := range map[string]secrets.Grant{
		"another role":   {Principal: "user:a", Role: "data-admin"},
		"a custom role":  {Principal: "user:a", Role: "namespaces/team/roles/namespace-admin"},
		"on a condition": {Principal: "user:a", Role: "namespace-admin", Condition: "true"},
		"with an end":    {Principal: "user:a", Role: "namespace-admin", ExpireTime: start.Add(time.Hour)},
	} {
		given, err := f.give(f.root, team, g)
		f.must(err)
		if err := f.isolate(f.root, team, true); !errors.Is(err, secrets.ErrPrecondition) {
			t.Errorf("with a grant of %s: %v", name, err)
		}
		f.must(erred(f.DeleteGrant(f.ctx(), f.root, given, "", false)))
	}
	f.grant(user("above"), authz.RoleNamespaceAdmin, "namespaces/acme")
	f.check(f.isolate(f.root, team, true), secrets.ErrPrecondition)

	last := f.grant(caller, authz.RoleNamespaceAdmin, team)
	f.must(f.isolate(f.root, team, true))
	gone := func() error {
		return erred(f.DeleteServiceAccount(f.ctx(), f.root, "namespaces/other/serviceAccounts/admin", "", true))
	}
	f.check(erred(f.DeleteGrant(f.ctx(), caller, last, "", false)), secrets.ErrPrecondition)
	f.check(gone(), secrets.ErrPrecondition)
	second, err := f.give(caller, team, secrets.Grant{Principal: "user:second", Role: "namespace-admin"})
	f.must(err)
	f.check(gone(), nil)
	f.check(erred(f.DeleteGrant(f.ctx(), caller, last, "", true)), nil)
	f.must(erred(f.DeleteGrant(f.ctx(), caller, second, "", false)))
	// Deleted, it can still be undeleted from inside alone.
	_, err = f.DeleteNamespace(f.ctx(), caller, team, "", false)
	f.must(err)
	f.check(gone(), secrets.ErrPrecondition)
	f.check(only(f.UndeleteNamespace(f.ctx(), f.root, team, "", false)), gate.ErrDenied)
	n, err := f.UndeleteNamespace(f.ctx(), caller, team, "", false)
	if err != nil || !n.Isolated {
		t.Errorf("UndeleteNamespace = %+v, %v", n, err)
	}
	f.must(f.isolate(caller, team, false))
	f.check(gone(), nil)
	f.check(erred(f.DeleteGrant(f.ctx(), f.root, last, "", false)), nil)
}

// The border is on the record.
func TestIsolated_recorded(t *testing.T) {
	f := newFixture(t)
	admin := f.with(authz.RoleNamespaceAdmin, "namespaces/team")
	admin.RequestID = "border"
	f.must(f.isolate(admin, "namespaces/team", true))
	f.must(f.isolate(admin, "namespaces/team", false))
	events, _ := f.decisions("border")
	if len(events) != 2 || events[0].Detail != "isolated" || events[1].Detail != "not isolated any more" {
		t.Errorf("recorded %+v", events)
	}
}

// Roles from above mean nothing inside; secrets from above are used by whoever holds that there.
func TestIsolated_lookingUp(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.role(reading, "secret:get", "secret:access")
	f.secret("namespaces/team/secrets/s", "k", "v")
	admin, friend := f.with(authz.RoleNamespaceAdmin, "namespaces/team"), user("friend")
	f.grant(admin, authz.RoleWorkload, "namespaces/team")
	f.grant(admin, authz.RoleViewer, "namespaces/acme")
	f.grant(admin, authz.RoleSecretUser, db)
	name, err := f.give(admin, "namespaces/team", secrets.Grant{Principal: friend.Name, Role: reading})
	f.must(err)
	get := func() error { return only(f.GetSecret(f.ctx(), friend, "namespaces/team/secrets/s")) }
	f.check(get(), nil)
	f.must(f.isolate(admin, "namespaces/team", true))

	f.check(get(), gate.ErrDenied)
	if g, err := f.GetGrant(f.ctx(), admin, name); err != nil || !g.Dangling {
		t.Errorf("a grant of a role from beyond the border = %+v, %v; want it dangling", g, err)
	}
	_, err = f.give(admin, "namespaces/team", secrets.Grant{Principal: friend.Name, Role: reading})
	f.invalid(err, "grant.role")
	f.check(erred(f.DeleteGrant(f.ctx(), admin, name, "", false)), nil)

	f.project(admin, "namespaces/team/projections/p", env("db", "k", "K"))
	bundle, err := f.RenderProjection(f.ctx(), admin, secrets.RenderProjection{Name: "namespaces/team/projections/p"})
	if f.must(err); variables(bundle)["K"] != "v" {
		t.Errorf("it delivers %v", variables(bundle))
	}
}
