package secrets

import (
	"context"
	"fmt"
	"slices"
	"time"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/filter"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Namespace is a container of secrets and a boundary of keys.
type Namespace struct {
	Meta
	Name       string
	Parent     string // full name; empty for the root
	DeleteTime time.Time
	PurgeTime  time.Time
	Isolated   bool
	Quota      Usage // zero fields: the server's default
	Usage      Usage // what it holds; only of a single namespace
}

// CreateNamespace is what CreateNamespace creates.
type CreateNamespace struct {
	ID           string
	Namespace    Namespace // Parent and Meta's description, labels and annotations count; no Parent: the root
	RequestID    string
	ValidateOnly bool
}

var namespaceFields = slices.Concat(metaFields(func(n *Namespace) *Meta { return &n.Meta }, storedNamespaceMeta), quotaFields, isolationFields)

func storedNamespaceMeta(r *storev1.Namespace) *storev1.Meta { return r.Meta }

func (s *Service) namespaceOf(r *storev1.Namespace, rev storage.Revision) Namespace {
	n := Namespace{
		Meta: metaOf(r.GetUid(), r.GetMeta(), rev), Name: join(namespaces, r.GetId()),
		DeleteTime: unstamp(r.GetDeleteTime()), PurgeTime: unstamp(r.GetPurgeTime()), Isolated: r.GetIsolated(), Quota: usageOf(r.GetQuota()),
	}
	if parent, ok := s.directory.namespaceByUID(r.GetParentUid()); ok {
		n.Parent = parent.name()
	}
	return n
}

// CreateNamespace adds a namespace below its parent, with keys of its own.
func (s *Service) CreateNamespace(ctx context.Context, caller authn.Caller, req CreateNamespace) (Namespace, error) {
	parentName := req.Namespace.Parent
	if parentName == "" {
		parentName = join(namespaces, Instance)
	}
	parent := s.locate("namespace.parent", parentName, namespaces)
	created := s.namespaceAt(parent)
	created.Name = join(namespaces, clip(req.ID)) // decided on the parent, told and recorded as what it is
	if err := s.gate.Allow(ctx, caller, authz.NamespaceCreate, created); err != nil {
		return Namespace{}, err
	}
	once := s.once(caller, req.RequestID, "CreateNamespace", req.Namespace.Meta, req.ID, parentName, req.Namespace.Isolated, req.Namespace.Quota)
	first := &storev1.Namespace{}
	if done, err := s.answered(ctx, once, first); err != nil || done {
		return s.namespaceOf(first, once.replayed), err
	}
	var p problems
	checkID(&p, "namespace_id", namespaces, req.ID)
	req.Namespace.check(&p, "namespace.")
	req.Namespace.Quota.check(&p, "namespace.quota")
	if err := firstError(parent.fault, p.err()); err != nil {
		return Namespace{}, err
	}
	if req.Namespace.Isolated {
		return Namespace{}, errNotAdministered
	}
	if len(s.directory.line(parent.ns)) >= authz.MaxDepth {
		return Namespace{}, fmt.Errorf("%w: namespaces are at most %d deep", ErrPrecondition, authz.MaxDepth)
	}
	uid, now := newUID(), s.now()
	record := &storev1.Namespace{Uid: uid, Id: req.ID, ParentUid: parent.ns.uid, Meta: newMeta(req.Namespace.Meta, caller.Name, now)}
	if req.Namespace.Quota != (Usage{}) {
		record.Quota = req.Namespace.Quota.stored()
	}
	rev, err := s.updateAccess(ctx, req.ValidateOnly, once.wrap(record, func(tx *sealed.Tx) error {
		// What is above is read too: nothing is made below a namespace that is being deleted with all below it.
		for _, up := range s.directory.line(parent.ns) {
			if err := s.liveNamespace(tx, up); err != nil {
				return err
			}
		}
		if taken, err := exists(tx, namespaceKey(req.ID)); err != nil || taken {
			return firstError(err, s.namespaceTaken(tx, req.ID))
		}
		if err := tx.NewKeyset(uid); err != nil {
			return err
		}
		return tx.Put(kindNamespace, system, namespaceKey(req.ID), record)
	}))
	if err != nil {
		return Namespace{}, err
	}
	return s.namespaceOf(record, once.revision(rev)), nil
}

// namespaceTaken is why a namespace cannot have the ID.
func (s *Service) namespaceTaken(tx *sealed.Tx, id string) error {
	r := &storev1.Namespace{}
	if _, err := tx.Get(kindNamespace, system, namespaceKey(id), r); err != nil {
		return err
	}
	if r.GetDeleteTime() != nil {
		return fmt.Errorf("%w: %s, which is deleted: undelete it, or choose another ID", ErrExists, join(namespaces, id))
	}
	return fmt.Errorf("%w: %s", ErrExists, join(namespaces, id))
}

// liveNamespace refuses a transaction in a namespace that is being deleted. Every write in a namespace reads its record,
// so that it conflicts with the deletion.
func (s *Service) liveNamespace(tx *sealed.Tx, n namespace) error {
	rev, err := tx.Exists(namespaceKey(n.id))
	if ok, err := found(err); !ok {
		return firstError(err, ErrNotFound)
	}
	if rev == n.rev && !n.deleted {
		return nil // as it is in memory
	}
	r := &storev1.Namespace{}
	if _, err := tx.Get(kindNamespace, system, namespaceKey(n.id), r); err != nil {
		return err
	}
	switch {
	case r.GetUid() != n.uid:
		return ErrNotFound
	case r.GetDeleteTime() != nil:
		return ErrNamespaceDeleted
	}
	return nil
}

// GetNamespace returns a namespace, deleted or not.
func (s *Service) GetNamespace(ctx context.Context, caller authn.Caller, name string) (Namespace, error) {
	at := s.locate("name", name, namespaces)
	if err := s.gate.Allow(ctx, caller, authz.NamespaceGet, s.namespaceAt(at)); err != nil {
		return Namespace{}, err
	}
	if at.fault != nil && !at.ns.deleted {
		return Namespace{}, at.fault
	}
	var n Namespace
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		r := &storev1.Namespace{}
		rev, err := snapshot.Get(kindNamespace, system, namespaceKey(at.ns.id), r)
		if ok, err := found(err); !ok || r.GetUid() != at.ns.uid {
			return firstError(err, at.absent()) // erased meanwhile
		}
		n = s.namespaceOf(r, rev)
		return nil
	})
	if err != nil {
		return Namespace{}, err
	}
	return n, s.addUsage(ctx, &n)
}

