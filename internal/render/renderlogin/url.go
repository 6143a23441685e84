package renderlogin

import (
	"fmt"
	"strings"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// CheckURL tells whether a URL of the style can be made, as far as the connection says and without the secret's values:
// whether the kind of server is known, and all that the connection sets is well-formed.
func CheckURL(c Connection, secretType string, style Style) error {
	l, err := placeOf(c, secretType)
	if err != nil {
		return err
	}
	_, err = serverOf(l, style)
	return err
}

// URL puts the login together.
func URL(l Login, style Style) (plaintext.Value, error) {
	s, err := serverOf(l, style)
	if err != nil {
		return plaintext.Value{}, err
	}
	if s.host == "" {
		return plaintext.Value{}, fmt.Errorf("%w: there is no host: set connection.host, or a key %s", ErrIncomplete, alternatives(keyNames.host))
	}
	if s.name == oracle.name && s.database == "" {
		return plaintext.Value{}, fmt.Errorf("%w: there is no service: set connection.database, or a key %s",
			ErrIncomplete, alternatives(keyNames.database))
	}
	var url string
	switch style {
	case JDBC:
		url, err = s.jdbcURL(l.username, l.password)
	case ODBC:
		url, err = s.connectionString(l.username, l.password)
	default:
		url = s.userInfoURL(l.username, l.password)
	}
	if err != nil {
		return plaintext.Value{}, err
	}
	return plaintext.New([]byte(url)), nil
}

// userInfoURL is a URL as RFC 3986 has it, which SQLAlchemy and the databases' own clients read alike but for names.
func (s server) userInfoURL(username, password part) string {
	scheme, path, query := s.uri, "/"+escape(s.database), s.parameters
	if s.style == SQLAlchemy {
		scheme = s.sqlAlchemy
	}
	switch {
	case s.database == "":
		path = ""
	case s.name == oracle.name && s.style == SQLAlchemy: // a path is a SID
		path, query = "", before("service_name", s.database, query)
	case s.name == mssql.name && s.style == URI: // a path is an instance
		path, query = "", before("database", s.database, query)
	}
	return scheme + "://" + escape(username.text()) + ":" + escape(password.text()) + "@" + s.address() + path + queryOf(query, escape)
}

func before(name, value string, rest []parameter) []parameter {
	return append([]parameter{{name, value}}, rest...)
}

func queryOf(parameters []parameter, escape func(string) string) string {
	var b strings.Builder
	for i, p := range parameters {
		b.WriteByte("?&"[min(i, 1)])
		b.WriteString(p.name + "=" + escape(p.value))
	}
	return b.String()
}

// escape encodes all but RFC 3986's unreserved characters, the space as %20: that is the one form that readers of paths,
// user information and query parameters all decode alike. Packages net/url has none that is as strict everywhere.
func escape(s string) string {
	const kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	var b []byte
	for i := range len(s) {
		if c := s[i]; strings.IndexByte(kept, c) >= 0 {
			b = append(b, c)
		} else {
			b = fmt.Appendf(b, "%%%02X", c)
		}
	}
	return string(b)
}
