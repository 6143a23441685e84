package render

// Case is how the names of variables are made from the names of keys.
type Case int

// The cases.
const (
	// Upper makes DB_PASSWORD of db-password.
	Upper Case = iota
	// Lower makes db_password of DB-Password.
	Lower
	// AsIs makes db_Password of db-Password.
	AsIs
	// Camel makes dbPassword of db-password.
	Camel
	// Pascal makes DbPassword of db-password.
	Pascal
)
