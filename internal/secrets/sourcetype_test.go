package secrets_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
)

// createTyped creates the secret db of acme.
func (f *fixture) createTyped(secretType string, pairs ...string) error {
	req := secrets.CreateSecret{Parent: "namespaces/acme", ID: "db", Secret: secrets.Secret{Type: secretType}}
	if len(pairs) > 0 {
		req.Payload = payload(pairs...)
	}
	_, err := f.CreateSecret(f.ctx(), f.root, req)
	return err
}

// faulty wants an InvalidError about these fields, in their order.
func (f *fixture) faulty(err error, fields ...string) {
	f.t.Helper()
	var invalid *secrets.InvalidError
	if !errors.As(err, &invalid) {
		f.t.Errorf("error %v, want one about %q", err, fields)
		return
	}
	var got []string
	for _, v := range invalid.Violations {
		got = append(got, v.Field)
	}
	if diff := cmp.Diff(fields, got); diff != "" {
		f.t.Errorf("%v is about (-want +got):\n%s", err, diff)
	}
	if strings.Contains(err.Error(), "hunter2") {
		f.t.Errorf("%v tells a value", err)
	}
}

func TestCreateSecret_typed(t *testing.T) {
	f := newFixture(t)
	at := func(key string) string { return "secret.payload.data[" + key + "]" }
	f.faulty(f.createTyped("postgres", "pasword", "hunter2", "user", "hunter2", "login", "hunter2"), at("password"), at("pasword"), at("user"))
	f.faulty(f.createTyped("snowflake", "username", "u", "password", "hunter2", "auth_mode", "key-pair", "key", "hunter2"),
		at("auth_mode"), at("key"), at("password"))
	f.faulty(f.createTyped("postgers", "k", "hunter2"), "secret.type")
	f.faulty(f.createTyped("Postgres", "k", "hunter2"), "secret.type")
	f.faulty(f.createTyped("postgers"), "secret.type")
	// What is no key is told as that alone.
	f.faulty(f.createTyped("postgres", "username", "u", "password", "p", "a b", "hunter2"), "secret.payload")
	for _, pairs := range [][]string{{"k", "v"}, {"username", "u"}} {
		f.check(f.createTyped("", pairs...), nil)
		f.drop(db)
		f.check(f.createTyped("generic", pairs...), nil)
		f.drop(db)
	}
	f.check(f.createTyped("azure-sql", "login", "u", "Password", "p", "dbname", "d"), nil)
	got, err := f.GetSecret(f.ctx(), f.root, db)
	f.must(err)
	if got.Type != "azure-sql" || len(got.Keys) != 3 || got.Keys[0].Name != "Password" {
		t.Errorf("stored as %+v, want what was sent", got)
	}
}

// An error that cannot hold all names them all.
func TestCreateSecret_manyFaults(t *testing.T) {
	f := newFixture(t)
	pairs := []string{"username", "u", "password", "p"}
	for i := range 200 {
		pairs = append(pairs, fmt.Sprintf("x%03d", i), "hunter2")
	}
	err := f.createTyped("postgres", pairs...)
	for i := range 200 {
		if !strings.Contains(fmt.Sprint(err), fmt.Sprintf("x%03d", i)) {
			t.Fatalf("%v does not name x%03d", err, i)
		}
	}
}

// Whoever may not create learns nothing of what is wrong; a dry run tells as the real one would.
func TestCreateSecret_typedAfterTheDecision(t *testing.T) {
	f := newFixture(t)
	req := secrets.CreateSecret{Parent: "namespaces/acme", ID: "db", Secret: secrets.Secret{Type: "postgers"}, Payload: payload("k", "v")}
	_, err := f.CreateSecret(f.ctx(), user("nobody"), req)
	f.check(err, gate.ErrDenied)
	req.ValidateOnly = true
	_, err = f.CreateSecret(f.ctx(), f.root, req)
	f.faulty(err, "secret.type")
}

