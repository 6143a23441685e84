package authz

import (
	"iter"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
)

// slice is the part of the data that a decision can depend on, as Cedar's entities and policies. It is used under the
// read lock.
type slice struct {
	*inquiry
	a          *Authorizer
	namespace  string       // that the resource is, or is in
	grants     []*grant     // that count: held by the principal, on the resource or above it, of a role with the action
	conditions []*grant     // that count if their condition holds
	statements []*statement // of operators
	uses       variables    // by conditions and statements
	owner      bool         // of the resource

	request   cedar.Request
	principal cedar.Entity
	resource  cedar.Entity
}

// slice lays out what of the data can permit what is asked. It is not complete.
func (a *Authorizer) slice(i *inquiry) *slice {
	s := a.emptySlice(i)
	var buffer [MaxDepth + 2]cedar.EntityUID
	reach := s.reach(buffer[:0])
	a.grants.eachHeld(i.asking, i.Principal.Groups, func(held map[cedar.EntityUID][]*grant) {
		for _, on := range reach {
			for _, g := range held[on] {
				s.consider(g)
			}
		}
	})
	if byNamespace := a.policies.byAction[i.rule.name]; len(byNamespace) > 0 && !s.lasting {
		s.permits(byNamespace)
	}
	s.owner = i.Resource.Owner != "" && i.Resource.Owner == i.Principal.OwnerID() && s.hasOwner() && !s.outlasts()
	return s
}

// idle tells whether nothing can permit what is asked: no forbid then changes the answer.
func (s *slice) idle() bool {
	return len(s.grants)+len(s.conditions)+len(s.statements) == 0 && !s.owner
}

// complete adds the forbids, and lays out what all of them look at. Its error is ErrRequest.
func (s *slice) complete() error {
	if byNamespace := s.a.policies.byAction[s.rule.name]; len(byNamespace) > 0 {
		s.forbids(byNamespace)
	}
	return s.entities()
}

// alone is a slice with statements of one policy and no grants, were the policy in the namespace of the resource. Its
// error is ErrRequest.
func (a *Authorizer) alone(i *inquiry, statements []*statement) (*slice, error) {
	s := a.emptySlice(i)
	for _, statement := range statements {
		if slices.Contains(a.model.actionsOf(statement), i.rule.name) {
			s.add(statement)
		}
	}
	return s, s.entities()
}

func (a *Authorizer) emptySlice(i *inquiry) *slice {
	s := &slice{inquiry: i, a: a, namespace: i.Resource.NamespaceUID}
	if a.announced(i.Resource) {
		s.namespace = i.Resource.UID
	}
	return s
}

// announced tells whether the resource is a namespace of the tree.
func (a *Authorizer) announced(r Resource) bool {
	if r.Kind != KindNamespace {
		return false
	}
	_, ok := a.tree.nodes[r.UID]
	return ok
}

// reach appends what a grant that counts may be on: the resource, and the namespaces whose grants reach it.
func (s *slice) reach(on []cedar.EntityUID) []cedar.EntityUID {
	if s.Resource.UID != "" && !s.a.announced(s.Resource) {
		on = append(on, s.Resource.entityUID())
	}
	for n := range s.a.tree.up(s.namespace) {
		on = append(on, n.uid)
		if s.cuts(n) {
			break
		}
	}
	return on
}

// permits adds the permits of the namespaces above, from as far as grants.
func (s *slice) permits(byNamespace map[string]inForce) {
	if s.Resource.Kind == KindNamespace && !s.a.announced(s.Resource) {
		s.addAll(byNamespace[s.Resource.UID].permits)
	}
	for n := range s.a.tree.up(s.namespace) {
		s.addAll(byNamespace[string(n.uid.ID)].permits)
		if s.cuts(n) {
			break
		}
	}
}

