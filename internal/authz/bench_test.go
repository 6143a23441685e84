package authz_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// The bar is 8 µs a decision with 10,000 grants and 200 operators' policies in the instance, ten of them applicable
// (CONTRACT section 5). Where none applies, they cost nothing.
func BenchmarkDecide(b *testing.B) {
	a := newAuthorizer(b, nil)
	fillGrants(b, a)
	fillPolicies(b, a)
	deep := ordersDB
	deep.NamespaceUID = "team"
	for i := range authz.MaxDepth - 2 {
		uid := fmt.Sprintf("deep-%d", i)
		if err := a.PutNamespace(authz.NamespaceInfo{UID: uid, ParentUID: deep.NamespaceUID}); err != nil {
			b.Fatal(err)
		}
		deep.NamespaceUID = uid
	}
	grouped := authn.Principal{Name: "user:grouped"}
	for i := range 20 {
		grouped.Groups = append(grouped.Groups, fmt.Sprintf("group:g%d", i))
	}
	one := authz.Resource{Kind: authz.KindSecret, UID: "secret-77", NamespaceUID: "team", Name: "namespaces/team/secrets/77"}
	ruled := authz.Resource{
		Kind: authz.KindSecret, UID: "ruled", NamespaceUID: "ruled", Name: "namespaces/ruled/secrets/db", Type: "postgres", AccessMode: "READ",
		Labels: map[string]string{"env": "prod", "team": "orders", "tier": "1"},
	}
	conditional := ruled
	conditional.UID, conditional.NamespaceUID = "conditional", "team"
	context := authz.Context{Address: netip.MustParseAddr("10.1.2.3"), AuthnMethod: "token"}

	benchmarks := []struct {
		name     string
		question authz.Question
		allowed  bool
	}{
		{"on the secret", ask(authn.Principal{Name: "user:reader"}, authz.SecretAccess, ordersDB), true},
		{"on the root", ask(authn.Principal{Name: "user:operator"}, authz.SecretAccess, ordersDB), true},
		{"16 levels down", ask(authn.Principal{Name: "user:operator"}, authz.SecretAccess, deep), true},
		{"10000 grants of its own", ask(authn.Principal{Name: "user:many"}, authz.SecretAccess, one), true},
		{"all roles", ask(authn.Principal{Name: "user:all"}, authz.SecretGet, ordersDB), true},
		{"20 groups", ask(grouped, authz.SecretAccess, ordersDB), true},
		{"denied", ask(authn.Principal{Name: "user:nobody"}, authz.SecretGet, ordersDB), false},
		{"one condition", authz.Question{Principal: authn.Principal{Name: "user:conditional"}, Action: authz.SecretAccess, Resource: conditional, Context: context}, true},
		{"ten policies", authz.Question{
			Principal: authn.Principal{Name: "user:operator", Groups: []string{"group:dba", "group:ops"}, Claims: map[string]string{"department": "risk"}},
			Action:    authz.SecretAccess, Resource: ruled, Context: context,
		}, true},
	}
	for _, bench := range benchmarks {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := a.Decide(bench.question); d.Allowed != bench.allowed {
					b.Fatalf("Decide = %+v, want allowed %v", d, bench.allowed)
				}
			}
		})
	}
}

func fillGrants(b *testing.B, a *authz.Authorizer) {
	b.Helper()
	put := func(g authz.Grant) {
		if err := a.PutGrant(g); err != nil {
			b.Fatal(err)
		}
	}
	for i := range 10_000 {
		scope := authz.Resource{Kind: authz.KindSecret, UID: fmt.Sprintf("secret-%d", i), NamespaceUID: "team"}
		put(authz.Grant{UID: fmt.Sprintf("o%d", i), Principal: fmt.Sprintf("user:u%d", i), Role: authz.RoleViewer, Scope: acme})
		put(authz.Grant{UID: fmt.Sprintf("m%d", i), Principal: "user:many", Role: authz.RoleSecretReader, Scope: scope})
	}
	put(authz.Grant{UID: "reader", Principal: "user:reader", Role: authz.RoleSecretReader, Scope: ordersDB})
	put(authz.Grant{UID: "operator", Principal: "user:operator", Role: authz.RoleOperator, Scope: authz.Namespace("root", "")})
	put(authz.Grant{UID: "grouped", Principal: "group:g19", Role: authz.RoleSecretReader, Scope: acme})
	put(authz.Grant{
		UID: "conditional", Principal: "user:conditional", Role: authz.RoleSecretReader, Scope: acme,
		Condition: `resource.hasTag("env") && resource.getTag("env") == "prod" && context.now < datetime("2999-01-01")`,
	})
	for i, role := range a.Roles() {
		if role.Grantable {
			put(authz.Grant{UID: fmt.Sprintf("all%d", i), Principal: "user:all", Role: role.Role, Scope: acme})
		}
	}
}

// fillPolicies puts 200 policies, ten of which apply to secret:access in the namespace "ruled".
func fillPolicies(b *testing.B, a *authz.Authorizer) {
	b.Helper()
	put := func(uid, namespace, text string) {
		if err := a.PutPolicy(authz.Policy{UID: uid, Name: "namespaces/" + namespace + "/policies/" + uid, NamespaceUID: namespace, Text: text}); err != nil {
			b.Fatal(err)
		}
	}
	for _, uid := range []string{"ruled", "elsewhere"} {
		if err := a.PutNamespace(authz.NamespaceInfo{UID: uid, ParentUID: "other"}); err != nil {
			b.Fatal(err)
		}
	}
	for i := range 190 {
		put(fmt.Sprintf("e%d", i), "elsewhere", `forbid (principal, action, resource) when { resource.id like "*.bak" };`)
	}
	for i, text := range []string{
		`forbid (principal, action == Action::"secret:access", resource) when { resource.hasTag("env") && resource.getTag("env") == "staging" };`,
		`forbid (principal, action == Action::"secret:access", resource) unless { context has address && context.address.isInRange(ip("10.0.0.0/8")) };`,
		`forbid (principal, action == Action::"secret:access", resource) when { context.now < datetime("2000-01-01") };`,
		`forbid (principal, action in [Action::"secret:access", Action::"secret:use"], resource) when { resource.id like "*.bak" };`,
		`forbid (principal in Group::"interns", action == Action::"secret:access", resource);`,
		`forbid (principal, action == Action::"secret:access", resource is Secret) when { resource has accessMode && resource.accessMode == "READ_WRITE" };`,
		`forbid (principal is ServiceAccount, action == Action::"secret:access", resource) when { context has authnMethod && context.authnMethod == "certificate" };`,
		`permit (principal in Group::"dba", action == Action::"secret:access", resource is Secret) when { resource has type && resource.type == "postgres" };`,
		`permit (principal is User, action == Action::"secret:access", resource) when { principal.hasTag("department") && principal.getTag("department") == "risk" };`,
		`permit (principal == User::"alice", action == Action::"secret:access", resource);`,
	} {
		put(fmt.Sprintf("p%d", i), []string{"ruled", "other"}[i%2], text)
	}
}
