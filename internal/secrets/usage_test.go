package secrets_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// limit sets the quota of acme.
func (f *fixture) limit(quota secrets.Usage) {
	f.t.Helper()
	_, err := f.UpdateNamespace(f.ctx(), f.root, secrets.Namespace{Name: "namespaces/acme", Quota: quota}, []string{"quota"}, false)
	f.must(err)
}

// usage is what acme holds; bytes are shown in steps.
func (f *fixture) usage() secrets.Usage {
	f.t.Helper()
	n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/acme")
	f.must(err)
	return n.Usage
}

func TestQuota(t *testing.T) {
	tests := []struct {
		name  string
		quota secrets.Usage
		write func(f *fixture) error
		want  error
	}{
		{"a secret too many", secrets.Usage{Secrets: 1}, func(f *fixture) error { return f.tryCreate("second") }, secrets.ErrQuota},
		{"the last secret", secrets.Usage{Secrets: 2}, func(f *fixture) error { return f.tryCreate("second") }, nil},
		{"a version too many", secrets.Usage{Versions: 1}, func(f *fixture) error { return f.tryAdd("k", "two") }, secrets.ErrQuota},
		{"the last version", secrets.Usage{Versions: 2}, func(f *fixture) error { return f.tryAdd("k", "two") }, nil},
		{"a byte too many", secrets.Usage{Bytes: 4 + 3}, func(f *fixture) error { return f.tryAdd("k", "abc") }, secrets.ErrQuota},
		{"the last byte", secrets.Usage{Bytes: 4 + 4}, func(f *fixture) error { return f.tryAdd("k", "abc") }, nil},
		{"what changes nothing", secrets.Usage{Versions: 1}, func(f *fixture) error { return f.tryAdd("k", "one") }, nil},
		{"another namespace", secrets.Usage{Secrets: 1}, func(f *fixture) error {
			f.secret("namespaces/team/secrets/s", "k", "v")
			return nil
		}, nil},
		{"only validated", secrets.Usage{Secrets: 1}, func(f *fixture) error {
			_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: "second", ValidateOnly: true})
			return err
		}, secrets.ErrQuota},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.secret(db, "k", "one")
			f.limit(test.quota)
			f.check(test.write(f), test.want)
		})
	}
}

// At its quota, a namespace tells nobody who may not read a value whether a guess at it is right.
func TestQuota_isNoOracle(t *testing.T) {
	for name, test := range map[string]struct {
		quota secrets.Usage
		max   int32
		want  error // of a guess, right or wrong
	}{
		"no room for a version":              {secrets.Usage{Versions: 1}, 0, secrets.ErrQuota},
		"no room for its bytes":              {secrets.Usage{Bytes: 4}, 0, secrets.ErrQuota},
		"another version would make room":    {secrets.Usage{Versions: 1}, 1, nil},
		"room in bytes by another that goes": {secrets.Usage{Bytes: 4}, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
				Parent: "namespaces/acme", ID: "db", Payload: payload("k", "one"), Secret: secrets.Secret{MaxVersions: test.max},
			})
			f.must(err)
			f.limit(test.quota)
			writer := f.with(authz.RoleDeveloper, "namespaces/acme")
			for _, guess := range []string{"one", "two"} {
				_, err := f.AddSecretVersion(f.ctx(), writer, secrets.AddVersion{Secret: db, Payload: payload("k", guess)})
				f.check(err, test.want)
			}
			// Who may read it is told that nothing changes.
			if test.want != nil {
				f.check(f.tryAdd("k", "one"), nil)
			}
		})
	}
}

// Writes at the same time do not pass the bound together, and one that fails takes no room.
func TestQuota_holdsForManyAtOnce(t *testing.T) {
	f := newFixture(t)
	f.limit(secrets.Usage{Secrets: 10, Bytes: 1000})
	var created atomic.Int64
	var calls sync.WaitGroup
	for i := range 40 {
		calls.Go(func() {
			switch err := f.tryCreate(fmt.Sprintf("s%d", i%30)); {
			case err == nil:
				created.Add(1)
			case !errors.Is(err, secrets.ErrQuota) && !errors.Is(err, secrets.ErrExists):
				t.Errorf("creating a secret: %v", err)
			}
		})
	}
	calls.Wait()
	if created.Load() > 10 {
		t.Errorf("%d secrets were created at once in a namespace of at most 10", created.Load())
	}
	// Those that failed may have held room while they were under way; none of it is left.
	for i := 0; f.tryCreate(fmt.Sprintf("later%d", i)) == nil; i++ {
		created.Add(1)
	}
	if created.Load() != 10 {
		t.Errorf("%d secrets were created in a namespace of at most 10", created.Load())
	}
	gone, err := f.DeleteSecret(f.ctx(), f.root, f.anySecret(), "", false, false)
	f.must(err)
	f.must(erred(f.PurgeSecret(f.ctx(), f.root, gone.Name, true, false)))
	f.must(f.tryCreate("again"))
	f.check(f.tryCreate("more"), secrets.ErrQuota)
}

