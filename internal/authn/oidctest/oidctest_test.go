package oidctest_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/coffer-dev/coffer/internal/authn/oidctest"
)

// TestProvider holds the provider to what a client of another hand says of its tokens.
func TestProvider(t *testing.T) {
	p := oidctest.Start(t)
	provider, err := oidc.NewProvider(t.Context(), p.URL)
	if err != nil {
		t.Fatalf("NewProvider: %v", err)
	}
	flows := []struct {
		name string
		flow func(string, map[string]any) string
	}{{"authorization code", p.Login}, {"client credentials", p.Machine}, {"device", p.Device}}
	for _, test := range flows {
		t.Run(test.name, func(t *testing.T) {
			verifier := provider.Verifier(&oidc.Config{ClientID: oidctest.Client})
			token, err := verifier.Verify(t.Context(), test.flow("alice", map[string]any{"groups": []string{"data"}}))
			if err != nil {
				t.Fatalf("Verify: %v", err)
			}
			var claims struct{ Groups []string }
			if err := token.Claims(&claims); err != nil || token.Subject != "alice" || len(claims.Groups) != 1 {
				t.Errorf("token of %q with %+v, %v", token.Subject, claims, err)
			}
		})
	}
}

func TestProvider_deny(t *testing.T) {
	p := oidctest.Start(t)
	config := oauth2.Config{ClientID: oidctest.Client, Scopes: []string{"openid"}, Endpoint: oauth2.Endpoint{
		DeviceAuthURL: p.URL + "/device_authorization", TokenURL: p.URL + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams,
	}}
	device, err := config.DeviceAuth(t.Context())
	if err != nil {
		t.Fatalf("DeviceAuth: %v", err)
	}
	p.Deny(device.UserCode)
	_, err = config.DeviceAccessToken(t.Context(), device)
	if refused := new(oauth2.RetrieveError); !errors.As(err, &refused) || refused.ErrorCode != "access_denied" {
		t.Errorf("DeviceAccessToken after Deny: %v, want access_denied", err)
	}
}

func TestProvider_tlsAndRotation(t *testing.T) {
	p := oidctest.StartTLS(t)
	if token := p.Login("alice", nil); token == "" {
		t.Error("no token over TLS")
	}
	before := p.Key()
	p.Rotate()
	if p.Key().KeyID == before.KeyID || p.Login("alice", nil) == "" {
		t.Error("the key was not rotated")
	}
}

func TestProvider_down(t *testing.T) {
	p := oidctest.Start(t)
	p.SetDown(true)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL, nil)
	if err != nil {
		t.Fatalf("NewRequest: %v", err)
	}
	if r, err := http.DefaultClient.Do(req); err == nil {
		r.Body.Close()
		t.Errorf("a provider that is down answered %s", r.Status)
	}
}
