package client

import (
	"errors"
	"slices"

	"google.golang.org/grpc/codes"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// Gone tells that the server says of what it delivered that the caller has no right to it any more, or that it or the
// caller is no more: what was kept of it is to go. That only the server can say: a token's file that cannot be read, or a
// proxy that refuses, is no such thing.
func Gone(err error) bool {
	failed, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch failed.Reason {
	case cofferv1.ErrorReason_UNAUTHENTICATED, cofferv1.ErrorReason_ACCESS_DENIED, cofferv1.ErrorReason_RESOURCE_NOT_FOUND,
		cofferv1.ErrorReason_REFERENCE_DANGLING, cofferv1.ErrorReason_SECRET_EXPIRED, cofferv1.ErrorReason_VERSION_STATE,
		cofferv1.ErrorReason_NAMESPACE_DELETED:
		return true
	}
	return false
}

// Away tells that the server did not answer: it cannot be reached, takes no more calls now, or something on the way ended
// the call. What it delivered before may still hold, and another try may mend it. Other errors, but for those of Gone, are
// its answer, or the caller's own.
func Away(err error) bool {
	if errors.Is(err, errSilent) {
		return true
	}
	failed, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch failed.Reason {
	case cofferv1.ErrorReason_RATE_LIMITED, cofferv1.ErrorReason_TIME_UP:
		return true
	case cofferv1.ErrorReason_ERROR_REASON_UNSPECIFIED:
		// Not Coffer's own words: the connection, or a proxy on the way.
		if slices.Contains([]codes.Code{codes.Canceled, codes.Unknown, codes.DeadlineExceeded, codes.Internal}, failed.Code) {
			return true
		}
	}
	return failed.Code == codes.Unavailable
}
