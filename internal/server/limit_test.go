package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"

	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// eachDoorWith is eachDoor with a configuration.
func eachDoorWith(t *testing.T, change func(*server.Config), run func(t *testing.T, s *servertest.Server, d door)) {
	t.Helper()
	for name, newDoor := range map[string]func(*servertest.Server) door{
		"gRPC":                 func(s *servertest.Server) door { return grpcDoor{s, s.Conn} },
		"gRPC by content type": func(s *servertest.Server) door { return grpcDoor{s, s.HTTPConn} },
		"REST":                 func(s *servertest.Server) door { return restDoor{s} },
	} {
		t.Run(name, func(t *testing.T) {
			s := servertest.Start(t, servertest.Config{Change: change})
			run(t, s, newDoor(s))
		})
	}
}

// retryAfter is when a refused caller is told to try again.
func retryAfter(r result) time.Duration {
	for _, detail := range r.status.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			return retry.GetRetryDelay().AsDuration()
		}
	}
	return 0
}

// exhaust calls until it is refused for too many calls.
func exhaust(t *testing.T, d door, token, method, request string) result {
	t.Helper()
	for range 1000 {
		m := methodNamed(t, method)
		if r := d.call(t, token, m, requestFrom(t, m, request)); r.code() == codes.ResourceExhausted {
			if r.reason() != "RATE_LIMITED" || retryAfter(r) <= 0 {
				t.Errorf("%s: %v, want the reason RATE_LIMITED and when to retry", method, r.status)
			}
			return r
		}
	}
	t.Fatalf("%s was never refused", method)
	return result{}
}

func TestLimits_principal(t *testing.T) {
	change := func(c *server.Config) { c.Limits.PrincipalRate, c.Limits.PrincipalBurst = 1, 40 }
	eachDoorWith(t, change, func(t *testing.T, s *servertest.Server, d door) {
		one, other := s.Account("namespaces/instance", "one", "", ""), s.Account("namespaces/instance", "other", "", "")
		first := exhaust(t, d, one, "WhoAmI", `{}`)
		for range 5 {
			exhaust(t, d, one, "WhoAmI", `{}`)
		}
		who := methodNamed(t, "WhoAmI")
		if r := d.call(t, other, who, requestFrom(t, who, `{}`)); r.code() != codes.OK {
			t.Errorf("another principal: %v, want an answer", r.status)
		}
		events := s.AuditOutcome(first.requestID)
		if e := events[len(events)-1]; e.Code != "RESOURCE_EXHAUSTED" || !strings.HasSuffix(e.Principal, "/one") || !strings.Contains(e.Detail, "too many") {
			t.Errorf("recorded %+v, want what was refused to one", events)
		}
		if metrics := string(s.REST("", "GET", "/metrics", "").Body); !strings.Contains(metrics, `coffer_limited_calls_total{limit="calls of this principal"} 6`) {
			t.Error("metrics lack the six refused calls")
		}
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		// One by itself, and five in a count: nothing is dropped.
		var counts []uint64
		for _, e := range s.AuditEvents("") {
			if e.Code == "RESOURCE_EXHAUSTED" {
				counts = append(counts, e.Count)
			}
		}
		if !slices.Equal(counts, []uint64{0, 5}) {
			t.Errorf("the counts of refused calls are %v, want 0 and 5", counts)
		}
	})
}

// Who has no credential is limited by the address, before anything is looked at; health and readiness are not.
func TestLimits_address(t *testing.T) {
	change := func(c *server.Config) { c.Limits.AddressRate, c.Limits.AddressBurst = 1, 40 }
	eachDoorWith(t, change, func(t *testing.T, s *servertest.Server, d door) {
		exhaust(t, d, "", "CreateNamespace", `{"namespaceId": "x", "namespace": {}}`)
		eventually(t, "another caller from there to be refused", func() bool {
			r := s.REST(s.OperatorToken, "GET", "/v1/whoami", "")
			return r.Status == http.StatusTooManyRequests && r.Header.Get("Retry-After") == "1"
		})
		for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
			if r := s.REST("", "GET", path, ""); r.Status != http.StatusOK {
				t.Errorf("%s: %d, want 200", path, r.Status)
			}
		}
	})
}

