package keyring

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"sync"
)

const macKeyLabel = "coffer/mac-key/v1"

// MAC computes HMAC-SHA-256 under keys that serve one purpose only. It is safe for concurrent use.
type MAC struct {
	primary *hmacKey
	keys    []*hmacKey // all of them, the primary included
}

// MAC derives the keys for a purpose, a name such as "audit-chain" or "page-token". The same purpose gives the same
// keys for the life of the store; different purposes give unrelated ones.
func (k *Keyring) MAC(purpose string) (MAC, error) {
	if purpose == "" {
		return MAC{}, errors.New("keyring: a MAC needs a purpose")
	}
	label := AppendAssociatedData(nil, macKeyLabel, purpose)
	var m MAC
	for id, f := range k.prf.PRFs {
		secret, err := f.ComputePRF(label, sha256.Size)
		if err != nil {
			return MAC{}, fmt.Errorf("deriving MAC key for %s: %w", purpose, err)
		}
		key := newHMACKey(secret)
		m.keys = append(m.keys, key)
		if id == k.prf.PrimaryID {
			m.primary = key
		}
	}
	return m, nil
}

// Sum is the MAC of data under the primary key, 32 bytes.
func (m MAC) Sum(data []byte) []byte { return m.primary.sum(data) }

// Verify tells whether sum is the MAC of data under any of the keys, in time that depends on the lengths only. After
// a rotation it still accepts what the older keys made.
func (m MAC) Verify(data, sum []byte) bool {
	valid := false
	for _, key := range m.keys {
		valid = hmac.Equal(key.sum(data), sum) || valid
	}
	return valid
}

// hmacKey keeps hashes that have absorbed the key, which is half the cost of a short MAC.
type hmacKey struct{ hashes sync.Pool }

func newHMACKey(secret []byte) *hmacKey {
	k := new(hmacKey)
	k.hashes.New = func() any { return hmac.New(sha256.New, secret) }
	return k
}

func (k *hmacKey) sum(data []byte) []byte {
	h := k.hashes.Get().(hash.Hash)
	h.Write(data)
	sum := h.Sum(nil)
	h.Reset()
	k.hashes.Put(h)
	return sum
}
