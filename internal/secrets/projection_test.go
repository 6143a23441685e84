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
)

const etl = "namespaces/acme/projections/etl"

// env is an item that delivers a key as a variable.
func env(secret, key, name string) secrets.Item {
	return secrets.Item{Item: render.Item{SecretName: secret, Key: key, Target: render.Target{Env: &render.EnvTarget{Name: name}}}}
}

// bound returns what the items of a projection are bound to, now.
func (f *fixture) bound(name string) []string {
	f.t.Helper()
	p, err := f.GetProjection(f.ctx(), f.root, name)
	f.must(err)
	var names []string
	for _, item := range p.Items {
		names = append(names, item.Bound)
	}
	return names
}

func TestProjection_shortNamesGoUpwards(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/near", "k", "team")
	f.secret("namespaces/acme/secrets/near", "k", "acme")
	f.secret("namespaces/acme/secrets/far", "k", "acme")
	f.secret("namespaces/instance/secrets/top", "k", "instance")
	f.secret("namespaces/other/secrets/beside", "k", "other")
	name := "namespaces/team/projections/p"
	f.project(f.root, name, env("near", "k", "NEAR"), env("far", "k", "FAR"), env("top", "k", "TOP"), env("namespaces/acme/secrets/near", "k", "FULL"),
		env("namespaces/other/secrets/beside", "k", "BESIDE"))
	want := map[string]string{"NEAR": "team", "FAR": "acme", "TOP": "instance", "FULL": "acme", "BESIDE": "other"}
	if diff := cmp.Diff(want, f.rendered(name)); diff != "" {
		t.Errorf("rendered (-want +got):\n%s", diff)
	}
	wantBound := []string{
		"namespaces/team/secrets/near", "namespaces/acme/secrets/far", "namespaces/instance/secrets/top", "namespaces/acme/secrets/near",
		"namespaces/other/secrets/beside",
	}
	if diff := cmp.Diff(wantBound, f.bound(name)); diff != "" {
		t.Errorf("bound (-want +got):\n%s", diff)
	}
	// A nearer one that comes later changes nothing until the items are written again.
	f.secret("namespaces/team/secrets/far", "k", "team")
	if got := f.rendered(name)["FAR"]; got != "acme" {
		t.Errorf("FAR is %q, want what was bound", got)
	}
	items := []secrets.Item{env("far", "k", "FAR")}
	_, err := f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: name, Items: items}, Mask: []string{"items"}})
	f.must(err)
	if got := f.rendered(name)["FAR"]; got != "team" {
		t.Errorf("FAR is %q, want the nearer one after writing", got)
	}
	// Neither a sibling's secrets nor those below are found.
	for _, short := range []string{"beside", "nothing"} {
		_, err := f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{
			Parent: "namespaces/team", ID: "q", Projection: secrets.Projection{Items: []secrets.Item{env(short, "k", "K")}},
		})
		f.invalid(err, "projection.items[0].secret")
	}
}

// A secret above that the caller may not use reads as one that does not exist.
func TestProjection_shortNamesDoNotTellWhatIsAbove(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/acme/secrets/hidden", "k", "v")
	f.secret("namespaces/instance/secrets/shared", "k", "instance")
	f.secret("namespaces/acme/secrets/shared", "k", "acme")
	developer := f.with(authz.RoleDeveloper, "namespaces/team")
	f.grant(developer, authz.RoleSecretUser, "namespaces/instance/secrets/shared")
	ask := func(caller authn.Caller, short string) error {
		return only(f.CreateProjection(f.ctx(), caller, secrets.CreateProjection{
			Parent: "namespaces/team", ID: "p", Projection: secrets.Projection{Items: []secrets.Item{env(short, "k", "K")}}, ValidateOnly: true,
		}))
	}
	hidden, absent := ask(developer, "hidden"), ask(developer, "absent")
	f.invalid(hidden, "projection.items[0].secret")
	if got := strings.ReplaceAll(hidden.Error(), "hidden", "absent"); got != absent.Error() {
		t.Errorf("about what exists above %q, about what does not %q", got, absent)
	}
	f.check(ask(developer, "shared"), nil) // the one that it may use
	f.check(ask(f.with(authz.RoleDeveloper, "namespaces/acme"), "hidden"), nil)
}

