package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/gate"
)

const (
	// streamCheck is how often an open stream's credential is looked at: one that expires sends no signal.
	streamCheck = 500 * time.Millisecond
	// streamGrace is how long a handler may take to return once its stream must end.
	streamGrace = 200 * time.Millisecond
	// sendTimeout is how long the other side of a stream may leave a message unread.
	sendTimeout = 30 * time.Second
)

// errConnectAgain ends the streams of a server that stops.
var errConnectAgain = status.Error(codes.Unavailable, "the server is stopping: connect again")

// attend runs the handler of a stream on a goroutine of its own, and ends the stream when the credential that opened it
// does not hold any longer, when the other side neither sends nor reads, and when the server stops: whatever the handler
// is doing, be it that it waits for the other side to read.
func (ch *chain) attend(next step) step {
	return func(ctx context.Context, c *call) (any, error) {
		if c.method.stream == nil {
			return next(ctx, c)
		}
		end, err := ch.streams.begin(c.caller.Name, c.caller.Address)
		if err != nil {
			return nil, err
		}
		defer end()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		c.overdue.Store(c.start.Add(c.method.deadline).UnixNano())
		done := make(chan struct{})
		var handled error
		go func() {
			defer close(done)
			_, handled = next(ctx, c)
		}()
		if err := ch.await(ctx, c, done); err != nil {
			cancel()
			select {
			case <-done:
			case <-time.After(streamGrace):
				// Over gRPC there is nothing to cut: a send fails as soon as this returns, and the handler with it.
				if c.cut != nil {
					c.cut()
					<-done
				}
			}
			return nil, err
		}
		return nil, handled
	}
}

// await waits until the handler of a stream has returned, or tells why it must.
func (ch *chain) await(ctx context.Context, c *call, done <-chan struct{}) error {
	tick := time.NewTicker(streamCheck)
	defer tick.Stop()
	for {
		changed := ch.domain.AccessChanged() // before looking: what changes from now on wakes
		if err := ch.alive(c.caller); err != nil {
			return err
		}
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-ch.streams.ending:
			return errConnectAgain
		case <-changed:
		case now := <-tick.C:
			if limit := c.overdue.Load(); limit != 0 && now.UnixNano() > limit {
				return fmt.Errorf("waiting for the other side: %w", context.DeadlineExceeded)
			}
		}
	}
}

func (ch *chain) alive(caller authn.Caller) error {
	err := ch.domain.Alive(caller)
	if err == nil || errors.Is(err, authn.ErrUnauthenticated) {
		return err
	}
	return fmt.Errorf("%w: %w", gate.ErrUnavailable, err)
}

// serverStream is the stream that a handler sees.
type serverStream struct {
	call   *call
	ctx    context.Context // of the call
	decode func(message any) error
	read   bool
}

var _ grpc.ServerStream = (*serverStream)(nil)

// Context implements grpc.ServerStream.
func (s *serverStream) Context() context.Context { return s.ctx }

// RecvMsg implements grpc.ServerStream. There is one message to receive.
func (s *serverStream) RecvMsg(message any) error {
	if s.read {
		return io.EOF
	}
	s.read = true
	err := s.decode(message)
	s.call.overdue.Store(0)
	return err
}

// SendMsg implements grpc.ServerStream. Nothing is sent without a decision of the gate.
func (s *serverStream) SendMsg(message any) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if s.call.ticket != nil && !s.call.ticket.Allowed() {
		return errUnguarded
	}
	s.call.overdue.Store(time.Now().Add(sendTimeout).UnixNano())
	defer s.call.overdue.Store(0)
	return s.call.send(message)
}

// SetHeader implements grpc.ServerStream. Handlers have nothing to tell by it, nor by what follows.
func (*serverStream) SetHeader(metadata.MD) error { return nil }

// SendHeader implements grpc.ServerStream.
func (*serverStream) SendHeader(metadata.MD) error { return nil }

// SetTrailer implements grpc.ServerStream.
func (*serverStream) SetTrailer(metadata.MD) {}
