package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Domain is the domain of every google.rpc.ErrorInfo.
const Domain = "coffer.dev"

// Limit says what there was too much of, in words fit for anybody.
type Limit string

// The limits that a LimitedError tells of.
const (
	PrincipalRate    Limit = "calls of this principal"
	AddressRate      Limit = "calls from this address"
	PrincipalStreams Limit = "open streams of this principal"
	AddressStreams   Limit = "open streams from this address"
	Streams          Limit = "open streams"
)

// LimitedError refuses a call because of those before it.
type LimitedError struct {
	Limit Limit
	After time.Duration // when to try again
}

// Error implements error.
func (e *LimitedError) Error() string { return fmt.Sprintf("too many %s: try again later", e.Limit) }

// quotaRetry is when to try again where a namespace is full: nothing makes room by itself.
const quotaRetry = time.Minute

// errorTable maps errors to what clients are told. The first row that matches counts. Rows with a text hide what the
// error says: it is logged and not told.
var errorTable = []struct {
	err    error
	code   codes.Code
	reason cofferv1.ErrorReason
	text   string
}{
	{authn.ErrUnauthenticated, codes.Unauthenticated, cofferv1.ErrorReason_UNAUTHENTICATED, "the credential is missing or not valid"},
	{authn.ErrUnavailable, codes.Unavailable, cofferv1.ErrorReason_SERVICE_UNAVAILABLE, "whether the credential is valid cannot be told now"},
	{gate.ErrDenied, codes.PermissionDenied, cofferv1.ErrorReason_ACCESS_DENIED, ""},
	{gate.ErrUnavailable, codes.Unavailable, cofferv1.ErrorReason_SERVICE_UNAVAILABLE, "access control cannot decide or record now"},
	{secrets.ErrNotFound, codes.NotFound, cofferv1.ErrorReason_RESOURCE_NOT_FOUND, ""},
	{secrets.ErrExists, codes.AlreadyExists, cofferv1.ErrorReason_RESOURCE_EXISTS, ""},
	{secrets.ErrRequestReused, codes.AlreadyExists, cofferv1.ErrorReason_REQUEST_ID_REUSED, ""},
	{secrets.ErrEtag, codes.Aborted, cofferv1.ErrorReason_ETAG_MISMATCH, ""},
	{secrets.ErrChanged, codes.Aborted, cofferv1.ErrorReason_ETAG_MISMATCH, ""},
	{secrets.ErrVersionState, codes.FailedPrecondition, cofferv1.ErrorReason_VERSION_STATE, ""},
	{secrets.ErrPayloadMissing, codes.FailedPrecondition, cofferv1.ErrorReason_PAYLOAD_MISSING, ""},
	{secrets.ErrExpired, codes.FailedPrecondition, cofferv1.ErrorReason_SECRET_EXPIRED, ""},
	{secrets.ErrDangling, codes.FailedPrecondition, cofferv1.ErrorReason_REFERENCE_DANGLING, ""},
	{secrets.ErrNamespaceNotEmpty, codes.FailedPrecondition, cofferv1.ErrorReason_NAMESPACE_NOT_EMPTY, ""},
	{secrets.ErrNamespaceDeleted, codes.FailedPrecondition, cofferv1.ErrorReason_NAMESPACE_DELETED, ""},
	{secrets.ErrNotRepresentable, codes.FailedPrecondition, cofferv1.ErrorReason_NOT_REPRESENTABLE, ""},
	{secrets.ErrTakeover, codes.FailedPrecondition, cofferv1.ErrorReason_TAKEOVER_NOT_ALLOWED, ""},
	{secrets.ErrPrecondition, codes.FailedPrecondition, cofferv1.ErrorReason_PRECONDITION, ""},
	{secrets.ErrLimit, codes.ResourceExhausted, cofferv1.ErrorReason_LIMIT_EXCEEDED, ""},
	{storage.ErrLimit, codes.ResourceExhausted, cofferv1.ErrorReason_LIMIT_EXCEEDED, "the request is too large to be stored"},
	{sealed.ErrIntegrity, codes.DataLoss, cofferv1.ErrorReason_INTEGRITY, "a stored record does not open: it was altered outside Coffer"},
	{storage.ErrCorrupt, codes.DataLoss, cofferv1.ErrorReason_INTEGRITY, "the store is damaged"},
	{audit.ErrTampered, codes.DataLoss, cofferv1.ErrorReason_INTEGRITY, ""},
	{storage.ErrNotFound, codes.DataLoss, cofferv1.ErrorReason_INTEGRITY, "a stored record is missing: it was deleted outside Coffer"},
	{storage.ErrUnavailable, codes.Unavailable, cofferv1.ErrorReason_SERVICE_UNAVAILABLE, "the store cannot take the request now"},
	{storage.ErrClosed, codes.Unavailable, cofferv1.ErrorReason_SERVICE_UNAVAILABLE, "the server is stopping"},
	{audit.ErrUnavailable, codes.Unavailable, cofferv1.ErrorReason_SERVICE_UNAVAILABLE, "the audit log cannot be written now"},
	{context.DeadlineExceeded, codes.DeadlineExceeded, cofferv1.ErrorReason_TIME_UP, "the call took longer than it may"},
	{context.Canceled, codes.Canceled, cofferv1.ErrorReason_TIME_UP, "the caller went away"},
}

