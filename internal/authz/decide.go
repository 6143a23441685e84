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
		Action:    rule.action.UID,
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
	d.Grants = slices.Compact(d.Grants) // a group may be named twice
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
	rule      *rule
	tree      *tree
	grants    []*grant // that count: held by the principal, on the resource or above it, of a role with the action
	principal cedar.Entity
	resource  cedar.Entity
}

func (a *Authorizer) slice(r *rule, asking cedar.EntityUID, groups []string, resource Resource, now time.Time) *slice {
	s := &slice{rule: r, tree: &a.tree}
	self, namespace := resource.entityUID(), resource.NamespaceUID
	var buffer [MaxDepth + 2]cedar.EntityUID // what a grant may be on: the resource, and every namespace above it
	reach := buffer[:0]
	switch _, announced := a.tree.nodes[resource.UID]; {
	case announced && resource.Kind == KindNamespace:
		namespace = resource.UID
	case resource.UID != "":
		reach = append(reach, self)
	}
	for n := range a.tree.up(namespace) {
		reach = append(reach, n.uid)
	}
	a.grants.eachHeld(asking, groups, func(held map[cedar.EntityUID][]*grant) {
		for _, on := range reach {
			for _, g := range held[on] {
				if slices.Contains(r.roles, g.Role) && !g.expired(now) {
					s.grants = append(s.grants, g)
				}
			}
		}
	})
	s.principal = cedar.Entity{UID: asking, Attributes: attributes(s.grants)}
	s.resource = cedar.Entity{UID: self, Parents: s.parents(self, namespace)}
	return s
}

// parents is what the resource is in. Unless a grant is on the resource itself, nothing asks for its own scope, and the
// set that the tree keeps will do.
func (s *slice) parents(self cedar.EntityUID, namespace string) cedar.EntityUIDSet {
	if slices.ContainsFunc(s.grants, func(g *grant) bool { return g.on == self }) {
		return cedar.NewEntityUIDSet(scopeOf(self), namespaceUID(namespace))
	}
	if n, ok := s.tree.nodes[namespace]; ok {
		return n.inside
	}
	return cedar.EntityUIDSet{}
}

// Get implements cedar.EntityGetter.
func (s *slice) Get(uid cedar.EntityUID) (cedar.Entity, bool) {
	switch uid.Type {
	case s.rule.action.UID.Type:
		return s.rule.action, uid == s.rule.action.UID
	case cedar.EntityType(KindNamespace):
		if n, ok := s.tree.nodes[string(uid.ID)]; ok {
			return cedar.Entity{UID: uid, Parents: n.inside}, true
		}
	}
	// A service account that asks about itself is both.
	var entity cedar.Entity
	if uid == s.principal.UID {
		entity = s.principal
	}
	if uid == s.resource.UID {
		entity.UID, entity.Parents = uid, s.resource.Parents
	}
	return entity, !entity.UID.IsZero()
}

// attributes is the record of scopes by role that the schema gives a principal.
func attributes(grants []*grant) cedar.Record {
	if len(grants) == 1 {
		return grants[0].attributes
	}
	sets := make(cedar.RecordMap, len(grants))
	for _, g := range grants {
		role := cedar.String(g.Role)
		set, _ := g.attributes.Get(role)
		if others, ok := sets[role].(cedar.Set); ok {
			set = cedar.NewSet(append(others.Slice(), scopeOf(g.on))...)
		}
		sets[role] = set
	}
	return cedar.NewRecord(sets)
}
