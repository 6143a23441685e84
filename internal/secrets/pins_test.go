package secrets_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// pin is an item of a version.
func pin(secret string, version any, name string) secrets.Item {
	item := env(secret, "k", name)
	item.Version = fmt.Sprint(version)
	return item
}

// pinned checks that err tells of a version that is pinned, by whom, and by how many who may not be seen.
func (f *fixture) pinned(err error, version int64, hidden int, by ...string) {
	f.t.Helper()
	inUse, ok := errors.AsType[*secrets.InUseError](err)
	if !ok {
		f.t.Errorf("error %v, want version %d in use", err, version)
		return
	}
	if diff := cmp.Diff(by, inUse.Projections); diff != "" || inUse.Version != version || inUse.Hidden != hidden {
		f.t.Errorf("version %d, %d hidden, want %d and %d; by (-want +got):\n%s", inUse.Version, inUse.Hidden, version, hidden, diff)
	}
	if want := at(db, version); inUse.Subject() != want {
		f.t.Errorf("it is about %s, want %s", inUse.Subject(), want)
	}
}

func TestPins_guardVersions(t *testing.T) {
	f := newFixture(t)
	const hidden = "namespaces/team/projections/hidden"
	f.secret(db, "k", "one")
	f.add(db, "k", "two")
	f.add(db, "k", "three")
	f.project(f.root, etl, pin("db", 1, "A"), pin("db", 2, "B"), pin("db", "latest", "C"), env("db", "k", "D"))
	f.project(f.root, hidden, pin("db", 1, "A"))
	inAcme := user("in-acme")
	f.grant(inAcme, authz.RoleNamespaceAdmin, "namespaces/acme")
	seesOne := user("sees-one")
	f.grant(seesOne, authz.RoleNamespaceAdmin, db)
	f.grant(seesOne, authz.RoleWorkload, etl)
	for _, validateOnly := range []bool{true, false} {
		f.pinned(only(f.DestroySecretVersion(f.ctx(), inAcme, at(db, 1), "", validateOnly)), 1, 0, etl, hidden)
		f.pinned(only(f.DestroySecretVersion(f.ctx(), seesOne, at(db, 1), "", validateOnly)), 1, 1, etl)
		f.pinned(only(f.DisableSecretVersion(f.ctx(), seesOne, at(db, 2), "", validateOnly)), 2, 0, etl)
	}
	// The newest is what latest is, whichever that may be.
	f.stage(db, "k", "four")
	_, err := f.DisableSecretVersion(f.ctx(), f.root, at(db, 4), "", false)
	f.check(err, nil)
	if got := f.rendered(etl); got["A"]+got["B"]+got["C"]+got["D"] != "onetwothreethree" {
		t.Errorf("rendered %v", got)
	}
	// A projection that names others lets them go, and so does one that is deleted.
	_, err = f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{
		Projection: secrets.Projection{Name: etl, Items: []secrets.Item{pin("db", 2, "B")}},
	})
	f.must(err)
	f.pinned(only(f.DestroySecretVersion(f.ctx(), f.root, at(db, 1), "", false)), 1, 0, hidden)
	f.must(erred(f.DeleteProjection(f.ctx(), f.root, hidden, "", false)))
	_, err = f.DestroySecretVersion(f.ctx(), f.root, at(db, 1), "", false)
	f.check(err, nil)
	f.pinned(only(f.DestroySecretVersion(f.ctx(), f.root, at(db, 2), "", false)), 2, 0, etl)
}

// What is pinned stays however many versions come after it, as long as there is room for those that come.
func TestPins_pruning(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "1")
	f.setMax(db, 3)
	f.project(f.root, etl, pin("db", 1, "A"))
	for i := range 4 {
		f.add(db, "k", fmt.Sprint(i+2))
	}
	f.wantHistory(db, "5 enabled active", "4 enabled", "3 destroyed", "2 destroyed", "1 enabled")
	f.project(f.root, "namespaces/acme/projections/more", pin("db", 4, "A"), pin("db", 5, "B"))
	f.pinned(only(f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "6")})), 1, 0, etl)
	f.pinned(only(f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "6"), Stage: true})), 1, 0, etl)
	_, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, MaxVersions: 2}})
	f.pinned(err, 1, 0, etl)
	f.wantHistory(db, "5 enabled active", "4 enabled", "3 destroyed", "2 destroyed", "1 enabled")

	f.setMax(db, 4)
	f.add(db, "k", "6")
	f.wantHistory(db, "6 enabled active", "5 enabled", "4 enabled", "3 destroyed", "2 destroyed", "1 enabled")
	f.must(erred(f.DeleteProjection(f.ctx(), f.root, etl, "", false)))
	f.add(db, "k", "7")
	f.wantHistory(db, "7 enabled active", "6 enabled", "5 enabled", "4 enabled", "3 destroyed", "2 destroyed", "1 destroyed")
}

