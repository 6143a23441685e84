package secrets

import (
	"crypto/rand"
	"strconv"
	"strings"
)

// Instance is the ID of the root namespace.
const Instance = "instance"

const (
	lower = "abcdefghijklmnopqrstuvwxyz0123456789"
	both  = lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

var (
	namespaceID = newRule(`^[a-z0-9_][-_a-z0-9]{0,62}$`, lower+"_", lower+"-_", 63)
	resourceID  = newRule(`^[A-Za-z0-9_][-._A-Za-z0-9]{0,127}$`, both+"_", both+"-._", 128)
	// A person that Coffer itself lets in has no issuer, and so no slash in its name.
	userID     = newRule(`^[A-Za-z0-9_][-._@A-Za-z0-9]{0,127}$`, both+"_", both+"-._@", 128)
	payloadKey = newRule(`^[-._A-Za-z0-9]{1,253}$`, both+"-._", both+"-._", 253)
	sourceType = newRule(`^[a-z0-9][-a-z0-9]{0,62}$`, lower, lower+"-", 63)
	labelKey   = newRule(`^[a-zA-Z0-9][-_./a-zA-Z0-9]{0,62}$`, both, both+"-_./", 63)
)

// rule says how an ID is spelt. Every request is checked against some, so it is a table and not a regular expression.
type rule struct {
	text        string // the same as a regular expression, for errors
	first, rest [256]bool
	limit       int // bytes
}

func newRule(text, first, rest string, limit int) *rule {
	r := &rule{text: text, limit: limit}
	for _, b := range []byte(first) {
		r.first[b] = true
	}
	for _, b := range []byte(rest) {
		r.rest[b] = true
	}
	return r
}

// String is the rule as a regular expression.
func (r *rule) String() string { return r.text }

// MatchString tells whether the text keeps the rule.
func (r *rule) MatchString(s string) bool {
	if s == "" || len(s) > r.limit || !r.first[s[0]] {
		return false
	}
	for i := 1; i < len(s); i++ {
		if !r.rest[s[i]] {
			return false
		}
	}
	return true
}

// maxName bounds what is looked at as a resource name, in bytes. The longest valid one has about 450.
const maxName = 1024

// Collections of resources, as they stand in names.
const (
	namespaces      = "namespaces"
	secretsOf       = "secrets"
	deletedSecrets  = "deletedSecrets"
	versionsOf      = "versions"
	projections     = "projections"
	serviceAccounts = "serviceAccounts"
	tokensOf        = "tokens"
	grantsOf        = "grants"
	rolesOf         = "roles"
	policiesOf      = "policies"
	users           = "users"
)

// newUID returns a new opaque identifier of 130 random bits.
func newUID() string { return strings.ToLower(rand.Text()) }

// join builds a resource name from collections and IDs in turn.
func join(segments ...string) string { return strings.Join(segments, "/") }

// split returns the IDs in a resource name of the given collections: split("namespaces/a/secrets/b", "namespaces",
// "secrets") is [a b]. Names are compared byte for byte and nothing is normalised. IDs are checked by their own rules,
// versions excepted; as many as are right are returned even when ok is false, so that a decision can be made first.
func split(name string, collections ...string) (ids []string, ok bool) {
	if len(name) > maxName {
		return nil, false
	}
	segments := strings.Split(name, "/")
	for i, collection := range collections {
		if len(segments) < 2*i+2 || segments[2*i] != collection || !validID(collection, segments[2*i+1]) {
			return ids, false
		}
		ids = append(ids, segments[2*i+1])
	}
	return ids, len(segments) == 2*len(collections)
}

func validID(collection, id string) bool {
	switch collection {
	case namespaces:
		return namespaceID.MatchString(id)
	case users:
		return userID.MatchString(id)
	case versionsOf:
		_, ok := parseVersion(id)
		return ok
	}
	return resourceID.MatchString(id)
}

// Aliases of versions.
const (
	versionActive = "active"
	versionLatest = "latest"
)

// parseVersion returns the number of a version, or 0 for an alias.
func parseVersion(id string) (int64, bool) {
	if id == versionActive || id == versionLatest {
		return 0, true
	}
	n, err := strconv.ParseInt(id, 10, 64)
	// One spelling for each number: no sign, no leading zero.
	return n, err == nil && n > 0 && strconv.FormatInt(n, 10) == id
}

// pattern is how the name of a resource of these collections looks, for errors.
func pattern(collections ...string) string {
	var b strings.Builder
	for i, c := range collections {
		if i > 0 {
			b.WriteByte('/')
		}
		singular := strings.TrimSuffix(c, "s")
		switch c {
		case deletedSecrets:
			singular = "uid"
		case policiesOf:
			singular = "policy"
		}
		b.WriteString(c + "/{" + singular + "}")
	}
	return b.String()
}
