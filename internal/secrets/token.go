package secrets

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

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
	maxTokens        = 1000 // of one service account
)

// Token is a bearer token of a service account: its metadata, and once the token itself.
type Token struct {
	Meta
	Name       string
	ExpireTime time.Time
	Secret     string // only in the answer that mints it
}

// CreateToken is what CreateToken mints.
type CreateToken struct {
	Parent       string    // full name of the service account
	ID           string    // empty: one of the server's choice
	Meta         Meta      // description, labels and annotations count
	ExpireTime   time.Time // zero: 90 days from now
	RequestID    string
	ValidateOnly bool
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

func tokenOf(account string, r *storev1.Token, rev storage.Revision) Token {
	return Token{
		Meta: metaOf(r.GetUid(), r.GetMeta(), rev), Name: join(account, tokensOf, r.GetId()), ExpireTime: unstamp(r.GetExpireTime()),
	}
}

// CreateToken mints a token and shows it this once.
func (s *Service) CreateToken(ctx context.Context, caller authn.Caller, req CreateToken) (Token, error) {
	asked := req.ID
	if req.ID == "" {
		req.ID = newUID()
	}
	t, err := s.allowAccountNoting(ctx, caller, authz.TokenCreate, "token "+clip(req.ID), "parent", req.Parent, namespaces, serviceAccounts)
	if err != nil {
		return Token{}, err
	}
	now := s.now()
	once := s.once(caller, req.RequestID, "CreateToken", t.record.GetUid(), asked, req.Meta, req.ExpireTime)
	first := &storev1.Token{}
	if done, err := s.answered(ctx, once, first); err != nil || done {
		return tokenOf(req.Parent, first, once.replayed), err
	}
	if req.ExpireTime.IsZero() {
		req.ExpireTime = now.Add(defaultTokenLife)
	}
	var p problems
	checkID(&p, "token_id", tokensOf, req.ID)
	req.Meta.check(&p, "token.")
	if req.ExpireTime.Before(now) || req.ExpireTime.After(now.Add(maxTokenLife)) {
		p.addf("token.expire_time", "must lie in the next ten years")
	}
	if err := firstError(req.Fault, p.err()); err != nil {
		return Token{}, err
	}
	if err := s.roomForToken(ctx, t); err != nil {
		return Token{}, err
	}
	secret, hash, err := authn.NewToken()
	if err != nil {
		return Token{}, err
	}
	minted := &storev1.Token{
		Uid: newUID(), Id: req.ID, Hash: hash[:], ExpireTime: stamp(req.ExpireTime), ServiceAccountUid: t.record.GetUid(),
		Meta: newMeta(req.Meta, caller.Name, now),
	}
	// What a retry is answered with is not what was minted: the record that is remembered has no hash.
	answer := proto.CloneOf(minted)
	answer.Hash = nil
	rev, err := s.updateAccess(ctx, req.ValidateOnly, once.wrap(answer, func(tx *sealed.Tx) error {
		if _, err := t.again(s, tx, ""); err != nil {
			return err
		}
		k := key(tokenPrefix, t.ns.uid, t.record.GetUid(), req.ID)
		if taken, err := exists(tx, k); err != nil || taken {
			return firstError(err, fmt.Errorf("%w: a token %q", ErrExists, req.ID))
		}
		return tx.Put(kindToken, t.ns.uid, k, minted)
	}))
	if err != nil {
		return Token{}, err
	}
	token := tokenOf(req.Parent, answer, once.revision(rev))
	if !req.ValidateOnly && answer.GetUid() == minted.GetUid() {
		token.Secret = secret
	}
	return token, nil
}

// roomForToken bounds the tokens of an account. It is a guard against runaway minting, not an exact limit: several
// calls at once may pass it together.
func (s *Service) roomForToken(ctx context.Context, t accountAt) error {
	return s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		records, err := snapshot.Range(key(tokenPrefix, t.ns.uid, t.record.GetUid(), ""), "", maxTokens)
		if err == nil && len(records) == maxTokens {
			return fmt.Errorf("%w: a service account has at most %d tokens", ErrLimit, maxTokens)
		}
		return err
	})
}

// GetToken returns the metadata of a token.
func (s *Service) GetToken(ctx context.Context, caller authn.Caller, name string) (Token, error) {
	t, err := s.allowAccount(ctx, caller, authz.TokenGet, "name", name, namespaces, serviceAccounts, tokensOf)
	if err != nil {
		return Token{}, err
	}
	var token Token
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		r := &storev1.Token{}
		rev, err := snapshot.Get(kindToken, t.ns.uid, key(tokenPrefix, t.ns.uid, t.record.GetUid(), t.ids[1]), r)
		if ok, err := found(err); !ok {
			return firstError(err, ErrNotFound)
		}
		token = tokenOf(join(namespaces, t.ns.id, serviceAccounts, t.ids[0]), r, rev)
		return nil
	})
	return token, err
}

// ListTokens returns the metadata of a service account's tokens.
func (s *Service) ListTokens(ctx context.Context, caller authn.Caller, parent string, page Page) ([]Token, string, error) {
	t, err := s.allowAccount(ctx, caller, authz.TokenList, "parent", parent, namespaces, serviceAccounts)
	if err != nil {
		return nil, "", err
	}
	return list(ctx, s, caller, page, listing[Token]{
		method: "tokens", parent: parent, prefixes: []storage.Key{key(tokenPrefix, t.ns.uid, t.record.GetUid(), "")},
		fields: metaFilter(filter.Fields{"expire_time": filter.Timestamp}),
		open: func(snapshot *sealed.Snapshot, rec storage.Record) (Token, bool, error) {
			r := &storev1.Token{}
			err := snapshot.Open(kindToken, t.ns.uid, rec, r)
			return tokenOf(parent, r, rec.Revision), true, err
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
	t, err := s.allowAccount(ctx, caller, authz.TokenDelete, "name", name, namespaces, serviceAccounts, tokensOf)
	if err != nil {
		return 0, err
	}
	if err := s.keepOperator(ctx, key(tokenPrefix, t.ns.uid, t.record.GetUid(), t.ids[1])); err != nil {
		return 0, err
	}
	return s.updateAccess(ctx, validateOnly, func(tx *sealed.Tx) error {
		if _, err := t.again(s, tx, ""); err != nil {
			return err
		}
		k := key(tokenPrefix, t.ns.uid, t.record.GetUid(), t.ids[1])
		rev, err := tx.Exists(k)
		if ok, err := found(err); !ok {
			return firstError(err, ErrNotFound)
		}
		if err := checkEtag(etag, rev); err != nil {
			return err
		}
		tx.Delete(k)
		return nil
	})
}
