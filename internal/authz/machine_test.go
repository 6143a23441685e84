package authz_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
)

// permissible are some actions that an operator may permit.
var permissible = []authz.Action{
	authz.SecretAccess, authz.SecretUse, authz.SecretGet, authz.SecretList, authz.ProjectionRender, authz.NamespaceGet, authz.NamespaceList,
}

// machine drives an Authorizer and the reference with the same random changes. UIDs are few and the same for every kind,
// so that they meet.
type machine struct {
	reference
	real     *authz.Authorizer
	actions  []authz.Action
	policies cedar.PolicyList
	schema   *resolved.Schema
}

var collections = map[authz.Kind]string{
	authz.KindSecret: "secrets", authz.KindProjection: "projections", authz.KindServiceAccount: "serviceAccounts", authz.KindToken: "tokens",
	authz.KindGrant: "grants", authz.KindPolicy: "policies", authz.KindRole: "roles", authz.KindNamespace: "namespaces",
}

var (
	uids       = rapid.SampledFrom([]string{"root", "a", "b", "c", "d", "e"})
	uidOrNone  = rapid.SampledFrom([]string{"", "root", "a", "b", "c", "d", "e"})
	scopeKinds = rapid.SampledFrom([]authz.Kind{authz.KindNamespace, authz.KindSecret, authz.KindProjection, authz.KindServiceAccount})
	allKinds   = rapid.SampledFrom(slices.Sorted(maps.Keys(collections)))
	roleUIDs   = rapid.SampledFrom([]string{"r1", "r2", "r3"})
	askers     = rapid.SampledFrom([]string{"user:a", "user:b", "serviceAccount:namespaces/a/serviceAccounts/a"})
	holders    = rapid.SampledFrom([]string{"user:a", "user:b", "group:a", "group:b", "serviceAccount:namespaces/a/serviceAccounts/a"})
)

func (m *machine) PutNamespace(t *rapid.T) {
	uid, parent := uids.Draw(t, "uid"), uidOrNone.Draw(t, "parent")
	tree, ok := m.place(uid, parent)
	isolated := rapid.IntRange(0, 3).Draw(t, "isolated") == 0
	err := m.real.PutNamespace(authz.NamespaceInfo{UID: uid, ParentUID: parent, Isolated: isolated})
	if ok != (err == nil) || err != nil && !errors.Is(err, authz.ErrTree) {
		t.Fatalf("PutNamespace(%q, %q) = %v, want success %v", uid, parent, err, ok)
	}
	if ok {
		m.parent = tree
		m.isolated[uid] = isolated
	}
}

func (m *machine) DeleteNamespace(t *rapid.T) {
	uid := uids.Draw(t, "uid")
	delete(m.parent, uid)
	m.real.DeleteNamespace(uid)
}

func (m *machine) PutGrant(t *rapid.T) {
	uid := fmt.Sprint(rapid.IntRange(0, 19).Draw(t, "grant"))
	g := authz.Grant{
		UID:          uid,
		Name:         "grants/" + uid,
		Principal:    holders.Draw(t, "principal"),
		PrincipalUID: uids.Draw(t, "principalUID"),
		Role:         rapid.SampledFrom(m.grantable()).Draw(t, "role"),
		Scope:        authz.Resource{Kind: scopeKinds.Draw(t, "kind"), UID: uids.Draw(t, "scope"), NamespaceUID: uidOrNone.Draw(t, "namespace")},
	}
	if rapid.Bool().Draw(t, "expires") {
		g.ExpireTime = m.now.Add(time.Duration(rapid.IntRange(-1, 3).Draw(t, "seconds")) * time.Second)
	}
	if rapid.IntRange(0, 3).Draw(t, "custom") == 0 {
		g.Role, g.RoleUID = "", roleUIDs.Draw(t, "custom role")
	}
	if rapid.IntRange(0, 2).Draw(t, "conditional") == 0 {
		g.Condition = rapid.SampledFrom(slices.Sorted(maps.Keys(conditions))).Draw(t, "condition")
	}
	if err := m.real.PutGrant(g); err != nil {
		t.Fatalf("PutGrant(%+v): %v", g, err)
	}
	m.grants[uid] = g
}

