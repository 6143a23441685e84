package agent_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/agent"
	"github.com/coffer-dev/coffer/internal/delivery"
	"github.com/coffer-dev/coffer/pkg/client"
)

// Every change reaches the files, one after the other, each on the first try.
func TestAgent_rotations(t *testing.T) {
	f := newFixture(t)
	r := f.start(nil)
	f.await("0")
	var took []time.Duration
	for i := range 100 {
		n := strconv.Itoa(i + 1)
		began := time.Now()
		f.rotate(n)
		f.await(n)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	t.Logf("a change takes %v to reach the files (median), %v (the slowest)", took[len(took)/2], took[len(took)-1])
	health := r.Health()
	if p := health.Projections[0]; !health.Healthy || p.State != agent.Fresh || p.Revision == 0 || p.Reason != "" || p.LastSuccess.IsZero() {
		t.Errorf("Health = %+v, want it fresh", health)
	}
	if f.kept() != 1 {
		t.Errorf("%d bundles are kept, want 1", f.kept())
	}
}

// While the server is away, what was delivered stays, and comes again after a restart of the agent.
func TestAgent_serverAway(t *testing.T) {
	f := newFixture(t)
	r := f.start(func(c *agent.Config) { c.RemoveOnExit = true })
	f.await("0")
	r.awaitState(agent.Fresh)
	f.stop()
	if stale := r.awaitState(agent.Stale); stale.Reason == "" || stale.Revision == 0 || !r.Health().Healthy {
		t.Errorf("while the server is away: %+v, want a reason and a revision", stale)
	}
	if !f.has("0") {
		t.Error("the files went with the server")
	}
	f.wantTold("what is delivered stays")
	r.stop()
	if !f.empty() {
		t.Error("the files are still there, which were to be removed at the end")
	}

	r = f.start(nil)
	f.await("0")
	stale := r.awaitState(agent.Stale)
	f.wantTold("delivering the last known good bundle")
	f.wantTold("kept_since=" + stale.LastSuccess.Format("2006-01-02T15:04"))
	f.restart()
	r.awaitState(agent.Fresh)
	f.rotate("1")
	f.await("1")

	// What is delivered stays when the agent ends, and is taken up again.
	r.stop()
	if !f.has("1") {
		t.Error("the files went with the agent")
	}
	r = f.start(nil)
	r.awaitState(agent.Fresh)
	f.rotate("2")
	f.await("2")
}

// revocations end the right to what was delivered.
var revocations = map[string]func(*fixture){
	"grant": func(f *fixture) {
		f.must(f.operator.DeleteGrant(f.t.Context(), &cofferv1.DeleteGrantRequest{Name: "namespaces/acme/grants/etl-workload"}))
	},
	"token": func(f *fixture) {
		f.must(f.operator.DeleteToken(f.t.Context(), &cofferv1.DeleteTokenRequest{Name: "namespaces/acme/serviceAccounts/etl/tokens/t1"}))
	},
	"projection": func(f *fixture) {
		f.must(f.operator.DeleteProjection(f.t.Context(), &cofferv1.DeleteProjectionRequest{Name: etl}))
	},
	"secret": func(f *fixture) {
		f.must(f.operator.DeleteSecret(f.t.Context(), &cofferv1.DeleteSecretRequest{Name: "namespaces/acme/secrets/db", Force: true}))
	},
}

func TestAgent_revoked(t *testing.T) {
	for name, revoke := range revocations {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			r := f.start(nil)
			f.await("0")
			revoke(f)
			f.wantGone(r)
		})
	}
}

// wantGone waits until nothing is delivered or kept any more.
func (f *fixture) wantGone(r *running) {
	f.t.Helper()
	lost := r.awaitState(agent.Lost)
	f.eventually("nothing is delivered or kept", func() bool { return f.empty() && f.kept() == 0 })
	if lost.Reason == "" || lost.Revision != 0 || r.Health().Healthy {
		f.t.Errorf("Health = %+v, want a reason, and no revision", lost)
	}
	f.wantTold("the server refuses; removing what was delivered")
}

