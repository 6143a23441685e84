package secrets_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// accessors are those told to a caller, on pages of a size, as lines.
func (f *fixture) accessors(by authn.Caller, resource, action string, size int) (lines []string, hidden int) {
	f.t.Helper()
	for token := ""; ; {
		page, err := f.ListAccessors(f.ctx(), by, secrets.ListAccessors{Resource: resource, Action: action, Size: size, Token: token})
		f.must(err)
		if n := len(page.Accessors) + page.Hidden; n > size || n < size && page.NextPage != "" {
			f.t.Errorf("a page of %d entries, want %d", n, size)
		}
		for _, a := range page.Accessors {
			through := a.Reason.Grant + a.Reason.Policy
			if a.Reason.Grant != "" {
				through = a.Reason.Grant
			}
			line := fmt.Sprintf("%s %s by %s", a.Principal, a.Action, through)
			if a.Projection != "" {
				line += " through " + a.Projection
			}
			if a.Reason.Conditional {
				line += " if"
			}
			lines = append(lines, line)
		}
		hidden += page.Hidden
		if token = page.NextPage; token == "" {
			return lines, hidden
		}
	}
}

func (f *fixture) wantAccessors(by authn.Caller, resource, action string, want ...string) {
	f.t.Helper()
	for _, size := range []int{1, 2, 1000} {
		got, hidden := f.accessors(by, resource, action, size)
		if diff := cmp.Diff(want, got); diff != "" || hidden > 0 {
			f.t.Errorf("accessors of %s, %d a page, %d hidden (-want +got):\n%s", resource, size, hidden, diff)
		}
	}
}

func TestListAccessors(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	boot := f.root.Name + " "
	const first = "by namespaces/instance/grants/bootstrap"
	f.wantAccessors(f.root, db, "", boot+"secret:access "+first, boot+"secret:use "+first)
	f.grant(user("zoe"), authz.RoleSecretReader, db)             // grant-1
	f.grant(user("amy"), authz.RoleDeveloper, "namespaces/acme") // grant-2
	f.grant(user("far"), authz.RoleDeveloper, "namespaces/team") // grant-3, below
	gone, _ := f.account("namespaces/acme/serviceAccounts/gone") //
	f.grant(gone, authz.RoleSecretReader, db)                    // grant-4
	f.must(erred(f.DeleteServiceAccount(f.ctx(), f.root, "namespaces/acme/serviceAccounts/gone", "", false)))
	f.policy("namespaces/acme/policies/p", `permit (principal in Group::"night", action == Action::"secret:use", resource) when { context.now.toTime() < duration("6h") };`)
	f.wantAccessors(f.root, db, "",
		"group:night secret:use by namespaces/acme/policies/p#1 if",
		boot+"secret:access "+first, boot+"secret:use "+first,
		"user:amy secret:use by namespaces/acme/grants/grant-2", "user:zoe secret:access by namespaces/acme/grants/grant-1")
	f.wantAccessors(f.root, db, "grant:delete", boot+"grant:delete by role:owner", boot+"grant:delete "+first)
	f.wantAccessors(f.root, "namespaces/team", "secret:update", boot+"secret:update "+first,
		"user:amy secret:update by namespaces/acme/grants/grant-2", "user:far secret:update by namespaces/team/grants/grant-3")
	// A ban for all takes everybody out.
	f.policy("namespaces/acme/policies/named", `permit (principal == User::"eve", action == Action::"secret:use", resource);
		forbid (principal == User::"amy", action == Action::"secret:use", resource);`)
	f.wantAccessors(f.root, db, "secret:use", "group:night secret:use by namespaces/acme/policies/p#1 if", boot+"secret:use "+first,
		"user:eve secret:use by namespaces/acme/policies/named#1")
	f.policy("namespaces/acme/policies/ban", `forbid (principal, action == Action::"secret:access", resource);`)
	f.wantAccessors(f.root, db, "secret:access")
}

