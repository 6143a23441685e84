package render

import "strings"

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
	// Camel makes dbPassword of db-password and of DB_PASSWORD.
	Camel
	// Pascal makes DbPassword of db-password and of DB_PASSWORD.
	Pascal
)

// Name is the variable that a payload key sets: the prefix as it is, then the key with what no variable can carry ('-' and
// '.') replaced by '_', in this case. Two keys may give one name, and a name may be refused; Render then fails.
func (c Case) Name(prefix, key string) string {
	key = strings.NewReplacer("-", "_", ".", "_").Replace(key)
	switch c {
	case Upper:
		key = strings.ToUpper(key)
	case Lower:
		key = strings.ToLower(key)
	case Camel, Pascal:
		key = joinWords(key, c == Pascal)
	case AsIs:
	}
	return prefix + key
}

// EnvName is Upper.Name.
func EnvName(prefix, key string) string { return Upper.Name(prefix, key) }

// joinWords begins every word with a capital, the first one only if wanted. A word all in capitals becomes small; inside
// any other the letters stay, so that dbPassword stays what it is.
func joinWords(key string, first bool) string {
	var b strings.Builder
	for word := range strings.SplitSeq(key, "_") {
		if word == "" {
			continue
		}
		if word == strings.ToUpper(word) {
			word = strings.ToLower(word)
		}
		initial := strings.ToUpper(word[:1])
		if b.Len() == 0 && !first {
			initial = strings.ToLower(word[:1])
		}
		b.WriteString(initial + word[1:])
	}
	return b.String()
}
