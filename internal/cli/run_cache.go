package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/lastgood"
	"github.com/coffer-dev/coffer/pkg/client"
)

// envCacheKeyDir is --cache-key-dir.
const envCacheKeyDir = "COFFER_CACHE_KEY_DIR"

// cacheFlags say whether, where and for how long what was delivered is kept for when the server is away.
type cacheFlags struct {
	off         bool
	maxAge      time.Duration
	dir, keyDir string
}

func (f *cacheFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.off, "no-cache", false, "keep nothing of what was delivered for when the server is away")
	flags.DurationVar(&f.maxAge, "cache-max-age", lastgood.DefaultMaxAge, "how old what was kept may be")
	flags.StringVar(&f.dir, "cache-dir", "", "where it is kept (default: coffer/lastgood in your cache directory)")
	flags.StringVar(&f.keyDir, "cache-key-dir", "", "where its key is, a directory in memory, rather than in the keyring ("+envCacheKeyDir+")")
}

// open opens what is kept.
func (f cacheFlags) open() (*lastgood.Cache, error) {
	config := lastgood.Config{Dir: f.dir, MaxAge: f.maxAge, KeyDir: f.keyDir}
	if config.KeyDir == "" {
		config.KeyDir = os.Getenv(envCacheKeyDir)
	}
	if config.Dir == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil, err
		}
		config.Dir = filepath.Join(dir, "coffer", "lastgood")
	}
	return lastgood.Open(config)
}

// keptBundle is the last bundle of a projection that was delivered here.
type keptBundle struct {
	app   *app
	cache *lastgood.Cache // nil: nothing is kept
	name  string
	fault error // why nothing is kept
}

// openCache finds what is kept of a projection. Variables that take over a process are kept only for who allows them.
func (a *app) openCache(f cacheFlags, address, projection string, allowEnv []string) *keptBundle {
	k := &keptBundle{app: a, name: lastgood.Name(address, projection, allowEnv)}
	if f.off {
		k.fault = errors.New("--no-cache was given")
		return k
	}
	k.cache, k.fault = f.open()
	return k
}

// put keeps a bundle.
func (k *keptBundle) put(bundle *cofferv1.RenderProjectionResponse) {
	k.keep((*lastgood.Cache).Put, bundle)
}

// confirm keeps a bundle that is still the one in force.
func (k *keptBundle) confirm(bundle *cofferv1.RenderProjectionResponse) {
	k.keep((*lastgood.Cache).Confirm, bundle)
}

// keep has the cache keep a bundle. That it cannot is no reason not to deliver it.
func (k *keptBundle) keep(how func(*lastgood.Cache, string, *cofferv1.RenderProjectionResponse) error, bundle *cofferv1.RenderProjectionResponse) {
	if k.cache == nil {
		return
	}
	if err := how(k.cache, k.name, bundle); err != nil {
		k.app.note("nothing is kept for when the server is away: %v", err)
	}
}

// forget drops what was kept: the right to it is gone.
func (k *keptBundle) forget() {
	if k.cache == nil {
		return
	}
	if err := k.cache.Forget(k.name); err != nil {
		k.app.warn("removing what was kept: %v", err)
	}
}

// renderOrRecall renders a projection, or returns what it delivered last while the server is away.
func (k *keptBundle) renderOrRecall(ctx context.Context, c *client.Client, projection string, allowEnv []string) (*cofferv1.RenderProjectionResponse, error) {
	bundle, err := c.RenderProjection(ctx, &cofferv1.RenderProjectionRequest{Name: projection, AllowEnv: allowEnv})
	switch {
	case err == nil:
		k.put(bundle)
		return bundle, nil
	case client.Gone(err):
		k.forget()
		return nil, err
	case ctx.Err() != nil, !client.Away(err):
		return nil, err
	}
	if k.cache == nil {
		k.app.note("nothing was kept for when the server is away: %v", k.fault)
		return nil, err
	}
	bundle, at, recall := k.cache.Get(k.name)
	if recall != nil {
		k.app.note("nothing was kept for when the server is away: %v", recall)
		return nil, err
	}
	k.app.warn("the server is away: %v", err)
	k.app.warn("going on with what it delivered at %s, %s ago", at.UTC().Format(time.RFC3339), time.Since(at).Round(time.Second))
	return bundle, nil
}
