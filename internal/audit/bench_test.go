package audit_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/coffer-dev/coffer/internal/audit"
)

// BenchmarkRecord tells what the decision of one call costs, with Run syncing in the background as in a server.
func BenchmarkRecord(b *testing.B) {
	for _, mode := range []struct {
		name       string
		durability audit.Durability
		outcome    bool
	}{
		{"written", audit.Written, false},
		{"written+outcome", audit.Written, true},
		{"synced", audit.Synced, false},
	} {
		for _, callers := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s/callers=%d", mode.name, callers), func(b *testing.B) {
				l := open(b, newConfig(b))
				ctx, cancel := context.WithCancel(b.Context())
				var background, wg sync.WaitGroup
				background.Go(func() { _ = l.Run(ctx) })
				var next atomic.Int64
				b.ReportAllocs()
				b.ResetTimer()
				for range callers {
					wg.Go(func() {
						e := event(1)
						for next.Add(1) <= int64(b.N) {
							if err := l.Record(ctx, e, mode.durability); err != nil {
								b.Error(err)
								return
							}
							if mode.outcome {
								l.Outcome(e)
							}
						}
					})
				}
				wg.Wait()
				b.StopTimer()
				cancel()
				background.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
			})
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	l := open(b, newConfig(b))
	record(b, l, 10_000)
	for b.Loop() {
		if _, err := l.Verify(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*10_000/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkList(b *testing.B) {
	l := open(b, newConfig(b))
	record(b, l, 100_000)
	for b.Loop() {
		if _, err := l.List(b.Context(), audit.Query{PageSize: 100}); err != nil {
			b.Fatal(err)
		}
	}
}
