package renderlogin

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// maxNetrcLine is what curl reads of a line.
const maxNetrcLine = 4000

// Netrc writes a .netrc file, one line a login, in their order.
//
// Its readers divide on everything but plain words between spaces. curl and Python's netrc take a word that begins with a
// double quote to the next one; the readers written in Go (git-lfs, heroku, the go command) take quotes as they are. In a
// word without quotes, Python takes a backslash for an escape, and the others for itself. A word that begins with # begins
// a comment for curl. Go ends words at any space of Unicode. So a word is written as it is, and one with white space,
// control characters, a backslash, or a quote or # at its beginning is refused.
func Netrc(logins []Login) (plaintext.Value, error) {
	var b []byte
	places := places{}
	for _, l := range logins {
		if l.host.value.Len() == 0 {
			return plaintext.Value{}, l.named(fmt.Errorf("%w: there is no host", ErrIncomplete))
		}
		host, err := hostOf(l.host)
		if err != nil {
			return plaintext.Value{}, l.named(err)
		}
		if err := places.take(strings.ToLower(host), l.Secret); err != nil {
			return plaintext.Value{}, err
		}
		for _, p := range []part{l.username, l.password} {
			if text := p.text(); strings.ContainsFunc(text, notInWord) || strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "#") {
				return plaintext.Value{}, l.named(p.unwritable("has white space, a control character or a backslash, or begins with a quote " +
					"or #, on which the readers of NETRC disagree"))
			}
		}
		line := fmt.Sprintf("machine %s login %s password %s\n", host, l.username.text(), l.password.text())
		if len(line) > maxNetrcLine {
			return plaintext.Value{}, l.named(l.password.unwritable("or the user name is too long for a line of NETRC"))
		}
		b = append(b, line...)
	}
	return plaintext.New(b), nil
}

func notInWord(r rune) bool { return r == '\\' || unicode.IsSpace(r) || unicode.IsControl(r) }

// places are who logs in where, to find two who do at one place.
type places map[string]string

func (p places) take(place, secret string) error {
	if other, taken := p[place]; taken {
		return fmt.Errorf("%w: secrets %q and %q", ErrTwice, other, secret)
	}
	p[place] = secret
	return nil
}
