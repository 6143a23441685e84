package server

import (
	"context"
	"errors"
	"net/http"
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
	dataosPaths  = []string{"/heimdall/", "/ds/", "/poros/", "/collated/", "/dataos/"}
	iometePaths  = []string{"/api/"}
	instillPaths = []string{"/v1beta/"}
)

func under(prefixes []string, path string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// tokenFrom returns the token that a request shows, as bearerFrom does. DataOS' SDKs show it in a header of their own, which
// counts on their routes alone, and alone: with an authorization beside it, nobody can tell which of the two is meant.
func tokenFrom(req *http.Request) string {
	authorization, keys := req.Header["Authorization"], req.Header["Apikey"]
	if len(keys) == 0 || !under(dataosPaths, req.URL.Path) {
		return bearerFrom(authorization)
	}
	if len(keys) > 1 || keys[0] == "" || len(authorization) > 0 {
		return unusable
	}
	return keys[0]
}

// isREST tells whether a path is that of a method over REST.
func isREST(path string) bool {
	return strings.HasPrefix(path, "/v1/") || under(dataosPaths, path) || under(iometePaths, path) || under(instillPaths, path)
}

// muxFor finds the routes of a path. Each dialect's are its own, so that no path is looked for among all.
func (g *gateway) muxFor(path string) *runtime.ServeMux {
	switch {
	case under(instillPaths, path):
		return g.instill
	case under(dataosPaths, path):
		return g.dataos
	case under(iometePaths, path):
		return g.iomete
	}
	return g.mux
}

func (g *gateway) registerDialects(ctx context.Context) error {
	return errors.Join(
		dataosv1.RegisterDataOSServiceHandlerClient(ctx, g.dataos, dataosv1.NewDataOSServiceClient(g.conn)),
		iometev1.RegisterIometeServiceHandlerClient(ctx, g.iomete, iometev1.NewIometeServiceClient(g.conn)),
		mgmtv1beta.RegisterMgmtPublicServiceHandlerClient(ctx, g.instill, mgmtv1beta.NewMgmtPublicServiceClient(g.conn)),
		classicv1beta.RegisterPipelinePublicServiceHandlerClient(ctx, g.instill, classicv1beta.NewPipelinePublicServiceClient(g.conn)),
	)
}
