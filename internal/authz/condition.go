package authz

import (
	"cmp"
	"fmt"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
)

// CheckCondition tells whether a condition is valid for grants of the actions, and what it names. Its error is ErrPolicy.
func (a *Authorizer) CheckCondition(actions []Action, condition string) (Names, error) {
	s, err := a.model.readCondition("", actions, condition)
	if err != nil {
		return Names{}, err
	}
	var names Names
	names.add(s.Policy)
	return names, nil
}

// readCondition makes a permit of a condition. Whom, what and where the grant is for is not in it: a decision asks only
// the conditions of the grants that count. Its error is ErrPolicy.
func (m *model) readCondition(id string, actions []Action, condition string) (*statement, error) {
	if err := checkText(condition, MaxConditionSize); err != nil {
		return nil, err
	}
	// A condition may end in a comment. One that closes the brace makes two clauses, or two statements. It begins in the
	// first line, so that errors tell its lines.
	const before = "permit (principal, action, resource) when {"
	list, err := parse(before+condition+"\n};", 2*MaxConditionSize, len(before))
	if err != nil {
		return nil, err
	}
	if len(list) != 1 || len(syntax(list[0]).Conditions) != 1 {
		return nil, fmt.Errorf("%w: not a single expression", ErrPolicy)
	}
	s := newStatement(id, list[0])
	if len(actions) == 0 {
		return s, nil
	}
	scoped := *syntax(list[0])
	var uids []cedar.EntityUID
	for _, action := range actions {
		uids = append(uids, cedar.EntityUID{Type: "Action", ID: cedar.String(action)})
	}
	scoped.Action = ast.Scope{}.InSet(uids)
	if err := m.operators.Policy("", &scoped); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrPolicy, brief(withoutID(err).Error()))
	}
	if err := cmp.Or(checkBody(list[0]), checkNames(list[0])); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrPolicy, brief(err.Error()))
	}
	return s, nil
}
