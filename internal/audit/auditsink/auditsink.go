// Package auditsink carries the events of the audit log to where others watch them: standard output, syslog, an
// OpenTelemetry collector, a webhook.
//
// What it guarantees: the log on disk is the queue of every sink, and each sink has its own place in it. A sink that is
// slow, hangs or refuses therefore delays no request and no other sink and loses nothing: it lags, which States tells.
// What is not taken over whole is given again, after a growing pause, for as long as it takes: events arrive at least
// once, in order, and their numbers tell what came twice. When retention removed events that a sink had yet to get, the
// gap is an event too: in the log, and in the sink in place of what is missing. Events are lines of printable ASCII, so
// that no name, however hostile, can forge a line.
//
// What threatens it: a receiver of datagrams (UDP, /dev/log) acknowledges nothing, so what is lost on the way or in the
// receiver is lost; streams and HTTP are acknowledged. Whoever can write the folder of the cursors can make a sink skip
// events, though never the log. A receiver that refuses an event for good keeps its sink waiting until somebody looks:
// watch the lag. Sinks are set by the configuration file alone: none writes files, and none can be added while the server
// runs.
package auditsink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
)

// saveEvery is how often the cursors are saved while they move: what was delivered after the last time is delivered
// again when the process is killed.
const saveEvery = time.Second

// Log is the queue of every sink, as *audit.Log is.
type Log interface {
	// Tail blocks until there are synced events after that number and returns at most limit of them. Its error is
	// audit.ErrGone when some were removed.
	Tail(ctx context.Context, after uint64, limit int) ([]audit.Event, error)
	// Head is the last event there is.
	Head() audit.Head
	// Record adds an event.
	Record(ctx context.Context, e *audit.Event, d audit.Durability) error
}

// Config says what goes where.
type Config struct {
	// Sinks may be empty.
	Sinks []Settings
	// Log is what is delivered. Required.
	Log Log
	// Dir holds a file per sink that says how far it is; created with mode 0700 when absent. Required.
	Dir string
	// Stdout is where a sink of that kind writes. Required for such a sink.
	Stdout io.Writer
	// Logger is told when a sink fails and when it works again; nil means that nobody is.
	Logger *slog.Logger

	wait func(context.Context, time.Duration) error // tests: pauses that take no time
}

// Set is the sinks of a server.
type Set struct {
	queues []*queue
	logger *slog.Logger
}

// New prepares the sinks: it reads the files they need and their cursors, and reaches for no receiver.
func New(config Config) (*Set, error) {
	if config.Log == nil || config.Dir == "" {
		return nil, errors.New("auditsink: Log and Dir are required")
	}
	if err := Validate(config.Sinks); err != nil {
		return nil, err
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.wait == nil {
		config.wait = wait
	}
	s := &Set{logger: config.Logger}
	if len(config.Sinks) == 0 {
		return s, nil
	}
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the audit sinks: %w", err)
	}
	for _, settings := range config.Sinks {
		q, err := newQueue(config, settings.withDefaults())
		if err != nil {
			return nil, fmt.Errorf("audit sink %s: %w", settings.Name, err)
		}
		s.queues = append(s.queues, q)
	}
	return s, nil
}

// Run delivers until ctx ends, and returns nil then. What a sink does not take in its deadline is left for the next
// start.
func (s *Set) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, q := range s.queues {
		running.Go(func() { q.run(ctx) })
	}
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.save()
		case <-ctx.Done():
			running.Wait()
			s.save()
			return nil
		}
	}
}

// save keeps how far the sinks are. What fails is tried again: until then a restart delivers more twice.
func (s *Set) save() {
	for _, q := range s.queues {
		if err := q.cursor.save(); err != nil {
			s.logger.Warn("audit sink: cursor not saved", "sink", q.settings.Name, "error", err)
		}
	}
}

// State is how a sink is doing.
type State struct {
	Name string
	Kind Kind
	// Delivered is the number of the last event that the sink took over.
	Delivered uint64
	// Lag is how many events of the log it has yet to take over.
	Lag uint64
	// Error is why the last try failed; empty when it did not.
	Error string
}

// States returns the state of every sink, in the order of the configuration.
func (s *Set) States() []State {
	all := make([]State, 0, len(s.queues))
	for _, q := range s.queues {
		all = append(all, q.state())
	}
	return all
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
