package authz_test

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// prodDB is a secret in the namespace team, which is below acme.
var prodDB = authz.Resource{
	Kind: authz.KindSecret, UID: "prod-db", NamespaceUID: "team", Name: "namespaces/team/secrets/Prod.db",
	Labels: map[string]string{"env": "prod"}, Type: "postgres", AccessMode: "READ", Owner: "user:alice",
}

func putPolicy(t *testing.T, a *authz.Authorizer, uid, namespace, text string) {
	t.Helper()
	if err := a.PutPolicy(operatorPolicy(uid, namespace, text)); err != nil {
		t.Fatalf("PutPolicy(%s): %v", text, err)
	}
}

func operatorPolicy(uid, namespace, text string) authz.Policy {
	return authz.Policy{UID: uid, Name: "namespaces/" + namespace + "/policies/" + uid, NamespaceUID: namespace, Text: text}
}

// expressions are conditions as operators write them, with questions that they hold for, or not.
var expressions = []struct {
	name, text string
	holds      bool
	change     func(*authz.PolicyCase)
}{
	{"time before", `context.now < datetime("2030-01-01")`, true, nil},
	{"time after", `context.now < datetime("2030-01-01")`, false, func(c *authz.PolicyCase) { c.Time = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) }},
	{"office hours", `context.now.toTime() >= duration("8h") && context.now.toTime() < duration("18h")`, true, nil},
	{"address", `context has address && context.address.isInRange(ip("10.0.0.0/8"))`, true, nil},
	{"address elsewhere", `context has address && context.address.isInRange(ip("10.0.0.0/8"))`, false, func(c *authz.PolicyCase) { c.Context.Address = netip.MustParseAddr("192.0.2.1") }},
	{"address in IPv6", `context has address && context.address.isInRange(ip("10.0.0.0/8"))`, true, func(c *authz.PolicyCase) { c.Context.Address = netip.MustParseAddr("::ffff:10.1.2.3") }},
	{"address with a zone", `context has address && context.address.isInRange(ip("fe80::/10"))`, true, func(c *authz.PolicyCase) { c.Context.Address = netip.MustParseAddr("fe80::1%eth0") }},
	{"address unknown", `context has address`, false, func(c *authz.PolicyCase) { c.Context.Address = netip.Addr{} }},
	{"method", `context has authnMethod && context.authnMethod == "certificate"`, true, nil},
	{"method unknown", `context has authnMethod`, false, func(c *authz.PolicyCase) { c.Context.AuthnMethod = "" }},
	{"label", `resource.hasTag("env") && resource.getTag("env") == "prod"`, true, nil},
	{"label in another case", `resource.hasTag("Env")`, false, nil},
	{"no label", `resource.hasTag("env")`, false, func(c *authz.PolicyCase) { c.Resource.Labels = nil }},
	{"type", `resource has type && resource.type == "postgres"`, true, nil},
	{"no type", `resource has type`, false, func(c *authz.PolicyCase) { c.Resource.Type = "" }},
	{"access mode", `resource has accessMode && resource.accessMode != "READ_WRITE"`, true, nil},
	{"owner", `resource has owner && resource.owner == "user:alice"`, true, nil},
	{"its own", `resource has owner && resource.owner == principal.name`, true, nil},
	{"claim", `principal.hasTag("department") && principal.getTag("department") == "risk"`, true, nil},
	{"no claim", `principal.hasTag("department")`, false, func(c *authz.PolicyCase) { c.Principal.Claims = nil }},
	{"an account has no claims", `principal.hasTag("department")`, false, func(c *authz.PolicyCase) {
		c.Principal = etl
		c.Principal.Claims = map[string]string{"department": "x"}
	}},
	{"name of the principal", `principal.name == "user:alice"`, true, nil},
	{"account by name", `principal.name == "` + etl.Name + `"`, true, func(c *authz.PolicyCase) { c.Principal = etl }},
	{"group", `principal in Group::"data-eng"`, true, nil},
	{"a user named as a group", `principal in Group::"bob"`, false, nil},
	{"id", `resource.id == "Prod.db"`, true, nil},
	{"id in another case", `resource.id == "prod.db"`, false, nil},
	{"id is no pattern", `resource.id == "*"`, false, nil},
	{"pattern", `resource.id like "Prod*"`, true, nil},
	{"id of an asterisk", `resource.id like "Prod*"`, false, func(c *authz.PolicyCase) { c.Resource.Name = "namespaces/team/secrets/*" }},
	{"id of dots is as it is", `resource.id == ".."`, true, func(c *authz.PolicyCase) { c.Resource.Name = "namespaces/team/secrets/.." }},
	{"id of a part's", `resource.id == "db"`, true, func(c *authz.PolicyCase) { c.Resource.Name = "namespaces/team/secrets/db/versions/3" }},
	{"kind", `resource is Secret`, true, nil},
	{"namespace by UID", `resource in Namespace::"acme"`, true, nil},
	{"namespace by ID", `resource.namespace == "team"`, true, nil},
	{"namespace above by ID", `resource.namespace == "acme"`, false, nil},
	{"a namespace is its own", `resource.namespace == "acme" && resource.id == "acme"`, true, func(c *authz.PolicyCase) { c.Resource = acme }},
	{"namespace of an absent resource", `resource.namespace == "team"`, true, func(c *authz.PolicyCase) { c.Resource = noSecret }},
	{"account by its namespace", `principal is ServiceAccount && principal.namespace == "acme" && principal.id == "etl"`, true, func(c *authz.PolicyCase) { c.Principal = etl }},
	{"delegated", `context.delegated`, false, nil},
	{"absent is what it is called", `resource.id == "none" && !(resource has type) && !resource.hasTag("env")`, true, func(c *authz.PolicyCase) { c.Resource = noSecret }},
}

