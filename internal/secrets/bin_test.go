package secrets_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// drop deletes a secret, used or not, and returns what it is called in the bin.
func (f *fixture) drop(name string) string {
	f.t.Helper()
	s, err := f.DeleteSecret(f.ctx(), f.root, name, "", true, false)
	f.must(err)
	return s.Name
}

func TestDeleteSecret_guard(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.project(f.root, etl, env("db", "k", "K"))
	f.project(f.root, "namespaces/team/projections/hidden", env("db", "k", "K"))
	f.project(f.root, "namespaces/team/projections/hidden2", env("db", "k", "K"), env("db", "k", "L"))
	seesAll := f.with(authz.RoleDeveloper, "namespaces/acme")
	seesOne := user("sees-one")
	f.grant(seesOne, authz.RoleDeveloper, db)
	f.grant(seesOne, authz.RoleWorkload, etl)
	tests := []struct {
		name   string
		caller string
		want   []string
		hidden int
	}{
		{"who sees all", seesAll.Name, []string{etl, "namespaces/team/projections/hidden", "namespaces/team/projections/hidden2"}, 0},
		{"who sees one", seesOne.Name, []string{etl}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			caller := seesAll
			if test.hidden > 0 {
				caller = seesOne
			}
			for _, validateOnly := range []bool{true, false} {
				_, err := f.DeleteSecret(f.ctx(), caller, db, "", false, validateOnly)
				var inUse *secrets.InUseError
				if !errors.As(err, &inUse) {
					t.Fatalf("DeleteSecret = %v, want it in use", err)
				}
				if diff := cmp.Diff(test.want, inUse.Projections); diff != "" || inUse.Hidden != test.hidden {
					t.Errorf("%d hidden, want %d; dependents (-want +got):\n%s", inUse.Hidden, test.hidden, diff)
				}
				if test.hidden > 0 && strings.Contains(err.Error(), "hidden2") {
					t.Errorf("%q names what the caller may not see", err)
				}
			}
			d, err := f.ListDependents(f.ctx(), caller, db)
			if diff := cmp.Diff(test.want, d.Projections); err != nil || diff != "" || d.Hidden != test.hidden {
				t.Errorf("ListDependents: %v, %d hidden, (-want +got):\n%s", err, d.Hidden, diff)
			}
		})
	}
	// No longer used by any, it can go.
	for _, name := range []string{etl, "namespaces/team/projections/hidden", "namespaces/team/projections/hidden2"} {
		f.must(erred(f.DeleteProjection(f.ctx(), f.root, name, "", false)))
	}
	_, err := f.DeleteSecret(f.ctx(), seesOne, db, "", false, false)
	f.check(err, nil)
}

func TestDeleteSecret_binAndBack(t *testing.T) {
	f := newFixture(t)
	made := f.secret(db, "k", "v")
	f.stage(db, "k", "w")
	_, err := f.DeleteSecret(f.ctx(), f.root, db, made.Etag, false, false)
	f.check(err, secrets.ErrEtag)
	gone, err := f.DeleteSecret(f.ctx(), f.root, db, "", false, false)
	f.must(err)
	if want := "namespaces/acme/deletedSecrets/" + made.UID; gone.Name != want || gone.DeletedID != "db" || gone.DeleteTime != start || gone.PurgeTime != start.Add(30*24*time.Hour) {
		t.Errorf("deleted = %+v, want it as %s for 30 days", gone, want)
	}
	for name, err := range map[string]error{
		"get":    only(f.GetSecret(f.ctx(), f.root, db)),
		"access": only(f.AccessSecretVersion(f.ctx(), f.root, at(db, 1))),
		"add":    only(f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "x")})),
		"delete": only(f.DeleteSecret(f.ctx(), f.root, db, "", false, false)),
	} {
		if !errors.Is(err, secrets.ErrNotFound) {
			t.Errorf("%s of what is deleted: %v, want not found", name, err)
		}
	}
	shown, err := f.GetSecret(f.ctx(), f.root, gone.Name)
	if diff := cmp.Diff(gone, shown); err != nil || diff != "" {
		t.Errorf("in the bin: %v (-want +got):\n%s", err, diff)
	}
	back, err := f.UndeleteSecret(f.ctx(), f.root, gone.Name, "", false)
	if err != nil || back.Name != db || back.UID != made.UID || !back.DeleteTime.IsZero() || !back.PurgeTime.IsZero() {
		t.Errorf("undeleted = %+v, %v", back, err)
	}
	f.wantHistory(db, "2 enabled", "1 enabled active")
	_, err = f.UndeleteSecret(f.ctx(), f.root, gone.Name, "", false)
	f.check(err, secrets.ErrNotFound)
}

