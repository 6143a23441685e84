package secrets

import (
	"context"
	"errors"
	"slices"
	"strconv"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// Reading is one of the things that a name from elsewhere can mean.
type Reading struct {
	Secret string       // ID
	Modes  []AccessMode // of which the secret must have one; nil: any
}

// ReadingOf is one of the things that an ID of Heimdall can mean.
func ReadingOf(s naming.HeimdallSecret) Reading {
	if s.ACL == "" {
		return Reading{Secret: s.Name}
	}
	return Reading{Secret: s.Name, Modes: []AccessMode{ModeOf(s.ACL)}}
}

// ModeOf is the access mode that an access list of DataOS is; AccessUnspecified: it is none.
func ModeOf(acl string) AccessMode {
	switch acl {
	case naming.ACLRead:
		return AccessRead
	case naming.ACLReadWrite:
		return AccessReadWrite
	}
	return AccessUnspecified
}

// takes tells whether a reading can mean a secret that exists.
func (r Reading) takes(s *storev1.Secret) bool {
	return r.Modes == nil || slices.Contains(r.Modes, AccessMode(s.GetAccessMode()))
}

// AccessNamed asks for a secret by a name that can be read in several ways.
type AccessNamed struct {
	// Namespace is the ID of the only namespace that is looked in. Empty: that of the caller's account, those above it, and
	// that of DataOS's instance.
	Namespace string
	// Default is the ID of the namespace that callers without an account, and accounts of the root, begin in.
	Default string
	// Readings are what the name can mean: in each namespace the first counts that exists there. Required.
	Readings []Reading
	// Referrer is what says, where there is such a workload, which secret is meant. The readings count where there is none,
	// and where the caller may not access what it means.
	Referrer *Referrer
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

// Named is a secret that was accessed by such a name.
type Named struct {
	Access
	Secret Secret
}

// AccessNamed returns the values of the active version of the secret that a name means. A secret that the caller may not
// access is to it as if it did not exist, and the search goes on, as in ResolveWorkload.
func (s *Service) AccessNamed(ctx context.Context, caller authn.Caller, req AccessNamed) (Named, error) {
	w := seeker{service: s, caller: caller, action: authz.SecretAccess, decided: map[string]error{}}
	var named Named
	var t secretAt
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		var err error
		if t, err = w.named(ctx, snapshot, req); err != nil {
			return err
		}
		if err := firstError(req.Fault, t.told()); err != nil {
			return err
		}
		number, err := versionNumber(t.record, versionActive)
		if err != nil {
			return err
		}
		if err := readable(t.record, number, s.now()); err != nil {
			return err
		}
		named.Secret = secretOf(t.ns, t.record, t.rev)
		named.Name = join(named.Secret.Name, versionsOf, strconv.FormatInt(number, 10))
		named.Revision = snapshot.Revision()
		named.Payload, err = snapshot.GetPayload(kindPayload, t.ns.uid, t.key().version(payloadPrefix, number))
		return err
	})
	if err != nil {
		return Named{}, err
	}
	s.noteAccess(t.key())
	return named, nil
}

// named finds the secret that is asked for, and asks the gate.
func (w *seeker) named(ctx context.Context, snapshot *sealed.Snapshot, req AccessNamed) (secretAt, error) {
	in := []string{req.Namespace}
	if req.Namespace == "" {
		in = w.service.lookedIn(w.caller, req.Default)
	}
	var places []place
	for _, id := range in {
		for _, reading := range req.Readings {
			places = append(places, w.service.locate("id", join(namespaces, id, secretsOf, reading.Secret), namespaces, secretsOf))
		}
	}
	if req.Referrer != nil {
		t, there, err := w.referred(ctx, snapshot, *req.Referrer, places[0])
		if err != nil || there {
			return t, err
		}
	}
	t, _, err := w.nearest(ctx, places, func(i int, t *secretAt) error {
		err := w.service.recent.read(snapshot, t)
		if !req.Readings[i%len(req.Readings)].takes(t.record) {
			t.record = nil // another one is meant
		}
		return err
	})
	return t, err
}

// nearest finds the first of some secrets that exists and that the caller may have, and asks the gate: one that it may not
// have is to it as if it did not exist, or what comes after it would tell. Where there is none, the gate is asked about the
// first place, and the secret has no record or is denied. It returns also which of the places it is.
func (w *seeker) nearest(ctx context.Context, places []place, read func(i int, t *secretAt) error) (secretAt, int, error) {
	var first secretAt
	for i, at := range places {
		t := secretAt{place: at}
		if err := read(i, &t); err != nil {
			return t, i, err
		}
		if i == 0 {
			first = t
		}
		if t.record == nil {
			continue
		}
		if err := w.allow(ctx, t); !errors.Is(err, gate.ErrDenied) {
			return t, i, err
		}
	}
	return first, 0, w.allow(ctx, first)
}

