package secrets

import (
	"context"
	"errors"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// The owner of a secret may grant on it what it holds itself. It is bound to its UID when it is written: an account made
// later under the same name owns nothing. In records written before there were owners, the field is text that gives
// nothing; it stays what it is until another owner is set.

// ownerName is the owner as it was written.
func ownerName(r *storev1.Secret) string {
	if owner := r.GetOwnedBy(); owner != nil {
		return owner.GetName()
	}
	return r.GetOwner()
}

// ownerID is the owner as authn.Principal.OwnerID has it; empty: nobody that has a right by it.
func ownerID(r *storev1.Secret) string {
	if owner := r.GetOwnedBy(); owner != nil {
		return authn.Principal{Name: owner.GetName(), UID: owner.GetUid()}.OwnerID()
	}
	return ""
}

func setOwner(r *storev1.Secret, owner *storev1.Principal) { r.Owner, r.OwnedBy = "", owner }

// ownedBy makes the caller an owner.
func ownedBy(caller authn.Caller) *storev1.Principal {
	return &storev1.Principal{Name: caller.Name, Uid: caller.UID, NamespaceUid: caller.NamespaceUID}
}

// own binds the owner that was sent.
func (s *Service) own(caller authn.Caller, name string) (*storev1.Principal, error) {
	if name == caller.Name {
		return ownedBy(caller), nil
	}
	owner, err := s.bound(caller, name)
	if kind, _, _ := authn.SplitPrincipal(name); err == nil && kind == authn.KindGroup {
		err = errors.New("a group owns nothing; name a user or a service account")
	}
	if err != nil {
		return nil, Invalid("secret.owner", "%v", err)
	}
	return owner, nil
}

// newOwner is what an update makes the owner, if it sets another one, which takes a right of its own. Who sends the owner
// as it was read leaves it as it is.
func (s *Service) newOwner(ctx context.Context, caller authn.Caller, t secretAt, sent Secret, set func(*storev1.Secret)) (owner *storev1.Principal, changes bool, fault, err error) {
	probe := &storev1.Secret{Meta: &storev1.Meta{}}
	set(probe)
	if probe.GetOwnedBy() == nil || sent.Owner == ownerName(t.record) {
		return nil, false, nil, nil
	}
	if err := s.gate.AllowAll(ctx, caller, s.secretResource(t), "to "+clip(sent.Owner), authz.SecretSetOwner); err != nil {
		return nil, false, nil, err
	}
	if sent.Owner != "" {
		owner, fault = s.own(caller, sent.Owner)
	}
	return owner, true, fault, nil
}

// secretIn is the resource of a secret of a namespace, under the name it has, in the bin the one it had.
func secretIn(n namespace, r *storev1.Secret) authz.Resource {
	resource := authz.Resource{Kind: authz.KindSecret, NamespaceUID: n.uid, Name: join(namespaces, n.id, secretsOf, r.GetId())}
	return attributed(resource, r)
}

// attributed is the resource of a secret with what policies see of it.
func attributed(resource authz.Resource, r *storev1.Secret) authz.Resource {
	resource.UID, resource.Labels, resource.Type, resource.Owner = r.GetUid(), r.GetMeta().GetLabels(), r.GetType(), ownerID(r)
	if mode := AccessMode(r.GetAccessMode()); mode != AccessUnspecified {
		resource.AccessMode = mode.String()
	}
	return resource
}
