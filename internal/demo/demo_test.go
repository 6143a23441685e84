package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	demo "github.com/coffer-dev/coffer/internal/demo"
)

// TestDemo is the main job of Coffer, end to end, with the shipped programs and a real PostgreSQL.
func TestDemo(t *testing.T) {
	cmd, temp := program(t)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("demo: %v\n%s", err, out.Bytes())
	}
	if !strings.Contains(out.String(), "All of it held") {
		t.Errorf("demo ended without its last line:\n%s", out.Bytes())
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("demo uses colours where there is no terminal")
	}
	checkNothingLeft(t, temp)
}

// TestDemo_interrupted ends the demonstration while both servers run, as Ctrl-C would.
func TestDemo_interrupted(t *testing.T) {
	cmd, temp := program(t)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "4. ") {
	}
	if lines.Text() == "" {
		t.Errorf("the demo ended before it could be interrupted: %s", errs.String())
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, stdout); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("interrupted demo: got %v and %q, want exit code 1 and a word of it", err, errs.String())
	}
	checkNothingLeft(t, temp)
}

// TestRun_portTaken has another server answer where make run would serve.
func TestRun_portTaken(t *testing.T) {
	if l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:8080"); err == nil {
		other := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), ReadHeaderTimeout: time.Second}
		defer other.Close()
		go func() { _ = other.Serve(l) }()
	} // otherwise there is such a server anyway
	cmd, temp := program(t)
	cmd.Args = append(cmd.Args[:len(cmd.Args)-1], "run")
	cmd.Env = append(cmd.Env, "COFFER_DATA_DIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err == nil || bytes.Contains(out, []byte("Coffer is up")) || !bytes.Contains(out, []byte("cofferd ended instead of starting")) {
		t.Errorf("demo run: %v, want an error and no word of being up:\n%s", err, out)
	}
	checkNothingLeft(t, temp)
}

// A server that somebody else ended has stopped, or failed.
func TestServer_endedByAnother(t *testing.T) {
	if err := demo.StopEnded(exec.CommandContext(t.Context(), "true")); err != nil {
		t.Errorf("after an end in order: %v", err)
	}
	err := demo.StopEnded(exec.CommandContext(t.Context(), "false"))
	if err == nil || err.Error() != "cofferd ended by itself: exit status 1" {
		t.Errorf("after a failure: %v", err)
	}
}

// program is the demonstration, built, with a directory of its own for temporary files.
func program(t *testing.T) (*exec.Cmd, string) {
	t.Helper()
	bin := t.TempDir()
	name := filepath.Join(bin, "demo")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", name, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	temp := t.TempDir()
	// Not closed, so that PostgreSQL, which root has another user run, has its files there too.
	if err := os.Chmod(filepath.Dir(temp), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), name, "--bin", bin, "demo")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	builds, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	// A cache that nothing may stay in, but for Go's, and settings of a user, which must not lead the demonstration elsewhere.
	cmd.Env = append(os.Environ(), "TMPDIR="+temp, "XDG_CACHE_HOME="+filepath.Join(temp, "cache"), "GOCACHE="+strings.TrimSpace(string(builds)),
		"COFFER_ADDR=http://127.0.0.1:1", "COFFER_TOKEN=wrong", "PGHOST=127.0.0.2", "PGUSER=wrong")
	return cmd, temp
}

// checkNothingLeft wants no file and no process of a run, all of which have its directory in their arguments.
func checkNothingLeft(t *testing.T, temp string) {
	t.Helper()
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files: got %v, error %v; want none", left, err)
	}
	processes, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range processes {
		if arguments, err := os.ReadFile(process); err == nil && bytes.Contains(arguments, []byte(temp)) {
			t.Errorf("still running: %q", arguments)
		}
	}
}
