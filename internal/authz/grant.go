package authz

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"

	"github.com/coffer-dev/coffer/internal/authn"
)

// Grant gives a principal a role on a scope.
type Grant struct {
	UID  string // of the grant; required
	Name string // full resource name, told by decisions
	// Principal is a principal's name: "user:alice", "group:data-eng" or "serviceAccount:…".
	Principal string
	// PrincipalUID is the service account's, and what the grant binds to; a re-created account inherits nothing.
	// Required for service accounts, ignored for others.
	PrincipalUID string
	Role         Role   // a built-in one; empty with RoleUID
	RoleUID      string // of a custom role
	// Scope is a namespace, which means all below it too, or a single secret, projection or service account.
	Scope Resource
	// Condition is a Cedar expression, as inside "when { }", that must hold for the grant to count; empty: none. One that
	// fails to evaluate does not hold, and takes away nothing else: who may grant must not be able to forbid.
	Condition string
	// ExpireTime is the first moment at which the grant no longer counts; zero: never.
	ExpireTime time.Time
}

// grant is a Grant that was understood. It is immutable.
type grant struct {
	Grant
	holder cedar.EntityUID
	on     cedar.EntityUID // the entity of Scope
	held   cedar.String    // the attribute of the holder that has the scope, and the ID of the permit that looks at it
	// attributes is what the holder has by this grant alone, the usual case of a decision.
	attributes cedar.Record
	condition  *statement // nil: none
}

// What holds the scopes of all custom roles, and that of the owner.
const (
	customRole = rolePrefix + "custom"
	ownerRole  = rolePrefix + cedar.String(RoleOwner)
)

func (g *grant) expired(now time.Time) bool {
	return !g.ExpireTime.IsZero() && !now.Before(g.ExpireTime)
}

// readGrant understands a grant. Its error is ErrGrant.
func (m *model) readGrant(g Grant) (*grant, error) {
	if g.UID == "" || g.Scope.UID == "" {
		return nil, fmt.Errorf("%w: %q: a UID is missing", ErrGrant, g.Name)
	}
	if g.RoleUID == "" && !m.roles[g.Role].Grantable || g.RoleUID != "" && g.Role != "" {
		return nil, fmt.Errorf("%w: %q: %q is no role to grant", ErrGrant, g.Name, g.Role)
	}
	switch g.Scope.Kind {
	case KindNamespace, KindSecret, KindProjection, KindServiceAccount:
	default:
		return nil, fmt.Errorf("%w: %q: no grants on a %q", ErrGrant, g.Name, g.Scope.Kind)
	}
	holder, err := holderOf(g.Principal, g.PrincipalUID)
	if err != nil {
		return nil, fmt.Errorf("%w: %q: %w", ErrGrant, g.Name, err)
	}
	kept := &grant{Grant: g, holder: holder, on: g.Scope.entityUID(), held: customRole}
	if g.RoleUID == "" {
		kept.held = rolePrefix + cedar.String(g.Role)
	}
	kept.attributes = cedar.NewRecord(cedar.RecordMap{kept.held: cedar.NewSet(scopeOf(kept.on))})
	if g.Condition != "" {
		// A custom role may change, and its condition then fails to evaluate for an action that it was not checked for.
		if kept.condition, err = m.readCondition("grant:"+g.UID, m.roles[g.Role].Actions, g.Condition); err != nil {
			return nil, fmt.Errorf("%w: %q: condition: %w", ErrGrant, g.Name, err)
		}
	}
	return kept, nil
}

// gives tells whether the grant has the action by its role.
func (a *Authorizer) gives(g *grant, r *rule) bool {
	if g.RoleUID == "" {
		return slices.Contains(r.roles, g.Role)
	}
	role, ok := a.roles[g.RoleUID]
	return ok && role.has(r.name) && a.tree.reaches(role.NamespaceUID, g.Scope.space())
}

// grants finds grants by who holds them and on what.
type grants struct {
	byUID    map[string]*grant
	byHolder map[cedar.EntityUID]map[cedar.EntityUID][]*grant // holder → scope entity → grants
	byScope  map[cedar.EntityUID]map[*grant]bool
}

func newGrants() grants {
	return grants{
		byUID:    map[string]*grant{},
		byHolder: map[cedar.EntityUID]map[cedar.EntityUID][]*grant{},
		byScope:  map[cedar.EntityUID]map[*grant]bool{},
	}
}

func (s *grants) add(g *grant) {
	s.byUID[g.UID] = g
	held := s.byHolder[g.holder]
	if held == nil {
		held = map[cedar.EntityUID][]*grant{}
		s.byHolder[g.holder] = held
	}
	held[g.on] = append(held[g.on], g)
	if s.byScope[g.on] == nil {
		s.byScope[g.on] = map[*grant]bool{}
	}
	s.byScope[g.on][g] = true
}

func (s *grants) remove(uid string) {
	g, ok := s.byUID[uid]
	if !ok {
		return
	}
	delete(s.byUID, uid)
	held := s.byHolder[g.holder]
	held[g.on] = slices.DeleteFunc(held[g.on], func(other *grant) bool { return other == g })
	if len(held[g.on]) == 0 {
		delete(held, g.on)
	}
	if len(held) == 0 {
		delete(s.byHolder, g.holder)
	}
	delete(s.byScope[g.on], g)
	if len(s.byScope[g.on]) == 0 {
		delete(s.byScope, g.on)
	}
}

// holderOf is the entity that holds a principal's grants: by name, but for service accounts by UID. Its error is
// authn.ErrPrincipal.
func holderOf(name, uid string) (cedar.EntityUID, error) {
	kind, bare, err := authn.SplitPrincipal(name)
	if err != nil {
		return cedar.EntityUID{}, err
	}
	switch kind {
	case authn.KindUser:
		return cedar.EntityUID{Type: "User", ID: cedar.String(bare)}, nil
	case authn.KindGroup:
		return groupUID(bare), nil
	}
	if uid == "" {
		return cedar.EntityUID{}, fmt.Errorf("%w: a service account needs its UID", authn.ErrPrincipal)
	}
	return Resource{Kind: KindServiceAccount, UID: uid}.entityUID(), nil
}

const groupType = "Group"

func groupUID(bare string) cedar.EntityUID {
	return cedar.EntityUID{Type: groupType, ID: cedar.String(bare)}
}

func memberOf(groups []string, bare string) bool {
	return slices.ContainsFunc(groups, func(name string) bool {
		group, ok := strings.CutPrefix(name, string(authn.KindGroup)+":")
		return ok && group == bare
	})
}

// groupsOf are the entities of the groups among the names.
func groupsOf(names []string) []cedar.EntityUID {
	var groups []cedar.EntityUID
	for _, name := range names {
		if bare, ok := strings.CutPrefix(name, string(authn.KindGroup)+":"); ok {
			groups = append(groups, groupUID(bare))
		}
	}
	return groups
}

// eachHeld calls fn with the grants, by scope, of the asking principal and of each of its groups.
func (s *grants) eachHeld(asking cedar.EntityUID, groups []string, fn func(map[cedar.EntityUID][]*grant)) {
	if held := s.byHolder[asking]; held != nil {
		fn(held)
	}
	for _, group := range groups {
		if bare, ok := strings.CutPrefix(group, string(authn.KindGroup)+":"); ok {
			if held := s.byHolder[groupUID(bare)]; held != nil {
				fn(held)
			}
		}
	}
}
