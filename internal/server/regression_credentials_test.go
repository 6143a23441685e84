package server_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/authn/authnmtls"
	"github.com/coffer-dev/coffer/internal/authn/authnoidc"
	"github.com/coffer-dev/coffer/internal/authn/oidctest"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// people is an issuer of people, whose names have the prefix corp, and kube one of service accounts.
func people(p *oidctest.Provider) server.Issuer {
	issuer := corp(p)
	issuer.Claims = []string{"department"}
	return issuer
}

func kube(p *oidctest.Provider) server.Issuer {
	return server.Issuer{Issuer: authnoidc.Issuer{
		Name: "kube", URL: p.URL, Audiences: []string{oidctest.Client}, Prefix: "kube",
		Principal: "serviceAccount:namespaces/{/kubernetes.io/namespace}/serviceAccounts/{/kubernetes.io/serviceaccount/name}",
	}}
}

// withIssuers configures them.
func withIssuers(issuers ...server.Issuer) servertest.Config {
	return servertest.Config{Change: func(c *server.Config) { c.Auth.Issuers = issuers }}
}

// address is one of this machine: whoever guesses is slowed by its address, and tests have none of that time.
type address int

// get asks who the holder of an authorization is, from the address.
func (a address) get(t *testing.T, s *servertest.Server, authorization ...string) servertest.Response {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(1+a/200), byte(1+a%200))}}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL()+"/v1/whoami", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header["Authorization"] = authorization
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return servertest.Response{Status: resp.StatusCode, Header: resp.Header, Body: body}
}

// Guards against wildcards and slashes that come in by the names of an identity provider and mean more in a policy or a
// path (GHSA-59w7-v8rr-pr4p). Such a credential is refused, by any of the claims that names are made of; claims that are
// no names are only ever compared.
func TestRegression04_namesFromCredentials(t *testing.T) {
	staff, machines := oidctest.Start(t), oidctest.Start(t)
	s := newStory(t, withIssuers(people(staff), kube(machines)))
	s.Namespace("acme")
	s.secret("db", "v")
	s.does("CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "etl"}`)
	s.does("CreateGrant", `{"parent": "namespaces/acme", "grant": {"principal": "user:corp/alice", "role": "viewer"}}`)
	s.does("CreateGrant", `{"parent": "namespaces/acme", "grant": {"principal": "group:corp/eng", "role": "viewer"}}`)
	s.policy("risk", `permit (principal is User, action == Action::"secret:get", resource) when { principal.hasTag("department") && principal.getTag("department") == "risk" };`)
	alice := staff.Login("alice", map[string]any{"groups": []string{"eng"}, "department": "risk"})
	s.ok(alice, "GetSecret", `{"name": "namespaces/acme/secrets/db"}`)
	bad := []string{
		"", "*", "a*", "*/alice", "alice/*", "a/b", "/alice", "alice/", "../alice", "corp/alice", ".", "..", `a\b`, "a\x00", "alice\n", "alice\u200b", "\u202ealice",
		"a\tb", "alice ", " alice", "serviceAccount:namespaces/acme/x", strings.Repeat("a", 257),
	}
	next := address(0)
	refused := func(what, credential string) {
		t.Helper()
		next++
		if r := next.get(t, s.Server, "Bearer "+credential); r.Status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s, want it refused", what, r.Status, r.Body)
		}
	}
	for _, name := range bad {
		claims := staff.Claims(name)
		refused(fmt.Sprintf("sub %q", name), staff.Sign(claims))
		claims = staff.Claims("bob")
		claims["groups"] = []string{"eng", name}
		refused(fmt.Sprintf("a group %q", name), staff.Sign(claims))
		for _, at := range [][2]string{{name, "etl"}, {"acme", name}} {
			claims = machines.Claims("x")
			claims["kubernetes.io"] = map[string]any{"namespace": at[0], "serviceaccount": map[string]any{"name": at[1]}}
			refused(fmt.Sprintf("an account %q", at), machines.Sign(claims))
		}
	}
	// Other names that somebody could be taken for, or that are patterns elsewhere.
	for _, name := range []string{"Alice", "ALICE", "alicе", "al?ce", "a%2Fb", "corp", "user:alice", "${alice}", "{sub}", "+", "#", `"alice"`, "alice@corp"} {
		s.denied(staff.Sign(staff.Claims(name)), "GetSecret", `{"name": "namespaces/acme/secrets/db"}`)
	}
	for _, department := range []any{"*", "r*", "RISK", " risk", "risk\" || true || \"", []string{"risk"}, map[string]any{"risk": true}, 7, true, nil} {
		claims := staff.Claims("mallory")
		claims["department"] = department
		next++
		if r := s.call(staff.Sign(claims), "GetSecret", `{"name": "namespaces/acme/secrets/db"}`); r.code() != codes.PermissionDenied && r.code() != codes.Unauthenticated {
			t.Errorf("department %v: %v, want no right by it", department, r.status)
		}
	}
	claims := machines.Claims("x")
	claims["kubernetes.io"] = map[string]any{"namespace": "acme", "serviceaccount": map[string]any{"name": "etl"}}
	if who := s.ok(machines.Sign(claims), "WhoAmI", `{}`).(*cofferv1.WhoAmIResponse); who.GetPrincipal() != account("etl") {
		t.Errorf("the good account is %v: the test does not reach the template", who)
	}
}

