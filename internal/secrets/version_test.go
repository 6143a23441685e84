package secrets_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/secrets"
)

const db = "namespaces/acme/secrets/db"

func at(secret string, version any) string { return fmt.Sprintf("%s/versions/%v", secret, version) }

// history returns the versions of a secret, newest first, like "3 enabled active".
func (f *fixture) history(secret string) []string {
	f.t.Helper()
	versions, _, err := f.ListSecretVersions(f.ctx(), f.root, secret, secrets.Page{Size: 1000})
	f.must(err)
	var lines []string
	for _, v := range versions {
		line := v.Name[strings.LastIndex(v.Name, "/")+1:] + map[secrets.State]string{
			secrets.Enabled: " enabled", secrets.Disabled: " disabled", secrets.Destroyed: " destroyed",
		}[v.State]
		if v.Active {
			line += " active"
		}
		lines = append(lines, line)
	}
	return lines
}

func (f *fixture) wantHistory(secret string, want ...string) {
	f.t.Helper()
	if diff := cmp.Diff(want, f.history(secret)); diff != "" {
		f.t.Errorf("versions of %s (-want +got):\n%s", secret, diff)
	}
}

func TestVersion_numbersAreNotReused(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "1")
	f.stage(db, "k", "2")
	_, err := f.DestroySecretVersion(f.ctx(), f.root, at(db, 2), "", false)
	f.must(err)
	if v := f.add(db, "k", "3"); v.Name != at(db, 3) || !v.Active || v.State != secrets.Enabled {
		t.Errorf("AddSecretVersion = %+v, want the active version 3", v)
	}
	f.wantHistory(db, "3 enabled active", "2 destroyed", "1 enabled")

	empty := f.secret("namespaces/acme/secrets/empty")
	if empty.ActiveVersion != 0 || empty.LatestVersion != 0 {
		t.Errorf("a secret without payload has versions: %+v", empty)
	}
	if v := f.add(empty.Name, "k", "1"); v.Name != at(empty.Name, 1) {
		t.Errorf("first version is %s", v.Name)
	}
	// A secret of the same name starts anew.
	_, err = f.DeleteSecret(f.ctx(), f.root, db, "", false, false)
	f.must(err)
	f.secret(db, "k", "other")
	f.wantHistory(db, "1 enabled active")
}

func TestAddSecretVersion_identical(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "a", "1", "b", "2")
	before := f.revision()
	v, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("b", "2", "a", "1")})
	if err != nil || !v.Unchanged || v.Name != at(db, 1) {
		t.Errorf("adding an identical payload = %+v, %v; want version 1, unchanged", v, err)
	}
	merge := secrets.AddVersion{Secret: db, Payload: payload("b", "2"), Merge: true}
	if v, err := f.AddSecretVersion(f.ctx(), f.root, merge); err != nil || !v.Unchanged {
		t.Errorf("merging what is there = %+v, %v; want unchanged", v, err)
	}
	if after := f.revision(); after != before {
		t.Errorf("revision moved from %d to %d", before, after)
	}
	// Neither a dry run nor a staged version tells whether the guess was right.
	for _, guess := range []string{"2", "wrong"} {
		for _, merge := range []bool{true, false} {
			req := secrets.AddVersion{Secret: db, Payload: payload("a", "1", "b", guess), Merge: merge, ValidateOnly: true}
			if v, err := f.AddSecretVersion(f.ctx(), f.root, req); err != nil || v.Unchanged || v.Name != at(db, 2) || v.Etag != "" {
				t.Errorf("validating %q, merge %v = %+v, %v", guess, merge, v, err)
			}
		}
	}
	if v := f.stage(db, "a", "1", "b", "2"); v.Unchanged || v.Name != at(db, 2) || v.Active {
		t.Errorf("staging an identical payload = %+v, want version 2", v)
	}
	// Text and binary of the same bytes are different payloads.
	binary := payload("a", "1", "b", "2")
	entry := binary["a"]
	entry.Binary = true
	binary["a"] = entry
	if v, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: binary}); err != nil || v.Unchanged {
		t.Errorf("adding the same bytes as binary = %+v, %v", v, err)
	}
	f.wantHistory(db, "3 enabled active", "2 enabled", "1 enabled")
}

