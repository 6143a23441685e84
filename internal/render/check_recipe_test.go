package render_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// fields are those that the check finds something wrong with.
func fields(recipe render.Recipe) []string {
	var got []string
	for _, v := range violations(render.Check(recipe)) {
		got = append(got, v.Field)
	}
	return got
}

// to is an item of one key for a target.
func to(target render.Target, change ...func(*render.Item)) render.Item {
	item := render.Item{SecretName: "s", SecretType: "postgres", Key: "k", Target: target}
	for _, change := range change {
		change(&item)
	}
	return item
}

// keys makes an item one of several keys.
func keys(names ...string) func(*render.Item) {
	return func(i *render.Item) { i.Key, i.Keys = "", names }
}

func all(i *render.Item) { i.Key, i.AllKeys = "", true }

func url(style renderlogin.Style) func(*render.Item) {
	return func(i *render.Item) { i.Key, i.URL = "", style }
}

func entry(name string) func(*render.Item) { return func(i *render.Item) { i.Entry = name } }

func argument(text string) render.Target { return render.Target{Argument: &text} }

func spark(name, prefix string) render.Target {
	return render.Target{SparkConf: &render.SparkConfTarget{Name: name, Prefix: prefix}}
}

func fileTo(format render.Format, change ...func(*render.FileTarget)) render.Target {
	f := &render.FileTarget{Path: "f", Format: format}
	for _, change := range change {
		change(f)
	}
	return render.Target{File: f}
}

func many(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("k", i)
	}
	return names
}

