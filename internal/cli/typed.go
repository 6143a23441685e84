package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/coffer-dev/coffer/internal/catalog"
)

// typedFlags say of what type a secret is.
type typedFlags struct {
	id    string
	empty bool
}

func (f *typedFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.id, "type", "", "kind of credential, e.g. postgres (default: generic, which takes any keys)")
	flags.BoolVar(&f.empty, "without-values", false, "store it without a version, to add one later")
}

// completeValues asks for what the type requires and the payload lacks, and refuses what the server would refuse.
func (a *app) completeValues(ctx context.Context, f typedFlags, values valueFlags, p *payload) error {
	if f.empty {
		if len(p.values) > 0 {
			return usage("--without-values takes no values")
		}
		return nil
	}
	types, err := catalog.New()
	if err != nil {
		return err
	}
	t, ok := types.Get(f.id)
	if !ok || t.AnyKeys {
		return nil // a type that is not known here may be known to the server
	}
	problems := t.Check(slices.Collect(maps.Keys(p.values)))
	others := slices.ContainsFunc(problems, func(p catalog.Problem) bool { return p.Fault != catalog.Missing })
	switch {
	case len(problems) == 0:
		return nil
	case others, !isTerminal(a.In):
		return problemsError(t, problems)
	}
	asked := typedPrompt{app: a, t: t, values: values, payload: p}
	return asked.ask(ctx)
}

// problemsError tells all that is wrong.
func problemsError(t catalog.SourceType, problems []catalog.Problem) error {
	lines := []string{"these are no values for the type " + t.ID + ":"}
	for _, p := range problems {
		lines = append(lines, "  "+p.Key+": "+p.Text)
	}
	lines = append(lines, "'coffer source-types "+t.ID+"' tells more; on a terminal what is missing is asked for; --without-values stores none yet")
	return usage(strings.Join(lines, "\n"))
}

// typedPrompt asks for the fields of a type.
type typedPrompt struct {
	*app

	t       catalog.SourceType
	values  valueFlags
	payload *payload
}

// ask goes through the fields that are not given.
func (p typedPrompt) ask(ctx context.Context) error {
	given := map[string]string{} // keys by field
	for key := range p.payload.values {
		f, _ := p.t.Field(key)
		given[f.Name] = key
	}
	p.note("%s: an empty answer leaves out what is optional", p.t.Title)
	alternative, err := p.choose(ctx, given)
	if err != nil {
		return err
	}
	for _, f := range p.t.With(alternative) {
		if _, ok := given[f.Name]; ok {
			continue
		}
		same := p.payload.values[given[f.SameAs]]
		value, err := p.field(ctx, f, same)
		if err != nil {
			return err
		}
		if value == "" {
			continue
		}
		given[f.Name] = f.Name
		if err := p.payload.add(f.Name, value); err != nil {
			return err
		}
	}
	return nil
}

// choose asks how to log in, unless what is given says so.
func (p typedPrompt) choose(ctx context.Context, given map[string]string) (catalog.Alternative, error) {
	if len(p.t.Alternatives) == 0 {
		return catalog.Alternative{}, nil
	}
	var names []string
	for _, a := range p.t.Alternatives {
		for _, name := range a.Fields() {
			if _, ok := given[name]; ok {
				return a, nil
			}
		}
		names = append(names, a.Name)
		p.note("  %s: %s", a.Name, a.Description)
	}
	for {
		answer, err := p.askLine(ctx, fmt.Sprintf("%s [%s]", strings.Join(names, " or "), names[0]))
		if err != nil {
			return catalog.Alternative{}, err
		}
		if a, ok := p.t.Alternative(cmp.Or(answer, names[0])); ok {
			return a, nil
		}
		p.warn("want %s", strings.Join(names, " or "))
	}
}

// field asks until there is an answer, or none is needed. An empty answer to what usually repeats another value does.
func (p typedPrompt) field(ctx context.Context, f catalog.Field, same string) (string, error) {
	for {
		answer, err := p.answer(ctx, f, same != "")
		switch {
		case err != nil:
			return "", err
		case answer == "" && same != "":
			return same, nil
		case answer == "" && len(f.Values) == 1:
			return f.Values[0], nil
		case answer == "" && f.Required:
			p.warn("%s is required", f.Name)
		case answer != "" && len(f.Values) > 0 && !slices.Contains(f.Values, answer):
			p.warn("%s is to be %s", f.Name, strings.Join(f.Values, " or "))
		case answer != "" && (f.File || f.Multiline && strings.HasPrefix(answer, "@")):
			content, err := p.file(f, strings.TrimPrefix(answer, "@"))
			if err == nil {
				return content, nil
			}
			p.warn("%v", err)
		default:
			return answer, nil
		}
	}
}

// answer asks in the way that the field needs.
func (p typedPrompt) answer(ctx context.Context, f catalog.Field, same bool) (string, error) {
	var about []string
	if !f.Required {
		about = append(about, "optional")
	}
	switch {
	case f.File:
		about = append(about, "path of the file")
	case f.Multiline:
		about = append(about, "lines, then an empty one; or @FILE")
	}
	text := fmt.Sprintf("%s (%s)", f.Name, strings.Join(append([]string{f.Description}, about...), "; "))
	switch {
	case same:
		text += " [" + "as " + f.SameAs + "]"
	case len(f.Values) == 1:
		text += " [" + f.Values[0] + "]"
	}
	switch {
	case f.File:
		return p.askLine(ctx, text)
	case f.Multiline:
		return p.askLines(ctx, text, !f.Sensitive)
	case f.Sensitive:
		return p.askValue(ctx, text)
	}
	return p.askLine(ctx, text)
}

// file reads what a path names, byte for byte unless it is to be trimmed.
func (p typedPrompt) file(f catalog.Field, path string) (string, error) {
	flags := p.values
	flags.verbatim = !flags.trim
	content, err := flags.readFile(f.Name, path)
	if err == nil && content == "" {
		err = usage(path + " is empty")
	}
	return content, err
}
