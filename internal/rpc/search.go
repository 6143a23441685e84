package rpc

import (
	"context"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

func (h *secretServer) SearchSecrets(ctx context.Context, req *cofferv1.SearchSecretsRequest) (*cofferv1.SearchSecretsResponse, error) {
	items, next, err := h.service.SearchSecrets(ctx, Caller(ctx), req.GetParent(), req.GetQuery(), pageOf(req))
	if err != nil {
		return nil, err
	}
	return &cofferv1.SearchSecretsResponse{Secrets: each(items, secretTo), NextPageToken: next}, nil
}
