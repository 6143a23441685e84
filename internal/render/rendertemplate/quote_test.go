package rendertemplate_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/magiconair/properties"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// hostileText draws texts of what readers take for something else.
func hostileText() *rapid.Generator[string] {
	special := rapid.SampledFrom([]rune("'\"\\$`!#%&*?~=:;,.@/|<>(){}[]-+_^ \t\n\r\f\v\u0085\u00a0\u2028\ufeff\uffff\U0001f511üéaZ019\x1b\x7f\x01"))
	return rapid.OneOf(rapid.String(), rapid.StringOf(special),
		rapid.SampledFrom([]string{"", "no", "~", "null", "1e3", "2026-01-01", "=", "- a", "? a", "0x10", " a ", "true", "\\n", "a\\", "$(id)", "%41", "+"}))
}

// quotedBy is what the function makes of s, in both engines.
func quotedBy(t *rapid.T, function, s string) string {
	secrets := map[string]rendertemplate.Secret{"s": {Payload: plaintext.Payload{"k": value(s)}}}
	var results []string
	for engine, text := range map[rendertemplate.Engine]string{
		rendertemplate.Go: "{{.secrets.s.k | " + function + "}}", rendertemplate.Liquid: "{{ secrets.s.k | " + function + " }}",
	} {
		template, err := rendertemplate.Compile(engine, text, rendertemplate.Names{Secrets: map[string][]string{"s": nil}})
		if err != nil {
			t.Fatal(err)
		}
		v, err := template.Execute(t.Context(), rendertemplate.Data{Secrets: secrets})
		if err != nil {
			t.Fatalf("%s of %q: %v", function, s, err)
		}
		results = append(results, string(v.Reveal()))
	}
	if results[0] != results[1] {
		t.Fatalf("%s of %q: the engines yield %q", function, s, results)
	}
	return results[0]
}

func TestQuote_comesOutUnchanged(t *testing.T) {
	readers := map[string]func(t *rapid.T, quoted string) (string, error){
		"quoteJson": func(_ *rapid.T, quoted string) (s string, err error) {
			var object struct{ K string }
			err = json.Unmarshal([]byte(`{"k": `+quoted+`}`), &object)
			return object.K, err
		},
		"quoteYaml": func(_ *rapid.T, quoted string) (s string, err error) {
			var object struct {
				A []struct{ K any }
				B string
			}
			err = yaml.Unmarshal([]byte("a:\n  - k: "+quoted+" # comment\nb: c\n"), &object)
			if err != nil || object.B != "c" {
				return "", err
			}
			s, _ = object.A[0].K.(string)
			return s, nil
		},
		"quoteProperties": func(_ *rapid.T, quoted string) (string, error) {
			loader := properties.Loader{Encoding: properties.ISO_8859_1, DisableExpansion: true}
			p, err := loader.LoadBytes([]byte("k=" + quoted + "\nb=c\n"))
			if err != nil || p.GetString("b", "") != "c" {
				return "", err
			}
			return p.GetString("k", ""), nil
		},
		"urlquery": func(t *rapid.T, quoted string) (string, error) {
			u, err := url.Parse("https://host/path?a=b&k=" + quoted + "&c=d#f")
			if err != nil || u.Query().Get("c") != "d" {
				t.Fatalf("%q: %v", quoted, err)
			}
			return u.Query().Get("k"), nil
		},
		"urlpath": func(_ *rapid.T, quoted string) (string, error) {
			u, err := url.Parse("https://host/" + quoted + "/b?c=d")
			if err != nil {
				return "", err
			}
			return strings.TrimSuffix(strings.TrimPrefix(u.Path, "/"), "/b"), nil
		},
		"b64enc | b64dec": func(_ *rapid.T, s string) (string, error) { return s, nil },
	}
	for function, read := range readers {
		t.Run(function, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := strings.ToValidUTF8(hostileText().Draw(t, "text"), "")
				if function == "quoteProperties" { // this reader, unlike Java's, does not join surrogates
					s = strings.Map(func(r rune) rune { return min(r, 0xfffd) }, s)
				}
				quoted := quotedBy(t, function, s)
				got, err := read(t, quoted)
				if err != nil || got != s {
					t.Errorf("%q is quoted as %q, and read as %q: %v", s, quoted, got, err)
				}
			})
		})
	}
}

func TestQuote_refusesWhatItCannotQuote(t *testing.T) {
	for _, template := range []string{
		`{{"\x00" | quoteShell}}`, `{{"\xff" | quoteJson}}`, `{{"\xff" | quoteYaml}}`, `{{"\xff" | quoteProperties}}`, `{{split "," "a,\xff" | toJson}}`, `{{"\xff" | upper}}`,
	} {
		if got := run(t, rendertemplate.Go, template); !strings.Contains(got, "the run failed") {
			t.Errorf("%s yields %q", template, got)
		}
	}
}
