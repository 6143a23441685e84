package resolve_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/resolve"
)

// hostile draws texts that are syntax somewhere.
func hostile() *rapid.Generator[string] {
	pieces := rapid.SampledFrom([]string{
		"${secret.x}", "$${secrets.x}", `"`, `'`, `\`, "\n", "\r\n", "\t", "\x00", "\x7f", "\u0085", "\u2028", "\ufeff", "\ufffe", "\U0010ffff",
		": ", " #", "- ", "{", "}", "[", "]", ",", "&a", "*a", "!!int 1", "|", ">", "%", "@", "`", "---", "true", "null", "é", " ", "$", "x",
	})
	return rapid.Map(rapid.SliceOfN(pieces, 0, 8), func(s []string) string { return strings.Join(s, "") })
}

func always(value string) func(resolve.Reference) (resolve.Found, error) {
	return func(r resolve.Reference) (resolve.Found, error) {
		return resolve.Found{Name: r.Names[0], Payload: plaintext.Payload{"value": {Value: plaintext.New([]byte(value))}}}, nil
	}
}

func TestJSONReadsWhatWasMeant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value, around, other := hostile().Draw(t, "value"), plain(t, "around"), plain(t, "other")
		in, _ := json.Marshal(map[string]any{"a": []string{around + "${secret.x}" + around, other}, "n": 1})
		var got any
		if err := json.Unmarshal(resolvedWith(t, string(in), value), &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"a": []any{around + value + around, other}, "n": 1.0}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	})
}

func TestYAMLReadsWhatWasMeant(t *testing.T) {
	styles := []yaml.Style{0, yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}
	rapid.Check(t, func(t *rapid.T) {
		value, around, other := hostile().Draw(t, "value"), plain(t, "around"), plain(t, "other")
		text := func(s string) *yaml.Node {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: rapid.SampledFrom(styles).Draw(t, "style")}
		}
		list := &yaml.Node{Kind: yaml.SequenceNode, Style: rapid.SampledFrom([]yaml.Style{0, yaml.FlowStyle}).Draw(t, "flow"), Content: []*yaml.Node{
			text(around + "${secret.x}" + around), text(other), text("${secret.x}"),
		}}
		in, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{text("a"), list, text("b"), text(other)}})
		if err != nil {
			t.Fatal(err)
		}
		var before map[string]any
		if err := yaml.Unmarshal(in, &before); err != nil {
			return // go-yaml does not read all that it writes
		}
		var got map[string]any
		if err := yaml.Unmarshal(resolvedWith(t, string(in), value), &got); err != nil {
			t.Fatal(err)
		}
		texts := before["a"].([]any)
		for i, s := range texts {
			texts[i] = strings.ReplaceAll(s.(string), "${secret.x}", value)
		}
		if diff := cmp.Diff(before, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	})
}

// plain draws a text without references, nor with what would escape one.
func plain(t *rapid.T, label string) string {
	return strings.NewReplacer("$", "", "\ufffe", "").Replace(hostile().Draw(t, label))
}

func resolvedWith(t *rapid.T, in, value string) []byte {
	d, err := resolve.Parse(in, resolve.Config{})
	if err != nil {
		t.Fatalf("Parse(%s): %v", in, err)
	}
	r, err := d.Resolve(t.Context(), always(value))
	if err != nil {
		t.Fatalf("Resolve(%s): %v", in, err)
	}
	return r.Payload.Reveal()
}
