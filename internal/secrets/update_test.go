package secrets_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
)

// full is a secret with every field that can be sent.
func full() secrets.Secret {
	return secrets.Secret{
		Meta: secrets.Meta{
			Description: "d", Labels: map[string]string{"team": "orders", "a.b/c": "x"}, Annotations: map[string]string{"note": "n", "Über": "ü"},
		},
		Type: "key-value", AccessMode: secrets.AccessRead, Owner: "user:o", MaxVersions: 7, ExpireTime: start.Add(time.Hour),
		NextRotationTime: start.Add(2 * time.Hour), RotationPeriod: 3 * time.Hour,
	}
}

// ignoreOutput leaves out what every write changes.
var ignoreOutput = cmpopts.IgnoreFields(secrets.Secret{}, "Meta.Etag", "Meta.Revision", "Meta.UpdateTime", "Meta.UpdatedBy")

func TestUpdateSecret_mask(t *testing.T) {
	f := newFixture(t)
	later := start.Add(100 * time.Hour)
	tests := []struct {
		name string
		mask []string
		sent secrets.Secret
		want func(*secrets.Secret)
	}{
		{"nothing sent", nil, secrets.Secret{}, func(*secrets.Secret) {}},
		{"one field present", nil, secrets.Secret{Owner: "user:x"}, func(s *secrets.Secret) { s.Owner = "user:x" }},
		{"etag is never part of it", []string{"etag", "owner"}, secrets.Secret{Owner: "user:x"}, func(s *secrets.Secret) { s.Owner = "user:x" }},
		{"labels present", nil, secrets.Secret{Meta: secrets.Meta{Labels: map[string]string{"new": "1"}}}, func(s *secrets.Secret) { s.Labels = map[string]string{"new": "1"} }},
		{
			"what is sent beside the mask is ignored",
			[]string{"description"},
			secrets.Secret{Meta: secrets.Meta{Description: "x"}, Owner: "user:y", MaxVersions: 3},
			func(s *secrets.Secret) { s.Description = "x" },
		},
		{
			"named but not sent is cleared",
			[]string{"description", "labels", "expire_time"},
			secrets.Secret{},
			func(s *secrets.Secret) { s.Description, s.Labels, s.ExpireTime = "", nil, time.Time{} },
		},
		{
			"JSON names",
			[]string{"accessMode", "maxVersions", "expireTime"},
			secrets.Secret{AccessMode: secrets.AccessReadWrite, MaxVersions: 9, ExpireTime: later},
			func(s *secrets.Secret) { s.AccessMode, s.MaxVersions, s.ExpireTime = secrets.AccessReadWrite, 9, later },
		},
		{
			"proto names",
			[]string{"access_mode", "max_versions", "expire_time"},
			secrets.Secret{AccessMode: secrets.AccessReadWrite, MaxVersions: 9, ExpireTime: later},
			func(s *secrets.Secret) { s.AccessMode, s.MaxVersions, s.ExpireTime = secrets.AccessReadWrite, 9, later },
		},
		{
			"one label",
			[]string{"labels.team"},
			secrets.Secret{Meta: secrets.Meta{Labels: map[string]string{"team": "x", "not": "named"}}},
			func(s *secrets.Secret) { s.Labels["team"] = "x" },
		},
		{
			"a label with dots",
			[]string{"labels.a.b/c"},
			secrets.Secret{Meta: secrets.Meta{Labels: map[string]string{"a.b/c": "y"}}},
			func(s *secrets.Secret) { s.Labels["a.b/c"] = "y" },
		},
		{
			"a label in capitals",
			[]string{"labels.newKey"},
			secrets.Secret{Meta: secrets.Meta{Labels: map[string]string{"newKey": "y"}}},
			func(s *secrets.Secret) { s.Labels["newKey"] = "y" },
		},
		{"a label removed", []string{"labels.team"}, secrets.Secret{}, func(s *secrets.Secret) { delete(s.Labels, "team") }},
		{
			"an annotation",
			[]string{"annotations.Über"},
			secrets.Secret{Meta: secrets.Meta{Annotations: map[string]string{"Über": "z"}}},
			func(s *secrets.Secret) { s.Annotations["Über"] = "z" },
		},
		{
			"the whole rotation",
			[]string{"rotation"},
			secrets.Secret{RotationPeriod: 5 * time.Hour},
			func(s *secrets.Secret) { s.NextRotationTime, s.RotationPeriod = time.Time{}, 5*time.Hour },
		},
		{"half of the rotation present", nil, secrets.Secret{RotationPeriod: 5 * time.Hour}, func(s *secrets.Secret) { s.RotationPeriod = 5 * time.Hour }},
		{"the other half", nil, secrets.Secret{NextRotationTime: later}, func(s *secrets.Secret) { s.NextRotationTime = later }},
		{"half of the rotation named", []string{"rotation.nextRotationTime"}, secrets.Secret{NextRotationTime: later}, func(s *secrets.Secret) { s.NextRotationTime = later }},
		{"half of it cleared", []string{"rotation.period"}, secrets.Secret{}, func(s *secrets.Secret) { s.RotationPeriod = 0 }},
		{"max_versions cleared is the default", []string{"max_versions"}, secrets.Secret{}, func(s *secrets.Secret) { s.MaxVersions = 10 }},
		{"the same type", nil, secrets.Secret{Type: "key-value", Owner: "user:x"}, func(s *secrets.Secret) { s.Owner = "user:x" }},
		{"everything", []string{"*"}, secrets.Secret{Owner: "user:x"}, func(s *secrets.Secret) {
			*s = secrets.Secret{
				Meta: secrets.Meta{UID: s.UID, CreateTime: s.CreateTime, CreatedBy: s.CreatedBy}, Name: s.Name, Type: s.Type, Owner: "user:x", Keys: s.Keys,
				MaxVersions: 10,
			}
		}},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: fmt.Sprint("s", i), Secret: full()})
			f.must(err)
			test.sent.Name = want.Name
			test.want(&want)
			for _, validateOnly := range []bool{true, false} {
				got, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: test.sent, Mask: test.mask, ValidateOnly: validateOnly})
				if diff := cmp.Diff(want, got, ignoreOutput, cmpopts.EquateEmpty()); err != nil || diff != "" {
					t.Errorf("validating %v: %v (-want +got):\n%s", validateOnly, err, diff)
				}
			}
			got, err := f.GetSecret(f.ctx(), f.root, want.Name)
			if diff := cmp.Diff(want, got, ignoreOutput, cmpopts.EquateEmpty()); err != nil || diff != "" {
				t.Errorf("stored: %v (-want +got):\n%s", err, diff)
			}
		})
	}
	_, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: "namespaces/acme/secrets/s0", Type: "mysql"}})
	f.invalid(err, "secret.type")
	for _, path := range []string{"name", "uid", "type", "keys", "payload", "active_version", "owner.x", "labels.", "Labels", "LABELS.x", "", "rotation.x", "create_time", "nope"} {
		_, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: "namespaces/acme/secrets/s0"}, Mask: []string{path}})
		if f.invalid(err, "update_mask"); t.Failed() {
			t.Fatalf("mask %q was accepted", path)
		}
	}
}

