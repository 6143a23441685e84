package renderlogin

import (
	"regexp"
	"strings"
)

// keywords of connection strings differ between drivers.
type keywords struct{ server, port, database, username, password string }

func (s server) keywords() keywords {
	switch s.name {
	case oracle.name:
		return keywords{username: "UID", password: "PWD"}
	case mssql.name:
		return keywords{database: "Database", username: "UID", password: "PWD"}
	case mysql.name:
		return keywords{server: "Server", port: "Port", database: "Database", username: "User", password: "Password"}
	}
	return keywords{server: "Server", port: "Port", database: "Database", username: "UID", password: "PWD"}
}

// connectionString is for SQLDriverConnect. Where no database is named, the server's default is taken.
func (s server) connectionString(username, password part) (string, error) {
	for _, p := range []part{username, password} {
		if hasControl(p.text()) {
			return "", p.unwritable("has control characters, which no connection string carries")
		}
	}
	if !s.odbcTakes(username.text()) {
		return "", username.unwritable("has " + odbcSpecial)
	}
	driver, rest := s.odbcDriver()
	words := s.keywords()
	attributes := []parameter{{"Driver", driver}}
	add := func(word, value string) {
		if word != "" && value != "" {
			attributes = append(attributes, parameter{word, value})
		}
	}
	host := s.host
	switch s.name {
	case oracle.name:
		add("DBQ", "//"+s.address()+"/"+s.database)
	case mssql.name:
		add("Server", host+","+s.port)
	case snowflake.name:
		host = s.account()
	}
	add(words.server, host)
	add(words.port, s.port)
	add(words.database, s.database)
	add(words.username, username.text())
	add(words.password, password.text())
	var b strings.Builder
	for _, a := range append(attributes, rest...) {
		b.WriteString(a.name + "=" + s.odbcValue(a.name, a.value) + ";")
	}
	return b.String(), nil
}

// odbcDriver is the driver, which a parameter can name, and the other parameters.
func (s server) odbcDriver() (string, []parameter) {
	driver := s.driver
	var rest []parameter
	for _, p := range s.parameters {
		if strings.EqualFold(p.name, "driver") {
			driver = p.value
		} else {
			rest = append(rest, p)
		}
	}
	return driver, rest
}

const odbcSpecial = "one of ;{} or white space at an end, which the ODBC driver takes in passwords only"

func (s server) odbcBareOnly() bool { return s.name != mssql.name && s.name != mysql.name }

// odbcTakes tells whether something besides the password can be written. Drivers differ in what they take out of braces:
// those of Microsoft and MySQL everything, that of PostgreSQL the password alone, and those not known to do more count as
// the latter.
func (s server) odbcTakes(value string) bool {
	return !s.odbcBareOnly() || value != "" && !strings.ContainsAny(value, ";{}") && strings.TrimSpace(value) == value
}

var odbcPlain = regexp.MustCompile(`^[-A-Za-z0-9_.:]+$`)

// odbcValue writes the value of an attribute. In braces only } has a meaning, and is doubled. Outside, PostgreSQL's driver
// decodes %, + and their kin in passwords.
func (s server) odbcValue(name, value string) string {
	switch {
	case name == "Driver":
		return braced(value)
	case name == "Server", name == "DBQ", odbcPlain.MatchString(value):
		return value
	case name == s.keywords().password, !s.odbcBareOnly():
		return braced(value)
	}
	return value
}
