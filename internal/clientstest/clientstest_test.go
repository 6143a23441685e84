package clientstest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/grpc/codes"

	"github.com/coffer-dev/coffer/internal/servertest"
)

// step is a line that a program prints.
type step struct {
	Step          string
	Secret        string
	ActiveVersion int64
	Version       string
	Active        bool
	Env           map[string]string
	Files         []file
	Code          int // gRPC's
	Reason        string
	Fields        []string
}

type file struct {
	Path    string
	Mode    uint32
	Content string // base64
}

// steps are what every program reports of its work in a namespace.
func steps(namespace string) []step {
	secret := "namespaces/" + namespace + "/secrets/orders-db"
	encode := base64.StdEncoding.EncodeToString
	return []step{
		{Step: "create", Secret: secret, ActiveVersion: 1},
		{Step: "add", Version: secret + "/versions/2", Active: true},
		{Step: "render", Env: map[string]string{"PGPASSWORD": "zwölf $ecrets"}, Files: []file{
			{"conf/db.json", 0o440, encode([]byte(`{"keytab":"AP+A","password":"zwölf $ecrets","username":"orders"}` + "\n"))},
			{"orders.keytab", 0o400, encode([]byte{0x00, 0xff, 0x80})},
		}},
		{Step: "stale etag", Code: int(codes.Aborted), Reason: "ETAG_MISMATCH"},
		{Step: "bad name", Code: int(codes.InvalidArgument), Reason: "INVALID_FIELD", Fields: []string{"secret_id"}},
	}
}

func check(t *testing.T, namespace string, got []step) {
	t.Helper()
	if diff := cmp.Diff(steps(namespace), got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestPrograms(t *testing.T) {
	root := filepath.Join("..", "..")
	// Not all of make clients: what other platforms' clients need takes longer than a test may.
	install(t, root, ".cache/python/.stamp", "internal/clientstest/testdata/typescript/dist/.stamp", "gen/java/target/.stamp")
	java := filepath.Join(root, "gen", "java", "target")
	programs := []struct {
		language string
		command  []string
	}{
		{"python", []string{filepath.Join(root, ".cache", "python", "bin", "python"), "testdata/python/quickstart.py"}},
		{"typescript", []string{"node", "testdata/typescript/dist/quickstart.js"}},
		{"java", []string{
			"java", "-cp", filepath.Join(java, "coffer-client.jar") + string(filepath.ListSeparator) + filepath.Join(java, "dependency", "*"),
			"testdata/java/Quickstart.java",
		}},
	}
	server := servertest.Start(t, servertest.Config{})
	for _, program := range programs {
		for _, listener := range listeners(server) {
			namespace := program.language + "-" + listener.scheme
			token := account(server, namespace)
			t.Run(namespace, func(t *testing.T) {
				t.Parallel() // a program mostly waits for its runtime to start
				depend(t, root, program.language)
				cmd := exec.CommandContext(t.Context(), program.command[0], append(slices.Clone(program.command[1:]), listener.address, namespace)...)
				cmd.Env = append(os.Environ(), "COFFER_TOKEN="+token, "no_proxy=127.0.0.1")
				cmd.Stderr = t.Output()
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("%q: %v\n%s", program.command, err, out)
				}
				check(t, namespace, parse(t, out))
			})
		}
	}
}

// listener is one of the server's.
type listener struct {
	scheme, address string
}

func listeners(server *servertest.Server) []listener {
	return []listener{{"grpc", server.GRPCAddr()}, {"http", server.HTTPAddr()}}
}

// account creates a namespace and returns the token of one who may do there what the programs do, and no more.
func account(server *servertest.Server, namespace string) string {
	name := server.Namespace(namespace)
	token := server.Account(name, "app", "developer", "")
	server.Grant(name, "app-workload", "serviceAccount:"+name+"/serviceAccounts/app", "workload", "")
	return token
}

// install brings targets of make up to date.
func install(t *testing.T, root string, targets ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "make", append([]string{"--jobs=3", "--output-sync"}, targets...)...)
	cmd.Dir = root
	// Under `make test` these would bring in that make's flags.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "MAKEFLAGS=") || strings.HasPrefix(v, "MFLAGS=") || strings.HasPrefix(v, "MAKELEVEL=")
	})
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make %s: %v\n%s", targets, err, out)
	}
}

// depend makes go test run again when a program or its client changed: it knows what the test opens, not what the
// programs do.
func depend(t *testing.T, root, language string) {
	t.Helper()
	if _, err := os.ReadDir(filepath.Join("testdata", language)); err != nil {
		t.Fatal(err)
	}
	client := filepath.Join(root, "gen", language, "src")
	if err := filepath.WalkDir(client, func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
		t.Fatal(err)
	}
}

func parse(t *testing.T, lines []byte) []step {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(lines))
	decoder.DisallowUnknownFields()
	var steps []step
	for {
		var s step
		switch err := decoder.Decode(&s); {
		case errors.Is(err, io.EOF):
			return steps
		case err != nil:
			t.Fatalf("%v in\n%s", err, lines)
		}
		steps = append(steps, s)
	}
}
