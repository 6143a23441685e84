package server_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/authn/authnmtls"
	"github.com/coffer-dev/coffer/internal/authn/authnoidc"
	"github.com/coffer-dev/coffer/internal/authn/oidctest"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// corp is the configuration of a provider whose people are user:corp/….
func corp(p *oidctest.Provider) server.Issuer {
	return server.Issuer{
		Issuer:   authnoidc.Issuer{Name: "corp", URL: p.URL, Audiences: []string{oidctest.Client}, Prefix: "corp", GroupsClaim: "groups"},
		ClientID: oidctest.Client, Scopes: []string{"openid", "groups"},
	}
}

// A person logs in with the provider, and what a group of theirs was granted counts, by each door.
func TestLogin_oidc(t *testing.T) {
	provider := oidctest.Start(t)
	change := func(c *server.Config) { c.Auth.Issuers = []server.Issuer{corp(provider)} }
	eachDoorWith(t, change, func(t *testing.T, s *servertest.Server, d door) {
		seed(t, s)
		s.Grant("namespaces/acme", "eng", "group:corp/data-eng", "viewer", "")
		engineer := provider.Login("alice", map[string]any{"groups": []string{"data-eng"}})
		who := methodNamed(t, "WhoAmI")
		r := d.call(t, engineer, who, requestFrom(t, who, `{}`))
		if r.code() != codes.OK {
			t.Fatalf("WhoAmI: %v", r.status)
		}
		if me := r.answer.(*cofferv1.WhoAmIResponse); me.GetPrincipal() != "user:corp/alice" || me.GetAuthnMethod() != "oidc" ||
			!slices.Equal(me.GetGroups(), []string{"group:corp/data-eng"}) || me.GetExpireTime() == nil {
			t.Errorf("WhoAmI: %v, want user:corp/alice of group:corp/data-eng", me)
		}
		get := methodNamed(t, "GetSecret")
		const db = `{"name": "namespaces/acme/secrets/db"}`
		if r := d.call(t, engineer, get, requestFrom(t, get, db)); r.code() != codes.OK {
			t.Errorf("by the right of the group: %v, want OK", r.status)
		}
		guest := provider.Login("bob", map[string]any{"groups": []string{"guests"}})
		if r := d.call(t, guest, get, requestFrom(t, get, db)); r.code() != codes.PermissionDenied {
			t.Errorf("without the group: %v, want PermissionDenied", r.status)
		}
		stale := provider.Sign(map[string]any{"iss": provider.URL, "aud": oidctest.Client, "sub": "alice", "iat": time.Now().Add(-time.Hour).Unix(), "exp": time.Now().Add(-time.Hour / 2).Unix()})
		if r := d.call(t, stale, get, requestFrom(t, get, db)); r.code() != codes.Unauthenticated {
			t.Errorf("a token of an hour ago: %v, want Unauthenticated", r.status)
		}
	})
}

// Keys that cannot be had say so, and nobody comes in.
func TestLogin_issuerAway(t *testing.T) {
	provider := oidctest.Start(t)
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.Auth.Issuers = []server.Issuer{corp(provider)} }})
	token := provider.Login("alice", nil)
	provider.SetDown(true)
	if r := s.REST(token, "GET", "/v1/whoami", ""); r.Status != http.StatusServiceUnavailable {
		t.Errorf("without the issuer's keys: %d %s, want 503", r.Status, r.Body)
	}
}

func TestLogin_streamEndsWithItsAccount(t *testing.T) {
	provider := oidctest.Start(t)
	kubernetes := server.Issuer{Issuer: authnoidc.Issuer{
		Name: "k8s", URL: provider.URL, Audiences: []string{oidctest.Client}, Principal: "serviceAccount:namespaces/acme/serviceAccounts/{sub}",
	}}
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.Auth.Issuers = []server.Issuer{kubernetes} }})
	watching(t, s)
	token := provider.Sign(map[string]any{
		"iss": provider.URL, "aud": oidctest.Client, "sub": "workload", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	})
	watch := open(t, grpcDoor{s, s.Conn}, token, "WatchProjection", etl)
	nextBundle(t, watch)
	do(t, s, "DeleteServiceAccount", `{"name": "namespaces/acme/serviceAccounts/workload"}`)
	if r := end(watch); r.code() != codes.Unauthenticated {
		t.Errorf("the stream of an account that is gone ended with %v, want Unauthenticated", r.status)
	}
}

