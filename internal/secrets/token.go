package secrets

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/filter"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

const (
	defaultTokenLife = 90 * 24 * time.Hour
	maxTokenLife     = 10 * 366 * 24 * time.Hour
	maxTokens        = 1000 // of one service account or person
	maxSourceRanges  = 32
)

// Token is a bearer token of a service account or a person: its metadata, and once the token itself.
type Token struct {
	Meta
	Name           string
	ExpireTime     time.Time
	SourceRanges   []string  // in CIDR notation; none: it works from anywhere
	UseLimit       int64     // 0: it may be used as often as wanted
	UseCount       int64     // counted only with a limit
	RenewableUntil time.Time // zero: not by its holder
	Secret         string    // only in the answer that mints it
}

// CreateToken is what CreateToken mints.
type CreateToken struct {
	Parent         string    // full name of the service account, or users/ and a person
	ID             string    // empty: one of the server's choice
	Meta           Meta      // description, labels and annotations count
	ExpireTime     time.Time // zero: 90 days from now
	SourceRanges   []string
	UseLimit       int64
	RenewableUntil time.Time
	RequestID      string
	ValidateOnly   bool
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

func tokenOf(holder string, r *storev1.Token, rev storage.Revision) Token {
	return Token{
		Meta: metaOf(r.GetUid(), r.GetMeta(), rev), Name: join(holder, tokensOf, r.GetId()), ExpireTime: unstamp(r.GetExpireTime()),
		SourceRanges: r.GetSourceRanges(), UseLimit: r.GetUseLimit(), RenewableUntil: unstamp(r.GetRenewableUntil()),
	}
}

// check reports what is wrong with the request, and fills in what it leaves to the server.
func (req *CreateToken) check(now time.Time) error {
	var p problems
	checkID(&p, "token_id", tokensOf, req.ID)
	req.Meta.check(&p, "token.")
	if req.ExpireTime.IsZero() {
		req.ExpireTime = now.Add(defaultTokenLife)
		if until := req.RenewableUntil; !until.IsZero() && until.Before(req.ExpireTime) {
			req.ExpireTime = until
		}
	}
	checkExpiry(&p, "token.expire_time", req.ExpireTime, now)
	if until := req.RenewableUntil; !until.IsZero() {
		checkExpiry(&p, "token.renewable_until", until, now)
		if until.Before(req.ExpireTime) {
			p.addf("token.renewable_until", "lies before the expire_time")
		}
	}
	if req.UseLimit < 0 {
		p.addf("token.use_limit", "is negative")
	}
	if len(req.SourceRanges) > maxSourceRanges {
		p.addf("token.source_ranges", "more than %d ranges", maxSourceRanges)
	}
	for i, text := range req.SourceRanges {
		if _, err := parseRange(text); err != nil {
			p.addf(fmt.Sprintf("token.source_ranges[%d]", i), "%v", err)
		}
	}
	return p.err()
}

func checkExpiry(p *problems, fieldName string, at, now time.Time) {
	if at.Before(now) || at.After(now.Add(maxTokenLife)) {
		p.addf(fieldName, "must lie in the next ten years")
	}
}

// parseRange reads a network in its one canonical spelling: that of an IPv4 address mapped into IPv6, or with bits
// beyond its length, would be of no address, or of more of them than it seems.
func parseRange(text string) (netip.Prefix, error) {
	network, err := netip.ParsePrefix(text)
	switch {
	case err != nil || network.Addr().Is4In6():
		return netip.Prefix{}, fmt.Errorf("%q is not a network in CIDR notation, like 10.0.0.0/8", clip(text))
	case network.Masked().String() != text:
		return netip.Prefix{}, fmt.Errorf("%q should be spelt %s", clip(text), network.Masked())
	}
	return network, nil
}

// CreateToken mints a token and shows it this once.
func (s *Service) CreateToken(ctx context.Context, caller authn.Caller, req CreateToken) (Token, error) {
	asked := req.ID
	if req.ID == "" {
		req.ID = newUID()
	}
	h := s.locateHolder("parent", req.Parent)
	if err := s.allowMinting(ctx, caller, &h, req.ID); err != nil {
		return Token{}, err
	}
	if err := h.told(false); err != nil {
		return Token{}, err
	}
	if h.person && s.personalTokensOff {
		return Token{}, fmt.Errorf("%w: there are no personal tokens here, as an issuer gives people names without a prefix", ErrPrecondition)
	}
	now := s.now()
	once := s.once(caller, req.RequestID, "CreateToken", h.holder(), h.record.GetUid(), asked, req.Meta, req.ExpireTime, req.SourceRanges,
		req.UseLimit, req.RenewableUntil)
	first := &storev1.Token{}
	if done, err := s.answered(ctx, once, first); err != nil || done {
		return tokenOf(h.holder(), first, once.replayed), err
	}
	if err := firstError(req.Fault, req.check(now), s.roomForToken(ctx, h)); err != nil {
		return Token{}, err
	}
	secret, hash, err := authn.NewToken()
	if err != nil {
		return Token{}, err
	}
	minted := &storev1.Token{
		Uid: newUID(), Id: req.ID, Hash: hash[:], ServiceAccountUid: h.record.GetUid(), User: h.user(), Meta: newMeta(req.Meta, caller.Name, now),
		ExpireTime: stamp(req.ExpireTime), Life: durationpb.New(req.ExpireTime.Sub(now)), RenewableUntil: stamp(req.RenewableUntil),
		SourceRanges: req.SourceRanges, UseLimit: req.UseLimit,
	}
	// What a retry is answered with is not what was minted: the record that is remembered has no hash.
	answer := proto.CloneOf(minted)
	answer.Hash = nil
	rev, err := s.updateAccess(ctx, req.ValidateOnly, once.wrap(answer, func(tx *sealed.Tx) error {
		if _, err := h.again(s, tx, ""); err != nil {
			return err
		}
		if taken, err := exists(tx, h.tokenKey(req.ID)); err != nil || taken {
			return firstError(err, fmt.Errorf("%w: a token %q", ErrExists, req.ID))
		}
		return tx.Put(kindToken, h.ns.uid, h.tokenKey(req.ID), minted)
	}))
	if err != nil {
		return Token{}, err
	}
	token := tokenOf(h.holder(), answer, once.revision(rev))
	if !req.ValidateOnly && answer.GetUid() == minted.GetUid() {
		token.Secret = secret
	}
	return token, nil
}

// roomForToken bounds the tokens of a holder. It is a guard against runaway minting, not an exact limit: several
// calls at once may pass it together.
func (s *Service) roomForToken(ctx context.Context, h holderAt) error {
	return s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		records, err := snapshot.Range(h.tokenKey(""), "", maxTokens)
		if err == nil && len(records) == maxTokens {
			return fmt.Errorf("%w: one principal has at most %d tokens", ErrLimit, maxTokens)
		}
		return err
	})
}

