package secrets_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

const (
	moved = "namespaces/acme/secrets/moved" // in the namespace of db
	away  = "namespaces/other/secrets/away" // in another one
)

func (f *fixture) tryMove(by authn.Caller, name, destination string) error {
	return only(f.MoveSecret(f.ctx(), by, secrets.MoveSecret{Name: name, Destination: destination}))
}

// move moves a secret as the operator.
func (f *fixture) move(name, destination string) secrets.Secret {
	f.t.Helper()
	s, err := f.MoveSecret(f.ctx(), f.root, secrets.MoveSecret{Name: name, Destination: destination})
	f.must(err)
	return s
}

// Under another name of its namespace a secret is the same, for all that refers to it.
func TestMoveSecret_rename(t *testing.T) {
	f := newFixture(t)
	made := f.secret(db, "k", "one")
	f.stage(db, "k", "two")
	f.project(f.root, etl, env("db", "k", "K"))
	reader := user("reader")
	grant := f.grant(reader, authz.RoleSecretReader, db)
	before := f.usage()
	f.pass(time.Hour)

	got := f.move(db, moved)
	want, err := f.GetSecret(f.ctx(), f.root, moved)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("MoveSecret: %v (-get +move):\n%s", err, diff)
	}
	if got.UID != made.UID || got.Name != moved || got.Etag == made.Etag || !got.CreateTime.Equal(made.CreateTime) || !got.UpdateTime.Equal(f.now()) {
		t.Errorf("moved = %+v, made as %+v", got, made)
	}
	f.wantHistory(moved, "2 enabled", "1 enabled active")
	f.check(only(f.GetSecret(f.ctx(), f.root, db)), secrets.ErrNotFound)
	f.check(only(f.AccessSecretVersion(f.ctx(), reader, at(moved, 1))), nil)
	if g, err := f.GetGrant(f.ctx(), f.root, grant); err != nil || g.Resource != moved || g.Dangling {
		t.Errorf("the grant = %+v, %v; want it on %s", g, err, moved)
	}
	// What comes later under the old name is another one.
	f.secret(db, "k", "other")
	f.check(only(f.AccessSecretVersion(f.ctx(), reader, at(db, 1))), gate.ErrDenied)
	for _, name := range []string{"namespaces/acme/secrets/third", "namespaces/acme/secrets/fourth"} {
		f.move(got.Name, name)
		got.Name = name
		if env, bound := f.rendered(etl)["K"], f.bound(etl)[0]; env != "one" || bound != name {
			t.Errorf("the projection delivers %q of %s, want that of %s", env, bound, name)
		}
	}
	d, err := f.ListDependents(f.ctx(), f.root, got.Name)
	if diff := cmp.Diff([]string{etl}, d.Projections); err != nil || diff != "" {
		t.Errorf("ListDependents: %v (-want +got):\n%s", err, diff)
	}
	if got := f.usage(); got.Secrets != before.Secrets+1 || got.Versions != before.Versions+1 {
		t.Errorf("usage %+v after a move and a creation, before %+v", got, before)
	}
	// To a name that it had.
	f.drop(db)
	f.move(got.Name, db)
	if got := f.rendered(etl)["K"]; got != "one" {
		t.Errorf("back under its first name, it delivers %q", got)
	}
}

func TestMoveSecret_renameWakesNoWatch(t *testing.T) {
	f, _, workload, _ := delivering(t)
	w := f.watchProjection(f.ctx(), workload, etl, "")
	w.next(t, "one")
	f.move(db, moved)
	f.add(moved, "k", "two")
	if env := <-w.bundles; env["K"] != "two" {
		t.Errorf("the watch delivered %v, want nothing before the change", env)
	}
}

