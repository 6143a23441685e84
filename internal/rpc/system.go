package rpc

import (
	"context"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

type systemServer struct {
	cofferv1.UnimplementedSystemServiceServer
	service *secrets.Service
	config  Config
}

func (h *systemServer) GetStatus(ctx context.Context, _ *cofferv1.GetStatusRequest) (*cofferv1.Status, error) {
	s, err := h.service.Status(ctx, Caller(ctx))
	if err != nil {
		return nil, err
	}
	to := &cofferv1.Status{
		Version: h.config.Version, Ready: s.Ready, Storage: h.config.Storage, Revision: int64(s.Revision), Kek: h.config.KEK,
		AuditSequence: s.AuditSequence, StartTime: stamp(h.config.StartTime),
	}
	if s.BootstrapAlive {
		to.BootstrapWarning = "the operator of the first start still exists: grant the role operator to somebody else, then delete " +
			"namespaces/instance/serviceAccounts/bootstrap"
	}
	return to, nil
}
