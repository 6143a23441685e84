package secrets_test

import (
	"slices"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// lastAccess is when a secret was last accessed, on which Get and List must agree.
func (f *fixture) lastAccess(name string) time.Time {
	f.t.Helper()
	got, err := f.GetSecret(f.ctx(), f.root, name)
	f.must(err)
	listed, _, err := f.ListSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{ShowDeleted: true})
	f.must(err)
	i := slices.IndexFunc(listed, func(s secrets.Secret) bool { return s.Name == name })
	if i < 0 || !listed[i].LastAccessTime.Equal(got.LastAccessTime) {
		f.t.Errorf("ListSecrets = %+v, but GetSecret says that %s was accessed at %s", listed, name, got.LastAccessTime)
	}
	return got.LastAccessTime
}

func (f *fixture) wantLastAccess(name string, want time.Time) {
	f.t.Helper()
	if got := f.lastAccess(name); !got.Equal(want) {
		f.t.Errorf("%s was last accessed at %s, want %s", name, got, want)
	}
}

func (f *fixture) storeAccesses() { secrets.StoreAccesses(f.Service, f.ctx()) }

func TestLastAccess(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.secret("namespaces/acme/secrets/idle", "k", "v")
	before, err := f.GetSecret(f.ctx(), f.root, db)
	f.must(err)
	f.value(at(db, 1), "k")
	f.lastAccess(db)
	f.storeAccesses()
	f.wantLastAccess(db, start.Truncate(time.Hour))
	f.wantLastAccess("namespaces/acme/secrets/idle", time.Time{})
	f.pass(2 * time.Hour)
	f.project(f.root, etl, env("db", "k", "K"))
	f.rendered(etl)
	f.storeAccesses()
	f.wantLastAccess(db, start.Add(2*time.Hour).Truncate(time.Hour))
	after, err := f.GetSecret(f.ctx(), f.root, db)
	if err != nil || after.Etag != before.Etag {
		t.Errorf("accessed, its etag became %q from %q: %v", after.Etag, before.Etag, err)
	}
	f.wantLastAccess(f.drop(db), start.Add(2*time.Hour).Truncate(time.Hour))
}

// What is purged is not brought back by an access that was still to be stored.
func TestLastAccess_purged(t *testing.T) {
	f := newFixture(t)
	made := f.secret(db, "k", "v")
	f.value(at(db, 1), "k")
	gone := f.drop(db)
	f.must(erred(f.PurgeSecret(f.ctx(), f.root, gone, true, false)))
	f.storeAccesses()
	f.swept(made.UID)

	// Nor while it is being purged: here when its versions are gone and its record is not.
	made = f.secret(db, "k", "v")
	f.value(at(db, 1), "k")
	gone = f.drop(db)
	f.failAt(3)
	f.check(erred(f.PurgeSecret(f.ctx(), f.root, gone, true, false)), storage.ErrUnavailable)
	f.storeAccesses()
	if left := f.keysWith("last-access/"); len(left) > 0 {
		t.Errorf("the store has %q", left)
	}
	f.swept(made.UID)
}

// One record that cannot be read costs no other.
func TestLastAccess_damagedRecord(t *testing.T) {
	f := newFixture(t)
	n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/acme")
	f.must(err)
	names := []string{db, "namespaces/acme/secrets/a", "namespaces/acme/secrets/z"}
	for _, name := range names {
		made := f.secret(name, "k", "v")
		if name == db {
			_, err := f.engine.Update(f.ctx(), func(txn storage.Txn) error {
				return txn.Put(storage.Key("data/last-access/"+n.UID+"/"+made.UID), []byte("damaged"))
			})
			f.must(err)
		}
		f.value(at(name, 1), "k")
	}
	f.storeAccesses()
	_, err = f.GetSecret(f.ctx(), f.root, db)
	f.check(err, sealed.ErrIntegrity)
	for _, name := range names[1:] {
		got, err := f.GetSecret(f.ctx(), f.root, name)
		if err != nil || !got.LastAccessTime.Equal(start.Truncate(time.Hour)) {
			t.Errorf("GetSecret(%s) = accessed at %s, %v", name, got.LastAccessTime, err)
		}
	}
}

// While the store cannot be written, nothing is forgotten.
func TestLastAccess_storeFails(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.value(at(db, 1), "k")
	f.engine.Set(storagetest.Faults{Update: func() error { return storage.ErrUnavailable }})
	f.storeAccesses()
	f.engine.Set(storagetest.Faults{})
	f.wantLastAccess(db, time.Time{})
	f.storeAccesses()
	f.wantLastAccess(db, start.Truncate(time.Hour))
}

// What was there at a time and is not used since is found, whatever else is asked for.
func TestListSecrets_unusedSince(t *testing.T) {
	f := newFixture(t)
	const parent = "namespaces/acme/secrets/"
	for _, id := range []string{"a-idle", "b-used", "c-rendered", "d-idle"} {
		f.secret(parent+id, "k", "v")
	}
	f.value(at(parent+"b-used", 1), "k")
	f.project(f.root, etl, env("c-rendered", "k", "K"))
	f.rendered(etl)
	unused := func(since time.Time, page secrets.Page) (ids []string) {
		page.UnusedSince = since
		for {
			listed, next, err := f.ListSecrets(f.ctx(), f.root, "namespaces/acme", page)
			f.must(err)
			for _, s := range listed {
				ids = append(ids, s.Name[len(parent):])
			}
			if page.Token = next; next == "" {
				return ids
			}
		}
	}
	want := func(since time.Time, page secrets.Page, ids ...string) {
		t.Helper()
		if got := unused(since, page); !slices.Equal(got, ids) {
			t.Errorf("unused since %s, %+v: %q, want %q", since, page, got, ids)
		}
	}
	now := f.now()
	want(now, secrets.Page{}, "a-idle", "d-idle") // though nothing is stored yet
	f.storeAccesses()
	want(now, secrets.Page{}, "a-idle", "d-idle")
	want(now.Add(-time.Second), secrets.Page{}) // nothing was there
	// An access may have been at the end of the hour that is known.
	hour := now.Truncate(time.Hour)
	want(hour.Add(time.Hour-1), secrets.Page{}, "a-idle", "d-idle")
	f.pass(24 * time.Hour)
	f.secret(parent+"e-new", "k", "v")
	want(hour.Add(time.Hour), secrets.Page{}, "a-idle", "b-used", "c-rendered", "d-idle")
	want(hour.Add(time.Hour), secrets.Page{Size: 1, OrderBy: "name"}, "a-idle", "b-used", "c-rendered", "d-idle")
	want(now, secrets.Page{Size: 1, OrderBy: "create_time desc", Filter: `name != "` + parent + `a-idle"`}, "d-idle")
	_, next, err := f.ListSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{Size: 1, UnusedSince: now})
	f.must(err)
	_, _, err = f.ListSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{Size: 1, Token: next})
	f.invalid(err, "page_token")
}
