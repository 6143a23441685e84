package secrets_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// While access control cannot follow the store nothing is allowed; once it can, what was written meanwhile is in force.
func TestFeed_cannotFollow(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	reader := f.with(authz.RoleSecretReader, db)
	broken, down := errors.New("broken"), make(chan struct{})
	fail := func() error {
		// From here on it cannot be read anew either.
		f.engine.Set(storagetest.Faults{Read: func(r storage.Record) (storage.Record, error) {
			if r.Key[:7] == "access/" {
				return r, broken
			}
			return r, nil
		}})
		close(down)
		return broken
	}
	f.watch.Store(&fail)
	written := make(chan error)
	go func() {
		_, err := f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: "late"})
		written <- err
	}()
	<-down
	for f.Fresh() == nil {
		runtime.Gosched()
	}
	_, err := f.AccessSecretVersion(f.ctx(), reader, at(db, 1))
	f.check(err, gate.ErrUnavailable)
	if f.Ready() == nil {
		t.Error("it is ready though it cannot follow")
	}
	f.engine.Set(storagetest.Faults{})
	f.check(<-written, nil) // whoever wrote waits until it is in force
	f.check(f.Fresh(), nil)
	f.value(at(db, 1), "k")
	_, err = f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/late", ID: "s"})
	f.check(err, nil)
}

// Everything that access control depends on is found again in a store that is opened anew.
func TestOpen_again(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	caller, token := f.account("namespaces/acme/serviceAccounts/etl")
	f.grant(caller, authz.RoleSecretReader, db)
	_, err := f.DeleteNamespace(f.ctx(), f.root, "namespaces/other", "", false)
	f.must(err)
	again := f.reopen()
	if got := again.login(token); got.Name != caller.Name || got.UID != caller.UID {
		t.Errorf("the token stands for %+v, want %+v", got, caller)
	}
	_, err = again.AccessSecretVersion(f.ctx(), caller, at(db, 1))
	f.check(err, nil)
	_, err = again.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/other", ID: "s"})
	f.check(err, secrets.ErrNamespaceDeleted)
	if !again.BootstrapAlive() {
		t.Error("the first start's account is gone")
	}
}

// The first start happens once, and its token is kept before the store depends on it.
func TestBootstrap(t *testing.T) {
	f := newFixture(t)
	called := false
	f.must(secrets.Bootstrap(f.ctx(), f.store, start, func(string) error { called = true; return nil }))
	if called {
		t.Error("a second start mints a token")
	}
}
