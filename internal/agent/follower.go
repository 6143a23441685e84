package agent

import (
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

var (
	// errDelivered ends Once.
	errDelivered = errors.New("delivered")
	errPatience  = errors.New("the server takes long to answer")
)

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

	mu     sync.Mutex // of what follows
	health ProjectionHealth
	bundle *cofferv1.RenderProjectionResponse // in force; nil: none. Never changed.
}

// run follows the projection until ctx ends.
func (f *follower) run(ctx context.Context) {
	f.delivered = func() {}
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = firstWait, lastWait
	defer f.start(ctx)()
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
	if ctx.Err() == nil {
		f.failed(ctx, err)
	}
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errDelivered):
		return nil
	case cause != nil:
		return fmt.Errorf("projection %s was not delivered in time: %s", f.Name, f.state().Reason)
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
		f.away(ctx, errPatience)
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
	err := f.bring(bundle, time.Time{})
	if err != nil {
		f.log.Error("the bundle cannot be delivered", "revision", bundle.GetRevision(), "error", err)
	}
	return err
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
	f.bundle = bundle
	f.health.Revision, f.health.Etag = bundle.GetRevision(), bundle.GetEtag()
	if kept.IsZero() {
		f.health.State, f.health.Reason, f.health.LastSuccess = Fresh, "", time.Now().UTC()
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
	f.health.State, f.health.Reason, f.health.LastSuccess = Fresh, "", time.Now().UTC()
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
	before := f.state()
	switch {
	case ctx.Err() != nil, errors.Is(err, errPatience) && (f.refused || before.State != Lost):
	case f.inForce() != nil:
		if before.State == Fresh {
			f.log.Warn("the server gives nothing newer; what is delivered stays", "last_success", before.LastSuccess, "error", err)
		}
		f.set(Stale, err)
	default:
		f.set(Lost, err)
		f.recall(err, before.Reason == err.Error())
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
	if state := f.state(); state.State != Lost || state.Reason != err.Error() {
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
	f.bundle = nil
	f.health.Revision, f.health.Etag = 0, ""
	f.mu.Unlock()
}

func (f *follower) inForce() *cofferv1.RenderProjectionResponse {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bundle
}
