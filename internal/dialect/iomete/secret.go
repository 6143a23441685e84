package iomete

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	iometev1 "github.com/coffer-dev/coffer/gen/go/coffer/iomete/v1"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
)

func (p place) secretTo(s secrets.Secret) *iometev1.Secret {
	_, key := sourceOf(s.Name)
	to := &iometev1.Secret{Key: key, Description: s.Description, Source: p.source, LastModifiedBy: s.UpdatedBy}
	if !s.UpdateTime.IsZero() {
		to.LastModified = timestamppb.New(s.UpdateTime)
	}
	return to
}

func (s *server) ListSecrets(ctx context.Context, req *iometev1.ListSecretsRequest) (*iometev1.ListSecretsResponse, error) {
	at := domain(req.GetDomain())
	page := secrets.Page{Size: int(req.GetPageSize()), Token: req.GetPageToken()}
	switch req.GetScope() {
	case iometev1.ListSecretsRequest_SCOPE_UNSPECIFIED, iometev1.ListSecretsRequest_DOMAIN:
	case iometev1.ListSecretsRequest_GLOBAL:
		at = global()
	default:
		page.Fault = secrets.Invalid("scope", "is neither DOMAIN nor GLOBAL")
	}
	items, next, err := s.service.ListSecrets(ctx, rpc.Caller(ctx), at.namespace, page)
	if err != nil {
		return nil, at.told(err, ofSecret)
	}
	to := &iometev1.ListSecretsResponse{NextPageToken: next}
	for _, item := range items {
		to.Secrets = append(to.Secrets, at.secretTo(item))
	}
	return to, nil
}

func (s *server) CreateSecret(ctx context.Context, req *iometev1.CreateSecretRequest) (*iometev1.Secret, error) {
	at, sent := domain(req.GetDomain()), req.GetSecret()
	create := secrets.CreateSecret{
		Parent: at.namespace, ID: sent.GetKey(), Secret: secrets.Secret{Meta: secrets.Meta{Description: sent.GetDescription()}},
		Payload: rpc.OneValue(sent.GetValue()), Fault: at.check(sent.GetSource()),
	}
	if create.Fault == nil && sent.GetValue() == "" {
		create.Fault = secrets.Invalid("secret.value", "is required")
	}
	made, err := s.service.CreateSecret(ctx, rpc.Caller(ctx), create)
	if err != nil {
		return nil, at.told(err, ofSecret)
	}
	return at.secretTo(made), nil
}

func (s *server) DeleteSecret(ctx context.Context, req *iometev1.DeleteSecretRequest) (*iometev1.DeleteSecretResponse, error) {
	at := domain(req.GetDomain())
	_, err := s.service.DeleteSecret(ctx, rpc.Caller(ctx), at.secret(req.GetKey()), "", req.GetForce(), at.fault != nil)
	if err := at.told(err, ofSecret); err != nil {
		return nil, err
	}
	return &iometev1.DeleteSecretResponse{}, nil
}

func (s *server) UpdateSecret(ctx context.Context, req *iometev1.UpdateSecretRequest) (*iometev1.Secret, error) {
	at, sent := domain(req.GetDomain()), req.GetSecret()
	update := secrets.UpdateSecret{
		Secret: secrets.Secret{Name: at.secret(req.GetKey()), Meta: secrets.Meta{Description: sent.GetDescription()}},
		Fault:  at.check(sent.GetSource()),
	}
	if sent.GetValue() != "" {
		update.Payload, update.OnlyKey = rpc.OneValue(sent.GetValue()), rpc.ValueKey
	}
	switch {
	case update.Fault != nil:
	case sent.GetKey() != "" && sent.GetKey() != req.GetKey():
		update.Fault = secrets.Invalid("secret.key", "is not the key of the path: it never changes")
	case update.Payload == nil && sent.GetDescription() == "":
		update.Fault = secrets.Invalid("secret", "has neither a value nor a description")
	}
	changed, err := s.service.UpdateSecret(ctx, rpc.Caller(ctx), update)
	if err != nil {
		return nil, at.told(err, ofSecret)
	}
	return at.secretTo(changed), nil
}
