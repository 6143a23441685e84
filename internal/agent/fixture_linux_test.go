package agent_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/agent"
	"github.com/coffer-dev/coffer/internal/lastgood"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
	"github.com/coffer-dev/coffer/pkg/client"
)

const (
	etl = "namespaces/acme/projections/etl"
	// marker is in every value, and must be in nothing that is told.
	marker = "pass-word"
)

// fixture is a server with a secret, a projection of it, and an account that may render that.
type fixture struct {
	*servertest.Server
	t         *testing.T
	port      string           // the server's, also after a restart
	operator  *client.Client   // of the port of that moment
	tokenFile string           // of the account
	dir       string           // of the files
	cache     *lastgood.Config // of the agents
	told      *told
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, port: "127.0.0.1:0", dir: filepath.Join(t.TempDir(), "secrets"), told: &told{}}
	f.Server = servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.HTTP = f.port }})
	f.port = f.HTTPAddr()
	f.connect()
	f.Namespace("acme")
	f.must(f.operator.CreateSecret(t.Context(), &cofferv1.CreateSecretRequest{
		Parent: "namespaces/acme", SecretId: "db", Secret: &cofferv1.Secret{Payload: payload("0")},
	}))
	f.projection("etl")
	f.tokenFile = filepath.Join(t.TempDir(), "token")
	f.writeToken(f.Account("namespaces/acme", "etl", "workload", etl))
	f.cache = &lastgood.Config{Dir: filepath.Join(t.TempDir(), "cache"), KeyDir: memoryDir(t)}
	t.Cleanup(func() {
		if strings.Contains(f.told.String(), marker) {
			t.Errorf("the log holds a value:\n%s", f.told)
		}
		if t.Failed() {
			t.Logf("the agents told:\n%s", f.told)
		}
	})
	return f
}

// memoryDir is a directory in memory that goes with the test.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "coffer-test-") //nolint:usetesting // t.TempDir may be on a disk
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// takeAway moves path out of the agent's sight, all at once: removing its files one by one races with the agent, which puts
// them back.
func (f *fixture) takeAway(path string) {
	f.t.Helper()
	f.must(nil, os.Rename(path, filepath.Join(f.t.TempDir(), "taken")))
}

func (f *fixture) must(_ any, err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) connect() {
	f.t.Helper()
	c, err := client.New(client.Config{Address: f.URL(), Token: f.OperatorToken})
	f.must(nil, err)
	f.t.Cleanup(func() { _ = c.Close() })
	f.operator = c
}

func (f *fixture) writeToken(token string) {
	f.t.Helper()
	f.must(nil, os.WriteFile(f.tokenFile, []byte(token), 0o600))
}

func password(n string) string { return marker + "-" + n }

func payload(n string) *cofferv1.Payload {
	return &cofferv1.Payload{Data: map[string]string{"password": password(n), "username": "user-" + n}}
}

// projection makes one that delivers a variable and two files.
func (f *fixture) projection(id string) {
	f.t.Helper()
	f.must(f.operator.CreateProjection(f.t.Context(), &cofferv1.CreateProjectionRequest{
		Parent: "namespaces/acme", ProjectionId: id, Projection: &cofferv1.Projection{Items: []*cofferv1.Projection_Item{
			{Secret: "db", Key: "password", Env: "PGPASSWORD"},
			{Secret: "db", Key: "password", File: &cofferv1.Projection_File{Path: "password"}},
			{Secret: "db", AllKeys: true, File: &cofferv1.Projection_File{Path: "conf/db.properties", Format: cofferv1.Projection_PROPERTIES}},
		}},
	}))
}

func (f *fixture) rotate(n string) {
	f.t.Helper()
	f.must(f.operator.AddSecretVersion(f.t.Context(), &cofferv1.AddSecretVersionRequest{Parent: "namespaces/acme/secrets/db", Payload: payload(n)}))
}

// stop stops the server.
func (f *fixture) stop() {
	f.t.Helper()
	f.must(nil, f.Stop())
}

