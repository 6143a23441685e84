package cli

import (
	"cmp"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/agent"
	"github.com/coffer-dev/coffer/pkg/client"
)

// What --on-change can be besides the name of a signal.
const (
	onChangeRestart = "restart"
	onChangeCommand = "command"
)

const (
	// retryRefused is how long a watch that was refused waits until it asks again, at least: the right may come back.
	retryRefused = 15 * time.Second
	// changeTime bounds how long --change-command may run.
	changeTime = time.Minute
	// retryWrite is how long files that could not be written wait for another try.
	retryWrite = 5 * time.Second
	// maxDebounces is how many debounces changes that never come to rest wait at most.
	maxDebounces = 10
	// maxShown is of how many bundles the values are masked.
	maxShown = 8
)

// watchFlags say what to do when a projection changes.
type watchFlags struct {
	on              bool
	onChange        string
	changeCommand   string
	debounce, grace time.Duration
	stopOnRevoked   bool

	signal syscall.Signal // 0: none
}

func (f *watchFlags) register(flags *pflag.FlagSet) {
	flags.BoolVarP(&f.on, "watch", "w", false, "let changes reach the command while it runs")
	flags.StringVar(&f.onChange, "on-change", onChangeRestart, "what to do then: restart, the name of a signal such as HUP or USR1, or command")
	flags.StringVar(&f.changeCommand, "change-command", "", "what --on-change command runs, by sh -c, with the new environment")
	flags.DurationVar(&f.debounce, "debounce", 200*time.Millisecond, "how long changes must have come to rest")
	flags.DurationVar(&f.grace, "grace-period", 10*time.Second, "how long the command may take to end before it is killed and started anew")
	flags.BoolVar(&f.stopOnRevoked, "stop-on-revoked", false, "end the command when the right to what it was given is gone")
}

func (f *watchFlags) check(cmd *cobra.Command) error {
	if !f.on {
		for _, name := range []string{"on-change", "change-command", "debounce", "grace-period", "stop-on-revoked"} {
			if cmd.Flags().Changed(name) {
				return usage("--" + name + " is for --watch")
			}
		}
		return nil
	}
	if f.debounce < 0 || f.grace < 0 {
		return usage("durations are not negative")
	}
	switch f.onChange {
	case onChangeRestart:
	case onChangeCommand:
		if f.changeCommand == "" {
			return usage("--on-change command: which? Give --change-command 'COMMAND'")
		}
	default:
		name := "SIG" + strings.TrimPrefix(strings.ToUpper(f.onChange), "SIG")
		if f.signal = unix.SignalNum(name); f.signal == 0 {
			return usage("--on-change " + f.onChange + ": want restart, command, or the name of a signal")
		}
	}
	if f.changeCommand != "" && f.onChange != onChangeCommand {
		return usage("--change-command is for --on-change command")
	}
	return nil
}

// news is what following a projection brings.
type news struct {
	bundle *cofferv1.RenderProjectionResponse // nil: nothing changed
	err    error                              // why it cannot be followed
}

// follow sends what changes, until ctx ends. What was refused is asked for again and again: the right may come back.
func (r *runner) follow(ctx context.Context, etag string, send chan<- news) {
	tell := func(n news) bool {
		select {
		case send <- n:
			return true
		case <-ctx.Done():
			return false
		}
	}
	lost := false
	follow := client.Follow{
		Projection: r.projection, AllowEnv: r.flags.allowEnv,
		Bundle: func(bundle *cofferv1.RenderProjectionResponse) error {
			lost = false
			etag = bundle.GetEtag()
			tell(news{bundle: bundle})
			return ctx.Err()
		},
		Alive: func() {
			lost = false
			tell(news{})
		},
		Lost: func(err error) {
			switch {
			case lost:
			case client.Away(err):
				r.warn("the server is away; going on with what it delivered last: %v", err)
			default:
				r.note("following %s again: %v", r.projection, err)
			}
			lost = true
		},
	}
	for {
		follow.Etag = etag
		err := r.client.Follow(ctx, follow)
		if ctx.Err() != nil || !tell(news{err: err}) {
			return
		}
		select {
		case <-time.After(retryRefused + rand.N(retryRefused)):
		case <-ctx.Done():
			return
		}
	}
}

// watch runs the command, and lets changes reach it, until it ends by itself.
func (r *runner) watch(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	changes := make(chan news)
	go r.follow(ctx, r.bundle.GetEtag(), changes)
	w := &watched{runner: r, kill: stopped(), settled: stopped(), changed: make(chan []string, 1)}
	if err := w.begin(); err != nil {
		return err
	}
	go w.runChanges(ctx)
	for {
		select {
		case n := <-changes:
			w.hear(n)
		case <-w.settled.C:
			w.apply()
		case <-w.kill.C:
			r.warn("%s has not ended in time; killing it", r.args[0])
			_ = w.child.cmd.Process.Kill()
		case err := <-w.child.ended:
			w.kill.Stop()
			if !w.restarting || r.signals.ending() {
				return w.child.result(err)
			}
			if err := w.begin(); err != nil {
				return err
			}
		}
	}
}

