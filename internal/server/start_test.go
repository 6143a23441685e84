package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/coffer-dev/coffer/internal/audit/auditsink"
	"github.com/coffer-dev/coffer/internal/authn/authnmtls"
	"github.com/coffer-dev/coffer/internal/authn/authnoidc"
	"github.com/coffer-dev/coffer/internal/kek/filekek"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

func statusFrom(t testing.TB, body []byte) *status.Status {
	t.Helper()
	st := &spb.Status{}
	if err := protojson.Unmarshal(body, st); err != nil {
		t.Fatalf("decoding the error %q: %v", body, err)
	}
	return status.FromProto(st)
}

func readToken(t *testing.T, s *server.Server) string {
	t.Helper()
	return tokenIn(t, s.DataDir())
}

func tokenIn(t *testing.T, dir string) string {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(dir, "operator.token"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(token))
}

// openAndClose opens a server and closes it without having served.
func openAndClose(t *testing.T, config server.Config) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, err := server.Open(context.WithoutCancel(ctx), config)
	if err != nil {
		return err
	}
	return s.Serve(ctx)
}

func TestFirstStart(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	for name, mode := range map[string]os.FileMode{
		"": os.ModeDir | 0o700, "kek.json": 0o600, "coffer.db": 0o600, "operator.token": 0o600, "audit": os.ModeDir | 0o700,
	} {
		if info, err := os.Stat(filepath.Join(s.Dir, name)); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v, want mode %v", name, info, err, mode)
		}
	}
	if r := s.REST(s.OperatorToken, "GET", "/v1/status", ""); r.Status != 200 {
		t.Errorf("GET /v1/status by the operator: %d %s", r.Status, r.Body)
	}
	if n := strings.Count(s.Logs(), "first start: "); n != 1 {
		t.Errorf("the log tells of a first start %d times, want once", n)
	}
	if strings.Contains(s.Logs(), s.OperatorToken) {
		t.Error("the log holds the operator's token")
	}
	before := read(t, s.Dir, "operator.token", "kek.json")
	s.Restart()
	if after := read(t, s.Dir, "operator.token", "kek.json"); !bytes.Equal(before, after) {
		t.Error("a restart changed the token or the KEK")
	}
	if r := s.REST(s.OperatorToken, "GET", "/v1/status", ""); r.Status != 200 {
		t.Errorf("GET /v1/status after a restart: %d %s", r.Status, r.Body)
	}
	if n := strings.Count(s.Logs(), "first start: "); n != 1 {
		t.Errorf("the log tells of a first start %d times after a restart, want once", n)
	}
	// The operator took the token elsewhere.
	if err := os.Remove(filepath.Join(s.Dir, "operator.token")); err != nil {
		t.Fatal(err)
	}
	s.Restart()
	if _, err := os.Stat(filepath.Join(s.Dir, "operator.token")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a restart made a new operator.token: %v", err)
	}
}

func read(t *testing.T, dir string, names ...string) []byte {
	t.Helper()
	var all []byte
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	return all
}

// What a crash can leave of a first start does not keep the next one from finishing it.
func TestFirstStart_afterCrash(t *testing.T) {
	done := filepath.Join(t.TempDir(), "done")
	if err := openAndClose(t, testConfig(done, io.Discard)); err != nil {
		t.Fatal(err)
	}
	write := func(dir, name string, content []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	store := read(t, done, "coffer.db")
	tests := map[string]func(dir string){
		"folder":      func(string) {},
		"half a KEK":  func(dir string) { write(dir, ".kek-123", []byte("{")) },
		"KEK":         func(dir string) { write(dir, "kek.json", read(t, done, "kek.json")) },
		"empty store": func(dir string) { write(dir, "kek.json", read(t, done, "kek.json")); write(dir, "coffer.db.new", nil) },
		"half a store": func(dir string) {
			write(dir, "kek.json", read(t, done, "kek.json"))
			write(dir, "coffer.db.new", store[:9000])
		},
		"half a token": func(dir string) {
			write(dir, "kek.json", read(t, done, "kek.json"))
			write(dir, "operator.token.new", []byte("cfr_"))
		},
		"store and token": func(dir string) {
			write(dir, "kek.json", read(t, done, "kek.json"))
			write(dir, "coffer.db.new", store)
			write(dir, "operator.token", read(t, done, "operator.token"))
		},
	}
	for name, crash := range tests {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			crash(dir)
			s := servertest.Start(t, servertest.Config{Dir: dir})
			if r := s.REST(s.OperatorToken, "GET", "/v1/status", ""); r.Status != 200 {
				t.Errorf("GET /v1/status by the operator: %d %s", r.Status, r.Body)
			}
			leftovers, _ := filepath.Glob(filepath.Join(dir, "*.new*"))
			if len(leftovers) > 0 {
				t.Errorf("left behind: %v", leftovers)
			}
		})
	}
}