// GetToken returns the metadata of a token.
func (s *Service) GetToken(ctx context.Context, caller authn.Caller, name string) (Token, error) {
	h := s.locateHolder("name", name, tokensOf)
	if err := s.allowTokens(ctx, caller, authz.TokenGet, &h); err != nil {
		return Token{}, err
	}
	if err := h.told(true); err != nil {
		return Token{}, err
	}
	token := tokenOf(h.holder(), h.token, h.tokenRev)
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return readUses(snapshot, h.ns.uid, h.token, &token) })
	return token, err
}

// ListTokens returns the metadata of the tokens of a service account or a person.
func (s *Service) ListTokens(ctx context.Context, caller authn.Caller, parent string, page Page) ([]Token, string, error) {
	h := s.locateHolder("parent", parent)
	if err := s.allowTokens(ctx, caller, authz.TokenList, &h); err != nil {
		return nil, "", err
	}
	if err := h.told(false); err != nil {
		return nil, "", err
	}
	return list(ctx, s, caller, page, listing[Token]{
		method: "tokens", parent: parent, prefixes: []storage.Key{h.tokenKey("")},
		fields: metaFilter(filter.Fields{"expire_time": filter.Timestamp}),
		open: func(snapshot *sealed.Snapshot, rec storage.Record) (Token, bool, error) {
			r := &storev1.Token{}
			if err := snapshot.Open(kindToken, h.ns.uid, rec, r); err != nil {
				return Token{}, false, err
			}
			token := tokenOf(h.holder(), r, rec.Revision)
			return token, true, readUses(snapshot, h.ns.uid, r, &token)
		},
		get: func(token *Token, name string) any {
			if name == "expire_time" {
				return token.ExpireTime
			}
			return token.get(token.Name, name)
		},
	})
}

// DeleteToken revokes a token: when it returns, the token authenticates nobody.
func (s *Service) DeleteToken(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (storage.Revision, error) {
	h := s.locateHolder("name", name, tokensOf)
	if err := s.allowTokens(ctx, caller, authz.TokenDelete, &h); err != nil {
		return 0, err
	}
	if err := h.told(true); err != nil {
		return 0, err
	}
	if err := s.keepOperator(ctx, h.tokenKey(h.ids[1])); err != nil {
		return 0, err
	}
	return s.updateAccess(ctx, validateOnly, func(tx *sealed.Tx) error {
		if _, err := h.again(s, tx, etag); err != nil {
			return err
		}
		tx.Delete(h.tokenKey(h.ids[1]))
		tx.Delete(tokenUseKey(h.ns.uid, h.token.GetUid()))
		return nil
	})
}
