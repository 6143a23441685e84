package secrets_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

const rules = "namespaces/acme/policies/rules"

// write tries to create a policy.
func (f *fixture) write(by authn.Caller, parent, text string, tests ...secrets.PolicyTest) error {
	return only(f.CreatePolicy(f.ctx(), by, secrets.CreatePolicy{Parent: parent, ID: "p", Policy: secrets.Policy{Text: text, Tests: tests}}))
}

func TestPolicy_inForceAtOnce(t *testing.T) {
	f := newFixture(t)
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
		Parent: "namespaces/acme", ID: "db", Payload: payload("k", "v"), Secret: secrets.Secret{Meta: secrets.Meta{Labels: map[string]string{"env": "prod"}}},
	})
	f.must(err)
	reader, guest := f.with(authz.RoleSecretReader, "namespaces/acme"), user("guest")
	f.check(f.access(reader), nil)
	f.policy(rules, `
		@id("prod") forbid (principal, action == Action::"secret:access", resource) when { resource.hasTag("env") && resource.getTag("env") == "prod" };
		permit (principal == User::"guest", action == Action::"secret:get", resource);`)
	f.check(f.access(reader), gate.ErrDenied)
	f.check(f.access(f.root), gate.ErrDenied)
	f.check(only(f.GetSecret(f.ctx(), guest, db)), nil)
	f.check(only(f.reopen().AccessSecretVersion(f.ctx(), reader, at(db, 1))), gate.ErrDenied)

	reader.RequestID = "denied"
	f.check(f.access(reader), gate.ErrDenied)
	events, _ := f.decisions("denied")
	if diff := cmp.Diff([]string{rules + "#prod"}, events[0].Reasons); diff != "" {
		t.Errorf("why it is denied (-want +got):\n%s", diff)
	}

	_, err = f.UpdatePolicy(f.ctx(), f.root, secrets.UpdatePolicy{Policy: secrets.Policy{Name: rules, Text: looking}})
	f.must(err)
	f.check(f.access(reader), nil)
	f.check(only(f.GetSecret(f.ctx(), guest, db)), gate.ErrDenied)
	_, err = f.UpdatePolicy(f.ctx(), f.root, secrets.UpdatePolicy{Policy: secrets.Policy{Name: rules, Text: `forbid (principal, action, resource);`}})
	f.must(err)
	f.check(f.access(reader), gate.ErrDenied)
	f.must(erred(f.DeletePolicy(f.ctx(), f.root, rules, "", false)))
	f.check(f.access(reader), nil)
}