func policyCase(change func(*authz.PolicyCase)) authz.PolicyCase {
	c := authz.PolicyCase{Question: ask(alice, authz.SecretAccess, prodDB), Time: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)}
	c.Principal.Claims = map[string]string{"department": "risk"}
	c.Context = authz.Context{Address: netip.MustParseAddr("10.1.2.3"), AuthnMethod: "certificate"}
	if change != nil {
		change(&c)
	}
	return c
}

// Each expression is a forbid's, a permit's and a grant's, and tried alone: all must agree.
func TestExpressions(t *testing.T) {
	for _, test := range expressions {
		t.Run(test.name, func(t *testing.T) {
			c := policyCase(test.change)
			reader := authz.Grant{UID: "g", Name: "g", Principal: c.Principal.Name, PrincipalUID: c.Principal.UID, Role: authz.RoleSecretReader, Scope: acme}
			decide := func(condition string, policies ...string) bool {
				t.Helper()
				a := newAuthorizer(t, func() time.Time { return c.Time })
				for i, text := range policies {
					putPolicy(t, a, fmt.Sprint(i), "acme", text)
				}
				reader.Condition = condition
				if err := a.PutGrant(reader); condition != "none" && err != nil {
					t.Fatalf("PutGrant: %v", err)
				}
				d := a.Decide(c.Question)
				if d.Err != nil {
					t.Errorf("Decide: %v", d.Err)
				}
				return d.Allowed
			}
			permit := `permit (principal, action == Action::"secret:access", resource) when { ` + test.text + ` };`
			forbid := `forbid (principal, action, resource) when { ` + test.text + ` };`
			if got := decide(test.text); got != test.holds {
				t.Errorf("with the conditional grant: allowed %v, want %v", got, test.holds)
			}
			if got := decide("", forbid); got == test.holds {
				t.Errorf("with the forbid: allowed %v, want %v", got, !test.holds)
			}
			if got := decide("none", permit); got != test.holds {
				t.Errorf("with the permit: allowed %v, want %v", got, test.holds)
			}
			results, err := newAuthorizer(t, nil).TestPolicy(permit+forbid, []authz.PolicyCase{c})
			want := authz.PolicyResult{Effect: authz.EffectNone}
			if test.holds {
				want = authz.PolicyResult{Effect: authz.EffectForbid, Statements: []string{"#2"}}
			}
			if diff := cmp.Diff([]authz.PolicyResult{want}, results); err != nil || diff != "" {
				t.Errorf("TestPolicy: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestPolicies(t *testing.T) {
	admin := authz.Grant{Principal: "user:bob", Role: authz.RoleNamespaceAdmin, Scope: acme}
	operator := authz.Grant{Principal: "user:alice", Role: authz.RoleOperator, Scope: authz.Namespace("root", "")}
	const (
		forbidAll  = `@id("all") forbid (principal, action, resource);`
		permitRead = `permit (principal in Group::"data-eng", action == Action::"secret:access", resource);`
		fails      = `forbid (principal, action == Action::"secret:access", resource) when { ` + overflow + ` };`
	)
	acmePolicy := authz.Resource{Kind: authz.KindPolicy, UID: "p", NamespaceUID: "acme", Name: "namespaces/acme/policies/p"}
	carol := authn.Principal{Name: "user:carol", Groups: []string{"group:data-eng"}}
	tests := []struct {
		name, namespace, text string
		question              authz.Question
		allowed               bool
		policies              []string
		err                   error
	}{
		{"a forbid beats the operator", "acme", forbidAll, ask(alice, authz.SecretAccess, prodDB), false, []string{"namespaces/acme/policies/p#all"}, nil},
		{"a forbid beats a permit", "acme", permitRead + forbidAll, ask(carol, authz.SecretAccess, prodDB), false, []string{"namespaces/acme/policies/p#all"}, nil},
		{"elsewhere it says nothing", "other", forbidAll, ask(alice, authz.SecretAccess, prodDB), true, []string{"role:operator"}, nil},
		{"a permit gives", "acme", permitRead, ask(carol, authz.SecretAccess, prodDB), true, []string{"namespaces/acme/policies/p#1"}, nil},
		{"a permit gives only its actions", "acme", permitRead, ask(carol, authz.SecretUse, prodDB), false, nil, nil},
		{"a permit gives nothing above", "team", permitRead, ask(carol, authz.SecretAccess, acme), false, nil, nil},
		{"no policy forbids its removal", "root", forbidAll, ask(bob, authz.PolicyDelete, acmePolicy), true, []string{"role:namespace-admin"}, nil},
		{"nor its change", "acme", forbidAll, ask(bob, authz.PolicyUpdate, acmePolicy), true, []string{"role:namespace-admin"}, nil},
		{"a failing forbid denies", "acme", fails, ask(alice, authz.SecretAccess, prodDB), false, nil, authz.ErrEvaluation},
		{"a failing forbid of another action does not", "acme", fails, ask(alice, authz.SecretUse, prodDB), true, []string{"role:operator"}, nil},
		{"a failing permit denies", "acme", strings.Replace(fails, "forbid", "permit", 1), ask(alice, authz.SecretAccess, prodDB), false, nil, authz.ErrEvaluation},
		{"a failing forbid beside the actions on policies", "acme", `forbid (principal, action, resource) when { ` + overflow + ` };`, ask(bob, authz.PolicyDelete, acmePolicy), true, []string{"role:namespace-admin"}, nil},
		{"a name that is not given", "acme", forbidAll, ask(alice, authz.SecretAccess, authz.Resource{Kind: authz.KindSecret, UID: "s", NamespaceUID: "team"}), false, nil, authz.ErrRequest},
		{"a name of another kind", "acme", forbidAll, ask(alice, authz.SecretAccess, authz.Resource{Kind: authz.KindSecret, UID: "s", NamespaceUID: "team", Name: "namespaces/team/grants/g"}), false, nil, authz.ErrRequest},
		{"an absent resource", "acme", forbidAll, ask(alice, authz.SecretAccess, noSecret), false, []string{"namespaces/acme/policies/p#all"}, nil},
		{"a forbid on a role's actions", "acme", `forbid (principal, action in Action::"role:viewer", resource);`, ask(alice, authz.SecretGet, prodDB), false, []string{"namespaces/acme/policies/p#1"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newAuthorizer(t, nil, admin, operator)
			putPolicy(t, a, "p", test.namespace, test.text)
			got := a.Decide(test.question)
			if got.Allowed != test.allowed || !slices.Equal(got.Policies, test.policies) || !errors.Is(got.Err, test.err) {
				t.Errorf("Decide = %+v, want allowed %v by %v, error %v", got, test.allowed, test.policies, test.err)
			}
			a.DeletePolicy("unknown")
			a.DeletePolicy("p")
			if got := a.Decide(ask(alice, authz.SecretAccess, prodDB)); !got.Allowed {
				t.Errorf("Decide after the policy was deleted = %+v, want allowed", got)
			}
		})
	}
}

// Who has no right at all is denied without looking at what is forbidden: how long that takes would tell what exists.
func TestPolicies_nothingPermits(t *testing.T) {
	a := newAuthorizer(t, nil, authz.Grant{Principal: "user:bob", Role: authz.RoleSecretReader, Scope: acme, Condition: `context.delegated`})
	elsewhere := authz.Resource{Kind: authz.KindSecret, NamespaceUID: "other", Name: "namespaces/other/secrets/none"}
	for i := range 20 {
		putPolicy(t, a, fmt.Sprint(i), "acme", strings.Repeat(`forbid (principal, action, resource) when { resource.id like "*d*" && `+overflow+` };`, 10))
	}
	putPolicy(t, a, "permits", "acme", `permit (principal == User::"carol", action == Action::"secret:access", resource);`)
	cost := func(q authz.Question) float64 {
		t.Helper()
		return testing.AllocsPerRun(10, func() {
			if d := a.Decide(q); d.Allowed || !q.Forbids && d.Err != nil {
				t.Fatalf("Decide = %+v, want a plain denial", d)
			}
		})
	}
	there, gone := ask(alice, authz.SecretAccess, prodDB), ask(alice, authz.SecretAccess, elsewhere)
	if here, none := cost(there), cost(gone); here != none {
		t.Errorf("a denial costs %v allocations where there are many forbids, %v where there are none", here, none)
	}
	there.Forbids = true
	if d := a.Decide(there); !errors.Is(d.Err, authz.ErrEvaluation) {
		t.Errorf("Decide with forbids = %+v, want ErrEvaluation", d)
	}
	for _, who := range []string{"user:bob", "user:carol"} {
		if d := a.Decide(ask(authn.Principal{Name: who}, authz.SecretAccess, prodDB)); d.Allowed || !errors.Is(d.Err, authz.ErrEvaluation) {
			t.Errorf("Decide of %s = %+v, want ErrEvaluation", who, d)
		}
	}
}

// A service account that asks about itself is principal and resource in one, with the groups of the one and the place of
// the other.
func TestPolicies_accountAboutItself(t *testing.T) {
	on := authz.Resource{Kind: authz.KindServiceAccount, UID: etl.UID, NamespaceUID: "acme", Name: "namespaces/acme/serviceAccounts/etl"}
	a := newAuthorizer(t, nil, authz.Grant{Principal: "group:jobs", Role: authz.RoleNamespaceAdmin, Scope: on})
	putPolicy(t, a, "p", "acme", `forbid (principal, action == Action::"serviceAccount:delete", resource) when { principal in Group::"jobs" && resource.id == "etl" };
		forbid (principal, action == Action::"serviceAccount:update", resource) when { principal in Namespace::"other" || resource.hasTag("a") };`)
	itself := etl
	itself.Groups = []string{"group:jobs"}
	for action, want := range map[authz.Action]bool{authz.ServiceAccountDelete: false, authz.ServiceAccountUpdate: true} {
		if got := a.Decide(ask(itself, action, on)); got.Allowed != want || got.Err != nil {
			t.Errorf("Decide(%s) = %+v, want allowed %v", action, got, want)
		}
	}
}

// What is about a part of a resource, such as a token of an account, is seen as about the resource.
func TestPolicies_ofAPart(t *testing.T) {
	a := newAuthorizer(t, nil, authz.Grant{Principal: "user:alice", Role: authz.RoleOperator, Scope: authz.Namespace("acme", "namespaces/acme")})
	putPolicy(t, a, "p", "acme", `forbid (principal, action, resource is ServiceAccount) when { resource.name == "serviceAccount:namespaces/acme/serviceAccounts/etl" };
		forbid (principal, action, resource is Secret) when { resource.id == "db" };`)
	for name, want := range map[string]bool{
		"namespaces/acme/serviceAccounts/etl":            false,
		"namespaces/acme/serviceAccounts/etl/tokens/t":   false,
		"namespaces/acme/serviceAccounts/other/tokens/t": true,
		"namespaces/acme/secrets/db":                     false,
		"namespaces/acme/secrets/db/versions/1":          false,
		"namespaces/acme/secrets/other/versions/1":       true,
	} {
		on, action := authz.Resource{Kind: authz.KindServiceAccount, UID: "x", NamespaceUID: "acme", Name: name}, authz.TokenDelete
		if strings.Contains(name, "/secrets/") {
			on.Kind, action = authz.KindSecret, authz.SecretGet
		}
		if got := a.Decide(ask(authn.Principal{Name: "user:alice"}, action, on)); got.Allowed != want || got.Err != nil {
			t.Errorf("Decide(%s on %s) = %+v, want allowed %v", action, name, got, want)
		}
	}
}

// What is kept of principals between decisions is bounded, however many groups and claims they come with.
func TestPolicies_keepLittle(t *testing.T) {
	a := newAuthorizer(t, nil, authz.Grant{Principal: "group:dba", Role: authz.RoleSecretReader, Scope: acme})
	putPolicy(t, a, "p", "acme", `forbid (principal in Group::"interns", action, resource) when { principal.hasTag("a") && resource.hasTag("b") };`)
	heap := func() uint64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	for i := range 500 {
		long := strings.Repeat(fmt.Sprintf("%03d", i), 80)
		p := authn.Principal{Name: "user:" + long, Groups: []string{"group:dba", "group:interns"}}
		on := prodDB
		on.UID, on.Labels = long, map[string]string{"b": strings.Repeat(long, 64)}
		for each := range 200 {
			p.Groups = append(p.Groups, fmt.Sprint("group:", each, long))
		}
		if d := a.Decide(ask(p, authz.SecretAccess, on)); !d.Allowed {
			t.Fatalf("Decide = %+v, want allowed", d)
		}
	}
	if after := heap(); after > before+8<<20 {
		t.Errorf("%d MiB are kept of 500 principals and resources", (after-before)>>20)
	}
	runtime.KeepAlive(a)
}

func TestPutPolicy_failsClosed(t *testing.T) {
	operator := authz.Grant{Principal: "user:alice", Role: authz.RoleOperator, Scope: authz.Namespace("root", "")}
	tests := []struct {
		name, text string
		denied     []authz.Action // of access, use and get
	}{
		{"a permit is left out", `permit (principal, action == Action::"secret:access", resource) when { resource.nonsense };`, nil},
		{"a forbid forbids its action", `forbid (principal, action == Action::"secret:access", resource) when { resource.nonsense };`, []authz.Action{authz.SecretAccess}},
		{"and no other", `forbid (principal == User::"bob", action in [Action::"secret:use"], resource) when { context.newer };`, []authz.Action{authz.SecretUse}},
		{"an action that is not known", `forbid (principal, action == Action::"secret:newer", resource);`, []authz.Action{authz.SecretAccess, authz.SecretUse, authz.SecretGet}},
		{"every action", `forbid (principal, action, resource) when { context.newer };`, []authz.Action{authz.SecretAccess, authz.SecretUse, authz.SecretGet}},
		{"what is not Cedar", `forbid all;`, []authz.Action{authz.SecretAccess, authz.SecretUse, authz.SecretGet}},
		{"nothing", ``, []authz.Action{authz.SecretAccess, authz.SecretUse, authz.SecretGet}},
		{"too much", strings.Repeat(" ", authz.MaxPolicySize+1), []authz.Action{authz.SecretAccess, authz.SecretUse, authz.SecretGet}},
		{"a valid statement beside", `forbid (principal, action == Action::"secret:get", resource); permit (principal, action, resource);`, []authz.Action{authz.SecretGet}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newAuthorizer(t, nil, operator)
			putPolicy(t, a, "p", "acme", `forbid (principal, action == Action::"secret:list", resource);`)
			if err := a.PutPolicy(operatorPolicy("p", "acme", test.text)); !errors.Is(err, authz.ErrPolicy) {
				t.Errorf("PutPolicy(%q) = %v, want ErrPolicy", test.text, err)
			}
			for _, action := range []authz.Action{authz.SecretAccess, authz.SecretUse, authz.SecretGet} {
				want := !slices.Contains(test.denied, action)
				if got := a.Decide(ask(alice, action, prodDB)); got.Allowed != want || got.Err != nil {
					t.Errorf("Decide(%s) = %+v, want allowed %v", action, got, want)
				}
			}
			for name, q := range map[string]authz.Question{
				"elsewhere":       ask(alice, authz.SecretAccess, authz.Namespace("other", "namespaces/other")),
				"what it was":     ask(alice, authz.SecretCreate, acme),
				"to take it away": ask(alice, authz.PolicyDelete, acme),
			} {
				want := name != "what it was" || len(test.denied) < 3
				if got := a.Decide(q); got.Allowed != want {
					t.Errorf("Decide %s = %+v, want allowed %v", name, got, want)
				}
			}
		})
	}
	a := newAuthorizer(t, nil)
	for _, p := range []authz.Policy{{UID: "p", Text: "x"}, {NamespaceUID: "acme", Text: "x"}} {
		if err := a.PutPolicy(p); !errors.Is(err, authz.ErrPolicy) {
			t.Errorf("PutPolicy(%+v) = %v, want ErrPolicy", p, err)
		}
	}
}

func TestTestPolicy(t *testing.T) {
	a := newAuthorizer(t, nil)
	text := `@id("dba") permit (principal in Group::"data-eng", action == Action::"secret:access", resource);
		permit (principal, action == Action::"secret:use", resource) when { context.now > datetime("2000-01-01") };
		forbid (principal, action == Action::"secret:get", resource) when { ` + overflow + ` };`
	delegated := ask(alice, authz.SecretUse, prodDB)
	delegated.Context.Delegated = true
	results, err := a.TestPolicy(text, []authz.PolicyCase{
		{Question: ask(alice, authz.SecretAccess, prodDB)},
		{Question: ask(bob, authz.SecretAccess, prodDB)},
		{Question: ask(bob, authz.SecretUse, prodDB)},
		{Question: ask(bob, authz.SecretGet, prodDB)},
		{Question: ask(bob, authz.SecretGet, etlJob)},
		{Question: delegated},
		{Question: ask(alice, authz.PolicyGet, acme)},
	})
	if err != nil {
		t.Fatalf("TestPolicy: %v", err)
	}
	want := []string{"PERMIT [#dba]", "NONE []", "PERMIT [#2]", "ERROR [#3]", "ERROR []", "NONE []", "NONE []"}
	for i, r := range results {
		if got := fmt.Sprintf("%s %v", r.Effect, r.Statements); got != want[i] || (r.Err != nil) != (r.Effect == authz.EffectError) {
			t.Errorf("case %d: %s, error %v, want %s", i, got, r.Err, want[i])
		}
	}
	if _, err := a.TestPolicy("permit all;", nil); !errors.Is(err, authz.ErrPolicy) {
		t.Errorf("TestPolicy of nonsense: %v, want ErrPolicy", err)
	}
}

// Of somebody whose groups and claims nobody knows, a forbid that goes by them says what it says of those it is about.
func TestDecide_unknownGroups(t *testing.T) {
	db := authz.Resource{Kind: authz.KindSecret, UID: "orders-db", NamespaceUID: "acme", Name: "namespaces/acme/secrets/orders-db", Labels: map[string]string{"env": "prod"}}
	tests := []struct {
		name, text string
		forbidden  bool
	}{
		{"by a group", `forbid (principal in Group::"left", action == Action::"secret:get", resource);`, true},
		{"by a group and a type", `forbid (principal is User in Group::"left", action == Action::"secret:get", resource);`, true},
		{"by a group, of what has a label", `forbid (principal in Group::"left", action == Action::"secret:get", resource) when { resource.hasTag("env") };`, true},
		{"by a group, of what has another label", `forbid (principal in Group::"left", action == Action::"secret:get", resource) when { resource.hasTag("frozen") };`, false},
		{"unless in a group", `forbid (principal, action == Action::"secret:get", resource) unless { principal in Group::"staff" };`, true},
		{"by a claim", `forbid (principal is User, action == Action::"secret:get", resource) when { principal.hasTag("department") };`, true},
		{"by a claim of somebody else", `forbid (principal == User::"bob", action == Action::"secret:get", resource) when { principal.hasTag("department") };`, false},
		{"by neither", `forbid (principal, action == Action::"secret:get", resource) when { resource.hasTag("frozen") };`, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newAuthorizer(t, nil, authz.Grant{Principal: "user:corp/alice", Role: authz.RoleViewer, Scope: acme})
			if err := a.PutPolicy(authz.Policy{UID: "p", Name: "namespaces/acme/policies/p", NamespaceUID: "acme", Text: test.text}); err != nil {
				t.Fatalf("PutPolicy: %v", err)
			}
			known := authn.Principal{Name: "user:corp/alice", Groups: []string{"group:staff"}}
			if d := a.Decide(authz.Question{Principal: known, Action: authz.SecretGet, Resource: db}); !d.Allowed {
				t.Errorf("of staff: %+v, want it allowed", d)
			}
			lapsed := authn.Principal{Name: "user:corp/alice", GroupsUnknown: true}
			if d := a.Decide(authz.Question{Principal: lapsed, Action: authz.SecretGet, Resource: db}); d.Allowed == test.forbidden || d.Err != nil {
				t.Errorf("of somebody whose groups are not known: %+v, want it forbidden: %v", d, test.forbidden)
			}
		})
	}
}
