package server_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/authn/oidctest"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// A body may come long after its sender was admitted: a token that was revoked meanwhile does nothing any more.
func TestRevokedBeforeItsBodyCame(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	s.Namespace("acme")
	s.Account("namespaces/acme", "writer", "developer", "")
	const account = "namespaces/acme/serviceAccounts/writer"
	minted := do(t, s, "CreateToken", `{"parent": "`+account+`", "tokenId": "once", "token": {"useLimit": "1"}}`).(*cofferv1.Token)
	body, sending := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL()+"/v1/namespaces/acme/secrets?secretId=late", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+minted.GetSecret())
	answered := make(chan int, 1)
	go func() {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			answered <- 0
			return
		}
		resp.Body.Close()
		answered <- resp.StatusCode
	}()
	if _, err := io.WriteString(sending, "{"); err != nil {
		t.Fatal(err)
	}
	get := `{"name": "` + account + `/tokens/once"}`
	for deadline := time.Now().Add(30 * time.Second); do(t, s, "GetToken", get).(*cofferv1.Token).GetUseCount() == 0; { // it is not in yet
		if time.Now().After(deadline) {
			t.Fatal("the token was never used")
		}
	}
	do(t, s, "DeleteToken", get)
	if _, err := io.WriteString(sending, "}"); err != nil {
		t.Fatal(err)
	}
	sending.Close()
	if got := <-answered; got != http.StatusUnauthorized {
		t.Errorf("a call whose token was revoked before its body came: %d, want 401", got)
	}
	if r := s.REST(s.OperatorToken, "GET", "/v1/namespaces/acme/secrets/late", ""); r.Status != http.StatusNotFound {
		t.Errorf("what it was to create: %d, want 404", r.Status)
	}
}

// failures are the failed logins that the log has.
func failures(s *servertest.Server) (events []servertest.AuditEvent) {
	for _, e := range s.AuditEvents("") {
		if e.Kind == "AUTHN_FAILURE" {
			events = append(events, e)
		}
	}
	return events
}

// Guesses at tokens are on the record where they go to no method, too.
func TestStrangers_astrayAreRecorded(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	if r := s.REST("cfr_guess", "POST", "/v1/nothing", "{}"); r.Status != http.StatusNotFound {
		t.Errorf("POST /v1/nothing: %d, want 404", r.Status)
	}
	if got := failures(s); len(got) != 1 || got[0].Source == "" {
		t.Errorf("recorded %+v, want one failed login with its source", got)
	}
}

// Whoever is not let in writes no record for each call, whatever the reason.
func TestStrangers_ofAnIssuerThatIsAway(t *testing.T) {
	provider := oidctest.Start(t)
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.Auth.Issuers = []server.Issuer{corp(provider)} }})
	token := provider.Login("alice", nil)
	provider.SetDown(true)
	for range 20 {
		if r := s.REST(token, "GET", "/v1/whoami", ""); r.Status != http.StatusServiceUnavailable {
			t.Fatalf("without the issuer's keys: %d, want 503", r.Status)
		}
	}
	if got := failures(s); len(got) != 1 {
		t.Errorf("20 calls left %d records, want one", len(got))
	}
	outcomes := slices.DeleteFunc(s.AuditEvents(""), func(e servertest.AuditEvent) bool {
		return e.Kind != "OUTCOME" || !strings.HasSuffix(e.Method, "WhoAmI")
	})
	if len(outcomes) > 0 {
		t.Errorf("they left %d outcomes too", len(outcomes))
	}
}

// Streams that need no credential are bounded for each address.
func TestStrangers_streams(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	health := grpc_health_v1.NewHealthClient(s.Conn(""))
	refused := 0
	for range 120 {
		stream, err := health.Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		if err == nil {
			_, err = stream.Recv()
		}
		switch status.Code(err) {
		case codes.OK:
		case codes.ResourceExhausted:
			refused++
		default:
			t.Fatalf("watching the health: %v", err)
		}
	}
	if refused != 20 {
		t.Errorf("of 120 streams %d were refused, want 20", refused)
	}
}
