package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cenkalti/backoff/v5"
	"google.golang.org/grpc/connectivity"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

const (
	// silence is how long a stream may be silent until it is taken for dead: the server gives a sign of life every 15
	// seconds.
	silence = 40 * time.Second
	// firstWait and lastWait are how long Follow waits before it opens a stream again, at first and at most.
	firstWait = 100 * time.Millisecond
	lastWait  = 10 * time.Second
)

// errSilent ends a stream that gave no sign of life.
var errSilent = errors.New("the server gives no sign of life")

// Follow says what to follow and whom to tell. Its functions are called one at a time.
type Follow struct {
	// Projection is a full name. Required.
	Projection string
	// Etag is that of a bundle that the caller has: it is not delivered again while it is current.
	Etag string
	// AllowEnv are variables that take over a process, and that the caller wants.
	AllowEnv []string
	// Bundle is called for each bundle, but not for those that were replaced while it ran. An error ends Follow with it.
	// Required.
	Bundle func(*cofferv1.RenderProjectionResponse) error
	// Alive is called for each other sign of life: the bundle that the caller has is current. May be nil.
	Alive func()
	// Lost is called with why a try to open the stream failed, before each new one: the server cannot be reached, or does not
	// answer. That a stream ended which had been alive is no news yet: servers end streams for their age. May be nil.
	Lost func(error)
}

// Follow delivers a projection, and again whenever it changes, until ctx ends or something fails that another try does not
// mend: the credential or a right is gone, or what it delivers. Where the server is away, restarts, or ends the stream for
// its age, it opens the stream again, with growing pauses, and goes on from the last bundle: none is missed, none comes
// twice.
func (c *Client) Follow(ctx context.Context, f Follow) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval, wait.Multiplier = firstWait, lastWait, 2
	for {
		heard, err := c.followStream(ctx, &f)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if own, ok := errors.AsType[*callerError](err); ok {
			return own.error
		}
		pause, again := passes(err, heard)
		if !again || c.conn.GetState() == connectivity.Shutdown {
			return err
		}
		if heard {
			wait.Reset()
		} else if err != nil && f.Lost != nil {
			f.Lost(err)
		}
		select {
		case <-time.After(max(pause, wait.NextBackOff())):
			c.conn.ResetConnectBackoff() // or a server that was away for long would be tried every two minutes
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// passes tells whether why a stream ended may pass, so that it is to be opened again, and how long the server wants to be
// left alone.
func passes(err error, heard bool) (time.Duration, bool) {
	if err == nil {
		return 0, true
	}
	if errors.Is(err, ErrUnauthenticated) {
		// The stream may have ended with a token that was replaced meanwhile; a new one that is refused at once ends it.
		return 0, heard
	}
	var pause time.Duration
	if failed, ok := errors.AsType[*Error](err); ok {
		pause = min(failed.RetryAfter, lastWait)
	}
	return pause, Away(err)
}

// callerError is what Follow.Bundle returned.
type callerError struct{ error }

func (e *callerError) Unwrap() error { return e.error }

// followStream follows one stream, and tells whether anything was heard of it. It returns nil when the server ended it.
func (c *Client) followStream(ctx context.Context, f *Follow) (heard bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stream, err := c.WatchProjection(ctx, &cofferv1.WatchProjectionRequest{Name: f.Projection, IfNoneMatch: f.Etag, AllowEnv: f.AllowEnv})
	if err != nil {
		return false, err
	}
	newest, ended := make(chan *cofferv1.RenderProjectionResponse, 1), make(chan error, 1)
	go func() {
		dead := time.AfterFunc(c.silence, func() { cancel(errSilent) })
		defer dead.Stop()
		ended <- receive(stream, newest, func() { dead.Reset(c.silence) })
	}()
	for {
		select {
		case bundle := <-newest:
			heard = true
			if err := f.tell(bundle); err != nil {
				return heard, err
			}
		case err := <-ended:
			select {
			case bundle := <-newest: // came before the end
				if err := f.tell(bundle); err != nil {
					return true, err
				}
				heard = true
			default:
			}
			if cause := context.Cause(ctx); errors.Is(cause, errSilent) {
				err = fmt.Errorf("following %s: %w", f.Projection, cause)
			}
			return heard, err
		}
	}
}

// receive puts what comes into newest, in place of what has not been taken from there, until the stream ends. nil is a
// sign of life, which replaces no bundle.
func receive(stream cofferv1.ProjectionService_WatchProjectionClient, newest chan *cofferv1.RenderProjectionResponse, lives func()) error {
	for {
		next, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		lives()
		bundle := next.GetBundle()
		select {
		case waiting := <-newest:
			if bundle == nil {
				bundle = waiting
			}
		default:
		}
		newest <- bundle
	}
}

// tell hands on what came.
func (f *Follow) tell(bundle *cofferv1.RenderProjectionResponse) error {
	if bundle == nil {
		if f.Alive != nil {
			f.Alive()
		}
		return nil
	}
	f.Etag = bundle.GetEtag()
	if err := f.Bundle(bundle); err != nil {
		return &callerError{err}
	}
	return nil
}
