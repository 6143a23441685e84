package rendertemplate_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// canary must not show up in an error, nor a part of it.
const canary = "zQ7,kX9-vW3;jY5"

func canaryData() rendertemplate.Data {
	return rendertemplate.Data{
		Secrets: map[string]rendertemplate.Secret{
			"s": {Payload: plaintext.Payload{
				"c": value(canary), "b": {Value: plaintext.New([]byte(canary)), Binary: true}, canary: value(canary), "n": value("31337421"),
			}},
			canary: {Payload: plaintext.Payload{"c": value(canary)}},
		},
		Values: map[string]string{"v": canary},
	}
}

var canaryNames = rendertemplate.Names{Secrets: map[string][]string{"s": nil}, Values: []string{"v"}}

// checkHidden reports parts of the canary in an error.
func checkHidden(t *testing.T, template string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(canary))
	for _, form := range []string{canary, strings.ToUpper(canary), strings.ToLower(canary), encoded, "31337421"} {
		for i := range len(form) - 3 {
			if part := form[i : i+4]; strings.Contains(err.Error(), part) {
				t.Fatalf("%s: the error shows %q: %v", template, part, err)
			}
		}
	}
}

// fails compiles and runs the template, and tells whether that failed.
func fails(t *testing.T, engine rendertemplate.Engine, text string) bool {
	t.Helper()
	template, err := rendertemplate.Compile(engine, text, canaryNames)
	if err == nil {
		_, err = template.Execute(t.Context(), canaryData())
	}
	checkHidden(t, text, err)
	return err != nil
}

func TestExecute_errorsTellNoValue(t *testing.T) {
	for engine, templates := range map[rendertemplate.Engine][]string{
		rendertemplate.Go: {
			`{{index .secrets .secrets.s.c}}`, `{{index .secrets.s .secrets.s.c .secrets.s.c}}`, `{{index .values .secrets.s.n}}`,
			`{{$x := .secrets.s.c}}{{$x.field}}`, `{{with .secrets.s.c}}{{.field}}{{end}}`, `{{range .secrets.s.c}}{{end}}`,
			`{{range $k, $v := .secrets.s}}{{$v.field}}{{end}}`, `{{range $k, $v := .secrets.s}}{{index $.secrets.s $v $k}}{{end}}`,
			`{{.secrets.s.c | b64dec}}`, `{{printf .secrets.s.c 1}}`, `{{printf "%d" .secrets.s.c}}`, `{{eq .secrets.s.c 1}}`,
			`{{lt .secrets.s.c true}}`, `{{index .secrets.s 1}}`, `{{len .secrets.s}}`, `{{indent .secrets.s.n .secrets.s.c}}`,
			`{{(index .secrets .secrets.s.c).nope}}`, `{{toJson (b64dec "/w==")}}`, `{{$s := .secrets}}{{$s}}`,
		},
		rendertemplate.Liquid: {
			`{{ secrets[secrets.s.n] }}`, `{{ secrets.s[secrets.s.n] }}`, `{{ values[secrets.s.c] }}`, `{{ secrets[secrets.s.c].nope }}`,
			`{{ secrets.s[1] }}`, `{{ secrets.s.c | b64dec }}`, `{{ secrets.s.c | plus: 1 }}`, `{{ 1 | plus: secrets.s.c }}`,
			`{{ secrets.s.c | slice: secrets.s.n }}`, `{{ secrets.s.c | slice: 99 }}`, `{{ 1 | divided_by: secrets.s.c }}`,
			`{{ secrets.s.c | round }}`, `{{ secrets.s.c | modulo: secrets.s.n }}`, `{{ secrets.s.c | first }}`,
			`{% for x in secrets.s.c %}{% endfor %}`, `{% for x in (1..3) limit: secrets.s.c %}{% endfor %}`,
			`{% for x in (1..3) offset: secrets.s.c %}{% endfor %}`, `{% for x in secrets %}{% endfor %}`, `{% assign x = secrets.s %}{{ x }}`,
			`{% if secrets.s == secrets.s.c %}{% endif %}`, `{% if secrets.s < 1 %}{% endif %}`, `{% assign x = secrets.s.c | split: "," %}{{ x.nope }}`,
			`{% assign x = secrets.s.c %}{{ x.nope }}`, `{{ secrets.s.c | url_decode | url_decode | upcase: 1, 2, 3 }}`, `{{ "%zz" | append: secrets.s.c | url_decode }}`,
			`{% for p in secrets.s %}{{ secrets.s[p[1]].nope | plus: 1 }}{{ values[p] }}{% endfor %}`,
		},
	} {
		for _, text := range templates {
			if !fails(t, engine, text) {
				t.Errorf("%s does not fail", text)
			}
		}
	}
}

