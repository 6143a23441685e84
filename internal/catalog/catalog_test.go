package catalog_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/coffer-dev/coffer/internal/catalog"
)

func load(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func typeOf(t *testing.T, id string) catalog.SourceType {
	t.Helper()
	found, ok := load(t).Get(id)
	if !ok {
		t.Fatalf("there is no type %q", id)
	}
	return found
}

// sources are all that the platforms name, with the keys that their manifests have.
func sources() map[string][][]string {
	login := [][]string{{"username", "password"}}
	azure := [][]string{{"azureendpointsuffix", "azurestorageaccountkey", "azurestorageaccountname"}}
	repository := [][]string{{"GITSYNC_USERNAME", "GITSYNC_PASSWORD"}}
	return map[string][][]string{
		"abfss": azure, "wasbs": azure,
		"bigquery":      {{"projectid", "email", "json_keyfile"}},
		"elasticsearch": login, "opensearch": login, "jdbc": login, "mssql": login, "azure-sql": login, "mysql": login, "oracle": login,
		"postgres": login, "postgresql": login,
		"eventhub": {{"eh_shared_access_key_name", "eh_shared_access_key"}},
		"gcs":      {{"projectid", "email", "gcskey_json"}, {"projectid", "email", "gcskey_json", "privatekey", "privatekeyid"}},
		"kafka": {
			{"username", "password"},
			{"username", "password", "security_protocol", "sasl_mechanism", "trust_store_type", "trust_store_password", "ca_file", "trust_store_file"},
		},
		"mongodb": {
			{"username", "password"},
			{"username", "password", "keyStorePassword", "trustStorePassword", "ca_file", "key_store_file", "trust_store_file"},
		},
		"redshift": {{"username", "password", "awsaccesskeyid", "awssecretaccesskey"}},
		"s3":       {{"accesskeyid", "secretkey", "awsaccesskeyid", "awssecretaccesskey"}},
		"snowflake": {
			{"username", "password"},
			{"username", "auth_mode", "passphrase", "key"},
			{"username", "auth_mode", "key"}, // without a passphrase, of a key that is not encrypted
		},
		"aws-codecommit": repository, "bitbucket": repository, "git": repository,
		"container-registry": {{".dockerconfigjson"}},
		"google-sheets":      {{"json_key_file"}},
		"certificate":        {{"truststoreLocation", "keystoreLocation"}},
		"certificates":       {{"truststoreLocation", "keystoreLocation"}},
		"generic":            {{"anything", "at", "all"}},
		"key-value":          {{"anything", "at", "all"}},
		"":                   {{"anything", "at", "all"}},
	}
}

func TestCatalog_everySource(t *testing.T) {
	named := map[string]bool{}
	for id, sets := range sources() {
		source := typeOf(t, id)
		named[source.ID] = true
		for _, keys := range sets {
			if problems := source.Check(keys); len(problems) > 0 {
				t.Errorf("%q refuses %q: %+v", id, keys, problems)
			}
			// As the platforms have them, by their own names.
			for _, key := range keys {
				if f, _ := source.Field(key); !source.AnyKeys && f.Name != key {
					t.Errorf("%q has %q as an alias of %q", id, key, f.Name)
				}
			}
		}
	}
	for _, source := range load(t).Types() {
		if !named[source.ID] {
			t.Errorf("the type %s is named nowhere", source.ID)
		}
	}
}

// What has a key or a password in it is hidden.
func TestCatalog_hides(t *testing.T) {
	for _, source := range load(t).Types() {
		for _, f := range source.Fields {
			name := strings.ToLower(f.Name)
			secret := strings.Contains(name, "pass") || strings.Contains(name, "secret") || strings.Contains(name, "accountkey") || strings.Contains(name, "json")
			if secret && !f.Sensitive {
				t.Errorf("%s: the field %s is not hidden", source.ID, f.Name)
			}
		}
	}
}

func TestNearest(t *testing.T) {
	for text, want := range map[string]string{
		"postgers": "postgres", "Postgres": "postgres", "postgre": "postgres", "snow-flake": "snowflake", "mssqll": "mssql", "azuresql-": "azuresql",
		"x": "", "": "", "completely-different": "", strings.Repeat("postgres", 1<<16): "",
	} {
		if got := load(t).Nearest(text); got != want {
			t.Errorf("Nearest(%.20q) = %q, want %q", text, got, want)
		}
	}
}

func TestGet_unknown(t *testing.T) {
	for _, id := range []string{"Postgres", "postgers", "types/postgres", "../catalog"} {
		if _, ok := load(t).Get(id); ok {
			t.Errorf("there is a type %q", id)
		}
	}
}

func TestCheck(t *testing.T) {
	is := func(key string, fault catalog.Fault) catalog.Problem { return catalog.Problem{Key: key, Fault: fault} }
	for _, tc := range []struct {
		name, id string
		keys     []string
		want     []catalog.Problem
		text     string // in one of them
	}{
		{"nothing", "postgres", nil, []catalog.Problem{is("username", catalog.Missing), is("password", catalog.Missing)}, `"user" or "login" would do`},
		{"an alias", "postgres", []string{"user", "password", "dbname"}, nil, ""},
		{"another case", "postgres", []string{"USER", "Password"}, nil, ""},
		{"two of one field", "postgres", []string{"user", "username", "password"}, []catalog.Problem{is("username", catalog.Contradictory)}, `"user"`},
		{"one in two cases", "postgres", []string{"user", "USER", "password"}, []catalog.Problem{is("user", catalog.Contradictory)}, `"USER"`},
		{
			"all at once", "postgres",
			[]string{"pasword", "user", "login", "z"},
			[]catalog.Problem{is("password", catalog.Missing), is("pasword", catalog.Unknown), is("user", catalog.Contradictory), is("z", catalog.Unknown)},
			`did you mean "password"?`,
		},
		{"neither", "snowflake", []string{"username"}, []catalog.Problem{is("password", catalog.Missing)}, `or instead of it "auth_mode" and "key"`},
		{
			"both", "snowflake",
			[]string{"username", "password", "auth_mode", "key"},
			[]catalog.Problem{is("auth_mode", catalog.Contradictory), is("key", catalog.Contradictory), is("password", catalog.Contradictory)},
			`is for password, and "auth_mode", "key" for another way`,
		},
		{"a passphrase of no key", "snowflake", []string{"username", "passphrase"}, []catalog.Problem{is("auth_mode", catalog.Missing), is("key", catalog.Missing)}, "with key-pair"},
		{
			"a password with a passphrase", "snowflake",
			[]string{"username", "password", "passphrase"},
			[]catalog.Problem{is("passphrase", catalog.Contradictory), is("password", catalog.Contradictory)},
			"",
		},
		{"a login of one registry", "container-registry", []string{"registry", "username", "password"}, nil, ""},
		{"PEM", "certificate", []string{"tls.crt", "tls.key", "ca.crt"}, nil, ""},
		{"half of a pair", "s3", []string{"accesskeyid", "secretkey"}, []catalog.Problem{is("awsaccesskeyid", catalog.Missing), is("awssecretaccesskey", catalog.Missing)}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := typeOf(t, tc.id).Check(tc.keys)
			var texts []string
			for i := range got {
				texts, got[i].Text = append(texts, got[i].Text), ""
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("Check(%q) (-want +got):\n%s", tc.keys, diff)
			}
			if !strings.Contains(strings.Join(texts, "\n"), tc.text) {
				t.Errorf("Check(%q) says %q, want %q in it", tc.keys, texts, tc.text)
			}
		})
	}
}

