package naming

import (
	"slices"
	"strings"
)

// Access lists of secrets of DataOS.
const (
	ACLRead      = "r"
	ACLReadWrite = "rw"
)

// HeimdallSecret is one of the secrets that an ID of Heimdall can mean.
type HeimdallSecret struct {
	Name string
	// ACL is the access list that the secret must have; empty: any.
	ACL string
}

// HeimdallSecrets are what an ID of Heimdall can mean; the first that exists counts. That ID is NAME_ACL, with underscores
// for the hyphens of the name, so that github_np_r is the secret github-np for reading. A secret that is called as the ID
// comes before it, and the ACL is taken off once only, as it is written in an ID.
func HeimdallSecrets(id string) []HeimdallSecret {
	hyphens := func(s string) string { return strings.ReplaceAll(s, "_", "-") }
	all := []HeimdallSecret{{Name: id}, {Name: hyphens(id)}}
	for _, acl := range []string{ACLRead, ACLReadWrite} {
		if name, ok := strings.CutSuffix(id, "_"+acl); ok && name != "" {
			all = append(all, HeimdallSecret{name, acl}, HeimdallSecret{hyphens(name), acl})
		}
	}
	var each []HeimdallSecret
	for _, s := range all {
		known := slices.ContainsFunc(each, func(e HeimdallSecret) bool { return e.Name == s.Name })
		if !known && (s.Name == id || secretID.MatchString(s.Name)) {
			each = append(each, s)
		}
	}
	return each
}
