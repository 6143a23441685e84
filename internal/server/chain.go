package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/rpc"
)

// arrival is what a door knows of a call before its message is decoded.
type arrival struct {
	credentials authn.Credentials
	requestID   string
	client      string // user agent
	traceParent string // W3C trace context
	traceState  string
	// admitted is how admitting the caller went, if the door did so already; else nil.
	admitted *admission
	// decode fills the message. It is called after authentication, once.
	decode func(message any) error
	// send writes a message of a stream, and blocks while the other side does not read. nil: not a stream.
	send func(message any) error
	// cut makes a send that blocks fail. nil: the end of the call does.
	cut func()
}

// domain is what the chain needs of secrets.Service.
type domain interface {
	// Alive tells whether the credential of a call that goes on still holds.
	Alive(caller authn.Caller) error
	// AccessChanged is closed when it may have changed.
	AccessChanged() <-chan struct{}
	// NoteLogin remembers who an identity provider says that a caller is.
	NoteLogin(caller authn.Caller)
}

// call is one RPC on its way through the chain.
type call struct {
	arrival
	method    *method
	start     time.Time
	caller    authn.Caller
	status    *status.Status // nil: OK
	limited   rpc.Limit      // of which there was too much; empty: it was let in
	malformed atomic.Bool    // the message could not be decoded
	ticket    *gate.Ticket   // nil: the method is exempt, or the call did not come so far
	overdue   atomic.Int64   // when a stream has waited too long for the other side, in Unix nanoseconds; 0: it does not wait
}

// code is that of the answer.
func (c *call) code() codes.Code { return c.status.Code() }

// step is what is left of the chain from one place on.
type step func(ctx context.Context, c *call) (any, error)

// chain is what surrounds every call, whichever door it came through.
type chain struct {
	authenticator authn.Authenticator
	domain        domain
	audit         *audit.Log
	log           *slog.Logger
	metrics       *metrics
	tracing       *tracing // nil: off
	limiters      limiters
	streams       *streams
	failures      repeats
	refusals      repeats
}

// install gives every method its chain. This is the list of interceptors, outermost first. The request ID comes before
// all of them: the doors make it, since the answer carries it in the door's own way. Callers do not choose it, or they
// could make the audit log ambiguous.
func (ch *chain) install(services []service) {
	interceptors := []func(step) step{
		ch.trace,        // sees the whole call
		ch.measure,      // counts everything that follows, refusals too
		ch.outcome,      // records the code that the client is told, so it is outside of the error map
		ch.mapErrors,    // the one place where errors become statuses, those of a panic included
		ch.recoverPanic, // inside, so that a panic is mapped, recorded and counted
		ch.checkTicket,  // sees the handler's own answer
		ch.bound,        // the deadline covers authentication and decoding
		ch.authenticate, // before the message is decoded
		ch.attend,       // from here on a stream has a goroutine of its own
		ch.recoverPanic, // again, on that goroutine
	}
	slices.Reverse(interceptors)
	for _, s := range services {
		for _, m := range s.methods {
			m.metrics = ch.metrics.method(m)
			m.serve = ch.handle
			for _, around := range interceptors {
				m.serve = around(m.serve)
			}
		}
	}
}

// serve runs a call. Its error is a status error.
func (ch *chain) serve(ctx context.Context, m *method, a arrival) (any, error) {
	return m.serve(ctx, &call{arrival: a, method: m, start: time.Now()})
}

// unusable stands for an authorization that nobody can judge. It is not none: what comes with one is not to be let in by
// something else that it shows, such as a certificate.
const unusable = "?"

// bearerFrom returns the token of the authorization headers, unusable if it is not one token, or "" if there are none.
func bearerFrom(headers []string) string {
	const scheme = "bearer "
	if len(headers) == 0 {
		return ""
	}
	header := headers[0]
	if len(headers) > 1 || len(header) <= len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return unusable
	}
	return header[len(scheme):]
}

func (ch *chain) measure(next step) step {
	return func(ctx context.Context, c *call) (any, error) {
		c.method.metrics.started.Inc()
		answer, err := next(ctx, c)
		c.method.metrics.handled(c.code(), time.Since(c.start))
		return answer, err
	}
}

func (ch *chain) outcome(next step) step {
	return func(ctx context.Context, c *call) (any, error) {
		answer, err := next(ctx, c)
		e := audit.Event{
			Kind: audit.KindOutcome, RequestID: c.requestID, Principal: c.caller.Name, AuthnMethod: c.caller.Method, TokenName: c.caller.TokenName,
			Source: c.credentials.Source, Client: c.client, Method: c.method.name, Action: string(c.method.action), Code: codeName(c.code()), Duration: time.Since(c.start),
		}
		if c.ticket != nil {
			e.Resource = c.ticket.Resource()
		}
		switch {
		case c.method.open && c.limited == "": // it tells as much as a health check, and is recorded as little
		case c.caller.Name == "" && c.limited == "": // nobody was let in, for whatever reason
			e.Kind, e.Detail = audit.KindAuthnFailure, c.admitted.reason()
			ch.audit.Failure(e)
			ch.metrics.authnFailures.Inc()
			if count, ok := ch.failures.add(c.start); ok {
				ch.log.Warn("authentication failed", "source", e.Source, "method", e.Method, "reason", e.Detail, "request_id", e.RequestID, "count", count)
			}
		case c.limited != "":
			ch.metrics.limited.WithLabelValues(string(c.limited)).Inc()
			e.Detail = "too many " + string(c.limited)
			ch.audit.Refusal(cmp.Or(c.caller.Name, authn.SourceOf(c.credentials.Address()).String()), e)
		case c.malformed.Load():
			e.Kind = audit.KindMalformed
			ch.audit.Outcome(&e)
		default:
			ch.audit.Outcome(&e)
		}
		return answer, err
	}
}

