package authn

import (
	"context"
	"crypto/subtle"
	"strings"
	"sync"
	"time"
)

// MethodToken is the Caller.Method of a bearer token of our own.
const MethodToken = "token"

// TokenRecord is a token as it is stored: without its secret.
type TokenRecord struct {
	UID        string    // of the token resource
	Name       string    // resource name, for the audit log
	Hash       Hash      // of the secret
	Principal  Principal // whom the token stands for
	ExpireTime time.Time // the first moment at which it no longer works; zero: never
}

// TokenIndex authenticates bearer tokens from memory. Whoever follows the store keeps it up to date; a token works from
// Put until Delete or its expiry. It is safe for concurrent use.
type TokenIndex struct {
	now func() time.Time

	mu     sync.RWMutex
	byHash map[Hash]TokenRecord
	byUID  map[string]Hash
}

var _ Authenticator = (*TokenIndex)(nil)

// TokenIndexConfig configures a TokenIndex.
type TokenIndexConfig struct {
	Now func() time.Time // the clock; nil: time.Now
}

// NewTokenIndex returns an empty index.
func NewTokenIndex(config TokenIndexConfig) *TokenIndex {
	if config.Now == nil {
		config.Now = time.Now
	}
	return &TokenIndex{now: config.Now, byHash: map[Hash]TokenRecord{}, byUID: map[string]Hash{}}
}

// Put adds a token, or replaces the one with the same UID.
func (x *TokenIndex) Put(record TokenRecord) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(record.UID)
	// No two tokens share a hash unless a record was forged; the older one then must not linger without its UID.
	if other, ok := x.byHash[record.Hash]; ok {
		delete(x.byUID, other.UID)
	}
	x.byHash[record.Hash] = record
	x.byUID[record.UID] = record.Hash
}

// Delete revokes the token with the UID, at once. An unknown one is ignored.
func (x *TokenIndex) Delete(uid string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(uid)
}

func (x *TokenIndex) remove(uid string) {
	if hash, ok := x.byUID[uid]; ok {
		delete(x.byHash, hash)
		delete(x.byUID, uid)
	}
}

// Authenticate implements Authenticator for bearer tokens with our prefix.
func (x *TokenIndex) Authenticate(_ context.Context, credentials Credentials) (Caller, error) {
	if !strings.HasPrefix(credentials.Bearer, TokenPrefix) {
		return Caller{}, ErrNoCredentials
	}
	hash, err := ParseToken(credentials.Bearer)
	if err != nil {
		return Caller{}, err
	}
	x.mu.RLock()
	record, ok := x.byHash[hash]
	x.mu.RUnlock()
	// The map compares hashes of secrets that nobody can choose bytewise, so its timing tells nothing; the comparison
	// that admits is nevertheless the constant-time one.
	if !ok || subtle.ConstantTimeCompare(record.Hash[:], hash[:]) != 1 {
		return Caller{}, ErrUnauthenticated
	}
	if !record.ExpireTime.IsZero() && !x.now().Before(record.ExpireTime) {
		return Caller{}, ErrUnauthenticated
	}
	return Caller{
		Principal:   record.Principal,
		Method:      MethodToken,
		TokenName:   record.Name,
		TokenExpire: record.ExpireTime,
	}, nil
}
