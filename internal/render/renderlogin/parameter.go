package renderlogin

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// parameter is a further parameter of a connection.
type parameter struct{ name, value string }

const (
	maxParameters = 32
	maxParameter  = 1024
)

var (
	parameterName = regexp.MustCompile(`^[A-Za-z][-A-Za-z0-9_.]{0,62}$`)
	// Oracle's have no escape.
	oracleParameter = regexp.MustCompile(`^[-A-Za-z0-9_./:,=+ ]*$`)
)

// loginParameters are those, in lower case and without `_` and `-`, by which some client lets its URL say once more who logs in
// and where. Which of two a client takes is not to be left to it.
var loginParameters = []string{
	"user", "username", "uid", "userid", "login", "password", "passwd", "pwd", "passfile",
	"host", "hostname", "hostaddr", "server", "servername", "address", "addr", "networkaddress", "datasource", "account",
	"port", "portnumber", "database", "databasename", "dbname", "db", "dbq", "initialcatalog", "service", "servicename", "sid",
	"dsn", "filedsn", "savefile", "unixsocket", "socket", "servicefile", "odbcconnect", "readdefaultfile", "readdefaultgroup",
}

// codeWords are in the names of parameters that have JDBC drivers make objects of any class, write files, or send files of
// their machine to the server. Who writes projections is not to run code where they are delivered.
var codeWords = []string{
	"factory", "class", "interceptor", "plugin", "callback", "provider", "handler", "verifier", "transform", "deserialize", "infile",
	"logger", "lifecycle", "initsql",
}

// parametersOf checks the parameters and sorts them by name.
func (s server) parametersOf(parameters map[string]string) ([]parameter, error) {
	if len(parameters) > maxParameters {
		return nil, fmt.Errorf("%w: there are more than %d parameters", ErrConnection, maxParameters)
	}
	var sorted []parameter
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		p := parameter{name: name, value: parameters[name]}
		if why := s.parameterProblem(p); why != "" {
			return nil, fmt.Errorf("%w: the parameter %q %s", ErrConnection, name[:min(len(name), 64)], why)
		}
		if seen[strings.ToLower(name)] {
			return nil, fmt.Errorf("%w: the parameter %q is there twice", ErrConnection, name)
		}
		seen[strings.ToLower(name)] = true
		sorted = append(sorted, p)
	}
	return sorted, nil
}

// parameterProblem is empty, or says why the parameter is refused.
func (s server) parameterProblem(p parameter) string {
	plain := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(p.name))
	switch {
	case !parameterName.MatchString(p.name):
		return fmt.Sprintf("does not match %s", parameterName)
	case slices.Contains(loginParameters, plain):
		return "says what the login says already"
	case slices.ContainsFunc(codeWords, func(word string) bool { return strings.Contains(plain, word) }):
		return "names code to run or files to move, for some drivers"
	case p.value == "" || len(p.value) > maxParameter || !utf8.ValidString(p.value) || hasControl(p.value):
		return fmt.Sprintf("has a value that is empty, over %d bytes, or has control characters", maxParameter)
	case plain == "driver" && strings.ContainsAny(p.value, `/\`):
		return "names a library by its path: name a driver that is registered"
	case s.style == ODBC && plain != "driver" && !s.odbcTakes(p.value):
		return "has " + odbcSpecial
	case s.name == oracle.name && s.style == JDBC && !oracleParameter.MatchString(p.value):
		return "has a value that Oracle's driver has no escape for"
	}
	return ""
}
