//go:build interop

// This needs PySpark and JDBC drivers, which `make clients` installs, and a PostgreSQL: run it with -tags interop.

package clientstest_test

import (
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/demo/postgres"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// sparkPassword has characters that URLs, properties files, shells and command lines give a meaning to.
const sparkPassword = `p@ss:w/ü?r#d %41+$HOME\&'"=;`

// TestSpark runs a real Spark job on what a projection delivers: it reads a table of a real PostgreSQL, and neither the
// event log nor the environment page shows a value.
func TestSpark(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	db := startOrders(t)
	s := servertest.Start(t, servertest.Config{})
	projection := projectSpark(t, s, db.Port())
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	write(t, token, s.Account("namespaces/acme", "etl", "workload", projection))
	coffer := filepath.Join(dir, "coffer")
	if out, err := exec.Command("go", "build", "-o", coffer, "../../cmd/coffer").CombinedOutput(); err != nil {
		t.Fatalf("building coffer: %v: %s", err, out)
	}
	logs := filepath.Join(dir, "events")
	if err := os.Mkdir(logs, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(coffer, "run", "-p", projection, "--no-cache", "--", "sh", "-c",
		`exec "$SUBMIT" --master 'local[1]' --properties-file "$COFFER_FILES/spark-defaults.conf" "$@" "$JOB" "$RESULTS"`, "sh",
		"--jars", filepath.Join(root, ".cache", "java", "postgresql-42.7.8.jar"), "--conf", "spark.eventLog.enabled=true",
		"--conf", "spark.eventLog.dir=file://"+logs, "--conf", "spark.eventLog.compress=false", "--conf", "spark.ui.port=0",
		"--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1", "{coffer.args}")
	cmd.Env = append(os.Environ(), "COFFER_ADDR="+s.URL(), "COFFER_TOKEN_FILE="+token, "RESULTS="+dir, "JOB="+filepath.Join("testdata", "python", "spark_job.py"),
		"SUBMIT="+filepath.Join(root, ".cache", "python", "bin", "spark-submit"), "PYSPARK_PYTHON="+filepath.Join(root, ".cache", "python", "bin", "python"),
		"SPARK_LOCAL_IP=127.0.0.1", "SPARK_LOCAL_DIRS="+dir, "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("coffer run: %v\n%s", err, out)
	}
	got := map[string]any{}
	content, err := os.ReadFile(filepath.Join(dir, "result.json"))
	if err == nil {
		err = json.Unmarshal(content, &got)
	}
	if err != nil {
		t.Fatalf("the job left %q, %v\n%s", content, err, out)
	}
	want := map[string]any{"rows": []any{"bolt", "nut"}, "user": "orders", "env": sparkPassword, "conf": sparkPassword, "lines": float64(5)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the job (-want +got):\n%s", diff)
	}
	pages := map[string]string{"what it printed": string(out)}
	for _, name := range []string{"environment.html", "environment.json"} {
		pages[name] = read(t, filepath.Join(dir, name))
	}
	if err := filepath.WalkDir(logs, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			pages["the event log"] += read(t, path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(pages) < 4 {
		t.Fatalf("there is no event log: %d pages", len(pages))
	}
	for name, page := range pages {
		for _, value := range []string{sparkPassword, strings.Trim(strconv.Quote(sparkPassword), `"`), url.QueryEscape(sparkPassword), url.PathEscape(sparkPassword), "p@ss", "p%40ss"} {
			if strings.Contains(page, value) {
				t.Errorf("%s shows the password", name)
			}
		}
		if name != "what it printed" && (!strings.Contains(page, "spark.orders.plain") || !strings.Contains(page, "(redacted)")) {
			t.Errorf("%s does not show that there is something: %.2000s", name, page)
		}
	}
}

// startOrders starts a PostgreSQL with a table of orders, which its user can read with the password.
func startOrders(t *testing.T) *postgres.Server {
	t.Helper()
	programs, err := postgres.Find(t.Context(), t.TempDir(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	db, err := postgres.Start(t.Context(), postgres.Config{Programs: programs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Stop(); err != nil {
			t.Error(err)
		}
	})
	admin, err := db.Admin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(t.Context()) }()
	for _, statement := range []string{
		"CREATE TABLE orders (item text)", "INSERT INTO orders VALUES ('bolt'), ('nut')",
		"CREATE ROLE orders LOGIN PASSWORD '" + strings.ReplaceAll(sparkPassword, "'", "''") + "'", "GRANT SELECT ON orders TO orders",
	} {
		if _, err := admin.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement[:12], err)
		}
	}
	return db
}

// projectSpark stores the credential and what delivers it, and returns the projection's name.
func projectSpark(t *testing.T, s *servertest.Server, port int) string {
	t.Helper()
	s.Namespace("acme")
	conn := s.Conn(s.OperatorToken)
	if _, err := cofferv1.NewSecretServiceClient(conn).CreateSecret(t.Context(), &cofferv1.CreateSecretRequest{
		Parent: "namespaces/acme", SecretId: "orders-db", Secret: &cofferv1.Secret{Type: "postgres", Payload: &cofferv1.Payload{Data: map[string]string{
			"username": "orders", "password": sparkPassword, "host": "127.0.0.1", "port": strconv.Itoa(port), "database": "postgres",
		}}},
	}); err != nil {
		t.Fatal(err)
	}
	// The names are ones that Spark does not redact by itself.
	p, err := cofferv1.NewProjectionServiceClient(conn).CreateProjection(t.Context(), &cofferv1.CreateProjectionRequest{
		Parent: "namespaces/acme", ProjectionId: "spark", Projection: &cofferv1.Projection{
			Items: []*cofferv1.Projection_Item{
				{Secret: "orders-db", Url: cofferv1.Projection_JDBC, SparkConf: "spark.orders.dsn"},
				{Secret: "orders-db", Key: "username", SparkConf: "spark.orders.who"},
				{Secret: "orders-db", Key: "password", SparkConf: "spark.orders.plain"},
				{Secret: "orders-db", Key: "password", Env: "PGPASSWORD"},
				{Secret: "orders-db", AllKeys: true, File: &cofferv1.Projection_File{Path: "db.properties", Format: cofferv1.Projection_PROPERTIES}},
			},
			Spark: &cofferv1.Projection_Spark{DefaultsPath: "spark-defaults.conf", Arguments: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.GetName()
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