// Nor does one in its own namespace: what stands above is found as if it did not exist. What was asked is recorded, once.
func TestProjection_shortNamesPassWhatIsDenied(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/s", "k", "hidden")
	f.secret("namespaces/team/secrets/alone", "k", "hidden")
	f.secret("namespaces/acme/secrets/s", "k", "of acme")
	author := f.with(authz.RoleDeveloper, "namespaces/acme")
	f.policy("namespaces/team/policies/p", `forbid (principal, action == Action::"secret:use", resource);`)
	create := func(secret string) error {
		return only(f.CreateProjection(f.ctx(), author, secrets.CreateProjection{
			Parent: "namespaces/team", ID: "p", Projection: secrets.Projection{Items: []secrets.Item{env(secret, "k", "K")}},
		}))
	}
	f.check(create("alone"), gate.ErrDenied)
	f.recorded(author, "DENY namespaces/team/secrets/alone", "ALLOW namespaces/team/projections/p")
	f.must(create("s"))
	if diff := cmp.Diff([]string{"namespaces/acme/secrets/s"}, f.bound("namespaces/team/projections/p")); diff != "" {
		t.Errorf("bound (-want +got):\n%s", diff)
	}
}

func TestProjection_useIsNotAccess(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	author := f.with(authz.RoleDeveloper, "namespaces/acme")
	p := f.project(author, etl, env("db", "k", "K"))
	if p.AuthorizedBy != author.Name {
		t.Errorf("authorized by %q, want %q", p.AuthorizedBy, author.Name)
	}
	_, err := f.RenderProjection(f.ctx(), author, secrets.RenderProjection{Name: etl})
	f.check(err, gate.ErrDenied)
	_, err = f.AccessSecretVersion(f.ctx(), author, at(db, 1))
	f.check(err, gate.ErrDenied)

	workload := f.with(authz.RoleWorkload, etl)
	bundle, err := f.RenderProjection(f.ctx(), workload, secrets.RenderProjection{Name: etl})
	f.must(err)
	if got := variables(bundle)["K"]; got != "v" {
		t.Errorf("K is %q, want v", got)
	}
	for name, err := range map[string]error{
		"access":          only(f.AccessSecretVersion(f.ctx(), workload, at(db, 1))),
		"get secret":      only(f.GetSecret(f.ctx(), workload, db)),
		"list secrets":    only2(f.ListSecrets(f.ctx(), workload, "namespaces/acme", secrets.Page{})),
		"list":            only2(f.ListProjections(f.ctx(), workload, "namespaces/acme", secrets.Page{})),
		"update":          only(f.UpdateProjection(f.ctx(), workload, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Meta: secrets.Meta{Description: "x"}}})),
		"render a second": only(f.RenderProjection(f.ctx(), workload, secrets.RenderProjection{Name: "namespaces/acme/projections/other"})),
	} {
		if !errors.Is(err, gate.ErrDenied) {
			t.Errorf("%s by the workload: %v, want denied", name, err)
		}
	}
	_, err = f.GetProjection(f.ctx(), workload, etl)
	f.check(err, nil)
}

func TestProjection_writingNeedsUseOfEverySecret(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.secret("namespaces/other/secrets/theirs", "k", "v")
	author := f.with(authz.RoleDeveloper, "namespaces/acme")
	items := []secrets.Item{env("db", "k", "A"), env("namespaces/other/secrets/theirs", "k", "B")}
	create := secrets.CreateProjection{Parent: "namespaces/acme", ID: "etl", Projection: secrets.Projection{Items: items}}
	_, err := f.CreateProjection(f.ctx(), author, create)
	f.check(err, gate.ErrDenied)
	use := f.grant(author, authz.RoleSecretUser, "namespaces/other/secrets/theirs")
	_, err = f.CreateProjection(f.ctx(), author, create)
	f.must(err)
	f.must(erred(f.DeleteGrant(f.ctx(), f.root, use, "", false)))
	// What does not touch the items needs no use of the secrets.
	_, err = f.UpdateProjection(f.ctx(), author, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Meta: secrets.Meta{Description: "x"}}})
	f.check(err, nil)
	_, err = f.UpdateProjection(f.ctx(), author, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Items: items}})
	f.check(err, gate.ErrDenied)
	_, err = f.UpdateProjection(f.ctx(), author, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Items: items[:1]}})
	f.check(err, nil)
}

