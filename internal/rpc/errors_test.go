package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
)

// reason returns the reason of a status, which must be of our domain.
func reason(t *testing.T, st *status.Status) string {
	t.Helper()
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			if info.GetDomain() != "coffer.dev" {
				t.Errorf("domain %q", info.GetDomain())
			}
			return info.GetReason()
		}
	}
	return ""
}

func TestStatus(t *testing.T) {
	tests := []struct {
		err    error
		code   codes.Code
		reason string
		hidden bool // what the error says is for the log alone
	}{
		{authn.ErrUnauthenticated, codes.Unauthenticated, "UNAUTHENTICATED", true},
		{authn.ErrUnavailable, codes.Unavailable, "SERVICE_UNAVAILABLE", true},
		{&rpc.LimitedError{Limit: rpc.AddressRate, After: time.Second}, codes.ResourceExhausted, "RATE_LIMITED", false},
		{secrets.ErrQuota, codes.ResourceExhausted, "QUOTA_EXCEEDED", false},
		{&gate.DeniedError{Action: "secret:get", Resource: "namespaces/a"}, codes.PermissionDenied, "ACCESS_DENIED", false},
		{gate.ErrUnavailable, codes.Unavailable, "SERVICE_UNAVAILABLE", true},
		{secrets.ErrNotFound, codes.NotFound, "RESOURCE_NOT_FOUND", false},
		{secrets.ErrExists, codes.AlreadyExists, "RESOURCE_EXISTS", false},
		{secrets.ErrRequestReused, codes.AlreadyExists, "REQUEST_ID_REUSED", false},
		{secrets.ErrEtag, codes.Aborted, "ETAG_MISMATCH", false},
		{secrets.ErrVersionState, codes.FailedPrecondition, "VERSION_STATE", false},
		{secrets.ErrPayloadMissing, codes.FailedPrecondition, "PAYLOAD_MISSING", false},
		{secrets.ErrExpired, codes.FailedPrecondition, "SECRET_EXPIRED", false},
		{secrets.ErrDangling, codes.FailedPrecondition, "REFERENCE_DANGLING", false},
		{secrets.ErrNamespaceNotEmpty, codes.FailedPrecondition, "NAMESPACE_NOT_EMPTY", false},
		{secrets.ErrNamespaceDeleted, codes.FailedPrecondition, "NAMESPACE_DELETED", false},
		{secrets.ErrNotRepresentable, codes.FailedPrecondition, "NOT_REPRESENTABLE", false},
		{secrets.ErrPrecondition, codes.FailedPrecondition, "PRECONDITION", false},
		{secrets.ErrLimit, codes.ResourceExhausted, "LIMIT_EXCEEDED", false},
		{storage.ErrLimit, codes.ResourceExhausted, "LIMIT_EXCEEDED", true},
		{sealed.ErrIntegrity, codes.DataLoss, "INTEGRITY", true},
		{storage.ErrNotFound, codes.DataLoss, "INTEGRITY", true}, // the domain tells what is absent by its own error
		{storage.ErrCorrupt, codes.DataLoss, "INTEGRITY", true},
		{audit.ErrTampered, codes.DataLoss, "INTEGRITY", false},
		{storage.ErrUnavailable, codes.Unavailable, "SERVICE_UNAVAILABLE", true},
		{storage.ErrClosed, codes.Unavailable, "SERVICE_UNAVAILABLE", true},
		{audit.ErrUnavailable, codes.Unavailable, "SERVICE_UNAVAILABLE", true},
		{context.DeadlineExceeded, codes.DeadlineExceeded, "TIME_UP", true},
		{context.Canceled, codes.Canceled, "TIME_UP", true},
		{secrets.Invalid("f", "is wrong"), codes.InvalidArgument, "INVALID_FIELD", false},
		{&secrets.InUseError{Secret: "s", Projections: []string{"p"}}, codes.FailedPrecondition, "SECRET_IN_USE", false},
	}
	for _, test := range tests {
		t.Run(test.err.Error(), func(t *testing.T) {
			err := fmt.Errorf("doing it at 0xdeadbeef: %w", test.err)
			st, known := rpc.Status(err, "r1")
			if !known || st.Code() != test.code || reason(t, st) != test.reason {
				t.Errorf("Status = %v %s, known %v; want %v %s", st.Code(), reason(t, st), known, test.code, test.reason)
			}
			if hidden := !strings.Contains(st.Message(), test.err.Error()); hidden != test.hidden || st.Message() == "" {
				t.Errorf("it says %q, want the error hidden: %v", st.Message(), test.hidden)
			}
			if test.hidden && strings.Contains(st.Message(), "0xdeadbeef") {
				t.Errorf("it says %q", st.Message())
			}
		})
	}
}

