package authz

import (
	"embed"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

//go:embed policy
var policyFiles embed.FS

const (
	schemaFile = "policy/schema.cedarschema"
	rolesFile  = "policy/roles.cedar"

	// rolePrefix begins the name of a role's action group and of its policy; the rest of either is the role.
	rolePrefix = "role:"
)

// model is what the schema and the built-in policies say, laid out by action. It is immutable.
type model struct {
	roles map[Role]RoleInfo
	rules map[Action]*rule
}

// rule is what decides an action.
type rule struct {
	action     cedar.Entity // with all its ancestors as parents
	roles      []Role       // that have the action, in order
	principals []cedar.EntityType
	resources  []cedar.EntityType
	policies   policies
}

// policies is a slice of the policy set: only what can apply to one action.
type policies []policy

type policy struct {
	id cedar.PolicyID
	*cedar.Policy
}

// All implements cedar.PolicyIterator.
func (p policies) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, each := range p {
			if !yield(each.id, each.Policy) {
				return
			}
		}
	}
}

// newModel reads the embedded schema and policies. Its error is ErrSchema.
func newModel() (*model, error) {
	resolved, err := readSchema()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrSchema, schemaFile, err)
	}
	policies, err := readPolicies(resolved)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrSchema, rolesFile, err)
	}
	m := &model{roles: map[Role]RoleInfo{}, rules: map[Action]*rule{}}
	for uid, action := range resolved.Actions {
		if role, ok := strings.CutPrefix(string(uid.ID), rolePrefix); ok {
			m.roles[Role(role)] = RoleInfo{Role: Role(role), Description: string(action.Annotations["doc"])}
			continue
		}
		m.rules[Action(uid.ID)] = newRule(action, ancestors(resolved, uid), policies)
	}
	for _, action := range slices.Sorted(maps.Keys(m.rules)) {
		for _, role := range m.rules[action].roles {
			info := m.roles[role]
			info.Actions = append(info.Actions, action)
			m.roles[role] = info
		}
	}
	return m, m.check()
}

func newRule(action resolved.Action, parents []cedar.EntityUID, set policies) *rule {
	uid := action.Entity.UID
	r := &rule{action: cedar.Entity{UID: uid, Parents: cedar.NewEntityUIDSet(parents...)}}
	if to := action.AppliesTo; to != nil {
		r.principals, r.resources = to.Principals, to.Resources
	}
	for _, parent := range parents {
		r.roles = append(r.roles, Role(strings.TrimPrefix(string(parent.ID), rolePrefix)))
	}
	slices.Sort(r.roles)
	for _, p := range set {
		if mayApply((*ast.Policy)(p.AST()).Action, parents) {
			r.policies = append(r.policies, p)
		}
	}
	return r
}

// check finds what would make a role or an action mean nothing.
func (m *model) check() error {
	for action, rule := range m.rules {
		if len(rule.roles) == 0 || len(rule.resources) == 0 || len(rule.principals) == 0 {
			return fmt.Errorf("%w: %s: action %q is in no role or applies to nothing", ErrSchema, schemaFile, action)
		}
	}
	for role, info := range m.roles {
		if info.Description == "" || len(info.Actions) == 0 {
			return fmt.Errorf("%w: %s: role %q has no @doc or no action", ErrSchema, schemaFile, role)
		}
		if _, ok := m.rules[GrantRole(role)]; !ok {
			return fmt.Errorf("%w: %s: no action %q", ErrSchema, schemaFile, GrantRole(role))
		}
	}
	return nil
}

func (m *model) roleTable() []RoleInfo {
	var table []RoleInfo
	for _, role := range slices.Sorted(maps.Keys(m.roles)) {
		info := m.roles[role]
		info.Actions = slices.Clone(info.Actions)
		table = append(table, info)
	}
	return table
}

func (m *model) actionList() []Action { return slices.Sorted(maps.Keys(m.rules)) }

func readSchema() (*resolved.Schema, error) {
	text, err := policyFiles.ReadFile(schemaFile)
	if err != nil {
		return nil, err
	}
	var s schema.Schema
	if err := s.UnmarshalCedar(text); err != nil {
		return nil, err
	}
	return s.Resolve()
}

// readPolicies returns the built-in policies under their @id, each strictly valid, in the order of the file.
func readPolicies(resolved *resolved.Schema) (policies, error) {
	text, err := policyFiles.ReadFile(rolesFile)
	if err != nil {
		return nil, err
	}
	list, err := cedar.NewPolicyListFromBytes(rolesFile, text)
	if err != nil {
		return nil, err
	}
	validator := validate.New(resolved, validate.WithStrict())
	seen := map[cedar.PolicyID]bool{"": true}
	var set policies
	for _, p := range list {
		id := cedar.PolicyID(p.Annotations()["id"])
		if seen[id] {
			return nil, fmt.Errorf("line %d: @id %q is missing or used twice", p.Position().Line, id)
		}
		seen[id] = true
		if err := validator.Policy(string(id), (*ast.Policy)(p.AST())); err != nil {
			return nil, err
		}
		set = append(set, policy{id: id, Policy: p})
	}
	return set, nil
}

// ancestors returns the action groups that the action is in, directly or through other groups.
func ancestors(s *resolved.Schema, uid cedar.EntityUID) []cedar.EntityUID {
	var found []cedar.EntityUID
	for todo := []cedar.EntityUID{uid}; len(todo) > 0; todo = todo[1:] {
		for parent := range s.Actions[todo[0]].Entity.Parents.All() {
			if !slices.Contains(found, parent) {
				found = append(found, parent)
				todo = append(todo, parent)
			}
		}
	}
	return found
}

// mayApply tells whether a policy with the scope can apply to an action that is in the groups. It only saves time, so it
// answers yes when in doubt: Cedar evaluates the scope again.
func mayApply(scope ast.IsActionScopeNode, groups []cedar.EntityUID) bool {
	in, ok := scope.(ast.ScopeTypeIn)
	return !ok || slices.Contains(groups, in.Entity)
}
