package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// fake stands for the outside: a gRPC server whose answers a test chooses.
type fake struct {
	cofferv1.UnimplementedSecretServiceServer
	cofferv1.UnimplementedAccessServiceServer
	cofferv1.UnimplementedAuditServiceServer

	mu     sync.Mutex
	fail   []error // answered first, one a call
	calls  []string
	tokens []string
}

func (f *fake) record(ctx context.Context, call string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call)
	md, _ := metadata.FromIncomingContext(ctx)
	f.tokens = append(f.tokens, strings.Join(md.Get("authorization"), ","))
	if len(f.fail) == 0 {
		return nil
	}
	err := f.fail[0]
	f.fail = f.fail[1:]
	return err
}

func (f *fake) CreateSecret(ctx context.Context, req *cofferv1.CreateSecretRequest) (*cofferv1.Secret, error) {
	return &cofferv1.Secret{Name: req.GetParent() + "/secrets/" + req.GetSecretId()}, f.record(ctx, "create "+req.GetRequestId())
}

func (f *fake) DeleteSecret(ctx context.Context, _ *cofferv1.DeleteSecretRequest) (*cofferv1.Secret, error) {
	return &cofferv1.Secret{}, f.record(ctx, "delete")
}

func (f *fake) GetSecret(ctx context.Context, _ *cofferv1.GetSecretRequest) (*cofferv1.Secret, error) {
	return &cofferv1.Secret{}, f.record(ctx, "get")
}

func (f *fake) CreateToken(ctx context.Context, _ *cofferv1.CreateTokenRequest) (*cofferv1.Token, error) {
	return &cofferv1.Token{}, f.record(ctx, "token")
}

func (f *fake) AccessSecretVersion(
	ctx context.Context, req *cofferv1.AccessSecretVersionRequest,
) (*cofferv1.AccessSecretVersionResponse, error) {
	return &cofferv1.AccessSecretVersionResponse{Name: req.GetName()}, f.record(ctx, "access")
}

func (f *fake) ListSecrets(ctx context.Context, req *cofferv1.ListSecretsRequest) (*cofferv1.ListSecretsResponse, error) {
	next := map[string]string{"": "p2", "p2": "p3", "p3": ""}[req.GetPageToken()]
	return &cofferv1.ListSecretsResponse{NextPageToken: next}, f.record(ctx, "list "+req.GetPageToken())
}

func (f *fake) ListAuditEvents(ctx context.Context, req *cofferv1.ListAuditEventsRequest) (*cofferv1.ListAuditEventsResponse, error) {
	return &cofferv1.ListAuditEventsResponse{}, f.record(ctx, "events of "+req.GetRequestId())
}

func (f *fake) WatchAuditEvents(
	_ *cofferv1.WatchAuditEventsRequest, stream grpc.ServerStreamingServer[cofferv1.WatchAuditEventsResponse],
) error {
	if err := stream.Send(&cofferv1.WatchAuditEventsResponse{Sequence: 7}); err != nil {
		return err
	}
	return f.record(stream.Context(), "watch")
}

// refusal is an error as the server makes them.
func refusal(t *testing.T, code codes.Code, details ...protoadapt.MessageV1) error {
	t.Helper()
	s, err := status.New(code, "refused").WithDetails(details...)
	if err != nil {
		t.Fatal(err)
	}
	return s.Err()
}

