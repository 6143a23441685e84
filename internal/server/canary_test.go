package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/coffer-dev/coffer/internal/servertest"
)

// canary is a value that must not be found where no value belongs. Its middle changes under every escaping.
type canary struct{ name, value string }

// forms are the ways in which it may have been written down.
func (c canary) forms() map[string][]byte {
	quoted, _ := json.Marshal(c.value)
	forms := map[string][]byte{
		"raw": []byte(c.value), "JSON": bytes.Trim(quoted, `"`), "Go": []byte(strings.Trim(fmt.Sprintf("%q", c.value), `"`)),
		"hex": []byte(hex.EncodeToString([]byte(c.value))), "HEX": []byte(strings.ToUpper(hex.EncodeToString([]byte(c.value)))),
		"URL": []byte(url.QueryEscape(c.value)), "path": []byte(url.PathEscape(c.value)),
		"bytes": []byte(strings.Trim(fmt.Sprint([]byte(c.value)), "[]")),
	}
	// In base64 it looks different at each of three offsets; the digits at the ends depend on what is around it.
	for offset := range 3 {
		padded := append(make([]byte, offset), c.value...)
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			text := encoding.EncodeToString(padded)
			forms[fmt.Sprint(name, offset)] = []byte(text[4 : len(text)-4])
		}
	}
	return forms
}

// find reports where a canary is in content that must hold none.
func find(t *testing.T, where string, content []byte, canaries ...canary) {
	t.Helper()
	for _, c := range canaries {
		for form, pattern := range c.forms() {
			if i := bytes.Index(content, pattern); i >= 0 {
				t.Errorf("%s holds %s (%s): …%q…", where, c.name, form, content[max(0, i-80):min(len(content), i+len(pattern)+20)])
			}
		}
	}
}

// collector keeps the traces that a server exports.
type collector struct {
	mu  sync.Mutex
	all []byte
}

func (c *collector) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, body...)
	w.WriteHeader(http.StatusOK)
}

// A value is written, read, projected and failed through every RPC and both doors, and found nowhere but in the answers
// of value doors.
func TestCanary(t *testing.T) {
	traces := &collector{}
	exported := httptest.NewServer(traces)
	defer exported.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", exported.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")

	s := servertest.Start(t, servertest.Config{})
	value := canary{"the value", `c4nary<"é\&>` + "\tof-a-secret-value-7Q3x"}
	stored := seed(t, s)
	nobody := stored.nobody
	tokens := []canary{{"the operator's token", s.OperatorToken}, {"an account's token", nobody}}
	author := s.Account("namespaces/acme", "author", "data-admin", "")
	workload := s.Account("namespaces/acme", "workload", "workload", "namespaces/acme/projections/etl")
	tokens = append(tokens, canary{"the author's token", author}, canary{"the workload's token", workload})
	everything := append([]canary{value}, tokens...)

	p := &prober{t: t, server: s, value: value, everything: everything, shown: map[protoreflect.Name]int{}}
	doors := []door{grpcDoor{s, s.Conn}, grpcDoor{s, s.HTTPConn}, restDoor{s}}
	for i, d := range doors {
		p.write(d, author)
		p.writeIOMETE(d, author)
		p.writeInstill(d, author)
		p.call(d, workload, "RenderProjection", stored.fixture("RenderProjection"))
		for _, name := range []protoreflect.Name{"GetHeimdallSecret", "ListDepotSecrets", "GetDepotServiceSecret"} {
			p.call(d, s.OperatorToken, "coffer.dataos.v1/"+name, stored.fixture("coffer.dataos.v1/"+name))
		}
		for _, method := range allMethods() {
			if (strings.HasPrefix(string(method.Name()), "Delete") || method.Name() == "MoveSecret") && i < len(doors)-1 {
				continue // the other doors need what it takes away
			}
			for _, token := range []string{s.OperatorToken, workload, nobody, ""} {
				p.call(d, token, nameOf(method), stored.fixture(nameOf(method)))
			}
		}
	}
	p.malformed()
	p.malformedInstill()
	p.malformedIOMETE()
	for _, method := range []protoreflect.Name{
		"AccessSecretVersion", "RenderProjection", "WatchProjection", "ResolveWorkload",
		"coffer.dataos.v1/GetHeimdallSecret", "coffer.dataos.v1/ListDepotSecrets", "coffer.dataos.v1/GetDepotServiceSecret",
		"coffer.iomete.v1/ResolveWorkload",
	} {
		if p.shown[method] == 0 {
			t.Errorf("%s never showed the value: the test does not reach it", method)
		}
	}

	find(t, "/metrics", s.REST("", "GET", "/metrics", "").Body, everything...)
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	find(t, "the log", []byte(s.Logs()), everything...)
	find(t, "the audit log", s.AuditLog(), everything...)
	traces.mu.Lock()
	defer traces.mu.Unlock()
	if !bytes.Contains(traces.all, []byte("AccessSecretVersion")) {
		t.Error("no span of AccessSecretVersion was exported: the test does not reach the traces")
	}
	find(t, "the traces", traces.all, everything...)
	searchFiles(t, s, everything)
}

