package secrets_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

const (
	acme  = "namespaces/acme"
	team  = "namespaces/team" // below acme
	other = "namespaces/other"
)

// cascade deletes a namespace with all below it, used or not.
func (f *fixture) cascade(name string) secrets.Namespace {
	f.t.Helper()
	n, err := f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: name, Force: true})
	f.must(err)
	return n
}

func (f *fixture) undelete(name string) {
	f.t.Helper()
	_, err := f.UndeleteNamespace(f.ctx(), f.root, name, "", false)
	f.must(err)
}

// deleted are the IDs of the namespaces that are deleted.
func (f *fixture) deleted() string {
	f.t.Helper()
	var ids []string
	for token := ""; ; {
		list, next, err := f.ListNamespaces(f.ctx(), f.root, "", secrets.Page{ShowDeleted: true, Size: 1000, Token: token})
		f.must(err)
		for _, n := range list {
			if n.DeleteTime.IsZero() != n.PurgeTime.IsZero() {
				f.t.Errorf("%s was deleted at %v, until %v", n.Name, n.DeleteTime, n.PurgeTime)
			}
			if _, id := cut(n.Name); !n.DeleteTime.IsZero() {
				ids = append(ids, id)
			}
		}
		if token = next; token == "" {
			return strings.Join(ids, " ")
		}
	}
}

func (f *fixture) wantDeleted(want string) {
	f.t.Helper()
	if got := f.deleted(); got != want {
		f.t.Errorf("deleted are %q, want %q", got, want)
	}
}

// Everything in it is closed at once, and everything is back afterwards.
func TestDeleteNamespaceTree(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.secret(team+"/secrets/s", "k", "s")
	f.project(f.root, team+"/projections/p", env("s", "k", "S"), env("db", "k", "K"))
	_, token := f.account(team + "/serviceAccounts/robot")
	reader := f.with(authz.RoleSecretReader, team)
	binned := f.drop(f.secret(team+"/secrets/binned", "k", "b").Name)
	f.namespace("before", "acme")
	f.pass(time.Hour)
	before, err := f.DeleteNamespace(f.ctx(), f.root, "namespaces/before", "", false)
	f.must(err)
	f.pass(time.Hour)
	whole := f.data()

	n := f.cascade(acme)
	if n.DeleteTime != f.now() || n.PurgeTime != f.now().Add(month) {
		t.Errorf("deleted = %+v", n)
	}
	f.wantDeleted("acme before team")
	got, err := f.GetNamespace(f.ctx(), f.root, team)
	if err != nil || got.DeleteTime != n.DeleteTime || got.PurgeTime != n.PurgeTime || got.UpdatedBy != f.root.Name {
		t.Errorf("what is below = %+v, %v", got, err)
	}
	for what, err := range map[string]error{
		"access":     only(f.AccessSecretVersion(f.ctx(), reader, team+"/secrets/s/versions/1")),
		"access top": only(f.AccessSecretVersion(f.ctx(), f.root, at(db, 1))),
		"render":     only(f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: team + "/projections/p"})),
		"create":     only(f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: team, ID: "new"})),
		"below":      only(f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: "new", Namespace: secrets.Namespace{Parent: team}})),
		"purge":      erred(f.PurgeSecret(f.ctx(), f.root, binned, true, false)),
		"undelete":   only(f.UndeleteNamespace(f.ctx(), f.root, team, "", false)),
		"again":      only(f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: acme})),
	} {
		if !errors.Is(err, secrets.ErrNamespaceDeleted) {
			t.Errorf("%s = %v, want that the namespace is deleted", what, err)
		}
	}
	_, err = f.Authenticator().Authenticate(f.ctx(), authn.Credentials{Bearer: token})
	f.check(err, authn.ErrUnauthenticated)
	if _, ok := f.AccountPrincipal(team + "/serviceAccounts/robot"); ok {
		t.Error("credentials that others issue still stand for an account in it")
	}

	f.undelete(acme)
	f.wantDeleted("before")
	if got, err := f.GetNamespace(f.ctx(), f.root, before.Name); err != nil || got.PurgeTime != before.PurgeTime {
		t.Errorf("what was deleted before = %+v, %v", got, err)
	}
	if diff := cmp.Diff(whole, f.data()); diff != "" {
		t.Errorf("what is in it (-before +after):\n%s", diff)
	}
	f.login(token)
	if got := f.rendered(team + "/projections/p"); got["S"]+got["K"] != "sv" {
		t.Errorf("rendered %v", got)
	}
	_, err = f.AccessSecretVersion(f.ctx(), reader, team+"/secrets/s/versions/1")
	f.check(err, nil)
}