// ListNamespaces returns those at and below the parent that the caller may see; without a parent, all of them.
func (s *Service) ListNamespaces(ctx context.Context, caller authn.Caller, parent string, page Page) ([]Namespace, string, error) {
	if parent == "" {
		parent = join(namespaces, Instance)
	}
	at, visible, err := s.listIn(ctx, caller, authz.NamespaceList, parent)
	if err != nil {
		return nil, "", err
	}
	return list(ctx, s, caller, page, listing[Namespace]{
		method: "namespaces", parent: parent, prefixes: []storage.Key{namespacePrefix},
		fields: filter.Fields{
			"name": filter.String, "parent": filter.String, "description": filter.String, "create_time": filter.Timestamp,
			"update_time": filter.Timestamp, "created_by": filter.String, "labels": filter.StringMap,
		},
		open: func(snapshot *sealed.Snapshot, rec storage.Record) (Namespace, bool, error) {
			r := &storev1.Namespace{}
			if err := snapshot.Open(kindNamespace, system, rec, r); err != nil {
				return Namespace{}, false, err
			}
			n := s.namespaceOf(r, rec.Revision)
			below := namespace{id: r.GetId(), uid: r.GetUid(), parentUID: r.GetParentUid()}
			keep := (page.ShowDeleted || n.DeleteTime.IsZero()) && s.within(below, at.ns.uid) && visible(authz.Resource{
				Kind: authz.KindNamespace, UID: n.UID, Name: n.Name, Labels: n.Labels,
			})
			return n, keep, nil
		},
		get: func(n *Namespace, name string) any {
			if name == "parent" {
				return n.Parent
			}
			return n.get(n.Name, name)
		},
	})
}

// within tells whether a namespace is, or lies below, the one with the UID.
func (s *Service) within(n namespace, uid string) bool {
	for _, up := range s.directory.line(n) {
		if up.uid == uid {
			return true
		}
	}
	return false
}

// UpdateNamespace sets the fields of the mask.
func (s *Service) UpdateNamespace(ctx context.Context, caller authn.Caller, n Namespace, mask []string, validateOnly bool) (Namespace, error) {
	at := s.locate("namespace.name", n.Name, namespaces)
	set, fault := masked(mask, &n, namespaceFields, func(n *Namespace) *Meta { return &n.Meta }, storedNamespaceMeta)
	if err := s.gate.AllowAll(ctx, caller, s.namespaceAt(at), isolationNote(at.ns, set), authz.NamespaceUpdate); err != nil {
		return Namespace{}, err
	}
	var p problems
	n.check(&p, "namespace.")
	n.Quota.check(&p, "namespace.quota")
	if err := firstError(at.fault, p.err(), fault); err != nil {
		return Namespace{}, err
	}
	if err := firstError(s.checkIsolation(ctx, at.ns, set), s.allowQuota(ctx, caller, at.ns, set)); err != nil {
		return Namespace{}, err
	}
	return s.changeNamespace(ctx, caller, at.ns, n.Etag, validateOnly, func(_ *sealed.Tx, r *storev1.Namespace) error {
		if r.GetDeleteTime() != nil {
			return ErrNamespaceDeleted
		}
		set(r)
		return nil
	})
}

// changeNamespace applies change to a namespace's record.
func (s *Service) changeNamespace(ctx context.Context, caller authn.Caller, n namespace, etag string, validateOnly bool, change func(*sealed.Tx, *storev1.Namespace) error) (Namespace, error) {
	var record *storev1.Namespace
	var before storage.Revision
	rev, err := s.updateAccess(ctx, validateOnly, func(tx *sealed.Tx) error {
		record = &storev1.Namespace{}
		rev, err := tx.Get(kindNamespace, system, namespaceKey(n.id), record)
		if ok, err := found(err); !ok {
			return firstError(err, ErrNotFound)
		}
		if record.GetUid() != n.uid {
			return ErrNotFound
		}
		before = rev
		if err := checkEtag(etag, rev); err != nil {
			return err
		}
		if err := change(tx, record); err != nil {
			return err
		}
		var p problems
		metaOf("", record.GetMeta(), 0).check(&p, "namespace.")
		if err := p.err(); err != nil {
			return err
		}
		touch(record.Meta, caller.Name, s.now())
		return tx.Put(kindNamespace, system, namespaceKey(n.id), record)
	})
	if err != nil {
		return Namespace{}, err
	}
	if validateOnly {
		rev = before
	}
	return s.namespaceOf(record, rev), nil
}

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func exists(tx *sealed.Tx, k storage.Key) (bool, error) {
	_, err := tx.Exists(k)
	return found(err)
}