func TestStatus_unknown(t *testing.T) {
	for _, err := range []error{errors.New("value hunter2 leaked"), status.Error(codes.Unknown, "hunter2"), fmt.Errorf("hunter2")} {
		st, known := rpc.Status(err, "r1")
		if known || st.Code() != codes.Internal || st.Message() != "internal error; quote request r1" || reason(t, st) != "INTERNAL" {
			t.Errorf("Status(%v) = %v, known %v", err, st, known)
		}
	}
}

// What gRPC itself and the server's limits say keeps its code and gets a reason.
func TestStatus_transport(t *testing.T) {
	for code, want := range map[codes.Code]string{
		codes.Unimplemented: "METHOD_UNKNOWN", codes.ResourceExhausted: "LIMIT_EXCEEDED", codes.InvalidArgument: "INVALID_FIELD",
		codes.Unauthenticated: "UNAUTHENTICATED", codes.Unavailable: "SERVICE_UNAVAILABLE", codes.DeadlineExceeded: "TIME_UP",
		codes.Internal: "INTERNAL", codes.Aborted: "INTERNAL",
	} {
		st, known := rpc.Status(status.Error(code, "m"), "r1")
		if !known || st.Code() != code || reason(t, st) != want || st.Message() != "m" {
			t.Errorf("Status(%v) = %v %s, want %s", code, st, reason(t, st), want)
		}
		if again, _ := rpc.Status(st.Err(), "r1"); !proto.Equal(again.Proto(), st.Proto()) {
			t.Errorf("mapped twice it is %v, once %v", again, st)
		}
	}
}

func TestStatus_details(t *testing.T) {
	st, _ := rpc.Status(&secrets.InvalidError{Violations: []secrets.Violation{{Field: "a.b", Description: "c"}, {Field: "d", Description: "e"}}}, "")
	var fields []string
	for _, detail := range st.Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			for _, v := range bad.GetFieldViolations() {
				fields = append(fields, v.GetField()+" "+v.GetDescription())
			}
		}
	}
	if diff := cmp.Diff([]string{"a.b c", "d e"}, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}

	for _, test := range []struct {
		err     *secrets.InUseError
		subject string
	}{
		{&secrets.InUseError{Secret: "namespaces/n/secrets/s", Hidden: 1}, "namespaces/n/secrets/s"},
		{&secrets.InUseError{Secret: "namespaces/n/secrets/s", Version: 3, Hidden: 1}, "namespaces/n/secrets/s/versions/3"},
		{&secrets.InUseError{Namespace: "namespaces/n", Hidden: 1}, "namespaces/n"},
	} {
		st, _ := rpc.Status(test.err, "")
		failure, ok := st.Details()[1].(*errdetails.PreconditionFailure)
		if !ok || failure.GetViolations()[0].GetSubject() != test.subject || reason(t, st) != "SECRET_IN_USE" {
			t.Errorf("Status(%v) = %v, want it about %s", test.err, st, test.subject)
		}
	}

	inUse := &secrets.InUseError{Secret: "s", Hidden: 3}
	for i := range 1000 {
		inUse.Projections = append(inUse.Projections, fmt.Sprintf("namespaces/%s/projections/p%03d", strings.Repeat("n", 63), i))
	}
	st, _ = rpc.Status(inUse, "")
	types := map[string]int{}
	for _, detail := range st.Details() {
		if failure, ok := detail.(*errdetails.PreconditionFailure); ok {
			for _, v := range failure.GetViolations() {
				types[v.GetType()]++
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"DEPENDENT": 10, "MORE_DEPENDENTS": 1, "HIDDEN_DEPENDENTS": 1}, types); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
	// Statuses travel in a trailer, which some clients bound at 8 KiB.
	if size := proto.Size(st.Proto()); size > 5<<10 {
		t.Errorf("the status has %d bytes", size)
	}
	if !strings.Contains(st.Message(), "990 more and 3 you may not see") {
		t.Errorf("message %q", st.Message())
	}
}

// A record that somebody deleted below Coffer is damage, neither absent nor an unknown error.
func TestStatus_missingRecord(t *testing.T) {
	f, ctx := newFixture(t)
	f.create(ctx, t, "db")
	_, err := f.engine.Update(ctx, func(txn storage.Txn) error {
		for _, key := range f.keys(t, "data/payload/") {
			if err := txn.Delete(key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("deleting the payload: %v", err)
	}
	_, err = f.Secrets.AccessSecretVersion(ctx, access("db", "active"))
	if st, known := rpc.Status(err, ""); !known || st.Code() != codes.DataLoss {
		t.Errorf("AccessSecretVersion = %v, want DATA_LOSS", err)
	}
}
