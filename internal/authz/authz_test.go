package authz_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

var (
	alice = authn.Principal{Name: "user:alice", Groups: []string{"group:data-eng", "user:bob"}}
	bob   = authn.Principal{Name: "user:bob"}
	etl   = authn.Principal{Name: "serviceAccount:namespaces/acme/serviceAccounts/etl", UID: "sa-etl", NamespaceUID: "acme"}

	acme     = authz.Namespace("acme", "namespaces/acme")
	ordersDB = authz.Resource{Kind: authz.KindSecret, UID: "orders-db", NamespaceUID: "team", Name: "namespaces/team/secrets/orders-db"}
	noSecret = authz.Resource{Kind: authz.KindSecret, NamespaceUID: "team", Name: "namespaces/team/secrets/none"}
	etlJob   = authz.Resource{Kind: authz.KindProjection, UID: "etl-job", NamespaceUID: "team", Name: "namespaces/team/projections/etl-job"}
)

func ask(p authn.Principal, action authz.Action, resource authz.Resource) authz.Question {
	return authz.Question{Principal: p, Action: action, Resource: resource}
}

// newAuthorizer returns an authorizer with the namespaces root > acme > team and root > other.
func newAuthorizer(t testing.TB, now func() time.Time, grants ...authz.Grant) *authz.Authorizer {
	t.Helper()
	a, err := authz.New(authz.Config{Now: now})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	for _, edge := range [][2]string{{"root", ""}, {"acme", "root"}, {"team", "acme"}, {"other", "root"}} {
		if err := a.PutNamespace(authz.NamespaceInfo{UID: edge[0], ParentUID: edge[1], Name: edge[0]}); err != nil {
			t.Fatalf("PutNamespace(%q): %v", edge[0], err)
		}
	}
	for i, g := range grants {
		g.UID = fmt.Sprintf("g%d", i)
		g.Name = g.UID
		if err := a.PutGrant(g); err != nil {
			t.Fatalf("PutGrant(%+v): %v", g, err)
		}
	}
	return a
}