// forbids adds the forbids of the namespaces above: from everywhere, even from a namespace that is not announced, of which
// nothing above is known.
func (s *slice) forbids(byNamespace map[string]inForce) {
	if s.Resource.Kind == KindNamespace && !s.a.announced(s.Resource) {
		s.addAll(byNamespace[s.Resource.UID].forbids)
	}
	for uid := s.namespace; uid != ""; uid = s.a.tree.parent(uid) {
		s.addAll(byNamespace[uid].forbids)
	}
}

func (s *slice) addAll(statements []*statement) {
	for _, each := range statements {
		s.add(each)
	}
}

// add adds a statement, if it counts.
func (s *slice) add(one *statement) {
	if one.suspected != nil && s.Principal.GroupsUnknown {
		one = one.suspected
	}
	if !s.anyone && !one.meant(s.asking, s.Principal.Groups) || one.permit && s.Context.Delegated && one.uses.context {
		return
	}
	if s.statements == nil {
		s.statements = make([]*statement, 0, 16)
	}
	s.statements = append(s.statements, one)
	s.uses = s.uses.and(one.uses)
}

// outlasts tells whether what is decided may last longer than the resource has this owner: nobody knows for how long that is.
func (s *slice) outlasts() bool {
	return s.lasting && (s.until.IsZero() || s.until.After(s.now))
}

// hasOwner tells whether the owner of the resource holds the action by that.
func (s *slice) hasOwner() bool {
	return s.Resource.Kind == KindSecret && s.Resource.UID != "" && slices.Contains(s.rule.roles, RoleOwner)
}

// cuts tells whether what is granted or permitted above the namespace does not reach further down. Whoever is above an
// isolated one may see that it is there.
func (s *slice) cuts(n *node) bool {
	seen := s.Resource.Kind == KindNamespace && n.uid.ID == cedar.String(s.Resource.UID) &&
		(s.rule.name == NamespaceGet || s.rule.name == NamespaceList)
	return n.isolated && !seen
}

// consider adds a grant that the principal holds on what reaches the resource, if it counts.
func (s *slice) consider(g *grant) {
	if g.expired(s.now) || !s.a.gives(g, s.rule) {
		return
	}
	if s.lasting && (g.condition != nil || !g.ExpireTime.IsZero() && (s.until.IsZero() || g.ExpireTime.Before(s.until))) {
		return
	}
	switch {
	case g.condition == nil:
		s.grants = append(s.grants, g)
	case s.Context.Delegated && g.condition.uses.context:
	case !slices.Contains(s.conditions, g): // a group may be named twice
		s.conditions = append(s.conditions, g)
		s.uses = s.uses.and(g.condition.uses)
	}
}

// entities makes the request and what the policies of the slice look at: as a rule, no text of an operator applies, and
// there is little of it. Its error is ErrRequest.
func (s *slice) entities() error {
	self := s.Resource.entityUID()
	s.request = cedar.Request{Principal: s.asking, Action: s.rule.action.UID, Resource: self, Context: s.a.model.bare[s.Context.Delegated]}
	if s.uses.context {
		s.request.Context = s.Context.record(s.now)
	}
	s.resource = cedar.Entity{UID: self}
	if len(s.statements) > 0 || len(s.conditions) > 0 {
		id, err := s.Resource.id()
		if err != nil {
			return err
		}
		if s.uses.resource || s.uses.labels {
			seen := s.a.seen(&s.Resource, id)
			s.resource.Attributes, s.resource.Tags = seen.attributes, seen.tags
		}
	}
	s.resource.Parents = s.parents(self)
	s.asker()
	return nil
}

