package server_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// Guards against JSON that explodes in memory, or in work for each of its strings (CVE-2025-59043), and against floods
// before anybody is authenticated (CVE-2024-8185). Each is refused by a limit or by its form, before it is decoded, and
// leaves the server as it was; of strangers nothing is read.
func TestRegression08_explodingJSON(t *testing.T) {
	s := newStory(t, servertest.Config{})
	s.Namespace("acme")
	before := s.secret("db", "v")
	const many = 200_000
	limited, malformed := http.StatusTooManyRequests, http.StatusBadRequest
	for name, test := range map[string]struct {
		body string
		want int
	}{
		"deep arrays":          {strings.Repeat("[", many), limited},
		"deep objects":         {strings.Repeat(`{"a":`, many), limited},
		"deep in a known name": {strings.Repeat(`{"payload":`, many), limited},
		"17 deep":              {`{"labels": ` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + `}`, limited},
		"broad arrays":         {`{"labels": [` + strings.Repeat("0,", many) + `0]}`, limited},
		"broad objects":        {`{"labels": {` + numbered(`"k%d": "",`, 30_000) + `"k": ""}}`, limited},
		"many strings":         {`{"payload": {"data": {` + numbered(`"k%d": "x",`, 30_000) + `"k": ""}}}`, limited},
		"empty objects":        {`{"keys": [` + strings.Repeat("{},", many) + `{}]}`, limited},
		"a huge string":        {`{"description": "` + strings.Repeat("x", 900_000) + `"}`, malformed},
		"a huge escape":        {`{"description": "` + strings.Repeat(`\u0000`, 150_000) + `"}`, malformed},
		"a huge name":          {`{"` + strings.Repeat("x", 900_000) + `": 1}`, malformed},
		"beyond the limit":     {`{"description": "` + strings.Repeat("x", 2<<20) + `"}`, limited},
		"a name twice":         {`{"description": "a", "description": "b"}`, malformed},
		"a name in two forms":  {`{"maxVersions": 1, "max_versions": 2}`, malformed},
		"a key twice":          {`{"labels": {"a": "1", "a": "2"}}`, malformed},
		"a payload key twice":  {`{"payload": {"data": {"a": "1", "a": "2"}}}`, malformed},
		"a number too big":     {`{"maxVersions": 1e400}`, malformed},
		"a number of digits":   {`{"maxVersions": ` + strings.Repeat("9", 500_000) + `}`, malformed},
		"a long exponent":      {`{"maxVersions": 1e` + strings.Repeat("9", 500_000) + `}`, malformed},
		"a fraction":           {`{"maxVersions": 1.5}`, malformed},
		"half a surrogate":     {`{"description": "\ud800"}`, malformed},
		"not UTF-8":            {"{\"description\": \"\xff\"}", malformed},
		"two values":           {`{} {}`, malformed},
	} {
		r := s.REST(s.OperatorToken, "PATCH", "/v1/namespaces/acme/secrets/db", test.body)
		if r.Status != test.want || len(r.Body) > 4<<10 {
			t.Errorf("%s: %d with %d bytes, want %d: %.300s", name, r.Status, len(r.Body), test.want, r.Body)
		}
		if r := s.REST("", "PATCH", "/v1/namespaces/acme/secrets/db", test.body); r.Status != http.StatusUnauthorized {
			t.Errorf("%s, of a stranger: %d, want 401", name, r.Status)
		}
	}
	if got := s.does("GetSecret", `{"name": "namespaces/acme/secrets/db"}`).(*cofferv1.Secret); got.GetEtag() != before.GetEtag() {
		t.Errorf("the secret was changed: %v", got)
	}
	bodiesWithoutEnd(t, s)
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// bodiesWithoutEnd are answered while strangers still send them, or no longer do.
func bodiesWithoutEnd(t *testing.T, s *story) {
	t.Helper()
	for i, token := range []string{"", "", "Bearer nobody", "Bearer nobody", "Bearer cfr_nobody", "Bearer cfr_nobody"} {
		stalls := i%2 == 1
		body, sending := io.Pipe()
		req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL()+"/v1/namespaces/acme/secrets?secretId=x", body)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			req.Header.Set("Authorization", token)
		}
		go func() { // it ends when the pipe is closed
			_, err := io.WriteString(sending, `{"payload": {"data": {`)
			for err == nil && !stalls {
				_, err = io.WriteString(sending, strings.Repeat(" ", 1000))
			}
		}()
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatalf("a body without end: %v", err)
		}
		resp.Body.Close()
		body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("a body without end, with %q: %d, want 401", token, resp.StatusCode)
		}
	}
	// Over gRPC the answer comes before any message was sent.
	for _, conn := range []*grpc.ClientConn{s.Conn(""), s.HTTPConn("")} {
		for _, method := range []string{"/coffer.v1.SecretService/CreateSecret", "/coffer.v1.ProjectionService/WatchProjection"} {
			stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method)
			if err != nil {
				t.Fatal(err)
			}
			if err := stream.RecvMsg(&cofferv1.Secret{}); status.Code(err) != codes.Unauthenticated {
				t.Errorf("%s without a message: %v, want Unauthenticated", method, err)
			}
		}
	}
}

