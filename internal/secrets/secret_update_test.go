package secrets_test

import (
	"testing"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// updated updates the description and the values of db.
func (f *fixture) updated(by authn.Caller, description string, pairs ...string) (secrets.Secret, error) {
	f.t.Helper()
	return f.UpdateSecret(f.ctx(), by, secrets.UpdateSecret{
		Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Description: description}}, Payload: payload(pairs...),
	})
}

// A payload is laid over the active version, together with what else is updated.
func TestUpdateSecret_payload(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "one", "other", "stays")
	before := f.revision()
	s, err := f.updated(f.root, "d", "k", "two")
	f.must(err)
	if s.Description != "d" || s.ActiveVersion != 2 || s.LatestVersion != 2 {
		t.Errorf("updated to %+v", s)
	}
	if f.value(db+"/versions/active", "k") != "two" || f.value(db+"/versions/active", "other") != "stays" || f.value(db+"/versions/1", "k") != "one" {
		t.Error("the versions are not those that were written")
	}
	if after := f.revision(); after != before+1 {
		t.Errorf("revision %d after %d: not one transaction", after, before)
	}
	// The same values are no version.
	s, err = f.updated(f.root, "e", "k", "two")
	f.must(err)
	if s.Description != "e" || s.ActiveVersion != 2 {
		t.Errorf("with the same values updated to %+v", s)
	}
	// An etag and validate_only count for all of it.
	_, err = f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Etag: "stale"}}, Payload: payload("k", "three")})
	f.check(err, secrets.ErrEtag)
	s, err = f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db}, Payload: payload("k", "two"), ValidateOnly: true})
	f.must(err)
	if s.ActiveVersion != 3 {
		t.Errorf("a dry run tells of version %d whether the values are the same", s.ActiveVersion)
	}
	_, err = f.updated(f.root, "f", "not a key", "x")
	f.invalid(err, "secret.payload")
	if s, err := f.GetSecret(f.ctx(), f.root, db); err != nil || s.Description != "e" || s.ActiveVersion != 2 {
		t.Errorf("after what was refused: %+v, %v", s, err)
	}
}

// Both rights are asked for before anything else, and one that is missing changes nothing.
func TestUpdateSecret_payloadRights(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "one")
	for _, action := range []string{"secret:update", "secret:addVersion"} {
		caller, _ := f.account("namespaces/acme/serviceAccounts/" + action[len("secret:"):])
		f.role("namespaces/acme/roles/"+action[len("secret:"):], "secret:get", action)
		_, err := f.give(f.root, "namespaces/acme", secrets.Grant{Principal: caller.Name, Role: "namespaces/acme/roles/" + action[len("secret:"):]})
		f.must(err)
		_, err = f.updated(caller, "d", "not a key", "x")
		f.check(err, gate.ErrDenied)
	}
	if s, err := f.GetSecret(f.ctx(), f.root, db); err != nil || s.Description != "" || s.ActiveVersion != 1 {
		t.Errorf("after denials: %+v, %v", s, err)
	}
}

// Quotas hold, and are no oracle; versions that were outgrown go.
func TestUpdateSecret_payloadQuota(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "one")
	f.limit(secrets.Usage{Versions: 1})
	writer := f.with(authz.RoleDeveloper, "namespaces/acme")
	for _, guess := range []string{"one", "two"} {
		_, err := f.updated(writer, "d", "k", guess)
		f.check(err, secrets.ErrQuota)
	}
	if s, err := f.GetSecret(f.ctx(), f.root, db); err != nil || s.Description != "" {
		t.Errorf("without room for the values: %+v, %v, want the description as it was", s, err)
	}
	_, err := f.updated(f.root, "d", "k", "one") // who may read it is told that it needs no room
	f.must(err)
	f.limit(secrets.Usage{Versions: 3})
	_, err = f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, MaxVersions: 2}, Payload: payload("k", "two")})
	f.must(err)
	_, err = f.updated(f.root, "", "k", "three")
	f.must(err)
	if s, err := f.GetSecret(f.ctx(), f.root, db); err != nil || s.ActiveVersion != 3 || s.MaxVersions != 2 {
		t.Errorf("updated to %+v, %v", s, err)
	}
	_, err = f.AccessSecretVersion(f.ctx(), f.root, db+"/versions/1")
	f.check(err, secrets.ErrVersionState)
}

// Where a payload may have one key alone, it joins no other, whoever adds one meanwhile; what is no payload is not held up.
func TestUpdateSecret_onlyKey(t *testing.T) {
	f := newFixture(t)
	update := func(payload plaintext.Payload, description string) error {
		_, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{
			Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Description: description}}, Payload: payload, OnlyKey: "k",
		})
		return err
	}
	f.secret(db, "k", "one")
	f.must(update(payload("k", "two"), ""))
	f.beforeWrite(func() { f.add(db, "k", "two", "other", "meanwhile") })
	f.check(update(payload("k", "three"), "d"), secrets.ErrPrecondition)
	if s, err := f.GetSecret(f.ctx(), f.root, db); err != nil || s.Description != "" || f.value(db+"/versions/active", "k") != "two" {
		t.Errorf("what was refused left %+v, %v", s, err)
	}
	f.must(update(nil, "d"))
	f.add(db, "other", "alone")
	f.check(update(payload("k", "three"), ""), secrets.ErrPrecondition)
}

// Annotations that change what others' workloads deliver of a secret take the right to change what is delivered.
func TestUpdateSecret_delivery(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.role("namespaces/acme/roles/describer", "secret:get", "secret:update")
	describer := user("describer")
	_, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", ID: "describer", Grant: secrets.Grant{
		Principal: describer.Name, Role: "namespaces/acme/roles/describer", Resource: db,
	}})
	f.must(err)
	update := func(caller authn.Caller, annotations map[string]string) error {
		_, err := f.UpdateSecret(f.ctx(), caller, secrets.UpdateSecret{
			Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Annotations: annotations}}, Mask: []string{"annotations"},
		})
		return err
	}
	files := map[string]string{naming.DataOSFiles: `{"k": "f"}`}
	f.check(update(describer, map[string]string{"team": "a"}), nil)
	f.check(update(describer, map[string]string{naming.DataOSType: naming.KeyValueProperties}), gate.ErrDenied)
	f.check(update(describer, files), gate.ErrDenied)
	f.check(update(f.root, files), nil)
	f.check(update(describer, map[string]string{"team": "b", naming.DataOSFiles: `{"k": "f"}`}), nil)
	f.check(update(describer, nil), gate.ErrDenied)
}
