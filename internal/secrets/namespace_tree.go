package secrets

import (
	"cmp"
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// A namespace that is deleted with all below it is marked first, which closes its door, and then those below it, from the
// top down, each in a transaction of its own. Undeleting it is the same the other way. What to do with one below
// follows from its record and that of the namespace above it alone, so that steps can be repeated, by several at once, and
// cross each other: none lives below a deleted one, and one that went with that comes back with it, but none that had been
// deleted before. Where a crash comes between, the sweep finds the mark of the top and goes on.

// follow makes a namespace what the one above it is: deleted with it, or live again if it was deleted with it. It tells
// whether that is a change.
func follow(r, above *storev1.Namespace) bool {
	with := cmp.Or(above.GetDeletedWith(), above.GetUid())
	switch {
	case above.GetDeleteTime() == nil && r.GetDeletedWith() != "":
		r.DeleteTime, r.PurgeTime, r.DeletedWith = nil, nil, ""
	case above.GetDeleteTime() == nil:
		return false
	case r.GetDeleteTime() == nil, r.GetDeletedWith() == with && !proto.Equal(r.GetPurgeTime(), above.GetPurgeTime()):
		r.DeleteTime, r.PurgeTime, r.DeletedWith = above.GetDeleteTime(), above.GetPurgeTime(), with
	default:
		return false
	}
	return true
}

// stored is the record of a namespace.
type stored struct {
	*storev1.Namespace
	rev   storage.Revision
	above *storev1.Namespace // nil: of the root
}

// tree reads the namespace with the UID and those below it, deleted or not, from the top down. There are none once the
// top is erased.
func (s *Service) tree(ctx context.Context, uid string) ([]stored, error) {
	below := map[string][]stored{} // by UID of the one above
	var found []stored
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		return eachRecord(snapshot, namespacePrefix, func(rec storage.Record) error {
			r := stored{&storev1.Namespace{}, rec.Revision, nil}
			if err := snapshot.Open(kindNamespace, system, rec, r.Namespace); err != nil {
				return err
			}
			if r.GetUid() == uid {
				found = append(found, r)
			}
			below[r.GetParentUid()] = append(below[r.GetParentUid()], r)
			return nil
		})
	})
	for i := 0; i < len(found); i++ {
		for _, child := range below[found[i].GetUid()] {
			child.above = found[i].Namespace
			found = append(found, child)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading the namespaces: %w", err)
	}
	return found, nil
}

// settleTree makes all below a namespace follow it, and then takes its mark away.
func (s *Service) settleTree(ctx context.Context, mark secretKey) error {
	for {
		tree, err := s.tree(ctx, mark.uid)
		if err != nil {
			return err
		}
		if len(tree) > 0 && tree[0].GetPurging() {
			return s.eraseTree(ctx, mark)
		}
		due := false
		for _, r := range tree[min(1, len(tree)):] {
			if !follow(r.Namespace, r.above) { // r is what is above the next
				continue
			}
			due = true
			// One at a time: the feed tells that a transaction is in force once it has the first record of it.
			if _, err := s.updateAccess(ctx, false, func(tx *sealed.Tx) error { return s.settleOne(tx, r) }); err != nil {
				return fmt.Errorf("settling %s: %w", join(namespaces, r.GetId()), err)
			}
		}
		if due {
			continue // until there is nothing left to do
		}
		if settled, err := s.unmark(ctx, mark, tree); settled || err != nil {
			return err
		}
	}
}

// settleOne makes a namespace follow, as the transaction finds it.
func (s *Service) settleOne(tx *sealed.Tx, n stored) error {
	r, above := &storev1.Namespace{}, &storev1.Namespace{}
	_, err := tx.Get(kindNamespace, system, namespaceKey(n.GetId()), r)
	if ok, err := found(err); !ok || r.GetUid() != n.GetUid() {
		return err // erased
	}
	_, err = tx.Get(kindNamespace, system, namespaceKey(n.above.GetId()), above)
	if ok, err := found(err); !ok || above.GetUid() != r.GetParentUid() || !follow(r, above) {
		return err
	}
	touch(r.Meta, above.GetMeta().GetUpdatedBy(), s.now())
	return tx.Put(kindNamespace, system, namespaceKey(n.GetId()), r)
}

// unmark takes the mark away, unless the top was written since it was found that there is nothing left to do.
func (s *Service) unmark(ctx context.Context, mark secretKey, tree []stored) (bool, error) {
	done := true
	_, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
		done = true
		if len(tree) > 0 {
			rev, err := tx.Exists(namespaceKey(tree[0].GetId()))
			if _, err := found(err); err != nil {
				return err
			}
			if done = rev == tree[0].rev; !done {
				return nil
			}
		}
		tx.Delete(mark.in(treePrefix))
		return nil
	})
	return done, err
}
