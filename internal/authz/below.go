package authz

import (
	"slices"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"

	"github.com/coffer-dev/coffer/internal/authn"
)

// MayBelow tells whether any grant of the principal, or any permit that names it or one of its groups, could give the
// action on something at, above or below the namespace: when none does, a list there is denied; otherwise it leaves out
// what the principal may not see. It is no permission.
func (a *Authorizer) MayBelow(principal authn.Principal, action Action, namespaceUID string) bool {
	rule, asking, err := a.question(principal, action)
	if err != nil {
		return false
	}
	now := a.now()

	a.mu.RLock()
	defer a.mu.RUnlock()
	if _, ok := a.tree.nodes[namespaceUID]; !ok {
		return false
	}
	found := false
	a.grants.eachHeld(asking, principal.Groups, func(held map[cedar.EntityUID][]*grant) {
		for on, grants := range held {
			if found {
				return
			}
			if !slices.Contains(rule.resources, on.Type) && on.Type != cedar.EntityType(KindNamespace) {
				continue
			}
			counts := func(g *grant) bool {
				return !g.expired(now) && a.tree.related(g.Scope, namespaceUID) && a.gives(g, rule)
			}
			found = slices.ContainsFunc(grants, counts)
		}
	})
	return found || a.permittedBelow(rule, append(groupsOf(principal.Groups), asking), namespaceUID)
}

func (a *Authorizer) permittedBelow(rule *rule, names []cedar.EntityUID, namespaceUID string) bool {
	for policiesOf, in := range a.policies.byAction[rule.name] {
		counts := func(s *statement) bool { return s.names(names) }
		if a.tree.related(Namespace(policiesOf, ""), namespaceUID) && slices.ContainsFunc(in.permits, counts) {
			return true
		}
	}
	return false
}

// names tells whether the scope of the statement names one of the entities.
func (s *statement) names(entities []cedar.EntityUID) bool {
	switch scope := s.principal.(type) {
	case ast.ScopeTypeEq:
		return slices.Contains(entities, scope.Entity)
	case ast.ScopeTypeIn:
		return slices.Contains(entities, scope.Entity)
	case ast.ScopeTypeIsIn:
		return slices.Contains(entities, scope.Entity)
	}
	return false
}

// AllBelow tells whether the principal may do the action on all there is, and may come to be, of a kind in a namespace,
// whatever else is known of it: by a grant without a condition, where no text of an operator says anything about it. Where it
// does not tell so, each has to be asked about.
func (a *Authorizer) AllBelow(q Question) bool {
	i, err := a.inquire(q)
	if err != nil || q.Resource.UID != "" || q.Resource.Kind == KindNamespace {
		return false
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	s := a.slice(&i)
	if len(s.grants) == 0 || s.complete() != nil || len(s.statements) > 0 {
		return false
	}
	decision, _ := cedar.Authorize(s, s, s.request)
	return decision == cedar.Allow
}
