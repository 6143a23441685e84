package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// authority signs certificates of a test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, pool: x509.NewCertPool()}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.key = newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue returns a certificate for loopback addresses and its key, in PEM.
func (a *authority) issue(serial int64) (certPEM, keyPEM []byte) {
	a.t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	key := newKey(a.t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return encodePEM("CERTIFICATE", der), encodePEM("PRIVATE KEY", keyDER)
}

func (a *authority) pair(serial int64) tls.Certificate {
	a.t.Helper()
	pair, err := tls.X509KeyPair(a.issue(serial))
	if err != nil {
		a.t.Fatal(err)
	}
	return pair
}

func encodePEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// write writes a certificate and its key where the server looks for them, one file after the other.
func (a *authority) write(files server.TLS, serial int64) {
	a.t.Helper()
	cert, key := a.issue(serial)
	for path, content := range map[string][]byte{files.Cert: cert, files.Key: key} {
		if err := os.WriteFile(path+".new", content, 0o600); err != nil {
			a.t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			a.t.Fatal(err)
		}
	}
}

func newTLSFiles(t *testing.T) server.TLS {
	dir := t.TempDir()
	return server.TLS{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
}

func startTLS(t *testing.T, files server.TLS, client *tls.Config) *servertest.Server {
	t.Helper()
	return servertest.Start(t, servertest.Config{TLS: credentials.NewTLS(client), Change: func(c *server.Config) { c.TLS = files }})
}

// status calls through every door and returns the first error.
func statusOver(t *testing.T, s *servertest.Server, client *tls.Config) error {
	t.Helper()
	for _, conn := range []*grpc.ClientConn{s.Conn(s.OperatorToken), s.HTTPConn(s.OperatorToken)} {
		if _, err := cofferv1.NewSystemServiceClient(conn).GetStatus(t.Context(), &cofferv1.GetStatusRequest{}); err != nil {
			return err
		}
	}
	_, err := getOver(t, s, client, "/v1/status")
	return err
}

// getOver sends a request on a connection of its own and returns the serial number of the server's certificate.
func getOver(t *testing.T, s *servertest.Server, client *tls.Config, path string) (int64, error) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: client, ForceAttemptHTTP2: true, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.OperatorToken)
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.ProtoMajor != 2 {
		t.Errorf("GET %s over TLS: %s over %s, want 200 over HTTP/2", path, resp.Status, resp.Proto)
	}
	return resp.TLS.PeerCertificates[0].SerialNumber.Int64(), nil
}

func TestTLS(t *testing.T) {
	ca, files := newAuthority(t), newTLSFiles(t)
	ca.write(files, 2)
	client := &tls.Config{RootCAs: ca.pool}
	s := startTLS(t, files, client)
	if err := statusOver(t, s, client); err != nil {
		t.Errorf("a client that trusts the server's authority: %v", err)
	}
	if _, err := getOver(t, s, &tls.Config{RootCAs: x509.NewCertPool()}, "/healthz"); err == nil {
		t.Error("a client that does not trust the server's authority was served")
	}
	if _, err := getOver(t, s, &tls.Config{RootCAs: ca.pool, MaxVersion: tls.VersionTLS11}, "/healthz"); err == nil {
		t.Error("TLS 1.1 was served")
	}
	resp, err := http.Get("http://" + s.HTTPAddr() + "/healthz")
	if err == nil {
		defer resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			t.Error("plain HTTP was served")
		}
	}
}

// Certificate files are read again when they change; what cannot be used does not replace what can.
func TestTLS_reload(t *testing.T) {
	ca, files := newAuthority(t), newTLSFiles(t)
	ca.write(files, 2)
	client := &tls.Config{RootCAs: ca.pool}
	s := startTLS(t, files, client)
	serves := func(serial int64) {
		t.Helper()
		got := int64(0)
		for deadline := time.Now().Add(20 * time.Second); got != serial && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			var err error
			if got, err = getOver(t, s, client, "/healthz"); err != nil {
				t.Fatal(err)
			}
		}
		if got != serial {
			t.Errorf("the server shows certificate %d, want %d", got, serial)
		}
	}
	serves(2)
	if err := os.WriteFile(files.Cert, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(s.Logs(), "cannot be used") && time.Now().Before(deadline); {
		serves(2)
	}
	ca.write(files, 3)
	serves(3)
}

func TestMutualTLS(t *testing.T) {
	ca, stranger, files := newAuthority(t), newAuthority(t), newTLSFiles(t)
	ca.write(files, 2)
	files.ClientCA = files.Cert + ".ca"
	if err := os.WriteFile(files.ClientCA, encodePEM("CERTIFICATE", ca.cert.Raw), 0o600); err != nil {
		t.Fatal(err)
	}
	client := &tls.Config{RootCAs: ca.pool, Certificates: []tls.Certificate{ca.pair(4)}}
	s := startTLS(t, files, client)
	if err := statusOver(t, s, client); err != nil {
		t.Errorf("a client with a certificate: %v", err)
	}
	for name, config := range map[string]*tls.Config{
		"no certificate":                     {RootCAs: ca.pool},
		"a certificate of another authority": {RootCAs: ca.pool, Certificates: []tls.Certificate{stranger.pair(5)}},
	} {
		if _, err := getOver(t, s, config, "/healthz"); err == nil {
			t.Errorf("a client with %s was served over HTTP", name)
		}
		conn, err := grpc.NewClient(s.GRPCAddr(), grpc.WithTransportCredentials(credentials.NewTLS(config)))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := cofferv1.NewSystemServiceClient(conn).GetStatus(t.Context(), &cofferv1.GetStatusRequest{}); err == nil {
			t.Errorf("a client with %s was served over gRPC", name)
		}
	}
}

// Where certificates are optional, those who show none are served, and a bad one is no better than before.
func TestMutualTLS_optional(t *testing.T) {
	ca, stranger, files := newAuthority(t), newAuthority(t), newTLSFiles(t)
	ca.write(files, 2)
	files.ClientCA, files.ClientAuth = files.Cert+".ca", "optional"
	if err := os.WriteFile(files.ClientCA, encodePEM("CERTIFICATE", ca.cert.Raw), 0o600); err != nil {
		t.Fatal(err)
	}
	bare := &tls.Config{RootCAs: ca.pool}
	s := startTLS(t, files, bare)
	for name, config := range map[string]*tls.Config{"no certificate": bare, "a certificate": {RootCAs: ca.pool, Certificates: []tls.Certificate{ca.pair(4)}}} {
		if err := statusOver(t, s, config); err != nil {
			t.Errorf("a client with %s: %v", name, err)
		}
	}
	if _, err := getOver(t, s, &tls.Config{RootCAs: ca.pool, Certificates: []tls.Certificate{stranger.pair(5)}}, "/healthz"); err == nil {
		t.Error("a client with a certificate of another authority was served")
	}
}