// What the resource has is in the question, whatever asks it.
func TestPolicy_seesTheResource(t *testing.T) {
	f := newFixture(t)
	labels := secrets.Meta{Labels: map[string]string{"hidden": "yes"}}
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: "db", Secret: secrets.Secret{Meta: labels}, Payload: payload("k", "v")})
	f.must(err)
	_, err = f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{
		Parent: "namespaces/acme", ID: "etl", Projection: secrets.Projection{Meta: labels, Items: []secrets.Item{env("db", "k", "K")}},
	})
	f.must(err)
	_, err = f.CreateServiceAccount(f.ctx(), f.root, secrets.CreateServiceAccount{Parent: "namespaces/acme", ID: "sa", Account: secrets.ServiceAccount{Meta: labels}})
	f.must(err)
	_, err = f.UpdateNamespace(f.ctx(), f.root, secrets.Namespace{Name: "namespaces/team", Meta: labels}, nil, false)
	f.must(err)
	_, err = f.CreateRole(f.ctx(), f.root, secrets.CreateRole{Parent: "namespaces/acme", ID: "r", Role: secrets.Role{Meta: labels, Actions: []string{"secret:get"}}})
	f.must(err)
	grant := f.grant(user("x"), authz.RoleViewer, db)
	caller := f.with(authz.RoleNamespaceAdmin, "namespaces/acme")
	f.grant(caller, authz.RoleSecretReader, "namespaces/acme")
	f.policy(rules, `forbid (principal, action, resource) when { resource.hasTag("hidden") };`)

	for name, err := range map[string]error{
		"GetSecret":       only(f.GetSecret(f.ctx(), caller, db)),
		"access":          f.access(caller),
		"GetProjection":   only(f.GetProjection(f.ctx(), caller, etl)),
		"use":             only(f.CreateProjection(f.ctx(), caller, secrets.CreateProjection{Parent: "namespaces/acme", ID: "p", Projection: secrets.Projection{Items: []secrets.Item{env("db", "k", "K")}}})),
		"render":          only(f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})),
		"GetAccount":      only(f.GetServiceAccount(f.ctx(), caller, "namespaces/acme/serviceAccounts/sa")),
		"UpdateNamespace": only(f.UpdateNamespace(f.ctx(), caller, secrets.Namespace{Name: "namespaces/team"}, nil, false)),
		"GetRole":         only(f.GetRole(f.ctx(), caller, "namespaces/acme/roles/r")),
		"GetGrant on it":  only(f.GetGrant(f.ctx(), caller, grant)),
		"grant on it":     only(f.give(caller, "namespaces/acme", secrets.Grant{Principal: "user:y", Role: "viewer", Resource: db})),
		"taking it away":  erred(f.DeleteGrant(f.ctx(), caller, grant, "", false)),
	} {
		if !errors.Is(err, gate.ErrDenied) {
			t.Errorf("%s = %v, want denied", name, err)
		}
	}
	secretList, _, err := f.ListSecrets(f.ctx(), caller, "namespaces/acme", secrets.Page{})
	f.must(err)
	projectionList, _, err := f.ListProjections(f.ctx(), caller, "namespaces/acme", secrets.Page{})
	f.must(err)
	accounts, _, err := f.ListServiceAccounts(f.ctx(), caller, "namespaces/acme", secrets.Page{})
	f.must(err)
	roles, _, err := f.ListRoles(f.ctx(), caller, "namespaces/acme", secrets.Page{})
	f.must(err)
	if listed := len(secretList) + len(projectionList) + len(accounts) + len(roles); listed != 0 {
		t.Errorf("listed %v %v %v %v", secretList, projectionList, accounts, roles)
	}
	grants, _, err := f.ListGrants(f.ctx(), caller, "namespaces/acme", secrets.Page{Filter: `resource = "` + db + `"`})
	if err != nil || len(grants) != 0 {
		t.Errorf("listed %v, %v", grants, err)
	}
	_, err = f.give(caller, "namespaces/acme", secrets.Grant{Principal: "serviceAccount:namespaces/acme/serviceAccounts/sa", Role: "viewer"})
	f.invalid(err, "grant.principal")

	_, err = f.UpdateNamespace(f.ctx(), f.root, secrets.Namespace{Name: "namespaces/instance", Meta: labels}, nil, false)
	f.must(err)
	f.policy("namespaces/instance/policies/rules", `forbid (principal, action == Action::"audit:list", resource) when { resource.hasTag("hidden") };`)
	f.check(only(f.ListAuditEvents(f.ctx(), f.root, secrets.AuditQuery{})), gate.ErrDenied)

	// In the bin it is what it was.
	f.must(erred(f.DeletePolicy(f.ctx(), f.root, rules, "", false)))
	f.must(erred(f.DeleteProjection(f.ctx(), f.root, etl, "", false)))
	gone := f.drop(db)
	f.policy(rules, `forbid (principal, action == Action::"secret:purge", resource) when { resource.id == "db" };
		forbid (principal, action == Action::"secret:undelete", resource) when { resource.hasTag("hidden") };`)
	err = erred(f.PurgeSecret(f.ctx(), f.root, gone, true, false))
	if f.check(err, gate.ErrDenied); err == nil || strings.Contains(err.Error(), "/db") {
		t.Errorf("a denial tells %v", err)
	}
	f.check(only(f.UndeleteSecret(f.ctx(), f.root, gone, "", false)), gate.ErrDenied)
}

