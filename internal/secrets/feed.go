package secrets

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// feed follows the records that access control depends on and keeps the directory, the authorizer and the token index
// in step with them. Writers wait until what they wrote is in force; other nodes follow the same way.
type feed struct {
	store     *sealed.Store
	directory *directory
	authz     *authz.Authorizer
	tokens    *authn.TokenIndex
	log       *slog.Logger
	// personalTokensOff: those of people do not work.
	personalTokensOff bool

	mu      sync.Mutex
	applied storage.Revision
	moved   chan struct{} // closed and replaced whenever applied or err changes
	err     error         // why what is in memory may be stale; nil while it is not

	// Of the goroutine that applies: what each record put in force, and the tokens of each holder.
	inForce  map[storage.Key]any
	tokensOf map[string]map[storage.Key]*storev1.Token
}

func newFeed(store *sealed.Store, d *directory, a *authz.Authorizer, t *authn.TokenIndex, log *slog.Logger) *feed {
	return &feed{
		store: store, directory: d, authz: a, tokens: t, log: log, moved: make(chan struct{}),
		err: errors.New("access control is not loaded"), inForce: map[storage.Key]any{},
		tokensOf: map[string]map[storage.Key]*storev1.Token{},
	}
}

// fresh returns an error while what is in memory may be stale.
func (f *feed) fresh() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// wait returns once everything up to rev is in force. While the feed cannot follow, it waits: what was written is
// written, and nothing new is allowed until it is in force.
func (f *feed) wait(ctx context.Context, rev storage.Revision) error {
	for {
		f.mu.Lock()
		applied, moved := f.applied, f.moved
		f.mu.Unlock()
		if applied >= rev {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the change to take effect: %w", ctx.Err())
		}
	}
}

// changed is closed when what is in force changes.
func (f *feed) changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.moved
}

func (f *feed) advance(rev storage.Revision, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.applied, f.err = max(f.applied, rev), err
	close(f.moved)
	f.moved = make(chan struct{})
}

// run applies changes until ctx ends. While it cannot follow, nothing is fresh.
func (f *feed) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := f.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		f.advance(0, fmt.Errorf("following access control: %w", err))
		f.log.Error("access control cannot follow the store; denying until it can", "error", err)
		for {
			err := f.load(ctx)
			if err == nil || ctx.Err() != nil {
				break
			}
			f.log.Error("access control cannot be loaded; still denying", "error", err)
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
		}
	}
}

func (f *feed) follow(ctx context.Context) error {
	f.mu.Lock()
	from := f.applied
	f.mu.Unlock()
	for event, err := range f.store.Watch(ctx, accessPrefix, from) {
		if err != nil {
			return err
		}
		var at storage.Revision
		err := f.store.View(ctx, func(snapshot *sealed.Snapshot) error {
			at = event.Revision
			record, err := snapshot.Range(event.Key, "", 1)
			if err != nil {
				return err
			}
			if len(record) == 0 || record[0].Key != event.Key {
				f.remove(event.Key)
				return nil
			}
			return f.put(snapshot, record[0])
		})
		if err != nil {
			return err
		}
		f.advance(at, nil)
	}
	return ctx.Err()
}

