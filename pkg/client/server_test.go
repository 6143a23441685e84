package client_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/credentials"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
	"github.com/coffer-dev/coffer/pkg/client"
)

// open returns a client of the operator.
func open(t *testing.T, s *servertest.Server, config client.Config) *client.Client {
	t.Helper()
	config.Token = s.OperatorToken
	c, err := client.New(config)
	if err != nil {
		t.Fatalf("New(%s): %v", config.Address, err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// store creates a secret of the namespace and a projection that delivers it.
func store(t *testing.T, c *client.Client, namespace string) *cofferv1.Secret {
	t.Helper()
	secret, err := c.CreateSecret(t.Context(), &cofferv1.CreateSecretRequest{Parent: namespace, SecretId: "db", Secret: &cofferv1.Secret{
		Payload: &cofferv1.Payload{Data: map[string]string{"password": "p1"}},
	}})
	if err != nil {
		t.Fatalf("CreateSecret: %v", err)
	}
	_, err = c.CreateProjection(t.Context(), &cofferv1.CreateProjectionRequest{Parent: namespace, ProjectionId: "etl", Projection: &cofferv1.Projection{
		Items: []*cofferv1.Projection_Item{{Secret: "db", Key: "password", Env: "PGPASSWORD"}},
	}})
	if err != nil {
		t.Fatalf("CreateProjection: %v", err)
	}
	return secret
}

func TestServer(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	for namespace, address := range map[string]string{"one": "grpc://" + s.GRPCAddr(), "two": s.URL()} {
		t.Run(address[:4], func(t *testing.T) {
			c := open(t, s, client.Config{Address: address})
			parent := s.Namespace(namespace)
			secret := store(t, c, parent)
			answer, err := c.Access(t.Context(), secret.GetName())
			if err != nil || answer.GetPayload().GetData()["password"] != "p1" {
				t.Fatalf("Access = %v, %v", answer, err)
			}
			bundle, err := c.Render(t.Context(), parent+"/projections/etl")
			if err != nil || bundle.GetEnv()["PGPASSWORD"] != "p1" {
				t.Fatalf("Render = %v, %v", bundle, err)
			}
		})
	}
}

func TestServerErrors(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	c := open(t, s, client.Config{Address: s.URL()})
	secret := store(t, c, s.Namespace("acme"))
	stranger, err := client.New(client.Config{Address: s.URL(), Token: s.Account("namespaces/acme", "stranger", "", "")})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	nobody, err := client.New(client.Config{Address: s.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	tests := []struct {
		name string
		call func() error
		want error
	}{
		{"not found", func() error {
			_, err := c.Access(t.Context(), "namespaces/acme/secrets/none")
			return err
		}, client.ErrNotFound},
		{"denied", func() error {
			_, err := stranger.Access(t.Context(), secret.GetName())
			return err
		}, client.ErrDenied},
		{"unauthenticated", func() error {
			_, err := nobody.Access(t.Context(), secret.GetName())
			return err
		}, client.ErrUnauthenticated},
		{"exists", func() error {
			_, err := c.CreateSecret(t.Context(), &cofferv1.CreateSecretRequest{Parent: "namespaces/acme", SecretId: "db"})
			return err
		}, client.ErrExists},
		{"etag", func() error {
			_, err := c.UpdateSecret(t.Context(), &cofferv1.UpdateSecretRequest{
				Secret: &cofferv1.Secret{Name: secret.GetName(), Description: "x", Etag: "stale"},
			})
			return err
		}, client.ErrEtag},
		{"in use", func() error {
			_, err := c.DeleteSecret(t.Context(), &cofferv1.DeleteSecretRequest{Name: secret.GetName()})
			return err
		}, client.ErrInUse},
		{"invalid", func() error {
			_, err := c.CreateSecret(t.Context(), &cofferv1.CreateSecretRequest{Parent: "namespaces/acme", SecretId: "not valid"})
			return err
		}, client.ErrInvalid},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.call()
			if !errors.Is(err, test.want) {
				t.Fatalf("error %v, want %v", err, test.want)
			}
			var got *client.Error
			if !errors.As(err, &got) || got.RequestID == "" || got.Reason == cofferv1.ErrorReason_ERROR_REASON_UNSPECIFIED {
				t.Errorf("error %+v, want a reason and a request ID", got)
			}
			if test.want == client.ErrNotFound && (got.Resource != "namespaces/acme/secrets/none/versions/active" || !strings.Contains(got.Error(), got.Resource)) {
				t.Errorf("error %q of resource %q, want the secret named", got, got.Resource)
			}
			if test.want == client.ErrInvalid && (len(got.Violations) != 1 || got.Violations[0].Field != "secret_id") {
				t.Errorf("violations %v, want secret_id", got.Violations)
			}
		})
	}
}

func TestServerPages(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	c := open(t, s, client.Config{Address: s.URL()})
	parent := s.Namespace("acme")
	want := []string{"a", "b", "c", "d", "e"}
	for _, id := range want {
		if _, err := c.CreateSecret(t.Context(), &cofferv1.CreateSecretRequest{Parent: parent, SecretId: id}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for page, err := range client.Pages(t.Context(), c.ListSecrets, &cofferv1.ListSecretsRequest{Parent: parent, PageSize: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range page.GetSecrets() {
			got = append(got, filepath.Base(secret.GetName()))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestServerTLS(t *testing.T) {
	cert, key := certificate(t)
	trust, err := credentials.NewClientTLSFromFile(cert, "")
	if err != nil {
		t.Fatal(err)
	}
	s := servertest.Start(t, servertest.Config{TLS: trust, Change: func(c *server.Config) { c.TLS.Cert, c.TLS.Key = cert, key }})
	for _, address := range []string{"https://" + s.HTTPAddr(), "grpcs://" + s.GRPCAddr()} {
		c := open(t, s, client.Config{Address: address, CACert: cert})
		if _, err := c.WhoAmI(t.Context(), &cofferv1.WhoAmIRequest{}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
		distrustful := open(t, s, client.Config{Address: address, Timeout: 5 * time.Second})
		if _, err := distrustful.WhoAmI(t.Context(), &cofferv1.WhoAmIRequest{}); !errors.Is(err, client.ErrUnavailable) || strings.Contains(err.Error(), "retries") {
			t.Errorf("%s, without its authority: %v, want unavailable", address, err)
		}
	}
}

// certificate writes a self-signed certificate for 127.0.0.1.
func certificate(t *testing.T) (certPath, keyPath string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certPath, keyPath = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{
		certPath: {Type: "CERTIFICATE", Bytes: der}, keyPath: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certPath, keyPath
}