func TestCheck_items(t *testing.T) {
	variable := render.Target{Env: &render.EnvTarget{Name: "A"}}
	prefix := func(c render.Case) render.Target { return render.Target{Env: &render.EnvTarget{Prefix: "A_", Case: c}} }
	dictionary := render.Target{Dictionary: "d"}
	password := func(f *render.FileTarget) { f.Store = &render.StoreTarget{PasswordSecret: "pw", PasswordKey: "pw"} }
	at := func(c renderlogin.Connection) func(*render.Item) { return func(i *render.Item) { i.Connection = c } }
	tests := []struct {
		name  string
		items []render.Item
		want  []string
	}{
		{"several keys", []render.Item{to(prefix(render.Camel), keys("a", "b")), to(dictionary, keys("a"))}, nil},
		{"most keys", []render.Item{to(prefix(render.Upper), keys(many(256)...))}, nil},
		{"too many keys", []render.Item{to(prefix(render.Upper), keys(many(257)...))}, []string{"items[0].keys"}},
		{"a key twice", []render.Item{to(dictionary, keys("a", "b", "a"))}, []string{"items[0].keys[2]"}},
		{"ill-formed keys", []render.Item{to(dictionary, keys("a", "b c", ""))}, []string{"items[0].keys[1]", "items[0].keys[2]"}},
		{"key and keys", []render.Item{to(dictionary, func(i *render.Item) { i.Keys = []string{"a"} })}, []string{"items[0].key"}},
		{"key and url", []render.Item{to(dictionary, func(i *render.Item) { i.URL = renderlogin.JDBC })}, []string{"items[0].key"}},
		{"unknown url", []render.Item{to(variable, url(99))}, []string{"items[0].url"}},
		{"url of no server", []render.Item{to(variable, url(renderlogin.JDBC), func(i *render.Item) { i.SecretType = "generic" })}, []string{"items[0].url"}},

		{"case of one variable", []render.Item{to(render.Target{Env: &render.EnvTarget{Name: "A", Case: render.Camel}})}, []string{"items[0].env_case"}},
		{"unknown case", []render.Item{to(prefix(9), all)}, []string{"items[0].env_case"}},
		{"keys that give one variable", []render.Item{to(prefix(render.Upper), keys("a-b", "a.b"))}, []string{"items[0].env"}},
		{"keys that give none", []render.Item{to(render.Target{Env: &render.EnvTarget{}}, keys("1a"))}, []string{"items[0].env"}},
		{"keys that take over", []render.Item{to(render.Target{Env: &render.EnvTarget{}}, keys("path"))}, []string{"items[0].env"}},

		{"entries", []render.Item{to(dictionary, entry("e")), to(fileTo(render.JSON), entry("e")), to(dictionary, url(renderlogin.URI), entry("u"))}, nil},
		{"entry of a variable", []render.Item{to(variable, entry("e"))}, []string{"items[0].entry"}},
		{"entry of a RAW file", []render.Item{to(fileTo(render.Raw), entry("e"))}, []string{"items[0].entry"}},
		{"entry of several", []render.Item{to(dictionary, keys("a", "b"), entry("e"))}, []string{"items[0].entry"}},
		{"ill-formed entry", []render.Item{to(dictionary, entry("a b"))}, []string{"items[0].entry"}},
		{"url without entry", []render.Item{to(dictionary, url(renderlogin.URI))}, []string{"items[0].entry"}},
		{"entry twice", []render.Item{to(dictionary), to(dictionary, entry("k"))}, []string{"items[1].dictionary"}},
		{"ill-formed dictionary", []render.Item{to(render.Target{Dictionary: "a b"})}, []string{"items[0].dictionary"}},

		{"arguments", []render.Item{to(argument("")), to(argument("")), to(argument("--a=")), to(argument("-b"))}, nil},
		{"an argument twice", []render.Item{to(argument("--a=")), to(argument("--a"))}, []string{"items[1].argument"}},
		{"argument of several keys", []render.Item{to(argument("--a"), all)}, []string{"items[0].argument"}},
		{"ill-formed argument", []render.Item{to(argument("a\x00")), to(argument(strings.Repeat("a", 513)))}, []string{"items[0].argument", "items[1].argument"}},

		{"properties", []render.Item{to(spark("spark.x", "")), to(spark("", ""), all), to(spark("", "spark.y."), keys("a"))}, nil},
		{"a property twice", []render.Item{to(spark("spark.y.a", "")), to(spark("", "spark.y."), keys("a"))}, []string{"items[1].spark_conf"}},
		{"prefix for one key", []render.Item{to(spark("spark.a", "spark."))}, []string{"items[0].spark_conf_prefix"}},
		{"name for several keys", []render.Item{to(spark("spark.a", ""), all)}, []string{"items[0].spark_conf"}},
		{"key that gives no property", []render.Item{to(spark("", ""), keys("a"))}, []string{"items[0].spark_conf"}},

		{"merged", []render.Item{to(fileTo(render.JSON)), to(fileTo(render.JSON), keys("a", "b")), to(fileTo(render.JSON), all)}, nil},
		{"merged with the default mode", []render.Item{to(fileTo(render.JSON)), to(fileTo(render.JSON, func(f *render.FileTarget) { f.Mode = 0o400 }), entry("e"))}, nil},
		{"merged name twice", []render.Item{to(fileTo(render.YAML)), to(fileTo(render.YAML))}, []string{"items[1].file"}},
		{"merged, other format", []render.Item{to(fileTo(render.JSON)), to(fileTo(render.YAML), entry("e"))}, []string{"items[1].file.format"}},
		{"merged, other mode", []render.Item{to(fileTo(render.JSON)), to(fileTo(render.JSON, func(f *render.FileTarget) { f.Mode = 0o440 }), entry("e"))}, []string{"items[1].file.mode"}},
		{"merged, other owner", []render.Item{to(fileTo(render.JSON)), to(fileTo(render.JSON, func(f *render.FileTarget) { f.Owner = "a" }), entry("e"))}, []string{"items[1].file.owner"}},
		{"merged, other store", []render.Item{to(fileTo(render.JKS, password)), to(fileTo(render.JKS, password, func(f *render.FileTarget) { f.Store.Alias = "a" }), entry("e"))}, []string{"items[1].file.store"}},
		{"RAW after JSON", []render.Item{to(fileTo(render.JSON)), to(fileTo(render.Raw))}, []string{"items[1].file.path"}},
		{"JSON after RAW", []render.Item{to(fileTo(render.Raw)), to(fileTo(render.JSON))}, []string{"items[1].file.path"}},

		{"sections", []render.Item{to(fileTo(render.INI)), to(fileTo(render.INI, func(f *render.FileTarget) { f.Section = "a b" }))}, nil},
		{"a name of INI twice", []render.Item{to(fileTo(render.INI)), to(fileTo(render.INI, func(f *render.FileTarget) { f.Section = "DEFAULT" }), entry("K"))}, []string{"items[1].file"}},
		{"section of JSON", []render.Item{to(fileTo(render.JSON, func(f *render.FileTarget) { f.Section = "a" }))}, []string{"items[0].file.section"}},
		{"a name INI counts", []render.Item{to(fileTo(render.INI), entry("-"))}, []string{"items[0].file.format"}},
		{"a variable of DOTENV", []render.Item{to(fileTo(render.Dotenv), entry("dbUser"))}, nil},
		{"no variable of DOTENV", []render.Item{to(fileTo(render.Dotenv), entry("db-user"))}, []string{"items[0].file.format"}},

		{"stores", []render.Item{to(fileTo(render.JKS, password)), to(fileTo(render.HadoopCredentials, func(f *render.FileTarget) { f.Path = "h" }))}, nil},
		{"most entries of stores", []render.Item{to(fileTo(render.JKS, password), keys(many(256)...))}, nil},
		{"too many entries of stores", []render.Item{
			to(fileTo(render.JKS, password), keys(many(255)...)),
			to(fileTo(render.PKCS12, password, func(f *render.FileTarget) { f.Path = "g" }), keys("a", "b")),
		}, []string{"items[1].file"}},
		{"store without a password", []render.Item{to(fileTo(render.PKCS12))}, []string{"items[0].file.store.password_secret"}},
		{"password without a key", []render.Item{to(fileTo(render.JKS, password, func(f *render.FileTarget) { f.Store.PasswordKey = "" }))}, []string{"items[0].file.store.password_key"}},
		{"key without a secret", []render.Item{to(fileTo(render.HadoopCredentials, password, func(f *render.FileTarget) { f.Store.PasswordSecret = "" }))}, []string{"items[0].file.store.password_secret"}},
		{"ill-formed alias", []render.Item{to(fileTo(render.JKS, password, func(f *render.FileTarget) { f.Store.Alias = "a b" }))}, []string{"items[0].file.store.alias"}},
		{"store of PEM", []render.Item{to(fileTo(render.PEM, password))}, []string{"items[0].file.store"}},
		{"aliases that differ in case", []render.Item{to(fileTo(render.JKS, password), keys("a", "A"))}, []string{"items[0].file"}},

		{"connections", []render.Item{to(variable, url(renderlogin.ODBC), at(renderlogin.Connection{Host: "h", Port: 1})), to(fileTo(render.Netrc), all, at(renderlogin.Connection{Host: "h"}))}, nil},
		{"connection of a key", []render.Item{to(variable, at(renderlogin.Connection{Host: "h"}))}, []string{"items[0].connection"}},
		{"port", []render.Item{to(fileTo(render.Pgpass), all, at(renderlogin.Connection{Port: 65536}))}, []string{"items[0].connection"}},
		{"host", []render.Item{to(fileTo(render.Netrc), all, at(renderlogin.Connection{Host: "a/b"}))}, []string{"items[0].connection"}},
		{"registry", []render.Item{to(fileTo(render.DockerConfig), all, at(renderlogin.Connection{Host: "https://h.example/v1/"}))}, nil},
		{"no registry", []render.Item{to(fileTo(render.DockerConfig), all, at(renderlogin.Connection{Host: "a b"}))}, []string{"items[0].connection"}},
		{"any database", []render.Item{to(fileTo(render.Pgpass), all, at(renderlogin.Connection{Database: "*"}))}, []string{"items[0].connection"}},
		{"parameters of a file", []render.Item{to(fileTo(render.Pgpass), all, at(renderlogin.Connection{Parameters: map[string]string{"sslmode": "require"}}))}, []string{"items[0].connection"}},
		{"parameters of a url", []render.Item{to(variable, url(renderlogin.URI), at(renderlogin.Connection{Parameters: map[string]string{"a": "\x00"}}))}, []string{"items[0].url"}},
		{"url as a login", []render.Item{to(fileTo(render.Netrc), url(renderlogin.URI), entry("e"))}, []string{"items[0].file.format"}},
		{"takes over a file", []render.Item{to(render.Target{File: &render.FileTarget{Path: "f"}, TakesOver: true})}, []string{"items[0].allow_takeover"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, fields(of(tt.items...))); diff != "" {
				t.Errorf("Check = %v, violations (-want +got):\n%s", render.Check(of(tt.items...)), diff)
			}
		})
	}
}

