package cli_test

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/cli"
)

// A server that takes the connection and says nothing cannot be reached, and the exit code says so.
func TestAgent_onceWithASilentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	t.Setenv("COFFER_ADDR", "http://"+listener.Addr().String())
	t.Setenv("COFFER_TOKEN", "none")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	var out, told strings.Builder
	args := []string{"coffer", "agent", "--once", "--no-cache", "--timeout", "200ms", "-n", "acme", "-p", "etl", "--dir", filepath.Join(t.TempDir(), "files")}
	code := cli.Main(t.Context(), args, cli.Stdio{In: strings.NewReader(""), Out: &out, Err: &told})
	if code != 2 || !strings.Contains(told.String(), "projection etl was not delivered in time: the server takes long to answer") {
		t.Errorf("exit code %d, want 2:\n%s", code, told.String())
	}
}
