package secrets

import (
	"context"

	"github.com/coffer-dev/coffer/internal/gate"
)

// InstillOwner is what the annotation naming.InstillOwner of a namespace says: empty where there is none. It is part of
// how Instill names a secret, so who was allowed something in the context may know it, and nobody else.
func (s *Service) InstillOwner(ctx context.Context, name string) string {
	if !gate.Allowed(ctx) {
		return ""
	}
	return s.locate("namespace", name, namespaces).ns.owner
}
