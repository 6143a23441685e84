package renderlogin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgpassfile"
	"github.com/jdx/go-netrc"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
)

// fileLogin is a login as a row of a table.
type fileLogin struct{ host, port, database, user, password string }

func (f fileLogin) login(t fataler) renderlogin.Login {
	t.Helper()
	return loginOf(t, "", renderlogin.Connection{}, "host", f.host, "port", f.port, "database", f.database, "username", f.user, "password", f.password)
}

func loginsOf(t fataler, rows []fileLogin) []renderlogin.Login {
	t.Helper()
	logins := make([]renderlogin.Login, len(rows))
	for i, row := range rows {
		logins[i] = row.login(t)
	}
	return logins
}

func TestNetrc(t *testing.T) {
	for _, tc := range []struct {
		name    string
		rows    []fileLogin
		want    string
		wantErr error
	}{
		{name: "none"},
		{
			name: "two", rows: []fileLogin{{host: "B.example", user: "u", password: "p"}, {host: "a.example", user: "v", password: `q"'#$%@:/?`, port: "1"}},
			want: "machine B.example login u password p\nmachine a.example login v password q\"'#$%@:/?\n",
		},
		{name: "unicode", rows: []fileLogin{{host: "h", user: "jörg", password: "☃𝄞"}}, want: "machine h login jörg password ☃𝄞\n"},
		{
			name: "words of its own", rows: []fileLogin{{host: "default", user: "machine", password: "macdef"}},
			want: "machine default login machine password macdef\n",
		},
		{name: "one host twice", rows: []fileLogin{{host: "h", user: "u", password: "p"}, {host: "H", user: "v", password: "p"}}, wantErr: renderlogin.ErrTwice},
		{name: "no host", rows: []fileLogin{{user: "u", password: "p"}}, wantErr: renderlogin.ErrIncomplete},
		{name: "no host's name", rows: []fileLogin{{host: "h x", user: "u", password: "p"}}, wantErr: renderlogin.ErrConnection},
		{name: "host with a port", rows: []fileLogin{{host: "h:1", user: "u", password: "p"}}, wantErr: renderlogin.ErrConnection},
		{name: "space", rows: []fileLogin{{host: "h", user: "u", password: "a b"}}, wantErr: renderlogin.ErrUnwritable},
		{name: "newline", rows: []fileLogin{{host: "h", user: "u", password: "a\nmachine evil"}}, wantErr: renderlogin.ErrUnwritable},
		{name: "backslash", rows: []fileLogin{{host: "h", user: "u", password: `a\b`}}, wantErr: renderlogin.ErrUnwritable},
		{name: "quote first", rows: []fileLogin{{host: "h", user: "u", password: `"a`}}, wantErr: renderlogin.ErrUnwritable},
		{name: "comment", rows: []fileLogin{{host: "h", user: "#u", password: "p"}}, wantErr: renderlogin.ErrUnwritable},
		{name: "no-break space", rows: []fileLogin{{host: "h", user: "u", password: "a\u00a0b"}}, wantErr: renderlogin.ErrUnwritable},
		{name: "a byte like one", rows: []fileLogin{{host: "h", user: "u", password: "voilà"}}, wantErr: renderlogin.ErrUnwritable},
		{name: "long", rows: []fileLogin{{host: "h", user: "u", password: strings.Repeat("x", 4000)}}, wantErr: renderlogin.ErrUnwritable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := renderlogin.Netrc(loginsOf(t, tc.rows))
			check(t, v, err, tc.want, tc.wantErr)
		})
	}
}

func TestNetrc_goNetrcReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []fileLogin
		for i := range rapid.IntRange(1, 3).Draw(t, "logins") {
			row := fileLogin{host: "h" + strings.Repeat("i", i), user: text().Draw(t, "user"), password: text().Draw(t, "password")}
			if _, err := renderlogin.Netrc([]renderlogin.Login{row.login(t)}); err == nil {
				rows = append(rows, row)
			}
		}
		v, err := renderlogin.Netrc(loginsOf(t, rows))
		if err != nil {
			t.Fatalf("Netrc: %v", err)
		}
		file, err := netrc.ParseString(string(v.Reveal()))
		if err != nil {
			t.Fatalf("go-netrc: %v", err)
		}
		for _, row := range rows {
			m := file.Machine(row.host)
			if got := (fileLogin{host: row.host, user: m.Get("login"), password: m.Get("password")}); got != row {
				t.Fatalf("go-netrc reads %q as %+v, want %+v", v.Reveal(), got, row)
			}
		}
	})
}

