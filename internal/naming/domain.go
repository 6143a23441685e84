package naming

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrDomain: a text is not the name of a domain that a namespace can stand for.
var ErrDomain = errors.New("is no name of a domain")

// maxID bounds the ID of a namespace.
const maxID = 63

// escapes begins what stands for a character that an ID cannot have, and occurs in no other place.
const escapes = "__"

// Domain is the ID of the namespace that a domain of IOMETE is.
//
// Lower-case letters, digits, hyphens and single underscores stand for themselves, so that most names are their own IDs.
// Two underscores and a letter are that letter in upper case. Two underscores, a number that begins with a digit, and a
// hyphen are the character of that number in Unicode, in hexadecimal digits; an underscore before anything that is escaped,
// or before another, a hyphen at the beginning, and the i of a domain that is called instance, are written so too:
//
//	secret-domain   stays as it is
//	Sales           __sales
//	sales.eu        sales__2e-eu
//	data lake       data__20-lake
//	a__b            a__5f-_b
//	größe           gr__0f6-__0df-e
//	instance        __69-nstance
//
// An ID has 63 characters, and a name that needs more is refused, as are those with characters that do not print.
func Domain(name string) (id string, err error) {
	if name == "" || !utf8.ValidString(name) {
		return "", ErrDomain
	}
	var b strings.Builder
	for i, r := range name {
		switch {
		case !unicode.IsPrint(r):
			return "", fmt.Errorf("%w: has a character that does not print", ErrDomain)
		case 'A' <= r && r <= 'Z':
			b.WriteString(escapes + string(unicode.ToLower(r)))
		case stays(name, i, r):
			b.WriteRune(r)
		default:
			b.WriteString(escapes + number(r) + "-")
		}
		if b.Len() > maxID {
			return "", fmt.Errorf("%w: is too long: the ID of its namespace would have more than %d characters", ErrDomain, maxID)
		}
	}
	return b.String(), nil
}

// stays tells whether the character r of a name, which stands at i, stands for itself.
func stays(name string, i int, r rune) bool {
	switch {
	case r == '_':
		return i+1 == len(name) || name[i+1] == '-' || isLower(name[i+1])
	case r == '-':
		return i > 0
	case i == 0 && name == Instance:
		return false
	}
	return r < utf8.RuneSelf && isLower(byte(r))
}

func isLower(b byte) bool { return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' }

// number is that of a character. It begins with a digit, since a letter would be one in upper case.
func number(r rune) string {
	n := strconv.FormatInt(int64(r), 16)
	if n[0] > '9' {
		n = "0" + n
	}
	return n
}

// DomainOf is the name of the domain whose namespace has an ID; empty: no domain's has.
func DomainOf(id string) string {
	var b strings.Builder
	for rest := id; rest != ""; {
		r, n := character(rest)
		b.WriteRune(r)
		rest = rest[n:]
	}
	name := b.String()
	// Whatever Domain does not write stands for nothing: there is one ID for each name.
	if again, err := Domain(name); err != nil || again != id {
		return ""
	}
	return name
}

// character reads the first character of an ID and how long it is written.
func character(id string) (r rune, length int) {
	escaped, ok := strings.CutPrefix(id, escapes)
	if !ok || escaped == "" {
		return utf8.DecodeRuneInString(id)
	}
	if 'a' <= escaped[0] && escaped[0] <= 'z' {
		return unicode.ToUpper(rune(escaped[0])), len(escapes) + 1
	}
	digits, _, _ := strings.Cut(escaped, "-")
	n, err := strconv.ParseUint(digits, 16, 21)
	if err != nil {
		return utf8.RuneError, len(id)
	}
	return rune(n), min(len(id), len(escapes)+len(digits)+1)
}
