package auditsink_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"path/filepath"
	"sync"
	"testing"

	"github.com/coffer-dev/coffer/internal/audit"
)

type mac struct{}

func (mac) Sum(data []byte) []byte {
	h := hmac.New(sha256.New, []byte("key"))
	h.Write(data)
	return h.Sum(nil)
}

// checkpoint is what the store would keep.
type checkpoint struct {
	mu    sync.Mutex
	state audit.State
}

func (c *checkpoint) Load(context.Context) (audit.State, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state, nil
}

func (c *checkpoint) Save(_ context.Context, state audit.State) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = state
	return nil
}

// openLog opens a log and runs it until the test ends.
func openLog(t testing.TB) *audit.Log {
	t.Helper()
	return openLogWith(t, audit.Config{})
}

func openLogWith(t testing.TB, c audit.Config) *audit.Log {
	t.Helper()
	c.Dir, c.MAC, c.Checkpoint = filepath.Join(t.TempDir(), "audit"), mac{}, &checkpoint{}
	l, err := audit.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		_ = l.Close(context.Background())
	})
	return l
}
