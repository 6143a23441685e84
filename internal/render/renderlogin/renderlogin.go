// Package renderlogin writes logins in the shapes that clients read: connection URLs, docker's configuration, .netrc and
// .pgpass files.
package renderlogin

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
