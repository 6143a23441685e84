package secrets_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

const inOffice = `context has address && context.address.isInRange(ip("10.0.0.0/8"))`

func TestGrant_condition(t *testing.T) {
	f := newFixture(t)
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
		Parent: "namespaces/acme", ID: "db", Payload: payload("k", "v"),
		Secret: secrets.Secret{Meta: secrets.Meta{Labels: map[string]string{"env": "dev"}}, Type: "key-value", AccessMode: secrets.AccessRead},
	})
	f.must(err)
	tests := []struct {
		condition string
		address   string
		want      error
	}{
		{inOffice, "10.1.2.3", nil},
		{inOffice, "192.0.2.1", gate.ErrDenied},
		{inOffice, "", gate.ErrDenied},
		{`resource.hasTag("env") && resource.getTag("env") == "dev"`, "", nil},
		{`resource.hasTag("env") && resource.getTag("env") == "prod"`, "", gate.ErrDenied},
		{`resource.id == "db" && resource has type && resource.type == "key-value" && resource has accessMode && resource.accessMode == "READ"`, "", nil},
		{`resource has owner && resource.owner == principal.name`, "", gate.ErrDenied},
		{`context.now < datetime("2026-01-02T04:00:00Z")`, "", nil},
	}
	for _, test := range tests {
		reader := user("reader")
		if test.address != "" {
			reader.Address = netip.MustParseAddr(test.address)
		}
		name, err := f.give(f.root, "namespaces/acme", secrets.Grant{Principal: reader.Name, Role: "secret-reader", Condition: test.condition})
		f.must(err)
		if f.check(f.access(reader), test.want); t.Failed() {
			t.Fatalf("%s from %q", test.condition, test.address)
		}
		if g, err := f.GetGrant(f.ctx(), f.root, name); err != nil || g.Condition != test.condition {
			t.Errorf("GetGrant = %+v, %v", g, err)
		}
		f.must(erred(f.DeleteGrant(f.ctx(), f.root, name, "", false)))
	}
}

// A condition is one expression, whatever is written into it, and needs not be true of anything to be refused.
func TestGrant_conditionThatBreaksOut(t *testing.T) {
	f := newFixture(t)
	for _, condition := range []string{
		`true }; permit (principal, action, resource) when { true`, `true }; permit (principal, action, resource); //`, `true } unless { false`,
		`true } when { true`, "true //\n}; forbid (principal, action, resource", `true;`, `}`, `{`, `"`, `//`, `/* */`, "\x00", `principal`, `1`,
		`resource.nothing == "x"`, `context.nothing`, `principal.name == 1`, `action == Action::"king"`, `true &&`, `"a" like`, `ip("x")`,
		strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200), `true ` + strings.Repeat(" ", 4<<10),
	} {
		_, err := f.give(f.root, "namespaces/acme", secrets.Grant{Principal: "user:x", Role: "secret-reader", Condition: condition})
		if f.invalid(err, "grant.condition"); err == nil {
			t.Errorf("%q was taken", condition)
		}
	}
	list, _, err := f.ListGrants(f.ctx(), f.root, "namespaces/acme", secrets.Page{})
	if err != nil || len(list) != 0 {
		t.Errorf("there are grants: %+v, %v", list, err)
	}
}

// What ends, ends: nothing that was given through it lasts longer, and nothing is given through what depends.
func TestGrant_givingNoMoreThanOneHolds(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	hour := start.Add(time.Hour)
	lent, conditional, both := user("lent"), user("conditional"), user("both")
	for _, g := range []secrets.Grant{
		{Principal: lent.Name, Role: "namespace-admin", ExpireTime: hour},
		{Principal: conditional.Name, Role: "namespace-admin", Condition: "true"},
		{Principal: both.Name, Role: "namespace-admin", ExpireTime: hour},
		{Principal: both.Name, Role: "viewer"},
		{Principal: both.Name, Role: "data-admin"},
	} {
		_, err := f.give(f.root, "namespaces/acme", g)
		f.must(err)
	}
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"as long as it holds", f.give2(lent, "secret-reader", hour), nil},
		{"shorter", f.give2(lent, "secret-reader", hour.Add(-1)), nil},
		{"longer", f.give2(lent, "secret-reader", hour.Add(1)), gate.ErrDenied},
		{"for ever", f.give2(lent, "secret-reader", time.Time{}), gate.ErrDenied},
		{"itself again, for ever", f.give2(lent, "namespace-admin", time.Time{}), gate.ErrDenied},
		{"on a condition", f.give2(conditional, "viewer", hour), gate.ErrDenied},
		{"by the lesser role that lasts", f.give2(both, "secret-user", time.Time{}), nil},
		{"by the greater role that does not", f.give2(both, "secret-reader", time.Time{}), gate.ErrDenied},
	}
	for _, test := range tests {
		if f.check(test.err, test.want); t.Failed() {
			t.Fatalf("giving %s: %v, want %v", test.name, test.err, test.want)
		}
	}
	// Taking takes the right to give, now: what depends is not enough for that either.
	name := f.grant(user("x"), authz.RoleViewer, "namespaces/acme")
	f.check(erred(f.DeleteGrant(f.ctx(), conditional, name, "", false)), gate.ErrDenied)
	f.check(erred(f.DeleteGrant(f.ctx(), lent, name, "", false)), nil)
	f.pass(time.Hour)
	f.check(f.give2(lent, "viewer", hour.Add(time.Minute)), gate.ErrDenied)
}
