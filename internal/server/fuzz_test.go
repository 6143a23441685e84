package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/servertest"
)

// Whatever is sent to a route of a dialect, the answer is JSON and no fault of the server's, and nothing panics.
func FuzzDialects(f *testing.F) {
	s := servertest.Start(f, servertest.Config{})
	stored := seed(f, s)
	for _, method := range allMethods() {
		if nameOf(method) == method.Name() || !overREST(method) {
			continue
		}
		httpMethod, path, body := toHTTP(f, method, requestFrom(f, method, stored.fixture(nameOf(method))))
		f.Add(httpMethod, path, body, true)
		f.Add(httpMethod, path, body, false)
		f.Add(httpMethod, strings.ReplaceAll(path, "acme", "%2e%2E"), "{}", true)
		f.Add(httpMethod, path+"?pageSize=-1&pageToken=x&acl=", `[{"value": 1e99}]`, true)
	}
	f.Fuzz(func(t *testing.T, httpMethod, path, body string, operator bool) {
		if !under(path, "/heimdall/", "/ds/", "/poros/", "/collated/", "/dataos/", "/api/", "/v1beta/") {
			return
		}
		req, err := http.NewRequestWithContext(t.Context(), httpMethod, s.URL()+path, strings.NewReader(body))
		if err != nil {
			return // none that the client would send
		}
		token := stored.nobody
		if operator {
			token = s.OperatorToken
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			return // none that the client would send
		}
		defer resp.Body.Close()
		var answer json.RawMessage
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil && resp.StatusCode != http.StatusNoContent && httpMethod != http.MethodHead {
			t.Errorf("%s %q: status %d with an answer that is not JSON: %v", httpMethod, path, resp.StatusCode, err)
		}
		if resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented {
			t.Errorf("%s %q %q: %d %s", httpMethod, path, body, resp.StatusCode, answer)
		}
		if resp.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s %q: status %d without a request ID", httpMethod, path, resp.StatusCode)
		}
	})
	if metrics := string(s.REST("", "GET", "/metrics", "").Body); !strings.Contains(metrics, "coffer_panics_total 0") {
		f.Errorf("something panicked:\n%s", s.Logs())
	}
}

func under(path string, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}
