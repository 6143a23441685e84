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
	Role         Role
	// Scope is a namespace, which means all below it too, or a single secret, projection or service account.
	Scope Resource
	// ExpireTime is the first moment at which the grant no longer counts; zero: never.
	ExpireTime time.Time
}

// grant is a Grant that was understood. It is immutable.
type grant struct {
	Grant
	holder cedar.EntityUID
	on     cedar.EntityUID // the entity of Scope
	// attributes is what the holder has by this grant alone, the usual case of a decision.
	attributes cedar.Record
}

func (g *grant) expired(now time.Time) bool {
	return !g.ExpireTime.IsZero() && !now.Before(g.ExpireTime)
}

// grants finds grants by who holds them and on what.
type grants struct {
	byUID    map[string]*grant
	byHolder map[cedar.EntityUID]map[cedar.EntityUID][]*grant // holder → scope entity → grants
}

func (s *grants) put(g Grant, m *model) error {
	if g.UID == "" || g.Scope.UID == "" {
		return fmt.Errorf("%w: %q: a UID is missing", ErrGrant, g.Name)
	}
	if _, ok := m.roles[g.Role]; !ok {
		return fmt.Errorf("%w: %q: no role %q", ErrGrant, g.Name, g.Role)
	}
	switch g.Scope.Kind {
	case KindNamespace, KindSecret, KindProjection, KindServiceAccount:
	default:
		return fmt.Errorf("%w: %q: no grants on a %q", ErrGrant, g.Name, g.Scope.Kind)
	}
	holder, err := holderOf(g.Principal, g.PrincipalUID)
	if err != nil {
		return fmt.Errorf("%w: %q: %w", ErrGrant, g.Name, err)
	}
	on := g.Scope.entityUID()
	kept := &grant{
		Grant:      g,
		holder:     holder,
		on:         on,
		attributes: cedar.NewRecord(cedar.RecordMap{cedar.String(g.Role): cedar.NewSet(scopeOf(on))}),
	}
	s.byUID[g.UID] = kept
	held := s.byHolder[holder]
	if held == nil {
		held = map[cedar.EntityUID][]*grant{}
		s.byHolder[holder] = held
	}
	held[on] = append(held[on], kept)
	return nil
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

// groupUID keys a group's grants. Groups are no entities of the schema: they never ask.
func groupUID(bare string) cedar.EntityUID {
	return cedar.EntityUID{Type: "Group", ID: cedar.String(bare)}
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
