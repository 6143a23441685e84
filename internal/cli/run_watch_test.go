package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
	"github.com/coffer-dev/coffer/pkg/client"
)

// workload is a server with a secret and a projection of it, and a token that may watch that alone.
type workload struct {
	*servertest.Server
	t       *testing.T
	c       *client.Client
	address string
	token   string // file
	home    string
	keys    string // directory in memory
}

const workloadProjection = "namespaces/acme/projections/etl"

func newWorkload(t *testing.T) *workload {
	t.Helper()
	w := &workload{t: t, address: "127.0.0.1:0", home: t.TempDir(), keys: memoryDir(t)}
	w.Server = servertest.Start(t, servertest.Config{Change: func(c *server.Config) { c.HTTP = w.address }})
	w.address = w.HTTPAddr()
	var err error
	if w.c, err = client.New(client.Config{Address: w.URL(), Token: w.OperatorToken}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.c.Close() })
	w.Namespace("acme")
	w.must(w.c.CreateSecret(t.Context(), &cofferv1.CreateSecretRequest{
		Parent: "namespaces/acme", SecretId: "db", Secret: &cofferv1.Secret{Payload: payloadOf("first-password")},
	}))
	w.must(w.c.CreateProjection(t.Context(), &cofferv1.CreateProjectionRequest{
		Parent: "namespaces/acme", ProjectionId: "etl", Projection: &cofferv1.Projection{Items: []*cofferv1.Projection_Item{
			{Secret: "db", Key: "password", Env: "PASSWORD"},
			{Secret: "db", Key: "password", File: &cofferv1.Projection_File{Path: "password"}},
		}},
	}))
	w.token = filepath.Join(w.home, "token")
	if err := os.WriteFile(w.token, []byte(w.Account("namespaces/acme", "etl", "workload", workloadProjection)), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

func payloadOf(password string) *cofferv1.Payload {
	return &cofferv1.Payload{Data: map[string]string{"password": password}}
}

func (w *workload) must(_ any, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *workload) rotate(password string) {
	w.t.Helper()
	w.must(w.c.AddSecretVersion(w.t.Context(), &cofferv1.AddSecretVersionRequest{Parent: "namespaces/acme/secrets/db", Payload: payloadOf(password)}))
}

// ran is a coffer run that is under way.
type ran struct {
	t    *testing.T
	cmd  *exec.Cmd
	told *lines
	out  *lines
}

// run starts coffer run with a shell script; the process is this test's binary as coffer.
func (w *workload) run(script string, flags ...string) *ran {
	w.t.Helper()
	coffer, err := exec.LookPath("coffer") // testscript.Main put it there
	if err != nil {
		w.t.Fatal(err)
	}
	r := &ran{t: w.t, told: &lines{}, out: &lines{}}
	args := append([]string{"run", "-p", workloadProjection}, flags...)
	r.cmd = exec.Command(coffer, append(args, "--", "sh", "-c", script)...)
	r.cmd.Env = append(os.Environ(), "COFFER_ADDR="+w.URL(), "COFFER_TOKEN_FILE="+w.token, "HOME="+w.home, "XDG_CACHE_HOME="+w.home,
		"COFFER_CACHE_KEY_DIR="+w.keys, "XDG_CONFIG_HOME="+w.home, "GORACE=atexit_sleep_ms=0")
	r.cmd.Stdout, r.cmd.Stderr = r.out, r.told
	if err := r.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = r.cmd.Process.Signal(syscall.SIGTERM)
		_ = r.cmd.Wait()
	})
	return r
}

// awaits returns once a file ends with the text.
func (r *ran) awaits(path, text string) {
	r.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if content, err := os.ReadFile(path); err == nil && bytes.HasSuffix(content, []byte(text)) {
			return
		}
	}
	r.t.Fatalf("%s never ended with %q; coffer told: %s", path, text, r.told)
}

// rotations is how often passwords are rotated in a row.
func rotations(t *testing.T) int {
	if n, err := strconv.Atoi(os.Getenv("COFFER_TEST_ROTATIONS")); err == nil {
		return n
	}
	t.Log("5 rotations; COFFER_TEST_ROTATIONS=100 makes more")
	return 5
}

