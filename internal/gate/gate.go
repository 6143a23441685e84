// Package gate authorizes and records as one step, and fails closed: where the policy cannot be evaluated, the decision
// cannot be recorded, or what is known of grants may be stale, nothing is allowed.
//
// Every domain method asks the gate before it touches data. That it did is proven by the ticket in the request's
// context: a call that succeeds though the gate allowed nothing is a bug that the server turns into an error.
package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

var (
	// ErrDenied: the caller may not do this, or what it named might not exist. Which of the two is not told.
	ErrDenied = errors.New("permission denied")
	// ErrUnavailable: no decision can be made or recorded now.
	ErrUnavailable = errors.New("access control is unavailable")
)

// DeniedError is an ErrDenied with what was asked.
type DeniedError struct {
	Action   authz.Action
	Resource string
	Roles    []string // the built-in roles that have the action, whatever exists
}

// Error implements error. It reads the same whether the resource exists or not.
func (e *DeniedError) Error() string {
	return fmt.Sprintf("%s denied on %s (or it might not exist)", e.Action, e.Resource)
}

// Is makes it an ErrDenied.
func (e *DeniedError) Is(target error) bool { return target == ErrDenied }

// Config says what a Gate asks. All fields are required.
type Config struct {
	Authorizer *authz.Authorizer
	Log        *audit.Log
	// Fresh returns an error while the authorizer may not know of the latest grants.
	Fresh func() error
}

// Gate decides and records. It is safe for concurrent use.
type Gate struct {
	Config
	roles map[authz.Action][]string
}

// New returns a Gate.
func New(config Config) (*Gate, error) {
	if config.Authorizer == nil || config.Log == nil || config.Fresh == nil {
		return nil, errors.New("gate: Authorizer, Log and Fresh are required")
	}
	g := &Gate{Config: config, roles: map[authz.Action][]string{}}
	for _, role := range config.Authorizer.Roles() {
		if !role.Grantable {
			continue
		}
		for _, action := range role.Actions {
			g.roles[action] = append(g.roles[action], string(role.Role))
		}
	}
	return g, nil
}

// RolesWith are the built-in roles that can be granted and have the action, in order.
func (g *Gate) RolesWith(action authz.Action) []string { return slices.Clone(g.roles[action]) }

// Allow decides whether the caller may do the action on the resource and records the decision: on disk before it
// returns if the action changes something, else written. Its errors are ErrDenied and ErrUnavailable.
func (g *Gate) Allow(ctx context.Context, caller authn.Caller, action authz.Action, resource authz.Resource) error {
	return g.AllowAll(ctx, caller, resource, "", action)
}

// AllowAll is Allow for several actions, all of which the caller must hold, with a note of what exactly is to be done,
// for the audit log alone. Each decision is recorded, up to the first that denies.
func (g *Gate) AllowAll(ctx context.Context, caller authn.Caller, resource authz.Resource, note string, actions ...authz.Action) error {
	for i, action := range actions {
		decision, err := g.decide(question(caller, action, resource))
		if err != nil {
			return err
		}
		if !decision.Allowed || i == len(actions)-1 {
			return g.record(ctx, caller, action, resource, decision, note)
		}
		// It is written, and synced, with the last one.
		e := event(caller, action, resource, decision)
		e.Detail = note
		g.Log.Outcome(e)
	}
	return fmt.Errorf("%w: no action was asked for", ErrUnavailable)
}

// Use is one secret that a projection delivers by the right of its author.
type Use struct {
	Author authn.Principal
	Secret authz.Resource
}

// AllowDelegated decides whether the caller may do the action on the resource and whether each author still may use the
// secret that its right delivers. It records the use of each secret, so that the log tells who received it, and the
// decision. Its errors are ErrDenied and ErrUnavailable, which of the rights is missing being recorded, not told, and
// those of uses, which is not called for a caller who may not do the action.
func (g *Gate) AllowDelegated(ctx context.Context, caller authn.Caller, action authz.Action, resource authz.Resource, uses func() ([]Use, error)) error {
	decision, err := g.decide(question(caller, action, resource))
	if err != nil {
		return err
	}
	if !decision.Allowed {
		return g.record(ctx, caller, action, resource, decision, "")
	}
	delivered, err := uses()
	if err != nil {
		return err
	}
	detail := ""
	events := make([]*audit.Event, len(delivered))
	for i, use := range delivered {
		d, err := g.decide(delegated(caller, use))
		if err != nil {
			return err
		}
		if !d.Allowed {
			decision = authz.Decision{} // of what allowed the rest, nothing is a reason
			detail = "the author of the projection may not use every secret of it"
		}
		events[i] = event(caller, authz.SecretUse, use.Secret, d)
		events[i].Detail = "by the right of " + use.Author.Name + " through " + resource.Name
	}
	for _, e := range events {
		// Where one use is denied nothing is delivered, and only the denied ones are told.
		if decision.Allowed || e.Decision == audit.Deny {
			g.Log.Outcome(e)
		}
	}
	return g.record(ctx, caller, action, resource, decision, detail)
}

// Filter decides whether the caller may do the action, a list, anywhere at or below the parent, a namespace, records
// that, and returns which of the things there it may see: those that it may list and, since a list tells as much, may get
// one by one. Its errors are ErrDenied and ErrUnavailable.
func (g *Gate) Filter(ctx context.Context, caller authn.Caller, action authz.Action, parent authz.Resource) (func(authz.Resource) bool, error) {
	decision, err := g.decide(question(caller, action, parent))
	if err != nil {
		return nil, err
	}
	// There is nothing below a parent that does not exist: were the right to something elsewhere enough, the answer would
	// tell that it does not.
	if !decision.Allowed && parent.UID != "" && g.Authorizer.MayBelow(caller.Principal, action, parent.UID) {
		decision = authz.Decision{Allowed: true, Policies: []string{"granted below"}}
	}
	if err := g.record(ctx, caller, action, parent, decision, ""); err != nil {
		return nil, err
	}
	noun, _, _ := strings.Cut(string(action), ":")
	get := authz.Action(noun + ":get")
	return func(r authz.Resource) bool { return g.Holds(caller, action, r) && g.Holds(caller, get, r) }, nil
}

