package secrets

import (
	"context"
	"errors"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Status is the state of the store and of what is kept beside it.
type Status struct {
	Revision       storage.Revision
	AuditSequence  uint64
	Ready          bool
	BootstrapAlive bool // the first start's account still exists
}

func (s *Service) instance() authz.Resource {
	return s.namespaceAt(s.locate("", join(namespaces, Instance), namespaces))
}

// Status tells the state of the server.
func (s *Service) Status(ctx context.Context, caller authn.Caller) (Status, error) {
	if err := s.gate.Allow(ctx, caller, authz.SystemStatus, s.instance()); err != nil {
		return Status{}, err
	}
	status := Status{AuditSequence: s.audit.Head().Seq, Ready: s.Ready() == nil, BootstrapAlive: s.BootstrapAlive()}
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		status.Revision = snapshot.Revision()
		return nil
	})
	return status, err
}

// Ready returns why nothing can be served now, or nil.
func (s *Service) Ready() error { return firstError(s.feed.fresh(), s.audit.Ready()) }

// AuditQuery selects audit events.
type AuditQuery struct {
	audit.Query
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

// ListAuditEvents returns a page of audit events, newest first.
func (s *Service) ListAuditEvents(ctx context.Context, caller authn.Caller, query AuditQuery) (audit.Page, error) {
	if err := s.gate.Allow(ctx, caller, authz.AuditList, s.instance()); err != nil {
		return audit.Page{}, err
	}
	switch {
	case query.Fault != nil:
		return audit.Page{}, query.Fault
	case query.Decision != "" && query.Decision != audit.Allow && query.Decision != audit.Deny:
		return audit.Page{}, Invalid("decision", "must be ALLOW or DENY")
	case query.PageSize < 0:
		return audit.Page{}, Invalid("page_size", "is negative")
	case query.PageSize == 0:
		query.PageSize = defaultPageSize
	}
	query.PageSize = min(query.PageSize, maxPageSize)
	page, err := s.audit.List(ctx, query.Query)
	if errors.Is(err, audit.ErrPageToken) {
		err = Invalid("page_token", "is not the token of a page of this list")
	}
	return page, err
}

// VerifyAuditLog checks the chain of the whole audit log.
func (s *Service) VerifyAuditLog(ctx context.Context, caller authn.Caller) (audit.Report, error) {
	if err := s.gate.Allow(ctx, caller, authz.AuditVerify, s.instance()); err != nil {
		return audit.Report{}, err
	}
	return s.audit.Verify(ctx)
}
