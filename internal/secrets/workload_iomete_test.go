package secrets_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// Both sources as the guide writes them.
const (
	ofKubernetes   = `{ "type": "KUBERNETES", "id": "secret-domain" }`
	ofVaultOfGuide = `{ "type": "VAULT", "id": "vault-config-id" }`
)

// domain is a fixture with the domain of the guide, its secrets, a global one, and a backend that has keys called as they.
func domain(t *testing.T) (*fixture, *backend) {
	t.Helper()
	b := &backend{keys: map[string]string{}}
	for _, key := range []string{"db_password", "api_token", "s3_secret_key", "warehouse_path"} {
		b.keys["namespaces/secret-domain/backends/vault-config-id "+key] = "vault's " + key
	}
	f := configured(t, func(c *secrets.Config) { c.Backend = b })
	f.namespace("secret-domain", "acme")
	for _, key := range []string{"db_password", "api_token", "s3_secret_key"} {
		f.secret("namespaces/secret-domain/secrets/"+key, "value", "domain's "+key)
	}
	f.secret("namespaces/instance/secrets/db_password", "value", "global, and hidden by the domain's")
	f.secret("namespaces/instance/secrets/warehouse_path", "value", "global warehouse_path")
	return f, b
}

// Every body of the guide, as it stands there and with either source, resolves in a domain.
func TestIOMETE_bodies(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/iomete.txtar")
	if err != nil {
		t.Fatal(err)
	}
	f, b := domain(t)
	reader := f.with(authz.RoleSecretReader, "namespaces/secret-domain")
	f.grant(reader, authz.RoleSecretReader, "namespaces/instance/secrets/warehouse_path")
	type delivered struct {
		env, spark map[string]string
		payload    func(body string) string // nil: it stays as it is
	}
	replace := func(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }
	storage := func(value string) func(string) string {
		return replace("{\n  \"storageSecret\"", "{\n  \"secretKey\": \""+value+"\", \"storageSecret\"")
	}
	redaction := func(names ...string) string { return render.RedactionRegex("", names) }
	want := map[string]delivered{
		"secret-object": {},
		"compute-v1": {
			map[string]string{"DB_PASSWORD": "domain's db_password"},
			map[string]string{
				"spark.hadoop.fs.s3a.secret.key": "global warehouse_path",
				"spark.redaction.regex":          redaction("DB_PASSWORD", "spark.hadoop.fs.s3a.secret.key"),
			},
			replace("${secrets.db_password}", "domain's db_password", "${secrets.warehouse_path}", "global warehouse_path"),
		},
		"compute-v2": {
			map[string]string{"APP_MODE": "production", "DB_PASSWORD": "SOURCE's db_password"},
			map[string]string{"spark.executor.memory": "4g", "API_TOKEN": "SOURCE's api_token", "spark.redaction.regex": redaction("DB_PASSWORD", "API_TOKEN")},
			nil,
		},
		"jupyter-v1":            {map[string]string{"DB_PASSWORD": "domain's db_password"}, nil, replace("${secrets.db_password}", "domain's db_password")},
		"jupyter-v2":            {map[string]string{"APP_MODE": "production", "DB_PASSWORD": "SOURCE's db_password", "API_TOKEN": "SOURCE's api_token"}, nil, nil},
		"storage-v1":            {},
		"storage-v2-kubernetes": {payload: storage("SOURCE's s3_secret_key")},
		"storage-v2-vault":      {payload: storage("SOURCE's s3_secret_key")},
	}
	for _, file := range archive.Files {
		for source, owner := range map[string]string{"": "", ofKubernetes: "domain", ofVaultOfGuide: "vault"} {
			t.Run(file.Name+" "+owner, func(t *testing.T) {
				body, is := string(file.Data), owner
				if source != "" {
					body = replace(ofKubernetes, source, ofVaultOfGuide, source)(body)
				}
				bundle, err := f.ResolveWorkload(f.ctx(), reader, secrets.ResolveWorkload{Parent: "namespaces/secret-domain", Payload: body})
				f.must(err)
				sourced := func(values map[string]string) map[string]string {
					with := map[string]string{}
					for name, value := range values {
						owner := is
						if owner == "" && name == "API_TOKEN" || owner == "" && strings.HasSuffix(file.Name, "-vault") {
							owner = "vault"
						} else if owner == "" {
							owner = "domain"
						}
						with[name] = strings.ReplaceAll(value, "SOURCE", owner)
					}
					return with
				}
				w := want[file.Name]
				text := body
				if w.payload != nil {
					text = sourced(map[string]string{"": w.payload(body)})[""]
				}
				if diff := cmp.Diff(text, string(bundle.Payload.Reveal())); diff != "" {
					t.Errorf("payload (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(sourced(w.env), variables(bundle)); diff != "" {
					t.Errorf("environment (-want +got):\n%s", diff)
				}
				spark := map[string]string{}
				for _, p := range bundle.SparkConf {
					spark[p.Name] = string(p.Value.Reveal())
				}
				if diff := cmp.Diff(sourced(w.spark), spark); diff != "" {
					t.Errorf("Spark's configuration (-want +got):\n%s", diff)
				}
				if asked := len(b.asked); strings.HasSuffix(file.Name, "-v1") && asked > 0 {
					t.Errorf("a placeholder reaches the backend: %v", b.asked)
				}
				b.asked = nil
			})
		}
	}
}

// The bodies of jobs are those of compute in a template; newer documentation has those of compute in sparkConfig.
func TestIOMETE_nesting(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/iomete.txtar")
	if err != nil {
		t.Fatal(err)
	}
	f, _ := domain(t)
	for _, file := range archive.Files {
		if !strings.HasPrefix(file.Name, "compute-") {
			continue
		}
		ask := func(before, after string) map[string]string {
			bundle, err := f.ResolveWorkload(f.ctx(), f.root, secrets.ResolveWorkload{
				Parent: "namespaces/secret-domain", Payload: before + string(file.Data) + after,
			})
			f.must(err)
			all := variables(bundle)
			for _, p := range bundle.SparkConf {
				all[p.Name] = string(p.Value.Reveal())
			}
			return all
		}
		want := ask("", "")
		for before, after := range map[string]string{`{"template": `: "}", `{"sparkConfig": `: "}", `{"template": {"sparkConfig": `: "}}"} {
			if diff := cmp.Diff(want, ask(before, after)); diff != "" {
				t.Errorf("%s%s (-alone +nested):\n%s", before, file.Name, diff)
			}
		}
	}
}

// Without a backend, what the guide takes from a Vault is told for each reference, and the rest is not delivered either; with
// the second form off, so is what it takes from the domain. The first form goes on.
func TestIOMETE_bodiesRefused(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/iomete.txtar")
	if err != nil {
		t.Fatal(err)
	}
	f, _ := domain(t)
	const none, off = "its source is VAULT, and no such backend is configured", "references of this form are off: features.secretsV2.enabled is false"
	for _, c := range []struct {
		why    string
		change func(*secrets.Config)
		places map[string][]string
	}{
		{none, func(c *secrets.Config) { c.Backend = nil }, map[string][]string{
			"compute-v2":       {"/sparkConfSecrets/0/secretObject"},
			"jupyter-v2":       {"/config/envSecrets/1/secretObject"},
			"storage-v2-vault": {"/storageSecret"},
		}},
		{off, func(c *secrets.Config) { c.SecretObjectsOff = true }, map[string][]string{
			"compute-v2":            {"/envSecrets/0/secretObject", "/sparkConfSecrets/0/secretObject"},
			"jupyter-v2":            {"/config/envSecrets/0/secretObject", "/config/envSecrets/1/secretObject"},
			"storage-v2-kubernetes": {"/storageSecret"},
			"storage-v2-vault":      {"/storageSecret"},
		}},
	} {
		f.reconfigure(c.change)
		for _, file := range archive.Files {
			_, err := f.ResolveWorkload(f.ctx(), f.root, secrets.ResolveWorkload{Parent: "namespaces/secret-domain", Payload: string(file.Data)})
			if c.places[file.Name] == nil {
				f.must(err)
			} else if got := f.unresolved(err, c.places[file.Name]...); got != c.why {
				t.Errorf("%s reads %q, want %q", file.Name, got, c.why)
			}
		}
	}
}

// A domain whose name is no ID, and what belongs to all of them, are named by source.id.
func TestIOMETE_domains(t *testing.T) {
	f, _ := domain(t)
	f.namespace("__sales__20-__e__u", "acme")
	f.secret("namespaces/__sales__20-__e__u/secrets/key", "value", "of Sales EU")
	bundle, err := f.resolve(f.root, `{"envSecrets": [
		{"key": "A", "secretObject": {"key": "key", "source": {"type": "KUBERNETES", "id": "Sales EU"}}},
		{"key": "B", "secretObject": {"key": "warehouse_path", "source": {"type": "KUBERNETES", "id": "instance"}}}]}`)
	f.must(err)
	if diff := cmp.Diff(map[string]string{"A": "of Sales EU", "B": "global warehouse_path"}, variables(bundle)); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	_, err = f.resolve(f.root, `{"storageSecret": {"key": "warehouse_path", "source": {"type": "KUBERNETES", "id": "secret-domain"}}}`)
	f.unresolved(err, "/storageSecret")
}
