package audit_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
)

// manyEvents is how many events TestMany records; ten million are the measure:
//
//	COFFER_TEST_AUDIT_EVENTS=10000000 go test -run TestMany -v -timeout 1h ./internal/audit
const manyEvents = "COFFER_TEST_AUDIT_EVENTS"

// rarity is how many events there are for one of the wanted secret.
const rarity = 10_000

// call returns one of the two events of a call.
func call(i int) *audit.Event {
	e := event(i / 2)
	e.Resource = fmt.Sprintf("namespaces/team-%d/secrets/db-%d", i/2%4999%97, i/2%4999)
	e.Principal = fmt.Sprintf("serviceAccount:namespaces/team-%d/serviceAccounts/app-%d", i/2%97, i/2%503)
	if i%rarity == 0 {
		e.Resource = "namespaces/acme/secrets/wanted"
	}
	if i%2 == 1 {
		e.Kind, e.Decision, e.Action, e.Reasons, e.Code, e.Duration = audit.KindOutcome, "", "", nil, "OK", 123_456
	}
	return e
}

// recordCalls records the events of n/2 calls from several callers.
func recordCalls(t *testing.T, l *audit.Log, n int) {
	t.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				if err := l.Record(t.Context(), call(int(i)), audit.Written); err != nil {
					t.Errorf("Record: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// measured runs f and logs how long it took and how far the heap rose.
func measured(t *testing.T, what string, f func()) {
	t.Helper()
	runtime.GC()
	var before, peak runtime.MemStats
	runtime.ReadMemStats(&before)
	ctx, cancel := context.WithCancel(t.Context())
	var sampling sync.WaitGroup
	sampling.Go(func() {
		var now runtime.MemStats
		for ctx.Err() == nil {
			if runtime.ReadMemStats(&now); now.HeapAlloc > peak.HeapAlloc {
				peak = now
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	begin := time.Now()
	f()
	took := time.Since(begin)
	cancel()
	sampling.Wait()
	t.Logf("%-40s %12v, heap %4d MiB more", what, took.Round(10*time.Microsecond), (int64(peak.HeapAlloc)-int64(before.HeapAlloc))>>20)
}

func TestMany(t *testing.T) {
	cfg, n := newConfig(t), 100_000
	cfg.SegmentSize = 1 << 20
	if s := os.Getenv(manyEvents); s != "" {
		cfg.SegmentSize = 0
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	l := open(t, cfg)
	measured(t, fmt.Sprintf("record %d events", n), func() { recordCalls(t, l, n) })
	closeLog(t, l)
	measured(t, "open", func() { l = open(t, cfg) })
	measured(t, "index", func() {
		if err := audit.Tend(t.Context(), l); err != nil {
			t.Error(err)
		}
	})
	t.Logf("%d MiB in segments, %d MiB in indexes", size(t, cfg, "*.jsonl")>>20, size(t, cfg, "*.idx")>>20)
	wanted := audit.Query{Resource: "namespaces/acme/secrets/wanted", PageSize: 100}
	for name, q := range map[string]audit.Query{
		"one secret":            wanted,
		"one secret, outcomes":  {Resource: wanted.Resource, Kind: audit.KindOutcome, PageSize: 100},
		"one request":           {RequestID: call(0).RequestID, PageSize: 100},
		"one namespace":         {Resource: "namespaces/team-5", PageSize: 100},
		"a principal, a secret": {Principal: call(10).Principal, Resource: call(10).Resource, PageSize: 100},
		"nobody":                {Principal: "user:nobody", PageSize: 100},
		"the first hour":        {Before: time.Now().Add(-time.Hour), PageSize: 100},
	} {
		pages, events := 0, 0
		measured(t, "list "+name, func() {
			for events < 100 {
				page, err := l.List(t.Context(), q)
				if err != nil {
					t.Fatalf("List: %v", err)
				}
				pages, events, q.PageToken = pages+1, events+len(page.Events), page.NextPageToken
				if q.PageToken == "" {
					break
				}
			}
		})
		t.Logf("  %d events in %d pages", events, pages)
	}
	if got, want := len(list(t, l, wanted)), (n+rarity-1)/rarity; got != want {
		t.Errorf("%d events of the wanted secret listed, want %d", got, want)
	}
	measured(t, "verify", func() {
		if got, err := l.Verify(t.Context()); err != nil || got.Records != uint64(n) {
			t.Errorf("Verify = %+v, %v, want %d records", got, err, n)
		}
	})
}

func size(t *testing.T, cfg audit.Config, pattern string) int64 {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cfg.Dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	return sum
}
