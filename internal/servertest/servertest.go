// Package servertest starts a real server for tests: its own data dir, real listeners on free loopback ports, the
// operator's token of the first start, and accounts of any role.
//
// The server is the one that cofferd runs, but for the disk flushes of the store, which are left out unless asked for.
package servertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/server"
)

// Config says how the server differs from the default one.
type Config struct {
	// Dir is the data dir. Empty: a new one, removed after the test.
	Dir string
	// Sync does not leave out the disk flushes.
	Sync bool
	// Change changes the configuration before the server opens. nil: nothing.
	Change func(*server.Config)
	// TLS is how Conn and Client reach a server that has certificates. nil: without TLS.
	TLS credentials.TransportCredentials
}

// Server is a running server.
type Server struct {
	// Dir is the data dir.
	Dir string
	// OperatorToken is that of the first start.
	OperatorToken string

	t      testing.TB
	config Config
	server *server.Server
	stop   context.CancelFunc
	done   chan error
	logs   logs
}

// Start starts a server that stops after the test. A server that does not start or does not stop cleanly fails the test.
func Start(t testing.TB, config Config) *Server {
	t.Helper()
	if config.Dir == "" {
		config.Dir = filepath.Join(t.TempDir(), "data")
	}
	s := &Server{Dir: config.Dir, t: t, config: config}
	if err := s.open(); err != nil {
		t.Fatalf("starting the server: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("stopping the server: %v", err)
		}
	})
	token, err := os.ReadFile(filepath.Join(s.Dir, "operator.token"))
	if err != nil {
		t.Fatalf("reading the operator's token: %v", err)
	}
	s.OperatorToken = strings.TrimSpace(string(token))
	return s
}