// Guards against comparisons whose time tells how much of a secret was right (GHSA-34fc-gh42-pj53, CVE-2025-54999): by
// structure, as time measures badly. Admission compares in constant time, and nothing in the package compares what is
// secret, or made of it, otherwise.
func TestRegression07_constantTime(t *testing.T) {
	secret := regexp.MustCompile(`(?i)(hash|secret|bearer|signature|digest|mac|password)$`)
	admits := 0
	err := filepath.WalkDir("../authn", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "oidctest") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.BinaryExpr:
				if node.Op != token.EQL && node.Op != token.NEQ || isLiteral(node.X) || isLiteral(node.Y) {
					break
				}
				if secret.MatchString(lastName(node.X)) || secret.MatchString(lastName(node.Y)) {
					t.Errorf("%s compares a secret with %s", files.Position(node.Pos()), node.Op)
				}
			case *ast.CallExpr:
				switch name := exprText(node.Fun); name {
				case "subtle.ConstantTimeCompare":
					admits++
				case "bytes.Equal", "bytes.Compare", "strings.Compare", "strings.EqualFold", "slices.Equal", "reflect.DeepEqual", "cmp.Compare":
					for _, argument := range node.Args {
						if secret.MatchString(lastName(argument)) {
							t.Errorf("%s compares a secret with %s", files.Position(node.Pos()), name)
						}
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil || admits == 0 {
		t.Errorf("%d comparisons in constant time, %v: what admits must be one", admits, err)
	}
	content, err := os.ReadFile("../authn/tokenindex.go")
	if err != nil {
		t.Fatal(err)
	}
	// It comes before the only place that admits.
	compare, admit := strings.Index(string(content), "subtle.ConstantTimeCompare("), strings.Index(string(content), "return Caller{\n")
	if compare < 0 || admit < compare || strings.Count(string(content), "return Caller{\n") != 1 {
		t.Errorf("TokenIndex admits at %d, and compares at %d", admit, compare)
	}
}

func isLiteral(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil"
	case *ast.CallExpr:
		return exprText(e.Fun) == "len"
	}
	return false
}

// lastName is the name that an expression ends with: record.Hash[:] is a Hash.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.SliceExpr:
		return lastName(e.X)
	case *ast.IndexExpr:
		return lastName(e.X)
	case *ast.StarExpr:
		return lastName(e.X)
	case *ast.ParenExpr:
		return lastName(e.X)
	case *ast.CallExpr: // string(hash[:])
		if len(e.Args) == 1 {
			return lastName(e.Args[0])
		}
	}
	return ""
}

func exprText(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return exprText(s.X) + "." + s.Sel.Name
	}
	return lastName(e)
}

// otherDigit is a digit of a token that is not the one given.
func otherDigit(digit byte) string {
	if digit == '0' {
		return "1"
	}
	return "0"
}