// A certificate is a credential where a rule makes a principal of it, and a token beside it decides.
func TestLogin_certificate(t *testing.T) {
	ca, files := newAuthority(t), newTLSFiles(t)
	ca.write(files, 2)
	files.ClientCA = files.Cert + ".ca"
	if err := os.WriteFile(files.ClientCA, encodePEM("CERTIFICATE", ca.cert.Raw), 0o600); err != nil {
		t.Fatal(err)
	}
	client := &tls.Config{RootCAs: ca.pool, Certificates: []tls.Certificate{ca.workload("spiffe://acme.example/ns/jobs/sa/etl")}}
	s := servertest.Start(t, servertest.Config{TLS: credentials.NewTLS(client), Change: func(c *server.Config) {
		c.TLS = files
		c.Auth.Certificates = []authnmtls.Rule{{SAN: "uri", Match: `spiffe://acme\.example/ns/jobs/sa/([a-z]+)`, Principal: "user:acme/$1"}}
	}})
	s.Grant("namespaces/instance", "auditor", "user:acme/etl", "auditor", "")
	for name, conn := range map[string]func(string) cofferv1.AccessServiceClient{
		"gRPC": func(token string) cofferv1.AccessServiceClient { return cofferv1.NewAccessServiceClient(s.Conn(token)) },
		"gRPC by content type": func(token string) cofferv1.AccessServiceClient {
			return cofferv1.NewAccessServiceClient(s.HTTPConn(token))
		},
	} {
		me, err := conn("").WhoAmI(t.Context(), &cofferv1.WhoAmIRequest{})
		if err != nil || me.GetPrincipal() != "user:acme/etl" || me.GetAuthnMethod() != "mtls" {
			t.Errorf("%s: WhoAmI: %v, %v, want user:acme/etl by mtls", name, me, err)
		}
		if me, err := conn(s.OperatorToken).WhoAmI(t.Context(), &cofferv1.WhoAmIRequest{}); err != nil || me.GetAuthnMethod() != "token" {
			t.Errorf("%s with a token too: WhoAmI: %v, %v, want the token's principal", name, me, err)
		}
		if _, err := conn("cfr_wrong").WhoAmI(t.Context(), &cofferv1.WhoAmIRequest{}); status.Code(err) != codes.Unauthenticated {
			t.Errorf("%s with a bad token: %v, want Unauthenticated", name, err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL()+"/v1/audit/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: client}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "user:acme/etl") {
		t.Errorf("the audit log by certificate: %d %s, want 200", resp.StatusCode, body)
	}
}

// workload is a certificate with a SPIFFE ID.
func (a *authority) workload(id string) tls.Certificate {
	a.t.Helper()
	uri, err := url.Parse(id)
	if err != nil {
		a.t.Fatal(err)
	}
	key := newKey(a.t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(9), Subject: pkix.Name{CommonName: "workload"}, NotAfter: time.Now().Add(time.Hour), URIs: []*url.URL{uri},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// What coffer login needs is told to everybody, by RFC 9728.
func TestProtectedResource(t *testing.T) {
	provider := oidctest.Start(t)
	machines := corp(provider)
	machines.Name, machines.URL, machines.Prefix, machines.ClientID = "machines", "https://k8s.example.com", "k8s", ""
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.Auth.Issuers = []server.Issuer{corp(provider), machines} }})
	var got struct {
		Resource             string
		AuthorizationServers []string `json:"authorization_servers"`
		BearerMethods        []string `json:"bearer_methods_supported"`
		Issuers              []struct {
			Name, Issuer string
			ClientID     string `json:"client_id"`
			Scopes       []string
		} `json:"coffer_issuers"`
	}
	r := s.REST("", "GET", "/.well-known/oauth-protected-resource", "")
	if err := json.Unmarshal(r.Body, &got); err != nil || r.Status != http.StatusOK {
		t.Fatalf("%d %s: %v", r.Status, r.Body, err)
	}
	if got.Resource != s.URL() || !slices.Equal(got.AuthorizationServers, []string{provider.URL}) || !slices.Equal(got.BearerMethods, []string{"header"}) ||
		len(got.Issuers) != 1 || got.Issuers[0].Name != "corp" || got.Issuers[0].Issuer != provider.URL || got.Issuers[0].ClientID != oidctest.Client ||
		!slices.Equal(got.Issuers[0].Scopes, []string{"openid", "groups"}) {
		t.Errorf("%s, want the resource %s and the issuer that people log in by", r.Body, s.URL())
	}
}

// Where an issuer names people as Coffer could, Coffer does not.
func TestPersonalTokens_off(t *testing.T) {
	provider := oidctest.Start(t)
	unprefixed := corp(provider)
	unprefixed.Prefix = ""
	for name, tt := range map[string]struct {
		issuer server.Issuer
		off    bool
	}{"prefixed": {corp(provider), false}, "unprefixed": {unprefixed, true}} {
		s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.Auth.Issuers = []server.Issuer{tt.issuer} }})
		r := s.REST(s.OperatorToken, "POST", "/v1/users/alice/tokens?tokenId=t1", `{}`)
		if (r.Status != http.StatusOK) != tt.off || strings.Contains(s.Logs(), "without a prefix") != tt.off {
			t.Errorf("%s: minting a token for alice: %d %s, with the log %s", name, r.Status, r.Body, s.Logs())
		}
	}
}
