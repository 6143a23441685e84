package rpc

import (
	"context"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

func (h *secretServer) MoveSecret(ctx context.Context, req *cofferv1.MoveSecretRequest) (*cofferv1.Secret, error) {
	s, err := h.service.MoveSecret(ctx, Caller(ctx), secrets.MoveSecret{
		Name: req.GetName(), Destination: req.GetDestination(), Etag: req.GetEtag(), Force: req.GetForce(), ValidateOnly: req.GetValidateOnly(),
	})
	if err != nil {
		return nil, err
	}
	return secretTo(s), nil
}

func (h *secretServer) CopySecret(ctx context.Context, req *cofferv1.CopySecretRequest) (*cofferv1.Secret, error) {
	s, err := h.service.CopySecret(ctx, Caller(ctx), secrets.CopySecret{
		Name: req.GetName(), Destination: req.GetDestination(), RequestID: req.GetRequestId(), ValidateOnly: req.GetValidateOnly(),
	})
	if err != nil {
		return nil, err
	}
	return secretTo(s), nil
}
