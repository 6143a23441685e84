package gate_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
)

type mac struct{}

func (mac) Sum(data []byte) []byte {
	h := hmac.New(sha256.New, []byte("key"))
	h.Write(data)
	return h.Sum(nil)
}

type checkpoint struct {
	mu    sync.Mutex
	state audit.State
}

func (c *checkpoint) Load(context.Context) (audit.State, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state, nil
}

func (c *checkpoint) Save(_ context.Context, state audit.State) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = state
	return nil
}

var (
	alice = authn.Caller{
		Principal: authn.Principal{Name: "user:alice"}, Method: "token", TokenName: "t", Source: "192.0.2.1", RequestID: "r1", Client: "c/1", RPC: "/x/Y",
	}
	bob = authn.Caller{Principal: authn.Principal{Name: "user:bob"}}

	acme   = authz.Namespace("acme", "namespaces/acme")
	db     = authz.Resource{Kind: authz.KindSecret, UID: "db", NamespaceUID: "acme", Name: "namespaces/acme/secrets/db"}
	theirs = authz.Resource{Kind: authz.KindSecret, UID: "theirs", NamespaceUID: "other", Name: "namespaces/other/secrets/theirs"}
	etl    = authz.Resource{Kind: authz.KindProjection, UID: "etl", NamespaceUID: "acme", Name: "namespaces/acme/projections/etl"}
)

// fixture is a gate for which alice is an operator of acme, and bob sees the secret db.
type fixture struct {
	*gate.Gate
	t     *testing.T
	stale error
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t}
	authorizer, err := authz.New(authz.Config{})
	if err != nil {
		t.Fatalf("authz.New: %v", err)
	}
	for _, edge := range [][2]string{{"root", ""}, {"acme", "root"}, {"other", "root"}} {
		if err := authorizer.PutNamespace(authz.NamespaceInfo{UID: edge[0], ParentUID: edge[1], Name: edge[0]}); err != nil {
			t.Fatalf("PutNamespace: %v", err)
		}
	}
	for _, g := range []authz.Grant{
		{UID: "g1", Name: "namespaces/acme/grants/g1", Principal: alice.Name, Role: authz.RoleOperator, Scope: acme},
		{UID: "g2", Name: "namespaces/acme/grants/g2", Principal: bob.Name, Role: authz.RoleViewer, Scope: db},
	} {
		if err := authorizer.PutGrant(g); err != nil {
			t.Fatalf("PutGrant: %v", err)
		}
	}
	log, err := audit.Open(t.Context(), audit.Config{Dir: t.TempDir(), MAC: mac{}, Checkpoint: &checkpoint{}})
	if err != nil {
		t.Fatalf("audit.Open: %v", err)
	}
	t.Cleanup(func() { _ = log.Close(context.Background()) })
	f.Gate, err = gate.New(gate.Config{Authorizer: authorizer, Log: log, Fresh: func() error { return f.stale }})
	if err != nil {
		t.Fatalf("gate.New: %v", err)
	}
	return f
}

// events returns the log, oldest first, without numbers and times.
func (f *fixture) events() []audit.Event {
	f.t.Helper()
	page, err := f.Log.List(f.t.Context(), audit.Query{PageSize: 1000})
	if err != nil {
		f.t.Fatalf("List: %v", err)
	}
	slices.Reverse(page.Events)
	for i := range page.Events {
		e := &page.Events[i]
		if e.Time.IsZero() {
			f.t.Errorf("event %+v has no time", e)
		}
		*e = audit.Event{
			Kind: e.Kind, RequestID: e.RequestID, Principal: e.Principal, AuthnMethod: e.AuthnMethod, TokenName: e.TokenName, Source: e.Source,
			Client: e.Client, Method: e.Method, Action: e.Action, Resource: e.Resource, ResourceUID: e.ResourceUID, Decision: e.Decision,
			Reasons: e.Reasons, Code: e.Code, Detail: e.Detail,
		}
	}
	return page.Events
}

func decision(caller authn.Caller, action authz.Action, r authz.Resource, d audit.Decision, detail string, reasons ...string) audit.Event {
	return audit.Event{
		Kind: audit.KindDecision, RequestID: caller.RequestID, Principal: caller.Name, AuthnMethod: caller.Method, TokenName: caller.TokenName,
		Source: caller.Source, Client: caller.Client, Method: caller.RPC, Action: string(action), Resource: r.Name, ResourceUID: r.UID, Decision: d,
		Reasons: reasons, Detail: detail,
	}
}