// TestRunWatch_eachRotationArrives rotates a password again and again while a workload runs: it gets each, on the first
// try, by a restart and by a signal.
func TestRunWatch_eachRotationArrives(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		flags  []string
	}{
		"restart": {`printf '%s\n' "$PASSWORD" >> "$SEEN"; while :; do sleep 1; done`, []string{"--watch"}},
		"signal": {`trap 'cat "$COFFER_FILES/password" >> "$SEEN"; echo >> "$SEEN"' USR1; cat "$COFFER_FILES/password" >> "$SEEN"; echo >> "$SEEN"
			while :; do sleep 0.02; done`, []string{"--watch", "--on-change", "USR1"}},
		"command": {
			`cat "$COFFER_FILES/password" >> "$SEEN"; echo >> "$SEEN"; while :; do sleep 1; done`,
			[]string{"--watch", "--on-change", "command", "--change-command", `cat "$COFFER_FILES/password" >> "$SEEN"; echo >> "$SEEN"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkload(t)
			seen := filepath.Join(w.home, "seen")
			t.Setenv("SEEN", seen)
			r := w.run(c.script, c.flags...)
			r.awaits(seen, "first-password\n")
			var delays []time.Duration
			want := "first-password\n"
			for i := range rotations(t) {
				password := fmt.Sprintf("password-%d", i)
				began := time.Now()
				w.rotate(password)
				r.awaits(seen, password+"\n")
				delays = append(delays, time.Since(began))
				want += password + "\n"
			}
			got, err := os.ReadFile(seen)
			if err != nil || string(got) != want {
				t.Errorf("the workload saw, %v:\n%swant\n%s", err, got, want)
			}
			slices.Sort(delays)
			t.Logf("%d rotations by %s: median %v, most %v", len(delays), name, delays[len(delays)/2], delays[len(delays)-1])
			if strings.Contains(r.out.String()+r.told.String(), "password-") {
				t.Errorf("coffer run printed a value: %s%s", r.out, r.told)
			}
		})
	}
}

func TestRun_serverAway(t *testing.T) {
	w := newWorkload(t)
	seen := filepath.Join(w.home, "seen")
	t.Setenv("SEEN", seen)
	script := `cat "$COFFER_FILES/password" >> "$SEEN"; echo ":$PASSWORD" >> "$SEEN"`
	if err := w.run(script).cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	w.must(nil, w.Stop())
	r := w.run(script)
	if err := r.cmd.Wait(); err != nil {
		t.Fatalf("run without a server: %v: %s", err, r.told)
	}
	if !strings.Contains(r.told.String(), "the server is away") || !strings.Contains(r.told.String(), "going on with what it delivered at") {
		t.Errorf("coffer told %q", r.told)
	}
	got, err := os.ReadFile(seen)
	if err != nil || string(got) != strings.Repeat("first-password:first-password\n", 2) {
		t.Errorf("the workload saw %q, %v", got, err)
	}
	for _, flags := range [][]string{{"--no-cache"}, {"--cache-max-age", "1ns"}} {
		r := w.run(script, flags...)
		if err := r.cmd.Wait(); r.cmd.ProcessState.ExitCode() != 2 {
			t.Errorf("run %v without a server: %v: %s", flags, err, r.told)
		}
	}
	if err := filepath.WalkDir(w.home, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == seen {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte("first-password")) {
			t.Errorf("%s holds the password", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestRunWatch_goesOnAfterTheServer stops the server, starts it again, and rotates.
func TestRunWatch_goesOnAfterTheServer(t *testing.T) {
	w := newWorkload(t)
	seen := filepath.Join(w.home, "seen")
	t.Setenv("SEEN", seen)
	r := w.run(`printf '%s\n' "$PASSWORD" >> "$SEEN"; while :; do sleep 1; done`, "--watch")
	r.awaits(seen, "first-password\n")
	w.must(nil, w.Stop())
	for !strings.Contains(r.told.String(), "the server is away") {
		time.Sleep(10 * time.Millisecond)
	}
	w.Restart()
	w.rotate("after")
	r.awaits(seen, "first-password\nafter\n")
}

func TestRunWatch_revoked(t *testing.T) {
	w := newWorkload(t)
	seen := filepath.Join(w.home, "seen")
	t.Setenv("SEEN", seen)
	r := w.run(`printf '%s\n' "$PASSWORD" >> "$SEEN"; while :; do sleep 0.1; done`, "--watch", "--stop-on-revoked", "--grace-period", "1s")
	r.awaits(seen, "first-password\n")
	grants, err := w.c.ListGrants(t.Context(), &cofferv1.ListGrantsRequest{Parent: "namespaces/acme"})
	w.must(grants, err)
	for _, grant := range grants.GetGrants() {
		w.must(w.c.DeleteGrant(t.Context(), &cofferv1.DeleteGrantRequest{Name: grant.GetName()}))
	}
	if err := r.cmd.Wait(); r.cmd.ProcessState.ExitCode() != 128+int(syscall.SIGTERM) {
		t.Errorf("run ended with %v: %s", err, r.told)
	}
	w.must(nil, w.Stop())
	r = w.run(`true`)
	if err := r.cmd.Wait(); r.cmd.ProcessState.ExitCode() != 2 {
		t.Errorf("run with what was revoked, from the cache: %v: %s", err, r.told)
	}
}

// TestRunWatch_ends ends coffer run by a signal: the workload ends, is not started anew, and no file stays.
func TestRunWatch_ends(t *testing.T) {
	w := newWorkload(t)
	seen, files := filepath.Join(w.home, "seen"), filepath.Join(w.home, "files")
	t.Setenv("SEEN", seen)
	r := w.run(`trap 'echo ended >> "$SEEN"; exit 7' TERM; printf '%s\n' "$PASSWORD" >> "$SEEN"; while :; do sleep 0.05; done`, "--watch", "--file-dir", files)
	r.awaits(seen, "first-password\n")
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Wait(); r.cmd.ProcessState.ExitCode() != 7 {
		t.Errorf("run ended with %v: %s", err, r.told)
	}
	if got, err := os.ReadFile(seen); string(got) != "first-password\nended\n" {
		t.Errorf("the workload saw %q, %v", got, err)
	}
	if _, err := os.Stat(files); !os.IsNotExist(err) {
		t.Errorf("the files stay: %v", err)
	}
}

// TestRunWatch_masks: whatever the workload was given, at first or later, does not show in what it prints.
func TestRunWatch_masks(t *testing.T) {
	w := newWorkload(t)
	seen := filepath.Join(w.home, "seen")
	t.Setenv("SEEN", seen)
	r := w.run(`show() { echo "$PASSWORD"; cat "$COFFER_FILES/password"; echo; cat "$COFFER_FILES/password" >> "$SEEN"; }
		trap show USR1; show; while :; do sleep 0.02; done`, "--watch", "--on-change", "USR1")
	r.awaits(seen, "first-password")
	for _, password := range []string{"second-password", "third-password"} {
		w.rotate(password)
		r.awaits(seen, password)
	}
	for strings.Count(r.out.String(), "********") < 6 {
		if strings.Contains(r.out.String(), "-password") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if strings.Contains(r.out.String(), "-password") {
		t.Errorf("the workload printed %q", r.out)
	}
}

// TestRunWatch_kills: who does not end in time is killed, and started anew all the same.
func TestRunWatch_kills(t *testing.T) {
	w := newWorkload(t)
	seen := filepath.Join(w.home, "seen")
	t.Setenv("SEEN", seen)
	r := w.run(`trap '' TERM; printf '%s\n' "$PASSWORD" >> "$SEEN"; while :; do sleep 0.05; done`, "--watch", "--grace-period", "100ms")
	r.awaits(seen, "first-password\n")
	w.rotate("second")
	r.awaits(seen, "first-password\nsecond\n")
	if !strings.Contains(r.told.String(), "killing it") {
		t.Errorf("coffer told %s", r.told)
	}
	_ = r.cmd.Process.Signal(syscall.SIGKILL) // it would wait for one that does not end
}

// TestRunWatch_debounces: changes that follow each other closely are one.
func TestRunWatch_debounces(t *testing.T) {
	w := newWorkload(t)
	seen := filepath.Join(w.home, "seen")
	t.Setenv("SEEN", seen)
	r := w.run(`printf '%s\n' "$PASSWORD" >> "$SEEN"; while :; do sleep 0.05; done`, "--watch", "--debounce", "2s")
	r.awaits(seen, "first-password\n")
	for i := range 5 {
		w.rotate(fmt.Sprint("password-", i))
	}
	r.awaits(seen, "first-password\npassword-4\n")
}

// TestRunWatch_argumentsWithoutPlace: what comes with arguments that the command has no place for does not reach it, and
// what comes without them again does.
func TestRunWatch_argumentsWithoutPlace(t *testing.T) {
	w := newWorkload(t)
	seen := filepath.Join(w.home, "seen")
	t.Setenv("SEEN", seen)
	r := w.run(`echo "$PASSWORD:$*" >> "$SEEN"; while :; do sleep 0.05; done`, "--watch")
	r.awaits(seen, "first-password:\n")
	change := func(more *cofferv1.Projection_Item) {
		t.Helper()
		items := []*cofferv1.Projection_Item{{Secret: "db", Key: "password", Env: "PASSWORD"}, more}
		w.must(w.c.UpdateProjection(t.Context(), &cofferv1.UpdateProjectionRequest{
			Projection: &cofferv1.Projection{Name: workloadProjection, Items: items}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"items"}},
		}))
	}
	change(&cofferv1.Projection_Item{Secret: "db", Key: "password", Argument: new("")})
	for !strings.Contains(r.told.String(), "delivers arguments") {
		time.Sleep(5 * time.Millisecond)
	}
	change(&cofferv1.Projection_Item{Secret: "db", Key: "password", Env: "OTHER"})
	r.awaits(seen, strings.Repeat("first-password:\n", 2))
	if strings.Contains(r.told.String(), "-password") {
		t.Errorf("coffer told %s", r.told)
	}
}

// TestRunWatch_undeliverable: what no environment can carry does not end the workload, and the next change arrives.
func TestRunWatch_undeliverable(t *testing.T) {
	w := newWorkload(t)
	seen := filepath.Join(w.home, "seen")
	t.Setenv("SEEN", seen)
	r := w.run(`printf '%s\n' "$PASSWORD" >> "$SEEN"; while :; do sleep 0.05; done`, "--watch", "--debounce", "10ms")
	r.awaits(seen, "first-password\n")
	w.rotate(strings.Repeat("x", 200<<10))
	for !strings.Contains(r.told.String(), "the command goes on with what it has") {
		time.Sleep(10 * time.Millisecond)
	}
	w.rotate("second-password")
	r.awaits(seen, "first-password\nsecond-password\n")
	if strings.Contains(r.told.String(), "xxx") {
		t.Error("coffer told a value")
	}
}

// TestRunWatch_endsWhileStarting asks coffer to end as it starts the workload anew: whichever process is there then hears
// of it.
func TestRunWatch_endsWhileStarting(t *testing.T) {
	w := newWorkload(t)
	seen := filepath.Join(w.home, "seen")
	t.Setenv("SEEN", seen)
	for i := range 10 {
		r := w.run(`printf '%s\n' "$PASSWORD" >> "$SEEN"; while :; do sleep 0.05; done`, "--watch", "--debounce", "1ms")
		r.awaits(seen, "\n")
		password := fmt.Sprint("password-", i)
		w.rotate(password)
		r.awaits(seen, password+"\n")
		if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := r.cmd.Wait(); r.cmd.ProcessState.ExitCode() != 128+int(syscall.SIGTERM) {
			t.Fatalf("run ended with %v: %s", err, r.told)
		}
	}
}