func TestUndeleteSecret_nameTaken(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "old")
	f.project(f.root, etl, env("db", "k", "K"))
	reader := f.with(authz.RoleSecretReader, db)
	old := f.drop(db)
	f.secret(db, "k", "new")
	// Nothing of the old one leads to the new one.
	_, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
	f.check(err, secrets.ErrDangling)
	if got := f.bound(etl); got[0] != "" {
		t.Errorf("the projection is bound to %q, want it dangling", got)
	}
	_, err = f.AccessSecretVersion(f.ctx(), reader, at(db, 1))
	f.check(err, gate.ErrDenied)

	_, err = f.UndeleteSecret(f.ctx(), f.root, old, "", false)
	f.check(err, secrets.ErrExists)
	for _, id := range []string{".", "a/b", " ", strings.Repeat("x", 129)} {
		_, err = f.UndeleteSecret(f.ctx(), f.root, old, id, false)
		f.invalid(err, "secret_id")
	}
	back, err := f.UndeleteSecret(f.ctx(), f.root, old, "db-old", false)
	if err != nil || back.Name != "namespaces/acme/secrets/db-old" {
		t.Fatalf("undeleting under a new name = %+v, %v", back, err)
	}
	// References and grants are with the old one again, under its new name.
	if got := f.rendered(etl)["K"]; got != "old" {
		t.Errorf("K is %q, want old", got)
	}
	if got := f.bound(etl); got[0] != back.Name {
		t.Errorf("bound to %q, want %s", got, back.Name)
	}
	_, err = f.AccessSecretVersion(f.ctx(), reader, at(back.Name, 1))
	f.check(err, nil)
	_, err = f.AccessSecretVersion(f.ctx(), reader, at(db, 1))
	f.check(err, gate.ErrDenied)
	_, err = f.DeleteSecret(f.ctx(), f.root, back.Name, "", false, false)
	if _, ok := errors.AsType[*secrets.InUseError](err); !ok {
		t.Errorf("deleting it under its new name = %v, want it in use", err)
	}
	// Round again: deleted, and back under its first name, which is free now.
	old = f.drop(back.Name)
	f.drop(db)
	_, err = f.UndeleteSecret(f.ctx(), f.root, old, "db", false)
	f.must(err)
	if got := f.rendered(etl)["K"] + f.bound(etl)[0]; got != "old"+db {
		t.Errorf("rendered and bound: %q", got)
	}
}

// As where it moves, another ID sheds no policy: what is created is decided on as it is, and nobody may read it then who
// might not before.
func TestUndeleteSecret_policies(t *testing.T) {
	for text, denied := range map[string]authz.Action{
		`forbid (principal, action == Action::"secret:access", resource) when { resource.id == "db" };`:                               authz.SecretAccess,
		`forbid (principal, action == Action::"secret:use", resource) when { resource.id == "db" };`:                                  authz.SecretUse,
		`forbid (principal, action == Action::"secret:create", resource) when { resource.hasTag("pii") };`:                            authz.SecretCreate,
		`forbid (principal, action == Action::"secret:create", resource) when { resource has type && resource.type == "key-value" };`: authz.SecretCreate,
	} {
		f := newFixture(t)
		_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: "db", Payload: payload("k", "v"), Secret: secrets.Secret{
			Type: "key-value", Meta: secrets.Meta{Labels: map[string]string{"pii": "yes"}},
		}})
		f.must(err)
		bob := f.with(authz.RoleDeveloper, "namespaces/acme")
		f.grant(bob, authz.RoleSecretReader, "namespaces/acme")
		gone := f.drop(db)
		f.policy("namespaces/acme/policies/p", text)
		_, err = f.UndeleteSecret(f.ctx(), bob, gone, "moved", false)
		f.check(err, gate.ErrDenied)
		if e := f.events(bob)[0]; e.Action != string(denied) || e.Decision != audit.Deny || strings.Contains(err.Error(), "secrets/db") {
			t.Errorf("by %s, recorded is %s on %s: %s; told %v", text, e.Action, e.Resource, e.Decision, err)
		}
		f.must(only(f.UndeleteSecret(f.ctx(), bob, gone, "", false)))
	}
}

