package renderstore

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"

	"github.com/pavlo-v-chernykh/keystore-go/v4"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// JKS is a Java key store of the keys and certificates in the entries, under the alias or else under their names. An
// entry counts as created when its certificate became valid.
func JKS(ctx context.Context, entries []Entry, alias string, pw plaintext.Value) (plaintext.Value, error) {
	text, err := toolPassword(pw)
	if err != nil {
		return plaintext.Value{}, err
	}
	held, err := assemble(ctx, entries, alias)
	if err != nil {
		return plaintext.Value{}, err
	}
	stream, err := newStream("JKS", alias, text, entries)
	if err != nil {
		return plaintext.Value{}, err
	}
	store := keystore.New(keystore.WithOrderedAliases(), keystore.WithCustomRandomNumberGenerator(stream))
	for _, k := range held.keys {
		if err := live(ctx); err != nil {
			return plaintext.Value{}, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(k.key)
		if err != nil {
			return plaintext.Value{}, fmt.Errorf("private key %q: its kind is not supported", k.alias)
		}
		entry := keystore.PrivateKeyEntry{CreationTime: k.chain[0].NotBefore, PrivateKey: der}
		for _, c := range k.chain {
			entry.CertificateChain = append(entry.CertificateChain, x509Certificate(c))
		}
		if err := store.SetPrivateKeyEntry(k.alias, entry, []byte(text)); err != nil {
			return plaintext.Value{}, fmt.Errorf("encrypting private key %q: %w", k.alias, err)
		}
	}
	for _, t := range held.trusted {
		entry := keystore.TrustedCertificateEntry{CreationTime: t.certificate.NotBefore, Certificate: x509Certificate(t.certificate)}
		if err := store.SetTrustedCertificateEntry(t.alias, entry); err != nil {
			return plaintext.Value{}, fmt.Errorf("adding certificate %q: %w", t.alias, err)
		}
	}
	var out bytes.Buffer
	if err := store.Store(&out, []byte(text)); err != nil {
		return plaintext.Value{}, fmt.Errorf("encoding the JKS store: %w", err)
	}
	return plaintext.New(out.Bytes()), nil
}

func x509Certificate(c *x509.Certificate) keystore.Certificate {
	return keystore.Certificate{Type: "X.509", Content: c.Raw}
}
