package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/servertest"
)

func whoami(t *testing.T, s *servertest.Server, authorization string) (*status.Status, int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL()+"/v1/whoami", nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode == 200 {
		return nil, 200
	}
	return statusFrom(t, body), resp.StatusCode
}

func TestOperations(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	for path, want := range map[string]string{
		"/healthz": `"ok"`, "/readyz": `"ready"`, "/metrics": "coffer_ready 1", "/openapi.json": `"swagger"`,
	} {
		if r := s.REST("", "GET", path, ""); r.Status != 200 || !strings.Contains(string(r.Body), want) {
			t.Errorf("GET %s: %d %.100s, want 200 with %s", path, r.Status, r.Body, want)
		}
	}
	var openAPI struct{ Paths map[string]any }
	if err := json.Unmarshal(s.REST("", "GET", "/openapi.json", "").Body, &openAPI); err != nil || len(openAPI.Paths) == 0 {
		t.Errorf("/openapi.json: %v with %d paths", err, len(openAPI.Paths))
	}
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/", 404},
		{"GET", "/nope", 404},
		{"POST", "/healthz", 404},
		{"GET", "/v1/", 404},
		{"GET", "/v1/nope", 404},
		{"GET", "/v1/namespaces/acme/nope", 404},
		{"GET", "/v1//namespaces", 404},
		{"GET", "/v1/namespaces/a%2fb", 404},
		{"GET", "/v1/" + strings.Repeat("a/", 50), 404},
		{"PUT", "/v1/namespaces/acme", 405},
		{"DELETE", "/v1/whoami", 405},
	} {
		r := s.REST("", c.method, c.path, "")
		if st := statusFrom(t, r.Body); r.Status != c.want || st.Code() != codes.Unimplemented {
			t.Errorf("%s %s: %d %v, want %d as a Status", c.method, c.path, r.Status, st, c.want)
		}
	}
}

func TestHealthAndReflection(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	for _, conn := range []*grpc.ClientConn{s.Conn(""), s.HTTPConn("")} {
		health := grpc_health_v1.NewHealthClient(conn)
		eventually(t, "health SERVING", func() bool {
			got, err := health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: "coffer.v1.SecretService"})
			return err == nil && got.GetStatus() == grpc_health_v1.HealthCheckResponse_SERVING
		})
		stream, err := reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}); err != nil {
			t.Fatal(err)
		}
		got, err := stream.Recv()
		if err != nil || !strings.Contains(fmt.Sprint(got), "coffer.v1.SecretService") {
			t.Errorf("reflection: %v, %v, want coffer.v1.SecretService listed", got, err)
		}
		err = conn.Invoke(t.Context(), "/coffer.v1.SecretService/Nope", &cofferv1.GetStatusRequest{}, &cofferv1.Status{})
		if r := (result{status: status.Convert(err)}); r.code() != codes.Unimplemented || r.reason() != "METHOD_UNKNOWN" {
			t.Errorf("an unknown method: %v, want Unimplemented", err)
		}
	}
}

func TestSizeLimits(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	s.Namespace("acme")
	for _, size := range []int{70 << 10, 2 << 20} {
		body := `{"description": "` + strings.Repeat("x", size) + `"}`
		r := s.REST(s.OperatorToken, "POST", "/v1/namespaces?namespaceId=big", body)
		if st := statusFrom(t, r.Body); r.Status != 429 || st.Code() != codes.ResourceExhausted {
			t.Errorf("a body of %d bytes: %d %v, want RESOURCE_EXHAUSTED", size, r.Status, st)
		}
		r = s.REST("", "POST", "/v1/namespaces?namespaceId=big", body)
		if r.Status != 401 {
			t.Errorf("a body of %d bytes without a token: %d, want 401", size, r.Status)
		}
		for _, conn := range []*grpc.ClientConn{s.Conn(s.OperatorToken), s.HTTPConn(s.OperatorToken)} {
			_, err := cofferv1.NewNamespaceServiceClient(conn).CreateNamespace(t.Context(), &cofferv1.CreateNamespaceRequest{
				NamespaceId: "big", Namespace: &cofferv1.Namespace{Description: strings.Repeat("x", size)},
			})
			if status.Code(err) != codes.ResourceExhausted {
				t.Errorf("a message of %d bytes: %v, want ResourceExhausted", size, err)
			}
		}
	}
	// A body whose length is not told in advance is bounded too.
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL()+"/v1/namespaces?namespaceId=big", io.MultiReader(bytes.NewReader(bytes.Repeat([]byte(" "), 2<<20))))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.OperatorToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 429 {
		t.Errorf("a body of unknown length: %d, want 429", resp.StatusCode)
	}
	req, err = http.NewRequestWithContext(t.Context(), "GET", s.URL()+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Large", strings.Repeat("x", 64<<10))
	resp, err = http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 64 KiB: %d, want 431", resp.StatusCode)
	}
}

// A client that does not finish its headers is hung up on.
func TestSlowHeaders(t *testing.T) {
	t.Parallel() // it waits for the server's time limit
	s := servertest.Start(t, servertest.Config{})
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", s.HTTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(bufio.NewReader(conn)); err != nil || bytes.Contains(answer, []byte("200 OK")) {
		t.Errorf("headers that never end: %q, %v, want the connection closed", answer, err)
	}
}