func TestProjection_takeOver(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	author := f.with(authz.RoleDeveloper, "namespaces/acme")
	colleague := f.with(authz.RoleDeveloper, "namespaces/acme")
	admin := f.with(authz.RoleDataAdmin, "namespaces/acme")
	f.project(author, etl, env("db", "k", "K"))
	items := []secrets.Item{env("db", "k", "L")}
	_, err := f.UpdateProjection(f.ctx(), colleague, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Items: items}})
	f.check(err, gate.ErrDenied)
	p, err := f.UpdateProjection(f.ctx(), colleague, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Meta: secrets.Meta{Description: "by a colleague"}}})
	if err != nil || p.AuthorizedBy != author.Name || p.UpdatedBy != colleague.Name {
		t.Errorf("a colleague's description = %+v, %v", p, err)
	}
	p, err = f.UpdateProjection(f.ctx(), admin, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Items: items}})
	if err != nil || p.AuthorizedBy != admin.Name {
		t.Errorf("taking over = %+v, %v", p, err)
	}
	_, err = f.UpdateProjection(f.ctx(), author, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Items: items}})
	f.check(err, gate.ErrDenied)
}

func TestRenderProjection_authorLosesUse(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.secret("namespaces/acme/secrets/second", "k", "v")
	author := user("author")
	f.grant(author, authz.RoleDeveloper, "namespaces/acme")
	f.project(author, etl, env("db", "k", "A"), env("second", "k", "B"))
	first := f.rendered(etl)
	grants, _, err := f.ListGrants(f.ctx(), f.root, "namespaces/acme", secrets.Page{Filter: `principal = "user:author"`})
	f.must(err)
	f.must(erred(f.DeleteGrant(f.ctx(), f.root, grants[0].Name, "", false)))
	_, denied := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
	f.check(denied, gate.ErrDenied)
	// Which of the two rights is missing is not told.
	_, stranger := f.RenderProjection(f.ctx(), user("stranger"), secrets.RenderProjection{Name: etl})
	if denied.Error() != stranger.Error() {
		t.Errorf("without the author's right: %q, without the caller's: %q", denied, stranger)
	}
	// Use of one of two is not enough, not even where the caller has the bundle already.
	f.grant(author, authz.RoleSecretUser, db)
	_, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
	f.check(err, gate.ErrDenied)
	g, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", Grant: secrets.Grant{
		Principal: author.Name, Role: string(authz.RoleSecretUser), Resource: "namespaces/acme/secrets/second", ExpireTime: start.Add(time.Hour),
	}})
	f.must(err)
	if diff := cmp.Diff(first, f.rendered(etl)); diff != "" {
		t.Errorf("rendered by %s (-want +got):\n%s", g.Name, diff)
	}
	f.pass(time.Hour)
	_, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
	f.check(err, gate.ErrDenied)
}

// The grants of a deleted account still stand, but it has no right any more, and neither has one of the same name.
func TestRenderProjection_authorDeleted(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	name := "namespaces/acme/serviceAccounts/author"
	author, _ := f.account(name)
	grant := f.grant(author, authz.RoleDeveloper, "namespaces/acme")
	f.project(author, etl, env("db", "k", "K"))
	f.rendered(etl)
	f.must(erred(f.DeleteServiceAccount(f.ctx(), f.root, name, "", false)))
	_, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
	f.check(err, gate.ErrDenied)
	if g, err := f.GetGrant(f.ctx(), f.root, grant); err != nil || !g.Dangling {
		t.Errorf("its grant = %+v, %v; want it dangling", g, err)
	}
	again, _ := f.account(name)
	_, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
	f.check(err, gate.ErrDenied)
	f.grant(again, authz.RoleDeveloper, "namespaces/acme")
	_, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
	f.check(err, gate.ErrDenied)
	_, err = f.UpdateProjection(f.ctx(), again, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Items: []secrets.Item{env("db", "k", "K")}}})
	f.check(err, gate.ErrDenied) // it is not the author: that takes the right to take over
}

