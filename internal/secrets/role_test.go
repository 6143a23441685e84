package secrets_test

import (
	"errors"
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

const reading = "namespaces/acme/roles/reading"

// give tries to give a role.
func (f *fixture) give(by authn.Caller, parent string, g secrets.Grant) (string, error) {
	given, err := f.CreateGrant(f.ctx(), by, secrets.CreateGrant{Parent: parent, Grant: g})
	return given.Name, err
}

// access tries to read db.
func (f *fixture) access(by authn.Caller) error {
	return only(f.AccessSecretVersion(f.ctx(), by, at(db, "active")))
}

// A grant of a role gives what the role has, in its namespace and below, and follows it at once.
func TestRole_grantsFollow(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.role(reading, "secret:get", "secret:access", "secret:get")
	reader := user("reader")
	name, err := f.give(f.root, "namespaces/acme", secrets.Grant{Principal: reader.Name, Role: reading, Resource: db})
	f.must(err)
	f.check(f.access(reader), nil)
	got, err := f.UpdateRole(f.ctx(), f.root, secrets.Role{Name: reading, Actions: []string{"secret:get"}}, nil, false)
	if err != nil || !slices.Equal(got.Actions, []string{"secret:get"}) {
		t.Errorf("UpdateRole = %+v, %v", got, err)
	}
	f.check(f.access(reader), gate.ErrDenied)
	f.check(only(f.GetSecret(f.ctx(), reader, db)), nil)
	f.check(only(f.reopen().GetSecret(f.ctx(), reader, db)), nil)

	f.must(erred(f.DeleteRole(f.ctx(), f.root, reading, "", false)))
	f.check(only(f.GetSecret(f.ctx(), reader, db)), gate.ErrDenied)
	// One made later under the name is another.
	f.role(reading, "secret:access", "secret:get")
	f.check(f.access(reader), gate.ErrDenied)
	g, err := f.GetGrant(f.ctx(), f.root, name)
	if err != nil || !g.Dangling || g.Role != reading {
		t.Errorf("the grant of a role that is gone = %+v, %v; want it dangling", g, err)
	}
	f.must(erred(f.DeleteGrant(f.ctx(), f.root, name, "", false)))
}

func TestRole_whereItCanBeGranted(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/s", "k", "v")
	f.role(reading, "secret:get")
	f.role("namespaces/other/roles/theirs", "secret:get")
	f.role("namespaces/team/roles/below", "secret:get")
	admin := f.with(authz.RoleNamespaceAdmin, "namespaces/team")
	tests := []struct {
		name, parent, role string
		by                 authn.Caller
		field              string
	}{
		{"its own namespace", "namespaces/acme", reading, f.root, ""},
		{"below it", "namespaces/team", reading, f.root, ""},
		{"above it", "namespaces/acme", "namespaces/team/roles/below", f.root, "grant.role"},
		{"beside it", "namespaces/acme", "namespaces/other/roles/theirs", f.root, "grant.role"},
		{"one that does not exist", "namespaces/acme", "namespaces/acme/roles/none", f.root, "grant.role"},
		{"one above that the giver does not see", "namespaces/team", reading, admin, "grant.role"},
		{"one above that does not exist", "namespaces/team", "namespaces/acme/roles/none", admin, "grant.role"},
		{"a built-in one by its full name", "namespaces/acme", "namespaces/-/roles/viewer", f.root, "grant.role"},
		{"what is only held by owning", "namespaces/acme", "owner", f.root, "grant.role"},
	}
	told := map[string]string{}
	for _, test := range tests {
		_, err := f.give(test.by, test.parent, secrets.Grant{Principal: "user:x", Role: test.role})
		if test.field == "" {
			f.check(err, nil)
			continue
		}
		if f.invalid(err, test.field); err != nil {
			told[test.name] = strings.ReplaceAll(err.Error(), test.role, "ROLE")
		}
	}
	if hidden, absent := told["one above that the giver does not see"], told["one above that does not exist"]; hidden != absent {
		t.Errorf("it is told %q of a role that it may not see, and %q of one that does not exist", hidden, absent)
	}
}

// Nobody gets or gives, by a role of its own making, what it could not give before.
func TestRole_escalation(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.role(reading, "secret:get")
	f.role("namespaces/acme/roles/all", "secret:access", "system:status")
	admin, data := f.with(authz.RoleNamespaceAdmin, "namespaces/acme"), f.with(authz.RoleDataAdmin, "namespaces/acme")
	maker := user("maker") // of roles, and of grants, with nothing else to give
	f.role("namespaces/acme/roles/making", "role:create", "role:update", "role:get", "grant:create", "secret:get")
	_, err := f.give(f.root, "namespaces/acme", secrets.Grant{Principal: maker.Name, Role: "namespaces/acme/roles/making"})
	f.must(err)
	lent := user("lent") // holds it for an hour, and the other on a condition
	for _, g := range []secrets.Grant{
		{Principal: lent.Name, Role: "namespace-admin", ExpireTime: start.Add(time.Hour)},
		{Principal: lent.Name, Role: "operator", Condition: "true"},
	} {
		_, err := f.give(f.root, "namespaces/acme", g)
		f.must(err)
	}
	create := func(by authn.Caller, actions ...string) error {
		return only(f.CreateRole(f.ctx(), by, secrets.CreateRole{Parent: "namespaces/acme", ID: fmt.Sprint("r", len(actions), by.Name[5:8]), Role: secrets.Role{Actions: actions}}))
	}
	update := func(by authn.Caller, actions ...string) error {
		return only(f.UpdateRole(f.ctx(), by, secrets.Role{Name: reading, Actions: actions}, nil, false))
	}
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"an admin makes one of what it could give", create(admin, "secret:access"), nil},
		{"an admin makes one of an operator's action", create(admin, "secret:access", "system:status"), gate.ErrDenied},
		{"an admin makes one that gives operators", create(admin, "grant:operator"), gate.ErrDenied},
		{"an admin widens one that is granted", update(admin, "secret:get", "system:status"), gate.ErrDenied},
		{"a data-admin makes none", create(data, "secret:get"), gate.ErrDenied},
		{"a maker makes one of what it holds", create(maker, "secret:get"), nil},
		{"a maker makes one of what it does not hold", create(maker, "secret:get", "secret:access"), gate.ErrDenied},
		{"a maker widens one", update(maker, "secret:access"), gate.ErrDenied},
		{"who holds it for an hour makes one for ever", create(lent, "secret:get", "secret:list"), gate.ErrDenied},
		{"who holds it for an hour widens one", update(lent, "secret:list"), gate.ErrDenied},
		{"a data-admin gives a role that has more", f.give2(data, "namespaces/acme/roles/all", time.Time{}), gate.ErrDenied},
		{"a data-admin gives a role that has no more", f.give2(data, reading, time.Time{}), nil},
		{"who holds it for an hour gives it for an hour", f.give2(lent, reading, start.Add(time.Hour)), nil},
		{"who holds it for an hour gives it for longer", f.give2(lent, reading, start.Add(time.Hour+1)), gate.ErrDenied},
		{"who holds it for an hour gives it for ever", f.give2(lent, reading, time.Time{}), gate.ErrDenied},
		{"who holds it on a condition gives it", f.give2(lent, "operator", start.Add(time.Minute)), gate.ErrDenied},
	}
	for _, test := range tests {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, test.err, test.want)
		}
	}
	// Words about a role are no widening.
	_, err = f.UpdateRole(f.ctx(), maker, secrets.Role{Name: "namespaces/acme/roles/all", Meta: secrets.Meta{Description: "x"}}, nil, false)
	f.check(err, nil)
}