func TestSecret_recreatedInheritsNothing(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "old")
	f.project(f.root, etl, env("db", "k", "K"))
	grant := f.grant(user("reader"), authz.RoleSecretReader, db)
	f.drop(db)
	if g, err := f.GetGrant(f.ctx(), f.root, grant); err != nil || !g.Dangling {
		t.Errorf("grant on what is deleted = %+v, %v; want it dangling", g, err)
	}
	f.secret(db, "k", "new")
	if g, err := f.GetGrant(f.ctx(), f.root, grant); err != nil || !g.Dangling {
		t.Errorf("grant on what was created anew = %+v, %v; want it dangling", g, err)
	}
	d, err := f.ListDependents(f.ctx(), f.root, db)
	if err != nil || len(d.Projections) != 0 {
		t.Errorf("dependents of what was created anew = %+v, %v; want none", d, err)
	}
	_, err = f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Items: []secrets.Item{env("db", "k", "K")}}})
	f.must(err)
	if got := f.rendered(etl)["K"]; got != "new" {
		t.Errorf("written again it renders %q, want new", got)
	}

	// The same for a projection: a grant on it is not one on another of its name.
	workload := f.with(authz.RoleWorkload, etl)
	f.must(erred(f.DeleteProjection(f.ctx(), f.root, etl, "", false)))
	f.project(f.root, etl, env("db", "k", "K"))
	_, err = f.RenderProjection(f.ctx(), workload, secrets.RenderProjection{Name: etl})
	f.check(err, gate.ErrDenied)
}

func TestPurgeSecret(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.project(f.root, etl, env("db", "k", "K"))
	gone := f.drop(db)
	developer := f.with(authz.RoleDeveloper, "namespaces/acme")
	f.check(erred(f.PurgeSecret(f.ctx(), developer, gone, true, false)), gate.ErrDenied)
	f.check(erred(f.PurgeSecret(f.ctx(), f.root, gone, false, false)), secrets.ErrPrecondition)
	f.check(erred(f.PurgeSecret(f.ctx(), f.root, gone, true, true)), nil)
	_, err := f.GetSecret(f.ctx(), f.root, gone)
	f.check(err, nil)
	f.pass(30 * 24 * time.Hour)
	f.check(erred(f.PurgeSecret(f.ctx(), f.root, gone, false, false)), nil)
	_, err = f.UndeleteSecret(f.ctx(), f.root, gone, "", false)
	f.check(err, secrets.ErrNotFound)
	f.check(erred(f.PurgeSecret(f.ctx(), f.root, gone, true, false)), secrets.ErrNotFound)
	if left := f.keysWith(gone[strings.LastIndex(gone, "/")+1:]); len(left) > 0 {
		t.Errorf("the store still has %q", left)
	}
	// Its projection can be written without it, and deleted.
	_, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
	f.check(err, secrets.ErrDangling)
	f.check(erred(f.DeleteProjection(f.ctx(), f.root, etl, "", false)), nil)
}

// keysWith returns the keys of the store that contain the text.
func (f *fixture) keysWith(text string) []string {
	f.t.Helper()
	var keys []string
	f.must(f.engine.View(f.ctx(), func(r storage.Reader) error {
		records, err := r.Range("", "", storage.MaxRange)
		for _, record := range records {
			if strings.Contains(string(record.Key), text) {
				keys = append(keys, string(record.Key))
			}
		}
		return err
	}))
	return keys
}

// A purge that fails half way closes the door and can be finished.
func TestPurgeSecret_resumes(t *testing.T) {
	for failing := 2; failing <= 4; failing++ {
		t.Run(fmt.Sprintf("write %d fails", failing), func(t *testing.T) {
			f := newFixture(t)
			made := f.secret(db, "k", "0")
			for i := range 70 {
				f.add(db, "k", fmt.Sprint(i+1))
			}
			gone := f.drop(db)
			writes := 0
			f.engine.Set(storagetest.Faults{Update: func() error {
				if writes++; writes == failing {
					return storage.ErrUnavailable
				}
				return nil
			}})
			f.check(erred(f.PurgeSecret(f.ctx(), f.root, gone, true, false)), storage.ErrUnavailable)
			f.engine.Set(storagetest.Faults{})
			_, err := f.UndeleteSecret(f.ctx(), f.root, gone, "", false)
			f.check(err, secrets.ErrPrecondition)
			f.secret(db, "k", "another")
			f.check(erred(f.PurgeSecret(f.ctx(), f.root, gone, true, false)), nil)
			if left := f.keysWith(made.UID); len(left) > 0 {
				t.Errorf("the store still has %q", left)
			}
			if got := f.value(at(db, 1), "k"); got != "another" {
				t.Errorf("the new secret delivers %q", got)
			}
		})
	}
}
