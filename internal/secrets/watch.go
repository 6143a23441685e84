package secrets

import (
	"context"
	"errors"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
)

const (
	// recheck is how often an idle watch asks whether its rights have run out by themselves: a grant or a condition that
	// ends sends no signal. What is revoked does, and is noticed at once.
	recheck = 500 * time.Millisecond
	// settle is how long after a look further changes of access wait for the next one: where many grants are written, each
	// of them would have every watch decide.
	settle = 100 * time.Millisecond
	// heartbeat is how long a watch is silent at most.
	heartbeat = 15 * time.Second
)

// Alive returns authn.ErrUnauthenticated once the credential of a caller no longer holds: its token was revoked, or it
// has expired. For streams, which outlive their authentication.
func (s *Service) Alive(caller authn.Caller) error {
	if err := s.feed.fresh(); err != nil {
		return err
	}
	expired := !caller.TokenExpire.IsZero() && !s.now().Before(caller.TokenExpire)
	if caller.Method == authn.MethodToken {
		// A renewed token lives longer than its holder was told when the stream began.
		expired = !s.tokens.Alive(caller.TokenUID)
	} else if caller.UID != "" && !expired {
		// Whoever issued its credential does not know that the account is gone.
		_, found := s.directory.principal(caller.UID)
		expired = !found
	}
	if expired {
		return authn.ErrUnauthenticated
	}
	return nil
}

// AccessChanged is closed when something changes that rights may depend on.
func (s *Service) AccessChanged() <-chan struct{} { return s.feed.changed() }

// WatchProjection delivers a projection by send, unless the caller has the bundle of that etag, and again whenever it may
// have changed, until ctx ends or something fails. A call of send with nil is a sign of life. Each delivery is decided
// and recorded anew; while nothing is delivered, the rights are asked for again and again without a record, until one is
// missing. While send blocks, changes are not queued: what follows is the newest state.
func (s *Service) WatchProjection(ctx context.Context, caller authn.Caller, req RenderProjection, send func(*Bundle) error) error {
	wake := make(chan struct{}, 1)
	tick := time.NewTicker(recheck)
	defer tick.Stop()
	for {
		changed := s.feed.changed() // before reading: what changes from now on wakes
		d, err := s.deliver(ctx, caller, authz.ProjectionWatch, req)
		if err != nil {
			return err
		}
		stop := s.changes.watch(wake, d.namespaces())
		req.IfNoneMatch = d.etag
		next := &d.bundle
		if d.bundle.NotModified {
			next = nil // a sign of life at once: the watch has begun
		}
		if err := send(next); err != nil {
			stop()
			return err
		}
		d.bundle, d.bound = Bundle{}, d.withoutPayloads() // a watch that waits holds no value
		err = s.awaitChange(ctx, caller, d, changed, wake, tick.C, send)
		stop()
		if err != nil {
			return err
		}
	}
}

// awaitChange returns once what was delivered is not what would be delivered now.
func (s *Service) awaitChange(ctx context.Context, caller authn.Caller, d delivery, changed <-chan struct{}, wake <-chan struct{}, tick <-chan time.Time, send func(*Bundle) error) error {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	var settled <-chan time.Time
	// What changed between reading and watching sent no signal.
	for look := true; ; {
		// First, so that what changes as the credential ends is not delivered.
		if err := s.Alive(caller); err != nil {
			return err
		}
		if look {
			now, same, err := s.same(ctx, d)
			if err != nil || !same {
				return err
			}
			d = now // what is delivered is the same, but what policies look at may not be
		}
		if !s.mayDeliver(caller, d) {
			return nil // asked again by the next delivery, which is refused and recorded
		}
		look = false
		select {
		case <-changed:
			changed, settled = nil, time.After(settle) // the store need not be read: nothing of it has changed
		case <-settled:
			changed, settled = s.feed.changed(), nil
			look = s.closedOrOpened(d) // but for this
		case <-wake:
			look = true
		case <-tick:
		case <-beat.C:
			if err := send(nil); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// same tells whether the projection delivers now what it did, and reads anew, without values, what that is.
func (s *Service) same(ctx context.Context, d delivery) (now delivery, same bool, err error) {
	now = delivery{at: projectionAt{place: s.locate("name", d.at.name, namespaces, projections)}}
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		if err := now.at.read(snapshot); err != nil {
			return err
		}
		if err := now.at.told(); err != nil {
			return err
		}
		return s.readDelivery(snapshot, &now)
	})
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrNamespaceDeleted) {
		return now, false, nil // whether that may be told is decided by the next delivery
	}
	return now, err == nil && now.fault == nil && now.etag == d.etag, err
}

// mayDeliver tells whether the rights that a delivery took are still there.
func (s *Service) mayDeliver(caller authn.Caller, d delivery) bool {
	if !s.gate.Holds(caller, authz.ProjectionWatch, s.projectionResource(d.at)) {
		return false
	}
	for _, use := range s.usesOf(d.at.record, d.bound) {
		if !s.gate.HoldsUse(caller, use) {
			return false
		}
	}
	return true
}

// namespaces are the UIDs of those where something can happen to what is delivered.
func (d delivery) namespaces() map[string]bool {
	uids := map[string]bool{d.at.ns.uid: true}
	for k := range d.bound {
		uids[k.nsUID] = true
	}
	return uids
}

// closedOrOpened tells whether a namespace of what is delivered was deleted since, or undeleted.
func (s *Service) closedOrOpened(d delivery) bool {
	changed := func(was namespace, uid string) bool {
		n, lives := s.directory.namespaceByUID(uid)
		return (lives && !n.deleted) != (was.uid != "" && !was.deleted)
	}
	for k, b := range d.bound {
		if changed(b.ns, k.nsUID) {
			return true
		}
	}
	return changed(d.at.ns, d.at.ns.uid)
}

func (d delivery) withoutPayloads() map[secretKey]*boundSecret {
	bound := make(map[secretKey]*boundSecret, len(d.bound))
	for k, b := range d.bound {
		without := &boundSecret{ns: b.ns, record: b.record, versions: make(map[string]*boundVersion, len(b.versions))}
		for name, v := range b.versions {
			without.versions[name] = &boundVersion{number: v.number, problem: v.problem}
		}
		bound[k] = without
	}
	return bound
}