func (s *Server) open() error {
	config := server.DefaultConfig()
	config.DataDir, config.HTTP, config.GRPC = s.Dir, "127.0.0.1:0", "127.0.0.1:0"
	config.Version, config.NoSync = "test", !s.config.Sync
	config.Logger = slog.New(slog.NewJSONHandler(&s.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if s.config.Change != nil {
		s.config.Change(&config)
	}
	ctx, stop := context.WithCancel(context.Background())
	opened, err := server.Open(ctx, config)
	if err != nil {
		stop()
		return err
	}
	s.server, s.stop, s.done = opened, stop, make(chan error, 1)
	go func() { s.done <- opened.Serve(ctx) }()
	return nil
}

// Stop stops the server gracefully and returns why it could not. A stopped one stays so.
func (s *Server) Stop() error {
	if s.stop == nil {
		return nil
	}
	s.stop()
	s.stop = nil
	select {
	case err := <-s.done:
		return err
	case <-time.After(time.Minute):
		return errors.New("the server did not stop within a minute")
	}
}

// Restart stops the server and starts it on the same data dir, at other ports.
func (s *Server) Restart() {
	s.t.Helper()
	if err := s.Stop(); err != nil {
		s.t.Fatalf("stopping the server: %v", err)
	}
	if err := s.open(); err != nil {
		s.t.Fatalf("starting the server again: %v", err)
	}
}

// GRPCAddr is the address of the gRPC listener.
func (s *Server) GRPCAddr() string { return s.server.GRPCAddr().String() }

// HTTPAddr is the address of the HTTP listener.
func (s *Server) HTTPAddr() string { return s.server.HTTPAddr().String() }

// URL is the base URL of the HTTP listener, without a slash at the end.
func (s *Server) URL() string {
	if s.config.TLS != nil {
		return "https://" + s.HTTPAddr()
	}
	return "http://" + s.HTTPAddr()
}

// Logs is what the server has logged so far.
func (s *Server) Logs() string { return s.logs.String() }

// Conn returns a connection to the gRPC listener that shows the token, or none if it is empty.
func (s *Server) Conn(token string) *grpc.ClientConn { return s.dial(s.GRPCAddr(), token) }

// HTTPConn is like Conn, through the HTTP listener.
func (s *Server) HTTPConn(token string) *grpc.ClientConn { return s.dial(s.HTTPAddr(), token) }

func (s *Server) dial(address, token string) *grpc.ClientConn {
	s.t.Helper()
	transport := s.config.TLS
	if transport == nil {
		transport = insecure.NewCredentials()
	}
	conn, err := grpc.NewClient("dns:///"+address, grpc.WithTransportCredentials(transport), grpc.WithDisableServiceConfig(),
		grpc.WithPerRPCCredentials(bearer(token)))
	if err != nil {
		s.t.Fatalf("dialing %s: %v", address, err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// bearer shows a token on every connection, which is a loopback one.
type bearer string

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	if b == "" {
		return map[string]string{}, nil
	}
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials.
func (bearer) RequireTransportSecurity() bool { return false }

// Response is an answer over REST.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// REST sends a request without TLS and returns the answer. An empty body sends none.
func (s *Server) REST(token, method, path, body string) Response {
	s.t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL()+path, content)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return Response{Status: resp.StatusCode, Header: resp.Header, Body: answer}
}

// Namespace creates a namespace below the root, by the operator, and returns its name.
func (s *Server) Namespace(id string) string {
	s.t.Helper()
	n, err := cofferv1.NewNamespaceServiceClient(s.Conn(s.OperatorToken)).CreateNamespace(s.t.Context(), &cofferv1.CreateNamespaceRequest{
		NamespaceId: id, Namespace: &cofferv1.Namespace{Parent: "namespaces/instance"},
	})
	if err != nil {
		s.t.Fatalf("creating namespace %s: %v", id, err)
	}
	return n.GetName()
}

// Account creates a service account with a token and, unless role is empty, a grant of the role on the resource, which
// lies in the namespace; empty means the namespace itself. It returns the token.
func (s *Server) Account(namespace, id, role, resource string) string {
	s.t.Helper()
	access := cofferv1.NewAccessServiceClient(s.Conn(s.OperatorToken))
	ctx := s.t.Context()
	account, err := access.CreateServiceAccount(ctx, &cofferv1.CreateServiceAccountRequest{Parent: namespace, ServiceAccountId: id})
	if err != nil {
		s.t.Fatalf("creating account %s: %v", id, err)
	}
	if role != "" {
		s.Grant(namespace, id+"-"+role, "serviceAccount:"+account.GetName(), role, resource)
	}
	token, err := access.CreateToken(ctx, &cofferv1.CreateTokenRequest{Parent: account.GetName(), TokenId: "t1"})
	if err != nil {
		s.t.Fatalf("creating a token of %s: %v", id, err)
	}
	return token.GetSecret()
}

// Grant grants a role on the resource, which lies in the namespace; empty means the namespace itself.
func (s *Server) Grant(namespace, id, principal, role, resource string) {
	s.t.Helper()
	_, err := cofferv1.NewAccessServiceClient(s.Conn(s.OperatorToken)).CreateGrant(s.t.Context(), &cofferv1.CreateGrantRequest{
		Parent: namespace, GrantId: id, Grant: &cofferv1.Grant{Principal: principal, Role: role, Resource: resource},
	})
	if err != nil {
		s.t.Fatalf("granting %s to %s: %v", role, principal, err)
	}
}

// AuditEvent is one record of the audit log.
type AuditEvent struct {
	Seq                                           uint64
	Kind, RequestID, Principal, TokenName, Source string
	Method, Action, Resource, Decision, Code      string
	Reasons                                       []string
	Detail                                        string
	Count                                         uint64
}

// AuditLog is the whole audit log as it is on disk, in bytes.
func (s *Server) AuditLog() []byte {
	s.t.Helper()
	segments, err := filepath.Glob(filepath.Join(s.Dir, "audit", "*.jsonl"))
	if err != nil {
		s.t.Fatal(err)
	}
	slices.Sort(segments)
	var all []byte
	for _, segment := range segments {
		content, err := os.ReadFile(segment)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, content...)
	}
	return all
}

// AuditEvents returns the events of one request, oldest first; all events if requestID is empty. Outcomes are written
// within 100 ms of their calls: to see one, wait for it with AuditOutcome.
func (s *Server) AuditEvents(requestID string) []AuditEvent {
	s.t.Helper()
	var events []AuditEvent
	for line := range bytes.Lines(s.AuditLog()) {
		var e AuditEvent
		if err := json.Unmarshal(line, &e); err != nil {
			continue // the last line may still be being written
		}
		if requestID == "" || e.RequestID == requestID {
			events = append(events, e)
		}
	}
	return events
}

// AuditOutcome waits until how the request ended is recorded and returns all its events.
func (s *Server) AuditOutcome(requestID string) []AuditEvent {
	s.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		events := s.AuditEvents(requestID)
		if slices.ContainsFunc(events, func(e AuditEvent) bool { return e.Kind != "DECISION" }) {
			return events
		}
	}
	s.t.Fatalf("no outcome of request %s in the audit log", requestID)
	return nil
}

// logs collects what the server logs.
type logs struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

// Write implements io.Writer.
func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(p)
}

// String returns what was written.
func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}

var (
	_ fmt.Stringer                  = (*logs)(nil)
	_ credentials.PerRPCCredentials = bearer("")
)
