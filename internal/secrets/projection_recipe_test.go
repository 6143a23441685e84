package secrets_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// whole is a projection that uses every part of a recipe, over secrets db and store-password.
func whole() secrets.Projection {
	argument := "--password="
	db := render.Item{SecretName: "db"}
	item := func(version string, change func(*render.Item)) secrets.Item {
		i := db
		change(&i)
		return secrets.Item{Item: i, Version: version}
	}
	return secrets.Projection{
		Items: []secrets.Item{
			item("", func(i *render.Item) { i.Key, i.Env = "k", &render.EnvTarget{Name: "K"} }),
			item("latest", func(i *render.Item) {
				i.Keys, i.Env, i.Optional = []string{"k", "username"}, &render.EnvTarget{Prefix: "DB_", Case: render.Camel}, true
			}),
			item("1", func(i *render.Item) {
				i.AllKeys = true
				i.File = &render.FileTarget{Path: "db.ini", Format: render.INI, Mode: 0o440, Owner: "etl:data", Section: "db"}
			}),
			item("active", func(i *render.Item) {
				i.URL, i.SparkConf = renderlogin.JDBC, &render.SparkConfTarget{Name: "spark.db.url"}
				i.Connection = renderlogin.Connection{Type: "postgres", Host: "db.example", Port: 6432, Database: "orders", Parameters: map[string]string{"sslmode": "require"}}
			}),
			item("", func(i *render.Item) { i.Key, i.Argument = "k", &argument }),
			item("", func(i *render.Item) { i.Key, i.Entry, i.Dictionary = "k", "password", "login" }),
			item("", func(i *render.Item) {
				i.Keys, i.SparkConf = []string{"k"}, &render.SparkConfTarget{Prefix: "spark.db."}
			}),
			item("", func(i *render.Item) {
				i.Key, i.Env, i.TakesOver = "k", &render.EnvTarget{Name: "LD_PRELOAD"}, true
			}),
			{Item: render.Item{SecretName: "db", Key: "k", Target: render.Target{File: &render.FileTarget{
				Path: "creds.jceks", Format: render.HadoopCredentials,
				Store: &render.StoreTarget{PasswordSecret: "store-password", PasswordKey: "k"},
			}}}},
		},
		Sources: []secrets.Source{{Version: "1", Source: render.Source{SecretName: "db", Alias: "d", Keys: []string{"k"}, Base64: true}}},
		Values:  map[string]string{"host": "db.example"},
		Templates: []render.Template{
			{Engine: rendertemplate.Liquid, Text: "{{ secrets['d'].k | base64_decode }}@{{ values['host'] }}", Target: render.Target{Env: &render.EnvTarget{Name: "DSN"}}},
			{Text: "{{ .values.host }}", Entry: "host", Target: render.Target{Dictionary: "login"}},
		},
		Spark: render.Spark{DefaultsPath: "spark-defaults.conf", Arguments: true, RedactionRegex: "(?i)secret"},
	}
}

// postgres creates the secrets of whole.
func (f *fixture) postgres() {
	f.t.Helper()
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
		Parent: "namespaces/acme", ID: "db", Secret: secrets.Secret{Type: "key-value"},
		Payload: payload("k", "one", "username", "u", "password", "p"),
	})
	f.must(err)
	f.secret("namespaces/acme/secrets/store-password", "k", "changeit")
}

// create creates the projection etl of acme.
func (f *fixture) create(p secrets.Projection) (secrets.Projection, error) {
	return f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{Parent: "namespaces/acme", ID: "etl", Projection: p})
}