func TestLimits_streams(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*server.Limits)
		limit  string
	}{
		"of a principal":  {func(l *server.Limits) { l.PrincipalStreams = 2 }, "open streams of this principal"},
		"from an address": {func(l *server.Limits) { l.AddressStreams = 2 }, "open streams from this address"},
		"in all":          {func(l *server.Limits) { l.Streams = 2 }, "open streams:"},
	} {
		t.Run(name, func(t *testing.T) {
			s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { tt.change(&c.Limits) }})
			doors := []door{grpcDoor{s, s.Conn}, restDoor{s}}
			var streams []stream
			for _, d := range doors {
				opened := open(t, d, s.OperatorToken, "WatchAuditEvents", `{}`)
				if r := opened.next(); r.code() != codes.OK {
					t.Fatalf("a stream within the limit: %v", r.status)
				}
				streams = append(streams, opened)
			}
			for _, d := range doors {
				r := open(t, d, s.OperatorToken, "WatchAuditEvents", `{}`).next()
				if r.code() != codes.ResourceExhausted || r.reason() != "RATE_LIMITED" || retryAfter(r) <= 0 || !strings.Contains(r.status.Message(), tt.limit) {
					t.Errorf("a stream too many: %v, want ResourceExhausted, RATE_LIMITED", r.status)
				}
			}
			if metrics := string(s.REST("", "GET", "/metrics", "").Body); !strings.Contains(metrics, "coffer_streams 2") {
				t.Error("metrics lack the two streams")
			}
			streams[0].close()
			eventually(t, "room for another stream", func() bool {
				return open(t, doors[1], s.OperatorToken, "WatchAuditEvents", `{}`).next().code() == codes.OK
			})
		})
	}
}

// A few bytes of JSON can make a message of many times the memory; it is not decoded.
func TestLimits_json(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	s.Namespace("acme")
	many := `{"items": [` + strings.Repeat("{},", 10_000) + `{}]}`
	for name, tt := range map[string]struct {
		path, body, want string
	}{
		"deep lists":       {"/v1/namespaces/acme/secrets?secretId=a", strings.Repeat("[", 1000), "deeper than 16"},
		"deep objects":     {"/v1/namespaces/acme/secrets?secretId=a", strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000), "deeper than 16"},
		"many messages":    {"/v1/namespaces/acme/projections?projectionId=a", many, "more than 20000 values"},
		"many empty lists": {"/v1/namespaces/acme/secrets?secretId=a", `[` + strings.Repeat("[],", 10_001) + `[]]`, "more than 20000 values"},
	} {
		r := s.REST(s.OperatorToken, "POST", tt.path, tt.body)
		st := statusFrom(t, r.Body)
		if r.Status != http.StatusTooManyRequests || (result{status: st}).reason() != "LIMIT_EXCEEDED" || !strings.Contains(st.Message(), tt.want) {
			t.Errorf("%s: %d %v, want 429 that tells %q", name, r.Status, st, tt.want)
		}
	}
	// What is in strings does not count.
	body := fmt.Sprintf(`{"payload": {"data": {"k": %q}}}`, strings.Repeat(`[{\",:`, 5_000))
	if r := s.REST(s.OperatorToken, "POST", "/v1/namespaces/acme/secrets?secretId=a", body); r.Status != http.StatusOK {
		t.Errorf("a value that looks like JSON: %d %s, want 200", r.Status, r.Body)
	}
}

func TestLimits_requestBytes(t *testing.T) {
	change := func(c *server.Config) { c.Limits.RequestBytes = 1000 }
	eachDoorWith(t, change, func(t *testing.T, s *servertest.Server, d door) {
		s.Namespace("acme")
		create := methodNamed(t, "CreateSecret")
		request := fmt.Sprintf(`{"parent": "namespaces/acme", "secretId": "a", "secret": {"payload": {"data": {"k": %q}}}}`, strings.Repeat("x", 1000))
		if r := d.call(t, s.OperatorToken, create, requestFrom(t, create, request)); r.code() != codes.ResourceExhausted {
			t.Errorf("a request that is too large: %v, want ResourceExhausted", r.status)
		}
	})
}

func TestLimits_quota(t *testing.T) {
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.Limits.NamespaceSecrets = 1 }})
	s.Namespace("acme")
	if r := s.REST(s.OperatorToken, "POST", "/v1/namespaces/acme/secrets?secretId=a", `{}`); r.Status != http.StatusOK {
		t.Fatalf("the first secret: %d %s", r.Status, r.Body)
	}
	r := s.REST(s.OperatorToken, "POST", "/v1/namespaces/acme/secrets?secretId=b", `{}`)
	if st := statusFrom(t, r.Body); r.Status != http.StatusTooManyRequests || (result{status: st}).reason() != "QUOTA_EXCEEDED" {
		t.Errorf("a secret too many: %d %v, want 429, QUOTA_EXCEEDED", r.Status, st)
	}
}

// Limits of 0 are none: the benchmark measures the server, not them.
func TestLimits_off(t *testing.T) {
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.Limits = server.Limits{} }})
	s.Namespace("acme")
	for range 50 {
		if r := s.REST(s.OperatorToken, "GET", "/v1/namespaces/acme", ""); r.Status != http.StatusOK {
			t.Fatalf("without limits: %d %s", r.Status, r.Body)
		}
	}
	if r := s.REST(s.OperatorToken, "POST", "/v1/namespaces/acme/secrets?secretId=a", strings.Repeat("[", 100)); r.Status != http.StatusBadRequest {
		t.Errorf("deep JSON without limits: %d %s, want 400", r.Status, r.Body)
	}
}