func TestDecide(t *testing.T) {
	viewerByGroup := authz.Grant{Principal: "group:data-eng", Role: authz.RoleViewer, Scope: acme}
	bobAdmin := authz.Grant{Principal: "user:bob", Role: authz.RoleDataAdmin, Scope: acme}
	workload := authz.Grant{Principal: etl.Name, PrincipalUID: etl.UID, Role: authz.RoleWorkload, Scope: etlJob}
	a := newAuthorizer(t, nil, viewerByGroup, bobAdmin, workload,
		authz.Grant{Principal: "user:alice", Role: authz.RoleSecretReader, Scope: ordersDB},
		authz.Grant{Principal: etl.Name, PrincipalUID: etl.UID, Role: authz.RoleNamespaceAdmin, Scope: authz.Resource{Kind: authz.KindServiceAccount, UID: etl.UID, NamespaceUID: "acme"}})

	reborn := etl
	reborn.UID = "sa-etl-2"
	allow := func(policy string, grants ...string) authz.Decision {
		return authz.Decision{Allowed: true, Policies: []string{policy}, Grants: grants}
	}
	deny, invalid := authz.Decision{}, authz.Decision{Err: authz.ErrRequest}
	tests := []struct {
		name      string
		principal authn.Principal
		action    authz.Action
		resource  authz.Resource
		want      authz.Decision
	}{
		{"group's grant two namespaces up", alice, authz.SecretGet, ordersDB, allow("role:viewer", "g0")},
		{"absent resource by its namespace", alice, authz.SecretGet, noSecret, allow("role:viewer", "g0")},
		{"grant on the secret itself", alice, authz.SecretAccess, ordersDB, allow("role:secret-reader", "g3")},
		{"that grant says nothing of absent secrets", alice, authz.SecretAccess, noSecret, deny},
		{"role without the action", alice, authz.SecretUse, ordersDB, deny},
		{"a user named as a group is no group", alice, authz.SecretDestroy, ordersDB, deny},
		{"sibling namespace", alice, authz.NamespaceGet, authz.Namespace("other", "other"), deny},
		{"parent of the scope", alice, authz.NamespaceGet, authz.Namespace("root", "root"), deny},
		{"admin does not access", bob, authz.SecretAccess, ordersDB, deny},
		{"admin gives its own role", bob, authz.GrantRole(authz.RoleDataAdmin), ordersDB, allow("role:data-admin", "g1")},
		{"admin does not give more", bob, authz.GrantRole(authz.RoleSecretReader), ordersDB, deny},
		{"workload renders its projection", etl, authz.ProjectionRender, etlJob, allow("role:workload", "g2")},
		{"workload does not render others", etl, authz.ProjectionRender, authz.Resource{Kind: authz.KindProjection, UID: "p2", NamespaceUID: "team"}, deny},
		{"re-created account inherits nothing", reborn, authz.ProjectionRender, etlJob, deny},
		{"account about itself", etl, authz.TokenCreate, authz.Resource{Kind: authz.KindServiceAccount, UID: etl.UID, NamespaceUID: "acme"}, authz.Decision{Policies: []string{"forbid:self-mint"}}},
		{"what an account may about itself", etl, authz.TokenDelete, authz.Resource{Kind: authz.KindServiceAccount, UID: etl.UID, NamespaceUID: "acme"}, allow("role:namespace-admin", "g4")},
		{"unknown namespace", bob, authz.SecretGet, authz.Resource{Kind: authz.KindSecret, UID: "s", NamespaceUID: "nowhere"}, deny},
		{"resource outside any namespace", bob, authz.SecretGet, authz.Resource{Kind: authz.KindSecret, UID: "s"}, deny},
		{"unknown action", bob, "secret:steal", ordersDB, invalid},
		{"role as an action", bob, "role:operator", ordersDB, invalid},
		{"action on a wrong kind", bob, authz.SecretGet, etlJob, invalid},
		{"unknown kind", bob, authz.SecretGet, authz.Resource{Kind: "Scope", UID: "orders-db"}, invalid},
		{"a group cannot ask", authn.Principal{Name: "group:data-eng"}, authz.SecretGet, ordersDB, invalid},
		{"account without UID", authn.Principal{Name: etl.Name}, authz.ProjectionRender, etlJob, invalid},
		{"nobody", authn.Principal{}, authz.SecretGet, ordersDB, invalid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := a.Decide(ask(test.principal, test.action, test.resource))
			if diff := cmp.Diff(test.want, got, cmpopts.EquateErrors()); diff != "" {
				t.Errorf("Decide(%s, %s, %+v) (-want +got):\n%s", test.principal.Name, test.action, test.resource, diff)
			}
		})
	}
}

func TestDecide_expiry(t *testing.T) {
	now := time.Unix(1000, 0)
	a := newAuthorizer(t, func() time.Time { return now },
		authz.Grant{Principal: "user:bob", Role: authz.RoleViewer, Scope: acme, ExpireTime: time.Unix(1001, 0)})
	for _, want := range []bool{true, false} {
		if got := a.Decide(ask(bob, authz.SecretGet, ordersDB)); got.Allowed != want {
			t.Errorf("Decide at %v = %+v, want allowed %v", now, got, want)
		}
		if got := a.MayBelow(bob, authz.SecretList, "team"); got != want {
			t.Errorf("MayBelow at %v = %v, want %v", now, got, want)
		}
		now = now.Add(time.Second)
	}
}

