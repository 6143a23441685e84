package cli_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/coffer-dev/coffer/internal/cli"
	"github.com/coffer-dev/coffer/internal/servertest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"coffer": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			os.Exit(cli.Main(ctx, os.Args, cli.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
		},
	})
}

// opening a server sets a variable of the gateway's package, and scripts run side by side.
var opening sync.Mutex

// TestScript runs each script with a server of its own, as its operator.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			setUp(t, env, servertest.Config{})
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// setUp starts a server and sets the environment of a script.
func setUp(t *testing.T, env *testscript.Env, config servertest.Config) {
	opening.Lock()
	s := servertest.Start(t, config)
	opening.Unlock()
	env.Setenv("OPERATOR_TOKEN", filepath.Join(s.Dir, "operator.token"))
	env.Setenv("COFFER_ADDR", s.URL())
	env.Setenv("GRPC_ADDR", "grpc://"+s.GRPCAddr())
	env.Setenv("COFFER_TOKEN_FILE", env.Getenv("OPERATOR_TOKEN"))
	env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
	env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, "cache"))
	env.Setenv("COFFER_CACHE_KEY_DIR", memoryDir(t))
	// There is no keyring, whatever this machine has.
	env.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(env.WorkDir, "none"))
	// Under the race detector each process would otherwise wait a second before it ends.
	env.Setenv("GORACE", "atexit_sleep_ms=0")
}

// memoryDir is for the keys of caches, which would else stay in the keyring of whoever runs the tests. Empty where the
// system has no such place.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "coffer-test-") //nolint:usetesting // t.TempDir may be on a disk
	if err != nil {
		return ""
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// exits runs a command and wants its exit code: exits 2 coffer …
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%v: exit code %d, want %d", args[1:], got, want)
	}
}
