package authn

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What a Brake does when its configuration does not say.
const (
	DefaultBurst      = 10
	DefaultPerSecond  = 2
	DefaultMaxDelay   = 2 * time.Second
	DefaultMaxSources = 4096
	DefaultMaxWaiting = 1024
)

// Brake answers failed authentications late when one source, as SourceOf has it, has many of them: whoever guesses waits.
// What succeeds is never slowed, whatever else its source does, so the users behind a shared address are not locked out
// by one of them. It is safe for concurrent use.
type Brake struct {
	config BrakeConfig

	mu      sync.Mutex
	sources map[netip.Prefix]*rate.Limiter
	others  *rate.Limiter // for sources beyond those that are remembered
	swept   time.Time
	waiting int
}

var _ Authenticator = (*Brake)(nil)

// BrakeConfig configures a Brake. Of the numbers, 0 is the default.
type BrakeConfig struct {
	Authenticator Authenticator // whose failures are slowed; required
	Burst         int           // failures of one source that are answered at once
	PerSecond     float64       // failures a second that a source gets back
	MaxDelay      time.Duration // the longest an answer is kept back
	MaxSources    int           // how many are remembered; all further ones share one allowance
	MaxWaiting    int           // how many answers are kept back at a time; further ones are given at once

	Now func() time.Time // the clock; nil: time.Now
	// Wait returns after the time, or earlier when the context ends; nil: by a timer.
	Wait func(ctx context.Context, delay time.Duration)
}

// NewBrake returns a brake around an authenticator.
func NewBrake(config BrakeConfig) (*Brake, error) {
	if config.Authenticator == nil || config.Burst < 0 || config.PerSecond < 0 || config.MaxDelay < 0 || config.MaxSources < 0 || config.MaxWaiting < 0 {
		return nil, errors.New("authn: a brake needs an authenticator, and no number of it is negative")
	}
	orDefault(&config.Burst, DefaultBurst)
	orDefault(&config.PerSecond, DefaultPerSecond)
	orDefault(&config.MaxDelay, DefaultMaxDelay)
	orDefault(&config.MaxSources, DefaultMaxSources)
	orDefault(&config.MaxWaiting, DefaultMaxWaiting)
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Wait == nil {
		config.Wait = wait
	}
	b := &Brake{config: config, sources: map[netip.Prefix]*rate.Limiter{}}
	b.others = b.limiter()
	return b, nil
}

func orDefault[T comparable](value *T, otherwise T) {
	if *value == *new(T) {
		*value = otherwise
	}
}

func wait(ctx context.Context, delay time.Duration) {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Authenticate implements Authenticator.
func (b *Brake) Authenticate(ctx context.Context, credentials Credentials) (Caller, error) {
	caller, err := b.config.Authenticator.Authenticate(ctx, credentials)
	if err == nil {
		return caller, nil
	}
	// Who shows nothing does not guess, and when it cannot be told, nobody is at fault.
	if errors.Is(err, ErrUnauthenticated) && credentials.shown() {
		b.slow(ctx, SourceOf(credentials.Address()))
	}
	return Caller{}, err
}

func (c Credentials) shown() bool {
	return c.Bearer != "" || (c.TLS != nil && len(c.TLS.PeerCertificates) > 0)
}

// SourceOf is what an address is counted under: what a machine can have of its own accord, all of an IPv6 /64.
func SourceOf(address netip.Addr) netip.Prefix {
	bits := 32
	if address.Is6() {
		bits = 64
	}
	prefix, _ := address.Prefix(bits) // the zero Prefix of an unknown address is a source like any
	return prefix
}

func (b *Brake) slow(ctx context.Context, source netip.Prefix) {
	delay := b.delay(source)
	if delay == 0 {
		return
	}
	b.config.Wait(ctx, delay)
	b.mu.Lock()
	b.waiting--
	b.mu.Unlock()
}

// delay counts a failure and returns how long its answer is kept back. Unless that is 0, it counts as waiting.
func (b *Brake) delay(source netip.Prefix) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.config.Now()
	reservation := b.limiterOf(source, now).ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay > b.config.MaxDelay {
		reservation.CancelAt(now) // or a source would be in debt for longer than any answer waits
		delay = b.config.MaxDelay
	}
	if delay == 0 || b.waiting >= b.config.MaxWaiting {
		return 0
	}
	b.waiting++
	return delay
}

func (b *Brake) limiter() *rate.Limiter {
	return rate.NewLimiter(rate.Limit(b.config.PerSecond), b.config.Burst)
}

func (b *Brake) limiterOf(source netip.Prefix, now time.Time) *rate.Limiter {
	if limiter, ok := b.sources[source]; ok {
		return limiter
	}
	// A source that has its whole allowance back needs no remembering. Looking for such costs time in proportion to what
	// is remembered, so it is done at most once a second.
	if len(b.sources) >= b.config.MaxSources && now.Sub(b.swept).Abs() >= time.Second {
		b.swept = now
		for known, limiter := range b.sources {
			if limiter.TokensAt(now) >= float64(b.config.Burst) {
				delete(b.sources, known)
			}
		}
	}
	if len(b.sources) >= b.config.MaxSources {
		return b.others
	}
	limiter := b.limiter()
	b.sources[source] = limiter
	return limiter
}
