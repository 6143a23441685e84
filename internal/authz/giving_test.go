package authz_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/coffer-dev/coffer/internal/authz"
)

func TestDecideGiving(t *testing.T) {
	now := time.Unix(1000, 0)
	soon := now.Add(time.Hour)
	bobs := func(role authz.Role, scope authz.Resource) authz.Grant {
		return authz.Grant{Principal: "user:bob", Role: role, Scope: scope}
	}
	expiring, conditional := bobs(authz.RoleNamespaceAdmin, acme), bobs(authz.RoleNamespaceAdmin, acme)
	expiring.ExpireTime, conditional.Condition = soon, "true"
	actions := func(actions ...authz.Action) authz.Giving { return authz.Giving{Actions: actions, Resource: acme} }
	role := func(role authz.Role, on authz.Resource) authz.Giving { return authz.Giving{Role: role, Resource: on} }
	until := func(g authz.Giving, t time.Time) authz.Giving { g.Until = t; return g }
	tests := []struct {
		name    string
		grants  []authz.Grant
		policy  string
		giving  authz.Giving
		allowed bool
		err     error
	}{
		{"by the right to give it", []authz.Grant{bobs(authz.RoleNamespaceAdmin, acme)}, "", role(authz.RoleSecretReader, acme), true, nil},
		{"not above its own", []authz.Grant{bobs(authz.RoleNamespaceAdmin, acme)}, "", role(authz.RoleOperator, acme), false, nil},
		{"not elsewhere", []authz.Grant{bobs(authz.RoleNamespaceAdmin, acme)}, "", role(authz.RoleViewer, authz.Namespace("other", "namespaces/other")), false, nil},
		{"by holding every action", []authz.Grant{bobs(authz.RoleDeveloper, acme)}, "", role(authz.RoleViewer, acme), true, nil},
		{"by holding all that concern a secret", []authz.Grant{bobs(authz.RoleDeveloper, prodDB)}, "", role(authz.RoleSecretUser, prodDB), true, nil},
		{"not by some", []authz.Grant{bobs(authz.RoleDeveloper, acme)}, "", role(authz.RoleDataAdmin, acme), false, nil},
		{"roles add up", []authz.Grant{bobs(authz.RoleSecretReader, prodDB), bobs(authz.RoleSecretUser, prodDB)}, "", role(authz.RoleSecretReader, prodDB), true, nil},
		{"the owner gives what it holds besides", []authz.Grant{bobs(authz.RoleSecretReader, acme)}, "", role(authz.RoleSecretReader, prodDB), true, nil},
		{"and no more", []authz.Grant{bobs(authz.RoleSecretReader, acme)}, "", role(authz.RoleSecretUser, prodDB), false, nil},
		{"for as long as its own", []authz.Grant{expiring}, "", until(role(authz.RoleViewer, acme), soon), true, nil},
		{"not for longer", []authz.Grant{expiring}, "", until(role(authz.RoleViewer, acme), soon.Add(1)), false, nil},
		{"not for ever", []authz.Grant{expiring}, "", role(authz.RoleViewer, acme), false, nil},
		{"not by a condition", []authz.Grant{conditional}, "", role(authz.RoleViewer, acme), false, nil},
		{"not by a permit", nil, `permit (principal, action == Action::"secret:use", resource);`, role(authz.RoleSecretUser, acme), false, nil},
		{"not what is forbidden", []authz.Grant{bobs(authz.RoleNamespaceAdmin, acme)}, `forbid (principal == User::"bob", action == Action::"grant:secret-reader", resource);`, role(authz.RoleSecretReader, acme), false, nil},
		{"not if that fails", []authz.Grant{bobs(authz.RoleNamespaceAdmin, acme)}, `forbid (principal, action, resource) when { ` + overflow + ` };`, role(authz.RoleSecretReader, acme), false, authz.ErrEvaluation},
		{"actions that it holds", []authz.Grant{bobs(authz.RoleDeveloper, acme)}, "", actions(authz.SecretGet, authz.SecretUse), true, nil},
		{"an action that it holds not", []authz.Grant{bobs(authz.RoleDeveloper, acme)}, "", actions(authz.SecretGet, authz.SecretDestroy), false, nil},
		{"an action of a role that it may give", []authz.Grant{bobs(authz.RoleNamespaceAdmin, acme)}, "", actions(authz.SecretAccess, authz.SecretGet), true, nil},
		{"an action of no role that it may give", []authz.Grant{bobs(authz.RoleNamespaceAdmin, acme)}, "", actions(authz.UserImpersonate), false, nil},
		{"the right to give what it may not", []authz.Grant{bobs(authz.RoleNamespaceAdmin, acme)}, "", actions(authz.GrantRole(authz.RoleOperator)), false, nil},
		{"the owner's role", []authz.Grant{bobs(authz.RoleOperator, acme)}, "", role(authz.RoleOwner, prodDB), false, authz.ErrRequest},
		{"no role", []authz.Grant{bobs(authz.RoleOperator, acme)}, "", role("king", acme), false, authz.ErrRequest},
		{"nothing", []authz.Grant{bobs(authz.RoleOperator, acme)}, "", actions(), false, authz.ErrRequest},
		{"both", []authz.Grant{bobs(authz.RoleOperator, acme)}, "", authz.Giving{Role: authz.RoleViewer, Actions: []authz.Action{authz.SecretGet}, Resource: acme}, false, authz.ErrRequest},
		{"no action", []authz.Grant{bobs(authz.RoleOperator, acme)}, "", actions("secret:steal"), false, authz.ErrRequest},
		{"a role that means nothing there", []authz.Grant{bobs(authz.RoleDeveloper, acme)}, "", role(authz.RoleWorkload, prodDB), false, authz.ErrRequest},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newAuthorizer(t, func() time.Time { return now }, test.grants...)
			if test.policy != "" {
				putPolicy(t, a, "p", "acme", test.policy)
			}
			test.giving.Principal = bob
			if test.giving.Resource.UID == prodDB.UID {
				test.giving.Resource.Owner = "user:bob"
			}
			got := a.DecideGiving(test.giving)
			if got.Allowed != test.allowed || !errors.Is(got.Err, test.err) {
				t.Errorf("DecideGiving(%+v) = %+v, want allowed %v, error %v", test.giving, got, test.allowed, test.err)
			}
			if got.Allowed == (len(got.Grants) == 0) {
				t.Errorf("DecideGiving(%+v) names grants %v", test.giving, got.Grants)
			}
		})
	}
}

