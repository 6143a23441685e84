package dataosmanifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/naming"
)

// Reference is a secret that a depot refers to.
type Reference struct {
	// Name is that of the secret.
	Name string
	// Tenant is set where the reference names one.
	Tenant string
	// Access is what it is for, as its purpose or its name tells; unspecified: as the secret itself says.
	Access cofferv1.Secret_AccessMode
}

// CheckDepot refuses a depot that has a secret to write with and none to read with, with ErrMissingRead. What has no access
// mode is to read with.
func CheckDepot(references []Reference) error {
	writes := func(r Reference) bool { return r.Access == cofferv1.Secret_READ_WRITE }
	if len(references) > 0 && !slices.ContainsFunc(references, func(r Reference) bool { return !writes(r) }) {
		return ErrMissingRead
	}
	return nil
}

// workload keeps a resource that is no secret as the text it came in, or as what is left of it without its secrets.
func (t *translator) workload(root, body *node, key string) {
	m := t.manifest
	text, kept := t.doc.Text, root
	if m.Type == TypeDepot {
		if rest := t.legacy(root, body, key); rest != nil {
			text, kept = t.marshal(rest), rest
		}
	}
	if expanded := t.expandText(text); expanded != text {
		n, fault := decode(expanded, t.doc.Line)
		if fault != nil {
			t.faults = append(t.faults, Fault{fault.Line, fault.Field, "with variables expanded: " + fault.Text})
			return
		}
		text, kept = expanded, n
	}
	if !t.options.ExpandValues {
		t.unexpanded("", kept)
	}
	if len(m.Secrets) == 0 {
		m.root = kept
		if body, _ = t.body(kept); m.Type == TypeDepot {
			m.Depot = depotReferences(body)
		}
	}
	if m.Type == "bundle" {
		t.noticef("nothing of it is run: the manifests that it names are to be applied by themselves")
	}
	t.inner("", kept)
	annotations := maps.Clone(t.annotations)
	annotations[naming.DataOSResource] = m.ID()
	m.Workload = &cofferv1.Projection{
		Description: m.Description, Annotations: annotations, Workload: &cofferv1.Projection_Workload{Payload: text},
	}
}

// WorkloadID is the ID of the projection of the manifest's workload.
func (m *Manifest) WorkloadID() string { return naming.WorkloadID(m.Type, m.Name) }

// expandText expands a document, on request: others see what is in it. A variable with a line break in it would change its
// shape, and stays.
func (t *translator) expandText(text string) string {
	lookup := t.options.Lookup
	if lookup == nil || !t.options.ExpandValues {
		return text
	}
	lines := *t
	lines.options.Lookup = func(name string) (string, bool) {
		value, ok := lookup(name)
		if ok && strings.ContainsAny(value, "\r\n\x00") {
			t.noticef("$%s has a line break in it: it is not expanded", name)
			return "", false
		}
		return value, ok
	}
	return lines.expand(text)
}

// unexpanded tells where variables stay. Those of the header are put in.
func (t *translator) unexpanded(at string, n *node) {
	if n.kind == scalar && t.options.Lookup != nil && slices.ContainsFunc(variable.FindAllString(n.text, -1), isVariable) {
		t.noticef("%s: the text %s", at, stays)
	}
	for _, f := range n.fields {
		if at != "" || !slices.Contains(headerFields, f.key) {
			t.unexpanded(strings.TrimPrefix(at+"."+f.key, "."), f.value)
		}
	}
	for i, item := range n.items {
		t.unexpanded(fmt.Sprintf("%s[%d]", at, i), item)
	}
}

func depotReferences(body *node) []Reference {
	var references []Reference
	secrets := body.get("secrets")
	if secrets == nil {
		return nil
	}
	for _, item := range secrets.items {
		r := Reference{Name: item.str("name")}
		if id := item.str("id"); r.Name == "" && id != "" {
			r.Name = id
			if tenant, name, ok := strings.Cut(id, ":"); ok {
				r.Tenant, r.Name = tenant, name
			}
		}
		switch purpose := firstOf(item.str("purpose"), item.str("acl")); {
		case purpose == "rw", purpose == "" && strings.HasSuffix(r.Name, "-rw"):
			r.Access = cofferv1.Secret_READ_WRITE
		case purpose != "", strings.HasSuffix(r.Name, "-r"):
			r.Access = cofferv1.Secret_READ
		}
		references = append(references, r)
	}
	return references
}