// give2 tries to give itself a role on acme.
func (f *fixture) give2(by authn.Caller, role string, until time.Time) error {
	_, err := f.give(by, "namespaces/acme", secrets.Grant{Principal: by.Name, Role: role, ExpireTime: until})
	return err
}

// On one secret, actions on other things give nothing and are not asked for.
func TestRole_onASecret(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.role(reading, "secret:access", "projection:get", "audit:list")
	f.role("namespaces/acme/roles/else", "projection:get")
	admin := f.with(authz.RoleNamespaceAdmin, "namespaces/acme")
	_, err := f.give(admin, "namespaces/acme", secrets.Grant{Principal: "user:x", Role: reading, Resource: db})
	f.check(err, nil)
	f.check(f.access(user("x")), nil)
	_, err = f.give(admin, "namespaces/acme", secrets.Grant{Principal: "user:x", Role: "namespaces/acme/roles/else", Resource: db})
	f.check(err, gate.ErrDenied)
}

func TestRole_builtIn(t *testing.T) {
	f := newFixture(t)
	nobody := user("nobody")
	nobody.RequestID = "built-in"
	var names []string
	for page := (secrets.Page{Size: 4}); ; {
		list, next, err := f.ListRoles(f.ctx(), nobody, "namespaces/-", page)
		f.must(err)
		for _, r := range list {
			names = append(names, r.Name)
			if got, err := f.GetRole(f.ctx(), nobody, r.Name); err != nil || cmp.Diff(r, got) != "" || !r.BuiltIn || len(r.Actions) == 0 {
				t.Errorf("GetRole(%s) = %+v, %v; listed as %+v", r.Name, got, err, r)
			}
		}
		if page.Token = next; next == "" {
			break
		}
	}
	var want []string
	for _, info := range f.Roles() {
		want = append(want, "namespaces/-/roles/"+string(info.Role))
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the built-in roles (-want +got):\n%s", diff)
	}
	events, _ := f.decisions("built-in")
	for _, e := range events {
		if diff := cmp.Diff([]string{"self"}, e.Reasons); diff != "" || e.Decision != "ALLOW" {
			t.Errorf("%s %s because of %v", e.Decision, e.Action, e.Reasons)
		}
	}
	_, err := f.GetRole(f.ctx(), nobody, "namespaces/-/roles/king")
	f.check(err, secrets.ErrNotFound)
	_, err = f.UpdateRole(f.ctx(), f.root, secrets.Role{Name: "namespaces/-/roles/viewer", Actions: []string{"secret:access"}}, nil, false)
	f.invalid(err, "role.name")
	f.invalid(erred(f.DeleteRole(f.ctx(), f.root, "namespaces/-/roles/viewer", "", false)), "name")
	_, err = f.CreateRole(f.ctx(), f.root, secrets.CreateRole{Parent: "namespaces/-", ID: "x", Role: secrets.Role{Actions: []string{"secret:get"}}})
	f.invalid(err, "parent")
}

