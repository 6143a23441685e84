package authz

import (
	"time"

	"github.com/cedar-policy/cedar-go"
)

// PolicyCase is a question to try a policy on.
type PolicyCase struct {
	Question
	Time time.Time // when it is asked; zero: now
}

// PolicyEffect is what a policy alone says to a question.
type PolicyEffect string

// The effects of a policy. A forbid that applies wins over a permit, and an error over both.
const (
	EffectPermit PolicyEffect = "PERMIT"
	EffectForbid PolicyEffect = "FORBID"
	EffectNone   PolicyEffect = "NONE"
	EffectError  PolicyEffect = "ERROR"
)

// PolicyResult is what came of a PolicyCase.
type PolicyResult struct {
	Effect     PolicyEffect
	Statements []string // that made the effect: "#1", or "#" and the @id
	Err        error    // ErrRequest or ErrEvaluation
}

// TestPolicy tells what the policy alone says to each question, were it in the namespace of the resource. Its error is
// ErrPolicy.
func (a *Authorizer) TestPolicy(text string, cases []PolicyCase) ([]PolicyResult, error) {
	statements, err := a.model.readOperator(Policy{Text: text})
	if err != nil {
		return nil, err
	}
	results := make([]PolicyResult, len(cases))
	for n, each := range cases {
		results[n] = a.testPolicy(statements, each)
	}
	return results, nil
}

func (a *Authorizer) testPolicy(statements []*statement, c PolicyCase) PolicyResult {
	i, err := a.inquire(c.Question)
	if err != nil {
		return PolicyResult{Effect: EffectError, Err: err}
	}
	if !c.Time.IsZero() {
		i.now = c.Time
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	s, err := a.alone(&i, statements)
	if err != nil {
		return PolicyResult{Effect: EffectError, Err: err}
	}
	decision, diagnostic := cedar.Authorize(s, s, s.request)
	result := PolicyResult{Effect: EffectNone}
	for _, failed := range diagnostic.Errors {
		result.Effect, result.Err = EffectError, evaluationError(failed)
		result.Statements = append(result.Statements, string(failed.PolicyID))
	}
	if result.Err != nil {
		return result
	}
	if len(diagnostic.Reasons) > 0 {
		result.Effect = EffectForbid
		if decision == cedar.Allow {
			result.Effect = EffectPermit
		}
	}
	for _, reason := range diagnostic.Reasons {
		result.Statements = append(result.Statements, string(reason.PolicyID))
	}
	return result
}
