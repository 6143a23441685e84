package secrets

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// Reason is one cause of a decision, or of access.
type Reason struct {
	Grant       string // full name; empty: none
	Role        string // that the grant gives
	Policy      string // the statement, role:NAME or forbid:NAME
	Principal   string // who holds it
	Conditional bool
	Unmet       bool // its condition does not hold: it is one why not
	ExpireTime  time.Time
}

// CheckAccess is what CheckAccess asks.
type CheckAccess struct {
	Action        string
	Resource      string   // full name, of any kind
	Principal     string   // empty: the caller
	Groups        []string // of another principal; empty: those of its last login
	SourceAddress string   // empty: the caller's, or unknown for another principal
}

// AccessCheck is a decision and what made it.
type AccessCheck struct {
	Allowed bool
	Reasons []Reason // as far as the caller may get them
	Hidden  int      // how many more there are
	Roles   []string // built-in ones that would allow it, where it is denied and nothing forbids it
}

// Limits of explanations.
const (
	maxReasons     = 100 // told; the others are counted
	maxCheckGroups = 256
)

// self tells whether it is the caller that is asked about.
func (req CheckAccess) self(caller authn.Caller) bool {
	return req.Principal == "" || req.Principal == caller.Name
}

// CheckAccess decides without acting on it. Of itself, a caller learns no more than a call would tell: a denial reads the
// same for what it may not know as for what is not there.
func (s *Service) CheckAccess(ctx context.Context, caller authn.Caller, req CheckAccess) (AccessCheck, error) {
	a, err := s.resolve(ctx, "resource", req.Resource)
	if err != nil {
		return AccessCheck{}, err
	}
	note := clip(req.Action)
	if req.self(caller) {
		err = s.gate.AllowSelf(ctx, caller, authz.AccessCheck, a.resource, note)
	} else {
		err = s.gate.AllowAll(ctx, caller, a.resource, note+" by "+clip(req.Principal), authz.AccessCheck)
	}
	if err != nil {
		return AccessCheck{}, retold(err, a.name)
	}
	question, holder, err := s.question(caller, req)
	if err != nil {
		return AccessCheck{}, err
	}
	if isMalformed(a.fault) {
		return AccessCheck{}, a.fault
	}
	if own, err := s.ownToken(ctx, caller, req); own || err != nil {
		return AccessCheck{Allowed: own, Reasons: []Reason{{Policy: selfPolicy, Principal: caller.Name}}}, err
	}
	return s.explain(ctx, caller, a, question, holder)
}

// selfPolicy is the reason for what needs no right.
const selfPolicy = "self"

// ownToken tells whether a caller that asks about itself needs no right, as it is about a token of its own.
func (s *Service) ownToken(ctx context.Context, caller authn.Caller, req CheckAccess) (bool, error) {
	if !req.self(caller) {
		return false, nil
	}
	segments, from := strings.Split(req.Resource, "/"), 4
	if segments[0] == users {
		from = 2
	}
	h := s.locateHolder("resource", req.Resource, collectionsOf(segments, from)...)
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return h.read(snapshot) })
	return err == nil && s.needsNoRight(h, caller, authz.Action(req.Action)), err
}

// isMalformed tells whether a fault of a name is one of its spelling, which says nothing of what exists.
func isMalformed(fault error) bool {
	_, ok := fault.(*InvalidError) //nolint:errorlint // it is made here, and not wrapped
	return ok
}

// question is what is decided, and who may hold what decides it: all that they hold is the principal's own.
func (s *Service) question(caller authn.Caller, req CheckAccess) (q authz.Question, holder string, err error) {
	var p problems
	q = authz.Question{Principal: caller.Principal, Action: authz.Action(req.Action)}
	q.Context = authz.Context{Address: caller.Address, AuthnMethod: caller.Method}
	holder = caller.Name
	if !slices.Contains(s.authz.Actions(), q.Action) {
		p.addf("action", "%q is not an action", clip(req.Action))
	}
	if !req.self(caller) {
		q.Context = authz.Context{}
		holder = req.Principal
		if q.Principal, err = s.principalNamed(req.Principal); err != nil {
			p.addf("principal", "%v", err)
		}
	}
	if len(req.Groups) > 0 {
		if req.self(caller) {
			p.addf("groups", "only for another principal")
		}
		checkGroups(&p, req.Groups)
		q.Principal.Groups = req.Groups
		if holder != q.Principal.Name { // a group
			q.Principal.Groups = append([]string{holder}, req.Groups...)
		}
	}
	if req.SourceAddress != "" {
		address, err := netip.ParseAddr(req.SourceAddress)
		if err != nil || address.Zone() != "" {
			p.addf("source_address", "is not an IP address")
		}
		q.Context.Address = address.Unmap()
	}
	return q, holder, p.err()
}

