package iomete_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// paths are those of the guide, without what comes before the domain's resources.
var paths = []string{
	"/api/v2/domains/secret-domain/compute", "/api/v2/domains/secret-domain/spark/jobs", "/api/v2/domains/secret-domain/spark/streaming/jobs",
	"/api/v2/domains/secret-domain/sdk/spark/jobs", "/api/v1/domains/secret-domain/jupyter-containers", "/api/v1/domains/secret-domain/storage-configs",
}

// answer is a resolved workload.
type answer struct {
	Payload        string
	Env, SparkConf map[string]string
	Message        string
	Details        []struct {
		Reason          string
		FieldViolations []struct{ Field, Description string }
	}
}

func resolve(t *testing.T, s *servertest.Server, token, verb, path, payload string) (int, answer) {
	t.Helper()
	r := s.REST(token, verb, path+":resolve", payload)
	var a answer
	if err := json.Unmarshal(r.Body, &a); err != nil {
		t.Fatalf("%s %s: %v in %s", verb, path, err, r.Body)
	}
	return r.Status, a
}

// stocked is a server with the secrets that the guide's bodies name: of the domain, and global ones.
func stocked(t *testing.T, change func(*server.Config)) *servertest.Server {
	t.Helper()
	s := servertest.Start(t, servertest.Config{Change: change})
	domain(t, s, "secret-domain")
	for key, value := range map[string]string{"db_password": "of the domain", "s3_secret_key": "AKIA/+\"\\"} {
		body, _ := json.Marshal(map[string]string{"key": key, "value": value})
		if r := s.REST(s.OperatorToken, "POST", "/api/v2/domains/secret-domain/secrets", string(body)); r.Status != 200 {
			t.Fatalf("creating %s: %s", key, r.Body)
		}
	}
	for _, key := range []string{"db_password", "warehouse_path"} {
		s.REST(s.OperatorToken, "POST", "/v1/namespaces/instance/secrets?secretId="+key, `{"payload": {"data": {"value": "global"}}}`)
	}
	return s
}

func TestResolve(t *testing.T) {
	s := stocked(t, nil)
	v1, v2 := body(t, "compute_v1.json"), body(t, "compute_v2.json")
	kubernetes := strings.NewReplacer(`"VAULT", "id": "vault-config-id"`, `"KUBERNETES", "id": "instance"`, "api_token", "warehouse_path").Replace(v2)
	storage := body(t, "storage_v2.json")
	const redaction = "spark.redaction.regex"
	for _, c := range []struct {
		name, payload string
		env, spark    map[string]string
	}{
		{"placeholders", v1, map[string]string{"DB_PASSWORD": "of the domain"}, map[string]string{"spark.hadoop.fs.s3a.secret.key": "global"}},
		{"references", kubernetes, map[string]string{"APP_MODE": "production", "DB_PASSWORD": "of the domain"}, map[string]string{"spark.executor.memory": "4g", "API_TOKEN": "global"}},
		{"below template", `{"template": ` + kubernetes + `}`, map[string]string{"APP_MODE": "production", "DB_PASSWORD": "of the domain"}, map[string]string{"spark.executor.memory": "4g", "API_TOKEN": "global"}},
		{"below sparkConfig", `{"sparkConfig": ` + v1 + `}`, map[string]string{"DB_PASSWORD": "of the domain"}, map[string]string{"spark.hadoop.fs.s3a.secret.key": "global"}},
		{"Jupyter, placeholders", body(t, "jupyter_v1.json"), map[string]string{"DB_PASSWORD": "of the domain"}, nil},
		{
			"side by side", `{"envVars": {"A": "${secrets.db_password}", "B": "b"}, "envSecrets": [{"key": "C", "secretObject": {"key": "db_password", "source": {"type": "KUBERNETES", "id": "instance"}}}]}`,
			map[string]string{"A": "of the domain", "B": "b", "C": "global"},
			nil,
		},
	} {
		for _, path := range paths {
			for _, verb := range []string{"POST", "PUT"} {
				status, got := resolve(t, s, s.OperatorToken, verb, path, c.payload)
				if got.SparkConf[redaction] == "" && c.spark != nil {
					t.Errorf("%s %s, %s: Spark is not told what to hide", verb, path, c.name)
				}
				delete(got.SparkConf, redaction)
				if len(got.SparkConf) == 0 {
					got.SparkConf = nil
				}
				if status != 200 || !cmp.Equal(got.Env, c.env) || !cmp.Equal(got.SparkConf, c.spark) {
					t.Errorf("%s %s, %s: %d %+v", verb, path, c.name, status, got)
				}
			}
		}
	}
	// The payload comes back byte for byte but for its references. A storageSecret wins over the secretKey beside it.
	for payload, want := range map[string]string{
		v1:                         strings.NewReplacer("${secrets.db_password}", "of the domain", "${secrets.warehouse_path}", "global").Replace(v1),
		body(t, "storage_v1.json"): body(t, "storage_v1.json"),
		storage:                    strings.Replace(storage, `"storageSecret"`, `"secretKey": "AKIA/+\"\\", "storageSecret"`, 1),
		`{"secretKey": "fallback", "storageSecret": {"key": "s3_secret_key", "source": {"type": "KUBERNETES", "id": "secret-domain"}}}`: `{"secretKey": "AKIA/+\"\\", "storageSecret": {"key": "s3_secret_key", "source": {"type": "KUBERNETES", "id": "secret-domain"}}}`,
	} {
		if status, got := resolve(t, s, s.OperatorToken, "POST", paths[5], payload); status != 200 || got.Payload != want {
			t.Errorf("resolving %s\n got %d %s %s\nwant %s", payload, status, got.Payload, got.Message, want)
		}
	}
}