func TestRenderProjection_conditional(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "1")
	f.project(f.root, etl, env("db", "k", "K"))
	first, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
	f.must(err)
	same, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl, IfNoneMatch: first.Etag})
	if err != nil || !same.NotModified || same.Etag != first.Etag || len(same.Env)+len(same.Files) != 0 {
		t.Errorf("rendering what did not change = %+v, %v", same, err)
	}
	f.stage(db, "k", "2")
	if same, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl, IfNoneMatch: first.Etag}); err != nil || !same.NotModified {
		t.Errorf("after staging a version = %+v, %v; want not modified", same, err)
	}
	_, err = f.ActivateSecretVersion(f.ctx(), f.root, at(db, 2), "", false)
	f.must(err)
	second, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl, IfNoneMatch: first.Etag})
	if err != nil || second.NotModified || variables(second)["K"] != "2" || second.Etag == first.Etag || second.Revision <= first.Revision {
		t.Errorf("after activating it = %+v, %v", second, err)
	}
	_, err = f.ActivateSecretVersion(f.ctx(), f.root, at(db, 1), "", false)
	f.must(err)
	third, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl, IfNoneMatch: second.Etag})
	if err != nil || third.NotModified || third.Etag != first.Etag {
		t.Errorf("after rolling back the etag is %s, %v; want that of the same versions, %s", third.Etag, err, first.Etag)
	}
	_, err = f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Items: []secrets.Item{env("db", "k", "L")}}})
	f.must(err)
	fourth, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl, IfNoneMatch: first.Etag})
	if err != nil || fourth.NotModified || variables(fourth)["L"] != "1" {
		t.Errorf("after writing the items = %+v, %v", fourth, err)
	}
}

