package authz_test

import (
	"os"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

func readPolicy(t *testing.T) (*resolved.Schema, *cedar.PolicySet) {
	t.Helper()
	text, err := os.ReadFile("policy/schema.cedarschema")
	if err != nil {
		t.Fatal(err)
	}
	var s schema.Schema
	if err := s.UnmarshalCedar(text); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	if text, err = os.ReadFile("policy/roles.cedar"); err != nil {
		t.Fatal(err)
	}
	policies, err := cedar.NewPolicySetFromBytes("roles.cedar", text)
	if err != nil {
		t.Fatal(err)
	}
	return resolved, policies
}

func entity(kind authz.Kind, uid string) cedar.EntityUID {
	return cedar.NewEntityUID(cedar.EntityType(kind), cedar.String(uid))
}

func scope(kind authz.Kind, uid string) cedar.EntityUID {
	return cedar.NewEntityUID("Scope", cedar.String(string(kind)+"/"+uid))
}

// whole asks Cedar with every policy and every entity, none sliced away and each with its direct parents only, and
// checks that the entities and the request are what the schema says. So the policies are tested by themselves, and
// slicing is seen to change no decision.
func (m *machine) whole(t *rapid.T, p authn.Principal, action authz.Action, resource authz.Resource) bool {
	entities := cedar.EntityMap{}
	for uid, action := range m.schema.Actions {
		entities[uid] = action.Entity
	}
	for uid, parent := range m.parent {
		parents := []cedar.EntityUID{scope(authz.KindNamespace, uid)}
		if parent != "" {
			parents = append(parents, entity(authz.KindNamespace, parent))
		}
		entities[entity(authz.KindNamespace, uid)] = cedar.Entity{Parents: cedar.NewEntityUIDSet(parents...)}
	}
	asked := entity(resource.Kind, resource.UID)
	if _, ok := entities[asked]; !ok {
		parents := []cedar.EntityUID{entity(authz.KindNamespace, resource.NamespaceUID)}
		if resource.Kind != authz.KindToken && resource.Kind != authz.KindGrant {
			parents = append(parents, scope(resource.Kind, resource.UID))
		}
		entities[asked] = cedar.Entity{Parents: cedar.NewEntityUIDSet(parents...)}
	}
	asking := entity(authz.KindServiceAccount, p.UID)
	if kind, bare, _ := authn.SplitPrincipal(p.Name); kind == authn.KindUser {
		asking = entity("User", bare)
	}
	entities[asking] = cedar.Entity{Parents: entities[asking].Parents, Attributes: m.held(p)}
	request := cedar.Request{Principal: asking, Action: cedar.NewEntityUID("Action", cedar.String(action)), Resource: asked}
	validator := validate.New(m.schema)
	if validator.Request(request) != nil {
		return false
	}
	for uid, e := range entities {
		e.UID = uid
		entities[uid] = e
		if _, ok := m.schema.Actions[uid]; ok {
			continue
		}
		if err := validator.Entity(e); err != nil {
			t.Fatalf("entity %+v: %v", e, err)
		}
	}
	decision, diagnostic := cedar.Authorize(m.policies, entities, request)
	if len(diagnostic.Errors) > 0 {
		t.Fatalf("Cedar: %v", diagnostic.Errors)
	}
	return decision == cedar.Allow
}

// held is everything that the principal and its groups were granted and that has not expired, by role.
func (m *machine) held(p authn.Principal) cedar.Record {
	scopes := map[cedar.String][]cedar.Value{}
	for _, g := range m.grants {
		if m.holds(g, p) {
			scopes[cedar.String(g.Role)] = append(scopes[cedar.String(g.Role)], scope(g.Scope.Kind, g.Scope.UID))
		}
	}
	attributes := cedar.RecordMap{}
	for role, values := range scopes {
		attributes[role] = cedar.NewSet(values...)
	}
	return cedar.NewRecord(attributes)
}
