package audit_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
)

// testMAC is HMAC-SHA-256 with a key of its own.
type testMAC string

func (m testMAC) Sum(data []byte) []byte {
	h := hmac.New(sha256.New, []byte(m))
	h.Write(data)
	return h.Sum(nil)
}

// memoryCheckpoint is what the store would keep.
type memoryCheckpoint struct {
	mu    sync.Mutex
	state audit.State
}

func (c *memoryCheckpoint) Load(context.Context) (audit.State, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state, nil
}

func (c *memoryCheckpoint) Save(_ context.Context, state audit.State) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = state
	return nil
}

func newConfig(t testing.TB) audit.Config {
	t.Helper()
	return audit.Config{
		Dir:        filepath.Join(t.TempDir(), "audit"),
		MAC:        testMAC("key"),
		Checkpoint: &memoryCheckpoint{},
		Logger:     slog.New(slog.DiscardHandler),
	}
}

func open(t testing.TB, cfg audit.Config) *audit.Log {
	t.Helper()
	l, err := audit.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	return l
}

func closeLog(t testing.TB, l *audit.Log) {
	t.Helper()
	if err := l.Close(t.Context()); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

func event(i int) *audit.Event {
	return &audit.Event{
		Kind:        audit.KindDecision,
		RequestID:   fmt.Sprintf("6a4e5f0e-7c0a-4d6e-9c65-%012d", i),
		Principal:   "serviceAccount:namespaces/acme/serviceAccounts/etl",
		AuthnMethod: "token",
		TokenName:   "namespaces/acme/serviceAccounts/etl/tokens/t1",
		Source:      "10.1.2.3:51234",
		Method:      "/coffer.v1.SecretService/AccessSecretVersion",
		Action:      "secret:access",
		Resource:    fmt.Sprintf("namespaces/acme/secrets/orders-%d", i),
		ResourceUID: "0190c0de-0000-7000-8000-000000000001",
		Decision:    audit.Allow,
		Reasons:     []string{"namespaces/acme/grants/g1", "role:secret-reader"},
	}
}

func record(t testing.TB, l *audit.Log, n int) {
	t.Helper()
	for i := range n {
		if err := l.Record(t.Context(), event(i), audit.Written); err != nil {
			t.Fatalf("Record(%d): %v", i, err)
		}
	}
}

func list(t testing.TB, l *audit.Log, q audit.Query) []audit.Event {
	t.Helper()
	var all []audit.Event
	for {
		page, err := l.List(t.Context(), q)
		if err != nil {
			t.Fatalf("List(%+v): %v", q, err)
		}
		all = append(all, page.Events...)
		if page.NextPageToken == "" {
			return all
		}
		q.PageToken = page.NextPageToken
	}
}

func verify(t testing.TB, l *audit.Log, want audit.Report) {
	t.Helper()
	got, err := l.Verify(t.Context())
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Verify (-want +got):\n%s", diff)
	}
}

func segmentFiles(t testing.TB, cfg audit.Config) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cfg.Dir, "audit-*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob: %v, %v", files, err)
	}
	return files
}

func read(t testing.TB, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t testing.TB, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLog_continuesAfterReopen(t *testing.T) {
	cfg := newConfig(t)
	for round := range 3 {
		l := open(t, cfg)
		record(t, l, 4)
		n := uint64(round+1) * 4
		verify(t, l, audit.Report{Records: n, FirstSeq: 1, LastSeq: n, Segments: 1})
		closeLog(t, l)
	}
}

func TestLog_emptyVerifies(t *testing.T) {
	verify(t, open(t, newConfig(t)), audit.Report{})
}

func TestRecord_roundTrip(t *testing.T) {
	l := open(t, newConfig(t))
	want := *event(1)
	want.Time = time.Date(2026, 11, 22, 1, 2, 3, 456789000, time.UTC)
	want.Client, want.Code, want.Detail = "coffer/1.0", "NOT_FOUND", "a remark"
	want.Duration, want.Count = 1500*time.Microsecond, 7
	if err := l.Record(t.Context(), &want, audit.Synced); err != nil {
		t.Fatalf("Record: %v", err)
	}
	want.Seq = 1
	if diff := cmp.Diff([]audit.Event{want}, list(t, l, audit.Query{})); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
}

func TestRecord_modes(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	record(t, l, 1)
	for path, want := range map[string]os.FileMode{cfg.Dir: 0o700, segmentFiles(t, cfg)[0]: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("Stat(%s) = %v, %v, want %v", path, info.Mode(), err, want)
		}
	}
}

