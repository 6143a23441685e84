package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// rawCodec sends bytes as they are.
type rawCodec struct{}

func (rawCodec) Marshal(v any) ([]byte, error)   { return v.([]byte), nil }
func (rawCodec) Unmarshal(_ []byte, _ any) error { return nil }
func (rawCodec) Name() string                    { return "proto" }

var _ encoding.Codec = rawCodec{}

// malformed calls a method with a message that cannot be decoded, through each door.
func malformed(t *testing.T, s *servertest.Server, token string, method protoreflect.MethodDescriptor) map[string]result {
	t.Helper()
	results := map[string]result{}
	for name, conn := range map[string]*grpc.ClientConn{"gRPC": s.Conn(token), "gRPC by content type": s.HTTPConn(token)} {
		var header metadata.MD
		err := conn.Invoke(t.Context(), fullName(method), []byte{0x0f}, new([]byte), grpc.ForceCodec(rawCodec{}), grpc.Header(&header))
		results[name] = result{status: status.Convert(err), requestID: header.Get("x-request-id")[0]}
	}
	if malformedOverREST(method) {
		results["REST"] = malformedREST(t, restDoor{s}, token, method)
	}
	return results
}

// malformedOverREST tells whether a request can be malformed over REST: Instill's clients may send any parameter.
func malformedOverREST(method protoreflect.MethodDescriptor) bool {
	return overREST(method) && (!ofInstill(method) || ruleOf(method).GetBody() != "")
}

func malformedREST(t *testing.T, d restDoor, token string, method protoreflect.MethodDescriptor) result {
	t.Helper()
	httpMethod, path, _ := toHTTP(t, method, requestFrom(t, method, fixtures[nameOf(method)]))
	path, _, _ = strings.Cut(path, "?")
	resp := d.server.REST(token, httpMethod, path+"?no_such_parameter=1", `{"`)
	return result{status: statusFrom(t, resp.Body), requestID: resp.Header.Get("X-Request-Id")}
}

// Both doors run the same chain: whatever the method, a caller is authenticated before the message is decoded, and what
// cannot be decoded is recorded, with the same answers.
func TestDoorsRunTheSameChain(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	for _, method := range closedMethods() {
		for name, r := range malformed(t, s, "", method) {
			if r.code() != codes.Unauthenticated || r.reason() != "UNAUTHENTICATED" && !ofInstill(method) {
				t.Errorf("%s, malformed and without a token, by %s: %v, want Unauthenticated", method.Name(), name, r.status)
			}
		}
		for name, r := range malformed(t, s, s.OperatorToken, method) {
			if r.code() != codes.InvalidArgument || (r.reason() != "INVALID_FIELD" || len(r.violations()) != 1) && !ofInstill(method) {
				t.Errorf("%s, malformed, by %s: %v, want InvalidArgument with a violation", method.Name(), name, r.status)
			}
			events := s.AuditOutcome(r.requestID)
			if len(events) != 1 || events[0].Kind != "MALFORMED" || events[0].Method != fullName(method) || events[0].Principal == "" {
				t.Errorf("%s, malformed, by %s, recorded %+v, want one MALFORMED event", method.Name(), name, events)
			}
		}
	}
	metrics := string(s.REST("", "GET", "/metrics", "").Body)
	for _, method := range closedMethods() {
		count := 2
		if malformedOverREST(method) {
			count++
		}
		for _, code := range []string{"Unauthenticated", "InvalidArgument"} {
			kind := "unary"
			if method.IsStreamingServer() {
				kind = "server_stream"
			}
			want := fmt.Sprintf(`grpc_server_handled_total{grpc_code=%q,grpc_method=%q,grpc_service=%q,grpc_type=%q} %d`,
				code, method.Name(), method.Parent().FullName(), kind, count)
			if !strings.Contains(metrics, want) {
				t.Errorf("metrics lack %s", want)
			}
		}
	}
}

// answer is a system service that answers as it is told.
type answer struct {
	cofferv1.UnimplementedSystemServiceServer
	with func(context.Context) (*cofferv1.Status, error)
}

func (a answer) GetStatus(ctx context.Context, _ *cofferv1.GetStatusRequest) (*cofferv1.Status, error) {
	return a.with(ctx)
}

// openServer opens a server whose system service answers by with, and serves until the test ends.
func openServer(t *testing.T, with func(context.Context) (*cofferv1.Status, error)) (s *server.Server, logs *strings.Builder, stop func() error) {
	t.Helper()
	return openServerWith(t, "coffer.v1.SystemService", answer{with: with})
}

// openServerWith opens a server that answers the calls of a service by another implementation, and serves until the test
// ends.
func openServerWith(t *testing.T, service string, by any) (s *server.Server, logs *strings.Builder, stop func() error) {
	t.Helper()
	logs = &strings.Builder{}
	s, stop, serve := openOn(t, testConfig(filepath.Join(t.TempDir(), "data"), logs))
	s.Answer(service, by)
	serve()
	return s, logs, stop
}

// openServerOn opens a server and serves until the test ends.
func openServerOn(t *testing.T, config server.Config) (s *server.Server, stop func() error) {
	t.Helper()
	s, stop, serve := openOn(t, config)
	serve()
	return s, stop
}

// openOn opens a server, which serve serves until the test ends.
func openOn(t *testing.T, config server.Config) (s *server.Server, stop func() error, serve func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	s, err := server.Open(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	serve = func() { go func() { done <- s.Serve(ctx) }() }
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() { _ = stop() })
	return s, stop, serve
}