func TestUpdateSecret_limitsHoldForTheWhole(t *testing.T) {
	f := newFixture(t)
	f.secret(db)
	for i := range 65 {
		label := fmt.Sprintf("l%d", i)
		sent := secrets.Secret{Name: db, Meta: secrets.Meta{Labels: map[string]string{label: "x"}}}
		_, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: sent, Mask: []string{"labels." + label}})
		if i < 64 {
			f.must(err)
			continue
		}
		f.invalid(err, "secret.labels")
	}
}

func TestCreateSecret_invalid(t *testing.T) {
	f := newFixture(t)
	labels, annotations, bad := map[string]string{}, map[string]string{}, map[string]string{}
	for i := range 65 {
		bad[fmt.Sprint(" ", i, strings.Repeat("x", 100))] = ""
		labels[fmt.Sprint("l", i)], annotations[fmt.Sprint("a", i)] = "", ""
	}
	tests := []struct {
		name, field, id string
		secret          secrets.Secret
		payload         []string
	}{
		{"no ID", "secret_id", "", secrets.Secret{}, nil},
		{"dot", "secret_id", ".", secrets.Secret{}, nil},
		{"dots", "secret_id", "..", secrets.Secret{}, nil},
		{"leading dash", "secret_id", "-a", secrets.Secret{}, nil},
		{"slash", "secret_id", "a/b", secrets.Secret{}, nil},
		{"not ASCII", "secret_id", "é", secrets.Secret{}, nil},
		{"too long", "secret_id", strings.Repeat("a", 129), secrets.Secret{}, nil},
		{"description", "secret.description", "a", secrets.Secret{Meta: secrets.Meta{Description: strings.Repeat("d", 1025)}}, nil},
		{"description not UTF-8", "secret.description", "a", secrets.Secret{Meta: secrets.Meta{Description: "\xff"}}, nil},
		{"labels", "secret.labels", "a", secrets.Secret{Meta: secrets.Meta{Labels: labels}}, nil},
		{"label key", "secret.labels", "a", secrets.Secret{Meta: secrets.Meta{Labels: map[string]string{"a b": ""}}}, nil},
		{"many label keys", "secret.labels", "a", secrets.Secret{Meta: secrets.Meta{Labels: bad}}, nil},
		{"label value", "secret.labels", "a", secrets.Secret{Meta: secrets.Meta{Labels: map[string]string{"a": strings.Repeat("x", 257)}}}, nil},
		{"annotations", "secret.annotations", "a", secrets.Secret{Meta: secrets.Meta{Annotations: annotations}}, nil},
		{"annotation key", "secret.annotations", "a", secrets.Secret{Meta: secrets.Meta{Annotations: map[string]string{"": "x"}}}, nil},
		{"annotations too large", "secret.annotations", "a", secrets.Secret{Meta: secrets.Meta{Annotations: map[string]string{"a": strings.Repeat("x", 16<<10)}}}, nil},
		{"type", "secret.type", "a", secrets.Secret{Type: "Postgres"}, nil},
		{"access mode", "secret.access_mode", "a", secrets.Secret{AccessMode: 3}, nil},
		{"max versions", "secret.max_versions", "a", secrets.Secret{MaxVersions: 101}, nil},
		{"negative max versions", "secret.max_versions", "a", secrets.Secret{MaxVersions: -1}, nil},
		{"rotation", "secret.rotation.period", "a", secrets.Secret{RotationPeriod: time.Minute}, nil},
		{"payload key", "secret.payload", "a", secrets.Secret{}, []string{"a b", "c"}},
		{"payload size", "secret.payload", "a", secrets.Secret{}, []string{"a", strings.Repeat("x", 512<<10)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: test.id, Secret: test.secret, Payload: payload(test.payload...)})
			f.invalid(err, test.field)
			if err != nil && len(err.Error()) > 4096 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
	// A payload that is there must hold something.
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: "a", Payload: plaintext.Payload{}})
	f.invalid(err, "secret.payload")
}