func checkGroups(p *problems, groups []string) {
	if len(groups) > maxCheckGroups {
		p.addf("groups", "more than %d groups", maxCheckGroups)
	}
	for _, group := range groups {
		if kind, _, err := authn.SplitPrincipal(group); err != nil || kind != authn.KindGroup {
			p.addf("groups", "%q is not a group, like group:data-eng", clip(group))
		}
	}
}

// principalNamed is a principal by its name, as far as it is known while it is absent. A group is asked about as somebody
// of whom nothing else is known; an account that does not exist as one that holds nothing.
func (s *Service) principalNamed(name string) (authn.Principal, error) {
	kind, bare, err := authn.SplitPrincipal(name)
	switch {
	case err != nil:
		return authn.Principal{}, err
	case kind == authn.KindGroup:
		return authn.Principal{Name: string(authn.KindUser) + ":" + newUID(), Groups: []string{name}}, nil
	case kind == authn.KindServiceAccount:
		if lives, ok := s.AccountPrincipal(bare); ok {
			return lives, nil
		}
		return authn.Principal{Name: name, UID: newUID()}, nil
	}
	return s.absent(authn.Principal{Name: name}), nil
}

// explain decides and tells why. What is explained of a denial is what the caller may know of the resource: where it knows
// less, the same question about something that is not there. Only where that would be allowed does a call give away that
// there is more, and so does this.
func (s *Service) explain(ctx context.Context, caller authn.Caller, a asked, q authz.Question, holder string) (AccessCheck, error) {
	faces := s.faces(a)
	if !a.fits(q.Action) {
		faces[0] = faces[1]
	}
	q.Resource = faces[0]
	actual := s.authz.Decide(q)
	decision := actual
	if !actual.Allowed {
		q.Forbids = true // those of what it may know alone
		for face := s.known(caller, a); face >= 0; face-- {
			q.Resource = faces[face]
			if decision = s.authz.Decide(q); !decision.Allowed {
				break
			}
		}
	}
	check := AccessCheck{Allowed: actual.Allowed}
	if !actual.Allowed && len(decision.Policies) == 0 && decision.Err == nil {
		check.Roles = s.gate.RolesWith(q.Action)
	}
	own := holder == caller.Name
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		covered := map[string]bool{}
		for _, name := range decision.Grants {
			reason, seen, err := s.reasonOfGrant(snapshot, caller, name, own)
			if err != nil {
				return err
			}
			covered[reason.Role] = true
			check.add(reason, seen)
		}
		for _, name := range a.unmet(decision.Unmet, actual.Unmet, own) {
			reason, seen, err := s.reasonOfGrant(snapshot, caller, name, own)
			if err != nil {
				return err
			}
			reason.Unmet = true
			check.add(reason, seen)
		}
		for _, name := range decision.Policies {
			role, _ := strings.CutPrefix(name, builtInPrefix)
			if covered[role] {
				continue
			}
			reason, seen, err := s.reasonOfPolicy(snapshot, caller, q.Action, name, holder)
			if err != nil {
				return err
			}
			check.add(reason, seen)
		}
		return nil
	})
	return check, err
}

func (c *AccessCheck) add(reason Reason, seen bool) {
	if !seen || len(c.Reasons) == maxReasons {
		c.Hidden++
		return
	}
	c.Reasons = append(c.Reasons, reason)
}

// unmet are the grants whose condition did not hold, by what the caller may know of the resource. Of those that reach it in
// truth, a caller is told too which of its own were given in the very namespace of the name: they tell of nothing that lies
// below.
func (a asked) unmet(known, actual []string, own bool) []string {
	for _, name := range actual {
		here := a.get != authz.GrantGet && strings.HasPrefix(name, join(namespaces, a.ns.id, grantsOf)+"/")
		if own && here && !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	return known
}
