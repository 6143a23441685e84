package secrets

import (
	"context"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Policy is Cedar text that an operator of a namespace wrote, for what is in the namespace and below.
type Policy struct {
	Meta
	Name  string
	Text  string
	Tests []PolicyTest
}

// CreatePolicy is what CreatePolicy creates.
type CreatePolicy struct {
	Parent       string
	ID           string
	Policy       Policy // Text, Tests and Meta's description, labels and annotations count
	RequestID    string
	ValidateOnly bool
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

// UpdatePolicy is what UpdatePolicy updates.
type UpdatePolicy struct {
	Policy       Policy   // its Name, the new values, and the Etag, if any
	Mask         []string // empty: the non-default fields
	ValidateOnly bool
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

func storedPolicyMeta(r *storev1.Policy) *storev1.Meta { return r.Meta }

func sentPolicyMeta(p *Policy) *Meta { return &p.Meta }

// policyFields are the fields that an update mask can name.
var policyFields = append(metaFields(sentPolicyMeta, storedPolicyMeta), []field[Policy, storev1.Policy]{
	{"text", func(p *Policy) bool { return p.Text != "" }, func(r *storev1.Policy, p *Policy) { r.Text = p.Text }},
	{"tests", func(p *Policy) bool { return len(p.Tests) > 0 }, func(r *storev1.Policy, p *Policy) { r.Tests = storedTests(p.Tests) }},
}...)

func policyOf(n namespace, r *storev1.Policy, rev storage.Revision) Policy {
	return Policy{
		Meta: metaOf(r.GetUid(), r.GetMeta(), rev), Name: join(namespaces, n.id, policiesOf, r.GetId()), Text: r.GetText(), Tests: testsOf(r.GetTests()),
	}
}

// permits are the actions that a text permits, which its writer must be able to give. A text that is not valid permits
// nothing: that is told once it is decided who asks.
func (s *Service) permits(text string) []authz.Action {
	info, err := s.authz.ReadPolicy(text)
	if err != nil {
		return nil
	}
	return info.Permits
}

// CreatePolicy adds a policy: when it returns, it is in force. Nobody permits what it could not give.
func (s *Service) CreatePolicy(ctx context.Context, caller authn.Caller, req CreatePolicy) (Policy, error) {
	at := s.locate("parent", req.Parent, namespaces)
	created := s.in(at, authz.KindPolicy, policiesOf, req.ID)
	if err := s.allowDefining(ctx, caller, authz.PolicyCreate, at, created, s.permits(req.Policy.Text)); err != nil {
		return Policy{}, err
	}
	once := s.once(caller, req.RequestID, "CreatePolicy", req.Parent, req.ID, req.Policy)
	first := &storev1.Policy{}
	if done, err := s.answered(ctx, once, first); err != nil || done {
		return policyOf(at.ns, first, once.replayed), err
	}
	var p problems
	checkID(&p, "policy_id", policiesOf, req.ID)
	req.Policy.check(&p, "policy.")
	record := &storev1.Policy{
		Uid: newUID(), Id: req.ID, Meta: newMeta(req.Policy.Meta, caller.Name, s.now()), Text: req.Policy.Text, Tests: storedTests(req.Policy.Tests),
	}
	if err := firstError(at.fault, req.Fault, p.err(), s.checkPolicy(at.ns.id, record, "")); err != nil {
		return Policy{}, err
	}
	rev, err := definesPolicies.create(ctx, s, at, record, once, req.ValidateOnly)
	if err != nil {
		return Policy{}, err
	}
	return policyOf(at.ns, record, rev), nil
}

// GetPolicy returns a policy.
func (s *Service) GetPolicy(ctx context.Context, caller authn.Caller, name string) (Policy, error) {
	t, err := definesPolicies.allow(ctx, s, caller, authz.PolicyGet, name)
	if err != nil {
		return Policy{}, err
	}
	return policyOf(t.ns, t.record, t.rev), nil
}

// ListPolicies returns the policies of a namespace that the caller may see.
func (s *Service) ListPolicies(ctx context.Context, caller authn.Caller, parent string, page Page) ([]Policy, string, error) {
	at, visible, err := s.listIn(ctx, caller, authz.PolicyList, parent)
	if err != nil {
		return nil, "", err
	}
	return list(ctx, s, caller, page, listing[Policy]{
		method: "policies", parent: parent, prefixes: []storage.Key{key(policyPrefix, at.ns.uid, "")}, fields: metaFilter(nil),
		open: func(snapshot *sealed.Snapshot, rec storage.Record) (Policy, bool, error) {
			r := &storev1.Policy{}
			if err := snapshot.Open(kindPolicy, at.ns.uid, rec, r); err != nil {
				return Policy{}, false, err
			}
			p := policyOf(at.ns, r, rec.Revision)
			return p, visible(authz.Resource{Kind: authz.KindPolicy, UID: r.GetUid(), NamespaceUID: at.ns.uid, Name: p.Name, Labels: p.Labels}), nil
		},
		get: func(p *Policy, name string) any { return p.get(p.Name, name) },
	})
}

// UpdatePolicy sets the fields of the mask. Whoever sets the text must be able to give what it permits; the tests, old or
// new, must hold of the text, old or new.
func (s *Service) UpdatePolicy(ctx context.Context, caller authn.Caller, req UpdatePolicy) (Policy, error) {
	sent := req.Policy
	t, err := definesPolicies.at(ctx, s, "policy.name", sent.Name)
	if err != nil {
		return Policy{}, err
	}
	set, fault := masked(req.Mask, &sent, policyFields, sentPolicyMeta, storedPolicyMeta)
	probe := &storev1.Policy{Meta: &storev1.Meta{}}
	set(probe) // without a text, unless the mask names it
	if err := s.allowDefining(ctx, caller, authz.PolicyUpdate, t.place, definesPolicies.resource(s, t), s.permits(probe.GetText())); err != nil {
		return Policy{}, err
	}
	var p problems
	sent.check(&p, "policy.")
	if err := firstError(t.told(), req.Fault, p.err(), fault); err != nil {
		return Policy{}, err
	}
	now, err := definesPolicies.update(ctx, s, caller, t, sent.Etag, req.ValidateOnly, func(r *storev1.Policy) error {
		was := r.GetText()
		set(r)
		var p problems
		metaOf("", r.GetMeta(), 0).check(&p, "policy.")
		return firstError(p.err(), s.checkPolicy(t.ns.id, r, was))
	})
	if err != nil {
		return Policy{}, err
	}
	return policyOf(t.ns, now.record, now.rev), nil
}

// DeletePolicy removes a policy: when it returns, it says nothing any more. No policy takes part in the decision.
func (s *Service) DeletePolicy(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (storage.Revision, error) {
	return definesPolicies.remove(ctx, s, caller, authz.PolicyDelete, name, etag, validateOnly)
}
