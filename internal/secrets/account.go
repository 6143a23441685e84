package secrets

import (
	"context"
	"fmt"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// ServiceAccount is the identity of a workload.
type ServiceAccount struct {
	Meta
	Name string
}

// CreateServiceAccount is what CreateServiceAccount creates.
type CreateServiceAccount struct {
	Parent       string
	ID           string
	Account      ServiceAccount // Meta's description, labels and annotations count
	RequestID    string
	ValidateOnly bool
}

func storedAccountMeta(r *storev1.ServiceAccount) *storev1.Meta { return r.Meta }

func sentAccountMeta(a *ServiceAccount) *Meta { return &a.Meta }

var accountFields = metaFields(sentAccountMeta, storedAccountMeta)

func accountOf(n namespace, r *storev1.ServiceAccount, rev storage.Revision) ServiceAccount {
	return ServiceAccount{Meta: metaOf(r.GetUid(), r.GetMeta(), rev), Name: join(namespaces, n.id, serviceAccounts, r.GetId())}
}

// CreateServiceAccount adds a workload identity to a namespace.
func (s *Service) CreateServiceAccount(ctx context.Context, caller authn.Caller, req CreateServiceAccount) (ServiceAccount, error) {
	at := s.locate("parent", req.Parent, namespaces)
	if err := s.gate.Allow(ctx, caller, authz.ServiceAccountCreate, s.in(at, authz.KindServiceAccount, serviceAccounts, req.ID)); err != nil {
		return ServiceAccount{}, err
	}
	once := s.once(caller, req.RequestID, "CreateServiceAccount", req.Parent, req.ID, req.Account)
	first := &storev1.ServiceAccount{}
	if done, err := s.answered(ctx, once, first); err != nil || done {
		return accountOf(at.ns, first, once.replayed), err
	}
	var p problems
	checkID(&p, "service_account_id", serviceAccounts, req.ID)
	req.Account.check(&p, "service_account.")
	if err := firstError(at.fault, p.err()); err != nil {
		return ServiceAccount{}, err
	}
	record := &storev1.ServiceAccount{Uid: newUID(), Id: req.ID, Meta: newMeta(req.Account.Meta, caller.Name, s.now())}
	rev, err := s.updateAccess(ctx, req.ValidateOnly, once.wrap(record, func(tx *sealed.Tx) error {
		if err := s.liveNamespace(tx, at.ns); err != nil {
			return err
		}
		k := key(accountPrefix, at.ns.uid, req.ID)
		if taken, err := exists(tx, k); err != nil || taken {
			return firstError(err, fmt.Errorf("%w: a service account %q", ErrExists, req.ID))
		}
		return tx.Put(kindAccount, at.ns.uid, k, record)
	}))
	if err != nil {
		return ServiceAccount{}, err
	}
	return accountOf(at.ns, record, once.revision(rev)), nil
}

// accountAt is a service account that a name points to, as far as it exists.
type accountAt struct {
	place
	record *storev1.ServiceAccount
	rev    storage.Revision
}

func (t *accountAt) read(r reader) error {
	if t.ns.uid == "" || len(t.ids) == 0 {
		return nil
	}
	record := &storev1.ServiceAccount{}
	rev, err := r.Get(kindAccount, t.ns.uid, key(accountPrefix, t.ns.uid, t.ids[0]), record)
	if ok, err := found(err); !ok {
		return err
	}
	t.record, t.rev = record, rev
	return nil
}

// again reads the account within a transaction: it must be the one that was decided on.
func (t accountAt) again(s *Service, tx *sealed.Tx, etag string) (accountAt, error) {
	now := accountAt{place: t.place}
	if err := firstError(s.liveNamespace(tx, t.ns), now.read(tx)); err != nil {
		return now, err
	}
	if now.record.GetUid() != t.record.GetUid() {
		return now, ErrNotFound
	}
	return now, checkEtag(etag, now.rev)
}

// accountResource is what is asked about.
func (s *Service) accountResource(t accountAt) authz.Resource {
	r := s.resource(t.place, authz.KindServiceAccount, t.record.GetUid())
	r.Labels = t.record.GetMeta().GetLabels()
	return r
}

// allowAccount reads the service account that a name points to and asks the gate.
func (s *Service) allowAccount(ctx context.Context, caller authn.Caller, action authz.Action, fieldName, name string) (accountAt, error) {
	t := accountAt{place: s.locate(fieldName, name, namespaces, serviceAccounts)}
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return t.read(snapshot) })
	if err != nil {
		return t, err
	}
	if err := s.gate.Allow(ctx, caller, action, s.accountResource(t)); err != nil {
		return t, err
	}
	if t.fault == nil && t.record == nil {
		return t, t.absent()
	}
	return t, t.fault
}