func (f *fixture) want(want ...audit.Event) {
	f.t.Helper()
	if diff := cmp.Diff(want, f.events()); diff != "" {
		f.t.Errorf("events (-want +got):\n%s", diff)
	}
}

const byOperator, grant1 = "role:operator", "namespaces/acme/grants/g1"

func TestNew_requiresAll(t *testing.T) {
	whole := newFixture(t).Config
	for name, drop := range map[string]func(*gate.Config){
		"Authorizer": func(c *gate.Config) { c.Authorizer = nil }, "Log": func(c *gate.Config) { c.Log = nil }, "Fresh": func(c *gate.Config) { c.Fresh = nil },
	} {
		config := whole
		drop(&config)
		if _, err := gate.New(config); err == nil {
			t.Errorf("New without %s succeeds", name)
		}
	}
}

func TestAllow(t *testing.T) {
	f := newFixture(t)
	if err := f.Allow(t.Context(), alice, authz.SecretAccess, db); err != nil {
		t.Errorf("Allow: %v", err)
	}
	denied := f.Allow(t.Context(), bob, authz.SecretAccess, db)
	absent := f.Allow(t.Context(), bob, authz.SecretAccess, authz.Resource{Kind: db.Kind, NamespaceUID: db.NamespaceUID, Name: db.Name})
	if !errors.Is(denied, gate.ErrDenied) || denied.Error() != absent.Error() {
		t.Errorf("denied %q, absent %q; want the same", denied, absent)
	}
	// Which roles would allow it says nothing about what exists.
	for _, err := range []error{denied, absent} {
		var told *gate.DeniedError
		if !errors.As(err, &told) || !slices.Equal(told.Roles, []string{"operator", "secret-reader"}) {
			t.Errorf("%v tells of the roles %v", err, told.Roles)
		}
	}
	if err := f.Allow(t.Context(), authn.Caller{}, authz.SecretGet, db); !errors.Is(err, gate.ErrDenied) {
		t.Errorf("nobody: %v, want denied", err)
	}
	nowhere := db
	nowhere.UID = ""
	f.want(
		decision(alice, authz.SecretAccess, db, audit.Allow, "", grant1, byOperator),
		decision(bob, authz.SecretAccess, db, audit.Deny, ""),
		decision(bob, authz.SecretAccess, nowhere, audit.Deny, ""),
		decision(authn.Caller{}, authz.SecretGet, db, audit.Deny, "no decision could be made of the policies"),
	)
}

func TestAllowDelegated(t *testing.T) {
	f := newFixture(t)
	author := alice.Principal
	uses := func(uses ...gate.Use) func() ([]gate.Use, error) {
		return func() ([]gate.Use, error) { return uses, nil }
	}
	mine, others := gate.Use{Author: author, Secret: db}, gate.Use{Author: author, Secret: theirs}
	through := "by the right of user:alice through " + etl.Name

	if err := f.AllowDelegated(t.Context(), alice, authz.ProjectionRender, etl, uses(mine)); err != nil {
		t.Errorf("AllowDelegated: %v", err)
	}
	missing := f.AllowDelegated(t.Context(), alice, authz.ProjectionRender, etl, uses(mine, others))
	refused := f.AllowDelegated(t.Context(), bob, authz.ProjectionRender, etl, func() ([]gate.Use, error) {
		t.Error("the uses are read for a caller who may not render")
		return nil, nil
	})
	if !errors.Is(missing, gate.ErrDenied) || missing.Error() != refused.Error() {
		t.Errorf("without the author's right %q, without the caller's %q; want the same", missing, refused)
	}
	broken := errors.New("broken")
	err := f.AllowDelegated(t.Context(), alice, authz.ProjectionRender, etl, func() ([]gate.Use, error) { return nil, broken })
	if !errors.Is(err, broken) {
		t.Errorf("uses that cannot be read: %v", err)
	}
	f.want(
		decision(alice, authz.SecretUse, db, audit.Allow, through, grant1, byOperator),
		decision(alice, authz.ProjectionRender, etl, audit.Allow, "", grant1, byOperator),
		// Nothing is delivered, so no use is told as allowed.
		decision(alice, authz.SecretUse, theirs, audit.Deny, through),
		decision(alice, authz.ProjectionRender, etl, audit.Deny, "the author of the projection may not use every secret of it"),
		decision(bob, authz.ProjectionRender, etl, audit.Deny, ""),
	)
}

