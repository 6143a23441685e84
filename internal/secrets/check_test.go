package secrets_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

func (f *fixture) checked(by authn.Caller, req secrets.CheckAccess) secrets.AccessCheck {
	f.t.Helper()
	got, err := f.CheckAccess(f.ctx(), by, req)
	f.must(err)
	return got
}

// wantCheck compares a decision with what is wanted.
func (f *fixture) wantCheck(by authn.Caller, req secrets.CheckAccess, want secrets.AccessCheck) {
	f.t.Helper()
	if diff := cmp.Diff(want, f.checked(by, req)); diff != "" {
		f.t.Errorf("CheckAccess(%+v) (-want +got):\n%s", req, diff)
	}
}

func TestCheckAccess_self(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	caller := user("alice")
	caller.RequestID = "check"
	ask := secrets.CheckAccess{Action: "secret:access", Resource: db}
	f.wantCheck(caller, ask, secrets.AccessCheck{Roles: []string{"operator", "secret-reader"}})
	events, lines := f.decisions("check")
	if strings.Join(lines, " ") != "access:check ALLOW" || events[0].Detail != "secret:access" || events[0].Reasons[0] != "self" {
		t.Errorf("the log has %v %+v", lines, events)
	}
	grant := f.grant(caller, authz.RoleSecretReader, "namespaces/acme")
	direct := secrets.Reason{Grant: grant, Role: "secret-reader", Policy: "role:secret-reader", Principal: "user:alice"}
	f.wantCheck(caller, ask, secrets.AccessCheck{Allowed: true, Reasons: []secrets.Reason{direct}})
	f.wantCheck(caller, secrets.CheckAccess{Action: "secret:access", Resource: db + "/versions/1", Principal: "user:alice"},
		secrets.AccessCheck{Allowed: true, Reasons: []secrets.Reason{direct}})
	// What its groups hold is its own too, and a condition shows.
	caller.Groups = []string{"group:data"}
	_, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", ID: "office", Grant: secrets.Grant{
		Principal: "group:data", Role: "secret-user", Condition: `context has address && context.address.isInRange(ip("10.0.0.0/8"))`, ExpireTime: start.Add(time.Hour),
	}})
	f.must(err)
	use := secrets.CheckAccess{Action: "secret:use", Resource: db}
	office := secrets.Reason{
		Grant: "namespaces/acme/grants/office", Role: "secret-user", Policy: "role:secret-user", Principal: "group:data", Conditional: true, ExpireTime: start.Add(time.Hour),
	}
	unmet := office
	unmet.Unmet = true
	if got := f.checked(caller, use); got.Allowed || !cmp.Equal(got.Reasons, []secrets.Reason{unmet}) || !slices.Contains(got.Roles, "developer") {
		t.Errorf("from nowhere: %+v", got)
	}
	use.SourceAddress = "10.1.2.3"
	f.wantCheck(caller, use, secrets.AccessCheck{Allowed: true, Reasons: []secrets.Reason{office}})
}

// A grant whose condition does not hold is told to who may get it, and to who holds it where it was given: not of what lies
// below, which would tell that it does.
func TestCheckAccess_unmet(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.namespace("inner", "acme")
	f.secret("namespaces/inner/secrets/db", "k", "v")
	_, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", ID: "never", Grant: secrets.Grant{
		Principal: "user:alice", Role: "secret-reader", Condition: `context.delegated`,
	}})
	f.must(err)
	never := secrets.Reason{Grant: "namespaces/acme/grants/never", Role: "secret-reader", Policy: "role:secret-reader", Principal: "user:alice", Conditional: true, Unmet: true}
	roles := []string{"operator", "secret-reader"}
	told, untold := secrets.AccessCheck{Reasons: []secrets.Reason{never}, Roles: roles}, secrets.AccessCheck{Roles: roles}
	for name, want := range map[string]secrets.AccessCheck{
		db: told, "namespaces/acme/secrets/none": told, "namespaces/inner/secrets/db": untold, "namespaces/none/secrets/db": untold, "namespaces/acme/grants/never": untold,
	} {
		f.wantCheck(user("alice"), secrets.CheckAccess{Action: "secret:access", Resource: name}, want)
	}
	of := secrets.CheckAccess{Action: "secret:access", Resource: "namespaces/inner/secrets/db", Principal: "user:alice"}
	f.wantCheck(f.root, of, told)
	f.role("namespaces/acme/roles/checker", "access:check", "secret:get")
	_, err = f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", Grant: secrets.Grant{Principal: "user:checker", Role: "namespaces/acme/roles/checker"}})
	f.must(err)
	f.wantCheck(user("checker"), of, secrets.AccessCheck{Hidden: 1, Roles: roles})
	f.policy(rules, `@id("all") forbid (principal == User::"alice", action, resource);`)
	f.wantCheck(f.root, of, secrets.AccessCheck{Reasons: []secrets.Reason{{Policy: rules + "#all", Principal: "user:alice"}}})
}

