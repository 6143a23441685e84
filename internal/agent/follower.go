package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/delivery"
	"github.com/coffer-dev/coffer/internal/lastgood"
	"github.com/coffer-dev/coffer/pkg/client"
)

// firstWait and lastWait are how long the agent waits, at first and at most, before it asks again for what it was refused:
// the right may come back.
const (
	firstWait = time.Second
	lastWait  = time.Minute
)

// errDelivered ends Once.
var errDelivered = errors.New("delivered")

// undelivered is why a bundle that the server gave could not be put in its place.
type undelivered struct{ error }

func (u *undelivered) Unwrap() error { return u.error }

// follower keeps one projection fresh.
type follower struct {
	Projection
	agent *Agent
	key   string        // in the cache
	dir   *delivery.Dir // nil: none
	log   *slog.Logger

	work      sync.Mutex  // held while what is delivered changes
	refused   bool        // by the server: what was kept counts no more, even if it could not be removed
	delivered func()      // called after each delivery
	due       atomic.Bool // OnChange: the agent's changed holds this follower

	mu        sync.Mutex                         // of what follows
	health    ProjectionHealth                   // but for what misplaced adds
	cause     error                              // of the health's reason; nil: it is fresh, or nothing is known yet
	misplaced error                              // why the files of the bundle are not in the directory; nil: they are
	bundle    *cofferv1.RenderProjectionResponse // in force; nil: none. Never changed.
}

// run follows the projection until ctx ends.
func (f *follower) run(ctx context.Context) {
	f.delivered = func() {}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = firstWait, lastWait
	defer f.start(ctx)()
	var tending sync.WaitGroup
	tending.Go(func() { f.tend(ctx) })
	defer tending.Wait()
	for ctx.Err() == nil {
		began := time.Now()
		if err := f.follow(ctx); ctx.Err() == nil {
			f.failed(ctx, err)
		}
		if f.state().LastSuccess.After(began) {
			wait.Reset()
		}
		pause(ctx, wait.NextBackOff())
	}
}

// once follows it until it is delivered.
func (f *follower) once(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f.delivered = func() { cancel(errDelivered) }
	defer f.start(ctx)()
	err := f.follow(ctx)
	if _, ours := errors.AsType[*undelivered](err); !ours && ctx.Err() == nil {
		f.failed(ctx, err)
	}
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errDelivered):
		return nil
	case cause != nil:
		return fmt.Errorf("projection %s was not delivered in time: %w", f.Name, cmp.Or(f.why(), ErrSilent))
	}
	return fmt.Errorf("projection %s was not delivered: %w", f.Name, err)
}

