package secrets

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// changes tells those who watch what a namespace delivers that something in it changed. It follows the store once for all
// of them, and tells no more than that: whoever is woken reads what is there now.
type changes struct {
	store *sealed.Store
	log   *slog.Logger

	mu       sync.Mutex
	watchers map[string]map[chan struct{}]bool // by UID of a namespace
}

func newChanges(store *sealed.Store, log *slog.Logger) *changes {
	return &changes{store: store, log: log, watchers: map[string]map[chan struct{}]bool{}}
}

// watch makes the channel receive whenever a secret or a projection of one of the namespaces changes, until stop.
// The channel has room for one signal, which is enough.
func (c *changes) watch(wake chan struct{}, namespaces map[string]bool) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for uid := range namespaces {
		if c.watchers[uid] == nil {
			c.watchers[uid] = map[chan struct{}]bool{}
		}
		c.watchers[uid][wake] = true
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for uid := range namespaces {
			delete(c.watchers[uid], wake)
			if len(c.watchers[uid]) == 0 {
				delete(c.watchers, uid)
			}
		}
	}
}

// run follows the store until ctx ends.
func (c *changes) run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, prefix := range []storage.Key{secretPrefix, projectionPrefix} {
		wg.Go(func() { c.follow(ctx, prefix) })
	}
	wg.Wait()
}

// follow wakes watchers for what changes below the prefix. Where it cannot follow, it wakes all of them: what they missed
// is in what they read.
func (c *changes) follow(ctx context.Context, prefix storage.Key) {
	for ctx.Err() == nil {
		var from storage.Revision
		err := c.store.View(ctx, func(snapshot *sealed.Snapshot) error {
			from = snapshot.Revision()
			return nil
		})
		c.wake("")
		if err == nil {
			for event, failed := range c.store.Watch(ctx, prefix, from) {
				if failed != nil {
					err = failed
					break
				}
				c.wake(segment(event.Key, prefix, 0))
			}
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		c.log.Error("watches cannot follow the store; trying again", "error", err)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
}

// wake signals the watchers of a namespace; "" is all of them.
func (c *changes) wake(namespace string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if namespace != "" {
		signalAll(c.watchers[namespace])
		return
	}
	for _, watchers := range c.watchers {
		signalAll(watchers)
	}
}

func signalAll(watchers map[chan struct{}]bool) {
	for wake := range watchers {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}
