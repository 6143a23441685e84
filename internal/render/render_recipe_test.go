package render_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// holding gives an item a payload of texts.
func holding(data map[string]string) func(*render.Item) {
	return func(i *render.Item) {
		i.Payload = plaintext.Payload{}
		for key, value := range data {
			i.Payload[key] = text(value)
		}
	}
}

func optional(i *render.Item) { i.Optional = true }

// TestRender_refusesWithoutTelling: no error of any target tells a value, and none comes with a part of a bundle.
func TestRender_refusesWithoutTelling(t *testing.T) {
	const canary = "cAnArY"
	k := func(value string) func(*render.Item) { return holding(map[string]string{"k": value}) }
	password := func(value string) func(*render.FileTarget) {
		return func(f *render.FileTarget) {
			f.Store = &render.StoreTarget{PasswordSecret: "pw", PasswordKey: "p", Password: plaintext.Payload{"p": text(value)}}
		}
	}
	noPassword := func(f *render.FileTarget) { f.Store = &render.StoreTarget{PasswordSecret: "pw", PasswordKey: "p"} }
	defaults := func(r *render.Recipe) { r.Spark.DefaultsPath = "d" }
	source := func(value string) func(*render.Recipe) {
		return func(r *render.Recipe) {
			r.Sources = []render.Source{{SecretName: "s", Alias: "a", Payload: plaintext.Payload{"k": text(value)}}}
			r.Items = nil
			r.Templates = []render.Template{{Text: "{{ .secrets.a.k }}{{ .secrets.a.missing }}", Target: argument("")}}
		}
	}
	tests := []struct {
		name   string
		item   render.Item
		change func(*render.Recipe)
		field  string
	}{
		{"NUL in an argument", to(argument("-a"), k(canary+"\x00")), nil, "items[0].argument"},
		{"not UTF-8 in a dictionary", to(render.Target{Dictionary: "d"}, k(canary+"\xff")), nil, "items[0]"},
		{"NUL for Spark", to(spark("spark.a", ""), k(canary+"\x00")), nil, "items[0].spark_conf"},
		{"substitution by Spark", to(spark("spark.a", ""), k(canary+"${env:HOME}")), nil, "items[0].spark_conf"},
		{"substitution by Spark alone", to(spark("spark.a", ""), k(canary+"${env:A$B}")), nil, "items[0].spark_conf"},
		{"space for Spark", to(spark("spark.a", ""), k(canary+" ")), defaults, "items[0].spark_conf"},
		{"comment in INI", to(fileTo(render.INI), k(canary+"#")), nil, "items[0].file.format"},
		{"control in XML", to(fileTo(render.HadoopXML), k(canary+"\x01")), nil, "items[0].file.format"},
		{"substitution by Hadoop", to(fileTo(render.HadoopXML), k(canary+"${user.name}")), nil, "items[0].file.format"},
		{"empty for Hadoop", to(fileTo(render.HadoopXML), k("")), nil, "items[0].file.format"},
		{"no PEM", to(fileTo(render.PEM), k(canary)), nil, "items[0].file"},
		{"no keys", to(fileTo(render.PKCS12, password("changeit")), k(canary)), nil, "items[0].file"},
		{"bad password", to(fileTo(render.JKS, password(canary+"\x00")), k(canary)), nil, "items[0].file"},
		{"empty password", to(fileTo(render.HadoopCredentials, password("")), k(canary)), nil, "items[0].file.store.password_key"},
		{"missing password", to(fileTo(render.JKS, noPassword), k(canary)), nil, "items[0].file.store.password_key"},
		{"docker", to(fileTo(render.DockerConfig), entry(".dockerconfigjson"), k(canary)), nil, "items[0].file"},
		{"netrc", to(fileTo(render.Netrc), all, holding(map[string]string{"username": canary, "password": canary})), nil, "items[0].file"},
		{"pgpass", to(fileTo(render.Pgpass), all, holding(map[string]string{"username": canary + "\n", "password": canary})), nil, "items[0].file"},
		{"no login", to(fileTo(render.Netrc), k(canary)), nil, "items[0]"},
		{"no URL", to(argument(""), url(renderlogin.URI), holding(map[string]string{"password": canary})), nil, "items[0].url"},
		{"template", render.Item{}, source(canary), "templates[0].text"},
		{"gone", to(render.Target{Env: &render.EnvTarget{}}, all), nil, "items[0]"},
		{"gone URL", to(argument(""), url(renderlogin.URI)), nil, "items[0]"},
		{"missing among keys", to(render.Target{Dictionary: "d"}, keys("k", "l"), k(canary)), nil, "items[0].keys"},
		{"gone source", to(argument(""), k(canary)), func(r *render.Recipe) { r.Sources = []render.Source{{SecretName: "s", Alias: "a"}} }, "sources[0]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			recipe := of(tt.item)
			if tt.change != nil {
				tt.change(&recipe)
			}
			bundle, err := render.Render(t.Context(), recipe)
			if v := violations(err); len(v) != 1 || v[0].Field != tt.field {
				t.Errorf("Render = %v, want one violation of %s", err, tt.field)
			}
			if strings.Contains(fmt.Sprintf("%+v %v", bundle, err), canary) {
				t.Errorf("Render tells the value: %v", err)
			}
			if diff := cmp.Diff(render.Bundle{}, bundle); diff != "" {
				t.Errorf("Render gave a part of a bundle with the error %v:\n%s", err, diff)
			}
		})
	}
}

