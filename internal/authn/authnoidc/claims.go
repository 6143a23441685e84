package authnoidc

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/authn"
)

const (
	maxClaimName  = 256     // bytes
	maxClaimValue = 1 << 10 // bytes
	maxTokenID    = 256     // bytes
)

// claims is what a token says.
type claims map[string]any

// checkClaim says whether a text in the configuration can name a claim.
func checkClaim(name string) error {
	if !printable(name, maxClaimName) {
		return fmt.Errorf("a claim's name is empty, longer than %d bytes or not printable", maxClaimName)
	}
	return nil
}

// lookup returns the claim of a name: of one at the top or, if the name begins with a slash, of the one that it points
// at within objects.
func (c claims) lookup(name string) (any, bool) {
	pointer, ok := strings.CutPrefix(name, "/")
	if !ok {
		value, ok := c[name]
		return value, ok
	}
	var value any = map[string]any(c)
	for step := range strings.SplitSeq(pointer, "/") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = object[unescape.Replace(step)]; !ok {
			return nil, false
		}
	}
	return value, true
}

// unescape undoes the escapes of a JSON pointer (RFC 6901). In one pass, "~01" becomes "~1".
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// name returns a claim that is to become a part of a principal's name: a string and nothing else.
func (c claims) name(name string) (string, bool) {
	value, _ := c.lookup(name)
	text, ok := value.(string)
	return text, ok
}

var (
	errNoClaim = errors.New("the token has no such claim")
	errClaim   = errors.New("a claim is not what it should be")
)

// text returns a claim that is a string, a number or a truth value, as text.
func (c claims) text(name string) (string, error) {
	value, ok := c.lookup(name)
	if !ok {
		return "", errNoClaim
	}
	var text string
	switch v := value.(type) {
	case string:
		text = v
	case bool:
		text = strconv.FormatBool(v)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return "", errClaim
	}
	if text != "" && !printable(text, maxClaimValue) {
		return "", errClaim
	}
	return text, nil
}

// selected returns the claims of the names, without those that the token does not have. Its error is authn.RefusedError.
func (c claims) selected(names []string) (map[string]string, error) {
	selected := make(map[string]string, len(names))
	for _, name := range names {
		switch text, err := c.text(name); {
		case err == nil:
			selected[name] = text
		case !errors.Is(err, errNoClaim):
			return nil, authn.RefusedError("claim " + name + " is not a short text")
		}
	}
	return selected, nil
}

func printable(text string, size int) bool {
	return text != "" && len(text) <= size && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}