// anySecret is the name of a secret in acme.
func (f *fixture) anySecret() string {
	f.t.Helper()
	list, _, err := f.ListSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{Size: 1})
	f.must(err)
	return list[0].Name
}

func (f *fixture) tryCreate(id string) error {
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: id, Payload: payload("k", "v")})
	return err
}

func (f *fixture) tryAdd(pairs ...string) error {
	_, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload(pairs...)})
	return err
}

// Whatever takes room gives it back when it goes.
func TestUsage_followsWrites(t *testing.T) {
	f := newFixture(t)
	want := func(secretsHeld, versions int64) {
		t.Helper()
		if got := f.usage(); got.Secrets != secretsHeld || got.Versions != versions {
			t.Errorf("usage %+v, want %d secrets and %d versions", got, secretsHeld, versions)
		}
	}
	want(0, 0)
	f.secret(db, "k", "one")
	f.secret("namespaces/acme/secrets/empty")
	want(2, 1)
	f.add(db, "k", "two")
	want(2, 2)
	_, err := f.DestroySecretVersion(f.ctx(), f.root, at(db, 1), "", false)
	f.must(err)
	want(2, 1)
	for i := range 12 { // more than are kept
		f.add(db, "k", fmt.Sprint(i))
	}
	want(2, 10)
	_, err = f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, MaxVersions: 3}})
	f.must(err)
	want(2, 3)
	gone, err := f.DeleteSecret(f.ctx(), f.root, db, "", true, false)
	f.must(err)
	want(2, 3) // the bin counts
	f.must(erred(f.PurgeSecret(f.ctx(), f.root, gone.Name, true, false)))
	want(1, 0)
	if got := f.usage(); got.Bytes != 0 {
		t.Errorf("%d bytes are held by nothing", got.Bytes)
	}
}

// A retry is counted as what it is: nothing.
func TestUsage_retries(t *testing.T) {
	f := newFixture(t)
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
				Parent: "namespaces/acme", ID: "db", Payload: payload("k", "v"), RequestID: "7b0cf1a4-58f5-4f2c-9d66-0d2b5ac7c2b1",
			})
			f.must(err)
		})
	}
	calls.Wait()
	if got := f.usage(); got.Secrets != 1 || got.Versions != 1 {
		t.Errorf("usage %+v after one create that was retried, want one secret and one version", got)
	}
}

// What namespaces hold is known again after a restart: from what was stored, and after a kill by counting.
func TestUsage_afterRestart(t *testing.T) {
	for _, killed := range []bool{false, true} {
		t.Run(fmt.Sprintf("killed %v", killed), func(t *testing.T) {
			f := newFixture(t)
			f.secret(db, "k", "one")
			f.add(db, "k", "two")
			first := f.halt
			if !killed {
				first()
			}
			f.open()
			defer first()
			// Counting goes on in the background.
			for deadline := time.Now().Add(30 * time.Second); f.usage().Versions != 2 && time.Now().Before(deadline); {
				runtime.Gosched()
			}
			if got := f.usage(); got.Secrets != 1 || got.Versions != 2 {
				t.Errorf("usage %+v after a restart, want one secret and two versions", got)
			}
		})
	}
}

// Exact sizes of values are not told by what a namespace holds.
func TestUsage_hidesSizes(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "one")
	if got := f.usage().Bytes; got != 1<<20 {
		t.Errorf("%d bytes are told of one small value, want a MiB", got)
	}
}

// A bound is set from above: whoever is bound cannot lift it.
func TestQuota_isSetFromAbove(t *testing.T) {
	f := newFixture(t)
	admin, above := f.with(authz.RoleNamespaceAdmin, "namespaces/team"), f.with(authz.RoleNamespaceAdmin, "namespaces/acme")
	set := func(by func() error, want error) {
		t.Helper()
		f.check(by(), want)
	}
	update := func(n secrets.Namespace, mask ...string) func() error {
		return func() error {
			_, err := f.UpdateNamespace(f.ctx(), admin, n, mask, false)
			return err
		}
	}
	team := "namespaces/team"
	set(update(secrets.Namespace{Name: team, Quota: secrets.Usage{Secrets: 5}}, "quota"), gate.ErrDenied)
	set(update(secrets.Namespace{Name: team, Quota: secrets.Usage{Bytes: 5}}, "quota.bytes"), gate.ErrDenied)
	set(update(secrets.Namespace{Name: team, Meta: secrets.Meta{Description: "d"}}, "description"), nil)
	n, err := f.UpdateNamespace(f.ctx(), above, secrets.Namespace{Name: team, Quota: secrets.Usage{Secrets: 5}}, []string{"quota"}, false)
	f.must(err)
	if n.Quota.Secrets != 5 {
		t.Errorf("quota %+v, want 5 secrets", n.Quota)
	}
	set(update(secrets.Namespace{Name: team}, "quota.secrets"), gate.ErrDenied)
	_, err = f.UpdateNamespace(f.ctx(), above, secrets.Namespace{Name: team, Quota: secrets.Usage{Versions: -1}}, nil, false)
	f.invalid(err, "namespace.quota")
}
