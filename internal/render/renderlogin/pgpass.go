package renderlogin

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// pgpassLine has the fields of a line as they are written.
type pgpassLine struct{ host, port, database, username, password string }

// CheckPgpass tells whether logins with the connection can stand in a .pgpass file.
func CheckPgpass(c Connection) error {
	l, err := fileOf(c)
	if err == nil {
		_, err = l.pgpassLine()
	}
	return err
}

// Pgpass writes a .pgpass file, one line a login. Host, port and database that a login does not say match any. Readers
// take the first line that matches, so lines that match more come later.
//
// Backslash and colon are escaped. Refused are line breaks, white space at the end of a password (Go's reader cuts it off),
// and * as a user or database (libpq takes an escaped one for itself, other readers for any).
func Pgpass(logins []Login) (plaintext.Value, error) {
	var lines []pgpassLine
	places := places{}
	for _, l := range logins {
		line, err := l.pgpassLine()
		if err == nil {
			err = places.take(line.place(), l.Secret)
		}
		if err != nil {
			return plaintext.Value{}, l.named(err)
		}
		lines = append(lines, line)
	}
	slices.SortStableFunc(lines, func(a, b pgpassLine) int { return cmp.Compare(a.wildcards(), b.wildcards()) })
	var b []byte
	for _, line := range lines {
		b = append(b, line.place()+":"+line.password+"\n"...)
	}
	return plaintext.New(b), nil
}

func (l Login) pgpassLine() (pgpassLine, error) {
	line := pgpassLine{host: "*", port: "*", database: "*"}
	for _, field := range []struct {
		to   *string
		from part
		text func(part) (string, error)
	}{
		{&line.host, l.host, hostOf},
		{&line.port, l.port, portOf},
		{&line.database, l.database, notAny},
		{&line.username, l.username, notAny},
		{&line.password, l.password, noSpaceAtEnd},
	} {
		if !field.from.said() {
			continue
		}
		text, err := field.text(field.from)
		if err != nil {
			return pgpassLine{}, err
		}
		if strings.ContainsAny(text, "\r\n") {
			return pgpassLine{}, field.from.unwritable("has a line break, which PGPASS cannot carry")
		}
		*field.to = pgpassEscape.Replace(text)
	}
	if len(line.place())+len(line.password)+2 > maxLine {
		return pgpassLine{}, fmt.Errorf("%w: the line for PGPASS is too long", ErrUnwritable)
	}
	return line, nil
}

var pgpassEscape = strings.NewReplacer(`\`, `\\`, `:`, `\:`)

func notAny(p part) (string, error) {
	if p.text() == "*" {
		return "", p.unwritable("is *, which means any in PGPASS")
	}
	return p.text(), nil
}

func noSpaceAtEnd(p part) (string, error) {
	if last, _ := utf8.DecodeLastRuneInString(p.text()); unicode.IsSpace(last) {
		return "", p.unwritable("ends in white space, which readers of PGPASS read differently")
	}
	return p.text(), nil
}

func (l pgpassLine) place() string {
	return strings.Join([]string{l.host, l.port, l.database, l.username}, ":")
}

func (l pgpassLine) wildcards() int {
	n := 0
	for _, field := range []string{l.host, l.port, l.database} {
		if field == "*" {
			n++
		}
	}
	return n
}
