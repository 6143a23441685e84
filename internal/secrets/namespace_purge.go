package secrets

import (
	"context"
	"errors"
	"fmt"
	"slices"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// namespacePurge is what the erasing of a namespace is called in the audit log. Nobody can ask for it.
const namespacePurge authz.Action = "namespace:purge"

// projectionPage is how many projections are read at once where they are erased one by one.
const projectionPage = 100

// purgeNamespaces erases the deleted namespaces whose purge_time has passed, those below before those above: one below
// which something can still be undeleted waits for that.
func (s *Service) purgeNamespaces(ctx context.Context) error {
	all, err := s.tree(ctx, s.directory.root().uid)
	if err != nil {
		return err
	}
	var errs []error
	waits := map[string]bool{} // UIDs of those below which something waits
	for _, r := range slices.Backward(all) {
		switch {
		case waits[r.GetUid()], !s.isNamespaceDue(r.Namespace):
			waits[r.GetParentUid()] = true
		case r.GetDeletedWith() == "" && !r.GetPurging(): // else it goes with the one above it, or goes on by its mark
			errs = append(errs, s.purgeNamespace(ctx, r))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(append(errs, ctx.Err())...)
}

// isNamespaceDue tells whether a deleted namespace is to be erased. One without a purge_time never is.
func (s *Service) isNamespaceDue(r *storev1.Namespace) bool {
	return r.GetDeleteTime() != nil && r.GetPurgeTime() != nil && !s.now().Before(r.GetPurgeTime().AsTime())
}

// purgeNamespace erases a namespace and all below it, unless it was undeleted meanwhile.
func (s *Service) purgeNamespace(ctx context.Context, r stored) error {
	mark := secretKey{r.GetParentUid(), r.GetUid()}
	err := s.beginNamespacePurge(ctx, r, func(tx *sealed.Tx) error { return markLeftover(tx, treePrefix, mark) })
	if errors.Is(err, errNotDue) || errors.Is(err, ErrNotFound) {
		s.recordKept(namespacePurge, join(namespaces, r.GetId()), r.GetUid(), err)
		return nil
	}
	if err == nil {
		err = s.eraseTree(ctx, mark)
	}
	if err != nil {
		return fmt.Errorf("purging %s: %w", join(namespaces, r.GetId()), err)
	}
	return nil
}

// beginNamespacePurge records that a namespace is purged, and closes the door on it: from then on it cannot be undeleted.
func (s *Service) beginNamespacePurge(ctx context.Context, r stored, also func(*sealed.Tx) error) error {
	if err := s.recordPurge(ctx, namespacePurge, join(namespaces, r.GetId()), r.GetUid(), r.GetPurgeTime().AsTime()); err != nil {
		return err
	}
	_, err := s.updateAccess(ctx, false, func(tx *sealed.Tx) error {
		now := &storev1.Namespace{}
		_, err := tx.Get(kindNamespace, system, namespaceKey(r.GetId()), now)
		if ok, err := found(err); !ok || now.GetUid() != r.GetUid() {
			return firstError(err, ErrNotFound)
		}
		if !s.isNamespaceDue(now) {
			return errNotDue
		}
		now.Purging = true
		return firstError(also(tx), tx.Put(kindNamespace, system, namespaceKey(r.GetId()), now))
	})
	return err
}

// eraseTree erases a namespace whose purge has begun, and before it those below.
func (s *Service) eraseTree(ctx context.Context, mark secretKey) error {
	tree, err := s.tree(ctx, mark.uid)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(tree) {
		var err error
		if !r.GetPurging() {
			err = s.beginNamespacePurge(ctx, r, func(*sealed.Tx) error { return nil })
		}
		if err == nil {
			err = s.eraseNamespace(ctx, r)
		}
		if err != nil && !errors.Is(err, ErrNotFound) { // erased by another
			return fmt.Errorf("erasing %s: %w", join(namespaces, r.GetId()), err)
		}
	}
	return nil
}

// eraseNamespace deletes everything in a namespace whose purge has begun, in steps, and last, at once, its keys and its
// record. Then its ID is free, and what takes it inherits nothing.
func (s *Service) eraseNamespace(ctx context.Context, r stored) error {
	if err := s.eraseProjections(ctx, r.GetUid()); err != nil {
		return err
	}
	for _, prefix := range namespaced {
		if _, err := s.eraseBelow(ctx, key(prefix, r.GetUid()), (*sealed.Tx).Delete, func(*sealed.Tx) error { return nil }); err != nil {
			return err
		}
	}
	_, err := s.updateAccess(ctx, false, func(tx *sealed.Tx) error {
		now := &storev1.Namespace{}
		_, err := tx.Get(kindNamespace, system, namespaceKey(r.GetId()), now)
		if ok, err := found(err); !ok || now.GetUid() != r.GetUid() {
			return firstError(err, ErrNotFound)
		}
		tx.DeleteKeyset(r.GetUid())
		tx.Delete(namespaceKey(r.GetId()))
		tx.Delete(key(usagePrefix, r.GetUid()))
		tx.Delete(secretKey{r.GetParentUid(), r.GetUid()}.in(treePrefix))
		return nil
	})
	if err == nil {
		s.usages.forget(r.GetUid())
	}
	return err
}

// eraseProjections deletes the projections of a namespace, each together with what secrets elsewhere know of it.
func (s *Service) eraseProjections(ctx context.Context, nsUID string) error {
	var left []storage.Record
	for {
		if err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
			var err error
			left, err = snapshot.Range(key(projectionPrefix, nsUID, ""), "", projectionPage)
			return err
		}); err != nil || len(left) == 0 {
			return err
		}
		for _, r := range left {
			if _, err := s.store.Update(ctx, func(tx *sealed.Tx) error { return eraseProjection(tx, nsUID, r.Key) }); err != nil {
				return err
			}
		}
	}
}

func eraseProjection(tx *sealed.Tx, nsUID string, k storage.Key) error {
	record := &storev1.Projection{}
	_, err := tx.Get(kindProjection, nsUID, k, record)
	if ok, err := found(err); !ok {
		return err
	}
	for secret := range bindingsOf(record) {
		if secret.nsUID == nsUID {
			continue // goes too
		}
		if err := removeDependent(tx, secret, record.GetUid()); err != nil {
			return err
		}
	}
	tx.Delete(k)
	return nil
}