func TestFilter(t *testing.T) {
	f := newFixture(t)
	visible, err := f.Filter(t.Context(), bob, authz.SecretList, acme)
	if err != nil {
		t.Fatalf("Filter: %v", err)
	}
	if !visible(db) || visible(theirs) || visible(authz.Resource{Kind: authz.KindSecret, UID: "x", NamespaceUID: "acme"}) {
		t.Error("what is visible is not just db")
	}
	if _, err := f.Filter(t.Context(), bob, authz.SecretList, authz.Namespace("other", "namespaces/other")); !errors.Is(err, gate.ErrDenied) {
		t.Errorf("where bob has no right: %v, want denied", err)
	}
	// A right somewhere says nothing about a parent that does not exist.
	absent := authz.Resource{Kind: authz.KindNamespace, NamespaceUID: "root", Name: "namespaces/nowhere"}
	if _, err := f.Filter(t.Context(), bob, authz.SecretList, absent); !errors.Is(err, gate.ErrDenied) {
		t.Errorf("in what does not exist: %v, want denied", err)
	}
	events := f.events()
	if len(events) != 3 || events[0].Decision != audit.Allow || !slices.Equal(events[0].Reasons, []string{"granted below"}) || events[2].Decision != audit.Deny {
		t.Errorf("events %+v", events)
	}
}

// ask calls every method and returns their errors by name.
func (f *fixture) ask(ctx context.Context, caller authn.Caller) map[string]error {
	_, filter := f.Filter(ctx, caller, authz.SecretList, acme)
	return map[string]error{
		"Allow":  f.Allow(ctx, caller, authz.SecretGet, db),
		"change": f.Allow(ctx, caller, authz.SecretUpdate, db),
		"Filter": filter,
		"AllowDelegated": f.AllowDelegated(ctx, caller, authz.ProjectionRender, etl, func() ([]gate.Use, error) {
			return []gate.Use{{Author: alice.Principal, Secret: db}}, nil
		}),
	}
}

func TestGate_stale(t *testing.T) {
	f := newFixture(t)
	visible, err := f.Filter(t.Context(), alice, authz.SecretList, acme)
	if err != nil || !visible(db) {
		t.Fatalf("Filter: %v", err)
	}
	f.stale = errors.New("no news for an hour")
	for _, caller := range []authn.Caller{alice, bob} {
		for name, err := range f.ask(t.Context(), caller) {
			if !errors.Is(err, gate.ErrUnavailable) || errors.Is(err, gate.ErrDenied) {
				t.Errorf("%s by %s = %v, want ErrUnavailable", name, caller.Name, err)
			}
		}
	}
	if f.Holds(alice, authz.SecretGet, db) || visible(db) || f.SeesAll(alice, authz.SecretList, authz.KindSecret, acme.UID) {
		t.Error("a right is held that nobody can be sure of")
	}
	if events := f.events(); len(events) != 1 {
		t.Errorf("events %+v, want that of the first list alone", events)
	}
	f.stale = nil
	if !f.Holds(alice, authz.SecretGet, db) {
		t.Error("fresh again, it is not held")
	}
}

func TestGate_auditUnavailable(t *testing.T) {
	f := newFixture(t)
	if err := f.Log.Close(t.Context()); err != nil {
		t.Fatalf("Close: %v", err)
	}
	for _, caller := range []authn.Caller{alice, bob} {
		ctx, ticket := gate.WithTicket(t.Context())
		for name, err := range f.ask(ctx, caller) {
			if !errors.Is(err, gate.ErrUnavailable) || errors.Is(err, gate.ErrDenied) {
				t.Errorf("%s by %s = %v, want ErrUnavailable", name, caller.Name, err)
			}
		}
		if ticket.Allowed() {
			t.Error("the ticket says that a decision was made")
		}
	}
}

func TestGate_contextEnded(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range f.ask(ctx, alice) {
		if err == nil {
			t.Errorf("%s is allowed though its decision was not recorded", name)
		}
	}
}

