package cli_test

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/cli"
)

// A server that is there, but whom TLS keeps from talking to us, is not to be looked for: other settings are.
func TestTLSHints(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("COFFER_TOKEN", "x")
	serve := func(auth tls.ClientAuthType) *httptest.Server {
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.EnableHTTP2 = true
		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
		s.TLS = &tls.Config{ClientAuth: auth}
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	stranger, strict := serve(tls.NoClientCert), serve(tls.RequireAnyClientCert)
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: strict.Certificate().Raw}
	if err := os.WriteFile(ca, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"unknown authority":  {[]string{"--address", stranger.URL}, "hint: name the authority that vouches for the server with --ca-cert"},
		"client certificate": {[]string{"--address", strict.URL, "--ca-cert", ca}, "wants to see a certificate of yours"},
		"another name":       {[]string{"--address", strings.Replace(strict.URL, "127.0.0.1", "localhost", 1), "--ca-cert", ca}, "hint: the server's certificate does not fit --address"},
		"no TLS":             {[]string{"--address", strings.Replace(plain.URL, "http:", "https:", 1)}, "hint: the server speaks no TLS"},
		"nobody there":       {[]string{"--address", "http://127.0.0.1:1"}, "hint: is cofferd running at http://127.0.0.1:1?"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := cli.Main(t.Context(), append([]string{"coffer", "whoami"}, test.args...), cli.Stdio{In: strings.NewReader(""), Out: &out, Err: &errs})
			// The connection may be gone before the server's reason comes.
			cutOff := strings.HasPrefix(errs.String(), "coffer: write tcp ") || strings.HasPrefix(errs.String(), "coffer: read tcp ")
			if code != 2 || !strings.Contains(errs.String(), test.want) || !(cutOff || strings.HasPrefix(errs.String(), "coffer: cannot reach the server: ")) {
				t.Errorf("exit code %d and %q; want 2 and %q", code, errs.String(), test.want)
			}
			if strings.Contains(errs.String(), "retries") || strings.Contains(errs.String(), "desc =") {
				t.Errorf("noise of gRPC: %q", errs.String())
			}
		})
	}
}