// Holds tells whether the caller holds a right, without recording it: for what an answer shows beside what was asked,
// never for whether to answer.
func (g *Gate) Holds(caller authn.Caller, action authz.Action, resource authz.Resource) bool {
	decision, err := g.decide(question(caller, action, resource))
	return err == nil && decision.Allowed
}

// SeesAll tells whether what Filter returns for an action would let everything of a kind in a namespace through. It is asked
// beside Filter, never instead: it records nothing. False: each has to be asked about.
func (g *Gate) SeesAll(caller authn.Caller, action authz.Action, kind authz.Kind, namespaceUID string) bool {
	noun, _, _ := strings.Cut(string(action), ":")
	all := func(action authz.Action) bool {
		return g.Authorizer.AllBelow(question(caller, action, authz.Resource{Kind: kind, NamespaceUID: namespaceUID}))
	}
	return g.fresh() == nil && all(action) && all(authz.Action(noun+":get"))
}

// HoldsUse tells whether the author of a projection holds the right to use a secret through it, when the caller
// renders that. Like Holds, it records nothing.
func (g *Gate) HoldsUse(caller authn.Caller, use Use) bool {
	decision, err := g.decide(delegated(caller, use))
	return err == nil && decision.Allowed
}

func (g *Gate) decide(q authz.Question) (authz.Decision, error) {
	if err := g.fresh(); err != nil {
		return authz.Decision{}, err
	}
	return g.Authorizer.Decide(q), nil
}

func (g *Gate) fresh() error {
	if err := g.Fresh(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

func question(caller authn.Caller, action authz.Action, resource authz.Resource) authz.Question {
	return authz.Question{
		Principal: caller.Principal,
		Action:    action,
		Resource:  resource,
		Context:   authz.Context{Address: caller.Address, AuthnMethod: caller.Method},
	}
}

// delegated is the question whether the absent author may use the secret for the caller.
func delegated(caller authn.Caller, use Use) authz.Question {
	q := question(caller, authz.SecretUse, use.Secret)
	q.Principal = use.Author
	q.Context.Delegated = true
	return q
}

func (g *Gate) record(ctx context.Context, caller authn.Caller, action authz.Action, resource authz.Resource, decision authz.Decision, detail string) error {
	e := event(caller, action, resource, decision)
	e.Detail = detail
	if decision.Err != nil {
		e.Detail = "no decision could be made of the policies"
	}
	durability := audit.Written
	if decision.Allowed && Changes(action) {
		durability = audit.Synced
	}
	if err := g.Log.Record(ctx, e, durability); err != nil {
		return fmt.Errorf("%w: recording the decision: %w", ErrUnavailable, err)
	}
	ticket, ok := ctx.Value(ticketKey{}).(*Ticket)
	if ok {
		ticket.resource.CompareAndSwap(nil, &resource.Name)
	}
	if !decision.Allowed {
		return &DeniedError{Action: action, Resource: resource.Name, Roles: g.RolesWith(action)}
	}
	if ok {
		ticket.allowed.Store(true)
	}
	return nil
}

func event(caller authn.Caller, action authz.Action, resource authz.Resource, decision authz.Decision) *audit.Event {
	e := &audit.Event{
		Kind:        audit.KindDecision,
		RequestID:   caller.RequestID,
		Principal:   caller.Name,
		AuthnMethod: caller.Method,
		TokenName:   caller.TokenName,
		Source:      caller.Source,
		Client:      caller.Client,
		Method:      caller.RPC,
		Action:      string(action),
		Resource:    resource.Name,
		ResourceUID: resource.UID,
		Decision:    audit.Deny,
		Reasons:     slices.Concat(decision.Grants, decision.Policies),
	}
	if decision.Allowed {
		e.Decision = audit.Allow
	}
	return e
}

// Changes tells whether an action changes something, so that allowing it must be on disk first. Every verb that is not
// named as reading does.
func Changes(action authz.Action) bool {
	_, verb, _ := strings.Cut(string(action), ":")
	switch verb {
	case "get", "list", "access", "use", "render", "verify", "status", "watch", "check":
		return false
	}
	return true
}

// Ticket tells what the gate was asked about during a call, and whether it has allowed something.
type Ticket struct {
	allowed  atomic.Bool
	resource atomic.Pointer[string]
}

type ticketKey struct{}

// WithTicket returns a context that carries a new ticket.
func WithTicket(ctx context.Context) (context.Context, *Ticket) {
	ticket := &Ticket{}
	return context.WithValue(ctx, ticketKey{}, ticket), ticket
}

// Resource is the name of the resource that the gate was asked about first, for the outcome of the call; empty if it was
// not asked.
func (t *Ticket) Resource() string {
	if name := t.resource.Load(); name != nil {
		return *name
	}
	return ""
}

// Allowed tells whether the gate has allowed something in the ticket's context. No other call may succeed.
func (t *Ticket) Allowed() bool { return t.allowed.Load() }

// Allowed tells whether the gate has allowed something in a context that carries a ticket.
func Allowed(ctx context.Context) bool {
	ticket, ok := ctx.Value(ticketKey{}).(*Ticket)
	return ok && ticket.Allowed()
}
