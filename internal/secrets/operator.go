package secrets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// keepOperator refuses to delete records, of a grant, service accounts or a token, that are the last way in for an
// operator: nobody could give the role again. A way in is a token of Coffer's own of somebody who holds the role on the
// instance by a grant that stands by itself; what an identity provider lets in today it may not tomorrow. It is a guard
// against mistakes; several calls at once may pass it together.
func (s *Service) keepOperator(ctx context.Context, deleted ...storage.Key) error {
	before, after := false, false
	root := s.directory.root()
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		return eachRecord(snapshot, key(grantPrefix, root.uid, ""), func(record storage.Record) error {
			g := &storev1.Grant{}
			if err := snapshot.Open(kindGrant, root.uid, record, g); err != nil {
				return err
			}
			expired := g.GetExpireTime() != nil && !s.now().Before(g.GetExpireTime().AsTime())
			if !unconditional(g, authz.RoleOperator, root.uid) || expired {
				return nil
			}
			gone := slices.Contains(deleted, record.Key) || s.isAccountOf(g, deleted)
			return s.eachToken(snapshot, g.GetPrincipal(), func(token storage.Key) {
				before = true
				after = after || (!gone && !slices.Contains(deleted, token))
			})
		})
	})
	if err == nil && before && !after {
		return fmt.Errorf("%w: it is the last way in for an operator; give the role operator on namespaces/instance to another service "+
			"account, and that one a token, first", ErrPrecondition)
	}
	return err
}

// isAccountOf tells whether one of the keys is that of the service account that a grant was given to.
func (s *Service) isAccountOf(g *storev1.Grant, keys []storage.Key) bool {
	a, ok := s.directory.account(g.GetPrincipal().GetUid())
	return ok && slices.Contains(keys, key(accountPrefix, a.nsUID, a.id))
}

// eachToken calls fn for every token of the principal that works, and goes on to.
func (s *Service) eachToken(snapshot *sealed.Snapshot, p *storev1.Principal, fn func(storage.Key)) error {
	name, _ := strings.CutPrefix(p.GetName(), string(authn.KindUser)+":")
	nsUID, prefix := s.directory.root().uid, key(tokenPrefix, s.directory.root().uid, users, name, "")
	if _, lives := s.directory.principal(p.GetUid()); lives {
		a, _ := s.directory.account(p.GetUid())
		nsUID, prefix = a.nsUID, key(tokenPrefix, a.nsUID, a.uid, "")
	} else if p.GetUid() != "" || !userID.MatchString(name) || s.personalTokensOff {
		return nil
	}
	return eachRecord(snapshot, prefix, func(record storage.Record) error {
		token := &storev1.Token{}
		if err := snapshot.Open(kindToken, nsUID, record, token); err != nil {
			return err
		}
		lasts := token.GetUseLimit() == 0 // one that is counted may be used up
		if lasts && (token.GetExpireTime() == nil || s.now().Before(token.GetExpireTime().AsTime())) {
			fn(record.Key)
		}
		return nil
	})
}

// unconditional tells whether a grant gives the built-in role on the namespace itself without a condition.
func unconditional(g *storev1.Grant, role authz.Role, nsUID string) bool {
	return g.GetRole() == string(role) && g.GetRoleUid() == "" && g.GetCondition() == "" && g.GetResourceUid() == nsUID
}
