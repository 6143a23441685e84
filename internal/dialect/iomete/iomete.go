// Package iomete serves the secrets of IOMETE's domains and resolves what is deployed there.
//
// It guarantees that no secret's value is answered but where a workload's references are resolved, and that global secrets
// are not changed through a domain. It decides nothing: every call is one of the domain, through its gate. What threatens it
// are names of domains that would be other namespaces, which naming.Domain rules out.
package iomete

import (
	iometev1 "github.com/coffer-dev/coffer/gen/go/coffer/iomete/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// Config says what the service serves.
type Config struct {
	Service *secrets.Service // required
}

// New returns the service.
func New(config Config) iometev1.IometeServiceServer { return &server{config: config} }

type server struct {
	iometev1.UnimplementedIometeServiceServer
	config Config
}
