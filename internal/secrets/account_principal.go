package secrets

import (
	"strings"

	"github.com/coffer-dev/coffer/internal/authn"
)

// AccountPrincipal finds the principal of a service account by its name, "namespaces/{namespace}/serviceAccounts/{id}":
// for credentials that others issue, such as Kubernetes' tokens and certificates.
func (s *Service) AccountPrincipal(name string) (authn.Principal, bool) {
	parts := strings.Split(name, "/")
	if len(parts) != 4 || parts[0] != namespaces || parts[2] != serviceAccounts {
		return authn.Principal{}, false
	}
	ns, ok := s.directory.namespace(parts[1])
	if !ok {
		return authn.Principal{}, false
	}
	a, ok := s.directory.accountNamed(ns.uid, parts[3])
	if !ok {
		return authn.Principal{}, false
	}
	return s.directory.principal(a.uid)
}
