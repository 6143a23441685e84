package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/coffer-dev/coffer/internal/delivery"
)

const (
	// DefaultChangeTime is how long a command may run after a change.
	DefaultChangeTime = 30 * time.Second
	// maxChangeTime bounds it.
	maxChangeTime = 10 * time.Minute
	// killAfter is how long a command that is to end may take to.
	killAfter = 2 * time.Second
)

// OnChange is what to do after what is delivered has changed: run a command, or signal a process. What is done for all
// projections of an agent is done one after the other; deliveries and removals do not wait for it, and what changes again
// before its turn is told of once. The zero value does nothing.
type OnChange struct {
	// Command is run, with COFFER_PROJECTION and COFFER_FILES in its environment, but no token. What it prints is dropped,
	// since it may hold values.
	Command []string
	// Signal is sent to the process whose number is in PIDFile, which is to be this user's or root's, and nobody else's to write.
	Signal syscall.Signal
	// PIDFile is a path.
	PIDFile string
	// Timeout is how long the command may run. 0: DefaultChangeTime.
	Timeout time.Duration
}

func (c *OnChange) check() error {
	if c.Timeout == 0 {
		c.Timeout = DefaultChangeTime
	}
	switch {
	case len(c.Command) > 0 && (c.Signal != 0 || c.PIDFile != ""):
		return errors.New("on a change, either run a command or send a signal")
	case len(c.Command) > 0 && c.Command[0] == "":
		return errors.New("on a change, which command?")
	case (c.Signal != 0) != (c.PIDFile != ""):
		return errors.New("a signal and the file of the number of its process belong together")
	case c.Timeout < 0 || c.Timeout > maxChangeTime:
		return fmt.Errorf("a command may run for at most %v", maxChangeTime)
	}
	return nil
}

// is tells whether there is anything to do.
func (c *OnChange) is() bool { return len(c.Command) > 0 || c.Signal != 0 }

// change does what is to be done after a change, if what changed is still there.
func (f *follower) change(ctx context.Context) {
	f.due.Store(false) // what changes from now on is told of again
	if f.inForce() == nil {
		return
	}
	c := f.OnChange
	var err error
	if c.Signal != 0 {
		err = c.signal()
	} else {
		err = c.run(ctx, "COFFER_PROJECTION="+f.Name, "COFFER_FILES="+f.Dir)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.health.OnChange = ""; err != nil {
		f.health.OnChange = err.Error()
		f.log.Warn("what was to be done after the change failed", "error", err)
		return
	}
	f.log.Info("told of the change")
}

// run runs the command.
func (c OnChange) run(ctx context.Context, env ...string) error {
	var all []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "COFFER_TOKEN") {
			all = append(all, pair)
		}
	}
	return RunCommand(ctx, c.Timeout, append(all, env...), c.Command...)
}

// RunCommand runs a command and whatever it starts, in a process group of its own, for as long as it may take. What it
// prints is dropped, since it may hold values.
func RunCommand(ctx context.Context, timeout time.Duration, env []string, command ...string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = killAfter
	err := cmd.Run()
	if ctx.Err() != nil {
		if cmd.Process != nil {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what is left of its group
		}
		err = fmt.Errorf("it was ended: %w", ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("running %s: %w", command[0], err)
	}
	return nil
}

// signal sends the signal.
func (c OnChange) signal() error {
	pid, err := readPID(c.PIDFile)
	if err == nil {
		err = syscall.Kill(pid, c.Signal)
	}
	if err != nil {
		return fmt.Errorf("sending a signal to the process of %s: %w", c.PIDFile, err)
	}
	return nil
}

// readPID refuses what others could have written: they would have the agent signal whom they like.
func readPID(path string) (int, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() || !delivery.Guarded(info) {
		return 0, errors.New("want a file of yours or root's that nobody else can write")
	}
	content, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0, err
	}
	// 0 and less are groups of processes, or all of them.
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil || pid <= 0 || pid == os.Getpid() {
		return 0, errors.New("it holds no number of another process")
	}
	return pid, nil
}
