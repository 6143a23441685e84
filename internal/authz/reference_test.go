package authz_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// reference decides by looking at every grant and policy, with the roles of testdata and none of the package's data
// structures.
type reference struct {
	roles    map[authz.Role]map[authz.Action]bool
	parent   map[string]string // announced namespaces
	isolated map[string]bool
	grants   map[string]authz.Grant
	custom   map[string]authz.CustomRole
	rules    map[string]operatorRule
	now      time.Time
}

// operatorRule is an operator's policy of one statement without conditions.
type operatorRule struct {
	namespace string
	permit    bool
	principal string         // user or group; empty: everyone
	actions   []authz.Action // nil: all
}

func (o operatorRule) text() string {
	effect, principal, action := "forbid", "principal", "action"
	if o.permit {
		effect = "permit"
	}
	if bare, ok := strings.CutPrefix(o.principal, "user:"); ok {
		principal += fmt.Sprintf(" == User::%q", bare)
	} else if bare, ok := strings.CutPrefix(o.principal, "group:"); ok {
		principal += fmt.Sprintf(" in Group::%q", bare)
	}
	for i, each := range o.actions {
		action += []string{" in [", ", "}[min(i, 1)] + fmt.Sprintf("Action::%q", each)
	}
	return fmt.Sprintf("%s (%s, %s, resource);", effect, principal, action+strings.Repeat("]", min(len(o.actions), 1)))
}

// conditions are those of grants, with what they mean; the last fails to evaluate.
var conditions = map[string]func(authz.Question) bool{
	"":                             func(authz.Question) bool { return true },
	"!context.delegated":           func(q authz.Question) bool { return !q.Context.Delegated },
	`resource.hasTag("env")`:       func(q authz.Question) bool { return q.Resource.Labels["env"] != "" },
	`principal.name like "user:*"`: func(q authz.Question) bool { return strings.HasPrefix(q.Principal.Name, "user:") },
	`principal in Group::"a"`:      func(q authz.Question) bool { return slices.Contains(q.Principal.Groups, "group:a") },
	`resource.namespace == "a"`:    func(q authz.Question) bool { return namespaceOf(q.Resource) == "a" },
	overflow:                       func(authz.Question) bool { return false },
}

// namespaceOf is the ID of the namespace that the resource is in, or is.
func namespaceOf(r authz.Resource) string { return strings.Split(r.Name, "/")[1] }

const overflow = "9223372036854775807 + 1 > 0"

var kindsOf = map[string][]authz.Kind{
	"namespace":      {authz.KindNamespace},
	"secret":         {authz.KindNamespace, authz.KindSecret},
	"projection":     {authz.KindNamespace, authz.KindProjection},
	"serviceAccount": {authz.KindNamespace, authz.KindServiceAccount},
	"token":          {authz.KindNamespace, authz.KindServiceAccount, authz.KindToken},
	"grant":          {authz.KindNamespace, authz.KindSecret, authz.KindProjection, authz.KindServiceAccount, authz.KindGrant},
	"role":           {authz.KindNamespace, authz.KindRole},
	"policy":         {authz.KindNamespace, authz.KindPolicy},
	"user":           {authz.KindNamespace},
	"access":         {authz.KindNamespace, authz.KindSecret, authz.KindProjection, authz.KindServiceAccount, authz.KindToken, authz.KindGrant, authz.KindPolicy, authz.KindRole},
	"audit":          {authz.KindNamespace},
	"system":         {authz.KindNamespace},
}

func readRoles(t *testing.T) map[authz.Role]map[authz.Action]bool {
	t.Helper()
	table, err := os.ReadFile("testdata/roles.golden")
	if err != nil {
		t.Fatal(err)
	}
	roles := map[authz.Role]map[authz.Action]bool{}
	var role authz.Role
	for line := range strings.Lines(string(table)) {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(line, "\t") {
			roles[role][authz.Action(text)] = true
			continue
		}
		role = authz.Role(text)
		roles[role] = map[authz.Action]bool{}
	}
	return roles
}

func (r reference) kinds(action authz.Action) []authz.Kind {
	noun, _, _ := strings.Cut(string(action), ":")
	return kindsOf[noun]
}

// within tells whether the namespace is the other or below it.
func (r reference) within(uid, other string) bool {
	parent, ok := r.parent[uid]
	return ok && (uid == other || r.within(parent, other))
}

// holds tells whether the principal has the grant, and has it still.
func (r reference) holds(g authz.Grant, p authn.Principal) bool {
	switch {
	case !g.ExpireTime.IsZero() && !g.ExpireTime.After(r.now):
		return false
	case strings.HasPrefix(g.Principal, "group:"):
		return slices.Contains(p.Groups, g.Principal)
	case strings.HasPrefix(g.Principal, "user:"):
		return p.Name == g.Principal
	}
	return strings.HasPrefix(p.Name, "serviceAccount:") && p.UID == g.PrincipalUID
}

// reaches tells whether what is granted on the scope counts for the action on the resource.
func (r reference) reaches(scope, resource authz.Resource, action authz.Action) bool {
	if scope.Kind == resource.Kind && scope.UID == resource.UID {
		return true
	}
	if scope.Kind != authz.KindNamespace {
		return false
	}
	from, seen := resource.NamespaceUID, ""
	if parent, ok := r.parent[resource.UID]; ok && resource.Kind == authz.KindNamespace {
		if r.isolated[resource.UID] && action != authz.NamespaceGet && action != authz.NamespaceList {
			return false
		}
		from, seen = parent, resource.UID
	}
	return r.open(from, scope.UID, seen)
}

