package renderlogin_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/microsoft/go-mssqldb/msdsn"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
)

var styleNames = map[renderlogin.Style]string{
	renderlogin.JDBC: "jdbc", renderlogin.SQLAlchemy: "sqlalchemy", renderlogin.ODBC: "odbc", renderlogin.URI: "uri",
}

// The golden file has a section for each kind of server and each style, of one login.
func TestURL_golden(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/urls.txtar")
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string]string{}
	for _, f := range archive.Files {
		golden[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
	}
	for _, kind := range kindNames {
		for _, style := range styles {
			t.Run(kind+"/"+styleNames[style], func(t *testing.T) {
				l := goldenLogin(t, kind, style)
				v, err := renderlogin.URL(l, style)
				check(t, v, err, golden[kind+"/"+styleNames[style]], nil)
			})
		}
	}
}

// goldenLogin has a user, password and database as hostile as the kind of server takes them in the style.
func goldenLogin(t *testing.T, kind string, style renderlogin.Style) renderlogin.Login {
	t.Helper()
	user, password, host, parameter := "o'r;der}s@x", hostile, "db.example.com", "a b&c=d"
	switch kind {
	case "postgres", "redshift", "snowflake":
		if style == renderlogin.ODBC {
			user = "o'rder@x"
		}
	case "oracle":
		user, password, parameter = "SCOTT", strings.ReplaceAll(hostile, `"`, ""), "a,b"
	}
	if kind == "snowflake" {
		host = "xy12345.eu-central-1"
	}
	return loginOf(t, kind, renderlogin.Connection{Host: host, Database: "orders", Parameters: map[string]string{"opt": parameter}},
		"username", user, "password", password)
}

func TestURL(t *testing.T) {
	for _, tc := range []struct {
		name    string
		kind    string
		c       renderlogin.Connection
		style   renderlogin.Style
		want    string
		wantErr error
	}{
		{name: "other name of a kind", kind: "azure-sql", c: renderlogin.Connection{Host: "h"}, style: renderlogin.URI, want: "sqlserver://u:p@h:1433"},
		{
			name: "kind of the connection", kind: "generic", c: renderlogin.Connection{Type: "mariadb", Host: "h"}, style: renderlogin.URI,
			want: "mysql://u:p@h:3306",
		},
		{
			name: "IPv6", kind: "postgres", c: renderlogin.Connection{Host: "fe80::1", Database: "d"}, style: renderlogin.SQLAlchemy,
			want: "postgresql://u:p@[fe80::1]:5432/d",
		},
		{
			name: "IPv6 in brackets", kind: "mysql", c: renderlogin.Connection{Host: "[::1]", Port: 1}, style: renderlogin.JDBC,
			want: "jdbc:mysql://[::1]:1/?user=u&password=p",
		},
		{
			name: "IPv6 of SQL Server", kind: "mssql", c: renderlogin.Connection{Host: "::1"}, style: renderlogin.JDBC,
			want: "jdbc:sqlserver://;serverName={::1};portNumber={1433};user={u};password={p}",
		},
		{
			name: "IPv6 of ODBC", kind: "postgres", c: renderlogin.Connection{Host: "::1"}, style: renderlogin.ODBC,
			want: "Driver={PostgreSQL Unicode};Server=::1;Port=5432;UID=u;PWD=p;",
		},
		{
			name: "another driver", kind: "mssql", c: renderlogin.Connection{Host: "h", Parameters: map[string]string{"driver": "FreeTDS", "Encrypt": "yes"}},
			style: renderlogin.ODBC, want: "Driver={FreeTDS};Server=h,1433;UID=u;PWD=p;Encrypt=yes;",
		},
		{
			name: "host of Snowflake", kind: "snowflake", c: renderlogin.Connection{Host: "a.snowflakecomputing.com"}, style: renderlogin.SQLAlchemy,
			want: "snowflake://u:p@a",
		},
		{
			name: "port of Snowflake", kind: "snowflake", c: renderlogin.Connection{Host: "a.snowflakecomputing.cn", Port: 8080}, style: renderlogin.JDBC,
			want: "jdbc:snowflake://a.snowflakecomputing.cn:8080/?user=u&password=p",
		},
		{name: "no host", kind: "postgres", style: renderlogin.URI, wantErr: renderlogin.ErrIncomplete},
		{name: "no service", kind: "oracle", c: renderlogin.Connection{Host: "h"}, style: renderlogin.URI, wantErr: renderlogin.ErrIncomplete},
		{name: "unknown kind", kind: "generic", c: renderlogin.Connection{Host: "h"}, style: renderlogin.URI, wantErr: renderlogin.ErrConnection},
		{name: "no style", kind: "postgres", c: renderlogin.Connection{Host: "h"}, wantErr: renderlogin.ErrConnection},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v, err := renderlogin.URL(loginOf(t, tc.kind, tc.c, "username", "u", "password", "p"), tc.style)
			check(t, v, err, tc.want, tc.wantErr)
		})
	}
}