// referenceFields are those of a reference that stands in the place of a secret. Others could hold what is secret.
var referenceFields = []string{"name", "workspace", "acl", "key", "keys", "allKeys", "allkeys", "consumptionType"}

// legacy takes the secrets out of a depot, and returns it with references in their place; nil where it has none.
func (t *translator) legacy(root, body *node, key string) *node {
	if body == nil {
		body, key = root, ""
	}
	var rewritten []*node
	for _, name := range []string{"connectionSecret", "connectionSecrets"} {
		secrets := body.get(name)
		if secrets == nil {
			continue
		}
		if secrets.kind != list {
			secrets = &node{kind: list, line: secrets.line, items: []*node{secrets}}
		}
		for i, item := range secrets.items {
			path := strings.TrimPrefix(fmt.Sprintf("%s.%s[%d]", key, name, i), ".")
			if item.get("name") != nil && item.get("data") == nil {
				t.checkReference(path, item)
				rewritten = append(rewritten, item)
				continue
			}
			if reference := t.connection(path, item); reference != nil {
				rewritten = append(rewritten, reference)
			}
		}
	}
	if rewritten == nil {
		return nil
	}
	if old := body.get("secrets"); old != nil {
		rewritten = append(slices.Clone(old.items), rewritten...)
	}
	kept := slices.DeleteFunc(slices.Clone(body.fields), func(f field) bool {
		return f.key == "connectionSecret" || f.key == "connectionSecrets" || f.key == "secrets"
	})
	rest := &node{kind: mapping, fields: append(kept, field{key: "secrets", value: &node{kind: list, items: rewritten}})}
	return root.with(body, rest)
}

func (t *translator) checkReference(at string, item *node) {
	for _, f := range item.fields {
		plain := f.value.kind == scalar || f.value.kind == null || f.key == "keys" && f.value.kind == list &&
			!slices.ContainsFunc(f.value.items, func(n *node) bool { return n.kind != scalar })
		if !plain || !slices.Contains(referenceFields, f.key) {
			t.faults = append(t.faults, Fault{f.line, at + "." + f.key, "unknown field of a reference"})
		}
	}
}

func (t *translator) marshal(root *node) string {
	text, err := yaml.Marshal(root.yaml())
	if err != nil {
		t.faultf(root, "", "cannot be written again without its secrets")
	}
	return string(text)
}

// connection is a secret that stands in a depot, as a reference to what it becomes.
func (t *translator) connection(path string, item *node) *node {
	s, ok := t.secret(item, path, false)
	if !ok {
		return nil
	}
	s.ID = t.manifest.Name + "-r"
	if s.Secret.GetAccessMode() == cofferv1.Secret_READ_WRITE {
		s.ID += "w"
	}
	s.Secret.Description = ""
	if slices.ContainsFunc(t.manifest.Secrets, func(other Secret) bool { return other.ID == s.ID }) {
		t.faultf(item, path+".acl", "the depot has a secret of this acl already")
		return nil
	}
	t.manifest.Secrets = append(t.manifest.Secrets, s)
	text := func(value, tag string) *node { return &node{kind: scalar, text: value, tag: tag} }
	return &node{kind: mapping, fields: []field{
		{key: "name", value: text(s.ID, "!!str")}, {key: "allKeys", value: text("true", "!!bool")},
	}}
}

// with is a copy of a node in which another stands in the place of one.
func (n *node) with(old, other *node) *node {
	if n == old {
		return other
	}
	clone := *n
	clone.fields, clone.items = slices.Clone(n.fields), slices.Clone(n.items)
	for i := range clone.fields {
		clone.fields[i].value = n.fields[i].value.with(old, other)
	}
	for i := range clone.items {
		clone.items[i] = n.items[i].with(old, other)
	}
	return &clone
}

// yaml is a node as YAML, without comments: they may hold what was taken out.
func (n *node) yaml() *yaml.Node {
	switch n.kind {
	case mapping:
		to := &yaml.Node{Kind: yaml.MappingNode}
		for _, f := range n.fields {
			to.Content = append(to.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: f.key}, f.value.yaml())
		}
		return to
	case list:
		to := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range n.items {
			to.Content = append(to.Content, item.yaml())
		}
		return to
	case null:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: n.tag, Value: n.text}
}