func TestTicket(t *testing.T) {
	f := newFixture(t)
	for name, call := range map[string]func(context.Context) error{
		"allowed":   func(ctx context.Context) error { return f.Allow(ctx, alice, authz.SecretGet, db) },
		"denied":    func(ctx context.Context) error { return f.Allow(ctx, authn.Caller{}, authz.SecretGet, db) },
		"filtered":  func(ctx context.Context) error { _, err := f.Filter(ctx, bob, authz.SecretList, acme); return err },
		"delegated": func(ctx context.Context) error { return f.AllowDelegated(ctx, bob, authz.ProjectionRender, etl, nil) },
	} {
		ctx, ticket := gate.WithTicket(t.Context())
		other, unused := gate.WithTicket(ctx)
		if ticket.Allowed() {
			t.Errorf("%s: a new ticket is used", name)
		}
		// A handler that swallows a denial must not pass for one that was allowed.
		if err := call(ctx); ticket.Allowed() != (err == nil) || unused.Allowed() {
			t.Errorf("%s: %v, allowed %v, and in %v: %v", name, err, ticket.Allowed(), other, unused.Allowed())
		}
	}
	// Looking what an answer may show is no decision.
	ctx, ticket := gate.WithTicket(t.Context())
	if f.Holds(alice, authz.SecretGet, db); ticket.Allowed() {
		t.Error("Holds uses the ticket")
	}
	if err := f.Allow(context.WithoutCancel(ctx), alice, authz.SecretGet, db); err != nil || !ticket.Allowed() {
		t.Errorf("in a derived context: %v, allowed %v", err, ticket.Allowed())
	}
}

// Every action is either one of these, which only read, or one that must be on disk before it is done.
func TestChanges(t *testing.T) {
	f := newFixture(t)
	reading := []string{"get", "list", "access", "use", "render", "verify", "status", "watch", "check"}
	for _, action := range f.Authorizer.Actions() {
		_, verb, _ := strings.Cut(string(action), ":")
		if got, want := gate.Changes(action), !slices.Contains(reading, verb); got != want {
			t.Errorf("Changes(%s) = %v, want %v", action, got, want)
		}
	}
	for _, unknown := range []authz.Action{"", "secret", "secret:", "secret:read"} {
		if !gate.Changes(unknown) {
			t.Errorf("Changes(%q) = false, want the safe side", unknown)
		}
	}
}

// The outcome of a call names what its decision was about, denied or not.
func TestTicket_resource(t *testing.T) {
	f := newFixture(t)
	ctx, ticket := gate.WithTicket(t.Context())
	if got := ticket.Resource(); got != "" {
		t.Errorf("before the gate was asked: Resource() = %q", got)
	}
	for _, caller := range []authn.Caller{bob, alice} {
		_ = f.Allow(ctx, caller, authz.SecretAccess, db)
	}
	_ = f.Allow(ctx, alice, authz.SecretGet, theirs)
	if got := ticket.Resource(); got != db.Name {
		t.Errorf("Resource() = %q, want the first, %q", got, db.Name)
	}
}

// A list tells as much as getting each: what may not be got is not listed.
func TestFilter_leavesOutWhatMayNotBeGot(t *testing.T) {
	f := newFixture(t)
	err := f.Authorizer.PutPolicy(authz.Policy{UID: "p1", Name: "namespaces/acme/policies/p1", NamespaceUID: "acme", Text: `
		forbid (principal, action == Action::"secret:get", resource) when { resource.hasTag("hidden") };`})
	if err != nil {
		t.Fatalf("PutPolicy: %v", err)
	}
	visible, err := f.Filter(t.Context(), alice, authz.SecretList, acme)
	if err != nil {
		t.Fatalf("Filter: %v", err)
	}
	hidden := db
	hidden.Labels = map[string]string{"hidden": "yes"}
	if !visible(db) || visible(hidden) {
		t.Errorf("visible: %v, with a label that forbids getting it: %v; want true and false", visible(db), visible(hidden))
	}
}

func TestSeesAll(t *testing.T) {
	f := newFixture(t)
	sees := func() bool { return f.SeesAll(alice, authz.SecretList, authz.KindSecret, acme.UID) }
	if !sees() || f.SeesAll(alice, authz.SecretList, authz.KindSecret, "none") {
		t.Errorf("alice sees all: %v, and where there is nothing", sees())
	}
	err := f.Authorizer.PutPolicy(authz.Policy{UID: "p1", Name: "namespaces/acme/policies/p1", NamespaceUID: "acme", Text: `
		forbid (principal, action == Action::"secret:get", resource) when { resource.hasTag("hidden") };`})
	if err != nil || sees() {
		t.Errorf("what may not be got is seen: %v, %v", sees(), err)
	}
}
