package instill_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/cli"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// exported is what Instill AI answers to a list: never a value.
const exported = `{"secrets": [{"name": "users/acme/secrets/my-openai-key", "uid": "89fccd1b-eba6-4597-9462-ad0ddd18902b", "id": "my-openai-key",
  "createTime": "2024-10-01T07:34:36.956689Z", "updateTime": "2024-10-01T07:34:36.956689Z", "description": "OpenAI"}], "nextPageToken": "", "totalSize": 1}`

// recipe is that of a pipeline.
const recipe = `version: v1beta
component:
  ai:
    type: openai
    task: TASK_TEXT_GENERATION
    setup:
      api-key: ${secret.my-openai-key}
  search:
    type: web
    setup:
      api-key: ${secret.INSTILL_SECRET}
`

// scenario is a server and the people and programs who use it.
type scenario struct {
	*servertest.Server
	t *testing.T
}

// coffer runs the command line.
func (s scenario) coffer(token string, args ...string) {
	s.t.Helper()
	s.t.Setenv("COFFER_TOKEN", token)
	var out bytes.Buffer
	if code := cli.Main(s.t.Context(), append([]string{"coffer"}, args...), cli.Stdio{In: strings.NewReader(""), Out: &out, Err: &out}); code != 0 {
		s.t.Fatalf("coffer %q: exit code %d\n%s", args, code, &out)
	}
}

// ask sends a request over REST, checks the status, and returns the answer.
func (s scenario) ask(token, request, body string, status int) (answer map[string]any) {
	s.t.Helper()
	method, path, _ := strings.Cut(request, " ")
	r := s.REST(token, method, path, body)
	if r.Status != status {
		s.t.Fatalf("%s: %d %s, want %d", request, r.Status, r.Body, status)
	}
	if len(r.Body) > 0 {
		if err := json.Unmarshal(r.Body, &answer); err != nil {
			s.t.Fatalf("%s: %v in %s", request, err, r.Body)
		}
	}
	return answer
}

// run starts the pipeline: it gets its recipe as it is to be run, with the key.
func (s scenario) run(pipeline, key string) {
	s.t.Helper()
	got := s.ask(pipeline, "POST /v1/namespaces/acme/projections/chat:render", "{}", 200)["payload"]
	if want := strings.Replace(recipe, "${secret.my-openai-key}", `"`+key+`"`, 1); got != want {
		s.t.Fatalf("the pipeline runs with\n%s\nwant\n%s", got, want)
	}
}

// A team moves over from Instill AI. Its pipeline runs; a new value reaches it while it runs; its secret is not deleted, and
// when it was all the same, it comes back; and all of it is on record.
func TestScenario(t *testing.T) {
	s := scenario{servertest.Start(t, servertest.Config{}), t}
	dir := t.TempDir()
	t.Setenv("COFFER_ADDR", s.URL())
	t.Setenv("XDG_CONFIG_HOME", dir)
	s.Namespace("acme")
	dana := s.Account("namespaces/acme", "dana", "developer", "")
	pipeline := s.Account("namespaces/acme", "pipeline", "", "")

	list, values := filepath.Join(dir, "secrets.json"), filepath.Join(dir, "values.env")
	for name, content := range map[string]string{list: exported, values: "my-openai-key=sk-first\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.coffer(dana, "import", "instill", "-f", list, "--values", values, "--yes")
	const secret = "/v1beta/namespaces/acme/secrets/my-openai-key"
	if got, _ := s.ask(dana, "GET "+secret, "", 200)["secret"].(map[string]any); got["name"] != "users/acme/secrets/my-openai-key" || got["description"] != "OpenAI" {
		t.Errorf("imported %v", got)
	}

	register, _ := json.Marshal(map[string]any{"workload": map[string]any{"payload": recipe}})
	s.ask(dana, "POST /v1/namespaces/acme/projections?projectionId=chat", string(register), 200)
	s.Grant("namespaces/acme", "runs", "serviceAccount:namespaces/acme/serviceAccounts/pipeline", "workload", "namespaces/acme/projections/chat")
	s.run(pipeline, "sk-first")

	// One run with a key of its own.
	runner := s.Account("namespaces/acme", "runner", "secret-reader", "")
	own, _ := json.Marshal(map[string]any{"payload": recipe, "overrides": map[string]string{"my-openai-key": "sk-of-this-run"}})
	if got := s.ask(runner, "POST /v1/namespaces/acme:resolveWorkload", string(own), 200)["payload"]; !strings.Contains(got.(string), "sk-of-this-run") {
		t.Errorf("with a key of its own it runs with\n%s", got)
	}

	// A new value reaches what runs.
	events := s.Events(pipeline, "/v1/namespaces/acme/projections/chat:watch", "")
	defer events.Close()
	next := func(key string) {
		t.Helper()
		for {
			e, err := events.NextData()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(e.Data, key) {
				return
			}
		}
	}
	next("sk-first")
	s.ask(dana, "PATCH "+secret, `{"value": "sk-second"}`, 200)
	next("sk-second")
	s.run(pipeline, "sk-second")

	// What runs keeps its secret.
	refused := s.ask(dana, "DELETE "+secret, "", 422)
	if text, _ := json.Marshal(refused); !strings.Contains(string(text), "is used by namespaces/acme/projections/chat") {
		t.Errorf("refused with %s", text)
	}
	deleted := s.ask(dana, "DELETE /v1/namespaces/acme/secrets/my-openai-key?force=true", "", 200)
	s.ask(dana, "GET "+secret, "", 404)
	s.ask(pipeline, "POST /v1/namespaces/acme/projections/chat:render", "{}", 400)
	s.ask(dana, "POST /v1/"+deleted["name"].(string)+":undelete", "{}", 200)
	s.run(pipeline, "sk-second")

	s.recorded("dana", "pipeline.pipeline.v1beta.PipelinePublicService/UpdateNamespaceSecret", "secret:addVersion")
	s.recorded("dana", "pipeline.pipeline.v1beta.PipelinePublicService/DeleteNamespaceSecret", "secret:delete")
	s.recorded("dana", "coffer.v1.SecretService/UndeleteSecret", "secret:undelete")
	s.recorded("pipeline", "coffer.v1.ProjectionService/RenderProjection", "secret:use")
	for _, value := range []string{"sk-first", "sk-second", "sk-of-this-run"} { // and not sk-, which may stand in a digest
		if strings.Contains(string(s.AuditLog()), value) {
			t.Error("the audit log holds a value")
		}
	}
}

// recorded checks that what an account was allowed is on record.
func (s scenario) recorded(account, method, action string) {
	s.t.Helper()
	for _, e := range s.AuditEvents("") {
		if e.Principal == "serviceAccount:namespaces/acme/serviceAccounts/"+account && e.Method == "/"+method && e.Action == action && e.Decision == "ALLOW" {
			return
		}
	}
	s.t.Errorf("that %s was allowed %s by %s is not on record", account, action, method)
}
