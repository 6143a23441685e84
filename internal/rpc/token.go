package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

func tokenTo(t secrets.Token) *cofferv1.Token {
	return &cofferv1.Token{
		Name: t.Name, Uid: t.UID, Description: t.Description, ExpireTime: stamp(t.ExpireTime), Secret: t.Secret, CreateTime: stamp(t.CreateTime),
		CreatedBy: t.CreatedBy, Etag: t.Etag, Revision: int64(t.Revision), Labels: t.Labels, Annotations: t.Annotations,
		UpdateTime: stamp(t.UpdateTime), UpdatedBy: t.UpdatedBy, SourceRanges: t.SourceRanges, UseLimit: t.UseLimit, UseCount: t.UseCount,
		RenewableUntil: stamp(t.RenewableUntil),
	}
}

func (h *accessServer) CreateToken(ctx context.Context, req *cofferv1.CreateTokenRequest) (*cofferv1.Token, error) {
	sent := req.GetToken()
	t, err := h.service.CreateToken(ctx, Caller(ctx), secrets.CreateToken{
		Parent: req.GetParent(), ID: req.GetTokenId(), Meta: metaFrom(sent), ExpireTime: unstamp(sent.GetExpireTime()),
		SourceRanges: sent.GetSourceRanges(), UseLimit: sent.GetUseLimit(), RenewableUntil: unstamp(sent.GetRenewableUntil()),
		RequestID: req.GetRequestId(), ValidateOnly: req.GetValidateOnly(),
		Fault: checkTimes(map[string]*timestamppb.Timestamp{
			"token.expire_time": sent.GetExpireTime(), "token.renewable_until": sent.GetRenewableUntil(),
		}),
	})
	if err != nil {
		return nil, err
	}
	return tokenTo(t), nil
}

func (h *accessServer) GetToken(ctx context.Context, req *cofferv1.GetTokenRequest) (*cofferv1.Token, error) {
	t, err := h.service.GetToken(ctx, Caller(ctx), req.GetName())
	if err != nil {
		return nil, err
	}
	return tokenTo(t), nil
}

func (h *accessServer) ListTokens(ctx context.Context, req *cofferv1.ListTokensRequest) (*cofferv1.ListTokensResponse, error) {
	items, next, err := h.service.ListTokens(ctx, Caller(ctx), req.GetParent(), pageOf(req))
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListTokensResponse{Tokens: each(items, tokenTo), NextPageToken: next}, nil
}

func (h *accessServer) DeleteToken(ctx context.Context, req *cofferv1.DeleteTokenRequest) (*cofferv1.DeleteTokenResponse, error) {
	rev, err := h.service.DeleteToken(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &cofferv1.DeleteTokenResponse{Revision: int64(rev)}, nil
}

func (h *accessServer) RenewToken(ctx context.Context, req *cofferv1.RenewTokenRequest) (*cofferv1.Token, error) {
	t, err := h.service.RenewToken(ctx, Caller(ctx), secrets.RenewToken{
		Name: req.GetName(), ExpireTime: unstamp(req.GetExpireTime()), Etag: req.GetEtag(), ValidateOnly: req.GetValidateOnly(),
		Fault: checkTimes(map[string]*timestamppb.Timestamp{"expire_time": req.GetExpireTime()}),
	})
	if err != nil {
		return nil, err
	}
	return tokenTo(t), nil
}
