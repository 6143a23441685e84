package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// exitRefused is coffer's exit code when the server refuses.
const exitRefused = 2

// masked is what coffer run shows in the place of a value.
const masked = "********"

// workload runs the pipeline with what the projection delivers. Nothing of it is to stay on this machine.
func (d *demo) workload(hold bool) []string {
	args := []string{"run", "-n", "orders", "--projection", "etl", "--no-cache", "--", d.pipeline()}
	if hold {
		args = append(args, "-hold")
	}
	return args
}

// coffer runs the command line as one of the accounts, or as the operator who logged in, shows it, and returns what it
// printed. It must succeed.
func (d *demo) coffer(ctx context.Context, account, stdin string, args ...string) (string, error) {
	printed := &watch{out: d}
	if err := d.cofferCommand(ctx, account, strings.NewReader(stdin), printed, args).Run(); err != nil {
		return "", fmt.Errorf("coffer %s: %w", args[0], err)
	}
	return printed.text(), nil
}

// mint runs coffer token create and keeps the token in a file, away from the screen.
func (d *demo) mint(ctx context.Context, account string) error {
	var token, notes bytes.Buffer
	cmd := d.cofferCommand(ctx, "", nil, &token, []string{"token", "create", account, "-n", "orders", "--expire", "1h"})
	d.say("  > %s", d.tokenFile(account))
	cmd.Stderr = &notes
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("coffer token create: %w: %s", err, notes.String())
	}
	d.values = append(d.values, strings.TrimSpace(token.String()))
	return writePrivate(d.tokenFile(account), token.String())
}

// refused runs the command line like coffer and expects the server to refuse.
func (d *demo) refused(ctx context.Context, account string, args ...string) error {
	err := d.cofferCommand(ctx, account, nil, d, args).Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return fmt.Errorf("coffer %s succeeded where the server should have refused", args[0])
	case !errors.As(err, &exit) || exit.ExitCode() != exitRefused:
		return fmt.Errorf("coffer %s: got %w, want exit code %d", args[0], err, exitRefused)
	}
	d.say("exit code %d", exitRefused)
	return nil
}

func (d *demo) cofferCommand(ctx context.Context, account string, stdin io.Reader, out io.Writer, args []string) *exec.Cmd {
	cmd := command(ctx, d.program("coffer"), args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = d.root, stdin, out, out
	var env []string
	if account != "" {
		env = []string{"COFFER_TOKEN_FILE=" + d.tokenFile(account)}
		cmd.Env = append(os.Environ(), env...)
	}
	d.command(env, append([]string{"coffer"}, args...)...)
	return cmd
}

// expect wants texts in what a command printed.
func expect(printed string, texts ...string) error {
	for _, text := range texts {
		if !strings.Contains(printed, text) {
			return fmt.Errorf("%q is missing in what was printed", text)
		}
	}
	return nil
}

// watch passes on what is written, remembers it, and tells when a line comes.
type watch struct {
	out  io.Writer
	line string        // to wait for
	seen chan struct{} // closed when it came

	mu   sync.Mutex
	all  bytes.Buffer
	done bool
}

// Write implements io.Writer.
func (w *watch) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all.Write(p)
	if w.line != "" && !w.done && bytes.Contains(w.all.Bytes(), []byte(w.line+"\n")) {
		w.done = true
		close(w.seen)
	}
	return w.out.Write(p)
}

func (w *watch) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}
