package server_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/servertest"
)

// maxRefused bounds the decision and the outcome of a refused call that names nothing real. One of few words has 1100
// bytes, most of them of the principal, its token and the chain.
const maxRefused = 1500

// A token without rights writes no more to the audit log by sending more.
func TestAudit_refusedCallsAreSmall(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	token := s.Account("namespaces/instance", "nobody", "", "")
	control, wide, plain := strings.Repeat("%01", 2000), strings.Repeat("%F0%9F%94%91", 500), strings.Repeat("x", 3000)
	for name, call := range map[string]struct{ method, path, body string }{
		"control":        {"GET", "/v1/namespaces/" + control, ""},
		"wide":           {"GET", "/v1/namespaces/acme/secrets/" + wide, ""},
		"plain":          {"GET", "/v1/namespaces/acme/secrets/" + plain, ""},
		"both":           {"GET", "/v1/namespaces/" + plain + "/secrets/" + plain, ""},
		"of a person":    {"GET", "/v1/users/" + control + "/tokens/" + control, ""},
		"created":        {"POST", "/v1/namespaces/" + control + "/secrets?secretId=" + control, `{}`},
		"created, plain": {"POST", "/v1/namespaces/" + plain + "/secrets?secretId=" + plain, `{}`},
		"granted":        {"POST", "/v1/namespaces/" + control + "/grants?grantId=" + control, `{"principal": "` + strings.ReplaceAll(control, "%", `\u00`) + `", "role": "viewer"}`},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), call.method, s.URL()+call.path, strings.NewReader(call.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+token)
			req.Header.Set("User-Agent", strings.Repeat("\xff", 20<<10))
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusForbidden {
				t.Errorf("status %d, want 403", resp.StatusCode)
			}
			id := resp.Header.Get("X-Request-Id")
			s.AuditOutcome(id)
			size := 0
			for line := range bytes.Lines(s.AuditLog()) {
				var e servertest.AuditEvent
				if json.Unmarshal(line, &e) == nil && e.RequestID == id {
					size += len(line)
				}
			}
			if size > maxRefused {
				t.Errorf("%d bytes, want no more than %d", size, maxRefused)
			}
		})
	}
}

// What is well-formed is recorded whole, whether it is there or not.
func TestAudit_namesAreWhole(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	id := strings.Repeat("s", 128)
	for _, call := range [][]string{{"POST", "/v1/namespaces/instance/secrets?secretId=" + id, "{}"}, {"GET", "/v1/namespaces/instance/secrets/" + id, ""}} {
		r := s.REST(s.OperatorToken, call[0], call[1], call[2])
		for _, e := range s.AuditOutcome(r.Header.Get("X-Request-Id")) {
			if e.Resource != "namespaces/instance/secrets/"+id {
				t.Errorf("%s: the %s is of %s", call[0], e.Kind, e.Resource)
			}
		}
	}
}