func (m *machine) DeleteGrant(t *rapid.T) {
	uid := fmt.Sprint(rapid.IntRange(0, 19).Draw(t, "grant"))
	delete(m.grants, uid)
	m.real.DeleteGrant(uid)
}

func (m *machine) grantable() []authz.Role {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(m.roles)), func(r authz.Role) bool { return r == "owner" })
}

func (m *machine) PutRole(t *rapid.T) {
	r := authz.CustomRole{UID: roleUIDs.Draw(t, "role"), NamespaceUID: uids.Draw(t, "namespace")}
	r.Name = "namespaces/" + r.NamespaceUID + "/roles/" + r.UID
	r.Actions = rapid.SliceOfNDistinct(rapid.SampledFrom(m.actions), 1, 8, rapid.ID[authz.Action]).Draw(t, "actions")
	if err := m.real.PutRole(r); err != nil {
		t.Fatalf("PutRole(%+v): %v", r, err)
	}
	m.custom[r.UID] = r
}

func (m *machine) DeleteRole(t *rapid.T) {
	uid := roleUIDs.Draw(t, "role")
	delete(m.custom, uid)
	m.real.DeleteRole(uid)
}

func (m *machine) PutPolicy(t *rapid.T) {
	uid := fmt.Sprintf("p%d", rapid.IntRange(0, 5).Draw(t, "policy"))
	rule := operatorRule{namespace: uids.Draw(t, "namespace"), permit: rapid.Bool().Draw(t, "permit")}
	rule.principal = rapid.SampledFrom([]string{"", "user:a", "user:b", "group:a", "group:b"}).Draw(t, "principal")
	if rule.permit || rapid.Bool().Draw(t, "some actions") {
		rule.actions = rapid.SliceOfNDistinct(rapid.SampledFrom(permissible), 1, 4, rapid.ID[authz.Action]).Draw(t, "actions")
	}
	if err := m.real.PutPolicy(authz.Policy{UID: uid, Name: uid, NamespaceUID: rule.namespace, Text: rule.text()}); err != nil {
		t.Fatalf("PutPolicy(%s): %v", rule.text(), err)
	}
	m.rules[uid] = rule
}

func (m *machine) DeletePolicy(t *rapid.T) {
	uid := fmt.Sprintf("p%d", rapid.IntRange(0, 5).Draw(t, "policy"))
	delete(m.rules, uid)
	m.real.DeletePolicy(uid)
}

// named gives the resource the name, and sometimes labels and an owner, that it has.
func named(t *rapid.T, p authn.Principal, r authz.Resource) authz.Resource {
	r.Name = "namespaces/" + r.UID
	if r.Kind != authz.KindNamespace {
		r.Name = "namespaces/" + r.NamespaceUID + "/" + collections[r.Kind] + "/" + r.UID
	}
	if rapid.Bool().Draw(t, "labelled") {
		r.Labels = map[string]string{"env": "prod"}
	}
	r.Owner = rapid.SampledFrom([]string{"", "user:a", p.OwnerID()}).Draw(t, "owner")
	return r
}

func (m *machine) Wait(*rapid.T) { m.now = m.now.Add(time.Second) }

