package rpc

import (
	"context"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/secrets"
)

type projectionServer struct {
	cofferv1.UnimplementedProjectionServiceServer
	service *secrets.Service
}

var formats = map[cofferv1.Projection_Format]render.Format{
	cofferv1.Projection_FORMAT_UNSPECIFIED: render.Raw, cofferv1.Projection_RAW: render.Raw, cofferv1.Projection_JSON: render.JSON,
	cofferv1.Projection_YAML: render.YAML, cofferv1.Projection_DOTENV: render.Dotenv, cofferv1.Projection_PROPERTIES: render.Properties,
}

var formatsTo = map[render.Format]cofferv1.Projection_Format{
	render.Raw: cofferv1.Projection_RAW, render.JSON: cofferv1.Projection_JSON, render.YAML: cofferv1.Projection_YAML,
	render.Dotenv: cofferv1.Projection_DOTENV, render.Properties: cofferv1.Projection_PROPERTIES,
}

func itemFrom(item *cofferv1.Projection_Item) secrets.Item {
	from := secrets.Item{Secret: item.GetSecret(), Key: item.GetKey(), AllKeys: item.GetAllKeys(), Optional: item.GetOptional()}
	if item.GetEnv() != "" || item.EnvPrefix != nil {
		from.Env = &render.EnvTarget{Name: item.GetEnv(), Prefix: item.GetEnvPrefix()}
	}
	if f := item.GetFile(); f != nil {
		format, known := formats[f.GetFormat()]
		if !known {
			format = -1
		}
		from.File = &render.FileTarget{Path: f.GetPath(), Format: format, Mode: f.GetMode()}
	}
	return from
}

func itemTo(item secrets.Item) *cofferv1.Projection_Item {
	to := &cofferv1.Projection_Item{
		Secret: item.Secret, Key: item.Key, AllKeys: item.AllKeys, Optional: item.Optional, BoundSecret: item.Bound, Dangling: item.Bound == "",
	}
	if item.Env != nil {
		to.Env = item.Env.Name
		if item.AllKeys {
			to.EnvPrefix = &item.Env.Prefix
		}
	}
	if item.File != nil {
		to.File = &cofferv1.Projection_File{Path: item.File.Path, Format: formatsTo[item.File.Format], Mode: item.File.Mode}
	}
	return to
}

func projectionTo(p secrets.Projection) *cofferv1.Projection {
	return &cofferv1.Projection{
		Name: p.Name, Uid: p.UID, Description: p.Description, Labels: p.Labels, Annotations: p.Annotations, Items: each(p.Items, itemTo),
		AuthorizedBy: p.AuthorizedBy, CreateTime: stamp(p.CreateTime), UpdateTime: stamp(p.UpdateTime), CreatedBy: p.CreatedBy,
		UpdatedBy: p.UpdatedBy, Etag: p.Etag, Revision: int64(p.Revision),
	}
}

func projectionFrom(p *cofferv1.Projection) secrets.Projection {
	return secrets.Projection{Meta: metaFrom(p), Name: p.GetName(), Items: each(p.GetItems(), itemFrom)}
}

func (h *projectionServer) CreateProjection(ctx context.Context, req *cofferv1.CreateProjectionRequest) (*cofferv1.Projection, error) {
	p, err := h.service.CreateProjection(ctx, Caller(ctx), secrets.CreateProjection{
		Parent: req.GetParent(), ID: req.GetProjectionId(), Projection: projectionFrom(req.GetProjection()), RequestID: req.GetRequestId(),
		ValidateOnly: req.GetValidateOnly(),
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
	p, err := h.service.UpdateProjection(ctx, Caller(ctx), projectionFrom(req.GetProjection()), req.GetUpdateMask().GetPaths(), req.GetValidateOnly())
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
	bundle, err := h.service.RenderProjection(ctx, Caller(ctx), req.GetName(), req.GetIfNoneMatch())
	if err != nil {
		return nil, err
	}
	return bundleTo(&bundle), nil
}

func (h *projectionServer) WatchProjection(req *cofferv1.WatchProjectionRequest, stream cofferv1.ProjectionService_WatchProjectionServer) error {
	ctx := stream.Context()
	return h.service.WatchProjection(ctx, Caller(ctx), req.GetName(), req.GetIfNoneMatch(), func(bundle *secrets.Bundle) error {
		next := &cofferv1.WatchProjectionResponse{}
		if bundle != nil {
			next.Bundle = bundleTo(bundle)
		}
		return stream.Send(next)
	})
}

// bundleTo opens a bundle.
func bundleTo(bundle *secrets.Bundle) *cofferv1.RenderProjectionResponse {
	to := &cofferv1.RenderProjectionResponse{Revision: int64(bundle.Revision), Etag: bundle.Etag, NotModified: bundle.NotModified}
	if len(bundle.Env) > 0 {
		to.Env = make(map[string]string, len(bundle.Env))
	}
	for _, v := range bundle.Env {
		to.Env[v.Name] = string(v.Value.Reveal())
	}
	for _, f := range bundle.Files {
		to.Files = append(to.Files, &cofferv1.RenderProjectionResponse_RenderedFile{Path: f.Path, Mode: f.Mode, Content: f.Content.Reveal()})
	}
	return to
}