func TestOpen_secondProcessRefused(t *testing.T) {
	cfg := newConfig(t)
	open(t, cfg)
	if _, err := audit.Open(t.Context(), cfg); !errors.Is(err, audit.ErrLocked) {
		t.Errorf("Open = %v, want ErrLocked", err)
	}
}

func TestOutcome_ridesTheNextGroup(t *testing.T) {
	cfg := newConfig(t)
	l := open(t, cfg)
	l.Outcome(&audit.Event{Kind: audit.KindOutcome, Code: "OK"})
	if got := read(t, segmentFiles(t, cfg)[0]); got != "" {
		t.Errorf("an outcome was written at once: %s", got)
	}
	record(t, l, 1)
	if got := strings.Count(read(t, segmentFiles(t, cfg)[0]), "\n"); got != 2 {
		t.Errorf("%d records written, want 2", got)
	}
}

func TestOutcome_noneLostWhenTheBufferIsFull(t *testing.T) {
	const callers, each = 8, 1000
	cfg := newConfig(t)
	l := open(t, cfg)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for range each {
				l.Outcome(&audit.Event{Kind: audit.KindOutcome, Code: "OK"})
			}
		})
	}
	wg.Wait()
	if got := strings.Count(read(t, segmentFiles(t, cfg)[0]), "\n"); got < callers*each-1100 {
		t.Errorf("%d outcomes on disk: the buffer is not bounded", got)
	}
	closeLog(t, l)
	l = open(t, cfg)
	verify(t, l, audit.Report{Records: callers * each, FirstSeq: 1, LastSeq: callers * each, Segments: 1})
}

func TestRecord_concurrentCallers(t *testing.T) {
	const callers, each = 16, 200
	cfg := newConfig(t)
	cfg.SegmentSize = 100 << 10
	l := open(t, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	var background, wg sync.WaitGroup
	background.Go(func() { _ = l.Run(ctx) })
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				e, d := event(c*each+i), audit.Written
				if i%20 == 0 {
					d = audit.Synced
				}
				if err := l.Record(ctx, e, d); err != nil {
					t.Errorf("Record: %v", err)
				}
				e.Kind = audit.KindOutcome
				l.Outcome(e)
				if c < 3 && i == each/2 {
					if _, err := l.Verify(ctx); err != nil {
						t.Errorf("Verify while recording: %v", err)
					}
					if _, err := l.List(ctx, audit.Query{}); err != nil {
						t.Errorf("List while recording: %v", err)
					}
				}
			}
		})
	}
	wg.Wait()
	cancel()
	background.Wait()
	closeLog(t, l)
	l = open(t, cfg)
	got, err := l.Verify(t.Context())
	if err != nil || got.Records != 2*callers*each || got.Segments < 5 {
		t.Errorf("Verify = %+v, %v, want %d records in several segments", got, err, 2*callers*each)
	}
	seen := make(map[string]int)
	for _, e := range list(t, l, audit.Query{PageSize: 1000}) {
		seen[string(e.Kind)+e.RequestID]++
	}
	if len(seen) != 2*callers*each {
		t.Errorf("%d different events listed, want %d", len(seen), 2*callers*each)
	}
}

func TestRecord_cancelledCaller(t *testing.T) {
	l := open(t, newConfig(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Record(ctx, event(1), audit.Written); !errors.Is(err, context.Canceled) {
		t.Errorf("Record = %v, want context.Canceled", err)
	}
}

func TestRecord_afterClose(t *testing.T) {
	l := open(t, newConfig(t))
	closeLog(t, l)
	if err := l.Record(t.Context(), event(1), audit.Written); !errors.Is(err, audit.ErrUnavailable) {
		t.Errorf("Record = %v, want ErrUnavailable", err)
	}
	if err := l.Err(); !errors.Is(err, audit.ErrUnavailable) {
		t.Errorf("Err = %v, want ErrUnavailable", err)
	}
}
