package authz_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authz"
)

func TestReadPolicy(t *testing.T) {
	a := newAuthorizer(t, nil)
	tests := []struct {
		name, text string
		want       authz.PolicyInfo
	}{
		{"a forbid", `forbid (principal, action, resource);`, authz.PolicyInfo{Statements: 1}},
		{
			"permits", `permit (principal, action in [Action::"secret:use", Action::"secret:access"], resource);
			permit (principal is User, action == Action::"secret:use", resource is Secret);
			permit (principal, action in Action::"role:workload", resource);`,
			authz.PolicyInfo{Statements: 3, Permits: []authz.Action{authz.ProjectionGet, authz.ProjectionRender, authz.ProjectionWatch, authz.SecretAccess, authz.SecretUse}},
		},
		{"labels of all kinds", `forbid (principal, action, resource) when { resource.hasTag("a") && resource.getTag("a") == "b" };`, authz.PolicyInfo{Statements: 1}},
		{"brackets in strings and comments", `forbid (principal, action, resource) // ((((((((((((((((((((((((((((((((((((((
			when { resource.id == "((((((((((((((((((((((((((((((((((((\"((((" };`, authz.PolicyInfo{Statements: 1}},
		{
			"names", `forbid (principal == ServiceAccount::"b", action, resource in Namespace::"y") when {
				principal in Group::"corp/dba" && [Namespace::"x", Namespace::"y"].contains(Namespace::"y") && principal == ServiceAccount::"a" };
				permit (principal is User in Group::"group", action == Action::"secret:use", resource is Secret in Namespace::"z") when {
				principal == User::"a b@corp" && principal.name != "user:alice" && ["user:a", "serviceAccount:namespaces/n/serviceAccounts/a"].contains(principal.name) };`,
			authz.PolicyInfo{
				Statements: 2, Permits: []authz.Action{authz.SecretUse},
				Names: authz.Names{Namespaces: []string{"x", "y", "z"}, ServiceAccounts: []string{"a", "b"}},
			},
		},
		{"many clauses", `forbid (principal, action, resource) when { ` + strings.Repeat(`resource.id != "a" && `, 100) + `true };`, authz.PolicyInfo{Statements: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := a.ReadPolicy(test.text)
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("ReadPolicy(%s): %v (-want +got):\n%s", test.text, err, diff)
			}
		})
	}
}