func TestAddSecretVersion_merge(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "a", "1", "b", "2", "c", "3")
	f.stage(db, "z", "staged")
	v, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("b", "two", "d", "4"), Merge: true, RemoveKeys: []string{"c"}})
	if err != nil || v.Name != at(db, 3) {
		t.Fatalf("merging = %+v, %v", v, err)
	}
	access, err := f.AccessSecretVersion(f.ctx(), f.root, at(db, "active"))
	f.must(err)
	if want := payload("a", "1", "b", "two", "d", "4"); !access.Payload.Equal(want) {
		t.Error("merged payload differs from a=1 b=two d=4")
	}
	tests := []struct {
		name, field string
		req         secrets.AddVersion
	}{
		{"nothing at all", "payload", secrets.AddVersion{}},
		{"empty payload", "payload", secrets.AddVersion{Payload: payload()}},
		{"remove without merge", "remove_keys", secrets.AddVersion{Payload: payload("a", "1"), RemoveKeys: []string{"b"}}},
		{"key both given and removed", "remove_keys", secrets.AddVersion{Payload: payload("a", "1"), Merge: true, RemoveKeys: []string{"a"}}},
		{"removing what is not there", "remove_keys", secrets.AddVersion{Payload: payload("a", "1"), Merge: true, RemoveKeys: []string{"c"}}},
		{"removing everything", "payload", secrets.AddVersion{Merge: true, RemoveKeys: []string{"a", "b", "d"}}},
		{"bad key", "payload", secrets.AddVersion{Payload: payload("a b", "1")}},
		{"empty key", "payload", secrets.AddVersion{Payload: payload("", "1")}},
		{"long key", "payload", secrets.AddVersion{Payload: payload(strings.Repeat("k", 254), "1")}},
		{"too large", "payload", secrets.AddVersion{Payload: payload("k", strings.Repeat("x", 512<<10))}},
		{"too large with the rest", "payload", secrets.AddVersion{Payload: payload("k", strings.Repeat("x", 512<<10-2)), Merge: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.req.Secret = db
			_, err := f.AddSecretVersion(f.ctx(), f.root, test.req)
			f.invalid(err, test.field)
		})
	}
	f.wantHistory(db, "3 enabled active", "2 enabled", "1 enabled")
}

func TestAddSecretVersion_largest(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", strings.Repeat("x", 512<<10-1))
	pairs := []string{}
	for i := range 256 {
		pairs = append(pairs, fmt.Sprintf("%03d%s", i, strings.Repeat("k", 250)), "")
	}
	f.add(db, pairs...)
	_, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload(append(pairs, "one", "more")...)})
	f.invalid(err, "payload")
}

func TestVersion_stagedActivatedRolledBack(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "1")
	if v := f.stage(db, "k", "22"); v.Active {
		t.Errorf("a staged version is active: %+v", v)
	}
	if got := f.value(at(db, "active"), "k") + f.value(at(db, "latest"), "k"); got != "122" {
		t.Errorf("active and latest deliver %q, want 1 and 22", got)
	}
	secret, err := f.GetSecret(f.ctx(), f.root, db)
	f.must(err)
	if secret.ActiveVersion != 1 || secret.LatestVersion != 2 || secret.Keys[0].Size != 1 {
		t.Errorf("GetSecret with a staged version = %+v", secret)
	}
	for _, number := range []int{2, 1} {
		v, err := f.ActivateSecretVersion(f.ctx(), f.root, at(db, number), "", false)
		if err != nil || !v.Active || v.Name != at(db, number) {
			t.Errorf("activating %d = %+v, %v", number, v, err)
		}
		secret, err := f.GetSecret(f.ctx(), f.root, db)
		f.must(err)
		if secret.ActiveVersion != int64(number) || secret.LatestVersion != 2 || secret.Keys[0].Size != number {
			t.Errorf("GetSecret after activating %d = %+v", number, secret)
		}
	}
	// After a rollback the next version comes after all, and is compared with the one in force.
	if v := f.add(db, "k", "22"); v.Unchanged || v.Name != at(db, 3) {
		t.Errorf("adding the payload that was rolled back = %+v, want version 3", v)
	}
}

