package authnoidc_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authn/authnoidc"
	"github.com/coffer-dev/coffer/internal/authn/oidctest"
)

const account = "namespaces/acme/serviceAccounts/etl"

func accounts(name string) (authn.Principal, bool) {
	return authn.Principal{Name: "serviceAccount:" + account, UID: "sa-etl", NamespaceUID: "ns-acme"}, name == account
}

// fixture is an authenticator whose clock stands still unless it is set ahead.
type fixture struct {
	t     *testing.T
	a     *authnoidc.Authenticator
	ahead atomic.Int64
}

func newFixture(t *testing.T, issuers ...authnoidc.Issuer) *fixture {
	t.Helper()
	f := &fixture{t: t}
	for i := range issuers {
		if issuers[i].Name == "" {
			issuers[i].Name = "corp"
		}
		if issuers[i].Audiences == nil {
			issuers[i].Audiences = []string{"else", oidctest.Client}
		}
	}
	start := time.Now()
	a, err := authnoidc.New(authnoidc.Config{
		Issuers: issuers, Accounts: accounts, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return start.Add(time.Duration(f.ahead.Load())) },
	})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	f.a = a
	return f
}

func (f *fixture) advance(d time.Duration) { f.ahead.Add(int64(d)) }

func (f *fixture) authenticate(token string) (authn.Caller, error) {
	return f.a.Authenticate(f.t.Context(), authn.Credentials{Bearer: token})
}

// refused wants a token to be refused for a reason, without a caller.
func (f *fixture) refused(token string, want error, what string) {
	f.t.Helper()
	if got, err := f.authenticate(token); !errors.Is(err, want) || got.Name != "" {
		f.t.Errorf("%s: Authenticate = %q, %v, want %v", what, got.Name, err, want)
	}
}

// accepted wants a token to be somebody's.
func (f *fixture) accepted(token, want, what string) {
	f.t.Helper()
	if got, err := f.authenticate(token); err != nil || got.Name != want {
		f.t.Errorf("%s: Authenticate = %q, %v, want %q", what, got.Name, err, want)
	}
}

func TestAuthenticate_flows(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{
		URL: p.URL, Prefix: "corp", GroupsClaim: "groups", GroupsTrimPrefix: "/", Claims: []string{"department", "level", "/org/unit", "none"},
	})
	given := map[string]any{
		"groups": []string{"/data-eng", "/ops"}, "department": "R&D / Ops", "level": 7, "org": map[string]any{"unit": "u1"}, "secret": "not for policies",
	}
	want := authn.Principal{
		Name: "user:corp/alice", Groups: []string{"group:corp/data-eng", "group:corp/ops"},
		Claims: map[string]string{"department": "R&D / Ops", "level": "7", "/org/unit": "u1"},
	}
	flows := map[string]func(string, map[string]any) string{"authorization code": p.Login, "client credentials": p.Machine, "device": p.Device}
	for name, flow := range flows {
		t.Run(name, func(t *testing.T) {
			got, err := f.authenticate(flow("alice", given))
			if diff := cmp.Diff(want, got.Principal); err != nil || diff != "" {
				t.Fatalf("Authenticate: %v (-want +got):\n%s", err, diff)
			}
			f.refused(flow("alice", map[string]any{"groups": []string{"/data-eng", "ops"}}), authn.ErrUnauthenticated, "a group without what is trimmed")
			if got.Method != authnoidc.Method || got.TokenName != "" || got.TokenExpire.Before(time.Now()) {
				t.Errorf("Authenticate = %+v", got)
			}
		})
	}
}

func TestAuthenticate_caller(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{URL: p.URL})
	claims := p.Claims("alice")
	got, err := f.authenticate(p.Sign(claims))
	if err != nil || got.TokenUID != claims["jti"] || got.TokenExpire.Unix() != claims["exp"] {
		t.Errorf("Authenticate = %+v, %v", got, err)
	}
	claims["jti"] = strings.Repeat("x", 1000)
	if got, err := f.authenticate(p.Sign(claims)); err != nil || got.TokenUID != "" {
		t.Errorf("Authenticate with an endless jti: TokenUID %q, %v", got.TokenUID, err)
	}
	claims["exp"] = 1e15
	f.refused(p.Sign(claims), authn.ErrUnauthenticated, "an expiry beyond all calendars")
}