func TestCheck_recipes(t *testing.T) {
	none := func(target render.Target, text string) render.Template {
		return render.Template{Engine: rendertemplate.None, Text: text, Target: target}
	}
	variable := render.Target{Env: &render.EnvTarget{Name: "A"}}
	source := func(alias string, keys ...string) render.Source {
		return render.Source{SecretName: "s", Alias: alias, Keys: keys}
	}
	large := map[string]string{"v": strings.Repeat("a", 16<<10)}
	values := map[string]string{}
	for _, name := range many(65) {
		values[name] = ""
	}
	tests := []struct {
		name   string
		recipe render.Recipe
		want   []string
	}{
		{"templates", render.Recipe{
			Sources: []render.Source{source("a"), source("b", "k")}, Values: map[string]string{"v": "w"},
			Templates: []render.Template{{Text: "{{ .secrets.a.any }}{{ .secrets.b.k }}{{ .values.v }}", Target: variable}},
		}, nil},
		{"unknown alias", render.Recipe{Templates: []render.Template{{Text: "{{ .secrets.a.k }}", Target: variable}}}, []string{"templates[0].text"}},
		{"unknown key", render.Recipe{
			Sources: []render.Source{source("a", "k")}, Templates: []render.Template{{Text: "{{ .secrets.a.other }}", Target: variable}},
		}, []string{"templates[0].text"}},
		{"unknown value", render.Recipe{Templates: []render.Template{{Text: "{{ .values.v }}", Target: variable}}}, []string{"templates[0].text"}},
		{"syntax", render.Recipe{Templates: []render.Template{{Text: "{{", Target: variable}}}, []string{"templates[0].text"}},
		{"item and template for one variable", render.Recipe{Items: []render.Item{to(variable)}, Templates: []render.Template{none(variable, "")}}, []string{"templates[0].env"}},
		{"item and template for one file", render.Recipe{
			Items: []render.Item{to(fileTo(render.JSON))}, Templates: []render.Template{none(fileTo(render.Raw), "")},
		}, []string{"templates[0].file.path"}},
		{"template as JSON", render.Recipe{Templates: []render.Template{none(fileTo(render.JSON), "")}}, []string{"templates[0].file.format"}},
		{"template without an entry", render.Recipe{Templates: []render.Template{none(render.Target{Dictionary: "d"}, "")}}, []string{"templates[0].entry"}},
		{"entry without a dictionary", render.Recipe{Templates: []render.Template{{Engine: rendertemplate.None, Entry: "e", Target: variable}}}, []string{"templates[0].entry"}},
		{"template without a target", render.Recipe{Templates: []render.Template{none(render.Target{}, "")}}, []string{"templates[0]"}},
		{"template that takes over", render.Recipe{Templates: []render.Template{none(render.Target{Env: &render.EnvTarget{Name: "PATH"}}, "")}}, []string{"templates[0].env"}},
		{"template of Spark that takes over", render.Recipe{Templates: []render.Template{none(spark("spark.jars", ""), "")}}, []string{"templates[0].spark_conf"}},

		{"aliases", render.Recipe{
			Sources: []render.Source{source(""), source("1"), source("a.b"), source("ok"), source("ok"), source(strings.Repeat("a", 64))},
		}, []string{"sources[0].context_alias", "sources[1].context_alias", "sources[2].context_alias", "sources[4].context_alias", "sources[5].context_alias"}},
		{"keys of a source", render.Recipe{
			Sources: []render.Source{source("a", "k", "k"), source("b", "a b"), source("c", many(257)...)},
		}, []string{"sources[0].keys[1]", "sources[1].keys[0]", "sources[2].keys"}},
		{"too many sources", render.Recipe{Sources: make([]render.Source, render.MaxItems+1)}, []string{"sources"}},
		{"too many values", render.Recipe{Values: values}, []string{"values"}},
		{"values too large", render.Recipe{Values: large}, []string{"values"}},
		{"values", render.Recipe{Values: map[string]string{"a b": "", "c": "\xff"}}, []string{"values", "values"}},
		{"too many of both", render.Recipe{Items: make([]render.Item, 128), Templates: make([]render.Template, 129)}, []string{"items"}},

		{"Spark", render.Recipe{Spark: render.Spark{DefaultsPath: "a/b", Arguments: true, RedactionRegex: "(?i)a|b"}}, nil},
		{"Spark's path", render.Recipe{Spark: render.Spark{DefaultsPath: "../b"}}, []string{"spark.defaults_path"}},
		{"Spark's path is an item's", render.Recipe{Items: []render.Item{to(fileTo(render.Properties))}, Spark: render.Spark{DefaultsPath: "f"}}, []string{"spark.defaults_path"}},
		{"Spark's path is below an item's", render.Recipe{Items: []render.Item{to(fileTo(render.Raw))}, Spark: render.Spark{DefaultsPath: "f/g"}}, []string{"spark.defaults_path"}},
		{"Spark's path is above an item's", render.Recipe{Items: []render.Item{file("f/g")}, Spark: render.Spark{DefaultsPath: "f"}}, []string{"items[0].file.path"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, fields(tt.recipe)); diff != "" {
				t.Errorf("Check = %v, violations (-want +got):\n%s", render.Check(tt.recipe), diff)
			}
		})
	}
	for _, regex := range []string{"(", "a\nb", " a", "${x}", "\xff", strings.Repeat("a", 4097)} {
		if got := fields(render.Recipe{Spark: render.Spark{RedactionRegex: regex}}); !cmp.Equal(got, []string{"spark.redaction_regex"}) {
			t.Errorf("Check of the expression %.10q: violations of %q", regex, got)
		}
	}
}

