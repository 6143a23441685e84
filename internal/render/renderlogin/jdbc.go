package renderlogin

import (
	"fmt"
	"regexp"
	"strings"
)

// jdbcURL is a URL for the vendor's own driver: MySQL's Connector/J, Oracle's thin driver, and so on.
func (s server) jdbcURL(username, password part) (string, error) {
	switch s.name {
	case mssql.name:
		return s.sqlServerURL(username, password)
	case oracle.name:
		return s.thinURL(username, password)
	case snowflake.name:
		return s.jdbc + "//" + s.address() + "/" + s.loginQuery(username, password, "db"), nil
	}
	return s.jdbc + "//" + s.address() + "/" + escape(s.database) + s.loginQuery(username, password, ""), nil
}

// loginQuery is the parameters with those of the login, and with the database if a parameter is named for it.
func (s server) loginQuery(username, password part, database string) string {
	query := []parameter{{"user", username.text()}, {"password", password.text()}}
	if database != "" && s.database != "" {
		query = append(query, parameter{database, s.database})
	}
	return queryOf(append(query, s.parameters...), escape)
}

// sqlServerURL has properties in braces, in which only } has a meaning, and is doubled.
func (s server) sqlServerURL(username, password part) (string, error) {
	properties := []parameter{{"user", username.text()}, {"password", password.text()}}
	if s.database != "" {
		properties = before("databaseName", s.database, properties)
	}
	url := s.jdbc + "//" + s.address()
	if strings.Contains(s.host, ":") { // it takes an IPv6 address as a property only
		url = s.jdbc + "//"
		properties = append([]parameter{{"serverName", s.host}, {"portNumber", s.port}}, properties...)
	}
	for _, p := range []part{username, password} {
		if hasControl(p.text()) {
			return "", p.unwritable("has control characters")
		}
	}
	var b strings.Builder
	b.WriteString(url)
	for _, p := range append(properties, s.parameters...) {
		b.WriteString(";" + p.name + "=" + braced(p.value))
	}
	return b.String(), nil
}

func asIs(s string) string { return s }

func braced(s string) string { return "{" + strings.ReplaceAll(s, "}", "}}") + "}" }

var oracleUser = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_$#]*$`)

// thinURL has the password in double quotes, for which there is no escape. The user name stands without, since quotes
// would have Oracle tell its case.
func (s server) thinURL(username, password part) (string, error) {
	if !oracleUser.MatchString(username.text()) {
		return "", username.unwritable(fmt.Sprintf("does not match %s: Oracle's driver would not take it from a URL", oracleUser))
	}
	if text := password.text(); strings.Contains(text, `"`) || hasControl(text) {
		return "", password.unwritable(`has a double quote or control characters, which Oracle's driver cannot take from a URL`)
	}
	return s.jdbc + username.text() + `/"` + password.text() + `"@//` + s.address() + "/" + s.database + queryOf(s.parameters, asIs), nil
}