// TestAuthenticate_claims changes one claim at a time of an honest token.
func TestAuthenticate_claims(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{
		URL: p.URL, GroupsClaim: "groups", Claims: []string{"department"}, RequiredClaims: map[string]string{"tenant": "t1", "/a/b": "true"}, MaxLifetime: "2h",
	})
	now := time.Now().Unix()
	many := make([]string, 257)
	for i := range many {
		many[i] = "g"
	}
	refused := map[string]map[string]any{
		"another audience":            {"aud": "other"},
		"no audience":                 {"aud": nil},
		"audience in another case":    {"aud": "Coffer"},
		"another issuer":              {"iss": "https://evil.example"},
		"issuer with a slash":         {"iss": p.URL + "/"},
		"no issuer":                   {"iss": nil},
		"expired":                     {"exp": now - 90},
		"no expiry":                   {"exp": nil},
		"expiry is text":              {"exp": "tomorrow"},
		"not yet valid":               {"nbf": now + 120},
		"issued in the future":        {"iat": now + 120},
		"lives too long":              {"exp": now + 7300},
		"lives too long, no iat":      {"iat": nil},
		"no subject":                  {"sub": nil},
		"empty subject":               {"sub": ""},
		"subject is a number":         {"sub": 7},
		"subject is a list":           {"sub": []string{"alice"}},
		"subject with a wildcard":     {"sub": "*"},
		"subject with a slash":        {"sub": "corp/alice"},
		"subject with a backslash":    {"sub": `corp\alice`},
		"subject is a dot":            {"sub": "."},
		"subject is two dots":         {"sub": ".."},
		"subject with a newline":      {"sub": "alice\nbob"},
		"subject with NUL":            {"sub": "alice\x00"},
		"subject with an override":    {"sub": "\u202ealice"},
		"subject with a hidden space": {"sub": "alice\u200b"},
		"endless subject":             {"sub": strings.Repeat("a", 257)},
		"groups are text":             {"groups": "admins"},
		"groups are an object":        {"groups": map[string]any{"admins": true}},
		"a group is a number":         {"groups": []any{"a", 7}},
		"a group with a wildcard":     {"groups": []string{"a", "*"}},
		"a group with a slash":        {"groups": []string{"other/admins"}},
		"an empty group":              {"groups": []string{""}},
		"too many groups":             {"groups": many},
		"groups are elsewhere":        {"_claim_names": map[string]string{"groups": "src1"}},
		"claim is a list":             {"department": []string{"risk"}},
		"claim is endless":            {"department": strings.Repeat("a", 1025)},
		"claim with a newline":        {"department": "a\nb"},
		"required claim is missing":   {"tenant": nil},
		"required claim is another":   {"tenant": "T1"},
		"required claim is a list":    {"tenant": []string{"t1"}},
		"required claim is within":    {"a": map[string]any{"b": false}},
		"required claim is not":       {"a": "b"},
		"bound to a key":              {"cnf": map[string]any{"jkt": "x"}},
		"a notice of a logout":        {"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}},
	}
	accepted := map[string]map[string]any{
		"as it is":                    {},
		"one audience of several":     {"aud": []string{"other", oidctest.Client}},
		"another of our audiences":    {"aud": "else"},
		"expired within the skew":     {"exp": now - 30},
		"not yet valid, for the skew": {"nbf": now + 30},
		"no claim to hand on":         {"department": nil},
		"no groups":                   {"groups": nil},
		"claims by other cases":       {"SUB": "bob", "Aud": "x", "EXP": 1, "ISS": "x"},
	}
	sign := func(change map[string]any) string {
		claims := p.Claims("alice")
		claims["tenant"], claims["a"], claims["department"] = "t1", map[string]any{"b": true}, "risk"
		claims["groups"] = []string{"data-eng"}
		for name, value := range change {
			if claims[name] = value; value == nil {
				delete(claims, name)
			}
		}
		return p.Sign(claims)
	}
	for name, change := range refused {
		t.Run(name, func(t *testing.T) { f.refused(sign(change), authn.ErrUnauthenticated, name) })
	}
	for name, change := range accepted {
		t.Run(name, func(t *testing.T) { f.accepted(sign(change), "user:alice", name) })
	}
	f.accepted(sign(map[string]any{"sub": "Alice"}), "user:Alice", "another case is another user")

	f = newFixture(t, authnoidc.Issuer{URL: p.URL, GroupsClaim: "/groups"})
	f.refused(sign(refused["groups are elsewhere"]), authn.ErrUnauthenticated, "groups are elsewhere, named by a pointer")
}