func TestRender_takeovers(t *testing.T) {
	path := render.Target{Env: &render.EnvTarget{Name: "PATH"}, TakesOver: true}
	jars := spark("spark.jars", "")
	jars.TakesOver = true
	k := holding(map[string]string{"k": "v"})
	recipe := of(to(path, k), to(jars, k), to(render.Target{Env: &render.EnvTarget{Name: "A"}}, k))
	for _, tt := range []struct{ allowed, want []string }{
		{nil, []string{"PATH", "spark.jars"}},
		{[]string{"A", "path", "spark"}, []string{"PATH", "spark.jars"}},
		{[]string{"PATH"}, []string{"spark.jars"}},
		{[]string{"spark.jars", "PATH"}, nil},
	} {
		recipe.AllowEnv = tt.allowed
		_, err := render.Render(t.Context(), recipe)
		var takeover *render.TakeoverError
		if errors.As(err, &takeover) != (tt.want != nil) || takeover != nil && !cmp.Equal(takeover.Names, tt.want) {
			t.Errorf("Render, allowing %q = %v, want an error about %q", tt.allowed, err, tt.want)
		}
	}
	recipe = of(to(path, optional))
	if _, err := render.Render(t.Context(), recipe); err != nil {
		t.Errorf("Render of what is left out: %v", err)
	}
}

func TestRender_optional(t *testing.T) {
	some := holding(map[string]string{"k": "v"})
	bundle, err := render.Render(t.Context(), of(
		to(render.Target{Dictionary: "d"}, optional),
		to(render.Target{Dictionary: "e"}, optional, keys("gone", "k"), some),
		to(fileTo(render.JSON), optional, all),
		to(argument("-a"), optional, url(renderlogin.JDBC)),
		to(argument("-b"), optional, url(renderlogin.JDBC), some),
		to(spark("spark.a", ""), optional),
	))
	if err != nil {
		t.Fatal(err)
	}
	want := render.Bundle{Dictionaries: []render.Dictionary{{Name: "e", Entries: []render.Property{{Name: "k", Value: plaintext.New([]byte("v"))}}}}}
	if diff := cmp.Diff(want, bundle, cmp.Comparer(plaintext.Equal)); diff != "" {
		t.Errorf("Render (-want +got):\n%s", diff)
	}
}

