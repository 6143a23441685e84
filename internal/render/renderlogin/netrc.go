package renderlogin

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// maxLine is what readers of .netrc and .pgpass take of a line: curl has 4,096 bytes for it.
const maxLine = 4000

// CheckNetrc tells whether logins with the connection can stand in a .netrc file.
func CheckNetrc(c Connection) error {
	l, err := fileOf(c)
	if err == nil && l.host.said() {
		_, err = hostOf(l.host)
	}
	return err
}

// Netrc writes a .netrc file, one line a login, in their order.
//
// Its readers agree on nothing but plain words between spaces. curl and Python's netrc take a word that begins with a
// double quote to the next one; readers written in Go, that of the go command among them, take quotes as they are. In a
// word without quotes Python takes a backslash for an escape, and the others for itself. curl begins a comment at #. Go's
// readers end words at all white space of Unicode, and go-netrc even at the bytes 85 and A0 inside of characters. So a
// word is written as it is, and refused where one of them would read something else.
func Netrc(logins []Login) (plaintext.Value, error) {
	var b []byte
	places := places{}
	for _, l := range logins {
		line, err := l.netrcLine(places)
		if err != nil {
			return plaintext.Value{}, l.named(err)
		}
		b = append(b, line...)
	}
	return plaintext.New(b), nil
}

func (l Login) netrcLine(places places) (string, error) {
	if !l.host.said() {
		return "", fmt.Errorf("%w: there is no host", ErrIncomplete)
	}
	host, err := hostOf(l.host)
	if err != nil {
		return "", err
	}
	if err := places.take(strings.ToLower(host), l.Secret); err != nil {
		return "", err
	}
	for _, p := range []part{l.username, l.password} {
		if !isNetrcWord(p.text()) {
			return "", p.unwritable("is no plain word: white space, control characters, backslashes, some accented letters, and " +
				"a quote or # at the beginning are read differently by readers of NETRC")
		}
	}
	line := fmt.Sprintf("machine %s login %s password %s\n", host, l.username.text(), l.password.text())
	if len(line) > maxLine {
		return "", fmt.Errorf("%w: the line for NETRC is too long", ErrUnwritable)
	}
	return line, nil
}

func isNetrcWord(s string) bool {
	for _, c := range []byte(s) {
		if c == '\\' || c == 0x85 || c == 0xa0 {
			return false
		}
	}
	return !hasControl(s) && !strings.ContainsFunc(s, unicode.IsSpace) && !strings.HasPrefix(s, `"`) && !strings.HasPrefix(s, "#")
}

// places are who logs in where, to find two who do at one place.
type places map[string]string

func (p places) take(place, secret string) error {
	if other, taken := p[place]; taken {
		return fmt.Errorf("%w: that of secret %q is there already", ErrTwice, other)
	}
	p[place] = secret
	return nil
}