// lookedIn are the IDs of the namespaces that a name without one is looked up in: that of the caller's account, or another
// for callers without, and for accounts of the root, which is above all; then those above it, and last that of DataOS's
// instance.
func (s *Service) lookedIn(caller authn.Caller, otherwise string) []string {
	n, known := s.directory.namespaceByUID(caller.NamespaceUID)
	if !known || n.id == Instance {
		n, known = s.directory.namespace(otherwise)
	}
	ids := []string{otherwise}
	if known {
		ids = nil
		for _, up := range s.directory.line(n) {
			ids = append(ids, up.id)
		}
	}
	for _, id := range []string{Instance, s.dialects.DataOS.InstanceNamespace()} {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// Referrer is a workload that refers to secrets, named by an ID alone.
type Referrer struct {
	// ID is that of its projection.
	ID string
	// First are the IDs of the namespaces to look in before those that AccessNamed's name is looked up in.
	First []string
	// Default is as in AccessNamed.
	Default string
	// Pick chooses among the secrets that the workload refers to; negative: none of them. It is not asked by GetReferrer.
	Pick func([]Referred) int
	// Fault is as in AccessNamed.
	Fault error
}

// Referred is a secret that a workload refers to.
type Referred struct {
	Name    string // full name of the secret, as it is called now
	Mode    AccessMode
	Purpose string // that the workload says, or an access list

	at secretAt
}

// referred is the secret that a referrer says is meant, if there is a referrer; where it names none, there is nothing at the
// place otherwise. Whoever may not access the secret is not to know that there is a referrer: to them there is none.
func (w *seeker) referred(ctx context.Context, snapshot *sealed.Snapshot, of Referrer, otherwise place) (t secretAt, there bool, err error) {
	for _, at := range w.service.referrers(w.caller, of) {
		p := projectionAt{place: at}
		if err := p.read(snapshot); err != nil {
			return t, false, err
		}
		if p.record == nil || at.ns.deleted {
			continue
		}
		secrets, err := w.service.referredBy(snapshot, p.record)
		if err != nil {
			return t, false, err
		}
		i := of.Pick(secrets)
		if i < 0 {
			t.place = otherwise
			return t, true, w.allow(ctx, t)
		}
		if err := w.allow(ctx, secrets[i].at); !errors.Is(err, gate.ErrDenied) {
			return secrets[i].at, true, err
		}
	}
	return t, false, nil
}

// referrers are the places where a referrer may be.
func (s *Service) referrers(caller authn.Caller, of Referrer) []place {
	var places []place
	var seen []string
	for _, id := range slices.Concat(of.First, s.lookedIn(caller, of.Default)) {
		if !slices.Contains(seen, id) {
			seen = append(seen, id)
			places = append(places, s.locate("id", join(namespaces, id, projections, of.ID), namespaces, projections))
		}
	}
	return places
}

// referredBy are the secrets that a workload refers to and that were not deleted, in its order.
func (s *Service) referredBy(r reader, p *storev1.Projection) ([]Referred, error) {
	bound, err := s.readBound(r, p)
	if err != nil {
		return nil, err
	}
	var secrets []Referred
	for _, reference := range p.GetReferences() {
		b := bound[secretKey{reference.GetBound().GetNamespaceUid(), reference.GetBound().GetSecretUid()}]
		if b == nil || b.record == nil {
			continue
		}
		name := join(namespaces, b.ns.id, secretsOf, b.record.GetId())
		secrets = append(secrets, Referred{
			Name: name, Mode: AccessMode(b.record.GetAccessMode()), Purpose: reference.GetPurpose(),
			at: secretAt{place: s.locate("id", name, namespaces, secretsOf), record: b.record},
		})
	}
	return secrets, nil
}

// GetReferrer returns a workload, the nearest that the caller may see, and those of the secrets that it refers to that the
// caller may see.
func (s *Service) GetReferrer(ctx context.Context, caller authn.Caller, of Referrer) (Projection, []Referred, error) {
	var projection Projection
	var visible []Referred
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		t, err := s.nearestReferrer(ctx, caller, snapshot, s.referrers(caller, of))
		if err := firstError(err, of.Fault, t.told()); err != nil {
			return err
		}
		secrets, err := s.referredBy(snapshot, t.record)
		if err != nil {
			return err
		}
		visible = slices.DeleteFunc(secrets, func(r Referred) bool {
			return !s.gate.Holds(caller, authz.SecretGet, s.secretResource(r.at))
		})
		projection, err = s.readProjection(snapshot, t.ns, t.record, t.rev)
		return err
	})
	return projection, visible, err
}

// nearestReferrer is nearest for projections that are to be seen.
func (s *Service) nearestReferrer(ctx context.Context, caller authn.Caller, r reader, places []place) (projectionAt, error) {
	var first projectionAt
	var firstDenied error
	for i, at := range places {
		t := projectionAt{place: at}
		if err := t.read(r); err != nil {
			return t, err
		}
		if i == 0 {
			first = t
		}
		if t.record == nil {
			continue
		}
		err := s.gate.Allow(ctx, caller, authz.ProjectionGet, s.projectionResource(t))
		if !errors.Is(err, gate.ErrDenied) {
			return t, err
		}
		if i == 0 {
			firstDenied = err
		}
	}
	if firstDenied != nil {
		return first, firstDenied
	}
	return first, s.gate.Allow(ctx, caller, authz.ProjectionGet, s.projectionResource(first))
}
