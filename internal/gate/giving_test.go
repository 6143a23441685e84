package gate_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
)

// decided are the actions of the log with their decisions, oldest first.
func (f *fixture) decided() []string {
	f.t.Helper()
	var list []string
	for _, e := range f.events() {
		list = append(list, e.Action+" "+string(e.Decision))
	}
	return list
}

func TestAllowSelf(t *testing.T) {
	f := newFixture(t)
	nobody := authn.Caller{Principal: authn.Principal{Name: "user:nobody"}}
	ctx, ticket := gate.WithTicket(t.Context())
	if err := f.AllowSelf(ctx, nobody, authz.TokenRenew, acme, "its own"); err != nil {
		t.Fatalf("AllowSelf: %v", err)
	}
	if !ticket.Allowed() {
		t.Error("the ticket does not show that something was allowed")
	}
	if diff := cmp.Diff([]string{"token:renew ALLOW"}, f.decided()); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	f.stale = errors.New("stale")
	if err := f.AllowSelf(t.Context(), nobody, authz.TokenRenew, acme, ""); !errors.Is(err, gate.ErrUnavailable) {
		t.Errorf("AllowSelf while grants may be stale: %v, want ErrUnavailable", err)
	}
}

// What is forbidden to somebody is so for its own things too, but nobody is kept from giving up what is its own.
func TestAllowSelf_forbidden(t *testing.T) {
	f := newFixture(t)
	err := f.Authorizer.PutPolicy(authz.Policy{UID: "p1", Name: "namespaces/acme/policies/p1", NamespaceUID: "acme", Text: `forbid (principal, action, resource);`})
	if err != nil {
		t.Fatalf("PutPolicy: %v", err)
	}
	account := authz.Resource{Kind: authz.KindServiceAccount, UID: "etl", NamespaceUID: "acme", Name: "namespaces/acme/serviceAccounts/etl"}
	for action, want := range map[authz.Action]error{authz.TokenRenew: gate.ErrDenied, authz.TokenDelete: nil, authz.TokenGet: nil, authz.AccessCheck: nil} {
		if err := f.AllowSelf(t.Context(), alice, action, account, ""); !errors.Is(err, want) {
			t.Errorf("AllowSelf of %s where everything is forbidden: %v, want %v", action, err, want)
		}
	}
}

// By another name nobody gains a right, or is rid of what forbids it.
func TestAllowAs(t *testing.T) {
	named := func(id string) authz.Resource {
		r := db
		r.Name = "namespaces/acme/secrets/" + id
		return r
	}
	tests := []struct {
		name   string
		caller authn.Caller
		from   authz.Resource
		to     authz.Resource
		want   error
		log    []string
	}{
		{"what stays as it is", alice, db, named("other"), nil, nil},
		{"what is forbidden afterwards", alice, db, named("hidden"), nil, nil},
		{"shed", alice, named("hidden"), db, gate.ErrDenied, []string{"secret:use DENY"}},
		{"shed by who has no right yet", bob, named("hidden"), db, gate.ErrDenied, []string{"secret:use DENY"}},
		{"kept", bob, named("hidden"), named("hidden2"), nil, nil},
		{"gained by a policy", bob, db, named("public"), gate.ErrDenied, []string{"secret:access DENY"}},
		{"gained elsewhere", alice, theirs, db, gate.ErrDenied, []string{"secret:access DENY"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			for id, text := range map[string]string{
				"p1": `forbid (principal, action == Action::"secret:use", resource) when { resource.id like "hidden*" };`,
				"p2": `permit (principal, action == Action::"secret:access", resource) when { resource.id == "public" };`,
			} {
				if err := f.Authorizer.PutPolicy(authz.Policy{UID: id, Name: "namespaces/acme/policies/" + id, NamespaceUID: "acme", Text: text}); err != nil {
					t.Fatalf("PutPolicy: %v", err)
				}
			}
			err := f.AllowAs(t.Context(), test.caller, test.from, test.to, "", authz.SecretAccess, authz.SecretUse)
			if !errors.Is(err, test.want) {
				t.Errorf("AllowAs: %v, want %v", err, test.want)
			}
			if diff := cmp.Diff(test.log, f.decided()); diff != "" {
				t.Errorf("recorded (-want +got):\n%s", diff)
			}
			f.stale = errors.New("stale")
			if err := f.AllowAs(t.Context(), test.caller, test.from, test.to, "", authz.SecretAccess); !errors.Is(err, gate.ErrUnavailable) {
				t.Errorf("AllowAs while grants may be stale: %v, want ErrUnavailable", err)
			}
		})
	}
}

func TestAllowGiving(t *testing.T) {
	reader := []authz.Giving{{Role: authz.RoleSecretReader, Resource: db}}
	tests := []struct {
		name    string
		caller  authn.Caller
		givings []authz.Giving
		want    error
		log     []string
	}{
		{
			"all of it", alice, append(reader, authz.Giving{Role: authz.RoleViewer, Resource: db}), nil,
			[]string{"grant:create ALLOW", "grant:secret-reader ALLOW", "grant:viewer ALLOW"},
		},
		{
			"actions", alice,
			[]authz.Giving{{Actions: []authz.Action{authz.SecretUse}, Resource: db}},
			nil,
			[]string{"grant:create ALLOW", "grant:create ALLOW"},
		},
		{
			"an action that it has not", alice,
			[]authz.Giving{{Actions: []authz.Action{authz.SecretUse, authz.SecretAccess}, Resource: theirs}},
			gate.ErrDenied,
			[]string{"grant:create ALLOW", "secret:use DENY"},
		},
		{"not even the action", bob, reader, gate.ErrDenied, []string{"grant:create DENY"}},
		{
			"elsewhere", alice,
			[]authz.Giving{{Role: authz.RoleViewer, Resource: theirs}, {Role: authz.RoleViewer, Resource: db}},
			gate.ErrDenied,
			[]string{"grant:create ALLOW", "grant:viewer DENY"},
		},
		{
			"the principal of another", bob,
			[]authz.Giving{{Role: authz.RoleViewer, Resource: db, Principal: alice.Principal}},
			gate.ErrDenied,
			[]string{"grant:create DENY"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			err := f.AllowGiving(t.Context(), test.caller, authz.GrantCreate, db, "", test.givings)
			if !errors.Is(err, test.want) {
				t.Errorf("AllowGiving: %v, want %v", err, test.want)
			}
			var denied *gate.DeniedError
			if last := test.log[len(test.log)-1]; errors.As(err, &denied) && last != string(denied.Action)+" DENY" {
				t.Errorf("%q is told, but %s recorded", denied.Action, last)
			}
			if diff := cmp.Diff(test.log, f.decided()); diff != "" {
				t.Errorf("recorded (-want +got):\n%s", diff)
			}
		})
	}
}