func (ch *chain) mapErrors(next step) step {
	return func(ctx context.Context, c *call) (any, error) {
		answer, err := next(ctx, c)
		if err == nil {
			return answer, nil
		}
		st, known := c.method.status(err, c.requestID)
		c.status = st
		if limited, ok := errors.AsType[*rpc.LimitedError](err); ok {
			c.limited = limited.Limit
		}
		switch {
		case !known, st.Code() == codes.DataLoss:
			ch.log.Error("call failed", "method", c.method.name, "request_id", c.requestID, "code", codeName(st.Code()), "error", err)
		case st.Code() == codes.Unavailable:
			if count, ok := ch.refusals.add(c.start); ok {
				ch.log.Warn("call refused", "method", c.method.name, "request_id", c.requestID, "error", err, "count", count)
			}
		}
		return nil, st.Err()
	}
}

func (ch *chain) recoverPanic(next step) step {
	return func(ctx context.Context, c *call) (answer any, err error) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			ch.metrics.panics.Inc()
			// What was panicked with may hold anything; only the runtime's own errors are known to hold no value.
			text := fmt.Sprintf("%T", p)
			if e, ok := p.(runtime.Error); ok {
				text = e.Error()
			}
			ch.log.Error("panic", "method", c.method.name, "request_id", c.requestID, "panic", text, "stack", string(debug.Stack()))
			answer, err = nil, errPanic
		}()
		return next(ctx, c)
	}
}

func (ch *chain) checkTicket(next step) step {
	return func(ctx context.Context, c *call) (any, error) {
		if c.method.exempt {
			return next(ctx, c)
		}
		ctx, ticket := gate.WithTicket(ctx)
		c.ticket = ticket
		answer, err := next(ctx, c)
		if err == nil && !ticket.Allowed() {
			answer, err = nil, errUnguarded
		}
		if errors.Is(err, errUnguarded) { // a stream finds out by itself
			ch.metrics.unguarded.Inc()
		}
		return answer, err
	}
}

func (ch *chain) bound(next step) step {
	return func(ctx context.Context, c *call) (any, error) {
		if c.method.stream != nil {
			return next(ctx, c) // as long as the client wants
		}
		limit := c.start.Add(c.method.deadline)
		if own, ok := ctx.Deadline(); ok && own.Before(limit) {
			return next(ctx, c)
		}
		ctx, cancel := context.WithDeadline(ctx, limit)
		defer cancel()
		return next(ctx, c)
	}
}

func (ch *chain) authenticate(next step) step {
	return func(ctx context.Context, c *call) (any, error) {
		if c.method.open {
			c.admitted = &admission{} // whoever it is
			if err := ch.limiters.address(c.credentials.Address(), c.start); err != nil {
				return nil, err
			}
			return next(ctx, c)
		}
		if c.admitted == nil {
			c.admitted = ch.admit(ctx, c.credentials)
		}
		if c.admitted.err != nil {
			return nil, c.admitted.err
		}
		caller := c.admitted.caller
		caller.RequestID, caller.Client, caller.RPC = c.requestID, c.client, c.method.name
		c.caller = caller
		if err := ch.limiters.principal(caller.Name, c.start); err != nil {
			return nil, err
		}
		return next(rpc.WithCaller(ctx, caller), c)
	}
}

// admission is how admitting a caller went. It happens once a call: a token may have been good for this one use.
type admission struct {
	caller authn.Caller
	err    error
}

// reason says why nobody was let in, for the audit log. Clients are not told.
func (a *admission) reason() string {
	if a == nil {
		return ""
	}
	if refused, ok := errors.AsType[authn.RefusedError](a.err); ok {
		return string(refused)
	}
	if errors.Is(a.err, authn.ErrUnavailable) {
		return a.err.Error()
	}
	return ""
}

// admit authenticates, unless there are too many calls from the address.
func (ch *chain) admit(ctx context.Context, credentials authn.Credentials) *admission {
	if err := ch.limiters.address(credentials.Address(), time.Now()); err != nil {
		return &admission{err: err}
	}
	caller, err := ch.authenticator.Authenticate(ctx, credentials)
	if err == nil {
		ch.domain.NoteLogin(caller)
	}
	return &admission{caller, err}
}

// handle is the end of the chain: the message is decoded and handed to the handler. A message may come long after its
// sender was admitted, whose credential must still be good then.
func (ch *chain) handle(ctx context.Context, c *call) (any, error) {
	decode := func(message any) error {
		err := c.decode(message)
		c.malformed.Store(err != nil && ctx.Err() == nil)
		if err != nil {
			return err
		}
		if c.method.open {
			return nil
		}
		return ch.alive(c.caller)
	}
	if c.method.stream != nil {
		return nil, c.method.stream(c.method.server, &serverStream{call: c, ctx: ctx, decode: decode})
	}
	return c.method.handler(c.method.server, ctx, decode, nil)
}

var (
	// errPanic: a handler panicked.
	errPanic = errors.New("panic")
	// errUnguarded: a call would have succeeded without a decision of the gate. It is a bug, and nothing is answered.
	errUnguarded = errors.New("ALARM: the call succeeded without a decision of the gate")
)
