package secrets_test

import (
	"testing"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Who creates a secret owns it, and may give on it what it holds itself: no more, no longer, and on nothing else.
func TestOwner_gives(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/acme/secrets/theirs", "k", "v")
	owner := f.with(authz.RoleDeveloper, "namespaces/acme")
	s, err := f.CreateSecret(f.ctx(), owner, secrets.CreateSecret{Parent: "namespaces/acme", ID: "db", Payload: payload("k", "v")})
	if f.must(err); s.Owner != owner.Name {
		t.Errorf("the owner is %q, want %q", s.Owner, owner.Name)
	}
	give := func(role authz.Role, resource string) error {
		_, err := f.give(owner, "namespaces/acme", secrets.Grant{Principal: "user:friend", Role: string(role), Resource: resource})
		return err
	}
	f.check(give(authz.RoleSecretUser, db), nil)
	f.check(give(authz.RoleDeveloper, db), nil)
	f.check(give(authz.RoleSecretReader, db), gate.ErrDenied)
	f.check(give(authz.RoleDataAdmin, db), gate.ErrDenied)
	f.check(give(authz.RoleSecretUser, ""), gate.ErrDenied)
	f.check(give(authz.RoleSecretUser, "namespaces/acme/secrets/theirs"), gate.ErrDenied)
	list, _, err := f.ListGrants(f.ctx(), owner, "namespaces/acme", secrets.Page{Filter: `principal = "user:friend"`})
	if err != nil || len(list) != 2 {
		t.Errorf("the owner is shown %+v, %v; want the two", list, err)
	}
	reader := f.grant(user("reader"), authz.RoleSecretReader, db)
	f.check(erred(f.DeleteGrant(f.ctx(), owner, reader, "", false)), gate.ErrDenied)
	f.check(erred(f.DeleteGrant(f.ctx(), owner, list[0].Name, "", false)), nil)
	f.drop(db)
	f.check(erred(f.DeleteGrant(f.ctx(), owner, list[1].Name, "", false)), nil)
	// One made later under the name is not its own.
	f.secret(db, "k", "v")
	f.check(give(authz.RoleSecretUser, db), gate.ErrDenied)
}

func TestOwner_changes(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	developer, admin := f.with(authz.RoleDeveloper, "namespaces/acme"), f.with(authz.RoleNamespaceAdmin, "namespaces/acme")
	set := func(by authn.Caller, owner string, mask ...string) error {
		return only(f.UpdateSecret(f.ctx(), by, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Owner: owner}, Mask: mask}))
	}
	create := func(by authn.Caller, owner string) error {
		return only(f.CreateSecret(f.ctx(), by, secrets.CreateSecret{Parent: "namespaces/acme", ID: "new", Secret: secrets.Secret{Owner: owner}, ValidateOnly: true}))
	}
	f.check(set(developer, developer.Name), gate.ErrDenied)
	f.check(set(developer, "", "owner"), gate.ErrDenied)
	f.check(set(developer, f.root.Name), nil) // as it is
	f.check(create(developer, developer.Name), nil)
	f.check(create(developer, "user:other"), gate.ErrDenied)
	f.check(create(admin, "user:other"), nil)
	f.check(set(admin, developer.Name), nil)
	f.check(f.give3(developer), nil)
	f.check(set(admin, "", "owner"), nil)
	f.check(f.give3(developer), gate.ErrDenied)
	for _, owner := range []string{"someone", "group:data", "serviceAccount:namespaces/other/serviceAccounts/none", "user:"} {
		f.invalid(set(admin, owner), "secret.owner")
		f.invalid(create(admin, owner), "secret.owner")
	}
	list, _, err := f.ListSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{Filter: "owner = nobody"})
	if err != nil || len(list) != 0 {
		t.Errorf("listed %v, %v", list, err)
	}
	f.check(set(admin, "user:o"), nil)
	list, _, err = f.ListSecrets(f.ctx(), f.root, "namespaces/acme", secrets.Page{Filter: `owner = "user:o"`})
	if err != nil || len(list) != 1 {
		t.Errorf("listed %v, %v", list, err)
	}
}

// give3 tries to give a role on db.
func (f *fixture) give3(by authn.Caller) error {
	_, err := f.give(by, "namespaces/acme", secrets.Grant{Principal: "user:friend", Role: "viewer", Resource: db})
	return err
}

// An account made again under its old name owns nothing.
func TestOwner_recreated(t *testing.T) {
	f := newFixture(t)
	const name = "namespaces/acme/serviceAccounts/etl"
	first, _ := f.account(name)
	f.grant(first, authz.RoleDeveloper, "namespaces/acme")
	_, err := f.CreateSecret(f.ctx(), first, secrets.CreateSecret{Parent: "namespaces/acme", ID: "db"})
	f.must(err)
	f.check(f.give3(first), nil)
	f.must(erred(f.DeleteServiceAccount(f.ctx(), f.root, name, "", false)))
	second, _ := f.account(name)
	f.grant(second, authz.RoleDeveloper, "namespaces/acme")
	f.check(f.give3(second), gate.ErrDenied)
	// Sending the owner back as it was read changes nothing.
	_, err = f.UpdateSecret(f.ctx(), second, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Owner: second.Name}, Mask: []string{"owner"}})
	f.must(err)
	f.check(f.give3(second), gate.ErrDenied)
}

// The owner of a record written before owners were principals is text: it is shown, and gives nothing.
func TestOwner_ofOldRecords(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	developer := f.with(authz.RoleDeveloper, "namespaces/acme")
	n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/acme")
	f.must(err)
	_, err = f.store.Update(f.ctx(), func(tx *sealed.Tx) error {
		r, k := &storev1.Secret{}, storage.Key("data/secret/"+n.UID+"/db")
		if _, err := tx.Get("coffer/secret/v1", n.UID, k, r); err != nil {
			return err
		}
		r.Owner, r.OwnedBy = developer.Name, nil
		return tx.Put("coffer/secret/v1", n.UID, k, r)
	})
	f.must(err)
	f.check(f.give3(developer), gate.ErrDenied)
	_, err = f.UpdateSecret(f.ctx(), developer, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Description: "x"}, Owner: developer.Name}})
	f.must(err)
	s, err := f.GetSecret(f.ctx(), f.root, db)
	if err != nil || s.Owner != developer.Name {
		t.Errorf("GetSecret = %+v, %v", s, err)
	}
	f.check(f.give3(developer), gate.ErrDenied)
	_, err = f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Owner: "user:o"}})
	f.must(err)
	if s, err = f.GetSecret(f.ctx(), f.root, db); err != nil || s.Owner != "user:o" {
		t.Errorf("GetSecret = %+v, %v", s, err)
	}
}
