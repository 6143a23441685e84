package gate

import (
	"context"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// selfPolicy is the reason of what everybody may do with what is its own.
const selfPolicy = "self"

// AllowSelf decides whether the caller may do the action on what is its own, which needs no right: that it is its own,
// whoever calls has found out. Only a forbid denies it, and that only where something is changed other than given up. It
// records the decision. Its errors are ErrDenied and ErrUnavailable.
func (g *Gate) AllowSelf(ctx context.Context, caller authn.Caller, action authz.Action, resource authz.Resource, note string) error {
	if err := g.fresh(); err != nil {
		return err
	}
	decision := authz.Decision{Allowed: true, Policies: []string{selfPolicy}}
	if Changes(action) && action != authz.TokenDelete {
		q := question(caller, action, resource)
		q.Forbids = true
		if d := g.Authorizer.Decide(q); forbidden(d) {
			decision = d
		}
	}
	return g.record(ctx, caller, action, resource, decision, note)
}

// AllowAs decides whether the caller may make of one resource what is decided on as another one, such as under another
// name: it must not gain any of the actions by that, nor shed what forbids them. Only a denial is recorded, on the resource
// as it is. Its errors are ErrDenied and ErrUnavailable.
func (g *Gate) AllowAs(ctx context.Context, caller authn.Caller, is, becomes authz.Resource, note string, actions ...authz.Action) error {
	for _, action := range actions {
		before, err := g.forbidding(question(caller, action, is))
		if err != nil {
			return err
		}
		after, err := g.forbidding(question(caller, action, becomes))
		if err != nil {
			return err
		}
		if !before.Allowed && (after.Allowed || forbidden(before) && !forbidden(after)) {
			return g.record(ctx, caller, action, is, before, note)
		}
	}
	return nil
}

// forbidding is decide, looking at forbids even where nothing permits: a right may come later.
func (g *Gate) forbidding(q authz.Question) (authz.Decision, error) {
	q.Forbids = true
	return g.decide(q)
}

func forbidden(d authz.Decision) bool { return !d.Allowed && (d.Err != nil || len(d.Policies) > 0) }

// AllowGiving decides whether the caller may do the action on the resource, and whether it may give all that is given
// with it: nobody gives more than it holds. Principal and Context of the givings are the caller's. Each decision is
// recorded, up to the first that denies: that of a built-in role as the right to give it, that of other actions as the
// action itself, or, denied, as the first of them that the caller may not give. Its errors are ErrDenied and ErrUnavailable.
func (g *Gate) AllowGiving(ctx context.Context, caller authn.Caller, action authz.Action, resource authz.Resource, note string, givings []authz.Giving) error {
	decision, err := g.decide(question(caller, action, resource))
	if err != nil {
		return err
	}
	asked := action
	for _, giving := range givings {
		if !decision.Allowed {
			break
		}
		e := event(caller, asked, resource, decision)
		e.Detail = note
		g.Log.Outcome(e) // written, and synced, with the last one
		giving.Principal = caller.Principal
		giving.Context = authz.Context{Address: caller.Address, AuthnMethod: caller.Method}
		decision = g.Authorizer.DecideGiving(giving)
		resource = giving.Resource
		if asked = action; giving.Role != "" {
			asked = authz.GrantRole(giving.Role)
		} else if decision.Lacks != "" {
			asked = decision.Lacks
		}
	}
	return g.record(ctx, caller, asked, resource, decision, note)
}