// setMax sets how many versions a secret keeps.
func (f *fixture) setMax(name string, most int32) {
	f.t.Helper()
	_, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: name, MaxVersions: most}})
	f.must(err)
}

// Staging wins over the limit, and a pin made then keeps nobody from changing what has nothing to do with versions.
func TestPins_moreThanAllowed(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "1")
	f.setMax(db, 1)
	f.stage(db, "k", "2")
	f.project(f.root, etl, pin("db", 1, "A"))
	_, err := f.ActivateSecretVersion(f.ctx(), f.root, at(db, 2), "", false)
	f.must(err)
	_, err = f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Description: "x"}}})
	f.check(err, nil)
	f.pinned(only(f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "3")})), 1, 0, etl)
	f.wantHistory(db, "2 enabled active", "1 enabled")
}

// Whether a payload is the one that is there already is not told by whether there is room for it.
func TestPins_tellNoValue(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "1")
	f.add(db, "k", "2")
	f.project(f.root, etl, pin("db", 1, "A"))
	f.setMax(db, 2)
	f.project(f.root, "namespaces/acme/projections/more", pin("db", 2, "A"))
	f.role("namespaces/acme/roles/adds", "secret:addVersion", "secret:get")
	adds := user("adds")
	_, err := f.give(f.root, "namespaces/acme", secrets.Grant{Principal: adds.Name, Role: "namespaces/acme/roles/adds"})
	f.must(err)
	for _, value := range []string{"2", "3"} {
		_, err := f.AddSecretVersion(f.ctx(), adds, secrets.AddVersion{Secret: db, Payload: payload("k", value)})
		f.pinned(err, 1, 1)
	}
	if v, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "2")}); err != nil || !v.Unchanged {
		t.Errorf("who may read it is told %+v, %v; want it unchanged", v, err)
	}
}

// Pins are there again after the bin, and gone after a purge.
func TestPins_bin(t *testing.T) {
	f := newFixture(t)
	made := f.secret(db, "k", "1")
	f.add(db, "k", "2")
	f.project(f.root, etl, pin("db", 1, "A"))
	_, err := f.UndeleteSecret(f.ctx(), f.root, f.drop(db), "", false)
	f.must(err)
	f.pinned(only(f.DestroySecretVersion(f.ctx(), f.root, at(db, 1), "", false)), 1, 0, etl)
	f.must(erred(f.PurgeSecret(f.ctx(), f.root, f.drop(db), true, false)))
	if left := f.keysWith(made.UID); len(left) > 0 {
		t.Errorf("the store still has %q", left)
	}
	f.secret(db, "k", "1")
	f.add(db, "k", "2")
	_, err = f.DestroySecretVersion(f.ctx(), f.root, at(db, 1), "", false)
	f.check(err, nil)
}

func TestInUseError_text(t *testing.T) {
	for _, e := range []*secrets.InUseError{
		{Secret: db, Version: 3, Projections: []string{etl}},
		{Secret: db, Projections: []string{etl}},
		{Namespace: "namespaces/acme", Projections: []string{etl}},
	} {
		if text := e.Error(); !strings.Contains(text, etl) || !strings.Contains(text, "first") || e.Version != 0 && strings.Contains(text, "force") {
			t.Errorf("%q does not tell what to do", text)
		}
	}
}

// The most that one write prunes, with a look at every shard of dependents and a request that is remembered, fits into a
// transaction.
func TestPins_mostPruned(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "0")
	f.setMax(db, 100)
	for i := range 99 {
		f.add(db, "k", fmt.Sprint(i+1))
	}
	f.project(f.root, etl, pin("db", 1, "A"))
	f.setMax(db, 2)
	for range 2 {
		_, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", uuid.NewString()), RequestID: uuid.NewString()})
		f.must(err)
	}
	kept := 0
	for _, v := range f.history(db) {
		if !strings.Contains(v, "destroyed") {
			kept++
		}
	}
	if kept != 2 {
		t.Errorf("%d versions are kept, want 2", kept)
	}
	if got := f.rendered(etl)["A"]; got != "0" {
		t.Errorf("A is %q", got)
	}
}
