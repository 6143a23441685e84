package dataosmanifest

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/coffer-dev/coffer/internal/naming"
)

// Shown says how the text of a manifest shows secrets.
type Shown int

// How secrets are shown.
const (
	// Hide puts a mask in the place of values, those of files too.
	Hide Shown = iota
	// Lint does so, leaves files as they are, and hides what dataosSecrets says as a whole.
	Lint
	// Reveal shows values, those of files too.
	Reveal
)

// Text is the manifest as YAML. Binary values are in base64.
func (m *Manifest) Text(shown Shown) (string, error) {
	w := textWriter{shown, map[*node]Secret{}}
	for i, body := range m.bodies {
		w.secrets[body] = m.Secrets[i]
	}
	text, err := yaml.Marshal(w.node(m.root))
	if err != nil {
		return "", fmt.Errorf("writing %s: %w", m.Resource, err)
	}
	return string(text), nil
}

type textWriter struct {
	shown   Shown
	secrets map[*node]Secret // by their bodies
}

func (w textWriter) node(n *node) *yaml.Node {
	if s, ok := w.secrets[n]; ok {
		return w.body(n, s)
	}
	to := n.yaml()
	switch n.kind {
	case mapping:
		for i, f := range n.fields {
			value := w.node(f.value)
			if w.shown == Lint && f.key == "dataosSecrets" {
				value = textOf(naming.Mask)
			}
			to.Content[2*i+1] = value
		}
	case list:
		for i, item := range n.items {
			to.Content[i] = w.node(item)
		}
	}
	return to
}

// body is that of a secret with its data hidden, or with its files in its data.
func (w textWriter) body(n *node, s Secret) *yaml.Node {
	to := &yaml.Node{Kind: yaml.MappingNode}
	data := &yaml.Node{Kind: yaml.MappingNode}
	add := func(key string, value *yaml.Node) { to.Content = append(to.Content, textOf(key), value) }
	for _, f := range n.fields {
		switch {
		case f.key == "data" || w.shown != Lint && slices.Contains([]string{"files", "file", "key_json"}, f.key):
		case f.key == "key_json":
			add(f.key, textOf(naming.Mask))
		default:
			add(f.key, f.value.yaml())
		}
	}
	keys := s.keys()
	if w.shown == Lint {
		keys = nil
		if written := n.get("data"); written != nil {
			for _, f := range written.fields {
				keys = append(keys, f.key)
			}
		}
	}
	for _, key := range keys {
		data.Content = append(data.Content, textOf(key), w.value(s, key))
	}
	if len(data.Content) > 0 {
		add("data", data)
	}
	return to
}

func (w textWriter) value(s Secret, key string) *yaml.Node {
	if w.shown != Reveal {
		return textOf(naming.Mask)
	}
	if text, ok := s.Secret.GetPayload().GetData()[key]; ok {
		return textOf(text)
	}
	n := &yaml.Node{}
	n.SetString(string(s.Secret.GetPayload().GetBinaryData()[key]))
	return n
}

// keys are those of the payload, sorted.
func (s Secret) keys() []string {
	var keys []string
	for key := range s.Secret.GetPayload().GetData() {
		keys = append(keys, key)
	}
	for key := range s.Secret.GetPayload().GetBinaryData() {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func textOf(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}
