package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// result is how a call ended, as the client sees it.
type result struct {
	answer    proto.Message
	status    *status.Status
	requestID string
	raw       string // the answer as it came, or the error as text
}

func (r result) code() codes.Code { return r.status.Code() }

func (r result) reason() string {
	for _, detail := range r.status.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetReason()
		}
	}
	return ""
}

func (r result) violations() []string {
	var fields []string
	for _, detail := range r.status.Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			for _, v := range bad.GetFieldViolations() {
				fields = append(fields, v.GetField())
			}
		}
	}
	return fields
}

// door is one way into the server.
type door interface {
	call(t testing.TB, token string, method protoreflect.MethodDescriptor, request proto.Message) result
	// open opens a stream, which must be closed.
	open(t testing.TB, token string, method protoreflect.MethodDescriptor, request proto.Message) stream
}

// stream is an open stream.
type stream interface {
	// next waits for the next message, or for the error that ends the stream.
	next() result
	close()
}

// first opens a stream and returns what comes first of it.
func first(t testing.TB, d door, token string, method protoreflect.MethodDescriptor, request proto.Message) result {
	t.Helper()
	s := d.open(t, token, method, request)
	defer s.close()
	return s.next()
}

// eachDoor runs the test against a server of its own through each door.
func eachDoor(t *testing.T, run func(t *testing.T, s *servertest.Server, d door)) {
	t.Run("gRPC", func(t *testing.T) { s := servertest.Start(t, servertest.Config{}); run(t, s, grpcDoor{s, s.Conn}) })
	t.Run("gRPC by content type", func(t *testing.T) { s := servertest.Start(t, servertest.Config{}); run(t, s, grpcDoor{s, s.HTTPConn}) })
	t.Run("REST", func(t *testing.T) { s := servertest.Start(t, servertest.Config{}); run(t, s, restDoor{s}) })
}

type grpcDoor struct {
	server *servertest.Server
	conn   func(token string) *grpc.ClientConn
}

func (d grpcDoor) call(t testing.TB, token string, method protoreflect.MethodDescriptor, request proto.Message) result {
	t.Helper()
	if method.IsStreamingServer() {
		return first(t, d, token, method, request)
	}
	answer := newMessage(t, method.Output())
	var header metadata.MD
	err := d.conn(token).Invoke(context.WithoutCancel(t.Context()), fullName(method), request, answer, grpc.Header(&header))
	r := result{answer: answer, status: status.Convert(err), raw: fmt.Sprint(answer, status.Convert(err).Proto())}
	if ids := header.Get("x-request-id"); len(ids) == 1 {
		r.requestID = ids[0]
	}
	return r
}

func (d grpcDoor) open(t testing.TB, token string, method protoreflect.MethodDescriptor, request proto.Message) stream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	opened, err := d.conn(token).NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, fullName(method))
	if err == nil {
		err = errors.Join(opened.SendMsg(request), opened.CloseSend())
	}
	if err != nil {
		t.Fatalf("opening %s: %v", method.Name(), err)
	}
	return &grpcStream{t, opened, method, cancel}
}

type grpcStream struct {
	t      testing.TB
	stream grpc.ClientStream
	method protoreflect.MethodDescriptor
	cancel context.CancelFunc
}

func (s *grpcStream) close() { s.cancel() }

func (s *grpcStream) next() result {
	answer := newMessage(s.t, s.method.Output())
	err := s.stream.RecvMsg(answer)
	r := result{answer: answer, status: status.Convert(err), raw: fmt.Sprint(answer, status.Convert(err).Proto())}
	header, _ := s.stream.Header()
	ids := header.Get("x-request-id")
	if err != nil && len(ids) == 0 {
		ids = s.stream.Trailer().Get("x-request-id") // nothing came before the error
	}
	if len(ids) == 1 {
		r.requestID = ids[0]
	}
	return r
}

type restDoor struct{ server *servertest.Server }

func (d restDoor) open(t testing.TB, token string, method protoreflect.MethodDescriptor, request proto.Message) stream {
	t.Helper()
	_, path, _ := toHTTP(t, method, request)
	return &restStream{t, d, method, path, d.server.Events(token, path, "")}
}

type restStream struct {
	t      testing.TB
	door   restDoor
	method protoreflect.MethodDescriptor
	path   string
	events *servertest.Events
}

func (s *restStream) close() { s.events.Close() }

