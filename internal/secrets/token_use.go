package secrets

import (
	"context"
	"errors"
	"fmt"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// errSpent: a token was used as often as it may.
var errSpent = errors.New("the token was used as often as it may")

func tokenUseKey(nsUID, tokenUID string) storage.Key { return key(tokenUsePrefix, nsUID, tokenUID) }

// readUses fills in how often a token was used.
func readUses(r reader, nsUID string, record *storev1.Token, token *Token) error {
	if record.GetUseLimit() == 0 {
		return nil
	}
	use := &storev1.TokenUse{}
	_, err := r.Get(kindTokenUse, nsUID, tokenUseKey(nsUID, record.GetUid()), use)
	token.UseCount = use.GetCount()
	_, err = found(err)
	return err
}

// spendToken takes one use from a token. Each use is a transaction of its own, on disk before the caller is let in, so
// that neither calls at the same time nor a crash give one more. Uses of one token in this process come one after the
// other: they would only conflict.
func (s *Service) spendToken(ctx context.Context, used authn.TokenRecord) error {
	turn := s.spending[used.Hash[0]]
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	nsUID, k := s.tokenIndexed(used)
	_, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
		// The token may be gone: what is revoked leaves no count behind.
		token, use := &storev1.Token{}, &storev1.TokenUse{}
		if _, err := tx.Get(kindToken, nsUID, k, token); err != nil {
			return err
		}
		if _, err := tx.Get(kindTokenUse, nsUID, tokenUseKey(nsUID, used.UID), use); err != nil && !errors.Is(err, sealed.ErrNotFound) {
			return err
		}
		if token.GetUid() != used.UID || use.GetCount() >= token.GetUseLimit() {
			return errSpent
		}
		use.Count++
		return tx.Put(kindTokenUse, nsUID, tokenUseKey(nsUID, used.UID), use)
	})
	switch {
	case err == nil, errors.Is(err, errSpent), errors.Is(err, sealed.ErrNotFound), ctx.Err() != nil:
		return err
	case errors.Is(err, storage.ErrUnavailable), errors.Is(err, storage.ErrClosed):
		return fmt.Errorf("%w: counting the use of a token: %w", authn.ErrUnavailable, err)
	}
	s.log.Error("counting the use of a token; it is refused", "token", used.Name, "error", err)
	return err
}

// tokenIndexed is where the record of a token in the index is.
func (s *Service) tokenIndexed(token authn.TokenRecord) (nsUID string, k storage.Key) {
	id := token.Name[strings.LastIndexByte(token.Name, '/')+1:]
	if token.Principal.UID != "" {
		return token.Principal.NamespaceUID, key(tokenPrefix, token.Principal.NamespaceUID, token.Principal.UID, id)
	}
	root := s.directory.root().uid
	_, user, _ := strings.Cut(token.Principal.Name, ":")
	return root, key(tokenPrefix, root, users, user, id)
}
