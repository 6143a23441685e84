package secrets_test

import (
	"testing"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// Whoever reads slowly gets none of what was read for it once its right is gone.
func TestWatchAuditEvents_slowReader(t *testing.T) {
	f := newFixture(t)
	auditor := user("auditor")
	right := f.grant(auditor, authz.RoleAuditor, "namespaces/instance")
	events := 0
	err := f.WatchAuditEvents(f.ctx(), auditor, 1, secrets.AuditQuery{}, func(_ uint64, e *audit.Event) error {
		if e == nil {
			return nil
		}
		if events++; events == 1 {
			f.must(erred(f.DeleteGrant(f.ctx(), f.root, right, "", false)))
		}
		return nil
	})
	if f.check(err, gate.ErrDenied); events != 1 {
		t.Errorf("%d events were sent, the right being gone after the first", events)
	}
	if last := f.events(auditor)[0]; last.Action != string(authz.AuditWatch) || last.Decision != audit.Deny {
		t.Errorf("recorded last is %+v, want that the watch may not go on", last)
	}
}