func TestEtags(t *testing.T) {
	f := newFixture(t)
	f.everything()
	secret := f.secret(db, "k", "v")
	projection := f.project(f.root, etl, env("db", "k", "K"))
	f.account("namespaces/acme/serviceAccounts/a")
	account, err := f.GetServiceAccount(f.ctx(), f.root, "namespaces/acme/serviceAccounts/a")
	f.must(err)
	ns, err := f.GetNamespace(f.ctx(), f.root, "namespaces/other")
	f.must(err)
	grant, role := f.grant(user("x"), "viewer", "namespaces/acme"), f.role("namespaces/acme/roles/r", "secret:get")
	policy := f.policy("namespaces/acme/policies/p", looking)
	const stale = `"0"`
	desc := func(etag string) secrets.Meta { return secrets.Meta{Description: etag, Etag: etag} }
	tests := []struct {
		name, etag string
		call       func(etag string) error
	}{
		{"UpdateSecret", secret.Etag, func(e string) error {
			return only(f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Meta: desc(e)}}))
		}},
		{"UpdateProjection", projection.Etag, func(e string) error {
			return only(f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Meta: desc(e)}}))
		}},
		{"UpdateServiceAccount", account.Etag, func(e string) error {
			return only(f.UpdateServiceAccount(f.ctx(), f.root, secrets.ServiceAccount{Name: account.Name, Meta: desc(e)}, nil, false))
		}},
		{"UpdateNamespace", ns.Etag, func(e string) error {
			return only(f.UpdateNamespace(f.ctx(), f.root, secrets.Namespace{Name: ns.Name, Meta: desc(e)}, nil, false))
		}},
		{"UpdateRole", role.Etag, func(e string) error {
			return only(f.UpdateRole(f.ctx(), f.root, secrets.Role{Name: role.Name, Meta: desc(e)}, nil, false))
		}},
		{"UpdatePolicy", policy.Etag, func(e string) error {
			return only(f.UpdatePolicy(f.ctx(), f.root, secrets.UpdatePolicy{Policy: secrets.Policy{Name: policy.Name, Meta: desc(e)}}))
		}},
		{"DeleteRole", "", func(e string) error { return erred(f.DeleteRole(f.ctx(), f.root, role.Name, e, false)) }},
		{"DeletePolicy", "", func(e string) error { return erred(f.DeletePolicy(f.ctx(), f.root, policy.Name, e, false)) }},
		{"DeleteProjection", "", func(e string) error { return erred(f.DeleteProjection(f.ctx(), f.root, etl, e, false)) }},
		{"DeleteSecret", "", func(e string) error { return only(f.DeleteSecret(f.ctx(), f.root, db, e, false, false)) }},
		{"RenewToken", "", func(e string) error {
			return only(f.RenewToken(f.ctx(), f.root, secrets.RenewToken{Name: account.Name + "/tokens/first", Etag: e}))
		}},
		{"DeleteToken", "", func(e string) error {
			return erred(f.DeleteToken(f.ctx(), f.root, account.Name+"/tokens/first", e, false))
		}},
		{"DeleteServiceAccount", "", func(e string) error { return erred(f.DeleteServiceAccount(f.ctx(), f.root, account.Name, e, false)) }},
		{"DeleteGrant", "", func(e string) error { return erred(f.DeleteGrant(f.ctx(), f.root, grant, e, false)) }},
		{"DeleteNamespace", "", func(e string) error { return only(f.DeleteNamespace(f.ctx(), f.root, ns.Name, e, false)) }},
		{"UndeleteNamespace", "", func(e string) error { return only(f.UndeleteNamespace(f.ctx(), f.root, ns.Name, e, false)) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f.check(test.call(stale), secrets.ErrEtag)
			f.check(test.call(test.etag), nil)
			if test.etag != "" {
				f.check(test.call(test.etag), secrets.ErrEtag)
			}
		})
	}
}

