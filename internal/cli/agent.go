package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/coffer-dev/coffer/internal/agent"
	"github.com/coffer-dev/coffer/pkg/client"
)

// agentFlags are what coffer agent takes. Those that a file can say too win over it.
type agentFlags struct {
	file         string
	projection   string
	dir, dirMode string
	onChange     string
	allowEnv     []string
	socket       string
	uids         []int
	once         bool
	timeout      time.Duration
	removeOnExit bool
	cache        cacheFlags
}

func (a *app) agentCommand() *cobra.Command {
	var f agentFlags
	cmd := &cobra.Command{
		Use:   "agent {-f FILE | --projection PROJECTION --dir DIRECTORY} [flags]",
		Short: "Keep what projections deliver fresh, as files and at a socket",
		Long: `Keep what projections deliver fresh for the workloads of this machine: their files, each projection's in a directory
of its own, which changes as a whole, as kubelet changes those of Kubernetes; and, with --socket, all of a bundle as JSON.

A directory must be yours, and nobody else's to write in. One that does not exist is made, for you alone; where files are to
belong to other users, say --dir-mode 0711. What others remove of it, the agent puts there again. Best is one in memory (a tmpfs, such as /run on Linux):
disks keep what was deleted. What else is in the directory is left alone. The files stay when the agent ends, so that it can be
restarted under its workloads, unless --remove-on-exit is given.

What was delivered is kept, encrypted, for the time when the server is away; the key is in the kernel's keyring or in
memory, never on the disk. While the server is away, what is delivered stays; an agent that starts then delivers what was
kept, if the server said within --cache-max-age that it is current, and says so. What the server revoked meanwhile goes as
soon as it is back: when it refuses a projection, the agent removes its files and what was kept of it, and asks again from
time to time.

At the socket, only you and the users of --allow-uid are answered:

  GET /v1/bundles/NAME   the bundle as JSON; 503 while there is none
  GET /healthz           how each projection does: fresh, stale (what the server
                         said last) or lost (files are not in place, or there
                         are none). 503 if any is lost, or stale though the
                         server is there. 'coffer agent status' shows it

With --once, everything is delivered one time, for containers that prepare others: exit code 0 if all of it was.

A file names what to deliver:

  socket: /run/coffer/agent.sock
  projections:
  - projection: etl          # or its full name
    name: etl                # at the socket; default: the ID
    dir: /run/secrets/etl
    dirMode: "0711"          # if it is made
    allowEnv: [PATH]         # wanted, although it takes over a process
    onChange:                # one at a time; deliveries do not wait for it
      command: [systemctl, reload, etl]
      # or signal: HUP and pidFile: /run/etl.pid
      timeout: 30s`,
		Example: `  coffer agent --projection etl -n acme --dir /run/secrets/etl
  coffer agent -f agent.yaml --socket /run/coffer/agent.sock
  coffer agent --once --timeout 30s -f agent.yaml
  curl --unix-socket /run/coffer/agent.sock http://agent/v1/bundles/etl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(cmd); err != nil {
				return err
			}
			return a.agent(cmd.Context(), f)
		},
	}
	f.register(cmd.Flags())
	cmd.AddCommand(a.agentStatus())
	return cmd
}

func (f *agentFlags) register(flags *pflag.FlagSet) {
	flags.StringVarP(&f.file, "file", "f", "", "file that names the projections, or - for standard input")
	flags.StringVarP(&f.projection, "projection", "p", "", "the one projection to deliver")
	flags.StringVar(&f.dir, "dir", "", "directory of its files")
	flags.StringVar(&f.dirMode, "dir-mode", "0700", "its mode, if it is made; files may have owners that are to reach them")
	flags.StringVar(&f.onChange, "on-change", "", "what to run, by sh -c, after a change of it")
	flags.StringSliceVar(&f.allowEnv, "allow-env", nil, "take these variables of it, although they take over a process")
	flags.StringVar(&f.socket, "socket", "", "path of the socket")
	flags.IntSliceVar(&f.uids, "allow-uid", nil, "numbers of other users who may ask there")
	flags.BoolVar(&f.once, "once", false, "deliver everything one time")
	flags.DurationVar(&f.timeout, "timeout", time.Minute, "how long --once may take")
	flags.BoolVar(&f.removeOnExit, "remove-on-exit", false, "remove the files when the agent ends")
	f.cache.register(flags)
}

func (f *agentFlags) check(cmd *cobra.Command) error {
	switch given := cmd.Flags().Changed; {
	case (f.file == "") == (f.projection == ""):
		return usage("what to deliver? Give either -f FILE or --projection NAME")
	case f.file != "" && (given("dir") || given("dir-mode") || given("on-change") || given("allow-env")):
		return usage("--dir, --dir-mode, --on-change and --allow-env are for --projection; the file says so of each")
	case f.once && (given("socket") || given("allow-uid") || given("remove-on-exit")):
		return usage("--socket, --allow-uid and --remove-on-exit are for an agent that stays")
	case !f.once && given("timeout"):
		return usage("--timeout is for --once")
	case f.timeout <= 0 || f.cache.maxAge <= 0:
		return usage("--timeout and --cache-max-age are to be more than nothing")
	case f.cache.off && (given("cache-dir") || given("cache-key-dir") || given("cache-max-age")):
		return usage("with --no-cache nothing is kept: --cache-dir, --cache-key-dir and --cache-max-age are for what is")
	}
	return nil
}

// agent runs an agent.
func (a *app) agent(ctx context.Context, f agentFlags) error {
	config, err := a.agentConfig(f)
	if err != nil {
		return err
	}
	return a.connected(func(c *client.Client) error {
		config.Client = c
		if !f.cache.off {
			// Without it the agent does its work all the same, as long as the server is there.
			if config.Cache, err = f.cache.open(); err != nil {
				a.warn("nothing is kept for when the server is away: %v", err)
			} else {
				defer func() { _ = config.Cache.Close() }()
			}
		}
		running, err := agent.New(config)
		if err != nil {
			if errors.Is(err, agent.ErrConfig) {
				return usageError{err}
			}
			return err
		}
		if f.once {
			ctx, cancel := context.WithTimeout(ctx, f.timeout)
			defer cancel()
			err := errors.Join(running.Once(ctx), running.Close())
			if _, answered := errors.AsType[*client.Error](err); !answered && errors.Is(err, agent.ErrSilent) {
				a.warn("%v", err)
				return exitError{exitServer}
			}
			return err
		}
		return errors.Join(running.Run(ctx), running.Close())
	})
}

// agentConfig is what flags and file say.
func (a *app) agentConfig(f agentFlags) (agent.Config, error) {
	s, err := a.resolve()
	if err != nil {
		return agent.Config{}, err
	}
	config := agent.Config{
		Address: s.Address, RemoveOnExit: f.removeOnExit,
		Logger: slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: a.agentLevel()})),
	}
	file := agentFile{Projections: []agentProjection{{Projection: f.projection, Dir: f.dir, DirMode: f.dirMode, AllowEnv: f.allowEnv}}}
	if f.onChange != "" {
		file.Projections[0].OnChange = &agentChange{Command: []string{"sh", "-c", f.onChange}}
	}
	if f.file != "" {
		if file, err = a.readAgentFile(f.file); err != nil {
			return config, err
		}
	}
	if config.Projections, err = file.projections(s.Namespace); err != nil {
		return config, err
	}
	if f.once {
		config.Jitter = -1 // somebody waits for it
		return config, nil
	}
	config.Socket = file.Socket
	if f.socket != "" {
		config.Socket = f.socket
	}
	config.UIDs = append(slices.Concat(file.AllowUIDs, f.uids), os.Geteuid())
	return config, nil
}

func (a *app) agentLevel() slog.Level {
	if a.quiet {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

func (a *app) agentStatus() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "status --socket PATH",
		Short: "Show how a running agent does",
		Long: `Show how a running agent does. Exit code 0 if it delivers every projection, though perhaps what a server that is away said
last; 2 if any is lost, or what the server says now cannot be delivered.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if path == "" {
				return usage("which agent? Give --socket PATH")
			}
			health, err := agent.Status(cmd.Context(), path)
			if err != nil {
				return err
			}
			if err := a.printHealth(health); err != nil {
				return err
			}
			if !health.Healthy {
				return exitError{exitServer}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&path, "socket", "", "path of its socket")
	return cmd
}

func (a *app) printHealth(health agent.Health) error {
	if a.output != outputTable {
		return a.printValue(health)
	}
	rows := [][]string{{"NAME", "STATE", "LAST SUCCESS", "REVISION", "REASON"}}
	for _, p := range health.Projections {
		var reasons []string
		if p.Reason != "" {
			reasons = append(reasons, p.Reason)
		}
		if p.OnChange != "" {
			reasons = append(reasons, "after the change: "+p.OnChange)
		}
		row := []string{p.Name, string(p.State), "", strconv.FormatInt(p.Revision, 10), strings.Join(reasons, "; ")}
		if !p.LastSuccess.IsZero() {
			row[2] = p.LastSuccess.Format(time.RFC3339)
		}
		rows = append(rows, row)
	}
	return a.printTable(rows)
}
