// Package iometemigrate rewrites payloads of IOMETE from the first form of references to secrets to the second: placeholders
// `${secrets.key}` become entries of envSecrets and sparkConfSecrets, or storageSecret.
//
// It guarantees that what it writes refers to the same secrets, which it reads again to make sure of, that all else stays
// byte for byte, its indentation and order too, and that rewriting again changes nothing. What the second form has no words
// for stays as it is, and is told. What threatens that are texts that look like references and are none, names that stand
// twice, and lists that are there already. No error tells anything of what stands in a payload but names.
package iometemigrate

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/tailscale/hujson"

	"github.com/coffer-dev/coffer/internal/naming"
)

// MaxPayload bounds the bytes of a payload.
const MaxPayload = 1 << 20

var (
	// ErrNoSecret: no source holds the secret of a placeholder. A Locate returns it; the placeholder stays.
	ErrNoSecret = errors.New("there is no such secret in the domain or among the global ones, or you may not see it")
	// ErrPayload: a text is not the payload of a workload.
	ErrPayload = errors.New("is not an object of JSON")

	errUnsure = errors.New("what was written would not refer to the same secrets: nothing is changed")
)

// Locate returns the ID of the source that holds a key: the name of the domain, or instance.
type Locate func(key string) (id string, err error)

// Result is a payload in the second form, as far as that goes.
type Result struct {
	// Output is the payload; what was read if nothing is to be done.
	Output []byte
	// Moved are the references that were rewritten.
	Moved []Moved
	// Left is what stays, and why.
	Left []Left

	input []byte
}

// Moved is a reference that was rewritten.
type Moved struct {
	Place  string `json:"place"` // where it stood, a JSON pointer
	Key    string `json:"key"`
	Source string `json:"source"` // ID
}

// Left is a place that was not rewritten.
type Left struct {
	Place  string `json:"place"` // a JSON pointer
	Reason string `json:"reason"`
}

// Migrate rewrites a payload. Its errors are ErrPayload, and those of Locate but for ErrNoSecret.
func Migrate(payload []byte, locate Locate) (Result, error) {
	root, err := parse(payload)
	if err != nil {
		return Result{}, err
	}
	want := bindings{}
	want.read("", root.Value.(*hujson.Object))
	m := migration{locate: locate, known: map[string]located{}, unit: unitOf(root.Value.(*hujson.Object))}
	if err := m.surface("", root.Value.(*hujson.Object)); err != nil {
		return Result{}, err
	}
	result := Result{Output: payload, Moved: m.moved, Left: m.left, input: payload}
	if len(m.moved) == 0 {
		return result, nil
	}
	result.Output = root.Pack()
	return result, want.verify(m.moved, result.Output)
}

// parse reads a payload: an object, without names that stand twice.
func parse(payload []byte) (hujson.Value, error) {
	if len(payload) > MaxPayload {
		return hujson.Value{}, fmt.Errorf("%w: is larger than %d KiB", ErrPayload, MaxPayload>>10)
	}
	var raw json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(payload, &raw); errors.As(err, &syntax) {
		line := 1 + strings.Count(string(payload[:min(int(syntax.Offset), len(payload))]), "\n")
		return hujson.Value{}, fmt.Errorf("%w: see line %d", ErrPayload, line)
	}
	root, err := hujson.Parse(payload)
	if _, object := root.Value.(*hujson.Object); err != nil || !object || !utf8.Valid(payload) {
		return hujson.Value{}, ErrPayload
	}
	for v := range root.All() {
		if o, ok := v.Value.(*hujson.Object); ok {
			seen := map[string]bool{}
			for _, member := range o.Members {
				name := nameOf(member)
				if seen[name] {
					return hujson.Value{}, fmt.Errorf("%w: %q stands twice in one", ErrPayload, name)
				}
				seen[name] = true
			}
		}
	}
	return root, nil
}

// Diff is what was changed, as a unified diff. It shows names, references and sources, and no other text or number: any may
// be a value. It is empty where nothing was changed.
func (r Result) Diff(name string) []byte {
	return diff.Diff("a/"+name, hidden(r.input), "b/"+name, hidden(r.Output))
}

// hidden is a payload that can be shown. It was parsed before.
func hidden(payload []byte) []byte {
	root, err := parse(payload)
	if err != nil {
		return nil
	}
	hide("", &root)
	return root.Pack()
}

// hide hides the values in what a member of that name is.
func hide(in string, v *hujson.Value) {
	switch value := v.Value.(type) {
	case *hujson.Object:
		for i := range value.Members {
			name, member := nameOf(value.Members[i]), &value.Members[i].Value
			if _, literal := member.Value.(hujson.Literal); !literal || !slices.Contains(shown[in], name) {
				hide(name, member)
			}
		}
	case *hujson.Array:
		for i := range value.Elements {
			hide(in, &value.Elements[i])
		}
	case hujson.Literal:
		text := value.String()
		whole := placeholder.FindString(text) == text && refers(text)
		switch kind := value.Kind(); {
		case kind == '"' && text != "" && !whole:
			v.Value = hujson.String(naming.Mask)
		case kind == '0':
			v.Value = hujson.Literal(naming.Mask)
		}
	}
}