// The right to give a role is not the right to give another, even one that has fewer actions.
func TestDecideGiving_anotherRole(t *testing.T) {
	a := newAuthorizer(t, nil, authz.Grant{Principal: "user:bob", RoleUID: "r", Scope: acme})
	if err := a.PutRole(authz.CustomRole{UID: "r", NamespaceUID: "acme", Actions: []authz.Action{authz.GrantRole(authz.RoleDeveloper)}}); err != nil {
		t.Fatal(err)
	}
	for role, want := range map[authz.Role]bool{authz.RoleDeveloper: true, authz.RoleViewer: false} {
		if got := a.DecideGiving(authz.Giving{Principal: bob, Role: role, Resource: acme}); got.Allowed != want {
			t.Errorf("DecideGiving(%s) = %+v, want allowed %v", role, got, want)
		}
	}
}

// What somebody holds as the owner of a secret cannot be given on: it ends when another becomes the owner. It can be
// taken away.
func TestDecideGiving_owner(t *testing.T) {
	now := time.Unix(1000, 0)
	a := newAuthorizer(t, func() time.Time { return now })
	for until, want := range map[time.Time]bool{{}: false, now.Add(time.Second): false, now: true} {
		g := authz.Giving{Principal: alice, Actions: []authz.Action{authz.GrantCreate}, Resource: prodDB, Until: until}
		if got := a.DecideGiving(g); got.Allowed != want || got.Err != nil {
			t.Errorf("DecideGiving(until %v) = %+v, want allowed %v", until, got, want)
		}
	}
}

