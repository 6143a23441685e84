package resolve_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/resolve"
)

// delivered is a result as texts.
type delivered struct {
	Payload    string
	Env, Spark map[string]string
	Files      map[string]string
	Takeovers  []string
}

// kept stands for a payload that stays as it is.
const kept = ""

func deliver(t *testing.T, text string) delivered {
	t.Helper()
	r := resolved(t, text)
	d := delivered{Payload: string(r.Payload.Reveal()), Takeovers: r.Takeovers}
	if d.Payload == text {
		d.Payload = kept
	}
	put := func(m *map[string]string, name, value string) {
		if *m == nil {
			*m = map[string]string{}
		}
		if _, twice := (*m)[name]; twice {
			t.Errorf("%s is delivered twice", name)
		}
		(*m)[name] = value
	}
	for _, v := range r.Bundle.Env {
		put(&d.Env, v.Name, string(v.Value.Reveal()))
	}
	for _, f := range r.Bundle.Files {
		if f.Mode != 0o400 {
			t.Errorf("mode of %s = %o", f.Path, f.Mode)
		}
		put(&d.Files, f.Path, string(f.Content.Reveal()))
	}
	for _, p := range r.Bundle.SparkConf {
		put(&d.Spark, p.Name, string(p.Value.Reveal()))
	}
	shaped := parse(t, text).Shape(func(r resolve.Reference) ([]string, map[string]string) {
		found, _ := find(r)
		return slices.Sorted(maps.Keys(found.Payload)), found.Annotations
	})
	names := func(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
	want := [][]string{names(d.Env), names(d.Spark), names(d.Files)}
	var files []string
	for _, f := range shaped.Files {
		files = append(files, f.Path)
	}
	slices.Sort(files)
	if diff := cmp.Diff(want, [][]string{shaped.Env, shaped.SparkConf, files}); diff != "" {
		t.Errorf("Shape names others than Resolve delivers (-delivered +named):\n%s", diff)
	}
	return d
}

// The bodies of IOMETE's guide to its second edition of secrets; the one with a Vault resolves to an error.
func TestIOMETE(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     delivered
	}{
		{
			"compute, first edition", `{
  "envVars": {
    "DB_PASSWORD": "${secrets.db_password}"
  },
  "sparkConf": {
    "spark.hadoop.fs.s3a.secret.key": "${secrets.warehouse_path}"
  }
}`,
			delivered{
				Payload: `{
  "envVars": {
    "DB_PASSWORD": "p\"a\\ss"
  },
  "sparkConf": {
    "spark.hadoop.fs.s3a.secret.key": "wh-secret"
  }
}`,
				Env: map[string]string{"DB_PASSWORD": `p"a\ss`},
				Spark: map[string]string{
					"spark.hadoop.fs.s3a.secret.key": "wh-secret",
					"spark.redaction.regex":          render.RedactionRegex("", []string{"DB_PASSWORD", "spark.hadoop.fs.s3a.secret.key"}),
				},
			},
		},
		{
			"compute, second edition", `{
  "envVars": {
    "APP_MODE": "production"
  },
  "envSecrets": [
    {
      "key": "DB_PASSWORD",
      "secretObject": {
        "key": "db_password",
        "source": { "type": "KUBERNETES", "id": "secret-domain" }
      }
    }
  ],
  "sparkConf": {
    "spark.executor.memory": "4g"
  },
  "sparkConfSecrets": [
    {
        "key": "API_TOKEN",
        "secretObject": {
          "key": "api_token",
          "source": { "type": "KUBERNETES", "id": "secret-domain" }
        }
      }
  ]
}`,
			delivered{
				Env: map[string]string{"APP_MODE": "production", "DB_PASSWORD": "of the domain"},
				Spark: map[string]string{
					"spark.executor.memory": "4g", "API_TOKEN": "token",
					"spark.redaction.regex": render.RedactionRegex("", []string{"DB_PASSWORD", "API_TOKEN"}),
				},
			},
		},
		{
			"a job", `{"template": {"sparkConf": {"spark.redaction.regex": "mine", "spark.n": 2}, "sparkConfSecrets": [{"key": "spark.x",
				"secretObject": {"key": "db.password"}}]}}`,
			delivered{Spark: map[string]string{"spark.n": "2", "spark.x": "p w", "spark.redaction.regex": render.RedactionRegex("mine", []string{"spark.x"})}},
		},
		{
			"nested as newer documentation has it", `{"template": {"sparkConfig": {"envSecrets": [{"key": "A", "secretObject": {"key": "api-key", "source": null}}]}}}`,
			delivered{Env: map[string]string{"A": "sk-1"}},
		},
		{
			"a notebook, first edition", `{
  "config": {
    "envVars": {
      "DB_PASSWORD": "${secrets.db_password}"
    }
  }
}`,
			delivered{
				Payload: `{
  "config": {
    "envVars": {
      "DB_PASSWORD": "p\"a\\ss"
    }
  }
}`,
				Env: map[string]string{"DB_PASSWORD": `p"a\ss`},
			},
		},
		{
			"a notebook, second edition", `{
  "config": {
    "envVars": {
      "APP_MODE": "production"
    },
    "envSecrets": [
        {
          "key": "DB_PASSWORD",
          "secretObject": {
            "key": "db_password",
            "source": { "type": "KUBERNETES", "id": "secret-domain" }
          }
        },
        {
          "key": "API_TOKEN",
          "secretObject": {
            "key": "api_token",
            "source": { "type": "KUBERNETES", "id": "secret-domain" }
          }
        }
      ]
  }
}`,
			delivered{Env: map[string]string{"APP_MODE": "production", "DB_PASSWORD": "of the domain", "API_TOKEN": "token"}},
		},
		{"storage, first edition", `{"secretKey": "my-plaintext-secret-value"}`, delivered{}},
		{
			"storage, second edition", `{
  "storageSecret": {
    "key": "s3_secret_key",
    "source": { "type": "KUBERNETES", "id": "secret-domain" }
  }
}`,
			delivered{Payload: `{
  "secretKey": "s3", "storageSecret": {
    "key": "s3_secret_key",
    "source": { "type": "KUBERNETES", "id": "secret-domain" }
  }
}`},
		},
		{
			"storage with a fallback, which is not looked at", `{"secretKey": "${secrets.missing}", "storageSecret": {"key": "api-key"}}`,
			delivered{Payload: `{"secretKey": "sk-1", "storageSecret": {"key": "api-key"}}`},
		},
		{
			"storage with a fallback that is none", `{"a": {"storageSecret": {"key": "api-key"}, "secretKey": null}}`,
			delivered{Payload: `{"a": {"storageSecret": {"key": "api-key"}, "secretKey": "sk-1"}}`},
		},
		{
			"storage in YAML", "- n: 1\n  storageSecret:\n    key: api-key\n- {storageSecret: {key: api-key}, secretKey: 1}\n- {storageSecret: {key: api-key}}\n- storageSecret: {key: api-key}\n",
			delivered{Payload: "- n: 1\n  \"secretKey\": \"sk-1\"\n  storageSecret:\n    key: api-key\n- {storageSecret: {key: api-key}, secretKey: \"sk-1\"}\n" +
				"- {\"secretKey\": \"sk-1\", storageSecret: {key: api-key}}\n- \"secretKey\": \"sk-1\"\n  storageSecret: {key: api-key}\n"},
		},
		{"no storage secret", `{"storageSecret": null, "secretKey": "x"}`, delivered{}},
		{
			"a secretObject wins", `{"envVars": {"A": "plain", "B": "${secret.db.username}"}, "envSecrets": [
				{"key": "A", "secretObject": {"key": "api-key"}}, {"key": "B", "secretObject": {"key": "api-key"}}]}`,
			delivered{
				Payload: `{"envVars": {"A": "plain", "B": "u"}, "envSecrets": [
				{"key": "A", "secretObject": {"key": "api-key"}}, {"key": "B", "secretObject": {"key": "api-key"}}]}`,
				Env: map[string]string{"A": "sk-1", "B": "sk-1"},
			},
		},
		{
			"settings that are no texts", `{"envVars": {"N": 1.50, "T": true, "O": {"x": 1}, "Z": null, "E": "", "L": "$${secret.x}"}, "sparkConf": []}`,
			delivered{
				Payload: `{"envVars": {"N": 1.50, "T": true, "O": {"x": 1}, "Z": null, "E": "", "L": "${secret.x}"}, "sparkConf": []}`,
				Env:     map[string]string{"N": "1.50", "T": "true", "E": "", "L": "${secret.x}"},
			},
		},
		{
			"what the payload itself takes over is told", `{"envVars": {"PATH": "/bin", "A": "b"}, "sparkConf": {"spark.jars": "x.jar"}}`,
			delivered{
				Env: map[string]string{"PATH": "/bin", "A": "b"}, Spark: map[string]string{"spark.jars": "x.jar"},
				Takeovers: []string{"PATH", "spark.jars"},
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, deliver(t, c.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDataOS(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     delivered
	}{
		{
			"a manifest of the first edition", "workspace: public\nservice:\n  dataosSecrets:\n    - {name: app-tokens, workspace: public, keys: [API_TOKEN], consumptionType: envVars}\n",
			delivered{Env: map[string]string{"API_TOKEN": "t"}},
		},
		{"one key", `{"dataosSecrets": [{"name": "db", "key": "password"}]}`, delivered{Env: map[string]string{"password": "p w"}}},
		{"the only key", `{"dataosSecrets": [{"name": "api-key"}]}`, delivered{Env: map[string]string{"value": "sk-1"}}},
		{"all keys", "service:\n  secrets:\n  - name: db\n    allkeys: True\n", delivered{Env: map[string]string{"username": "u", "password": "p w"}}},
		{"names that no environment carries", `{"dataosSecrets": [{"name": "sheets", "allKeys": true}]}`, delivered{Env: map[string]string{"gsheets_json": "{\n}\n", "user": "me"}}},
		{
			"files", "workflow:\n  dag:\n  - spec:\n      secrets:\n      - {name: sheets, allKeys: true, consumptionType: file}\n",
			delivered{Files: map[string]string{"sheets_gsheets.json": "{\n}\n", "sheets_user": "me"}},
		},
		{
			"properties", `{"dataosSecrets": [{"name": "db", "keys": ["username", "username"], "key": "password", "consumptionType": "propfile"}]}`,
			delivered{Files: map[string]string{"db": "password=p w\nusername=u\n"}},
		},
		{
			"lists of others", `{"secrets": [{"id": "name-r", "purpose": "scan"}, {"name": "db"}, {"name": "db", "key": "password", "mode": 1}, "db", "${secret.api-key}"]}`,
			delivered{Payload: `{"secrets": [{"id": "name-r", "purpose": "scan"}, {"name": "db"}, {"name": "db", "key": "password", "mode": 1}, "db", "sk-1"]}`},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, deliver(t, c.in)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A recipe of Instill's, with what it writes in many lines.
func TestInstill(t *testing.T) {
	in := "version: v1beta\ncomponent:\n  openai:\n    type: openai\n    setup:\n      api-key: ${secret.api-key}\n      own: ${secret.INSTILL_SECRET}\n" +
		"    input:\n      prompt: |-\n        Say ${variable.x} and\n        ${ secret.db.username }\n"
	want := "version: v1beta\ncomponent:\n  openai:\n    type: openai\n    setup:\n      api-key: \"sk-1\"\n      own: ${secret.INSTILL_SECRET}\n" +
		"    input:\n      prompt: \"Say ${variable.x} and\\nu\"\n"
	if diff := cmp.Diff(delivered{Payload: want}, deliver(t, in)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestVault(t *testing.T) {
	d := parse(t, `{"sparkConfSecrets": [{"key": "API_TOKEN", "secretObject": {"key": "api_token", "source": { "type": "VAULT", "id": "vault-config-id" }}}]}`)
	asked := false
	_, err := d.Resolve(t.Context(), func(resolve.Reference) (resolve.Found, error) {
		asked = true
		return resolve.Found{}, nil
	})
	if err == nil || asked || d.References()[0].Problem == "" {
		t.Errorf("Resolve = %v, asked %t, want an error and no question", err, asked)
	}
}
