package catalog

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Example is a manifest of a secret of the type with made-up values, in YAML.
func (t SourceType) Example() string {
	w := manifest{t: t, filled: true}
	w.head("acme", "example-"+t.ID)
	w.payload()
	return w.String()
}

// Scaffold is a manifest of a secret of the type to fill in, in YAML: what has to be said is there without a value, which
// no manifest takes, and what may be said is there as a comment. namespace and name may be empty, to be filled in too.
func (t SourceType) Scaffold(namespace, name string) string {
	w := manifest{t: t}
	w.comment("", fmt.Sprintf("A secret of the type %s: %s", t.ID, t.Title))
	w.comment("", t.Documentation)
	w.comment("", "\nFill in what has no value, take in what else you need, and apply it: coffer apply -f FILE")
	w.head(namespace, name)
	w.payload()
	return w.String()
}

// manifest is one that is being written.
type manifest struct {
	strings.Builder

	t      SourceType
	filled bool // with examples
}

// at is how far keys of a payload stand in.
const at = "      "

func (w *manifest) comment(indent, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		w.WriteString(strings.TrimRight(indent+"# "+line, " ") + "\n")
	}
}

func (w *manifest) head(namespace, name string) {
	w.WriteString("apiVersion: coffer.dev/v1\nkind: Secret\nmetadata:\n")
	w.WriteString("  namespace:" + plain(namespace) + "\n  name:" + plain(name) + "\n")
	w.WriteString("spec:\n  type: " + w.t.ID + "\n  payload:\n")
}

func plain(id string) string {
	if id == "" {
		return ""
	}
	return " " + scalar(id)
}

// payload writes the fields: texts, and then what is binary.
func (w *manifest) payload() {
	if len(w.t.Fields) == 0 {
		w.WriteString("    data:\n")
		w.anyKeys()
		return
	}
	binary := func(f Field) bool { return f.Binary }
	text := func(f Field) bool { return !f.Binary }
	if w.writes(text) {
		w.WriteString("    data:\n")
		w.fields(text)
	}
	if w.writes(binary) {
		w.WriteString("    binaryData:\n")
		if !w.filled {
			w.comment(at, "Content of files in base64: base64 -w0 FILE")
		}
		w.fields(binary)
	}
}

func (w *manifest) anyKeys() {
	if w.filled {
		w.WriteString(at + "api-token: not-a-real-token\n")
		return
	}
	w.comment(at, "Any key, and as many as you like.")
	w.WriteString(at + "key:\n")
}

// writes tells whether there is something to write of the fields.
func (w *manifest) writes(of func(Field) bool) bool {
	fields := w.t.Fields
	if w.filled {
		fields = slices.DeleteFunc(w.first(), func(f Field) bool { return !f.Required })
	}
	return slices.ContainsFunc(fields, of)
}

// first are the fields of the first alternative.
func (w *manifest) first() []Field {
	if len(w.t.Alternatives) == 0 {
		return w.t.With(Alternative{})
	}
	return w.t.With(w.t.Alternatives[0])
}

// fields writes some fields: what is required, each way to log in, what else there may be.
func (w *manifest) fields(of func(Field) bool) {
	common := slices.DeleteFunc(slices.Clone(w.t.Fields), func(f Field) bool { return !of(f) || w.t.chosen(f.Name) })
	for _, f := range common {
		if f.Required {
			w.field(f)
		}
	}
	for i, a := range w.t.Alternatives {
		if i == 0 || !w.filled {
			w.alternative(i, a, of)
		}
	}
	for _, f := range common {
		if !f.Required && !w.filled {
			w.field(f)
		}
	}
}

func (w *manifest) alternative(i int, a Alternative, of func(Field) bool) {
	var fields []Field
	for _, f := range w.t.With(a) {
		if f.Required = f.Required && i == 0; of(f) && w.t.chosen(f.Name) && (f.Required || !w.filled) {
			fields = append(fields, f)
		}
	}
	if len(fields) > 0 && !w.filled {
		w.comment(at, fmt.Sprintf("%s %s: %s", []string{"With", "Or else with"}[min(i, 1)], a.Name, a.Description))
	}
	for _, f := range fields {
		w.field(f)
	}
}

// field writes a field: with its example, or to be filled in, or as a comment where it need not be there.
func (w *manifest) field(f Field) {
	if w.filled {
		w.WriteString(at + f.Name + ": " + f.example() + "\n")
		return
	}
	text := f.Description
	if f.Required {
		text += "; required"
	}
	if f.Multiline && !f.Binary {
		text += "; write | and put the lines below, further in"
	}
	w.comment(at, text)
	value := ""
	if len(f.Values) == 1 {
		value = " " + scalar(f.Values[0])
	}
	if f.Required {
		w.WriteString(at + f.Name + ":" + value + "\n")
		return
	}
	if value == "" && !f.Sensitive && !f.Multiline && !f.Binary {
		value = " " + scalar(f.Example)
	}
	w.comment(at, f.Name+":"+value)
}

// example is the example in YAML.
func (f Field) example() string {
	switch {
	case f.Binary:
		return base64.StdEncoding.EncodeToString([]byte(f.Example))
	case strings.Contains(f.Example, "\n"):
		lines := strings.TrimSuffix(f.Example, "\n")
		return "|\n" + at + "  " + strings.ReplaceAll(lines, "\n", "\n"+at+"  ")
	}
	return scalar(f.Example)
}

// scalar is a text of one line in YAML, in quotes where it would be read as something else.
func scalar(text string) string {
	raw, err := yaml.Marshal(text)
	if err != nil {
		panic("catalog: encoding a string") // which nothing keeps from being one
	}
	return strings.TrimSpace(string(raw))
}
