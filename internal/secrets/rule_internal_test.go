package secrets

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

// Each rule means what its regular expression says.
func TestRule(t *testing.T) {
	for _, r := range []*rule{namespaceID, resourceID, userID, payloadKey, sourceType, labelKey} {
		expression := regexp.MustCompile(r.text)
		text := rapid.OneOf(rapid.StringMatching(r.text), rapid.StringMatching(`[-._/A-Za-z0-9\n~é]{0,300}`))
		rapid.Check(t, func(t *rapid.T) {
			s := text.Draw(t, "s")
			if got, want := r.MatchString(s), expression.MatchString(s); got != want {
				t.Fatalf("%s: MatchString(%q) = %t, want %t", r, s, got, want)
			}
		})
	}
}
