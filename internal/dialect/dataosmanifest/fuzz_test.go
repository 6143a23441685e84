package dataosmanifest_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/dialect/dataosmanifest"
)

var key = regexp.MustCompile(`^[-._A-Za-z0-9]{1,253}$`)

// FuzzParse: whatever comes is read or refused, in the words of the package, and keeps what the package promises.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"name: nn\nversion: v1\ntype: secret\nsecret: [{type: key-value, acl: r, data: {a: b}, files: {c: d}}]\n",
		`{"name": "nn", "version": "v2alpha", "type": "secret", "spec": {"type": "key-value", "data": {"a": "\ud83c\udf89"}}}`,
		"name: dd\nversion: v1\ntype: depot\ndepot: {connectionSecret: {acl: rw, type: key-value, data: {a: canary}}}\n---\nname: x\n",
		"name: gg\nversion: v1alpha\ntype: grant\ngrant: {policy_use_case_id: manage-secrets, subjects: [users:id:a], values: {g: [{path: /a/**}]}}\n",
		"name: ww\nversion: v1\ntype: workflow\nx: &x {a: $V}\nworkflow: {<<: *x, dataosSecrets: [{name: $V}]}\n",
		"%YAML 1.2\n--- {name: a}\n...\n# c\n",
	} {
		f.Add(seed)
	}
	options := dataosmanifest.Options{
		ReadFile:     func(string) ([]byte, error) { return []byte("content"), nil },
		Lookup:       func(name string) (string, bool) { return "x\n" + name, len(name) < 3 },
		ExpandValues: true,
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, doc := range dataosmanifest.Split("m.yaml", text) {
			m, err := dataosmanifest.Parse(doc, options)
			var faults *dataosmanifest.Error
			switch {
			case errors.Is(err, dataosmanifest.ErrForeign):
				if dataosmanifest.Recognizes(doc.Text) {
					t.Fatalf("recognized and foreign: %q", doc.Text)
				}
				continue
			case err != nil:
				if !errors.As(err, &faults) || len(faults.Faults) == 0 {
					t.Fatalf("%q: %v", doc.Text, err)
				}
				continue
			}
			for _, s := range m.Secrets {
				for k := range s.Secret.GetPayload().GetData() {
					if !key.MatchString(k) {
						t.Errorf("key %q", k)
					}
				}
			}
			if m.Workload != nil && len(m.Secrets) > 0 && strings.Contains(m.Workload.GetWorkload().GetPayload(), "connectionSecret:") {
				t.Errorf("a depot keeps its secrets: %q", m.Workload.GetWorkload().GetPayload())
			}
			for _, shown := range []dataosmanifest.Shown{dataosmanifest.Hide, dataosmanifest.Lint, dataosmanifest.Reveal} {
				if _, err := m.Text(shown); err != nil {
					t.Error(err)
				}
			}
			_ = dataosmanifest.CheckDepot(m.Depot)
		}
	})
}