func TestProjection_keepsWhatWasWritten(t *testing.T) {
	f := newFixture(t)
	f.postgres()
	_, err := f.create(whole())
	f.must(err)
	got, err := f.GetProjection(f.ctx(), f.root, etl)
	f.must(err)
	same := cmp.Options{
		cmpopts.IgnoreFields(secrets.Projection{}, "Meta", "Name", "AuthorizedBy"), cmpopts.IgnoreFields(secrets.Item{}, "Bound"),
		cmpopts.IgnoreFields(secrets.Source{}, "Bound"), cmpopts.EquateEmpty(),
	}
	if diff := cmp.Diff(whole(), got, same); diff != "" {
		t.Errorf("GetProjection (-want +got):\n%s", diff)
	}
	if got.Sources[0].Bound != "namespaces/acme/secrets/db" {
		t.Errorf("the source is bound to %q", got.Sources[0].Bound)
	}
	bundle, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl, AllowEnv: []string{"LD_PRELOAD"}})
	f.must(err)
	wantEnv := map[string]string{"K": "one", "DB_k": "one", "DB_username": "u", "LD_PRELOAD": "one", "DSN": "one@db.example"}
	if diff := cmp.Diff(wantEnv, variables(bundle)); diff != "" {
		t.Errorf("env (-want +got):\n%s", diff)
	}
	if len(bundle.Files) != 3 || len(bundle.Arguments) == 0 || len(bundle.Dictionaries) != 1 || len(bundle.SparkConf) != 3 {
		t.Errorf("the bundle has %d files, %d arguments, %d dictionaries, %d properties", len(bundle.Files), len(bundle.Arguments), len(bundle.Dictionaries), len(bundle.SparkConf))
	}
}

// TestProjection_versions delivers the version in force, the newest, and one that is pinned, through rotation and rollback.
func TestProjection_versions(t *testing.T) {
	f := newFixture(t)
	const db = "namespaces/acme/secrets/db"
	f.secret(db, "k", "one")
	versioned := func(name, version string) secrets.Item {
		item := env("db", "k", name)
		item.Version = version
		return item
	}
	f.project(f.root, etl, versioned("ACTIVE", ""), versioned("LATEST", "latest"), versioned("PINNED", "1"))
	want := func(active, latest, pinned string) {
		t.Helper()
		if diff := cmp.Diff(map[string]string{"ACTIVE": active, "LATEST": latest, "PINNED": pinned}, f.rendered(etl)); diff != "" {
			t.Errorf("rendered (-want +got):\n%s", diff)
		}
	}
	want("one", "one", "one")
	f.add(db, "k", "two")
	want("two", "two", "one")
	f.stage(db, "k", "staged")
	want("two", "staged", "one")
	_, err := f.ActivateSecretVersion(f.ctx(), f.root, at(db, 1), "", false)
	f.must(err)
	want("one", "staged", "one")
	for version, field := range map[string]string{"9": "projection.items[0].version", "x": "projection.items[0].version", "01": "projection.items[0].version", "-1": "projection.items[0].version"} {
		_, err := f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl, Items: []secrets.Item{versioned("K", version)}}})
		f.invalid(err, field)
	}
}

// TestProjection_tellsAllAtOnce: one error names everything that is not there.
func TestProjection_tellsAllAtOnce(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/acme/secrets/db", "k", "v")
	missing := env("db", "k", "C")
	missing.Version = "9"
	_, err := f.create(secrets.Projection{Items: []secrets.Item{env("nothing", "k", "A"), env("neither", "k", "B"), missing, env("", "k", "D")}})
	e, ok := errors.AsType[*secrets.InvalidError](err)
	if !ok {
		t.Fatalf("create: %v", err)
	}
	var fields []string
	for _, v := range e.Violations {
		fields = append(fields, v.Field)
	}
	want := []string{"projection.items[0].secret", "projection.items[1].secret", "projection.items[3].secret", "projection.items[2].version"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestProjection_takeover(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/acme/secrets/db", "k", "v")
	_, err := f.create(secrets.Projection{Items: []secrets.Item{env("db", "k", "LD_PRELOAD")}})
	f.invalid(err, "projection.items[0].env")
	item := env("db", "k", "LD_PRELOAD")
	item.TakesOver = true
	_, err = f.create(secrets.Projection{Items: []secrets.Item{item}})
	f.must(err)
	_, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl, AllowEnv: []string{"PATH"}})
	if !errors.Is(err, secrets.ErrTakeover) || !strings.Contains(err.Error(), "LD_PRELOAD") {
		t.Errorf("rendered for who does not allow it: %v", err)
	}
	f.check(f.WatchProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl}, func(*secrets.Bundle) error { return nil }), secrets.ErrTakeover)
	_, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl, AllowEnv: []string{"LD_PRELOAD"}})
	f.must(err)
	_, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl, AllowEnv: make([]string, 65)})
	f.invalid(err, "allow_env")
}

