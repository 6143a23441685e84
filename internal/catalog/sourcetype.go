package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// SourceType is a kind of credential.
type SourceType struct {
	// ID is what the type of a secret says.
	ID string `yaml:"id"`
	// Aliases stand for the ID.
	Aliases []string `yaml:"aliases"`
	// Title is its name for people.
	Title string `yaml:"title"`
	// Documentation is a text for people, in lines.
	Documentation string `yaml:"documentation"`
	// Fields are the keys of a payload, in the order in which they are asked for.
	Fields []Field `yaml:"fields"`
	// Alternatives are ways to log in, of which a payload has exactly one. None: there is no choice.
	Alternatives []Alternative `yaml:"alternatives"`
	// URLs are the styles of connection URLs that can be composed, as projections name them: JDBC, SQLALCHEMY, ODBC, URI.
	URLs []string `yaml:"urls"`
	// AnyKeys: other keys may be there too.
	AnyKeys bool `yaml:"anyKeys"`
}

// Field is a key of a payload.
type Field struct {
	// Name is the key.
	Name string `yaml:"name"`
	// Aliases are other keys for the same, whatever their case, as that of the name.
	Aliases []string `yaml:"aliases"`
	// Description is a line for people.
	Description string `yaml:"description"`
	// Required: each payload has it. What an alternative requires, it says itself.
	Required bool `yaml:"required"`
	// Sensitive: it is not to be shown while it is typed.
	Sensitive bool `yaml:"sensitive"`
	// Multiline: it has lines.
	Multiline bool `yaml:"multiline"`
	// File: it is the content of a file.
	File bool `yaml:"file"`
	// Binary: that file is not text.
	Binary bool `yaml:"binary"`
	// Connection: it says where to log in, which a projection may say instead.
	Connection bool `yaml:"connection"`
	// Values are those that it can have. None: any. The server does not look at values, so this is for who asks for them.
	Values []string `yaml:"values"`
	// SameAs is the field whose value this one usually repeats.
	SameAs string `yaml:"sameAs"`
	// Example is a value that is plainly none.
	Example string `yaml:"example"`
}

// Alternative is a way to log in: some fields, of which others have no part.
type Alternative struct {
	// Name is a word for it.
	Name string `yaml:"name"`
	// Description is a line for people.
	Description string `yaml:"description"`
	// Required are the fields that it needs.
	Required []string `yaml:"required"`
	// Optional are fields that it may have.
	Optional []string `yaml:"optional"`
}

// Fields are all fields of the alternative.
func (a Alternative) Fields() []string { return slices.Concat(a.Required, a.Optional) }

// Field returns the field of a key: by name or alias, in any case.
func (t SourceType) Field(key string) (Field, bool) {
	for _, f := range t.Fields {
		if slices.ContainsFunc(f.keys(), func(name string) bool { return strings.EqualFold(name, key) }) {
			return f, true
		}
	}
	return Field{}, false
}

// Alternative returns the alternative of a name.
func (t SourceType) Alternative(name string) (Alternative, bool) {
	i := slices.IndexFunc(t.Alternatives, func(a Alternative) bool { return a.Name == name })
	if i < 0 {
		return Alternative{}, false
	}
	return t.Alternatives[i], true
}

// With are the fields of the type where a is how to log in, and which of them are required.
func (t SourceType) With(a Alternative) []Field {
	var fields []Field
	for _, f := range t.Fields {
		if t.chosen(f.Name) && !slices.Contains(a.Fields(), f.Name) {
			continue
		}
		f.Required = f.Required || slices.Contains(a.Required, f.Name)
		fields = append(fields, f)
	}
	return fields
}

// chosen tells whether the field is there with some alternatives only.
func (t SourceType) chosen(field string) bool {
	return slices.ContainsFunc(t.Alternatives, func(a Alternative) bool { return slices.Contains(a.Fields(), field) })
}

// keys are the name and the aliases.
func (f Field) keys() []string { return append([]string{f.Name}, f.Aliases...) }