func TestCheck_secretsOfAllKinds(t *testing.T) {
	var recipe render.Recipe
	for i := range render.MaxSecrets - 2 {
		recipe.Sources = append(recipe.Sources, render.Source{SecretName: fmt.Sprint(i), Alias: fmt.Sprint("a", i)})
	}
	recipe.Items = []render.Item{to(fileTo(render.JKS, func(f *render.FileTarget) {
		f.Store = &render.StoreTarget{PasswordSecret: "pw", PasswordKey: "k", Password: plaintext.Payload{}}
	}))}
	if err := render.Check(recipe); err != nil {
		t.Errorf("Check of %d secrets: %v", render.MaxSecrets, err)
	}
	recipe.Sources = append(recipe.Sources, render.Source{SecretName: "more", Alias: "more"})
	if got := fields(recipe); !cmp.Equal(got, []string{"items"}) {
		t.Errorf("Check of %d secrets: violations of %q", render.MaxSecrets+1, got)
	}
}

func TestCheck_owners(t *testing.T) {
	for owner, ok := range map[string]bool{
		"app": true, "app:app": true, ":app": true, "0": true, "1000:1000": true, "svc$": true, "a.b@c": true, "4294967294": true,
		":": false, "app:": false, "a:b:c": false, "-a": false, "a b": false, "a/b": false, "4294967295": false, "99999999999": false,
		"\u00e9": false, strings.Repeat("a", 66): false, "a\n": false,
	} {
		got := fields(of(to(fileTo(render.Raw, func(f *render.FileTarget) { f.Owner = owner }))))
		if ok != (got == nil) || !ok && !cmp.Equal(got, []string{"items[0].file.owner"}) {
			t.Errorf("Check of the owner %.10q: violations of %q", owner, got)
		}
	}
}

