package authz

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"

	"github.com/coffer-dev/coffer/internal/authn"
)

// Names are the UIDs of what a text names, in order. Whoever keeps the text must find out whether they exist: a forbid of
// what never was forbids nothing.
type Names struct {
	Namespaces      []string
	ServiceAccounts []string
}

func (n *Names) add(p *cedar.Policy) {
	for _, uid := range named(p) {
		switch Kind(uid.Type) {
		case KindNamespace:
			n.Namespaces = append(n.Namespaces, string(uid.ID))
		case KindServiceAccount:
			n.ServiceAccounts = append(n.ServiceAccounts, string(uid.ID))
		}
	}
	for _, list := range []*[]string{&n.Namespaces, &n.ServiceAccounts} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

// named are the entities that the text names, but for the actions of its scope.
func named(p *cedar.Policy) []cedar.EntityUID {
	of := syntax(p)
	var found []cedar.EntityUID
	for _, scope := range []any{of.Principal, of.Resource} {
		switch scope := scope.(type) {
		case ast.ScopeTypeEq:
			found = append(found, scope.Entity)
		case ast.ScopeTypeIn:
			found = append(found, scope.Entity)
		case ast.ScopeTypeIsIn:
			found = append(found, scope.Entity)
		}
	}
	for _, condition := range of.Conditions {
		ast.Inspect(ast.NewNode(condition.Body), func(node ast.IsNode) bool {
			if value, ok := node.(ast.NodeValue); ok {
				if uid, ok := value.Value.(cedar.EntityUID); ok {
					found = append(found, uid)
				}
			}
			return true
		})
	}
	return found
}

// checkNames refuses to name what nothing can ever match: a forbid that does would fail open.
func checkNames(p *cedar.Policy) error {
	var wrong []error
	for _, uid := range named(p) {
		wrong = append(wrong, checkEntity(uid))
	}
	for _, condition := range syntax(p).Conditions {
		ast.Inspect(ast.NewNode(condition.Body), func(node ast.IsNode) bool {
			switch node := node.(type) {
			case ast.NodeTypeEquals:
				wrong = append(wrong, checkCompared(node.Left, node.Right), checkCompared(node.Right, node.Left))
			case ast.NodeTypeNotEquals:
				wrong = append(wrong, checkCompared(node.Left, node.Right), checkCompared(node.Right, node.Left))
			case ast.NodeTypeContains:
				wrong = append(wrong, checkCompared(node.Right, node.Left))
			}
			return true
		})
	}
	return errors.Join(wrong...)
}

func checkEntity(uid cedar.EntityUID) error {
	id := string(uid.ID)
	switch uid.Type {
	case "User":
		return checkBare(authn.KindUser, uid)
	case groupType:
		return checkBare(authn.KindGroup, uid)
	case cedar.EntityType(KindNamespace), cedar.EntityType(KindServiceAccount):
		if id == "" || strings.Contains(id, "/") {
			return fmt.Errorf("%s names no %s; use its uid, or compare resource.namespace or principal.name", uid, uid.Type)
		}
	case "Action":
	default:
		return fmt.Errorf("%s cannot be named; compare resource.id or a tag, or ask whether resource is %s", uid, uid.Type)
	}
	return nil
}

// checkBare refuses what no credential can give as a name.
func checkBare(kind authn.Kind, uid cedar.EntityUID) error {
	id := string(uid.ID)
	if _, _, err := authn.SplitPrincipal(id); err == nil {
		return fmt.Errorf("%s is nobody's name; leave out what is before it, as in %s::\"name\"", uid, uid.Type)
	}
	if _, _, err := authn.SplitPrincipal(string(kind) + ":" + id); err != nil {
		return fmt.Errorf("%s is nobody's name", uid)
	}
	return nil
}

// checkCompared refuses what no name of a principal is, where one is compared with it.
func checkCompared(of, with ast.IsNode) error {
	access, ok := of.(ast.NodeTypeAccess)
	if variable, is := access.Arg.(ast.NodeTypeVariable); !ok || !is || variable.Name != "principal" || access.Value != "name" {
		return nil
	}
	values := []ast.IsNode{with}
	if set, ok := with.(ast.NodeTypeSet); ok {
		values = set.Elements
	}
	for _, each := range values {
		value, _ := each.(ast.NodeValue)
		name, ok := value.Value.(cedar.String)
		if !ok {
			continue
		}
		if kind, _, err := authn.SplitPrincipal(string(name)); err != nil || kind == authn.KindGroup {
			return fmt.Errorf("%q is nobody's name; a name is user:… or serviceAccount:namespaces/…", string(name))
		}
	}
	return nil
}
