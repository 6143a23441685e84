package agent_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/agent"
)

func (f *fixture) onChange(change agent.OnChange) func(*agent.Config) {
	return func(c *agent.Config) { c.Projections[0].OnChange = change }
}

// lines are what a command has written.
func (f *fixture) lines(path string) []string {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return strings.Fields(string(content))
}

func TestOnChange_command(t *testing.T) {
	f := newFixture(t)
	t.Setenv("COFFER_TOKEN", "none-of-its-business")
	seen := filepath.Join(t.TempDir(), "seen")
	// What the command finds is what it is told of.
	script := fmt.Sprintf(`echo "$COFFER_PROJECTION:$(cat "$COFFER_FILES/password"):$COFFER_TOKEN" >> %s; cat "$COFFER_FILES/password"`, seen)
	change := f.onChange(agent.OnChange{Command: []string{"sh", "-c", script}})
	r := f.start(change)
	for i := range 3 {
		if i > 0 {
			f.rotate(strconv.Itoa(i))
		}
		f.eventually("the command has run", func() bool { return len(f.lines(seen)) > i })
		if got, want := f.lines(seen)[i], "etl:"+password(strconv.Itoa(i))+":"; got != want {
			t.Errorf("change %d: the command found %s, want %s", i, got, want)
		}
	}
	// A restart of the agent or of the server, and what was kept and then comes from the server, changes nothing.
	r.stop()
	r = f.start(change)
	r.awaitState(agent.Fresh)
	f.stop()
	r.awaitState(agent.Stale)
	r.stop()
	r = f.start(change)
	r.awaitState(agent.Stale)
	f.restart()
	r.awaitState(agent.Fresh)
	f.rotate("3")
	f.eventually("the command has run", func() bool { return len(f.lines(seen)) > 3 })
	if got := f.lines(seen); len(got) != 4 || got[3] != "etl:"+password("3")+":" {
		t.Errorf("it ran for %v, want it four times, the last for version 3", got)
	}
}

// Commands run one at a time, whatever they are for.
func TestOnChange_serialised(t *testing.T) {
	f := newFixture(t)
	const others = 4
	dir := t.TempDir()
	command := []string{"sh", "-c", fmt.Sprintf(`cd %s; mkdir busy || touch overlap; sleep 0.05; rmdir busy; echo ran >> ran`, dir)}
	f.start(func(c *agent.Config) {
		c.Projections[0].OnChange.Command = command
		for i := range others {
			p := c.Projections[0]
			p.Name, p.Dir = fmt.Sprint("other", i), f.dir+strconv.Itoa(i)
			c.Projections = append(c.Projections, p)
		}
	})
	f.eventually("all commands have run", func() bool { return len(f.lines(filepath.Join(dir, "ran"))) == 1+others })
	if _, err := os.Stat(filepath.Join(dir, "overlap")); err == nil {
		t.Error("two ran at a time")
	}
}

// While a command runs, what is delivered and what is revoked reach every projection. Changes that came meanwhile are one.
func TestOnChange_holdsUpNothing(t *testing.T) {
	f := newFixture(t)
	dir := t.TempDir()
	seen, next := filepath.Join(dir, "seen"), filepath.Join(dir, "next")
	script := fmt.Sprintf(`cat "$COFFER_FILES/password" >> %s; echo >> %[1]s; until rm %s; do sleep 0.02; done`, seen, next)
	f.projection("other")
	f.Grant("namespaces/acme", "other", "serviceAccount:namespaces/acme/serviceAccounts/etl", "workload", "namespaces/acme/projections/other")
	r := f.start(func(c *agent.Config) {
		c.Projections[0].OnChange = agent.OnChange{Command: []string{"sh", "-c", script}, Timeout: 10 * time.Minute}
		c.Projections = append(c.Projections, agent.Projection{Resource: "namespaces/acme/projections/other", Dir: f.dir + "-other"})
	})
	ran := func(n int) {
		t.Helper()
		f.eventually(fmt.Sprint(n, " commands have begun"), func() bool { return len(f.lines(seen)) == n })
	}
	ran(1)
	for i := range 5 {
		f.rotate(strconv.Itoa(i + 1))
		f.await(strconv.Itoa(i + 1))
	}
	f.must(nil, os.WriteFile(next, nil, 0o600))
	ran(2)
	f.rotate("6")
	f.await("6")
	f.must(nil, os.WriteFile(next, nil, 0o600))
	ran(3)
	if diff := cmp.Diff([]string{password("0"), password("5"), password("6")}, f.lines(seen)); diff != "" {
		t.Errorf("the commands found (-want +got):\n%s", diff)
	}

	f.must(f.operator.DeleteGrant(t.Context(), &cofferv1.DeleteGrantRequest{Name: "namespaces/acme/grants/other"}))
	f.eventually("what was revoked of the other is gone", func() bool { return r.Health().Projections[1].State == agent.Lost })
	revocations["grant"](f)
	f.wantGone(r)
	f.must(nil, os.WriteFile(next, nil, 0o600))
}