func TestCheck_sections(t *testing.T) {
	for section, ok := range map[string]bool{
		"a": true, "profile x": true, `remote "origin"`: true, "\u00e9": true, "a]": false, "[": false, "a\nb": false, "a;": false,
		"#": false, " a": false, "a\u2003": false, strings.Repeat("a", 254): false,
	} {
		got := fields(of(to(fileTo(render.INI, func(f *render.FileTarget) { f.Section = section }))))
		if ok != (got == nil) || !ok && !cmp.Equal(got, []string{"items[0].file.section"}) {
			t.Errorf("Check of the section %.10q: violations of %q", section, got)
		}
	}
}

func TestCheck_propertyNames(t *testing.T) {
	refused := strings.Fields(`spark.driver.extraJavaOptions spark.executor.defaultJavaOptions spark.yarn.am.extraJavaOptions
		spark.driver.extraClassPath spark.executor.extraLibraryPath spark.driver.userClassPathFirst spark.jars spark.jars.packages
		spark.jars.ivySettings spark.files spark.archives spark.submit.pyFiles spark.submit.deployMode spark.plugins
		spark.extraListeners spark.sql.extensions spark.pyspark.python spark.pyspark.driver.python spark.r.command spark.master
		spark.driver.resource.gpu.discoveryScript spark.kubernetes.container.image spark.kubernetes.driver.podTemplateFile
		spark.executorEnv.LD_PRELOAD spark.yarn.appMasterEnv.PATH spark.kubernetes.driverEnv.NODE_OPTIONS spark.EXECUTORENV.path
		spark.metrics.conf.x spark.repl.class.uri spark.hadoop.net.topology.script.file.name spark.sql.redaction.options.regex`)
	for _, name := range refused {
		if got := fields(of(to(spark(name, "")))); !cmp.Equal(got, []string{"items[0].spark_conf"}) {
			t.Errorf("Check of the property %s: violations of %q", name, got)
		}
		target := spark(name, "")
		target.TakesOver = true
		if got := fields(of(to(target))); got != nil {
			t.Errorf("Check of the property %s that may take over: violations of %q", name, got)
		}
	}
	never := append(strings.Fields("spark. x.y Spark.x spark.a=b spark.a:b spark.redaction.regex spark.Redaction.string.regex"),
		"", "spark.a b", "spark.a\n", "spark."+strings.Repeat("a", 512))
	for _, name := range never {
		target := spark(name, "")
		target.TakesOver = true
		if got := fields(of(to(target))); !cmp.Equal(got, []string{"items[0].spark_conf"}) {
			t.Errorf("Check of the property %.20q: violations of %q", name, got)
		}
	}
	for name := range strings.FieldsSeq(`spark.hadoop.fs.s3a.secret.key spark.sql.catalog.pg.password spark.authenticate.secret
		spark.executorEnv.PGPASSWORD spark.ssl.keyStorePassword spark.a-b_C.1 spark.kubernetes.container.image.pullSecrets`) {
		if got := fields(of(to(spark(name, "")))); got != nil {
			t.Errorf("Check of the property %s: violations of %q", name, got)
		}
	}
	for _, prefix := range []string{"x.", "spark", "spark.jars.", "spark.executorEnv.LD_", "spark.redaction.", "spark.a=", "spark." + strings.Repeat("a", 512)} {
		if got := fields(of(to(spark("", prefix), all))); !cmp.Equal(got, []string{"items[0].spark_conf_prefix"}) {
			t.Errorf("Check of the prefix %.20q: violations of %q", prefix, got)
		}
	}
}

func TestCheck_takeoversThatAreAllowed(t *testing.T) {
	for _, target := range []render.Target{
		{Env: &render.EnvTarget{Name: "PATH"}, TakesOver: true},
		spark("spark.jars", ""),
	} {
		target.TakesOver = true
		if err := render.Check(of(to(target))); err != nil {
			t.Errorf("Check = %v", err)
		}
	}
	if err := render.Check(of(to(render.Target{Env: &render.EnvTarget{Prefix: "LD_"}, TakesOver: true}, all))); err != nil {
		t.Errorf("Check of a prefix = %v", err)
	}
}