func TestOpen_refuses(t *testing.T) {
	foreign := filepath.Join(t.TempDir(), "kek.json")
	if _, err := filekek.Create(foreign); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(t *testing.T, c *server.Config) // of a data dir that was in use
		want   string
	}{
		{"etcd", func(_ *testing.T, c *server.Config) { c.Storage = "etcd" }, "not built into this version"},
		{"an unknown engine", func(_ *testing.T, c *server.Config) { c.Storage = "sqlite" }, "unknown"},
		{"no data dir", func(_ *testing.T, c *server.Config) { c.DataDir = "" }, "--data-dir"},
		{"a KMS", func(_ *testing.T, c *server.Config) { c.KEK = "aws-kms://alias/x" }, "not built into this version"},
		{"a KEK of the environment", func(_ *testing.T, c *server.Config) { c.KEK = "env:KEK" }, "not built into this version"},
		{"a KEK in the open", func(_ *testing.T, c *server.Config) { c.KEK = "c2VjcmV0" }, "no known scheme"},
		{"the KEK missing", func(t *testing.T, c *server.Config) { remove(t, c.DataDir, "kek.json") }, "is missing"},
		{"the KEK elsewhere missing", func(t *testing.T, c *server.Config) { c.KEK = "file:" + filepath.Join(t.TempDir(), "kek") }, "is missing"},
		{"the KEK's folder missing", func(t *testing.T, c *server.Config) {
			c.DataDir = filepath.Join(t.TempDir(), "new")
			c.KEK = "file:" + filepath.Join(t.TempDir(), "nowhere", "kek.json")
		}, "the folder of the KEK"},
		{"the audit log cut", func(t *testing.T, c *server.Config) {
			segments, _ := filepath.Glob(filepath.Join(c.DataDir, "audit", "*.jsonl"))
			if err := os.Truncate(segments[0], 0); err != nil {
				t.Fatal(err)
			}
		}, "put the folder"},
		{"a wrong KEK", func(_ *testing.T, c *server.Config) { c.KEK = "file:" + foreign }, "is not the one"},
		{"a KEK for all to read", func(t *testing.T, c *server.Config) { chmod(t, c.DataDir, "kek.json", 0o644) }, "0600"},
		{"a data dir for all to read", func(t *testing.T, c *server.Config) { chmod(t, c.DataDir, "", 0o755) }, "chmod 700"},
		{"the store missing", func(t *testing.T, c *server.Config) { remove(t, c.DataDir, "coffer.db") }, "put the store back"},
		{"the audit log missing", func(t *testing.T, c *server.Config) { remove(t, c.DataDir, "audit") }, "audit log"},
		{"the audit log in the way", func(t *testing.T, c *server.Config) { remove(t, c.DataDir, "audit"); writeFile(t, c.DataDir, "audit") }, "audit log"},
		{"an address beyond this machine", func(_ *testing.T, c *server.Config) { c.HTTP = "0.0.0.0:0" }, "without TLS"},
		{"any address", func(_ *testing.T, c *server.Config) { c.GRPC = ":0" }, "without TLS"},
		{"a name of this machine", func(_ *testing.T, c *server.Config) { c.GRPC = "example.org:0" }, "without TLS"},
		{"no address", func(_ *testing.T, c *server.Config) { c.GRPC = "8080" }, "host:port"},
		{"a namespace of DataOS that is none", func(_ *testing.T, c *server.Config) { c.DataOS.Tenants = map[string]string{"a": "A"} }, "dataos: tenants.a"},
		{"half of TLS", func(_ *testing.T, c *server.Config) { c.TLS.Cert = "cert.pem" }, "half configured"},
		{"client certificates without an authority", func(_ *testing.T, c *server.Config) {
			c.TLS = server.TLS{Cert: "c", Key: "k", ClientAuth: "optional"}
		}, "needs --tls-client-ca"},
		{"client certificates of some kind", func(_ *testing.T, c *server.Config) {
			c.TLS = server.TLS{Cert: "c", Key: "k", ClientCA: "ca", ClientAuth: "none"}
		}, "neither require nor optional"},
		{"client certificates without TLS", func(_ *testing.T, c *server.Config) { c.TLS.ClientCA = "ca.pem" }, "half configured"},
		{"missing certificates", func(_ *testing.T, c *server.Config) { c.TLS.Cert, c.TLS.Key = "/nowhere/cert", "/nowhere/key" }, "/nowhere/cert"},
		{"certificates without an authority", func(_ *testing.T, c *server.Config) {
			c.Auth.Certificates = []authnmtls.Rule{{SAN: "uri", Match: "x", Principal: "user:x"}}
		}, "--tls-client-ca"},
		{"an issuer without audience", func(_ *testing.T, c *server.Config) {
			c.Auth.Issuers = []server.Issuer{{Issuer: authnoidc.Issuer{Name: "corp", URL: "https://id.example.com"}}}
		}, "audiences"},
		{"a sink of no kind", func(_ *testing.T, c *server.Config) { c.Audit.Sinks = []auditsink.Settings{{Name: "siem"}} }, "siem"},
		{"a negative limit", func(_ *testing.T, c *server.Config) { c.Limits.Streams = -1 }, "negative"},
		{"a rate without a burst", func(_ *testing.T, c *server.Config) { c.Limits.PrincipalBurst = 0 }, "burst"},
		{"logins that never count", func(_ *testing.T, c *server.Config) { c.Auth.LoginMaxAge = 0 }, "--auth-login-max-age"},
		{"a negative retention", func(_ *testing.T, c *server.Config) { c.Audit.RetainFor = -1 }, "negative"},
		{"a URL with a path", func(_ *testing.T, c *server.Config) { c.URL = "https://coffer.example.com/v1" }, "--url"},
		{"an unknown fsync", func(_ *testing.T, c *server.Config) { c.Audit.Fsync = "never" }, "neither group nor always"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := testConfig(filepath.Join(t.TempDir(), "data"), io.Discard)
			if err := openAndClose(t, config); err != nil {
				t.Fatal(err)
			}
			tt.change(t, &config)
			if err := openAndClose(t, config); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("Open with %s: %v, want one line that tells %q", tt.name, err, tt.want)
			}
		})
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, dir, name string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
		t.Fatal(err)
	}
}

