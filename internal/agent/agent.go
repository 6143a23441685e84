// Package agent keeps what projections deliver fresh for the workloads of a machine.
//
// It guarantees that a workload finds the files of one bundle, whole, as package delivery says; that what the server
// revokes goes as soon as the agent hears of it, from the directory, the socket and the cache; and that while the server
// is away, what it delivered last stays, also over a restart of the agent, for as long as the cache keeps it. It says so
// wherever it delivers what may be out of date. No value reaches a log, an error, a command that it runs, or a process that is not
// allowed to ask at its socket. What threatens it are others of the machine, whom modes and the socket's check of its peer
// keep out, those of the same user, whom nothing does, and a server that is away while somebody's right ends.
package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coffer-dev/coffer/internal/delivery"
	"github.com/coffer-dev/coffer/internal/lastgood"
	"github.com/coffer-dev/coffer/pkg/client"
)

const (
	// DefaultPatience is how long the agent waits for the server before it delivers from the cache.
	DefaultPatience = 5 * time.Second
	// DefaultJitter is within which time the agent asks for each projection after its start.
	DefaultJitter = 500 * time.Millisecond
	// DefaultTend is how often the agent looks after the files.
	DefaultTend = 5 * time.Second
	// maxProjections bounds the streams of one agent.
	maxProjections = 100
)

var (
	// ErrConfig: the configuration cannot be followed.
	ErrConfig = errors.New("the agent's configuration")
	// ErrSocket: the socket's place is not safe, or taken.
	ErrSocket = errors.New("the agent's socket")
	// ErrSilent: the server has not answered so far.
	ErrSilent = errors.New("the server takes long to answer")
)

// Config says what to deliver.
type Config struct {
	// Client is how to reach the server. Required.
	Client *client.Client
	// Address is the server's; what is in the cache counts only for it. Required with a cache.
	Address string
	// Projections are what is delivered. Required.
	Projections []Projection
	// Cache keeps what was delivered for when the server is away. nil: nothing is kept.
	Cache *lastgood.Cache
	// Socket is the path of the socket at which workloads and Status ask. Empty: none.
	Socket string
	// UIDs are the users who may ask there. Empty: this process's.
	UIDs []int
	// RemoveOnExit takes the files away when Run ends. Otherwise they stay, so that the agent can be restarted under
	// its workloads.
	RemoveOnExit bool
	// Patience is how long the server may take at the start until the cache is asked. 0: DefaultPatience.
	Patience time.Duration
	// Jitter is within which time each projection is first asked for. 0: DefaultJitter; negative: at once.
	Jitter time.Duration
	// Tend is how often the files are looked after, which others may have removed. 0: DefaultTend.
	Tend time.Duration
	// Logger is told what happens, without values. Required.
	Logger *slog.Logger
}

// Projection is one that is delivered.
type Projection struct {
	// Name is what it is called at the socket. Default: the last segment of Resource.
	Name string
	// Resource is its full name. Required.
	Resource string
	// Dir is where its files go. May be empty where there is a socket.
	Dir string
	// DirMode is the mode of the directory if it is made. Others may be let in, but not to write. 0: 0700.
	DirMode fs.FileMode
	// AllowEnv are variables that take over a process, and that the workload wants.
	AllowEnv []string
	// OnChange is what is done when it has changed. The zero value is nothing.
	OnChange OnChange
}

// Agent delivers projections. Close it when done.
type Agent struct {
	config    Config
	followers []*follower
	socket    *socket        // nil: none
	changed   chan *follower // whose OnChange is due, each at most once
}

