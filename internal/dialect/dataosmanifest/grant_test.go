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
		{"read-specific-secret", "values: {s: [{path: /heimdall/api/v1/secrets/github_np_r}]}", []string{"secret-reader 0  github_np_r heimdall"}},
		{"read-specific-secret", "values: {s: [{path: 'heimdall/api/v1/secrets/acme:gcp_ro'}, {path: gcp_ro}]}", []string{"secret-reader 2 acme gcp_ro heimdall", "secret-reader 0  gcp_ro heimdall"}},
		{"read-specific-secret", "values: {s: [{path: '/heimdall/api/v1/secrets/:gcp_ro'}]}", nil},
		{"read-specific-secret", "values: {s: [{path: 'instance-secret:v1:x-r'}], t: [{path: /poros/api/v1/resources/instance-secret/x-r}]}", []string{"secret-reader 0  x-r"}},
		{"read-stack-secrets", "values: {s: [{path: 'secret:v1:pull'}]}", []string{"secret-reader 1 public pull"}},
		{"read-all-secrets-from-heimdall", "", []string{"secret-reader 0  "}},
		{"un-sanitize-resource", "", []string{"secret-reader 0  "}},
		{"un-sanitize-resource", "values: {s: [{path: 'dataos:workspace:a'}]}", []string{"secret-reader 1 a "}},
		// What is narrower than the use case is never taken for the whole.
		{"read-specific-secret", "", nil},
		{"read-specific-secret", "values: {s: [{path: 'dataos:workspace:a'}]}", nil},
		{"read-all-secrets-from-heimdall", "values: {s: [{path: x-r}]}", nil},
		{"manage-secret-in-system-workspaces", "values: {s: [{path: x-r}]}", nil},
		{"manage-secrets", "values: {s: [{path: dataos:resource:secret}]}", nil},
		{"manage-secrets", "values: {s: [{path: ''}]}", nil},
		// Values that are not shaped as values are, are not taken for none.
		{"un-sanitize-resource", "values:", nil},
		{"un-sanitize-resource", "values: {}", nil},
		{"un-sanitize-resource", "values: /heimdall/api/v1/secrets/harmless", nil},
		{"un-sanitize-resource", "values: [{path: /heimdall/api/v1/secrets/harmless}]", nil},
		{"un-sanitize-resource", "values: {secret: {path: /poros/api/v1/workspaces/public/resources/secret/harmless}}", nil},
		{"un-sanitize-resource", "values: {secret: /poros/api/v1/workspaces/public/resources/secret/harmless}", nil},
		{"un-sanitize-resource", "values: {secret: }", nil},
		{"un-sanitize-resource", "values: {secret: []}", nil},
		{"un-sanitize-resource", "values: {secret: [{path: a-r}], other: []}", nil},
		{"un-sanitize-resource", "values: {secret: [a-r]}", nil},
		{"un-sanitize-resource", "values: {secret: [{paht: a-r}]}", nil},
		{"un-sanitize-resource", "values: {secret: [{path: a-r, but: b-r}]}", nil},
		{"un-sanitize-resource", "values: {secret: [{path: [a-r]}]}", nil},
		{"manage-secrets", "values: {secret: {path: a-r}}", nil},
	} {
		text := fmt.Sprintf("name: gg\nversion: v1alpha\ntype: grant\ngrant:\n  policy_use_case_id: %s\n  subjects: [roles:id:dev, users:id:a, users:id:a]\n  %s\n", test.useCase, test.values)
		all, err := dataosmanifest.ParseAll("m.yaml", text, dataosmanifest.Options{Workspace: "team"})
		if test.want == nil {
			if err == nil || !strings.Contains(err.Error(), "grant.values") {
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
			text := fmt.Sprintf("%s %d %s %s", g.Grant.GetRole(), g.Place.Scope, g.Place.Name, g.Secret)
			if g.Heimdall {
				text += " heimdall"
			}
			got = append(got, text)
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

// What a grant says and nobody knows, could have made it narrower.
func TestParse_grantFields(t *testing.T) {
	text := "name: gg\nversion: v1alpha\ntype: grant\ngrant:\n  policy_use_case_id: un-sanitize-resource\n  subjects: [users:id:a]\n  "
	for _, field := range []string{
		"value: {secret: [{path: a-r}]}", "Values: {secret: [{path: a-r}]}", "secret: [{path: a-r}]",
		"approve: no", "approve: off", "approve: 0", "approve: {a: false}", "approve: [false]", "approve: ''", "approve: ' false'", "approve: $NONE",
	} {
		m, err := dataosmanifest.ParseAll("m.yaml", text+field+"\n", dataosmanifest.Options{})
		name, _, _ := strings.Cut(field, ":")
		if err == nil || !strings.Contains(err.Error(), "m.yaml:7: grant."+name+": ") {
			t.Errorf("%s: %v and %v, want an error about it", field, m, err)
		}
	}
	for field, granted := range map[string]int{
		"": 1, "approve:": 1, "approve: true": 1, "approve: True": 1, "approve: 'TRUE'": 1,
		"approve: false": 0, "approve: False": 0, "approve: FALSE": 0, "approve: 'false'": 0,
		"requester: x": 1, "notes: y": 1, "collection: c": 1, "manageAsUser: u": 1,
	} {
		all, err := dataosmanifest.ParseAll("m.yaml", text+field+"\n", dataosmanifest.Options{})
		if err != nil || len(all[0].Grants) != granted {
			t.Errorf("%s: %v, want %d grants", field, err, granted)
		}
	}
}
