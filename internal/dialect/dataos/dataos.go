// Package dataos answers the reads of secrets that DataOS' SDKs make.
//
// It guarantees that values are answered to those alone who may access the secret, that what is missing and what is denied
// read the same, and that whoever reads lines of properties finds the values that were stored, or an error. It decides
// nothing: every call is one of the domain, through its gate. What threatens it are names with several readings, of which
// the first counts that the caller may have, and values and names of files that would be syntax in properties.
package dataos

import (
	"context"
	"encoding/base64"
	"net/url"

	dataosv1 "github.com/coffer-dev/coffer/gen/go/coffer/dataos/v1"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/rpc"
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

// defaultWorkspace is the workspace that is meant where none is named.
const defaultWorkspace = "public"

func (s *server) defaultNamespace() string { return s.config.Names.Workspace(defaultWorkspace) }

// GetHeimdallSecret implements dataosv1.DataOSServiceServer.
func (s *server) GetHeimdallSecret(ctx context.Context, req *dataosv1.GetHeimdallSecretRequest) (*dataosv1.HeimdallSecret, error) {
	named, err := s.config.Service.AccessNamed(ctx, rpc.Caller(ctx), s.named(req.GetId()))
	if err != nil {
		return nil, err
	}
	return heimdallSecret(req.GetId(), named)
}

func heimdallSecret(id string, named secrets.Named) (*dataosv1.HeimdallSecret, error) {
	data, err := entries(named)
	if err != nil {
		return nil, err
	}
	return &dataosv1.HeimdallSecret{
		Id: id, Data: data, Links: &dataosv1.HeimdallSecret_Links{Self: "/heimdall/api/v1/secrets/" + url.PathEscape(id)},
	}, nil
}

// GetDepotServiceSecret implements dataosv1.DataOSServiceServer.
func (s *server) GetDepotServiceSecret(ctx context.Context, req *dataosv1.GetHeimdallSecretRequest) (*dataosv1.DepotServiceSecret, error) {
	named, err := s.config.Service.AccessNamed(ctx, rpc.Caller(ctx), s.named(req.GetId()))
	if err != nil {
		return nil, err
	}
	data := make(map[string]string, len(named.Payload))
	for key, e := range named.Payload {
		data[key] = text(e)
	}
	return &dataosv1.DepotServiceSecret{Data: data}, nil
}

// text is a value as text. Whether it is in base64 hangs on how it was stored and not on what its bytes look like, so that
// it does not change with the value.
func text(e plaintext.Entry) string {
	if e.Binary {
		return base64.StdEncoding.EncodeToString(e.Value.Reveal())
	}
	return string(e.Value.Reveal())
}

// LocateNamespace implements dataosv1.DataOSServiceServer.
func (s *server) LocateNamespace(_ context.Context, req *dataosv1.LocateNamespaceRequest) (*dataosv1.LocateNamespaceResponse, error) {
	var id string
	switch req.GetScope() {
	case dataosv1.LocateNamespaceRequest_INSTANCE:
		id = s.config.Names.InstanceNamespace()
	case dataosv1.LocateNamespaceRequest_TENANT:
		id = s.config.Names.Tenant(req.GetName())
	case dataosv1.LocateNamespaceRequest_WORKSPACE:
		id = s.workspace(req.GetName())
	default:
		return nil, secrets.Invalid("scope", "want INSTANCE, TENANT or WORKSPACE")
	}
	if !naming.IsNamespace(id) {
		return nil, secrets.Invalid("name", "there can be no namespace for it: the ID of one matches %s", naming.NamespaceRule)
	}
	return &dataosv1.LocateNamespaceResponse{Namespace: "namespaces/" + id}, nil
}

// workspace is the ID of the namespace of a workspace; no name is the default one's.
func (s *server) workspace(name string) string {
	if name == "" {
		name = defaultWorkspace
	}
	return s.config.Names.Workspace(name)
}
