package renderstore

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
)

// contents is what a store of keys and certificates holds. Its aliases are unique and in lower case.
type contents struct {
	keys    []keyEntry
	trusted []trustedEntry
}

// keyEntry is a private key with its certificate and those above it, the leaf first.
type keyEntry struct {
	alias string
	key   privateKey
	chain []*x509.Certificate
}

type trustedEntry struct {
	alias       string
	certificate *x509.Certificate
}

// named is something under the base of its alias.
type named[T any] struct {
	base string
	item T
}

// assemble sorts the blocks of the entries into what a store holds. A certificate belongs to a key if it is the key's
// own or signs one that belongs to it, in whichever entry it stands; all others are trusted ones.
func assemble(ctx context.Context, entries []Entry, alias string) (contents, error) {
	var p parser
	var keys []named[privateKey]
	var certificates []named[*x509.Certificate]
	for _, e := range entries {
		base, err := baseOf(e, alias)
		if err != nil {
			return contents{}, err
		}
		blocks, err := p.decode(ctx, e)
		if err != nil {
			return contents{}, err
		}
		for _, b := range blocks {
			if b.key != nil {
				keys = append(keys, named[privateKey]{base, b.key})
			} else if !slices.ContainsFunc(certificates, func(c named[*x509.Certificate]) bool { return c.item.Equal(b.certificate) }) {
				certificates = append(certificates, named[*x509.Certificate]{base, b.certificate})
			}
		}
	}
	return arrange(ctx, keys, certificates)
}

func baseOf(e Entry, alias string) (string, error) {
	if alias == "" {
		alias = e.Name
	}
	return aliasOf(alias)
}

func arrange(ctx context.Context, keys []named[privateKey], certificates []named[*x509.Certificate]) (contents, error) {
	search := chains{}
	for _, c := range certificates {
		search.certificates = append(search.certificates, c.item)
	}
	var out contents
	last := map[string]int{} // number of the last alias of a base
	leaves := map[*x509.Certificate]bool{}
	chained := map[*x509.Certificate]bool{}
	for _, k := range keys {
		if last[k.base] > 0 {
			return contents{}, fmt.Errorf("two private keys would have the alias %q: a store takes one for an alias", k.base)
		}
		chain, err := search.of(ctx, k.item)
		if err != nil {
			return contents{}, fmt.Errorf("private key %q: %w", k.base, err)
		}
		if leaves[chain[0]] {
			return contents{}, fmt.Errorf("private key %q is there twice", k.base)
		}
		for _, c := range chain {
			chained[c] = true
		}
		leaves[chain[0]] = true
		last[k.base] = 1
		out.keys = append(out.keys, keyEntry{k.base, k.item, chain})
	}
	certificates = slices.DeleteFunc(certificates, func(c named[*x509.Certificate]) bool { return chained[c.item] })
	err := out.trust(certificates, last)
	return out, err
}

// trust adds trusted certificates: the first under the base of its alias, if that is free, the next under base-2.
func (s *contents) trust(certificates []named[*x509.Certificate], last map[string]int) error {
	taken := map[string]bool{}
	for base := range last {
		taken[base] = true
	}
	for _, c := range certificates {
		name := c.base
		if last[c.base]++; last[c.base] > 1 {
			name = fmt.Sprintf("%s-%d", c.base, last[c.base])
		}
		if taken[name] {
			return fmt.Errorf("two entries of the store would have the alias %q: give the store an alias of its own", name)
		}
		taken[name] = true
		s.trusted = append(s.trusted, trustedEntry{name, c.item})
	}
	return nil
}

// maxChecks bounds the signatures that are looked into for one store: enough for chains of three for every item of a
// recipe. Certificates made to share a name could otherwise cost every pair of them.
const maxChecks = 1000

var errChecks = errors.New("too many of the certificates have the same subjects")

// chains finds the chains of keys.
type chains struct {
	certificates []*x509.Certificate
	checks       int
}

// of is the key's certificate and those above it, as far as there are any.
func (s *chains) of(ctx context.Context, key privateKey) ([]*x509.Certificate, error) {
	public, ok := key.Public().(publicKey)
	if !ok {
		return nil, errors.New("its kind is not supported")
	}
	var chain []*x509.Certificate
	for _, c := range s.certificates {
		if public.Equal(c.PublicKey) {
			chain = append(chain, c)
		}
	}
	switch len(chain) {
	case 0:
		return nil, errors.New("none of the certificates is for it")
	case 1:
	default:
		return nil, errors.New("more than one certificate is for it")
	}
	for {
		if err := live(ctx); err != nil {
			return nil, err
		}
		top := chain[len(chain)-1]
		above := -1
		if !s.issued(top, top) {
			above = slices.IndexFunc(s.certificates, func(c *x509.Certificate) bool {
				return !slices.Contains(chain, c) && s.issued(c, top)
			})
		}
		if s.checks > maxChecks {
			return nil, errChecks
		}
		if above < 0 {
			return chain, nil
		}
		chain = append(chain, s.certificates[above])
	}
}

// issued tells whether the certificate was signed by the issuer's key. Signatures of an algorithm that is no longer
// trusted are not looked into: whether to trust them is for whoever verifies the chain.
func (s *chains) issued(issuer, c *x509.Certificate) bool {
	if !bytes.Equal(issuer.RawSubject, c.RawIssuer) {
		return false
	}
	if s.checks++; s.checks > maxChecks {
		return false
	}
	var insecure x509.InsecureAlgorithmError
	err := c.CheckSignatureFrom(issuer)
	return err == nil || errors.As(err, &insecure)
}