func TestCheckAccess_invalid(t *testing.T) {
	f := newFixture(t)
	for _, test := range []struct {
		field string
		req   secrets.CheckAccess
	}{
		{"action", secrets.CheckAccess{Action: "secret:steal", Resource: db}},
		{"action", secrets.CheckAccess{Resource: db}},
		{"resource", secrets.CheckAccess{Action: "secret:get"}},
		{"resource", secrets.CheckAccess{Action: "secret:get", Resource: "namespaces/acme/bogus/x"}},
		{"resource", secrets.CheckAccess{Action: "secret:get", Resource: "namespaces/acme/secrets/../x"}},
		{"resource", secrets.CheckAccess{Action: "token:get", Resource: "users/a*/tokens/x"}},
		{"groups", secrets.CheckAccess{Action: "secret:get", Resource: db, Groups: []string{"group:a"}}},
		{"groups", secrets.CheckAccess{Action: "secret:get", Resource: db, Principal: "user:x", Groups: []string{"a"}}},
		{"groups", secrets.CheckAccess{Action: "secret:get", Resource: db, Principal: "user:x", Groups: make([]string, 257)}},
		{"principal", secrets.CheckAccess{Action: "secret:get", Resource: db, Principal: "alice"}},
		{"source_address", secrets.CheckAccess{Action: "secret:get", Resource: db, SourceAddress: "10.0.0.0/8"}},
	} {
		_, err := f.CheckAccess(f.ctx(), f.root, test.req)
		f.invalid(err, test.field)
	}
}

// Another principal is asked about by the right to, with what is known of it while it is absent.
func TestCheckAccess_another(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	auditor := f.with(authz.RoleAuditor, "namespaces/acme")
	account, _ := f.account(robot)
	f.grant(account, authz.RoleSecretReader, db)
	f.grant(authn.Caller{Principal: authn.Principal{Name: "group:data"}}, authz.RoleSecretReader, db)
	ask := func(principal string, groups ...string) secrets.CheckAccess {
		return secrets.CheckAccess{Action: "secret:access", Resource: db, Principal: principal, Groups: groups}
	}
	for _, caller := range []authn.Caller{user("x"), f.with(authz.RoleDeveloper, "namespaces/acme"), f.with(authz.RoleAuditor, "namespaces/other"), account} {
		_, err := f.CheckAccess(f.ctx(), caller, ask("user:bob"))
		f.check(err, gate.ErrDenied)
	}
	f.NoteLogin(member("carol", "group:data"))
	for _, test := range []struct {
		req  secrets.CheckAccess
		want bool
	}{
		{ask(account.Name), true},
		{ask("serviceAccount:namespaces/acme/serviceAccounts/none"), false},
		{ask("user:bob"), false},
		{ask("user:bob", "group:data"), true},
		{ask("group:data"), true},
		{ask("group:other"), false},
		{ask("group:other", "group:data"), true},
		{ask("user:carol"), true},
		{ask("user:carol", "group:other"), false},
	} {
		if got := f.checked(auditor, test.req); got.Allowed != test.want || (len(got.Reasons) == 1) != test.want || len(got.Roles) > 0 == test.want {
			t.Errorf("CheckAccess(%+v) = %+v, want %v", test.req, got, test.want)
		}
	}
	f.pass(8 * 24 * time.Hour)
	if got := f.checked(auditor, ask("user:carol")); got.Allowed {
		t.Error("the groups of a login long ago count")
	}
}

// Of what decided, nobody is told more than it may get; the rest is counted.
func TestCheckAccess_hidden(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.role("namespaces/acme/roles/checker", "access:check")
	checker := user("checker")
	_, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", Grant: secrets.Grant{Principal: checker.Name, Role: "namespaces/acme/roles/checker"}})
	f.must(err)
	alice := user("alice")
	f.grant(alice, authz.RoleSecretReader, db)
	ask := secrets.CheckAccess{Action: "secret:access", Resource: db, Principal: alice.Name}
	f.wantCheck(checker, ask, secrets.AccessCheck{Allowed: true, Hidden: 1})
	// A forbid is told to who may get the policy, and to nobody which roles would help.
	f.policy("namespaces/acme/policies/night", `@id("closed") forbid (principal == User::"alice", action == Action::"secret:access", resource);`)
	ask.Principal = ""
	f.wantCheck(alice, ask, secrets.AccessCheck{Roles: []string{"operator", "secret-reader"}}) // as if there were no such secret
	f.grant(alice, authz.RoleViewer, db)
	f.wantCheck(alice, ask, secrets.AccessCheck{Hidden: 1})
	ask.Principal = alice.Name
	f.wantCheck(f.root, ask, secrets.AccessCheck{Reasons: []secrets.Reason{{Policy: "namespaces/acme/policies/night#closed", Principal: alice.Name}}})
	// What is built in is no secret.
	account, _ := f.account(robot)
	f.grant(account, authz.RoleNamespaceAdmin, "namespaces/acme")
	f.wantCheck(account, secrets.CheckAccess{Action: "token:create", Resource: robot},
		secrets.AccessCheck{Reasons: []secrets.Reason{{Policy: "forbid:self-mint", Principal: account.Name}}})
}

