package secrets

import (
	"context"
	"fmt"
	"time"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// What the first start creates in the root namespace.
const (
	bootstrapID = "bootstrap"
	firstToken  = "first"
	// bootstrapLife is long, because without another operator the token is the only way in; its use is warned about.
	bootstrapLife = 10 * 365 * 24 * time.Hour
)

// Bootstrap writes, into an empty store, the root namespace and an operator: the service account bootstrap with a grant
// and a token. It hands the token to keep first, so that no crash leaves a store that nobody can open: until the store
// is written, the next start mints another one. In a store that has a root namespace it does nothing.
func Bootstrap(ctx context.Context, store *sealed.Store, now time.Time, keep func(token string) error) error {
	done := false
	if err := store.View(ctx, func(snapshot *sealed.Snapshot) error {
		_, err := snapshot.Exists(namespaceKey(Instance))
		done, err = found(err)
		return err
	}); err != nil || done {
		return err
	}
	secret, hash, err := authn.NewToken()
	if err != nil {
		return err
	}
	if err := keep(secret); err != nil {
		return fmt.Errorf("keeping the first operator's token: %w", err)
	}
	nsUID, accountUID := newUID(), newUID()
	root := join(namespaces, Instance)
	by := string(authn.KindServiceAccount) + ":" + join(root, serviceAccounts, bootstrapID)
	_, err = store.Update(ctx, func(tx *sealed.Tx) error {
		if there, err := exists(tx, namespaceKey(Instance)); err != nil || there {
			return firstError(err, fmt.Errorf("%w: another process is starting on this store", ErrExists))
		}
		if err := tx.NewKeyset(nsUID); err != nil {
			return err
		}
		meta := func(description string) *storev1.Meta { return newMeta(Meta{Description: description}, by, now) }
		return firstError(
			tx.Put(kindNamespace, system, namespaceKey(Instance), &storev1.Namespace{Uid: nsUID, Id: Instance, Meta: meta("The root of all namespaces.")}),
			tx.Put(kindAccount, nsUID, key(accountPrefix, nsUID, bootstrapID), &storev1.ServiceAccount{
				Uid: accountUID, Id: bootstrapID, Meta: meta("The operator of the first start. Replace it by named operators, then delete it."),
			}),
			tx.Put(kindToken, nsUID, key(tokenPrefix, nsUID, accountUID, firstToken), &storev1.Token{
				Uid: newUID(), Id: firstToken, Hash: hash[:], ServiceAccountUid: accountUID, ExpireTime: stamp(now.Add(bootstrapLife)),
				Meta: meta("Written to operator.token at the first start."),
			}),
			tx.Put(kindGrant, nsUID, key(grantPrefix, nsUID, bootstrapID), &storev1.Grant{
				Uid: newUID(), Id: bootstrapID, Meta: meta("The first start."), Principal: &storev1.Principal{Name: by, Uid: accountUID, NamespaceUid: nsUID},
				Role: string(authz.RoleOperator), ResourceKind: string(authz.KindNamespace), ResourceUid: nsUID, Resource: root,
			}),
		)
	})
	if err != nil {
		return fmt.Errorf("writing the first operator: %w", err)
	}
	return nil
}

// BootstrapAlive tells whether the first start's account still exists.
func (s *Service) BootstrapAlive() bool {
	_, ok := s.directory.accountNamed(s.directory.root().uid, bootstrapID)
	return ok
}

// AuditHead keeps the head of the audit log in the store, where whoever can write the log's folder cannot reach it.
type AuditHead struct{ Store *sealed.Store }

var _ audit.Checkpoint = AuditHead{}

// Load implements audit.Checkpoint.
func (h AuditHead) Load(ctx context.Context) (audit.State, error) {
	var state audit.State
	err := h.Store.View(ctx, func(snapshot *sealed.Snapshot) error {
		r := &storev1.AuditHead{}
		_, err := snapshot.Get(kindAuditHead, system, auditHeadKey, r)
		if ok, err := found(err); !ok {
			return err
		}
		state.Head.Seq, state.Anchor.Seq = r.GetSequence(), r.GetAnchorSequence()
		copy(state.Head.MAC[:], r.GetMac())
		copy(state.Anchor.MAC[:], r.GetAnchorMac())
		return nil
	})
	return state, err
}

// Save implements audit.Checkpoint.
func (h AuditHead) Save(ctx context.Context, state audit.State) error {
	r := &storev1.AuditHead{Sequence: state.Head.Seq, Mac: state.Head.MAC[:]}
	if state.Anchor.Seq > 0 {
		r.AnchorSequence, r.AnchorMac = state.Anchor.Seq, state.Anchor.MAC[:]
	}
	_, err := h.Store.Update(ctx, func(tx *sealed.Tx) error { return tx.Put(kindAuditHead, system, auditHeadKey, r) })
	return err
}
