package authn_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/authn"
)

// validToken is a frozen example: tokens in the field must stay valid.
const validToken = "cfr_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg4FSUYr"

func TestNewToken(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		secret, hash, err := authn.NewToken()
		if err != nil {
			t.Fatalf("NewToken: %v", err)
		}
		if seen[secret] {
			t.Fatal("NewToken returned the same token twice")
		}
		seen[secret] = true
		if len(secret) != len(validToken) {
			t.Errorf("NewToken: %d characters, want %d", len(secret), len(validToken))
		}
		if got, err := authn.ParseToken(secret); err != nil || got != hash {
			t.Errorf("ParseToken of a new token = %x, %v; want %x", got, err, hash)
		}
	}
}

func TestParseToken(t *testing.T) {
	if got, err := authn.ParseToken(validToken); err != nil || got != sha256.Sum256([]byte(validToken)) {
		t.Errorf("ParseToken(%q) = %x, %v", validToken, got, err)
	}
	for i := range validToken {
		other := "x"
		if validToken[i] == 'x' {
			other = "y"
		}
		spoilt := validToken[:i] + other + validToken[i+1:]
		if _, err := authn.ParseToken(spoilt); !errors.Is(err, authn.ErrUnauthenticated) {
			t.Errorf("ParseToken(%q) = %v, want ErrUnauthenticated", spoilt, err)
		}
	}
	tests := []struct{ name, token string }{
		{"empty", ""},
		{"prefix alone", authn.TokenPrefix},
		{"cut", validToken[:len(validToken)-1]},
		{"longer", validToken + "0"},
		{"blank in front", " " + validToken[:len(validToken)-1]},
		{"upper case", strings.ToUpper(validToken)},
		{"huge", authn.TokenPrefix + strings.Repeat("0", 1<<20)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := authn.ParseToken(test.token); !errors.Is(err, authn.ErrUnauthenticated) {
				t.Errorf("ParseToken = %v, want ErrUnauthenticated", err)
			}
		})
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(validToken)
	f.Add(validToken[:len(validToken)-1] + "H")
	f.Add("cfr_")
	f.Add("cfr_éééééééééééééééééééééé000000000")
	f.Add("")
	f.Fuzz(func(t *testing.T, secret string) {
		hash, err := authn.ParseToken(secret)
		if err != nil {
			if err != authn.ErrUnauthenticated || hash != (authn.Hash{}) {
				t.Errorf("ParseToken(%q) = %x, %v; want nothing but ErrUnauthenticated", secret, hash, err)
			}
			return
		}
		if len(secret) != len(validToken) || !strings.HasPrefix(secret, authn.TokenPrefix) || hash != sha256.Sum256([]byte(secret)) {
			t.Errorf("ParseToken(%q) = %x, accepted", secret, hash)
		}
		if _, err := authn.ParseToken(secret[:len(secret)-1]); err == nil {
			t.Errorf("ParseToken accepts %q without its last character", secret)
		}
	})
}
