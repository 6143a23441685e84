package authn_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
)

// braked is a brake whose clock stands still and whose waits are noted.
type braked struct {
	*authn.Brake
	t     *testing.T
	now   time.Time
	mu    sync.Mutex
	waits []time.Duration
}

func newBrake(t *testing.T, next authn.Authenticator, change func(*authn.BrakeConfig)) *braked {
	t.Helper()
	b := &braked{t: t, now: time.Unix(1e9, 0)}
	config := authn.BrakeConfig{
		Authenticator: next, Burst: 2, PerSecond: 1, Now: func() time.Time { return b.now },
		Wait: func(_ context.Context, delay time.Duration) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.waits = append(b.waits, delay)
		},
	}
	if change != nil {
		change(&config)
	}
	var err error
	if b.Brake, err = authn.NewBrake(config); err != nil {
		t.Fatalf("NewBrake: %v", err)
	}
	return b
}

// fail asks with a bad token and returns how long the answer was kept back.
func (b *braked) fail(source string) time.Duration {
	b.t.Helper()
	b.waits = nil
	if got, err := b.Authenticate(b.t.Context(), authn.Credentials{Bearer: "x", Source: source}); err == nil || got.Name != "" {
		b.t.Errorf("Authenticate = %+v, %v", got, err)
	}
	if len(b.waits) == 0 {
		return 0
	}
	return b.waits[0]
}

func TestBrake(t *testing.T) {
	b := newBrake(t, answer{authn.ErrUnauthenticated}, nil)
	var got []time.Duration
	for range 6 {
		got = append(got, b.fail("192.0.2.1:1000"))
	}
	const s = time.Second
	if diff := cmp.Diff([]time.Duration{0, 0, s, 2 * s, 2 * s, 2 * s}, got); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
	for source, want := range map[string]bool{
		"192.0.2.1:2000": true, "[::ffff:192.0.2.1]:1": true, "192.0.2.1": true, "192.0.2.2:1000": false, "[2001:db8::1]:1": false, "pipe": false,
	} {
		if slowed := b.fail(source) > 0; slowed != want {
			t.Errorf("a failure from %s is slowed: %v, want %v", source, slowed, want)
		}
	}
	for range 100 {
		b.fail("192.0.2.1:1000")
	}
	b.now = b.now.Add(3 * s)
	if d := b.fail("192.0.2.1:1"); d != 0 {
		t.Errorf("3 s after any number of failures: %v, want none", d)
	}
}

func TestBrake_ipv6(t *testing.T) {
	b := newBrake(t, answer{authn.ErrUnauthenticated}, nil)
	for i := range 10 {
		b.fail(fmt.Sprintf("[2001:db8:1:2:%x::1]:1", i))
	}
	if b.fail("[2001:db8:1:2::ffff]:1") == 0 || b.fail("[2001:db8:1:3::1]:1") != 0 {
		t.Error("the addresses of one /64 are one source, and those of two are two")
	}
}

// TestBrake_others: what is no failed guess is never slowed, and does not count as one.
func TestBrake_others(t *testing.T) {
	broken := errors.New("broken")
	certificate := &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{}}}
	tests := []struct {
		name        string
		next        error
		credentials authn.Credentials
		slowed      bool
	}{
		{"success", nil, authn.Credentials{Bearer: "x"}, false},
		{"cannot tell", authn.ErrUnavailable, authn.Credentials{Bearer: "x"}, false},
		{"broken", broken, authn.Credentials{Bearer: "x"}, false},
		{"nothing shown", authn.ErrUnauthenticated, authn.Credentials{TLS: &tls.ConnectionState{}}, false},
		{"certificate", authn.ErrUnauthenticated, authn.Credentials{TLS: certificate}, true},
		{"token", authn.ErrUnauthenticated, authn.Credentials{Bearer: "x"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBrake(t, answer{test.next}, nil)
			for range 10 {
				if _, err := b.Authenticate(t.Context(), test.credentials); !errors.Is(err, test.next) {
					t.Errorf("Authenticate: %v, want %v", err, test.next)
				}
			}
			if slowed := len(b.waits) > 0; slowed != test.slowed {
				t.Errorf("slowed: %v, want %v", slowed, test.slowed)
			}
		})
	}
}