// TestRender_gone: of a secret that was deleted, its type is not known either, nor is the password of a store; what is
// optional is left out, in the shape too, and what is not fails.
func TestRender_gone(t *testing.T) {
	gone := func(i *render.Item) { i.SecretType, i.KeyNames = "", []string{} }
	some := func(i *render.Item) {
		i.Payload, i.KeyNames = plaintext.Payload{"k": text("v")}, []string{"k"}
	}
	locked := func(f *render.FileTarget) {
		f.Store = &render.StoreTarget{PasswordSecret: "pw", PasswordKey: "p", KeyNames: []string{}}
	}
	other := func(f *render.FileTarget) {
		locked(f)
		f.Store.Password, f.Store.KeyNames = plaintext.Payload{"other": text("v")}, []string{"other"}
	}
	kept := to(render.Target{Env: &render.EnvTarget{Name: "KEPT"}}, some)
	for name, item := range map[string]render.Item{
		"URL":                        to(render.Target{Env: &render.EnvTarget{Name: "A"}}, url(renderlogin.JDBC), gone),
		"all keys":                   to(fileTo(render.JSON), all, gone),
		"store without its password": to(fileTo(render.HadoopCredentials, locked), all, some),
		"store without its key":      to(fileTo(render.JKS, other), some),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := render.Render(t.Context(), of(item, kept)); violations(err) == nil {
				t.Errorf("Render = %v, want an error", err)
			}
			item.Optional = true
			bundle, err := render.Render(t.Context(), of(item, kept))
			if err != nil || len(bundle.Env) != 1 || len(bundle.Files) != 0 {
				t.Errorf("Render = %v, %v, want the other item", bundle, err)
			}
			shape, err := render.ShapeOf(of(item, kept))
			if diff := cmp.Diff(render.Shape{Env: []string{"KEPT"}}, shape); err != nil || diff != "" {
				t.Errorf("ShapeOf: %v (-want +got):\n%s", err, diff)
			}
		})
	}
	item := to(render.Target{Env: &render.EnvTarget{Name: "A"}}, url(renderlogin.JDBC), optional, gone)
	if got := fields(of(item)); !cmp.Equal(got, []string{"items[0].url"}) {
		t.Errorf("Check of a URL of no known kind of server: violations of %q", got)
	}
}

func TestRender_ended(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("the credential was revoked")
	cancel(cause)
	recipe := of(to(argument(""), holding(map[string]string{"k": "v"})))
	recipe.Templates = []render.Template{{Engine: rendertemplate.Liquid, Text: "a", Target: argument("")}}
	if bundle, err := render.Render(ctx, recipe); !errors.Is(err, cause) || len(bundle.Arguments) > 0 {
		t.Errorf("Render in a context that ended = %v, %v, want its cause", bundle, err)
	}
}

// TestRender_boundOfEveryTarget: whatever the bundle is made of counts.
func TestRender_boundOfEveryTarget(t *testing.T) {
	large := holding(map[string]string{"k": strings.Repeat("a", render.MaxBundle/2+1)})
	dictionary := func(name string) render.Target { return render.Target{Dictionary: name} }
	tests := map[string][]render.Target{
		"variables":    {{Env: &render.EnvTarget{Name: "A"}}, {Env: &render.EnvTarget{Name: "B"}}},
		"arguments":    {argument("-a"), argument("-b")},
		"dictionaries": {dictionary("a"), dictionary("b")},
		"properties":   {spark("spark.a", ""), spark("spark.b", "")},
		"one file":     {fileTo(render.JSON), fileTo(render.JSON)},
		"files":        {fileTo(render.YAML), fileTo(render.Raw, func(f *render.FileTarget) { f.Path = "g" })},
	}
	for name, targets := range tests {
		t.Run(name, func(t *testing.T) {
			recipe := of(to(targets[0], large), to(targets[1], large))
			if targets[0].File != nil {
				recipe.Items[0].Entry = "other"
			}
			_, err := render.Render(t.Context(), recipe)
			if v := violations(err); len(v) != 1 || v[0].Field != "items" {
				t.Errorf("Render of more than %d bytes = %v", render.MaxBundle, err)
			}
		})
	}
	recipe := of(to(spark("spark.a", ""), large))
	if _, err := render.Render(t.Context(), recipe); err != nil {
		t.Errorf("Render of half the bound: %v", err)
	}
	for _, recipe.Spark = range []render.Spark{{Arguments: true}, {DefaultsPath: "d"}} {
		if _, err := render.Render(t.Context(), recipe); violations(err) == nil {
			t.Errorf("Render does not count what Spark is given as %+v", recipe.Spark)
		}
	}
}

func TestRender_noSpark(t *testing.T) {
	bundle, err := render.Render(t.Context(), of(to(render.Target{Env: &render.EnvTarget{Name: "A"}}, holding(map[string]string{"k": "v"}))))
	if err != nil || bundle.SparkConf != nil {
		t.Errorf("Render without anything of Spark = %v, %v", bundle.SparkConf, err)
	}
}

