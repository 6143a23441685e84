package secrets

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// Limits of the tests of a policy.
const (
	maxTests     = 64
	maxTestTitle = 256
	maxTestsSize = 64 << 10 // bytes of all of them
)

// Outcome is what a policy says of a request. Its numbers are stored.
type Outcome int32

// The outcomes.
const (
	OutcomeUnspecified Outcome = iota
	OutcomePermit
	OutcomeForbid
	OutcomeNone
)

// effects are what the outcomes are called where policies are tried.
var effects = map[Outcome]authz.PolicyEffect{
	OutcomePermit: authz.EffectPermit, OutcomeForbid: authz.EffectForbid, OutcomeNone: authz.EffectNone,
}

// PolicyTest is a request and what a policy alone must say of it.
type PolicyTest struct {
	Title       string
	Principal   string
	Groups      []string
	Claims      map[string]string
	Action      string
	Kind        string // of the resource; empty: Secret
	ID          string
	Labels      map[string]string
	Type        string
	AccessMode  string
	Owner       string
	Time        time.Time // zero: now
	Address     string
	AuthnMethod string
	Want        Outcome
}

func storedTests(tests []PolicyTest) []*storev1.Policy_Test {
	stored := make([]*storev1.Policy_Test, len(tests))
	for i, t := range tests {
		stored[i] = &storev1.Policy_Test{
			Title: t.Title, Principal: t.Principal, Groups: t.Groups, Claims: t.Claims, Action: t.Action, Kind: t.Kind, Id: t.ID,
			Labels: t.Labels, Type: t.Type, AccessMode: t.AccessMode, Owner: t.Owner, Time: stamp(t.Time), Address: t.Address,
			AuthnMethod: t.AuthnMethod, Want: int32(t.Want),
		}
	}
	return stored
}

func testsOf(stored []*storev1.Policy_Test) []PolicyTest {
	var tests []PolicyTest
	for _, r := range stored {
		tests = append(tests, PolicyTest{
			Title: r.GetTitle(), Principal: r.GetPrincipal(), Groups: r.GetGroups(), Claims: r.GetClaims(), Action: r.GetAction(), Kind: r.GetKind(),
			ID: r.GetId(), Labels: r.GetLabels(), Type: r.GetType(), AccessMode: r.GetAccessMode(), Owner: r.GetOwner(),
			Time: unstamp(r.GetTime()), Address: r.GetAddress(), AuthnMethod: r.GetAuthnMethod(), Want: Outcome(r.GetWant()),
		})
	}
	return tests
}

// checkPolicy finds what is wrong with a text, and with what its tests expect of it. What a text names must exist when it
// is written, not for as long as it is kept.
func (s *Service) checkPolicy(nsID string, r *storev1.Policy, was string) error {
	info, err := s.authz.ReadPolicy(r.GetText())
	if err != nil {
		return Invalid("policy.text", "%s", policyFault(err))
	}
	if fault := s.absentName(info.Names); fault != "" && r.GetText() != was {
		return Invalid("policy.text", "%s", fault)
	}
	if len(r.GetTests()) > maxTests || proto.Size(&storev1.Policy{Tests: r.GetTests()}) > maxTestsSize {
		return Invalid("policy.tests", "more than %d, or than %d bytes together", maxTests, maxTestsSize)
	}
	var p problems
	tests := testsOf(r.GetTests())
	cases := make([]authz.PolicyCase, len(tests))
	for i, t := range tests {
		cases[i] = t.question(&p, fmt.Sprintf("policy.tests[%d]", i), nsID)
	}
	if err := p.err(); err != nil {
		return err
	}
	results, err := s.authz.TestPolicy(r.GetText(), cases)
	if err != nil {
		return Invalid("policy.tests", "%s", policyFault(err))
	}
	for i, result := range results {
		if want := effects[tests[i].Want]; result.Effect != want {
			said := strings.TrimSpace(fmt.Sprintf("%s %s", result.Effect, strings.Join(result.Statements, ", ")))
			if result.Err != nil {
				said += ": " + policyFault(result.Err)
			}
			p.addf(fmt.Sprintf("policy.tests[%d]", i), "%q: the policy says %s, want %s", clip(tests[i].Title), said, want)
		}
	}
	return p.err()
}

// policyFault is what is wrong with a text, without the package that found it.
func policyFault(err error) string {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		for _, kind := range []error{authz.ErrPolicy, authz.ErrRequest, authz.ErrEvaluation} {
			line = strings.TrimPrefix(line, kind.Error()+": ")
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "; ")
}

// question is the request of a test, on a resource of the namespace.
func (t PolicyTest) question(p *problems, fieldName, nsID string) authz.PolicyCase {
	checkText(p, fieldName+".title", t.Title, maxTestTitle)
	if effects[t.Want] == "" {
		p.addf(fieldName+".want", "must be PERMIT, FORBID or NONE")
	}
	kind := authz.Kind(t.Kind)
	if kind == "" {
		kind = authz.KindSecret
	}
	collection, known := collections[kind]
	if !known {
		p.addf(fieldName+".resource.kind", "%q is no kind of resource", clip(t.Kind))
	}
	if t.ID != "" && !resourceID.MatchString(t.ID) {
		p.addf(fieldName+".resource.id", "%q does not match %s", clip(t.ID), resourceID)
	}
	principal, err := t.asking()
	if err != nil {
		p.addf(fieldName+".principal", "%v", err)
	}
	var address netip.Addr
	if t.Address != "" {
		if address, err = netip.ParseAddr(t.Address); err != nil {
			p.addf(fieldName+".source_address", "is not an address")
		}
	}
	id := t.ID
	if id == "" {
		id = "unnamed"
	}
	name := join(collection, id)
	if kind != authz.KindNamespace {
		name = join(namespaces, nsID, collection, id)
	}
	return authz.PolicyCase{Time: t.Time, Question: authz.Question{
		Principal: principal, Action: authz.Action(t.Action),
		Resource: authz.Resource{
			Kind: kind, UID: "test", Name: name, Labels: t.Labels, Type: t.Type, AccessMode: t.AccessMode, Owner: t.Owner,
		},
		Context: authz.Context{Address: address, AuthnMethod: t.AuthnMethod},
	}}
}

// collections are the kinds of resources that a test can be about, and where they stand in names.
var collections = map[authz.Kind]string{
	authz.KindNamespace: namespaces, authz.KindSecret: secretsOf, authz.KindProjection: projections, authz.KindServiceAccount: serviceAccounts,
	authz.KindToken: tokensOf, authz.KindGrant: grantsOf, authz.KindRole: rolesOf,
}

// asking is the principal of a test. A service account has some UID: a text can only know it by its name.
func (t PolicyTest) asking() (authn.Principal, error) {
	principal := authn.Principal{Name: t.Principal, Groups: t.Groups, Claims: t.Claims}
	kind, _, err := authn.SplitPrincipal(t.Principal)
	switch {
	case err != nil:
		return principal, err
	case kind == authn.KindGroup:
		return principal, errors.New("a group never asks; name a user and put the group into groups")
	case kind == authn.KindServiceAccount:
		principal.UID = "principal"
	}
	for _, group := range t.Groups {
		if kind, _, err := authn.SplitPrincipal(group); err != nil || kind != authn.KindGroup {
			return principal, fmt.Errorf("%q is not a group: want group: and a name", clip(group))
		}
	}
	return principal, nil
}