func (s *restStream) next() result {
	r := result{answer: newMessage(s.t, s.method.Output()), requestID: s.events.Header.Get("X-Request-Id"), raw: string(s.events.Body)}
	if s.events.Status != 200 {
		return s.door.failed(s.t, r, s.path, servertest.Response{Status: s.events.Status, Body: s.events.Body})
	}
	e, err := s.events.Next()
	r.raw = e.Data
	switch {
	case err != nil:
		r.status = status.FromContextError(err) // the stream was cut off
	case e.Name == "error":
		r.status = statusFrom(s.t, []byte(e.Data))
	case e.Data != "":
		inner := r.answer.ProtoReflect().Mutable(bodyField(s.method)).Message().Interface()
		if err := protojson.Unmarshal([]byte(e.Data), inner); err != nil {
			s.t.Fatalf("GET %s: decoding %q: %v", s.path, e.Data, err)
		}
	}
	return r
}

// bodyField is the field of a stream's message that is the data of an event.
func bodyField(method protoreflect.MethodDescriptor) protoreflect.FieldDescriptor {
	return method.Output().Fields().Get(0)
}

// failed reads the error of an answer.
func (restDoor) failed(t testing.TB, r result, what string, resp servertest.Response) result {
	t.Helper()
	r.status = statusFrom(t, resp.Body)
	want := httpCodes[r.status.Code()]
	if want == 400 && r.status.Code() == codes.FailedPrecondition && strings.Contains(what, " /v1beta/") {
		want = 422 // as Instill's clients know it
	}
	if resp.Status != want {
		t.Errorf("%s: HTTP status %d for %v, want %d", what, resp.Status, r.status.Code(), want)
	}
	return r
}

func (d restDoor) call(t testing.TB, token string, method protoreflect.MethodDescriptor, request proto.Message) result {
	t.Helper()
	if !overREST(method) {
		return grpcDoor{d.server, d.server.HTTPConn}.call(t, token, method, request)
	}
	httpMethod, path, body := toHTTP(t, method, request)
	if method.IsStreamingServer() {
		return first(t, d, token, method, request)
	}
	resp := d.server.REST(token, httpMethod, path, body)
	r := result{answer: newMessage(t, method.Output()), requestID: resp.Header.Get("X-Request-Id"), raw: string(resp.Body)}
	if got := resp.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("%s %s: Cache-Control %q, want no-store", httpMethod, path, got)
	}
	if resp.Status < 300 {
		into, text := r.answer, resp.Body
		if field := ruleOf(method).GetResponseBody(); field != "" {
			text = fmt.Appendf(nil, "{%q: %s}", field, text)
		}
		if err := protojson.Unmarshal(text, into); err != nil && len(text) > 0 {
			t.Fatalf("%s %s: decoding the answer: %v", httpMethod, path, err)
		}
		return r
	}
	return d.failed(t, r, httpMethod+" "+path, resp)
}

// httpCodes is the usual mapping, written down once more.
var httpCodes = map[codes.Code]int{
	codes.InvalidArgument: 400, codes.FailedPrecondition: 400, codes.Unauthenticated: 401, codes.PermissionDenied: 403, codes.NotFound: 404,
	codes.AlreadyExists: 409, codes.Aborted: 409, codes.ResourceExhausted: 429, codes.Internal: 500, codes.DataLoss: 500, codes.Unavailable: 503,
	codes.DeadlineExceeded: 504,
}

// toHTTP is what a REST client sends for a request message.
func toHTTP(t testing.TB, method protoreflect.MethodDescriptor, request proto.Message) (httpMethod, path, body string) {
	t.Helper()
	text, err := protojson.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	rule := ruleOf(method)
	// The binding whose path fits the names that are sent.
	for _, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		httpMethod, path = expand(r, fields)
		if name, _ := fields["name"].(string); strings.Contains(path, name) {
			rule = r
			break
		}
	}
	removeVars(rule, fields)
	switch content := any(fields); {
	case rule.GetBody() == "*":
		return httpMethod, path, encode(t, content)
	case rule.GetBody() != "":
		name := method.Input().Fields().ByName(protoreflect.Name(rule.GetBody())).JSONName()
		if text, ok := fields[name].(string); ok { // the body as it is
			body = text
			delete(fields, name)
		} else if fields[name] != nil {
			body = encode(t, fields[name])
			delete(fields, name)
		}
	}
	query := url.Values{}
	for name, value := range fields {
		query.Set(name, fmt.Sprint(value))
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return httpMethod, path, body
}

func encode(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func template(rule *annotations.HttpRule) (httpMethod, path string) {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return "GET", p.Get
	case *annotations.HttpRule_Post:
		return "POST", p.Post
	case *annotations.HttpRule_Put:
		return "PUT", p.Put
	case *annotations.HttpRule_Patch:
		return "PATCH", p.Patch
	case *annotations.HttpRule_Delete:
		return "DELETE", p.Delete
	}
	return "", ""
}

