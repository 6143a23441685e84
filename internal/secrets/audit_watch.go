package secrets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// auditBatch is how many events a watch of the audit log reads at once.
const auditBatch = 256

// WatchAuditEvents follows the audit log after an event, or from now on if that is 0, and hands each event that the query
// selects to send, once it is on disk, until ctx ends or something fails. A call of send without an event is a sign of
// life; each call tells the number after which a watch that misses nothing goes on. Of the query only the conditions
// count, times aside. That the watch begins is decided and recorded; that it may go on is asked again and again, and
// recorded when it may not.
func (s *Service) WatchAuditEvents(ctx context.Context, caller authn.Caller, after uint64, query AuditQuery, send func(after uint64, e *audit.Event) error) error {
	if err := s.gate.Allow(ctx, caller, authz.AuditWatch, s.instance()); err != nil {
		return err
	}
	switch {
	case query.Fault != nil:
		return query.Fault
	case query.Decision != "" && query.Decision != audit.Allow && query.Decision != audit.Deny:
		return Invalid("decision", "must be ALLOW or DENY")
	}
	if after == 0 {
		after = s.audit.Head().Seq
	}
	events, err := s.tail(ctx, after, 0) // whether there is such a place
	if err != nil {
		return err
	}
	// At once, so that the caller knows that the watch has begun, and where.
	if err := send(after, nil); err != nil {
		return err
	}
	for said := s.now(); ; {
		for i := range events {
			after = events[i].Seq
			if !query.Selects(&events[i]) {
				continue
			}
			// Sending may have taken long.
			if err := s.mayFollow(ctx, caller); err != nil {
				return err
			}
			if err := send(after, &events[i]); err != nil {
				return err
			}
			said = s.now()
		}
		if s.now().Sub(said) >= heartbeat {
			if err := send(after, nil); err != nil {
				return err
			}
			said = s.now()
		}
		if events, err = s.tail(ctx, after, recheck); err != nil {
			return err
		}
		if err := s.mayFollow(ctx, caller); err != nil {
			return err
		}
	}
}

// mayFollow tells whether a watch may go on, and records that it may not.
func (s *Service) mayFollow(ctx context.Context, caller authn.Caller) error {
	if s.gate.Holds(caller, authz.AuditWatch, s.instance()) {
		return nil
	}
	return s.gate.Allow(ctx, caller, authz.AuditWatch, s.instance())
}

// tail returns the events after one, or none if for a while there are none.
func (s *Service) tail(ctx context.Context, after uint64, wait time.Duration) ([]audit.Event, error) {
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	events, err := s.audit.Tail(waiting, after, auditBatch)
	gone, isGone := errors.AsType[audit.ErrGone](err)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, context.DeadlineExceeded):
		return nil, nil
	case isGone:
		return nil, fmt.Errorf("%w: the events before %d were removed", ErrNotFound, gone.First)
	case errors.Is(err, audit.ErrAhead):
		return nil, Invalid("after_sequence", "is beyond the last event")
	}
	return events, err
}
