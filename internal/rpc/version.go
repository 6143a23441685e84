package rpc

import (
	"context"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

func versionTo(v secrets.Version) *cofferv1.SecretVersion {
	return &cofferv1.SecretVersion{
		Name: v.Name, State: cofferv1.SecretVersion_State(v.State), Active: v.Active, Keys: keysTo(v.Keys), CreateTime: stamp(v.CreateTime),
		DestroyTime: stamp(v.DestroyTime), CreatedBy: v.CreatedBy, Etag: v.Etag, Revision: int64(v.Revision), Unchanged: v.Unchanged,
		Uid: v.UID, UpdateTime: stamp(v.UpdateTime), UpdatedBy: v.UpdatedBy,
	}
}

func (h *secretServer) AddSecretVersion(ctx context.Context, req *cofferv1.AddSecretVersionRequest) (*cofferv1.SecretVersion, error) {
	payload, fault := payloadFrom("payload", req.GetPayload())
	v, err := h.service.AddSecretVersion(ctx, Caller(ctx), secrets.AddVersion{
		Secret: req.GetParent(), Payload: payload, Merge: req.GetMerge(), RemoveKeys: req.GetRemoveKeys(), Stage: req.Activate != nil && !req.GetActivate(),
		Etag: req.GetEtag(), RequestID: req.GetRequestId(), ValidateOnly: req.GetValidateOnly(), Fault: fault,
	})
	if err != nil {
		return nil, err
	}
	return versionTo(v), nil
}

func (h *secretServer) GetSecretVersion(ctx context.Context, req *cofferv1.GetSecretVersionRequest) (*cofferv1.SecretVersion, error) {
	v, err := h.service.GetSecretVersion(ctx, Caller(ctx), req.GetName())
	if err != nil {
		return nil, err
	}
	return versionTo(v), nil
}

func (h *secretServer) ListSecretVersions(ctx context.Context, req *cofferv1.ListSecretVersionsRequest) (*cofferv1.ListSecretVersionsResponse, error) {
	items, next, err := h.service.ListSecretVersions(ctx, Caller(ctx), req.GetParent(), pageOf(req))
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListSecretVersionsResponse{Versions: each(items, versionTo), NextPageToken: next}, nil
}

func (h *secretServer) AccessSecretVersion(ctx context.Context, req *cofferv1.AccessSecretVersionRequest) (*cofferv1.AccessSecretVersionResponse, error) {
	access, err := h.service.AccessSecretVersion(ctx, Caller(ctx), req.GetName())
	if err != nil {
		return nil, err
	}
	return &cofferv1.AccessSecretVersionResponse{Name: access.Name, Payload: payloadTo(access.Payload), Revision: int64(access.Revision)}, nil
}

func versionAnswer(v secrets.Version, err error) (*cofferv1.SecretVersion, error) {
	if err != nil {
		return nil, err
	}
	return versionTo(v), nil
}

func (h *secretServer) EnableSecretVersion(ctx context.Context, req *cofferv1.EnableSecretVersionRequest) (*cofferv1.SecretVersion, error) {
	return versionAnswer(h.service.EnableSecretVersion(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly()))
}

func (h *secretServer) DisableSecretVersion(ctx context.Context, req *cofferv1.DisableSecretVersionRequest) (*cofferv1.SecretVersion, error) {
	return versionAnswer(h.service.DisableSecretVersion(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly()))
}

func (h *secretServer) ActivateSecretVersion(ctx context.Context, req *cofferv1.ActivateSecretVersionRequest) (*cofferv1.SecretVersion, error) {
	return versionAnswer(h.service.ActivateSecretVersion(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly()))
}

func (h *secretServer) DestroySecretVersion(ctx context.Context, req *cofferv1.DestroySecretVersionRequest) (*cofferv1.SecretVersion, error) {
	return versionAnswer(h.service.DestroySecretVersion(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly()))
}