// testConfig is that of a server in dir on free ports.
func testConfig(dir string, logs io.Writer) server.Config {
	config := server.DefaultConfig()
	config.DataDir, config.HTTP, config.GRPC, config.NoSync = dir, "127.0.0.1:0", "127.0.0.1:0", true
	config.Logger = slog.New(slog.NewJSONHandler(logs, nil))
	return config
}

func dial(t *testing.T, s *server.Server) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(s.GRPCAddr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func bearing(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

func getStatus(t *testing.T, s *server.Server, token string) error {
	t.Helper()
	_, err := cofferv1.NewSystemServiceClient(dial(t, s)).GetStatus(bearing(t.Context(), token), &cofferv1.GetStatusRequest{})
	return err
}

func TestHandlerFaults(t *testing.T) {
	const value = "v4lue-in-a-panic"
	tests := []struct {
		name    string
		with    func(context.Context) (*cofferv1.Status, error)
		code    codes.Code
		log     string
		counter string
	}{
		{
			"a panic", func(context.Context) (*cofferv1.Status, error) { panic(errors.New(value)) }, codes.Internal, `"msg":"panic"`,
			"coffer_panics_total 1",
		},
		{
			"a runtime panic", func(context.Context) (*cofferv1.Status, error) { return []*cofferv1.Status{}[1:][0], nil }, codes.Internal,
			"out of range", "coffer_panics_total 1",
		},
		{
			"an answer without a decision", func(context.Context) (*cofferv1.Status, error) { return &cofferv1.Status{}, nil }, codes.Internal,
			"ALARM", "coffer_unguarded_calls_total 1",
		},
		{
			"an error that nobody expected", func(context.Context) (*cofferv1.Status, error) { return nil, errors.New("disk on fire") },
			codes.Internal, "disk on fire", `grpc_code="Internal",grpc_method="GetStatus"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, logs, stop := openServer(t, tt.with)
			token := readToken(t, s)
			err := getStatus(t, s, token)
			st := status.Convert(err)
			if st.Code() != tt.code || strings.Contains(st.Message(), "fire") || strings.Contains(st.Message(), value) {
				t.Errorf("GetStatus: %v, want %v with a fixed text", err, tt.code)
			}
			metrics := get(t, "http://"+s.HTTPAddr().String()+"/metrics")
			if !strings.Contains(metrics, tt.counter) {
				t.Errorf("metrics lack %q", tt.counter)
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
			if !strings.Contains(logs.String(), tt.log) || strings.Contains(logs.String(), value) {
				t.Errorf("log is %s, want it to tell %q and not the value", logs, tt.log)
			}
		})
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Callers do not choose the ID by which the audit log knows their requests.
func TestRequestID(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	seen := map[string]bool{"mine": true}
	for range 3 {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL()+"/v1/whoami", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Request-Id", "mine")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "mine")
		var header metadata.MD
		_, _ = cofferv1.NewAccessServiceClient(s.Conn("")).WhoAmI(ctx, &cofferv1.WhoAmIRequest{}, grpc.Header(&header)) // refused, with an ID
		for _, id := range append(header.Get("x-request-id"), resp.Header.Get("X-Request-Id")) {
			if id == "" || seen[id] {
				t.Errorf("request ID %q, want a new one", id)
			}
			seen[id] = true
		}
	}
	if len(seen) != 7 {
		t.Errorf("%d request IDs, want one an answer", len(seen)-1)
	}
}

func TestMethodTable(t *testing.T) {
	s, _, _ := openServer(t, nil)
	var registered []string
	for service, info := range s.Registered() {
		for _, m := range info.Methods {
			registered = append(registered, "/"+service+"/"+m.Name)
		}
	}
	want := s.Methods()
	for _, open := range []string{"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"} {
		for _, m := range s.Registered()[open].Methods {
			want = append(want, "/"+open+"/"+m.Name)
		}
	}
	slices.Sort(registered)
	slices.Sort(want)
	if diff := cmp.Diff(want, registered); diff != "" {
		t.Errorf("methods of the listener and of the table differ:\n%s", diff)
	}
	var all, exempt []string
	for _, m := range allMethods() {
		all = append(all, fullName(m))
		if policyOf(m).GetAudit() == cofferv1.MethodPolicy_EXEMPT {
			exempt = append(exempt, fullName(m))
		}
	}
	table := s.Methods()
	slices.Sort(all)
	slices.Sort(table)
	if diff := cmp.Diff(all, table); diff != "" {
		t.Errorf("methods of the proto and of the table differ:\n%s", diff)
	}
	if diff := cmp.Diff(exempt, server.Exempt()); diff != "" {
		t.Errorf("exempt methods of the proto and of the server differ:\n%s", diff)
	}
}

func TestMethodTable_refusesMethodsWithoutPolicy(t *testing.T) {
	tests := map[string]struct {
		desc *grpc.ServiceDesc
		want string
	}{
		"no policy":              {&grpc_health_v1.Health_ServiceDesc, "has no policy"},
		"a stream without one":   {withoutMethods(grpc_health_v1.Health_ServiceDesc), "has no policy"},
		"action not in schema":   {&cofferv1.SystemService_ServiceDesc, "not in the policy schema"},
		"not a registered proto": {&grpc.ServiceDesc{ServiceName: "coffer.v1.Nope", Methods: []grpc.MethodDesc{{MethodName: "X"}}}, "not found"},
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		if err := server.NewTable(tests[name].desc); err == nil || !strings.Contains(err.Error(), tests[name].want) {
			t.Errorf("a table with %s: %v, want an error that tells %q", name, err, tests[name].want)
		}
	}
}

func withoutMethods(desc grpc.ServiceDesc) *grpc.ServiceDesc {
	desc.Methods = nil
	return &desc
}