// No policy gives more than its writer could, nor what no policy may.
func TestPolicy_escalation(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	admin, data := f.with(authz.RoleNamespaceAdmin, "namespaces/acme"), f.with(authz.RoleDataAdmin, "namespaces/acme")
	f.role("namespaces/acme/roles/writing", "policy:create", "policy:update", "policy:get", "secret:get")
	writer := user("writer")
	_, err := f.give(f.root, "namespaces/acme", secrets.Grant{Principal: writer.Name, Role: "namespaces/acme/roles/writing"})
	f.must(err)
	f.policy(rules, `permit (principal == User::"guest", action == Action::"secret:list", resource);`)
	permit := func(actions string) string { return "permit (principal, action " + actions + ", resource);" }
	tests := []struct {
		name, text string
		by         authn.Caller
		want       error // nil: taken
		invalid    bool
	}{
		{"what it could give", permit(`== Action::"secret:access"`), admin, nil, false},
		{"what it could not give", permit(`in [Action::"secret:get", Action::"system:status"]`), admin, gate.ErrDenied, false},
		{"the role of operators", permit(`in Action::"role:operator"`), admin, gate.ErrDenied, true},
		{"what it holds", permit(`== Action::"secret:get"`), writer, nil, false},
		{"what it does not hold", permit(`== Action::"secret:access"`), writer, gate.ErrDenied, false},
		{"what it does not hold, on a condition", `permit (principal, action == Action::"secret:access", resource) when { false };`, writer, gate.ErrDenied, false},
		{"what it does not hold, beside a forbid", looking + permit(`== Action::"secret:access"`), writer, gate.ErrDenied, false},
		{"without the right to write", looking, data, gate.ErrDenied, false},
		{"everything", "permit (principal, action, resource);", f.root, nil, true},
		{"policies", permit(`== Action::"policy:create"`), f.root, nil, true},
		{"forbidding what is done to policies", `forbid (principal, action == Action::"policy:delete", resource);`, f.root, nil, true},
		{"grants", permit(`== Action::"grant:create"`), f.root, nil, true},
		{"roles", permit(`== Action::"role:update"`), f.root, nil, true},
		{"tokens", permit(`== Action::"token:create"`), f.root, nil, true},
		{"people", permit(`== Action::"user:impersonate"`), f.root, nil, true},
		{"owners", permit(`== Action::"secret:setOwner"`), f.root, nil, true},
	}
	for _, test := range tests {
		created := f.write(test.by, "namespaces/acme", test.text)
		_, updated := f.UpdatePolicy(f.ctx(), test.by, secrets.UpdatePolicy{Policy: secrets.Policy{Name: rules, Text: test.text}, ValidateOnly: true})
		_ = erred(f.DeletePolicy(f.ctx(), f.root, "namespaces/acme/policies/p", "", false))
		for way, err := range map[string]error{"created": created, "updated": updated} {
			var invalid *secrets.InvalidError
			if errors.Is(err, gate.ErrDenied) && test.want != nil || errors.As(err, &invalid) && test.invalid || err == nil && test.want == nil && !test.invalid {
				continue
			}
			t.Errorf("%s, %s: %v", test.name, way, err)
		}
	}
	// Words about a policy are no permit.
	_, err = f.UpdatePolicy(f.ctx(), writer, secrets.UpdatePolicy{Policy: secrets.Policy{Name: rules, Meta: secrets.Meta{Description: "x"}}})
	f.check(err, nil)
}

// A forbid of everything, to everybody, everywhere, is taken back by who may delete policies.
func TestPolicy_cannotForbidItsRemoval(t *testing.T) {
	f := newFixture(t)
	admin := f.with(authz.RoleNamespaceAdmin, "namespaces/acme")
	f.policy("namespaces/instance/policies/all", `forbid (principal, action, resource);`)
	f.policy(rules, `forbid (principal, action, resource);`)
	f.check(only(f.GetNamespace(f.ctx(), admin, "namespaces/acme")), gate.ErrDenied)
	f.check(only2(f.ListPolicies(f.ctx(), admin, "namespaces/acme", secrets.Page{})), nil)
	f.check(only(f.GetPolicy(f.ctx(), admin, rules)), nil)
	f.check(erred(f.DeletePolicy(f.ctx(), admin, rules, "", false)), nil)
	f.check(erred(f.DeletePolicy(f.ctx(), admin, "namespaces/instance/policies/all", "", false)), gate.ErrDenied)
	f.check(erred(f.DeletePolicy(f.ctx(), f.root, "namespaces/instance/policies/all", "", false)), nil)

	// Not even by what it is in being deleted.
	f.policy("namespaces/team/policies/p", `forbid (principal, action == Action::"namespace:undelete", resource);`)
	_, err := f.DeleteNamespace(f.ctx(), f.root, "namespaces/team", "", false)
	f.must(err)
	f.check(only(f.UndeleteNamespace(f.ctx(), f.root, "namespaces/team", "", false)), gate.ErrDenied)
	f.check(erred(f.DeletePolicy(f.ctx(), f.root, "namespaces/team/policies/p", "", false)), nil)
	f.check(only(f.UndeleteNamespace(f.ctx(), f.root, "namespaces/team", "", false)), nil)
}

