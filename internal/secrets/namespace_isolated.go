package secrets

import (
	"context"
	"fmt"
	"slices"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// At the border of an isolated namespace, rights that were given above end, an operator's included, and so do the roles
// of the namespaces above. The authorizer cuts them off; what is left to do here is that somebody inside can always open
// it again. Nothing else knows of the border: what looks upward from inside, such as the short name of a secret in a
// projection, finds what whoever asks holds the right to there. So a projection in an isolated namespace still delivers a
// secret from above whose use its author was granted there.

// errNotAdministered: nobody could enter the namespace, once it is isolated.
var errNotAdministered = fmt.Errorf("%w: nobody could enter it: create the namespace, give somebody the role namespace-admin on it, "+
	"without a condition or an end, and then isolate it", ErrPrecondition)

// isolationFields are what an update mask can name of it.
var isolationFields = []field[Namespace, storev1.Namespace]{
	{"isolated", func(n *Namespace) bool { return n.Isolated }, func(r *storev1.Namespace, n *Namespace) { r.Isolated = n.Isolated }},
}

// isolated tells whether a namespace is isolated after an update.
func isolated(n namespace, set func(*storev1.Namespace)) bool {
	after := &storev1.Namespace{Meta: &storev1.Meta{}, Isolated: n.isolated}
	set(after)
	return after.GetIsolated()
}

// isolationNote says for the audit log what an update does to the border.
func isolationNote(n namespace, set func(*storev1.Namespace)) string {
	switch after := isolated(n, set); {
	case after == n.isolated:
		return ""
	case after:
		return "isolated"
	}
	return "not isolated any more"
}

// checkIsolation refuses to isolate a namespace that nobody could open again.
func (s *Service) checkIsolation(ctx context.Context, n namespace, set func(*storev1.Namespace)) error {
	if n.isolated || !isolated(n, set) {
		return nil
	}
	if n.id == Instance {
		return fmt.Errorf("%w: the root namespace cannot be isolated: there is nothing above it", ErrPrecondition)
	}
	_, administered, err := s.administered(ctx, n)
	if err == nil && !administered {
		return errNotAdministered
	}
	return err
}

// keepAdmins refuses to delete the record, of a grant or a service account, that is the last way into an isolated
// namespace: nobody above could give the role again. It is a guard like keepOperator.
func (s *Service) keepAdmins(ctx context.Context, deleted storage.Key) error {
	for _, n := range s.directory.isolated() {
		if err := s.keepAdmin(ctx, n, deleted); err != nil {
			return err
		}
	}
	return nil
}

// keepAdmin is keepAdmins for one namespace and several records.
func (s *Service) keepAdmin(ctx context.Context, n namespace, deleted ...storage.Key) error {
	before, after, err := s.administered(ctx, n, deleted...)
	if err == nil && before && !after {
		return fmt.Errorf("%w: it is the last way into a namespace that is isolated; give the role namespace-admin on that one, without a "+
			"condition or an end, to another principal first", ErrPrecondition)
	}
	return err
}

// administered tells whether somebody holds the role namespace-admin by a grant on the very namespace that stands by
// itself, to a principal that lives, without a condition or an end: with some records, and after they are deleted.
func (s *Service) administered(ctx context.Context, n namespace, deleted ...storage.Key) (before, after bool, err error) {
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		return eachRecord(snapshot, key(grantPrefix, n.uid, ""), func(record storage.Record) error {
			g := &storev1.Grant{}
			if err := snapshot.Open(kindGrant, n.uid, record, g); err != nil {
				return err
			}
			if !unconditional(g, authz.RoleNamespaceAdmin, n.uid) || g.GetExpireTime() != nil {
				return nil
			}
			if _, lives := s.directory.principal(g.GetPrincipal().GetUid()); !lives && g.GetPrincipal().GetUid() != "" {
				return nil
			}
			before, after = true, after || (!slices.Contains(deleted, record.Key) && !s.isAccountOf(g, deleted))
			return nil
		})
	})
	return before, after, err
}
