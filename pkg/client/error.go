package client

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// Sentinels to compare an *Error with, by errors.Is.
var (
	// ErrUnauthenticated: no credential, or one that is unknown, expired or revoked.
	ErrUnauthenticated = errors.New("not authenticated")
	// ErrDenied: the caller lacks the right, or the resource does not exist and the caller may not know.
	ErrDenied = errors.New("permission denied")
	// ErrNotFound: the resource does not exist.
	ErrNotFound = errors.New("not found")
	// ErrExists: the name is taken.
	ErrExists = errors.New("already exists")
	// ErrInvalid: the request is ill-formed; Violations names the fields.
	ErrInvalid = errors.New("invalid argument")
	// ErrEtag: the resource has changed since it was read; read it again.
	ErrEtag = errors.New("stale etag")
	// ErrPrecondition: the state of something does not allow it; Reason tells which. ErrInUse is one of these.
	ErrPrecondition = errors.New("failed precondition")
	// ErrInUse: projections use the secret.
	ErrInUse = errors.New("secret in use")
	// ErrLimit: a limit on sizes, counts or rates is reached.
	ErrLimit = errors.New("limit exceeded")
	// ErrUnavailable: the server cannot be reached, or cannot take the call now.
	ErrUnavailable = errors.New("unavailable")
	// ErrIntegrity: a stored record was altered outside Coffer.
	ErrIntegrity = errors.New("integrity broken")
	// ErrPlaintext is returned by New for an address without TLS that is not on this machine.
	ErrPlaintext = errors.New("refusing to send secrets without TLS beyond this machine")
)

// Error is why a call failed. Its text never holds a value.
type Error struct {
	// Code is the gRPC code.
	Code codes.Code
	// Reason is the machine-readable cause; ERROR_REASON_UNSPECIFIED where the server gave none (it was not reached).
	Reason cofferv1.ErrorReason
	// Message is for people.
	Message string
	// Violations are the fields that were refused.
	Violations []Violation
	// RequestID is how the server's logs and audit log call the request. Empty where it was not reached.
	RequestID string
	// Method is the RPC, e.g. CreateSecret.
	Method string
	// Resource is the full name of what the request was about: of the resource itself or, of a list or a creation, of
	// its parent. Empty where the request named none.
	Resource string
	// Action is what the caller lacks the right to do, e.g. secret:access. Set where the server denied it.
	Action string
	// Roles are the built-in roles that have the action: on the resource or a namespace above it, one of them allows it.
	Roles []string
	// RetryAfter is when the server wants to be asked again. 0: it did not say.
	RetryAfter time.Duration

	status *status.Status
}

// Violation is a refused field.
type Violation struct {
	// Field is its path, e.g. secret.labels.
	Field string
	// Description tells what is wrong.
	Description string
}

// Error tells the method, the message, what was not found, and the refused fields.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Method)
	if e.Code == codes.NotFound && e.Resource != "" {
		b.WriteString(": " + e.Resource)
	}
	b.WriteString(": " + e.Message)
	for _, v := range e.Violations {
		fmt.Fprintf(&b, "; %s: %s", v.Field, v.Description)
	}
	return b.String()
}

// Is compares with the sentinels of this package.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrEtag:
		return e.Reason == cofferv1.ErrorReason_ETAG_MISMATCH
	case ErrInUse:
		return e.Reason == cofferv1.ErrorReason_SECRET_IN_USE
	}
	code, ok := sentinelCodes[target]
	return ok && code == e.Code
}

// sentinelCodes is never written.
var sentinelCodes = map[error]codes.Code{
	ErrUnauthenticated: codes.Unauthenticated,
	ErrDenied:          codes.PermissionDenied,
	ErrNotFound:        codes.NotFound,
	ErrExists:          codes.AlreadyExists,
	ErrInvalid:         codes.InvalidArgument,
	ErrPrecondition:    codes.FailedPrecondition,
	ErrLimit:           codes.ResourceExhausted,
	ErrUnavailable:     codes.Unavailable,
	ErrIntegrity:       codes.DataLoss,
}

// GRPCStatus lets status.FromError and status.Code see through.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// domain is that of the ErrorInfo of Coffer's own errors.
const domain = "coffer.dev"

func newError(method string, err error, req any, requestID string) *Error {
	// The innermost: what gRPC wraps around it tells of its own retries.
	s := status.Convert(err)
	if inner, ok := errors.AsType[interface {
		error
		GRPCStatus() *status.Status
	}](err); ok {
		s = inner.GRPCStatus()
	}
	e := &Error{Code: s.Code(), Message: transportMessage(s.Message()), RequestID: requestID, Method: method, Resource: resource(req), status: s}
	for _, detail := range s.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.GetDomain() == domain {
				e.Reason = cofferv1.ErrorReason(cofferv1.ErrorReason_value[detail.GetReason()])
				e.Action = detail.GetMetadata()["action"]
				e.Roles = strings.FieldsFunc(detail.GetMetadata()["roles"], func(r rune) bool { return r == ',' || r == ' ' })
			}
		case *errdetails.RetryInfo:
			e.RetryAfter = max(detail.GetRetryDelay().AsDuration(), 0)
		case *errdetails.BadRequest:
			for _, v := range detail.GetFieldViolations() {
				e.Violations = append(e.Violations, Violation{Field: v.GetField(), Description: v.GetDescription()})
			}
		}
	}
	return e
}

// transportMessage leaves out what gRPC puts around the cause when a server cannot be reached or there is no credential.
func transportMessage(message string) string {
	if cause, ok := strings.CutPrefix(message, "transport: per-RPC creds failed due to error: "); ok {
		return cause
	}
	cause, ok := strings.CutPrefix(message, `connection error: desc = "`)
	if !ok {
		return message
	}
	cause = strings.TrimSuffix(cause, `"`)
	for _, noise := range []string{"transport: ", "Error while dialing: ", "error reading server preface: "} {
		cause = strings.TrimPrefix(cause, noise)
	}
	return "cannot reach the server: " + cause
}

// resource is the name that a request gives, or that of the resource in it.
func resource(req any) string {
	message, ok := req.(proto.Message)
	if !ok {
		return ""
	}
	m := message.ProtoReflect()
	if name := nameIn(m); name != "" {
		return name
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		if field := fields.Get(i); field.Message() != nil && !field.IsList() && !field.IsMap() && m.Has(field) {
			if name := nameIn(m.Get(field).Message()); name != "" {
				return name
			}
		}
	}
	return ""
}

func nameIn(m protoreflect.Message) string {
	for _, name := range []protoreflect.Name{"name", "parent", "resource"} {
		field := m.Descriptor().Fields().ByName(name)
		if field == nil || field.Kind() != protoreflect.StringKind || !m.Has(field) {
			continue
		}
		if name != "resource" || required(field) {
			return m.Get(field).String()
		}
	}
	return ""
}

// required tells whether a request is about what a field names. Where it need not be set, it is a filter or a detail.
func required(field protoreflect.FieldDescriptor) bool {
	behaviors, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behaviors, annotations.FieldBehavior_REQUIRED)
}