// open to anybody, by design: nothing in them is about what is stored.
var openRoutes = []string{"/healthz", "/readyz", "/metrics", "/openapi.json", "/.well-known/oauth-protected-resource"}

// Guards against ceremonies that need no credential, such as the cancelling of an operation of an admin (CVE-2026-5807),
// and against scripts that come back from a login's callback (CVE-2026-33758). No method answers a stranger, no route but
// those of operations does, and nothing is HTML or may be taken for it.
func TestRegression12_strangers(t *testing.T) {
	s := seed(t, servertest.Start(t, servertest.Config{}))
	for _, d := range []door{grpcDoor{s.Server, s.Conn}, grpcDoor{s.Server, s.HTTPConn}, restDoor{s.Server}} {
		for _, method := range closedMethods() {
			r := d.call(t, "", method, requestFrom(t, method, s.fixture(nameOf(method))))
			if r.code() != codes.Unauthenticated || (r.reason() != "UNAUTHENTICATED" || len(r.status.Details()) != 1) && !ofInstill(method) {
				t.Errorf("%s by a stranger, by %T: %v, want Unauthenticated and no more", method.Name(), d, r.status)
			}
		}
	}
	tags := `%3Cscript%3Ealert(1)%3C/script%3E`
	routes := []string{
		"/", "/" + tags, "/v1/" + tags, "/v1/namespaces/" + tags, "/v1/namespaces/acme?" + tags + "=" + tags, "/ui", "/login?error=" + tags, "/oauth/callback?state=" + tags,
		"/v1/access:check", "/debug/pprof/", "/debug/vars", "/v1/sys/seal", "/v1/sys/rekey/init", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "/favicon.ico",
	}
	for _, method := range closedMethods() {
		if overREST(method) {
			_, path, _ := toHTTP(t, method, requestFrom(t, method, s.fixture(nameOf(method))))
			routes = append(routes, path)
		}
	}
	for _, token := range []string{"", s.OperatorToken} {
		for _, path := range append(slices.Clone(openRoutes), routes...) {
			for _, verb := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"} {
				if token != "" && (verb != "GET" || strings.HasSuffix(path, ":watch")) { // only looks, and does not wait
					continue
				}
				s.strange(t, token, verb, path)
			}
		}
	}
}

// strange sends a request that asks for HTML, and wants none.
func (s seeded) strange(t *testing.T, token, verb, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), verb, s.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if verb == "CONNECT" {
		req.URL.Opaque = path
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	const script = `<script>alert(1)</script>`
	req.Header.Set("Accept", "text/html")
	req.Header.Set("User-Agent", script)
	req.Header.Set("Referer", script)
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("X-Request-Id", script)
	req.Header.Set("X-Http-Method-Override", "DELETE")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatalf("%s %s: %v", verb, path, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	where, _, _ := strings.Cut(path, "?")
	if token == "" && resp.StatusCode < 400 && !slices.Contains(openRoutes, where) {
		t.Errorf("%s %s by a stranger: %d %.200s", verb, path, resp.StatusCode, body)
	}
	if token == "" && verb != "GET" && resp.StatusCode < 400 {
		t.Errorf("%s %s by a stranger: %d, want nothing but GET answered", verb, path, resp.StatusCode)
	}
	kind := resp.Header.Get("Content-Type")
	if strings.Contains(kind, "html") || strings.Contains(kind, "xml") || strings.Contains(kind, "svg") || strings.Contains(kind, "javascript") || (kind == "" && len(body) > 0) {
		t.Errorf("%s %s: content type %q", verb, path, kind)
	}
	if resp.Header.Get("X-Content-Type-Options") != "nosniff" && len(body) > 0 {
		t.Errorf("%s %s: no nosniff on %q %.100s", verb, path, kind, body)
	}
	if resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%s %s: lets other sites' scripts in", verb, path)
	}
	// JSON that is not sniffed is nobody's script, whatever it quotes.
	if kind != "application/json" && strings.Contains(string(body), script) || strings.Contains(fmt.Sprint(resp.Header), script) {
		t.Errorf("%s %s: reflects a script: %.300s", verb, path, body)
	}
}
