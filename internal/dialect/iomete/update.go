package iomete

import (
	"context"

	iometev1 "github.com/coffer-dev/coffer/gen/go/coffer/iomete/v1"
)

func (s *server) UpdateSecret(ctx context.Context, req *iometev1.UpdateSecretRequest) (*iometev1.Secret, error) {
	return s.UnimplementedIometeServiceServer.UpdateSecret(ctx, req)
}
