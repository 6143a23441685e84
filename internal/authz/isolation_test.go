package authz_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// Of root > acme > team, acme is isolated.
func TestIsolated(t *testing.T) {
	root := authz.Namespace("root", "namespaces/root")
	a := newAuthorizer(t, nil,
		authz.Grant{Principal: "user:alice", Role: authz.RoleOperator, Scope: root},
		authz.Grant{Principal: "user:bob", Role: authz.RoleNamespaceAdmin, Scope: acme},
		authz.Grant{Principal: "user:carol", Role: authz.RoleSecretReader, Scope: prodDB})
	isolate := func(uid, parent string, isolated bool) {
		t.Helper()
		if err := a.PutNamespace(authz.NamespaceInfo{UID: uid, ParentUID: parent, Isolated: isolated}); err != nil {
			t.Fatalf("PutNamespace: %v", err)
		}
	}
	putPolicy(t, a, "p", "root", `permit (principal == User::"dave", action in [Action::"secret:get", Action::"namespace:get"], resource);
		forbid (principal, action == Action::"secret:destroy", resource);`)
	carol, dave := authn.Principal{Name: "user:carol"}, authn.Principal{Name: "user:dave"}
	team := authz.Namespace("team", "namespaces/team")
	inOther := authz.Resource{Kind: authz.KindSecret, UID: "s", NamespaceUID: "other", Name: "namespaces/other/secrets/s"}
	tests := []struct {
		name            string
		question        authz.Question
		before, between bool // allowed before acme is isolated, and then
	}{
		{"the operator beside", ask(alice, authz.SecretAccess, inOther), true, true},
		{"the operator inside", ask(alice, authz.SecretAccess, prodDB), true, false},
		{"the operator in the namespace", ask(alice, authz.SecretCreate, acme), true, false},
		{"the operator gives itself a role", ask(alice, authz.GrantCreate, acme), true, false},
		{"the operator opens it", ask(alice, authz.NamespaceUpdate, acme), true, false},
		{"the operator sees that it is there", ask(alice, authz.NamespaceGet, acme), true, true},
		{"and lists", ask(alice, authz.NamespaceList, acme), true, true},
		{"but not what is below", ask(alice, authz.NamespaceGet, team), true, false},
		{"what would be made in it", ask(alice, authz.SecretCreate, authz.Resource{Kind: authz.KindSecret, NamespaceUID: "acme", Name: "namespaces/acme/secrets/new"}), true, false},
		{"its admin", ask(bob, authz.SecretCreate, acme), true, true},
		{"its admin below", ask(bob, authz.SecretCreate, team), true, true},
		{"who was granted one secret", ask(carol, authz.SecretAccess, prodDB), true, true},
		{"permitted above, inside", ask(dave, authz.SecretGet, prodDB), true, false},
		{"permitted above, to see it", ask(dave, authz.NamespaceGet, acme), true, true},
		{"permitted above, beside", ask(dave, authz.SecretGet, inOther), true, true},
		{"forbidden above, inside", ask(bob, authz.SecretDestroy, prodDB), false, false},
	}
	check := func(when string, want func(i int) bool) {
		t.Helper()
		for i, test := range tests {
			if got := a.Decide(test.question); got.Allowed != want(i) || got.Err != nil {
				t.Errorf("%s, %s: Decide = %+v, want allowed %v", when, test.name, got, want(i))
			}
		}
	}
	check("before", func(i int) bool { return tests[i].before })
	isolate("acme", "root", true)
	check("isolated", func(i int) bool { return tests[i].between })
	for _, test := range []struct {
		principal authn.Principal
		namespace string
		want      bool
	}{{alice, "root", true}, {alice, "acme", false}, {alice, "team", false}, {bob, "root", true}, {bob, "team", true}, {dave, "root", true}, {dave, "team", false}, {dave, "other", true}} {
		if got := a.MayBelow(test.principal, authz.SecretGet, test.namespace); got != test.want {
			t.Errorf("MayBelow(%s, %s) = %v, want %v", test.principal.Name, test.namespace, got, test.want)
		}
	}
	isolate("team", "acme", true)
	if got := a.Decide(ask(bob, authz.NamespaceGet, team)); !got.Allowed {
		t.Errorf("in an isolated one, its admin sees another: %+v", got)
	}
	if got := a.Decide(ask(alice, authz.NamespaceGet, team)); got.Allowed {
		t.Errorf("above both, the inner one is seen: %+v", got)
	}
	isolate("team", "acme", false)
	isolate("acme", "other", false)
	if got := a.Decide(ask(alice, authz.SecretAccess, prodDB)); !got.Allowed {
		t.Errorf("no longer isolated, elsewhere: %+v", got)
	}
	isolate("acme", "root", true)
	check("isolated again", func(i int) bool { return tests[i].between })
	a.DeleteNamespace("acme")
	if got := a.Decide(ask(alice, authz.SecretAccess, prodDB)); got.Allowed {
		t.Errorf("without the isolated namespace: %+v", got)
	}
}

