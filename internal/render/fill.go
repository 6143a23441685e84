package render

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// filler gives a plan its values.
type filler struct {
	violations
	ctx       context.Context // that of the one call of Render
	recipe    Recipe
	templates []*rendertemplate.Template
	data      rendertemplate.Data
	plan      plan
	bundle    Bundle
	size      int
}

// fill makes the bundle. It stops as soon as the bundle is too large or the context has ended.
func (f *filler) fill() error {
	f.templateData()
	for _, step := range []func(){f.env, f.sparkConf, f.arguments, f.dictionaries, f.files} {
		step()
		switch {
		case f.ctx.Err() != nil:
			return fmt.Errorf("rendering: %w", context.Cause(f.ctx))
		case f.full():
			f.addf("items", "the bundle would be larger than %d bytes", MaxBundle)
			return f.err()
		}
	}
	return f.err()
}

func (f *filler) full() bool { return f.size > MaxBundle }

// done is whether there is no point in going on.
func (f *filler) done() bool { return f.full() || f.ctx.Err() != nil }

// add counts what goes into the bundle.
func (f *filler) add(name string, value plaintext.Value) { f.size += len(name) + value.Len() }

func (f *filler) templateData() {
	f.data = rendertemplate.Data{Secrets: map[string]rendertemplate.Secret{}, Values: f.recipe.Values}
	for i, s := range f.recipe.Sources {
		if s.Payload == nil && !s.Optional {
			f.addf(fmt.Sprintf("sources[%d]", i), "secret %q has no payload", s.SecretName)
		}
		f.data.Secrets[s.Alias] = rendertemplate.Secret{Payload: s.Payload, Keys: s.Keys, Optional: s.Optional, Base64: s.Base64}
	}
}

func (f *filler) env() {
	for _, s := range f.plan.env {
		if text, ok := f.text(s, ".env", "variable "+s.name, nulProblem); ok {
			f.bundle.Env = append(f.bundle.Env, EnvVar{Name: s.name, Value: text})
			f.add(s.name, text)
		}
		if f.done() {
			return
		}
	}
}

func (f *filler) arguments() {
	add := func(text string) {
		value := plaintext.New([]byte(text))
		f.add("", value)
		f.bundle.Arguments = append(f.bundle.Arguments, value)
	}
	for _, s := range f.plan.arguments {
		value, ok := f.text(s, ".argument", "argument "+s.name, nulProblem)
		if f.done() {
			return
		}
		if !ok {
			continue
		}
		before, beginning := argument(s.name)
		for _, text := range before {
			add(text)
		}
		add(beginning + string(value.Reveal()))
	}
	if f.recipe.Spark.Arguments {
		for _, p := range f.bundle.SparkConf {
			add(sparkArgument)
			add(p.Name + "=" + string(p.Value.Reveal()))
		}
	}
}

// argument is what an argument's text makes: arguments before the value, and the beginning of that with the value.
func argument(text string) (before []string, beginning string) {
	switch {
	case strings.HasSuffix(text, "="):
		return nil, text
	case text == "":
		return nil, ""
	}
	return []string{text}, ""
}

func (f *filler) dictionaries() {
	for _, name := range slices.Sorted(maps.Keys(f.plan.dictionaries)) {
		d := Dictionary{Name: name}
		f.size += len(name)
		for _, s := range f.plan.dictionaries[name] {
			if text, ok := f.text(s, ".dictionary", s.name, noProblem); ok {
				d.Entries = append(d.Entries, Property{Name: s.name, Value: text})
				f.add(s.name, text)
			}
			if f.done() {
				return
			}
		}
		slices.SortFunc(d.Entries, byName)
		f.bundle.Dictionaries = append(f.bundle.Dictionaries, d)
	}
}

func byName(a, b Property) int { return strings.Compare(a.Name, b.Name) }

func (f *filler) sparkConf() {
	problem := sparkValueProblem
	if f.recipe.Spark.DefaultsPath != "" {
		problem = func(value string) string {
			if why := sparkValueProblem(value); why != "" {
				return why
			}
			return sparkDefaultsProblem(value)
		}
	}
	for _, s := range f.plan.spark {
		if text, ok := f.text(s, ".spark_conf", "property "+s.name, problem); ok {
			f.bundle.SparkConf = append(f.bundle.SparkConf, Property{Name: s.name, Value: text})
			f.add(s.name, text)
		}
		if f.done() {
			return
		}
	}
	if _, given := f.plan.sparkNames(f.recipe.Spark); given {
		regex := plaintext.New([]byte(RedactionRegex(f.recipe.Spark.RedactionRegex, f.plan.redacted())))
		f.bundle.SparkConf = append(f.bundle.SparkConf, Property{Name: redactionProperty, Value: regex})
		f.add(redactionProperty, regex)
	}
	slices.SortFunc(f.bundle.SparkConf, byName)
}

// value is the bytes that a slot delivers where nothing is to be made of them.
func (f *filler) value(s slot) (plaintext.Value, bool) {
	switch {
	case s.item == nil:
		value, err := f.templates[s.template].Execute(f.ctx, f.data)
		if err != nil {
			f.addf(s.field+".text", "%v", err)
		}
		return value, err == nil
	case s.item.URL != renderlogin.NoURL:
		return f.url(s)
	}
	return s.item.Payload[s.key].Value, true
}

// binary is whether a slot's bytes are written as base64 wherever text is wanted.
func (s slot) binary() bool { return s.item != nil && s.item.Payload[s.key].Binary }

// text is a slot's value as text, if it is one that its target, which is called so there, can carry.
func (f *filler) text(s slot, target, name string, problem func(string) string) (plaintext.Value, bool) {
	value, ok := f.value(s)
	switch {
	case !ok:
		return value, false
	case s.binary():
		return plaintext.New(base64.StdEncoding.AppendEncode(nil, value.Reveal())), true
	case !utf8.Valid(value.Reveal()):
		f.addf(s.field, "%s is text but not UTF-8: store it as binary data or deliver it as a RAW file", s.origin)
		return value, false
	}
	if why := problem(string(value.Reveal())); why != "" {
		f.addf(s.field+target, "the value for %s %s", name, why)
		return value, false
	}
	return value, true
}

func noProblem(string) string { return "" }

// nulProblem says why a value can be neither a variable nor an argument.
func nulProblem(value string) string {
	if strings.ContainsRune(value, 0) {
		return "contains a NUL byte, which no environment or command line can carry"
	}
	return ""
}
