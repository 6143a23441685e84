// Package rpc implements the gRPC services of coffer.v1: names and messages in, a call of the domain, a message out.
//
// Handlers decide nothing. They turn what was sent into domain types, values into plaintext.Value at once, and what the
// domain returns into messages; their errors are those of the domain, which Status maps in one place. Revealing a value
// happens only where the answer of a value door is filled.
package rpc

import (
	"time"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// Config says what the services serve.
type Config struct {
	Service   *secrets.Service // required
	Version   string           // of the program
	Storage   string           // name of the engine
	KEK       string           // name of the key encryption key
	StartTime time.Time
}

// Services are the services of coffer.v1.
type Services struct {
	Namespaces  cofferv1.NamespaceServiceServer
	Secrets     cofferv1.SecretServiceServer
	Projections cofferv1.ProjectionServiceServer
	Access      cofferv1.AccessServiceServer
	Audit       cofferv1.AuditServiceServer
	Catalog     cofferv1.CatalogServiceServer
	System      cofferv1.SystemServiceServer
}

// New returns the services.
func New(config Config) Services {
	return Services{
		Namespaces:  &namespaceServer{service: config.Service},
		Secrets:     &secretServer{service: config.Service},
		Projections: &projectionServer{service: config.Service},
		Access:      &accessServer{service: config.Service},
		Audit:       &auditServer{service: config.Service},
		Catalog:     &catalogServer{service: config.Service},
		System:      &systemServer{service: config.Service, config: config},
	}
}