// TestBrake_success: the right token works at once beside any number of wrong ones from its address.
func TestBrake_success(t *testing.T) {
	index := authn.NewTokenIndex(authn.TokenIndexConfig{})
	secret, record := newRecord(t, "t1")
	index.Put(record)
	b := newBrake(t, authn.Chain{index}, nil)
	for range 10 {
		b.fail("192.0.2.1:1")
	}
	b.waits = nil
	got, err := b.Authenticate(t.Context(), authn.Credentials{Bearer: secret, Source: "192.0.2.1:1"})
	if err != nil || got.Name != etl.Name || len(b.waits) != 0 {
		t.Errorf("Authenticate = %q, %v after %v", got.Name, err, b.waits)
	}
}

func TestBrake_sources(t *testing.T) {
	b := newBrake(t, answer{authn.ErrUnauthenticated}, func(c *authn.BrakeConfig) { c.MaxSources = 3 })
	at := func(i int) string { return fmt.Sprintf("192.0.2.%d:1", i) }
	for i := range 3 {
		b.fail(at(i))
	}
	// The further ones share one allowance.
	if b.fail(at(3)) != 0 || b.fail(at(4)) != 0 || b.fail(at(5)) == 0 {
		t.Error("sources beyond those remembered are not counted together")
	}
	if b.fail(at(0)) != 0 {
		t.Error("a source that is remembered lost its own allowance")
	}
	b.now = b.now.Add(time.Minute) // all are forgotten
	for i := range 3 {
		b.fail(at(10 + i))
		b.fail(at(10 + i))
		if b.fail(at(10+i)) == 0 {
			t.Errorf("source %d is not remembered though there is room again", 10+i)
		}
	}
}

// TestBrake_waiting: when as many wait as may, the next is not kept; nor is one whose request ends.
func TestBrake_waiting(t *testing.T) {
	entered := make(chan struct{})
	b := newBrake(t, answer{authn.ErrUnauthenticated}, func(c *authn.BrakeConfig) {
		c.Burst, c.MaxWaiting = 1, 2
		c.Wait = func(ctx context.Context, _ time.Duration) {
			entered <- struct{}{}
			<-ctx.Done()
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	credentials := authn.Credentials{Bearer: "x", Source: "192.0.2.1:1"}
	var all sync.WaitGroup
	ask := func() {
		if _, err := b.Authenticate(ctx, credentials); !errors.Is(err, authn.ErrUnauthenticated) {
			t.Errorf("Authenticate: %v", err)
		}
	}
	ask() // within the burst
	all.Go(ask)
	all.Go(ask)
	<-entered
	<-entered
	ask() // would hang if it waited
	cancel()
	all.Wait()
	all.Go(ask) // there is room again
	<-entered
	all.Wait()
}

// TestBrake_wait holds the timer that is used by default to the request's end.
func TestBrake_wait(t *testing.T) {
	b := newBrake(t, answer{authn.ErrUnauthenticated}, func(c *authn.BrakeConfig) { c.Burst, c.MaxDelay, c.PerSecond, c.Wait = 1, time.Hour, 1e-3, nil })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 { // would take an hour otherwise
		if _, err := b.Authenticate(ctx, authn.Credentials{Bearer: "x"}); !errors.Is(err, authn.ErrUnauthenticated) {
			t.Errorf("Authenticate: %v", err)
		}
	}
	b = newBrake(t, answer{authn.ErrUnauthenticated}, func(c *authn.BrakeConfig) { c.MaxDelay, c.Wait = time.Millisecond, nil })
	for range 5 {
		b.fail("192.0.2.1:1")
	}
}

func TestNewBrake_bad(t *testing.T) {
	for name, config := range map[string]authn.BrakeConfig{
		"no authenticator": {},
		"negative":         {Authenticator: authn.Chain{}, MaxWaiting: -1},
	} {
		if _, err := authn.NewBrake(config); err == nil {
			t.Errorf("NewBrake, %s: no error", name)
		}
	}
}
