package server

import (
	"container/list"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/rpc"
)

const (
	// maxBuckets bounds the principals, and the addresses, whose rates are remembered: those seen last. Whoever is forgotten
	// has its whole burst again.
	maxBuckets = 16 << 10
	// streamRetry is when to try again to open a stream: nobody knows when another one ends.
	streamRetry = 5 * time.Second
)

// Limits bound what callers take of the server. 0 is no limit.
type Limits struct {
	// PrincipalRate bounds the calls a second of a principal, who may save up PrincipalBurst of them. The defaults leave room
	// for a job of a thousand executors that share an account and start at once, and are a tenth of what two cores answer.
	PrincipalRate  int `json:"principal_rate" flag:"limit-principal-rate" usage:"calls a second of one principal; 0: any number"`
	PrincipalBurst int `json:"principal_burst" flag:"limit-principal-burst" usage:"calls that a principal may make at once"`
	// AddressRate bounds the calls a second of an address, an IPv6 /64 being one, before anybody is authenticated. Many
	// principals may share an address.
	AddressRate  int `json:"address_rate" flag:"limit-address-rate" usage:"calls a second from one address, with or without a credential; 0: any number"`
	AddressBurst int `json:"address_burst" flag:"limit-address-burst" usage:"calls that may come at once from one address"`
	// PrincipalStreams, AddressStreams and Streams bound the streams that are open. Each takes two goroutines and some 50 KB.
	PrincipalStreams int `json:"principal_streams" flag:"limit-principal-streams" usage:"open streams of one principal; 0: any number"`
	AddressStreams   int `json:"address_streams" flag:"limit-address-streams" usage:"open streams from one address; 0: any number"`
	Streams          int `json:"streams" flag:"limit-streams" usage:"open streams in all; 0: any number"`
	// RequestBytes lowers the size of the largest request message; each method has its own limit below that.
	RequestBytes int `json:"request_bytes" flag:"limit-request-bytes" usage:"size of the largest request; 0: as each method has it, at most 1 MiB"`
	// JSONDepth and JSONValues bound a body before it is decoded: a few bytes of JSON can make a message of many times the
	// memory. What Coffer takes nests 6 deep.
	JSONDepth  int `json:"json_depth" flag:"limit-json-depth" usage:"how deep the JSON of a body may nest; 0: any depth"`
	JSONValues int `json:"json_values" flag:"limit-json-values" usage:"values, names included, in the JSON of a body; 0: any number"`
	// NamespaceSecrets, NamespaceVersions and NamespaceBytes are what a namespace may hold that has no quota of its own, so
	// that one that went wild does not fill the disk of all.
	NamespaceSecrets  int64 `json:"namespace_secrets" flag:"limit-namespace-secrets" usage:"secrets in a namespace without a quota of its own; 0: any number"`
	NamespaceVersions int64 `json:"namespace_versions" flag:"limit-namespace-versions" usage:"versions in a namespace without a quota of its own; 0: any number"`
	NamespaceBytes    int64 `json:"namespace_bytes" flag:"limit-namespace-bytes" usage:"bytes of payload in a namespace without a quota of its own; 0: any number"`
}

func defaultLimits() Limits {
	return Limits{
		PrincipalRate: 2000, PrincipalBurst: 4000, AddressRate: 4000, AddressBurst: 8000,
		PrincipalStreams: 1000, AddressStreams: 2000, Streams: 8000,
		JSONDepth: 16, JSONValues: 20_000,
		NamespaceSecrets: 100_000, NamespaceVersions: 1_000_000, NamespaceBytes: 4 << 30,
	}
}

func (l Limits) validate() error {
	for _, n := range []int64{
		int64(l.PrincipalRate), int64(l.AddressRate), int64(l.PrincipalStreams), int64(l.AddressStreams), int64(l.Streams), int64(l.RequestBytes),
		int64(l.JSONDepth), int64(l.JSONValues), l.NamespaceSecrets, l.NamespaceVersions, l.NamespaceBytes,
	} {
		if n < 0 {
			return errors.New("a limit is negative: 0 is none")
		}
	}
	if (l.PrincipalRate > 0 && l.PrincipalBurst < 1) || (l.AddressRate > 0 && l.AddressBurst < 1) {
		return errors.New("a rate is limited to a burst of less than 1: nobody could call")
	}
	return nil
}

// buckets are the token buckets of the keys that were seen last.
type buckets[K comparable] struct {
	rate  rate.Limit
	burst int

	mu    sync.Mutex
	byKey map[K]*list.Element
	used  list.List // of *bucket[K], the last one first
}

type bucket[K comparable] struct {
	key     K
	limiter *rate.Limiter
}