func TestAddSecretVersion_typed(t *testing.T) {
	f := newFixture(t)
	at := func(key string) string { return "payload.data[" + key + "]" }
	f.must(f.createTyped("postgres"))
	add := func(merge, stage, validateOnly bool, remove []string, pairs ...string) error {
		_, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{
			Secret: db, Merge: merge, Stage: stage, ValidateOnly: validateOnly, RemoveKeys: remove, Payload: payload(pairs...),
		})
		return err
	}
	// A secret without a version has no faults to keep.
	f.faulty(add(false, false, false, nil, "username", "u"), at("password"))
	f.faulty(add(true, false, false, nil, "username", "u"), at("password"))
	f.must(add(false, false, false, nil, "username", "u", "password", "hunter2"))
	for _, how := range []struct{ stage, validateOnly bool }{{}, {stage: true}, {validateOnly: true}} {
		f.faulty(add(false, how.stage, how.validateOnly, nil, "password", "hunter2"), at("username"))
		f.faulty(add(true, how.stage, how.validateOnly, nil, "user", "hunter2"), at("username"))
		f.faulty(add(true, how.stage, how.validateOnly, []string{"password"}, "passwd", "hunter2"), at("password"), at("passwd"))
		f.must(add(true, how.stage, how.validateOnly, []string{"username"}, "user", "u"))
		f.must(add(false, how.stage, how.validateOnly, nil, "username", "u", "password", "hunter2"))
	}
}

// retype makes the secret db be of a type that was not checked when it was stored.
func (f *fixture) retype(secretType string) {
	f.t.Helper()
	n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/acme")
	f.must(err)
	_, err = f.store.Update(f.ctx(), func(tx *sealed.Tx) error {
		const kind = "coffer/secret/v1"
		record, at := &storev1.Secret{}, storage.Key("data/secret/"+n.UID+"/db")
		if _, err := tx.Get(kind, n.UID, at, record); err != nil {
			return err
		}
		record.Type = secretType
		return tx.Put(kind, n.UID, at, record)
	})
	f.must(err)
}

// What was stored before its type was known, or is of none that is, goes on: it is read, rotated and rolled back.
func TestAddSecretVersion_storedOtherwise(t *testing.T) {
	for name, secretType := range map[string]string{"a type of another Coffer": "quantum-db", "faults from before": "postgres"} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.must(f.createTyped("generic", "pw", "one"))
			f.add(db, "pw", "two")
			f.retype(secretType)
			if got := f.value(db+"/versions/active", "pw"); got != "two" {
				t.Errorf("it reads %q", got)
			}
			f.add(db, "pw", "three")
			_, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Merge: true, Payload: payload("pw", "four")})
			f.must(err)
			_, err = f.ActivateSecretVersion(f.ctx(), f.root, db+"/versions/1", "", false)
			f.must(err)
			_, err = f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Merge: true, Payload: payload("more", "x")})
			if secretType == "postgres" {
				f.faulty(err, "payload.data[more]")
				f.must(f.repaired())
				// Once it is as it should be, it stays so.
				_, err = f.ActivateSecretVersion(f.ctx(), f.root, db+"/versions/1", "", true)
				f.faulty(err, "payload.data[username]", "payload.data[password]", "payload.data[pw]")
			} else {
				f.must(err)
			}
			if _, err := f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: "namespaces/other/secrets/copy"}); err != nil {
				t.Errorf("copying: %v", err)
			}
			if _, err := f.MoveSecret(f.ctx(), f.root, secrets.MoveSecret{Name: db, Destination: "namespaces/other/secrets/moved"}); err != nil {
				t.Errorf("moving: %v", err)
			}
		})
	}
}

func (f *fixture) repaired() error {
	_, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("username", "u", "password", "p")})
	return err
}

func TestSourceType(t *testing.T) {
	f := newFixture(t)
	for id, want := range map[string]string{"postgres": "postgres", "postgresql": "postgres", "key-value": "generic"} {
		if got, err := f.SourceType(id); err != nil || got.ID != want {
			t.Errorf("SourceType(%q) = %q, %v, want %q", id, got.ID, err, want)
		}
	}
	for _, id := range []string{"", "postgers", strings.Repeat("x", 1<<20)} {
		_, err := f.SourceType(id)
		f.check(err, secrets.ErrNotFound)
		if len(err.Error()) > 400 {
			t.Errorf("the error has %d bytes", len(err.Error()))
		}
	}
	if len(f.SourceTypes()) < 20 {
		t.Errorf("%d types", len(f.SourceTypes()))
	}
}
