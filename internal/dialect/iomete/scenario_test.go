package iomete_test

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

// stores are the Kubernetes Secrets in which IOMETE keeps those of a domain, and the global ones.
const stores = `apiVersion: v1
kind: Secret
metadata: {name: iomete-secret-store-orders}
stringData: {db_password: hunter2-first}
---
apiVersion: v1
kind: Secret
metadata: {name: iomete-secret-store}
stringData: {s3_key: hunter2-global}
`

// job is what a team has been sending: a compute resource with placeholders.
const job = `{
  "name": "nightly",
  "envVars": {
    "APP_MODE": "production",
    "DB_PASSWORD": "${secrets.db_password}"
  },
  "sparkConf": {
    "spark.executor.memory": "4g",
    "spark.hadoop.fs.s3a.secret.key": "${secrets.s3_key}"
  }
}
`

// A team moves over, and then does what the guide warns of: a new value reaches what runs, without deploying it again; a
// secret in use is not deleted; one that was deleted all the same comes back; and all of it is on record.
func TestScenario(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("COFFER_ADDR", s.URL())
	t.Setenv("XDG_CONFIG_HOME", dir)
	as := func(token string, args ...string) (code int, out string) {
		t.Helper()
		t.Setenv("COFFER_TOKEN", token)
		var stdout, stderr bytes.Buffer
		code = cli.Main(t.Context(), append([]string{"coffer"}, args...), cli.Stdio{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
		return code, stdout.String() + stderr.String()
	}
	must := func(want string, code int, out string) {
		t.Helper()
		if code != 0 || !strings.Contains(out, want) {
			t.Fatalf("exit code %d, and\n%s\nwant %q", code, out, want)
		}
	}

	// The secrets come from the platform, and the payload becomes what the guide recommends.
	code, out := as(s.OperatorToken, "import", "iomete", "-f", file("stores.yaml", stores), "--create-namespaces", "--yes")
	must("secret/orders/db_password created", code, out)
	dev := s.Account("namespaces/orders", "dev", "developer", "")
	s.Grant("namespaces/instance", "shared", "serviceAccount:namespaces/orders/serviceAccounts/dev", "secret-user", "namespaces/instance/secrets/s3_key")
	payload := file("nightly.json", job)
	code, out = as(s.OperatorToken, "migrate", "iomete", payload, "--domain", "orders", "--yes")
	must(`+        "source": { "type": "KUBERNETES", "id": "instance" }`, code, out)
	migrated, err := os.ReadFile(payload)
	if err != nil || strings.Contains(string(migrated), "${") {
		t.Fatalf("the payload is %s, %v", migrated, err)
	}

	// It is deployed, and what runs it sees its environment and Spark's configuration.
	const compute = "/api/v2/domains/orders/compute"
	if r := s.REST(dev, "POST", compute, string(migrated)); r.Status != 200 {
		t.Fatalf("registering: %d %s", r.Status, r.Body)
	}
	runner := s.Account("namespaces/orders", "runner", "workload", "namespaces/orders/projections/compute.nightly")
	code, out = as(runner, "run", "--projection", "compute.nightly", "-n", "orders", "--", "sh", "-c", `test "$DB_PASSWORD" = hunter2-first && test "$APP_MODE" = production && echo it runs`)
	must("it runs", code, out)
	events := s.Events(runner, "/v1/namespaces/orders/projections/compute.nightly:watch", "")
	defer events.Close()
	next := func() (b answer) {
		t.Helper()
		event, err := events.NextData()
		if err != nil || json.Unmarshal([]byte(event.Data), &b) != nil {
			t.Fatalf("watching: %v, %s, %s", err, event.Data, events.Body)
		}
		return b
	}
	const key = "spark.hadoop.fs.s3a.secret.key"
	if b := next(); b.Env["DB_PASSWORD"] != "hunter2-first" || b.SparkConf[key] != "hunter2-global" || b.SparkConf["spark.executor.memory"] != "4g" {
		t.Errorf("what runs sees %+v", b)
	}

	// A new value reaches it while it runs.
	const secret = "/api/v2/domains/orders/secrets/db_password"
	if r := s.REST(dev, "PUT", secret, `{"value": "hunter2-second"}`); r.Status != 200 {
		t.Fatalf("rotating: %d %s", r.Status, r.Body)
	}
	if b := next(); b.Env["DB_PASSWORD"] != "hunter2-second" {
		t.Errorf("after a new value what runs sees %+v", b)
	}

	// What is in use stays, unless it is forced away, and then comes back.
	if r := s.REST(dev, "DELETE", secret, ""); r.Status != 400 || !strings.Contains(string(r.Body), "projections/compute.nightly") {
		t.Errorf("deleting what is used: %d %s", r.Status, r.Body)
	}
	if r := s.REST(dev, "DELETE", secret+"?force=true", ""); r.Status != 200 {
		t.Fatalf("deleting by force: %d %s", r.Status, r.Body)
	}
	const render = "/v1/namespaces/orders/projections/compute.nightly:render"
	if r := s.REST(runner, "POST", render, "{}"); r.Status != 400 || strings.Contains(string(r.Body), "hunter2") {
		t.Errorf("without its secret: %d %s", r.Status, r.Body)
	}
	code, out = as(dev, "secret", "undelete", "db_password", "-n", "orders")
	must("db_password", code, out)
	if r := s.REST(runner, "POST", render, "{}"); r.Status != 200 || !strings.Contains(string(r.Body), "hunter2-second") {
		t.Errorf("with its secret back: %d %s", r.Status, r.Body)
	}

	// Who did what is on record, and no value is.
	code, out = as(s.OperatorToken, "audit", "list", "--resource", "namespaces/orders/secrets/db_password", "--limit", "0")
	for _, action := range []string{"secret:create", "secret:update", "secret:addVersion", "secret:delete", "secret:undelete", "secret:use"} {
		must(action, code, out)
	}
	if strings.Contains(string(s.AuditLog()), "hunter2") || strings.Contains(s.Logs(), "hunter2") {
		t.Error("a value is in the audit log, or in the log")
	}
}
