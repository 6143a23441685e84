package renderlogin

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// Pgpass writes a .pgpass file, one line a login, in their order. Host, port and database that a login does not say match
// any.
//
// Backslash and colon are escaped. Refused are line breaks, white space at the end of a password (Go's reader cuts it off),
// and * as a user or database (libpq takes an escaped one for itself, the readers of Go and Java for any).
func Pgpass(logins []Login) (plaintext.Value, error) {
	var b strings.Builder
	places := places{}
	for _, l := range logins {
		place, err := l.pgpassPlace()
		if err != nil {
			return plaintext.Value{}, l.named(err)
		}
		if err := places.take(place, l.Secret); err != nil {
			return plaintext.Value{}, err
		}
		password, err := pgpassField(l.password)
		if err != nil {
			return plaintext.Value{}, l.named(err)
		}
		if last, _ := utf8.DecodeLastRuneInString(password); unicode.IsSpace(last) {
			return plaintext.Value{}, l.named(l.password.unwritable("ends in white space, on which the readers of PGPASS disagree"))
		}
		b.WriteString(place + ":" + password + "\n")
	}
	return plaintext.New([]byte(b.String())), nil
}

// pgpassPlace is all but the password of a line.
func (l Login) pgpassPlace() (string, error) {
	fields := []string{"*", "*", "*", ""}
	if l.host.value.Len() > 0 {
		host, err := hostOf(l.host)
		if err != nil {
			return "", err
		}
		fields[0] = pgpassEscape.Replace(host)
	}
	if l.port.value.Len() > 0 {
		port, err := portOf(l.port)
		if err != nil {
			return "", err
		}
		fields[1] = strconv.Itoa(port)
	}
	for i, p := range []part{l.database, l.username} {
		text, err := pgpassField(p)
		switch {
		case err != nil:
			return "", err
		case text == "*":
			return "", p.unwritable("is *, which means any in PGPASS")
		case text != "":
			fields[2+i] = text
		}
	}
	return strings.Join(fields, ":"), nil
}

var pgpassEscape = strings.NewReplacer(`\`, `\\`, `:`, `\:`)

func pgpassField(p part) (string, error) {
	text := p.text()
	if strings.ContainsAny(text, "\r\n") {
		return "", fmt.Errorf("%w in a line of PGPASS", p.unwritable("has a line break"))
	}
	return pgpassEscape.Replace(text), nil
}
