package resolve

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// secretDir is where DataOS puts files that name no directory. What a bundle delivers is meant to be put there.
const secretDir = "/etc/dataos/secret/"

// dictionaryName is what a dictionary is called that a projection gives no name.
const dictionaryName = "dictionary"

// output is a template of a projection.
type output struct {
	template *rendertemplate.Template
	base64   bool           // values come to it as base64
	sources  map[string]int // uses, by alias
	target   render.Target
	entry    string // in a dictionary
}

var contextAlias = regexp.MustCompile(`^[A-Za-z_][-A-Za-z0-9_]{0,62}$`)

// isProjection tells whether a value is a projection of DataOS.
func isProjection(n *node) bool {
	outputs, secrets := n.get("projections"), n.get(dataosList)
	return outputs != nil && outputs.kind == mapping ||
		secrets != nil && secrets.kind == list && slices.ContainsFunc(secrets.items, func(item *node) bool { return item.text("id") != "" })
}

// projection reads a projection: its secrets, which are references, and its templates. Its depots deliver nothing: a
// template that draws from one is refused.
func (f *finder) projection(place *path, n *node) error {
	if n.shared != nil {
		return n.shared
	}
	sources, names := map[string]int{}, rendertemplate.Names{Secrets: map[string][]string{}}
	if secrets := n.get(dataosList); secrets != nil {
		for i, item := range secrets.items {
			id, as := item.text("id"), item.text("contextAlias")
			if as == "" {
				_, as, _ = strings.Cut(":"+id, ":")
				as = as[strings.LastIndexByte(as, ':')+1:]
			}
			u := f.secret(id, "", &dataOS{all: true, consumption: asSource})
			if _, taken := sources[as]; taken {
				u.Problem = "another secret has the same contextAlias"
			} else if !contextAlias.MatchString(as) {
				u.Problem = "contextAlias does not match " + contextAlias.String()
			}
			sources[as], names.Secrets[as] = f.use(place.to(dataosList).index(i), u), nil
		}
	}
	if outputs := n.get("projections"); outputs != nil {
		for _, m := range outputs.members {
			f.outputs(place.to("projections").to(m.key), m, sources, names)
		}
	}
	f.strays(place, n)
	return nil
}

// outputs reads the templates of one kind.
func (f *finder) outputs(place *path, m member, sources map[string]int, names rendertemplate.Names) {
	kind, known := outputKinds[m.key]
	if !known || m.value.kind != list && m.value.tag != null {
		f.use(place, use{Reference: Reference{Text: clip(m.key), Kind: DataOS, Problem: "is no list of " + outputNames}, output: &output{}})
		return
	}
	for i, item := range m.value.items {
		o := &output{sources: sources}
		u := use{Reference: Reference{Text: clip(item.text("key")), Kind: DataOS}, output: o}
		if u.Problem = kind(o, item); u.Problem == "" {
			u.Problem = o.compile(item, names)
		}
		f.use(place.index(i), u)
	}
}

const outputNames = "envVars, files, arguments or dictionary"

// outputKinds read where a template goes, and return what is wrong with that.
var outputKinds = map[string]func(*output, *node) string{
	"envVars": func(o *output, item *node) string {
		o.target.Env = &render.EnvTarget{Name: item.text("key")}
		return ""
	},
	"files": func(o *output, item *node) string {
		name := item.text("path")
		for _, spelling := range []string{"name", "key"} {
			if name == "" {
				name = item.text(spelling)
			}
		}
		if name == "" {
			return "the file has no path"
		}
		if dir := item.text("directory"); dir != "" {
			name = strings.TrimSuffix(dir, "/") + "/" + name
		}
		if below, ok := strings.CutPrefix(name, secretDir); ok {
			name = below
		}
		o.target.File = &render.FileTarget{Path: strings.TrimPrefix(name, "/"), Format: render.Raw}
		return ""
	},
	"arguments": func(o *output, item *node) string {
		option := item.text("key")
		o.target.Argument = &option
		return ""
	},
	"dictionary": func(o *output, item *node) string {
		o.entry, o.target.Dictionary = item.text("key"), item.text("name")
		if o.target.Dictionary == "" {
			o.target.Dictionary = dictionaryName
		}
		return ""
	},
}

// compile reads the template of an item, and returns what is wrong with it. One under `template` that does not say its
// language is Liquid, to which values come as base64; one under `value` is Go's.
func (o *output) compile(item *node, names rendertemplate.Names) string {
	text, other := item.get("value"), item.get("template")
	engine := rendertemplate.Go
	switch {
	case text != nil && other != nil:
		return "has both a value and a template"
	case text == nil:
		text, engine = other, rendertemplate.Liquid
	}
	if text == nil || text.kind != scalar || text.tag == null {
		return "has neither a value nor a template"
	}
	switch strings.ToLower(item.text("templateType")) {
	case "":
	case "go-template":
		engine = rendertemplate.Go
	case "liquid":
		engine = rendertemplate.Liquid
	case "none":
		engine = rendertemplate.None
	default:
		return "templateType is neither go-template, liquid nor none"
	}
	o.base64 = engine == rendertemplate.Liquid
	var err error
	if o.template, err = rendertemplate.Compile(engine, text.value, names); err != nil {
		return "the template is not valid: " + strings.TrimPrefix(err.Error(), rendertemplate.ErrInvalid.Error()+": ")
	}
	return ""
}

// runTemplates makes the values of templates whose secrets are all there. Its errors are ErrTooLarge, ErrTooMuch and that of
// ctx.
func (r *resolution) runTemplates(ctx context.Context) error {
	size, work := 0, &rendertemplate.Work{}
	for i, u := range r.doc.uses {
		if u.output == nil || u.Problem != "" {
			continue
		}
		data := rendertemplate.Data{Secrets: map[string]rendertemplate.Secret{}, Work: work}
		for as, use := range u.output.sources {
			if _, missing := r.problems[use]; missing {
				data.Secrets = nil
				break
			}
			data.Secrets[as] = rendertemplate.Secret{Payload: r.found[use].Payload, Base64: u.output.base64}
		}
		if data.Secrets == nil {
			continue // that is an error already
		}
		value, err := u.output.template.Execute(ctx, data)
		switch {
		case work.Spent():
			return ErrTooMuch
		case err == nil:
			r.values[i] = string(value.Reveal())
			if size += value.Len(); size > render.MaxBundle {
				return errTooManyBytes
			}
		case slices.ContainsFunc(runErrors, func(kind error) bool { return errors.Is(err, kind) }):
			r.problems[i] = err.Error()
		default:
			return fmt.Errorf("running the templates of a projection: %w", err)
		}
	}
	return nil
}

var runErrors = []error{rendertemplate.ErrMissing, rendertemplate.ErrBound, rendertemplate.ErrFailed}

// item is what delivers the value that a template made.
func (o *output) item(text string) render.Item {
	const key = "value"
	return render.Item{
		SecretName: "a template", Key: key, Entry: o.entry, Payload: plaintext.Payload{key: {Value: plaintext.New([]byte(text))}},
		KeyNames: []string{key}, Target: o.target,
	}
}
