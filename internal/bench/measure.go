package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// call is one request of one caller, answered and checked.
type call func(ctx context.Context) error

// target is what is measured.
type target struct {
	name string
	// callers returns n independent callers, and what to do when they are done.
	callers func(n int) (calls []call, done func(), err error)
	// server is the process whose CPU time is read; nil: none.
	server *process
	// most is the largest number of callers that makes sense; 0: any.
	most int
}

// figure names a measurement.
type figure struct {
	target  string
	callers int
}

// sample is what one round of a figure showed.
type sample struct {
	rate     float64 // calls a second
	p50, p99 time.Duration
	cpu      time.Duration // of the server, for each call; 0: not read
}

// samples are the rounds of each figure. Targets take turns within a round, so that round n of one can be compared with
// round n of another, however busy the machine was.
type samples map[figure][]sample

func (s samples) median(f figure, of func(sample) float64) float64 {
	values := make([]float64, len(s[f]))
	for i, one := range s[f] {
		values[i] = of(one)
	}
	return median(values)
}

// ratio is the median over the rounds of a's value divided by b's.
func (s samples) ratio(a, b figure, of func(sample) float64) float64 {
	n := min(len(s[a]), len(s[b]))
	values := make([]float64, n)
	for i := range n {
		values[i] = of(s[a][i]) / of(s[b][i])
	}
	return median(values)
}

func byRate(s sample) float64 { return s.rate }
func byP50(s sample) float64  { return float64(s.p50) }
func byP99(s sample) float64  { return float64(s.p99) }
func byCPU(s sample) float64  { return float64(s.cpu) }

func median[T cmp.Ordered](values []T) T {
	if len(values) == 0 {
		var none T
		return none
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// measure runs rounds of all targets in turn, each for the given time, and adds what they show.
func (s samples) measure(ctx context.Context, targets []target, callers, rounds int, each time.Duration) error {
	for round := range rounds {
		progress(fmt.Sprintf("%d callers: round %d of %d of %d figures", callers, round+1, rounds, len(targets)))
		for _, t := range targets {
			if t.most != 0 && callers > t.most {
				continue
			}
			one, err := t.measure(ctx, callers, each)
			if err != nil {
				return fmt.Errorf("measuring %s at %d callers: %w", t.name, callers, err)
			}
			f := figure{t.name, callers}
			s[f] = append(s[f], one)
		}
	}
	return nil
}

// measure runs one round, after a tenth of its time to get going, and a longer one where nothing is answered in it.
func (t target) measure(ctx context.Context, n int, each time.Duration) (sample, error) {
	calls, done, err := t.callers(n)
	if err != nil {
		return sample{}, err
	}
	defer done()
	var counting, stopping atomic.Bool
	var answered atomic.Int64 // while counting
	took := make([][]time.Duration, n)
	failed := make([]error, n)
	var wg sync.WaitGroup
	for i, do := range calls {
		wg.Go(func() {
			mine := make([]time.Duration, 0, 1<<14)
			for !stopping.Load() {
				start := time.Now()
				if failed[i] = do(ctx); failed[i] != nil {
					answered.Add(1) // there is nothing to wait for
					break
				}
				if counting.Load() && !stopping.Load() {
					mine = append(mine, time.Since(start))
					answered.Add(1)
				}
			}
			took[i] = mine
		})
	}
	time.Sleep(each / 10)
	before, start := t.server.cpu(), time.Now()
	counting.Store(true)
	for time.Sleep(each); answered.Load() == 0 && ctx.Err() == nil; {
		time.Sleep(each)
	}
	stopping.Store(true)
	elapsed, spent := time.Since(start), t.server.cpu()-before
	wg.Wait()
	if err := cmp.Or(failed...); err != nil {
		return sample{}, err
	}
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	if len(all) == 0 {
		return sample{}, errors.New("no call was answered")
	}
	return sample{
		rate: float64(len(all)) / elapsed.Seconds(),
		p50:  all[len(all)/2],
		p99:  all[len(all)*99/100],
		cpu:  spent / time.Duration(len(all)),
	}, nil
}
