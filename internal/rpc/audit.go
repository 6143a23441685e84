package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/secrets"
)

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

// selecting are the conditions that lists and watches of events share.
type selecting interface {
	GetPrincipal() string
	GetResource() string
	GetAction() string
	GetKind() cofferv1.AuditEvent_Kind
	GetDecision() string
}

func auditQueryFrom(req selecting) audit.Query {
	query := audit.Query{
		Principal: req.GetPrincipal(), Resource: req.GetResource(), Action: req.GetAction(), Decision: audit.Decision(req.GetDecision()),
	}
	if req.GetKind() != cofferv1.AuditEvent_KIND_UNSPECIFIED {
		query.Kind = audit.Kind(req.GetKind().String())
	}
	return query
}

func (h *auditServer) ListAuditEvents(ctx context.Context, req *cofferv1.ListAuditEventsRequest) (*cofferv1.ListAuditEventsResponse, error) {
	query := auditQueryFrom(req)
	query.After, query.Before = unstamp(req.GetStartTime()), unstamp(req.GetEndTime())
	query.Outcome, query.RequestID = req.GetOutcome(), req.GetRequestId()
	query.PageSize, query.PageToken = int(req.GetPageSize()), req.GetPageToken()
	page, err := h.service.ListAuditEvents(ctx, Caller(ctx), secrets.AuditQuery{
		Query: query,
		Fault: checkTimes(map[string]*timestamppb.Timestamp{"start_time": req.GetStartTime(), "end_time": req.GetEndTime()}),
	})
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListAuditEventsResponse{Events: each(page.Events, eventTo), NextPageToken: page.NextPageToken}, nil
}

func (h *auditServer) WatchAuditEvents(req *cofferv1.WatchAuditEventsRequest, stream cofferv1.AuditService_WatchAuditEventsServer) error {
	ctx := stream.Context()
	return h.service.WatchAuditEvents(ctx, Caller(ctx), req.GetAfterSequence(), secrets.AuditQuery{Query: auditQueryFrom(req)},
		func(after uint64, e *audit.Event) error {
			next := &cofferv1.WatchAuditEventsResponse{Sequence: after}
			if e != nil {
				next.Event = eventTo(*e)
			}
			return stream.Send(next)
		})
}

func (h *auditServer) VerifyAuditLog(ctx context.Context, _ *cofferv1.VerifyAuditLogRequest) (*cofferv1.VerifyAuditLogResponse, error) {
	r, err := h.service.VerifyAuditLog(ctx, Caller(ctx))
	if err != nil {
		return nil, err
	}
	return &cofferv1.VerifyAuditLogResponse{Records: r.Records, FirstSequence: r.FirstSeq, LastSequence: r.LastSeq, Segments: int32(r.Segments)}, nil
}
