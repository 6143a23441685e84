package secrets

import (
	"context"
	"fmt"
	"time"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// RenewToken is what RenewToken renews.
type RenewToken struct {
	Name         string
	ExpireTime   time.Time // zero: as long from now as the token was made for
	Etag         string
	ValidateOnly bool
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

// RenewToken moves the end of a token's life. Its holder, who has shown that very token and no other of the same
// principal, needs no right, but is bound to the token's renewable_until, whatever its other rights. A token that has
// expired is not brought back: nobody guards it any more.
func (s *Service) RenewToken(ctx context.Context, caller authn.Caller, req RenewToken) (Token, error) {
	h := s.locateHolder("name", req.Name, tokensOf)
	if err := s.allowTokens(ctx, caller, authz.TokenRenew, &h); err != nil {
		return Token{}, err
	}
	if err := firstError(h.told(true), req.Fault); err != nil {
		return Token{}, err
	}
	var now holderAt
	rev, err := s.updateAccess(ctx, req.ValidateOnly, func(tx *sealed.Tx) error {
		var err error
		if now, err = h.again(s, tx, req.Etag); err != nil {
			return err
		}
		end, err := renewed(now.token, req.ExpireTime, s.now(), h.isToken(caller))
		if err != nil {
			return err
		}
		now.token.ExpireTime = stamp(end)
		touch(now.token.Meta, caller.Name, s.now())
		return tx.Put(kindToken, h.ns.uid, h.tokenKey(h.ids[1]), now.token)
	})
	if err != nil {
		return Token{}, err
	}
	if req.ValidateOnly {
		rev = now.tokenRev
	}
	token := tokenOf(h.holder(), now.token, rev)
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return readUses(snapshot, h.ns.uid, now.token, &token) })
	return token, err
}

// renewed is the new end of a token, by its holder or by somebody else.
func renewed(r *storev1.Token, end, now time.Time, byHolder bool) (time.Time, error) {
	old, until := unstamp(r.GetExpireTime()), unstamp(r.GetRenewableUntil())
	if !old.IsZero() && !now.Before(old) {
		return end, fmt.Errorf("%w: the token has expired; mint another", ErrPrecondition)
	}
	if byHolder && !now.Before(until) { // as it is where there is none
		return end, fmt.Errorf("%w: the token cannot be renewed by its holder, or not any more", ErrPrecondition)
	}
	asked := !end.IsZero()
	if !asked {
		life := r.GetLife().AsDuration()
		if r.GetLife() == nil { // minted before lives were kept
			life = old.Sub(unstamp(r.GetMeta().GetCreateTime()))
		}
		end = now.Add(min(life, maxTokenLife))
	}
	if byHolder && until.Before(end) {
		if asked {
			return end, Invalid("expire_time", "is later than the token's renewable_until, %s", until.Format(time.RFC3339))
		}
		end = until
	}
	var p problems
	checkExpiry(&p, "expire_time", end, now)
	return end, p.err()
}
