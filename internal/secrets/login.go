package secrets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

const (
	defaultLoginMaxAge = 7 * 24 * time.Hour
	loginHour          = time.Hour // a login is remembered again once it is as old, though nothing changed
	loginFlush         = time.Second
	maxLoginsPending   = 10_000
	maxLoginSize       = 64 << 10 // bytes of groups and claims
)

// login is what is known of a person since its last login.
type login struct {
	groups []string
	claims map[string]string
	time   time.Time // to the hour
}

func (l login) same(other login) bool {
	return slices.Equal(l.groups, other.groups) && maps.Equal(l.claims, other.claims)
}

// storable tells whether it fits into a record.
func (l login) storable() bool {
	size, valid := 0, true
	add := func(text string) { size, valid = size+len(text), valid && utf8.ValidString(text) }
	for _, group := range l.groups {
		add(group)
	}
	for k, v := range l.claims {
		add(k)
		add(v)
	}
	return valid && size <= maxLoginSize
}

// logins are those that are not stored yet. They count already, in this process.
type logins struct {
	maxAge time.Duration
	wake   chan struct{}

	mu      sync.Mutex
	pending map[string]login // by principal
}

func newLogins(maxAge time.Duration) *logins {
	if maxAge == 0 {
		maxAge = defaultLoginMaxAge
	}
	return &logins{maxAge: maxAge, wake: make(chan struct{}, 1), pending: map[string]login{}}
}

// again wakes who stores what is pending.
func (l *logins) again() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (d *directory) login(principal string) (login, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	l, ok := d.logins[principal]
	return l, ok
}

func (d *directory) putLogin(principal string, l login) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.logins[principal] = l
}

func (d *directory) deleteLogin(principal string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.logins, principal)
}

// NoteLogin remembers the groups and claims of a person that an identity provider, or a certificate, told: they are
// what is known of it while it is absent. It never fails nor waits: it is stored in the background, at most once an hour
// for each person unless something changed, and where more people log in at once than can be kept, some are remembered
// by their next call.
func (s *Service) NoteLogin(caller authn.Caller) {
	if caller.Method == authn.MethodToken || !strings.HasPrefix(caller.Name, string(authn.KindUser)+":") {
		return
	}
	now := login{caller.Groups, caller.Claims, s.now().UTC().Truncate(loginHour)}
	s.logins.mu.Lock()
	defer s.logins.mu.Unlock()
	last, pending := s.logins.pending[caller.Name]
	known := pending
	if !pending {
		last, known = s.directory.login(caller.Name)
	}
	fresh := func() bool { return known && last.same(now) && !last.time.Before(now.time) }
	if fresh() {
		return
	}
	if !pending && len(s.logins.pending) >= maxLoginsPending {
		return
	}
	if !now.storable() {
		now.groups, now.claims = nil, nil
		if fresh() {
			return
		}
	}
	// What it holds belongs to the request.
	now.groups, now.claims = slices.Clone(now.groups), maps.Clone(now.claims)
	s.logins.pending[caller.Name] = now
	s.logins.again()
}

// absent is a principal as far as it is known while it is absent: with the groups and claims of its last login, if that
// is not too long ago. Later nobody knows them: what they gave counts no longer, and what is forbidden by them does.
func (s *Service) absent(principal authn.Principal) authn.Principal {
	principal.Groups, principal.Claims, principal.GroupsUnknown = nil, nil, false
	if principal.UID != "" {
		return principal // an account belongs to no group
	}
	s.logins.mu.Lock()
	last, ok := s.logins.pending[principal.Name]
	s.logins.mu.Unlock()
	if !ok {
		last, ok = s.directory.login(principal.Name)
	}
	if ok && !s.lapsed(last) {
		principal.Groups, principal.Claims = last.groups, last.claims
		return principal
	}
	// A person that only Coffer knows has neither.
	_, name, _ := authn.SplitPrincipal(principal.Name)
	principal.GroupsUnknown = s.personalTokensOff || strings.Contains(name, "/")
	return principal
}

func (s *Service) lapsed(l login) bool { return s.now().Sub(l.time) >= s.logins.maxAge }

// rememberLogins stores what NoteLogin notes, and once more when ctx ends. Once a second is often enough: what is noted
// counts already.
func (s *Service) rememberLogins(ctx context.Context) {
	for {
		select {
		case <-s.logins.wake:
			s.storeLogins(ctx, s.feed.wait)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			s.storeLogins(last, func(context.Context, storage.Revision) error { return nil }) // the feed has ended
			return
		}
		select {
		case <-time.After(loginFlush):
		case <-ctx.Done():
		}
	}
}

// storeLogins stores what is pending, and lets go of it once wait says that it is in force. While the store fails, it
// stays pending.
func (s *Service) storeLogins(ctx context.Context, wait func(context.Context, storage.Revision) error) {
	s.logins.mu.Lock()
	due := maps.Clone(s.logins.pending)
	s.logins.mu.Unlock()
	const batch = 16 // of the largest size they fit into a transaction
	for names := range slices.Chunk(slices.Sorted(maps.Keys(due)), batch) {
		rev, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
			for _, name := range names {
				r := &storev1.Login{
					Principal: &storev1.Principal{Name: name, Groups: due[name].groups}, Claims: due[name].claims, Time: stamp(due[name].time),
				}
				if err := tx.Put(kindLogin, system, loginKey(name), r); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			err = wait(ctx, rev)
		}
		if err != nil {
			if ctx.Err() == nil {
				s.log.Warn("storing who logged in", "error", err)
				s.logins.again()
			}
			return
		}
		s.forgetPending(due, names)
	}
}

// forgetPending lets go of what is in the directory now.
func (s *Service) forgetPending(stored map[string]login, names []string) {
	s.logins.mu.Lock()
	defer s.logins.mu.Unlock()
	for _, name := range names {
		if l := s.logins.pending[name]; l.same(stored[name]) && l.time.Equal(stored[name].time) {
			delete(s.logins.pending, name)
		}
	}
}

func loginKey(principal string) storage.Key {
	digest := sha256.Sum256([]byte(principal))
	return key(loginPrefix, hex.EncodeToString(digest[:]))
}

// forgetLogins forgets logins that count no more.
func (s *Service) forgetLogins(ctx context.Context) error {
	var due []string
	s.directory.mu.RLock()
	for name, l := range s.directory.logins {
		if s.lapsed(l) {
			due = append(due, name)
		}
	}
	s.directory.mu.RUnlock()
	for names := range slices.Chunk(due, storage.MaxTxnOps/2) {
		if _, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
			for _, name := range names {
				r := &storev1.Login{}
				_, err := tx.Get(kindLogin, system, loginKey(name), r)
				if ok, err := found(err); !ok || !s.lapsed(login{time: unstamp(r.GetTime())}) {
					if err != nil {
						return err
					}
					continue
				}
				tx.Delete(loginKey(name))
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
