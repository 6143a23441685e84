package authz

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"

	"github.com/coffer-dev/coffer/internal/authn"
)

// Accessor is one reason why somebody may do an action on a resource.
type Accessor struct {
	// Principal is the name of a user, group or service account. It is empty for whoever the text of a policy means, and
	// for a service account of which only PrincipalUID is known.
	Principal    string
	PrincipalUID string // of a service account
	Grant        string // name of the grant; empty: the owner, or a policy
	Role         string // built-in role, or name of the custom one; empty: a policy
	Policy       string // the statement that permits it
	Conditional  bool   // it depends on more than who asks
	ExpireTime   time.Time
}

// Accessors tells who may do the action on the resource, and through what: grants, the owner, and what operators
// permit. An entry that an unconditional forbid certainly denies is left out; one that another forbid may deny is not.
// It is in no particular order. Its error is ErrRequest.
func (a *Authorizer) Accessors(action Action, resource Resource) ([]Accessor, error) {
	i, err := a.inquire(Question{Principal: authn.Principal{Name: "user:anyone"}, Action: action, Resource: resource})
	if err != nil {
		return nil, err
	}
	i.anyone, i.asking.ID, i.Principal.Name = true, "*", "user:*" // who is nobody, and holds nothing
	a.mu.RLock()
	defer a.mu.RUnlock()
	s := a.slice(&i)
	if err := s.complete(); err != nil {
		return nil, err
	}
	bans := s.bans()
	var found []Accessor
	add := func(entry Accessor, holder cedar.EntityUID) {
		if !bans.cover(s, holder) {
			found = append(found, entry)
		}
	}
	for _, on := range s.reach(nil) {
		for g := range a.grants.byScope[on] {
			if !g.expired(i.now) && a.gives(g, i.rule) {
				add(g.accessor(s), g.holder)
			}
		}
	}
	if owner, holder, ok := s.ownerOf(resource); ok {
		add(owner, holder)
	}
	for _, statement := range s.statements {
		if statement.permit && s.applies(statement.only(true), cedar.EntityUID{}) {
			entry, holder := statement.accessor()
			add(entry, holder)
		}
	}
	return found, nil
}

// Conditional tells whether a statement of an operator's policy, as decisions about the action name it, says more than
// whom it is about, which actions and what resources.
func (a *Authorizer) Conditional(action Action, policyUID, id string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.ContainsFunc(a.policies.byUID[policyUID].actions[action], func(s *statement) bool {
		return string(s.id) == id && s.conditional
	})
}

func (g *grant) accessor(s *slice) Accessor {
	role := cmp.Or(string(g.Role), s.roleName(g))
	entry := Accessor{Principal: g.Principal, Grant: g.Name, Role: role, Conditional: g.condition != nil, ExpireTime: g.ExpireTime}
	if g.holder.Type == cedar.EntityType(KindServiceAccount) {
		entry.PrincipalUID = g.PrincipalUID
	}
	return entry
}

func (s *slice) ownerOf(r Resource) (Accessor, cedar.EntityUID, bool) {
	if r.Owner == "" || !s.hasOwner() {
		return Accessor{}, cedar.EntityUID{}, false
	}
	entry := Accessor{Principal: r.Owner, Role: string(RoleOwner)}
	if uid, ok := strings.CutPrefix(r.Owner, string(authn.KindServiceAccount)+":"); ok {
		entry.Principal, entry.PrincipalUID = "", uid
		return entry, Resource{Kind: KindServiceAccount, UID: uid}.entityUID(), true
	}
	holder, err := holderOf(r.Owner, "")
	return entry, holder, err == nil
}

// accessor is whom a permit names, or means.
func (s *statement) accessor() (Accessor, cedar.EntityUID) {
	entry := Accessor{Policy: string(s.id), Conditional: s.conditional}
	var named cedar.EntityUID
	switch scope := s.principal.(type) {
	case ast.ScopeTypeEq:
		named = scope.Entity
	case ast.ScopeTypeIn:
		named = scope.Entity
	case ast.ScopeTypeIsIn:
		named = scope.Entity
		entry.Conditional = true
	case ast.ScopeTypeIs:
		entry.Conditional = true
	}
	switch named.Type {
	case "User":
		entry.Principal = string(authn.KindUser) + ":" + string(named.ID)
	case "Group":
		entry.Principal = string(authn.KindGroup) + ":" + string(named.ID)
	case cedar.EntityType(KindServiceAccount):
		entry.PrincipalUID = string(named.ID)
	case cedar.EntityType(KindNamespace):
		entry.Conditional = true
	}
	return entry, named
}

// bans are the forbids without conditions that apply to the resource, by whom they mean. There may be thousands of them and
// as many holders, so that asking each about each would keep the lock for long.
type bans struct {
	everybody bool
	are       map[cedar.EntityType]bool
	exactly   map[cedar.EntityUID]bool
	in        map[typedGroup]bool
}

// typedGroup is who is in an entity, of one type or of any.
type typedGroup struct {
	of  cedar.EntityType // empty: any
	uid cedar.EntityUID
}

func (s *slice) bans() bans {
	b := bans{are: map[cedar.EntityType]bool{}, exactly: map[cedar.EntityUID]bool{}, in: map[typedGroup]bool{}}
	for _, statement := range s.statements {
		if statement.permit || statement.conditional || !s.applies(statement.only(true), cedar.EntityUID{}) {
			continue
		}
		switch scope := statement.principal.(type) {
		case ast.ScopeTypeAll:
			b.everybody = true
		case ast.ScopeTypeIs:
			b.are[scope.Type] = true
		case ast.ScopeTypeEq:
			b.exactly[scope.Entity] = true
		case ast.ScopeTypeIn:
			b.in[typedGroup{"", scope.Entity}] = true
		case ast.ScopeTypeIsIn:
			b.in[typedGroup{scope.Type, scope.Entity}] = true
		}
	}
	return b
}

// cover tells whether a ban is on the holder, whatever groups it is in beside those that are known.
func (b bans) cover(s *slice, holder cedar.EntityUID) bool {
	if b.everybody || b.are[holder.Type] || b.exactly[holder] || b.within(holder, holder) {
		return true
	}
	known, _ := s.Get(holder)
	for parent := range known.Parents.All() {
		if b.within(holder, parent) {
			return true
		}
	}
	return false
}

func (b bans) within(holder, group cedar.EntityUID) bool {
	return b.in[typedGroup{"", group}] || b.in[typedGroup{holder.Type, group}]
}

// applies evaluates the scope of a statement, which cannot fail.
func (s *slice) applies(p *cedar.Policy, holder cedar.EntityUID) bool {
	request := s.request
	request.Principal = holder
	one := cedar.NewPolicySet()
	one.Add("", p)
	_, diagnostic := cedar.Authorize(one, s, request)
	return len(diagnostic.Reasons) > 0
}
