package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// decisions returns what the log has of a request, oldest first, as "action decision".
func (f *fixture) decisions(requestID string) (events []audit.Event, lines []string) {
	f.t.Helper()
	page, err := f.log.List(f.ctx(), audit.Query{Kind: audit.KindDecision, Match: func(e *audit.Event) bool { return e.RequestID == requestID }})
	f.must(err)
	for _, e := range page.Events {
		events = append([]audit.Event{e}, events...)
		lines = append([]string{e.Action + " " + string(e.Decision)}, lines...)
	}
	return events, lines
}

// Each call leaves its decision, and one for every further right that it asks for, whether allowed or denied.
func TestAudit_everyMethod(t *testing.T) {
	f := newFixture(t)
	names := f.everything()
	further := map[string][]string{ // beside the first
		"CreateProjection": {"secret:use"}, "CreateGrant": {"grant:viewer"}, "CreateGrant on a projection": {"grant:viewer"},
		"CreateGrant on a secret": {"grant:secret-user"}, "DeleteGrant": {"grant:viewer"},
		"CreateRole": {"role:create"}, "UpdateRole": {"role:update"}, "UpdateSecret's owner": {"secret:setOwner"},
		"CopySecret": {"secret:create"}, "MoveSecret": {"secret:create"},
	}
	for i, m := range methods {
		for _, caller := range []authn.Caller{user("nobody"), f.root} {
			t.Run(m.name+" by "+caller.Name[:4], func(t *testing.T) {
				caller.RequestID = fmt.Sprint("request-", i, caller.Name)
				caller.RPC, caller.Client, caller.Source = "/coffer.v1/"+m.name, "test/1", "192.0.2.9"
				err := m.call(f, caller, names[m.kind])
				decision := "ALLOW"
				if caller.Name == "user:nobody" {
					decision = "DENY"
				}
				if denied := errors.Is(err, gate.ErrDenied); denied != (decision == "DENY") {
					t.Fatalf("the call returns %v", err)
				}
				want := []string{string(m.action) + " " + decision}
				if decision == "ALLOW" {
					for _, action := range further[m.name] {
						want = append(want, action+" ALLOW")
					}
					if m.name == "RenderProjection" {
						want = []string{"secret:use ALLOW", "projection:render ALLOW"}
					}
				}
				events, got := f.decisions(caller.RequestID)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("decisions (-want +got):\n%s", diff)
				}
				for _, e := range events {
					if e.Principal != caller.Name || e.Method != caller.RPC || e.Client != "test/1" || e.Source != "192.0.2.9" || e.AuthnMethod != caller.Method || !strings.HasPrefix(e.Resource, "namespaces/") {
						t.Errorf("event %+v is not of this call", e)
					}
					if decision == "ALLOW" && len(e.Reasons) == 0 {
						t.Errorf("event %+v names no grant", e)
					}
				}
			})
		}
	}
}

func TestAudit_render(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/acme/secrets/a", "k", "v")
	f.secret("namespaces/acme/secrets/b", "k", "v")
	author := f.with(authz.RoleDeveloper, "namespaces/acme")
	f.project(author, etl, env("a", "k", "A"), env("a", "k", "A2"), env("b", "k", "B"))
	workload := f.with(authz.RoleWorkload, etl)
	workload.RequestID = "rendering"
	_, err := f.RenderProjection(f.ctx(), workload, secrets.RenderProjection{Name: etl})
	f.must(err)
	events, lines := f.decisions("rendering")
	if diff := cmp.Diff([]string{"secret:use ALLOW", "secret:use ALLOW", "projection:render ALLOW"}, lines); diff != "" {
		t.Fatalf("decisions (-want +got):\n%s", diff)
	}
	used := map[string]bool{}
	for _, e := range events[:2] {
		used[e.Resource] = true
		if want := "by the right of " + author.Name + " through " + etl; e.Detail != want || e.Principal != workload.Name {
			t.Errorf("event %+v, want the detail %q", e, want)
		}
	}
	if !used["namespaces/acme/secrets/a"] || !used["namespaces/acme/secrets/b"] {
		t.Errorf("the log names %v as delivered", used)
	}
	// By whom it was denied stands in the log alone.
	grants, _, err := f.ListGrants(f.ctx(), f.root, "namespaces/acme", secrets.Page{Filter: "role = developer"})
	f.must(err)
	f.must(erred(f.DeleteGrant(f.ctx(), f.root, grants[0].Name, "", false)))
	workload.RequestID = "denied"
	_, err = f.RenderProjection(f.ctx(), workload, secrets.RenderProjection{Name: etl})
	f.check(err, gate.ErrDenied)
	events, lines = f.decisions("denied")
	if diff := cmp.Diff([]string{"secret:use DENY", "secret:use DENY", "projection:render DENY"}, lines); diff != "" || !strings.Contains(events[2].Detail, "author") {
		t.Fatalf("last event %+v; decisions (-want +got):\n%s", events[len(events)-1], diff)
	}
}

// The decision is in the log before anything is written.
func TestAudit_decisionComesFirst(t *testing.T) {
	f := newFixture(t)
	names := f.everything()
	for i, m := range methods {
		if !m.writes {
			continue
		}
		caller := f.root
		caller.RequestID = fmt.Sprint("first-", i)
		f.engine.Set(storagetest.Faults{Update: func() error {
			events, lines := f.decisions(caller.RequestID)
			if len(events) == 0 || events[0].Action != string(m.action) {
				t.Errorf("%s writes when the log has %v of it", m.name, lines)
			}
			return nil
		}})
		_ = m.call(f, caller, names[m.kind])
		f.engine.Set(storagetest.Faults{})
	}
}

// When the decision cannot be recorded, nothing happens and nothing is told.
func TestAudit_unavailable(t *testing.T) {
	f := newFixture(t)
	names := f.everything()
	before := f.everyRecord()
	f.must(f.log.Close(context.Background()))
	for _, m := range methods {
		for _, caller := range []authn.Caller{f.root, user("nobody")} {
			if err := m.call(f, caller, names[m.kind]); !errors.Is(err, gate.ErrUnavailable) {
				t.Errorf("%s by %s without an audit log = %v, want ErrUnavailable", m.name, caller.Name, err)
			}
		}
	}
	if diff := cmp.Diff(before, f.everyRecord()); diff != "" {
		t.Errorf("written (-before +after):\n%s", diff)
	}
	if f.Ready() == nil {
		t.Error("it is ready")
	}
}

// No value that was sent stands in the log or in an error, and none in the store unencrypted.
func TestAudit_noValues(t *testing.T) {
	f := newFixture(t)
	const value = "correct-horse-battery"
	f.secret(db, "k", value)
	_, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: db, Payload: payload("bad key", value)})
	if strings.Contains(err.Error(), value) {
		t.Errorf("error %v", err)
	}
	f.value(at(db, 1), "k")
	page, err := f.log.List(f.ctx(), audit.Query{PageSize: 1000})
	f.must(err)
	if text := fmt.Sprintf("%+v", page.Events); strings.Contains(text, value) {
		t.Error("the audit log has the value")
	}
	if s, err := f.GetSecret(f.ctx(), f.root, db); err != nil || strings.Contains(fmt.Sprintf("%+v", s), value) {
		t.Errorf("GetSecret: %v, or it shows the value", err)
	}
}
