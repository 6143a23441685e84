package authz

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cedar-policy/cedar-go"

	"github.com/coffer-dev/coffer/internal/authn"
)

// Giving asks whether a principal may give a built-in role, or the actions of a custom role or of an operator's permit.
type Giving struct {
	Principal authn.Principal
	Role      Role     // empty with Actions
	Actions   []Action // each that applies to the resource must be held
	Resource  Resource // what it is to be given on
	Until     time.Time
	Context   Context
}

// DecideGiving tells whether the principal may give, which takes the right to write grants as well. Nobody gives more
// than it holds, nor longer: only grants without a condition that last until then count (for ever, if Until is zero),
// no permit of an operator, and being the owner only for what ends now; forbids do. A built-in role may be given by who holds the right to give it (GrantRole)
// on the resource, or every action of it that applies to the kind of resource, every action of it on a namespace. Of a
// list of actions, those that apply may each be given by who holds it, or the right to give a built-in role that has it.
//
// The decision has what made it for each action. Its error is ErrRequest or ErrEvaluation.
func (a *Authorizer) DecideGiving(g Giving) Decision {
	actions := g.Actions
	if g.Role != "" {
		info := a.model.roles[g.Role]
		if len(g.Actions) > 0 || !info.Grantable {
			return Decision{Err: fmt.Errorf("%w: %q is no role to grant", ErrRequest, g.Role)}
		}
		if d := a.holdsToGive(g, GrantRole(g.Role)); d.Allowed || d.Err != nil {
			return d
		}
		actions = info.Actions
	}
	// What does not apply to the resource gives nothing there.
	actions = slices.DeleteFunc(slices.Clone(actions), func(action Action) bool {
		rule, known := a.model.rules[action]
		return known && !slices.Contains(rule.resources, cedar.EntityType(g.Resource.Kind))
	})
	if len(actions) == 0 {
		return Decision{Err: fmt.Errorf("%w: nothing that could be given on a %q", ErrRequest, g.Resource.Kind)}
	}
	all := Decision{Allowed: true}
	for _, action := range actions {
		d := a.holdsToGive(g, action)
		if !d.Allowed && d.Err == nil && g.Role == "" {
			d = a.givesByRole(g, action, d)
		}
		if !d.Allowed && g.Role == "" {
			d.Lacks = action
		}
		if !d.Allowed {
			return d
		}
		all.Grants = append(all.Grants, d.Grants...)
		all.Policies = append(all.Policies, d.Policies...)
	}
	slices.Sort(all.Grants)
	all.Grants = slices.Compact(all.Grants)
	slices.Sort(all.Policies)
	all.Policies = slices.Compact(all.Policies)
	return all
}

// givesByRole decides by the right to give a role that has the action; denied is the answer otherwise.
func (a *Authorizer) givesByRole(g Giving, action Action, denied Decision) Decision {
	for _, role := range slices.Sorted(maps.Keys(a.model.roles)) {
		info := a.model.roles[role]
		if !info.Grantable || !slices.Contains(info.Actions, action) {
			continue
		}
		if d := a.holdsToGive(g, GrantRole(role)); d.Allowed {
			return d
		}
	}
	return denied
}

// holdsToGive decides by grants that last alone.
func (a *Authorizer) holdsToGive(g Giving, action Action) Decision {
	i, err := a.inquire(Question{Principal: g.Principal, Action: action, Resource: g.Resource, Context: g.Context})
	if err != nil {
		return Decision{Err: err}
	}
	i.lasting, i.until = true, g.Until
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.decide(&i)
}
