// Package instill speaks as the pipelines of Instill AI do of secrets: one value each, named within a namespace.
//
// It guarantees that no answer carries a value, and that what an update does not name stays. It decides nothing: every call
// is one of the domain, through its gate. What threatens it are names that mean something else to the domain than to
// Instill, which is why those of new secrets are checked by Instill's narrower rule too.
//
// A value is the entry of one key of a secret's payload. Secrets that were stored otherwise are listed and told of like
// all, whatever their keys and their names: a new value is laid beside what they hold.
package instill

import (
	mgmtv1beta "github.com/coffer-dev/coffer/gen/go/instill/core/mgmt/v1beta"
	classicv1beta "github.com/coffer-dev/coffer/gen/go/instill/pipeline/pipeline/v1beta"
	pipelinev1beta "github.com/coffer-dev/coffer/gen/go/instill/pipeline/v1beta"
	vdpv1beta "github.com/coffer-dev/coffer/gen/go/instill/vdp/pipeline/v1beta"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// Config says what the services serve.
type Config struct {
	Service *secrets.Service // required
	// Ready tells whether the server takes calls. Required.
	Ready func() bool
}

// Services are the services of Instill, under all their names.
type Services struct {
	Management mgmtv1beta.MgmtPublicServiceServer
	Classic    classicv1beta.PipelinePublicServiceServer  // pipeline.pipeline.v1beta
	VDP        vdpv1beta.PipelinePublicServiceServer      // what it was called before
	Pipeline   pipelinev1beta.PipelinePublicServiceServer // what it is called since
}

// New returns the services.
func New(config Config) Services {
	all := store(config)
	return Services{
		Management: &managementServer{store: all},
		Classic:    &classicServer{classic: classic{all}},
		VDP:        &vdpServer{classic: classic{all}},
		Pipeline:   &pipelineServer{store: all},
	}
}
