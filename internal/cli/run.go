package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/delivery"
	"github.com/coffer-dev/coffer/pkg/client"
)

// envFiles tells the child where its files are.
const envFiles = "COFFER_FILES"

// envPlatformFiles does so for programs that were written for DataOS.
const envPlatformFiles = "DATAOS_SECRET_DIR"

// Exit codes that shells give a command that could not be started.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
	exitSignal        = 128 // plus the signal
)

type runFlags struct {
	projection, fileDir string
	noMasking, emptyEnv bool
	allowEnv            []string
	cache               cacheFlags
	watch               watchFlags
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run --projection PROJECTION [flags] -- COMMAND [ARGUMENT]...",
		Short: "Run a command with what a projection delivers",
		Long: `Run a command with the variables of a projection in its environment, and its files in a private directory, in
memory where the system has such a place, that COFFER_FILES names, and DATAOS_SECRET_DIR for programs that look there,
unless the projection delivers a variable of that name. Arguments that the projection delivers take the place of the
argument {coffer.args}; a command without it is not started with a projection that delivers any. The files are removed
when the command ends; should coffer itself be killed, Linux kills the command too, and the next coffer run removes them.

The command gets this process's environment less COFFER_TOKEN and COFFER_TOKEN_FILE. INT, TERM, HUP, QUIT, USR1, USR2
and WINCH are passed on to it. Its exit code becomes that of coffer: 128 and the number of the signal that ended it,
126 or 127 where it could not be started.

With --watch, changes reach the command while it runs: --on-change restart starts it anew, HUP and other names of signals
send it that signal once the files are new, and command runs --change-command. Changes that follow each other closely are one. A
process cannot be given new variables: what is to change without a restart should be a file. A change that brings
arguments for which the command has no {coffer.args} does not reach it.

What was delivered is kept, encrypted, for the time when the server is away; the key is in the kernel's keyring or in
memory, never on the disk. Then coffer says so and goes on with it, for at most --cache-max-age.

Values of 4 bytes and more are replaced by ******** in what the command prints, also their lines and their forms in
base64 (of any line length), URLs and JSON. That guards against accidents, not against a command that means to leak. To be able to do so,
standard output and error become pipes: --no-masking passes the terminal itself.`,
		Example: `  coffer run --projection etl -n acme -- python3 pipeline.py
  coffer run --projection etl -- sh -c 'cat "$COFFER_FILES/db.properties"'
  coffer run --projection etl --watch --on-change HUP -- nginx -g 'daemon off;'
  coffer run --projection spark -- spark-submit {coffer.args} job.py`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("which command? Give it after --")
			}
			if i := slices.Index(args, argsPlace); i >= 0 && slices.Contains(args[i+1:], argsPlace) {
				return usage("give " + argsPlace + " once")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.projection == "" {
				return usage("which projection? Give --projection NAME")
			}
			if err := f.watch.check(cmd); err != nil {
				return err
			}
			return a.run(cmd.Context(), f, args)
		},
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false)
	flags.StringVarP(&f.projection, "projection", "p", "", "projection to render")
	flags.StringVar(&f.fileDir, "file-dir", "", "put the files there instead: a directory of yours that others cannot write to")
	flags.BoolVar(&f.noMasking, "no-masking", false, "pass standard output and error through as they are")
	flags.BoolVar(&f.emptyEnv, "clean-env", false, "start from PATH, HOME, USER, SHELL, TERM, TZ, TMPDIR and the locale only")
	flags.StringSliceVar(&f.allowEnv, "allow-env", nil, "take these variables, although they take over a process, if the projection delivers them")
	f.watch.register(flags)
	f.cache.register(flags)
	return cmd
}

// run renders, starts the child, and cleans up whatever happens. From the first value on, signals end nothing before
// the files are gone.
func (a *app) run(ctx context.Context, f runFlags, args []string) error {
	// Looked up first: a mistyped command needs no values.
	path, err := exec.LookPath(args[0])
	if err != nil {
		return a.notStarted(args[0], err)
	}
	s, err := a.resolve()
	if err != nil {
		return err
	}
	return a.with(kindOf(kindProjection), f.projection, func(c *client.Client, full string) error {
		kept := a.openCache(f.cache, s.Address, full, f.allowEnv)
		bundle, err := kept.renderOrRecall(ctx, c, full, f.allowEnv)
		if err != nil {
			return err
		}
		r := &runner{app: a, flags: f, path: path, args: args, client: c, projection: full, kept: kept, bundle: bundle}
		if err := r.placed(bundle); err != nil {
			return err
		}
		return r.run(ctx)
	})
}