// expand fills a template with the fields that it names.
func expand(rule *annotations.HttpRule, fields map[string]any) (httpMethod, path string) {
	httpMethod, path = template(rule)
	for begin := strings.IndexByte(path, '{'); begin >= 0; begin = strings.IndexByte(path, '{') {
		end := strings.IndexByte(path, '}')
		name, _, _ := strings.Cut(path[begin+1:end], "=")
		value := any(fields)
		for part := range strings.SplitSeq(name, ".") {
			value = value.(map[string]any)[jsonName(part)]
		}
		path = path[:begin] + fmt.Sprint(value) + path[end+1:]
	}
	return httpMethod, path
}

// removeVars takes the fields of the path, at the top of the message, out of what is left to send.
func removeVars(rule *annotations.HttpRule, fields map[string]any) {
	_, path := template(rule)
	for _, part := range strings.Split(path, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		name, _, _ = strings.Cut(name, "=")
		if !strings.Contains(name, ".") {
			delete(fields, jsonName(name))
		}
	}
}

func jsonName(name string) string {
	parts := strings.Split(name, "_")
	for i, part := range parts[1:] {
		parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
	}
	return strings.Join(parts, "")
}

func fullName(method protoreflect.MethodDescriptor) string {
	return fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
}

// nameOf is what tests call a method: CreateSecret if it is of coffer.v1, else with its package: pipeline.v1beta/Readiness.
func nameOf(method protoreflect.MethodDescriptor) protoreflect.Name {
	if pkg := method.ParentFile().Package(); pkg != "coffer.v1" {
		return protoreflect.Name(pkg) + "/" + method.Name()
	}
	return method.Name()
}

// ofInstill tells whether a method is Instill's, whose errors carry no details.
func ofInstill(method protoreflect.MethodDescriptor) bool {
	return !strings.HasPrefix(string(method.FullName()), "coffer.")
}

func ruleOf(method protoreflect.MethodDescriptor) *annotations.HttpRule {
	rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	return rule
}

// overREST tells whether a method is served over REST: those that Instill has under several names are under one.
func overREST(method protoreflect.MethodDescriptor) bool { return ruleOf(method) != nil }

// methodNamed finds a method by what nameOf calls it.
func methodNamed(t testing.TB, name string) protoreflect.MethodDescriptor {
	t.Helper()
	for _, m := range allMethods() {
		if string(nameOf(m)) == name {
			return m
		}
	}
	t.Fatalf("no method %q", name)
	return nil
}

// packages are those whose services the server has: its own, and the dialects'.
var packages = []protoreflect.FullName{
	"coffer.v1", "coffer.dataos.v1", "coffer.iomete.v1",
	"core.mgmt.v1beta", "pipeline.pipeline.v1beta", "vdp.pipeline.v1beta", "pipeline.v1beta",
}

// allMethods are those of all services.
func allMethods() []protoreflect.MethodDescriptor {
	var all []protoreflect.MethodDescriptor
	for _, pkg := range packages {
		protoregistry.GlobalFiles.RangeFilesByPackage(pkg, func(file protoreflect.FileDescriptor) bool {
			for i := range file.Services().Len() {
				methods := file.Services().Get(i).Methods()
				for j := range methods.Len() {
					all = append(all, methods.Get(j))
				}
			}
			return true
		})
	}
	return all
}

// closedMethods are those that need a credential. Open are a dialect's liveness and readiness, and no others.
func closedMethods() []protoreflect.MethodDescriptor {
	return slices.DeleteFunc(allMethods(), func(m protoreflect.MethodDescriptor) bool {
		return policyOf(m).GetOpen() && ofInstill(m) && (m.Name() == "Liveness" || m.Name() == "Readiness")
	})
}

func newMessage(t testing.TB, desc protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(desc.FullName())
	if err != nil {
		t.Fatal(err)
	}
	return kind.New().Interface()
}

func policyOf(method protoreflect.MethodDescriptor) *cofferv1.MethodPolicy {
	policy, _ := proto.GetExtension(method.Options(), cofferv1.E_Method).(*cofferv1.MethodPolicy)
	return policy
}

// request is a message of the method made from its JSON.
func requestFrom(t testing.TB, method protoreflect.MethodDescriptor, text string) proto.Message {
	t.Helper()
	message := newMessage(t, method.Input())
	if err := protojson.Unmarshal([]byte(text), message); err != nil {
		t.Fatalf("request of %s: %v", method.Name(), err)
	}
	return message
}
