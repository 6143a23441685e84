package rpc

import (
	"context"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

func reasonTo(r secrets.Reason) *cofferv1.Reason {
	return &cofferv1.Reason{
		Grant: r.Grant, Role: r.Role, Policy: r.Policy, Principal: r.Principal, Conditional: r.Conditional, ExpireTime: stamp(r.ExpireTime),
		Unmet: r.Unmet,
	}
}

func accessorTo(a secrets.Accessor) *cofferv1.Accessor {
	return &cofferv1.Accessor{Principal: a.Principal, Action: a.Action, Reason: reasonTo(a.Reason), Projection: a.Projection}
}

func (h *accessServer) CheckAccess(ctx context.Context, req *cofferv1.CheckAccessRequest) (*cofferv1.CheckAccessResponse, error) {
	c, err := h.service.CheckAccess(ctx, Caller(ctx), secrets.CheckAccess{
		Action: req.GetAction(), Resource: req.GetResource(), Principal: req.GetPrincipal(), Groups: req.GetGroups(),
		SourceAddress: req.GetSourceAddress(),
	})
	if err != nil {
		return nil, err
	}
	return &cofferv1.CheckAccessResponse{
		Allowed: c.Allowed, Reasons: each(c.Reasons, reasonTo), HiddenReasons: int32(c.Hidden), Roles: c.Roles,
	}, nil
}

func (h *accessServer) ListAccessors(ctx context.Context, req *cofferv1.ListAccessorsRequest) (*cofferv1.ListAccessorsResponse, error) {
	page, err := h.service.ListAccessors(ctx, Caller(ctx), secrets.ListAccessors{
		Resource: req.GetResource(), Action: req.GetAction(), Size: int(req.GetPageSize()), Token: req.GetPageToken(),
	})
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListAccessorsResponse{
		Accessors: each(page.Accessors, accessorTo), Hidden: int32(page.Hidden), NextPageToken: page.NextPage,
	}, nil
}
