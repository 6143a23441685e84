package rpc

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/secrets"
)

var outcomes = map[cofferv1.PolicyTest_Outcome]secrets.Outcome{
	cofferv1.PolicyTest_PERMIT: secrets.OutcomePermit, cofferv1.PolicyTest_FORBID: secrets.OutcomeForbid, cofferv1.PolicyTest_NONE: secrets.OutcomeNone,
}

func policyTo(p secrets.Policy) *cofferv1.Policy {
	return &cofferv1.Policy{
		Name: p.Name, Uid: p.UID, Description: p.Description, Labels: p.Labels, Annotations: p.Annotations, CreateTime: stamp(p.CreateTime),
		UpdateTime: stamp(p.UpdateTime), CreatedBy: p.CreatedBy, UpdatedBy: p.UpdatedBy, Etag: p.Etag, Revision: int64(p.Revision),
		Text: p.Text, Tests: each(p.Tests, policyTestTo),
	}
}

func policyTestTo(t secrets.PolicyTest) *cofferv1.PolicyTest {
	to := &cofferv1.PolicyTest{
		Title: t.Title, Principal: t.Principal, Groups: t.Groups, Claims: t.Claims, Action: t.Action, Time: stamp(t.Time),
		SourceAddress: t.Address, AuthnMethod: t.AuthnMethod,
		Resource: &cofferv1.PolicyTest_Resource{
			Kind: t.Kind, Id: t.ID, Labels: t.Labels, Type: t.Type, AccessMode: t.AccessMode, Owner: t.Owner,
		},
	}
	for outcome, want := range outcomes {
		if want == t.Want {
			to.Want = outcome
		}
	}
	return to
}

func policyFrom(p *cofferv1.Policy) secrets.Policy {
	return secrets.Policy{Meta: metaFrom(p), Name: p.GetName(), Text: p.GetText(), Tests: each(p.GetTests(), policyTestFrom)}
}

func policyTestFrom(t *cofferv1.PolicyTest) secrets.PolicyTest {
	r := t.GetResource()
	return secrets.PolicyTest{
		Title: t.GetTitle(), Principal: t.GetPrincipal(), Groups: t.GetGroups(), Claims: t.GetClaims(), Action: t.GetAction(), Kind: r.GetKind(),
		ID: r.GetId(), Labels: r.GetLabels(), Type: r.GetType(), AccessMode: r.GetAccessMode(), Owner: r.GetOwner(), Time: unstamp(t.GetTime()),
		Address: t.GetSourceAddress(), AuthnMethod: t.GetAuthnMethod(), Want: outcomes[t.GetWant()],
	}
}

// checkPolicyTimes reports a time in the tests that no clock shows.
func checkPolicyTimes(p *cofferv1.Policy) error {
	times := map[string]*timestamppb.Timestamp{}
	for i, t := range p.GetTests() {
		times[fmt.Sprintf("policy.tests[%d].time", i)] = t.GetTime()
	}
	return checkTimes(times)
}

func (h *accessServer) CreatePolicy(ctx context.Context, req *cofferv1.CreatePolicyRequest) (*cofferv1.Policy, error) {
	p, err := h.service.CreatePolicy(ctx, Caller(ctx), secrets.CreatePolicy{
		Parent: req.GetParent(), ID: req.GetPolicyId(), Policy: policyFrom(req.GetPolicy()), RequestID: req.GetRequestId(),
		ValidateOnly: req.GetValidateOnly(), Fault: checkPolicyTimes(req.GetPolicy()),
	})
	if err != nil {
		return nil, err
	}
	return policyTo(p), nil
}

func (h *accessServer) GetPolicy(ctx context.Context, req *cofferv1.GetPolicyRequest) (*cofferv1.Policy, error) {
	p, err := h.service.GetPolicy(ctx, Caller(ctx), req.GetName())
	if err != nil {
		return nil, err
	}
	return policyTo(p), nil
}

func (h *accessServer) ListPolicies(ctx context.Context, req *cofferv1.ListPoliciesRequest) (*cofferv1.ListPoliciesResponse, error) {
	items, next, err := h.service.ListPolicies(ctx, Caller(ctx), req.GetParent(), pageOf(req))
	if err != nil {
		return nil, err
	}
	return &cofferv1.ListPoliciesResponse{Policies: each(items, policyTo), NextPageToken: next}, nil
}

func (h *accessServer) UpdatePolicy(ctx context.Context, req *cofferv1.UpdatePolicyRequest) (*cofferv1.Policy, error) {
	p, err := h.service.UpdatePolicy(ctx, Caller(ctx), secrets.UpdatePolicy{
		Policy: policyFrom(req.GetPolicy()), Mask: req.GetUpdateMask().GetPaths(), ValidateOnly: req.GetValidateOnly(),
		Fault: checkPolicyTimes(req.GetPolicy()),
	})
	if err != nil {
		return nil, err
	}
	return policyTo(p), nil
}

func (h *accessServer) DeletePolicy(ctx context.Context, req *cofferv1.DeletePolicyRequest) (*cofferv1.DeletePolicyResponse, error) {
	rev, err := h.service.DeletePolicy(ctx, Caller(ctx), req.GetName(), req.GetEtag(), req.GetValidateOnly())
	if err != nil {
		return nil, err
	}
	return &cofferv1.DeletePolicyResponse{Revision: int64(rev)}, nil
}