// searchFiles looks through all files of the data dir, the one made to hold a token aside.
func searchFiles(t *testing.T, s *servertest.Server, canaries []canary) {
	t.Helper()
	searched := 0
	err := filepath.WalkDir(s.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "operator.token" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		searched++
		find(t, entry.Name(), content, canaries...)
		return nil
	})
	if err != nil || searched < 3 {
		t.Errorf("searched %d files: %v", searched, err)
	}
}

// prober calls methods and looks at the answers.
type prober struct {
	t          *testing.T
	server     *servertest.Server
	value      canary
	everything []canary
	shown      map[protoreflect.Name]int // how often a value door showed the value
	writes     int
}

func (p *prober) call(d door, token string, name protoreflect.Name, request string) result {
	p.t.Helper()
	method := methodNamed(p.t, string(name))
	r := d.call(p.t, token, method, requestFrom(p.t, method, request))
	where := fmt.Sprintf("the answer of %s by %T (%v)", name, d, r.code())
	if r.code() == codes.OK && policyOf(method).GetValueDoor() {
		encoded := base64.StdEncoding.EncodeToString([]byte(p.value.value))
		if shown := fmt.Sprint(r.answer); strings.Contains(shown, "c4nary") || strings.Contains(shown, encoded) {
			p.shown[name]++
		}
		find(p.t, where, []byte(r.raw), p.everything[1:]...)
		return r
	}
	find(p.t, where, []byte(r.raw), p.everything...)
	return r
}

