package resolve

import (
	"regexp"
	"strings"

	"github.com/coffer-dev/coffer/internal/naming"
)

// placeholder matches what looks like a reference, well-formed or not, with the dollars before it.
var placeholder = regexp.MustCompile(`\$+\{[ \t]*(secrets?)\.([^}]*)\}`)

// instill is the word by which Instill means a credential of its own server.
const instill = "INSTILL_SECRET"

var payloadKey = regexp.MustCompile(`^[-._A-Za-z0-9]{1,253}$`)

// segment is a piece of a text: literal, or the value of a use.
type segment struct {
	literal string
	use     int // index; -1: literal
}

// divide splits a text at its references and tells whether it differs from itself afterwards: it has references, or
// dollars that are written twice. Each reference found is handed to use, which gives its index.
func divide(text string, use func(Reference) int) (segments []segment, changed bool) {
	rest := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		brace := strings.IndexByte(text[m[0]:], '{') + m[0]
		kind, name := text[m[2]:m[3]], strings.TrimSpace(text[m[4]:m[5]])
		if kind == "secret" && name == instill {
			continue
		}
		dollars := brace - m[0]
		segments = append(segments, segment{text[rest:m[0]] + text[m[0]:m[0]+dollars/2], -1})
		rest = brace
		changed = true
		if dollars%2 == 1 {
			r := Reference{Text: text[brace-1 : m[1]], Names: namesOf("", name)}
			if kind == "secrets" {
				r.Kind = Secrets
			}
			if r.Names == nil {
				r.Problem = "is no well-formed reference; for the literal text write $${ instead of ${"
			}
			segments = append(segments, segment{use: use(r)})
			rest = m[1]
		}
	}
	return append(segments, segment{text[rest:], -1}), changed
}

// namesOf are the readings of a name, the longest name of a secret first; none where it is ill-formed.
func namesOf(namespace, name string) []Name {
	if strings.Count(name, ".") > maxDots {
		return nil
	}
	var names []Name
	if naming.IsSecret(name) {
		names = append(names, Name{Namespace: namespace, Secret: name})
	}
	for i := len(name) - 1; i > 0; i-- {
		if name[i] == '.' && naming.IsSecret(name[:i]) && payloadKey.MatchString(name[i+1:]) {
			names = append(names, Name{Namespace: namespace, Secret: name[:i], Key: name[i+1:]})
		}
	}
	return names
}
