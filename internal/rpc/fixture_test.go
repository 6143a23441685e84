package rpc_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/kek/filekek"
	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// fixture is the services over the domain with real parts.
type fixture struct {
	rpc.Services
	domain *secrets.Service
	engine *storagebolt.Engine
}

// newFixture returns it with a context that carries the operator of the first start.
func newFixture(t *testing.T) (*fixture, context.Context) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("setting up: %v", err)
		}
	}
	dir := t.TempDir()
	engine, err := storagebolt.Open(t.Context(), storagebolt.Config{Path: filepath.Join(dir, "coffer.db"), NoSync: true})
	must(err)
	kek, err := filekek.Create(filepath.Join(dir, "kek.json"))
	must(err)
	keys, err := keyring.Create(t.Context(), keyring.Config{Engine: engine, KEK: kek})
	must(err)
	mac, err := keys.MAC("audit")
	must(err)
	store := sealed.New(sealed.Config{Engine: engine, Keyring: keys})
	quiet := slog.New(slog.DiscardHandler)
	log, err := audit.Open(t.Context(), audit.Config{Dir: filepath.Join(dir, "audit"), MAC: mac, Checkpoint: secrets.AuditHead{Store: store}, Logger: quiet})
	must(err)
	now := func() time.Time { return start }
	var token string
	must(secrets.Bootstrap(t.Context(), store, start, func(first string) error { token = first; return nil }))
	domain, err := secrets.Open(t.Context(), secrets.Config{Store: store, Keyring: keys, Audit: log, Now: now, Logger: quiet})
	must(err)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = log.Run(ctx) })
	running.Go(func() { _ = domain.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		_ = log.Close(context.Background())
		must(engine.Close())
	})
	operator, err := domain.Authenticator().Authenticate(t.Context(), authn.Credentials{Bearer: token})
	must(err)
	services := rpc.New(rpc.Config{Service: domain, Version: "v1", Storage: "bbolt", KEK: "file", StartTime: start})
	return &fixture{services, domain, engine}, rpc.WithCaller(t.Context(), operator)
}