func TestReadPolicy_refuses(t *testing.T) {
	when := func(condition string) string {
		return "forbid (principal, action, resource) when { " + condition + " };"
	}
	permit := func(action string) string { return fmt.Sprintf("permit (principal, action %s, resource);", action) }
	tests := []struct{ name, text, tells string }{
		{"nothing", "// nothing", "no statement"},
		{"not Cedar", "\n  permit all;", "line 2, column 13: exact got all want ("},
		{"string without end", when(`resource.id == "`), "line 1, column"},
		{"unknown attribute", "\n\n" + when("resource.nonsense"), "line 3, column 1: "},
		{"attribute not looked for", when(`resource.type == "x"`), "type"},
		{"wrong type", when("principal.name == 1"), "line 1"},
		{"unknown action", `forbid (principal, action == Action::"secret:steal", resource);`, "secret:steal"},
		{"unknown entity type", `forbid (principal, action, resource in Scope::"Namespace/x");`, "Scope"},
		{"what a principal was granted", when(`principal has "role:operator"`), `no attribute "role:operator"`},
		{"where a principal was granted it", when(`resource in principal["role:operator"]`), "role:operator"},
		{"attributes of an entity that is named", when(`Secret::"x" has owner`), "nothing is known of"},
		{"tags of an entity that is named", when(`(if principal == User::"a" then Namespace::"x" else Namespace::"y").hasTag("a")`), "nothing is known of"},
		{"a secret", `forbid (principal, action, resource == Secret::"s1");`, "compare resource.id"},
		{"a secret by name", when(`resource == Secret::"namespaces/acme/secrets/s1"`), "resource is Secret"},
		{"a secret among others", when(`[resource].containsAny([Secret::"s1"])`), "compare resource.id"},
		{"a token", when(`resource == Token::"t"`), "compare resource.id"},
		{"a grant", when(`resource == Grant::"g"`), "compare resource.id"},
		{"a custom role", when(`resource == Role::"r"`), "compare resource.id"},
		{"a user by its full name", `forbid (principal == User::"user:alice", action, resource);`, "nobody's name"},
		{"a user that is a group", when(`principal == User::"group:dba"`), "nobody's name"},
		{"a group by its full name", when(`principal in Group::"group:corp/dba"`), "nobody's name"},
		{"a group by its full name in the scope", `forbid (principal is User in Group::"group:dba", action, resource);`, "nobody's name"},
		{"a pattern of users", when(`principal == User::"*"`), "nobody's name"},
		{"users of an issuer", when(`principal == User::"corp/"`), "nobody's name"},
		{"a group of a group", when(`principal in Group::"a/b/c"`), "nobody's name"},
		{"a namespace by name", when(`resource in Namespace::"namespaces/acme"`), "use its uid"},
		{"an account by name", `forbid (principal == ServiceAccount::"serviceAccount:namespaces/a/serviceAccounts/b", action, resource);`, "use its uid"},
		{"a bare name of a principal", when(`principal.name == "alice"`), "nobody's name"},
		{"the other way round", when(`"group:dba" != principal.name`), "nobody's name"},
		{"a bare name among others", when(`["user:bob", "alice"].contains(principal.name)`), "nobody's name"},
		{"an unknown action in a condition", when(`action == Action::"secret:steal"`), "secret:steal"},
		{"a label that is not constant", when(`resource.hasTag("a") && resource.getTag("b") == "c"`), "tag"},
		{"a permit of everything", permit(""), "must name its actions"},
		{"a permit to grant", permit(`== Action::"grant:create"`), "grant:create can only be granted"},
		{"a permit to give a role", permit(`== Action::"grant:operator"`), "grant:operator"},
		{"a permit of a role with more", permit(`in Action::"role:viewer"`), "can only be granted"},
		{"a permit on roles", permit(`== Action::"role:update"`), "role:update"},
		{"a permit on tokens", permit(`in [Action::"secret:use", Action::"token:create"]`), "token:create"},
		{"a permit to be others", permit(`== Action::"user:impersonate"`), "user:impersonate"},
		{"a permit to explain", permit(`== Action::"access:check"`), "access:check"},
		{"a permit to make owners", permit(`== Action::"secret:setOwner"`), "secret:setOwner"},
		{"a permit on policies", permit(`== Action::"policy:delete"`), "removal"},
		{"a forbid on policies alone", `forbid (principal, action == Action::"policy:delete", resource);`, "removal"},
		{"a permit on policies among others", permit(`in [Action::"secret:use", Action::"policy:get"]`), "removal"},
		{"a permit of no action", permit(`in []`), "applicable action"},
		{"a role as an action", permit(`== Action::"role:operator"`), "action"},
		{"the same @id", `@id("a") forbid (principal, action, resource); @id("a") forbid (principal, action, resource);`, "twice"},
		{"the @id of another's number", `@id("2") forbid (principal, action, resource); forbid (principal, action, resource);`, "twice"},
		{"an @id of anything", `@id("a#b\n") forbid (principal, action, resource);`, "@id"},
		{"too large", strings.Repeat("/", authz.MaxPolicySize+1), "longer"},
		{"too many", strings.Repeat("forbid (principal, action, resource);", authz.MaxStatements+1), "statements"},
		{"not UTF-8", "\xff", "UTF-8"},
		{"brackets", when(strings.Repeat("(", 5000) + "true" + strings.Repeat(")", 5000)), "nested"},
		{"sets", when(strings.Repeat("[", 5000)), "nested"},
		{"signs", when(strings.Repeat("!", 5000) + "true"), "nested"},
		{"attributes of attributes", when("context has a" + strings.Repeat(".a", 5000)), "nested"},
		{"spread out attributes", when("context has a" + strings.Repeat(" . //\n a", 40)), "nested"},
		{"choices", when(strings.Repeat("if ", 4000)), "line 1"},
		{"looks for labels", when(strings.Repeat(`resource.hasTag("a") && `, 33) + "true"), "has and hasTag"},
		{"operands", when(strings.Repeat("true||", 2000) + "true"), "operands"},
	}
	a := newAuthorizer(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := a.ReadPolicy(test.text)
			if !errors.Is(err, authz.ErrPolicy) || !strings.Contains(err.Error(), test.tells) {
				t.Errorf("ReadPolicy = %v, want ErrPolicy telling %q", err, test.tells)
			}
			if err != nil && len(err.Error()) > 1000 {
				t.Errorf("ReadPolicy tells %d bytes", len(err.Error()))
			}
		})
	}
}

