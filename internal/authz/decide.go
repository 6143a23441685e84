package authz

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"

	"github.com/coffer-dev/coffer/internal/authn"
)

// Decision is allow or deny, with what made it.
type Decision struct {
	Allowed  bool
	Grants   []string // names of the grants that allowed it, in order; empty when denied
	Policies []string // IDs of the policies that determined it; empty: nothing permitted it
	Err      error    // ErrRequest or ErrEvaluation; never set when allowed
}

// Decide tells whether the principal may do the action on the resource, now.
func (a *Authorizer) Decide(principal authn.Principal, action Action, resource Resource) Decision {
	rule, asking, err := a.question(principal, action)
	if err == nil && !slices.Contains(rule.resources, cedar.EntityType(resource.Kind)) {
		err = fmt.Errorf("%w: %s does not apply to a %q", ErrRequest, action, resource.Kind)
	}
	if err != nil {
		return Decision{Err: err}
	}
	now := a.now()

	a.mu.RLock()
	defer a.mu.RUnlock()
	s := a.slice(rule, asking, principal.Groups, resource, now)
	decision, diagnostic := cedar.Authorize(rule.policies, s, cedar.Request{
		Principal: asking,
		Action:    rule.action,
		Resource:  s.resource.UID,
	})
	if len(diagnostic.Errors) > 0 {
		return Decision{Err: fmt.Errorf("%w: %s: %s", ErrEvaluation, diagnostic.Errors[0].PolicyID, diagnostic.Errors[0].Message)}
	}
	d := Decision{Allowed: decision == cedar.Allow}
	for _, reason := range diagnostic.Reasons {
		d.Policies = append(d.Policies, string(reason.PolicyID))
		role, _ := strings.CutPrefix(string(reason.PolicyID), rolePrefix)
		for _, g := range s.grants {
			if d.Allowed && string(g.Role) == role {
				d.Grants = append(d.Grants, g.Name)
			}
		}
	}
	slices.Sort(d.Grants)
	return d
}

// MayBelow tells whether any grant of the principal gives the action on something at, above or below the namespace: when
// none does, a list there is denied; otherwise it leaves out what the principal may not see. It is no permission.
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
				return slices.Contains(rule.roles, g.Role) && !g.expired(now) && a.tree.related(g.Scope, namespaceUID)
			}
			found = slices.ContainsFunc(grants, counts)
		}
	})
	return found
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

// slice is the part of the data that a decision can depend on, as Cedar's entities. It is used under the read lock.
type slice struct {
	model     *model
	tree      *tree
	principal cedar.Entity
	resource  cedar.Entity
	grants    []*grant // that count: held by the principal, on the resource or above it, of a role with the action
}

// Get implements cedar.EntityGetter.
func (s *slice) Get(uid cedar.EntityUID) (cedar.Entity, bool) {
	switch {
	case uid == s.resource.UID && uid == s.principal.UID: // a service account about itself
		return cedar.Entity{UID: uid, Parents: s.resource.Parents, Attributes: s.principal.Attributes}, true
	case uid == s.resource.UID:
		return s.resource, true
	case uid == s.principal.UID:
		return s.principal, true
	case uid.Type == cedar.EntityType(KindNamespace):
		if n, ok := s.tree.nodes[string(uid.ID)]; ok {
			return n.entity, true
		}
		return cedar.Entity{}, false
	}
	action, ok := s.model.actions[uid]
	return action, ok
}

func (a *Authorizer) slice(r *rule, asking cedar.EntityUID, groups []string, resource Resource, now time.Time) *slice {
	s := &slice{model: a.model, tree: &a.tree, resource: a.tree.entity(resource)}
	// The scopes that reach the resource: itself, and every announced namespace above it.
	var buffer [MaxDepth + 2]cedar.EntityUID
	reach := buffer[:0]
	if resource.UID != "" {
		reach = append(reach, s.resource.UID)
	}
	for n, ok := a.tree.nodes[a.tree.above(resource)]; ok; n, ok = a.tree.nodes[n.parent] {
		reach = append(reach, n.entity.UID)
	}
	a.grants.eachHeld(asking, groups, func(held map[cedar.EntityUID][]*grant) {
		for _, scope := range reach {
			for _, g := range held[scope] {
				if slices.Contains(r.roles, g.Role) && !g.expired(now) {
					s.grants = append(s.grants, g)
				}
			}
		}
	})
	s.principal = cedar.Entity{UID: asking, Attributes: attributes(s.grants)}
	return s
}

// attributes is the record of scopes by role that the schema gives a principal.
func attributes(grants []*grant) cedar.Record {
	scopes := make(map[Role][]cedar.Value, 1)
	for _, g := range grants {
		scopes[g.Role] = append(scopes[g.Role], scopeOf(g.on))
	}
	sets := make(cedar.RecordMap, len(scopes))
	for role, values := range scopes {
		sets[cedar.String(role)] = cedar.NewSet(values...)
	}
	return cedar.NewRecord(sets)
}