// question draws who asks for what, at random or close to a grant, so that many answers are yes.
func (m *machine) question(t *rapid.T) authz.Question {
	context := authz.Context{Delegated: rapid.IntRange(0, 3).Draw(t, "delegated") == 0}
	p := authn.Principal{
		Name:   askers.Draw(t, "principal"),
		UID:    uids.Draw(t, "principalUID"),
		Groups: rapid.SliceOfNDistinct(holders, 0, 3, rapid.ID[string]).Draw(t, "groups"),
	}
	action := rapid.SampledFrom(m.actions).Draw(t, "action")
	resource := authz.Resource{Kind: allKinds.Draw(t, "kind"), UID: uidOrNone.Draw(t, "uid"), NamespaceUID: uidOrNone.Draw(t, "namespace")}
	if len(m.grants) == 0 || rapid.Bool().Draw(t, "at random") {
		return authz.Question{Principal: p, Action: action, Resource: named(t, p, resource), Context: context}
	}
	g := m.grants[rapid.SampledFrom(slices.Sorted(maps.Keys(m.grants))).Draw(t, "grant")]
	if strings.HasPrefix(g.Principal, "group:") {
		p.Groups = append(p.Groups, g.Principal)
	} else {
		p.Name, p.UID = g.Principal, g.PrincipalUID
	}
	if of := m.actionsOf(g); len(of) > 0 {
		action = rapid.SampledFrom(of).Draw(t, "action of the role")
	}
	resource.Kind = rapid.SampledFrom(m.kinds(action)).Draw(t, "kind of the action")
	if g.Scope.Kind == resource.Kind {
		resource.UID = g.Scope.UID
	} else if g.Scope.Kind == authz.KindNamespace {
		resource.NamespaceUID = g.Scope.UID
	}
	return authz.Question{Principal: p, Action: action, Resource: named(t, p, resource), Context: context}
}

func (m *machine) actionsOf(g authz.Grant) []authz.Action {
	if g.RoleUID != "" {
		return m.custom[g.RoleUID].Actions
	}
	return slices.Sorted(maps.Keys(m.roles[g.Role]))
}

func (m *machine) Check(t *rapid.T) {
	for range 5 {
		q := m.question(t)
		q.Forbids = rapid.Bool().Draw(t, "forbids")
		got, want := m.real.Decide(q), m.decide(q)
		if slices.Contains(m.kinds(q.Action), q.Resource.Kind) == errors.Is(got.Err, authz.ErrRequest) {
			t.Fatalf("Decide(%+v).Err = %v", q, got.Err)
		}
		got.Err = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("Decide(%+v) (-reference +got):\n%s", q, diff)
		}
		if whole := m.whole(t, q); got.Allowed != whole {
			t.Fatalf("Decide(%+v) = %+v, Cedar over all data: %v", q, got, whole)
		}
		all := q
		all.Resource = authz.Resource{Kind: q.Resource.Kind, NamespaceUID: q.Resource.NamespaceUID}
		if q.Resource.Kind != authz.KindNamespace && m.real.AllBelow(all) && !m.real.Decide(q).Allowed {
			t.Fatalf("AllBelow(%+v), and %+v is denied", all, q)
		}
		namespace := uids.Draw(t, "below")
		if got, want := m.real.MayBelow(q.Principal, q.Action, namespace), m.mayBelow(q.Principal, q.Action, namespace); got != want {
			t.Fatalf("MayBelow(%+v, %s, %q) = %v, want %v", q.Principal, q.Action, namespace, got, want)
		}
	}
}

func TestDecide_agreesWithReference(t *testing.T) {
	roles := readRoles(t)
	schema, policies := readPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{reference: reference{
			roles: roles, parent: map[string]string{}, isolated: map[string]bool{}, grants: map[string]authz.Grant{},
			custom: map[string]authz.CustomRole{}, rules: map[string]operatorRule{},
		}}
		a, err := authz.New(authz.Config{Now: func() time.Time { return m.now }})
		if err != nil {
			t.Fatal(err)
		}
		m.real, m.actions = a, a.Actions()
		m.schema, m.policies = schema, policies
		m.now = time.Unix(0, 0)
		for range 6 {
			m.PutNamespace(t)
		}
		for range 20 {
			m.PutGrant(t)
		}
		for range 3 {
			m.PutRole(t)
			m.PutPolicy(t)
		}
		t.Repeat(map[string]func(*rapid.T){
			"PutNamespace":    m.PutNamespace,
			"DeleteNamespace": m.DeleteNamespace,
			"PutGrant":        m.PutGrant,
			"DeleteGrant":     m.DeleteGrant,
			"PutRole":         m.PutRole,
			"DeleteRole":      m.DeleteRole,
			"PutPolicy":       m.PutPolicy,
			"DeletePolicy":    m.DeletePolicy,
			"Wait":            m.Wait,
			"":                m.Check,
		})
	})
}
