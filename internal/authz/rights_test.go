package authz_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

func TestOwner(t *testing.T) {
	a := newAuthorizer(t, nil)
	owned := func(kind authz.Kind, uid, owner string) authz.Resource {
		return authz.Resource{Kind: kind, UID: uid, NamespaceUID: "team", Name: "namespaces/team/secrets/s", Owner: owner}
	}
	reborn := etl
	reborn.UID = "sa-etl-2"
	tests := []struct {
		name     string
		question authz.Question
		allowed  bool
	}{
		{"a user gives rights on its secret", ask(alice, authz.GrantCreate, prodDB), true},
		{"and sees who has them", ask(alice, authz.GrantList, prodDB), true},
		{"but does not read it", ask(alice, authz.SecretAccess, prodDB), false},
		{"another does not", ask(bob, authz.GrantCreate, prodDB), false},
		{"in another case", ask(authn.Principal{Name: "user:Alice"}, authz.GrantCreate, prodDB), false},
		{"an account", ask(etl, authz.GrantCreate, owned(authz.KindSecret, "s", "serviceAccount:sa-etl")), true},
		{"an account made again", ask(reborn, authz.GrantCreate, owned(authz.KindSecret, "s", "serviceAccount:sa-etl")), false},
		{"a user called like an account", ask(authn.Principal{Name: "user:sa-etl"}, authz.GrantCreate, owned(authz.KindSecret, "s", "serviceAccount:sa-etl")), false},
		{"of what has no owner", ask(alice, authz.GrantCreate, owned(authz.KindSecret, "s", "")), false},
		{"of what does not exist", ask(alice, authz.GrantCreate, owned(authz.KindSecret, "", "user:alice")), false},
		{"of another kind", ask(alice, authz.GrantCreate, owned(authz.KindProjection, "s", "user:alice")), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := a.Decide(test.question)
			if got.Allowed != test.allowed || test.allowed && !slices.Equal(got.Policies, []string{"role:owner"}) || got.Grants != nil || got.Err != nil {
				t.Errorf("Decide = %+v, want allowed %v as owner", got, test.allowed)
			}
		})
	}
	if err := a.PutGrant(authz.Grant{UID: "g", Principal: "user:bob", Role: authz.RoleOwner, Scope: prodDB}); !errors.Is(err, authz.ErrGrant) {
		t.Errorf("PutGrant of role owner = %v, want ErrGrant", err)
	}
}

func TestDelegated(t *testing.T) {
	grants := func(role authz.Role, condition string) []authz.Grant {
		return []authz.Grant{{Principal: "user:alice", Role: role, Scope: acme, Condition: condition}}
	}
	const permit = `permit (principal == User::"alice", action == Action::"secret:use", resource) `
	tests := []struct {
		name     string
		grants   []authz.Grant
		policy   string
		action   authz.Action
		allowed  bool
		policies []string
	}{
		{"use, by a grant", grants(authz.RoleSecretUser, ""), "", authz.SecretUse, true, []string{"role:secret-user"}},
		{"nothing else, whoever grants it", grants(authz.RoleOperator, ""), "", authz.SecretAccess, false, []string{"forbid:delegated"}},
		{"by a condition on the resource", grants(authz.RoleSecretUser, `resource.hasTag("env")`), "", authz.SecretUse, true, []string{"role:secret-user"}},
		{"by a condition on the context", grants(authz.RoleSecretUser, `context.now > datetime("2000-01-01")`), "", authz.SecretUse, false, nil},
		{"by a condition that names it in passing", grants(authz.RoleSecretUser, `true || context.delegated`), "", authz.SecretUse, false, nil},
		{"by a permit", nil, permit + ";", authz.SecretUse, true, []string{"namespaces/acme/policies/p#1"}},
		{"by a permit on the context", nil, permit + `when { context.delegated };`, authz.SecretUse, false, nil},
		{"a forbid on the context", grants(authz.RoleSecretUser, ""), `forbid (principal, action, resource) when { context.delegated };`, authz.SecretUse, false, []string{"namespaces/acme/policies/p#1"}},
		{"a forbid on who renders", grants(authz.RoleSecretUser, ""), `forbid (principal, action, resource) when { context has authnMethod && context.authnMethod == "token" };`, authz.SecretUse, false, []string{"namespaces/acme/policies/p#1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newAuthorizer(t, nil, test.grants...)
			if test.policy != "" {
				putPolicy(t, a, "p", "acme", test.policy)
			}
			q := ask(alice, test.action, prodDB)
			q.Context = authz.Context{Delegated: true, AuthnMethod: "token"}
			if got := a.Decide(q); got.Allowed != test.allowed || !slices.Equal(got.Policies, test.policies) || got.Err != nil {
				t.Errorf("Decide = %+v, want allowed %v by %v", got, test.allowed, test.policies)
			}
		})
	}
}

