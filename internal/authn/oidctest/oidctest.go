// Package oidctest starts an OpenID provider for tests: the one of github.com/zitadel/oidc, over HTTP on loopback, whose
// tokens come out of its real flows (authorization code with PKCE, device authorization, client credentials). What an
// honest provider would not sign is signed by hand with its key.
//
// It is for tests alone: whoever asks is logged in as whomever they name.
package oidctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	// Client is the ID of the provider's one client that people log in with, and the audience of all tokens. It is public:
	// it has no secret. It may use the authorization code and the device flow.
	Client = "coffer"
	// Secret is that of every machine.
	Secret = "oidctest"

	redirectURL = "http://127.0.0.1/callback"
)

// Provider is a running OpenID provider.
type Provider struct {
	URL string // the issuer

	t       testing.TB
	server  *httptest.Server
	store   *store
	down    atomic.Bool
	fetches atomic.Int64
}

// Start starts a provider that ends with the test. Its first key is for RS256.
func Start(t testing.TB) *Provider { return start(t, (*httptest.Server).Start, "http://") }

// StartTLS starts a provider over TLS, whose certificate CAFile vouches for.
func StartTLS(t testing.TB) *Provider { return start(t, (*httptest.Server).StartTLS, "https://") }

func start(t testing.TB, begin func(*httptest.Server), scheme string) *Provider {
	t.Helper()
	p := &Provider{t: t, server: httptest.NewUnstartedServer(nil)}
	p.URL = scheme + p.server.Listener.Addr().String()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("generating a key: %v", err)
	}
	p.store = newStore(jose.JSONWebKey{Key: key, KeyID: rand.Text(), Algorithm: string(jose.RS256), Use: "sig"})
	provider, err := op.NewProvider(&op.Config{
		CodeMethodS256: true, GrantTypeRefreshToken: true,
		DeviceAuthorization: op.DeviceAuthorizationConfig{
			Lifetime: time.Minute, PollInterval: time.Second, UserFormPath: "/device", UserCode: op.UserCodeBase20,
		},
	}, p.store, op.StaticIssuer(p.URL), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatalf("making an OpenID provider: %v", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", provider)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		p.fetches.Add(1)
		provider.ServeHTTP(w, r)
	})
	mux.HandleFunc("POST /login", p.login(op.AuthCallbackURL(provider), op.NewIssuerInterceptor(provider.IssuerFromRequest)))
	mux.HandleFunc("POST /device", p.decide)
	p.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.down.Load() {
			panic(http.ErrAbortHandler)
		}
		mux.ServeHTTP(w, r)
	})
	p.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // of clients that do not trust it
	begin(p.server)
	t.Cleanup(p.server.Close)
	return p
}

// CAFile writes the certificate of a provider over TLS to a file and returns its path.
func (p *Provider) CAFile() string {
	p.t.Helper()
	return p.file("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.server.Certificate().Raw}))
}

// KeyFile writes the provider's public keys to a file, as /keys serves them, and returns its path.
func (p *Provider) KeyFile() string {
	p.t.Helper()
	return p.file("keys.json", p.PublicKeys())
}

func (p *Provider) file(name string, content []byte) string {
	p.t.Helper()
	path := filepath.Join(p.t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		p.t.Fatalf("writing %s: %v", name, err)
	}
	return path
}

// SetDown makes the provider cut every connection, or serve again.
func (p *Provider) SetDown(down bool) { p.down.Store(down) }

// Fetches counts how often the keys were asked for.
func (p *Provider) Fetches() int { return int(p.fetches.Load()) }

// Key is the private key that the provider signs with.
func (p *Provider) Key() jose.JSONWebKey { return p.store.currentKey() }

// PublicKeys is the provider's JSON Web Key Set.
func (p *Provider) PublicKeys() []byte {
	p.t.Helper()
	key := p.Key()
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}})
	if err != nil {
		p.t.Fatalf("encoding keys: %v", err)
	}
	return set
}

// Rotate replaces the provider's key by a new one, which is for ES256. The old one is gone at once.
func (p *Provider) Rotate() {
	p.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatalf("generating a key: %v", err)
	}
	p.store.setKey(jose.JSONWebKey{Key: key, KeyID: rand.Text(), Algorithm: string(jose.ES256), Use: "sig"})
}

// Claims are what an honest token of the subject says, for Sign: they may be changed.
func (p *Provider) Claims(subject string) map[string]any {
	now := time.Now().Unix()
	return map[string]any{"iss": p.URL, "aud": Client, "sub": subject, "iat": now, "exp": now + 3600, "jti": rand.Text()}
}

// Sign signs whatever claims with the provider's key.
func (p *Provider) Sign(claims map[string]any) string {
	p.t.Helper()
	return Sign(p.t, p.Key(), claims, nil)
}

// Sign signs whatever claims with whatever key, by the key's algorithm and under its ID. headers are put beside those.
func Sign(t testing.TB, key jose.JSONWebKey, claims map[string]any, headers map[jose.HeaderKey]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatalf("encoding claims: %v", err)
	}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key},
		&jose.SignerOptions{ExtraHeaders: maps.Clone(headers)},
	)
	if err != nil {
		t.Fatalf("making a signer: %v", err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatalf("signing: %v", err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatalf("encoding a token: %v", err)
	}
	return token
}
