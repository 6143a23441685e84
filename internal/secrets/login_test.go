package secrets_test

import (
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// member is a person whom an identity provider says to be in groups.
func member(name string, groups ...string) authn.Caller {
	caller := user(name)
	caller.Method, caller.Groups, caller.Claims = "oidc", groups, map[string]string{"department": "risk"}
	return caller
}

// deliveredByGroup is a projection whose author may use the secret as a member of a group.
func (f *fixture) deliveredByGroup() (author, workload authn.Caller, projection string) {
	f.t.Helper()
	f.secret(db, "k", "v")
	author, workload = member("author", "group:data"), user("workload")
	f.grant(authn.Caller{Principal: authn.Principal{Name: "group:data"}}, authz.RoleDeveloper, "namespaces/acme")
	f.NoteLogin(author)
	projection = "namespaces/acme/projections/grouped"
	f.project(author, projection, env("db", "k", "K"))
	f.grant(workload, authz.RoleWorkload, projection)
	return author, workload, projection
}

func (f *fixture) delivers(caller authn.Caller, projection string, want error) {
	f.t.Helper()
	_, err := f.RenderProjection(f.ctx(), caller, secrets.RenderProjection{Name: projection})
	f.check(err, want)
}

// records are what is stored below a prefix.
func (f *fixture) records(prefix storage.Key) (records []storage.Record) {
	f.t.Helper()
	f.must(f.engine.View(f.ctx(), func(r storage.Reader) (err error) {
		records, err = r.Range(prefix, "", storage.MaxRange)
		return err
	}))
	return records
}

// stored counts what is stored below a prefix.
func (f *fixture) stored(prefix storage.Key) int { return len(f.records(prefix)) }

// written is the revision that wrote the first record below a prefix.
func (f *fixture) written(prefix storage.Key) storage.Revision {
	f.t.Helper()
	return f.records(prefix)[0].Revision
}

// A projection delivers by what its author's groups give, as they were at the last login, for so long.
func TestLogin_groupsLapse(t *testing.T) {
	f := newFixture(t)
	author, workload, projection := f.deliveredByGroup()
	f.delivers(workload, projection, nil)
	f.pass(6 * 24 * time.Hour)
	f.delivers(workload, projection, nil)
	f.pass(25 * time.Hour)
	f.delivers(workload, projection, gate.ErrDenied)
	f.NoteLogin(author)
	f.delivers(workload, projection, nil)
	// Whoever leaves a group is out of it at the next login, whatever was true when the projection was written.
	f.NoteLogin(member("author", "group:other"))
	f.delivers(workload, projection, gate.ErrDenied)
}

// What was noted is found again in a store that is opened anew, once it was stored.
func TestLogin_isStored(t *testing.T) {
	f := newFixture(t)
	author, workload, projection := f.deliveredByGroup()
	f.halt() // stores what is pending
	if n := f.stored("access/login/"); n != 1 {
		t.Errorf("%d logins are stored, want 1", n)
	}
	f.open()
	f.delivers(workload, projection, nil)
	// Within an hour nothing is written for the same.
	before := f.written("access/login/")
	for range 100 {
		f.NoteLogin(author)
	}
	f.halt()
	f.open()
	if after := f.written("access/login/"); after != before {
		t.Errorf("a login that told nothing new was written: revision %d, then %d", before, after)
	}
	// What counts no more is forgotten.
	f.pass(8 * 24 * time.Hour)
	f.must(secrets.ForgetLogins(f.Service, f.ctx()))
	if n := f.stored("access/login/"); n != 0 {
		t.Errorf("%d logins are stored, want none", n)
	}
}

// Noting a login neither fails nor waits while the store does, and what cannot be stored does no harm to others.
func TestLogin_neverInTheWay(t *testing.T) {
	f := newFixture(t)
	author, workload, projection := f.deliveredByGroup()
	f.engine.Set(storagetest.Faults{Update: func() error { return storage.ErrUnavailable }})
	f.NoteLogin(member("author", "group:data", "group:more"))
	large := member("large")
	large.Claims = map[string]string{"a": string(make([]byte, 1<<20))}
	f.NoteLogin(large)
	broken := member("broken", "group:\xff")
	f.NoteLogin(broken)
	for range 20_000 {
		f.NoteLogin(member("flood"))
	}
	f.delivers(workload, projection, nil)
	f.engine.Set(storagetest.Faults{})
	f.halt()
	if n := f.stored("access/login/"); n != 4 {
		t.Errorf("%d logins are stored, want 4", n)
	}
	f.open()
	f.delivers(workload, projection, nil)
	f.NoteLogin(author)
}

// Only people log in: a token brings no groups, and an account has none.
func TestLogin_ofOthers(t *testing.T) {
	f := newFixture(t)
	caller, _ := f.account("namespaces/acme/serviceAccounts/etl")
	caller.Method, caller.Groups = "oidc", []string{"group:data"}
	f.NoteLogin(caller)
	byToken := member("author", "group:data")
	byToken.Method = authn.MethodToken
	f.NoteLogin(byToken)
	f.NoteLogin(authn.Caller{})
	f.halt()
	if n := f.stored("access/login/"); n != 0 {
		t.Errorf("%d logins are stored, want none", n)
	}
	f.open()
}

// What is forbidden to a group stays so for an author who was in it and has been away for longer than groups are known:
// that nobody knows gives nothing back.
func TestLogin_lapsedForbids(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	author, workload := member("corp/author", "group:corp/left"), user("workload")
	f.grant(author, authz.RoleDeveloper, "namespaces/acme")
	const projection = "namespaces/acme/projections/own"
	f.project(author, projection, env("db", "k", "K"))
	f.grant(workload, authz.RoleWorkload, projection)
	f.NoteLogin(author)
	f.delivers(workload, projection, nil)
	f.policy("namespaces/acme/policies/left", `forbid (principal in Group::"corp/left", action == Action::"secret:use", resource);`)
	f.delivers(workload, projection, gate.ErrDenied)
	f.pass(8 * 24 * time.Hour)
	f.delivers(workload, projection, gate.ErrDenied)
}
