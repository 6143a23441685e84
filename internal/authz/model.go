package authz

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

//go:embed policy
var policyFiles embed.FS

const (
	schemaFile  = "policy/schema.cedarschema"
	rolesFile   = "policy/roles.cedar"
	forbidsFile = "policy/forbids.cedar"

	// rolePrefix begins the name of a role's action group, of its policy and of the attribute that holds where it was
	// granted; the rest of each is the role.
	rolePrefix = "role:"
)

// model is what the schema and the built-in policies say, laid out by action. It is immutable.
type model struct {
	roles     map[Role]RoleInfo
	rules     map[Action]*rule
	operators *validate.Validator // of what operators write
	// bare is the context where no text of an operator looks at it: the built-in policies ask only if it is delegated.
	bare map[bool]cedar.Record
}

// rule is what decides an action.
type rule struct {
	name       Action
	action     cedar.Entity // with all its ancestors as parents
	roles      []Role       // that have the action, in order
	principals []cedar.EntityType
	resources  []cedar.EntityType
	forbids    []policy                // built in
	byRole     map[cedar.String]policy // the built-in permit of each role that has the action, and that of custom roles
}

type policy struct {
	id cedar.PolicyID
	*cedar.Policy
}

// newModel reads the embedded schema and policies. Its error is ErrSchema.
func newModel() (*model, error) {
	resolved, err := readSchema()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrSchema, schemaFile, err)
	}
	var builtIn []policy
	for _, file := range []string{forbidsFile, rolesFile} {
		read, err := readPolicies(resolved, file)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrSchema, file, err)
		}
		builtIn = append(builtIn, read...)
	}
	m := &model{
		roles:     map[Role]RoleInfo{},
		rules:     map[Action]*rule{},
		operators: validate.New(forOperators(resolved), validate.WithStrict()),
		bare:      map[bool]cedar.Record{},
	}
	for _, delegated := range []bool{false, true} {
		m.bare[delegated] = Context{Delegated: delegated}.record(time.Unix(0, 0))
	}
	for uid, action := range resolved.Actions {
		if action.AppliesTo == nil {
			role := Role(strings.TrimPrefix(string(uid.ID), rolePrefix))
			m.roles[role] = RoleInfo{Role: role, Description: string(action.Annotations["doc"]), Grantable: role != RoleOwner}
			continue
		}
		m.rules[Action(uid.ID)] = newRule(action, ancestors(resolved, uid), builtIn)
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

func newRule(action resolved.Action, parents []cedar.EntityUID, builtIn []policy) *rule {
	uid := action.Entity.UID
	r := &rule{
		name:       Action(uid.ID),
		action:     cedar.Entity{UID: uid, Parents: cedar.NewEntityUIDSet(parents...)},
		principals: action.AppliesTo.Principals,
		resources:  action.AppliesTo.Resources,
		byRole:     map[cedar.String]policy{},
	}
	for _, parent := range parents {
		r.roles = append(r.roles, Role(strings.TrimPrefix(string(parent.ID), rolePrefix)))
	}
	slices.Sort(r.roles)
	for _, p := range builtIn {
		if !r.mayApply(syntax(p.Policy).Action) {
			continue
		}
		if p.Effect() == cedar.Forbid {
			r.forbids = append(r.forbids, p)
		} else {
			r.byRole[cedar.String(p.id)] = p
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
		if len(rule.byRole) != len(rule.roles)+1 {
			return fmt.Errorf("%w: %s: a role with action %q has no permit", ErrSchema, rolesFile, action)
		}
	}
	for role, info := range m.roles {
		if info.Description == "" || len(info.Actions) == 0 {
			return fmt.Errorf("%w: %s: role %q has no @doc or no action", ErrSchema, schemaFile, role)
		}
		if _, ok := m.rules[GrantRole(role)]; ok != info.Grantable {
			return fmt.Errorf("%w: %s: action %q: %v", ErrSchema, schemaFile, GrantRole(role), ok)
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

// forOperators is the schema less Scope and the attributes that hold scopes, which are how grants are decided.
func forOperators(s *resolved.Schema) *resolved.Schema {
	visible := *s
	visible.Entities = maps.Clone(s.Entities)
	delete(visible.Entities, "Scope")
	for name, entity := range visible.Entities {
		entity.ParentTypes = slices.DeleteFunc(slices.Clone(entity.ParentTypes), func(t cedar.EntityType) bool { return t == "Scope" })
		entity.Shape = maps.Clone(entity.Shape)
		maps.DeleteFunc(entity.Shape, func(_ cedar.String, a resolved.Attribute) bool {
			set, ok := a.Type.(resolved.SetType)
			return ok && set.Element == resolved.EntityType("Scope")
		})
		visible.Entities[name] = entity
	}
	return &visible
}

// readPolicies returns the built-in policies of a file under their @id, each strictly valid, in the order of the file.
func readPolicies(resolved *resolved.Schema, file string) ([]policy, error) {
	text, err := policyFiles.ReadFile(file)
	if err != nil {
		return nil, err
	}
	list, err := cedar.NewPolicyListFromBytes(file, text)
	if err != nil {
		return nil, err
	}
	validator := validate.New(resolved, validate.WithStrict())
	seen := map[cedar.PolicyID]bool{"": true}
	var set []policy
	for _, p := range list {
		id := cedar.PolicyID(p.Annotations()["id"])
		if seen[id] {
			return nil, fmt.Errorf("line %d: @id %q is missing or used twice", p.Position().Line, id)
		}
		seen[id] = true
		if err := validator.Policy(string(id), syntax(p)); err != nil {
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

// mayApply tells whether a policy with the scope can apply to the action.
func (r *rule) mayApply(scope ast.IsActionScopeNode) bool {
	switch scope := scope.(type) {
	case ast.ScopeTypeEq:
		return r.action.UID == scope.Entity
	case ast.ScopeTypeIn:
		return r.in(scope.Entity)
	case ast.ScopeTypeInSet:
		return slices.ContainsFunc(scope.Entities, r.in)
	}
	return true
}

func (r *rule) in(group cedar.EntityUID) bool {
	return r.action.UID == group || r.action.Parents.Contains(group)
}
