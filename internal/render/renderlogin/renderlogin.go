// Package renderlogin writes logins in the shapes that clients read: connection URLs, docker's configuration, .netrc and
// .pgpass files.
//
// It is pure, and guarantees that the readers of a shape get back what was stored, or else refuses: no value ends a part
// of a URL or a line of a file and begins another. What threatens that are readers that disagree on escapes (netrc.go,
// pgpass.go, odbc.go), and parameters that say again what the login says or name code to run (parameter.go). No error
// carries a value or a part of one: they name keys, and secrets by their names.
package renderlogin

import "errors"

var (
	// ErrIncomplete: the login lacks something that the shape needs.
	ErrIncomplete = errors.New("incomplete login")
	// ErrAmbiguous: two keys of the payload say the same thing differently.
	ErrAmbiguous = errors.New("ambiguous login")
	// ErrUnwritable: a value that not every reader of the shape would get back unchanged.
	ErrUnwritable = errors.New("value that cannot be written")
	// ErrConnection: the connection, or what the payload says in its place, is malformed, or the style does not have it.
	ErrConnection = errors.New("invalid connection")
	// ErrTwice: two logins of one file are for one place, so that readers would take either.
	ErrTwice = errors.New("two logins for one place")
)

// Style is how the parts of a login are put together into a URL.
type Style int

// The styles.
const (
	// NoURL is no URL.
	NoURL Style = iota
	// JDBC is what java.sql.DriverManager takes.
	JDBC
	// SQLAlchemy is what SQLAlchemy's create_engine takes.
	SQLAlchemy
	// ODBC is a connection string.
	ODBC
	// URI is what the database's own clients take.
	URI
)

// Connection says where a login logs in, as far as its secret does not.
type Connection struct {
	// Type is the kind of server; empty: the type of the secret.
	Type string
	// Host is that of the server, an account of Snowflake, or a docker registry.
	Host string
	// Port is 1 to 65535; 0: the default of the kind of server.
	Port int
	// Database is the database, or the service of Oracle.
	Database string
	// Parameters are further ones, in plain text.
	Parameters map[string]string
}

// IsZero tells whether the connection says nothing.
func (c Connection) IsZero() bool {
	return c.Type == "" && c.Host == "" && c.Port == 0 && c.Database == "" && len(c.Parameters) == 0
}