// GetServiceAccount returns a service account.
func (s *Service) GetServiceAccount(ctx context.Context, caller authn.Caller, name string) (ServiceAccount, error) {
	t, err := s.allowAccount(ctx, caller, authz.ServiceAccountGet, "name", name)
	if err != nil {
		return ServiceAccount{}, err
	}
	return accountOf(t.ns, t.record, t.rev), nil
}

// ListServiceAccounts returns the service accounts of a namespace that the caller may see.
func (s *Service) ListServiceAccounts(ctx context.Context, caller authn.Caller, parent string, page Page) ([]ServiceAccount, string, error) {
	at, visible, err := s.listIn(ctx, caller, authz.ServiceAccountList, parent)
	if err != nil {
		return nil, "", err
	}
	return list(ctx, s, caller, page, listing[ServiceAccount]{
		method: "serviceAccounts", parent: parent, prefixes: []storage.Key{key(accountPrefix, at.ns.uid, "")},
		fields: metaFilter(nil),
		open: func(snapshot *sealed.Snapshot, rec storage.Record) (ServiceAccount, bool, error) {
			r := &storev1.ServiceAccount{}
			if err := snapshot.Open(kindAccount, at.ns.uid, rec, r); err != nil {
				return ServiceAccount{}, false, err
			}
			a := accountOf(at.ns, r, rec.Revision)
			return a, visible(authz.Resource{
				Kind: authz.KindServiceAccount, UID: r.GetUid(), NamespaceUID: at.ns.uid, Name: a.Name, Labels: a.Labels,
			}), nil
		},
		get: func(a *ServiceAccount, name string) any { return a.get(a.Name, name) },
	})
}

// UpdateServiceAccount sets the fields of the mask.
func (s *Service) UpdateServiceAccount(ctx context.Context, caller authn.Caller, sent ServiceAccount, mask []string, validateOnly bool) (ServiceAccount, error) {
	t, err := s.allowAccount(ctx, caller, authz.ServiceAccountUpdate, "service_account.name", sent.Name)
	if err != nil {
		return ServiceAccount{}, err
	}
	var p problems
	sent.check(&p, "service_account.")
	set, err := masked(mask, &sent, accountFields, sentAccountMeta, storedAccountMeta)
	if err := firstError(p.err(), err); err != nil {
		return ServiceAccount{}, err
	}
	var now accountAt
	rev, err := s.updateAccess(ctx, validateOnly, func(tx *sealed.Tx) error {
		var err error
		if now, err = t.again(s, tx, sent.Etag); err != nil {
			return err
		}
		set(now.record)
		var p problems
		metaOf("", now.record.GetMeta(), 0).check(&p, "service_account.")
		if err := p.err(); err != nil {
			return err
		}
		touch(now.record.Meta, caller.Name, s.now())
		return tx.Put(kindAccount, t.ns.uid, key(accountPrefix, t.ns.uid, t.ids[0]), now.record)
	})
	if err != nil {
		return ServiceAccount{}, err
	}
	if validateOnly {
		rev = now.rev
	}
	return accountOf(t.ns, now.record, rev), nil
}

// DeleteServiceAccount removes a service account; its tokens die with it.
func (s *Service) DeleteServiceAccount(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (storage.Revision, error) {
	t, err := s.allowAccount(ctx, caller, authz.ServiceAccountDelete, "name", name)
	if err != nil {
		return 0, err
	}
	k := key(accountPrefix, t.ns.uid, t.ids[0])
	if err := firstError(s.keepOperator(ctx, k), s.keepAdmins(ctx, k)); err != nil {
		return 0, err
	}
	account := secretKey{t.ns.uid, t.record.GetUid()}
	rev, err := s.updateAccess(ctx, validateOnly, func(tx *sealed.Tx) error {
		if _, err := t.again(s, tx, etag); err != nil {
			return err
		}
		tx.Delete(k)
		return markLeftover(tx, endedPrefix, account)
	})
	if err != nil || validateOnly {
		return rev, err
	}
	return rev, s.eraseTokens(ctx, account)
}
