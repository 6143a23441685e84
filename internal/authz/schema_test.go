package authz_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authz"
)

// TestRoles compares the role table, derived from the schema, with CONTRACT section 2a as written out in testdata.
func TestRoles(t *testing.T) {
	want, err := os.ReadFile("testdata/roles.golden")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, info := range newAuthorizer(t, nil).Roles() {
		got.WriteString(string(info.Role) + "\n")
		for _, action := range info.Actions {
			got.WriteString("\t" + string(action) + "\n")
		}
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("Roles() (-want +got):\n%s", diff)
	}
}

// TestConstants proves that the Go constants name the actions and roles of the schema, no more and no less.
func TestConstants(t *testing.T) {
	a := newAuthorizer(t, nil)
	var roles, wantActions []string
	for _, info := range a.Roles() {
		roles = append(roles, string(info.Role))
	}
	for _, action := range a.Actions() {
		if verb, ok := strings.CutPrefix(string(action), "grant:"); !ok || !slices.Contains(roles, verb) {
			wantActions = append(wantActions, string(action))
		}
	}
	if diff := cmp.Diff(wantActions, constants(t, "action.go")); diff != "" {
		t.Errorf("constants of action.go (-schema +Go):\n%s", diff)
	}
	if diff := cmp.Diff(roles, constants(t, "role.go")); diff != "" {
		t.Errorf("constants of role.go (-schema +Go):\n%s", diff)
	}
}

// constants returns the values of the string constants of a source file, sorted.
func constants(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for _, value := range spec.Values {
			text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, text)
		}
		return false
	})
	slices.Sort(values)
	return values
}

func TestRoles_areCopies(t *testing.T) {
	a := newAuthorizer(t, nil)
	a.Roles()[0].Actions[0] = authz.SecretAccess
	if got := a.Roles()[0].Actions[0]; got == authz.SecretAccess {
		t.Errorf("Roles()[0].Actions[0] = %q after its caller changed a copy", got)
	}
}
