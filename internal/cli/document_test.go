package cli_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/cli"
)

const (
	jsonHead = `{"apiVersion": "coffer.dev/v1", "kind": "Secret", "metadata": {"name": "db"}, "spec": {"payload": {"data": `
	yamlHead = "apiVersion: coffer.dev/v1\nkind: Secret\nmetadata: {name: db}\nspec:\n  payload:\n    data:\n"
)

func dataOf(t testing.TB, name, content string) (map[string]string, error) {
	t.Helper()
	got, err := cli.ParseManifests(name, content, "acme")
	if err != nil {
		return nil, err
	}
	return got[0].Message.(*cofferv1.Secret).GetPayload().GetData(), nil
}

// JSON is read by its own rules: YAML has other line breaks and escapes.
func TestParseManifests_JSON(t *testing.T) {
	for written, want := range map[string]string{
		"\"a\u0085b\u2028c\u2029d\"": "a\u0085b\u2028c\u2029d",
		`"\/ \ud83c\udf89 \u0085"`:   "/ 🎉 \u0085",
		"\"tab \u007f\ufeff\"":       "tab \u007f\ufeff",
		`"1.10 ~ <<"`:                "1.10 ~ <<",
	} {
		got, err := dataOf(t, "m.yaml", jsonHead+`{"v": `+written+`}}}}`)
		if diff := cmp.Diff(map[string]string{"v": want}, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", written, err, diff)
		}
	}
}

func TestParseManifests_anyJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "data")
		raw, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := cli.ParseManifests("m.json", jsonHead+string(raw)+`}}}`, "acme")
		if err != nil {
			t.Fatal(err)
		}
		got := parsed[0].Message.(*cofferv1.Secret).GetPayload().GetData()
		if len(want) > 0 && !cmp.Equal(want, got) {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

func TestParseManifests_refusesJSON(t *testing.T) {
	deep := strings.Repeat(`{"a": `, 70) + "1" + strings.Repeat("}", 70)
	for name, test := range map[string]struct{ file, content, want string }{
		"twice":                     {"m.yaml", jsonHead + "\n  {\"hunter2\": \"1\", \"hunter2\": \"2\"}}}}", "line 2 of the document, column 20: the key hunter2 is given twice"},
		"half a pair":               {"m.yaml", jsonHead + `{"v": "secret-value\ud83c"}}}}`, "an escape that stands for no character"},
		"a wrong escape":            {"m.yaml", jsonHead + `{"v": "secret-value\q"}}}}`, "not valid JSON: an escape that stands for no character"},
		"bytes":                     {"m.yaml", jsonHead + "{\"v\": \"secret-value\xff\"}}}}", "not UTF-8"},
		"no end":                    {"m.json", jsonHead + `{"v": "secret-value`, "it ends too early"},
		"more":                      {"m.json", jsonHead + `{}}}} {}`, "more follows"},
		"deep":                      {"m.json", deep, "nested too deeply"},
		"a list":                    {"m.json", "[1]", "want a mapping"},
		"YAML as JSON":              {"m.JSON", "{apiVersion: coffer.dev/v1}", "line 1 of the document, column 2: not valid JSON"},
		"a raw break":               {"m.json", jsonHead + "{\"v\": \"secret-\nvalue\"}}}}", "not valid JSON"},
		"a raw break, perhaps YAML": {"m.yaml", jsonHead + "{\"v\": \"secret\u0085value\", }}}}", "not valid JSON"},
	} {
		_, err := dataOf(t, test.file, test.content)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret-value") {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	// YAML that begins as JSON does.
	got, err := dataOf(t, "m.yaml", `{"apiVersion": coffer.dev/v1, kind: Secret, metadata: {name: db}, spec: {payload: {data: {v: x}}}}`)
	if err != nil || got["v"] != "x" {
		t.Errorf("YAML in braces: %v, %v", got, err)
	}
}

// What only YAML takes for a line break would become a space, or end a comment.
func TestParseManifests_lineBreaksOfYAML(t *testing.T) {
	for _, c := range []string{"\u0085", "\u2028", "\u2029"} {
		for _, value := range []string{"a" + c + "b", "'a" + c + "b'", `"a` + c + `b"`, "|\n        a" + c + "b", "x # a" + c + "      y: b"} {
			_, err := dataOf(t, "m.yaml", yamlHead+"      v: "+value+"\n")
			if err == nil || !strings.Contains(err.Error(), "is a line break in YAML and would not stay as it is: write \"\\u") || !strings.Contains(err.Error(), "line ") {
				t.Errorf("%q: %v", value, err)
			}
		}
	}
	got, err := dataOf(t, "m.yaml", yamlHead+`      v: "a\u0085\u2028\u2029b"`+"\n")
	if err != nil || got["v"] != "a\u0085\u2028\u2029b" {
		t.Errorf("escaped: %q, %v", got["v"], err)
	}
	_, err = dataOf(t, "m.yaml", yamlHead+"      v: \"a\u0085b\"\n")
	if want := `line 7 of the document, column 12: U+0085 is a line break in YAML and would not stay as it is: write "\u0085", in double quotes`; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// What YAML's parser says is told, unless it quotes the document.
func TestParseManifests_causes(t *testing.T) {
	for content, want := range map[string]string{
		`      v: "\ud83c\udf89"`: "line 7 of the document: not valid YAML: found invalid Unicode character escape code",
		`      v: *hunter2`:       "not valid YAML: an alias of no anchor",
		"      v: {a\n":           "not valid YAML: did not find",
	} {
		_, err := dataOf(t, "m.yaml", yamlHead+content)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", content, err, want)
		}
	}
}
