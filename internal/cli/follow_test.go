package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/cli"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// lines is an output that is read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestFollow_missesNothingWhileTheServerRestarts(t *testing.T) {
	address := "127.0.0.1:0"
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.HTTP = address }})
	address = s.HTTPAddr()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var out, told lines
	code := make(chan int, 1)
	go func() {
		code <- cli.Main(ctx, []string{
			"coffer", "audit", "follow", "--after", "1", "-o", "json", "--address", s.URL(), "--token-file", filepath.Join(s.Dir, "operator.token"),
		}, cli.Stdio{In: strings.NewReader(""), Out: &out, Err: &told})
	}()
	shown := func(text string) {
		t.Helper()
		for !strings.Contains(out.String(), text) {
			select {
			case got := <-code:
				t.Fatalf("follow ended with %d before it showed %q: %s", got, text, told.String())
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
	s.Namespace("one")
	shown("namespaces/one")
	s.Restart()
	s.Namespace("two")
	shown("namespaces/two")
	interrupt()
	if got := <-code; got != 0 {
		t.Errorf("exit code %d after an interrupt, want 0: %s", got, told.String())
	}
	if !strings.Contains(told.String(), "the connection is lost") {
		t.Errorf("told %q, want that the connection was lost", told.String())
	}
	want := uint64(2)
	for line := range strings.Lines(out.String()) {
		var event struct {
			Sequence uint64 `json:"sequence,string"`
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil || event.Sequence != want {
			t.Fatalf("line %q, %v: want event %d", line, err, want)
		}
		want++
	}
}
