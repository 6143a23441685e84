package cli

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"syscall"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// argsPlace is the argument whose place those of the projection take.
const argsPlace = "{coffer.args}"

// child is a running command.
type child struct {
	cmd     *exec.Cmd
	masks   *maskedPipes
	ended   chan error    // receives once
	drained chan struct{} // closed once all that it printed is out
}

// start starts the command with the bundle in force. The caller keeps to its thread until the child ends: the kernel kills
// the child when the thread that started it dies.
func (r *runner) start() (*child, error) {
	env, err := r.environment()
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{Path: r.path, Args: r.arguments(), Env: env, Stdin: r.In, Stdout: r.Out, Stderr: r.Err}
	c := &child{cmd: cmd, masks: &maskedPipes{}, ended: make(chan error, 1), drained: make(chan struct{})}
	hidden := r.needles(r.bundle)
	if hidden == nil && r.flags.watch.on && !r.flags.noMasking {
		hidden = &needles{} // there may be some after a change
	}
	if hidden != nil {
		for _, stream := range []*ioWriter{&cmd.Stdout, &cmd.Stderr} {
			if err := c.masks.replace(stream, hidden); err != nil {
				return nil, err
			}
		}
	}
	endWithUs(cmd)
	runtime.LockOSThread()
	if err := cmd.Start(); err != nil {
		runtime.UnlockOSThread()
		c.masks.abandon()
		return nil, r.notStarted(cmd.Args[0], err)
	}
	c.masks.started()
	r.signals.forward(cmd.Process)
	go func() {
		c.ended <- cmd.Wait()
		c.masks.finish()
		close(c.drained)
	}()
	return c, nil
}

// arguments are those of the command with those of the bundle in their place, if the command has one.
func (r *runner) arguments() []string {
	if i := slices.Index(r.args, argsPlace); i >= 0 {
		return slices.Concat(r.args[:i], r.bundle.GetArguments(), r.args[i+1:])
	}
	return r.args
}

// placed refuses a bundle whose arguments have no place in the command. Whoever writes a projection could else make a
// python3 or sh run other code than whoever wrote the command meant.
func (r *runner) placed(bundle *cofferv1.RenderProjectionResponse) error {
	if len(bundle.GetArguments()) == 0 || slices.Contains(r.args, argsPlace) {
		return nil
	}
	return usage(r.projection + " delivers arguments, and the command has no place for them: give it the argument " + argsPlace +
		" where they shall go")
}

// result is what coffer returns for how the child ended, once all that it printed is out.
func (c *child) result(err error) error {
	<-c.drained
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &exit):
		return fmt.Errorf("waiting for %s: %w", c.cmd.Args[0], err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitError{exitSignal + int(status.Signal())}
	}
	return exitError{exit.ExitCode()}
}

// needles are what is masked of bundles; none if nothing is to be.
func (r *runner) needles(bundles ...*cofferv1.RenderProjectionResponse) *needles {
	if r.flags.noMasking {
		return nil
	}
	var values []string
	add := func(named map[string]string) {
		for _, value := range named {
			values = append(values, value)
		}
	}
	for _, bundle := range bundles {
		add(bundle.GetEnv())
		add(bundle.GetSparkConf())
		values = append(values, bundle.GetArguments()...)
		for _, dictionary := range bundle.GetDictionaries() {
			add(dictionary.GetEntries())
		}
		for _, file := range bundle.GetFiles() {
			values = append(values, fileValues(string(file.GetContent()))...)
		}
	}
	return newNeedles(values)
}