func TestVersion_states(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "1")
	f.add(db, "k", "2")
	f.add(db, "k", "3")
	type change func(name string) (secrets.Version, error)
	enable := func(n string) (secrets.Version, error) { return f.EnableSecretVersion(f.ctx(), f.root, n, "", false) }
	disable := func(n string) (secrets.Version, error) { return f.DisableSecretVersion(f.ctx(), f.root, n, "", false) }
	activate := func(n string) (secrets.Version, error) { return f.ActivateSecretVersion(f.ctx(), f.root, n, "", false) }
	destroy := func(n string) (secrets.Version, error) { return f.DestroySecretVersion(f.ctx(), f.root, n, "", false) }
	access := func(n string) (secrets.Version, error) {
		a, err := f.AccessSecretVersion(f.ctx(), f.root, n)
		return secrets.Version{Name: a.Name}, err
	}
	steps := []struct {
		name    string
		do      change
		version any
		want    error
		after   string // state of the version named
	}{
		{"disable the active", disable, 3, secrets.ErrVersionState, "3 enabled active"},
		{"disable it by alias", disable, "active", secrets.ErrVersionState, "3 enabled active"},
		{"destroy the active", destroy, 3, secrets.ErrVersionState, "3 enabled active"},
		{"destroy it by alias", destroy, "latest", secrets.ErrVersionState, "3 enabled active"},
		{"disable another", disable, 2, nil, "2 disabled"},
		{"disable it again", disable, 2, nil, "2 disabled"},
		{"access it", access, 2, secrets.ErrVersionState, "2 disabled"},
		{"activate it", activate, 2, secrets.ErrVersionState, "2 disabled"},
		{"enable it", enable, 2, nil, "2 enabled"},
		{"access it now", access, 2, nil, "2 enabled"},
		{"disable it once more", disable, 2, nil, "2 disabled"},
		{"destroy it disabled", destroy, 2, nil, "2 destroyed"},
		{"destroy it again", destroy, 2, nil, "2 destroyed"},
		{"enable what is destroyed", enable, 2, secrets.ErrVersionState, "2 destroyed"},
		{"disable what is destroyed", disable, 2, secrets.ErrVersionState, "2 destroyed"},
		{"activate what is destroyed", activate, 2, secrets.ErrVersionState, "2 destroyed"},
		{"access what is destroyed", access, 2, secrets.ErrVersionState, "2 destroyed"},
		{"access what is not there", access, 4, secrets.ErrNotFound, "3 enabled active"},
		{"activate what is not there", activate, 4, secrets.ErrNotFound, "3 enabled active"},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			_, err := step.do(at(db, step.version))
			f.check(err, step.want)
			if history := strings.Join(f.history(db), ", "); !strings.Contains(history, step.after) {
				t.Errorf("versions are %s, want %s", history, step.after)
			}
		})
	}
	v, err := f.GetSecretVersion(f.ctx(), f.root, at(db, 2))
	if err != nil || v.State != secrets.Destroyed || v.DestroyTime != start || v.Keys[0] != (secrets.Key{Name: "k", Size: -1}) {
		t.Errorf("the tombstone = %+v, %v; want the time and the key without its size", v, err)
	}
}

