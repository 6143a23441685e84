package agent

import (
	"net/http"
	"time"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// State is how well a projection is delivered.
type State string

const (
	// Fresh: what is delivered is what the server says.
	Fresh State = "fresh"
	// Stale: the server cannot be asked; what it said last is delivered.
	Stale State = "stale"
	// Lost: nothing is delivered.
	Lost State = "lost"
)

// Health is how well an agent does.
type Health struct {
	// Healthy: no projection is lost.
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
		h.Healthy = h.Healthy && state.State != Lost
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
	return f.health
}

// set notes a state and its reason. Errors of the client and of deliveries hold no values.
func (f *follower) set(state State, reason error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.health.State, f.health.Reason = state, reason.Error()
}

// snapshot is what is in force, nil if nothing is, and how well.
func (f *follower) snapshot() (*cofferv1.RenderProjectionResponse, ProjectionHealth) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bundle, f.health
}
