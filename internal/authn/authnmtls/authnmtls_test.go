package authnmtls_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authn/authnmtls"
)

// authority is a CA that certifies clients.
type authority struct {
	t           *testing.T
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{t: t, key: newKey(t)}
	a.certificate = &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, NotAfter: time.Now().Add(time.Hour)}
	a.certificate = a.sign(a.certificate, a.key)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("GenerateKey: %v", err)
	}
	return key
}

func (a authority) sign(template *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	a.t.Helper()
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		a.t.Fatalf("CreateCertificate: %v", err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		a.t.Fatalf("ParseCertificate: %v", err)
	}
	return certificate
}

// names are the subject alternative names of a certificate.
type names struct{ uris, dns, emails []string }

func (a authority) client(n names) tls.Certificate { return a.clientOr(n, false) }

// clientOr makes the certificate of a client or, as it should not be, of one that is an authority too.
func (a authority) clientOr(n names, authority bool) tls.Certificate {
	a.t.Helper()
	template := &x509.Certificate{
		IsCA: authority, BasicConstraintsValid: true,
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, DNSNames: n.dns, EmailAddresses: n.emails,
	}
	for _, text := range n.uris {
		uri, err := url.Parse(text)
		if err != nil {
			a.t.Fatalf("Parse: %v", err)
		}
		template.URIs = append(template.URIs, uri)
	}
	key := newKey(a.t)
	return tls.Certificate{Certificate: [][]byte{a.sign(template, key).Raw}, PrivateKey: key}
}

// handshake returns the TLS state of a real server to which a client with the certificates has connected.
func (a authority) handshake(auth tls.ClientAuthType, certificates ...tls.Certificate) *tls.ConnectionState {
	a.t.Helper()
	states := make(chan *tls.ConnectionState, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { states <- r.TLS }))
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	server.TLS = &tls.Config{ClientAuth: auth, ClientCAs: pool}
	server.StartTLS()
	defer server.Close()
	client := server.Client()
	client.Transport.(*http.Transport).TLSClientConfig.Certificates = certificates
	r, err := client.Get(server.URL)
	if err != nil {
		a.t.Fatalf("Get: %v", err)
	}
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		a.t.Fatalf("reading: %v", err)
	}
	return <-states
}

const account = "namespaces/acme/serviceAccounts/etl"

func accounts(name string) (authn.Principal, bool) {
	return authn.Principal{Name: "serviceAccount:" + account, UID: "sa-etl", NamespaceUID: "ns-acme"}, name == account
}

var rules = []authnmtls.Rule{
	{SAN: "uri", Match: `spiffe://acme\.example/ns/([^/]+)/sa/(?P<account>[^/]+)`, Principal: "serviceAccount:namespaces/$1/serviceAccounts/${account}"},
	{SAN: "uri", Match: `urn:robot:(.*)`, Principal: "user:robots/r-$1"},
	{SAN: "dns", Match: `([a-z]+)\.clients\.example`, Principal: "user:$1"},
	{SAN: "dns", Match: `.+\.clients\.example`, Principal: "user:anybody"},
	{SAN: "email", Match: `(.+)@example\.com`, Principal: "user:mail/$1"},
}

