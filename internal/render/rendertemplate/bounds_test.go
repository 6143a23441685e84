package rendertemplate_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// big is a megabyte, and few bytes less: as long as a text may be.
var big = strings.Repeat("a", rendertemplate.MaxOutput-64)

// many is a list of as many elements as there may be.
var many = strings.Repeat("a,", 9_999)

func bigData() rendertemplate.Data {
	return rendertemplate.Data{
		Secrets: map[string]rendertemplate.Secret{"s": {Payload: plaintext.Payload{
			"big": value(big), "many": value(many), "equal": value(strings.Clone(big)), "spaces": value(strings.Repeat(" ", rendertemplate.MaxOutput-64)),
		}}},
		Values: map[string]string{"n": "1000000000"},
	}
}

// loops are n loops within one another, each over many elements.
func loops(n int, loop, body, end string) string {
	return strings.Repeat(loop, n) + body + strings.Repeat(end, n)
}

func TestExecute_bounds(t *testing.T) {
	goLoop, goEnd := `{{range split "," $.secrets.s.many}}`, `{{end}}`
	liquidLoop, liquidEnd := `{% for i in (1..10000) %}`, `{% endfor %}`
	for _, tc := range []struct {
		name   string
		engine rendertemplate.Engine
		text   string
	}{
		{"output", rendertemplate.Go, `{{.secrets.s.big}}{{.secrets.s.big}}`},
		{"empty loops", rendertemplate.Go, loops(4, goLoop, "", goEnd)},
		{"empty loops over a variable", rendertemplate.Go, `{{$l := split "," .secrets.s.many}}` + loops(4, `{{range $l}}`, "", goEnd)},
		{"loops with conditions alone", rendertemplate.Go, loops(3, goLoop, strings.Repeat(`{{if false}}{{end}}`, 1000), goEnd)},
		{"continued loops", rendertemplate.Go, loops(3, goLoop, `{{continue}}`, goEnd) + loops(3, goLoop, `{{if true}}{{continue}}{{end}}`, goEnd) +
			loops(3, goLoop, ``, goEnd)},
		{"doubling", rendertemplate.Go, `{{$x := "aa"}}` + loops(1, goLoop, `{{$x = print $x $x}}`, goEnd)},
		{"doubling by printf", rendertemplate.Go, `{{$x := "aa"}}` + loops(1, goLoop, `{{$x = printf "%s%s" $x $x}}`, goEnd)},
		{"a wide printf", rendertemplate.Go, `{{printf "` + strings.Repeat("%s", 1000) + `"` + strings.Repeat(" .secrets.s.big", 1000) + `}}`},
		{"doubling by replace", rendertemplate.Go, `{{$x := "aa"}}` + loops(1, goLoop, `{{$x = replace "a" "aa" $x}}`, goEnd)},
		{"replace", rendertemplate.Go, `{{replace "a" .secrets.s.big .secrets.s.big}}`},
		{"split", rendertemplate.Go, `{{split "" .secrets.s.big}}`},
		{"join", rendertemplate.Go, `{{join .secrets.s.big (split "," .secrets.s.many)}}`},
		{"indent", rendertemplate.Go, `{{indent 1000000 "a\nb"}}`},
		{"many texts", rendertemplate.Go, strings.Repeat(`{{$x := upper .secrets.s.big}}`, 1000)},
		{"comparisons", rendertemplate.Go, loops(3, goLoop, `{{if eq $.secrets.s.big $.secrets.s.equal}}{{end}}`, goEnd)},
		{"quoting", rendertemplate.Go, `{{.secrets.s.spaces | quoteProperties | quoteProperties | urlquery | urlquery | urlquery | urlquery}}`},

		{"output", rendertemplate.Liquid, `{{ secrets.s.big }}{{ secrets.s.big }}`},
		{"empty loops", rendertemplate.Liquid, loops(3, liquidLoop, "", liquidEnd)},
		{"empty loops trimmed", rendertemplate.Liquid, loops(3, `{%- for i in (1..10000) -%}`, "", `{%- endfor -%}`)},
		{"empty loops reversed", rendertemplate.Liquid, loops(3, `{% for i in (1..10000) reversed limit: 10000 offset: 0 %}`, "", liquidEnd)},
		{"empty loops over a list", rendertemplate.Liquid, `{% assign l = secrets.s.many | split: "," %}` + loops(3, `{% for i in l %}`, "", liquidEnd)},
		{"continued loops", rendertemplate.Liquid, loops(3, liquidLoop, `{% continue %}`, liquidEnd) + loops(3, liquidLoop, ``, liquidEnd)},
		{"loops in captures", rendertemplate.Liquid, `{% capture x %}` + loops(3, liquidLoop, "", liquidEnd) + `{% endcapture %}`},
		{"loops with conditions alone", rendertemplate.Liquid, loops(3, liquidLoop, strings.Repeat(`{% if false %}{% endif %}`, 1000), liquidEnd)},
		{"comparisons", rendertemplate.Liquid, loops(2, liquidLoop, `{% if secrets.s.big == secrets.s.equal %}{% endif %}`, liquidEnd)},
		{"doubling by append", rendertemplate.Liquid, `{% assign x = "aa" %}` + loops(1, liquidLoop, `{% assign x = x | append: x %}`, liquidEnd)},
		{"doubling by prepend", rendertemplate.Liquid, `{% assign x = "aa" %}` + loops(1, liquidLoop, `{% assign x = x | prepend: x %}`, liquidEnd)},
		{"doubling by replace", rendertemplate.Liquid, `{% assign x = "aa" %}` + loops(1, liquidLoop, `{% assign x = x | replace: "a", x %}`, liquidEnd)},
		{"doubling by capture", rendertemplate.Liquid, `{% assign x = "aa" %}` + loops(1, liquidLoop, `{% capture x %}{{ x }}{{ x }}{% endcapture %}`, liquidEnd)},
		{"doubling by concat", rendertemplate.Liquid, `{% assign x = "a,b" | split: "," %}` + loops(1, liquidLoop, `{% assign x = x | concat: x %}`, liquidEnd)},
		{"doubling by escape", rendertemplate.Liquid, `{% assign x = "&&" %}` + loops(1, liquidLoop, `{% assign x = x | escape %}`, liquidEnd)},
		{"split", rendertemplate.Liquid, `{% assign x = secrets.s.big | split: "" %}`},
		{"a text in between", rendertemplate.Liquid, `{{ secrets.s.big | append: secrets.s.big | size }}`},
		{"a list in between", rendertemplate.Liquid, `{% assign l = secrets.s.many | split: "," %}{{ l | concat: l | size }}`},
		{"join", rendertemplate.Liquid, `{{ (1..10000) | join: secrets.s.big }}`},
		{"many lists", rendertemplate.Liquid, strings.Repeat(`{% assign x = secrets.s.many | split: "," | sort %}`, 1000)},
		{"many filters", rendertemplate.Liquid, `{{ secrets.s.big` + strings.Repeat(` | upcase`, 900) + ` }}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			template, err := rendertemplate.Compile(tc.engine, tc.text, rendertemplate.Names{Secrets: map[string][]string{"s": nil}, Values: []string{"n"}})
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			v, err := template.Execute(t.Context(), bigData())
			runtime.ReadMemStats(&after)
			if !errors.Is(err, rendertemplate.ErrBound) {
				t.Errorf("Execute: %v, want ErrBound", err)
			}
			if v.Len() > 0 {
				t.Error("there is output")
			}
			// All that was ever allocated, and not only what was held at once.
			if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 1024 {
				t.Errorf("the run allocated %d MiB", n)
			}
		})
	}
}

func TestCompile_bounds(t *testing.T) {
	for name, tc := range map[string]struct {
		engine rendertemplate.Engine
		text   string
	}{
		"Go, too long":             {rendertemplate.Go, strings.Repeat("a", rendertemplate.MaxText+1)},
		"Liquid, too long":         {rendertemplate.Liquid, strings.Repeat("a", rendertemplate.MaxText+1)},
		"none, too long":           {rendertemplate.None, strings.Repeat("a", rendertemplate.MaxText+1)},
		"Go, over a number":        {rendertemplate.Go, `{{range 1000000000}}{{end}}`},
		"Go, deep":                 {rendertemplate.Go, loops(200, `{{if true}}`, "", `{{end}}`)},
		"Go, deep parentheses":     {rendertemplate.Go, `{{` + strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000) + `}}`},
		"Go, recursion":            {rendertemplate.Go, `{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`},
		"Liquid, a long range":     {rendertemplate.Liquid, `{% for i in (1..1000000000) %}{% endfor %}`},
		"Liquid, a longer range":   {rendertemplate.Liquid, `{% for i in (-9223372036854775808..9223372036854775807) %}{% endfor %}`},
		"Liquid, a computed range": {rendertemplate.Liquid, `{% for i in (1..values.n) %}{% endfor %}`},
		"Liquid, a range in parts": {rendertemplate.Liquid, `{% assign n = 1000000000 %}{{ (1..n) | join }}`},
		"Liquid, deep":             {rendertemplate.Liquid, loops(200, `{% if true %}`, "", `{% endif %}`)},
		"Liquid, long":             {rendertemplate.Liquid, `{% case 1 %}{% when 1` + strings.Repeat(",1", 3000) + `%}{% endcase %}`},
		"Liquid, comparisons":      {rendertemplate.Liquid, `{% if 1 == 1` + strings.Repeat(" and 1 == 1", 300) + `%}{% endif %}`},
		"Liquid, many unclosed":    {rendertemplate.Liquid, strings.Repeat(`{{{%a%}`, 9000)},
		"Liquid, unclosed in raw":  {rendertemplate.Liquid, `{% raw %}` + strings.Repeat(`{{{%a%}`, 9000) + `{% endraw %}{{`},
		"Liquid, parentheses":      {rendertemplate.Liquid, `{{ ` + strings.Repeat("(", 30000)},
	} {
		if _, err := rendertemplate.Compile(tc.engine, tc.text, rendertemplate.Names{Values: []string{"n"}}); !errors.Is(err, rendertemplate.ErrInvalid) {
			t.Errorf("%s: Compile: %v, want ErrInvalid", name, err)
		}
	}
}

func TestExecute_endsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for engine, text := range map[rendertemplate.Engine]string{
		rendertemplate.Go: `a`, rendertemplate.Liquid: `a`, rendertemplate.None: `a`,
	} {
		template, err := rendertemplate.Compile(engine, text, names())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := template.Execute(ctx, data()); !errors.Is(err, context.Canceled) {
			t.Errorf("engine %v: Execute: %v, want Canceled", engine, err)
		}
	}
}

func TestExecute_leavesNothingRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	for engine, text := range map[rendertemplate.Engine]string{
		rendertemplate.Go:     loops(4, `{{range split "," "`+many[:2000]+`"}}`, "", `{{end}}`),
		rendertemplate.Liquid: loops(3, `{% for i in (1..10000) %}`, "", `{% endfor %}`),
	} {
		template, err := rendertemplate.Compile(engine, text, names())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := template.Execute(t.Context(), data()); !errors.Is(err, rendertemplate.ErrBound) {
			t.Errorf("Execute: %v, want ErrBound", err)
		}
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

func TestExecute_atOnce(t *testing.T) {
	for engine, text := range map[rendertemplate.Engine]string{
		rendertemplate.Go:     `{{range $k, $v := .secrets.few}}{{$k}}{{$v}}{{end}}`,
		rendertemplate.Liquid: `{% for p in secrets.few %}{% if true %}{% capture x %}{{ p[0] }}{% endcapture %}{{ x }}{{ p[1] | append: "" }}{% endif %}{% endfor %}`,
	} {
		template, err := rendertemplate.Compile(engine, text, names())
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan string)
		for range 8 {
			go func() {
				v, err := template.Execute(t.Context(), data())
				if err != nil {
					done <- err.Error()
					return
				}
				done <- string(v.Reveal())
			}()
		}
		for range 8 {
			if got := <-done; got != "a1b2" {
				t.Errorf("engine %v: got %q", engine, got)
			}
		}
	}
}
