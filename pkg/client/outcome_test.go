package client_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"google.golang.org/grpc/codes"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// TestGone_Away sorts errors: the right is gone, the server is away, or neither. None is both.
func TestGone_Away(t *testing.T) {
	const gone, away, neither = "gone", "away", "neither"
	own := func(code codes.Code, reason cofferv1.ErrorReason) error {
		return &client.Error{Code: code, Reason: reason}
	}
	foreign := func(code codes.Code) error { return &client.Error{Code: code} }
	for _, test := range []struct {
		err  error
		want string
	}{
		{own(codes.Unauthenticated, cofferv1.ErrorReason_UNAUTHENTICATED), gone},
		{own(codes.PermissionDenied, cofferv1.ErrorReason_ACCESS_DENIED), gone},
		{own(codes.NotFound, cofferv1.ErrorReason_RESOURCE_NOT_FOUND), gone},
		{own(codes.FailedPrecondition, cofferv1.ErrorReason_REFERENCE_DANGLING), gone},
		{own(codes.FailedPrecondition, cofferv1.ErrorReason_SECRET_EXPIRED), gone},
		{own(codes.FailedPrecondition, cofferv1.ErrorReason_VERSION_STATE), gone},
		{own(codes.FailedPrecondition, cofferv1.ErrorReason_NAMESPACE_DELETED), gone},

		{own(codes.Unavailable, cofferv1.ErrorReason_SERVICE_UNAVAILABLE), away},
		{own(codes.DeadlineExceeded, cofferv1.ErrorReason_TIME_UP), away},
		{own(codes.Canceled, cofferv1.ErrorReason_TIME_UP), away},
		{own(codes.ResourceExhausted, cofferv1.ErrorReason_RATE_LIMITED), away},
		{foreign(codes.Unavailable), away},
		{foreign(codes.DeadlineExceeded), away},
		{foreign(codes.Canceled), away},
		{foreign(codes.Unknown), away},
		{foreign(codes.Internal), away},

		{own(codes.FailedPrecondition, cofferv1.ErrorReason_NOT_REPRESENTABLE), neither},
		{own(codes.ResourceExhausted, cofferv1.ErrorReason_LIMIT_EXCEEDED), neither},
		{own(codes.DataLoss, cofferv1.ErrorReason_INTEGRITY), neither},
		{own(codes.Internal, cofferv1.ErrorReason_INTERNAL), neither},
		{own(codes.InvalidArgument, cofferv1.ErrorReason_INVALID_FIELD), neither},
		{foreign(codes.Unauthenticated), neither}, // a proxy's, or a token's file that cannot be read
		{foreign(codes.PermissionDenied), neither},
		{foreign(codes.NotFound), neither},
		{os.ErrNotExist, neither},
		{context.Canceled, neither},
		{nil, neither},
	} {
		if test.err != nil {
			test.err = fmt.Errorf("wrapped: %w", test.err)
		}
		got := neither
		switch {
		case client.Gone(test.err) && client.Away(test.err):
			t.Errorf("%+v is gone and away", errors.Unwrap(test.err))
		case client.Gone(test.err):
			got = gone
		case client.Away(test.err):
			got = away
		}
		if got != test.want {
			t.Errorf("%+v is %s, want %s", errors.Unwrap(test.err), got, test.want)
		}
	}
}