// asker makes the principal. A service account that is asked about itself is the resource as well.
func (s *slice) asker() {
	e := cedar.Entity{UID: s.asking}
	if e.UID == s.resource.UID {
		e = s.resource
	}
	known := e.Attributes.Map()
	if s.uses.principal {
		if known == nil {
			known = cedar.RecordMap{}
		}
		known["name"] = cedar.String(s.Principal.Name)
		if _, ok := known["id"]; !ok && e.UID.Type == cedar.EntityType(KindServiceAccount) {
			itself := Resource{Kind: KindServiceAccount, Name: strings.TrimPrefix(s.Principal.Name, "serviceAccount:")}
			id, _ := itself.id()
			known["id"], known["namespace"] = cedar.String(id), namespaceIn(itself.Name)
		}
	}
	if s.uses.groups || s.uses.claims {
		seen := s.a.asked(&s.Principal)
		switch {
		case e.UID == s.resource.UID:
			e.Parents = cedar.NewEntityUIDSet(slices.AppendSeq(slices.Clone(seen.parents), e.Parents.All())...)
		case e.UID.Type == cedar.EntityType(KindServiceAccount):
			e.Parents = seen.set
		default:
			e.Parents, e.Tags = seen.set, seen.tags
		}
	}
	e.Attributes = s.attributes(known)
	s.principal = e
}

// attributes is the record of scopes by role that the schema gives a principal, with what else is known of it.
func (s *slice) attributes(known cedar.RecordMap) cedar.Record {
	if known == nil && !s.owner && len(s.grants) == 1 {
		return s.grants[0].attributes
	}
	if known == nil && !s.owner && len(s.grants) == 0 {
		return cedar.Record{}
	}
	if known == nil {
		known = make(cedar.RecordMap, len(s.grants)+1)
	}
	for _, g := range s.grants {
		set, _ := g.attributes.Get(g.held)
		if others, ok := known[g.held].(cedar.Set); ok {
			set = cedar.NewSet(append(others.Slice(), scopeOf(g.on))...)
		}
		known[g.held] = set
	}
	if s.owner {
		known[ownerRole] = cedar.NewSet(scopeOf(s.resource.UID))
	}
	return cedar.NewRecord(known)
}

// parents is what the resource is in. Unless a grant is on the resource itself, nothing asks for its own scope, and the
// set that the tree keeps will do.
func (s *slice) parents(self cedar.EntityUID) cedar.EntityUIDSet {
	n, announced := s.a.tree.nodes[s.namespace]
	switch {
	case announced && n.uid == self:
		return n.inside
	case s.owner || slices.ContainsFunc(s.grants, func(g *grant) bool { return g.on == self }):
		return cedar.NewEntityUIDSet(scopeOf(self), namespaceUID(s.namespace))
	case announced:
		return n.inside
	}
	return cedar.NewEntityUIDSet(namespaceUID(s.namespace))
}

// Get implements cedar.EntityGetter.
func (s *slice) Get(uid cedar.EntityUID) (cedar.Entity, bool) {
	switch {
	case uid == s.principal.UID:
		return s.principal, true
	case uid == s.resource.UID:
		return s.resource, true
	case uid == s.rule.action.UID:
		return s.rule.action, true
	case uid.Type == cedar.EntityType(KindNamespace):
		if n, ok := s.a.tree.nodes[string(uid.ID)]; ok {
			return cedar.Entity{UID: uid, Parents: n.inside}, true
		}
	}
	return cedar.Entity{}, false
}

// All implements cedar.PolicyIterator. Of the built-in permits it has those of which there is a grant.
func (s *slice) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, forbid := range s.rule.forbids {
			if !yield(forbid.id, forbid.Policy) {
				return
			}
		}
		for i, g := range s.grants {
			same := func(other *grant) bool { return other.held == g.held }
			if p := s.rule.byRole[g.held]; !slices.ContainsFunc(s.grants[:i], same) && !yield(p.id, p.Policy) {
				return
			}
		}
		if p := s.rule.byRole[ownerRole]; s.owner && !yield(p.id, p.Policy) {
			return
		}
		for _, g := range s.conditions {
			if !yield(g.condition.id, g.condition.Policy) {
				return
			}
		}
		for _, statement := range s.statements {
			if !yield(statement.id, statement.Policy) {
				return
			}
		}
	}
}

// conditionOf is the grant whose condition is the policy; nil: it is another policy.
func (s *slice) conditionOf(id cedar.PolicyID) *grant {
	for _, g := range s.conditions {
		if g.condition.id == id {
			return g
		}
	}
	return nil
}