// A command that hangs, fails or is not there is told of, keeps nothing from being delivered, and leaves no process behind.
func TestOnChange_fails(t *testing.T) {
	for name, test := range map[string]struct {
		change agent.OnChange
		want   string
	}{
		"hangs":        {agent.OnChange{Command: []string{"sh", "-c", "trap '' TERM; sleep 1000 & sleep 1000"}, Timeout: 50 * time.Millisecond}, "deadline exceeded"},
		"fails":        {agent.OnChange{Command: []string{"sh", "-c", "cat \"$COFFER_FILES/password\" >&2; exit 7"}}, "exit status 7"},
		"is not there": {agent.OnChange{Command: []string{"/no/such/command"}}, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			r := f.start(f.onChange(test.change))
			f.eventually("the failure is told", func() bool { return strings.Contains(r.Health().Projections[0].OnChange, test.want) })
			f.wantTold(test.want)
			f.rotate("1")
			f.await("1")
			r.awaitState(agent.Fresh)
		})
	}
}

func TestOnChange_signal(t *testing.T) {
	f := newFixture(t)
	dir := t.TempDir()
	seen, pidFile := filepath.Join(dir, "seen"), filepath.Join(dir, "pid")
	child := exec.CommandContext(t.Context(), "sh", "-c", fmt.Sprintf(
		`trap 'cat %s/password >> %s; echo >> %[2]s' USR1; echo ready >> %[2]s; while :; do sleep 0.02; done`, f.dir, seen))
	f.must(nil, child.Start())
	t.Cleanup(func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	})
	f.eventually("the child is ready", func() bool { return len(f.lines(seen)) == 1 })
	r := f.start(f.onChange(agent.OnChange{Signal: syscall.SIGUSR1, PIDFile: pidFile}))
	f.eventually("the lack of a file is told", func() bool { return strings.Contains(r.Health().Projections[0].OnChange, "no such file") })

	f.must(nil, os.WriteFile(pidFile, []byte(strconv.Itoa(child.Process.Pid)+"\n"), 0o600))
	f.rotate("1")
	f.eventually("the child has heard", func() bool { return len(f.lines(seen)) == 2 })
	if got := f.lines(seen)[1]; got != password("1") {
		t.Errorf("the child found %s", got)
	}
	f.eventually("the failure is no more", func() bool { return r.Health().Projections[0].OnChange == "" })

	for i, content := range []string{"0", "-1", "1x", "", strconv.Itoa(os.Getpid()), strings.Repeat("9", 40)} {
		f.must(nil, os.WriteFile(pidFile, []byte(content), 0o600))
		f.rotate(fmt.Sprint("bad", i))
		f.eventually("a number that is none is told", func() bool {
			return strings.Contains(r.Health().Projections[0].OnChange, "no number of another process")
		})
		f.must(nil, os.WriteFile(pidFile, []byte(strconv.Itoa(child.Process.Pid)), 0o600))
		f.rotate(fmt.Sprint("good", i))
		f.eventually("the failure is no more", func() bool { return r.Health().Projections[0].OnChange == "" })
	}
	refused := func() bool { return strings.Contains(r.Health().Projections[0].OnChange, "nobody else can write") }
	f.must(nil, os.Chmod(pidFile, 0o666))
	f.rotate("others")
	f.eventually("a file that others can write is told", refused)
	if os.Geteuid() == 0 {
		f.must(nil, os.Chmod(pidFile, 0o600))
		f.rotate("mine")
		f.eventually("the failure is no more", func() bool { return r.Health().Projections[0].OnChange == "" })
		f.must(nil, os.Chown(pidFile, 65534, -1))
		f.rotate("foreign")
		f.eventually("a file of another user is told", refused)
	}
}
