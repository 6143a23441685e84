package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

type secretServer struct {
	cofferv1.UnimplementedSecretServiceServer
	service *secrets.Service
}

func secretTo(s secrets.Secret) *cofferv1.Secret {
	to := &cofferv1.Secret{
		Name: s.Name, Uid: s.UID, Type: s.Type, Description: s.Description, Labels: s.Labels, Annotations: s.Annotations,
		AccessMode: cofferv1.Secret_AccessMode(s.AccessMode), Owner: s.Owner, Keys: keysTo(s.Keys),
		ActiveVersion: s.ActiveVersion, LatestVersion: s.LatestVersion, MaxVersions: s.MaxVersions, ExpireTime: stamp(s.ExpireTime),
		Source: secrets.SourceCoffer, LastAccessTime: stamp(s.LastAccessTime), CreateTime: stamp(s.CreateTime), UpdateTime: stamp(s.UpdateTime),
		DeleteTime: stamp(s.DeleteTime), PurgeTime: stamp(s.PurgeTime), CreatedBy: s.CreatedBy, UpdatedBy: s.UpdatedBy,
		Etag: s.Etag, Revision: int64(s.Revision), DeletedId: s.DeletedID,
	}
	if !s.NextRotationTime.IsZero() || s.RotationPeriod != 0 {
		to.Rotation = &cofferv1.Secret_Rotation{NextRotationTime: stamp(s.NextRotationTime)}
		if s.RotationPeriod != 0 {
			to.Rotation.Period = durationpb.New(s.RotationPeriod)
		}
	}
	return to
}

func secretFrom(s *cofferv1.Secret) secrets.Secret {
	return secrets.Secret{
		Meta: metaFrom(s), Name: s.GetName(), Type: s.GetType(), AccessMode: secrets.AccessMode(s.GetAccessMode()), Owner: s.GetOwner(),
		MaxVersions: s.GetMaxVersions(), ExpireTime: unstamp(s.GetExpireTime()),
		NextRotationTime: unstamp(s.GetRotation().GetNextRotationTime()), RotationPeriod: unspan(s.GetRotation().GetPeriod()),
	}
}

func checkSecret(s *cofferv1.Secret) error {
	return checkTimes(map[string]*timestamppb.Timestamp{
		"secret.expire_time": s.GetExpireTime(), "secret.rotation.next_rotation_time": s.GetRotation().GetNextRotationTime(),
	})
}

func (h *secretServer) CreateSecret(ctx context.Context, req *cofferv1.CreateSecretRequest) (*cofferv1.Secret, error) {
	create := secrets.CreateSecret{
		Parent: req.GetParent(), ID: req.GetSecretId(), Secret: secretFrom(req.GetSecret()), RequestID: req.GetRequestId(),
		ValidateOnly: req.GetValidateOnly(), Fault: checkSecret(req.GetSecret()),
	}
	var err error
	if create.Payload, err = payloadFrom("secret.payload", req.GetSecret().GetPayload()); err != nil {
		create.Fault = err
	}
	s, err := h.service.CreateSecret(ctx, Caller(ctx), create)
	if err != nil {
		return nil, err
	}
	return secretTo(s), nil
}

func (h *secretServer) GetSecret(ctx context.Context, req *cofferv1.GetSecretRequest) (*cofferv1.Secret, error) {
	s, err := h.service.GetSecret(ctx, Caller(ctx), req.GetName())
	if err != nil {
		return nil, err
	}
	return secretTo(s), nil
}

func (h *secretServer) ListSecrets(ctx context.Context, req *cofferv1.ListSecretsRequest) (*cofferv1.ListSecretsResponse, error) {
	items, next, err := h.service.ListSecrets(ctx, Caller(ctx), req.GetParent(), pageOf(req))
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListSecretsResponse{Secrets: each(items, secretTo), NextPageToken: next}, nil
}

func (h *secretServer) UpdateSecret(ctx context.Context, req *cofferv1.UpdateSecretRequest) (*cofferv1.Secret, error) {
	fault := checkSecret(req.GetSecret())
	if req.GetSecret().GetPayload() != nil {
		fault = secrets.Invalid("secret.payload", "is changed by AddSecretVersion (:addVersion)")
	}
	s, err := h.service.UpdateSecret(ctx, Caller(ctx), secrets.UpdateSecret{
		Secret: secretFrom(req.GetSecret()), Mask: req.GetUpdateMask().GetPaths(), ValidateOnly: req.GetValidateOnly(), Fault: fault,
	})
	if err != nil {
		return nil, err
	}
	return secretTo(s), nil
}

func (h *secretServer) DeleteSecret(ctx context.Context, req *cofferv1.DeleteSecretRequest) (*cofferv1.Secret, error) {
	s, err := h.service.DeleteSecret(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetForce(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return secretTo(s), nil
}

func (h *secretServer) UndeleteSecret(ctx context.Context, req *cofferv1.UndeleteSecretRequest) (*cofferv1.Secret, error) {
	s, err := h.service.UndeleteSecret(ctx, Caller(ctx), req.GetName(), req.GetSecretId(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return secretTo(s), nil
}

func (h *secretServer) PurgeSecret(ctx context.Context, req *cofferv1.PurgeSecretRequest) (*cofferv1.PurgeSecretResponse, error) {
	rev, err := h.service.PurgeSecret(ctx, Caller(ctx), req.GetName(), req.GetForce(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &cofferv1.PurgeSecretResponse{Revision: int64(rev)}, nil
}

func (h *secretServer) ListDependents(ctx context.Context, req *cofferv1.ListDependentsRequest) (*cofferv1.ListDependentsResponse, error) {
	d, err := h.service.ListDependents(ctx, Caller(ctx), req.GetName())
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListDependentsResponse{Projections: d.Projections, HiddenCount: int32(d.Hidden)}, nil
}
