package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// named accesses a name as a caller that begins in team, and returns the secret and the value of k.
func (f *fixture) named(caller authn.Caller, readings ...secrets.Reading) (string, error) {
	f.t.Helper()
	got, err := f.AccessNamed(f.ctx(), caller, secrets.AccessNamed{Default: "team", Readings: readings})
	return got.Secret.Name + " " + string(got.Payload["k"].Value.Reveal()), err
}

func TestAccessNamed(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/near", "k", "1")
	f.secret("namespaces/acme/secrets/near", "k", "2")
	f.secret("namespaces/acme/secrets/far", "k", "3")
	f.secret("namespaces/other/secrets/far", "k", "4")
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
		Parent: "namespaces/instance", ID: "written", Secret: secrets.Secret{AccessMode: secrets.AccessReadWrite}, Payload: payload("k", "5"),
	})
	f.must(err)
	reading := func(names ...string) (all []secrets.Reading) {
		for _, name := range names {
			all = append(all, secrets.Reading{Secret: name})
		}
		return all
	}
	person := user("reader")
	for _, on := range []string{"team", "acme", "instance", "other"} {
		f.grant(person, authz.RoleSecretReader, "namespaces/"+on)
	}
	inOther, _ := f.account("namespaces/other/serviceAccounts/reader")
	f.grant(inOther, authz.RoleSecretReader, "namespaces/other")
	for _, c := range []struct {
		caller   authn.Caller
		readings []secrets.Reading
		want     string
	}{
		{person, reading("near"), "namespaces/team/secrets/near 1"},
		{person, reading("far"), "namespaces/acme/secrets/far 3"},
		{person, reading("far", "near"), "namespaces/team/secrets/near 1"}, // nearer than the first reading is
		{inOther, reading("far"), "namespaces/other/secrets/far 4"},        // an account begins in its own namespace
		{f.root, reading("near"), "namespaces/team/secrets/near 1"},        // unless that is the root, which all end in
		{person, []secrets.Reading{{Secret: "written", Modes: []secrets.AccessMode{secrets.AccessReadWrite}}}, "namespaces/instance/secrets/written 5"},
	} {
		got, err := f.named(c.caller, c.readings...)
		if got != c.want || err != nil {
			t.Errorf("%v is %s, %v; want %s", c.readings, got, err, c.want)
		}
	}
	_, err = f.named(person, secrets.Reading{Secret: "absent"}, secrets.Reading{Secret: "written", Modes: []secrets.AccessMode{secrets.AccessRead}})
	f.check(err, secrets.ErrNotFound)
	_, err = f.named(inOther, reading("near")...)
	f.check(err, secrets.ErrNotFound)
	_, err = f.AccessNamed(f.ctx(), person, secrets.AccessNamed{Namespace: "other", Readings: reading("near")})
	f.check(err, secrets.ErrNotFound)
	_, err = f.AccessNamed(f.ctx(), person, secrets.AccessNamed{Default: "nowhere", Readings: reading("written")})
	f.check(err, nil)
	fault := secrets.Invalid("id", "is wrong")
	_, err = f.AccessNamed(f.ctx(), person, secrets.AccessNamed{Default: "team", Readings: reading("near"), Fault: fault})
	f.check(err, fault)
	_, err = f.AccessNamed(f.ctx(), user("nobody"), secrets.AccessNamed{Default: "team", Readings: reading("near"), Fault: fault})
	f.check(err, gate.ErrDenied)
	f.storeAccesses()
	f.wantLastAccess("namespaces/acme/secrets/near", time.Time{})
	f.wantLastAccess("namespaces/acme/secrets/far", start.Truncate(time.Hour))
}

// What DataOS has for its instance may be in another namespace than the root.
func TestAccessNamed_instance(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/other/secrets/shared", "k", "1")
	f.halt()
	f.config.DataOS = naming.DataOS{Instance: "other"}
	f.open()
	got, err := f.named(f.root, secrets.Reading{Secret: "shared"})
	if want := "namespaces/other/secrets/shared 1"; got != want || err != nil {
		t.Errorf("it is %s, %v; want %s", got, err, want)
	}
}

