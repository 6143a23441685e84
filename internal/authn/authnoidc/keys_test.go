package authnoidc_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authn/authnoidc"
	"github.com/coffer-dev/coffer/internal/authn/oidctest"
)

const (
	pause = 10 * time.Second // between two fetches
	age   = 5 * time.Minute  // of keys before they are fetched again
	stale = time.Hour        // of keys before that is waited for
)

func TestKeys_rotation(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{URL: p.URL})
	old := p.Login("alice", nil)
	f.accepted(old, "user:alice", "before")
	p.Rotate()
	f.accepted(old, "user:alice", "before the rotation is known")
	f.refused(p.Login("alice", nil), authn.ErrUnauthenticated, "a new key within the pause")
	f.advance(pause)
	f.accepted(p.Login("alice", nil), "user:alice", "a new key")
	f.refused(old, authn.ErrUnauthenticated, "a key that is gone")
}

// TestKeys_age: a key that is withdrawn stops working though no token of another makes us look.
func TestKeys_age(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{URL: p.URL})
	old := p.Login("alice", nil)
	f.accepted(old, "user:alice", "before")
	p.Rotate()
	f.advance(age)
	f.accepted(old, "user:alice", "nobody waits for the keys to be looked at again")
	for deadline := time.Now().Add(10 * time.Second); ; {
		if _, err := f.authenticate(old); errors.Is(err, authn.ErrUnauthenticated) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a key that was withdrawn still works")
		}
		time.Sleep(time.Millisecond)
	}
}

// TestKeys_stale: after a quiet time not even the first token by a key that was withdrawn is taken, unless the issuer is
// away. Then its keys go on to work, and that it is away is found out once and not by each token.
func TestKeys_stale(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{URL: p.URL})
	old := p.Login("alice", nil)
	f.accepted(old, "user:alice", "before")
	p.Rotate()
	f.advance(stale)
	f.refused(old, authn.ErrUnauthenticated, "by a key that was withdrawn")

	f = newFixture(t, authnoidc.Issuer{URL: p.URL})
	claims := p.Claims("alice")
	claims["exp"] = time.Now().Add(24 * time.Hour).Unix()
	old = p.Sign(claims)
	f.accepted(old, "user:alice", "before the issuer goes away")
	p.SetDown(true)
	f.advance(stale)
	f.accepted(old, "user:alice", "while the issuer is away")
	f.advance(pause)
	ended, end := context.WithCancel(t.Context())
	end()
	if got, err := f.a.Authenticate(ended, authn.Credentials{Bearer: old}); err != nil || got.Name != "user:alice" {
		t.Errorf("Authenticate by a request that cannot wait, while the issuer is away: %q, %v", got.Name, err)
	}
	p.SetDown(false)
	p.Rotate()
	f.advance(stale)
	f.refused(old, authn.ErrUnauthenticated, "by a key that was withdrawn while the issuer was away")
}

// TestKeys_flood: a flood of unknown key IDs, at once and one after the other, costs one fetch in a pause.
func TestKeys_flood(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{URL: p.URL})
	f.accepted(p.Login("alice", nil), "user:alice", "before")
	key := p.Key()
	tokens := make([]string, 200)
	for i := range tokens {
		key.KeyID = fmt.Sprint("unknown", i)
		tokens[i] = oidctest.Sign(t, key, p.Claims("alice"), nil)
	}
	for range 2 {
		before := p.Fetches()
		f.advance(pause)
		var all sync.WaitGroup
		for _, token := range tokens {
			all.Go(func() { f.refused(token, authn.ErrUnauthenticated, "unknown kid") })
		}
		all.Wait()
		for _, token := range tokens {
			f.refused(token, authn.ErrUnauthenticated, "unknown kid")
		}
		if n := p.Fetches() - before; n != 1 {
			t.Errorf("%d tokens of unknown keys cost %d fetches, want 1", 2*len(tokens), n)
		}
	}
}

