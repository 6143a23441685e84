package renderstore

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// errTwoKeys is returned for a second private key: most readers of PKCS#12 take the first and are silent about others.
var errTwoKeys = errors.New("a PKCS12 store takes one private key")

// PKCS12 is a PKCS#12 store of the keys and certificates in the entries, under the alias or else under their names. Java
// 8u301, OpenSSL 1.1.1 and what is newer read it.
func PKCS12(ctx context.Context, entries []Entry, alias string, pw plaintext.Value) (plaintext.Value, error) {
	text, err := toolPassword(pw)
	if err != nil {
		return plaintext.Value{}, err
	}
	held, err := assemble(ctx, entries, alias)
	if err != nil {
		return plaintext.Value{}, err
	}
	if len(held.keys) > 1 {
		return plaintext.Value{}, errTwoKeys
	}
	stream, err := newStream("PKCS12", alias, text, entries)
	if err != nil {
		return plaintext.Value{}, err
	}
	encoder := pkcs12.Modern2023.WithIterations(iterations).WithRand(stream)
	trusted := make([]pkcs12.TrustStoreEntry, len(held.trusted))
	for i, t := range held.trusted {
		trusted[i] = pkcs12.TrustStoreEntry{Cert: t.certificate, FriendlyName: t.alias}
	}
	var trust []byte
	if len(trusted) > 0 || len(held.keys) == 0 {
		if trust, err = encoder.EncodeTrustStoreEntries(trusted, text); err != nil {
			return plaintext.Value{}, fmt.Errorf("encoding the certificates of a PKCS12 store: %w", err)
		}
	}
	if len(held.keys) == 0 {
		return plaintext.New(trust), nil
	}
	k := held.keys[0]
	store, err := encoder.Encode(k.key, k.chain[0], k.chain[1:], text)
	if err != nil {
		return plaintext.Value{}, fmt.Errorf("private key %q: its kind is not supported", k.alias)
	}
	if store, err = joinStores(store, trust, k.alias, text); err != nil {
		return plaintext.Value{}, fmt.Errorf("encoding a PKCS12 store: %w", err)
	}
	return plaintext.New(store), nil
}

// The parts of RFC 7292, section 4, that joinStores changes; the rest stays as go-pkcs12 wrote it.
type (
	pfx struct {
		Version  int
		AuthSafe contentInfo
		MAC      macData
	}
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"tag:0,explicit,optional"`
	}
	macData struct {
		Digest struct {
			Algorithm pkix.AlgorithmIdentifier
			Sum       []byte
		}
		Salt       []byte
		Iterations int
	}
	safeBag struct {
		Type       asn1.ObjectIdentifier
		Value      asn1.RawValue  `asn1:"tag:0,explicit"`
		Attributes []bagAttribute `asn1:"set,optional"`
	}
	bagAttribute struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue `asn1:"set"`
	}
)

var friendlyName = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 20}

// joinStores does what go-pkcs12 does not: it names the key of a store, by which Java finds it, and adds the contents of a
// trust store, which may be nil. Both are encrypted with the password already; the MAC over them is made anew.
func joinStores(store, trust []byte, alias, password string) ([]byte, error) {
	var p pfx
	contents, err := openStore(store, &p)
	if err != nil {
		return nil, err
	}
	if len(contents) != 2 {
		return nil, errors.New("the store has other than two parts")
	}
	if err := nameKey(&contents[1], alias); err != nil {
		return nil, err
	}
	if trust != nil {
		more, err := openStore(trust, new(pfx))
		if err != nil {
			return nil, err
		}
		contents = append(contents, more...)
	}
	safe, err := asn1.Marshal(contents)
	if err != nil {
		return nil, err
	}
	if p.AuthSafe.Content.Bytes, err = asn1.Marshal(safe); err != nil {
		return nil, err
	}
	p.AuthSafe.Content.FullBytes = nil
	mac := hmac.New(sha256.New, macKey(password, p.MAC.Salt, p.MAC.Iterations))
	mac.Write(safe)
	p.MAC.Digest.Sum = mac.Sum(nil)
	return asn1.Marshal(p)
}

// openStore parses a store as far as its parts, which stay encrypted.
func openStore(der []byte, p *pfx) ([]contentInfo, error) {
	if err := parseDER(der, p); err != nil {
		return nil, err
	}
	var safe []byte
	if err := parseDER(p.AuthSafe.Content.Bytes, &safe); err != nil {
		return nil, err
	}
	var contents []contentInfo
	err := parseDER(safe, &contents)
	return contents, err
}

// nameKey gives the only bag of the part its friendly name.
func nameKey(part *contentInfo, alias string) error {
	var octets []byte
	if err := parseDER(part.Content.Bytes, &octets); err != nil {
		return err
	}
	var bags []safeBag
	if err := parseDER(octets, &bags); err != nil {
		return err
	}
	if len(bags) != 1 {
		return errors.New("the store has other than one private key")
	}
	name, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagBMPString, Bytes: bmp(alias)})
	if err != nil {
		return err
	}
	set := asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: name}
	bags[0].Attributes = append(bags[0].Attributes, bagAttribute{friendlyName, set})
	if octets, err = asn1.Marshal(bags); err != nil {
		return err
	}
	part.Content.FullBytes = nil
	part.Content.Bytes, err = asn1.Marshal(octets)
	return err
}

// parseDER parses what go-pkcs12 wrote; the errors of asn1 name types and fields only.
func parseDER(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err == nil && len(rest) > 0 {
		return errors.New("trailing bytes")
	}
	return err
}

// macKey is the key of the MAC after RFC 7292, appendix B.2, for purpose 3 and SHA-256: the key is as long as one hash, so
// that of the loop over blocks the first run remains.
func macKey(password string, salt []byte, iterations int) []byte {
	input := bytes.Repeat([]byte{3}, sha256.BlockSize)
	input = append(input, fill(salt)...)
	input = append(input, fill(append(bmp(password), 0, 0))...)
	key := sha256.Sum256(input)
	for range iterations - 1 {
		key = sha256.Sum256(key[:])
	}
	return key[:]
}

// fill repeats b up to the next whole block, and cuts it there.
func fill(b []byte) []byte {
	size := (len(b) + sha256.BlockSize - 1) / sha256.BlockSize * sha256.BlockSize
	return bytes.Repeat(b, size/len(b)+1)[:size]
}

// bmp is the UTF-16 of ASCII.
func bmp(ascii string) []byte {
	out := make([]byte, 0, 2*len(ascii))
	for _, c := range []byte(ascii) {
		out = append(out, 0, c)
	}
	return out
}