// write puts the value wherever a value belongs, also where it is refused.
func (p *prober) write(d door, author string) {
	p.t.Helper()
	p.writes++
	quoted, _ := json.Marshal(p.value.value)
	binary := base64.StdEncoding.EncodeToString([]byte(p.value.value))
	id := fmt.Sprint("canary-", p.writes)
	for _, step := range []struct {
		method, request string
		want            codes.Code
	}{
		{"CreateSecret", `{"parent": "namespaces/acme", "secretId": "%s", "secret": {"payload": {"data": {"k": %s}, "binaryData": {"b": "%s"}}}}`, codes.OK},
		{"CreateSecret", `{"parent": "namespaces/acme", "secretId": "%s", "secret": {"payload": {"data": {"k": %s}}}}`, codes.AlreadyExists},
		{"CreateSecret", `{"parent": "namespaces/acme", "secretId": "%s.x", "secret": {"payload": {"data": {"not a key": %s}}}}`, codes.InvalidArgument},
		{"CreateSecret", `{"parent": "namespaces/acme", "secretId": "%s.y", "secret": {"payload": {"data": {"k": %s}, "binaryData": {"k": "%s"}}}}`, codes.InvalidArgument},
		{"AddSecretVersion", `{"parent": "namespaces/acme/secrets/db", "requestId": "%s", "payload": {"data": {"k": %s}}}`, codes.InvalidArgument},
		{"AddSecretVersion", `{"parent": "namespaces/acme/secrets/%s", "payload": {"data": {"k": %s}}, "etag": "stale"}`, codes.Aborted},
		{"AddSecretVersion", `{"parent": "namespaces/acme/secrets/%s", "payload": {"data": {"k": %s}}, "merge": true}`, codes.OK},
		{"AddSecretVersion", `{"parent": "namespaces/acme/secrets/%s", "payload": {"data": {"k": %s}}, "validateOnly": true}`, codes.OK},
		{"AccessSecretVersion", `{"name": "namespaces/acme/secrets/%s/versions/active"}`, codes.OK},
		{"AccessSecretVersion", `{"name": "namespaces/acme/secrets/%s/versions/9"}`, codes.NotFound},
		{"ResolveWorkload", `{"parent": "namespaces/acme", "payload": "a: ${secret.%s.k}"}`, codes.OK},
		{"ResolveWorkload", `{"parent": "namespaces/acme", "payload": "sparkConf: {spark.jars: '${secret.%s.k}'}"}`, codes.FailedPrecondition},
		{"ResolveWorkload", `{"parent": "namespaces/acme", "payload": "a: ['${secret.%s}', '${secret.x}']", "overrides": {"x": %s}}`, codes.FailedPrecondition},
		{"GetSecret", `{"name": "namespaces/acme/secrets/%s"}`, codes.OK},
		{"UpdateSecret", `{"secret": {"name": "namespaces/acme/secrets/%s", "description": "d", "payload": {"data": {"k": %s}}}, "updateMask": "description,payload"}`, codes.InvalidArgument},
		{"DeleteSecret", `{"name": "namespaces/acme/secrets/%s"}`, codes.OK},
	} {
		request := step.request
		for _, with := range []string{id, string(quoted), binary} {
			request = strings.Replace(request, "%s", with, 1)
		}
		token := author
		if step.method == "AccessSecretVersion" || step.method == "ResolveWorkload" {
			token = p.server.OperatorToken // administration is not access
		}
		if r := p.call(d, token, protoreflect.Name(step.method), request); r.code() != step.want {
			p.t.Errorf("%s %s: %v, want %v", step.method, request, r.status, step.want)
		}
	}
	// The projection delivers the value from now on.
	set := fmt.Sprintf(`{"parent": "namespaces/acme/secrets/db", "payload": {"data": {"k": %s}}}`, quoted)
	if r := p.call(d, author, "AddSecretVersion", set); r.code() != codes.OK {
		p.t.Errorf("AddSecretVersion: %v", r.status)
	}
	items := `{"projection": {"name": "namespaces/acme/projections/etl", "items": [{"secret": "db", "key": "k", "env": "K"},
		{"secret": "db", "allKeys": true, "file": {"path": "f.env", "format": "DOTENV"}}]}, "updateMask": "items"}`
	if r := p.call(d, p.server.OperatorToken, "UpdateProjection", items); r.code() != codes.OK {
		p.t.Errorf("UpdateProjection: %v", r.status)
	}
}

// malformed sends the value in requests that cannot be decoded: a decoder that quotes what it stumbled on would give it
// away.
func (p *prober) malformed() {
	p.t.Helper()
	quoted, _ := json.Marshal(p.value.value)
	for _, body := range []string{
		`%s`, `{"payload": %s}`, `{"payload": {"data": %s}}`, `{"payload": {"data": {"k": [%s]}}}`, `{"payload": {"binaryData": {"k": %s}}}`,
		`{"payload": {"data": {"k": %s}}`, `{"payload": {"data": {"k": %s}}} trailing`, `{"maxVersions": %s}`, `{"accessMode": %s}`,
		`{"expireTime": %s}`, `{"unknown": %s}`, `{"payload": {"data": {"k": %s, "k": %[1]s}}}`, `{"rotation": {"period": %s}}`,
	} {
		r := p.server.REST(p.server.OperatorToken, "POST", "/v1/namespaces/acme/secrets?secretId=m", fmt.Sprintf(body, quoted))
		if r.Status != http.StatusBadRequest {
			p.t.Errorf("body %s: %d %s, want 400", body, r.Status, r.Body)
		}
		find(p.t, "the answer to "+body, r.Body, p.everything...)
	}
	for _, name := range []string{"pageSize", "showDeleted"} {
		r := p.server.REST(p.server.OperatorToken, "GET", "/v1/namespaces/acme/secrets?"+name+"="+url.QueryEscape(p.value.value), "")
		if r.Status != http.StatusBadRequest {
			p.t.Errorf("%s with the value: %d %s, want 400", name, r.Status, r.Body)
		}
		find(p.t, "the answer to "+name, r.Body, p.everything...)
	}
	r := p.server.REST(p.value.value[20:], "GET", "/v1/whoami", "")
	find(p.t, "the answer to it as a token", r.Body, p.everything...)
}