// What is optional is left out when its secret, or the one with its store's password, is gone for good.
func TestProjection_optionalIsGone(t *testing.T) {
	for name, gone := range map[string]string{"its secret": "namespaces/acme/secrets/pg", "the password of its store": "namespaces/acme/secrets/pw"} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
				Parent: "namespaces/acme", ID: "pg", Secret: secrets.Secret{Type: "postgres"}, Payload: payload("username", "u", "password", "p", "host", "h"),
			})
			f.must(err)
			f.secret("namespaces/acme/secrets/pw", "k", "changeit")
			f.secret(db, "k", "v")
			url := env("pg", "", "URL")
			url.URL, url.Optional = renderlogin.URI, true
			store := secrets.Item{Item: render.Item{SecretName: "db", Key: "k", Optional: true, Target: render.Target{File: &render.FileTarget{
				Path: "creds.jceks", Format: render.HadoopCredentials, Store: &render.StoreTarget{PasswordSecret: "pw", PasswordKey: "k"},
			}}}}
			f.project(f.root, etl, url, store, env("db", "k", "KEPT"))
			if _, err := f.DeleteSecret(f.ctx(), f.root, gone, "", true, false); err != nil {
				t.Fatal(err)
			}
			bundle, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
			f.must(err)
			dry, err := f.ShapeProjection(f.ctx(), f.root, etl)
			f.must(err)
			variables, files := []string{"KEPT"}, 1
			if name != "its secret" {
				variables, files = []string{"KEPT", "URL"}, 0
			}
			if len(bundle.Env) != len(variables) || len(bundle.Files) != files || cmp.Diff(variables, dry.Shape.Env) != "" || len(dry.Shape.Files) != files {
				t.Errorf("delivered %v, shape %+v, want %q and %d files", bundle.Bundle, dry.Shape, variables, files)
			}
		})
	}
}

// TestProjection_everySecretCounts: those of templates and of passwords need the right to use, and have dependents, as
// those of items.
func TestProjection_everySecretCounts(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/acme/secrets/db", "k", "v")
	f.secret("namespaces/acme/secrets/pw", "k", "changeit")
	store := secrets.Item{Item: render.Item{SecretName: "db", Key: "k", Target: render.Target{File: &render.FileTarget{
		Path: "c", Format: render.HadoopCredentials, Store: &render.StoreTarget{PasswordSecret: "pw", PasswordKey: "k"},
	}}}}
	template := secrets.Projection{
		Sources:   []secrets.Source{{Source: render.Source{SecretName: "pw", Alias: "pw"}}},
		Templates: []render.Template{{Text: "{{ .secrets.pw.k }}", Target: render.Target{Env: &render.EnvTarget{Name: "K"}}}},
	}
	writer := f.role("namespaces/acme/roles/writer", "projection:create")
	for name, p := range map[string]secrets.Projection{"a password": {Items: []secrets.Item{store}}, "a source": template} {
		author := f.with(authz.RoleSecretUser, "namespaces/acme/secrets/db")
		f.grant(author, authz.Role(writer.Name), "namespaces/acme")
		_, err := f.CreateProjection(f.ctx(), author, secrets.CreateProjection{Parent: "namespaces/acme", ID: "etl", Projection: p})
		if !errors.Is(err, gate.ErrDenied) {
			t.Errorf("written without the right to use the secret of %s: %v", name, err)
		}
		_, err = f.create(p)
		f.must(err)
		_, err = f.DeleteSecret(f.ctx(), f.root, "namespaces/acme/secrets/pw", "", false, false)
		if _, inUse := errors.AsType[*secrets.InUseError](err); !inUse {
			t.Errorf("deleted the secret of %s: %v", name, err)
		}
		deleted, err := f.DeleteSecret(f.ctx(), f.root, "namespaces/acme/secrets/pw", "", true, false)
		f.must(err)
		_, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
		f.check(err, secrets.ErrDangling)
		_, err = f.UndeleteSecret(f.ctx(), f.root, deleted.Name, "", false)
		f.must(err)
		_, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: etl})
		f.must(err)
		_, err = f.DeleteProjection(f.ctx(), f.root, etl, "", false)
		f.must(err)
	}
}

