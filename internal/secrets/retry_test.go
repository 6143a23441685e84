package secrets_test

import (
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/secrets"
)

const aRequest = "3a0b6c3e-3f0e-4d3a-9a53-6d1d0a2f4b11"

// A retried create answers at once, also when much was written since that has nothing to do with access control.
func TestRequestID_ofAccess(t *testing.T) {
	f := newFixture(t)
	f.account("namespaces/acme/serviceAccounts/etl")
	f.secret(db, "k", "v")
	soon := f.now().Add(time.Hour)
	calls := map[string]func() (string, error){
		"CreateNamespace": func() (string, error) {
			n, err := f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: "late", RequestID: aRequest})
			return n.UID, err
		},
		"CreateServiceAccount": func() (string, error) {
			a, err := f.CreateServiceAccount(f.ctx(), f.root, secrets.CreateServiceAccount{Parent: "namespaces/other", ID: "a", RequestID: "4" + aRequest[1:]})
			return a.UID, err
		},
		"CreateToken": func() (string, error) {
			token, err := f.CreateToken(f.ctx(), f.root, secrets.CreateToken{Parent: "namespaces/acme/serviceAccounts/etl", RequestID: "5" + aRequest[1:]})
			return token.UID, err
		},
		"CreateGrant": func() (string, error) {
			g, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", RequestID: "6" + aRequest[1:], Grant: secrets.Grant{
				Principal: "user:alice", Role: string(authz.RoleViewer), ExpireTime: soon,
			}})
			return g.UID, err
		},
	}
	for name, call := range calls {
		first, err := call()
		f.must(err)
		f.add(db, "k", name) // the newest revision is not one of access control
		again, err := call()
		if err != nil || again != first || first == "" {
			t.Errorf("%s retried = %q, %v; want %q", name, again, err, first)
		}
	}
	f.pass(2 * time.Hour) // the grant has expired: the retry answers all the same
	if _, err := calls["CreateGrant"](); err != nil {
		t.Errorf("CreateGrant retried after what it gave expired: %v", err)
	}
}

// What a retry names may be gone by now.
func TestRequestID_ofProjection(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	create := secrets.CreateProjection{Parent: "namespaces/acme", ID: "p", RequestID: aRequest, Projection: secrets.Projection{Items: []secrets.Item{env(db, "k", "K")}}}
	first, err := f.CreateProjection(f.ctx(), f.root, create)
	f.must(err)
	_, err = f.DeleteSecret(f.ctx(), f.root, db, "", true, false)
	f.must(err)
	again, err := f.CreateProjection(f.ctx(), f.root, create)
	if err != nil || again.UID != first.UID {
		t.Errorf("retried = %q, %v; want %q", again.UID, err, first.UID)
	}
}

// A request that was forgotten may be used anew, and is then remembered as long as any.
func TestRequestID_anew(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	add := func() string {
		v, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("k", "w"), Stage: true, RequestID: aRequest})
		f.must(err)
		return v.Name
	}
	first := add()
	f.pass(24*time.Hour + time.Minute)
	second := add()
	if second == first {
		t.Fatalf("a forgotten request answers %s again", first)
	}
	f.pass(2 * time.Hour)
	f.must(secrets.ForgetRequests(f.Service, f.ctx()))
	if third := add(); third != second {
		t.Errorf("retried = %s, want %s", third, second)
	}
}