// data are the revisions of what is in namespaces.
func (f *fixture) data() map[storage.Key]storage.Revision {
	all := f.revisions()
	for k := range all {
		if !strings.HasPrefix(string(k), "data/") || strings.HasPrefix(string(k), "data/usage/") {
			delete(all, k)
		}
	}
	return all
}

// Each namespace is decided on, and one that denies keeps all of them.
func TestDeleteNamespaceTree_decisions(t *testing.T) {
	f := newFixture(t)
	f.namespace("below", "team")
	caller := f.with(authz.RoleNamespaceAdmin, acme)
	caller.RequestID = "cascade"
	inside := f.with(authz.RoleNamespaceAdmin, "namespaces/below")
	f.must(f.isolate(inside, "namespaces/below", true))
	_, err := f.DeleteNamespaceTree(f.ctx(), caller, secrets.DeleteTree{Name: acme})
	f.check(err, gate.ErrDenied)
	f.wantDeleted("")
	events, _ := f.decisions("cascade")
	var told []string
	for _, e := range events {
		told = append(told, fmt.Sprint(e.Action, " ", e.Resource, " ", e.Decision, " ", e.Detail))
	}
	if diff := cmp.Diff([]string{
		"namespace:delete namespaces/acme ALLOW ", "namespace:delete namespaces/below DENY with namespaces/acme",
	}, told); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	f.grant(caller, authz.RoleNamespaceAdmin, team)
	if g, err := f.give(inside, "namespaces/below", secrets.Grant{Principal: caller.Name, Role: "namespace-admin"}); err != nil {
		t.Fatalf("giving it = %+v, %v", g, err)
	}
	caller.RequestID = "again"
	_, err = f.DeleteNamespaceTree(f.ctx(), caller, secrets.DeleteTree{Name: acme})
	f.check(err, nil)
	f.wantDeleted("acme below team")
	if events, _ := f.decisions("again"); len(events) != 3 {
		t.Errorf("recorded %+v, want three decisions", events)
	}
}

// What denies is named to those alone who may see it.
func TestDeleteNamespaceTree_hidesNames(t *testing.T) {
	f := newFixture(t)
	caller := user("caller")
	f.role("namespaces/instance/roles/closer", "namespace:delete")
	_, err := f.give(f.root, acme, secrets.Grant{Principal: caller.Name, Role: "namespaces/instance/roles/closer"})
	f.must(err)
	f.policy(acme+"/policies/no", `forbid (principal, action == Action::"namespace:delete", resource) when { resource == Namespace::"`+f.uidOf(team)+`" };`)
	_, err = f.DeleteNamespaceTree(f.ctx(), caller, secrets.DeleteTree{Name: acme})
	if !errors.Is(err, gate.ErrDenied) || strings.Contains(err.Error(), "team") || !strings.Contains(err.Error(), acme) {
		t.Errorf("error %v, want a denial on %s alone", err, acme)
	}
	_, err = f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: acme})
	if !errors.Is(err, gate.ErrDenied) || !strings.Contains(err.Error(), team) {
		t.Errorf("error %v, want a denial on %s", err, team)
	}
}

