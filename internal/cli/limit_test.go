package cli_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/cli"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// What may be repeated waits by itself; a deletion tells when to come back.
func TestRateLimit(t *testing.T) {
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.Limits.PrincipalRate, c.Limits.PrincipalBurst = 1, 1 }})
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	run := func(args ...string) (int, string) {
		var told bytes.Buffer
		code := cli.Main(t.Context(), append([]string{
			"coffer", "--address", s.URL(), "--token-file", filepath.Join(s.Dir, "operator.token"),
		}, args...), cli.Stdio{In: strings.NewReader(""), Out: &told, Err: &told})
		return code, told.String()
	}
	for range 3 {
		if code, told := run("whoami"); code != 0 {
			t.Fatalf("whoami: exit code %d: %s", code, told)
		}
	}
	for range 50 {
		code, told := run("namespace", "delete", "nowhere", "--yes")
		if strings.Contains(told, "RATE_LIMITED") {
			if code != 2 || !strings.Contains(told, "hint: try again in ") {
				t.Errorf("exit code %d: %q, want 2 and a hint when to try again", code, told)
			}
			return
		}
	}
	t.Error("50 deletions at once were not too many")
}