func TestMoveSecret_refused(t *testing.T) {
	f := newFixture(t)
	made := f.secret(db, "k", "v")
	f.secret(moved, "k", "v")
	f.secret(away, "k", "v")
	f.namespace("gone", "acme")
	f.dropNamespace("namespaces/gone")
	f.secret("namespaces/acme/secrets/changed", "k", "v")
	old := f.add(db, "k", "w").Etag
	tests := []struct {
		name string
		req  secrets.MoveSecret
		want error // nil: about the field destination
	}{
		{"onto itself", secrets.MoveSecret{Name: db, Destination: db}, nil},
		{"to no name", secrets.MoveSecret{Name: db}, nil},
		{"to an ID", secrets.MoveSecret{Name: db, Destination: "moved"}, nil},
		{"to a namespace", secrets.MoveSecret{Name: db, Destination: "namespaces/other"}, nil},
		{"to a version", secrets.MoveSecret{Name: db, Destination: at(moved, 1)}, nil},
		{"to the bin", secrets.MoveSecret{Name: db, Destination: "namespaces/acme/deletedSecrets/x"}, nil},
		{"to what is no ID", secrets.MoveSecret{Name: db, Destination: "namespaces/acme/secrets/-x"}, nil},
		{"to a long ID", secrets.MoveSecret{Name: db, Destination: "namespaces/other/secrets/" + strings.Repeat("x", 129)}, nil},
		{"to a name that is taken", secrets.MoveSecret{Name: db, Destination: moved}, secrets.ErrExists},
		{"to a name that is taken elsewhere", secrets.MoveSecret{Name: db, Destination: away}, secrets.ErrExists},
		{"to a namespace that is not", secrets.MoveSecret{Name: db, Destination: "namespaces/nowhere/secrets/db"}, secrets.ErrNotFound},
		{"to a deleted namespace", secrets.MoveSecret{Name: db, Destination: "namespaces/gone/secrets/db"}, secrets.ErrNamespaceDeleted},
		{"of nothing", secrets.MoveSecret{Name: "namespaces/acme/secrets/none", Destination: "namespaces/acme/secrets/new"}, secrets.ErrNotFound},
		{"of nothing, elsewhere", secrets.MoveSecret{Name: "namespaces/acme/secrets/none", Destination: "namespaces/other/secrets/new"}, secrets.ErrNotFound},
		{"of what has changed", secrets.MoveSecret{Name: db, Destination: "namespaces/acme/secrets/new", Etag: made.Etag}, secrets.ErrEtag},
		{"of what has changed, elsewhere", secrets.MoveSecret{Name: db, Destination: "namespaces/other/secrets/new", Etag: made.Etag}, secrets.ErrEtag},
	}
	before := f.everyRecord()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, validateOnly := range []bool{true, false} {
				test.req.ValidateOnly = validateOnly
				if err := only(f.MoveSecret(f.ctx(), f.root, test.req)); test.want == nil {
					f.invalid(err, "destination")
				} else {
					f.check(err, test.want)
				}
			}
			if test.req.Etag != "" {
				return
			}
			if err := only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: test.req.Name, Destination: test.req.Destination})); test.want == nil && test.req.Name != test.req.Destination {
				f.invalid(err, "destination")
			} else if test.want != nil {
				f.check(err, test.want)
			} else {
				f.check(err, secrets.ErrExists)
			}
		})
	}
	for _, destination := range []string{"namespaces/acme/secrets/new", "namespaces/other/secrets/new"} {
		s, err := f.MoveSecret(f.ctx(), f.root, secrets.MoveSecret{Name: db, Destination: destination, ValidateOnly: true})
		if err != nil || s.Name != destination || s.UID != "" {
			t.Errorf("only validated: %+v, %v", s, err)
		}
		s, err = f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: destination, ValidateOnly: true})
		if err != nil || s.Name != destination || s.UID != "" {
			t.Errorf("only validated: %+v, %v", s, err)
		}
	}
	if diff := cmp.Diff(before, f.everyRecord()); diff != "" || old == "" {
		t.Errorf("what was refused or only validated wrote (-before +after):\n%s", diff)
	}
}