func TestDecide_changes(t *testing.T) {
	a := newAuthorizer(t, nil, authz.Grant{Principal: "user:bob", Role: authz.RoleViewer, Scope: acme})
	allowed := func(want bool, after string) {
		t.Helper()
		if got := a.Decide(ask(bob, authz.SecretGet, ordersDB)); got.Allowed != want {
			t.Errorf("Decide after %s = %+v, want allowed %v", after, got, want)
		}
	}
	put := func(g authz.Grant) {
		t.Helper()
		g.UID = "g0"
		if err := a.PutGrant(g); err != nil {
			t.Fatalf("PutGrant(%+v): %v", g, err)
		}
	}
	place := func(uid, parent string) {
		t.Helper()
		if err := a.PutNamespace(authz.NamespaceInfo{UID: uid, ParentUID: parent, Name: uid}); err != nil {
			t.Fatalf("PutNamespace(%q, %q): %v", uid, parent, err)
		}
	}
	allowed(true, "the grant")
	put(authz.Grant{Principal: "user:bob", Role: authz.RoleSecretUser, Scope: acme})
	allowed(false, "replacing the grant by another role")
	put(authz.Grant{Principal: "user:bob", Role: authz.RoleViewer, Scope: acme})
	place("team", "other")
	allowed(false, "moving the namespace away")
	place("team", "acme")
	allowed(true, "moving it back")
	a.DeleteNamespace("team")
	allowed(false, "deleting the namespace")
	place("team", "acme")
	a.DeleteNamespace("acme")
	allowed(false, "deleting the scope")
	place("acme", "root")
	allowed(true, "putting both back")
	a.DeleteGrant("unknown")
	a.DeleteGrant("g0")
	allowed(false, "deleting the grant")
	put(authz.Grant{Principal: "user:bob", Role: authz.RoleViewer, Scope: acme})
	if err := a.PutGrant(authz.Grant{UID: "g0", Principal: "user:bob", Role: "king", Scope: acme}); !errors.Is(err, authz.ErrGrant) {
		t.Errorf("PutGrant with an unknown role = %v, want ErrGrant", err)
	}
	allowed(false, "a refused replacement")
}

func TestMayBelow(t *testing.T) {
	a := newAuthorizer(t, nil,
		authz.Grant{Principal: "user:alice", Role: authz.RoleViewer, Scope: ordersDB},
		authz.Grant{Principal: "user:bob", Role: authz.RoleViewer, Scope: acme},
		authz.Grant{Principal: etl.Name, PrincipalUID: etl.UID, Role: authz.RoleWorkload, Scope: etlJob})
	tests := []struct {
		name      string
		principal authn.Principal
		action    authz.Action
		namespace string
		want      bool
	}{
		{"secret in it", alice, authz.SecretList, "team", true},
		{"secret below it", alice, authz.SecretList, "root", true},
		{"secret elsewhere", alice, authz.SecretList, "other", false},
		{"action that a secret's grant cannot give", alice, authz.ProjectionList, "team", false},
		{"at it", bob, authz.ProjectionList, "acme", true},
		{"above it", bob, authz.ProjectionList, "team", true},
		{"below it", bob, authz.NamespaceList, "root", true},
		{"sibling", bob, authz.ProjectionList, "other", false},
		{"role without the action", bob, authz.TokenList, "acme", false},
		{"unknown namespace", bob, authz.SecretList, "nowhere", false},
		{"workload gets", etl, authz.ProjectionGet, "team", true},
		{"workload does not list", etl, authz.ProjectionList, "team", false},
		{"unknown action", bob, "secret:steal", "acme", false},
		{"nobody", authn.Principal{}, authz.SecretList, "acme", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := a.MayBelow(test.principal, test.action, test.namespace); got != test.want {
				t.Errorf("MayBelow(%s, %s, %q) = %v, want %v", test.principal.Name, test.action, test.namespace, got, test.want)
			}
		})
	}
}

func TestPutGrant_refuses(t *testing.T) {
	a := newAuthorizer(t, nil)
	good := authz.Grant{UID: "g", Name: "g", Principal: "user:bob", Role: authz.RoleViewer, Scope: acme}
	if err := a.PutGrant(good); err != nil {
		t.Fatalf("PutGrant(%+v): %v", good, err)
	}
	tests := []struct {
		name  string
		spoil func(*authz.Grant)
	}{
		{"no UID", func(g *authz.Grant) { g.UID = "" }},
		{"no scope", func(g *authz.Grant) { g.Scope.UID = "" }},
		{"scope that takes no grants", func(g *authz.Grant) { g.Scope.Kind = authz.KindToken }},
		{"unknown role", func(g *authz.Grant) { g.Role = "king" }},
		{"no principal", func(g *authz.Grant) { g.Principal = "" }},
		{"unknown kind of principal", func(g *authz.Grant) { g.Principal = "robot:r2" }},
		{"account without UID", func(g *authz.Grant) { g.Principal = etl.Name }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := good
			test.spoil(&g)
			if err := a.PutGrant(g); !errors.Is(err, authz.ErrGrant) {
				t.Errorf("PutGrant(%+v) = %v, want ErrGrant", g, err)
			}
		})
	}
}

