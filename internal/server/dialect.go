package server

import (
	"context"
	"errors"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	iometev1 "github.com/coffer-dev/coffer/gen/go/coffer/iomete/v1"
	mgmtv1beta "github.com/coffer-dev/coffer/gen/go/instill/core/mgmt/v1beta"
	classicv1beta "github.com/coffer-dev/coffer/gen/go/instill/pipeline/pipeline/v1beta"
	"github.com/coffer-dev/coffer/internal/dialect/dataos"
	"github.com/coffer-dev/coffer/internal/dialect/instill"
	"github.com/coffer-dev/coffer/internal/dialect/iomete"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// dialects are the services that other platforms' clients call. They run the same chain as all others.
type dialects struct {
	dataos  dataosv1.DataOSServiceServer
	instill instill.Services
	iomete  iometev1.IometeServiceServer
}

func newDialects(domain *secrets.Service, names naming.DataOS, ready func() bool) dialects {
	return dialects{
		dataos:  dataos.New(dataos.Config{Service: domain, Names: names}),
		instill: instill.New(instill.Config{Service: domain, Ready: ready}),
		iomete:  iomete.New(iomete.Config{Service: domain}),
	}
}

// Where the paths of the dialects begin over REST.
var (
	platformPaths = []string{"/heimdall/", "/ds/", "/poros/", "/collated/", "/dataos/", "/api/"}
	instillPaths  = []string{"/v1beta/"}
)

func under(prefixes []string, path string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// isREST tells whether a path is that of a method over REST.
func isREST(path string) bool {
	return strings.HasPrefix(path, "/v1/") || under(platformPaths, path) || under(instillPaths, path)
}

// muxFor finds the routes of a path. Each dialect's are its own, so that no path is looked for among all.
func (g *gateway) muxFor(path string) *runtime.ServeMux {
	switch {
	case under(instillPaths, path):
		return g.instill
	case under(platformPaths, path):
		return g.platforms
	}
	return g.mux
}

func (g *gateway) registerDialects(ctx context.Context) error {
	return errors.Join(
		dataosv1.RegisterDataOSServiceHandlerClient(ctx, g.platforms, dataosv1.NewDataOSServiceClient(g.conn)),
		iometev1.RegisterIometeServiceHandlerClient(ctx, g.platforms, iometev1.NewIometeServiceClient(g.conn)),
		mgmtv1beta.RegisterMgmtPublicServiceHandlerClient(ctx, g.instill, mgmtv1beta.NewMgmtPublicServiceClient(g.conn)),
		classicv1beta.RegisterPipelinePublicServiceHandlerClient(ctx, g.instill, classicv1beta.NewPipelinePublicServiceClient(g.conn)),
	)
}
