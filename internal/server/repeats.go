package server

import (
	"sync"
	"time"
)

// repeatsWindow is how often a line that may repeat without end is logged.
const repeatsWindow = time.Minute

// repeats thins out a log line: the first is logged, those within the next minute are counted for the one after.
type repeats struct {
	mu    sync.Mutex
	last  time.Time
	count int
}

// add tells whether to log now, and for how many.
func (r *repeats) add(now time.Time) (int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	if now.Sub(r.last) < repeatsWindow {
		return 0, false
	}
	count := r.count
	r.last, r.count = now, 0
	return count, true
}
