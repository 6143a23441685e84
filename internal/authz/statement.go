package authz

import (
	"fmt"

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
}

// variables are those that the conditions of a text look at. What nothing looks at need not be made.
type variables struct{ principal, resource, context bool }

func (v variables) and(other variables) variables {
	return variables{v.principal || other.principal, v.resource || other.resource, v.context || other.context}
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
		s.uses.principal = true // the groups
	}
	for _, condition := range of.Conditions {
		ast.Inspect(ast.NewNode(condition.Body), func(node ast.IsNode) bool {
			if variable, ok := node.(ast.NodeTypeVariable); ok {
				s.uses = s.uses.and(variables{variable.Name == "principal", variable.Name == "resource", variable.Name == "context"})
			}
			return true
		})
	}
	return s
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

// checkBody refuses to look at the attributes and tags of an entity that is named in the text: only those of the
// principal and of the resource are known, and has and hasTag would be false of any other.
func checkBody(p *cedar.Policy) error {
	var err error
	for _, condition := range syntax(p).Conditions {
		ast.Inspect(ast.NewNode(condition.Body), func(node ast.IsNode) bool {
			var of ast.IsNode
			switch node := node.(type) {
			case ast.NodeTypeAccess:
				of = node.Arg
			case ast.NodeTypeHas:
				of = node.Arg
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