func TestURL_refusesWhatAReaderWouldChange(t *testing.T) {
	for _, tc := range []struct {
		kind, user, password string
		style                renderlogin.Style
	}{
		{"mssql", "u", "a\nb", renderlogin.ODBC},
		{"mssql", "u", "a\nb", renderlogin.JDBC},
		{"postgres", "u\r", "p", renderlogin.ODBC},
		{"postgres", "u;Servername=evil", "p", renderlogin.ODBC},
		{"snowflake", "{u}", "p", renderlogin.ODBC},
		{"redshift", "u ", "p", renderlogin.ODBC},
		{"oracle", "u", `a"b`, renderlogin.JDBC},
		{"oracle", "u", "a\nb", renderlogin.JDBC},
		{"oracle", "u@x", "p", renderlogin.JDBC},
		{"oracle", `u/"x"@//evil`, "p", renderlogin.JDBC},
	} {
		_, err := renderlogin.URL(loginOf(t, tc.kind, renderlogin.Connection{Host: "h", Database: "d"}, "username", tc.user, "password", tc.password), tc.style)
		check(t, plaintext.Value{}, err, "", renderlogin.ErrUnwritable)
	}
}

func TestCheckURL(t *testing.T) {
	many := map[string]string{}
	for i := range 33 {
		many["p"+strconv.Itoa(i)] = "x"
	}
	parameters := func(pairs ...string) renderlogin.Connection {
		return renderlogin.Connection{Parameters: map[string]string{pairs[0]: pairs[1]}}
	}
	for _, tc := range []struct {
		name    string
		kind    string
		c       renderlogin.Connection
		style   renderlogin.Style
		refused bool
	}{
		{name: "nothing set"},
		{name: "all set", c: renderlogin.Connection{Type: "mysql", Host: "h.example", Port: 65535, Database: "d", Parameters: map[string]string{"sslmode": "x"}}},
		{name: "unknown kind", kind: "kafka", refused: true},
		{name: "unknown style", style: 9, refused: true},
		{name: "negative port", c: renderlogin.Connection{Port: -1}, refused: true},
		{name: "high port", c: renderlogin.Connection{Port: 65536}, refused: true},
		{name: "host with a port", c: renderlogin.Connection{Host: "h:1"}, refused: true},
		{name: "host with a path", c: renderlogin.Connection{Host: "h/d"}, refused: true},
		{name: "host with a query", c: renderlogin.Connection{Host: "h?x=y"}, refused: true},
		{name: "host with a user", c: renderlogin.Connection{Host: "x@h"}, refused: true},
		{name: "host with an attribute", c: renderlogin.Connection{Host: "h;Driver=x"}, refused: true},
		{name: "host with a zone", c: renderlogin.Connection{Host: "fe80::1%eth0"}, refused: true},
		{name: "host with half a bracket", c: renderlogin.Connection{Host: "[::1"}, refused: true},
		{name: "IPv4 in brackets", c: renderlogin.Connection{Host: "[127.0.0.1]"}, refused: true},
		{name: "host not ASCII", c: renderlogin.Connection{Host: "bücher.example"}, refused: true},
		{name: "long host", c: renderlogin.Connection{Host: strings.Repeat("a.", 127) + "a"}, refused: true},
		{name: "database with a slash", c: renderlogin.Connection{Database: "a/b"}, refused: true},
		{name: "database with a newline", c: renderlogin.Connection{Database: "a\n"}, refused: true},
		{name: "database with a space", c: renderlogin.Connection{Database: "a b"}},
		{name: "the same in SQLAlchemy", c: renderlogin.Connection{Database: "a b"}, style: renderlogin.SQLAlchemy, refused: true},
		{name: "service with a query", kind: "oracle", c: renderlogin.Connection{Database: "s?x=y"}, refused: true},
		{name: "many parameters", c: renderlogin.Connection{Parameters: many}, refused: true},
		{name: "one parameter twice", c: renderlogin.Connection{Parameters: map[string]string{"a": "1", "A": "2"}}, refused: true},
		{name: "user again", c: parameters("User", "x"), refused: true},
		{name: "host again", c: parameters("hostaddr", "x"), refused: true},
		{name: "database again", c: parameters("Database_Na-me", "x"), refused: true},
		{name: "all again", kind: "mssql", style: renderlogin.SQLAlchemy, c: parameters("odbc_connect", "x"), refused: true},
		{name: "name with a separator", c: parameters("a=b&c", "x"), refused: true},
		{name: "empty name", c: parameters("", "x"), refused: true},
		{name: "empty value", c: parameters("a", ""), refused: true},
		{name: "long value", c: parameters("a", strings.Repeat("x", 1025)), refused: true},
		{name: "value with a newline", c: parameters("a", "x\ny"), refused: true},
		{name: "a class of pgjdbc", c: parameters("socketFactory", "x"), refused: true},
		{name: "a class of Connector/J", kind: "mysql", c: parameters("queryInterceptors", "x"), refused: true},
		{name: "files of Connector/J", kind: "mysql", c: parameters("allowLoadLocalInfile", "true"), refused: true},
		{name: "a class of SQL Server's", kind: "mssql", c: parameters("trustManagerClass", "x"), refused: true},
		{name: "a library", style: renderlogin.ODBC, c: parameters("Driver", "/tmp/x.so"), refused: true},
		{name: "no escape for ODBC", style: renderlogin.ODBC, c: parameters("a", "x;y=z"), refused: true},
		{name: "no escape for ODBC in a database", style: renderlogin.ODBC, c: renderlogin.Connection{Database: "x;y=z"}, refused: true},
		{name: "an escape for ODBC", kind: "mssql", style: renderlogin.ODBC, c: parameters("a", "x;y=z")},
		{name: "no escape for Oracle", kind: "oracle", c: parameters("a", "x&y=z"), refused: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			kind, style := "postgres", renderlogin.JDBC
			if tc.kind != "" {
				kind = tc.kind
			}
			if tc.style != renderlogin.NoURL {
				style = tc.style
			}
			if err := renderlogin.CheckURL(tc.c, kind, style); (err != nil) != tc.refused {
				t.Errorf("CheckURL: got %v, want refused = %v", err, tc.refused)
			}
		})
	}
}