func TestPolicy_tests(t *testing.T) {
	f := newFixture(t)
	text := `@id("office") forbid (principal, action == Action::"secret:access", resource)
		unless { ` + inOffice + ` };
		permit (principal in Group::"data", action == Action::"secret:get", resource) when { resource.namespace == "acme" && resource.hasTag("env") && resource.getTag("env") == "dev" };`
	inside := secrets.PolicyTest{Title: "inside", Principal: "user:a", Action: "secret:access", Address: "10.1.1.1", Want: secrets.OutcomeNone}
	outside := secrets.PolicyTest{Title: "outside", Principal: "user:a", Action: "secret:access", Address: "192.0.2.1", Want: secrets.OutcomeForbid}
	member := secrets.PolicyTest{
		Title: "members", Principal: "user:a", Groups: []string{"group:data"}, Action: "secret:get", ID: "db", Labels: map[string]string{"env": "dev"},
		Want: secrets.OutcomePermit,
	}
	robot := secrets.PolicyTest{Title: "robots", Principal: "serviceAccount:namespaces/acme/serviceAccounts/etl", Action: "secret:get", Want: secrets.OutcomeNone}
	f.check(f.write(f.root, "namespaces/acme", text, inside, outside, member, robot), nil)
	const name = "namespaces/acme/policies/p"

	wrong := outside
	wrong.Title, wrong.Want = "open to all", secrets.OutcomePermit
	_, err := f.UpdatePolicy(f.ctx(), f.root, secrets.UpdatePolicy{Policy: secrets.Policy{Name: name, Tests: []secrets.PolicyTest{inside, wrong}}, ValidateOnly: true})
	f.invalid(err, "policy.tests[1]")
	for _, part := range []string{`"open to all"`, "FORBID", "#office", "want PERMIT"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not tell %s", err, part)
		}
	}
	// The tests that are there hold of a new text too.
	_, err = f.UpdatePolicy(f.ctx(), f.root, secrets.UpdatePolicy{Policy: secrets.Policy{Name: name, Text: looking}})
	f.invalid(err, "policy.tests[1]")
	got, err := f.GetPolicy(f.ctx(), f.root, name)
	if diff := cmp.Diff([]secrets.PolicyTest{inside, outside, member, robot}, got.Tests); err != nil || diff != "" || got.Text != text {
		t.Errorf("GetPolicy = %q, %v; tests (-want +got):\n%s", got.Text, err, diff)
	}
	bad := func(change func(*secrets.PolicyTest)) secrets.PolicyTest {
		test := inside
		change(&test)
		return test
	}
	for field, test := range map[string]secrets.PolicyTest{
		".title":          bad(func(t *secrets.PolicyTest) { t.Title = strings.Repeat("x", 257) }),
		".principal":      bad(func(t *secrets.PolicyTest) { t.Principal = "group:x" }),
		".want":           bad(func(t *secrets.PolicyTest) { t.Want = 0 }),
		".resource.kind":  bad(func(t *secrets.PolicyTest) { t.Kind = "Policy" }),
		".resource.id":    bad(func(t *secrets.PolicyTest) { t.ID = "a/b" }),
		".source_address": bad(func(t *secrets.PolicyTest) { t.Address = "here" }),
		"":                bad(func(t *secrets.PolicyTest) { t.Action = "secret:fly" }),
	} {
		f.invalid(f.write(f.root, "namespaces/other", text, test), "policy.tests[0]"+field)
	}
	f.invalid(f.write(f.root, "namespaces/other", text, make([]secrets.PolicyTest, 65)...), "policy.tests")
	f.invalid(f.write(f.root, "namespaces/other", text, bad(func(t *secrets.PolicyTest) { t.Claims = map[string]string{"c": strings.Repeat("x", 70<<10)} })), "policy.tests")
}

