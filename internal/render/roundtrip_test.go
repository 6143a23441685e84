package render_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/joho/godotenv"
	"github.com/magiconair/properties"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
)

// hostile is what the formats and shells give a meaning to.
const hostile = "'\"\\$`{}()\n\r\t #%@=:!&;<>~*?[]|^-_a1Zn \x00\x01\x0b\x7f\u0085\u00e9\u2028\ufeff\ufffd\u4e16\U0001f600"

// payloads draws payloads of hostile texts and bytes. Runes above limit are not drawn.
func payloads(limit rune) *rapid.Generator[plaintext.Payload] {
	runes := rapid.OneOf(rapid.SampledFrom([]rune(hostile)), rapid.Rune()).Filter(func(r rune) bool { return r <= limit })
	texts := rapid.Map(rapid.StringOf(runes), text)
	entry := rapid.OneOf(texts, texts, texts, rapid.Map(rapid.SliceOf(rapid.Byte()), binary))
	return rapid.Map(rapid.MapOfN(rapid.StringMatching(`[-._A-Za-z0-9]{1,253}`), entry, 1, -1),
		func(m map[string]plaintext.Entry) plaintext.Payload { return m })
}

func fileOf(t rapid.TB, format render.Format, payload plaintext.Payload) []byte {
	t.Helper()
	bundle, err := render.Render(context.Background(), of(render.Item{
		SecretName: "s", AllKeys: true, Payload: payload, Target: render.Target{File: &render.FileTarget{Path: "f", Format: format}},
	}))
	if err != nil {
		t.Fatalf("Render: %v", err)
	}
	return bundle.Files[0].Content.Reveal()
}

// texts is what a reader of a file should get: binary values as the function gives them.
func texts(payload plaintext.Payload, decode func([]byte) string) map[string]string {
	m := map[string]string{}
	for key, e := range payload {
		m[key] = string(e.Value.Reveal())
		if e.Binary {
			m[key] = decode(e.Value.Reveal())
		}
	}
	return m
}

func TestRoundTrip_json(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := payloads(0x10ffff).Draw(t, "payload")
		var got map[string]string
		if err := json.Unmarshal(fileOf(t, render.JSON, payload), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(texts(payload, base64.StdEncoding.EncodeToString), got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestRoundTrip_yaml(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := payloads(0x10ffff).Draw(t, "payload")
		got := map[string]any{}
		if err := yaml.Unmarshal(fileOf(t, render.YAML, payload), &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{}
		for key, value := range texts(payload, func(b []byte) string { return string(b) }) {
			want[key] = value // a parser that gave a number or a time differs in type
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// The Go library reads a surrogate pair as two runes, so characters outside the basic plane are left to the golden file
// and to TestInterop_java.
func TestRoundTrip_properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := payloads(0xffff).Draw(t, "payload")
		loader := properties.Loader{Encoding: properties.ISO_8859_1, DisableExpansion: true}
		got, err := loader.LoadBytes(fileOf(t, render.Properties, payload))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(texts(payload, base64.StdEncoding.EncodeToString), got.Map()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// refusable is which texts a format may refuse: at least what is in want of these may not be.
var refusable = map[render.Format]func(string) bool{
	render.Dotenv: func(s string) bool { return strings.ContainsAny(s, "\x00\r'\\") || strings.Contains(s, "${") },
	render.INI: func(s string) bool {
		return strings.ContainsFunc(s, unicode.IsControl) || strings.ContainsAny(s, "#;`'\"\\") || strings.Contains(s, "%(") || strings.TrimSpace(s) != s
	},
	render.HadoopXML: func(s string) bool {
		return s == "" || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0xfffe || r == 0xffff }) || strings.Contains(s, "${")
	},
}

// writable is the part of a payload that a format takes, under names that never collide, and as readers of DOTENV should
// see it.
func writable(t rapid.TB, format render.Format, payload plaintext.Payload) (plaintext.Payload, map[string]string) {
	t.Helper()
	kept, want := plaintext.Payload{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(payload)) {
		e, key := payload[name], fmt.Sprintf("k.%d", len(kept))
		_, err := render.Render(context.Background(), of(render.Item{
			SecretName: "s", Key: key, Payload: plaintext.Payload{key: e},
			Target: render.Target{File: &render.FileTarget{Path: "f", Format: format}},
		}))
		switch value := string(e.Value.Reveal()); {
		case err == nil:
			kept[key] = e
		case e.Binary || refusable[format] == nil || !refusable[format](value):
			t.Fatalf("Render refuses %q as %v: %v", value, format, err)
		}
	}
	for key, value := range texts(kept, base64.StdEncoding.EncodeToString) {
		want[render.EnvName("", key)] = value
	}
	return kept, want
}

func TestRoundTrip_dotenv(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload, want := writable(t, render.Dotenv, payloads(0x10ffff).Draw(t, "payload"))
		got, err := godotenv.UnmarshalBytes(fileOf(t, render.Dotenv, payload))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// everyShort is a payload of all strings of up to three characters that any reader treats in its own way. It is
// exhaustive where the property tests are random, and one file, so that a process has to be started only once.
func everyShort(t *testing.T, format render.Format, alphabet string) (plaintext.Payload, map[string]string) {
	t.Helper()
	values := []string{""}
	payload := plaintext.Payload{}
	for range 3 {
		var longer []string
		for _, value := range values {
			for _, r := range alphabet {
				longer = append(longer, value+string(r))
			}
		}
		for _, value := range longer {
			payload[fmt.Sprint(len(payload))] = text(value)
		}
		values = longer
	}
	kept, want := writable(t, format, payload)
	t.Logf("%d of %d values can be written", len(kept), len(payload))
	return kept, want
}

const dotenvAlphabet = "'\"\\$`{}\n\r\t #%=!~;&(nA\u00e9"

func TestRoundTrip_dotenvShells(t *testing.T) {
	payload, want := everyShort(t, render.Dotenv, dotenvAlphabet)
	path := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(path, fileOf(t, render.Dotenv, payload), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, shell := range []string{"bash", "sh"} {
		cmd := exec.Command(shell, "-c", `set -a; . "$0"; printenv -0`, path)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", shell, err)
		}
		got := map[string]string{}
		for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
			if name, value, _ := strings.Cut(line, "="); strings.HasPrefix(name, "K_") {
				got[name] = value
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s reads (-want +got):\n%s", shell, diff)
		}
	}
	got, err := godotenv.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(want, got) {
		t.Errorf("godotenv reads (-want +got):\n%s", cmp.Diff(want, got))
	}
}
