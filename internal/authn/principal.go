package authn

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind tells what a principal is. Its value is the prefix of the principal's name.
type Kind string

// The kinds of principals.
const (
	KindUser           Kind = "user"
	KindGroup          Kind = "group" // holds grants, never asks
	KindServiceAccount Kind = "serviceAccount"
)

const (
	maxPrincipalSize = 512 // bytes in a principal's name; the longest service account has about 240
	maxNameSize      = 256 // bytes in a name taken from a credential
)

// ErrPrincipal: the text is not the name of a principal.
var ErrPrincipal = errors.New("authn: not a principal")

// Principal is an authenticated identity.
type Principal struct {
	// Name is "user:alice" or "serviceAccount:namespaces/acme/serviceAccounts/etl".
	Name string
	// UID is the service account's, and what its grants bind to; empty for users.
	UID string
	// NamespaceUID is that of the service account's namespace; empty for users.
	NamespaceUID string
	// Groups the principal belongs to, each as a principal's name: "group:data-eng". Other entries are ignored.
	Groups []string
	// GroupsUnknown tells that nobody knows to which groups it belongs now, nor its claims: it has been away for too long.
	GroupsUnknown bool
	// Claims that the identity provider makes about the principal, for policies to look at: "department": "risk". Only
	// those that the configuration names; never a secret.
	Claims map[string]string
}

// OwnerID is the principal as it is recorded to own something: the name of a user, "serviceAccount:" and the UID of a
// service account, so that an account made again under its old name owns nothing of the first.
func (p Principal) OwnerID() string {
	if strings.HasPrefix(p.Name, string(KindServiceAccount)+":") {
		return string(KindServiceAccount) + ":" + p.UID
	}
	return p.Name
}

// CheckName says whether a name that a credential brings along, such as a claim or a part of a certificate, may become
// part of a principal's name. It may not if it could be mistaken for another name or for several: empty, with a wildcard,
// a separator of paths, a blank around it or something that does not print, "." or "..", or endless. Nothing is normalised: what differs in
// case or in accents differs. Its error is ErrPrincipal, without the name.
func CheckName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%w: . and .. are no names, nor is nothing", ErrPrincipal)
	case len(name) > maxNameSize:
		return fmt.Errorf("%w: a name is longer than %d bytes", ErrPrincipal, maxNameSize)
	case strings.ContainsAny(name, `*/\`) || !utf8.ValidString(name) || strings.ContainsFunc(name, unprintable):
		return fmt.Errorf("%w: a name has *, /, \\ or what is not printable", ErrPrincipal)
	case strings.TrimSpace(name) != name:
		return fmt.Errorf("%w: a name begins or ends with a blank", ErrPrincipal)
	}
	return nil
}

// SplitPrincipal returns the kind and the bare name of a principal written "kind:name". The name of a user or a group
// passes CheckName, and so does the prefix that those of an issuer have before a slash. Its error is ErrPrincipal.
func SplitPrincipal(name string) (Kind, string, error) {
	if len(name) > maxPrincipalSize {
		return "", "", fmt.Errorf("%w: longer than %d bytes", ErrPrincipal, maxPrincipalSize)
	}
	prefix, bare, _ := strings.Cut(name, ":")
	switch kind := Kind(prefix); kind {
	case KindUser, KindGroup:
		issuer, rest, prefixed := strings.Cut(bare, "/")
		err := CheckName(issuer)
		if err == nil && prefixed {
			err = CheckName(rest)
		}
		if err != nil {
			return "", "", err
		}
		return kind, bare, nil
	case KindServiceAccount:
		rest, ok := strings.CutPrefix(bare, "namespaces/")
		namespace, id, found := strings.Cut(rest, "/serviceAccounts/")
		if !ok || !found || namespace == "" || id == "" || strings.Contains(namespace, "/") || strings.Contains(id, "/") {
			return "", "", fmt.Errorf("%w: want serviceAccount:namespaces/{namespace}/serviceAccounts/{id}", ErrPrincipal)
		}
		return kind, bare, nil
	}
	return "", "", fmt.Errorf("%w: want user:, group: or serviceAccount: and a name", ErrPrincipal)
}

func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