func TestExecute_noFunctionTellsAValue(t *testing.T) {
	failed := 0
	try := func(engine rendertemplate.Engine, text string) {
		if fails(t, engine, text) {
			failed++
		}
	}
	operands := []string{`.secrets.s.c`, `.secrets.s.n`, `(split "," .secrets.s.c)`, `.secrets.s`, `3`, `-1.5`, `true`, `""`}
	for _, name := range rendertemplate.GoFunctions() {
		if name[0] == '_' {
			continue
		}
		for _, a := range operands {
			try(rendertemplate.Go, `{{$x := `+name+` `+a+`}}{{$x}}`)
			for i, b := range operands {
				try(rendertemplate.Go, `{{$x := `+name+` `+a+` `+b+`}}{{$x}}`)
				try(rendertemplate.Go, `{{$x := `+name+` `+b+` `+operands[(i+len(name))%len(operands)]+` `+a+`}}{{$x}}`)
			}
		}
	}
	operands = []string{`secrets.s.c`, `secrets.s.n`, `l`, `secrets.s`, `3`, `-1.5`, `true`, `""`, `nil`, `(1..3)`}
	const list = `{% assign l = secrets.s.c | split: "," %}`
	for _, name := range rendertemplate.LiquidFilters() {
		if name[0] == '_' {
			continue
		}
		for _, a := range operands {
			try(rendertemplate.Liquid, list+`{{ `+a+` | `+name+` }}`)
			for i, b := range operands {
				try(rendertemplate.Liquid, list+`{{ `+a+` | `+name+`: `+b+` }}`)
				try(rendertemplate.Liquid, list+`{{ `+a+` | `+name+`: `+b+`, `+operands[(i+len(name))%len(operands)]+` }}`)
			}
		}
	}
	if failed == 0 {
		t.Error("nothing failed")
	}
}

func TestCompile_errorsTellNoText(t *testing.T) {
	for engine, templates := range map[rendertemplate.Engine][]string{
		rendertemplate.Go: {
			"{{ \"" + canary, "{{ `" + canary, "{{ '" + canary + "' }}", "{{ 0x" + canary + "}}", "{{if eq .values.v \"" + canary + "\" }}",
			"{{ \"" + canary + "\" \"\" }}", "{{ $" + canary + " }}", "{{ \"" + canary + "\" | nope }}", "{{ template \"" + canary + "\" }}", "{{/* " + canary,
			"{{ 1 = \"" + canary + "\" }}", "{{end}}" + canary, "{{range \"" + canary + "\"}}{{else}}{{else}}{{end}}", "{{ .values.v \"" + canary + "\" }}",
		},
		rendertemplate.Liquid: {
			"{{ \"" + canary, "{{ '" + canary + " }}", "{{ '" + canary + "' 1 }}", "{% if '" + canary + "' %}", "{% assign x '" + canary + "' %}", "{{ '" + canary + "' | nope }}",
			"{% for x in '" + canary + "' y %}{% endfor %}", "{% nope '" + canary + "' %}", "{% if '" + canary + "' = 1 %}{% endif %}", "{{ ('" + canary + "'..3) }}",
			"{% case '" + canary + "' %}{% when %}{% endcase %}", "{% raw %}" + canary, "{{ '" + canary + "' | append '" + canary + "' }}", "{% if 1 == '" + canary + "' | upcase %}{% endif %}",
		},
	} {
		for _, text := range templates {
			_, err := rendertemplate.Compile(engine, text, canaryNames)
			if err == nil {
				t.Errorf("%s compiles", text)
			}
			checkHidden(t, text, err)
		}
	}
}
