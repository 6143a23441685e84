package dataosmanifest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
)

// The table of the package's documentation.
func TestParse_grants(t *testing.T) {
	for _, test := range []struct {
		useCase, values string
		want            []string // role, scope, its name, secret
	}{
		{"manage-secrets", "", []string{"developer 1 team "}},
		{"manage-secrets", "values: {ws: [{path: 'dataos:workspace:a'}, {path: /poros/api/v1/workspaces/b/**}]}", []string{"developer 1 a ", "developer 1 b "}},
		{"manage-secrets", "values: {s: [{path: /poros/api/v1/workspaces/b/resources/secret/c}]}", []string{"developer 1 b c"}},
		{"manage-secret-in-system-workspaces", "", []string{"developer 1 system "}},
		{"manage-all-other-resources-in-user-layer", "", []string{"developer 0  "}},
		{"read-specific-secret", "values: [{path: /heimdall/api/v1/secrets/github_np_r}]", []string{"secret-reader 0  github-np-r"}},
		{"read-specific-secret", "values: [{path: 'instance-secret:v1:x-r'}, {path: /poros/api/v1/resources/instance-secret/x-r}]", []string{"secret-reader 0  x-r"}},
		{"read-stack-secrets", "values: [{path: 'secret:v1:pull'}]", []string{"secret-reader 1 public pull"}},
		{"read-all-secrets-from-heimdall", "", []string{"secret-reader 0  "}},
		{"un-sanitize-resource", "", []string{"secret-reader 0  "}},
		{"un-sanitize-resource", "values: [{path: 'dataos:workspace:a'}]", []string{"secret-reader 1 a "}},
		// What is narrower than the use case is never taken for the whole.
		{"read-specific-secret", "", nil},
		{"read-specific-secret", "values: [{path: 'dataos:workspace:a'}]", nil},
		{"read-all-secrets-from-heimdall", "values: [{path: x-r}]", nil},
		{"manage-secret-in-system-workspaces", "values: [{path: x-r}]", nil},
		{"manage-secrets", "values: [{path: dataos:resource:secret}]", nil},
		{"manage-secrets", "values: [{path: ''}]", nil},
	} {
		text := fmt.Sprintf("name: gg\nversion: v1alpha\ntype: grant\ngrant:\n  policy_use_case_id: %s\n  subjects: [roles:id:dev, users:id:a, users:id:a]\n  %s\n", test.useCase, test.values)
		all, err := dataosmanifest.ParseAll("m.yaml", text, dataosmanifest.Options{Workspace: "team"})
		if test.want == nil {
			if err == nil || !strings.Contains(err.Error(), "grant.values: ") {
				t.Errorf("%s\n%v, want an error about its values", text, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s\n%v", text, err)
			continue
		}
		var got, principals []string
		ids := map[string]bool{}
		for _, g := range all[0].Grants {
			got = append(got, fmt.Sprintf("%s %d %s %s", g.Grant.GetRole(), g.Place.Scope, g.Place.Name, g.Secret))
			principals = append(principals, g.Grant.GetPrincipal())
			ids[g.ID] = true
		}
		slices.Sort(principals)
		if diff := cmp.Diff(test.want, got[:len(got)/2]); diff != "" || len(ids) != len(got) {
			t.Errorf("%s\n%s", text, diff)
		}
		if diff := cmp.Diff([]string{"group:dev", "user:a"}, slices.Compact(principals)); diff != "" {
			t.Error(diff)
		}
	}
}
