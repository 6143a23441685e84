package authz_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
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

// reference decides by looking at every grant, with the roles of testdata and none of the package's data structures.
type reference struct {
	roles  map[authz.Role]map[authz.Action]bool
	parent map[string]string // announced namespaces
	grants map[string]authz.Grant
	now    time.Time
}

var kindsOf = map[string][]authz.Kind{
	"namespace":      {authz.KindNamespace},
	"secret":         {authz.KindNamespace, authz.KindSecret},
	"projection":     {authz.KindNamespace, authz.KindProjection},
	"serviceAccount": {authz.KindNamespace, authz.KindServiceAccount},
	"token":          {authz.KindNamespace, authz.KindServiceAccount, authz.KindToken},
	"grant":          {authz.KindNamespace, authz.KindSecret, authz.KindProjection, authz.KindServiceAccount, authz.KindGrant},
	"audit":          {authz.KindNamespace},
	"system":         {authz.KindNamespace},
}

func readRoles(t *testing.T) map[authz.Role]map[authz.Action]bool {
	t.Helper()
	table, err := os.ReadFile("testdata/roles.golden")
	if err != nil {
		t.Fatal(err)
	}
	roles := map[authz.Role]map[authz.Action]bool{}
	var role authz.Role
	for line := range strings.Lines(string(table)) {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(line, "\t") {
			roles[role][authz.Action(text)] = true
			continue
		}
		role = authz.Role(text)
		roles[role] = map[authz.Action]bool{}
	}
	return roles
}

func (r reference) kinds(action authz.Action) []authz.Kind {
	noun, _, _ := strings.Cut(string(action), ":")
	return kindsOf[noun]
}

// within tells whether the namespace is the other or below it.
func (r reference) within(uid, other string) bool {
	parent, ok := r.parent[uid]
	return ok && (uid == other || r.within(parent, other))
}

// holds tells whether the principal has the grant, and has it still.
func (r reference) holds(g authz.Grant, p authn.Principal) bool {
	switch {
	case !g.ExpireTime.IsZero() && !g.ExpireTime.After(r.now):
		return false
	case strings.HasPrefix(g.Principal, "group:"):
		return slices.Contains(p.Groups, g.Principal)
	case strings.HasPrefix(g.Principal, "user:"):
		return p.Name == g.Principal
	}
	return strings.HasPrefix(p.Name, "serviceAccount:") && p.UID == g.PrincipalUID
}

func (r reference) reaches(scope, resource authz.Resource) bool {
	if scope.Kind == resource.Kind && scope.UID == resource.UID {
		return true
	}
	namespace := resource.NamespaceUID
	if parent, ok := r.parent[resource.UID]; ok && resource.Kind == authz.KindNamespace {
		namespace = parent
	}
	return scope.Kind == authz.KindNamespace && r.within(namespace, scope.UID)
}

func (r reference) decide(p authn.Principal, action authz.Action, resource authz.Resource) authz.Decision {
	var d authz.Decision
	if !slices.Contains(r.kinds(action), resource.Kind) {
		return d
	}
	for _, g := range r.grants {
		if r.roles[g.Role][action] && r.holds(g, p) && r.reaches(g.Scope, resource) {
			d.Allowed = true
			d.Grants = append(d.Grants, g.Name)
			d.Policies = append(d.Policies, "role:"+string(g.Role))
		}
	}
	slices.Sort(d.Grants)
	slices.Sort(d.Policies)
	d.Policies = slices.Compact(d.Policies)
	return d
}

func (r reference) mayBelow(p authn.Principal, action authz.Action, namespace string) bool {
	for _, g := range r.grants {
		related := r.within(g.Scope.NamespaceUID, namespace) && slices.Contains(r.kinds(action), g.Scope.Kind)
		if g.Scope.Kind == authz.KindNamespace {
			related = r.within(g.Scope.UID, namespace) || r.within(namespace, g.Scope.UID)
		}
		if related && r.roles[g.Role][action] && r.holds(g, p) {
			return true
		}
	}
	return false
}

// place returns the tree with the namespace put, or false when that makes a cycle or too deep a path.
func (r reference) place(uid, parent string) (map[string]string, bool) {
	tree := maps.Clone(r.parent)
	tree[uid] = parent
	for at := range tree {
		above := 0
		for tree[at] != "" {
			at = tree[at]
			above++
			if above > authz.MaxDepth {
				return nil, false
			}
		}
	}
	return tree, true
}

// machine drives an Authorizer and the reference with the same random changes. UIDs are few and the same for every kind,
// so that they meet.
type machine struct {
	reference
	real     *authz.Authorizer
	actions  []authz.Action
	policies *cedar.PolicySet
	schema   *resolved.Schema
}

