package agent

import (
	"errors"
	"net/http"
	"time"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// State is how well a projection is delivered.
type State string

const (
	// Fresh: what is delivered is what the server says.
	Fresh State = "fresh"
	// Stale: what the server said last is delivered; it cannot be asked, or what it says now cannot be delivered.
	Stale State = "stale"
	// Lost: nothing is delivered, or not all its files are in place.
	Lost State = "lost"
)

// Health is how well an agent does.
type Health struct {
	// Healthy: all projections are.
	Healthy bool `json:"healthy"`
	// Projections are in the order of the configuration.
	Projections []ProjectionHealth `json:"projections"`
}

// ProjectionHealth is how well one projection is delivered.
type ProjectionHealth struct {
	// Name is what the agent calls it.
	Name string `json:"name"`
	// Projection is its full name.
	Projection string `json:"projection"`
	// Directory is where its files are; empty: nowhere.
	Directory string `json:"directory,omitempty"`
	// Healthy: it is fresh, or stale only because the server is away. Otherwise somebody is to see to it.
	Healthy bool `json:"healthy"`
	// State is fresh, stale or lost.
	State State `json:"state"`
	// LastSuccess is when the server last said that what is delivered is current.
	LastSuccess time.Time `json:"lastSuccess,omitzero"`
	// Revision is that of the store at which what is delivered was read.
	Revision int64 `json:"revision,omitempty"`
	// Etag is that of the bundle.
	Etag string `json:"etag,omitempty"`
	// Reason is why it is not fresh.
	Reason string `json:"reason,omitempty"`
	// OnChange is why what was to be done after the last change failed.
	OnChange string `json:"onChange,omitempty"`
}

// Health tells how the agent does.
func (a *Agent) Health() Health {
	h := Health{Healthy: true}
	for _, f := range a.followers {
		state := f.state()
		h.Healthy = h.Healthy && state.Healthy
		h.Projections = append(h.Projections, state)
	}
	return h
}

// status is that of an answer about health.
func (h Health) status() int {
	if h.Healthy {
		return http.StatusOK
	}
	return http.StatusServiceUnavailable
}

func (f *follower) state() ProjectionHealth {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now()
}

// now is how the projection does, with mu held.
func (f *follower) now() ProjectionHealth {
	health := f.health
	if f.misplaced != nil {
		health.State, health.Reason = Lost, f.misplaced.Error()
	}
	health.Healthy = health.State == Fresh || health.State == Stale && !needsCare(f.cause)
	return health
}

// needsCare tells whether a fault stays until somebody sees to it, as one does that is not just a server that is away.
func needsCare(err error) bool { return !client.Away(err) && !errors.Is(err, ErrSilent) }

func staleIf(delivered bool) State {
	if delivered {
		return Stale
	}
	return Lost
}

// why is the cause of what is not fresh, as far as it is known.
func (f *follower) why() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cause
}

// fresh notes that what is in force is what the server says, with mu held.
func (f *follower) fresh() {
	f.cause, f.health.State, f.health.Reason, f.health.LastSuccess = nil, Fresh, "", time.Now().UTC()
}

// set notes a state and its reason. Errors of the client and of deliveries hold no values.
func (f *follower) set(state State, reason error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cause, f.health.State, f.health.Reason = reason, state, reason.Error()
}

// snapshot is what is in force, nil if nothing is, and how well.
func (f *follower) snapshot() (*cofferv1.RenderProjectionResponse, ProjectionHealth) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bundle, f.now()
}
