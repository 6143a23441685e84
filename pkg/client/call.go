package client

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

const (
	// defaultTimeout is the deadline that the server gives to a method that names none.
	defaultTimeout = 30 * time.Second
	// headerRequestID carries the ID of a request in the answer's metadata.
	headerRequestID = "x-request-id"
	fieldRequestID  = "request_id"
	// maxTries and maxWait bound how often and how long a call waits that came too often for the server.
	maxTries = 3
	maxWait  = 5 * time.Second
)

// call is what happens around each call: a deadline, a request_id, waiting where the server asks for it, a typed error.
type call struct {
	timeout    time.Duration            // 0: that of the method
	deadlines  map[string]time.Duration // of methods that have one of their own, by full name
	repeatable map[string]bool          // those of idempotent
	writes     map[string]bool          // whose request_id is the client's to choose; elsewhere it would be a condition
}

func newCall(timeout time.Duration) call {
	c := call{timeout: timeout, deadlines: map[string]time.Duration{}, repeatable: map[string]bool{}, writes: map[string]bool{}}
	for method := range methods {
		name := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
		c.repeatable[name] = idempotent(method)
		c.writes[name] = methodPolicy(method).GetAudit() == cofferv1.MethodPolicy_WRITE
		if deadline := methodPolicy(method).GetDeadline(); deadline != nil {
			c.deadlines[name] = deadline.AsDuration()
		}
	}
	return c
}

func (c call) deadline(method string) time.Duration {
	if c.timeout != 0 {
		return c.timeout
	}
	if d, ok := c.deadlines[method]; ok {
		return d
	}
	return defaultTimeout
}

func (c call) intercept(
	ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.deadline(method))
		defer cancel()
	}
	sent := req
	if c.writes[method] {
		sent = withRequestID(req)
	}
	for try := 1; ; try++ {
		var header, trailer metadata.MD
		err := invoke(ctx, method, sent, reply, conn, append(options, grpc.Header(&header), grpc.Trailer(&trailer))...)
		if err == nil {
			return nil
		}
		failed := newError(path.Base(method), err, req, requestID(trailer, header))
		if try == maxTries || !c.repeatable[method] || !failed.waits(ctx) {
			return failed
		}
		select {
		case <-time.After(failed.RetryAfter):
		case <-ctx.Done():
			return failed
		}
	}
}

// waits tells whether a call that came too often may be repeated in time, and soon enough for somebody who waits for it.
func (e *Error) waits(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return e.Reason == cofferv1.ErrorReason_RATE_LIMITED && e.RetryAfter > 0 && e.RetryAfter <= maxWait &&
		ok && time.Until(deadline) > e.RetryAfter
}

func requestID(mds ...metadata.MD) string {
	for _, md := range mds {
		if ids := md.Get(headerRequestID); len(ids) > 0 {
			return ids[0]
		}
	}
	return ""
}

// withRequestID returns the request with a request_id, if it can have one and has none. The caller's message is not
// changed: it may be in use elsewhere, or be sent again as a new request.
func withRequestID(req any) any {
	message, ok := req.(proto.Message)
	if !ok {
		return req
	}
	field := message.ProtoReflect().Descriptor().Fields().ByName(fieldRequestID)
	if field == nil || message.ProtoReflect().Has(field) {
		return req
	}
	message = proto.Clone(message)
	message.ProtoReflect().Set(field, protoreflect.ValueOfString(uuid.NewString()))
	return message
}

// retryConfig is the service config that makes gRPC retry the methods of idempotent, but for streams: who opens them knows
// how long to wait. It is made from the methods' options, so that a new method is never retried by accident.
func retryConfig() string {
	var names []string
	for method := range methods {
		if idempotent(method) && !method.IsStreamingServer() {
			names = append(names, fmt.Sprintf(`{"service":%q,"method":%q}`, method.Parent().FullName(), method.Name()))
		}
	}
	return fmt.Sprintf(`{"methodConfig":[{"name":[%s],"retryPolicy":{"maxAttempts":4,"initialBackoff":"0.1s",`+
		`"maxBackoff":"2s","backoffMultiplier":3,"retryableStatusCodes":["UNAVAILABLE"]}}]}`, strings.Join(names, ","))
}

// idempotent tells whether repeating a call does no harm: reads, and what the server recognizes by its request_id. An
// answer that shows a value only once is lost by repeating.
func idempotent(method protoreflect.MethodDescriptor) bool {
	policy := methodPolicy(method)
	switch policy.GetAudit() {
	case cofferv1.MethodPolicy_READ, cofferv1.MethodPolicy_EXEMPT:
		return true
	case cofferv1.MethodPolicy_WRITE:
		return !policy.GetValueDoor() && method.Input().Fields().ByName(fieldRequestID) != nil
	}
	return false
}

// methods yields all methods of the API.
func methods(yield func(protoreflect.MethodDescriptor) bool) {
	files := []protoreflect.FileDescriptor{
		cofferv1.File_coffer_v1_namespace_proto, cofferv1.File_coffer_v1_secret_proto, cofferv1.File_coffer_v1_projection_proto,
		cofferv1.File_coffer_v1_access_proto, cofferv1.File_coffer_v1_audit_proto, cofferv1.File_coffer_v1_system_proto,
	}
	for _, file := range files {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				if !yield(service.Methods().Get(j)) {
					return
				}
			}
		}
	}
}

func methodPolicy(method protoreflect.MethodDescriptor) *cofferv1.MethodPolicy {
	policy, _ := proto.GetExtension(method.Options(), cofferv1.E_Method).(*cofferv1.MethodPolicy)
	return policy
}
