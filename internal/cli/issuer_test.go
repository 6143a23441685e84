package cli_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/cli"
)

// What an honest provider does not do in a test's time, or at all. Nothing is stored after any of it.
func TestLoginOIDC_strangeIssuers(t *testing.T) {
	const pending = `{"error":"authorization_pending"}`
	tests := []struct {
		name          string
		device, token string // answers
		want          string
	}{
		{"nobody enters the code", `{"device_code":"d","user_code":"u","verification_uri":"https://x","expires_in":1,"interval":1}`, pending, "the code has expired"},
		{"expired, it says", `{"device_code":"d","user_code":"u","verification_uri":"https://x","interval":1}`, `{"error":"expired_token"}`, "the code has expired"},
		{"pause below zero", `{"device_code":"d","user_code":"u","verification_uri":"https://x","interval":-1}`, pending, "wants to be asked every -1 seconds"},
		{"pause for ever", `{"device_code":"d","user_code":"u","verification_uri":"https://x","interval":86400}`, pending, "wants to be asked every 86400 seconds"},
		{"control characters", `{"device_code":"d","user_code":"\u001b[31mu","verification_uri":"https://x","interval":1}`, `{"error":"access_denied"}`, `enter the code \x1b[31mu`},
		{"no ID token", `{"device_code":"d","user_code":"u","verification_uri":"https://x","interval":1}`, `{"access_token":"hunter2","token_type":"bearer"}`, "gave no ID token"},
		{"forged ID token", `{"device_code":"d","user_code":"u","verification_uri":"https://x","interval":1}`, `{"access_token":"hunter2","token_type":"bearer","id_token":"e30.e30.e30"}`, "checking the ID token"},
		{"words without end", `{"device_code":"d","user_code":"u","verification_uri":"https://x","interval":1}`, strings.Repeat("hunter2", 1000), "answers 400"},
		{"no device flow", "", "", "offers no login by device"},
		{"plaintext endpoint", "http://192.0.2.1/device", "", "want https"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var issuer string
			mux := http.NewServeMux()
			mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
				device := issuer + "/device"
				if !strings.HasPrefix(test.device, "{") {
					device = test.device
				}
				fmt.Fprintf(w, `{"issuer":%q,"token_endpoint":%q,"jwks_uri":%q,"device_authorization_endpoint":%q}`,
					issuer, issuer+"/token", issuer+"/keys", device)
			})
			mux.HandleFunc("/device", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, test.device)
			})
			mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if !strings.Contains(test.token, "access_token") {
					w.WriteHeader(http.StatusBadRequest)
				}
				fmt.Fprint(w, test.token)
			})
			server := httptest.NewServer(mux)
			defer server.Close()
			issuer = server.URL
			t.Setenv("XDG_CONFIG_HOME", t.TempDir())
			var told bytes.Buffer
			code := cli.Main(t.Context(), []string{
				"coffer", "login", "--oidc", "--issuer", issuer, "--client-id", "coffer", "--address", "http://127.0.0.1:1", "--store", "file",
			}, cli.Stdio{In: strings.NewReader(""), Out: &told, Err: &told})
			if code != 1 || !strings.Contains(told.String(), test.want) || strings.Contains(told.String(), "hunter2") {
				t.Errorf("exit code %d: %q; want 1, %q and no answer quoted", code, told.String(), test.want)
			}
		})
	}
}