// TestAuthenticate_signatures: tokens that the issuer's key has not signed as it should.
func TestAuthenticate_signatures(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{URL: p.URL})
	claims, key := p.Claims("alice"), p.Key()
	honest := p.Sign(claims)
	f.accepted(honest, "user:alice", "honest")
	parts := strings.Split(honest, ".")
	encode := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("Marshal: %v", err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	bob := maps.Clone(claims)
	bob["sub"] = "bob"

	for _, alg := range []string{"none", "None", "NONE", ""} {
		header := map[string]string{"alg": alg, "kid": key.KeyID}
		f.refused(encode(header)+"."+parts[1]+".", authn.ErrUnauthenticated, "alg="+alg)
		f.refused(encode(header)+"."+parts[1]+"."+parts[2], authn.ErrUnauthenticated, "alg="+alg+" with a signature")
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public().Key)
	if err != nil {
		t.Fatalf("MarshalPKIXPublicKey: %v", err)
	}
	for _, secret := range [][]byte{der, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), p.PublicKeys()} {
		hmac := jose.JSONWebKey{Key: secret, KeyID: key.KeyID, Algorithm: string(jose.HS256)}
		f.refused(oidctest.Sign(t, hmac, claims, nil), authn.ErrUnauthenticated, "HS256 by the public key")
	}
	forged, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("GenerateKey: %v", err)
	}
	forger := jose.JSONWebKey{Key: forged, KeyID: key.KeyID, Algorithm: string(jose.RS256)}
	f.refused(oidctest.Sign(t, forger, claims, nil), authn.ErrUnauthenticated, "another's key under the ID of the issuer's")
	public := jose.JSONWebKey{Key: forged.Public(), KeyID: key.KeyID, Algorithm: string(jose.RS256)}
	f.refused(oidctest.Sign(t, forger, claims, map[jose.HeaderKey]any{"jwk": public}), authn.ErrUnauthenticated, "a token that brings its key along")
	f.refused(oidctest.Sign(t, forger, claims, map[jose.HeaderKey]any{"jku": "http://127.0.0.1:1/keys"}), authn.ErrUnauthenticated, "a token that says where its key is")
	other := key
	other.Algorithm = string(jose.PS256) // allowed for the issuer, but not what the key is for
	f.refused(oidctest.Sign(t, other, claims, nil), authn.ErrUnauthenticated, "the key by another algorithm")
	other.Algorithm = string(jose.RS512)
	f.refused(oidctest.Sign(t, other, claims, nil), authn.ErrUnauthenticated, "an algorithm that is not allowed")
	other = key
	other.KeyID = "other"
	f.refused(oidctest.Sign(t, other, claims, nil), authn.ErrUnauthenticated, "unknown kid")
	other.KeyID = ""
	f.accepted(oidctest.Sign(t, other, claims, nil), "user:alice", "no kid, and one key")

	f.refused(parts[0]+"."+encode(bob)+"."+parts[2], authn.ErrUnauthenticated, "tampered payload")
	f.refused(parts[0]+"."+parts[1]+".", authn.ErrUnauthenticated, "no signature")
	f.refused(parts[0]+"."+parts[1]+"."+parts[2][:10], authn.ErrUnauthenticated, "cut signature")
	f.refused("..", authn.ErrUnauthenticated, "nothing in three parts")
	f.refused("a.b.c", authn.ErrUnauthenticated, "rubbish in three parts")
	duplicate := []byte(`{"iss":"` + p.URL + `","sub":"alice","sub":"bob","aud":"coffer","exp":99999999999}`)
	f.refused(signRaw(t, key, duplicate), authn.ErrUnauthenticated, "a claim twice")

	for _, kind := range []string{"logout+jwt", "secevent+jwt", "dpop+jwt", ""} {
		f.refused(oidctest.Sign(t, key, claims, map[jose.HeaderKey]any{"typ": kind}), authn.ErrUnauthenticated, "typ "+kind)
	}
	for _, kind := range []string{"JWT", "at+jwt", "application/at+jwt"} {
		f.accepted(oidctest.Sign(t, key, claims, map[jose.HeaderKey]any{"typ": kind}), "user:alice", "typ "+kind)
	}
	claims["pad"] = strings.Repeat("x", 16<<10)
	f.refused(p.Sign(claims), authn.ErrUnauthenticated, "a huge token")
}

