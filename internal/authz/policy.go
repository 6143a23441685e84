package authz

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
)

// Policy is what the operators of a namespace wrote, in Cedar. It applies there and below.
type Policy struct {
	UID          string // required
	Name         string // full resource name, told by decisions with "#" and the statement's @id or number
	NamespaceUID string // required
	Text         string
}

// PolicyInfo is what a policy can do.
type PolicyInfo struct {
	Permits    []Action // that it may permit, in order: what its writer must be able to give
	Statements int
	Names
}

// policyNoun begins the actions that no operator's policy takes part in deciding.
const policyNoun = "policy:"

// unpermitted are the rights that only grants give, by noun: with them, a policy could give more than its writer holds.
var unpermitted = []string{"role", "grant", "user", "token", "access"}

var statementID = regexp.MustCompile(`^[-._A-Za-z0-9]{1,64}$`)

// ReadPolicy tells what a policy can do. Its error is ErrPolicy: the text is too large, does not parse, is not strictly
// valid against the schema, names what nothing can match, or permits what no policy may.
func (a *Authorizer) ReadPolicy(text string) (PolicyInfo, error) {
	statements, err := a.model.readOperator(Policy{Text: text})
	if err != nil {
		return PolicyInfo{}, err
	}
	info := PolicyInfo{Statements: len(statements)}
	for _, s := range statements {
		info.add(s.Policy)
		if s.permit {
			info.Permits = append(info.Permits, a.model.actionsOf(s)...)
		}
	}
	slices.Sort(info.Permits)
	info.Permits = slices.Compact(info.Permits)
	return info, nil
}

// readOperator returns the statements of a policy. Those that are not valid are told of by the error, an ErrPolicy, and
// fail closed.
func (m *model) readOperator(p Policy) ([]*statement, error) {
	list, err := parse(p.Text, MaxPolicySize, 0)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%w: no statement", ErrPolicy)
	}
	if err != nil {
		return []*statement{newStatement(p.Name, asPolicy(ast.Forbid()))}, err
	}
	var statements []*statement
	var wrong []error
	seen := map[string]bool{}
	for i, each := range list {
		id, annotated := each.Annotations()["id"]
		label := strconv.Itoa(i + 1)
		if annotated {
			label = string(id)
		}
		s := newStatement(p.Name+"#"+label, each)
		err := m.checkOperator(s)
		if !statementID.MatchString(label) || seen[label] {
			err = errors.Join(fmt.Errorf("@id(%q) is used twice, or does not match %s", brief(label), statementID), err)
		}
		seen[label] = true
		if err != nil {
			at := each.Position()
			wrong = append(wrong, fmt.Errorf("%w: line %d, column %d: %s", ErrPolicy, at.Line, at.Column, brief(err.Error())))
			if s.permit {
				continue
			}
			s = m.closed(s)
		}
		statements = append(statements, s)
	}
	return statements, errors.Join(wrong...)
}

// closed is what stands for a forbid that is not valid: one of everything, for its actions if all of them are known.
func (m *model) closed(s *statement) *statement {
	forbid := ast.Forbid()
	if scope := syntax(s.Policy).Action; m.knows(scope) {
		forbid.Action = scope
	}
	return newStatement(string(s.id), asPolicy(forbid))
}

func (m *model) knows(scope ast.IsActionScopeNode) bool {
	return !slices.ContainsFunc(namedActions(scope), func(uid cedar.EntityUID) bool {
		_, isAction := m.rules[Action(uid.ID)]
		_, isRole := m.roles[Role(strings.TrimPrefix(string(uid.ID), rolePrefix))]
		return uid.Type != "Action" || !isAction && !isRole
	})
}

// namedActions are the actions and roles that a scope names.
func namedActions(scope ast.IsActionScopeNode) []cedar.EntityUID {
	switch scope := scope.(type) {
	case ast.ScopeTypeEq:
		return []cedar.EntityUID{scope.Entity}
	case ast.ScopeTypeIn:
		return []cedar.EntityUID{scope.Entity}
	case ast.ScopeTypeInSet:
		return scope.Entities
	}
	return nil
}

// checkOperator finds what no operator may write.
func (m *model) checkOperator(s *statement) error {
	if err := m.operators.Policy("", syntax(s.Policy)); err != nil {
		return withoutID(err)
	}
	if err := cmp.Or(checkBody(s.Policy), checkNames(s.Policy)); err != nil {
		return err
	}
	named := namedActions(syntax(s.Policy).Action)
	if slices.ContainsFunc(named, func(uid cedar.EntityUID) bool { return strings.HasPrefix(string(uid.ID), policyNoun) }) {
		return errors.New("no policy takes part in deciding actions on policies, so that none can forbid its removal")
	}
	if !s.permit {
		return nil
	}
	if len(named) == 0 {
		return errors.New("a permit must name its actions")
	}
	for _, action := range m.actionsOf(s) {
		noun, _, _ := strings.Cut(string(action), ":")
		if slices.Contains(unpermitted, noun) || action == SecretSetOwner {
			return fmt.Errorf("%s can only be granted", action)
		}
	}
	return nil
}

// withoutID is an error of Cedar's validator without the ID that the policy has there.
func withoutID(err error) error {
	return errors.New(strings.TrimPrefix(err.Error(), "for policy ``, "))
}

// actionsOf are the actions that the statement may decide.
func (m *model) actionsOf(s *statement) []Action {
	scope := syntax(s.Policy).Action
	var actions []Action
	for action, rule := range m.rules {
		if !strings.HasPrefix(string(action), policyNoun) && rule.mayApply(scope) {
			actions = append(actions, action)
		}
	}
	return actions
}

// policySet finds statements by action and namespace.
type policySet struct {
	byUID    map[string]kept
	byAction map[Action]map[string]inForce // action → UID of the policy's namespace → statements
}

// inForce are the statements of the policies of one namespace. The permits are apart, so that a question that nothing
// permits is denied as fast where there are many forbids as where there is nothing.
type inForce struct{ permits, forbids []*statement }

// kept is what to take out again.
type kept struct {
	namespace string
	actions   map[Action][]*statement
}

func (s *policySet) add(p Policy, actions map[Action][]*statement) {
	s.byUID[p.UID] = kept{p.NamespaceUID, actions}
	for action, statements := range actions {
		if s.byAction[action] == nil {
			s.byAction[action] = map[string]inForce{}
		}
		in := s.byAction[action][p.NamespaceUID]
		for _, each := range statements {
			if each.permit {
				in.permits = append(in.permits, each)
			} else {
				in.forbids = append(in.forbids, each)
			}
		}
		s.byAction[action][p.NamespaceUID] = in
	}
}

func (s *policySet) remove(uid string) {
	old := s.byUID[uid]
	delete(s.byUID, uid)
	for action, statements := range old.actions {
		in := s.byAction[action]
		gone := func(each *statement) bool { return slices.Contains(statements, each) }
		left := in[old.namespace]
		left = inForce{slices.DeleteFunc(left.permits, gone), slices.DeleteFunc(left.forbids, gone)}
		in[old.namespace] = left
		if len(left.permits)+len(left.forbids) == 0 {
			delete(in, old.namespace)
		}
		if len(in) == 0 {
			delete(s.byAction, action)
		}
	}
}
