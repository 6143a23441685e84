package rpc

import (
	"context"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

func roleTo(r secrets.Role) *cofferv1.Role {
	return &cofferv1.Role{
		Name: r.Name, Uid: r.UID, Description: r.Description, Labels: r.Labels, Annotations: r.Annotations, CreateTime: stamp(r.CreateTime),
		UpdateTime: stamp(r.UpdateTime), CreatedBy: r.CreatedBy, UpdatedBy: r.UpdatedBy, Etag: r.Etag, Revision: int64(r.Revision),
		Actions: r.Actions, BuiltIn: r.BuiltIn,
	}
}

func roleFrom(r *cofferv1.Role) secrets.Role {
	return secrets.Role{Meta: metaFrom(r), Name: r.GetName(), Actions: r.GetActions()}
}

func (h *accessServer) CreateRole(ctx context.Context, req *cofferv1.CreateRoleRequest) (*cofferv1.Role, error) {
	r, err := h.service.CreateRole(ctx, Caller(ctx), secrets.CreateRole{
		Parent: req.GetParent(), ID: req.GetRoleId(), Role: roleFrom(req.GetRole()), RequestID: req.GetRequestId(), ValidateOnly: req.GetValidateOnly(),
	})
	if err != nil {
		return nil, err
	}
	return roleTo(r), nil
}

func (h *accessServer) GetRole(ctx context.Context, req *cofferv1.GetRoleRequest) (*cofferv1.Role, error) {
	r, err := h.service.GetRole(ctx, Caller(ctx), req.GetName())
	if err != nil {
		return nil, err
	}
	return roleTo(r), nil
}

func (h *accessServer) ListRoles(ctx context.Context, req *cofferv1.ListRolesRequest) (*cofferv1.ListRolesResponse, error) {
	items, next, err := h.service.ListRoles(ctx, Caller(ctx), req.GetParent(), pageOf(req))
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListRolesResponse{Roles: each(items, roleTo), NextPageToken: next}, nil
}

func (h *accessServer) UpdateRole(ctx context.Context, req *cofferv1.UpdateRoleRequest) (*cofferv1.Role, error) {
	r, err := h.service.UpdateRole(ctx, Caller(ctx), roleFrom(req.GetRole()), req.GetUpdateMask().GetPaths(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return roleTo(r), nil
}

func (h *accessServer) DeleteRole(ctx context.Context, req *cofferv1.DeleteRoleRequest) (*cofferv1.DeleteRoleResponse, error) {
	rev, err := h.service.DeleteRole(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &cofferv1.DeleteRoleResponse{Revision: int64(rev)}, nil
}