func signRaw(t *testing.T, key jose.JSONWebKey, payload []byte) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, nil)
	if err != nil {
		t.Fatalf("NewSigner: %v", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatalf("CompactSerialize: %v", err)
	}
	return token
}

func TestAuthenticate_notOurs(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{URL: p.URL})
	secret, _, err := authn.NewToken()
	if err != nil {
		t.Fatalf("NewToken: %v", err)
	}
	for _, bearer := range []string{"", "opaque", secret, "cfr_a.b.c", "a.b", "a.b.c.d", "a.b.c.d.e"} {
		f.refused(bearer, authn.ErrNoCredentials, bearer)
	}
	f.refused(p.Sign(p.Claims("alice"))+".", authn.ErrNoCredentials, "four parts")
}

// TestAuthenticate_twoIssuers: equal names of two issuers are two users, and neither signs for the other.
func TestAuthenticate_twoIssuers(t *testing.T) {
	p, q := oidctest.Start(t), oidctest.Start(t)
	f := newFixture(
		t,
		authnoidc.Issuer{Name: "p", URL: p.URL, Prefix: "corp", GroupsClaim: "groups"},
		authnoidc.Issuer{Name: "q", URL: q.URL, Prefix: "Corp", GroupsClaim: "groups"},
	)
	groups := map[string]any{"groups": []string{"admins"}}
	a, err := f.authenticate(p.Login("alice", groups))
	b, err2 := f.authenticate(q.Login("alice", groups))
	if err != nil || err2 != nil || a.Name != "user:corp/alice" || b.Name != "user:Corp/alice" || cmp.Equal(a.Groups, b.Groups) {
		t.Errorf("Authenticate = %+v, %v and %+v, %v", a.Principal, err, b.Principal, err2)
	}
	f.refused(q.Sign(p.Claims("alice")), authn.ErrUnauthenticated, "one issuer's token by the other's key")
	key := q.Key()
	key.KeyID = p.Key().KeyID
	f.refused(oidctest.Sign(t, key, p.Claims("alice"), nil), authn.ErrUnauthenticated, "under the other's key ID")
}

func TestAuthenticate_kubernetes(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{
		URL: p.URL, GroupsClaim: "groups",
		Principal: "serviceAccount:namespaces/{/kubernetes.io/namespace}/serviceAccounts/{/kubernetes.io/serviceaccount/name}",
	})
	token := func(namespace, name any) string {
		claims := p.Claims("system:serviceaccount:acme:etl")
		claims["groups"] = []string{"admins"}
		claims["kubernetes.io"] = map[string]any{"namespace": namespace, "serviceaccount": map[string]any{"name": name, "uid": "u"}}
		return p.Sign(claims)
	}
	got, err := f.authenticate(token("acme", "etl"))
	want, _ := accounts(account)
	want.Claims = map[string]string{}
	if diff := cmp.Diff(want, got.Principal); err != nil || diff != "" {
		t.Errorf("Authenticate: %v (-want +got):\n%s", err, diff)
	}
	f.refused(token("acme", "other"), authn.ErrUnauthenticated, "an account that does not exist")
	f.refused(token("ACME", "etl"), authn.ErrUnauthenticated, "another case")
	f.refused(token("acme/serviceAccounts/etl", ""), authn.ErrUnauthenticated, "a path in a claim")
	f.refused(token("acme", []string{"etl"}), authn.ErrUnauthenticated, "a list in a claim")
	f.refused(p.Sign(p.Claims("system:serviceaccount:acme:etl")), authn.ErrUnauthenticated, "no such claims")
}

func TestAuthenticate_email(t *testing.T) {
	p := oidctest.Start(t)
	for _, template := range []string{"user:{email}", "user:{/email}"} {
		f := newFixture(t, authnoidc.Issuer{URL: p.URL, Principal: template})
		claims := p.Claims("alice")
		claims["email"] = "alice@example.com"
		f.refused(p.Sign(claims), authn.ErrUnauthenticated, "an address of which nobody says that it is verified")
		claims["email_verified"] = "true"
		f.refused(p.Sign(claims), authn.ErrUnauthenticated, "an address that is verified in a text")
		claims["email_verified"] = true
		f.accepted(p.Sign(claims), "user:alice@example.com", "a verified address")
	}
}