// document is a manifest as far as it is of interest here.
type document struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Namespace, Name *string }
	Spec       struct {
		Type    string
		Payload struct {
			Data       map[string]*string
			BinaryData map[string]*string `yaml:"binaryData"`
		}
	}
}

func decode(t *testing.T, text string) (d document, keys []string) {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	for _, data := range []map[string]*string{d.Spec.Payload.Data, d.Spec.Payload.BinaryData} {
		for key := range data {
			keys = append(keys, key)
		}
	}
	return d, keys
}

func TestExample(t *testing.T) {
	for _, source := range load(t).Types() {
		d, keys := decode(t, source.Example())
		if d.Spec.Type != source.ID || d.Kind != "Secret" || len(keys) == 0 {
			t.Errorf("%s: the example is %+v", source.ID, d)
		}
		if problems := source.Check(keys); len(problems) > 0 {
			t.Errorf("%s: its own example is wrong: %+v", source.ID, problems)
		}
	}
}

// A scaffold has what is required, without a value but where there is only one, and whatever is taken in of the rest is
// known: nothing in it is made up.
func TestScaffold(t *testing.T) {
	for _, source := range load(t).Types() {
		text := source.Scaffold("acme", "")
		d, keys := decode(t, text)
		if *d.Metadata.Namespace != "acme" || d.Metadata.Name != nil {
			t.Errorf("%s: the metadata is %+v", source.ID, d.Metadata)
		}
		if problems := source.Check(keys); len(problems) > 0 {
			t.Errorf("%s: the scaffold is wrong when it is filled in: %+v", source.ID, problems)
		}
		for key, value := range d.Spec.Payload.Data {
			if f, _ := source.Field(key); value != nil && len(f.Values) != 1 {
				t.Errorf("%s: the scaffold has a value for %s", source.ID, key)
			}
		}
		for _, f := range source.Fields {
			if !strings.Contains(text, "\n      "+f.Name+":") && !strings.Contains(text, "\n      # "+f.Name+":") {
				t.Errorf("%s: the scaffold does not tell of %s", source.ID, f.Name)
			}
			if f.Sensitive && strings.Contains(text, f.Example) {
				t.Errorf("%s: the scaffold has a made-up value for %s", source.ID, f.Name)
			}
		}
		for _, f := range source.Fields {
			text = strings.ReplaceAll(text, "\n      # "+f.Name+":", "\n      "+f.Name+":")
		}
		if _, keys = decode(t, text); len(keys) < len(source.Fields) {
			t.Errorf("%s: with all taken in, the scaffold has %q", source.ID, keys)
		}
	}
}

