package secrets

import (
	"slices"
	"strings"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// builtInPrefix begins the policy of a built-in role.
const builtInPrefix = "role:"

// reasonOfGrant is a grant as a reason, and whether the caller may get it. Whoever asks about itself may: what it holds
// is its own.
func (s *Service) reasonOfGrant(r reader, caller authn.Caller, name string, own bool) (Reason, bool, error) {
	t := grantAt{place: s.locate("", name, namespaces, grantsOf)}
	if err := t.read(r); err != nil || t.record == nil {
		return Reason{}, false, err // deleted meanwhile
	}
	on, _, err := s.on(r, t.ns, t.record)
	if err != nil {
		return Reason{}, false, err
	}
	reason := Reason{
		Grant: name, Role: t.record.GetRole(), Principal: t.record.GetPrincipal().GetName(),
		Conditional: t.record.GetCondition() != "", ExpireTime: unstamp(t.record.GetExpireTime()),
	}
	if t.record.GetRoleUid() == "" {
		reason.Policy = builtInPrefix + reason.Role
	}
	return reason, own || s.gate.Holds(caller, authz.GrantGet, on), nil
}

// reasonOfPolicy is a policy as a reason, and whether the caller may get it. Everybody may get what is built in.
func (s *Service) reasonOfPolicy(r reader, caller authn.Caller, action authz.Action, id, holder string) (Reason, bool, error) {
	reason := Reason{Policy: id, Principal: holder}
	name, _, found := strings.Cut(id, "#")
	if !found {
		reason.Role, _ = strings.CutPrefix(id, builtInPrefix)
		if reason.Role == id {
			reason.Role = ""
		}
		return reason, true, nil
	}
	t := definitionAt[*storev1.Policy]{place: s.locate("", name, namespaces, policiesOf)}
	if err := definesPolicies.read(r, &t); err != nil || t.record == nil {
		return Reason{}, false, err
	}
	reason.Conditional = s.authz.Conditional(action, t.record.GetUid(), id)
	return reason, s.gate.Holds(caller, authz.PolicyGet, definesPolicies.resource(s, t)), nil
}

// ownOf tells whether the caller holds something by being the principal or in it.
func ownOf(caller authn.Caller, principal string) bool {
	return principal == caller.Name || slices.Contains(caller.Groups, principal)
}