func TestCheckCondition(t *testing.T) {
	a := newAuthorizer(t, nil)
	access := []authz.Action{authz.SecretAccess}
	tests := []struct {
		name, condition string
		actions         []authz.Action
		tells           string // empty: valid
	}{
		{"valid", `resource has type && resource.type == "postgres"`, access, ""},
		{"comment at the end", `true // for now`, access, ""},
		{"an action that has it not", `resource has type`, []authz.Action{authz.AuditList}, ""},
		{"of any action", `context.delegated`, nil, ""},
		{"attribute not looked for", `resource.type == "postgres"`, access, "type"},
		{"no action of ours", `true`, []authz.Action{"secret:steal"}, "secret:steal"},
		{"an entity that is named", `Namespace::"x".id == "y"`, access, "nothing is known"},
		{"a secret that is named", `resource == Secret::"s1"`, access, "compare resource.id"},
		{"a group by its full name", `principal in Group::"group:dba"`, access, "nobody's name"},
		{"what is there", `resource in Namespace::"acme" || principal in Group::"dba"`, access, ""},
		{"not a truth", `"true"`, access, "Bool"},
		{"empty", ``, access, "line 2"},
		{"a place in the first line", "true && ) && true", access, "line 1, column 11"},
		{"its place is told", "true &&\n  nonsense && true", access, "line 2, column"},
		{"another statement", `true }; permit (principal, action, resource) when { true`, access, "single expression"},
		{"another statement, unconditional", `true }; permit (principal, action, resource); //`, access, "ErrPolicy"},
		{"another clause", `true } when { true`, access, "single expression"},
		{"an exception", `true } unless { false`, access, "single expression"},
		{"an end", `true };`, access, "ErrPolicy"},
		{"an unfinished string", `"`, access, "ErrPolicy"},
		{"an unfinished bracket", `(true`, access, "ErrPolicy"},
		{"too large", strings.Repeat(" ", authz.MaxConditionSize) + "true", access, "longer"},
		{"nested", strings.Repeat("(", 1000), access, "nested"},
		{"not UTF-8", "\xff", access, "UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := a.CheckCondition(test.actions, test.condition)
			valid := test.tells == ""
			told := err != nil && (test.tells == "ErrPolicy" || strings.Contains(err.Error(), test.tells))
			if valid != (err == nil) || !valid && (!told || !errors.Is(err, authz.ErrPolicy)) {
				t.Errorf("CheckCondition(%q) = %v, want telling %q", test.condition, err, test.tells)
			}
			g := authz.Grant{UID: "g", Principal: "user:bob", Role: authz.RoleSecretReader, Scope: acme, Condition: test.condition}
			if err := a.PutGrant(g); test.condition != "" && len(test.actions) == 1 && test.actions[0] == authz.SecretAccess && valid != (err == nil) {
				t.Errorf("PutGrant with %q = %v, want valid %v", test.condition, err, valid)
			}
		})
	}
}

// FuzzReadPolicy: no text makes the reading of policies and conditions panic, or take long; and a condition that is
// valid is a single expression, which stays one wherever it is put.
func FuzzReadPolicy(f *testing.F) {
	for _, test := range expressions {
		f.Add(test.text)
		f.Add("permit (principal, action == Action::\"secret:access\", resource) when { " + test.text + " };")
	}
	for _, text := range []string{
		`true } ; permit (principal, action, resource) when { true`, `@id("x") forbid (principal is User in Group::"g", action, resource) unless { [1, {a: 2}].contains(1) };`,
		strings.Repeat("(", 40), "context has a" + strings.Repeat(".a", 30), `"\u{10ffff}" like "\*\u{0}"`, `decimal("1.2").lessThan(decimal("9")) && -9223372036854775808 == --1`,
	} {
		f.Add(text)
	}
	a := newAuthorizer(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		_, err := a.ReadPolicy(text)
		if err != nil && !errors.Is(err, authz.ErrPolicy) {
			t.Errorf("ReadPolicy = %v, want ErrPolicy", err)
		}
		if putErr := a.PutPolicy(authz.Policy{UID: "p", NamespaceUID: "acme", Text: text}); (putErr == nil) != (err == nil) {
			t.Errorf("PutPolicy = %v, ReadPolicy: %v", putErr, err)
		}
		a.Decide(ask(alice, authz.SecretAccess, prodDB))
		if _, err := a.CheckCondition([]authz.Action{authz.SecretAccess}, text); err != nil {
			if !errors.Is(err, authz.ErrPolicy) {
				t.Errorf("CheckCondition = %v, want ErrPolicy", err)
			}
			return
		}
		if _, err := a.CheckCondition([]authz.Action{authz.SecretAccess}, "(\n"+text+"\n) && true"); err != nil && len(text) < authz.MaxConditionSize-20 && !strings.Contains(err.Error(), "nested") {
			t.Errorf("CheckCondition of it in brackets = %v", err)
		}
	})
}
