package rpc

import (
	"context"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

type projectionServer struct {
	cofferv1.UnimplementedProjectionServiceServer
	service *secrets.Service
}

func (h *projectionServer) CreateProjection(ctx context.Context, req *cofferv1.CreateProjectionRequest) (*cofferv1.Projection, error) {
	projection, fault := projectionFrom(req.GetProjection())
	p, err := h.service.CreateProjection(ctx, Caller(ctx), secrets.CreateProjection{
		Parent: req.GetParent(), ID: req.GetProjectionId(), Projection: projection, RequestID: req.GetRequestId(),
		ValidateOnly: req.GetValidateOnly(), Fault: fault,
	})
	if err != nil {
		return nil, err
	}
	return projectionTo(p), nil
}

func (h *projectionServer) GetProjection(ctx context.Context, req *cofferv1.GetProjectionRequest) (*cofferv1.Projection, error) {
	p, err := h.service.GetProjection(ctx, Caller(ctx), req.GetName())
	if err != nil {
		return nil, err
	}
	return projectionTo(p), nil
}

func (h *projectionServer) ListProjections(ctx context.Context, req *cofferv1.ListProjectionsRequest) (*cofferv1.ListProjectionsResponse, error) {
	items, next, err := h.service.ListProjections(ctx, Caller(ctx), req.GetParent(), pageOf(req))
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListProjectionsResponse{Projections: each(items, projectionTo), NextPageToken: next}, nil
}

func (h *projectionServer) UpdateProjection(ctx context.Context, req *cofferv1.UpdateProjectionRequest) (*cofferv1.Projection, error) {
	projection, fault := projectionFrom(req.GetProjection())
	p, err := h.service.UpdateProjection(ctx, Caller(ctx), secrets.UpdateProjection{
		Projection: projection, Mask: req.GetUpdateMask().GetPaths(), ValidateOnly: req.GetValidateOnly(), Fault: fault,
	})
	if err != nil {
		return nil, err
	}
	return projectionTo(p), nil
}

func (h *projectionServer) DeleteProjection(ctx context.Context, req *cofferv1.DeleteProjectionRequest) (*cofferv1.DeleteProjectionResponse, error) {
	rev, err := h.service.DeleteProjection(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &cofferv1.DeleteProjectionResponse{Revision: int64(rev)}, nil
}

func (h *projectionServer) RenderProjection(ctx context.Context, req *cofferv1.RenderProjectionRequest) (*cofferv1.RenderProjectionResponse, error) {
	if req.GetDryRun() {
		shape, err := h.service.ShapeProjection(ctx, Caller(ctx), req.GetName())
		if err != nil {
			return nil, err
		}
		return bundleTo(&shape), nil
	}
	bundle, err := h.service.RenderProjection(ctx, Caller(ctx), secrets.RenderProjection{
		Name: req.GetName(), IfNoneMatch: req.GetIfNoneMatch(), AllowEnv: req.GetAllowEnv(),
	})
	if err != nil {
		return nil, err
	}
	return bundleTo(&bundle), nil
}

func (h *projectionServer) WatchProjection(req *cofferv1.WatchProjectionRequest, stream cofferv1.ProjectionService_WatchProjectionServer) error {
	ctx := stream.Context()
	watch := secrets.RenderProjection{Name: req.GetName(), IfNoneMatch: req.GetIfNoneMatch(), AllowEnv: req.GetAllowEnv()}
	return h.service.WatchProjection(ctx, Caller(ctx), watch, func(bundle *secrets.Bundle) error {
		next := &cofferv1.WatchProjectionResponse{}
		if bundle != nil {
			next.Bundle = bundleTo(bundle)
		}
		return stream.Send(next)
	})
}
