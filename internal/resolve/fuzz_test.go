package resolve_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/coffer-dev/coffer/internal/resolve"
)

// FuzzParse looks for payloads that break the parser, that come back changed though nothing in them refers to anything, or
// that read otherwise when resolved, but for texts with references.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"a": "${secret.x}", "envSecrets": [{"key": "A", "secretObject": {"key": "k", "source": {"type": "KUBERNETES", "id": "d"}}}]}`,
		"a: |2 # c\n   ${secret.x}\n\n  b\nc: >+\n  ${secrets.x}\n\nd: 'it''s ${secret.x}'\n",
		"x: &x !!str ${secret.x}\ny: [*x, \"a\\\n  ${secret.x}\", {storageSecret: {key: k}}]\n",
		"storageSecret:\n  key: k\nsecretKey: a\n  b\n",
		"dataosSecrets:\n- {name: n, allKeys: true, consumptionType: file}\n",
		"name: a\nversion: v1\ntype: lens\nlens: {secrets: [{name: n}], repo: {secretId: n_r}, stackSpec: {imagePullSecret: p}, storage: {secret: {name: s}}}\n",
		"spec: {secrets: [{id: \"t:n\", purpose: rw}], repo: {secret: \"t:n\"}, dataosSecrets: [n]}\n",
		"projection:\n  secrets: [{id: \"t:n\", contextAlias: a}]\n  projections:\n    envVars: [{key: K, value: \"{{.secrets.a.value}}\"}]\n" +
			"    files: [{path: f, directory: /etc/dataos/secret, template: \"{{ secrets['a'].value | base64_decode }}\"}]\n    arguments: [{value: x}]\n    dictionary: [{key: k, value: x}]\n",
		`{"storageSecret": {"key": "k", "source": {"type": "VAULT", "id": "v"}}}`,
		"? a\n: - ${secret.x}\n- - b\n", "%YAML 1.1\n---\n!t &a\n# c\n\"${secret.x}\"\n...\n", "{'a': ${secret.x}}",
	} {
		f.Add(seed, "a: b # \"'\n")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		d, err := resolve.Parse(text, resolve.Config{})
		if err != nil {
			return
		}
		r, err := d.Resolve(t.Context(), always(strings.ToValidUTF8(value, "")))
		if err != nil {
			var unresolved *resolve.UnresolvedError
			if !errors.As(err, &unresolved) && !errors.Is(err, resolve.ErrTooLarge) {
				t.Errorf("Resolve(%q) = %v", text, err)
			}
			return
		}
		got := string(r.Payload.Reveal())
		if !strings.Contains(text, "ecret") && got != text {
			t.Errorf("Resolve(%q) = %q", text, got)
		}
		before, after := map[string]string{}, map[string]string{}
		flatten(before, "", decode(t, text))
		flatten(after, "", decode(t, got))
		for path, value := range before {
			if strings.Contains(value, "${") || strings.HasSuffix(path, "/secretKey") {
				delete(before, path)
				delete(after, path)
			}
		}
		for path := range after {
			if strings.HasSuffix(path, "/secretKey") {
				delete(after, path)
			}
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("Resolve(%q) = %q (-want +got):\n%s", text, got, diff)
		}
	})
}

// decode reads JSON by its own parser, and else YAML. The tree of YAML has no aliases followed.
func decode(t *testing.T, payload string) any {
	t.Helper()
	var tree any
	if json.Unmarshal([]byte(payload), &tree) == nil {
		return tree
	}
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(payload), &document); err != nil {
		t.Fatalf("%q: %v", payload, err)
	}
	return document.Content[0]
}

// flatten writes what stands where.
func flatten(into map[string]string, path string, tree any) {
	switch tree := tree.(type) {
	case map[string]any:
		for key, value := range tree {
			flatten(into, path+"/"+key, value)
		}
	case []any:
		for i, value := range tree {
			flatten(into, fmt.Sprintf("%s/%d", path, i), value)
		}
	case *yaml.Node:
		switch tree.Kind {
		case yaml.MappingNode:
			for i := 0; i < len(tree.Content); i += 2 {
				flatten(into, path+"/"+tree.Content[i].Value, tree.Content[i+1])
			}
		case yaml.SequenceNode:
			for i, value := range tree.Content {
				flatten(into, fmt.Sprintf("%s/%d", path, i), value)
			}
		default:
			into[path] = fmt.Sprintf("%s %s &%s", tree.ShortTag(), tree.Value, tree.Anchor)
		}
	default:
		into[path] = fmt.Sprintf("%T %v", tree, tree)
	}
}
