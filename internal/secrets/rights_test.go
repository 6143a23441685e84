package secrets_test

import (
	"testing"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// The log tells what exactly was done, also when it is undone since: who received which role, which token was minted,
// which version was read or destroyed.
func TestAudit_whatExactly(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.add(db, "k", "w")
	f.account("namespaces/acme/serviceAccounts/etl")
	caller := f.root
	tests := []struct {
		name, resource, detail string
		call                   func() error
	}{
		{"a namespace", "namespaces/late", "", func() error {
			_, err := f.CreateNamespace(f.ctx(), caller, secrets.CreateNamespace{ID: "late", Namespace: secrets.Namespace{Parent: "namespaces/acme"}})
			return err
		}},
		{"a grant", db, "grant sneaky: secret-reader to user:mallory", func() error {
			_, err := f.CreateGrant(f.ctx(), caller, secrets.CreateGrant{Parent: "namespaces/acme", ID: "sneaky", Grant: secrets.Grant{
				Principal: "user:mallory", Role: string(authz.RoleSecretReader), Resource: db,
			}})
			return err
		}},
		{"a grant taken away", db, "grant sneaky: secret-reader to user:mallory", func() error {
			return erred(f.DeleteGrant(f.ctx(), caller, "namespaces/acme/grants/sneaky", "", false))
		}},
		{"a token", "namespaces/acme/serviceAccounts/etl", "token t2, which reaches what serviceAccount:namespaces/acme/serviceAccounts/etl reaches", func() error {
			_, err := f.CreateToken(f.ctx(), caller, secrets.CreateToken{Parent: "namespaces/acme/serviceAccounts/etl", ID: "t2"})
			return err
		}},
		{"a token revoked", "namespaces/acme/serviceAccounts/etl/tokens/t2", "token t2", func() error {
			return erred(f.DeleteToken(f.ctx(), caller, "namespaces/acme/serviceAccounts/etl/tokens/t2", "", false))
		}},
		{"values by an alias", db, "version 2", func() error {
			_, err := f.AccessSecretVersion(f.ctx(), caller, at(db, "active"))
			return err
		}},
		{"a version destroyed", db, "version 1", func() error {
			_, err := f.DestroySecretVersion(f.ctx(), caller, at(db, 1), "", false)
			return err
		}},
	}
	for i, test := range tests {
		caller.RequestID = "told-" + string(rune('a'+i))
		f.must(test.call())
		events, _ := f.decisions(caller.RequestID)
		for _, e := range events {
			if e.Resource != test.resource || e.Detail != test.detail || e.Decision != audit.Allow {
				t.Errorf("%s: %s %s %q, want %s %q", test.name, e.Decision, e.Resource, e.Detail, test.resource, test.detail)
			}
		}
		if len(events) == 0 {
			t.Errorf("%s: nothing was recorded", test.name)
		}
	}
}

// Keeping fewer versions destroys the others, so it takes the right to destroy.
func TestUpdateSecret_fewerVersions(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "1")
	f.add(db, "k", "2")
	f.add(db, "k", "3")
	developer, admin := f.with(authz.RoleDeveloper, "namespaces/acme"), f.with(authz.RoleDataAdmin, "namespaces/acme")
	lower := secrets.UpdateSecret{Secret: secrets.Secret{Name: db, MaxVersions: 1}}
	_, err := f.UpdateSecret(f.ctx(), developer, lower)
	f.check(err, gate.ErrDenied)
	_, err = f.UpdateSecret(f.ctx(), developer, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, MaxVersions: 3}})
	f.check(err, nil)
	f.value(at(db, 1), "k")
	_, err = f.UpdateSecret(f.ctx(), admin, lower)
	f.check(err, nil)
	_, err = f.AccessSecretVersion(f.ctx(), f.root, at(db, 1))
	f.check(err, secrets.ErrVersionState)
}

// Doing what is done already changes nothing, not even an etag.
func TestVersionState_again(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "1")
	f.add(db, "k", "2")
	for name, call := range map[string]func() (secrets.Version, error){
		"destroy": func() (secrets.Version, error) {
			return f.DestroySecretVersion(f.ctx(), f.root, at(db, 1), "", false)
		},
		"enable": func() (secrets.Version, error) {
			return f.EnableSecretVersion(f.ctx(), f.root, at(db, 2), "", false)
		},
		"activate": func() (secrets.Version, error) {
			return f.ActivateSecretVersion(f.ctx(), f.root, at(db, 2), "", false)
		},
	} {
		first, err := call()
		f.must(err)
		before := f.revision()
		again, err := call()
		f.must(err)
		if again.Etag != first.Etag || f.revision() != before {
			t.Errorf("%s again: etag %s, then %s; revision %d, then %d", name, first.Etag, again.Etag, before, f.revision())
		}
	}
}

// A right to one secret takes, and tells of, no other name.
func TestUndeleteSecret_underAnotherName(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.secret("namespaces/acme/secrets/hidden", "k", "v")
	owner := f.with(authz.RoleDeveloper, db)
	gone := f.drop(db)
	for _, id := range []string{"hidden", "free"} {
		_, err := f.UndeleteSecret(f.ctx(), owner, gone, id, true)
		f.check(err, gate.ErrDenied)
	}
	_, err := f.UndeleteSecret(f.ctx(), owner, gone, "db", false)
	f.check(err, nil)
}

// A grant follows its secret to the name it has now.
func TestGetGrant_renamed(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	name := f.grant(user("alice"), authz.RoleSecretReader, db)
	gone := f.drop(db)
	f.secret(db, "k", "other")
	_, err := f.UndeleteSecret(f.ctx(), f.root, gone, "db2", false)
	f.must(err)
	g, err := f.GetGrant(f.ctx(), f.root, name)
	if want := "namespaces/acme/secrets/db2"; err != nil || g.Resource != want || g.Dangling {
		t.Errorf("GetGrant = on %s, dangling %v, %v; want on %s", g.Resource, g.Dangling, err, want)
	}
}

// The last way in for an operator stays.
func TestDelete_lastOperator(t *testing.T) {
	f := newFixture(t)
	const bootstrap = "namespaces/instance/serviceAccounts/bootstrap"
	ways := map[string]func(validateOnly bool) error{
		"grant": func(v bool) error {
			return erred(f.DeleteGrant(f.ctx(), f.root, "namespaces/instance/grants/bootstrap", "", v))
		},
		"account": func(v bool) error { return erred(f.DeleteServiceAccount(f.ctx(), f.root, bootstrap, "", v)) },
		"token":   func(v bool) error { return erred(f.DeleteToken(f.ctx(), f.root, bootstrap+"/tokens/first", "", v)) },
	}
	f.grant(user("alice"), authz.RoleOperator, "namespaces/instance") // nobody can log in as alice
	for name, remove := range ways {
		if err := remove(false); err == nil {
			t.Errorf("the last operator's %s was deleted", name)
		}
	}
	f.mint(secrets.CreateToken{Parent: "users/alice", ID: "once", UseLimit: 1}) // it may be used up before another is minted
	if err := ways["token"](false); err == nil {
		t.Error("the last operator's token was deleted but for one that is counted")
	}
	f.account("namespaces/acme/serviceAccounts/ops")
	_, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/instance", Grant: secrets.Grant{
		Principal: "serviceAccount:namespaces/acme/serviceAccounts/ops", Role: string(authz.RoleOperator),
	}})
	f.must(err)
	for name, remove := range ways {
		if err := remove(true); err != nil {
			t.Errorf("with another operator, the %s cannot be deleted: %v", name, err)
		}
	}
}