// What was revoked while the server was away goes when it is back, also if the agent was restarted meanwhile, and what was kept
// counts no more.
func TestAgent_revokedMeanwhile(t *testing.T) {
	for name, revoke := range revocations {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			r := f.start(nil)
			f.await("0")
			f.stop()
			r.awaitState(agent.Stale)
			r.stop()
			r = f.start(nil)
			r.awaitState(agent.Stale)
			f.elsewhere(func() { revoke(f) })
			if !f.has("0") {
				t.Fatal("the files went while the server was away")
			}
			f.restart()
			f.wantGone(r)
			f.stop()
			r.stop()
			f.start(nil)
			f.eventually("the agent finds nothing kept", func() bool { return strings.Contains(f.told.String(), "nothing is kept that can be delivered") })
			if !f.empty() {
				t.Error("what was revoked came back")
			}
		})
	}
}

// What was revoked is not delivered from the cache, even if it could not be removed there.
func TestAgent_revokedIsNotRecalled(t *testing.T) {
	f := newFixture(t)
	r := f.start(nil)
	f.await("0")
	f.eventually("it is kept", func() bool { return f.kept() == 1 })
	entries, err := filepath.Glob(filepath.Join(f.cache.Dir, "*.bundle"))
	f.must(nil, err)
	content, err := os.ReadFile(entries[0])
	f.must(nil, err)
	revocations["grant"](f)
	f.wantGone(r)
	f.must(nil, os.WriteFile(entries[0], content, 0o600))
	f.stop()
	f.eventually("the agent has asked again", func() bool { return strings.Contains(f.told.String(), "nothing is kept that can be delivered") })
	if !f.empty() {
		t.Error("what was revoked came back")
	}
}

func TestAgent_grantedAgain(t *testing.T) {
	f := newFixture(t)
	r := f.start(nil)
	f.await("0")
	revocations["grant"](f)
	f.wantGone(r)
	f.Grant("namespaces/acme", "again", "serviceAccount:namespaces/acme/serviceAccounts/etl", "workload", etl)
	f.await("0")
	r.awaitState(agent.Fresh)
}

// Only the server can say that a right is gone. What is wrong on this side of it, or with what would be delivered next,
// takes nothing away.
func TestAgent_faultsThatTakeNothingAway(t *testing.T) {
	t.Run("token's file", func(t *testing.T) {
		f := newFixture(t)
		r := f.start(nil)
		f.await("0")
		r.stop()
		token, err := os.ReadFile(f.tokenFile)
		f.must(nil, err)
		c, err := client.New(client.Config{Address: "http://" + f.port, TokenSource: func(context.Context) (string, error) {
			content, err := os.ReadFile(f.tokenFile)
			return string(content), err
		}})
		f.must(nil, err)
		t.Cleanup(func() { _ = c.Close() })
		r = f.start(func(config *agent.Config) {
			config.Client = c
			f.must(nil, os.Remove(f.tokenFile))
		})
		r.awaitState(agent.Stale)
		if !f.has("0") || f.kept() != 1 {
			t.Error("what was delivered or kept is gone")
		}
		f.writeToken(string(token))
		r.awaitState(agent.Fresh)
	})
	t.Run("projection that cannot be rendered", func(t *testing.T) {
		f := newFixture(t)
		r := f.start(nil)
		f.await("0")
		f.must(f.operator.AddSecretVersion(t.Context(), &cofferv1.AddSecretVersionRequest{
			Parent: "namespaces/acme/secrets/db", Payload: &cofferv1.Payload{Data: map[string]string{"username": "alone"}},
		}))
		stale := r.awaitState(agent.Stale)
		if !f.has("0") || f.kept() != 1 {
			t.Error("what was delivered or kept is gone")
		}
		// Nobody is to take it for a server that is away.
		if r.Health().Healthy || stale.Healthy || !strings.Contains(stale.Reason, `"password"`) {
			t.Errorf("Health = %+v, want the key that is missing, and it not healthy", stale)
		}
		f.wantTold("there is a newer state that cannot be delivered")
		f.wantTold(`has no key \"password\"`)
		f.rotate("1")
		f.await("1")
		r.awaitState(agent.Fresh)
	})
	t.Run("directory", func(t *testing.T) {
		f := newFixture(t)
		r := f.start(nil)
		f.await("0")
		f.must(nil, os.Remove(filepath.Join(f.dir, "password")))
		mine := filepath.Join(f.dir, "password")
		f.must(nil, os.WriteFile(mine, []byte("mine"), 0o600))
		f.rotate("1")
		if lost := r.awaitState(agent.Lost); !strings.Contains(lost.Reason, "password is in the way") || lost.Healthy {
			t.Errorf("Health = %+v, want the reason", lost)
		}
		f.must(nil, os.Remove(mine))
		f.await("1")
		r.awaitState(agent.Fresh)
	})
}

