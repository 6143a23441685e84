package server

import (
	"context"
	"sync"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
)

const (
	refusedWindow   = time.Minute
	refusedInterval = 5 * time.Second
	maxRefused      = 1024
	// otherCallers are all those beyond maxRefused.
	otherCallers = "others"
)

// refused are the calls that were refused for there being too many: one record for each would let whoever makes them
// fill the disk. The first of a caller is recorded, those of the next minute are counted, and so on.
type refused struct {
	mu       sync.Mutex
	byCaller map[string]*refusal
}

type refusal struct {
	since time.Time
	count uint64      // after the one that was recorded
	last  audit.Event // the last of those
}

// add counts the event in, unless it is to be recorded by itself.
func (r *refused) add(caller string, e audit.Event) (counted bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byCaller == nil {
		r.byCaller = map[string]*refusal{}
	}
	known := r.byCaller[caller]
	if known == nil && len(r.byCaller) >= maxRefused {
		caller, known = otherCallers, r.byCaller[otherCallers]
	}
	if known == nil {
		r.byCaller[caller] = &refusal{since: time.Now()}
		return false
	}
	known.count++
	known.last = e
	if caller == otherCallers {
		known.last.Principal, known.last.Source = "", otherCallers
	}
	return true
}

// take returns an event with the count for each caller that is known for as long as the age, and forgets those that
// were not refused again.
func (r *refused) take(now time.Time, age time.Duration) []audit.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	var events []audit.Event
	for caller, known := range r.byCaller {
		switch {
		case now.Sub(known.since) < age:
		case known.count == 0:
			delete(r.byCaller, caller)
		default:
			known.last.Count = known.count
			events = append(events, known.last)
			known.since, known.count = now, 0
		}
	}
	return events
}

// refuse records a call that was refused, by itself or in a count.
func (ch *chain) refuse(e audit.Event, c *call) {
	e.Detail = "too many " + string(c.limited)
	caller := e.Principal
	if caller == "" {
		caller = authn.SourceOf(c.credentials.Address()).String()
	}
	if !ch.refused.add(caller, e) {
		ch.audit.Outcome(&e)
	}
}

// recordRefusals records the counts until ctx ends, and then what is left of them.
func (ch *chain) recordRefusals(ctx context.Context) {
	tick := time.NewTicker(refusedInterval)
	defer tick.Stop()
	for ctx.Err() == nil {
		age := refusedWindow
		select {
		case <-ctx.Done():
			age = 0
		case <-tick.C:
		}
		for _, e := range ch.refused.take(time.Now(), age) {
			ch.audit.Outcome(&e)
		}
	}
}