func TestAccessors(t *testing.T) {
	now := time.Unix(1000, 0)
	later := now.Add(time.Hour)
	a := newAuthorizer(t, func() time.Time { return now },
		authz.Grant{Principal: "user:alice", Role: authz.RoleSecretReader, Scope: prodDB},
		authz.Grant{Principal: "group:data-eng", Role: authz.RoleOperator, Scope: acme, Condition: `true`, ExpireTime: later},
		authz.Grant{Principal: etl.Name, PrincipalUID: etl.UID, RoleUID: "r", Scope: authz.Namespace("team", "")},
		authz.Grant{Principal: "user:expired", Role: authz.RoleSecretReader, Scope: prodDB, ExpireTime: now},
		authz.Grant{Principal: "user:other", Role: authz.RoleViewer, Scope: prodDB},
		authz.Grant{Principal: "user:beside", Role: authz.RoleSecretReader, Scope: ordersDB},
		authz.Grant{Principal: "user:mallory", Role: authz.RoleSecretReader, Scope: acme})
	if err := a.PutRole(authz.CustomRole{UID: "r", Name: "namespaces/acme/roles/r", NamespaceUID: "acme", Actions: []authz.Action{authz.SecretAccess}}); err != nil {
		t.Fatal(err)
	}
	putPolicy(t, a, "p", "acme", `
		permit (principal in Group::"dba", action == Action::"secret:access", resource) when { resource has type };
		permit (principal == User::"dave", action == Action::"secret:access", resource in Namespace::"team");
		permit (principal == User::"erin", action == Action::"secret:access", resource in Namespace::"other");
		permit (principal is ServiceAccount, action == Action::"secret:access", resource is Secret);
		forbid (principal == User::"mallory", action, resource);
		forbid (principal == User::"dave", action, resource) when { !context.delegated };`)
	want := []authz.Accessor{
		{Policy: "namespaces/acme/policies/p#4", Conditional: true},
		{Principal: "group:data-eng", Grant: "g1", Role: "operator", Conditional: true, ExpireTime: later},
		{Principal: "group:dba", Policy: "namespaces/acme/policies/p#1", Conditional: true},
		{Principal: etl.Name, PrincipalUID: etl.UID, Grant: "g2", Role: "namespaces/acme/roles/r"},
		{Principal: "user:alice", Grant: "g0", Role: "secret-reader"},
		{Principal: "user:dave", Policy: "namespaces/acme/policies/p#2"},
	}
	check := func(action authz.Action, on authz.Resource, want []authz.Accessor) {
		t.Helper()
		got, err := a.Accessors(action, on)
		slices.SortFunc(got, func(x, y authz.Accessor) int {
			return slices.Compare([]string{x.Principal, x.Policy}, []string{y.Principal, y.Policy})
		})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Accessors(%s): %v (-want +got):\n%s", action, err, diff)
		}
	}
	check(authz.SecretAccess, prodDB, want)
	owned := prodDB
	check(authz.GrantCreate, owned, []authz.Accessor{
		{Principal: "group:data-eng", Grant: "g1", Role: "operator", Conditional: true, ExpireTime: later},
		{Principal: "user:alice", Role: "owner"},
	})
	owned.Owner = etl.OwnerID()
	check(authz.GrantCreate, owned, []authz.Accessor{
		{PrincipalUID: etl.UID, Role: "owner"},
		{Principal: "group:data-eng", Grant: "g1", Role: "operator", Conditional: true, ExpireTime: later},
	})
	putPolicy(t, a, "q", "root", `forbid (principal in Group::"data-eng", action, resource); forbid (principal is User, action == Action::"grant:create", resource);`)
	check(authz.GrantCreate, prodDB, nil)
	if err := a.PutNamespace(authz.NamespaceInfo{UID: "team", ParentUID: "acme", Isolated: true}); err != nil {
		t.Fatal(err)
	}
	a.DeleteRole("r")
	check(authz.SecretAccess, prodDB, []authz.Accessor{{Principal: "user:alice", Grant: "g0", Role: "secret-reader"}})
	putPolicy(t, a, "q", "root", `forbid (principal, action, resource);`)
	check(authz.SecretAccess, prodDB, nil)
	if _, err := a.Accessors("secret:steal", prodDB); !cmp.Equal(err, authz.ErrRequest, cmpopts.EquateErrors()) {
		t.Errorf("Accessors of no action = %v, want ErrRequest", err)
	}
}

// Each forbid leaves out those whom it certainly means, and nobody else.
func TestAccessors_forbidden(t *testing.T) {
	const (
		user, group, account, others = "user:alice", "group:dba", "serviceAccount:namespaces/acme/serviceAccounts/etl", ""
		inTeam                       = "all in team"
	)
	tests := []struct {
		forbid string
		left   []string
	}{
		{`forbid (principal, action, resource);`, nil},
		{`forbid (principal == User::"alice", action, resource);`, []string{others, inTeam, group, account}},
		{`forbid (principal == User::"dba", action, resource);`, []string{others, inTeam, group, account, user}},
		{`forbid (principal in Group::"dba", action, resource);`, []string{others, inTeam, account, user}},
		{`forbid (principal is User, action, resource);`, []string{others, inTeam, group, account}},
		{`forbid (principal is User in Group::"dba", action, resource);`, []string{others, inTeam, group, account, user}},
		{`forbid (principal == ServiceAccount::"sa-etl", action, resource);`, []string{others, inTeam, group, user}},
		{`forbid (principal is ServiceAccount, action, resource);`, []string{others, inTeam, group, user}},
		{`forbid (principal in Namespace::"acme", action, resource);`, []string{others, group, account, user}},
		{`forbid (principal in Namespace::"other", action, resource);`, []string{others, inTeam, group, account, user}},
		{`forbid (principal, action == Action::"secret:get", resource);`, []string{others, inTeam, group, account, user}},
		{`forbid (principal, action, resource in Namespace::"other");`, []string{others, inTeam, group, account, user}},
		{`forbid (principal, action, resource) when { resource.hasTag("env") };`, []string{others, inTeam, group, account, user}},
	}
	for _, test := range tests {
		t.Run(test.forbid, func(t *testing.T) {
			a := newAuthorizer(t, nil,
				authz.Grant{Principal: user, Role: authz.RoleSecretReader, Scope: acme},
				authz.Grant{Principal: group, Role: authz.RoleSecretReader, Scope: acme},
				authz.Grant{Principal: etl.Name, PrincipalUID: etl.UID, Role: authz.RoleSecretReader, Scope: prodDB})
			putPolicy(t, a, "p", "acme", `permit (principal, action == Action::"secret:access", resource);
				@id("team") permit (principal in Namespace::"team", action == Action::"secret:access", resource);`)
			putPolicy(t, a, "q", "acme", test.forbid)
			found, err := a.Accessors(authz.SecretAccess, prodDB)
			if err != nil {
				t.Fatalf("Accessors: %v", err)
			}
			var left []string
			for _, each := range found {
				if each.Policy == "namespaces/acme/policies/p#team" {
					each.Principal = inTeam
				}
				left = append(left, each.Principal)
			}
			slices.Sort(left)
			if diff := cmp.Diff(test.left, left); diff != "" {
				t.Errorf("Accessors (-want +got):\n%s", diff)
			}
		})
	}
}