// stopped is a timer that does not run.
func stopped() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// watched is a command that changes reach.
type watched struct {
	*runner
	child      *child
	restarting bool
	next       *cofferv1.RenderProjectionResponse   // not in force yet
	since      time.Time                            // when the first of the changes came that have not come to rest
	settled    *time.Timer                          // when next comes into force
	kill       *time.Timer                          // when a child that is to end is killed
	changed    chan []string                        // the environment that --change-command is to run with next
	shown      []*cofferv1.RenderProjectionResponse // what the child can print values of: the first, and the newest ones
	told       string                               // the last refusal that the user was told
}

// begin starts the child with the bundle in force.
func (w *watched) begin() (err error) {
	w.restarting, w.shown = false, []*cofferv1.RenderProjectionResponse{w.bundle}
	w.child, err = w.start()
	return err
}

// hear takes in what following brought.
func (w *watched) hear(n news) {
	if n.err == nil {
		w.told = ""
		if n.bundle == nil {
			w.kept.confirm(cmp.Or(w.next, w.bundle))
			return
		}
		if w.next == nil {
			w.since = time.Now()
		}
		w.next = n.bundle
		// Changes that never come to rest come into force all the same.
		w.settled.Reset(min(w.flags.watch.debounce, time.Until(w.since.Add(maxDebounces*w.flags.watch.debounce))))
		w.kept.put(n.bundle)
		return
	}
	repeated := w.told == n.err.Error()
	w.told = n.err.Error()
	gone := client.Gone(n.err)
	if gone {
		w.kept.forget()
		w.next = nil
		w.settled.Stop()
	}
	switch {
	case gone && w.flags.watch.stopOnRevoked:
		w.warn("what the command was given is its no more; ending it: %v", n.err)
		w.signals.end()
		w.end()
	case repeated:
	case gone:
		w.warn("what the command was given is its no more; it goes on with it: %v", n.err)
	default:
		w.warn("no changes reach the command until this is mended: %v", n.err)
	}
}

// apply brings the next bundle into force. What cannot be is tried again.
func (w *watched) apply() {
	before, next := w.bundle, w.next
	if next == nil {
		return
	}
	err := w.placed(next)
	if err == nil {
		_, err = childEnv(nil, next.GetEnv(), true)
	}
	if err != nil {
		w.warn("%v; the command goes on with what it has", err) // only another bundle mends that
		return
	}
	// The child can print what it was started with, what it read since, and, from now on, what is new.
	if w.shown = append(w.shown, next); len(w.shown) > maxShown {
		w.shown = slices.Delete(w.shown, 1, 2) // not what it was started with: it has that for as long as it lives
	}
	w.child.masks.use(w.needles(w.shown...))
	w.bundle = next
	changed, err := w.writeFiles()
	if err != nil {
		w.bundle = before
		w.warn("%v; the command goes on with what it has", err)
		w.settled.Reset(retryWrite)
		return
	}
	w.next = nil
	w.tell(before, changed)
}

// tell lets the command know of a change.
func (w *watched) tell(before *cofferv1.RenderProjectionResponse, files bool) {
	switch w.flags.watch.onChange {
	case onChangeRestart:
		if !w.restarting {
			w.note("%s changed; starting %s anew", w.projection, w.args[0])
			w.restarting = true
			w.end()
		}
	case onChangeCommand:
		env, err := w.environment()
		if err != nil {
			w.warn("%v", err)
			return
		}
		w.note("%s changed; running --change-command", w.projection)
		select {
		case <-w.changed: // it has not run yet, and would be late
		default:
		}
		w.changed <- env
	default:
		if files {
			w.note("%s changed; sending %s to %s", w.projection, unix.SignalName(w.flags.watch.signal), w.args[0])
			_ = w.child.cmd.Process.Signal(w.flags.watch.signal) // it may just have ended
		}
		if !maps.Equal(before.GetEnv(), w.bundle.GetEnv()) || !slices.Equal(before.GetArguments(), w.bundle.GetArguments()) {
			w.warn("variables or arguments changed, which reach %s by a restart alone", w.args[0])
		}
	}
}

// runChanges runs --change-command, one after the other, each with the newest environment.
func (w *watched) runChanges(ctx context.Context) {
	for {
		select {
		case env := <-w.changed:
			if err := agent.RunCommand(ctx, changeTime, env, "sh", "-c", w.flags.watch.changeCommand); err != nil {
				w.warn("--change-command failed: %v", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// end asks the child to end, and kills it after the grace period.
func (w *watched) end() {
	_ = w.child.cmd.Process.Signal(syscall.SIGTERM)
	w.kill.Reset(w.flags.watch.grace)
}