// What each way takes, in the order that it is asked for.
func TestMoveSecret_rights(t *testing.T) {
	type asked struct{ name, action string }
	const second = "namespaces/acme/secrets/second"
	copied := func(f *fixture, c authn.Caller, to string) error {
		return only(f.CopySecret(f.ctx(), c, secrets.CopySecret{Name: db, Destination: to}))
	}
	gone := func(f *fixture, c authn.Caller, to string) error { return f.tryMove(c, db, to) }
	tests := []struct {
		name string
		call func(*fixture, authn.Caller, string) error
		to   string
		want []asked
	}{
		{"move", gone, second, []asked{{db, "secret:move"}, {second, "secret:create"}}},
		{"move elsewhere", gone, away, []asked{{db, "secret:move"}, {db, "secret:access"}, {db, "secret:delete"}, {away, "secret:create"}}},
		{"copy", copied, second, []asked{{db, "secret:copy"}, {second, "secret:create"}}},
		{"copy elsewhere", copied, away, []asked{{db, "secret:copy"}, {db, "secret:access"}, {away, "secret:create"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.secret(db, "k", "v")
			// With all rights but one it is denied, and that is the last that is recorded.
			for lacking := range test.want {
				caller := user(strings.Repeat("x", lacking+1))
				for i, a := range test.want {
					if i != lacking {
						parent, _ := cut(a.name)
						role := fmt.Sprintf("%s/roles/r%d-%d", parent, lacking, i)
						f.role(role, a.action)
						f.grant(caller, authz.Role(role), parent)
					}
				}
				f.check(test.call(f, caller, test.to), gate.ErrDenied)
				e := f.events(caller)[0]
				if e.Action != test.want[lacking].action || e.Resource != test.want[lacking].name || e.Decision != audit.Deny {
					t.Errorf("without %v, %s on %s is %s", test.want[lacking], e.Action, e.Resource, e.Decision)
				}
			}
			f.check(test.call(f, f.root, test.to), nil)
			var got []asked
			events := f.events(f.root)[:len(test.want)]
			for i := range events {
				got = append(got, asked{events[len(events)-1-i].Resource, events[len(events)-1-i].Action})
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(asked{})); diff != "" {
				t.Errorf("recorded (-want +got):\n%s", diff)
			}
		})
	}
}

// A right to one secret alone gives it no other name.
func TestMoveSecret_rightToOneSecret(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	one := f.with(authz.RoleDeveloper, db)
	f.check(f.tryMove(one, db, moved), gate.ErrDenied)
	f.check(only(f.CopySecret(f.ctx(), one, secrets.CopySecret{Name: db, Destination: moved})), gate.ErrDenied)
	all := f.with(authz.RoleDeveloper, "namespaces/acme")
	f.check(f.tryMove(all, db, moved), nil)
	f.check(only(f.CopySecret(f.ctx(), all, secrets.CopySecret{Name: moved, Destination: db})), nil)
	// Elsewhere that takes the right to read, which developers do not have.
	f.grant(all, authz.RoleDeveloper, "namespaces/other")
	f.check(f.tryMove(all, db, away), gate.ErrDenied)
	f.grant(all, authz.RoleSecretReader, db)
	f.check(f.tryMove(all, db, away), nil)
}

// No policy is shed by a new name: what it looks at goes along, and is decided on there.
func TestMoveSecret_policies(t *testing.T) {
	forbids := map[string]string{
		"label": `when { resource.hasTag("pii") }`,
		"type":  `when { resource has type && resource.type == "key-value" }`,
		"mode":  `when { resource has accessMode && resource.accessMode == "READ_WRITE" }`,
		"owner": `when { resource has owner && resource.owner == "` + "OWNER" + `" }`,
		"name":  `when { resource.id like "prod-*" }`,
	}
	for name, when := range forbids {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: "db", Payload: payload("k", "v"), Secret: secrets.Secret{
				Type: "key-value", AccessMode: secrets.AccessReadWrite, Meta: secrets.Meta{Labels: map[string]string{"pii": "yes"}},
			}})
			f.must(err)
			f.secret("namespaces/acme/secrets/plain", "k", "v")
			text := strings.Replace(when, "OWNER", f.root.OwnerID(), 1)
			f.policy("namespaces/other/policies/p", `forbid (principal, action == Action::"secret:create", resource) `+text+`;`)
			to := "namespaces/other/secrets/prod-x"
			f.check(f.tryMove(f.root, db, to), gate.ErrDenied)
			f.check(only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: to})), gate.ErrDenied)
			if name != "owner" { // that is whose db is, too
				f.move("namespaces/acme/secrets/plain", "namespaces/other/secrets/plain")
			}
			f.policy("namespaces/acme/policies/p", `forbid (principal, action == Action::"secret:access", resource) `+text+`;`)
			// Within the namespace it goes, and is still what the policy looks at.
			f.move(db, "namespaces/acme/secrets/prod-db")
			f.check(only(f.AccessSecretVersion(f.ctx(), f.root, at("namespaces/acme/secrets/prod-db", 1))), gate.ErrDenied)
			f.check(only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: "namespaces/acme/secrets/prod-db", Destination: "namespaces/acme/secrets/prod-copy"})), nil)
			f.check(only(f.AccessSecretVersion(f.ctx(), f.root, at("namespaces/acme/secrets/prod-copy", 1))), gate.ErrDenied)
		})
	}
}

