package renderstore_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderstore"
)

// tb is what *testing.T and *rapid.T have in common.
type tb interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// identity is a key with its certificate.
type identity struct {
	key         crypto.Signer
	certificate *x509.Certificate
}

var from = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// issue makes a certificate for the key; without an issuer it signs itself.
func issue(t tb, name string, key crypto.Signer, issuer *identity, isCA bool) identity {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(name)) + 1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: from.AddDate(50, 0, 0),
		BasicConstraintsValid: true, IsCA: isCA, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if isCA {
		template.KeyUsage |= x509.KeyUsageCertSign
	}
	above := identity{key, template}
	if issuer != nil {
		above = *issuer
	}
	der, err := x509.CreateCertificate(rand.Reader, template, above.certificate, key.Public(), above.key)
	if err != nil {
		t.Fatal(err)
	}
	return identity{key, parsed(t, der)}
}

func parsed(t tb, der []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// seeded is an Ed25519 key that is always the same, and signs so, too.
func seeded(seed string) crypto.Signer {
	return ed25519.NewKeyFromSeed([]byte(strings.Repeat(seed, ed25519.SeedSize)[:ed25519.SeedSize]))
}

// keyOf makes a key of one of the kinds there are. That of RSA is always the same for a name, since it takes long to make.
func keyOf(kind, name string) crypto.Signer {
	switch kind {
	case "ecdsa":
		return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	case "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return must(key, err)
	}
	key, _ := rsaKeys.LoadOrStore(name, sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) }))
	return key.(func() *rsa.PrivateKey)()
}

var (
	kinds   = []string{"ecdsa", "ed25519", "rsa"}
	rsaKeys sync.Map // by name
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func certificates(ids ...identity) string {
	var b bytes.Buffer
	for _, id := range ids {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: id.certificate.Raw})
	}
	return b.String()
}

func pkcs8(key crypto.Signer) string {
	return block("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key)))
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func value(text string) plaintext.Value { return plaintext.New([]byte(text)) }

// entries are names and values in turn.
func entries(namesAndValues ...string) []renderstore.Entry {
	var out []renderstore.Entry
	for i := 0; i < len(namesAndValues); i += 2 {
		out = append(out, renderstore.Entry{Name: namesAndValues[i], Value: value(namesAndValues[i+1])})
	}
	return out
}

// pki is a root, an authority below it, a server's identity below that, and a root that has nothing to do with them.
type pki struct{ root, authority, server, other identity }

func newPKI(t tb, key func(name string) crypto.Signer) pki {
	t.Helper()
	root := issue(t, "Root", key("root"), nil, true)
	authority := issue(t, "Authority", key("authority"), &root, true)
	return pki{root, authority, issue(t, "server", key("server"), &authority, false), issue(t, "Other", key("other"), nil, true)}
}

// fixedPKI is always the same, byte for byte.
func fixedPKI(t tb) pki { return newPKI(t, seeded) }

func raw(ids ...identity) [][]byte {
	var out [][]byte
	for _, id := range ids {
		out = append(out, id.certificate.Raw)
	}
	return out
}

func reveal(t tb) func(plaintext.Value, error) []byte {
	return func(v plaintext.Value, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v.Reveal()
	}
}

var _ tb = (*testing.T)(nil)