// Whatever is wrong with a credential, the answer is the same to the byte, less the request ID. What it is, is in the audit
// log.
func TestRegression07_wrongCredentialsReadAlike(t *testing.T) {
	p, machines := oidctest.Start(t), oidctest.Start(t)
	s := newStory(t, withIssuers(people(p), kube(machines)))
	s.Namespace("acme")
	revoked, orphaned := s.Account("namespaces/acme", "revoked", "", ""), s.Account("namespaces/acme", "orphaned", "", "")
	s.does("DeleteToken", `{"name": "namespaces/acme/serviceAccounts/revoked/tokens/t1"}`)
	s.does("DeleteServiceAccount", `{"name": "namespaces/acme/serviceAccounts/orphaned"}`)
	elsewhere := s.does("CreateToken", `{"parent": "namespaces/acme/serviceAccounts/revoked", "tokenId": "t2", "token": {"sourceRanges": ["10.0.0.0/8"]}}`).(*cofferv1.Token).GetSecret()
	expired, other, unsigned := p.Claims("alice"), p.Claims("alice"), p.Sign(p.Claims("alice"))
	expired["exp"], other["iss"] = time.Now().Add(-time.Hour).Unix(), "https://issuer.example"
	other2 := newStory(t, servertest.Config{}).OperatorToken // of another server
	op := s.OperatorToken
	wrong := map[string][]string{
		"none": nil, "empty": {""}, "a scheme alone": {"Bearer"}, "nothing": {"Bearer "}, "a letter": {"Bearer x"}, "a prefix": {"Bearer cfr_"}, "revoked": {"Bearer " + revoked},
		"of a deleted account": {"Bearer " + orphaned}, "from elsewhere": {"Bearer " + elsewhere}, "of another server": {"Bearer " + other2},
		"a wrong checksum": {"Bearer " + op[:len(op)-1] + string(op[len(op)-1]^1)}, "a wrong first digit": {"Bearer cfr_" + otherDigit(op[4]) + op[5:]}, "cut": {"Bearer " + op[:len(op)-1]},
		"longer": {"Bearer " + op + "0"}, "of other case": {"Bearer " + strings.ToUpper(op)}, "huge": {"Bearer " + strings.Repeat("x", 20<<10)}, "spaces before": {"Bearer  " + op},
		"basic": {"Basic " + op}, "no scheme": {op}, "twice": {"Bearer " + op, "Bearer " + op}, "two in one": {"Bearer " + op + ", Bearer " + op},
		"a JWT of nobody": {"Bearer a.b.c"}, "an expired JWT": {"Bearer " + p.Sign(expired)}, "of an unknown issuer": {"Bearer " + p.Sign(other)},
		"an unsigned JWT": {"Bearer " + unsigned[:strings.LastIndexByte(unsigned, '.')+1]},
	}
	reasons := map[string]string{
		"none": "no credential", "empty": "authorization of no known kind", "basic": "authorization of no known kind", "a prefix": "token ill-formed", "revoked": "token unknown",
		"of a deleted account": "token unknown", "from elsewhere": "token used outside its source ranges", "an expired JWT": "issuer corp: expired",
		"of an unknown issuer": "issuer not configured", "a JWT of nobody": "JWT ill-formed or of an unknown algorithm",
	}
	jwt := func(token, reason string) { wrong[reason], reasons[reason] = []string{"Bearer " + token}, reason }
	with := func(claim string, value any) string {
		claims := p.Claims("alice")
		claims[claim] = value
		return p.Sign(claims)
	}
	machine := func(namespace string) string {
		claims := machines.Claims("x")
		claims["kubernetes.io"] = map[string]any{"namespace": namespace, "serviceaccount": map[string]any{"name": "bootstrap"}}
		return machines.Sign(claims)
	}
	unknown, forged := p.Key(), machines.Key()
	forged.KeyID, unknown.KeyID = unknown.KeyID, "unknown"
	jwt(with("aud", "other"), "issuer corp: wrong audience")
	jwt(with("nbf", time.Now().Add(time.Hour).Unix()), "issuer corp: not yet valid")
	jwt(with("sub", nil), "issuer corp: claim sub is missing or not text")
	jwt(with("groups", []string{"*"}), "issuer corp: a group is not a fit name")
	jwt(with("cnf", "x"), "issuer corp: bound to a key")
	jwt(oidctest.Sign(t, unknown, p.Claims("alice"), nil), "issuer corp: unknown key")
	jwt(oidctest.Sign(t, forged, p.Claims("alice"), nil), "issuer corp: bad signature")
	jwt(machine("acme"), "issuer kube: account does not exist")
	jwt(machine("instance"), "issuer kube: {/kubernetes.io/namespace} may not stand for the root namespace")
	want := ""
	next := address(0)
	for name, authorization := range wrong {
		next++
		resp := next.get(t, s.Server, authorization...)
		id := resp.Header.Get("X-Request-Id")
		resp.Header.Del("X-Request-Id")
		resp.Header.Del("Date")
		got := strings.ReplaceAll(fmt.Sprint(resp.Status, resp.Header, string(resp.Body)), id, "#")
		if want == "" {
			want = got
		}
		if got != want || resp.Status != http.StatusUnauthorized {
			t.Errorf("a credential, %s, is answered\n%s\nwhile others are\n%s", name, got, want)
		}
		events := s.AuditOutcome(id)
		if e := events[0]; len(events) != 1 || e.Kind != "AUTHN_FAILURE" || e.Detail == "" || reasons[name] != "" && e.Detail != reasons[name] {
			t.Errorf("a credential, %s, is recorded as %+v, want the reason %q", name, events, reasons[name])
		}
	}
}

