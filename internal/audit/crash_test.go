package audit_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/coffer-dev/coffer/internal/audit"
)

// crashDir tells the test binary that it is the child of TestCrash and where its log is.
const crashDir = "COFFER_TEST_AUDIT_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		fmt.Fprintln(os.Stderr, recordUntilKilled(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// fileCheckpoint survives its process.
type fileCheckpoint string

func (c fileCheckpoint) Load(context.Context) (state audit.State, err error) {
	b, err := os.ReadFile(string(c))
	if errors.Is(err, fs.ErrNotExist) {
		return state, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &state)
	}
	return state, err
}

func (c fileCheckpoint) Save(_ context.Context, state audit.State) error {
	b, err := json.Marshal(state)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(string(c)+".new", b, 0o600), os.Rename(string(c)+".new", string(c)))
}

func crashConfig(dir string) audit.Config {
	return audit.Config{
		Dir: dir, MAC: testMAC("key"), Checkpoint: fileCheckpoint(dir + ".checkpoint"), SegmentSize: 200 << 10,
	}
}

// recordUntilKilled records from several goroutines and prints the request ID of each acknowledged event.
func recordUntilKilled(dir string) error {
	ctx := context.Background()
	l, err := audit.Open(ctx, crashConfig(dir))
	if err != nil {
		return err
	}
	go func() { _ = l.Run(ctx) }()
	failed := make(chan error)
	var stdout sync.Mutex
	for c := range 8 {
		go func() {
			for i := 0; ; i++ {
				e := event(0)
				e.RequestID = fmt.Sprintf("%d-%d-%d", os.Getpid(), c, i)
				if err := l.Record(ctx, e, audit.Durability(i%50/49)); err != nil {
					failed <- err
					return
				}
				stdout.Lock()
				fmt.Println(e.RequestID)
				stdout.Unlock()
				l.Outcome(&audit.Event{Kind: audit.KindOutcome, RequestID: e.RequestID})
			}
		}()
	}
	return <-failed
}

// killOne runs a child and kills it after it acknowledged n events. It returns the IDs of all it acknowledged.
func killOne(t *testing.T, dir string, n int) []string {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashDir+"="+dir)
	var complaint strings.Builder
	child.Stderr = &complaint
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	lines := bufio.NewReader(stdout)
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // a half line was not acknowledged
			break
		}
		if acknowledged = append(acknowledged, strings.TrimSuffix(line, "\n")); len(acknowledged) == n {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait()
	if len(acknowledged) < n {
		t.Fatalf("child ended by itself after %d events: %s", len(acknowledged), &complaint)
	}
	return acknowledged
}

func TestCrash_acknowledgedRecordsSurviveSIGKILL(t *testing.T) {
	dir := t.TempDir() + "/audit"
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, seed))
	t.Logf("seed %d", seed)
	acknowledged := make(map[string]bool)
	for round := range 10 {
		for _, id := range killOne(t, dir, 1+random.IntN(1000)) {
			acknowledged[id] = true
		}
		l, err := audit.Open(t.Context(), crashConfig(dir))
		if err != nil {
			t.Fatalf("Open after kill %d: %v", round, err)
		}
		if _, err := l.Verify(t.Context()); err != nil {
			t.Fatalf("Verify after kill %d: %v", round, err)
		}
		closeLog(t, l)
	}
	l := open(t, crashConfig(dir))
	tend(t, l) // what the kills left of indexes is of no harm
	for _, e := range list(t, l, audit.Query{Kind: audit.KindDecision, PageSize: 1000}) {
		delete(acknowledged, e.RequestID)
	}
	if len(acknowledged) > 0 {
		t.Errorf("%d acknowledged events are not in the log", len(acknowledged))
	}
}