// What every method that writes does when it is only to be validated: the same checks, and nothing else.
func TestValidateOnly(t *testing.T) {
	f := newFixture(t)
	names := f.everything()
	ns, secret, version, projection, account, deleted := names["namespace"], names["secret"], names["version"], names["projection"], names["account"], names["deleted"]
	const id = "b5a2f2a4-7f5c-4a70-9d4b-0a3f4a8fbb10"
	tests := map[string]func() error{
		"CreateNamespace": func() error {
			return only(f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: "new", RequestID: id, ValidateOnly: true}))
		},
		"UpdateNamespace": func() error {
			return only(f.UpdateNamespace(f.ctx(), f.root, secrets.Namespace{Name: ns, Meta: secrets.Meta{Description: "x"}}, nil, true))
		},
		"DeleteNamespace": func() error { return only(f.DeleteNamespace(f.ctx(), f.root, names["empty"], "", true)) },
		"CreateSecret": func() error {
			return only(f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: ns, ID: "new", Payload: payload("k", "v"), RequestID: id, ValidateOnly: true}))
		},
		"UpdateSecret": func() error {
			return only(f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: secret, MaxVersions: 1}, ValidateOnly: true}))
		},
		"DeleteSecret": func() error { return only(f.DeleteSecret(f.ctx(), f.root, secret, "", false, true)) },
		"MoveSecret": func() error {
			return only(f.MoveSecret(f.ctx(), f.root, secrets.MoveSecret{Name: secret, Destination: away, ValidateOnly: true}))
		},
		"CopySecret": func() error {
			return only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: secret, Destination: away, ValidateOnly: true}))
		},
		"UndeleteSecret": func() error { return only(f.UndeleteSecret(f.ctx(), f.root, deleted, "", true)) },
		"PurgeSecret":    func() error { return erred(f.PurgeSecret(f.ctx(), f.root, deleted, true, true)) },
		"AddSecretVersion": func() error {
			return only(f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: secret, Payload: payload("k", "new"), RequestID: id, ValidateOnly: true}))
		},
		"EnableSecretVersion":   func() error { return only(f.EnableSecretVersion(f.ctx(), f.root, version, "", true)) },
		"DisableSecretVersion":  func() error { return only(f.DisableSecretVersion(f.ctx(), f.root, version, "", true)) },
		"ActivateSecretVersion": func() error { return only(f.ActivateSecretVersion(f.ctx(), f.root, version, "", true)) },
		"DestroySecretVersion":  func() error { return only(f.DestroySecretVersion(f.ctx(), f.root, version, "", true)) },
		"CreateProjection": func() error {
			items := secrets.Projection{Items: []secrets.Item{env("db", "k", "K")}}
			return only(f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{Parent: ns, ID: "new", Projection: items, RequestID: id, ValidateOnly: true}))
		},
		"UpdateProjection": func() error {
			return only(f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: projection, Items: []secrets.Item{env("db", "k", "L")}}, ValidateOnly: true}))
		},
		"DeleteProjection": func() error { return erred(f.DeleteProjection(f.ctx(), f.root, projection, "", true)) },
		"CreateServiceAccount": func() error {
			return only(f.CreateServiceAccount(f.ctx(), f.root, secrets.CreateServiceAccount{Parent: ns, ID: "new", RequestID: id, ValidateOnly: true}))
		},
		"UpdateServiceAccount": func() error {
			return only(f.UpdateServiceAccount(f.ctx(), f.root, secrets.ServiceAccount{Name: account, Meta: secrets.Meta{Description: "x"}}, nil, true))
		},
		"DeleteServiceAccount": func() error { return erred(f.DeleteServiceAccount(f.ctx(), f.root, account, "", true)) },
		"CreateToken": func() error {
			token, err := f.CreateToken(f.ctx(), f.root, secrets.CreateToken{Parent: account, ID: "new", RequestID: id, ValidateOnly: true})
			if token.Secret != "" {
				t.Error("validating shows a token that does not exist")
			}
			return err
		},
		"RenewToken": func() error {
			return only(f.RenewToken(f.ctx(), f.root, secrets.RenewToken{Name: names["token"], ValidateOnly: true}))
		},
		"DeleteToken": func() error { return erred(f.DeleteToken(f.ctx(), f.root, names["token"], "", true)) },
		"CreateGrant": func() error {
			grant := secrets.Grant{Principal: "user:x", Role: "viewer"}
			return only(f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: ns, ID: "new", Grant: grant, RequestID: id, ValidateOnly: true}))
		},
		"DeleteGrant": func() error { return erred(f.DeleteGrant(f.ctx(), f.root, names["grant"], "", true)) },
		"UpdateSecret's": func() error {
			return only(f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: secret, Owner: "user:x"}, ValidateOnly: true}))
		},
		"CreateRole": func() error {
			role := secrets.Role{Actions: []string{"secret:get"}}
			return only(f.CreateRole(f.ctx(), f.root, secrets.CreateRole{Parent: ns, ID: "new", Role: role, RequestID: id, ValidateOnly: true}))
		},
		"UpdateRole": func() error {
			return only(f.UpdateRole(f.ctx(), f.root, secrets.Role{Name: names["role"], Actions: []string{"secret:list"}}, nil, true))
		},
		"DeleteRole": func() error { return erred(f.DeleteRole(f.ctx(), f.root, names["role"], "", true)) },
		"CreatePolicy": func() error {
			policy := secrets.Policy{Text: looking}
			return only(f.CreatePolicy(f.ctx(), f.root, secrets.CreatePolicy{Parent: ns, ID: "new", Policy: policy, RequestID: id, ValidateOnly: true}))
		},
		"UpdatePolicy": func() error {
			policy := secrets.Policy{Name: names["policy"], Text: looking + looking}
			return only(f.UpdatePolicy(f.ctx(), f.root, secrets.UpdatePolicy{Policy: policy, ValidateOnly: true}))
		},
		"DeletePolicy": func() error { return erred(f.DeletePolicy(f.ctx(), f.root, names["policy"], "", true)) },
	}
	for _, m := range methods {
		base, _, _ := strings.Cut(m.name, " ")
		if _, ok := tests[base]; m.writes && !ok && base != "UndeleteNamespace" {
			t.Errorf("%s is not among the tests", m.name)
		}
	}
	before := f.everyRecord()
	for name, call := range tests {
		t.Run(name, func(t *testing.T) {
			f.check(call(), nil)
			if diff := cmp.Diff(before, f.everyRecord()); diff != "" {
				t.Errorf("it wrote (-before +after):\n%s", diff)
			}
		})
	}
}