// workload registers a payload that refers to secrets.
func (f *fixture) workload(author authn.Caller, name, payload string) {
	f.t.Helper()
	parent, id := cut(name)
	_, err := f.CreateProjection(f.ctx(), author, secrets.CreateProjection{Parent: parent, ID: id, Projection: secrets.Projection{Workload: payload}})
	f.must(err)
}

func TestAccessNamed_referrer(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/acme/secrets/a", "k", "1")
	f.secret("namespaces/acme/secrets/b", "k", "2")
	f.secret("namespaces/team/secrets/fallback", "k", "3")
	f.workload(f.root, "namespaces/other/projections/depot.x", `dataosSecrets: [{name: a, workspace: acme, allKeys: true}, {name: b, workspace: acme, allKeys: true}]`)
	pick := func(i int) func([]secrets.Referred) int {
		return func([]secrets.Referred) int { return i }
	}
	operator := f.with(authz.RoleOperator, "namespaces/instance")
	access := func(caller authn.Caller, id string, i int) (string, error) {
		got, err := f.AccessNamed(f.ctx(), caller, secrets.AccessNamed{
			Default: "team", Readings: []secrets.Reading{{Secret: "fallback"}},
			Referrer: &secrets.Referrer{ID: id, First: []string{"other"}, Default: "team", Pick: pick(i)},
		})
		return got.Secret.Name, err
	}
	for _, c := range []struct {
		id   string
		i    int
		want string
	}{
		{"depot.x", 0, "namespaces/acme/secrets/a"}, {"depot.x", 1, "namespaces/acme/secrets/b"}, {"depot.y", 0, "namespaces/team/secrets/fallback"},
	} {
		if got, err := access(operator, c.id, c.i); got != c.want || err != nil {
			t.Errorf("%s, %d is %s, %v; want %s", c.id, c.i, got, err, c.want)
		}
	}
	_, err := access(operator, "depot.x", -1)
	f.check(err, secrets.ErrNotFound)
	// To whoever may not access what the workload refers to there is no workload; the audit log tells.
	outsider := f.with(authz.RoleSecretReader, "namespaces/team/secrets/fallback")
	for _, id := range []string{"depot.x", "depot.y"} {
		if got, err := access(outsider, id, 1); got != "namespaces/team/secrets/fallback" || err != nil {
			t.Errorf("%s is %s, %v to an outsider, want what there is without a workload", id, got, err)
		}
	}
	if e := f.events(outsider)[2]; e.Resource != "namespaces/acme/secrets/b" || e.Decision != audit.Deny {
		t.Errorf("recorded %+v", e)
	}
	_, denied := access(user("nobody"), "depot.x", 1)
	_, absent := access(user("nobody"), "depot.y", 1)
	if !errors.Is(denied, gate.ErrDenied) || absent == nil || denied.Error() != absent.Error() {
		t.Errorf("denied %q, without a workload %q; want the same", denied, absent)
	}
	// A secret is followed to its new name; one that was deleted is no more referred to.
	_, err = f.MoveSecret(f.ctx(), f.root, secrets.MoveSecret{Name: "namespaces/acme/secrets/a", Destination: "namespaces/acme/secrets/renamed"})
	f.must(err)
	if got, err := access(operator, "depot.x", 0); got != "namespaces/acme/secrets/renamed" || err != nil {
		t.Errorf("after a move it is %s, %v", got, err)
	}
	_, err = f.DeleteSecret(f.ctx(), f.root, "namespaces/acme/secrets/renamed", "", true, false)
	f.must(err)
	if got, err := access(operator, "depot.x", 0); got != "namespaces/acme/secrets/b" || err != nil {
		t.Errorf("after a deletion the first is %s, %v", got, err)
	}
}