func TestVersion_aliasesAndNumbers(t *testing.T) {
	f := newFixture(t)
	f.secret(db)
	for _, alias := range []string{"active", "latest"} {
		_, err := f.AccessSecretVersion(f.ctx(), f.root, at(db, alias))
		f.check(err, secrets.ErrPayloadMissing)
	}
	f.stage(db, "k", "1")
	_, err := f.AccessSecretVersion(f.ctx(), f.root, at(db, "active"))
	f.check(err, secrets.ErrPayloadMissing)
	f.stage(db, "k", "2")
	_, err = f.DisableSecretVersion(f.ctx(), f.root, at(db, 2), "", false)
	f.must(err)
	access, err := f.AccessSecretVersion(f.ctx(), f.root, at(db, "latest"))
	if err != nil || access.Name != at(db, 1) {
		t.Errorf("latest = %q, %v; want the newest enabled", access.Name, err)
	}
	for _, id := range []string{"0", "-1", "+1", "01", "1.0", "1e0", "Latest", "newest", "", "99999999999999999999", "١"} {
		_, err := f.AccessSecretVersion(f.ctx(), f.root, at(db, id))
		f.invalid(err, "name")
	}
}

func TestVersion_pruning(t *testing.T) {
	f := newFixture(t)
	create := func(name string, limit int32) {
		t.Helper()
		parent, id := cut(name)
		_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: parent, ID: id, Secret: secrets.Secret{MaxVersions: limit}, Payload: payload("k", "1")})
		f.must(err)
	}
	create(db, 3)
	for i := range 3 {
		f.add(db, "k", fmt.Sprint("more", i))
	}
	f.wantHistory(db, "4 enabled active", "3 enabled", "2 enabled", "1 destroyed")
	// The active version is never the one that goes.
	_, err := f.ActivateSecretVersion(f.ctx(), f.root, at(db, 2), "", false)
	f.must(err)
	f.stage(db, "k", "5")
	f.stage(db, "k", "6")
	f.wantHistory(db, "6 enabled", "5 enabled", "4 destroyed", "3 destroyed", "2 enabled active", "1 destroyed")
	// Disabled versions and staged ones count and go like others.
	_, err = f.DisableSecretVersion(f.ctx(), f.root, at(db, 5), "", false)
	f.must(err)
	f.add(db, "k", "7")
	f.wantHistory(db, "7 enabled active", "6 enabled", "5 disabled", "4 destroyed", "3 destroyed", "2 destroyed", "1 destroyed")

	one := "namespaces/acme/secrets/one"
	create(one, 1)
	f.stage(one, "k", "2")
	f.wantHistory(one, "2 enabled", "1 enabled active")
	f.stage(one, "k", "3")
	f.wantHistory(one, "3 enabled", "2 destroyed", "1 enabled active")
	_, err = f.ActivateSecretVersion(f.ctx(), f.root, at(one, 3), "", false)
	f.must(err)
	f.add(one, "k", "4")
	f.wantHistory(one, "4 enabled active", "3 destroyed", "2 destroyed", "1 destroyed")
	if got := f.value(at(one, "active"), "k"); got != "4" {
		t.Errorf("active delivers %q", got)
	}
}

// Lowering the limit prunes at once as far as one transaction goes, however large the tombstones are.
func TestUpdateSecret_lowersMaxVersions(t *testing.T) {
	f := newFixture(t)
	parent, id := cut(db)
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: parent, ID: id, Secret: secrets.Secret{MaxVersions: 100}})
	f.must(err)
	var pairs []string
	for i := range 256 {
		pairs = append(pairs, fmt.Sprintf("%03d%s", i, strings.Repeat("k", 250)), "v")
	}
	for range 60 {
		f.stage(db, pairs...)
	}
	_, err = f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, MaxVersions: 1}})
	f.must(err)
	for range 20 {
		f.stage(db, pairs...)
	}
	if history := strings.Join(f.history(db), ", "); strings.Count(history, "enabled") != 1 {
		t.Errorf("versions are %s, want all but the last destroyed", history)
	}
}

