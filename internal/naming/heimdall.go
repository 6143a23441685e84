package naming

import (
	"slices"
	"strings"
)

// HeimdallSecrets are the names, the likeliest first, of the secret that DataOS's Heimdall has under an ID. That ID is
// NAME_ACL, with underscores for the hyphens of the name, so that github_np_r is github-np; where the name itself ends in
// its ACL, it may be given once only.
func HeimdallSecrets(id string) []string {
	hyphens := func(s string) string { return strings.ReplaceAll(s, "_", "-") }
	var names []string
	for _, acl := range []string{"_rw", "_r"} {
		if name, ok := strings.CutSuffix(id, acl); ok && name != "" {
			names = append(names, hyphens(name), hyphens(id), name)
			break
		}
	}
	names = append(names, hyphens(id), id)
	var each []string
	for _, name := range names {
		if !slices.Contains(each, name) {
			each = append(each, name)
		}
	}
	return each
}
