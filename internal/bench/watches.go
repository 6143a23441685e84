package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// openWatches is how many watches of one projection are open at once.
const openWatches = 1000

// watching is what many open watches cost and bring.
type watching struct {
	memory  float64         // bytes of the server for each
	arrival []time.Duration // from the begin of a write until the last has what it changed
	half    []time.Duration // until half of them have
	beside  float64         // reads with the watches open, to those without
}

// watches opens many watches of one projection on the small server, and changes what it delivers.
func (b *bench) watches() (w watching, err error) {
	// What it did before has left garbage, which would go while the watches are open.
	if err := errors.Join(b.few.stop(), b.few.start(b.ctx, b.program, false)); err != nil {
		return w, err
	}
	before, err := b.settled()
	if err != nil {
		return w, err
	}
	open, err := openAll(withToken(b.ctx, b.few.Workload), b.few.grpc)
	if err != nil {
		return w, err
	}
	defer open.close()
	after, err := b.settled()
	if err != nil {
		return w, err
	}
	w.memory = float64(after.private-before.private) / openWatches
	secrets := cofferv1.NewSecretServiceClient(open.conns[0])
	for i := range max(3, 3*b.config.rounds) {
		begin := time.Now()
		_, err := secrets.AddSecretVersion(withToken(b.ctx, b.few.Writer), &cofferv1.AddSecretVersionRequest{
			Parent: namespaceName + "/secrets/db", Payload: &cofferv1.Payload{Data: map[string]string{"password": value(0, uint64(i+1))}}, Merge: true,
		})
		if err != nil {
			return w, fmt.Errorf("changing what is watched: %w", err)
		}
		took, err := open.arrivals(begin)
		if err != nil {
			return w, err
		}
		w.half, w.arrival = append(w.half, took[len(took)/2]), append(w.arrival, took[len(took)-1])
	}
	reads := target{name: accessTarget, server: b.few.server, callers: overGRPC(b.few.grpc, b.few.Reader, access(b.few.Stored))}
	f := figure{accessTarget, callerCounts[len(callerCounts)-1]}
	beside, alone := samples{}, samples{}
	if err := beside.measure(b.ctx, []target{reads}, f.callers, b.config.rounds, b.config.round); err != nil {
		return w, err
	}
	open.close()
	if err := alone.measure(b.ctx, []target{reads}, f.callers, b.config.rounds, b.config.round); err != nil {
		return w, err
	}
	w.beside = beside.median(f, byRate) / alone.median(f, byRate)
	return w, nil
}

// settled is the memory of the small server once nothing happens any more.
func (b *bench) settled() (memory, error) {
	time.Sleep(min(idleTime, 10*b.config.round))
	return b.few.server.memory(filepath.Join(b.few.dir, storeFile))
}

// watchers are open watches; each has received what is delivered now.
type watchers struct {
	conns  dialled
	cancel context.CancelFunc
	heard  chan time.Time // a watch received a bundle
	failed chan error
	done   sync.WaitGroup
}

func openAll(ctx context.Context, addr string) (*watchers, error) {
	conns, err := dial(addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &watchers{conns: conns, cancel: cancel, heard: make(chan time.Time, openWatches), failed: make(chan error, openWatches)}
	for i := range openWatches {
		stream, err := cofferv1.NewProjectionServiceClient(conns[i%connections]).WatchProjection(ctx, &cofferv1.WatchProjectionRequest{Name: projectionName})
		if err != nil {
			w.close()
			return nil, fmt.Errorf("opening watch %d: %w", i+1, err)
		}
		w.done.Go(func() { w.listen(stream) })
	}
	if _, err := w.arrivals(time.Now()); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *watchers) listen(stream grpc.ServerStreamingClient[cofferv1.WatchProjectionResponse]) {
	for {
		next, err := stream.Recv()
		if err != nil {
			w.failed <- err
			return
		}
		if next.GetBundle() != nil {
			w.heard <- time.Now()
		}
	}
}

// arrivals waits until each watch has received one bundle more, and tells when, in order.
func (w *watchers) arrivals(since time.Time) ([]time.Duration, error) {
	late := time.After(time.Minute)
	var took []time.Duration
	for len(took) < openWatches {
		select {
		case at := <-w.heard:
			took = append(took, at.Sub(since))
		case err := <-w.failed:
			return nil, fmt.Errorf("a watch ended: %w", err)
		case <-late:
			return nil, errors.New("a change has not reached all watches within a minute")
		}
	}
	slices.Sort(took)
	return took, nil
}

func (w *watchers) close() {
	w.cancel()
	w.done.Wait()
	w.conns.close()
}

func (w watching) report(out io.Writer) {
	round := func(all []time.Duration) time.Duration { return median(all).Round(time.Millisecond) }
	fmt.Fprintf(out, "%d open watches of one projection: a change reaches half of them in %v and all in %v (at most %v), %.0f KiB each\n",
		openWatches, round(w.half), round(w.arrival), slices.Max(w.arrival).Round(time.Millisecond), w.memory/(1<<10))
}

// bars are what issue 4 aims at.
func (w watching) bars() []bar {
	reached := median(w.arrival)
	return []bar{
		{fmt.Sprintf("a change reaches %d watches", openWatches), "≤ 1 s", reached.Round(time.Millisecond).String(), reached <= time.Second},
		{"reads beside them, to those alone", "≥ 0.8", fmt.Sprintf("%.2f", w.beside), w.beside >= 0.8},
	}
}
