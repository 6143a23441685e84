package auditsink

import (
	"context"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
)

// WithWait makes the sinks pause through wait.
func WithWait(c Config, wait func(context.Context, time.Duration) error) Config {
	c.wait = wait
	return c
}

// Encode is the line of an event.
func Encode(e *audit.Event) ([]byte, error) { return encode(e) }