func TestURL_netURLReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		user, password, value := text().Draw(t, "user"), text().Draw(t, "password"), text().Draw(t, "value")
		kind := rapid.SampledFrom(kindNames).Draw(t, "kind")
		style := rapid.SampledFrom([]renderlogin.Style{renderlogin.URI, renderlogin.SQLAlchemy}).Draw(t, "style")
		l := loginOf(t, kind, renderlogin.Connection{Host: "h", Database: "d", Parameters: map[string]string{"opt": value}}, "username", user, "password", password)
		v, err := renderlogin.URL(l, style)
		if err != nil {
			return // a parameter with a control character
		}
		u, err := url.Parse(string(v.Reveal()))
		if err != nil {
			t.Fatalf("url.Parse: %v", err)
		}
		got, _ := u.User.Password()
		if u.User.Username() != user || got != password || u.Hostname() != "h" || u.Query().Get("opt") != value {
			t.Fatalf("net/url reads %q as %q, %q, %q, %q", v.Reveal(), u.User.Username(), got, u.Hostname(), u.Query())
		}
		// What readers of queries in C and Go make of + differs, so there is none.
		if strings.ContainsAny(string(v.Reveal()), "+ ") {
			t.Fatalf("%q has a space or +", v.Reveal())
		}
	})
}

func TestURL_pgxReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		user, password := text().Draw(t, "user"), text().Draw(t, "password")
		database := text().Draw(t, "database")
		host := rapid.SampledFrom([]string{"db.example.com", "127.0.0.1", "::1"}).Draw(t, "host")
		l := loginOf(t, "postgres", renderlogin.Connection{Host: host, Port: 1234, Parameters: map[string]string{"application_name": "a + b"}},
			"username", user, "password", password, "database", database)
		v, err := renderlogin.URL(l, renderlogin.URI)
		if err != nil {
			return // the database's name
		}
		config, err := pgx.ParseConfig(string(v.Reveal()))
		if err != nil {
			t.Fatalf("ParseConfig: %v", err)
		}
		if config.User != user || config.Password != password || config.Database != database || config.Host != host || config.Port != 1234 ||
			config.RuntimeParams["application_name"] != "a + b" {
			t.Fatalf("pgx reads %q as %+v", v.Reveal(), config.Config)
		}
	})
}

func TestURL_msdsnReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		user, password := text().Draw(t, "user"), text().Draw(t, "password")
		database := rapid.SampledFrom([]string{"orders", "my }orders;", "ü{"}).Draw(t, "database")
		l := loginOf(t, "mssql", renderlogin.Connection{Host: "h", Database: database},
			"username", user, "password", password)
		for _, style := range []renderlogin.Style{renderlogin.URI, renderlogin.ODBC} {
			v, err := renderlogin.URL(l, style)
			if err != nil {
				continue // a control character
			}
			dsn := string(v.Reveal())
			if style == renderlogin.ODBC { // it has other keywords than Microsoft's driver
				for _, word := range [][2]string{{"Server=h,1433", "server=h;port=1433"}, {";UID=", ";user id="}, {";PWD=", ";password="}} {
					dsn = strings.Replace(dsn, word[0], word[1], 1)
				}
				dsn = "odbc:" + dsn
			}
			config, err := msdsn.Parse(dsn)
			if err != nil {
				t.Fatalf("msdsn.Parse of %q: %v", v.Reveal(), err)
			}
			if config.User != user || config.Password != password || config.Database != database || config.Host != "h" || config.Port != 1433 {
				t.Fatalf("msdsn reads %q as %q, %q, %q at %q:%d", v.Reveal(), config.User, config.Password, config.Database, config.Host, config.Port)
			}
		}
	})
}