func TestAuthenticate(t *testing.T) {
	a := newAuthority(t)
	authenticator, err := authnmtls.New(authnmtls.Config{Rules: rules, Accounts: accounts})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	tests := []struct {
		name  string
		names names
		want  string // empty: not authenticated
	}{
		{"SPIFFE ID", names{uris: []string{"spiffe://acme.example/ns/acme/sa/etl"}}, "serviceAccount:" + account},
		{"SPIFFE ID of no account", names{uris: []string{"spiffe://acme.example/ns/acme/sa/other"}}, ""},
		{"SPIFFE ID of another domain", names{uris: []string{"spiffe://evil.example/ns/acme/sa/etl"}}, ""},
		{"SPIFFE ID with more around it", names{uris: []string{"spiffe://acme.example/ns/acme/sa/etl/x"}}, ""},
		{"two SPIFFE IDs", names{uris: []string{"spiffe://acme.example/ns/acme/sa/etl", "spiffe://acme.example/ns/acme/sa/x"}}, ""},
		{"SPIFFE ID beside another URI", names{uris: []string{"spiffe://acme.example/ns/acme/sa/etl", "urn:robot:7"}}, ""},
		{"bad SPIFFE ID beside a good name", names{uris: []string{"spiffe://acme.example/%2e%2e"}, dns: []string{"etl.clients.example"}}, ""},
		{"URI", names{uris: []string{"urn:robot:7"}}, "user:robots/r-7"},
		{"URI with a slash in the name", names{uris: []string{"urn:robot:7/8"}}, ""},
		{"URI with a wildcard in the name", names{uris: []string{"urn:robot:*"}}, ""},
		{"URI without a name", names{uris: []string{"urn:robot:"}}, ""},
		{"DNS", names{dns: []string{"etl.clients.example"}}, "user:etl"},
		{"DNS among others", names{dns: []string{"x.example", "etl.clients.example"}}, "user:etl"},
		{"DNS, second rule", names{dns: []string{"etl2.clients.example"}}, "user:anybody"},
		{"DNS, case counts", names{dns: []string{"ETL.clients.example"}}, "user:anybody"},
		{"DNS with more behind it", names{dns: []string{"etl.clients.example.evil.example"}}, ""},
		{"two DNS names of one rule", names{dns: []string{"a.clients.example", "b.clients.example"}, emails: []string{"alice@example.com"}}, ""},
		{"first rule decides", names{uris: []string{"urn:robot:7"}, dns: []string{"etl.clients.example"}}, "user:robots/r-7"},
		{"a bad name does not fall to the next rule", names{uris: []string{"urn:robot:*"}, dns: []string{"etl.clients.example"}}, ""},
		{"email", names{emails: []string{"alice@example.com"}}, "user:mail/alice"},
		{"no rule", names{emails: []string{"alice@example.org"}}, ""},
		{"no names", names{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			state := a.handshake(tls.VerifyClientCertIfGiven, a.client(test.names))
			got, err := authenticator.Authenticate(t.Context(), authn.Credentials{TLS: state})
			if test.want == "" {
				if !errors.Is(err, authn.ErrUnauthenticated) || got.Name != "" {
					t.Errorf("Authenticate = %q, %v, want ErrUnauthenticated", got.Name, err)
				}
				return
			}
			if err != nil || got.Name != test.want || got.Method != authnmtls.Method || !got.TokenExpire.Equal(state.PeerCertificates[0].NotAfter) {
				t.Errorf("Authenticate = %+v, %v, want %q", got, err, test.want)
			}
			if test.want == "serviceAccount:"+account && got.UID != "sa-etl" {
				t.Errorf("Authenticate: UID %q", got.UID)
			}
		})
	}
}

func TestAuthenticate_whichCertificates(t *testing.T) {
	a, b := newAuthority(t), newAuthority(t)
	now := time.Now()
	authenticator, err := authnmtls.New(authnmtls.Config{Rules: rules, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	good := names{dns: []string{"etl.clients.example"}}
	verified := a.handshake(tls.VerifyClientCertIfGiven, a.client(good))
	tests := []struct {
		name        string
		credentials authn.Credentials
		later       time.Duration
		want        error
	}{
		{"good", authn.Credentials{TLS: verified}, 0, nil},
		{"expired since the handshake", authn.Credentials{TLS: verified}, 2 * time.Hour, authn.ErrUnauthenticated},
		{"not valid yet", authn.Credentials{TLS: verified}, -time.Hour, authn.ErrUnauthenticated},
		{"beside a bearer token", authn.Credentials{TLS: verified, Bearer: "x"}, 0, authn.ErrNoCredentials},
		{"of an authority", authn.Credentials{TLS: a.handshake(tls.VerifyClientCertIfGiven, a.clientOr(good, true))}, 0, authn.ErrUnauthenticated},
		{"no TLS", authn.Credentials{}, 0, authn.ErrNoCredentials},
		{"no certificate", authn.Credentials{TLS: a.handshake(tls.VerifyClientCertIfGiven)}, 0, authn.ErrNoCredentials},
		{"not verified", authn.Credentials{TLS: a.handshake(tls.RequestClientCert, b.client(good))}, 0, authn.ErrNoCredentials},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			now = time.Now().Add(test.later)
			if got, err := authenticator.Authenticate(t.Context(), test.credentials); !errors.Is(err, test.want) || (err != nil) != (got.Name == "") {
				t.Errorf("Authenticate = %q, %v, want %v", got.Name, err, test.want)
			}
		})
	}
}