func serve(t *testing.T, f *fake, config client.Config) *client.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	cofferv1.RegisterSecretServiceServer(server, f)
	cofferv1.RegisterAccessServiceServer(server, f)
	cofferv1.RegisterAuditServiceServer(server, f)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	config.Address = "grpc://" + listener.Addr().String()
	c, err := client.New(config)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestRetries(t *testing.T) {
	down := status.Error(codes.Unavailable, "down")
	often := func(delay time.Duration) error {
		return refusal(t, codes.ResourceExhausted, &errdetails.ErrorInfo{Reason: "RATE_LIMITED", Domain: "coffer.dev"},
			&errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
	}
	soon := often(time.Millisecond)
	get := func(c *client.Client) error {
		_, err := c.GetSecret(t.Context(), &cofferv1.GetSecretRequest{})
		return err
	}
	tests := []struct {
		name string
		fail []error
		call func(*client.Client) error
		want int // tries
		err  error
	}{
		{"read", []error{down, down}, get, 3, nil},
		{"create", []error{down}, func(c *client.Client) error {
			_, err := c.CreateSecret(t.Context(), &cofferv1.CreateSecretRequest{})
			return err
		}, 2, nil},
		{"read gives up", []error{down, down, down, down, down}, get, 4, client.ErrUnavailable},
		{"delete", []error{down}, func(c *client.Client) error {
			_, err := c.DeleteSecret(t.Context(), &cofferv1.DeleteSecretRequest{})
			return err
		}, 1, client.ErrUnavailable},
		{"token", []error{down}, func(c *client.Client) error {
			_, err := c.CreateToken(t.Context(), &cofferv1.CreateTokenRequest{})
			return err
		}, 1, client.ErrUnavailable},
		{"too often", []error{soon, soon}, get, 3, nil},
		{"too often for long", []error{soon, soon, soon}, get, 3, client.ErrLimit},
		{"too often, create", []error{soon}, func(c *client.Client) error {
			_, err := c.CreateSecret(t.Context(), &cofferv1.CreateSecretRequest{})
			return err
		}, 2, nil},
		{"too often, delete", []error{soon}, func(c *client.Client) error {
			_, err := c.DeleteSecret(t.Context(), &cofferv1.DeleteSecretRequest{})
			return err
		}, 1, client.ErrLimit},
		{"too often, come back much later", []error{often(time.Hour)}, get, 1, client.ErrLimit},
		{"too often, and there is no time", []error{often(2 * time.Second)}, func(c *client.Client) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := c.GetSecret(ctx, &cofferv1.GetSecretRequest{})
			return err
		}, 1, client.ErrLimit},
		{"another limit", []error{refusal(t, codes.ResourceExhausted, &errdetails.ErrorInfo{Reason: "QUOTA_EXCEEDED", Domain: "coffer.dev"},
			&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Millisecond)})}, get, 1, client.ErrLimit},
		{"other code", []error{status.Error(codes.Internal, "x")}, get, 1, errAny},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{fail: test.fail}
			err := test.call(serve(t, f, client.Config{}))
			if test.err == errAny && err == nil || test.err != errAny && !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			if len(f.calls) != test.want {
				t.Errorf("tries %q, want %d", f.calls, test.want)
			}
			for _, call := range f.calls {
				if call != f.calls[0] {
					t.Errorf("tries differ (%q): the server cannot recognize the repetition", f.calls)
				}
			}
		})
	}
}

// errAny stands for any error.
var errAny = errors.New("any")

func TestRequestIDIsNewForEachCall(t *testing.T) {
	f := &fake{}
	c := serve(t, f, client.Config{})
	req := &cofferv1.CreateSecretRequest{SecretId: "a"}
	for range 2 {
		if _, err := c.CreateSecret(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	if f.calls[0] == f.calls[1] || f.calls[0] == "create " {
		t.Errorf("two calls with one message sent %q, want two request IDs", f.calls)
	}
	if req.GetRequestId() != "" {
		t.Error("the caller's message was changed")
	}
	// There it is a condition, and not for the client to choose.
	if _, err := c.ListAuditEvents(t.Context(), &cofferv1.ListAuditEventsRequest{}); err != nil || f.calls[2] != "events of " {
		t.Errorf("a list of events was sent as %q, %v", f.calls[2], err)
	}
}

func TestError(t *testing.T) {
	s, err := status.New(codes.Aborted, "the etag is not the current one").WithDetails(
		&errdetails.ErrorInfo{Reason: "ETAG_MISMATCH", Domain: "coffer.dev"},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{Field: "etag", Description: "stale"}}})
	if err != nil {
		t.Fatal(err)
	}
	c := serve(t, &fake{fail: []error{s.Err()}}, client.Config{})
	_, err = c.GetSecret(t.Context(), &cofferv1.GetSecretRequest{})
	var got *client.Error
	if !errors.As(err, &got) {
		t.Fatalf("error %T, want *client.Error", err)
	}
	if got.Code != codes.Aborted || got.Reason != cofferv1.ErrorReason_ETAG_MISMATCH || got.Method != "GetSecret" {
		t.Errorf("got %+v", got)
	}
	if diff := cmp.Diff([]client.Violation{{Field: "etag", Description: "stale"}}, got.Violations); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(err, client.ErrEtag) || errors.Is(err, client.ErrNotFound) {
		t.Error("errors.Is does not tell a stale etag from others")
	}
	if status.Code(err) != codes.Aborted {
		t.Errorf("status.Code = %v, want Aborted", status.Code(err))
	}
	if want := "GetSecret: the etag is not the current one; etag: stale"; err.Error() != want {
		t.Errorf("text %q, want %q", err, want)
	}
}

