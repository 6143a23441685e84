//go:build interop

// These need curl, psql, and what `make clients` installs: run them with -tags interop.

package renderlogin_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/coffer-dev/coffer/internal/demo/postgres"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
)

// alphabet has every character that has a meaning somewhere, and a few others.
const alphabet = "a'\"\\$#%@:/?&=+;{}[]()!*,.~`^|<>- \tü☃𝄞à\u00a0"

// everyPassword is every two characters of the alphabet, at the beginning, in the middle and at the end.
func everyPassword() []string {
	out := []string{hostile}
	for _, r := range alphabet {
		for _, q := range alphabet {
			out = append(out, string([]rune{r, q, 'x', q, r, 'x', q}))
		}
	}
	return out
}

// run has a program read what is on its standard input.
func run(t *testing.T, env []string, input any, command ...string) []byte {
	t.Helper()
	stdin, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	if text, ok := input.(string); ok {
		stdin = []byte(text)
	}
	var problems bytes.Buffer
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(stdin), &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command[0], err, &problems)
	}
	return out
}

// python runs a program that reads `given`, and returns what it puts in `found`.
func python[T any](t *testing.T, given any, program string) T {
	t.Helper()
	out := run(t, nil, given, "python3", "-c", "import json, sys\ngiven = json.load(sys.stdin)\n"+program+"\nprint(json.dumps(found))")
	var found T
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestInterop_sqlAlchemy(t *testing.T) {
	var urls []string
	var want [][]string
	for i, password := range everyPassword() {
		kind := kindNames[i%len(kindNames)]
		l := loginOf(t, kind, renderlogin.Connection{Host: "h", Port: 1, Database: "d", Parameters: map[string]string{"opt": "a + b&c=d%20"}},
			"username", password+"u", "password", password)
		v, err := renderlogin.URL(l, renderlogin.SQLAlchemy)
		if err != nil {
			t.Fatal(err)
		}
		urls = append(urls, string(v.Reveal()))
		want = append(want, []string{password + "u", password, "d", "a + b&c=d%20"})
	}
	got := python[[][]string](t, urls, `
from sqlalchemy.engine import make_url
found = []
for url in map(make_url, given):
    found.append([url.username, url.password, url.query.get("service_name") or url.database, url.query["opt"]])`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("SQLAlchemy reads (-want +got):\n%s", diff)
	}
}

// netrcLogins are those of the passwords that NETRC carries, by host.
func netrcLogins(t *testing.T) ([]renderlogin.Login, map[string][2]string) {
	t.Helper()
	var logins []renderlogin.Login
	want := map[string][2]string{}
	for i, password := range everyPassword() {
		host := fmt.Sprintf("h%d", i)
		l := loginOf(t, "", renderlogin.Connection{Host: host}, "username", password, "password", password)
		if _, err := renderlogin.Netrc([]renderlogin.Login{l}); err == nil {
			logins = append(logins, l)
			want[host] = [2]string{password, password}
		}
	}
	if len(logins) < 500 {
		t.Fatalf("NETRC carries %d of the passwords only", len(logins))
	}
	return logins, want
}

func TestInterop_pythonNetrc(t *testing.T) {
	logins, want := netrcLogins(t)
	v, err := renderlogin.Netrc(logins)
	if err != nil {
		t.Fatal(err)
	}
	got := python[map[string][2]string](t, []string{writeFile(t, "netrc", v)}, `
import netrc
found = {host: [login, password] for host, (login, _, password) in netrc.netrc(given[0]).hosts.items()}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Python's netrc reads (-want +got):\n%s", diff)
	}
}

// curl logs in to a server with each character in the password.
func TestInterop_curlNetrc(t *testing.T) {
	var got atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		got.Store([2]string{user, password})
	}))
	defer server.Close()
	carried := 0
	for _, r := range alphabet {
		want := [2]string{"u" + strings.Trim(string(r), ":") + "v", "x" + string([]rune{r, r}) + "'#\"" + string(r)} // HTTP ends the user at a colon
		l := loginOf(t, "", renderlogin.Connection{Host: "127.0.0.1"}, "username", want[0], "password", want[1])
		v, err := renderlogin.Netrc([]renderlogin.Login{l})
		if err != nil {
			continue
		}
		carried++
		run(t, nil, "", "curl", "--silent", "--show-error", "--fail", "--netrc-file", writeFile(t, "netrc", v), server.URL)
		if diff := cmp.Diff(want, got.Load()); diff != "" {
			t.Errorf("curl logs in with (-want +got):\n%s", diff)
		}
	}
	if carried < 30 {
		t.Errorf("NETRC carries %d characters only", carried)
	}
}

// role is a user of a database with a password.
type role struct{ user, password, database string }

// startPostgres starts a server with hostile users, passwords and a hostile database.
func startPostgres(t *testing.T) (*postgres.Server, []role) {
	t.Helper()
	programs, err := postgres.Find(t.Context(), filepath.Join("..", "..", "..", ".cache"), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	server, err := postgres.Start(t.Context(), postgres.Config{Programs: programs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	admin, err := server.Admin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	const database = `o'r"d%e#r$ [s]|:=@(*)!,?\ü`
	roles := []role{{"plain", hostile, database}, {`u'"\$#%@:/?&=+[]()!*,ü x`, "q", database}, {`u'"\$#%@:/?&=+;{}ü *`, "p", database}}
	for some := range slices.Chunk([]rune(strings.ReplaceAll(alphabet, "\t", "")), 4) {
		last := slices.Clone(some)
		slices.Reverse(last)
		roles = append(roles, role{fmt.Sprintf("u%d", len(roles)), string(some) + "x" + strings.TrimSpace(string(last)), database})
	}
	execute(t, admin, "CREATE DATABASE %I", database)
	for _, r := range roles {
		execute(t, admin, "CREATE ROLE %I LOGIN PASSWORD %L", r.user, r.password)
	}
	return server, roles
}

func execute(t *testing.T, conn *pgx.Conn, format string, args ...string) {
	t.Helper()
	var statement string
	if err := conn.QueryRow(t.Context(), "SELECT format($1, VARIADIC $2::text[])", format, args).Scan(&statement); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func (r role) login(t *testing.T, server *postgres.Server) renderlogin.Login {
	t.Helper()
	return loginOf(t, "postgres", renderlogin.Connection{Host: "127.0.0.1", Port: server.Port()},
		"username", r.user, "password", r.password, "database", r.database)
}

// Real clients of a real PostgreSQL log in with what each shape says.
func TestInterop_postgres(t *testing.T) {
	server, roles := startPostgres(t)
	urls := func(t *testing.T, style renderlogin.Style) ([]string, []role) {
		t.Helper()
		var out []string
		var carried []role
		for _, r := range roles {
			v, err := renderlogin.URL(r.login(t, server), style)
			if style == renderlogin.ODBC && errors.Is(err, renderlogin.ErrUnwritable) && r.password == "p" {
				continue // a user that PostgreSQL's driver cannot be told
			} else if err != nil {
				t.Fatal(err)
			}
			out, carried = append(out, string(v.Reveal())), append(carried, r)
		}
		return out, carried
	}
	t.Run("psql with PGPASSFILE", func(t *testing.T) {
		var logins []renderlogin.Login
		for _, r := range roles {
			logins = append(logins, r.login(t, server))
		}
		v, err := renderlogin.Pgpass(logins)
		if err != nil {
			t.Fatal(err)
		}
		path := writeFile(t, "pgpass", v)
		for _, r := range roles {
			checkWhoami(t, r, run(t, []string{
				"PGPASSFILE=" + path, "PGHOST=127.0.0.1", fmt.Sprintf("PGPORT=%d", server.Port()),
				"PGUSER=" + r.user, "PGDATABASE=" + r.database,
			}, "", "psql", "-w", "-X", "-At", "-F", "\n", "-c", whoami))
		}
	})
	t.Run("psql with a URI", func(t *testing.T) {
		uris, roles := urls(t, renderlogin.URI)
		for i, r := range roles {
			checkWhoami(t, r, run(t, nil, "", "psql", uris[i], "-w", "-X", "-At", "-F", "\n", "-c", whoami))
		}
	})
	t.Run("ODBC", func(t *testing.T) {
		given, roles := urls(t, renderlogin.ODBC)
		got := python[[]string](t, given, `
import pyodbc
found = []
for text in given:
    connection = pyodbc.connect(text)
    found.append("\n".join(connection.execute("`+whoami+`").fetchone()))
    connection.close()`)
		for i, r := range roles {
			checkWhoami(t, r, []byte(got[i]))
		}
	})
	t.Run("JDBC", func(t *testing.T) {
		given, roles := urls(t, renderlogin.JDBC)
		got := jdbc(t, given)
		for i, r := range roles {
			checkWhoami(t, r, []byte(strings.Join(got[i], "\n")))
		}
	})
}

const whoami = "select current_user, current_database()"

func checkWhoami(t *testing.T, r role, out []byte) {
	t.Helper()
	if diff := cmp.Diff(r.user+"\n"+r.database, strings.TrimSuffix(string(out), "\n")); diff != "" {
		t.Errorf("logged in as (-want +got):\n%s", diff)
	}
}

// jdbc is what the drivers say of each URL.
func jdbc(t *testing.T, urls []string) [][]string {
	t.Helper()
	var input strings.Builder
	for _, url := range urls {
		input.WriteString(hex.EncodeToString([]byte(url)) + "\n")
	}
	out := run(t, []string{"JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1"}, input.String(), "java", "-cp", "../../../.cache/java/*", "testdata/Connect.java")
	var lines [][]string
	for line := range strings.Lines(string(out)) {
		var parts []string
		for part := range strings.SplitSeq(strings.TrimSpace(line), ",") {
			decoded, err := hex.DecodeString(part)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, string(decoded))
		}
		lines = append(lines, parts)
	}
	return lines
}

// The drivers of Redshift and SQL Server parse what they are given without a server.
func TestInterop_jdbcParses(t *testing.T) {
	var urls []string
	var want [][]string
	for _, password := range everyPassword() {
		password = strings.ReplaceAll(password, "\t", "\\")
		user := "u" + password
		for _, kind := range []string{"redshift", "mssql"} {
			c := renderlogin.Connection{Host: "h", Database: "d", Parameters: map[string]string{"applicationName": password}}
			if _, err := renderlogin.URL(loginOf(t, kind, c, "username", "u", "password", "p"), renderlogin.JDBC); err != nil {
				t.Fatal(err)
			}
			v, err := renderlogin.URL(loginOf(t, kind, c, "username", user, "password", password), renderlogin.JDBC)
			if err != nil {
				t.Fatal(err)
			}
			urls, want = append(urls, string(v.Reveal())), append(want, []string{user, password, "d"})
		}
	}
	if diff := cmp.Diff(want, jdbc(t, urls)); diff != "" {
		t.Errorf("the drivers read (-want +got):\n%s", diff)
	}
}
