package authz_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

func readPolicy(t *testing.T) (*resolved.Schema, cedar.PolicyList) {
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
	var policies cedar.PolicyList
	for _, file := range []string{"policy/roles.cedar", "policy/forbids.cedar"} {
		if text, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		list, err := cedar.NewPolicyListFromBytes(file, text)
		if err != nil {
			t.Fatal(err)
		}
		policies = append(policies, list...)
	}
	return resolved, policies
}

func entity(kind authz.Kind, uid string) cedar.EntityUID {
	return cedar.NewEntityUID(cedar.EntityType(kind), cedar.String(uid))
}

func scope(kind authz.Kind, uid string) cedar.EntityUID {
	return cedar.NewEntityUID("Scope", cedar.String(string(kind)+"/"+uid))
}

// whole asks Cedar with every built-in policy, every statement that reaches and every entity, none sliced away, each with
// all its attributes and its direct parents only, and checks that the entities and the request are what the schema says.
// So the policies are tested by themselves, and slicing is seen to change no decision.
func (m *machine) whole(t *rapid.T, q authz.Question) bool {
	entities := m.entities(q)
	request := cedar.Request{
		Principal: asker(q.Principal),
		Action:    cedar.NewEntityUID("Action", cedar.String(q.Action)),
		Resource:  entity(q.Resource.Kind, q.Resource.UID),
		Context: cedar.NewRecord(cedar.RecordMap{
			"now": cedar.NewDatetime(m.now), "delegated": cedar.Boolean(q.Context.Delegated),
		}),
	}
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
	decision, diagnostic := cedar.Authorize(m.set(t, q), entities, request)
	if len(diagnostic.Errors) > 0 {
		t.Fatalf("Cedar: %v", diagnostic.Errors)
	}
	return decision == cedar.Allow
}

// entities are all that there are.
func (m *machine) entities(q authz.Question) cedar.EntityMap {
	entities := cedar.EntityMap{}
	for uid, action := range m.schema.Actions {
		entities[uid] = action.Entity
	}
	for uid, parent := range m.parent {
		parents := []cedar.EntityUID{scope(authz.KindNamespace, uid)}
		if parent != "" {
			parents = append(parents, entity(authz.KindNamespace, parent))
		}
		entities[entity(authz.KindNamespace, uid)] = cedar.Entity{Parents: cedar.NewEntityUIDSet(parents...), Attributes: attributes("id", uid, "namespace", uid)}
	}
	asked := entity(q.Resource.Kind, q.Resource.UID)
	e, ok := entities[asked]
	if !ok {
		parents := []cedar.EntityUID{entity(authz.KindNamespace, q.Resource.NamespaceUID)}
		if _, grantable := scopeOf[q.Resource.Kind]; grantable {
			parents = append(parents, scope(q.Resource.Kind, q.Resource.UID))
		}
		e = cedar.Entity{Parents: cedar.NewEntityUIDSet(parents...), Attributes: attributes("id", q.Resource.UID, "namespace", namespaceOf(q.Resource))}
	}
	if q.Resource.Labels["env"] != "" {
		e.Tags = attributes("env", q.Resource.Labels["env"])
	}
	if q.Resource.Kind == authz.KindServiceAccount {
		e.Attributes = attributes("id", q.Resource.UID, "namespace", namespaceOf(q.Resource), "name", "serviceAccount:"+q.Resource.Name)
	}
	entities[asked] = e

	asking := asker(q.Principal)
	known := cedar.RecordMap{"name": cedar.String(q.Principal.Name)}
	if asking.Type != "User" {
		known["id"], known["namespace"] = cedar.String("a"), cedar.String("a")
	}
	if asking == asked {
		known["namespace"] = cedar.String(namespaceOf(q.Resource))
	}
	maps.Copy(known, m.held(q))
	parents := slices.Collect(entities[asking].Parents.All())
	for _, group := range q.Principal.Groups {
		if kind, bare, _ := authn.SplitPrincipal(group); kind == authn.KindGroup {
			parents = append(parents, cedar.NewEntityUID("Group", cedar.String(bare)))
		}
	}
	entities[asking] = cedar.Entity{Parents: cedar.NewEntityUIDSet(parents...), Attributes: cedar.NewRecord(known), Tags: entities[asking].Tags}
	return entities
}

var scopeOf = map[authz.Kind]bool{authz.KindNamespace: true, authz.KindSecret: true, authz.KindProjection: true, authz.KindServiceAccount: true}

func asker(p authn.Principal) cedar.EntityUID {
	if kind, bare, _ := authn.SplitPrincipal(p.Name); kind == authn.KindUser {
		return cedar.NewEntityUID("User", cedar.String(bare))
	}
	return entity(authz.KindServiceAccount, p.UID)
}

func attributes(pairs ...string) cedar.Record {
	values := cedar.RecordMap{}
	for pair := range slices.Chunk(pairs, 2) {
		values[cedar.String(pair[0])] = cedar.String(pair[1])
	}
	return cedar.NewRecord(values)
}

// held is everything that the principal and its groups were granted that has not expired and that no border cuts off, by
// role.
func (m *machine) held(q authz.Question) cedar.RecordMap {
	scopes := map[cedar.String][]cedar.Value{}
	add := func(role string, on authz.Resource) {
		scopes[cedar.String("role:"+role)] = append(scopes[cedar.String("role:"+role)], scope(on.Kind, on.UID))
	}
	for _, g := range m.grants {
		_, gives := m.gives(g, q.Action)
		switch {
		case g.Condition != "" || !m.holds(g, q.Principal) || m.cut(g.Scope, q):
		case g.RoleUID == "":
			add(string(g.Role), g.Scope)
		case gives:
			add("custom", g.Scope)
		}
	}
	if r := q.Resource; r.Kind == authz.KindSecret && r.UID != "" && r.Owner == q.Principal.OwnerID() {
		add("owner", r)
	}
	values := cedar.RecordMap{}
	for role, each := range scopes {
		values[role] = cedar.NewSet(each...)
	}
	return values
}

// cut tells whether the scope is above the resource but does not reach it.
func (m *machine) cut(scope authz.Resource, q authz.Question) bool {
	return scope.Kind == authz.KindNamespace && !m.reaches(scope, q.Resource, q.Action)
}

// set is every policy that can count for the question.
func (m *machine) set(t *rapid.T, q authz.Question) *cedar.PolicySet {
	set := cedar.NewPolicySet()
	for i, p := range m.policies {
		set.Add(cedar.PolicyID(fmt.Sprint(i)), p)
	}
	add := func(id, text string) {
		var p cedar.Policy
		if err := p.UnmarshalCedar([]byte(text)); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		set.Add(cedar.PolicyID(id), &p)
	}
	for uid, rule := range m.rules {
		on := authz.Namespace(rule.namespace, "")
		if !strings.HasPrefix(string(q.Action), "policy:") && !(rule.permit && m.cut(on, q)) {
			add(uid, strings.Replace(rule.text(), "resource)", fmt.Sprintf("resource in Namespace::%q)", rule.namespace), 1))
		}
	}
	for uid, g := range m.grants {
		_, gives := m.gives(g, q.Action)
		absent := q.Context.Delegated && strings.Contains(g.Condition, "context")
		if g.Condition != "" && g.Condition != overflow && gives && !absent && m.holds(g, q.Principal) && !m.cut(g.Scope, q) {
			add("grant"+uid, fmt.Sprintf("permit (principal, action, resource in Scope::%q) when { %s };", string(g.Scope.Kind)+"/"+g.Scope.UID, g.Condition))
		}
	}
	return set
}