// everyRecord returns the revision of every record but the audit log's head.
func (f *fixture) everyRecord() map[storage.Key]storage.Revision {
	f.t.Helper()
	records := map[storage.Key]storage.Revision{}
	f.must(f.engine.View(f.ctx(), func(r storage.Reader) error {
		all, err := r.Range("", "", storage.MaxRange)
		for _, record := range all {
			if record.Key != "audit/head" {
				records[record.Key] = record.Revision
			}
		}
		return err
	}))
	return records
}

func TestRequestID(t *testing.T) {
	f := newFixture(t)
	const id, other = "b5a2f2a4-7f5c-4a70-9d4b-0a3f4a8fbb10", "0d7f6a0e-52b5-4c0f-8a5e-1f7d9d1b7a11"
	create := secrets.CreateSecret{Parent: "namespaces/acme", ID: "db", Secret: full(), Payload: payload("k", "v"), RequestID: id}
	first, err := f.CreateSecret(f.ctx(), f.root, create)
	f.must(err)
	f.pass(time.Hour)
	f.add(db, "k", "w")
	again, err := f.CreateSecret(f.ctx(), f.root, create)
	if diff := cmp.Diff(first, again); err != nil || diff != "" {
		t.Errorf("creating again: %v (-first +again):\n%s", err, diff)
	}
	change := map[string]func(*secrets.CreateSecret){
		"another payload": func(r *secrets.CreateSecret) { r.Payload = payload("k", "x") },
		"another owner":   func(r *secrets.CreateSecret) { r.Secret.Owner = "user:x" },
		"another ID":      func(r *secrets.CreateSecret) { r.ID = "x" },
		"another parent":  func(r *secrets.CreateSecret) { r.Parent = "namespaces/team" },
	}
	for name, change := range change {
		req := create
		change(&req)
		if _, err := f.CreateSecret(f.ctx(), f.root, req); !strings.Contains(fmt.Sprint(err), secrets.ErrRequestReused.Error()) {
			t.Errorf("the same request_id with %s = %v, want refused", name, err)
		}
	}
	_, err = f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: "x", RequestID: id})
	f.check(err, secrets.ErrRequestReused)
	// It is bound to the principal: another's is another.
	admin := f.with("namespace-admin", "namespaces/acme")
	_, err = f.CreateSecret(f.ctx(), admin, create)
	f.check(err, secrets.ErrExists)
	// Nor does it give an answer to who has no right any more.
	_, err = f.CreateSecret(f.ctx(), authn.Caller{Principal: authn.Principal{Name: f.root.Name, UID: "another"}}, create)
	if err == nil {
		t.Error("a stranger was answered")
	}
	for _, bad := range []string{"x", id + "0", "urn:uuid:" + id, strings.ReplaceAll(id, "-", "")} {
		_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: "namespaces/acme", ID: "bad", RequestID: bad})
		f.invalid(err, "request_id")
	}

	add := secrets.AddVersion{Secret: db, Payload: payload("k", "x"), RequestID: other}
	added, err := f.AddSecretVersion(f.ctx(), f.root, add)
	f.must(err)
	f.add(db, "k", "y")
	addedAgain, err := f.AddSecretVersion(f.ctx(), f.root, add)
	if diff := cmp.Diff(added, addedAgain); err != nil || diff != "" {
		t.Errorf("adding again: %v (-first +again):\n%s", err, diff)
	}
	add.Stage = true
	_, err = f.AddSecretVersion(f.ctx(), f.root, add)
	f.check(err, secrets.ErrRequestReused)
	// After a day it is forgotten.
	f.pass(24 * time.Hour)
	_, err = f.CreateSecret(f.ctx(), f.root, create)
	f.check(err, secrets.ErrExists)
}

// A request that was refused is not remembered: it may be made again.
func TestRequestID_refused(t *testing.T) {
	f := newFixture(t)
	f.secret(db)
	create := secrets.CreateSecret{Parent: "namespaces/acme", ID: "db", RequestID: "b5a2f2a4-7f5c-4a70-9d4b-0a3f4a8fbb10"}
	_, err := f.CreateSecret(f.ctx(), f.root, create)
	f.check(err, secrets.ErrExists)
	f.drop(db)
	_, err = f.CreateSecret(f.ctx(), f.root, create)
	f.check(err, nil)
}