// TestProjection_partOfARecipe: what an update does not name stays, and is bound anew by the right of who writes.
func TestProjection_partOfARecipe(t *testing.T) {
	f := newFixture(t)
	f.postgres()
	_, err := f.create(whole())
	f.must(err)
	changed := secrets.Projection{Name: etl, Values: map[string]string{"host": "elsewhere"}}
	got, err := f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: changed})
	f.must(err)
	if len(got.Items) != len(whole().Items) || got.Values["host"] != "elsewhere" {
		t.Errorf("after the update there are %d items and the values %v", len(got.Items), got.Values)
	}
	colleague := f.with(authz.RoleDeveloper, "namespaces/acme")
	_, err = f.UpdateProjection(f.ctx(), colleague, secrets.UpdateProjection{Projection: changed})
	f.check(err, gate.ErrDenied)
	_, err = f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl}, Mask: []string{"values"}})
	f.invalid(err, "projection.templates[0].text")
	_, err = f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: etl}, Mask: []string{"items", "templates"}})
	f.invalid(err, "projection.items")
}

func TestShapeProjection(t *testing.T) {
	f := newFixture(t)
	f.postgres()
	p := whole()
	p.Items = p.Items[:4]
	p.Items[1].Optional = false
	_, err := f.create(p)
	f.must(err)
	read := 0
	f.engine.Set(storagetest.Faults{Read: func(r storage.Record) (storage.Record, error) {
		if strings.HasPrefix(string(r.Key), "data/payload/") {
			read++
		}
		return r, nil
	}})
	want := &render.Shape{
		Env: []string{"DB_k", "DB_username", "DSN", "K"},
		Files: []render.FileShape{
			{Path: "db.ini", Format: render.INI, Mode: 0o440, Owner: "etl:data", Entries: []string{"k", "password", "username"}},
			{Path: "spark-defaults.conf", Mode: render.DefaultMode, Format: render.Properties, Entries: []string{"spark.db.url", "spark.redaction.regex"}},
		},
		Arguments:    []string{"--conf", "spark.db.url=", "--conf", "spark.redaction.regex="},
		Dictionaries: []render.DictionaryShape{{Name: "login", Entries: []string{"host"}}},
		SparkConf:    []string{"spark.db.url", "spark.redaction.regex"},
	}
	got, err := f.ShapeProjection(f.ctx(), f.root, etl)
	f.must(err)
	if diff := cmp.Diff(want, got.Shape); diff != "" {
		t.Errorf("ShapeProjection (-want +got):\n%s", diff)
	}
	if read > 0 || len(got.Env) > 0 || got.Etag == "" || got.Revision == 0 {
		t.Errorf("it read %d payloads: %+v", read, got)
	}
	// Who may not get the secret learns of no key that the projection does not name.
	outsider := f.with(authz.RoleWorkload, etl)
	got, err = f.ShapeProjection(f.ctx(), outsider, etl)
	f.must(err)
	if entries := got.Shape.Files[0].Entries; !cmp.Equal(entries, []string{render.HiddenName}) {
		t.Errorf("who may not get the secret sees %q", entries)
	}
	_, err = f.ShapeProjection(f.ctx(), user("stranger"), etl)
	f.check(err, gate.ErrDenied)
}