func TestAccessSecretVersion_expired(t *testing.T) {
	f := newFixture(t)
	parent, id := cut(db)
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
		Parent: parent, ID: id, Secret: secrets.Secret{ExpireTime: start.Add(time.Hour)}, Payload: payload("k", "1"),
	})
	f.must(err)
	f.pass(time.Hour - 1)
	f.value(at(db, 1), "k")
	f.pass(1)
	for _, version := range []string{"1", "active", "latest"} {
		_, err := f.AccessSecretVersion(f.ctx(), f.root, at(db, version))
		f.check(err, secrets.ErrExpired)
	}
	_, err = f.GetSecret(f.ctx(), f.root, db)
	f.check(err, nil)
}

func TestVersion_etags(t *testing.T) {
	f := newFixture(t)
	secret := f.secret(db, "k", "1")
	added, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "2"), Etag: secret.Etag})
	f.must(err)
	_, err = f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "3"), Etag: secret.Etag})
	f.check(err, secrets.ErrEtag)
	_, err = f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "3"), Etag: secret.Etag, ValidateOnly: true})
	f.check(err, secrets.ErrEtag)
	_, err = f.ActivateSecretVersion(f.ctx(), f.root, at(db, 1), added.Etag, false)
	f.check(err, secrets.ErrEtag)
	_, err = f.ActivateSecretVersion(f.ctx(), f.root, at(db, 1), "", false)
	f.must(err)
	disabled, err := f.DisableSecretVersion(f.ctx(), f.root, at(db, 2), added.Etag, false)
	f.must(err)
	_, err = f.EnableSecretVersion(f.ctx(), f.root, at(db, 2), added.Etag, false)
	f.check(err, secrets.ErrEtag)
	got, err := f.GetSecretVersion(f.ctx(), f.root, at(db, 2))
	if err != nil || got.Etag != disabled.Etag || disabled.Etag == added.Etag {
		t.Errorf("etag of the version is %s, was answered as %s, %v", got.Etag, disabled.Etag, err)
	}
	_, err = f.DestroySecretVersion(f.ctx(), f.root, at(db, 2), disabled.Etag, false)
	f.check(err, nil)
}

func TestVersion_sizesAreForThoseWhoMayAccess(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "12345")
	developer := f.with(authz.RoleDeveloper, "namespaces/acme")
	reader := f.with(authz.RoleSecretReader, db)
	f.grant(reader, authz.RoleDeveloper, "namespaces/acme")
	for _, test := range []struct {
		name string
		want int
	}{{"without access", -1}, {"with access", 5}} {
		caller := developer
		if test.want > 0 {
			caller = reader
		}
		t.Run(test.name, func(t *testing.T) {
			sizes := map[string]int{}
			secret, err := f.GetSecret(f.ctx(), caller, db)
			f.must(err)
			sizes["get"] = secret.Keys[0].Size
			list, _, err := f.ListSecrets(f.ctx(), caller, "namespaces/acme", secrets.Page{})
			f.must(err)
			sizes["list"] = list[0].Keys[0].Size
			version, err := f.GetSecretVersion(f.ctx(), caller, at(db, 1))
			f.must(err)
			sizes["version"] = version.Keys[0].Size
			versions, _, err := f.ListSecretVersions(f.ctx(), caller, db, secrets.Page{})
			f.must(err)
			sizes["versions"] = versions[0].Keys[0].Size
			updated, err := f.UpdateSecret(f.ctx(), caller, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Description: "x"}}})
			f.must(err)
			sizes["update"] = updated.Keys[0].Size
			activated, err := f.ActivateSecretVersion(f.ctx(), caller, at(db, 1), "", false)
			f.must(err)
			sizes["activate"] = activated.Keys[0].Size
			for door, size := range sizes {
				if size != test.want {
					t.Errorf("size by %s = %d, want %d", door, size, test.want)
				}
			}
		})
	}
}