func TestRenderProjection_whatCannotBeDelivered(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/acme/secrets/good", "k", "v", "nul", "a\x00b")
	f.secret("namespaces/acme/secrets/empty")
	f.secret("namespaces/acme/secrets/gone", "k", "v")
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
		Parent: "namespaces/acme", ID: "expired", Secret: secrets.Secret{ExpireTime: start.Add(time.Hour)}, Payload: payload("k", "v"),
	})
	f.must(err)
	tests := []struct {
		name   string
		secret string
		key    string
		want   error
	}{
		{"no active version", "empty", "k", secrets.ErrPayloadMissing},
		{"expired", "expired", "k", secrets.ErrExpired},
		{"deleted", "gone", "k", secrets.ErrDangling},
		{"key missing", "good", "nokey", secrets.ErrNotRepresentable},
		{"no environment holds it", "good", "nul", secrets.ErrNotRepresentable},
	}
	for i, test := range tests {
		for _, optional := range []bool{false, true} {
			item := env(test.secret, test.key, "K")
			item.Optional = optional
			f.project(f.root, fmt.Sprintf("namespaces/acme/projections/p%d-%v", i, optional), env("good", "k", "GOOD"), item)
		}
	}
	f.pass(time.Hour)
	_, err = f.DeleteSecret(f.ctx(), f.root, "namespaces/acme/secrets/gone", "", true, false)
	f.must(err)
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bundle, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: fmt.Sprintf("namespaces/acme/projections/p%d-false", i)})
			f.check(err, test.want)
			if len(bundle.Env) > 0 {
				t.Errorf("it delivers %d variables in spite of the error: all or nothing", len(bundle.Env))
			}
			if err != nil && strings.Contains(err.Error(), "a\x00b") {
				t.Error("the error carries the value")
			}
			if test.key == "nul" {
				return // there, but not representable: being optional does not help
			}
			bundle, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: fmt.Sprintf("namespaces/acme/projections/p%d-true", i)})
			if diff := cmp.Diff(map[string]string{"GOOD": "v"}, variables(bundle)); err != nil || diff != "" {
				t.Errorf("optional: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// Every rendering is of one revision, however the secrets change meanwhile.
func TestRenderProjection_oneRevision(t *testing.T) {
	f := newFixture(t)
	const n = 5
	var items []secrets.Item
	for i := range n {
		f.secret(fmt.Sprintf("namespaces/acme/secrets/s%d", i), "k", "0")
		items = append(items, env(fmt.Sprintf("s%d", i), "k", fmt.Sprintf("V%d", i)))
	}
	f.project(f.root, etl, items...)
	// Round by round all secrets move from the first to the last, so at any revision values differ by at most one, and
	// never grow along the line.
	done := make(chan struct{})
	defer func() { <-done }()
	go func() {
		defer close(done)
		for round := range 20 {
			for i := range n {
				_, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{
					Secret: fmt.Sprintf("namespaces/acme/secrets/s%d", i), Payload: payload("k", fmt.Sprint(round+1)),
				})
				f.check(err, nil)
			}
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		got := f.rendered(etl)
		var first, last, before int
		for i := range n {
			var v int
			_, err := fmt.Sscan(got[fmt.Sprintf("V%d", i)], &v)
			f.must(err)
			if i == 0 {
				first, before = v, v
			}
			if v > before {
				t.Fatalf("rendered %v: of more than one revision", got)
			}
			before, last = v, v
		}
		if first-last > 1 {
			t.Fatalf("rendered %v: of more than one revision", got)
		}
	}
}

func TestProjection_invalid(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	many := make([]secrets.Item, 257)
	for i := range many {
		many[i] = env("db", "k", fmt.Sprintf("V%d", i))
	}
	tests := []struct {
		name, field string
		items       []secrets.Item
	}{
		{"no items", "projection.items", nil},
		{"too many", "projection.items", many},
		{"no secret", "projection.items[0].secret", []secrets.Item{env("", "k", "K")}},
		{"secret that is not there", "projection.items[0].secret", []secrets.Item{env("nothing", "k", "K")}},
		{"ill-formed name", "projection.items[0].secret", []secrets.Item{env("namespaces/acme/db", "k", "K")}},
		{"version in the name", "projection.items[0].secret", []secrets.Item{env(at(db, 1), "k", "K")}},
		{"no target", "projection.items[0]", []secrets.Item{{Item: render.Item{SecretName: "db", Key: "k"}}}},
		{"same variable twice", "projection.items[1].env", []secrets.Item{env("db", "k", "K"), env("db", "k", "K")}},
		{"path that escapes", "projection.items[0].file.path", []secrets.Item{{Item: render.Item{SecretName: "db", Key: "k", Target: render.Target{File: &render.FileTarget{Path: "../x"}}}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{
				Parent: "namespaces/acme", ID: "etl", Projection: secrets.Projection{Items: test.items},
			})
			f.invalid(err, test.field)
		})
	}
}

// The largest projection can be written, have its items replaced by others, and be deleted.
func TestProjection_largest(t *testing.T) {
	f := newFixture(t)
	var items []secrets.Item
	for i := range 40 {
		f.secret(fmt.Sprintf("namespaces/acme/secrets/s%02d", i), "k", "v")
		items = append(items, env(fmt.Sprintf("s%02d", i), "k", fmt.Sprintf("V%d", i)))
	}
	f.project(f.root, etl, items...)
	if got := f.rendered(etl); len(got) != 40 {
		t.Errorf("rendered %d variables, want 40", len(got))
	}
	_, err := f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Items: items[:1]}})
	f.check(err, nil)
	_, err = f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Items: items}})
	f.check(err, nil)
	f.check(erred(f.DeleteProjection(f.ctx(), f.root, etl, "", false)), nil)
	f.secret("namespaces/acme/secrets/s40", "k", "v")
	_, err = f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{
		Parent: "namespaces/acme", ID: "etl", Projection: secrets.Projection{Items: append(items, env("s40", "k", "V40"))},
	})
	f.invalid(err, "projection.items")
}
