// Package dataos answers the reads of secrets that DataOS' SDKs make.
//
// It guarantees that values are answered to those alone who may access the secret, and that what is missing and what is
// denied read the same. It decides nothing: every call is one of the domain, through its gate. What threatens it are names
// with several readings, of which the first that the caller may have counts.
package dataos

import (
	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// Config says what the service serves.
type Config struct {
	Service *secrets.Service // required
	// Names says which namespaces workspaces and tenants are.
	Names naming.DataOS
}

// New returns the service.
func New(config Config) dataosv1.DataOSServiceServer { return &server{config: config} }

type server struct {
	dataosv1.UnimplementedDataOSServiceServer
	config Config
}
