package authz

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"github.com/coffer-dev/coffer/internal/authn"
)

// Context is how a question came, for policies and conditions.
type Context struct {
	Address     netip.Addr // of whoever sent the request; zero: unknown
	AuthnMethod string     // how it was authenticated; empty: unknown
	// Delegated: the principal is absent and its right is used through a projection, by whoever the rest of the context is
	// about. What operators permit, or grants give, by a text that looks at the context then does not count.
	Delegated bool
}

// record is the context as policies see it.
func (c Context) record(now time.Time) cedar.Record {
	values := cedar.RecordMap{"now": cedar.NewDatetime(now), "delegated": cedar.Boolean(c.Delegated)}
	if address := c.Address.Unmap().WithZone(""); address.IsValid() {
		values["address"] = types.IPAddr(netip.PrefixFrom(address, address.BitLen()))
	}
	if c.AuthnMethod != "" {
		values["authnMethod"] = cedar.String(c.AuthnMethod)
	}
	return cedar.NewRecord(values)
}

// Question is what a decision is asked for.
type Question struct {
	Principal authn.Principal
	Action    Action
	Resource  Resource
	Context   Context
	// Forbids looks at forbids even where nothing permits: for naming them, and for what needs no permission. Otherwise
	// they are not, as how long that takes would tell who has no right at all how many there are, and thereby what exists.
	Forbids bool
}

// Decision is allow or deny, with what made it.
type Decision struct {
	Allowed bool
	Grants  []string // names of the grants that allowed it, in order; empty when denied
	// Policies names what determined it, in order; empty: nothing permitted it. It has the permits, if allowed, or, if
	// anything could permit it or Question.Forbids is set, the forbids: "role:viewer" for a built-in role, the name of a custom role, "forbid:delegated" for a built-in forbid,
	// "namespaces/acme/policies/p#1" for a statement of an operator's policy.
	Policies []string
	Unmet    []string // names of the grants that would have allowed it, did their condition hold, in order; only of a denial without forbids
	Lacks    Action   // of a list of actions that may not be given: the first that is the reason
	Err      error    // ErrRequest or ErrEvaluation; never set when allowed
}

// Decide tells whether the principal may do the action on the resource, now.
func (a *Authorizer) Decide(q Question) Decision {
	i, err := a.inquire(q)
	if err != nil {
		return Decision{Err: err}
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.decide(&i)
}

// inquiry is a Question that fits the schema.
type inquiry struct {
	Question
	rule   *rule
	asking cedar.EntityUID
	now    time.Time
	// lasting leaves only the grants that stand by themselves, without conditions, until the time. Nothing else gives;
	// all forbids count.
	lasting bool
	until   time.Time // zero: for ever
	anyone  bool      // whom the question is of plays no part: all statements count
}

// inquire checks that the question fits the schema. Its error is ErrRequest.
func (a *Authorizer) inquire(q Question) (inquiry, error) {
	rule, asking, err := a.question(q.Principal, q.Action)
	if err == nil && !slices.Contains(rule.resources, cedar.EntityType(q.Resource.Kind)) {
		err = fmt.Errorf("%w: %s does not apply to a %q", ErrRequest, q.Action, q.Resource.Kind)
	}
	return inquiry{Question: q, rule: rule, asking: asking, now: a.now()}, err
}

// question checks that the principal may ask for the action at all. Its error is ErrRequest.
func (a *Authorizer) question(principal authn.Principal, action Action) (*rule, cedar.EntityUID, error) {
	rule, ok := a.model.rules[action]
	if !ok {
		return nil, cedar.EntityUID{}, fmt.Errorf("%w: no action %q", ErrRequest, action)
	}
	asking, err := holderOf(principal.Name, principal.UID)
	if err != nil {
		return nil, cedar.EntityUID{}, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	if !slices.Contains(rule.principals, asking.Type) {
		return nil, cedar.EntityUID{}, fmt.Errorf("%w: a %s cannot ask", ErrRequest, asking.Type)
	}
	return rule, asking, nil
}

// decide is called under the read lock.
func (a *Authorizer) decide(i *inquiry) Decision {
	s := a.slice(i)
	if s.idle() && !i.Forbids {
		return Decision{}
	}
	if err := s.complete(); err != nil {
		return Decision{Err: err}
	}
	decision, diagnostic := cedar.Authorize(s, s, s.request)
	d := Decision{Allowed: decision == cedar.Allow}
	for _, failed := range diagnostic.Errors {
		err := evaluationError(failed)
		switch {
		case s.conditionOf(failed.PolicyID) == nil:
			return Decision{Err: err}
		case !d.Allowed:
			d.Err = err
		}
	}
	for _, reason := range diagnostic.Reasons {
		s.explain(&d, reason.PolicyID)
	}
	if !d.Allowed && len(diagnostic.Reasons) == 0 {
		d.Unmet = s.unmet()
	}
	slices.Sort(d.Grants)
	d.Grants = slices.Compact(d.Grants) // a group may be named twice
	slices.Sort(d.Policies)
	d.Policies = slices.Compact(d.Policies)
	return d
}

func (s *slice) unmet() []string {
	var names []string
	for _, g := range s.conditions {
		names = append(names, g.Name)
	}
	slices.Sort(names)
	return names
}

func evaluationError(failed cedar.DiagnosticError) error {
	return fmt.Errorf("%w: %s: %s", ErrEvaluation, failed.PolicyID, failed.Message)
}

// explain adds what a policy that determined the decision stands for.
func (s *slice) explain(d *Decision, id cedar.PolicyID) {
	if g := s.conditionOf(id); g != nil {
		d.Grants = append(d.Grants, g.Name)
		d.Policies = append(d.Policies, s.roleName(g))
		return
	}
	if id != customRole {
		d.Policies = append(d.Policies, string(id))
	}
	for _, g := range s.grants {
		if string(g.held) != string(id) {
			continue
		}
		d.Grants = append(d.Grants, g.Name)
		if id == customRole {
			d.Policies = append(d.Policies, s.roleName(g))
		}
	}
}

// roleName is what a decision calls the role of a grant.
func (s *slice) roleName(g *grant) string {
	if g.RoleUID != "" {
		return s.a.roles[g.RoleUID].Name
	}
	return rolePrefix + string(g.Role)
}