func TestKeys_issuerDown(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{URL: p.URL})
	token := p.Login("alice", nil)
	p.SetDown(true)
	f.refused(token, authn.ErrUnavailable, "down before the first fetch")
	p.SetDown(false)
	f.refused(token, authn.ErrUnavailable, "within the pause")
	f.advance(pause)
	f.accepted(token, "user:alice", "up again")

	p.SetDown(true)
	f.advance(age)
	f.accepted(token, "user:alice", "down, with keys")
	f.advance(age)
	f.accepted(token, "user:alice", "down for long, with keys")
	key := p.Key()
	key.KeyID = "unknown"
	unknown := oidctest.Sign(t, key, p.Claims("alice"), nil)
	f.advance(pause)
	f.refused(unknown, authn.ErrUnavailable, "down, by another key")
	p.SetDown(false)
	f.advance(pause)
	f.refused(unknown, authn.ErrUnauthenticated, "up again, by another key")
}

// TestKeys_context: whoever waits for a fetch stops when its request ends, and the fetch goes on for the others.
func TestKeys_context(t *testing.T) {
	p := oidctest.Start(t)
	f := newFixture(t, authnoidc.Issuer{URL: p.URL})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	token := p.Login("alice", nil)
	if _, err := f.a.Authenticate(ctx, authn.Credentials{Bearer: token}); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("Authenticate after the request ended: %v", err)
	}
	f.accepted(token, "user:alice", "for another request")
	if n := p.Fetches(); n != 1 {
		t.Errorf("%d fetches, want 1", n)
	}
}

func TestKeys_file(t *testing.T) {
	p := oidctest.Start(t)
	file := p.KeyFile()
	p.SetDown(true) // it is not asked
	f := newFixture(t, authnoidc.Issuer{URL: p.URL, JWKSFile: file})
	old := p.Sign(p.Claims("alice"))
	f.accepted(old, "user:alice", "by the file")
	p.Rotate()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatalf("WriteFile: %v", err)
		}
		f.advance(time.Second)
	}
	write(string(p.PublicKeys()))
	f.refused(old, authn.ErrUnauthenticated, "by a key that was taken out of the file")
	f.accepted(p.Sign(p.Claims("alice")), "user:alice", "by a key that was put in")
	for _, text := range []string{"", "{}", `{"keys":[]}`, "rubbish", strings.Repeat(" ", 1<<20) + string(p.PublicKeys())} {
		write(text)
		f.accepted(p.Sign(p.Claims("alice")), "user:alice", "while the file is spoilt")
	}
	if err := os.Remove(file); err != nil {
		t.Fatalf("Remove: %v", err)
	}
	f.advance(time.Second)
	f.accepted(p.Sign(p.Claims("alice")), "user:alice", "while the file is gone")
	if _, err := authnoidc.New(config(authnoidc.Issuer{Name: "x", URL: p.URL, Audiences: []string{"a"}, JWKSFile: file})); !errors.Is(err, authnoidc.ErrConfig) {
		t.Errorf("New without the file: %v, want ErrConfig", err)
	}
}

