package renderlogin

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// Login is who logs in, with what, and where. It does not print what it holds.
type Login struct {
	// Secret is the name of the secret it comes from, for errors.
	Secret string

	kind                                     string
	username, password, host, port, database part
	parameters                               map[string]string
}

// part is one thing that a login says. It holds no value where the login does not say it.
type part struct {
	name  string // the key it comes from, or the field of the connection
	value plaintext.Value
}

func (p part) said() bool { return p.value.Len() > 0 }

func (p part) text() string { return string(p.value.Reveal()) }

// keyNames are the keys that a login is read from, whatever their case. Several are accepted for one thing, because the
// secrets of databases, registries, hosts and repositories call it differently.
var keyNames = struct{ username, password, host, port, database []string }{
	username: []string{"username", "user", "login", "gitsync_username"},
	password: []string{"password", "gitsync_password"},
	host:     []string{"host", "hostname", "server", "registry", "machine"}, // and "account" of Snowflake
	port:     []string{"port"},
	database: []string{"database", "dbname", "db"}, // and "service", "service_name" of Oracle
}

// Of reads a login from a payload. A field of the connection that is set takes the place of the payload's keys. User name
// and password are required; what else is, the shape says. Other keys are ignored. Binary values are taken for texts if they
// are UTF-8.
func Of(payload plaintext.Payload, c Connection, secretType string) (Login, error) {
	l, err := placeOf(c, secretType)
	if err != nil {
		return Login{}, err
	}
	names := keyNames
	switch kinds[l.kind].name {
	case oracle.name:
		names.database = append(slices.Clip(names.database), "service", "service_name")
	case snowflake.name:
		names.host = append(slices.Clip(names.host), "account")
	}
	for _, want := range []struct {
		part     *part
		keys     []string
		required bool
	}{
		{part: &l.username, keys: names.username, required: true},
		{part: &l.password, keys: names.password, required: true},
		{part: &l.host, keys: names.host},
		{part: &l.port, keys: names.port},
		{part: &l.database, keys: names.database},
	} {
		if want.part.said() {
			continue
		}
		if *want.part, err = find(payload, want.keys); err != nil {
			return Login{}, err
		}
		if want.required && !want.part.said() {
			return Login{}, fmt.Errorf("%w: there is no key %s, or its value is empty", ErrIncomplete, alternatives(want.keys))
		}
		if err := want.part.check(); err != nil {
			return Login{}, err
		}
	}
	return l, nil
}

// placeOf is a login as far as a connection says it.
func placeOf(c Connection, secretType string) (Login, error) {
	set := func(field, text string) part { return part{name: field, value: plaintext.New([]byte(text))} }
	l := Login{
		kind:       cmp.Or(c.Type, secretType),
		host:       set("connection.host", c.Host),
		port:       set("connection.port", portText(c.Port)),
		database:   set("connection.database", c.Database),
		parameters: c.Parameters,
	}
	for _, p := range []part{l.host, l.database} {
		if err := p.check(); err != nil {
			return Login{}, err
		}
	}
	return l, nil
}

// fileOf is a login of a file, as far as a connection says it. What no file has is checked here alone.
func fileOf(c Connection) (Login, error) {
	if len(c.Parameters) > 0 {
		return Login{}, fmt.Errorf("%w: files of logins have no parameters", ErrConnection)
	}
	if c.Type != "" {
		if _, err := kindOf(c.Type); err != nil {
			return Login{}, err
		}
	}
	l, err := placeOf(c, "")
	switch {
	case err != nil:
		return Login{}, err
	case l.database.value.Len() > maxDatabase || hasControl(l.database.text()):
		return Login{}, fmt.Errorf("%w: %q has more than %d bytes or a control character", ErrConnection, l.database.name, maxDatabase)
	}
	if l.port.said() {
		_, err = portOf(l.port)
	}
	return l, err
}

// find returns the value of the key that has one of the names. Two such keys must agree.
func find(payload plaintext.Payload, names []string) (part, error) {
	var found part
	for _, key := range slices.Sorted(maps.Keys(payload)) {
		if !slices.Contains(names, strings.ToLower(key)) {
			continue
		}
		if found.name != "" && !plaintext.Equal(found.value, payload[key].Value) {
			return part{}, fmt.Errorf("%w: the keys %q and %q differ", ErrAmbiguous, found.name, key)
		}
		found = part{name: key, value: payload[key].Value}
	}
	return found, nil
}

// check refuses what no shape can carry: all of them are text, and end at NUL for readers written in C.
func (p part) check() error {
	if !utf8.Valid(p.value.Reveal()) || slices.Contains(p.value.Reveal(), 0) {
		return p.unwritable("is not UTF-8 without NUL")
	}
	return nil
}

func (p part) unwritable(why string) error {
	return fmt.Errorf("%w: that of %q %s", ErrUnwritable, p.name, why)
}

func portText(port int) string {
	if port == 0 {
		return ""
	}
	return strconv.Itoa(port)
}

func alternatives(keys []string) string {
	quoted := make([]string, len(keys))
	for i, key := range keys {
		quoted[i] = strconv.Quote(key)
	}
	return strings.Join(quoted, " or ")
}

// named puts the secret's name before an error about one of several logins.
func (l Login) named(err error) error { return fmt.Errorf("secret %q: %w", l.Secret, err) }