// No name is a way around a policy that goes by names: of a secret that somebody may not read, or use, nobody makes one that
// it may.
func TestMoveSecret_forbiddenByID(t *testing.T) {
	calls := map[string]func(f *fixture, c authn.Caller, to string) error{
		"move": func(f *fixture, c authn.Caller, to string) error { return f.tryMove(c, db, to) },
		"copy": func(f *fixture, c authn.Caller, to string) error {
			return only(f.CopySecret(f.ctx(), c, secrets.CopySecret{Name: db, Destination: to}))
		},
	}
	policies := map[string]string{
		"secret:access": `forbid (principal in Group::"x", action == Action::"secret:access", resource) when { resource.id == "db" };`,
		"secret:use":    `forbid (principal in Group::"x", action == Action::"secret:use", resource) when { resource.id == "db" };`,
		"permitted":     `permit (principal in Group::"x", action == Action::"secret:access", resource) when { resource.id like "*x*" };`,
	}
	for what, text := range policies {
		for how, call := range calls {
			t.Run(what+" "+how, func(t *testing.T) {
				f := newFixture(t)
				f.secret(db, "k", "v")
				developer, reader := f.with(authz.RoleDeveloper, acme), f.with(authz.RoleDeveloper, acme)
				f.grant(reader, authz.RoleSecretReader, acme)
				free := f.with(authz.RoleDeveloper, acme)
				f.grant(free, authz.RoleSecretReader, acme)
				for _, ns := range []string{acme, other} {
					f.policy(ns+"/policies/p", text)
				}
				for _, c := range []authn.Caller{developer, reader} {
					if what == "permitted" && c.Name == reader.Name {
						continue // reads it anyway
					}
					c.Groups = []string{"group:x"}
					f.grant(c, authz.RoleDeveloper, other)
					f.check(call(f, c, acme+"/secrets/x"), gate.ErrDenied)
					e := f.events(c)[0]
					if want := strings.Replace(what, "permitted", "secret:access", 1); e.Action != want || e.Resource != db || e.Decision != audit.Deny || e.Detail != "as "+acme+"/secrets/x" {
						t.Errorf("recorded is %s on %s: %s, %q; want that %s is denied", e.Action, e.Resource, e.Decision, e.Detail, want)
					}
					f.check(call(f, c, other+"/secrets/x"), gate.ErrDenied)
				}
				f.check(only(f.GetSecret(f.ctx(), f.root, acme+"/secrets/x")), secrets.ErrNotFound)
				f.check(call(f, free, acme+"/secrets/y"), nil) // for whom nothing changes
			})
		}
	}
}

// What a policy looks at and is changed after the decision is decided on again.
func TestMoveSecret_changedAfterTheDecision(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.policy("namespaces/acme/policies/p", `forbid (principal, action == Action::"secret:create", resource) when { resource.hasTag("pii") };`)
	label := func() {
		_, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Labels: map[string]string{"pii": "yes"}}}})
		f.must(err)
	}
	f.atWrite(1, label)
	f.check(f.tryMove(f.root, db, moved), secrets.ErrChanged)
	_, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db}, Mask: []string{"labels"}})
	f.must(err)
	f.atWrite(1, label)
	f.check(only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: moved})), gate.ErrDenied)
}