// load reads everything again.
func (f *feed) load(ctx context.Context) error {
	stale := make(map[storage.Key]bool, len(f.inForce))
	for k := range f.inForce {
		stale[k] = true
	}
	var rev storage.Revision
	err := f.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		rev = snapshot.Revision()
		// Namespaces before accounts before tokens: each needs the one before to be understood.
		for _, prefix := range []storage.Key{namespacePrefix, accountPrefix, tokenPrefix, rolePrefix, grantPrefix, policyPrefix, loginPrefix} {
			if err := eachRecord(snapshot, prefix, func(r storage.Record) error {
				delete(stale, r.Key)
				return f.put(snapshot, r)
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for k := range stale {
		f.remove(k)
	}
	f.advance(rev, nil)
	return nil
}

// eachRecord calls fn for every record below the prefix.
func eachRecord(snapshot *sealed.Snapshot, prefix storage.Key, fn func(storage.Record) error) error {
	const batch = 1000
	for after := storage.Key(""); ; {
		records, err := snapshot.Range(prefix, after, batch)
		if err != nil {
			return err
		}
		for _, r := range records {
			if err := fn(r); err != nil {
				return err
			}
			after = r.Key
		}
		if len(records) < batch {
			return nil
		}
	}
}

func (f *feed) put(snapshot *sealed.Snapshot, record storage.Record) error {
	var err error
	switch k := record.Key; {
	case strings.HasPrefix(string(k), string(namespacePrefix)):
		err = f.putNamespace(snapshot, record)
	case strings.HasPrefix(string(k), string(accountPrefix)):
		err = f.putAccount(snapshot, record)
	case strings.HasPrefix(string(k), string(tokenPrefix)):
		err = f.putToken(snapshot, record)
	case strings.HasPrefix(string(k), string(grantPrefix)):
		err = f.putGrant(snapshot, record)
	case strings.HasPrefix(string(k), string(rolePrefix)):
		err = f.putRole(snapshot, record)
	case strings.HasPrefix(string(k), string(policyPrefix)):
		err = f.putPolicy(snapshot, record)
	case strings.HasPrefix(string(k), string(loginPrefix)):
		err = f.putLogin(snapshot, record)
	default:
		return fmt.Errorf("unknown record at %q", k)
	}
	if err != nil {
		return fmt.Errorf("applying %q: %w", record.Key, err)
	}
	return nil
}

func (f *feed) putNamespace(snapshot *sealed.Snapshot, record storage.Record) error {
	r := &storev1.Namespace{}
	if err := snapshot.Open(kindNamespace, system, record, r); err != nil {
		return err
	}
	if old, ok := f.inForce[record.Key].(namespace); ok && old.uid != r.GetUid() {
		f.remove(record.Key) // erased, and its ID taken by another
	}
	n := namespace{
		id: r.GetId(), uid: r.GetUid(), parentUID: r.GetParentUid(), labels: r.GetMeta().GetLabels(), deleted: r.GetDeleteTime() != nil,
		isolated: r.GetIsolated(), owner: r.GetMeta().GetAnnotations()[naming.InstillOwner], quota: usageOf(r.GetQuota()), rev: record.Revision,
	}
	f.directory.putNamespace(n)
	f.inForce[record.Key] = n
	// Tokens of a deleted namespace work no more, and work again when it is undeleted.
	for _, of := range f.directory.accountsIn(n.uid) {
		f.indexTokens(of)
	}
	return f.authz.PutNamespace(authz.NamespaceInfo{UID: n.uid, ParentUID: n.parentUID, Name: n.name(), Isolated: n.isolated})
}

func (f *feed) putAccount(snapshot *sealed.Snapshot, record storage.Record) error {
	nsUID := segment(record.Key, accountPrefix, 0)
	r := &storev1.ServiceAccount{}
	if err := snapshot.Open(kindAccount, nsUID, record, r); err != nil {
		return err
	}
	if old, ok := f.inForce[record.Key].(account); ok && old.uid != r.GetUid() {
		f.remove(record.Key)
	}
	a := account{id: r.GetId(), uid: r.GetUid(), nsUID: nsUID, labels: r.GetMeta().GetLabels()}
	f.directory.putAccount(a)
	f.inForce[record.Key] = a
	f.indexTokens(a.uid)
	return nil
}

func (f *feed) remove(k storage.Key) {
	switch r := f.inForce[k].(type) {
	case namespace:
		f.directory.deleteNamespace(r.uid)
		f.authz.DeleteNamespace(r.uid)
	case account:
		f.directory.deleteAccount(r.uid)
		f.indexTokens(r.uid)
	case *storev1.Token:
		f.removeToken(k, r)
	case *storev1.Login:
		f.directory.deleteLogin(r.GetPrincipal().GetName())
	case *storev1.Grant:
		f.authz.DeleteGrant(r.GetUid())
	case *storev1.Role:
		f.authz.DeleteRole(r.GetUid())
	case *storev1.Policy:
		f.authz.DeletePolicy(r.GetUid())
	}
	delete(f.inForce, k)
}

// segment returns the i-th segment of a key after its prefix.
func segment(k, prefix storage.Key, i int) string {
	segments := strings.Split(string(k[len(prefix):]), "/")
	if i >= len(segments) {
		return ""
	}
	return segments[i]
}
