package audit

import (
	"context"
	"time"
)

// File is what a log needs of the segment it writes.
type File = file

// WithFile makes the log write through what wrap returns.
func WithFile(cfg Config, wrap func(File) File) Config {
	cfg.wrap = wrap
	return cfg
}

// WithClock makes the log go by clock.
func WithClock(cfg Config, clock func() time.Time) Config {
	cfg.clock = clock
	return cfg
}

// WithSpace makes the log believe that its disk has as many bytes left as space returns.
func WithSpace(cfg Config, space func(dir string) (int64, error)) Config {
	cfg.space = space
	return cfg
}

// Tend does at once, and without rest, what Run does in the background with finished segments.
func Tend(ctx context.Context, l *Log) error { return l.tend(ctx, 0) }
