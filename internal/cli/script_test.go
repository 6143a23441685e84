package cli_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/coffer-dev/coffer/internal/cli"
	"github.com/coffer-dev/coffer/internal/server"
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

// TestScript runs each script with a server of its own, as its operator.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup:               func(env *testscript.Env) error { return setup(t.Context(), t.TempDir(), env) },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
		},
	})
}

func setup(ctx context.Context, dir string, env *testscript.Env) error {
	config := server.DefaultConfig()
	config.DataDir, config.HTTP, config.GRPC = filepath.Join(dir, "data"), "127.0.0.1:0", "127.0.0.1:0"
	config.Logger, config.NoSync = slog.New(slog.DiscardHandler), true
	s, err := server.Open(ctx, config)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	env.Defer(func() {
		stop()
		if err := <-done; err != nil {
			env.T().Log("server:", err)
		}
	})
	env.Setenv("OPERATOR_TOKEN", filepath.Join(config.DataDir, "operator.token"))
	env.Setenv("COFFER_ADDR", "http://"+s.HTTPAddr().String())
	env.Setenv("GRPC_ADDR", "grpc://"+s.GRPCAddr().String())
	env.Setenv("COFFER_TOKEN_FILE", env.Getenv("OPERATOR_TOKEN"))
	env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
	return nil
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
