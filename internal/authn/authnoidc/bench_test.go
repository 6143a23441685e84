package authnoidc_test

import (
	"testing"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authn/authnoidc"
	"github.com/coffer-dev/coffer/internal/authn/oidctest"
)

func BenchmarkAuthenticate(b *testing.B) {
	p := oidctest.Start(b)
	for _, algorithm := range []string{"RS256", "ES256"} {
		a, err := authnoidc.New(config(authnoidc.Issuer{Name: "corp", URL: p.URL, Audiences: []string{oidctest.Client}, JWKSFile: p.KeyFile()}))
		if err != nil {
			b.Fatalf("New: %v", err)
		}
		credentials := authn.Credentials{Bearer: p.Sign(p.Claims("alice"))}
		b.Run(algorithm, func(b *testing.B) {
			for b.Loop() {
				if _, err := a.Authenticate(b.Context(), credentials); err != nil {
					b.Fatalf("Authenticate: %v", err)
				}
			}
		})
		p.Rotate()
	}
}
