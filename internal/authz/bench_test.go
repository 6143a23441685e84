package authz_test

import (
	"fmt"
	"testing"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// The bar is 5 µs a decision with 10,000 grants in the instance (CONTRACT section 5: 8 µs, policies included).
func BenchmarkDecide(b *testing.B) {
	const others = 10_000
	a := newAuthorizer(b, nil)
	put := func(g authz.Grant) {
		if err := a.PutGrant(g); err != nil {
			b.Fatal(err)
		}
	}
	for i := range others {
		scope := authz.Resource{Kind: authz.KindSecret, UID: fmt.Sprintf("secret-%d", i), NamespaceUID: "team"}
		put(authz.Grant{UID: fmt.Sprintf("o%d", i), Principal: fmt.Sprintf("user:u%d", i), Role: authz.RoleViewer, Scope: acme})
		put(authz.Grant{UID: fmt.Sprintf("m%d", i), Principal: "user:many", Role: authz.RoleSecretReader, Scope: scope})
	}
	put(authz.Grant{UID: "reader", Principal: "user:reader", Role: authz.RoleSecretReader, Scope: ordersDB})
	put(authz.Grant{UID: "operator", Principal: "user:operator", Role: authz.RoleOperator, Scope: authz.Namespace("root", "")})
	for i, role := range a.Roles() {
		if !role.Grantable {
			continue
		}
		put(authz.Grant{UID: fmt.Sprintf("all%d", i), Principal: "user:all", Role: role.Role, Scope: acme})
	}
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
	put(authz.Grant{UID: "grouped", Principal: "group:g19", Role: authz.RoleSecretReader, Scope: acme})

	benchmarks := []struct {
		name      string
		principal authn.Principal
		action    authz.Action
		resource  authz.Resource
		allowed   bool
	}{
		{"on the secret", authn.Principal{Name: "user:reader"}, authz.SecretAccess, ordersDB, true},
		{"on the root", authn.Principal{Name: "user:operator"}, authz.SecretAccess, ordersDB, true},
		{"16 levels down", authn.Principal{Name: "user:operator"}, authz.SecretAccess, deep, true},
		{"10000 grants of its own", authn.Principal{Name: "user:many"}, authz.SecretAccess, authz.Resource{Kind: authz.KindSecret, UID: "secret-77", NamespaceUID: "team"}, true},
		{"all roles", authn.Principal{Name: "user:all"}, authz.SecretGet, ordersDB, true},
		{"20 groups", grouped, authz.SecretAccess, ordersDB, true},
		{"denied", authn.Principal{Name: "user:nobody"}, authz.SecretGet, ordersDB, false},
	}
	for _, bench := range benchmarks {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := a.Decide(ask(bench.principal, bench.action, bench.resource)); d.Allowed != bench.allowed {
					b.Fatalf("Decide = %+v, want allowed %v", d, bench.allowed)
				}
			}
		})
	}
}