func (f *fixture) uidOf(name string) string {
	f.t.Helper()
	n, err := f.GetNamespace(f.ctx(), f.root, name)
	f.must(err)
	return n.UID
}

// Projections elsewhere keep what they use; those in it and below do not.
func TestDeleteNamespaceTree_usedElsewhere(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.secret(acme+"/secrets/two", "k", "2")
	f.project(f.root, team+"/projections/inside", env("db", "k", "K"))
	f.project(f.root, etl, env("db", "k", "K"))
	const outside, hidden = other + "/projections/outside", other + "/projections/hidden"
	f.project(f.root, outside, env(db, "k", "K"), env(acme+"/secrets/two", "k", "TWO"))
	f.project(f.root, hidden, env(db, "k", "K"))
	caller := f.with(authz.RoleNamespaceAdmin, acme)
	f.grant(caller, authz.RoleWorkload, outside)
	for _, validateOnly := range []bool{true, false} {
		_, err := f.DeleteNamespaceTree(f.ctx(), caller, secrets.DeleteTree{Name: acme, ValidateOnly: validateOnly})
		inUse, ok := errors.AsType[*secrets.InUseError](err)
		if !ok || !cmp.Equal(inUse.Projections, []string{outside}) || inUse.Hidden != 1 || inUse.Subject() != acme {
			t.Fatalf("error %v, want that it is used by %s and another one", err, outside)
		}
	}
	f.wantDeleted("")
	_, err := f.DeleteNamespaceTree(f.ctx(), caller, secrets.DeleteTree{Name: team})
	f.check(err, nil) // it only uses
	f.undelete(team)
	// What is in the bin delivers nothing anyway.
	for _, name := range []string{db, acme + "/secrets/two"} {
		f.drop(name)
	}
	_, err = f.DeleteNamespaceTree(f.ctx(), caller, secrets.DeleteTree{Name: acme, ValidateOnly: true})
	f.check(err, nil)
}

// A projection that is written just before the door closes opens it again.
func TestDeleteNamespaceTree_usedMeanwhile(t *testing.T) {
	f := newFixture(t)
	f.secret(team+"/secrets/s", "k", "v")
	f.beforeWrite(func() { f.project(f.root, other+"/projections/late", env(team+"/secrets/s", "k", "K")) })
	_, err := f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: acme})
	if _, ok := errors.AsType[*secrets.InUseError](err); !ok {
		t.Errorf("error %v, want it in use", err)
	}
	f.wantDeleted("")
	f.swept("nothing of that name")
	if got := f.rendered(other + "/projections/late")["K"]; got != "v" {
		t.Errorf("K is %q", got)
	}
}

// beforeWrite does something just before the next write.
func (f *fixture) beforeWrite(do func()) {
	first := true
	f.engine.Set(storagetest.Faults{Update: func() error {
		if first {
			first = false
			f.engine.Set(storagetest.Faults{})
			do()
		}
		return nil
	}})
}

func TestDeleteNamespaceTree_checks(t *testing.T) {
	f := newFixture(t)
	n, err := f.GetNamespace(f.ctx(), f.root, acme)
	f.must(err)
	before := f.revisions()
	_, err = f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: acme, Etag: `"stale"`})
	f.check(err, secrets.ErrEtag)
	_, err = f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: acme, Etag: n.Etag, ValidateOnly: true})
	f.check(err, nil)
	_, err = f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: "namespaces/instance", Force: true})
	f.check(err, secrets.ErrPrecondition)
	_, err = f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: "namespaces/none", Force: true})
	f.check(err, secrets.ErrNotFound)
	if diff := cmp.Diff(before, f.revisions()); diff != "" {
		t.Errorf("the store changed (-before +after):\n%s", diff)
	}
	_, err = f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: acme, Etag: n.Etag})
	f.check(err, nil)
	before = f.revisions()
	_, err = f.UndeleteNamespace(f.ctx(), f.root, acme, `"stale"`, false)
	f.check(err, secrets.ErrEtag)
	_, err = f.UndeleteNamespace(f.ctx(), f.root, acme, "", true)
	f.check(err, nil)
	if diff := cmp.Diff(before, f.revisions()); diff != "" {
		t.Errorf("the store changed (-before +after):\n%s", diff)
	}
}