var (
	typeID   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	fieldKey = regexp.MustCompile(`^[-._A-Za-z0-9]{1,253}$`)
)

// styles are the connection URLs that projections know.
func styles() []string { return []string{"JDBC", "SQLALCHEMY", "ODBC", "URI"} }

// Parse reads a type from its file, and refuses one that says something unknown or contradicts itself.
func Parse(raw []byte) (SourceType, error) {
	var t SourceType
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&t); err != nil {
		return SourceType{}, fmt.Errorf("not a source type: %w", err)
	}
	if err := d.Decode(&SourceType{}); !errors.Is(err, io.EOF) {
		return SourceType{}, errors.New("not a source type: more follows")
	}
	t.Documentation = strings.TrimSpace(t.Documentation)
	return t, t.check()
}

func (t SourceType) check() error {
	for _, id := range append([]string{t.ID}, t.Aliases...) {
		if !typeID.MatchString(id) || len(id) > 63 {
			return fmt.Errorf("%q is no ID of a type", id)
		}
	}
	if t.Title == "" || t.Documentation == "" {
		return errors.New("a type has a title and a documentation")
	}
	for _, style := range t.URLs {
		if !slices.Contains(styles(), style) {
			return fmt.Errorf("urls: %q is no style of URL", style)
		}
	}
	names := map[string]bool{}
	for _, f := range t.Fields {
		if err := f.check(); err != nil {
			return fmt.Errorf("field %q: %w", f.Name, err)
		}
		for _, key := range f.keys() {
			if names[strings.ToLower(key)] {
				return fmt.Errorf("field %q: the key %q is there twice", f.Name, key)
			}
			names[strings.ToLower(key)] = true
		}
		if f.SameAs != "" && !t.earlier(f.SameAs, f.Name) {
			return fmt.Errorf("field %q: sameAs is no earlier field", f.Name)
		}
	}
	return t.checkAlternatives()
}

func (t SourceType) earlier(name, than string) bool {
	index := func(name string) int {
		return slices.IndexFunc(t.Fields, func(f Field) bool { return f.Name == name })
	}
	return index(name) >= 0 && index(name) < index(than)
}

func (f Field) check() error {
	switch {
	case slices.ContainsFunc(f.keys(), func(key string) bool { return !fieldKey.MatchString(key) }):
		return errors.New("no key of a payload")
	case f.Description == "" || strings.Contains(f.Description, "\n"):
		return errors.New("a field has a description of one line")
	case f.Example == "":
		return errors.New("a field has an example")
	case f.Binary && !f.File:
		return errors.New("only a file is binary")
	case len(f.Values) > 0 && (f.Sensitive || f.Multiline || !slices.Contains(f.Values, f.Example)):
		return errors.New("values are words that anybody may see, the example among them")
	case f.Required && f.Connection:
		return errors.New("a projection may say where to log in, so no field that does is required")
	}
	return nil
}

func (t SourceType) checkAlternatives() error {
	if len(t.Alternatives) == 1 {
		return errors.New("one alternative is none")
	}
	for i, a := range t.Alternatives {
		if a.Name == "" || a.Description == "" || len(a.Required) == 0 {
			return errors.New("an alternative has a name, a description and a required field")
		}
		for _, name := range a.Fields() {
			at := slices.IndexFunc(t.Fields, func(f Field) bool { return f.Name == name })
			switch {
			case at < 0:
				return fmt.Errorf("alternative %q: there is no field %q", a.Name, name)
			case t.Fields[at].Required:
				return fmt.Errorf("alternative %q: %q is required whatever is chosen", a.Name, name)
			}
		}
		for _, other := range t.Alternatives[:i] {
			if a.Name == other.Name {
				return fmt.Errorf("alternative %q is there twice", a.Name)
			}
			// What is there tells which alternative is meant.
			if slices.ContainsFunc(a.Fields(), func(name string) bool { return slices.Contains(other.Fields(), name) }) {
				return fmt.Errorf("alternatives %q and %q share a field", other.Name, a.Name)
			}
		}
	}
	return nil
}
