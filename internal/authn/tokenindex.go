package authn

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/netip"
	"slices"
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
	// SourceRanges are the addresses from which the token works; empty: from any. A request whose address is not known
	// comes from none of them.
	SourceRanges []netip.Prefix
	UseLimit     int64 // how often it authenticates; 0: as often as it likes
}

// TokenIndex authenticates bearer tokens from memory. Whoever follows the store keeps it up to date; a token works from
// Put until Delete or its expiry. It is safe for concurrent use.
type TokenIndex struct {
	now   func() time.Time
	spend func(context.Context, TokenRecord) error

	mu     sync.RWMutex
	byHash map[Hash]TokenRecord
	byUID  map[string]Hash
}

var _ Authenticator = (*TokenIndex)(nil)

// TokenIndexConfig configures a TokenIndex.
type TokenIndexConfig struct {
	Now func() time.Time // the clock; nil: time.Now
	// Spend takes one use from a token with a use limit, after everything else was found good. When it returns nil the
	// use is recorded durably. Its error means that the caller is not authenticated: ErrUnavailable and the context's are
	// passed on, any other becomes ErrUnauthenticated. nil: tokens with a use limit do not work.
	Spend func(ctx context.Context, record TokenRecord) error
}

// NewTokenIndex returns an empty index.
func NewTokenIndex(config TokenIndexConfig) *TokenIndex {
	if config.Now == nil {
		config.Now = time.Now
	}
	return &TokenIndex{now: config.Now, spend: config.Spend, byHash: map[Hash]TokenRecord{}, byUID: map[string]Hash{}}
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

// Alive says whether the token with the UID was neither revoked nor has expired. One whose uses are spent is alive: what
// its last use began may go on.
func (x *TokenIndex) Alive(uid string) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	hash, ok := x.byUID[uid]
	return ok && !x.expired(x.byHash[hash])
}

func (x *TokenIndex) expired(record TokenRecord) bool {
	return !record.ExpireTime.IsZero() && !x.now().Before(record.ExpireTime)
}

// Authenticate implements Authenticator for bearer tokens with our prefix.
func (x *TokenIndex) Authenticate(ctx context.Context, credentials Credentials) (Caller, error) {
	if !strings.HasPrefix(credentials.Bearer, TokenPrefix) {
		return Caller{}, ErrNoCredentials
	}
	hash, err := ParseToken(credentials.Bearer)
	if err != nil {
		return Caller{}, RefusedError("token ill-formed")
	}
	x.mu.RLock()
	record, ok := x.byHash[hash]
	x.mu.RUnlock()
	// The map compares hashes of secrets that nobody can choose bytewise, so its timing tells nothing; the comparison
	// that admits is nevertheless the constant-time one.
	if !ok || subtle.ConstantTimeCompare(record.Hash[:], hash[:]) != 1 {
		return Caller{}, RefusedError("token unknown")
	}
	if x.expired(record) {
		return Caller{}, RefusedError("token expired")
	}
	if len(record.SourceRanges) > 0 && !inRanges(credentials.Address(), record.SourceRanges) {
		return Caller{}, RefusedError("token used outside its source ranges")
	}
	if record.UseLimit != 0 {
		if err := x.use(ctx, record); err != nil {
			return Caller{}, err
		}
	}
	return Caller{
		Principal:   record.Principal,
		Method:      MethodToken,
		TokenName:   record.Name,
		TokenUID:    record.UID,
		TokenExpire: record.ExpireTime,
	}, nil
}

// use takes one use from a token with a use limit.
func (x *TokenIndex) use(ctx context.Context, record TokenRecord) error {
	if x.spend == nil {
		return RefusedError("token with a use limit, which nobody counts")
	}
	switch err := x.spend(ctx, record); {
	case err == nil:
		return nil
	case errors.Is(err, ErrUnavailable):
		return ErrUnavailable
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return RefusedError("token used up, or its use could not be counted")
}

func inRanges(address netip.Addr, ranges []netip.Prefix) bool {
	return slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Contains(address) })
}