func TestPgpass(t *testing.T) {
	for _, tc := range []struct {
		name    string
		rows    []fileLogin
		want    string
		wantErr error
	}{
		{name: "none"},
		{name: "all", rows: []fileLogin{{"h", "1", "d", "u", "p"}}, want: "h:1:d:u:p\n"},
		{name: "nothing but the login", rows: []fileLogin{{user: "u", password: "p"}}, want: "*:*:*:u:p\n"},
		{
			name: "escapes", rows: []fileLogin{{"[::1]", "1", `a:b`, `u\`, hostile}},
			want: `\:\:1:1:a\:b:u\\:` + `p'a"s\\s$w#o%r@d\:/?&=+;{}[]()!* ü☃𝄞 end` + "\n",
		},
		{name: "what matches more comes later", rows: []fileLogin{
			{user: "u", password: "1"},
			{host: "b", user: "u", password: "2"},
			{"a", "1", "d", "u", "3"},
			{host: "a", user: "u", password: "4"},
		}, want: "a:1:d:u:3\nb:*:*:u:2\na:*:*:u:4\n*:*:*:u:1\n"},
		{name: "other users", rows: []fileLogin{{host: "h", user: "u", password: "p"}, {host: "h", user: "v", password: "p"}}, want: "h:*:*:u:p\nh:*:*:v:p\n"},
		{name: "one place twice", rows: []fileLogin{{host: "h", user: "u", password: "p"}, {host: "h", user: "u", password: "q"}}, wantErr: renderlogin.ErrTwice},
		{name: "newline", rows: []fileLogin{{user: "u", password: "a\nb"}}, wantErr: renderlogin.ErrUnwritable},
		{name: "carriage return", rows: []fileLogin{{user: "u\r", password: "p"}}, wantErr: renderlogin.ErrUnwritable},
		{name: "space last", rows: []fileLogin{{user: "u", password: "p "}}, wantErr: renderlogin.ErrUnwritable},
		{name: "any user", rows: []fileLogin{{user: "*", password: "p"}}, wantErr: renderlogin.ErrUnwritable},
		{name: "any database", rows: []fileLogin{{database: "*", user: "u", password: "p"}}, wantErr: renderlogin.ErrUnwritable},
		{name: "any host", rows: []fileLogin{{host: "*", user: "u", password: "p"}}, wantErr: renderlogin.ErrConnection},
		{name: "no port", rows: []fileLogin{{port: "0", user: "u", password: "p"}}, wantErr: renderlogin.ErrConnection},
		{name: "long", rows: []fileLogin{{user: "u", password: strings.Repeat(":", 2000)}}, wantErr: renderlogin.ErrUnwritable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := renderlogin.Pgpass(loginsOf(t, tc.rows))
			check(t, v, err, tc.want, tc.wantErr)
		})
	}
}

func TestPgpass_pgpassfileReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := fileLogin{"h", "5432", text().Draw(t, "database"), text().Draw(t, "user"), text().Draw(t, "password")}
		v, err := renderlogin.Pgpass([]renderlogin.Login{row.login(t)})
		if err != nil {
			return
		}
		file, err := pgpassfile.ParsePassfile(strings.NewReader(string(v.Reveal())))
		if err != nil {
			t.Fatalf("ParsePassfile: %v", err)
		}
		want := []*pgpassfile.Entry{{Hostname: row.host, Port: row.port, Database: row.database, Username: row.user, Password: row.password}}
		if diff := cmp.Diff(want, file.Entries); diff != "" {
			t.Fatalf("pgpassfile reads %q as (-want +got):\n%s", v.Reveal(), diff)
		}
	})
}