func writeFile(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpen_insecureOnRequest(t *testing.T) {
	config := testConfig(filepath.Join(t.TempDir(), "data"), io.Discard)
	config.HTTP, config.InsecureNoTLS = "0.0.0.0:0", true
	if err := openAndClose(t, config); err != nil {
		t.Errorf("Open with InsecureNoTLS: %v", err)
	}
}

func TestOpen_locked(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	err := openAndClose(t, testConfig(s.Dir, io.Discard))
	if err == nil || !strings.Contains(err.Error(), "another cofferd is running") {
		t.Errorf("Open of a data dir in use: %v, want it refused", err)
	}
}

func TestOpen_addressInUse(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	config := testConfig(filepath.Join(t.TempDir(), "data"), io.Discard)
	config.HTTP = s.HTTPAddr()
	if err := openAndClose(t, config); err == nil || !strings.Contains(err.Error(), "--http") {
		t.Errorf("Open on a port in use: %v, want an error that names the flag", err)
	}
	// What was opened before was closed again.
	config.HTTP = "127.0.0.1:0"
	if err := openAndClose(t, config); err != nil {
		t.Errorf("Open of the same data dir afterwards: %v", err)
	}
}

func TestWhoIsAsking(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	for name, header := range map[string]string{
		"no token": "", "another scheme": "Basic YWxhZGRpbjpvcGVuc2VzYW1l", "no scheme": s.OperatorToken, "a cut token": "Bearer " + s.OperatorToken[:30],
		"another token": "Bearer cfr_" + strings.Repeat("0", 49),
	} {
		st, code := whoami(t, s, header)
		if code != 401 || st.Code() != codes.Unauthenticated {
			t.Errorf("%s: %d %v, want 401", name, code, st)
		}
	}
	if _, code := whoami(t, s, "bearer "+s.OperatorToken); code != 200 {
		t.Errorf("the scheme in small letters: %d, want 200", code)
	}
}