// The last operator, and the last who may enter an isolated namespace, are not locked out.
func TestDeleteNamespaceTree_keepsWaysIn(t *testing.T) {
	f := newFixture(t)
	operator, _ := f.account(team + "/serviceAccounts/operator")
	f.grant(operator, authz.RoleOperator, "namespaces/instance")
	f.must(erred(f.DeleteServiceAccount(f.ctx(), operator, f.root.Name[strings.IndexByte(f.root.Name, ':')+1:], "", false)))
	f.root = operator
	_, err := f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: acme, Force: true})
	f.check(err, secrets.ErrPrecondition)
	second, _ := f.account(other + "/serviceAccounts/operator")
	f.grant(second, authz.RoleOperator, "namespaces/instance")
	_, err = f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: acme, ValidateOnly: true})
	f.check(err, nil)

	for i, isolated := range []string{other, acme} { // the admin of acme is in it: nobody could undelete it
		admin, _ := f.account(fmt.Sprintf("%s/serviceAccounts/admin-%d", team, i))
		f.grant(admin, authz.RoleNamespaceAdmin, isolated)
		f.must(f.isolate(admin, isolated, true))
		by := f.root
		if isolated == acme {
			by = admin
		}
		_, err = f.DeleteNamespaceTree(f.ctx(), by, secrets.DeleteTree{Name: acme, Force: true})
		f.check(err, secrets.ErrPrecondition)
		f.must(f.isolate(admin, isolated, false))
	}
	f.wantDeleted("")
}

// What delivers from it ends, clearly; what can do without goes on, and has it back afterwards.
func TestDeleteNamespaceTree_watches(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.secret(other+"/secrets/own", "k", "own")
	f.project(f.root, etl, env("db", "k", "K"))
	f.project(f.root, other+"/projections/needs", env(db, "k", "K"))
	optional := env(db, "k", "K")
	optional.Optional = true
	without := env("own", "k", "OWN")
	f.project(f.root, other+"/projections/may", optional, without)
	inside := f.watchProjection(f.ctx(), f.root, etl, "")
	needs := f.watchProjection(f.ctx(), f.root, other+"/projections/needs", "")
	may := f.watchProjection(f.ctx(), f.root, other+"/projections/may", "")
	for _, w := range []watched{inside, needs, may} {
		w.next(t, "v")
	}
	robot, _ := f.account(acme + "/serviceAccounts/robot")
	f.grant(robot, authz.RoleWorkload, other)
	itself := f.watchProjection(f.ctx(), robot, other+"/projections/may", "")
	itself.next(t, "v")
	f.cascade(acme)
	inside.end(t, secrets.ErrNamespaceDeleted)
	needs.end(t, secrets.ErrDangling)
	itself.end(t, authn.ErrUnauthenticated)
	may.next(t, "")
	f.undelete(acme)
	may.next(t, "v")
}

// A projection elsewhere delivers nothing by the right of an account in it.
func TestDeleteNamespaceTree_authorInside(t *testing.T) {
	f := newFixture(t)
	f.secret(other+"/secrets/s", "k", "v")
	author, _ := f.account(team + "/serviceAccounts/author")
	f.grant(author, authz.RoleDeveloper, other)
	f.project(author, other+"/projections/p", secrets.Item{Item: render.Item{SecretName: "s", Key: "k", Target: render.Target{Env: &render.EnvTarget{Name: "K"}}}})
	f.cascade(acme)
	_, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: other + "/projections/p"})
	f.check(err, gate.ErrDenied)
	f.undelete(acme)
	if got := f.rendered(other + "/projections/p")["K"]; got != "v" {
		t.Errorf("K is %q", got)
	}
}
