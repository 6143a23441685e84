package authnoidc_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authn/authnoidc"
	"github.com/coffer-dev/coffer/internal/authn/oidctest"
)

// TestRefused: operators are told why, and by which issuer, in words that are not the token's.
func TestRefused(t *testing.T) {
	p, machines := oidctest.Start(t), oidctest.Start(t)
	f := newFixture(t,
		authnoidc.Issuer{
			Name: "staff", URL: p.URL, Prefix: "corp", GroupsClaim: "groups", Claims: []string{"department"}, MaxLifetime: "2h",
			RequiredClaims: map[string]string{"tenant": "t1"},
		},
		authnoidc.Issuer{
			Name: "kube", URL: machines.URL, Prefix: "kube", Principal: "serviceAccount:namespaces/{/kubernetes.io/namespace}/serviceAccounts/{sub}",
		},
	)
	now, key := time.Now().Unix(), p.Key()
	person := func(change map[string]any) map[string]any {
		claims := p.Claims("alice")
		claims["tenant"] = "t1"
		maps.Copy(claims, change)
		return claims
	}
	machine := func(namespace any) string {
		claims := machines.Claims("planted")
		claims["kubernetes.io"] = map[string]any{"namespace": namespace}
		return machines.Sign(claims)
	}
	f.accepted(p.Sign(person(nil)), "user:corp/alice", "as it is")
	unknown, forged := key, oidctest.Start(t).Key()
	unknown.KeyID, forged.KeyID = "planted", key.KeyID
	signed := func(key jose.JSONWebKey, headers map[jose.HeaderKey]any) string {
		return oidctest.Sign(t, key, person(nil), headers)
	}
	weak := jose.JSONWebKey{Key: []byte(strings.Repeat("k", 32)), KeyID: key.KeyID, Algorithm: string(jose.HS256)}
	other := key
	other.Algorithm = string(jose.RS512)
	for token, want := range map[string]string{
		p.Sign(person(map[string]any{"aud": "planted"})):                            "issuer staff: wrong audience",
		p.Sign(person(map[string]any{"exp": now - 90})):                             "issuer staff: expired",
		p.Sign(person(map[string]any{"exp": nil})):                                  "issuer staff: without an expiry",
		p.Sign(person(map[string]any{"nbf": now + 120})):                            "issuer staff: not yet valid",
		p.Sign(person(map[string]any{"iat": now + 120})):                            "issuer staff: issued in the future",
		p.Sign(person(map[string]any{"exp": now + 7300})):                           "issuer staff: lives for too long",
		p.Sign(person(map[string]any{"sub": nil})):                                  "issuer staff: claim sub is missing or not text",
		p.Sign(person(map[string]any{"sub": "planted/x"})):                          "issuer staff: what stands for {sub} is not a fit name",
		p.Sign(person(map[string]any{"groups": []string{"*"}})):                     "issuer staff: a group is not a fit name",
		p.Sign(person(map[string]any{"groups": "planted"})):                         "issuer staff: the groups are no list, or too many",
		p.Sign(person(map[string]any{"groups": []any{7}})):                          "issuer staff: a group is not text, or without the prefix that is trimmed",
		p.Sign(person(map[string]any{"_claim_names": map[string]any{"groups": 1}})): "issuer staff: the groups are elsewhere",
		p.Sign(person(map[string]any{"department": []string{"planted"}})):           "issuer staff: claim department is not a short text",
		p.Sign(person(map[string]any{"tenant": "planted"})):                         "issuer staff: claim tenant is not as required",
		p.Sign(person(map[string]any{"cnf": map[string]any{"jkt": "planted"}})):     "issuer staff: bound to a key",
		p.Sign(person(map[string]any{"events": map[string]any{}})):                  "issuer staff: a notice and no authorization",
		p.Sign(person(map[string]any{"iss": "https://planted.example"})):            "issuer not configured",
		machine("planted"):   "issuer kube: account does not exist",
		machine("instance"):  "issuer kube: {/kubernetes.io/namespace} may not stand for the root namespace",
		machine(7):           "issuer kube: claim /kubernetes.io/namespace is missing or not text",
		signed(unknown, nil): "issuer staff: unknown key",
		signed(forged, nil):  "issuer staff: bad signature",
		signed(other, nil):   "issuer staff: algorithm not allowed",
		signed(weak, nil):    "JWT ill-formed or of an unknown algorithm",
		signed(key, map[jose.HeaderKey]any{"typ": "planted"}): "JWT of another type",
		"planted.planted.planted":                             "JWT ill-formed or of an unknown algorithm",
		strings.Repeat("planted", 4<<10) + "..":               "JWT too large",
	} {
		_, err := f.authenticate(token)
		if got, _ := errors.AsType[authn.RefusedError](err); string(got) != want || !errors.Is(err, authn.ErrUnauthenticated) {
			t.Errorf("Authenticate: %v, want it refused: %s", err, want)
		}
	}
	p.SetDown(true)
	f = newFixture(t, authnoidc.Issuer{Name: "staff", URL: p.URL})
	_, err := f.authenticate(p.Sign(person(nil)))
	if want := "the keys of issuer staff cannot be fetched"; !errors.Is(err, authn.ErrUnavailable) || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("Authenticate while the issuer is away: %v, want %s", err, want)
	}
}