// Every error about one of several logins names its secret; that about two names both.
func TestFiles_errorsNameSecrets(t *testing.T) {
	good := fileLogin{host: "h", user: "u", password: "p"}.login(t)
	bad := fileLogin{host: "i", user: "u", password: "p\n"}.login(t)
	colon := fileLogin{host: "i", user: "u:", password: "p"}.login(t)
	good.Secret, bad.Secret, colon.Secret = "good-one", "bad-one", "bad-one"
	again := good
	again.Secret = "bad-one"
	docker := func(logins []renderlogin.Login) (plaintext.Value, error) {
		var entries []renderlogin.DockerEntry
		for _, l := range logins {
			entries = append(entries, renderlogin.DockerEntry{Login: l})
		}
		return renderlogin.DockerConfig(entries)
	}
	for name, write := range map[string]func([]renderlogin.Login) (plaintext.Value, error){
		"netrc": renderlogin.Netrc, "pgpass": renderlogin.Pgpass, "docker": docker,
	} {
		wrong := bad
		if name == "docker" {
			wrong = colon
		}
		if _, err := write([]renderlogin.Login{good, wrong}); err == nil || !strings.Contains(err.Error(), "bad-one") {
			t.Errorf("%s: got the error %v, want it to name bad-one", name, err)
		}
		if _, err := write([]renderlogin.Login{good, again}); err == nil || !strings.Contains(err.Error(), "bad-one") ||
			!strings.Contains(err.Error(), "good-one") {
			t.Errorf("%s: got the error %v, want it to name both", name, err)
		}
	}
}

func TestCheckFiles(t *testing.T) {
	parameters := renderlogin.Connection{Parameters: map[string]string{"a": "b"}}
	for _, tc := range []struct {
		name                  string
		c                     renderlogin.Connection
		netrc, pgpass, docker bool // refused
	}{
		{name: "nothing"},
		{name: "host", c: renderlogin.Connection{Host: "h.example", Port: 1, Database: "d"}},
		{name: "IPv6", c: renderlogin.Connection{Host: "::1", Port: 1}},
		{name: "registry", c: renderlogin.Connection{Host: "https://h.example/v1/"}, netrc: true, pgpass: true},
		{name: "registry with its port", c: renderlogin.Connection{Host: "h:5000"}, netrc: true, pgpass: true},
		{name: "registry with two ports", c: renderlogin.Connection{Host: "h:5000", Port: 1}, netrc: true, pgpass: true, docker: true},
		{name: "no host", c: renderlogin.Connection{Host: "a b"}, netrc: true, pgpass: true, docker: true},
		{name: "negative port", c: renderlogin.Connection{Port: -1}, netrc: true, pgpass: true, docker: true},
		{name: "kind of server", c: renderlogin.Connection{Type: "oracle"}},
		{name: "unknown kind of server", c: renderlogin.Connection{Type: strings.Repeat("x", 1<<20)}, netrc: true, pgpass: true, docker: true},
		{name: "long database", c: renderlogin.Connection{Database: strings.Repeat("d", 256)}, netrc: true, pgpass: true, docker: true},
		{name: "control character", c: renderlogin.Connection{Database: "d\x01"}, netrc: true, pgpass: true, docker: true},
		{name: "any database", c: renderlogin.Connection{Database: "*"}, pgpass: true},
		{name: "parameters", c: parameters, netrc: true, pgpass: true, docker: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := [3]bool{renderlogin.CheckNetrc(tc.c) != nil, renderlogin.CheckPgpass(tc.c) != nil, renderlogin.CheckDockerConfig(tc.c) != nil}
			if err := renderlogin.CheckNetrc(tc.c); err != nil && len(err.Error()) > 500 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			if want := [3]bool{tc.netrc, tc.pgpass, tc.docker}; got != want {
				t.Errorf("netrc, pgpass and docker refuse: got %v, want %v", got, want)
			}
		})
	}
}

// writeFile puts a value where a program can read it.
func writeFile(t *testing.T, name string, v plaintext.Value) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, v.Reveal(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
