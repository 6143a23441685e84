package agent_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/agent"
	"github.com/coffer-dev/coffer/pkg/client"
)

func tendOften(c *agent.Config) { c.Tend = 10 * time.Millisecond }

// What others take away comes again, whether or not anything changes.
func TestAgent_filesRemoved(t *testing.T) {
	f := newFixture(t)
	r := f.start(tendOften)
	f.await("0")
	for name, remove := range map[string]func(){
		"directory": func() { f.takeAway(f.dir) },
		"link":      func() { f.must(nil, os.Remove(filepath.Join(f.dir, "password"))) },
		"content":   func() { f.must(nil, os.Remove(filepath.Join(f.dir, "..data", "password"))) },
	} {
		remove()
		f.eventually("the files are there again after the loss of the "+name, func() bool { return f.has("0") })
	}
	f.takeAway(f.dir)
	f.rotate("1")
	f.await("1")
	r.awaitState(agent.Fresh)
	f.wantTold("they are in place again")
	// While the server is away too; that it is stays known.
	f.stop()
	r.awaitState(agent.Stale)
	f.takeAway(f.dir)
	f.await("1")
	if health := r.awaitState(agent.Stale); !health.Healthy || health.Reason == "" {
		t.Errorf("Health = %+v, want it healthy, with a reason", health)
	}
}

// As long as the files cannot be put in their place, nobody is told that all is well.
func TestAgent_directoryCannotBeMade(t *testing.T) {
	f := newFixture(t)
	f.dir = filepath.Join(f.dir, "below")
	f.must(nil, os.Mkdir(filepath.Dir(f.dir), 0o700))
	r := f.start(tendOften)
	f.await("0")
	r.awaitState(agent.Fresh)
	f.takeAway(filepath.Dir(f.dir))
	lost := r.awaitState(agent.Lost)
	if r.Health().Healthy || lost.Healthy || !strings.Contains(lost.Reason, "making the directory") {
		t.Errorf("Health = %+v, want it lost and why", lost)
	}
	f.rotate("1")
	f.eventually("the new bundle was tried", func() bool { return strings.Contains(f.told.String(), "cannot be put in its place") })
	if state := r.Health().Projections[0].State; state != agent.Lost {
		t.Errorf("after a change it is %s, want it lost", state)
	}
	f.must(nil, os.Mkdir(filepath.Dir(f.dir), 0o700))
	f.await("1")
	r.awaitState(agent.Fresh)
}

// A file in the way is told of once, and is not the server's fault.
func TestAgent_fileInTheWay(t *testing.T) {
	f := newFixture(t)
	f.must(nil, os.Mkdir(f.dir, 0o700))
	mine := filepath.Join(f.dir, "password")
	f.must(nil, os.WriteFile(mine, []byte("mine"), 0o600))
	err := f.once(t.Context(), nil)
	if err == nil || strings.Count(err.Error()+f.told.String(), "password is in the way") != 1 {
		t.Errorf("Once: %v, want that the file is in the way, once", err)
	}
	r := f.start(tendOften)
	f.eventually("the agent has said so", func() bool { return strings.Contains(f.told.String(), "password is in the way") })
	began := r.awaitState(agent.Lost)
	time.Sleep(3 * time.Second / 2) // it tries again after about a second
	if told := f.told.String(); strings.Count(told, "in the way") != 1 || strings.Contains(told, "the server gives nothing") {
		t.Errorf("the agent told:\n%s\nwant that the file is in the way, once", told)
	}
	if !strings.Contains(began.Reason, "password is in the way") {
		t.Errorf("Health = %+v, want the reason", began)
	}
	f.must(nil, os.Remove(mine))
	f.await("0")
	r.awaitState(agent.Fresh)
}

// Who waits in vain learns why: not that it took long, but that there is nobody.
func TestOnce_tellsTheCause(t *testing.T) {
	f := newFixture(t)
	f.cache = nil
	f.stop()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	err := f.once(ctx, func(c *agent.Config) { c.Patience = 300 * time.Millisecond })
	if !client.Away(err) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("Once: %v, want that the connection was refused", err)
	}
}

// That directories are on a disk is said once, of all of them.
func TestNew_onDisk(t *testing.T) {
	f := newFixture(t)
	f.dir = onDisk(t)
	a, err := agent.New(f.config(func(c *agent.Config) {
		c.Projections = append(c.Projections, agent.Projection{Name: "other", Resource: etl, Dir: f.dir + "-other"})
	}))
	f.must(nil, err)
	defer a.Close()
	t.Cleanup(func() { _ = os.RemoveAll(f.dir + "-other") })
	if told := f.told.String(); strings.Count(told, "on a disk") != 1 || !strings.Contains(told, f.dir+"-other]") {
		t.Errorf("the agent told:\n%s\nwant once that both are on a disk", told)
	}
}

// onDisk is a directory below that of the test, which is on a disk; t.TempDir may be in memory.
func onDisk(t *testing.T) string {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(here, "disk-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
