package rpc

import (
	"context"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/secrets"
)

func (h *projectionServer) ResolveWorkload(ctx context.Context, req *cofferv1.ResolveWorkloadRequest) (*cofferv1.ResolveWorkloadResponse, error) {
	overrides := make(map[string]plaintext.Value, len(req.GetOverrides()))
	for name, value := range req.GetOverrides() {
		overrides[name] = plaintext.New([]byte(value))
	}
	bundle, err := h.service.ResolveWorkload(ctx, Caller(ctx), secrets.ResolveWorkload{
		Parent: req.GetParent(), Payload: req.GetPayload(), Overrides: overrides,
	})
	if err != nil {
		return nil, err
	}
	to := bundleTo(&bundle)
	return &cofferv1.ResolveWorkloadResponse{
		Payload: to.GetPayload(), Env: to.GetEnv(), SparkConf: to.GetSparkConf(), Files: to.GetFiles(), Revision: to.GetRevision(),
		Arguments: to.GetArguments(), Dictionaries: to.GetDictionaries(),
	}, nil
}

func unresolvedStatus(e *secrets.UnresolvedError) *status.Status {
	bad := &errdetails.BadRequest{}
	for _, v := range e.References {
		bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{Field: v.Field, Description: v.Description})
	}
	return detailed(codes.FailedPrecondition, e.Error(), info(cofferv1.ErrorReason_REFERENCE_UNRESOLVED), bad)
}