// body is a body of the guide.
func body(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Whatever cannot be resolved is told, each by its place, and nothing is answered; a placeholder is never looked up in a Vault.
func TestResolve_unresolved(t *testing.T) {
	s := stocked(t, nil)
	reader := s.Account("namespaces/secret-domain", "reader", "secret-reader", "namespaces/secret-domain/secrets/db_password")
	const objects = `{"envSecrets": [
		{"key": "GOOD", "secretObject": {"key": "db_password", "source": {"type": "KUBERNETES", "id": "secret-domain"}}},
		{"key": "ABSENT", "secretObject": {"key": "absent", "source": {"type": "KUBERNETES", "id": "secret-domain"}}},
		{"key": "DENIED", "secretObject": {"key": "s3_secret_key", "source": {"type": "KUBERNETES", "id": "secret-domain"}}},
		{"key": "ELSEWHERE", "secretObject": {"key": "db_password", "source": {"type": "KUBERNETES", "id": "other domain"}}},
		{"key": "VAULT", "secretObject": {"key": "api_token", "source": {"type": "VAULT", "id": "vault-config-id"}}}],
		"envVars": {"P": "${secrets.absent}"}}`
	status, got := resolve(t, s, reader, "POST", paths[0], objects)
	var fields []string
	for _, detail := range got.Details {
		for _, v := range detail.FieldViolations {
			fields = append(fields, v.Field)
		}
	}
	want := []string{"/envSecrets/1/secretObject", "/envSecrets/2/secretObject", "/envSecrets/3/secretObject", "/envSecrets/4/secretObject", "/envVars/P"}
	if status != 400 || !cmp.Equal(fields, want) || got.Payload != "" || got.Env != nil || !strings.Contains(got.Message, "no such backend") {
		t.Errorf("resolving: %d %+v, want one problem at each of %v", status, got, want)
	}
	if reason := got.Details[0].Reason; reason != "REFERENCE_UNRESOLVED" {
		t.Errorf("reason %s", reason)
	}
	if status, got := resolve(t, s, reader, "POST", paths[0], `{"dataosSecrets": [{"name": "db_password", "allKeys": true, "consumptionType": "file"}]}`); status != 400 || got.Payload != "" || strings.Contains(fmt.Sprint(got), "of the domain") {
		t.Errorf("files in an answer that has none: %d %+v", status, got)
	}
	for name, place := range map[string]string{
		"compute_v2.json": "/sparkConfSecrets/0/secretObject", "jupyter_v2.json": "/config/envSecrets/1/secretObject", "storage_v2_vault.json": "/storageSecret",
	} {
		status, got := resolve(t, s, s.OperatorToken, "PUT", paths[4], body(t, name))
		if status != 400 || !strings.Contains(got.Message, place+": its source is VAULT, and no such backend is configured") || got.Payload != "" {
			t.Errorf("resolving %s: %d %+v", name, status, got)
		}
	}
	for _, payload := range []string{"{", "a: {", ""} {
		if status, got := resolve(t, s, s.OperatorToken, "POST", paths[0], payload); status != 400 || !strings.HasPrefix(got.Message, "invalid request: payload: ") {
			t.Errorf("resolving %s: %d %s, want a problem of the payload", payload, status, got.Message)
		}
	}
	viewer := s.Account("namespaces/secret-domain", "viewer", "viewer", "")
	if status, _ := resolve(t, s, viewer, "POST", paths[0], `{}`); status != 403 {
		t.Errorf("without a right to access anything: %d, want 403", status)
	}
	if r := s.REST("", "POST", paths[0]+":resolve", `{}`); r.Status != 401 {
		t.Errorf("without a token: %d, want 401", r.Status)
	}
}

// With the feature off, a secretObject is refused; placeholders stay.
func TestResolve_off(t *testing.T) {
	s := stocked(t, func(c *server.Config) { c.Features.SecretsV2.Enabled = false })
	for _, payload := range []string{body(t, "compute_v2.json"), body(t, "storage_v2.json")} {
		status, got := resolve(t, s, s.OperatorToken, "POST", paths[0], payload)
		if status != 400 || !strings.Contains(got.Message, "features.secretsV2.enabled is false") {
			t.Errorf("resolving %s: %d %s", payload, status, got.Message)
		}
	}
	if status, got := resolve(t, s, s.OperatorToken, "POST", paths[0], body(t, "compute_v1.json")); status != 200 || got.Env["DB_PASSWORD"] != "of the domain" {
		t.Errorf("resolving placeholders: %d %+v", status, got)
	}
}

func TestRegister(t *testing.T) {
	s := stocked(t, nil)
	dev := s.Account("namespaces/secret-domain", "dev", "developer", "")
	for i, kind := range []string{"compute", "spark-job", "streaming-job", "sdk-job", "jupyter-container", "storage-config"} {
		var etags []string
		for _, verb := range []string{"POST", "PUT", "POST"} {
			payload := `{"name": "nightly.1", "envVars": {"A": "${secrets.db_password}"}, "envSecrets": [{"key": "B", "secretObject": {"key": "s3_secret_key"}}]}`
			r := s.REST(dev, verb, paths[i], payload)
			var got struct {
				Projection, Etag string
				References       []struct {
					Place, Key string
					Source     struct{ Type, ID string }
				}
			}
			if err := json.Unmarshal(r.Body, &got); err != nil || r.Status != 200 || got.Projection != "namespaces/secret-domain/projections/"+kind+".nightly.1" {
				t.Fatalf("%s %s: %d %s", verb, paths[i], r.Status, r.Body)
			}
			text := fmt.Sprint(got.References)
			if want := "[{/envVars/A db_password {KUBERNETES secret-domain}} {/envSecrets/0/secretObject s3_secret_key {KUBERNETES secret-domain}}]"; text != want {
				t.Errorf("%s %s refers to %s, want %s", verb, paths[i], text, want)
			}
			etags = append(etags, got.Etag)
		}
		if etags[0] == "" {
			t.Errorf("%s: no etag", kind)
		}
	}
	r := s.REST(s.OperatorToken, "DELETE", "/api/v2/domains/secret-domain/secrets/db_password", "")
	if r.Status != 400 || !strings.Contains(string(r.Body), "SECRET_IN_USE") || strings.Count(string(r.Body), `"DEPENDENT"`) != 6 {
		t.Errorf("deleting what is used: %d %s, want a refusal that names six projections", r.Status, r.Body)
	}
}

func TestRegister_refused(t *testing.T) {
	s := stocked(t, nil)
	dev := s.Account("namespaces/secret-domain", "dev", "developer", "")
	other := s.Account("namespaces/secret-domain", "other", "developer", "")
	admin := s.Account("namespaces/secret-domain", "admin", "data-admin", "")
	viewer := s.Account("namespaces/secret-domain", "viewer", "viewer", "")
	const named = `{"name": "c", "envVars": {"A": "${secrets.db_password}"}}`
	for _, e := range []struct {
		token, payload string
		status         int
		want           string
	}{
		{dev, "", 400, "payload: is not an object of JSON"},
		{dev, "[]", 400, "payload: is not an object of JSON"},
		{dev, "null", 400, "payload: is not an object of JSON"},
		{dev, "name: c", 400, "payload: is not an object of JSON"},
		{dev, `{"Name": "c"}`, 400, "payload.name: is required"},
		{dev, `{"name": 7}`, 400, "payload.name: is required"},
		{dev, `{"name": ""}`, 400, "payload.name: is required"},
		{dev, `{"name": "a b"}`, 400, "payload.name: does not match"},
		{dev, `{"name": "a/b"}`, 400, "payload.name: does not match"},
		{dev, `{"name": "` + strings.Repeat("x", 101) + `"}`, 400, "payload.name: does not match"},
		{dev, `{"name": "c", "name": "d"}`, 400, "payload: "},
		{dev, `{"name": "c", "envVars": {"A": "${secrets.absent}"}}`, 400, "payload: /envVars/A: not found"},
		{dev, `{"name": "c", "envSecrets": [{"key": "A", "secretObject": {"key": "a b"}}]}`, 400, "payload: /envSecrets/0/secretObject: key is not the name of a secret"},
		{dev, body(t, "storage_v2.json"), 400, "payload.name: is required: a text that tells the workload from others"},
		{dev, body(t, "storage_v2.json"), 400, "send it to the same path with :resolve"},
		{dev, body(t, "storage_v1.json"), 400, "payload.name: is required"}, // and what else is wrong
		{dev, body(t, "storage_v1.json"), 400, "payload.secretKey: is a value"},
		{dev, `{"name": "c", "secretKey": "hunter2-plain"}`, 400, "POST /api/v2/domains/secret-domain/secrets with"},
		{dev, `{"name": "c", "secretKey": "hunter2${secrets.db_password}"}`, 400, "payload.secretKey: is a value"},
		{dev, `{"name": "c", "secretKey": "${secrets.db_password}${secrets.db_password}"}`, 400, "payload.secretKey: is a value"},
		{dev, `{"name": "c", "secretKey": "$${secrets.hunter2}"}`, 400, "payload.secretKey: is a value"},
		{dev, `{"name": "c", "secretKey": "${secretshunter2}"}`, 400, "payload.secretKey: is a value"},
		{dev, `{"name": "c", "secretKey": "${secrets.hun ter}"}`, 400, "payload: /secretKey: is no well-formed reference"},
		{dev, `{"name": "c", "secretKey": ["hunter2"]}`, 400, "payload.secretKey: is a value"},
		{dev, `{"name": "c", "secretKey": ["hunter2"], "storageSecret": {"key": "db_password"}}`, 400, "payload.secretKey: is a value"},
		{dev, `{"name": "c", "secretKey": {"a": "hunter2"}}`, 400, "payload.secretKey: is a value"},
		{dev, `{"name": "c", "secretKey": 12345}`, 400, "payload.secretKey: is a value"},
		{dev, `{"name": "c", "secretKey": "hunter2", "storageSecret": "db_password"}`, 400, "payload.secretKey: is a value"},
		{dev, `{"name": "c", "config": [{"secret\u004bey": "hunter2"}]}`, 400, "payload.config.0.secretKey: is a value"},
		{viewer, named, 403, "ACCESS_DENIED"},
		{viewer, `{}`, 403, "ACCESS_DENIED"}, // what is wrong with it is told after the decision
		{"", named, 401, "UNAUTHENTICATED"},
		{dev, named, 200, "compute.c"},
		{other, named, 403, "ACCESS_DENIED"}, // it delivers by another's right
		{admin, named, 200, "compute.c"},
	} {
		r := s.REST(e.token, "POST", paths[0], e.payload)
		if r.Status != e.status || !strings.Contains(string(r.Body), e.want) || strings.Contains(string(r.Body), "hunter2") {
			t.Errorf("registering %s: %d %s, want %d, %s", e.payload, r.Status, r.Body, e.status, e.want)
		}
	}
}

// A secretKey in clear is not kept: whoever may see the workload would see it.
func TestRegister_fallback(t *testing.T) {
	s := stocked(t, nil)
	payload := `{ "name": "lake",  "secretKey": "hunter2-plain", "storageSecret": {"key": "s3_secret_key", "source": {"type": "KUBERNETES", "id": "secret-domain"}},
		"below": {"secretKey": "hunter2-plain",  "storageSecret": {"key": "s3_secret_key"}}, "none": {"secretKey": null} }`
	if r := s.REST(s.OperatorToken, "PUT", paths[5], payload); r.Status != 200 {
		t.Fatalf("registering: %d %s", r.Status, r.Body)
	}
	var stored, rendered struct {
		Workload struct{ Payload string }
		Payload  string
	}
	r := s.REST(s.OperatorToken, "GET", "/v1/namespaces/secret-domain/projections/storage-config.lake", "")
	if err := json.Unmarshal(r.Body, &stored); err != nil || stored.Workload.Payload != strings.ReplaceAll(payload, "hunter2-plain", "") {
		t.Errorf("what is kept is %s", r.Body)
	}
	r = s.REST(s.OperatorToken, "POST", "/v1/namespaces/secret-domain/projections/storage-config.lake:render", "{}")
	if err := json.Unmarshal(r.Body, &rendered); err != nil || rendered.Payload != strings.ReplaceAll(payload, "hunter2-plain", `AKIA/+\"\\`) {
		t.Errorf("what is delivered is %s", r.Body)
	}
}

// There is no way from one domain to another's secrets, whatever the caller's rights: what is named there is a problem of
// its reference, and nothing is delivered or kept.
func TestOtherDomain(t *testing.T) {
	s := stocked(t, nil)
	domain(t, s, "other")
	nobody := s.Account("namespaces/other", "nobody", "", "")
	const path = "/api/v2/domains/other/compute"
	object := func(id string) string {
		return `{"key": "db_password", "source": {"type": "KUBERNETES", "id": "` + id + `"}}`
	}
	if r := s.REST(s.OperatorToken, "POST", path, `{"name": "c", "envSecrets": [{"key": "A", "secretObject": `+object("instance")+`}]}`); r.Status != 200 {
		t.Fatalf("a global secret: %d %s", r.Status, r.Body)
	}
	for place, members := range map[string]string{
		"/envSecrets/0/secretObject":       `"envSecrets": [{"key": "A", "secretObject": ` + object("secret-domain") + `}]`,
		"/sparkConfSecrets/0/secretObject": `"sparkConfSecrets": [{"key": "a.b", "secretObject": ` + object("secret-domain") + `}]`,
		"/storageSecret":                   `"storageSecret": ` + object("secret-domain"),
		"/dataosSecrets/0":                 `"dataosSecrets": [{"name": "db_password", "workspace": "secret-domain", "allKeys": true, "consumptionType": "envVars"}]`,
	} {
		for _, route := range []string{path, path + ":resolve"} {
			payload := `{"name": "c", ` + members + `}`
			r := s.REST(s.OperatorToken, "POST", route, payload)
			if text := string(r.Body); r.Status != 400 || !strings.Contains(text, place+": is of another domain") || strings.Contains(text, "of the domain\"") {
				t.Errorf("POST %s with %s: %d %s", route, payload, r.Status, text)
			}
			if r := s.REST(nobody, "POST", route, payload); r.Status != 403 {
				t.Errorf("POST %s without a right: %d %s, want 403", route, r.Status, r.Body)
			}
		}
	}
	if status, got := resolve(t, s, s.OperatorToken, "POST", path, `{"envSecrets": [{"key": "A", "secretObject": `+object("instance")+`}]}`); status != 200 || got.Env["A"] != "global" {
		t.Errorf("a global secret: %d %+v", status, got)
	}
}
