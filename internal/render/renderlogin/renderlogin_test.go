package renderlogin_test

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
)

// hostile is a password with all that has a meaning somewhere. No format but NETRC refuses it.
const hostile = `p'a"s\s$w#o%r@d:/?&=+;{}[]()!* ü☃𝄞 end`

func payload(pairs ...string) plaintext.Payload {
	p := plaintext.Payload{}
	for i := 0; i < len(pairs); i += 2 {
		p[pairs[i]] = plaintext.Entry{Value: plaintext.New([]byte(pairs[i+1]))}
	}
	return p
}

// loginOf is a login of the secret "s".
func loginOf(t fataler, kind string, c renderlogin.Connection, pairs ...string) renderlogin.Login {
	t.Helper()
	l, err := renderlogin.Of(payload(pairs...), c, kind)
	if err != nil {
		t.Fatalf("Of: %v", err)
	}
	l.Secret = "s"
	return l
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// check compares a result with the text or the error that is wanted.
func check(t *testing.T, v plaintext.Value, err error, want string, wantErr error) {
	t.Helper()
	if !errors.Is(err, wantErr) {
		t.Fatalf("got the error %v, want %v", err, wantErr)
	}
	if got := string(v.Reveal()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// text generates values of the characters that have a meaning somewhere, and of any others.
func text() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.OneOf(
		rapid.RuneFrom([]rune("aZ09 '\"\\$#%@:/?&=+;{}[]()!*,.~`^|<>-_\t\r\n\u00a0\u0085\u2003üà☃𝄞")),
		rapid.Rune().Filter(func(r rune) bool { return r != 0 && r != '\ufffd' }),
	), 1, 24, -1)
}

func TestOf(t *testing.T) {
	for _, tc := range []struct {
		name    string
		kind    string // postgres by default
		payload plaintext.Payload
		c       renderlogin.Connection
		want    string
		wantErr error
	}{
		{name: "plain", payload: payload("username", "u", "password", "p", "host", "h", "port", "1", "database", "d"), want: "postgresql://u:p@h:1/d"},
		{name: "other names", payload: payload("USER", "u", "Password", "p", "hostname", "h", "dbname", "d"), want: "postgresql://u:p@h:5432/d"},
		{name: "repository", payload: payload("GITSYNC_USERNAME", "u", "GITSYNC_PASSWORD", "p", "machine", "h"), want: "postgresql://u:p@h:5432"},
		{name: "unknown keys", payload: payload("username", "u", "password", "p", "host", "h", "awsaccesskeyid", "x"), want: "postgresql://u:p@h:5432"},
		{
			name: "the connection wins", payload: payload("username", "u", "password", "p", "host", "x y", "port", "x", "database", "x/y"),
			c: renderlogin.Connection{Host: "h", Port: 2, Database: "d"}, want: "postgresql://u:p@h:2/d",
		},
		{name: "account of Snowflake", kind: "snowflake", payload: payload("username", "u", "password", "p", "account", "a"), want: "snowflake://u:p@a"},
		{
			name: "service of Oracle", kind: "oracle", payload: payload("username", "u", "password", "p", "host", "h", "service_name", "s", "account", "x"),
			want: "oracle://u:p@h:1521/s",
		},
		{name: "two that agree", payload: payload("username", "u", "user", "u", "password", "p", "host", "h"), want: "postgresql://u:p@h:5432"},
		{name: "two that differ", payload: payload("username", "u", "user", "v", "password", "p"), wantErr: renderlogin.ErrAmbiguous},
		{name: "no user", payload: payload("password", "p"), wantErr: renderlogin.ErrIncomplete},
		{name: "no password", payload: payload("username", "u"), wantErr: renderlogin.ErrIncomplete},
		{name: "empty password", payload: payload("username", "u", "password", ""), wantErr: renderlogin.ErrIncomplete},
		{name: "no payload", wantErr: renderlogin.ErrIncomplete},
		{name: "NUL", payload: payload("username", "u", "password", "p\x00"), wantErr: renderlogin.ErrUnwritable},
		{name: "not UTF-8", payload: payload("username", "u", "password", "\xff"), wantErr: renderlogin.ErrUnwritable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l, err := renderlogin.Of(tc.payload, tc.c, cmp.Or(tc.kind, "postgres"))
			if tc.wantErr != nil || err != nil {
				check(t, plaintext.Value{}, err, "", tc.wantErr)
				return
			}
			v, err := renderlogin.URL(l, renderlogin.URI)
			check(t, v, err, tc.want, nil)
		})
	}
}