// Status is what clients are told of an error. known is false for an error that nobody expected: it becomes a fixed text
// with the request ID, and should be logged.
func Status(err error, requestID string) (st *status.Status, known bool) {
	if invalid, ok := errors.AsType[*secrets.InvalidError](err); ok {
		return invalidStatus(invalid), true
	}
	if denied, ok := errors.AsType[*gate.DeniedError](err); ok {
		return detailed(codes.PermissionDenied, err.Error(), deniedInfo(denied)), true
	}
	if inUse, ok := errors.AsType[*secrets.InUseError](err); ok {
		return detailed(codes.FailedPrecondition, err.Error(), info(cofferv1.ErrorReason_SECRET_IN_USE), inUseDetail(inUse)), true
	}
	if unresolved, ok := errors.AsType[*secrets.UnresolvedError](err); ok {
		return unresolvedStatus(unresolved), true
	}
	if limited, ok := errors.AsType[*LimitedError](err); ok {
		retry := &errdetails.RetryInfo{RetryDelay: durationpb.New(limited.After)}
		return detailed(codes.ResourceExhausted, err.Error(), info(cofferv1.ErrorReason_RATE_LIMITED), retry), true
	}
	if errors.Is(err, secrets.ErrQuota) {
		retry := &errdetails.RetryInfo{RetryDelay: durationpb.New(quotaRetry)}
		return detailed(codes.ResourceExhausted, err.Error(), info(cofferv1.ErrorReason_QUOTA_EXCEEDED), retry), true
	}
	for _, row := range errorTable {
		if errors.Is(err, row.err) {
			text := row.text
			if text == "" {
				text = err.Error()
			}
			return detailed(row.code, text, info(row.reason)), true
		}
	}
	if st, ok := status.FromError(err); ok && st.Code() != codes.Unknown {
		return transportStatus(st), true
	}
	return detailed(codes.Internal, "internal error; quote request "+requestID, info(cofferv1.ErrorReason_INTERNAL)), false
}

// transportStatus is a status made by gRPC itself or by the server's own limits.
func transportStatus(st *status.Status) *status.Status {
	if len(st.Details()) > 0 {
		return st
	}
	reason := map[codes.Code]cofferv1.ErrorReason{
		codes.Unimplemented: cofferv1.ErrorReason_METHOD_UNKNOWN, codes.ResourceExhausted: cofferv1.ErrorReason_LIMIT_EXCEEDED,
		codes.InvalidArgument: cofferv1.ErrorReason_INVALID_FIELD, codes.Unauthenticated: cofferv1.ErrorReason_UNAUTHENTICATED,
		codes.Unavailable: cofferv1.ErrorReason_SERVICE_UNAVAILABLE, codes.DeadlineExceeded: cofferv1.ErrorReason_TIME_UP,
		codes.Canceled: cofferv1.ErrorReason_TIME_UP, codes.NotFound: cofferv1.ErrorReason_RESOURCE_NOT_FOUND,
	}[st.Code()]
	if reason == cofferv1.ErrorReason_ERROR_REASON_UNSPECIFIED {
		reason = cofferv1.ErrorReason_INTERNAL
	}
	return detailed(st.Code(), st.Message(), info(reason))
}

func invalidStatus(e *secrets.InvalidError) *status.Status {
	bad := &errdetails.BadRequest{}
	for _, v := range e.Violations {
		bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{Field: v.Field, Description: v.Description})
	}
	return detailed(codes.InvalidArgument, e.Error(), info(cofferv1.ErrorReason_INVALID_FIELD), bad)
}

func inUseDetail(e *secrets.InUseError) *errdetails.PreconditionFailure {
	failure := &errdetails.PreconditionFailure{}
	names, more := e.Named()
	for _, p := range names {
		failure.Violations = append(failure.Violations, &errdetails.PreconditionFailure_Violation{
			Type: "DEPENDENT", Subject: p, Description: "uses " + e.Subject(),
		})
	}
	if more > 0 {
		description := fmt.Sprintf("%d more projections use it", more)
		if e.Secret != "" {
			description += ": list its dependents"
		}
		failure.Violations = append(failure.Violations, &errdetails.PreconditionFailure_Violation{
			Type: "MORE_DEPENDENTS", Subject: e.Subject(), Description: description,
		})
	}
	if e.Hidden > 0 {
		failure.Violations = append(failure.Violations, &errdetails.PreconditionFailure_Violation{
			Type: "HIDDEN_DEPENDENTS", Subject: e.Subject(), Description: fmt.Sprintf("%d projections you may not see use it", e.Hidden),
		})
	}
	return failure
}

// deniedInfo tells which built-in roles would have allowed it, were they granted: the same whatever exists.
func deniedInfo(e *gate.DeniedError) *errdetails.ErrorInfo {
	told := info(cofferv1.ErrorReason_ACCESS_DENIED)
	told.Metadata = map[string]string{"action": string(e.Action), "roles": strings.Join(e.Roles, ",")}
	return told
}

func info(reason cofferv1.ErrorReason) *errdetails.ErrorInfo {
	return &errdetails.ErrorInfo{Reason: reason.String(), Domain: Domain}
}

func detailed(code codes.Code, text string, details ...protoadapt.MessageV1) *status.Status {
	st := status.New(code, text)
	with, err := st.WithDetails(details...)
	if err != nil {
		return st // code OK, which no row has
	}
	return with
}
