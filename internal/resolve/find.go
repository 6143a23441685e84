package resolve

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/internal/naming"
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
	depot            = "depot"
	storage          = "storage"
	storageList      = "secret" // of a storage
	repo             = "repo"
	stackSpec        = "stackSpec"
	imagePullSecret  = "imagePullSecret"
	projection       = "projection"
)

// surfaces are the mappings that have envVars and the like, besides the payload itself.
var surfaces = []string{"sparkConfig", "template", "config"}

// matters tells whether a name in a surface means something there; a merge within a merge might.
func matters(name string) bool {
	switch name {
	case envVars, envSecrets, sparkConf, sparkConfSecrets, "<<":
		return true
	}
	return slices.Contains(surfaces, name)
}

// finder fills a document. Its walk is that of the payload, so that references come in its order.
type finder struct {
	Config
	doc      *Document
	editOf   map[*node]*edit
	manifest bool  // the payload is a manifest of DataOS
	fault    error // of a reference that is too many, or stands too far down
}

func (f *finder) find(root *node) error {
	f.manifest = isManifest(root)
	if err := f.walk(&path{}, root, true); err != nil {
		return err
	}
	if f.fault != nil {
		return f.fault
	}
	slices.SortStableFunc(f.doc.edits, func(a, b *edit) int { return cmp.Compare(a.start, b.start) })
	return nil
}

// walk looks through a value. A surface may set variables.
func (f *finder) walk(place *path, n *node, surface bool) error {
	switch n.kind {
	case scalar:
		return f.text(place, n)
	case list:
		for i, item := range n.items {
			if err := f.walk(place.index(i), item, false); err != nil {
				return err
			}
		}
	case mapping:
		return f.mapping(place, n, surface)
	case alias:
	}
	return nil
}

func (f *finder) mapping(place *path, n *node, surface bool) error {
	for _, m := range n.members {
		if surface && m.merge == mergesMeaning {
			return merged(n.line)
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
func (f *finder) member(place *path, n *node, m member, surface bool) error {
	here := place.to(m.key)
	if done, err := f.named(place, m); done || err != nil {
		return err
	}
	ofDataOS := m.key == dataosSecrets || m.key == dataosList
	ofSurface := surface && slices.Contains([]string{envVars, envSecrets, sparkConf, sparkConfSecrets}, m.key)
	switch {
	case (ofDataOS || ofSurface) && m.value.shared != nil && (m.key != dataosList || m.value.kind != mapping):
		return m.value.shared
	case ofDataOS && m.value.kind == list:
		return f.dataOS(here, m.value)
	case ofSurface && m.value.kind == list && (m.key == envSecrets || m.key == sparkConfSecrets):
		return f.objects(here, m.value)
	case m.key == storageSecret && isObject(m.value):
		return f.storage(here, n, m)
	case m.key == secretObject && m.value.kind == mapping:
		f.use(here, use{Reference: Reference{
			Text: clip(m.value.text("key")), Kind: Object,
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
	switch m.key {
	case envVars:
		f.doc.env = f.settings(f.doc.env, m.value)
		return carried(here, m.value)
	case sparkConf:
		f.doc.spark = f.settings(f.doc.spark, m.value)
	}
	return nil
}

// settings adds the variables or properties that the payload itself sets.
func (f *finder) settings(settings []setting, n *node) []setting {
	for _, m := range n.members {
		if m.value.kind == scalar && m.value.tag != null {
			settings = append(settings, setting{m.key, m.value.value, f.editOf[m.value]})
		}
	}
	return settings
}

// carried refuses variables that are none.
func carried(place *path, variables *node) error {
	for _, m := range variables.members {
		set := m.value.kind == scalar && m.value.tag != null
		if set && (m.key == "" || strings.ContainsAny(m.key, "=\x00") || strings.ContainsRune(m.value.value, 0)) {
			return &SyntaxError{0, clip(place.to(m.key).String()) + " is no variable that an environment can carry"}
		}
	}
	return nil
}

// text looks for references in a text.
func (f *finder) text(place *path, n *node) error {
	if !strings.Contains(n.value, "${") {
		return nil
	}
	segments, changed := divide(n.value, func(r Reference) int {
		return f.use(place, use{Reference: r})
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
func (f *finder) strays(place *path, n *node) {
	if n.kind == scalar {
		divide(n.value, func(r Reference) int {
			r.Problem = "stands inside of another reference"
			return f.use(place, use{Reference: r})
		})
	}
	for _, m := range n.members {
		f.strays(place.to(m.key), m.value)
	}
	for i, item := range n.items {
		f.strays(place.index(i), item)
	}
}

// use notes a use, unless there are too many already, and returns its index.
func (f *finder) use(place *path, u use) int {
	if len(f.doc.uses) == MaxReferences {
		f.fault = &SyntaxError{0, fmt.Sprintf("has more than %d references", MaxReferences)}
		return MaxReferences - 1
	}
	if place.size > maxPlace {
		f.fault = &SyntaxError{0, fmt.Sprintf("has a reference below names of more than %d bytes", maxPlace)}
	} else {
		u.Place = place.String()
	}
	if u.Problem == "" && f.Domain != "" && slices.ContainsFunc(u.Names, f.elsewhere) {
		u.Problem = "is of another domain: a payload may name the secrets of its own, and global ones, whose source.id is " + naming.Instance
	}
	f.doc.uses = append(f.doc.uses, u)
	return len(f.doc.uses) - 1
}

// elsewhere tells whether a name is of another domain than the payload's.
func (f *finder) elsewhere(name Name) bool {
	return !slices.Contains([]string{"", f.Domain, naming.Instance}, name.Namespace)
}

// clip bounds what of a payload stands in an answer.
func clip(text string) string {
	const most = 100
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