// TestKeys_unfit: of a set, only strong public keys for signatures count, and keys of kinds not known do no harm.
func TestKeys_unfit(t *testing.T) {
	p := oidctest.Start(t)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatalf("GenerateKey: %v", err)
	}
	good := p.Key()
	bad := map[string]jose.JSONWebKey{
		"weak":      {Key: weak, KeyID: "weak", Algorithm: "RS256"},
		"encrypts":  {Key: good.Key, KeyID: "encrypts", Algorithm: "RS256", Use: "enc"},
		"symmetric": {Key: []byte("0123456789abcdef0123456789abcdef"), KeyID: "symmetric", Algorithm: "HS256"},
	}
	raw := []json.RawMessage{[]byte(`{"kty":"OKP","crv":"Ed448","kid":"odd","x":"AAAA"}`), []byte(`{"kty":"secret"}`), []byte(`7`)}
	for name, key := range bad {
		if key.IsPublic() || name == "symmetric" {
			raw = append(raw, mustJSON(t, key))
		} else {
			raw = append(raw, mustJSON(t, key.Public()))
		}
	}
	private := good
	private.KeyID = "private"
	bad["private"] = private
	raw = append(raw, mustJSON(t, private), mustJSON(t, good.Public()))
	f := newFixture(t, authnoidc.Issuer{URL: p.URL, JWKSFile: keyFile(t, raw...)})
	f.accepted(p.Sign(p.Claims("alice")), "user:alice", "the good key")
	for name, key := range bad {
		f.refused(oidctest.Sign(t, key, p.Claims("alice"), nil), authn.ErrUnauthenticated, name)
	}
	large := filepath.Join(t.TempDir(), "large.json")
	if err := os.WriteFile(large, append(p.PublicKeys(), strings.Repeat(" ", 1<<20)...), 0o600); err != nil {
		t.Fatalf("WriteFile: %v", err)
	}
	many := append(slices.Repeat([]json.RawMessage{[]byte("{}")}, 100), mustJSON(t, good.Public()))
	for name, file := range map[string]string{
		"none that is public": keyFile(t, mustJSON(t, private)),
		"too many":            keyFile(t, many...),
		"too large":           large,
	} {
		if _, err := authnoidc.New(config(authnoidc.Issuer{Name: "x", URL: p.URL, Audiences: []string{"a"}, JWKSFile: file})); !errors.Is(err, authnoidc.ErrConfig) {
			t.Errorf("New with keys of which %s: %v, want ErrConfig", name, err)
		}
	}
}

// TestKeys_withoutAlgorithm: keys that do not say what they are for are still for the issuer's algorithms alone, and a
// token without a key ID is still for one key.
func TestKeys_withoutAlgorithm(t *testing.T) {
	p := oidctest.Start(t)
	key := p.Key()
	public := key.Public()
	public.Algorithm = ""
	p.Rotate() // to one of another kind
	rotated := p.Key()
	other := rotated.Public()
	other.Algorithm = ""
	second := public
	second.KeyID = "second"
	key.KeyID = ""
	unnamed := oidctest.Sign(t, key, p.Claims("alice"), nil)
	file := keyFile(t, mustJSON(t, public), mustJSON(t, other))
	f := newFixture(t, authnoidc.Issuer{URL: p.URL, JWKSFile: file})
	f.accepted(unnamed, "user:alice", "the only key of its kind")
	key.KeyID, key.Algorithm = public.KeyID, string(jose.PS256)
	f.accepted(oidctest.Sign(t, key, p.Claims("alice"), nil), "user:alice", "another algorithm of the key's kind")
	key.Algorithm = string(jose.RS512)
	f.refused(oidctest.Sign(t, key, p.Claims("alice"), nil), authn.ErrUnauthenticated, "an algorithm that is not allowed")

	f = newFixture(t, authnoidc.Issuer{URL: p.URL, JWKSFile: keyFile(t, mustJSON(t, public), mustJSON(t, second))})
	f.refused(unnamed, authn.ErrUnauthenticated, "one of two keys")
}

func keyFile(t *testing.T, keys ...json.RawMessage) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keys.json")
	var list []string
	for _, key := range keys {
		list = append(list, string(key))
	}
	text := []byte(`{"keys":[` + strings.Join(list, ",") + "]}")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatalf("WriteFile: %v", err)
	}
	return file
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("Marshal: %v", err)
	}
	return text
}

func TestKeys_tls(t *testing.T) {
	p := oidctest.StartTLS(t)
	token := p.Login("alice", nil)
	newFixture(t, authnoidc.Issuer{URL: p.URL, CAFile: p.CAFile()}).accepted(token, "user:alice", "with its CA")
	newFixture(t, authnoidc.Issuer{URL: p.URL}).refused(token, authn.ErrUnavailable, "with the CAs of the system")
}