// newBuckets returns nil, which lets everything pass, for a rate of 0.
func newBuckets[K comparable](perSecond, burst int) *buckets[K] {
	if perSecond == 0 {
		return nil
	}
	return &buckets[K]{rate: rate.Limit(perSecond), burst: burst, byKey: map[K]*list.Element{}}
}

// take takes a token of the key, or tells how long there will be none.
func (b *buckets[K]) take(key K, now time.Time) time.Duration {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	element, ok := b.byKey[key]
	if ok {
		b.used.MoveToFront(element)
	} else {
		if len(b.byKey) >= maxBuckets {
			oldest := b.used.Back()
			delete(b.byKey, b.used.Remove(oldest).(*bucket[K]).key)
		}
		element = b.used.PushFront(&bucket[K]{key, rate.NewLimiter(b.rate, b.burst)})
		b.byKey[key] = element
	}
	reservation := element.Value.(*bucket[K]).limiter.ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay > 0 {
		reservation.CancelAt(now) // who is refused owes nothing
	}
	return delay
}

// limiters are the rates of those who call.
type limiters struct {
	principals *buckets[string]
	addresses  *buckets[netip.Prefix]
}

func newLimiters(l Limits) limiters {
	return limiters{
		principals: newBuckets[string](l.PrincipalRate, l.PrincipalBurst),
		addresses:  newBuckets[netip.Prefix](l.AddressRate, l.AddressBurst),
	}
}

// address counts a call from an address.
func (l *limiters) address(address netip.Addr, now time.Time) error {
	if after := l.addresses.take(authn.SourceOf(address), now); after > 0 {
		return &rpc.LimitedError{Limit: rpc.AddressRate, After: after}
	}
	return nil
}

// principal counts a call of a principal.
func (l *limiters) principal(name string, now time.Time) error {
	if after := l.principals.take(name, now); after > 0 {
		return &rpc.LimitedError{Limit: rpc.PrincipalRate, After: after}
	}
	return nil
}

// streams are those that are open.
type streams struct {
	limits Limits
	ending chan struct{} // closed when all must end
	ended  chan struct{} // closed when, after that, all have

	mu          sync.Mutex
	stopping    bool
	open        int
	byPrincipal map[string]int
	bySource    map[netip.Prefix]int
}

func newStreams(limits Limits) *streams {
	return &streams{
		limits: limits, ending: make(chan struct{}), ended: make(chan struct{}),
		byPrincipal: map[string]int{}, bySource: map[netip.Prefix]int{},
	}
}

// begin counts a stream in, and returns what counts it out.
func (s *streams) begin(principal string, address netip.Addr) (end func(), err error) {
	from := authn.SourceOf(address)
	s.mu.Lock()
	defer s.mu.Unlock()
	reached := func(limit, open int) bool { return limit > 0 && open >= limit }
	limited := rpc.LimitedError{After: streamRetry}
	switch {
	case s.stopping:
		return nil, errConnectAgain
	case reached(s.limits.PrincipalStreams, s.byPrincipal[principal]):
		limited.Limit = rpc.PrincipalStreams
	case reached(s.limits.AddressStreams, s.bySource[from]):
		limited.Limit = rpc.AddressStreams
	case reached(s.limits.Streams, s.open):
		limited.Limit = rpc.Streams
	}
	if limited.Limit != "" {
		return nil, &limited
	}
	s.open++
	s.byPrincipal[principal]++
	s.bySource[from]++
	return func() { s.end(principal, from) }, nil
}

func (s *streams) end(principal string, from netip.Prefix) {
	s.mu.Lock()
	defer s.mu.Unlock()
	less(s.byPrincipal, principal)
	less(s.bySource, from)
	s.open--
	if s.stopping && s.open == 0 {
		close(s.ended)
	}
}

func less[K comparable](counts map[K]int, key K) {
	if counts[key]--; counts[key] == 0 {
		delete(counts, key)
	}
}

// count is how many are open.
func (s *streams) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// stop tells all streams to end, and returns what is closed when they have. It must be called once.
func (s *streams) stop() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	close(s.ending)
	if s.open == 0 {
		close(s.ended)
	}
	return s.ended
}

// tooMuchJSON says why a body is not decoded. It counts no less than a decoder would: what is not JSON counts too.
func (l Limits) tooMuchJSON(body []byte) error {
	depth, values, inString := 0, 1, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			values++
		case c == '}' || c == ']':
			depth--
		case c == ',' || c == ':':
			values++
		}
		if l.JSONDepth > 0 && depth > l.JSONDepth {
			return fmt.Errorf("%w: it nests deeper than %d", errTooMuchJSON, l.JSONDepth)
		}
		if l.JSONValues > 0 && values > l.JSONValues {
			return fmt.Errorf("%w: it has more than %d values", errTooMuchJSON, l.JSONValues)
		}
	}
	return nil
}