// The cache is of use or is not; it keeps nothing from being delivered.
func TestAgent_cache(t *testing.T) {
	alter := func(f *fixture) {
		entries, err := filepath.Glob(filepath.Join(f.cache.Dir, "*.bundle"))
		f.must(nil, err)
		for _, entry := range entries {
			content, err := os.ReadFile(entry)
			f.must(nil, err)
			content[len(content)-1] ^= 1
			f.must(nil, os.WriteFile(entry, content, 0o600))
		}
	}
	for _, test := range []struct {
		name   string
		damage func(*fixture)
		told   string
		stays  bool // what is in the directory
	}{
		{"altered", alter, "altered", true},
		{"key gone", func(f *fixture) { f.cache.KeyDir = memoryDir(f.t) }, "its key is gone", true},
		{"too old", func(f *fixture) { f.cache.MaxAge = time.Nanosecond }, "too old; removed the files", false},
		{"off", func(f *fixture) { f.cache = nil }, "nothing is kept", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			r := f.start(nil)
			f.await("0")
			f.stop()
			r.stop()
			test.damage(f)
			r = f.start(nil)
			f.eventually("the agent tells "+test.told, func() bool { return strings.Contains(f.told.String(), test.told) })
			r.awaitState(agent.Lost)
			if test.stays && !f.has("0") || !test.stays && !f.empty() {
				t.Errorf("the files stayed: %t, want %t", f.has("0"), test.stays)
			}
			f.restart()
			f.await("0")
			r.awaitState(agent.Fresh)
		})
	}
}

// What is kept ages from when the server last said that it is in force, not from when it changed.
func TestAgent_keptSinceTheLastSignOfLife(t *testing.T) {
	f := newFixture(t)
	var later atomic.Int64
	f.cache.Clock = func() (time.Time, time.Duration) {
		d := time.Duration(later.Load())
		return time.Now().Add(d), time.Hour + d
	}
	r := f.start(nil)
	f.await("0")
	later.Store(int64(25 * time.Hour))
	f.stop()
	r.awaitState(agent.Stale)
	f.restart() // the stream that is opened again begins with a sign of life
	r.awaitState(agent.Fresh)
	f.stop()
	r.awaitState(agent.Stale)
	r.stop()
	r = f.start(nil)
	r.awaitState(agent.Stale)
	if !f.has("0") {
		t.Error("what was in force when the server went is gone")
	}
}

// When Run returns, nothing is written any more, also not what came from the cache at that moment.
func TestAgent_endsWhileTheCacheIsAsked(t *testing.T) {
	f := newFixture(t)
	f.must(nil, f.once(t.Context(), nil))
	f.stop()
	silent := listenAndSaySoNot(t, f.port)
	defer silent()
	asked, answer := make(chan bool), make(chan bool)
	f.cache.Clock = func() (time.Time, time.Duration) {
		asked <- true
		<-answer
		return time.Now(), machineRuns()
	}
	f.cache.MaxAge = time.Hour
	go func() { <-asked; answer <- true }() // when it is opened
	r := f.start(func(c *agent.Config) { c.Patience, c.RemoveOnExit = time.Millisecond, true })
	<-asked
	ended := make(chan bool)
	go func() {
		defer close(ended)
		r.stop()
	}()
	select {
	case <-ended:
		t.Error("Run returned while the cache was asked")
	case <-time.After(100 * time.Millisecond): // it should never
	}
	close(answer)
	<-ended
	if !f.empty() {
		t.Error("files are there that were to be removed at the end")
	}
}

// machineRuns is how long the machine has been running.
func machineRuns() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &t)
	return time.Duration(t.Nano())
}

