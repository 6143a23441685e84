package resolve

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The names that mean something in a payload.
const (
	envVars          = "envVars"
	envSecrets       = "envSecrets"
	sparkConf        = "sparkConf"
	sparkConfSecrets = "sparkConfSecrets"
	secretObject     = "secretObject"
	storageSecret    = "storageSecret"
	secretKey        = "secretKey"
	dataosSecrets    = "dataosSecrets"
	dataosList       = "secrets"
)

// surfaces are the mappings that have envVars and the like, besides the payload itself.
var surfaces = []string{"sparkConfig", "template", "config"}

// matters tells whether a name in a surface means something there; a merge within a merge might.
func matters(name string) bool {
	return slices.Contains(surfaces, name) || slices.Contains([]string{envVars, envSecrets, sparkConf, sparkConfSecrets, "<<"}, name)
}

// finder fills a document. Its walk is that of the payload, so that references come in its order.
type finder struct {
	doc    *Document
	editOf map[*node]*edit
}

func (f *finder) find(root *node) error {
	if err := f.walk("", root, true); err != nil {
		return err
	}
	if len(f.doc.uses) > MaxReferences {
		return &SyntaxError{0, fmt.Sprintf("has more than %d references", MaxReferences)}
	}
	slices.SortStableFunc(f.doc.edits, func(a, b *edit) int { return cmp.Compare(a.start, b.start) })
	return nil
}

// walk looks through a value. A surface may set variables.
func (f *finder) walk(place string, n *node, surface bool) error {
	switch n.kind {
	case scalar:
		return f.text(place, n)
	case list:
		for i, item := range n.items {
			if err := f.walk(atIndex(place, i), item, false); err != nil {
				return err
			}
		}
	case mapping:
		return f.mapping(place, n, surface)
	case alias:
	}
	return nil
}

func (f *finder) mapping(place string, n *node, surface bool) error {
	for _, m := range n.members {
		if surface && slices.ContainsFunc(m.merged, matters) {
			return merges(n.line)
		}
		if m.key == secretKey && isObject(n.get(storageSecret)) {
			continue // storageSecret takes its place
		}
		if err := f.member(place, n, m, surface); err != nil {
			return err
		}
	}
	return nil
}

// member looks through a member of a mapping for what its name means, and then for texts.
func (f *finder) member(place string, n *node, m member, surface bool) error {
	here := at(place, m.key)
	means := map[string]func(string, *node) error{dataosSecrets: f.dataOS, dataosList: f.dataOS}
	if surface {
		means[envVars], means[sparkConf] = nil, nil
		means[envSecrets], means[sparkConfSecrets] = f.objects, f.objects
	}
	if mean, ok := means[m.key]; ok {
		if err := m.value.fixed(); err != nil && (m.key != dataosList || m.value.kind != mapping) {
			return err
		}
		if mean != nil && m.value.kind == list {
			return mean(here, m.value)
		}
	}
	switch {
	case m.key == storageSecret && isObject(m.value):
		return f.storage(here, n, m)
	case m.key == secretObject && m.value.kind == mapping:
		f.use(use{Reference: Reference{
			Place: here, Text: clip(m.value.text("key")), Kind: Object,
			Problem: "a secretObject stands where nothing takes it: it belongs into " + envSecrets + " or " + sparkConfSecrets,
		}})
		f.strays(here, m.value)
		return nil
	}
	if err := f.walk(here, m.value, surface && slices.Contains(surfaces, m.key)); err != nil {
		return err
	}
	if !surface || m.value.kind != mapping {
		return nil
	}
	settings := f.settings(here, m.value)
	switch m.key {
	case envVars:
		f.doc.env = append(f.doc.env, settings...)
		return carried(settings)
	case sparkConf:
		f.doc.spark = append(f.doc.spark, settings...)
	}
	return nil
}

// settings are the variables or properties that the payload itself sets.
func (f *finder) settings(place string, n *node) []setting {
	var settings []setting
	for _, m := range n.members {
		if m.value.kind == scalar && m.value.tag != null {
			settings = append(settings, setting{at(place, m.key), m.key, m.value.value, f.editOf[m.value]})
		}
	}
	return settings
}

// carried refuses variables that are none.
func carried(variables []setting) error {
	for _, v := range variables {
		if v.name == "" || strings.ContainsAny(v.name, "=\x00") || strings.ContainsRune(v.value, 0) {
			return &SyntaxError{0, clip(v.place) + " is no variable that an environment can carry"}
		}
	}
	return nil
}

// text looks for references in a text.
func (f *finder) text(place string, n *node) error {
	if !strings.Contains(n.value, "${") {
		return nil
	}
	segments, changed := divide(n.value, func(r Reference) int {
		r.Place = place
		return f.use(use{Reference: r})
	})
	if !changed {
		return nil
	}
	return f.edit(n, segments)
}

// edit puts segments in the place of a scalar.
func (f *finder) edit(n *node, segments []segment) error {
	where, ok := n.extent()
	if !ok {
		return &SyntaxError{n.line, "a reference stands where no text can be put: write the text around it in double quotes"}
	}
	e := &edit{extent: where, segments: segments, node: n}
	f.doc.edits, f.editOf[n] = append(f.doc.edits, e), e
	return nil
}

// strays refuses placeholders inside of what is a reference itself: its texts are not replaced.
func (f *finder) strays(place string, n *node) {
	if n.kind == scalar {
		divide(n.value, func(r Reference) int {
			r.Place, r.Problem = place, "stands inside of another reference"
			return f.use(use{Reference: r})
		})
	}
	for _, m := range n.members {
		f.strays(at(place, m.key), m.value)
	}
	for i, item := range n.items {
		f.strays(atIndex(place, i), item)
	}
}

func (f *finder) use(u use) int {
	f.doc.uses = append(f.doc.uses, u)
	return len(f.doc.uses) - 1
}

// clip bounds what of a payload stands in an answer.
func clip(text string) string {
	const most = 100
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