func TestErrorOfDenial(t *testing.T) {
	f := &fake{fail: []error{refusal(t, codes.PermissionDenied, &errdetails.ErrorInfo{
		Reason: "ACCESS_DENIED", Domain: "coffer.dev", Metadata: map[string]string{"action": "secret:get", "roles": "viewer,developer"},
	})}}
	_, err := serve(t, f, client.Config{}).GetSecret(t.Context(), &cofferv1.GetSecretRequest{})
	var got *client.Error
	if !errors.As(err, &got) || got.Action != "secret:get" || !slices.Equal(got.Roles, []string{"viewer", "developer"}) {
		t.Errorf("GetSecret = %+v, want the action and its roles", got)
	}
}

func TestErrorOfStream(t *testing.T) {
	f := &fake{fail: []error{refusal(t, codes.PermissionDenied, &errdetails.ErrorInfo{Reason: "ACCESS_DENIED", Domain: "coffer.dev"})}}
	c := serve(t, f, client.Config{})
	for _, want := range []error{client.ErrDenied, io.EOF} {
		stream, err := c.WatchAuditEvents(t.Context(), &cofferv1.WatchAuditEventsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if first, err := stream.Recv(); err != nil || first.GetSequence() != 7 {
			t.Errorf("Recv = %v, %v", first, err)
		}
		if _, err := stream.Recv(); !errors.Is(err, want) {
			t.Errorf("Recv at the end = %v, want %v", err, want)
		}
	}
}

// A request that cannot be sent fails as others do, through whichever kind of call.
func TestErrorOfWhatCannotBeSent(t *testing.T) {
	c := serve(t, &fake{}, client.Config{})
	var refused *client.Error
	if _, err := c.WatchProjection(t.Context(), &cofferv1.WatchProjectionRequest{Name: "\xff"}); !errors.As(err, &refused) || refused.Method != "WatchProjection" {
		t.Errorf("a stream: %v, want an Error of its method", err)
	}
	if _, err := c.Render(t.Context(), "\xff"); !errors.As(err, &refused) || refused.Method != "RenderProjection" {
		t.Errorf("a call: %v, want an Error of its method", err)
	}
}

func TestTokenSource(t *testing.T) {
	f := &fake{}
	answers := []string{"one", "two", "a\nb"}
	c := serve(t, f, client.Config{TokenSource: func(context.Context) (string, error) {
		if len(answers) == 0 {
			return "", errors.New("nothing left")
		}
		token := answers[0]
		answers = answers[1:]
		return token, nil
	}})
	for _, want := range []string{"", "", "characters that no token has", "nothing left"} {
		_, err := c.Access(t.Context(), "namespaces/a/secrets/b")
		if want == "" && err != nil || want != "" && (!errors.Is(err, client.ErrUnauthenticated) || !strings.HasSuffix(err.Error(), want) && !strings.Contains(err.Error(), want+":")) {
			t.Errorf("Access = %v, want %q", err, want)
		}
	}
	if diff := cmp.Diff([]string{"Bearer one", "Bearer two"}, f.tokens); diff != "" {
		t.Error(diff)
	}
	if _, err := client.New(client.Config{
		Address: "http://localhost", Token: "t", TokenSource: func(context.Context) (string, error) { return "", nil },
	}); err == nil {
		t.Error("New took a token and a source of tokens")
	}
}

func TestTokenFileIsReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		t.Helper()
		// A rename, as projected token volumes do it.
		if err := os.WriteFile(path+".new", []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	write("one")
	f := &fake{}
	c := serve(t, f, client.Config{TokenFile: path})
	for _, token := range []string{"one", "two"} {
		write(token)
		if _, err := c.Access(t.Context(), "namespaces/a/secrets/b"); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"Bearer one", "Bearer two"}, f.tokens); diff != "" {
		t.Error(diff)
	}
}