func TestGetReferrer(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/acme/secrets/a", "k", "1")
	f.secret("namespaces/acme/secrets/b", "k", "2")
	const payload = `dataosSecrets: [{name: a, workspace: acme, acl: rw}, {name: b, workspace: acme, acl: r}]`
	f.workload(f.root, "namespaces/other/projections/depot.x", payload)
	f.workload(f.root, "namespaces/acme/projections/depot.x", payload)
	get := func(caller authn.Caller, id string) (string, error) {
		p, referred, err := f.GetReferrer(f.ctx(), caller, secrets.Referrer{ID: id, First: []string{"other"}, Default: "team"})
		told := p.Name
		for _, r := range referred {
			told += fmt.Sprint(" ", r.Purpose, " ", r.Name)
		}
		return told, err
	}
	seen := f.with(authz.RoleViewer, "namespaces/acme/projections/depot.x")
	f.grant(seen, authz.RoleViewer, "namespaces/acme/secrets/b")
	for want, caller := range map[string]authn.Caller{
		"namespaces/other/projections/depot.x rw namespaces/acme/secrets/a r namespaces/acme/secrets/b": f.root,
		"namespaces/acme/projections/depot.x r namespaces/acme/secrets/b":                               seen,
	} {
		if got, err := get(caller, "depot.x"); got != want || err != nil {
			t.Errorf("it is %s, %v; want %s", got, err, want)
		}
	}
	_, denied := get(user("nobody"), "depot.x")
	_, absent := get(user("nobody"), "depot.y")
	if !errors.Is(denied, gate.ErrDenied) || !errors.Is(absent, gate.ErrDenied) || strings.ReplaceAll(denied.Error(), "depot.x", "depot.y") != absent.Error() {
		t.Errorf("denied %v, absent %v; want the same", denied, absent)
	}
	_, err := get(f.root, "depot.y")
	f.check(err, secrets.ErrNotFound)
}

func TestFindSecret(t *testing.T) {
	f := newFixture(t)
	for i, description := range []string{"first", "second"} {
		f.pass(1)
		_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
			Parent: "namespaces/acme", ID: "db", Secret: secrets.Secret{Meta: secrets.Meta{Description: description}}, Payload: payload("k", fmt.Sprint(i)),
		})
		f.must(err)
		f.drop(db)
	}
	found := func(caller authn.Caller, name string) (string, error) {
		s, err := f.FindSecret(f.ctx(), caller, name, nil)
		return fmt.Sprint(s.Description, " ", !s.DeleteTime.IsZero()), err
	}
	if got, err := found(f.root, db); got != "second true" || err != nil {
		t.Errorf("it is %s, %v; want the one that was deleted last", got, err)
	}
	_, err := found(f.root, "namespaces/acme/secrets/d8")
	f.check(err, secrets.ErrNotFound)
	_, denied := found(user("nobody"), db)
	_, absent := found(user("nobody"), "namespaces/acme/secrets/d8")
	if !errors.Is(denied, gate.ErrDenied) || absent == nil || strings.ReplaceAll(denied.Error(), "/db", "/d8") != absent.Error() {
		t.Errorf("denied %v, absent %v; want the same", denied, absent)
	}
	fault := secrets.Invalid("id", "is wrong")
	_, err = f.FindSecret(f.ctx(), f.root, db, fault)
	f.check(err, fault)
	f.secret(db, "k", "v")
	if got, err := found(f.root, db); got != " false" || err != nil {
		t.Errorf("made anew it is %s, %v", got, err)
	}
}

// A bin that is too full to be looked through says nothing of a secret, rather than something wrong.
func TestFindSecret_fullBin(t *testing.T) {
	f := newFixture(t)
	var fns []func()
	for i := range 5000 {
		fns = append(fns, func() {
			name := fmt.Sprintf("namespaces/acme/secrets/s%d", i)
			f.secret(name)
			f.drop(name)
		})
	}
	together(fns...)
	_, err := f.FindSecret(f.ctx(), f.root, db, nil)
	f.check(err, secrets.ErrLimit)
	_, err = f.FindSecret(f.ctx(), user("nobody"), db, nil)
	f.check(err, gate.ErrDenied)
	// Whoever is denied cannot tell a full bin by the time either: nothing looks whether the call is over, as the search does.
	looked := func(name string) int {
		ctx := &overseen{Context: f.ctx()}
		_, err := f.FindSecret(ctx, user("nobody"), name, nil)
		f.check(err, gate.ErrDenied)
		return ctx.looked
	}
	if full, empty := looked(db), looked("namespaces/team/secrets/db"); full != empty {
		t.Errorf("in a full bin it is looked %d times whether the call is over, in an empty one %d times", full, empty)
	}
}

// overseen counts how often it is looked whether it is over.
type overseen struct {
	context.Context
	looked int
}

func (w *overseen) Err() error {
	w.looked++
	return w.Context.Err()
}
