package secrets

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

const (
	maxTree  = 1000 // namespaces deleted at once: each is decided on
	maxUsers = 1000 // projections that an InUseError of a namespace counts
)

// DeleteTree is what DeleteNamespaceTree deletes.
type DeleteTree struct {
	Name         string
	Etag         string
	Force        bool // even while projections elsewhere use its secrets
	ValidateOnly bool
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

// DeleteNamespaceTree closes a namespace with everything in it and below it. Unless forced, it refuses with an InUseError
// while projections elsewhere use secrets in it.
func (s *Service) DeleteNamespaceTree(ctx context.Context, caller authn.Caller, req DeleteTree) (Namespace, error) {
	at := s.locate("name", req.Name, namespaces)
	if err := s.gate.Allow(ctx, caller, authz.NamespaceDelete, s.namespaceAt(at)); err != nil {
		return Namespace{}, err
	}
	if err := firstError(at.fault, req.Fault, notRoot(at.ns)); err != nil {
		return Namespace{}, err
	}
	decided := map[string]bool{at.ns.uid: true}
	guard := func(ctx context.Context) error {
		if err := s.allowBelow(ctx, caller, at, decided); err != nil {
			return err
		}
		if err := s.keepWaysIn(ctx, at.ns); err != nil || req.Force {
			return err
		}
		return s.unusedElsewhere(ctx, caller, at.ns)
	}
	if err := guard(ctx); err != nil {
		return Namespace{}, err
	}
	closed, mark := false, secretKey{at.ns.parentUID, at.ns.uid}
	n, err := s.changeNamespace(ctx, caller, at.ns, req.Etag, req.ValidateOnly, func(tx *sealed.Tx, r *storev1.Namespace) error {
		closed = r.GetDeleteTime() == nil
		return firstError(s.closeNamespace(r), markLeftover(tx, treePrefix, mark))
	})
	if req.ValidateOnly || !closed || refused(err) {
		return n, err
	}
	// As in DeleteNamespace: what slipped in before the door was closed opens it again, even if the caller has gone.
	ctx = context.WithoutCancel(ctx)
	if slipped := guard(ctx); slipped != nil {
		_, undo := s.changeTree(ctx, caller, at.ns, "", false, reopen)
		return Namespace{}, firstError(undo, slipped)
	}
	return n, firstError(err, s.settleTree(ctx, mark))
}

// allowBelow asks the gate about every namespace below that was not decided on yet.
func (s *Service) allowBelow(ctx context.Context, caller authn.Caller, at place, decided map[string]bool) error {
	below := s.directory.below(at.ns)
	if len(below) > maxTree {
		return fmt.Errorf("%w: at most %d namespaces are deleted at once; delete some of those below it first", ErrLimit, maxTree)
	}
	for _, n := range below {
		if decided[n.uid] {
			continue
		}
		if err := s.allowWith(ctx, caller, authz.NamespaceDelete, n, at); err != nil {
			return err
		}
		decided[n.uid] = true
	}
	return nil
}

// allowWith asks the gate about a namespace that goes, or comes back, with one above. Where the caller may not see it, it
// is not named.
func (s *Service) allowWith(ctx context.Context, caller authn.Caller, action authz.Action, n namespace, top place) error {
	resource := s.namespaceAt(place{name: n.name(), nsID: n.id, ns: n})
	err := s.gate.AllowAll(ctx, caller, resource, "with "+top.name, action)
	if err != nil && !s.gate.Holds(caller, authz.NamespaceGet, resource) {
		return retold(err, top.name)
	}
	return err
}

// allowReturn asks the gate about every namespace below that would come back with one that is deleted, whose record it
// returns.
func (s *Service) allowReturn(ctx context.Context, caller authn.Caller, top place) (*storev1.Namespace, error) {
	tree, err := s.tree(ctx, top.ns.uid)
	if err != nil || len(tree) == 0 {
		return nil, firstError(err, top.absent())
	}
	decided := proto.CloneOf(tree[0].Namespace)
	tree[0].DeleteTime = nil
	for _, r := range tree[1:] {
		if !follow(r.Namespace, r.above) || r.GetDeleteTime() != nil {
			continue
		}
		n := namespace{uid: r.GetUid(), id: r.GetId(), labels: r.GetMeta().GetLabels()}
		if err := s.allowWith(ctx, caller, authz.NamespaceUndelete, n, top); err != nil {
			return nil, err
		}
	}
	return decided, nil
}

// keepWaysIn is keepOperator and keepAdmins for the service accounts of a namespace and of those below it. None of them
// undeletes it.
func (s *Service) keepWaysIn(ctx context.Context, top namespace) error {
	var accounts []storage.Key
	for _, n := range s.directory.below(top) {
		for _, uid := range s.directory.accountsIn(n.uid) {
			a, _ := s.directory.account(uid)
			accounts = append(accounts, key(accountPrefix, a.nsUID, a.id))
		}
	}
	if len(accounts) == 0 {
		return nil
	}
	if err := s.keepOperator(ctx, accounts...); err != nil {
		return err
	}
	for _, n := range s.directory.isolated() {
		if n.uid != top.uid && s.within(n, top.uid) {
			continue // undeleted with the top
		}
		if err := s.keepAdmin(ctx, n, accounts...); err != nil {
			return err
		}
	}
	return nil
}

// unusedElsewhere returns an InUseError if projections elsewhere use secrets of a namespace, or of those below it.
func (s *Service) unusedElsewhere(ctx context.Context, caller authn.Caller, top namespace) error {
	users := map[string]*storev1.Dependents_Dependent{}
	for _, n := range s.directory.below(top) {
		if err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
			return s.addUsers(snapshot, n, top, users)
		}); err != nil {
			return fmt.Errorf("looking for what uses secrets of %s: %w", n.name(), err)
		}
	}
	if len(users) == 0 {
		return nil
	}
	used := make([]*storev1.Dependents_Dependent, 0, len(users))
	for _, d := range users {
		used = append(used, d)
	}
	return s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		d, err := s.dependentsFor(caller, snapshot, secretKey{}, used)
		if err != nil {
			return err
		}
		return &InUseError{Namespace: top.name(), Projections: d.Projections, Hidden: d.Hidden}
	})
}

// addUsers adds the projections outside of the tree that use secrets of a namespace in it, by UID, until there are
// maxUsers. One in the bin delivers nothing anyway.
func (s *Service) addUsers(snapshot *sealed.Snapshot, n, top namespace, users map[string]*storev1.Dependents_Dependent) error {
	return eachRecord(snapshot, key(dependentsPrefix, n.uid, ""), func(r storage.Record) error {
		shard := &storev1.Dependents{}
		if err := snapshot.Open(kindDependents, n.uid, r, shard); err != nil {
			return err
		}
		k := secretKey{n.uid, segment(r.Key, dependentsPrefix, 1)}
		for _, d := range shard.GetProjections() {
			of, ok := s.directory.namespaceByUID(d.GetNamespaceUid())
			if !ok || s.within(of, top.uid) || len(users) == maxUsers {
				continue // what names no namespace is in that of the secret
			}
			_, err := snapshot.Record(k.in(binPrefix))
			if binned, err := found(err); binned || err != nil {
				return err
			}
			users[d.GetUid()] = proto.CloneOf(d)
		}
		return nil
	})
}
