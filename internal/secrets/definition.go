package secrets

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// definition is a record of what a namespace defines about access: a role or a policy.
type definition interface {
	proto.Message
	GetUid() string
	GetId() string
	GetMeta() *storev1.Meta
}

// maxDefinitions bounds the roles, and the policies, of one namespace. Each policy takes part in the decisions below.
const maxDefinitions = 200

// defines is one kind of definitions.
type defines[R definition] struct {
	entity     authz.Kind
	kind       sealed.Kind
	prefix     storage.Key
	collection string // in names
	what       string // in errors
	empty      func() R
}

var (
	definesRoles = defines[*storev1.Role]{
		authz.KindRole, kindRole, rolePrefix, rolesOf, "role", func() *storev1.Role { return &storev1.Role{} },
	}
	definesPolicies = defines[*storev1.Policy]{
		authz.KindPolicy, kindPolicy, policyPrefix, policiesOf, "policy", func() *storev1.Policy { return &storev1.Policy{} },
	}
)

// definitionAt is a definition that a name points to, as far as it exists.
type definitionAt[R definition] struct {
	place
	record R // nil: there is none
	rev    storage.Revision
}

func (d defines[R]) read(r reader, t *definitionAt[R]) error {
	if t.ns.uid == "" || len(t.ids) == 0 {
		return nil
	}
	record := d.empty()
	rev, err := r.Get(d.kind, t.ns.uid, key(d.prefix, t.ns.uid, t.ids[0]), record)
	if ok, err := found(err); !ok {
		return err
	}
	t.record, t.rev = record, rev
	return nil
}

func (d defines[R]) at(ctx context.Context, s *Service, fieldName, name string) (definitionAt[R], error) {
	t := definitionAt[R]{place: s.locate(fieldName, name, namespaces, d.collection)}
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return d.read(snapshot, &t) })
	return t, err
}

// resource is what is asked about.
func (d defines[R]) resource(s *Service, t definitionAt[R]) authz.Resource {
	r := s.resource(t.place, d.entity, t.record.GetUid())
	r.Labels = t.record.GetMeta().GetLabels()
	return r
}

// told is why there is nothing to work on, once the decision allows telling.
func (t definitionAt[R]) told() error {
	if t.fault == nil && t.record.GetUid() == "" {
		return t.absent()
	}
	return t.fault
}

// allow reads the definition that a name points to and asks the gate.
func (d defines[R]) allow(ctx context.Context, s *Service, caller authn.Caller, action authz.Action, name string) (definitionAt[R], error) {
	t, err := d.at(ctx, s, "name", name)
	if err != nil {
		return t, err
	}
	if err := s.gate.Allow(ctx, caller, action, d.resource(s, t)); err != nil {
		return t, err
	}
	return t, t.told()
}

// allowDefining asks for the action, and for the right to give each of the actions in the namespace, for ever: what is
// defined there serves whoever may grant there, or all whom a policy means.
func (s *Service) allowDefining(ctx context.Context, caller authn.Caller, action authz.Action, at place, resource authz.Resource, actions []authz.Action) error {
	if len(actions) == 0 {
		return s.gate.Allow(ctx, caller, action, resource)
	}
	names := make([]string, len(actions))
	for i, action := range actions {
		names[i] = string(action)
	}
	at.name = join(namespaces, at.nsID)
	return s.gate.AllowGiving(ctx, caller, action, resource, "giving "+strings.Join(names, ", "), []authz.Giving{{
		Principal: caller.Principal, Actions: actions, Resource: s.namespaceAt(at),
	}})
}

// create writes a new definition.
func (d defines[R]) create(ctx context.Context, s *Service, at place, record R, once *once, validateOnly bool) (storage.Revision, error) {
	if err := d.room(ctx, s, at.ns); err != nil {
		return 0, err
	}
	rev, err := s.updateAccess(ctx, validateOnly, once.wrap(record, func(tx *sealed.Tx) error {
		if err := s.liveNamespace(tx, at.ns); err != nil {
			return err
		}
		k := key(d.prefix, at.ns.uid, record.GetId())
		if taken, err := exists(tx, k); err != nil || taken {
			return firstError(err, fmt.Errorf("%w: a %s %q", ErrExists, d.what, record.GetId()))
		}
		return tx.Put(d.kind, at.ns.uid, k, record)
	}))
	return once.revision(rev), err
}

// room bounds the definitions of a namespace. It is a guard, not an exact limit: several calls at once may pass it
// together.
func (d defines[R]) room(ctx context.Context, s *Service, n namespace) error {
	return s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		records, err := snapshot.Range(key(d.prefix, n.uid, ""), "", maxDefinitions)
		if err == nil && len(records) == maxDefinitions {
			return fmt.Errorf("%w: a namespace has at most %d of these: %s", ErrLimit, maxDefinitions, d.collection)
		}
		return err
	})
}

// update applies change to the definition that was decided on.
func (d defines[R]) update(ctx context.Context, s *Service, caller authn.Caller, t definitionAt[R], etag string, validateOnly bool, change func(R) error) (definitionAt[R], error) {
	var now definitionAt[R]
	rev, err := s.updateAccess(ctx, validateOnly, func(tx *sealed.Tx) error {
		now = definitionAt[R]{place: t.place}
		if err := firstError(s.liveNamespace(tx, t.ns), d.again(tx, t, &now, etag)); err != nil {
			return err
		}
		if err := change(now.record); err != nil {
			return err
		}
		touch(now.record.GetMeta(), caller.Name, s.now())
		return tx.Put(d.kind, t.ns.uid, key(d.prefix, t.ns.uid, t.ids[0]), now.record)
	})
	if !validateOnly {
		now.rev = rev
	}
	return now, err
}

// again reads the definition within a transaction: it must be the one that was decided on.
func (d defines[R]) again(tx *sealed.Tx, t definitionAt[R], now *definitionAt[R], etag string) error {
	if err := d.read(tx, now); err != nil {
		return err
	}
	if now.record.GetUid() != t.record.GetUid() {
		return ErrNotFound
	}
	return checkEtag(etag, now.rev)
}

// remove deletes a definition: when it returns, it says nothing any more.
func (d defines[R]) remove(ctx context.Context, s *Service, caller authn.Caller, action authz.Action, name, etag string, validateOnly bool) (storage.Revision, error) {
	t, err := d.allow(ctx, s, caller, action, name)
	// What a deleted namespace defines can be deleted: a policy that forbids undeleting it would else forbid its own removal.
	if err != nil && (t.record.GetUid() == "" || !errors.Is(err, ErrNamespaceDeleted)) {
		return 0, err
	}
	return s.updateAccess(ctx, validateOnly, func(tx *sealed.Tx) error {
		if err := d.again(tx, t, &definitionAt[R]{place: t.place}, etag); err != nil {
			return err
		}
		tx.Delete(key(d.prefix, t.ns.uid, t.ids[0]))
		return nil
	})
}

// absentName is what is wrong with a text that names what does not exist; empty: nothing. A forbid of that would forbid
// nothing.
func (s *Service) absentName(names authz.Names) string {
	for _, uid := range names.Namespaces {
		if _, ok := s.directory.namespaceByUID(uid); !ok {
			return fmt.Sprintf("Namespace::%q names no namespace; use its uid, or compare resource.namespace", clip(uid))
		}
	}
	for _, uid := range names.ServiceAccounts {
		if _, ok := s.directory.account(uid); !ok {
			return fmt.Sprintf("ServiceAccount::%q names no service account; use its uid, or compare principal.name", clip(uid))
		}
	}
	return ""
}
