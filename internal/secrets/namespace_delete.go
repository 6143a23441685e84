package secrets

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// DeleteNamespace closes an empty namespace.
func (s *Service) DeleteNamespace(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (Namespace, error) {
	at := s.locate("name", name, namespaces)
	if err := s.gate.Allow(ctx, caller, authz.NamespaceDelete, s.namespaceAt(at)); err != nil {
		return Namespace{}, err
	}
	if err := firstError(at.fault, notRoot(at.ns), s.emptyNamespace(ctx, at.ns)); err != nil {
		return Namespace{}, err
	}
	closed := false
	n, err := s.changeNamespace(ctx, caller, at.ns, etag, validateOnly, func(_ *sealed.Tx, r *storev1.Namespace) error {
		closed = r.GetDeleteTime() == nil
		return s.closeNamespace(r)
	})
	if validateOnly || !closed || refused(err) {
		return n, err
	}
	// The door may be closed now, even if that is not yet in force. What slipped in between the look and the closing opens
	// it again, even if the caller has gone.
	ctx = context.WithoutCancel(ctx)
	if notEmpty := s.emptyNamespace(ctx, at.ns); notEmpty != nil {
		_, undo := s.changeNamespace(ctx, caller, at.ns, "", false, reopen)
		return Namespace{}, firstError(undo, notEmpty)
	}
	return n, err
}

// refused tells of an error of changeNamespace that came before the change: what an earlier run of its transaction did
// then counts no more.
func refused(err error) bool { return errors.Is(err, ErrEtag) || errors.Is(err, ErrNotFound) }

func notRoot(n namespace) error {
	if n.id == Instance {
		return fmt.Errorf("%w: the root namespace cannot be deleted", ErrPrecondition)
	}
	return nil
}

func (s *Service) closeNamespace(r *storev1.Namespace) error {
	if r.GetDeleteTime() != nil {
		return ErrNamespaceDeleted
	}
	now := s.now()
	r.DeleteTime, r.PurgeTime = stamp(now), stamp(now.Add(s.retention))
	return nil
}

func reopen(_ *sealed.Tx, r *storev1.Namespace) error {
	if r.GetPurging() {
		return fmt.Errorf("%w: the namespace is being erased", ErrPrecondition)
	}
	r.DeleteTime, r.PurgeTime, r.DeletedWith = nil, nil, ""
	return nil
}

// emptyNamespace returns ErrNamespaceNotEmpty if the namespace holds something that is not deleted.
func (s *Service) emptyNamespace(ctx context.Context, n namespace) error {
	if s.directory.children(n.uid) {
		return fmt.Errorf("%w: there are namespaces below it", ErrNamespaceNotEmpty)
	}
	return s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		for _, kind := range []struct {
			what   string
			prefix storage.Key
		}{{"secrets", secretPrefix}, {"projections", projectionPrefix}, {"service accounts", accountPrefix}} {
			records, err := snapshot.Range(key(kind.prefix, n.uid, ""), "", 1)
			if err != nil {
				return err
			}
			if len(records) > 0 {
				return fmt.Errorf("%w: it holds %s", ErrNamespaceNotEmpty, kind.what)
			}
		}
		return nil
	})
}

// UndeleteNamespace opens a deleted namespace again, and those below it that were deleted with it.
func (s *Service) UndeleteNamespace(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (Namespace, error) {
	at := s.locate("name", name, namespaces)
	if err := s.gate.Allow(ctx, caller, authz.NamespaceUndelete, s.namespaceAt(at)); err != nil {
		return Namespace{}, err
	}
	switch {
	case at.ns.uid != "" && !at.ns.deleted:
		return Namespace{}, fmt.Errorf("%w: the namespace is not deleted", ErrPrecondition)
	case at.fault != nil && !at.ns.deleted:
		return Namespace{}, at.fault
	}
	decided, err := s.allowReturn(ctx, caller, at)
	if err != nil {
		return Namespace{}, err
	}
	parent, _ := s.directory.namespaceByUID(at.ns.parentUID)
	return s.changeTree(ctx, caller, at.ns, etag, validateOnly, func(tx *sealed.Tx, r *storev1.Namespace) error {
		if err := s.liveNamespace(tx, parent); err != nil {
			return fmt.Errorf("%w: undelete its parent first", err)
		}
		if !proto.Equal(r.GetDeleteTime(), decided.GetDeleteTime()) {
			return ErrChanged // deleted again, and other namespaces with it
		}
		return reopen(tx, r)
	})
}

// changeTree is changeNamespace for what those below follow.
func (s *Service) changeTree(ctx context.Context, caller authn.Caller, n namespace, etag string, validateOnly bool, change func(*sealed.Tx, *storev1.Namespace) error) (Namespace, error) {
	begun, mark := false, secretKey{n.parentUID, n.uid}
	changed, err := s.changeNamespace(ctx, caller, n, etag, validateOnly, func(tx *sealed.Tx, r *storev1.Namespace) error {
		err := change(tx, r)
		begun = err == nil
		return firstError(err, markLeftover(tx, treePrefix, mark))
	})
	if validateOnly || !begun || refused(err) {
		return changed, err
	}
	// What was begun is finished even if the caller has gone.
	return changed, firstError(err, s.settleTree(context.WithoutCancel(ctx), mark))
}