func TestRole_invalid(t *testing.T) {
	f := newFixture(t)
	f.role(reading, "secret:get")
	many := make([]string, 65)
	for i := range many {
		many[i] = fmt.Sprint("secret:get", i)
	}
	for _, actions := range [][]string{nil, {"secret:fly"}, {"role:viewer"}, {"secret:get", ""}, many} {
		_, err := f.CreateRole(f.ctx(), f.root, secrets.CreateRole{Parent: "namespaces/acme", ID: "x", Role: secrets.Role{Actions: actions}})
		f.invalid(err, "role.actions")
		_, err = f.UpdateRole(f.ctx(), f.root, secrets.Role{Name: reading, Actions: actions}, []string{"actions"}, false)
		f.invalid(err, "role.actions")
	}
	_, err := f.CreateRole(f.ctx(), f.root, secrets.CreateRole{Parent: "namespaces/acme", ID: "x", Role: secrets.Role{Actions: many}})
	if invalid, ok := errors.AsType[*secrets.InvalidError](err); !ok || len(invalid.Violations) != 1 {
		t.Errorf("too many actions: %v, want no word about each", err)
	}
	_, err = f.CreateRole(f.ctx(), f.root, secrets.CreateRole{Parent: "namespaces/acme", ID: "a/b", Role: secrets.Role{Actions: []string{"secret:get"}}})
	f.invalid(err, "role_id")
	_, err = f.CreateRole(f.ctx(), f.root, secrets.CreateRole{Parent: "namespaces/acme", ID: "reading", Role: secrets.Role{Actions: []string{"secret:get"}}})
	f.check(err, secrets.ErrExists)
	for i := range 199 {
		f.role(fmt.Sprint("namespaces/acme/roles/r", i), "secret:get")
	}
	_, err = f.CreateRole(f.ctx(), f.root, secrets.CreateRole{Parent: "namespaces/acme", ID: "x", Role: secrets.Role{Actions: []string{"secret:get"}}})
	f.check(err, secrets.ErrLimit)
}

// A retry answers as the first call did.
func TestRole_requestID(t *testing.T) {
	f := newFixture(t)
	req := secrets.CreateRole{
		Parent: "namespaces/acme", ID: "r", Role: secrets.Role{Actions: []string{"secret:list", "secret:get"}}, RequestID: "b5a2f2a4-7f5c-4a70-9d4b-0a3f4a8fbb10",
	}
	first, err := f.CreateRole(f.ctx(), f.root, req)
	f.must(err)
	f.must(erred(f.DeleteRole(f.ctx(), f.root, first.Name, first.Etag, false)))
	again, err := f.CreateRole(f.ctx(), f.root, req)
	if diff := cmp.Diff(first, again); diff != "" || err != nil {
		t.Errorf("again: %v (-first +again):\n%s", err, diff)
	}
	_, err = f.GetRole(f.ctx(), f.root, first.Name)
	f.check(err, secrets.ErrNotFound)
}
