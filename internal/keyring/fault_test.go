package keyring_test

import (
	"errors"
	"testing"

	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

var errBroken = errors.New("broken")

func TestCreate_faults(t *testing.T) {
	for name, tc := range map[string]struct {
		faults storagetest.Faults
		after  error // of Open once the engine is well again
	}{
		"view":   {storagetest.Faults{View: func() error { return errBroken }}, keyring.ErrNotInitialized},
		"update": {storagetest.Faults{Update: func() error { return errBroken }}, keyring.ErrNotInitialized},
		// The answer was lost, the keyring was not: the next start must find it.
		"committed": {storagetest.Faults{Committed: func(storage.Revision) error { return errBroken }}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			engine := storagetest.NewFaulty(cfg.Engine)
			engine.Set(tc.faults)
			if _, err := keyring.Create(t.Context(), keyring.Config{Engine: engine, KEK: cfg.KEK}); !errors.Is(err, errBroken) {
				t.Errorf("Create: %v, want the engine's error", err)
			}
			if _, err := keyring.Open(t.Context(), cfg); !errors.Is(err, tc.after) {
				t.Errorf("Open afterwards: %v, want %v", err, tc.after)
			}
		})
	}
}

func TestCreate_commitRerun(t *testing.T) {
	cfg := newConfig(t)
	engine := storagetest.NewFaulty(cfg.Engine)
	engine.Set(storagetest.Faults{Reruns: 2})
	created, err := keyring.Create(t.Context(), keyring.Config{Engine: engine, KEK: cfg.KEK})
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	sum := mac(t, created, "audit").Sum(nil)
	opened, err := keyring.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if !mac(t, opened, "audit").Verify(nil, sum) {
		t.Error("the keyring that was stored is not the one that Create returned")
	}
}

func TestOpen_faults(t *testing.T) {
	cfg := newConfig(t)
	create(t, cfg)
	engine := storagetest.NewFaulty(cfg.Engine)
	engine.Set(storagetest.Faults{Read: func(storage.Record) (storage.Record, error) {
		return storage.Record{}, errBroken
	}})
	_, err := keyring.Open(t.Context(), keyring.Config{Engine: engine, KEK: cfg.KEK})
	if !errors.Is(err, errBroken) || errors.Is(err, keyring.ErrNotInitialized) {
		t.Errorf("Open while the engine fails: %v, want its error and not ErrNotInitialized", err)
	}
}
