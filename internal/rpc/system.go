package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/audit"
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

type auditServer struct {
	cofferv1.UnimplementedAuditServiceServer
	service *secrets.Service
}

func eventTo(e audit.Event) *cofferv1.AuditEvent {
	to := &cofferv1.AuditEvent{
		Sequence: e.Seq, Time: stamp(e.Time), Kind: cofferv1.AuditEvent_Kind(cofferv1.AuditEvent_Kind_value[string(e.Kind)]), RequestId: e.RequestID,
		Principal: e.Principal, AuthnMethod: e.AuthnMethod, Token: e.TokenName, SourceAddress: e.Source, Client: e.Client, Method: e.Method,
		Action: e.Action, Resource: e.Resource, ResourceUid: e.ResourceUID, Decision: string(e.Decision), Reasons: e.Reasons, Code: e.Code,
		Detail: e.Detail, Count: e.Count,
	}
	if e.Duration > 0 {
		to.Duration = durationpb.New(e.Duration)
	}
	return to
}

func (h *auditServer) ListAuditEvents(ctx context.Context, req *cofferv1.ListAuditEventsRequest) (*cofferv1.ListAuditEventsResponse, error) {
	query := audit.Query{
		After: unstamp(req.GetStartTime()), Before: unstamp(req.GetEndTime()), Principal: req.GetPrincipal(), Resource: req.GetResource(),
		Action: req.GetAction(), Decision: audit.Decision(req.GetDecision()), PageSize: int(req.GetPageSize()), PageToken: req.GetPageToken(),
	}
	if req.GetKind() != cofferv1.AuditEvent_KIND_UNSPECIFIED {
		query.Kind = audit.Kind(req.GetKind().String())
	}
	page, err := h.service.ListAuditEvents(ctx, Caller(ctx), secrets.AuditQuery{
		Query: query,
		Fault: checkTimes(map[string]*timestamppb.Timestamp{"start_time": req.GetStartTime(), "end_time": req.GetEndTime()}),
	})
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListAuditEventsResponse{Events: each(page.Events, eventTo), NextPageToken: page.NextPageToken}, nil
}

func (h *auditServer) VerifyAuditLog(ctx context.Context, _ *cofferv1.VerifyAuditLogRequest) (*cofferv1.VerifyAuditLogResponse, error) {
	r, err := h.service.VerifyAuditLog(ctx, Caller(ctx))
	if err != nil {
		return nil, err
	}
	return &cofferv1.VerifyAuditLogResponse{Records: r.Records, FirstSequence: r.FirstSeq, LastSequence: r.LastSeq, Segments: int32(r.Segments)}, nil
}
