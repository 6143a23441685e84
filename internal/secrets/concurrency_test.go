package secrets_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// together runs the functions at once and waits for all of them.
func together(fns ...func()) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for _, fn := range fns {
		all.Go(func() {
			<-begin
			fn()
		})
	}
	close(begin)
	all.Wait()
}

func TestConcurrency_versionsOfOneSecret(t *testing.T) {
	f := newFixture(t)
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: "db", Secret: secrets.Secret{MaxVersions: 100}})
	f.must(err)
	const n = 64
	names := make([]string, n)
	var fns []func()
	for i := range n {
		fns = append(fns, func() {
			v, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", fmt.Sprint(i))})
			f.check(err, nil)
			names[i] = v.Name
		})
	}
	together(fns...)
	for i, name := range names {
		if got := f.value(name, "k"); got != fmt.Sprint(i) {
			t.Errorf("%s delivers %q, want %d", name, got, i)
		}
	}
	slices.Sort(names)
	if distinct := slices.Compact(names); len(distinct) != n {
		t.Errorf("%d numbers for %d versions", len(distinct), n)
	}
	if s, err := f.GetSecret(f.ctx(), f.root, db); err != nil || s.ActiveVersion != n || s.LatestVersion != n {
		t.Errorf("GetSecret = %+v, %v; want version %d active", s, err, n)
	}
}

func TestConcurrency_oneCreatorWins(t *testing.T) {
	f := newFixture(t)
	var mu sync.Mutex
	var won int
	var fns []func()
	for i := range 16 {
		fns = append(fns, func() {
			_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: "db", Payload: payload("k", fmt.Sprint(i))})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else {
				f.check(err, secrets.ErrExists)
			}
		})
	}
	together(fns...)
	if won != 1 {
		t.Errorf("%d callers created the secret", won)
	}
}

// A retry that races with the first call is answered as it was, and nothing is done twice.
func TestConcurrency_sameRequestID(t *testing.T) {
	f := newFixture(t)
	f.secret(db)
	var mu sync.Mutex
	names := map[string]int{}
	var fns []func()
	for range 16 {
		fns = append(fns, func() {
			v, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "v"), RequestID: "b5a2f2a4-7f5c-4a70-9d4b-0a3f4a8fbb10"})
			f.check(err, nil)
			mu.Lock()
			defer mu.Unlock()
			names[fmt.Sprint(v.Name, v.Etag, v.Revision, v.Unchanged)]++
		})
	}
	together(fns...)
	if len(names) != 1 {
		t.Errorf("answers %v, want one and the same", names)
	}
	f.wantHistory(db, "1 enabled active")
}

// Either the secret is deleted and the projection refused, or the projection stands and guards the secret.
func TestConcurrency_deleteAgainstProjection(t *testing.T) {
	f := newFixture(t)
	var both, deleted int
	for i := range 40 {
		secret := fmt.Sprintf("namespaces/acme/secrets/s%d", i)
		projection := fmt.Sprintf("namespaces/acme/projections/p%d", i)
		f.secret(secret, "k", "v")
		var deleting, creating error
		together(
			func() { _, deleting = f.DeleteSecret(f.ctx(), f.root, secret, "", false, false) },
			func() {
				_, creating = f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{
					Parent: "namespaces/acme", ID: fmt.Sprint("p", i), Projection: secrets.Projection{Items: []secrets.Item{env(secret, "k", "K")}},
				})
			},
		)
		switch {
		case deleting == nil && creating == nil:
			both++
		case deleting == nil:
			deleted++
			var invalid *secrets.InvalidError
			if !errors.Is(creating, secrets.ErrDangling) && !errors.As(creating, &invalid) {
				t.Errorf("creating the projection = %v", creating)
			}
		case creating == nil:
			if _, ok := errors.AsType[*secrets.InUseError](deleting); !ok {
				t.Errorf("deleting the secret = %v, want it in use", deleting)
			}
			if got := f.rendered(projection)["K"]; got != "v" {
				t.Errorf("rendered %q", got)
			}
		default:
			t.Errorf("both fail: %v and %v", deleting, creating)
		}
	}
	if both > 0 {
		t.Errorf("%d projections stand on secrets that were deleted unforced", both)
	}
	t.Logf("the deletion won %d times of 40", deleted)
}