func TestCustomRoles(t *testing.T) {
	now := time.Unix(1000, 0)
	a := newAuthorizer(t, func() time.Time { return now })
	role := authz.CustomRole{UID: "r", Name: "namespaces/acme/roles/rotator", NamespaceUID: "acme", Actions: []authz.Action{authz.SecretAddVersion, authz.SecretGet}}
	grant := authz.Grant{UID: "g", Name: "g", Principal: "group:data-eng", RoleUID: "r", Scope: authz.Namespace("team", "")}
	check := func(when string, q authz.Question, want bool) {
		t.Helper()
		got := a.Decide(q)
		if got.Allowed != want || want && (!slices.Equal(got.Grants, []string{"g"}) || !slices.Equal(got.Policies, []string{role.Name})) {
			t.Errorf("%s: Decide = %+v, want allowed %v", when, got, want)
		}
	}
	put := func(r authz.CustomRole, g authz.Grant) {
		t.Helper()
		if err := errors.Join(a.PutGrant(g), a.PutRole(r)); err != nil {
			t.Fatal(err)
		}
	}
	add := ask(alice, authz.SecretAddVersion, prodDB)
	if err := a.PutGrant(grant); err != nil {
		t.Fatal(err)
	}
	check("before the role", add, false)
	put(role, grant)
	check("with the role", add, true)
	check("another action", ask(alice, authz.SecretAccess, prodDB), false)
	check("above the scope", ask(alice, authz.SecretAddVersion, acme), false)
	if !a.MayBelow(alice, authz.SecretGet, "acme") || a.MayBelow(alice, authz.SecretList, "acme") {
		t.Error("MayBelow by a custom role is wrong")
	}

	changed := role
	changed.Actions = []authz.Action{authz.SecretAccess}
	put(changed, grant)
	check("the grant follows the role: taken", add, false)
	check("the grant follows the role: given", ask(alice, authz.SecretAccess, prodDB), true)

	wide := grant
	wide.Scope = authz.Namespace("root", "")
	put(role, wide)
	check("granted above its namespace", add, false)
	wide.Scope = authz.Namespace("other", "")
	put(role, wide)
	check("granted beside its namespace", ask(alice, authz.SecretAddVersion, authz.Namespace("other", "namespaces/other")), false)

	put(role, grant)
	if err := a.PutNamespace(authz.NamespaceInfo{UID: "team", ParentUID: "acme", Isolated: true}); err != nil {
		t.Fatal(err)
	}
	check("the role is changed outside the border", add, false)
	role.NamespaceUID = "team"
	put(role, grant)
	check("inside the border", add, true)

	grant.Condition = `resource.hasTag("env") && resource.getTag("env") == "prod"`
	grant.ExpireTime = now.Add(time.Second)
	put(role, grant)
	check("with a condition that holds", add, true)
	staging := add
	staging.Resource.Labels = map[string]string{"env": "staging"}
	check("with one that does not", staging, false)
	now = now.Add(time.Second)
	check("expired", add, false)
	grant.ExpireTime = time.Time{}
	put(role, grant)
	a.DeleteRole("unknown")
	a.DeleteRole("r")
	check("without the role", add, false)

	for name, r := range map[string]authz.CustomRole{
		"no UID": {NamespaceUID: "acme", Actions: role.Actions}, "no namespace": {UID: "r", Actions: role.Actions}, "no action": {UID: "r", NamespaceUID: "acme"},
		"an unknown action": {UID: "r", NamespaceUID: "team", Actions: []authz.Action{authz.SecretAddVersion, "secret:newer"}},
	} {
		if err := a.PutRole(role); err != nil {
			t.Fatal(err)
		}
		if err := a.PutRole(r); !errors.Is(err, authz.ErrRole) {
			t.Errorf("PutRole with %s = %v, want ErrRole", name, err)
		}
		check("refused: "+name, add, r.UID != "r")
	}
}
