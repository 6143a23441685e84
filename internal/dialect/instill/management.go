package instill

import (
	"context"
	"errors"

	healthcheckv1beta "github.com/coffer-dev/coffer/gen/go/instill/common/healthcheck/v1beta"
	mgmtv1beta "github.com/coffer-dev/coffer/gen/go/instill/core/mgmt/v1beta"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// alive is told by whoever answers.
func alive() *healthcheckv1beta.HealthCheckResponse {
	return &healthcheckv1beta.HealthCheckResponse{Status: healthcheckv1beta.HealthCheckResponse_SERVING_STATUS_SERVING}
}

func (s store) readiness() *healthcheckv1beta.HealthCheckResponse {
	if s.Ready() {
		return alive()
	}
	return &healthcheckv1beta.HealthCheckResponse{Status: healthcheckv1beta.HealthCheckResponse_SERVING_STATUS_NOT_SERVING}
}

type managementServer struct {
	mgmtv1beta.UnsafeMgmtPublicServiceServer
	store
}

func (h *managementServer) Liveness(context.Context, *mgmtv1beta.LivenessRequest) (*mgmtv1beta.LivenessResponse, error) {
	return &mgmtv1beta.LivenessResponse{HealthCheckResponse: alive()}, nil
}

func (h *managementServer) Readiness(context.Context, *mgmtv1beta.ReadinessRequest) (*mgmtv1beta.ReadinessResponse, error) {
	return &mgmtv1beta.ReadinessResponse{HealthCheckResponse: h.readiness()}, nil
}

// namespace returns a namespace and what it stands for.
func (s store) namespace(ctx context.Context, id string) (secrets.Namespace, string, error) {
	n, err := s.Service.GetNamespace(ctx, rpc.Caller(ctx), namespaceName(id))
	return n, standsFor(n.Annotations[naming.InstillOwner]), err
}

// owner returns the namespace of a user or an organization; one that stands for the other is not found.
func (s store) owning(ctx context.Context, id, owner string) (secrets.Namespace, error) {
	n, is, err := s.namespace(ctx, id)
	if err == nil && (is != owner || !n.DeleteTime.IsZero()) {
		err = secrets.ErrNotFound
	}
	return n, err
}

func (h *managementServer) CheckNamespace(ctx context.Context, req *mgmtv1beta.CheckNamespaceRequest) (*mgmtv1beta.CheckNamespaceResponse, error) {
	is := mgmtv1beta.CheckNamespaceResponse_NAMESPACE_USER
	switch n, owner, err := h.namespace(ctx, req.GetId()); {
	case errors.Is(err, secrets.ErrNotFound):
		is = mgmtv1beta.CheckNamespaceResponse_NAMESPACE_AVAILABLE
	case err != nil:
		return nil, err
	case !n.DeleteTime.IsZero():
		is = mgmtv1beta.CheckNamespaceResponse_NAMESPACE_RESERVED
	case owner == organizations:
		is = mgmtv1beta.CheckNamespaceResponse_NAMESPACE_ORGANIZATION
	}
	return &mgmtv1beta.CheckNamespaceResponse{Type: is}, nil
}

func (h *managementServer) GetUser(ctx context.Context, req *mgmtv1beta.GetUserRequest) (*mgmtv1beta.GetUserResponse, error) {
	n, err := h.owning(ctx, req.GetUserId(), users)
	if err != nil {
		return nil, err
	}
	id := uid(n.UID)
	return &mgmtv1beta.GetUserResponse{User: &mgmtv1beta.User{
		Name: users + "/" + req.GetUserId(), Uid: &id, Id: req.GetUserId(), CreateTime: stamp(n.CreateTime), UpdateTime: stamp(n.UpdateTime),
	}}, nil
}

func (h *managementServer) GetOrganization(ctx context.Context, req *mgmtv1beta.GetOrganizationRequest) (*mgmtv1beta.GetOrganizationResponse, error) {
	n, err := h.owning(ctx, req.GetOrganizationId(), organizations)
	if err != nil {
		return nil, err
	}
	return &mgmtv1beta.GetOrganizationResponse{Organization: &mgmtv1beta.Organization{
		Name: organizations + "/" + req.GetOrganizationId(), Uid: uid(n.UID), Id: req.GetOrganizationId(), CreateTime: stamp(n.CreateTime), UpdateTime: stamp(n.UpdateTime),
	}}, nil
}