func TestPolicy_invalid(t *testing.T) {
	f := newFixture(t)
	for _, text := range []string{
		"", "permit", "permit (principal, action, resource)", `forbid (principal, action == Action::"secret:fly", resource);`,
		`forbid (principal, action, resource) when { resource.nothing };`, `forbid (principal, action, resource) when { principal.operator.isEmpty() };`,
		"\x80", strings.Repeat(looking, 33), looking + strings.Repeat(" ", 16<<10),
	} {
		err := f.write(f.root, "namespaces/acme", text)
		if f.invalid(err, "policy.text"); t.Failed() {
			t.Fatalf("%.80q", text)
		}
		if strings.Contains(err.Error(), "authz:") {
			t.Errorf("it is told %v", err)
		}
	}
	f.invalid(f.write(f.root, "namespaces/acme", "forbid (principal, action, resource)\nwhen { x };"), "policy.text")
	f.check(f.write(user("nobody"), "namespaces/acme", "nonsense"), gate.ErrDenied)
	for i := range 200 {
		f.policy(fmt.Sprint("namespaces/acme/policies/p", i), looking)
	}
	f.check(f.write(f.root, "namespaces/acme", looking), secrets.ErrLimit)
	f.check(f.write(f.root, "namespaces/other", looking), nil)
}

// What is asked says where the caller is.
func TestPolicy_context(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	reader := f.with(authz.RoleSecretReader, db)
	f.policy(rules, `forbid (principal, action == Action::"secret:access", resource) unless { `+inOffice+` && context has authnMethod && context.authnMethod == "test" };`)
	f.check(f.access(reader), gate.ErrDenied)
	reader.Address = netip.MustParseAddr("10.2.3.4")
	f.check(f.access(reader), nil)
	reader.Method = "mtls"
	f.check(f.access(reader), gate.ErrDenied)
}

// A text names only what is there: a forbid of a misspelt namespace would forbid nothing.
func TestPolicy_namesWhatExists(t *testing.T) {
	f := newFixture(t)
	etl, _ := f.account(robot)
	acme, err := f.GetNamespace(f.ctx(), f.root, "namespaces/acme")
	f.must(err)
	forbid := func(condition string) string {
		return "forbid (principal, action, resource) when { " + condition + " };"
	}
	for _, condition := range []string{
		`resource in Namespace::"acme"`, `principal in Namespace::"none"`, `principal == ServiceAccount::"etl"`, `resource == Secret::"s1"`,
		`principal == ServiceAccount::"` + acme.UID + `"`, `resource in Namespace::"` + etl.UID + `"`,
	} {
		f.invalid(f.write(f.root, "namespaces/other", forbid(condition)), "policy.text")
		_, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", Grant: secrets.Grant{
			Principal: "user:alice", Role: "secret-reader", Condition: condition,
		}})
		f.invalid(err, "grant.condition")
	}
	both := forbid(`resource in Namespace::"` + acme.UID + `" && principal == ServiceAccount::"` + etl.UID + `"`)
	f.policy(rules, both)
	f.must(erred(f.DeleteServiceAccount(f.ctx(), f.root, robot, "", false)))
	// What is gone meanwhile does not keep anybody from changing the rest of the policy.
	update := secrets.UpdatePolicy{Policy: secrets.Policy{Name: rules, Text: both, Meta: secrets.Meta{Description: "old"}}}
	f.must(only(f.UpdatePolicy(f.ctx(), f.root, update)))
	update.Policy.Text += " "
	f.invalid(only(f.UpdatePolicy(f.ctx(), f.root, update)), "policy.text")
}
