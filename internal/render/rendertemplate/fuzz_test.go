package rendertemplate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// seed adds the golden templates, and some that have come near to breaking something.
func seed(f *testing.F, name string, more ...string) {
	f.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range txtar.Parse(b).Files {
		if filepath.Ext(file.Name) != ".out" {
			f.Add(string(file.Data))
		}
	}
	for _, text := range more {
		f.Add(text)
	}
}

// fuzz runs a template over values that no error may tell.
func fuzz(t *testing.T, engine rendertemplate.Engine, text string) {
	t.Helper()
	template, err := rendertemplate.Compile(engine, text, canaryNames)
	if err != nil {
		return
	}
	v, err := template.Execute(t.Context(), canaryData())
	if v.Len() > rendertemplate.MaxOutput {
		t.Errorf("%d bytes of output", v.Len())
	}
	checkHidden(t, text, err)
}

func FuzzGo(f *testing.F) {
	seed(f, "go.txtar", `{{range $k, $v := .secrets.s}}{{index $.secrets.s $v}}{{end}}`, `{{with $x := .secrets.s}}{{$x.c.d}}{{end}}`,
		`{{$x := 1}}{{range split "," .secrets.s.c}}{{$x = print $x .}}{{break}}{{end}}{{$x | b64dec}}`, `{{((.secrets).s).c | printf "%s%d" 1}}`,
		`{{"a" | and .secrets.s | or 1 | not}}`, `{{- 1i -}}{{'a'}}{{0x1p-2}}`)
	f.Fuzz(func(t *testing.T, text string) { fuzz(t, rendertemplate.Go, text) })
}

func FuzzLiquid(f *testing.F) {
	seed(f, "liquid.txtar", `{{ secrets.s[secrets.s.c] }}`, `{{ %assign x = 1 }}`, `{{ {%cycle "a" }}`, `{{ 1; 2 }}`, `{{-}}`, `{%-%}`, `{{ a- }}`, `{{ -1 }}`,
		`{% raw %}{{ {% endraw %} }}`, `{% comment %}{% if %}{% endcomment %}`, `{% for forloop in (1..2) %}{% endfor %}`, `{% assign x=secrets %}{{ x.s.c | append: x }}`,
		`{% for i in (1..3) | reverse limit: 1 %}{{ i }}{% endfor %}`, `{{ (1..2) }}`, `{% case 1 %}x{% when 1 %}{% endcase %}`, `{{ secrets.s.c | truncate: 1, "$1" }}`,
		`{{ 99999999999999999999 }}`, `{{ "a" | slice: -9, 9223372036854775807 }}`, "{{ secrets\n.s.c | append:\n\"a\" }}")
	f.Fuzz(func(t *testing.T, text string) { fuzz(t, rendertemplate.Liquid, text) })
}