func TestOnce(t *testing.T) {
	f := newFixture(t)
	if err := f.once(t.Context(), nil); err != nil || !f.has("0") {
		t.Fatalf("Once: %v, files: %t", err, f.has("0"))
	}
	f.projection("other")
	both := func(c *agent.Config) {
		c.Projections = append(c.Projections, agent.Projection{Resource: "namespaces/acme/projections/other", Dir: f.dir + "-other"})
	}
	err := f.once(t.Context(), both)
	if !errors.Is(err, client.ErrDenied) || !strings.Contains(err.Error(), "projection other") {
		t.Errorf("Once, with one that may not be had: %v, want ErrDenied", err)
	}
	f.Grant("namespaces/acme", "other", "serviceAccount:namespaces/acme/serviceAccounts/etl", "workload", "namespaces/acme/projections/other")
	if err := f.once(t.Context(), both); err != nil {
		t.Errorf("Once, with two: %v", err)
	}
	if _, err := os.Stat(filepath.Join(f.dir+"-other", "password")); err != nil {
		t.Error(err)
	}

	// With the server away: from what was kept, or not at all.
	f.stop()
	if err := f.once(t.Context(), both); err != nil {
		t.Errorf("Once, with what was kept: %v", err)
	}
	f.wantTold("delivering the last known good bundle")
	f.cache = nil
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := f.once(ctx, nil); err == nil || !strings.Contains(err.Error(), "not delivered in time") {
		t.Errorf("Once, without a server: %v, want that it was not in time", err)
	}
}

// A server that takes the connection and says nothing is as good as away.
func TestAgent_serverIsSilent(t *testing.T) {
	f := newFixture(t)
	f.must(nil, f.once(t.Context(), nil))
	f.stop()
	silent := listenAndSaySoNot(t, f.port)
	defer silent()
	r := f.start(func(c *agent.Config) { c.Patience = 50 * time.Millisecond })
	stale := r.awaitState(agent.Stale)
	if stale.Reason != "the server takes long to answer" {
		t.Errorf("Health = %+v, want the reason", stale)
	}
}

func TestNew_refuses(t *testing.T) {
	f := newFixture(t)
	other := agent.Projection{Name: "other", Resource: "namespaces/acme/projections/other", Dir: f.dir + "-other"}
	for name, change := range map[string]func(*agent.Config){
		"no projection": func(c *agent.Config) { c.Projections = nil },
		"too many":      func(c *agent.Config) { c.Projections = make([]agent.Projection, 101) },
		"one name twice": func(c *agent.Config) {
			c.Projections = append(c.Projections, agent.Projection{Resource: "namespaces/other/projections/etl", Dir: f.dir + "-2"})
		},
		"one dir twice": func(c *agent.Config) {
			other.Dir = filepath.Join(f.dir, "..", "secrets")
			c.Projections = append(c.Projections, other)
		},
		"delivered nowhere": func(c *agent.Config) { c.Projections[0].Dir = "" },
		"others may write":  func(c *agent.Config) { c.Projections[0].DirMode = 0o770 },
		"not ours to enter": func(c *agent.Config) { c.Projections[0].DirMode = 0o055 },
		"name with a slash": func(c *agent.Config) { c.Projections[0].Name = "a/b" },
		"command and signal": func(c *agent.Config) {
			c.Projections[0].OnChange = agent.OnChange{Command: []string{"true"}, Signal: syscall.SIGHUP, PIDFile: "x"}
		},
		"signal to nobody":  func(c *agent.Config) { c.Projections[0].OnChange = agent.OnChange{Signal: syscall.SIGHUP} },
		"nothing signalled": func(c *agent.Config) { c.Projections[0].OnChange = agent.OnChange{PIDFile: "x"} },
		"endless command": func(c *agent.Config) {
			c.Projections[0].OnChange = agent.OnChange{Command: []string{"true"}, Timeout: time.Hour}
		},
	} {
		if _, err := agent.New(f.config(change)); !errors.Is(err, agent.ErrConfig) {
			t.Errorf("New, %s: %v, want ErrConfig", name, err)
		}
	}
	f.must(nil, os.Mkdir(f.dir, 0o700))
	f.must(nil, os.Chmod(f.dir, 0o770))
	if _, err := agent.New(f.config(nil)); !errors.Is(err, delivery.ErrUnsafe) {
		t.Errorf("New, with a directory that others can write to: %v, want ErrUnsafe", err)
	}
	f.must(nil, os.Chmod(f.dir, 0o700))
	f.start(nil)
	if _, err := agent.New(f.config(nil)); !errors.Is(err, delivery.ErrTaken) {
		t.Errorf("New, with a directory of another agent: %v, want ErrTaken", err)
	}
}
