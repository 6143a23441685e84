package secrets

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// UpdateSecret is what UpdateSecret updates.
type UpdateSecret struct {
	Secret Secret   // its Name, the new values, and the Etag, if any
	Mask   []string // empty: the non-default fields
	// Payload is laid over the active version, as AddSecretVersion with Merge does, in the same transaction; nil: values stay
	// as they are. Whatever the mask, it counts.
	Payload plaintext.Payload
	// OnlyKey refuses a payload for a secret whose active version has other keys than this one; empty: of no secret.
	OnlyKey      string
	ValidateOnly bool
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

// rights are what the update takes.
func (req UpdateSecret) rights() []authz.Action {
	if req.Payload == nil {
		return []authz.Action{authz.SecretUpdate}
	}
	return []authz.Action{authz.SecretUpdate, authz.SecretAddVersion}
}

// version is what is added to the secret.
func (req UpdateSecret) version() AddVersion {
	return AddVersion{Payload: req.Payload, Merge: true, ValidateOnly: req.ValidateOnly}
}

// only refuses a payload that would join other values.
func (req UpdateSecret) only(r *storev1.Secret) error {
	other := func(k *storev1.Key) bool { return k.GetName() != req.OnlyKey }
	if req.OnlyKey == "" || req.Payload == nil || !slices.ContainsFunc(r.GetKeys(), other) {
		return nil
	}
	return fmt.Errorf("%w: the secret holds more than the one value: change it as a secret of coffer.v1, which names its keys", ErrPrecondition)
}

// UpdateSecret sets the fields of the mask, and adds a version with the payload, if there is one: both or neither.
func (s *Service) UpdateSecret(ctx context.Context, caller authn.Caller, req UpdateSecret) (Secret, error) {
	sent := req.Secret
	t, err := s.allowSecretAll(ctx, caller, req.rights(), "secret.name", sent.Name, namespaces, secretsOf)
	if err != nil {
		return Secret{}, err
	}
	var p problems
	sent.check(&p)
	checkPayload(&p, "secret.payload", req.Payload)
	set, err := masked(req.Mask, &sent, secretFields, sentSecretMeta, storedSecretMeta)
	if sent.Type != "" && sent.Type != t.record.GetType() {
		p.addf("secret.type", "cannot be changed")
	}
	if err := firstError(req.Fault, p.err(), err); err != nil {
		return Secret{}, err
	}
	owner, newOwner, fault, err := s.newOwner(ctx, caller, t, sent, set)
	if err := firstError(err, fault); err != nil {
		return Secret{}, err
	}
	if err := s.allowFewer(ctx, caller, t, set); err != nil {
		return Secret{}, err
	}
	if err := s.allowDelivery(ctx, caller, t, set); err != nil {
		return Secret{}, err
	}
	record, rev, err := s.changeSecret(ctx, caller, t, sent.Etag, req.ValidateOnly, func(tx *sealed.Tx, now secretAt, h *holding) error {
		r := now.record
		if err := req.only(r); err != nil {
			return err
		}
		text, bound, most := r.GetOwner(), r.GetOwnedBy(), r.GetMaxVersions()
		set(r)
		if r.Owner, r.OwnedBy = text, bound; newOwner {
			setOwner(r, owner)
		}
		var p problems
		metaOf("", r.GetMeta(), 0).check(&p, "secret.")
		if err := p.err(); err != nil {
			return err
		}
		version := &storev1.SecretVersion{}
		if req.Payload != nil {
			if err := s.addWithin(tx, caller, now, req.version(), version, h); err != nil || version.GetState() != 0 {
				return err // a version that was added has made room already
			}
		}
		pruned := s.prune(tx, t.ns.uid, r)
		if _, used := errors.AsType[*usedError](pruned); used && r.GetMaxVersions() >= most {
			pruned = nil // there are too many for another reason, which keeps nobody from changing the rest
		}
		return pruned
	})
	if err != nil {
		return Secret{}, s.named(ctx, caller, t, err)
	}
	return s.secretFor(caller, t.ns, record, rev), nil
}

// allowFewer asks, where an update would keep fewer versions, for the right to destroy the others.
func (s *Service) allowFewer(ctx context.Context, caller authn.Caller, t secretAt, set func(*storev1.Secret)) error {
	if len(t.record.GetRetained()) == 0 {
		return nil
	}
	fewer := proto.CloneOf(t.record)
	set(fewer)
	if int(fewer.GetMaxVersions()) >= min(len(t.record.GetRetained()), int(t.record.GetMaxVersions())) {
		return nil
	}
	return s.gate.AllowAll(ctx, caller, s.secretResource(t), "by a lower max_versions", authz.SecretDestroy)
}

// allowDelivery asks, where an update would change what workloads of DataOS deliver of the secret, for the right to change
// that.
func (s *Service) allowDelivery(ctx context.Context, caller authn.Caller, t secretAt, set func(*storev1.Secret)) error {
	now := t.record.GetMeta().GetAnnotations()
	changed := proto.CloneOf(t.record)
	set(changed)
	for _, name := range []string{naming.DataOSType, naming.DataOSFiles} {
		if changed.GetMeta().GetAnnotations()[name] != now[name] {
			return s.gate.AllowAll(ctx, caller, s.secretResource(t), "by the annotation "+name, authz.SecretAddVersion)
		}
	}
	return nil
}