func TestParse_refuses(t *testing.T) {
	const head = "id: x\ntitle: X\ndocumentation: An X.\n"
	const field = "fields:\n  - {name: k, description: K, example: e%s}\n"
	for name, text := range map[string]string{
		"nothing":                "",
		"an unknown key":         head + "feilds: []\n",
		"an unknown flag":        head + strings.ReplaceAll(field, "%s", ", secret: true"),
		"two documents":          head + "---\nid: y\n",
		"an ID in capitals":      strings.Replace(head, "id: x", "id: X", 1),
		"an alias with a space":  head + "aliases: [a b]\n",
		"no title":               "id: x\ndocumentation: An X.\n",
		"a style of no URL":      head + "urls: [LDAP]\n",
		"no description":         head + "fields:\n  - {name: k, example: e}\n",
		"no example":             head + "fields:\n  - {name: k, description: K}\n",
		"no key":                 head + "fields:\n  - {name: a b, description: K, example: e}\n",
		"a key twice":            head + strings.ReplaceAll(field, "%s", "") + "  - {name: j, aliases: [K], description: J, example: e}\n",
		"binary that is no file": head + strings.ReplaceAll(field, "%s", ", binary: true"),
		"a hidden choice":        head + strings.ReplaceAll(field, "%s", ", values: [e], sensitive: true"),
		"an example of none":     head + strings.ReplaceAll(field, "%s", ", values: [f]"),
		"a required place":       head + strings.ReplaceAll(field, "%s", ", required: true, connection: true"),
		"the same as a later":    head + strings.ReplaceAll(field, "%s", ", sameAs: j") + "  - {name: j, description: J, example: e}\n",
		"one alternative":        head + strings.ReplaceAll(field, "%s", "") + "alternatives:\n  - {name: a, description: A, required: [k]}\n",
		"an unknown field":       head + strings.ReplaceAll(field, "%s", "") + "alternatives:\n  - {name: a, description: A, required: [k]}\n  - {name: b, description: B, required: [j]}\n",
		"a shared field":         head + strings.ReplaceAll(field, "%s", "") + "alternatives:\n  - {name: a, description: A, required: [k]}\n  - {name: b, description: B, required: [k]}\n",
		"a required choice":      head + strings.ReplaceAll(field, "%s", ", required: true") + "alternatives:\n  - {name: a, description: A, required: [k]}\n  - {name: b, description: B, required: [k]}\n",
	} {
		if _, err := catalog.Parse([]byte(text)); err == nil {
			t.Errorf("%s: it was taken:\n%s", name, text)
		}
	}
	if _, err := catalog.Parse([]byte(head + strings.ReplaceAll(field, "%s", ""))); err != nil {
		t.Errorf("a type without faults: %v", err)
	}
}