// New checks the configuration, and takes the directories and the socket, which must be nobody else's. It asks the
// server for nothing.
func New(config Config) (*Agent, error) {
	if config.Patience == 0 {
		config.Patience = DefaultPatience
	}
	if config.Jitter == 0 {
		config.Jitter = DefaultJitter
	}
	if config.Tend == 0 {
		config.Tend = DefaultTend
	}
	if len(config.UIDs) == 0 {
		config.UIDs = []int{os.Geteuid()}
	}
	config.Projections = slices.Clone(config.Projections)
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	a := &Agent{config: config, changed: make(chan *follower, len(config.Projections))}
	var onDisk []string
	for _, p := range config.Projections {
		f := &follower{agent: a, Projection: p, key: lastgood.Name(config.Address, p.Resource, p.AllowEnv), log: config.Logger.With("projection", p.Name)}
		a.followers = append(a.followers, f)
		if err := f.open(); err != nil {
			return nil, errors.Join(err, a.Close())
		}
		if f.dir != nil && f.dir.OnDisk() {
			onDisk = append(onDisk, f.Dir)
		}
	}
	if len(onDisk) > 0 {
		config.Logger.Warn("directories are on a disk, which keeps what was deleted: better have them in memory, on a tmpfs", "directories", onDisk)
	}
	if config.Socket != "" {
		var err error
		if a.socket, err = listen(config.Socket, config.UIDs, config.Logger); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	return a, nil
}

// check completes what has defaults.
func (c *Config) check() error {
	if len(c.Projections) == 0 || len(c.Projections) > maxProjections {
		return fmt.Errorf("want 1 to %d projections, not %d", maxProjections, len(c.Projections))
	}
	names, dirs := map[string]bool{}, map[string]bool{}
	for i := range c.Projections {
		p := &c.Projections[i]
		if p.Name == "" {
			p.Name = p.Resource[strings.LastIndex(p.Resource, "/")+1:]
		}
		if strings.Contains(p.Name, "/") || p.Name == "" {
			return fmt.Errorf("projection %s: the name %q is to be one segment of a path", p.Resource, p.Name)
		}
		if names[p.Name] {
			return fmt.Errorf("two projections are called %s: give them names of their own", p.Name)
		}
		names[p.Name] = true
		if err := p.OnChange.check(); err != nil {
			return fmt.Errorf("projection %s: %w", p.Name, err)
		}
		if p.DirMode != 0 && (p.DirMode&0o700 != 0o700 || p.DirMode&^0o755 != 0) {
			return fmt.Errorf("projection %s: the directory's mode %#o: want 0700 to 0755, without others' right to write", p.Name, uint32(p.DirMode))
		}
		if p.Dir == "" {
			if c.Socket == "" {
				return fmt.Errorf("projection %s: it is delivered nowhere: give it a directory, or the agent a socket", p.Name)
			}
			continue
		}
		dir, err := filepath.Abs(p.Dir)
		if err != nil {
			return fmt.Errorf("projection %s: %w", p.Name, err)
		}
		if dirs[dir] {
			return fmt.Errorf("two projections are delivered to %s", dir)
		}
		dirs[dir], p.Dir = true, dir
	}
	return nil
}

// Run keeps everything fresh until ctx ends. It is called once, as Once is.
func (a *Agent) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var served error
	var serving sync.WaitGroup
	if a.socket != nil {
		serving.Go(func() {
			served = a.socket.serve(ctx, a)
			cancel()
		})
	}
	a.each(ctx, func(_ int, f *follower) { f.run(ctx) })
	serving.Wait()
	if a.config.RemoveOnExit {
		for _, f := range a.followers {
			if f.dir != nil {
				served = errors.Join(served, f.dir.Clear())
			}
		}
	}
	return served
}

// Once delivers everything one time, all of it or an error that tells what could not be delivered by the end of ctx.
func (a *Agent) Once(ctx context.Context) error {
	failed := make([]error, len(a.followers))
	a.each(ctx, func(i int, f *follower) { failed[i] = f.once(ctx) })
	return errors.Join(failed...)
}

// each does something with all followers at a time, and meanwhile, one after the other, what is to be done on changes.
func (a *Agent) each(ctx context.Context, do func(i int, f *follower)) {
	var following, changing sync.WaitGroup
	for i, f := range a.followers {
		following.Go(func() { do(i, f) })
	}
	changing.Go(func() {
		for f := range a.changed {
			f.change(ctx)
		}
	})
	following.Wait()
	close(a.changed)
	changing.Wait()
}

// Close lets go of the directories and the socket. What was delivered stays.
func (a *Agent) Close() error {
	var err error
	for _, f := range a.followers {
		if f.dir != nil {
			err = errors.Join(err, f.dir.Close())
		}
	}
	if a.socket != nil {
		err = errors.Join(err, a.socket.close())
	}
	return err
}

// open takes the directory.
func (f *follower) open() error {
	f.health = ProjectionHealth{Name: f.Name, Projection: f.Resource, Directory: f.Dir, State: Lost, Reason: "the server has not answered yet"}
	if f.Dir == "" {
		return nil
	}
	var err error
	if f.dir, err = delivery.Open(f.Dir, f.DirMode); err != nil {
		return fmt.Errorf("projection %s: %w", f.Name, err)
	}
	return nil
}