func TestLogin_doesNotPrint(t *testing.T) {
	const canary = "c4n4ry"
	l := loginOf(t, "postgres", renderlogin.Connection{}, "username", canary, "password", canary, "host", canary, "port", "1", "database", canary)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if s := fmt.Sprintf(verb, l); strings.Contains(s, canary) || strings.Contains(s, fmt.Sprintf("%x", canary)) {
			t.Errorf("%s prints %s", verb, s)
		}
	}
}

// Whatever is refused, the error has none of the values in it.
func TestErrors_haveNoValues(t *testing.T) {
	const canary = "C4n4ry"
	hosts := []string{canary, canary + " x", canary + "\n", canary + ":1", "https://" + canary + "/v1/"}
	rapid.Check(t, func(t *rapid.T) {
		value := func(name string) string {
			return canary + rapid.SampledFrom([]string{"", " ", "\n", `"`, "/", ":", "\\", "}", "\u0085", "\xff"}).Draw(t, name)
		}
		p := payload("username", value("username"), "password", value("password"), "host", rapid.SampledFrom(hosts).Draw(t, "host"),
			"port", rapid.SampledFrom([]string{"1", canary}).Draw(t, "port"), "database", value("database"))
		if rapid.Bool().Draw(t, "twice") {
			p["login"] = plaintext.Entry{Value: plaintext.New([]byte(canary + "2"))}
		}
		if rapid.Bool().Draw(t, "config") {
			config := rapid.SampledFrom([]string{canary, `{"auths":` + canary, `{"auths":{"` + canary + ` ":{"auth":"` + canary + `"}}}`}).Draw(t, "text")
			p[renderlogin.DockerConfigKey] = plaintext.Entry{Value: plaintext.New([]byte(config))}
		}
		kind := rapid.SampledFrom(kindNames).Draw(t, "kind")
		for _, err := range allErrors(p, kind) {
			if strings.Contains(err.Error(), canary) {
				t.Fatalf("an error shows a value: %v", err)
			}
		}
	})
}

// allErrors are those of everything that can be done with a payload.
func allErrors(p plaintext.Payload, kind string) []error {
	var errs []error
	add := func(_ plaintext.Value, err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	entry, err := renderlogin.DockerOf(p, renderlogin.Connection{}, kind)
	add(plaintext.Value{}, err)
	if err == nil {
		add(renderlogin.DockerConfig([]renderlogin.DockerEntry{entry}))
		add(renderlogin.DockerConfig([]renderlogin.DockerEntry{entry, entry}))
	}
	l, err := renderlogin.Of(p, renderlogin.Connection{}, kind)
	add(plaintext.Value{}, err)
	if err == nil {
		for _, style := range styles {
			add(renderlogin.URL(l, style))
		}
		add(renderlogin.Netrc([]renderlogin.Login{l}))
		add(renderlogin.Netrc([]renderlogin.Login{l, l}))
		add(renderlogin.Pgpass([]renderlogin.Login{l}))
		add(renderlogin.Pgpass([]renderlogin.Login{l, l}))
	}
	return errs
}

var (
	kindNames = []string{"postgres", "redshift", "mysql", "mssql", "oracle", "snowflake"}
	styles    = []renderlogin.Style{renderlogin.JDBC, renderlogin.SQLAlchemy, renderlogin.ODBC, renderlogin.URI}
)
