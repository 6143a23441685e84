package secrets

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

const (
	recoveryID = "recovery" // begins the ID of the account and of what it gets
	// recoveryLife is how long the token works: long enough to give the role to somebody who stays.
	recoveryLife = 24 * time.Hour
)

// Recovery says what Recover gives back.
type Recovery struct {
	Store *sealed.Store // required; no server may be running on it
	Audit *audit.Log    // required: the log of that store
	Now   time.Time     // zero: the present
	// Account is the ID of the service account of the instance that gets it, which may exist. Empty: a new one,
	// recovery- and the time.
	Account string
	// Namespace is the ID of the namespace that the account becomes namespace-admin of: an isolated one, which the
	// operators of the instance do not reach. Empty: the account becomes an operator of the instance.
	Namespace string
	// Keep is handed the token, once, before anything depends on it.
	Keep func(token string) error
}

// Recover lets those back in who hold the KEK and the data dir, when nobody else can: it gives a service account of the
// instance a token that works for a day, and the role operator on the instance, or namespace-admin on one namespace. It
// is recorded in the audit log, on disk, before it happens. It returns the name of the account. The grant stays until it is
// deleted: nobody could give away a role that ends.
//
// It asks nobody: who can open the store holds everything in it already. It says so in the log instead.
func Recover(ctx context.Context, r Recovery) (account string, err error) {
	if r.Store == nil || r.Audit == nil || r.Keep == nil {
		return "", errors.New("secrets: Store, Audit and Keep are required")
	}
	if r.Now.IsZero() {
		r.Now = time.Now()
	}
	id := recoveryID + "-" + r.Now.UTC().Format("20060102-150405")
	if r.Account == "" {
		r.Account = id
	}
	var p problems
	checkID(&p, "account", serviceAccounts, r.Account)
	if err := p.err(); err != nil {
		return "", err
	}
	given, err := r.given(ctx, id)
	if err != nil {
		return "", err
	}
	secret, hash, err := authn.NewToken()
	if err != nil {
		return "", err
	}
	given.token.Hash = hash[:]
	if err := r.Audit.Record(ctx, given.event(), audit.Synced); err != nil {
		return "", fmt.Errorf("recording the recovery: %w", err)
	}
	if err := r.Keep(secret); err != nil {
		return "", fmt.Errorf("keeping the token: %w", err)
	}
	if _, err := r.Store.Update(ctx, given.write); err != nil {
		return "", fmt.Errorf("writing the recovery: %w", err)
	}
	return given.name, nil
}

// recovered is what a recovery gives.
type recovered struct {
	root, on *storev1.Namespace
	name     string                  // of the account
	account  *storev1.ServiceAccount // as it is written
	exists   storage.Revision        // of the account; 0: it is new
	token    *storev1.Token
	grant    *storev1.Grant
}

// given reads what is there and prepares what is to be written.
func (r Recovery) given(ctx context.Context, id string) (*recovered, error) {
	g := &recovered{root: &storev1.Namespace{}, on: &storev1.Namespace{}, account: &storev1.ServiceAccount{}}
	root := join(namespaces, Instance)
	g.name = join(root, serviceAccounts, r.Account)
	by := string(authn.KindServiceAccount) + ":" + g.name
	meta := newMeta(Meta{Description: "Given by cofferd recover."}, by, r.Now)
	err := r.Store.View(ctx, func(snapshot *sealed.Snapshot) error {
		if _, err := snapshot.Get(kindNamespace, system, namespaceKey(Instance), g.root); err != nil {
			return fmt.Errorf("reading the namespace %s: %w", Instance, err)
		}
		g.on = g.root
		if r.Namespace != "" && r.Namespace != Instance {
			g.on = &storev1.Namespace{}
			_, err := snapshot.Get(kindNamespace, system, namespaceKey(r.Namespace), g.on)
			if ok, err := found(err); err != nil || !ok || g.on.GetDeleteTime() != nil {
				return firstError(err, fmt.Errorf("%w: the namespace %q", ErrNotFound, clip(r.Namespace)))
			}
		}
		var err error
		g.exists, err = snapshot.Get(kindAccount, g.root.GetUid(), key(accountPrefix, g.root.GetUid(), r.Account), g.account)
		_, err = found(err)
		return err
	})
	if err != nil {
		return nil, err
	}
	if g.exists == 0 {
		g.account = &storev1.ServiceAccount{Uid: newUID(), Id: r.Account, Meta: meta}
	}
	role := authz.RoleOperator
	if r.Namespace != "" {
		role = authz.RoleNamespaceAdmin
	}
	// IDs that are not taken: the time shows which recovery it was, the rest that it was no other.
	id += "-" + strings.ToLower(newUID()[:8])
	g.token = &storev1.Token{
		Uid: newUID(), Id: id, ServiceAccountUid: g.account.GetUid(), ExpireTime: stamp(r.Now.Add(recoveryLife)), Life: durationpb.New(recoveryLife), Meta: meta,
	}
	g.grant = &storev1.Grant{
		Uid: newUID(), Id: id, Meta: meta, Principal: &storev1.Principal{Name: by, Uid: g.account.GetUid(), NamespaceUid: g.root.GetUid()},
		Role: string(role), ResourceKind: string(authz.KindNamespace), ResourceUid: g.on.GetUid(), Resource: join(namespaces, g.on.GetId()),
	}
	return g, nil
}

// event tells the audit log who is let in, and by what.
func (g *recovered) event() *audit.Event {
	return &audit.Event{
		Kind: audit.KindSystem, Principal: g.grant.GetPrincipal().GetName(), Action: string(authz.GrantRole(authz.Role(g.grant.GetRole()))),
		Resource: g.grant.GetResource(), ResourceUID: g.grant.GetResourceUid(),
		Detail: "recovery by who holds the KEK and the data dir: " + grantNote(g.grant.GetId(), Grant{Role: g.grant.GetRole(), Principal: g.grant.GetPrincipal().GetName()}) +
			", token " + g.token.GetId(),
	}
}

// write writes it, if nothing changed since it was read.
func (g *recovered) write(tx *sealed.Tx) error {
	nsUID, onUID := g.root.GetUid(), g.on.GetUid()
	k := key(accountPrefix, nsUID, g.account.GetId())
	rev, err := tx.Exists(k)
	if _, err := found(err); err != nil {
		return err
	}
	if rev != g.exists {
		return fmt.Errorf("%w: another process is working on this store", ErrExists)
	}
	if g.exists == 0 {
		if err := tx.Put(kindAccount, nsUID, k, g.account); err != nil {
			return err
		}
	}
	return firstError(
		tx.Put(kindToken, nsUID, key(tokenPrefix, nsUID, g.account.GetUid(), g.token.GetId()), g.token),
		tx.Put(kindGrant, onUID, key(grantPrefix, onUID, g.grant.GetId()), g.grant),
	)
}