var (
	uids       = rapid.SampledFrom([]string{"root", "a", "b", "c", "d", "e"})
	uidOrNone  = rapid.SampledFrom([]string{"", "root", "a", "b", "c", "d", "e"})
	scopeKinds = rapid.SampledFrom([]authz.Kind{authz.KindNamespace, authz.KindSecret, authz.KindProjection, authz.KindServiceAccount})
	allKinds   = rapid.SampledFrom([]authz.Kind{authz.KindNamespace, authz.KindSecret, authz.KindProjection, authz.KindServiceAccount, authz.KindToken, authz.KindGrant})
	askers     = rapid.SampledFrom([]string{"user:a", "user:b", "serviceAccount:namespaces/a/serviceAccounts/a"})
	holders    = rapid.SampledFrom([]string{"user:a", "user:b", "group:a", "group:b", "serviceAccount:namespaces/a/serviceAccounts/a"})
)

func (m *machine) PutNamespace(t *rapid.T) {
	uid, parent := uids.Draw(t, "uid"), uidOrNone.Draw(t, "parent")
	tree, ok := m.place(uid, parent)
	err := m.real.PutNamespace(authz.NamespaceInfo{UID: uid, ParentUID: parent})
	if ok != (err == nil) || err != nil && !errors.Is(err, authz.ErrTree) {
		t.Fatalf("PutNamespace(%q, %q) = %v, want success %v", uid, parent, err, ok)
	}
	if ok {
		m.parent = tree
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
		Role:         rapid.SampledFrom(slices.Sorted(maps.Keys(m.roles))).Draw(t, "role"),
		Scope:        authz.Resource{Kind: scopeKinds.Draw(t, "kind"), UID: uids.Draw(t, "scope"), NamespaceUID: uidOrNone.Draw(t, "namespace")},
	}
	if rapid.Bool().Draw(t, "expires") {
		g.ExpireTime = m.now.Add(time.Duration(rapid.IntRange(-1, 3).Draw(t, "seconds")) * time.Second)
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

func (m *machine) Wait(*rapid.T) { m.now = m.now.Add(time.Second) }

// question draws who asks for what, at random or close to a grant, so that many answers are yes.
func (m *machine) question(t *rapid.T) (authn.Principal, authz.Action, authz.Resource) {
	p := authn.Principal{
		Name:   askers.Draw(t, "principal"),
		UID:    uids.Draw(t, "principalUID"),
		Groups: rapid.SliceOfNDistinct(holders, 0, 3, rapid.ID[string]).Draw(t, "groups"),
	}
	action := rapid.SampledFrom(m.actions).Draw(t, "action")
	resource := authz.Resource{Kind: allKinds.Draw(t, "kind"), UID: uidOrNone.Draw(t, "uid"), NamespaceUID: uidOrNone.Draw(t, "namespace")}
	if len(m.grants) == 0 || rapid.Bool().Draw(t, "at random") {
		return p, action, resource
	}
	g := m.grants[rapid.SampledFrom(slices.Sorted(maps.Keys(m.grants))).Draw(t, "grant")]
	if strings.HasPrefix(g.Principal, "group:") {
		p.Groups = append(p.Groups, g.Principal)
	} else {
		p.Name, p.UID = g.Principal, g.PrincipalUID
	}
	action = rapid.SampledFrom(slices.Sorted(maps.Keys(m.roles[g.Role]))).Draw(t, "action of the role")
	resource.Kind = rapid.SampledFrom(m.kinds(action)).Draw(t, "kind of the action")
	if g.Scope.Kind == resource.Kind {
		resource.UID = g.Scope.UID
	} else if g.Scope.Kind == authz.KindNamespace {
		resource.NamespaceUID = g.Scope.UID
	}
	return p, action, resource
}

func (m *machine) Check(t *rapid.T) {
	for range 5 {
		p, action, resource := m.question(t)
		got, want := m.real.Decide(ask(p, action, resource)), m.decide(p, action, resource)
		if slices.Contains(m.kinds(action), resource.Kind) != (got.Err == nil) {
			t.Fatalf("Decide(%+v, %s, %+v).Err = %v", p, action, resource, got.Err)
		}
		got.Err = nil
		slices.Sort(got.Policies)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("Decide(%+v, %s, %+v) (-reference +got):\n%s", p, action, resource, diff)
		}
		if whole := m.whole(t, p, action, resource); got.Allowed != whole {
			t.Fatalf("Decide(%+v, %s, %+v) = %v, Cedar over all data: %v", p, action, resource, got.Allowed, whole)
		}
		namespace := uids.Draw(t, "below")
		if got, want := m.real.MayBelow(p, action, namespace), m.mayBelow(p, action, namespace); got != want {
			t.Fatalf("MayBelow(%+v, %s, %q) = %v, want %v", p, action, namespace, got, want)
		}
	}
}

func TestDecide_agreesWithReference(t *testing.T) {
	roles := readRoles(t)
	schema, policies := readPolicy(t)
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{reference: reference{roles: roles, parent: map[string]string{}, grants: map[string]authz.Grant{}}}
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
		t.Repeat(map[string]func(*rapid.T){
			"PutNamespace":    m.PutNamespace,
			"DeleteNamespace": m.DeleteNamespace,
			"PutGrant":        m.PutGrant,
			"DeleteGrant":     m.DeleteGrant,
			"Wait":            m.Wait,
			"":                m.Check,
		})
	})
}