// Asked about itself, a caller learns of what it may not know exactly what it learns of what is not there, whatever
// policies say of what is.
func TestCheckAccess_isNoOracle(t *testing.T) {
	f := newFixture(t)
	names := f.everything()
	f.policy("namespaces/instance/policies/labels", `forbid (principal, action == Action::"secret:get", resource) when { resource.hasTag("env") };`)
	_, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: names["secret"], Meta: secrets.Meta{Labels: map[string]string{"env": "prod"}}}})
	f.must(err)
	parent, _ := cut(names["secret"])
	f.policy(parent+"/policies/closed", `forbid (principal, action in [Action::"projection:render", Action::"namespace:get"], resource);`)
	on := f.with(authz.RoleSecretReader, names["secret"])
	for _, caller := range []authn.Caller{user("nobody"), f.with(authz.RoleNamespaceAdmin, "namespaces/other"), {Principal: authn.Principal{Name: "user:bare"}}, on} {
		for kind, name := range names {
			for _, action := range []string{
				"namespace:get", "secret:get", "secret:create", "projection:render", "token:create", "grant:get", "grant:viewer", "role:get", "policy:get", "access:check", "audit:list",
			} {
				if caller.Name == on.Name && strings.HasPrefix(action, "secret:") {
					continue
				}
				there := fmt.Sprint(f.checked(caller, secrets.CheckAccess{Action: action, Resource: name}))
				for _, other := range absent(name) {
					if gone := fmt.Sprint(f.checked(caller, secrets.CheckAccess{Action: action, Resource: other})); gone != there {
						t.Errorf("%s: %s on the %s that is there: %s; on %s: %s", caller.Name, action, kind, there, other, gone)
					}
				}
			}
		}
	}
}

// Nor does a right to what a grant is on tell which grants there are.
func TestCheckAccess_ofGrants(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	reader := f.with(authz.RoleSecretReader, db)
	there := f.grant(user("someone"), authz.RoleViewer, db)
	for _, name := range []string{there, "namespaces/acme/grants/none"} {
		f.wantCheck(reader, secrets.CheckAccess{Action: "secret:access", Resource: name}, secrets.AccessCheck{Roles: []string{"operator", "secret-reader"}})
	}
	viewer := f.with(authz.RoleViewer, db)
	if got := f.checked(viewer, secrets.CheckAccess{Action: "grant:get", Resource: there}); !got.Allowed {
		t.Errorf("who may get a grant is told %+v", got)
	}
}

// What needs no right is told so.
func TestCheckAccess_ofOwnTokens(t *testing.T) {
	f := newFixture(t)
	f.account(robot)
	person := f.login(f.mint(secrets.CreateToken{Parent: alice, ID: "laptop"}).Secret)
	account := f.login(f.mint(secrets.CreateToken{Parent: robot, ID: "mine"}).Secret)
	for _, test := range []struct {
		caller       authn.Caller
		action, name string
		want         bool
	}{
		{person, "token:list", alice, true},
		{person, "token:get", alice + "/tokens/other", true},
		{person, "token:delete", alice + "/tokens/other", true},
		{person, "token:renew", alice + "/tokens/laptop", true},
		{person, "token:renew", alice + "/tokens/other", false},
		{person, "token:create", alice, false},
		{person, "token:list", "users/bob", false},
		{account, "token:renew", robot + "/tokens/mine", true},
		{account, "token:delete", robot + "/tokens/mine", true},
		{account, "token:renew", robot + "/tokens/first", false},
		{account, "token:get", robot + "/tokens/mine", false},
	} {
		if got := f.checked(test.caller, secrets.CheckAccess{Action: test.action, Resource: test.name}); got.Allowed != test.want {
			t.Errorf("%s by %s on %s: %+v, want %v", test.action, test.caller.Name, test.name, got, test.want)
		}
	}
	if got := f.checked(f.root, secrets.CheckAccess{Action: "token:renew", Resource: alice + "/tokens/laptop", Principal: person.Name}); got.Allowed {
		t.Errorf("of another, by a token that it does not show: %+v", got)
	}
}

// What is answered about oneself is what a call does.
func TestCheckAccess_agreesWithCalls(t *testing.T) {
	f := newFixture(t)
	names := f.everything()
	callers := []authn.Caller{user("nobody"), f.with(authz.RoleDeveloper, names["namespace"]), f.with(authz.RoleViewer, names["secret"]), f.root}
	for _, m := range methods {
		name := names[m.kind]
		if m.kind == "" || m.writes || strings.HasPrefix(m.name, "List") || m.action == authz.SecretList { // lists ask for less, below
			continue
		}
		for _, caller := range callers {
			err := m.call(f, caller, name)
			got := f.checked(caller, secrets.CheckAccess{Action: string(m.action), Resource: name})
			if denied := strings.Contains(fmt.Sprint(err), "denied on"); got.Allowed == denied {
				t.Errorf("%s by %s: %v, but the check says %+v", m.name, caller.Name, err, got)
			}
		}
	}
}