// open tells whether there is no border between the namespace and the one above it, or the same.
func (r reference) open(uid, above, seen string) bool {
	parent, ok := r.parent[uid]
	return ok && (uid == above || (!r.isolated[uid] || uid == seen) && r.open(parent, above, seen))
}

func space(r authz.Resource) string {
	if r.Kind == authz.KindNamespace {
		return r.UID
	}
	return r.NamespaceUID
}

// gives tells whether the grant's role has the action, and its name.
func (r reference) gives(g authz.Grant, action authz.Action) (string, bool) {
	if g.RoleUID == "" {
		return "role:" + string(g.Role), r.roles[g.Role][action]
	}
	role, ok := r.custom[g.RoleUID]
	return role.Name, ok && slices.Contains(role.Actions, action) && r.open(space(g.Scope), role.NamespaceUID, "")
}

func (r reference) decide(q authz.Question) authz.Decision {
	var d authz.Decision
	if !slices.Contains(r.kinds(q.Action), q.Resource.Kind) {
		return d
	}
	could := q.Forbids
	for _, g := range r.grants {
		role, gives := r.gives(g, q.Action)
		absent := q.Context.Delegated && strings.Contains(g.Condition, "context")
		if !gives || absent || !r.holds(g, q.Principal) || !r.reaches(g.Scope, q.Resource, q.Action) {
			continue
		}
		could = true
		if conditions[g.Condition](q) {
			d.Grants = append(d.Grants, g.Name)
			d.Policies = append(d.Policies, role)
		} else {
			d.Unmet = append(d.Unmet, g.Name)
		}
	}
	if q.Resource.Kind == authz.KindSecret && q.Resource.UID != "" && q.Resource.Owner == q.Principal.OwnerID() && r.roles["owner"][q.Action] {
		d.Policies = append(d.Policies, "role:owner")
	}
	for uid, rule := range r.rules {
		if rule.permit && rule.appliesTo(q) && r.reaches(authz.Namespace(rule.namespace, ""), q.Resource, q.Action) {
			d.Policies = append(d.Policies, uid+"#1")
		}
	}
	if forbids := r.forbids(q); len(forbids) > 0 {
		if !could && len(d.Policies) == 0 {
			forbids = nil
		}
		return authz.Decision{Policies: forbids}
	}
	if d.Allowed = len(d.Policies) > 0; d.Allowed {
		d.Unmet = nil
	}
	slices.Sort(d.Unmet)
	slices.Sort(d.Grants)
	slices.Sort(d.Policies)
	d.Policies = slices.Compact(d.Policies)
	return d
}

func (r reference) forbids(q authz.Question) []string {
	var found []string
	if q.Context.Delegated && q.Action != authz.SecretUse {
		found = append(found, "forbid:delegated")
	}
	if q.Action == authz.TokenCreate && q.Resource.Kind == authz.KindServiceAccount && strings.HasPrefix(q.Principal.Name, "serviceAccount:") && q.Principal.UID == q.Resource.UID {
		found = append(found, "forbid:self-mint")
	}
	itself := ""
	if q.Resource.Kind == authz.KindNamespace {
		itself = q.Resource.UID
	}
	at := q.Resource.NamespaceUID
	if _, ok := r.parent[q.Resource.UID]; ok && q.Resource.Kind == authz.KindNamespace {
		at = q.Resource.UID
	}
	for uid, rule := range r.rules {
		if !rule.permit && rule.appliesTo(q) && (r.above(at, rule.namespace) || rule.namespace == itself) {
			found = append(found, uid+"#1")
		}
	}
	slices.Sort(found)
	return found
}

func (o operatorRule) appliesTo(q authz.Question) bool {
	switch {
	case strings.HasPrefix(string(q.Action), "policy:"), o.actions != nil && !slices.Contains(o.actions, q.Action):
		return false
	case strings.HasPrefix(o.principal, "group:"):
		return slices.Contains(q.Principal.Groups, o.principal)
	}
	return o.principal == "" || o.principal == q.Principal.Name
}

func (r reference) mayBelow(p authn.Principal, action authz.Action, namespace string) bool {
	if _, ok := r.parent[namespace]; !ok {
		return false
	}
	related := func(scope authz.Resource) bool {
		return r.within(space(scope), namespace) || scope.Kind == authz.KindNamespace && r.open(namespace, scope.UID, "")
	}
	for _, g := range r.grants {
		_, gives := r.gives(g, action)
		could := g.Scope.Kind == authz.KindNamespace || slices.Contains(r.kinds(action), g.Scope.Kind)
		if gives && could && related(g.Scope) && r.holds(g, p) {
			return true
		}
	}
	for _, rule := range r.rules {
		named := rule.principal != "" && rule.appliesTo(authz.Question{Principal: p, Action: action})
		if rule.permit && named && related(authz.Namespace(rule.namespace, "")) {
			return true
		}
	}
	return false
}

// above tells whether the other is the namespace or above it, announced or not.
func (r reference) above(uid, other string) bool {
	parent, ok := r.parent[uid]
	return uid == other || ok && r.above(parent, other)
}

// place returns the tree with the namespace put, or false when that makes a cycle or too deep a path.
func (r reference) place(uid, parent string) (map[string]string, bool) {
	tree := maps.Clone(r.parent)
	tree[uid] = parent
	for at := range tree {
		above := 0
		for tree[at] != "" {
			at = tree[at]
			above++
			if above > authz.MaxDepth {
				return nil, false
			}
		}
	}
	return tree, true
}
