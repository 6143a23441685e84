package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

type accessServer struct {
	cofferv1.UnimplementedAccessServiceServer
	service *secrets.Service
}

func accountTo(a secrets.ServiceAccount) *cofferv1.ServiceAccount {
	return &cofferv1.ServiceAccount{
		Name: a.Name, Uid: a.UID, Description: a.Description, Labels: a.Labels, Annotations: a.Annotations, CreateTime: stamp(a.CreateTime),
		UpdateTime: stamp(a.UpdateTime), CreatedBy: a.CreatedBy, UpdatedBy: a.UpdatedBy, Etag: a.Etag, Revision: int64(a.Revision),
	}
}

func grantTo(g secrets.Grant) *cofferv1.Grant {
	return &cofferv1.Grant{
		Name: g.Name, Uid: g.UID, Principal: g.Principal, Role: g.Role, Resource: g.Resource, ExpireTime: stamp(g.ExpireTime),
		Description: g.Description, Dangling: g.Dangling, CreateTime: stamp(g.CreateTime), CreatedBy: g.CreatedBy, Etag: g.Etag,
		Revision: int64(g.Revision), Labels: g.Labels, Annotations: g.Annotations, UpdateTime: stamp(g.UpdateTime), UpdatedBy: g.UpdatedBy,
		Condition: g.Condition,
	}
}

func (h *accessServer) WhoAmI(ctx context.Context, _ *cofferv1.WhoAmIRequest) (*cofferv1.WhoAmIResponse, error) {
	c := Caller(ctx)
	return &cofferv1.WhoAmIResponse{
		Principal: c.Name, AuthnMethod: c.Method, Token: c.TokenName, ExpireTime: stamp(c.TokenExpire), Groups: c.Groups,
		Claims: c.Claims,
	}, nil
}

func (h *accessServer) CreateServiceAccount(ctx context.Context, req *cofferv1.CreateServiceAccountRequest) (*cofferv1.ServiceAccount, error) {
	a, err := h.service.CreateServiceAccount(ctx, Caller(ctx), secrets.CreateServiceAccount{
		Parent: req.GetParent(), ID: req.GetServiceAccountId(), Account: secrets.ServiceAccount{Meta: metaFrom(req.GetServiceAccount())},
		RequestID: req.GetRequestId(), ValidateOnly: req.GetValidateOnly(),
	})
	if err != nil {
		return nil, err
	}
	return accountTo(a), nil
}

func (h *accessServer) GetServiceAccount(ctx context.Context, req *cofferv1.GetServiceAccountRequest) (*cofferv1.ServiceAccount, error) {
	a, err := h.service.GetServiceAccount(ctx, Caller(ctx), req.GetName())
	if err != nil {
		return nil, err
	}
	return accountTo(a), nil
}

func (h *accessServer) ListServiceAccounts(ctx context.Context, req *cofferv1.ListServiceAccountsRequest) (*cofferv1.ListServiceAccountsResponse, error) {
	items, next, err := h.service.ListServiceAccounts(ctx, Caller(ctx), req.GetParent(), pageOf(req))
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListServiceAccountsResponse{ServiceAccounts: each(items, accountTo), NextPageToken: next}, nil
}

func (h *accessServer) UpdateServiceAccount(ctx context.Context, req *cofferv1.UpdateServiceAccountRequest) (*cofferv1.ServiceAccount, error) {
	sent := secrets.ServiceAccount{Meta: metaFrom(req.GetServiceAccount()), Name: req.GetServiceAccount().GetName()}
	a, err := h.service.UpdateServiceAccount(ctx, Caller(ctx), sent, req.GetUpdateMask().GetPaths(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return accountTo(a), nil
}

func (h *accessServer) DeleteServiceAccount(ctx context.Context, req *cofferv1.DeleteServiceAccountRequest) (*cofferv1.DeleteServiceAccountResponse, error) {
	rev, err := h.service.DeleteServiceAccount(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &cofferv1.DeleteServiceAccountResponse{Revision: int64(rev)}, nil
}

func (h *accessServer) CreateGrant(ctx context.Context, req *cofferv1.CreateGrantRequest) (*cofferv1.Grant, error) {
	g := req.GetGrant()
	grant, err := h.service.CreateGrant(ctx, Caller(ctx), secrets.CreateGrant{
		Parent: req.GetParent(), ID: req.GetGrantId(), RequestID: req.GetRequestId(), ValidateOnly: req.GetValidateOnly(),
		Grant: secrets.Grant{
			Meta: metaFrom(g), Principal: g.GetPrincipal(), Role: g.GetRole(), Resource: g.GetResource(),
			Condition: g.GetCondition(), ExpireTime: unstamp(g.GetExpireTime()),
		},
		Fault: checkTimes(map[string]*timestamppb.Timestamp{"grant.expire_time": g.GetExpireTime()}),
	})
	if err != nil {
		return nil, err
	}
	return grantTo(grant), nil
}

func (h *accessServer) GetGrant(ctx context.Context, req *cofferv1.GetGrantRequest) (*cofferv1.Grant, error) {
	g, err := h.service.GetGrant(ctx, Caller(ctx), req.GetName())
	if err != nil {
		return nil, err
	}
	return grantTo(g), nil
}

func (h *accessServer) ListGrants(ctx context.Context, req *cofferv1.ListGrantsRequest) (*cofferv1.ListGrantsResponse, error) {
	items, next, err := h.service.ListGrants(ctx, Caller(ctx), req.GetParent(), pageOf(req))
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListGrantsResponse{Grants: each(items, grantTo), NextPageToken: next}, nil
}

func (h *accessServer) DeleteGrant(ctx context.Context, req *cofferv1.DeleteGrantRequest) (*cofferv1.DeleteGrantResponse, error) {
	rev, err := h.service.DeleteGrant(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &cofferv1.DeleteGrantResponse{Revision: int64(rev)}, nil
}