// TestRefused: operators are told why a certificate is not good.
func TestRefused(t *testing.T) {
	a := newAuthority(t)
	now := time.Now()
	rules := slices.Concat([]authnmtls.Rule{
		{SAN: "dns", Match: `(.+)\.k8s`, Principal: "serviceAccount:namespaces/k8s-$1/serviceAccounts/etl"},
		{SAN: "dns", Match: `(.+)\.root`, Principal: "serviceAccount:namespaces/instance/serviceAccounts/$1"},
	}, rules)
	authenticator, err := authnmtls.New(authnmtls.Config{Rules: rules, Now: func() time.Time { return now }, Accounts: func(name string) (authn.Principal, bool) {
		return authn.Principal{Name: "serviceAccount:" + name, UID: "sa"}, name != account
	}})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	dns := func(all ...string) names { return names{dns: all} }
	tests := []struct {
		names names
		later time.Duration
		want  error
	}{
		{dns("instance.k8s"), 0, nil},
		{dns("bootstrap.root"), 0, nil},
		{dns("etl.clients.example"), 2 * time.Hour, authn.RefusedError("certificate expired")},
		{dns("etl.clients.example"), -time.Hour, authn.RefusedError("certificate not yet valid")},
		{dns("a.clients.example", "b.clients.example"), 0, authn.RefusedError("certificate matches a rule by several names")},
		{dns("planted.example"), 0, authn.RefusedError("certificate matches no rule")},
		{names{uris: []string{"spiffe://acme.example/ns/acme/sa/etl"}}, 0, authn.RefusedError("account does not exist")},
		{names{uris: []string{"spiffe://acme.example/ns/instance/sa/bootstrap"}}, 0, authn.RefusedError("{1} may not stand for the root namespace")},
		{names{uris: []string{"spiffe://acme.example/%2e%2e"}}, 0, authn.RefusedError("certificate with a SPIFFE ID that is not valid or not its only URI")},
		{names{uris: []string{"urn:robot:*"}}, 0, authn.RefusedError("what stands for {1} is not a fit name")},
	}
	for _, test := range tests {
		now = time.Now().Add(test.later)
		state := a.handshake(tls.VerifyClientCertIfGiven, a.client(test.names))
		if got, err := authenticator.Authenticate(t.Context(), authn.Credentials{TLS: state}); err != test.want {
			t.Errorf("Authenticate %v = %q, %v, want %v", test.names, got.Name, err, test.want)
		}
	}
}

// TestChain_noFallback: PEERS 2.7 no. 9. A certificate does not make up for a bad token, of whatever form.
func TestChain_noFallback(t *testing.T) {
	a := newAuthority(t)
	authenticator, err := authnmtls.New(authnmtls.Config{Rules: rules})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	state := a.handshake(tls.VerifyClientCertIfGiven, a.client(names{dns: []string{"etl.clients.example"}}))
	chain := authn.Chain{authn.NewTokenIndex(authn.TokenIndexConfig{}), authenticator}
	for _, bearer := range []string{"cfr_x", "a.b.c", "anything"} {
		got, err := chain.Authenticate(t.Context(), authn.Credentials{Bearer: bearer, TLS: state})
		if !errors.Is(err, authn.ErrUnauthenticated) || !cmp.Equal(got.Principal, authn.Principal{}) {
			t.Errorf("Authenticate with bearer %q = %+v, %v", bearer, got, err)
		}
	}
	if got, err := chain.Authenticate(t.Context(), authn.Credentials{TLS: state}); err != nil || got.Name != "user:etl" {
		t.Errorf("Authenticate without bearer = %q, %v", got.Name, err)
	}
}

func TestNew(t *testing.T) {
	good := rules[0]
	tests := []struct {
		name string
		rule authnmtls.Rule
	}{
		{"SAN", authnmtls.Rule{SAN: "ip", Match: good.Match, Principal: good.Principal}},
		{"no match", authnmtls.Rule{SAN: "uri", Principal: "user:x"}},
		{"bad match", authnmtls.Rule{SAN: "uri", Match: "(", Principal: "user:x"}},
		{"match that leaves its anchors", authnmtls.Rule{SAN: "uri", Match: "x)|(y", Principal: "user:x"}},
		{"no principal", authnmtls.Rule{SAN: "uri", Match: "(x)"}},
		{"group", authnmtls.Rule{SAN: "uri", Match: "(x)", Principal: "group:$1"}},
		{"no such group", authnmtls.Rule{SAN: "uri", Match: "(x)", Principal: "user:$2"}},
		{"whole match", authnmtls.Rule{SAN: "uri", Match: "(x)", Principal: "user:$0"}},
		{"no such name", authnmtls.Rule{SAN: "uri", Match: "(x)", Principal: "user:${name}"}},
		{"two in one name", authnmtls.Rule{SAN: "uri", Match: "(x)(y)", Principal: "user:$1-$2"}},
		{"chosen prefix", authnmtls.Rule{SAN: "uri", Match: "(x)(y)", Principal: "user:$1/$2"}},
		{"nothing in braces", authnmtls.Rule{SAN: "uri", Match: "(x)", Principal: "user:x${}"}},
		{"not closed", authnmtls.Rule{SAN: "uri", Match: "(x)", Principal: "user:x${1"}},
		{"other syntax", authnmtls.Rule{SAN: "uri", Match: "(x)", Principal: "user:x{1}"}},
		{"dollar", authnmtls.Rule{SAN: "uri", Match: "(x)", Principal: "user:x$"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := authnmtls.New(authnmtls.Config{Rules: slices.Concat(rules, []authnmtls.Rule{test.rule})}); !errors.Is(err, authnmtls.ErrConfig) {
				t.Errorf("New: %v, want ErrConfig", err)
			}
		})
	}
}