// TestKeys_downgrade: an issuer with TLS does not make us fetch its keys without.
func TestKeys_downgrade(t *testing.T) {
	p := oidctest.Start(t)
	server := httptest.NewUnstartedServer(nil)
	issuer := "https://" + server.Listener.Addr().String()
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, issuer, p.URL+"/keys")
	})
	server.StartTLS()
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatalf("WriteFile: %v", err)
	}
	claims := p.Claims("alice")
	claims["iss"] = issuer
	newFixture(t, authnoidc.Issuer{URL: issuer, CAFile: file}).refused(p.Sign(claims), authn.ErrUnavailable, "keys without TLS")
	if n := p.Fetches(); n != 0 {
		t.Errorf("%d fetches, want none", n)
	}
}

// TestKeys_hostileDiscovery: an issuer whose pages have been taken over in part, or that is broken.
func TestKeys_hostileDiscovery(t *testing.T) {
	p := oidctest.Start(t)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(p.PublicKeys()) }))
	defer elsewhere.Close()
	document := func(issuer, keys string) string { return fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q}`, issuer, keys) }
	tests := []struct {
		name string
		want error
		keys func(w http.ResponseWriter, r *http.Request, issuer string) bool // true: answered
	}{
		{"honest", nil, func(http.ResponseWriter, *http.Request, string) bool { return false }},
		{"redirected within", nil, func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.URL.Path == "/keys" {
				http.Redirect(w, r, "/keys2", http.StatusFound)
			}
			return r.URL.Path == "/keys"
		}},
		{"redirected to another host", authn.ErrUnavailable, func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.URL.Path == "/keys" {
				http.Redirect(w, r, elsewhere.URL, http.StatusFound)
			}
			return r.URL.Path == "/keys"
		}},
		{"another issuer's document", authn.ErrUnavailable, func(w http.ResponseWriter, r *http.Request, issuer string) bool {
			_, _ = fmt.Fprint(w, document(p.URL, issuer+"/keys"))
			return true
		}},
		{"keys without TLS elsewhere", authn.ErrUnavailable, func(w http.ResponseWriter, r *http.Request, issuer string) bool {
			_, _ = fmt.Fprint(w, document(issuer, "http://keys.example/"))
			return true
		}},
		{"keys in a file", authn.ErrUnavailable, func(w http.ResponseWriter, r *http.Request, issuer string) bool {
			_, _ = fmt.Fprint(w, document(issuer, "file:///etc/passwd"))
			return true
		}},
		{"endless document", authn.ErrUnavailable, func(w http.ResponseWriter, r *http.Request, issuer string) bool {
			if r.URL.Path != "/keys" {
				_, _ = fmt.Fprint(w, strings.Repeat(" ", 1<<20), document(issuer, issuer+"/keys"))
			}
			return r.URL.Path != "/keys"
		}},
		{"endless keys", authn.ErrUnavailable, func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.URL.Path == "/keys" {
				_, _ = fmt.Fprint(w, strings.Repeat(" ", 1<<20), string(p.PublicKeys()))
			}
			return r.URL.Path == "/keys"
		}},
		{"error", authn.ErrUnavailable, func(w http.ResponseWriter, r *http.Request, _ string) bool {
			if r.URL.Path == "/keys" {
				http.Error(w, string(p.PublicKeys()), http.StatusInternalServerError)
			}
			return r.URL.Path == "/keys"
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var issuer string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case test.keys(w, r, issuer):
				case strings.HasPrefix(r.URL.Path, "/keys"):
					_, _ = w.Write(p.PublicKeys())
				default:
					_, _ = fmt.Fprint(w, document(issuer, issuer+"/keys"))
				}
			}))
			defer server.Close()
			issuer = server.URL
			f := newFixture(t, authnoidc.Issuer{URL: issuer})
			claims := p.Claims("alice")
			claims["iss"] = issuer
			if _, err := f.authenticate(p.Sign(claims)); !errors.Is(err, test.want) {
				t.Errorf("Authenticate: %v, want %v", err, test.want)
			}
		})
	}
}
