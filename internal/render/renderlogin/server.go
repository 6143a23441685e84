package renderlogin

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// kind is a kind of server, as clients name it.
type kind struct {
	name       string
	port       string // that of the server by default; empty: clients know
	jdbc       string // what a JDBC URL begins with
	sqlAlchemy string // scheme of its dialect
	uri        string // scheme of its clients
	driver     string // of ODBC
}

var (
	postgres  = kind{name: "postgres", port: "5432", jdbc: "jdbc:postgresql:", sqlAlchemy: "postgresql", uri: "postgresql", driver: "PostgreSQL Unicode"}
	redshift  = kind{name: "redshift", port: "5439", jdbc: "jdbc:redshift:", sqlAlchemy: "redshift", uri: "postgresql", driver: "Amazon Redshift (x64)"}
	mysql     = kind{name: "mysql", port: "3306", jdbc: "jdbc:mysql:", sqlAlchemy: "mysql", uri: "mysql", driver: "MySQL ODBC 8.0 Unicode Driver"}
	mssql     = kind{name: "mssql", port: "1433", jdbc: "jdbc:sqlserver:", sqlAlchemy: "mssql", uri: "sqlserver", driver: "ODBC Driver 18 for SQL Server"}
	oracle    = kind{name: "oracle", port: "1521", jdbc: "jdbc:oracle:thin:", sqlAlchemy: "oracle", uri: "oracle", driver: "Oracle 21 ODBC driver"}
	snowflake = kind{name: "snowflake", jdbc: "jdbc:snowflake:", sqlAlchemy: "snowflake", uri: "snowflake", driver: "SnowflakeDSIIDriver"}
)

// kinds are the kinds of server by all their names.
var kinds = map[string]kind{
	"postgres": postgres, "postgresql": postgres,
	"redshift": redshift,
	"mysql":    mysql, "mariadb": mysql,
	"mssql": mssql, "sqlserver": mssql, "azure-sql": mssql, "azuresql": mssql,
	"oracle":    oracle,
	"snowflake": snowflake,
}

func kindOf(name string) (kind, error) {
	k, ok := kinds[name]
	if !ok {
		return kind{}, fmt.Errorf("%w: %q is no kind of server that is known: set connection.type to postgres, redshift, mysql, "+
			"mssql, oracle or snowflake", ErrConnection, name[:min(len(name), 64)])
	}
	return k, nil
}

var (
	hostName      = regexp.MustCompile(`^[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?)*$`)
	oracleService = regexp.MustCompile(`^[A-Za-z0-9_$#][-A-Za-z0-9_$#.]*$`)
	unreserved    = regexp.MustCompile(`^[-A-Za-z0-9_.~]*$`)
)

const (
	maxHost     = 253
	maxDatabase = 255
)

// hostOf is a host without the brackets of an IPv6 address. A zone is refused, since hardly any reader takes one.
func hostOf(p part) (string, error) {
	text := p.text()
	bare := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if addr, err := netip.ParseAddr(bare); err == nil && addr.Zone() == "" && (bare == text || addr.Is6() && len(bare) == len(text)-2) {
		return bare, nil
	}
	if len(text) > maxHost || !hostName.MatchString(text) {
		return "", fmt.Errorf("%w: %q is neither the name of a host nor an IP address", ErrConnection, p.name)
	}
	return text, nil
}

func portOf(p part) (string, error) {
	text := p.text()
	if port, err := strconv.ParseUint(text, 10, 16); err != nil || port == 0 || strconv.FormatUint(port, 10) != text {
		return "", fmt.Errorf("%w: %q is no port, 1 to 65535", ErrConnection, p.name)
	}
	return text, nil
}

// server is a place to log in at, and how, of which every part is well-formed and none need be there.
type server struct {
	kind
	style      Style
	host       string // without brackets
	port       string
	database   string
	parameters []parameter
}

// serverOf checks what a login says of its server against what the style can carry.
func serverOf(l Login, style Style) (server, error) {
	if style <= NoURL || style > URI {
		return server{}, fmt.Errorf("%w: there is no such style of URL", ErrConnection)
	}
	k, err := kindOf(l.kind)
	if err != nil {
		return server{}, err
	}
	s := server{kind: k, style: style, port: k.port}
	if l.host.said() {
		if s.host, err = hostOf(l.host); err != nil {
			return server{}, err
		}
	}
	if l.port.said() {
		if s.port, err = portOf(l.port); err != nil {
			return server{}, err
		}
	}
	if l.database.said() {
		if s.database, err = s.databaseOf(l.database); err != nil {
			return server{}, err
		}
	}
	if s.parameters, err = s.parametersOf(l.parameters); err != nil {
		return server{}, err
	}
	return s, nil
}

func (s server) databaseOf(p part) (string, error) {
	text := p.text()
	switch {
	case len(text) > maxDatabase || hasControl(text) || strings.Contains(text, "/"):
		return "", fmt.Errorf("%w: %q is no name of a database: it has more than %d bytes, a slash or a control character",
			ErrConnection, p.name, maxDatabase)
	case s.name == oracle.name && !oracleService.MatchString(text):
		return "", fmt.Errorf("%w: %q does not match %s, as a service of Oracle does", ErrConnection, p.name, oracleService)
	case s.style == ODBC && !s.odbcTakes(text):
		return "", fmt.Errorf("%w: %q has %s", ErrConnection, p.name, odbcSpecial)
	case s.style == SQLAlchemy && s.name != oracle.name && !unreserved.MatchString(text):
		// Versions 1 and 2.0 take the path as it is, later ones decode it.
		return "", fmt.Errorf("%w: %q does not match %s: versions of SQLAlchemy disagree on other names of databases",
			ErrConnection, p.name, unreserved)
	}
	return text, nil
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 })
}

// address is the host as URLs have it, with the port if it is known.
func (s server) address() string {
	host := s.host
	if s.name == snowflake.name {
		host = s.account()
	}
	if s.port != "" {
		return net.JoinHostPort(host, s.port)
	}
	return host
}

const snowflakeDomain = ".snowflakecomputing.com"

// account is what stands for the host of Snowflake: the account for SQLAlchemy and its kin, the host for others.
func (s server) account() string {
	full := strings.Contains(s.host, ".snowflakecomputing.")
	switch {
	case (s.style == SQLAlchemy || s.style == URI) && s.port == "":
		return strings.TrimSuffix(s.host, snowflakeDomain)
	case full:
		return s.host
	}
	return s.host + snowflakeDomain
}
