package authnoidc_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/authn/authnoidc"
)

func config(issuers ...authnoidc.Issuer) authnoidc.Config {
	return authnoidc.Config{Issuers: issuers, Logger: slog.New(slog.DiscardHandler)}
}

func TestNew(t *testing.T) {
	good := authnoidc.Issuer{Name: "corp", URL: "https://id.example/realm", Audiences: []string{"coffer"}}
	tests := []struct {
		name   string
		change func(*authnoidc.Issuer)
		ok     bool
	}{
		{"good", func(*authnoidc.Issuer) {}, true},
		{"everything", func(i *authnoidc.Issuer) {
			i.Prefix, i.Principal, i.GroupsClaim, i.Claims = "corp", "user:{https://example/user}", "/realm_access/roles", []string{"a"}
			i.SigningAlgorithms, i.ClockSkew, i.MaxLifetime = []string{"ES384", "EdDSA"}, "5m", "24h"
			i.RequiredClaims = map[string]string{"hd": "example.com"}
		}, true},
		{"no skew", func(i *authnoidc.Issuer) { i.ClockSkew = "0s" }, true},
		{"on this machine", func(i *authnoidc.Issuer) { i.URL = "http://[::1]:8080" }, true},
		{"no name", func(i *authnoidc.Issuer) { i.Name = "" }, false},
		{"no URL", func(i *authnoidc.Issuer) { i.URL = "" }, false},
		{"no TLS", func(i *authnoidc.Issuer) { i.URL = "http://id.example" }, false},
		{"no host", func(i *authnoidc.Issuer) { i.URL = "https:///realm" }, false},
		{"password", func(i *authnoidc.Issuer) { i.URL = "https://u:p@id.example" }, false},
		{"no audiences", func(i *authnoidc.Issuer) { i.Audiences = nil }, false},
		{"empty audience", func(i *authnoidc.Issuer) { i.Audiences = []string{"coffer", ""} }, false},
		{"prefix with a slash", func(i *authnoidc.Issuer) { i.Prefix = "a/b" }, false},
		{"prefix with a brace", func(i *authnoidc.Issuer) { i.Prefix = "{sub}" }, false},
		{"long prefix", func(i *authnoidc.Issuer) { i.Prefix = strings.Repeat("a", 64) }, false},
		{"group", func(i *authnoidc.Issuer) { i.Principal = "group:{sub}" }, false},
		{"prefix twice", func(i *authnoidc.Issuer) { i.Prefix, i.Principal = "a", "user:b/{sub}" }, false},
		{"claim", func(i *authnoidc.Issuer) { i.Claims = []string{""} }, false},
		{"groups claim", func(i *authnoidc.Issuer) { i.GroupsClaim = "a\nb" }, false},
		{"required claim", func(i *authnoidc.Issuer) { i.RequiredClaims = map[string]string{"": "x"} }, false},
		{"many claims", func(i *authnoidc.Issuer) { i.Claims = strings.Split(strings.Repeat("a ", 33), " ")[:33] }, false},
		{"none", func(i *authnoidc.Issuer) { i.SigningAlgorithms = []string{"RS256", "none"} }, false},
		{"HS256", func(i *authnoidc.Issuer) { i.SigningAlgorithms = []string{"HS256"} }, false},
		{"HS512", func(i *authnoidc.Issuer) { i.SigningAlgorithms = []string{"RS256", "HS512"} }, false},
		{"rubbish algorithm", func(i *authnoidc.Issuer) { i.SigningAlgorithms = []string{""} }, false},
		{"too much skew", func(i *authnoidc.Issuer) { i.ClockSkew = "5m1s" }, false},
		{"negative skew", func(i *authnoidc.Issuer) { i.ClockSkew = "-1s" }, false},
		{"rubbish skew", func(i *authnoidc.Issuer) { i.ClockSkew = "60" }, false},
		{"no lifetime", func(i *authnoidc.Issuer) { i.MaxLifetime = "0s" }, false},
		{"no CA file", func(i *authnoidc.Issuer) { i.CAFile = "/does/not/exist" }, false},
		{"CA file without CA", func(i *authnoidc.Issuer) { i.CAFile = "config_test.go" }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			issuer := good
			test.change(&issuer)
			if _, err := authnoidc.New(config(issuer)); (err == nil) != test.ok || (err != nil && !errors.Is(err, authnoidc.ErrConfig)) {
				t.Errorf("New: %v", err)
			}
		})
	}
	if _, err := authnoidc.New(authnoidc.Config{}); !errors.Is(err, authnoidc.ErrConfig) {
		t.Errorf("New without a logger: %v, want ErrConfig", err)
	}
}

func TestNew_severalIssuers(t *testing.T) {
	issuer := func(name, url, prefix string) authnoidc.Issuer {
		return authnoidc.Issuer{Name: name, URL: "https://" + url, Prefix: prefix, Audiences: []string{"coffer"}}
	}
	tests := []struct {
		name string
		a, b authnoidc.Issuer
		ok   bool
	}{
		{"good", issuer("a", "a.example", "a"), issuer("b", "b.example", "b"), true},
		{"no prefix", issuer("a", "a.example", ""), issuer("b", "b.example", "b"), false},
		{"same prefix", issuer("a", "a.example", "a"), issuer("b", "b.example", "a"), false},
		{"same name", issuer("a", "a.example", "a"), issuer("a", "b.example", "b"), false},
		{"same URL", issuer("a", "a.example", "a"), issuer("b", "a.example", "b"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := authnoidc.New(config(test.a, test.b)); (err == nil) != test.ok {
				t.Errorf("New: %v", err)
			}
		})
	}
}