// person issues a certificate with a SPIFFE ID.
func (a *authority) person(serial int64, id string) tls.Certificate {
	a.t.Helper()
	uri, err := url.Parse(id)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), URIs: []*url.URL{uri}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	key := newKey(a.t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// certified is a server that takes certificates, seen by a client with one.
type certified struct {
	*story
	http *http.Client
}

// newCertified starts one whose client has the SPIFFE ID of the account etl of acme.
func newCertified(t *testing.T) *certified {
	t.Helper()
	ca, files := newAuthority(t), newTLSFiles(t)
	ca.write(files, 2)
	files.ClientCA = files.Cert + ".ca"
	if err := os.WriteFile(files.ClientCA, encodePEM("CERTIFICATE", ca.cert.Raw), 0o600); err != nil {
		t.Fatal(err)
	}
	client := &tls.Config{RootCAs: ca.pool, Certificates: []tls.Certificate{ca.person(4, "spiffe://test.example/ns/acme/sa/etl")}}
	s := newStory(t, servertest.Config{TLS: credentials.NewTLS(client), Change: func(c *server.Config) {
		c.TLS = files
		c.Auth.Certificates = []authnmtls.Rule{{SAN: "uri", Match: `spiffe://test\.example/ns/([^/]+)/sa/([^/]+)`, Principal: "serviceAccount:namespaces/$1/serviceAccounts/$2"}}
	}})
	s.Namespace("acme")
	s.does("CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "etl"}`)
	transport := &http.Transport{TLSClientConfig: client.Clone(), ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &certified{s, &http.Client{Transport: transport}}
}

// whoami asks through both doors, with the headers and the certificate, and returns the answers: a name or a status.
func (c *certified) whoami(authorization ...string) [2]string {
	c.t.Helper()
	ctx := metadata.NewOutgoingContext(c.t.Context(), metadata.MD{"authorization": authorization})
	who, err := cofferv1.NewAccessServiceClient(c.Conn("")).WhoAmI(ctx, &cofferv1.WhoAmIRequest{})
	answers := [2]string{who.GetPrincipal()}
	if err != nil {
		answers[0] = status.Code(err).String()
	}
	req, err := http.NewRequestWithContext(c.t.Context(), "GET", c.URL()+"/v1/whoami", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header["Authorization"] = authorization
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var told struct{ Principal string }
	if err := json.Unmarshal(body, &told); err != nil {
		c.t.Fatal(err)
	}
	answers[1] = told.Principal
	if resp.StatusCode != http.StatusOK {
		answers[1] = statusFrom(c.t, body).Code().String()
	}
	return answers
}

// Guards against logins that give both credentials and an error, or go on with what is left when one fails
// (CVE-2026-46405). A bad credential is never made up for by another that is good, and nothing that fails shows a token.
func TestRegression09_neverBothCredentialsAndAnError(t *testing.T) {
	c := newCertified(t)
	op := c.OperatorToken
	refused := [2]string{"Unauthenticated", "Unauthenticated"}
	for name, test := range map[string]struct {
		authorization []string
		want          [2]string
	}{
		"the certificate alone":             {nil, [2]string{account("etl"), account("etl")}},
		"a good token":                      {[]string{"Bearer " + op}, [2]string{"serviceAccount:namespaces/instance/serviceAccounts/bootstrap", "serviceAccount:namespaces/instance/serviceAccounts/bootstrap"}},
		"a bad token":                       {[]string{"Bearer " + op[:len(op)-1] + "!"}, refused},
		"an unknown JWT":                    {[]string{"Bearer a.b.c"}, refused},
		"the good token twice":              {[]string{"Bearer " + op, "Bearer " + op}, refused},
		"a good token and a bad one":        {[]string{"Bearer " + op, "Bearer x"}, refused},
		"another scheme":                    {[]string{"Basic dXNlcjpwYXNz"}, refused},
		"the good token, of another scheme": {[]string{"Token " + op}, refused},
		"an empty bearer":                   {[]string{"Bearer "}, refused},
	} {
		if got := c.whoami(test.authorization...); got != test.want {
			t.Errorf("with a good certificate and %s: %v, want %v", name, got, test.want)
		}
	}
	mintingFails(t)
}

// mintingFails: a token that is not minted, or was before, is not shown.
func mintingFails(t *testing.T) {
	eachStory(t, func(t *testing.T, s *story) {
		admin := s.Account("namespaces/acme", "admin", "namespace-admin", "")
		s.does("CreateServiceAccount", `{"parent": "namespaces/acme", "serviceAccountId": "etl"}`)
		const id = "0c9d7c1e-0a0b-4c3d-9e8f-2b6a51c0ffee"
		request := func(more string) string { return `{"parent": "namespaces/acme/serviceAccounts/etl"` + more + `}` }
		for name, test := range map[string]struct {
			token, request string
			want           codes.Code
		}{
			"validate_only":  {admin, request(`, "tokenId": "dry", "validateOnly": true`), codes.OK},
			"a bad limit":    {admin, request(`, "tokenId": "bad", "token": {"useLimit": "-1"}`), codes.InvalidArgument},
			"no such parent": {admin, `{"parent": "namespaces/acme/serviceAccounts/gone"}`, codes.NotFound},
			"for itself":     {admin, `{"parent": "namespaces/acme/serviceAccounts/admin"}`, codes.PermissionDenied},
			"taken":          {s.OperatorToken, `{"parent": "namespaces/acme/serviceAccounts/admin", "tokenId": "t1"}`, codes.AlreadyExists},
		} {
			if r := s.fails(test.want, test.token, "CreateToken", test.request); strings.Contains(r.raw, "cfr_") {
				t.Errorf("CreateToken, %s, shows a token: %s", name, r.raw)
			}
		}
		first := s.ok(admin, "CreateToken", request(`, "tokenId": "once", "requestId": "`+id+`"`)).(*cofferv1.Token)
		again := s.ok(admin, "CreateToken", request(`, "tokenId": "once", "requestId": "`+id+`"`)).(*cofferv1.Token)
		if first.GetSecret() == "" || again.GetSecret() != "" || again.GetUid() != first.GetUid() {
			t.Errorf("minted %v, retried %v: want the token shown once", first, again)
		}
		for _, method := range []string{"GetToken", "RenewToken", "DeleteToken"} {
			if r := s.call(admin, method, `{"name": "namespaces/acme/serviceAccounts/etl/tokens/once"}`); r.code() != codes.OK || strings.Contains(r.raw, "cfr_") {
				t.Errorf("%s: %v %s, want an answer without the token", method, r.status, r.raw)
			}
		}
	})
}

// Guards against a token that is renewed by another credential than it was given for (CVE-2026-39388): its holder is who
// shows that very token. Another token of the same account, or a certificate or a login of the same principal, is not it.
func TestRegression10_renewalIsByTheTokenItself(t *testing.T) {
	c := newCertified(t)
	until := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	mint := func(id, until string) string {
		return c.does("CreateToken", `{"parent": "namespaces/acme/serviceAccounts/etl", "tokenId": "`+id+`", "token": {"renewableUntil": "`+until+`"}}`).(*cofferv1.Token).GetSecret()
	}
	const renew = `{"name": "namespaces/acme/serviceAccounts/etl/tokens/a"}`
	a, b := mint("a", until), mint("b", until)
	c.denied(b, "RenewToken", renew)
	c.denied("", "RenewToken", renew) // by the certificate of the very account
	other := c.Account("namespaces/acme", "other", "data-admin", "")
	c.denied(other, "RenewToken", renew)
	c.ok(a, "RenewToken", renew)
	c.fails(codes.InvalidArgument, a, "RenewToken", `{"name": "namespaces/acme/serviceAccounts/etl/tokens/a", "expireTime": "`+time.Now().Add(48*time.Hour).UTC().Format(time.RFC3339)+`"}`)
	// Nor does a token that was minted anew under the name of a revoked one answer for it.
	c.does("DeleteToken", renew)
	mint("a", until)
	c.fails(codes.Unauthenticated, a, "RenewToken", renew)
	c.denied(b, "RenewToken", renew)

	p := oidctest.Start(t)
	s := newStory(t, withIssuers(people(p)))
	s.does("CreateToken", `{"parent": "users/alice", "tokenId": "t", "token": {"renewableUntil": "`+until+`"}}`)
	s.denied(p.Sign(p.Claims("alice")), "RenewToken", `{"name": "users/alice/tokens/t"}`)
	bearing := s.does("CreateToken", `{"parent": "users/alice", "tokenId": "u"}`).(*cofferv1.Token).GetSecret()
	s.denied(bearing, "RenewToken", `{"name": "users/alice/tokens/t"}`)
	s.fails(codes.FailedPrecondition, bearing, "RenewToken", `{"name": "users/alice/tokens/u"}`) // which is not renewable by its holder
}