func TestAccessNamesTheActiveVersion(t *testing.T) {
	c := serve(t, &fake{}, client.Config{})
	for name, want := range map[string]string{
		"namespaces/a/secrets/b":            "namespaces/a/secrets/b/versions/active",
		"namespaces/a/secrets/b/versions/3": "namespaces/a/secrets/b/versions/3",
	} {
		got, err := c.Access(t.Context(), name)
		if err != nil || got.GetName() != want {
			t.Errorf("Access(%q) asked for %q, %v; want %q", name, got.GetName(), err, want)
		}
	}
}

func TestPages(t *testing.T) {
	f := &fake{}
	c := serve(t, f, client.Config{})
	for _, err := range client.Pages(t.Context(), c.ListSecrets, &cofferv1.ListSecretsRequest{}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"list ", "list p2", "list p3"}, f.calls); diff != "" {
		t.Error(diff)
	}
}

func TestNewRefuses(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		config client.Config
		want   string
	}{
		{"no address", client.Config{}, "want a URL"},
		{"no scheme", client.Config{Address: "localhost:8080"}, "want a URL"},
		{"other scheme", client.Config{Address: "ftp://localhost:8080"}, "scheme must be"},
		{"path", client.Config{Address: "https://coffer/v1"}, "only a scheme, a host and a port"},
		{"password", client.Config{Address: "https://a:hunter2@coffer"}, "only a scheme, a host and a port"},
		{"grpc without port", client.Config{Address: "grpc://localhost"}, "port is missing"},
		{"plaintext", client.Config{Address: "http://coffer.example.org", Token: "t"}, "without TLS"},
		{"plaintext, address", client.Config{Address: "grpc://10.0.0.1:1", Token: "t"}, "without TLS"},
		{"both tokens", client.Config{Address: "http://localhost", Token: "t", TokenFile: empty}, "want one"},
		{"empty token file", client.Config{Address: "http://localhost", TokenFile: empty}, "token is empty"},
		{"no token file", client.Config{Address: "http://localhost", TokenFile: empty + "x"}, "no such file"},
		{"line break in token", client.Config{Address: "http://localhost", Token: "a\nb"}, "characters that no token has"},
		{"certificates without TLS", client.Config{Address: "http://localhost", CACert: empty}, "certificates are for https"},
		{"empty CA", client.Config{Address: "https://localhost", CACert: empty}, "no PEM certificate"},
		{"half a pair", client.Config{Address: "https://localhost", ClientCert: empty}, "only one was given"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := client.New(test.config)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("New = %v, want an error with %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
	for _, address := range []string{"http://localhost", "http://127.0.0.2:8080", "grpc://[::1]:1", "https://coffer.example.org"} {
		if c, err := client.New(client.Config{Address: address, Token: "t"}); err != nil {
			t.Errorf("New(%s) = %v", address, err)
		} else {
			c.Close()
		}
	}
	if _, err := client.New(client.Config{Address: "http://10.0.0.1:1", Insecure: true}); err != nil {
		t.Errorf("New, insecure: %v", err)
	}
}