// start waits a moment that differs from agent to agent, and sees to it that the cache is asked should the server not
// answer, until end is called; then nothing of that is under way any more.
func (f *follower) start(ctx context.Context) (end func()) {
	if f.agent.config.Jitter > 0 {
		pause(ctx, rand.N(f.agent.config.Jitter))
	}
	ctx, cancel := context.WithCancel(ctx)
	var patience sync.WaitGroup
	patience.Go(func() {
		pause(ctx, f.agent.config.Patience)
		f.away(ctx, ErrSilent)
	})
	return func() {
		cancel()
		patience.Wait()
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

func (f *follower) follow(ctx context.Context) error {
	return f.agent.config.Client.Follow(ctx, client.Follow{
		Projection: f.Resource, AllowEnv: f.AllowEnv, Etag: f.inForce().GetEtag(),
		Bundle: func(bundle *cofferv1.RenderProjectionResponse) error { return f.deliver(bundle) },
		Alive:  f.alive,
		Lost:   func(err error) { f.away(ctx, err) },
	})
}

// deliver brings into force what the server gives.
func (f *follower) deliver(bundle *cofferv1.RenderProjectionResponse) error {
	f.work.Lock()
	defer f.work.Unlock()
	if err := f.bring(bundle, time.Time{}); err != nil {
		return &undelivered{err}
	}
	return nil
}

// bring brings a bundle into force, with work held. kept is when the server gave one that comes from the cache; zero: just
// now.
func (f *follower) bring(bundle *cofferv1.RenderProjectionResponse, kept time.Time) error {
	var changed bool
	if f.dir != nil {
		var err error
		if changed, err = f.dir.Write(bundle.GetFiles()); err != nil {
			return err
		}
	}
	if before := f.inForce(); before != nil {
		changed = !same(before, bundle)
	}
	f.mu.Lock()
	f.bundle, f.misplaced = bundle, nil
	f.health.Revision, f.health.Etag = bundle.GetRevision(), bundle.GetEtag()
	if kept.IsZero() {
		f.fresh()
	} else {
		f.health.State, f.health.LastSuccess = Stale, kept.UTC()
	}
	f.mu.Unlock()
	if kept.IsZero() {
		f.log.Info("delivered", "revision", bundle.GetRevision(), "files", len(bundle.GetFiles()))
		f.keep((*lastgood.Cache).Put, bundle)
	}
	f.refused = false
	if changed && f.OnChange.is() && f.due.CompareAndSwap(false, true) {
		f.agent.changed <- f // has room for each follower
	}
	f.delivered()
	return nil
}

// keep has the cache keep a bundle, if there is one.
func (f *follower) keep(how func(*lastgood.Cache, string, *cofferv1.RenderProjectionResponse) error, bundle *cofferv1.RenderProjectionResponse) {
	if f.agent.config.Cache == nil {
		return
	}
	if err := how(f.agent.config.Cache, f.key, bundle); err != nil {
		f.log.Warn("nothing is kept for when the server is away", "error", err)
	}
}

// same tells whether two bundles deliver the same.
func same(a, b *cofferv1.RenderProjectionResponse) bool {
	a, b = proto.CloneOf(a), proto.CloneOf(b)
	for _, bundle := range []*cofferv1.RenderProjectionResponse{a, b} {
		bundle.Revision, bundle.Etag = 0, ""
	}
	return proto.Equal(a, b)
}

// alive notes that the server says what is in force is current, also in the cache: what is kept ages from then.
func (f *follower) alive() {
	bundle := f.inForce()
	if bundle == nil {
		return
	}
	f.keep((*lastgood.Cache).Confirm, bundle)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.health.State == Stale {
		f.log.Info("the server is back; what is delivered is current")
	}
	f.fresh()
}

// failed deals with an error that following does not mend by itself.
func (f *follower) failed(ctx context.Context, err error) {
	if client.Gone(err) {
		f.takeAway(err)
		return
	}
	f.away(ctx, err)
}

// away keeps to what was delivered last, or what is kept of it, since there is nothing newer.
func (f *follower) away(ctx context.Context, err error) {
	f.work.Lock()
	defer f.work.Unlock()
	before, known := f.why(), f.inForce() != nil
	told := before != nil && before.Error() == err.Error()
	_, ours := errors.AsType[*undelivered](err)
	switch {
	case ctx.Err() != nil, errors.Is(err, ErrSilent) && (known || before != nil):
	case ours:
		if !told {
			f.log.Error("the server gave a bundle that cannot be put in its place", "directory", f.Dir, "error", err)
		}
		f.set(staleIf(known), err)
		f.restore()
	case known:
		switch at := f.state().LastSuccess; {
		case needsCare(err) && !told:
			f.log.Warn("there is a newer state that cannot be delivered; what is delivered stays", "last_success", at, "error", err)
		case before == nil:
			f.log.Warn("the server gives nothing newer; what is delivered stays", "last_success", at, "error", err)
		}
		f.set(Stale, err)
	default:
		f.set(Lost, err)
		f.recall(err, told)
	}
}

// recall delivers what is kept, since the server gives nothing.
func (f *follower) recall(reason error, told bool) {
	missing := lastgood.ErrNone
	var bundle *cofferv1.RenderProjectionResponse
	var kept time.Time
	if cache := f.agent.config.Cache; cache != nil && !f.refused {
		bundle, kept, missing = cache.Get(f.key)
	}
	if missing == nil {
		missing = f.bring(bundle, kept)
	}
	switch {
	case missing == nil:
		f.set(Stale, reason)
		f.log.Warn("the server gives nothing; delivering the last known good bundle", "kept_since", kept.UTC(), "revision", bundle.GetRevision(), "error", reason)
	case errors.Is(missing, lastgood.ErrTooOld):
		f.clear()
		f.log.Warn("the server gives nothing, and what was kept is too old; removed the files", "error", reason)
	case !told:
		f.log.Warn("the server gives nothing, and nothing is kept that can be delivered; what is in the directory stays", "error", reason, "cache", missing)
	}
}

// takeAway removes what was delivered and kept: the server says that it is not for this workload any more.
func (f *follower) takeAway(err error) {
	f.work.Lock()
	defer f.work.Unlock()
	if before := f.why(); f.inForce() != nil || before == nil || before.Error() != err.Error() {
		f.log.Warn("the server refuses; removing what was delivered", "error", err)
	}
	f.refused = true
	f.clear()
	if cache := f.agent.config.Cache; cache != nil {
		if failed := cache.Forget(f.key); failed != nil {
			f.log.Error("what was kept is still there", "error", failed)
		}
	}
	f.set(Lost, err)
}

// clear removes the files, and delivers nothing any more.
func (f *follower) clear() {
	if f.dir != nil {
		if err := f.dir.Clear(); err != nil {
			f.log.Error("the files are still there", "error", err)
		}
	}
	f.mu.Lock()
	f.bundle, f.misplaced = nil, nil
	f.health.Revision, f.health.Etag = 0, ""
	f.mu.Unlock()
}

func (f *follower) inForce() *cofferv1.RenderProjectionResponse {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bundle
}
