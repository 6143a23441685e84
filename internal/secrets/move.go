package secrets

import (
	"context"
	"errors"
	"maps"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// MoveSecret is what MoveSecret moves.
type MoveSecret struct {
	Name         string
	Destination  string // full name
	Etag         string
	Force        bool // to another namespace, even while projections use it
	ValidateOnly bool
}

// MoveSecret gives a secret another name. Within its namespace it stays the same secret, and what refers to it goes on.
// In another namespace it is a new one, and the old one is in the bin; unless forced, it refuses with an InUseError while
// projections use it.
func (s *Service) MoveSecret(ctx context.Context, caller authn.Caller, req MoveSecret) (Secret, error) {
	for range maxSends {
		p, err := s.allowPassage(ctx, caller, req.Name, req.Destination, authz.SecretMove, authz.SecretAccess, authz.SecretDelete)
		if err := firstError(err, p.told()); err != nil {
			return Secret{}, err
		}
		if !p.elsewhere() {
			return s.renameSecret(ctx, caller, p, req)
		}
		t := p.transit(caller)
		t.record.Force = req.Force
		secret, err := s.send(ctx, caller, p, t, req.Etag, req.ValidateOnly)
		if !errors.Is(err, errSettled) {
			return secret, err
		}
	}
	return Secret{}, errSettled
}

// passage is a secret and the name that it is to get.
type passage struct {
	from secretAt
	to   place
	// owner is who owns the secret there; nil: whoever owns it.
	owner *storev1.Principal
}

// elsewhere tells whether the secret goes to another namespace.
func (p passage) elsewhere() bool { return len(p.to.ids) > 0 && p.to.nsID != p.from.nsID }

// allowPassage asks the gate for the action on the secret, to another namespace for the others too, and for the right to
// create what comes of it. That is decided with all that policies see of the secret, for it takes that along. By another
// name nobody gains the right to read or use it. What is wrong with the names is left to told.
func (s *Service) allowPassage(ctx context.Context, caller authn.Caller, name, destination string, action authz.Action, across ...authz.Action) (passage, error) {
	from, err := s.readSecret(ctx, s.locate("name", name, namespaces, secretsOf))
	p := passage{from: from, to: s.locate("destination", destination, namespaces, secretsOf)}
	if err != nil {
		return p, err
	}
	actions := []authz.Action{action}
	if p.elsewhere() {
		actions = append(actions, across...)
	}
	if err := s.gate.AllowAll(ctx, caller, s.secretResource(from), "to "+p.to.name, actions...); err != nil {
		return p, err
	}
	if len(p.to.ids) == 0 {
		return p, p.to.fault // of the text that was sent, and of nothing that is there
	}
	there := attributed(s.resource(p.to, authz.KindSecret, ""), from.record)
	created := there
	created.UID = "" // what was granted on the secret gives it no other name
	if p.elsewhere() || action == authz.SecretCopy {
		there.UID = ""
	}
	actions = []authz.Action{authz.SecretCreate}
	if p.elsewhere() && created.Owner != caller.OwnerID() {
		// Who may not set owners there makes nobody else one.
		if s.gate.Holds(caller, authz.SecretSetOwner, created) {
			actions = append(actions, authz.SecretSetOwner)
		} else {
			p.owner = ownedBy(caller)
			created.Owner, there.Owner = caller.OwnerID(), caller.OwnerID()
		}
	}
	if err := s.gate.AllowAll(ctx, caller, created, "from "+p.from.name, actions...); err != nil {
		return p, err
	}
	return p, s.gate.AllowAs(ctx, caller, s.secretResource(from), there, "as "+p.to.name, authz.SecretAccess, authz.SecretUse)
}

// told is what is wrong with the names, once everything is decided.
func (p passage) told() error { return firstError(p.from.told(), p.to.fault) }

// same reads the secret again within a transaction: it must be the one that was decided on, and look the same to policies.
func (p passage) same(tx *sealed.Tx, s *Service, now *secretAt, etag string) error {
	if err := s.sameSecret(tx, p.from, now, etag); err != nil {
		return err
	}
	a, b := attributed(authz.Resource{}, p.from.record), attributed(authz.Resource{}, now.record)
	if a.Owner != b.Owner || a.AccessMode != b.AccessMode || !maps.Equal(a.Labels, b.Labels) {
		return ErrChanged
	}
	return nil
}

func (s *Service) renameSecret(ctx context.Context, caller authn.Caller, p passage, req MoveSecret) (Secret, error) {
	id := p.to.ids[0]
	if id == p.from.ids[0] {
		return Secret{}, Invalid("destination", "is the name that the secret has")
	}
	var now secretAt
	rev, err := s.update(ctx, req.ValidateOnly, func(tx *sealed.Tx) error {
		now = secretAt{place: p.from.place}
		if err := p.same(tx, s, &now, req.Etag); err != nil {
			return err
		}
		if err := s.rename(tx, p.from.key(), now.record, id); err != nil {
			return err
		}
		touch(now.record.Meta, caller.Name, s.now())
		tx.Delete(key(secretPrefix, p.from.ns.uid, p.from.ids[0]))
		return tx.Put(kindSecret, p.from.ns.uid, key(secretPrefix, p.from.ns.uid, id), now.record)
	})
	if err != nil {
		return Secret{}, err
	}
	return s.secretFor(caller, p.from.ns, now.record, rev), nil
}

// transit is the way of the secret to another namespace.
func (p passage) transit(caller authn.Caller) *transit {
	return &transit{from: p.from.ns, to: p.to.ns, uid: p.from.record.GetUid(), owner: p.owner, once: &once{}, record: &storev1.Transfer{
		Id: p.from.ids[0], DestinationNamespaceUid: p.to.ns.uid, DestinationId: p.to.ids[0], DestinationUid: newUID(), By: caller.Name,
	}}
}
