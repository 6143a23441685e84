package secrets

import (
	"context"
	"fmt"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// keepOperator refuses to delete the record, of a grant, a service account or a token, that is the last way in for an
// operator: nobody could give the role again. It is a guard against mistakes; several calls at once may pass it together.
func (s *Service) keepOperator(ctx context.Context, deleted storage.Key) error {
	before, after := false, false
	root := s.directory.root()
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		return eachRecord(snapshot, key(grantPrefix, root.uid, ""), func(record storage.Record) error {
			g := &storev1.Grant{}
			if err := snapshot.Open(kindGrant, root.uid, record, g); err != nil {
				return err
			}
			account, lives := s.directory.account(g.GetPrincipal().GetUid())
			expired := g.GetExpireTime() != nil && !s.now().Before(g.GetExpireTime().AsTime())
			if g.GetRole() != string(authz.RoleOperator) || g.GetResourceUid() != root.uid || !lives || expired {
				return nil
			}
			gone := record.Key == deleted || key(accountPrefix, account.nsUID, account.id) == deleted
			return s.eachToken(snapshot, account, func(token storage.Key) {
				before = true
				after = after || (!gone && token != deleted)
			})
		})
	})
	if err == nil && before && !after {
		return fmt.Errorf("%w: it is the last way in for an operator; give the role operator on namespaces/instance to another service "+
			"account, and that one a token, first", ErrPrecondition)
	}
	return err
}

// eachToken calls fn for every token of the account that works.
func (s *Service) eachToken(snapshot *sealed.Snapshot, a account, fn func(storage.Key)) error {
	if _, lives := s.directory.principal(a.uid); !lives {
		return nil
	}
	return eachRecord(snapshot, key(tokenPrefix, a.nsUID, a.uid, ""), func(record storage.Record) error {
		token := &storev1.Token{}
		if err := snapshot.Open(kindToken, a.nsUID, record, token); err != nil {
			return err
		}
		if token.GetExpireTime() == nil || s.now().Before(token.GetExpireTime().AsTime()) {
			fn(record.Key)
		}
		return nil
	})
}
