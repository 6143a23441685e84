package renderlogin_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/catalog"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
)

// What the catalog says of connection URLs is true: those of a type are composed under each of its names, from each name of
// each field, and those of others are not.
func TestURL_ofTheCatalog(t *testing.T) {
	types, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	styles := map[string]renderlogin.Style{
		"JDBC": renderlogin.JDBC, "SQLALCHEMY": renderlogin.SQLAlchemy, "ODBC": renderlogin.ODBC, "URI": renderlogin.URI,
	}
	for _, source := range types.Types() {
		for _, id := range append([]string{source.ID}, source.Aliases...) {
			for name, style := range styles {
				err := renderlogin.CheckURL(renderlogin.Connection{}, id, style)
				if claimed := slices.Contains(source.URLs, name); claimed != (err == nil) {
					t.Errorf("the catalog says %t of URLs %s of %s, CheckURL %v", claimed, name, id, err)
				}
			}
			for _, style := range source.URLs {
				composes(t, source, id, styles[style])
			}
		}
	}
}

// composes wants the same URL from whatever keys the fields stand under.
func composes(t *testing.T, source catalog.SourceType, id string, style renderlogin.Style) {
	t.Helper()
	var required []catalog.Field
	for _, f := range source.With(firstOf(source)) {
		if (f.Required || f.Connection) && !f.Multiline {
			required = append(required, f)
		}
	}
	whole := map[string]string{}
	for _, f := range required {
		whole[f.Name] = strings.ReplaceAll(f.Example, "_", "")
	}
	want := compose(t, whole, id, style)
	for _, f := range required {
		for _, alias := range append(slices.Clone(f.Aliases), strings.ToUpper(f.Name)) {
			renamed := maps.Clone(whole)
			delete(renamed, f.Name)
			renamed[alias] = whole[f.Name]
			if got := compose(t, renamed, id, style); got != want {
				t.Errorf("%s, style %d, with %s for %s: %s, want %s", id, style, alias, f.Name, got, want)
			}
		}
	}
}

func firstOf(source catalog.SourceType) catalog.Alternative {
	if len(source.Alternatives) == 0 {
		return catalog.Alternative{}
	}
	return source.Alternatives[0]
}

func compose(t *testing.T, values map[string]string, id string, style renderlogin.Style) string {
	t.Helper()
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, name, value)
	}
	v, err := renderlogin.URL(loginOf(t, id, renderlogin.Connection{}, pairs...), style)
	if err != nil {
		t.Errorf("%s, style %d: %v", id, style, err)
	}
	url := string(v.Reveal())
	for _, name := range []string{"username", "password"} {
		if !strings.Contains(url, values[name]) {
			t.Errorf("%s, style %d: %s has no %s", id, style, url, name)
		}
	}
	return url
}

// The logins of repositories and registries make the files that their clients read, under each name of their fields.
func TestFiles_ofTheCatalog(t *testing.T) {
	types, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, source := range types.Types() {
		login, ok := source.Alternative("login")
		if id := source.ID; !ok && id != "git" && id != "bitbucket" && id != "aws-codecommit" {
			continue
		}
		for _, f := range source.With(login) {
			for _, key := range append([]string{f.Name}, f.Aliases...) {
				p := plaintext.Payload{}
				for _, other := range source.With(login) {
					name := other.Name
					if name == f.Name {
						name = key
					}
					p[name] = plaintext.Entry{Value: plaintext.New([]byte(other.Example))}
				}
				l, err := renderlogin.Of(p, renderlogin.Connection{}, source.ID)
				if err == nil {
					_, err = renderlogin.Netrc([]renderlogin.Login{l})
				}
				if err != nil {
					t.Errorf("%s with %s: %v", source.ID, key, err)
				}
				written++
			}
		}
	}
	if written < 30 {
		t.Errorf("%d files", written)
	}
}

// A key pair is no password: no URL is composed of it.
func TestURL_keyPair(t *testing.T) {
	_, err := renderlogin.Of(payload("username", "u", "auth_mode", "key-pair", "key", "k"), renderlogin.Connection{Host: "h"}, "snowflake")
	if !errors.Is(err, renderlogin.ErrIncomplete) {
		t.Errorf("error %v, want ErrIncomplete", err)
	}
}
