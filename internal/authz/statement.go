package authz

import (
	"fmt"
	"strings"

	"github.com/cedar-policy/cedar-go"
	cedarast "github.com/cedar-policy/cedar-go/ast"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
)

// statement is one permit or forbid that an operator wrote, or the permit that the condition of a grant makes.
type statement struct {
	policy
	permit    bool
	principal ast.IsPrincipalScopeNode
	uses      variables
	// conditional tells whether it says more than its scope.
	conditional bool
	// suspected is what a forbid that looks at groups or claims says of somebody whose are not known: as if they were those
	// that it is about. nil for all others.
	suspected *statement
}

// variables are what the conditions of a text look at. What nothing looks at need not be made.
type variables struct {
	groups, claims, principal bool // the parents, tags and attributes of the principal
	labels, resource          bool // the tags and attributes of the resource
	context                   bool
}

func (v variables) and(o variables) variables {
	return variables{
		v.groups || o.groups, v.claims || o.claims, v.principal || o.principal,
		v.labels || o.labels, v.resource || o.resource, v.context || o.context,
	}
}

// look adds what a node of a condition looks at. A variable that is not looked into is only compared, or asked what it is
// in; what is within another expression may be looked into there.
func (v *variables) look(node ast.IsNode) {
	switch node := node.(type) {
	case ast.NodeTypeVariable:
		v.context = v.context || node.Name == "context"
		v.groups = v.groups || node.Name == "principal"
	case ast.NodeTypeAccess:
		v.attributes(node.Arg)
	case ast.NodeTypeHas:
		v.attributes(node.Arg)
	case ast.NodeTypeGetTag:
		v.tags(node.Left)
	case ast.NodeTypeHasTag:
		v.tags(node.Left)
	}
}

func (v *variables) attributes(of ast.IsNode) {
	principal, resource := variablesIn(of)
	v.principal = v.principal || principal
	v.resource = v.resource || resource
}

func (v *variables) tags(of ast.IsNode) {
	principal, resource := variablesIn(of)
	v.claims = v.claims || principal
	v.labels = v.labels || resource
}

// variablesIn tells whether the entity that an expression is may be the principal or the resource.
func variablesIn(of ast.IsNode) (principal, resource bool) {
	ast.Inspect(ast.NewNode(of), func(node ast.IsNode) bool {
		if variable, ok := node.(ast.NodeTypeVariable); ok {
			principal = principal || variable.Name == "principal"
			resource = resource || variable.Name == "resource"
		}
		return true
	})
	return principal, resource
}

func newStatement(id string, p *cedar.Policy) *statement {
	of := syntax(p)
	s := &statement{
		policy:      policy{id: cedar.PolicyID(id), Policy: p},
		permit:      p.Effect() == cedar.Permit,
		principal:   of.Principal,
		conditional: len(of.Conditions) > 0,
	}
	switch of.Principal.(type) {
	case ast.ScopeTypeIn, ast.ScopeTypeIsIn:
		s.uses.groups = true
	}
	var looked variables
	for _, condition := range of.Conditions {
		ast.Inspect(ast.NewNode(condition.Body), func(node ast.IsNode) bool {
			looked.look(node)
			return true
		})
	}
	s.uses = s.uses.and(looked)
	if !s.permit && (s.uses.groups || s.uses.claims) {
		s.suspected = s.suspect(looked)
	}
	return s
}

// suspect makes what a forbid says of somebody who may be in any group and have any claims. looked is what its conditions
// look at: where they look at those, they hold.
func (s *statement) suspect(looked variables) *statement {
	of := *syntax(s.Policy)
	switch scope := of.Principal.(type) {
	case ast.ScopeTypeIn:
		if scope.Entity.Type == groupType {
			of.Principal = ast.Scope{}.All()
		}
	case ast.ScopeTypeIsIn:
		if scope.Entity.Type == groupType {
			of.Principal = ast.Scope{}.Is(scope.Type)
		}
	}
	if looked.groups || looked.claims {
		of.Conditions, looked = nil, variables{}
	}
	return &statement{policy: policy{id: s.id, Policy: asPolicy(&of)}, principal: of.Principal, uses: looked, conditional: len(of.Conditions) > 0}
}

// meant tells whether the scope of the statement can be about the principal. It only saves time, so it answers yes when in
// doubt: Cedar evaluates the scope again.
func (s *statement) meant(asking cedar.EntityUID, groups []string) bool {
	switch scope := s.principal.(type) {
	case ast.ScopeTypeEq:
		return scope.Entity == asking
	case ast.ScopeTypeIs:
		return scope.Type == asking.Type
	case ast.ScopeTypeIn:
		return scope.Entity.Type != groupType || memberOf(groups, string(scope.Entity.ID))
	}
	return true
}

// only is the statement without what its conditions say, and for whichever principal if anyone is true.
func (s *statement) only(anyone bool) *cedar.Policy {
	scope := *syntax(s.Policy)
	scope.Conditions = nil
	if anyone {
		scope.Principal = ast.Scope{}.All()
	}
	return asPolicy(&scope)
}

func syntax(p *cedar.Policy) *ast.Policy { return (*ast.Policy)(p.AST()) }

func asPolicy(tree *ast.Policy) *cedar.Policy {
	return cedar.NewPolicyFromAST((*cedarast.Policy)(tree))
}

// checkBody refuses to look at what a principal was granted, and at the attributes and tags of an entity that is named in
// the text: only those of the principal and of the resource are known, and has and hasTag would be false of any other.
func checkBody(p *cedar.Policy) error {
	var err error
	for _, condition := range syntax(p).Conditions {
		ast.Inspect(ast.NewNode(condition.Body), func(node ast.IsNode) bool {
			var of ast.IsNode
			var attribute cedar.String
			switch node := node.(type) {
			case ast.NodeTypeAccess:
				of, attribute = node.Arg, node.Value
			case ast.NodeTypeHas:
				of, attribute = node.Arg, node.Value
			case ast.NodeTypeGetTag:
				of = node.Left
			case ast.NodeTypeHasTag:
				of = node.Left
			default:
				return true
			}
			if named, ok := namedIn(of); ok {
				err = fmt.Errorf("nothing is known of %s here; look at principal or resource", named)
			}
			if strings.HasPrefix(string(attribute), rolePrefix) {
				err = fmt.Errorf("no attribute %q", attribute)
			}
			return true
		})
	}
	return err
}

func namedIn(node ast.IsNode) (found cedar.EntityUID, ok bool) {
	ast.Inspect(ast.NewNode(node), func(node ast.IsNode) bool {
		if value, is := node.(ast.NodeValue); is && !ok {
			found, ok = value.Value.(cedar.EntityUID)
		}
		return !ok
	})
	return found, ok
}