func TestPutNamespace_refuses(t *testing.T) {
	a := newAuthorizer(t, nil)
	put := func(uid, parent string, want error) {
		t.Helper()
		if err := a.PutNamespace(authz.NamespaceInfo{UID: uid, ParentUID: parent, Name: uid}); !errors.Is(err, want) {
			t.Errorf("PutNamespace(%q, %q) = %v, want %v", uid, parent, err, want)
		}
	}
	put("", "root", authz.ErrTree)
	put("x", "x", authz.ErrTree)
	put("root", "team", authz.ErrTree)
	put("a", "b", nil) // b is not announced yet
	put("b", "a", authz.ErrTree)

	for i := range authz.MaxDepth {
		parent := fmt.Sprintf("d%d", i-1)
		if i == 0 {
			parent = "root"
		}
		put(fmt.Sprintf("d%d", i), parent, nil)
	}
	put("d16", "d15", authz.ErrTree)
	put("d0", "acme", authz.ErrTree) // what is below counts
	put("root", "above", authz.ErrTree)
}

// What a decision saw once is not what the next one sees, even if the caller changes what it gave.
func TestDecide_changedAttributes(t *testing.T) {
	a := newAuthorizer(t, nil, authz.Grant{Principal: "user:alice", Role: authz.RoleSecretReader, Scope: acme})
	putPolicy(t, a, "p", "acme", `forbid (principal, action, resource) when { resource.hasTag("env") && resource.getTag("env") == "staging" };
		forbid (principal in Group::"interns", action, resource) when { resource.id == "Prod.db" };
		forbid (principal, action, resource) when { principal.hasTag("left") };`)
	q := ask(alice, authz.SecretAccess, prodDB)
	q.Resource.Labels = map[string]string{"env": "prod"}
	q.Principal.Groups = []string{"group:data-eng"}
	q.Principal.Claims = map[string]string{}
	check := func(want bool, after string) {
		t.Helper()
		if got := a.Decide(q); got.Allowed != want {
			t.Errorf("Decide after %s = %+v, want allowed %v", after, got, want)
		}
	}
	check(true, "nothing")
	q.Resource.Labels["env"] = "staging"
	check(false, "a label was changed")
	q.Resource.Labels["env"] = "prod"
	check(true, "it was changed back")
	q.Principal.Groups[0] = "group:interns"
	check(false, "a group was changed")
	q.Resource.Name = "namespaces/team/secrets/other"
	check(true, "the name was changed")
	q.Principal.Claims["left"] = "yes"
	check(false, "a claim was added")
}

// TestAuthorizer_concurrent is for the race detector: changes of one tree and one grant while others decide.
func TestAuthorizer_concurrent(t *testing.T) {
	a := newAuthorizer(t, nil, authz.Grant{Principal: "user:bob", Role: authz.RoleViewer, Scope: authz.Namespace("root", "")})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for range 200 {
				if got := a.Decide(ask(bob, authz.SecretGet, authz.Resource{Kind: authz.KindSecret, UID: "s", NamespaceUID: "other"})); !got.Allowed {
					t.Errorf("Decide beside the changes = %+v, want allowed", got)
				}
				a.Decide(ask(alice, authz.SecretAccess, ordersDB))
				a.MayBelow(alice, authz.SecretAccess, "root")
			}
		})
	}
	for i := range 200 {
		parent := []string{"root", "other"}[i%2]
		if err := a.PutNamespace(authz.NamespaceInfo{UID: "acme", ParentUID: parent}); err != nil {
			t.Errorf("PutNamespace: %v", err)
		}
		if err := a.PutGrant(authz.Grant{UID: "x", Principal: "user:alice", Role: authz.RoleSecretReader, Scope: ordersDB}); err != nil {
			t.Errorf("PutGrant: %v", err)
		}
		a.DeleteGrant("x")
		putPolicy(t, a, "p", "acme", `forbid (principal, action, resource) when { resource.hasTag("env") };`)
		if err := a.PutRole(authz.CustomRole{UID: "r", NamespaceUID: "acme", Actions: []authz.Action{authz.SecretAccess}}); err != nil {
			t.Errorf("PutRole: %v", err)
		}
		a.DeleteRole("r")
		a.DeletePolicy("p")
	}
	group.Wait()
}
