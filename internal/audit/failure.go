package audit

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// failureWindow is how long failures of one source are counted before they are recorded as one.
	failureWindow = time.Minute
	// maxSources bounds the sources that are told apart, and with them what a minute of failures can write.
	maxSources = 1024
	// otherSources stands for those beyond maxSources.
	otherSources = "other sources"
)

// failures coalesces what anybody can make happen without end, by its source: one record for each would let them fill the
// disk.
type failures struct {
	mu      sync.Mutex
	sources map[string]*repeats
}

// repeats counts the failures of one source after the one that was recorded at once.
type repeats struct {
	since time.Time
	count uint64
	last  Event
}

// Failure records a failed login. The first from a source is recorded before it returns; those that follow within a
// minute are counted and recorded as one event. Ports are disregarded, and an IPv6 source is its /64 network. Counts
// are lost if the process is killed; the first failure is not.
func (l *Log) Failure(e Event) {
	if e.Time.IsZero() {
		e.Time = l.cfg.clock()
	}
	if l.failures.count(sourceOf(e.Source), e) {
		return
	}
	_ = l.writes.do(l.encode(&e), nil) // a failure breaks the log, which Err tells
}

// Refusal records a call that was refused because of how many the caller made, a principal or a network. It is counted
// like a Failure, of the caller, and as little in the way as an Outcome.
func (l *Log) Refusal(caller string, e Event) {
	if e.Time.IsZero() {
		e.Time = l.cfg.clock()
	}
	if !l.refusals.count(caller, e) {
		l.Outcome(&e)
	}
}

// recordRepeats records and forgets the sources whose first failure is at least age before now. One that repeated
// starts over as if it had just failed for the first time, since its failures are likely to go on.
func (l *Log) recordRepeats(now time.Time, age time.Duration) {
	for _, of := range []*failures{&l.failures, &l.refusals} {
		for _, e := range of.take(now, age) {
			l.Outcome(&e)
		}
	}
}

// count reports whether e was counted; if not, it is the first of its source.
func (f *failures) count(source string, e Event) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sources == nil {
		f.sources = make(map[string]*repeats)
	}
	r := f.sources[source]
	if r == nil && len(f.sources) >= maxSources {
		e.Principal, e.Source = "", otherSources
		r = f.sources[otherSources]
		source = otherSources
	}
	if r == nil {
		f.sources[source] = &repeats{since: e.Time}
		return false
	}
	r.count++
	r.last = e
	return true
}

func (f *failures) take(now time.Time, age time.Duration) []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	var events []Event
	for source, r := range f.sources {
		if now.Sub(r.since) < age {
			continue
		}
		if r.count == 0 {
			delete(f.sources, source)
			continue
		}
		e := r.last
		e.Count = r.count
		events = append(events, e)
		r.since, r.count = now, 0
	}
	return events
}

// sourceOf returns what an attacker cannot change from one attempt to the next as cheaply as a port.
func sourceOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		port, err := netip.ParseAddrPort(address)
		if err != nil {
			return otherSources
		}
		ip = port.Addr()
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	network, err := ip.Prefix(64)
	if err != nil {
		return otherSources
	}
	return network.String()
}
