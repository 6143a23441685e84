package instill

import (
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// refusal is what is wrong with a request, in the words that Instill has for it.
type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }

// What is wrong with requests.
const (
	errRequired    refusal = "required fields missing"
	errReserved    refusal = "The secret ID is reserved"
	errUUID        refusal = "`id` is not allowed to be a UUID"
	errID          refusal = "the ID must start with a lowercase letter or underscore, followed by zero to 31 occurrences of lowercase letters, numbers, hyphens, or underscores"
	errDescription refusal = "a description has at most 1023 characters"
	errOutputOnly  refusal = "can not contain output only fields"
	errImmutable   refusal = "update immutable fields error"
	errMask        refusal = "update mask error"
)

// words are what Instill says where Coffer says something else. What exists and what does not is denied in the same word.
var words = map[codes.Code]string{
	codes.PermissionDenied: "unauthorized",
	codes.NotFound:         "not found",
	codes.AlreadyExists:    "Resource already exists.",
}

// Status is what clients are told of an error; known is false for one that nobody expected. It is rpc.Status in the codes
// and words of Instill. Of the details, those remain that clients of Instill know: why a state does not allow something, and
// when to try again.
func Status(err error, requestID string) (st *status.Status, known bool) {
	if refused, ok := errors.AsType[refusal](err); ok {
		return status.New(codes.InvalidArgument, string(refused)), true
	}
	st, known = rpc.Status(err, requestID)
	code, text := st.Code(), st.Message()
	if code == codes.Internal {
		code = codes.Unknown // as whatever nobody expects
	}
	if word, ok := words[code]; ok {
		text = word
	}
	var details []protoadapt.MessageV1
	for _, detail := range st.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			details = append(details, retry)
		}
	}
	if inUse, ok := errors.AsType[*secrets.InUseError](err); ok {
		var failure *errdetails.PreconditionFailure
		failure, text = unused(inUse)
		details = append(details, failure)
	} else if code == codes.FailedPrecondition {
		details = append(details, &errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{
			{Type: "STATE", Subject: "secret", Description: text},
		}})
	}
	with, err := status.New(code, text).WithDetails(details...)
	if err != nil { // code OK, which no error has
		return st, known
	}
	return with, known
}

// unused says that a secret is not to be deleted, and why.
func unused(inUse *secrets.InUseError) (*errdetails.PreconditionFailure, string) {
	failure := &errdetails.PreconditionFailure{}
	add := func(format string, args ...any) {
		failure.Violations = append(failure.Violations, &errdetails.PreconditionFailure_Violation{
			Type: "DELETE", Subject: inUse.Subject(), Description: fmt.Sprintf(format, args...),
		})
	}
	names, more := inUse.Named()
	for _, name := range names {
		add("is used by %s", name)
	}
	if more > 0 {
		add("is used by %d more", more)
	}
	if inUse.Hidden > 0 {
		add("is used by %d that you may not see", inUse.Hidden)
	}
	return failure, inUse.Subject() + " is in use and can not be deleted"
}