func TestConditionalGrants(t *testing.T) {
	now := time.Unix(1000, 0)
	conditional := func(principal, condition string) authz.Grant {
		return authz.Grant{Principal: principal, Role: authz.RoleSecretReader, Scope: acme, Condition: condition}
	}
	allow := func(grants ...string) authz.Decision {
		return authz.Decision{Allowed: true, Policies: []string{"role:secret-reader"}, Grants: grants}
	}
	expiring := conditional("user:alice", `true`)
	expiring.ExpireTime = now
	tests := []struct {
		name   string
		grants []authz.Grant
		want   authz.Decision
	}{
		{"one that holds", []authz.Grant{conditional("user:alice", `resource.hasTag("env")`)}, allow("g0")},
		{"one that does not", []authz.Grant{conditional("user:alice", `!resource.hasTag("env")`)}, authz.Decision{Unmet: []string{"g0"}}},
		{"the group's", []authz.Grant{conditional("group:data-eng", `principal.name == "user:alice"`)}, allow("g0")},
		{"both", []authz.Grant{conditional("user:alice", `true`), conditional("group:data-eng", `true`), conditional("user:alice", ``)}, allow("g0", "g1", "g2")},
		{"another's", []authz.Grant{conditional("user:bob", `true`)}, authz.Decision{}},
		{"an expired one", []authz.Grant{expiring}, authz.Decision{}},
		{"one that fails", []authz.Grant{conditional("user:alice", overflow)}, authz.Decision{Unmet: []string{"g0"}, Err: authz.ErrEvaluation}},
		{"one that fails takes nothing away", []authz.Grant{conditional("user:alice", overflow), conditional("user:alice", ``)}, allow("g1")},
		{"one for another scope that fails", []authz.Grant{{Principal: "user:alice", Role: authz.RoleSecretReader, Scope: etlJob, Condition: overflow}}, authz.Decision{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newAuthorizer(t, func() time.Time { return now }, test.grants...)
			twice := alice
			twice.Groups = append(slices.Clone(alice.Groups), alice.Groups...)
			for _, p := range []authn.Principal{alice, twice} {
				if diff := cmp.Diff(test.want, a.Decide(ask(p, authz.SecretAccess, prodDB)), cmpopts.EquateErrors()); diff != "" {
					t.Errorf("Decide (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestMayBelow_permits(t *testing.T) {
	a := newAuthorizer(t, nil)
	putPolicy(t, a, "p", "acme", `permit (principal == User::"bob", action == Action::"secret:list", resource) when { resource.hasTag("env") };
		permit (principal is User in Group::"data-eng", action == Action::"secret:get", resource);
		permit (principal in Group::"ops", action == Action::"secret:get", resource);
		permit (principal is User, action == Action::"secret:use", resource);
		forbid (principal == User::"bob", action == Action::"secret:access", resource);`)
	tests := []struct {
		name      string
		principal authn.Principal
		action    authz.Action
		namespace string
		want      bool
	}{
		{"named", bob, authz.SecretList, "acme", true},
		{"named, below", bob, authz.SecretList, "team", true},
		{"named, above", bob, authz.SecretList, "root", true},
		{"named, elsewhere", bob, authz.SecretList, "other", false},
		{"by group and kind", alice, authz.SecretGet, "team", true},
		{"by group", authn.Principal{Name: etl.Name, UID: etl.UID, Groups: []string{"group:ops"}}, authz.SecretGet, "team", true},
		{"of another group", bob, authz.SecretGet, "team", false},
		{"not named", bob, authz.SecretUse, "team", false},
		{"forbidden", bob, authz.SecretAccess, "team", false},
	}
	for _, test := range tests {
		if got := a.MayBelow(test.principal, test.action, test.namespace); got != test.want {
			t.Errorf("%s: MayBelow(%s, %s, %s) = %v, want %v", test.name, test.principal.Name, test.action, test.namespace, got, test.want)
		}
	}
}

// All that is below a namespace is allowed only where nothing that is known of a resource could change that.
func TestAllBelow(t *testing.T) {
	whole := authz.Grant{Principal: "user:alice", Role: authz.RoleViewer, Scope: acme}
	conditional := whole
	conditional.Condition = `resource.hasTag("env")`
	one := whole
	one.Scope = prodDB
	const forbid = `forbid (principal == User::"bob", action == Action::"secret:get", resource);`
	for _, test := range []struct {
		name   string
		grants []authz.Grant
		policy string // of the root
		in     string
		want   bool
	}{
		{"by a grant", []authz.Grant{whole}, "", "acme", true},
		{"by a grant above", []authz.Grant{whole}, "", "team", true},
		{"by a grant elsewhere", []authz.Grant{whole}, "", "other", false},
		{"by a grant on a secret", []authz.Grant{one}, "", "acme", false},
		{"by a conditional grant", []authz.Grant{conditional}, "", "acme", false},
		{"by a grant, and a conditional one", []authz.Grant{whole, conditional}, "", "acme", true},
		{"by nothing", nil, "", "acme", false},
		{"others are forbidden it", []authz.Grant{whole}, forbid, "acme", true},
		{"some is forbidden", []authz.Grant{whole}, `forbid (principal, action == Action::"secret:get", resource) when { resource.hasTag("hidden") };`, "acme", false},
		{"some is permitted", nil, `permit (principal, action == Action::"secret:get", resource) when { resource.hasTag("open") };`, "acme", false},
	} {
		a := newAuthorizer(t, nil, test.grants...)
		if test.policy != "" {
			putPolicy(t, a, "p", "root", test.policy)
		}
		if got := a.AllBelow(ask(alice, authz.SecretGet, authz.Resource{Kind: authz.KindSecret, NamespaceUID: test.in})); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	a := newAuthorizer(t, nil, whole)
	if a.AllBelow(ask(alice, authz.SecretGet, prodDB)) || a.AllBelow(ask(alice, authz.NamespaceGet, acme)) {
		t.Error("it is not about one resource, or about a namespace")
	}
}
