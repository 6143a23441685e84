package storagebolt_test

import (
	"path/filepath"
	"testing"

	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

func TestConformance(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, watchHistory int) storage.Engine {
		return open(t, storagebolt.Config{
			Path:         filepath.Join(t.TempDir(), "coffer.db"),
			NoSync:       true,
			WatchHistory: watchHistory,
		})
	})
}

func open(t *testing.T, cfg storagebolt.Config) *storagebolt.Engine {
	t.Helper()
	e, err := storagebolt.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open(%+v) = %v, want nil", cfg, err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}