func TestRender_binary(t *testing.T) {
	item := to(render.Target{}, func(i *render.Item) { i.Payload = plaintext.Payload{"k": binary([]byte{0, 0xff})} })
	ini, hadoop, properties := item, item, item
	ini.Target, hadoop.Target, properties.Target = fileTo(render.INI), fileTo(render.HadoopXML), spark("spark.a", "")
	for _, item := range []render.Item{ini, hadoop, properties} {
		bundle, err := render.Render(t.Context(), of(item))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, f := range bundle.Files {
			got += string(f.Content.Reveal())
		}
		for _, p := range bundle.SparkConf {
			got += string(p.Value.Reveal())
		}
		if !strings.Contains(got, "AP8=") {
			t.Errorf("Render of bytes = %q, want base64", got)
		}
	}
}

func TestShapeOf_unknownKeys(t *testing.T) {
	recipe := of(
		to(render.Target{Env: &render.EnvTarget{Prefix: "A_"}}, all),
		to(render.Target{Env: &render.EnvTarget{Prefix: "B_"}}, all),
		to(render.Target{Env: &render.EnvTarget{Prefix: "C_"}}, keys("b", "a")),
		to(fileTo(render.JSON), all), to(fileTo(render.JSON)),
		to(render.Target{Dictionary: "d"}, all),
		to(spark("", ""), all),
		to(argument("--url="), url(renderlogin.URI)),
	)
	recipe.AllowEnv = []string{"unused"}
	got, err := render.ShapeOf(recipe)
	if err != nil {
		t.Fatal(err)
	}
	want := render.Shape{
		Env:          []string{"*", "C_A", "C_B"},
		Files:        []render.FileShape{{Path: "f", Format: render.JSON, Mode: 0o400, Entries: []string{"*", "k"}}},
		Arguments:    []string{"--url="},
		Dictionaries: []render.DictionaryShape{{Name: "d", Entries: []string{"*"}}},
		SparkConf:    []string{"*", "spark.redaction.regex"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ShapeOf (-want +got):\n%s", diff)
	}
}

// TestShapeOf_errors: where the keys are known, what is missing or collides is as Render says.
func TestShapeOf_errors(t *testing.T) {
	known := func(names ...string) func(*render.Item) {
		return func(i *render.Item) {
			i.KeyNames, i.Payload = append([]string{}, names...), plaintext.Payload{}
			for _, name := range names {
				i.Payload[name] = text("v")
			}
		}
	}
	variables := render.Target{Env: &render.EnvTarget{}}
	tests := map[string][]render.Item{
		"missing key":       {to(variables, keys("a"), known("b"))},
		"no keys at all":    {to(argument("-a"), known())},
		"collision":         {to(variables, all, known("a-b", "a.b"))},
		"takes over":        {to(variables, all, known("path"))},
		"foreign key":       {to(variables, all, known("a b"))},
		"merged twice":      {to(fileTo(render.JSON), all, known("a")), to(fileTo(render.JSON), all, known("a"))},
		"refused by Check":  {to(variables)},
		"property of Spark": {to(spark("", "spark."), all, known("jars"))},
	}
	for name, items := range tests {
		t.Run(name, func(t *testing.T) {
			_, want := render.Render(t.Context(), of(items...))
			_, got := render.ShapeOf(of(items...))
			if want == nil || got == nil || got.Error() != want.Error() {
				t.Errorf("ShapeOf = %v, Render = %v", got, want)
			}
		})
	}
	if _, err := render.ShapeOf(of(to(argument("-a"), optional, known()))); err != nil {
		t.Errorf("ShapeOf of what is left out = %v", err)
	}
}

func TestCase(t *testing.T) {
	tests := []struct {
		key  string
		want [5]string
	}{
		{"db-password", [5]string{"DB_PASSWORD", "db_password", "db_password", "dbPassword", "DbPassword"}},
		{"DB-Password", [5]string{"DB_PASSWORD", "db_password", "DB_Password", "dbPassword", "DbPassword"}},
		{"dbPassword", [5]string{"DBPASSWORD", "dbpassword", "dbPassword", "dbPassword", "DbPassword"}},
		{"API.KEY_2", [5]string{"API_KEY_2", "api_key_2", "API_KEY_2", "apiKey2", "ApiKey2"}},
		{"a..b-", [5]string{"A__B_", "a__b_", "a__b_", "aB", "AB"}},
		{"-", [5]string{"_", "_", "_", "", ""}},
	}
	for _, tt := range tests {
		var got [5]string
		for c := range got {
			got[c] = strings.TrimPrefix(render.Case(c).Name("P_", tt.key), "P_")
		}
		if got != tt.want {
			t.Errorf("names of %q are %q, want %q", tt.key, got, tt.want)
		}
	}
}