// A secret that is deleted and created anew between the decision and the write is not the one that was decided on.
func TestConcurrency_recreatedBeforeTheWrite(t *testing.T) {
	f := newFixture(t)
	writes := map[string]func() error{
		"CreateProjection": func() error {
			items := []secrets.Item{env("db", "k", "K")}
			return only(f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{Parent: "namespaces/acme", ID: "etl", Projection: secrets.Projection{Items: items}}))
		},
		"AddSecretVersion": func() error {
			return only(f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "w")}))
		},
		"UpdateSecret": func() error {
			return only(f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Description: "x"}}}))
		},
		"DeleteSecret": func() error { return only(f.DeleteSecret(f.ctx(), f.root, db, "", false, false)) },
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			f.secret(db, "k", "old")
			f.engine.Set(storagetest.Faults{Update: func() error {
				f.engine.Set(storagetest.Faults{})
				f.drop(db)
				f.secret(db, "k", "new")
				return nil
			}})
			if err := write(); !errors.Is(err, secrets.ErrNotFound) && !errors.Is(err, secrets.ErrDangling) {
				t.Errorf("%s = %v, want the secret gone", name, err)
			}
			f.wantHistory(db, "1 enabled active")
			f.drop(db)
		})
	}
}

// No secret lives in a deleted namespace, unless the door was opened again.
func TestConcurrency_deleteNamespaceAgainstCreate(t *testing.T) {
	f := newFixture(t)
	for i := range 30 {
		ns := f.namespace(fmt.Sprint("n", i), "acme").Name
		var deleting, creating error
		create := []func() error{
			func() error {
				return only(f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: ns, ID: "s", Payload: payload("k", "v")}))
			},
			func() error {
				return only(f.CreateServiceAccount(f.ctx(), f.root, secrets.CreateServiceAccount{Parent: ns, ID: "s"}))
			},
			func() error {
				return only(f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: fmt.Sprint("below", i), Namespace: secrets.Namespace{Parent: ns}}))
			},
		}[i%3]
		together(
			func() { _, deleting = f.DeleteNamespace(f.ctx(), f.root, ns, "", false) },
			func() { creating = create() },
		)
		n, err := f.GetNamespace(f.ctx(), f.root, ns)
		f.must(err)
		closed := !n.DeleteTime.IsZero()
		if closed != (deleting == nil) {
			t.Errorf("deleting = %v, but the namespace is closed: %v", deleting, closed)
		}
		if closed && creating == nil {
			t.Errorf("something was created in %s, which is deleted", ns)
		}
		if creating != nil && !errors.Is(creating, secrets.ErrNamespaceDeleted) {
			t.Errorf("creating = %v", creating)
		}
		if deleting != nil && !errors.Is(deleting, secrets.ErrNamespaceNotEmpty) {
			t.Errorf("deleting = %v", deleting)
		}
	}
}

// A token minted while its account is deleted never works afterwards.
func TestConcurrency_deleteAccountAgainstToken(t *testing.T) {
	f := newFixture(t)
	for i := range 20 {
		name := fmt.Sprintf("namespaces/acme/serviceAccounts/a%d", i)
		_, first := f.account(name)
		var token secrets.Token
		var minting, deleting error
		together(
			func() { token, minting = f.CreateToken(f.ctx(), f.root, secrets.CreateToken{Parent: name}) },
			func() { deleting = erred(f.DeleteServiceAccount(f.ctx(), f.root, name, "", false)) },
		)
		f.check(deleting, nil)
		if minting != nil {
			f.check(minting, secrets.ErrNotFound)
		}
		for _, secret := range []string{first, token.Secret} {
			_, err := f.Authenticator().Authenticate(f.ctx(), authn.Credentials{Bearer: secret})
			if err == nil {
				t.Error("a token of a deleted account works")
			}
		}
	}
}