// A server that stops lets calls end, tells that it is not ready, and takes no new ones.
func TestGracefulStop(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	s, logs, stop := openServer(t, func(context.Context) (*cofferv1.Status, error) {
		close(entered)
		<-release
		return nil, status.Error(codes.FailedPrecondition, "ended")
	})
	token := readToken(t, s)
	health := make(chan error, 1)
	called, stopped := make(chan error, 1), make(chan error, 1)
	go func() { called <- getStatus(t, s, token) }()
	<-entered
	idle, err := grpc.NewClient(s.GRPCAddr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	watch, err := grpc_health_v1.NewHealthClient(idle).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			got, err := watch.Recv()
			if err != nil || got.GetStatus() == grpc_health_v1.HealthCheckResponse_NOT_SERVING {
				health <- err
				return
			}
		}
	}()
	go func() { stopped <- stop() }()
	if err := <-health; err != nil {
		t.Errorf("watching health while the server stops: %v, want NOT_SERVING", err)
	}
	close(release)
	if err := <-called; status.Code(err) != codes.FailedPrecondition {
		t.Errorf("a call under way: %v, want its own end", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if err := getStatus(t, s, token); status.Code(err) != codes.Unavailable {
		t.Errorf("a call after the stop: %v, want Unavailable", err)
	}
	if !strings.Contains(logs.String(), `"msg":"stopped"`) {
		t.Errorf("log is %s, want it to tell that the server stopped", logs)
	}
}

// A server whose audit log cannot be kept serves nothing, says so, and ends: only a new start can open it again.
func TestAuditLogGone(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	s.Namespace("acme")
	segments, err := filepath.Glob(filepath.Join(s.Dir, "audit", "*.jsonl"))
	if err != nil || len(segments) != 1 {
		t.Fatalf("segments of the audit log: %v, %v", segments, err)
	}
	if err := os.Remove(segments[0]); err != nil {
		t.Fatal(err)
	}
	refused := false
	eventually(t, "the end of the server", func() bool {
		resp, err := http.Get(s.URL() + "/v1/whoami") // an outcome to record, or nobody would look for the file
		if err != nil {
			return true
		}
		_ = resp.Body.Close()
		resp, err = http.Get(s.URL() + "/readyz")
		if err != nil {
			return true
		}
		refused = refused || resp.StatusCode == http.StatusServiceUnavailable
		_ = resp.Body.Close()
		return false
	})
	if !refused {
		t.Error("/readyz never told that the server cannot serve")
	}
	if err := s.Stop(); !errors.Is(err, audit.ErrUnavailable) {
		t.Errorf("the server ended with %v, want the audit log's error", err)
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited in vain for %s", what)
}

// An error in a body names the field by its path and quotes no value.
func TestBodyErrors(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	s.Namespace("acme")
	const create, add = "/v1/namespaces/acme/secrets?secretId=x", "/v1/namespaces/acme/secrets/x:addVersion"
	tests := []struct{ path, body, field, description string }{
		{create, `{"typo": "v4lue"}`, "secret.typo", "no such field: line 1, column 2"},
		{create, "{\"payload\":\n {\"typo\": \"v4lue\"}}", "secret.payload.typo", "no such field: line 2, column 3"},
		{create, `{"payload": {"data": {"k": ["v4lue"]}}}`, "secret.payload.data", "is not a valid string"},
		{create, `{"payload": {"data": {"k": 4}}}`, "secret.payload.data", "is not a valid string"},
		{create, `{"payload": {"binaryData": {"k": "v4lue!"}}}`, "secret.payload.binary_data", "is not a valid bytes"},
		{create, `{"payload": {"data": {"k": "v4lue", "k": "v4lue"}}}`, "secret.payload.data", "has a key twice"},
		{create, `{"owner": "v4lue", "owner": "v4lue"}`, "secret.owner", "is given twice"},
		{create, `{"accessMode": "v4lue"}`, "secret.access_mode", "is not a valid enum"},
		{create, `{"maxVersions": "v4lue"}`, "secret.max_versions", "is not a valid int32"},
		{create, `{"expireTime": "v4lue"}`, "secret.expire_time", "wanted here"},
		{create, `"v4lue"`, "secret", "wanted here"},
		{create, `{"owner": v4lue}`, "secret", "is not one JSON value: see line 1, column 12"},
		{create, `{"owner": "o"} v4lue`, "secret", "is not one JSON value: see line 1"},
		{add, `{"payload": {"data": {"k": 4}}}`, "payload.data", "is not a valid string"},
		{add, `{"removeKeys": [["v4lue"]]}`, "remove_keys", "is not"},
		{add, `{"activate": "v4lue"}`, "activate", "is not a valid bool"},
		{add, `[`, "body", "is not one JSON value"},
	}
	for _, tt := range tests {
		r := s.REST(s.OperatorToken, "POST", tt.path, tt.body)
		got := result{status: statusFrom(t, r.Body)}
		if r.Status != http.StatusBadRequest || !slices.Equal(got.violations(), []string{tt.field}) ||
			!strings.Contains(string(r.Body), tt.description) || strings.Contains(string(r.Body), "v4lue") {
			t.Errorf("POST %s %s: %d %s, want 400 on %s: %s", tt.path, tt.body, r.Status, r.Body, tt.field, tt.description)
		}
	}
}
