package audit

import (
	"errors"
	"runtime"
	"sync"
)

// errAbandoned is returned by combiner.do when the caller stopped waiting for others to do its work.
var errAbandoned = errors.New("audit: abandoned")

// combiner makes one run of an operation out of the calls that arrive while the run before is busy, without a timer
// and without a goroutine: the first caller of a group leads it, waits for its turn, closes the group and runs it for
// all. A caller that is alone runs at once, on its own goroutine.
type combiner[T any] struct {
	run  func([]T) error
	turn sync.Mutex // held while a group runs

	mu     sync.Mutex
	open   *group[T] // the group that callers join
	spare  []T       // storage of a finished group
	closed bool
}

type group[T any] struct {
	items []T
	led   bool
	done  chan struct{} // made by the first follower
	err   error         // set before done is closed
}

func newCombiner[T any](run func([]T) error) *combiner[T] {
	return &combiner[T]{run: run, open: &group[T]{}}
}

// do joins the open group with item and returns the error of its run, or errAbandoned when abandon is closed first;
// the item is run even then. A leader does not abandon its group.
func (c *combiner[T]) do(item T, abandon <-chan struct{}) error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return ErrUnavailable
	}
	g := c.open
	g.items = append(g.items, item)
	if !g.led {
		g.led = true
		c.mu.Unlock()
		return c.lead(g)
	}
	done := g.follow()
	c.mu.Unlock()
	select {
	case <-done:
		return g.err
	case <-abandon:
		return errAbandoned
	}
}

// leave puts item into the open group and does not wait; somebody must call do or flush later. It reports false, and
// leaves nothing, when the group has limit items or the combiner is closed.
func (c *combiner[T]) leave(item T, limit int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || len(c.open.items) >= limit {
		return false
	}
	c.open.items = append(c.open.items, item)
	return true
}

// flush returns when all that was left or joined before has run.
func (c *combiner[T]) flush() error {
	c.mu.Lock()
	g := c.open
	switch {
	case g.led:
		done := g.follow()
		c.mu.Unlock()
		<-done
		return g.err
	case len(g.items) > 0:
		g.led = true
		c.mu.Unlock()
		return c.lead(g)
	}
	c.mu.Unlock()
	c.turn.Lock() // a group may still be running
	defer c.turn.Unlock()
	return nil
}

// close refuses new calls and flushes.
func (c *combiner[T]) close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	return c.flush()
}

func (c *combiner[T]) lead(g *group[T]) error {
	c.turn.Lock()
	runtime.Gosched() // who is about to join, joins: writing more at once costs all of them less
	c.mu.Lock()
	c.open = &group[T]{items: c.spare}
	c.spare = nil
	c.mu.Unlock()
	g.err = c.run(g.items)
	clear(g.items)
	c.mu.Lock()
	c.spare = g.items[:0]
	c.mu.Unlock()
	c.turn.Unlock()
	if g.done != nil { // nobody joins any more: the group is not open
		close(g.done)
	}
	return g.err
}

// follow returns the channel that is closed when the group has run. The combiner's mu must be held.
func (g *group[T]) follow() <-chan struct{} {
	if g.done == nil {
		g.done = make(chan struct{})
	}
	return g.done
}
