package secrets

import (
	"context"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// Backend is where values are that Coffer does not hold itself. It is asked for nothing that the gate has not allowed.
type Backend interface {
	// Fetch returns the value of a key of the backend of that name, namespaces/NAMESPACE/backends/ID. It returns
	// resolve.ErrUnresolved where there is no such backend, or no such key; any other error means that the backend cannot be
	// asked now. No error carries a value.
	Fetch(ctx context.Context, name, key string) (plaintext.Value, error)
}
