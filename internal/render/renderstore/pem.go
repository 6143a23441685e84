package renderstore

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// Bounds of what is parsed, in entries of one file together, and of each. Keys of RSA are bounded as by crypto/tls; it
// takes milliseconds to parse the largest.
const (
	maxBlocks  = 1000
	maxRSABits = 8192
	maxKeyDER  = 8 << 10
)

// PEM is the certificates and private keys of the entries one after the other, in their order.
func PEM(ctx context.Context, entries []Entry) (plaintext.Value, error) {
	var p parser
	var out bytes.Buffer
	for _, e := range entries {
		blocks, err := p.decode(ctx, e)
		if err != nil {
			return plaintext.Value{}, err
		}
		for _, b := range blocks {
			if err := pem.Encode(&out, b.pem); err != nil {
				return plaintext.Value{}, fmt.Errorf("encoding PEM: %w", err)
			}
		}
	}
	return plaintext.New(out.Bytes()), nil
}

// block is a PEM block that was understood: either a certificate or a private key.
type block struct {
	pem         *pem.Block
	certificate *x509.Certificate
	key         privateKey
}

// privateKey is a private key of any kind that the standard library parses.
type privateKey interface {
	Public() crypto.PublicKey
}

// publicKey is what every public key of the standard library has.
type publicKey interface {
	Equal(crypto.PublicKey) bool
}

var (
	begin = []byte("-----BEGIN ")
	dash  = []byte("-----")
)

// parser parses the entries of a file.
type parser struct {
	blocks int
}

// decode is the blocks of an entry, of which there is at least one. Text around blocks, with which CA bundles name their
// certificates, is left out (RFC 7468, section 5.2). pem.Decode would skip damaged blocks, too: those are refused.
func (s *parser) decode(ctx context.Context, e Entry) ([]block, error) {
	var blocks []block
	rest := e.Value.Reveal()
	for {
		if err := live(ctx); err != nil {
			return nil, err
		}
		at := bytes.Index(rest, begin)
		around := rest
		if at >= 0 {
			around = rest[:at]
		}
		if bytes.Contains(around, dash) {
			return nil, fmt.Errorf("entry %q has a damaged PEM block", e.Name)
		}
		if at < 0 {
			break
		}
		p, after := pem.Decode(rest[at:])
		if p == nil || bytes.Count(rest[at:len(rest)-len(after)], begin) != 1 {
			return nil, fmt.Errorf("entry %q has a damaged PEM block", e.Name)
		}
		rest = after
		if p.Type == "EC PARAMETERS" { // openssl ecparam -genkey writes it before the key, which says it again
			continue
		}
		if s.blocks++; s.blocks > maxBlocks {
			return nil, fmt.Errorf("entry %q brings the file over %d certificates and keys", e.Name, maxBlocks)
		}
		b, problem := parse(p)
		if problem != "" {
			return nil, fmt.Errorf("entry %q has %s", e.Name, problem)
		}
		blocks = append(blocks, b)
	}
	if len(blocks) == 0 {
		return nil, fmt.Errorf("entry %q has no PEM block of a certificate or private key", e.Name)
	}
	return blocks, nil
}

// parse understands a block, or says why not. The parsers' errors are left out: they may quote what they read.
func parse(p *pem.Block) (block, string) {
	if p.Type == "ENCRYPTED PRIVATE KEY" || p.Headers["DEK-Info"] != "" {
		return block{}, "an encrypted private key: store it decrypted, Coffer encrypts it"
	}
	if len(p.Headers) > 0 {
		return block{}, "a PEM block with headers"
	}
	b := block{pem: p}
	var key any
	var err error
	switch p.Type {
	case "CERTIFICATE", "X509 CERTIFICATE":
		p.Type = "CERTIFICATE"
		b.certificate, err = x509.ParseCertificate(p.Bytes)
		if err != nil || oversized(b.certificate) {
			return block{}, "a certificate that cannot be parsed or has a key of more than 8192 bits"
		}
		return b, ""
	case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY":
		if key, err = parseKey(p); err != nil {
			return block{}, "a private key that cannot be parsed or has more than 8192 bits"
		}
	default:
		return block{}, "a PEM block that is neither a certificate nor a private key"
	}
	var ok bool
	if b.key, ok = key.(privateKey); !ok {
		return block{}, "a private key of a kind that is not supported"
	}
	return b, ""
}

func parseKey(p *pem.Block) (any, error) {
	if len(p.Bytes) > maxKeyDER {
		return nil, fmt.Errorf("the key is larger than %d bytes", maxKeyDER)
	}
	switch p.Type {
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(p.Bytes)
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(p.Bytes)
	default:
		return x509.ParsePKCS8PrivateKey(p.Bytes)
	}
}

func oversized(c *x509.Certificate) bool {
	key, ok := c.PublicKey.(*rsa.PublicKey)
	return ok && key.N.BitLen() > maxRSABits
}