// runner runs a command with what a projection delivers.
type runner struct {
	*app
	flags      runFlags
	path       string
	args       []string
	client     *client.Client
	projection string
	kept       *keptBundle
	bundle     *cofferv1.RenderProjectionResponse // in force

	signals *signalRelay
	files   *delivery.Dir // nil while there are none
}

func (r *runner) run(ctx context.Context) error {
	r.signals = catchSignals()
	defer r.signals.stop()
	delivery.RemoveStale()
	defer func() {
		if r.files == nil {
			return
		}
		if err := r.files.Remove(); err != nil {
			r.warn("removing the delivered files: %v", err)
		}
	}()
	if _, err := r.writeFiles(); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r.flags.watch.on {
		return r.watch(ctx)
	}
	child, err := r.start()
	if err != nil {
		return err
	}
	return child.result(<-child.ended)
}

// writeFiles brings the files of the bundle into force, and tells whether any changed.
func (r *runner) writeFiles() (changed bool, err error) {
	if r.files == nil {
		if len(r.bundle.GetFiles()) == 0 {
			return false, nil
		}
		if r.files, err = openFiles(r.flags.fileDir); err != nil {
			return false, err
		}
	}
	return r.files.Write(r.bundle.GetFiles())
}

// environment is that of the child.
func (r *runner) environment() ([]string, error) {
	env, err := childEnv(os.Environ(), r.bundle.GetEnv(), r.flags.emptyEnv)
	if err == nil && r.files != nil {
		env = append(env, envFiles+"="+r.files.Path())
		if _, delivered := r.bundle.GetEnv()[envPlatformFiles]; !delivered {
			env = append(env, envPlatformFiles+"="+r.files.Path())
		}
	}
	return env, err
}

// openFiles opens the directory that --file-dir names, or a private one.
func openFiles(dir string) (*delivery.Dir, error) {
	if dir == "" {
		return delivery.Private()
	}
	opened, err := delivery.Open(dir, 0)
	if errors.Is(err, delivery.ErrUnsafe) {
		return nil, usage("--file-dir " + dir + ": " + delivery.ErrUnsafe.Error())
	}
	return opened, err
}

// notStarted tells why the child was not, with the exit code that a shell would give.
func (a *app) notStarted(command string, err error) error {
	code := exitNotExecutable
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist):
		code = exitNotFound
	case errors.Is(err, syscall.E2BIG):
		err = errors.New("its environment and arguments together are more than the system carries: deliver large values as files")
	}
	if wrapped, ok := errors.AsType[*exec.Error](err); ok {
		err = wrapped.Err
	}
	a.warn("starting %s: %v", command, err)
	return exitError{code}
}

// maxEnvString is the most bytes that Linux carries in one NAME=VALUE string with its NUL.
const maxEnvString = 128 << 10

// childEnv is the environment of the child, checked: execve would cut a value at a NUL, and say of one that is too large
// no more than "argument list too long".
func childEnv(own []string, bundle map[string]string, clean bool) ([]string, error) {
	var env []string
	for _, pair := range own {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "COFFER_TOKEN") || name == envFiles || clean && !keptEnv(name) {
			continue
		}
		env = append(env, pair)
	}
	for name, value := range bundle {
		switch {
		case name == "" || strings.ContainsAny(name, "=\x00"):
			return nil, usage(fmt.Sprintf("the projection delivers a variable %q, which is no name", name))
		case strings.Contains(value, "\x00"):
			return nil, usage("the value of " + name + " holds a NUL byte, which no environment carries: deliver it as a file")
		case len(name)+1+len(value)+1 > maxEnvString:
			return nil, usage(fmt.Sprintf("the value of %s is too large: with its name it has %d bytes, and an environment carries %d; "+
				"deliver it as a file", name, len(name)+1+len(value)+1, maxEnvString))
		}
		env = append(env, name+"="+value)
	}
	return env, nil
}

// keptEnv tells what --clean-env leaves.
func keptEnv(name string) bool {
	switch name {
	case "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TZ", "TMPDIR", "LANG":
		return true
	}
	return strings.HasPrefix(name, "LC_")
}