// restart starts the server again, where it was.
func (f *fixture) restart() {
	f.t.Helper()
	f.Restart()
	f.connect()
}

// elsewhere starts the server where no agent looks for it, does something, and stops it.
func (f *fixture) elsewhere(do func()) {
	f.t.Helper()
	port := f.port
	f.port = "127.0.0.1:0"
	f.restart()
	do()
	f.stop()
	f.port = port
}

// running is an agent under way.
type running struct {
	*agent.Agent
	f    *fixture
	stop func()
}

// config is that of an agent of the projection etl.
func (f *fixture) config(change func(*agent.Config)) agent.Config {
	f.t.Helper()
	c, err := client.New(client.Config{Address: "http://" + f.port, TokenFile: f.tokenFile})
	f.must(nil, err)
	f.t.Cleanup(func() { _ = c.Close() })
	config := agent.Config{
		Client: c, Address: "http://" + f.port, Jitter: -1, Tend: time.Hour,
		Projections: []agent.Projection{{Resource: etl, Dir: f.dir}},
		Logger:      slog.New(slog.NewTextHandler(f.told, nil)),
	}
	if f.cache != nil {
		cache, err := lastgood.Open(*f.cache)
		f.must(nil, err)
		f.t.Cleanup(func() { _ = cache.Close() })
		config.Cache = cache
	}
	if change != nil {
		change(&config)
	}
	return config
}

// start runs an agent until the test or stop ends it.
func (f *fixture) start(change func(*agent.Config)) *running {
	f.t.Helper()
	a, err := agent.New(f.config(change))
	f.must(nil, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	r := &running{Agent: a, f: f, stop: sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			f.t.Errorf("Run: %v", err)
		}
		if err := a.Close(); err != nil {
			f.t.Errorf("Close: %v", err)
		}
	})}
	f.t.Cleanup(r.stop)
	return r
}

// once runs an agent that delivers everything one time.
func (f *fixture) once(ctx context.Context, change func(*agent.Config)) error {
	f.t.Helper()
	a, err := agent.New(f.config(change))
	f.must(nil, err)
	defer a.Close()
	return a.Once(ctx)
}

func (f *fixture) eventually(what string, is func() bool) {
	f.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if is() {
			return
		}
	}
	f.t.Fatalf("it never came that %s", what)
}

// awaitState waits until the first projection is in a state.
func (r *running) awaitState(want agent.State) agent.ProjectionHealth {
	r.f.t.Helper()
	r.f.eventually("the projection is "+string(want), func() bool { return r.Health().Projections[0].State == want })
	return r.Health().Projections[0]
}

// has tells whether the files are those of a version.
func (f *fixture) has(n string) bool {
	for path, want := range map[string]string{
		"password": password(n), "conf/db.properties": fmt.Sprintf("password=%s\nusername=user-%s\n", password(n), n),
	} {
		content, err := os.ReadFile(filepath.Join(f.dir, path))
		if err != nil || string(content) != want {
			return false
		}
	}
	return true
}

func (f *fixture) await(n string) {
	f.t.Helper()
	f.eventually("the files are those of version "+n, func() bool { return f.has(n) })
}

// empty tells whether nothing at all is delivered.
func (f *fixture) empty() bool {
	entries, err := os.ReadDir(f.dir)
	return err == nil && len(entries) == 0
}

// kept is how many bundles are in the cache.
func (f *fixture) kept() int {
	f.t.Helper()
	entries, err := filepath.Glob(filepath.Join(f.cache.Dir, "*.bundle"))
	f.must(nil, err)
	return len(entries)
}

func (f *fixture) wantTold(text string) {
	f.t.Helper()
	if !strings.Contains(f.told.String(), text) {
		f.t.Errorf("the agent did not tell %q:\n%s", text, f.told)
	}
}

// told collects what agents log.
type told struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

// Write implements io.Writer.
func (l *told) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(p)
}

// String returns what was written.
func (l *told) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}