// Who receives a secret through a projection may as good as read it, as long as its author may use it.
func TestListAccessors_throughProjections(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	author, workload := user("author"), user("workload")
	right := f.grant(author, authz.RoleDeveloper, "namespaces/acme") // grant-1
	f.project(author, etl, env("db", "k", "K"))
	f.grant(workload, authz.RoleWorkload, etl) // grant-2
	f.grant(author, authz.RoleWorkload, etl)   // grant-3: it may use the secret anyway
	boot := f.root.Name + " secret:use by namespaces/instance/grants/bootstrap"
	f.wantAccessors(f.root, db, "secret:use", boot, "user:author secret:use by namespaces/acme/grants/grant-1",
		"user:workload secret:use by namespaces/acme/grants/grant-2 through "+etl)
	f.wantAccessors(f.root, etl, "", f.root.Name+" projection:render by namespaces/instance/grants/bootstrap",
		"user:author projection:render by namespaces/acme/grants/grant-3", "user:workload projection:render by namespaces/acme/grants/grant-2")
	f.must(erred(f.DeleteGrant(f.ctx(), f.root, right, "", false)))
	f.wantAccessors(f.root, db, "secret:use", boot)
}

// A group that an author is in delivers as long as its login counts, and the list says no other.
func TestListAccessors_authorsGroups(t *testing.T) {
	f := newFixture(t)
	_, workload, _ := f.deliveredByGroup()
	through := func() int {
		lines, _ := f.accessors(f.root, db, "secret:use", 100)
		return strings.Count(strings.Join(lines, "\n"), workload.Name+" ")
	}
	if through() != 1 {
		t.Error("the workload is not among them")
	}
	f.pass(8 * 24 * time.Hour)
	if through() != 0 {
		t.Error("the workload is among them though the groups of the author lapsed")
	}
}

// What the caller may not get is counted, page by page, and not named.
func TestListAccessors_hidden(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.project(f.root, "namespaces/other/projections/far", env(db, "k", "K"))
	f.grant(user("workload"), authz.RoleWorkload, "namespaces/other/projections/far")
	f.grant(user("reader"), authz.RoleSecretReader, db)
	auditor := f.with(authz.RoleAuditor, "namespaces/acme")
	got, hidden := f.accessors(auditor, db, "", 1)
	// Unseen: two of the operator's grant on the instance, and the one through a projection elsewhere.
	if strings.Join(got, "\n") != "user:reader secret:access by namespaces/acme/grants/grant-2" || hidden != 3 {
		t.Errorf("it is told of %q, with %d hidden; want the reader alone, and 3", got, hidden)
	}
}

func TestListAccessors_refused(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	names := f.everything()
	_, err := f.ListAccessors(f.ctx(), f.with(authz.RoleDeveloper, "namespaces/acme"), secrets.ListAccessors{Resource: db})
	f.check(err, gate.ErrDenied)
	for _, test := range []struct {
		field string
		req   secrets.ListAccessors
	}{
		{"action", secrets.ListAccessors{Resource: "namespaces/acme"}},
		{"action", secrets.ListAccessors{Resource: names["account"]}},
		{"action", secrets.ListAccessors{Resource: db, Action: "secret:steal"}},
		{"action", secrets.ListAccessors{Resource: db, Action: "projection:render"}},
		{"resource", secrets.ListAccessors{Resource: names["grant"], Action: "grant:get"}},
		{"resource", secrets.ListAccessors{Resource: "db"}},
		{"page_size", secrets.ListAccessors{Resource: db, Size: -1}},
		{"page_token", secrets.ListAccessors{Resource: db, Token: "x"}},
	} {
		_, err := f.ListAccessors(f.ctx(), f.root, test.req)
		f.invalid(err, test.field)
	}
	page, err := f.ListAccessors(f.ctx(), f.root, secrets.ListAccessors{Resource: db, Size: 1})
	f.must(err)
	_, err = f.ListAccessors(f.ctx(), f.root, secrets.ListAccessors{Resource: db, Action: "secret:get", Token: page.NextPage})
	f.invalid(err, "page_token")
}
