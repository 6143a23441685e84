package dataosmanifest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/internal/naming"
)

// translator reads one manifest.
type translator struct {
	options  Options
	doc      Document
	manifest *Manifest
	faults   []Fault
	dollars  []string // values with a $ that is not expanded, by their keys
	// annotations are those that secrets, workload and grants have in common.
	annotations map[string]string
}

// faultf adds to what is wrong. The arguments must not be values.
func (t *translator) faultf(n *node, field, format string, args ...any) {
	t.faults = append(t.faults, Fault{n.line, field, fmt.Sprintf(format, args...)})
}

func (t *translator) noticef(format string, args ...any) {
	t.manifest.Notices = append(t.manifest.Notices, fmt.Sprintf(format, args...))
}

// headerFields are what manifests have besides their body. Others are the body's, or nothing that is kept.
var headerFields = []string{"name", "version", "type", "tags", "description", "owner", "layer", "workspace"}

func (t *translator) translate(root *node) {
	m := t.manifest
	m.Resource = Resource{Type: t.text(root, "type", true), Version: t.text(root, "version", true), Name: t.text(root, "name", true)}
	m.Description = t.text(root, "description", false)
	t.version(root)
	body, key := t.body(root)
	v2 := t.isV2(root, body, key)
	t.name(root, v2)
	t.place(root, v2)
	t.annotate(root)
	switch m.Type {
	case "": // told already
	case TypeSecret, TypeInstanceSecret:
		t.strays(root, key)
		if s, ok := t.secret(body, key, v2); ok {
			s.ID = m.Name
			m.Secrets = []Secret{s}
		}
	case TypeGrant:
		t.grant(body, key)
	default:
		t.workload(root, body, key)
	}
}

var versions = []string{"v1", "v1beta", "v1beta1", "v1alpha", versionV2}

var versionRule = regexp.MustCompile(`^v[0-9]{1,2}((alpha|beta)[0-9]{0,2})?$`)

func (t *translator) version(root *node) {
	m := t.manifest
	switch {
	case m.Version == "":
	case m.Type == TypeSecret || m.Type == TypeInstanceSecret:
		if !slices.Contains(versions, m.Version) {
			t.faultf(root.get("version"), "version", "want one of %s", strings.Join(versions, ", "))
		}
	case !versionRule.MatchString(m.Version):
		t.faultf(root.get("version"), "version", "want a version such as v1 or v2alpha")
	}
}

// text is a scalar of the header, with variables expanded.
func (t *translator) text(root *node, key string, required bool) string {
	n := root.get(key)
	switch {
	case n == nil || n.kind == null || n.kind == scalar && n.text == "":
		if required {
			t.faultf(root, key, "is missing")
		}
		return ""
	case n.kind != scalar:
		t.faultf(n, key, "want a text")
		return ""
	}
	return t.expand(n.text)
}

// body is what stands under the name of the type, or under spec; a list of one is its item. It is nil where there is none.
func (t *translator) body(root *node) (*node, string) {
	keys := []string{t.manifest.Type, "spec"}
	if t.manifest.IsSecret() {
		keys = []string{TypeSecret, TypeInstanceSecret, "spec"}
	}
	var body *node
	var found string
	for _, key := range keys {
		n := root.get(key)
		if n == nil || key == "" {
			continue
		}
		if body != nil {
			t.faultf(n, key, "the manifest has a %s already: it is either this or that", found)
			continue
		}
		if n.kind == list && len(n.items) == 1 {
			n = n.items[0]
		}
		body, found = n, key
	}
	return body, found
}

// isV2 tells whether a manifest is one of v2. v1 has the version too, for depots and, by its documents, for secrets.
func (t *translator) isV2(root, body *node, key string) bool {
	switch {
	case !IsV2(t.manifest.Version) || t.manifest.Type == TypeInstanceSecret:
		return false
	case t.manifest.Type == TypeSecret:
		return key == "spec" || body.get("acl") == nil
	}
	return key == "spec" || t.manifest.Type != TypeDepot && root.get("spec") != nil
}

var (
	nameV1    = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])$`)
	nameDepot = regexp.MustCompile(`^[a-z]([a-z0-9]*)$`)
	nameV2    = regexp.MustCompile(`^[a-z]([-_.a-z0-9]*[a-z0-9])$`)
)

// Lengths of names, in characters.
const (
	maxNameV1 = 48
	maxNameV2 = 59
)

func (t *translator) name(root *node, v2 bool) {
	rule, most := nameV1, maxNameV1
	switch {
	case v2:
		rule, most = nameV2, maxNameV2
	case t.manifest.Type == TypeDepot || t.manifest.Type == "cluster":
		rule = nameDepot
	}
	if name := t.manifest.Name; name != "" && (!rule.MatchString(name) || len(name) > most) {
		t.faultf(root.get("name"), "name", "has to match %s and have at most %d characters", rule, most)
	}
}

// place tells where the resource belongs.
func (t *translator) place(root *node, v2 bool) {
	m := t.manifest
	workspace := t.text(root, "workspace", false)
	switch {
	case v2:
		m.Place = Place{Scope: Tenant}
	case m.Type == TypeInstanceSecret && workspace != "":
		t.faultf(root.get("workspace"), "workspace", "an instance-secret has none")
	case !OfInstance(m.Type):
		m.Workspace = firstOf(workspace, t.options.Workspace, DefaultWorkspace)
		m.Place = Place{Scope: Workspace, Name: m.Workspace}
	}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// annotate keeps what Coffer has no field for.
func (t *translator) annotate(root *node) {
	t.annotations = map[string]string{naming.DataOSVersion: t.manifest.Version}
	if layer := t.text(root, "layer", false); layer != "" {
		t.annotations[naming.DataOSLayer] = layer
	}
	if owner := root.str("owner"); owner != "" {
		t.annotations[naming.DataOSOwner] = t.expand(owner)
	}
	tags := root.get("tags")
	switch {
	case tags == nil || tags.kind == null:
		return
	case tags.kind != list:
		t.faultf(tags, "tags", "want a list")
		return
	}
	var texts []string
	for i, tag := range tags.items {
		if tag.kind != scalar {
			t.faultf(tag, fmt.Sprintf("tags[%d]", i), "want a text")
			continue
		}
		texts = append(texts, t.expand(tag.text))
	}
	if len(texts) > 0 {
		t.annotations[naming.DataOSTags] = jsonText(texts)
	}
}

// strays tells of what is written in the header of a secret and not kept.
func (t *translator) strays(root *node, body string) {
	for _, f := range root.fields {
		if f.key != body && f.key != TypeSecret && f.key != TypeInstanceSecret && f.key != "spec" && !slices.Contains(headerFields, f.key) {
			t.noticef("%s is nothing that a secret has: it is not kept", f.key)
		}
	}
}

func jsonText(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // of strings alone
	}
	return string(raw)
}
