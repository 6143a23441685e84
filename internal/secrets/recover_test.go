package secrets_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// recovered is who the recovery lets in, once the domain is opened again.
func (f *fixture) recovered(r secrets.Recovery) (caller authn.Caller, token string) {
	f.t.Helper()
	f.halt()
	r.Store, r.Audit, r.Now = f.store, f.log, f.now()
	r.Keep = func(secret string) error { token = secret; return nil }
	name, err := secrets.Recover(f.ctx(), r)
	f.must(err)
	f.open()
	caller = f.login(token)
	if caller.Name != "serviceAccount:"+name || !caller.TokenExpire.Equal(f.now().Add(24*time.Hour)) {
		f.t.Errorf("%s was let in as %+v", name, caller)
	}
	return caller, token
}

func TestRecover(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	caller, token := f.recovered(secrets.Recovery{})
	if !strings.HasPrefix(caller.Name, "serviceAccount:namespaces/instance/serviceAccounts/recovery-") {
		t.Errorf("it is for %s", caller.Name)
	}
	_, err := f.AccessSecretVersion(f.ctx(), caller, at(db, 1))
	f.check(err, nil)
	// It gives what lasts: whoever is let in can let others in for good.
	_, err = f.CreateGrant(f.ctx(), caller, secrets.CreateGrant{Parent: "namespaces/instance", Grant: secrets.Grant{Principal: "user:alice", Role: "operator"}})
	f.check(err, nil)
	page, err := f.log.List(f.ctx(), audit.Query{Kind: audit.KindSystem, Principal: caller.Name})
	f.must(err)
	if len(page.Events) != 1 || page.Events[0].Action != "grant:operator" || page.Events[0].Resource != "namespaces/instance" ||
		!strings.HasPrefix(page.Events[0].Detail, "recovery by who holds the KEK and the data dir: grant recovery-") || strings.Contains(page.Events[0].Detail, token) {
		t.Errorf("the log has %+v", page.Events)
	}
	f.pass(25 * time.Hour)
	_, err = f.tries(token, "")
	f.check(err, authn.ErrUnauthenticated)
}

// An account that exists may be recovered again and again, and keeps what it is.
func TestRecover_again(t *testing.T) {
	f := newFixture(t)
	first, _ := f.recovered(secrets.Recovery{Account: "keeper"})
	second, _ := f.recovered(secrets.Recovery{Account: "keeper"})
	if first.UID != second.UID || first.TokenUID == second.TokenUID {
		t.Errorf("first %+v, then %+v", first, second)
	}
}

// Into an isolated namespace leads no role on the instance; its admin is given back in it.
func TestRecover_isolated(t *testing.T) {
	f := newFixture(t)
	f.namespace("vault", "acme")
	f.grant(user("who left"), authz.RoleNamespaceAdmin, "namespaces/vault")
	_, err := f.UpdateNamespace(f.ctx(), f.root, secrets.Namespace{Name: "namespaces/vault", Isolated: true}, nil, false)
	f.must(err)
	operator, _ := f.recovered(secrets.Recovery{})
	create := secrets.CreateSecret{Parent: "namespaces/vault", ID: "s"}
	_, err = f.CreateSecret(f.ctx(), operator, create)
	f.check(err, gate.ErrDenied)
	admin, _ := f.recovered(secrets.Recovery{Namespace: "vault", Account: "vault-keeper"})
	_, err = f.CreateSecret(f.ctx(), admin, create)
	f.check(err, nil)
	create.Parent = "namespaces/other"
	_, err = f.CreateSecret(f.ctx(), admin, create)
	f.check(err, gate.ErrDenied)
}

// Where it cannot be recorded, or the token cannot be kept, nothing is written.
func TestRecover_refused(t *testing.T) {
	f := newFixture(t)
	before := f.stored("access/")
	lost := errors.New("disk full")
	r := secrets.Recovery{Store: f.store, Audit: f.log, Keep: func(string) error { return lost }}
	_, err := secrets.Recover(f.ctx(), r)
	f.check(err, lost)
	r.Keep = func(string) error { t.Error("a token was handed out"); return nil }
	for _, wrong := range []secrets.Recovery{{Account: "a/b"}, {Namespace: "none"}} {
		r.Account, r.Namespace = wrong.Account, wrong.Namespace
		if _, err := secrets.Recover(f.ctx(), r); err == nil {
			t.Errorf("Recover(%+v) succeeds", wrong)
		}
	}
	r.Account, r.Namespace, r.Audit = "", "", nil
	if _, err := secrets.Recover(f.ctx(), r); err == nil {
		t.Error("it goes on without a log")
	}
	if after := f.stored("access/"); after != before {
		t.Errorf("%d records, then %d", before, after)
	}
}
