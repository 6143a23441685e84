package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Fault is what is wrong with a key.
type Fault int

// The faults.
const (
	// Missing: the type requires it.
	Missing Fault = iota + 1
	// Unknown: the type has no such key.
	Unknown
	// Contradictory: with another key that is there, it says two things at once.
	Contradictory
)

// Problem is something that is wrong with a key set.
type Problem struct {
	// Key is that of the payload, or the name of the field that is missing.
	Key string
	// Fault is what is wrong with it.
	Fault Fault
	// Text tells it to people. It quotes keys alone.
	Text string
}

// Check tells all that is wrong with the keys of a payload of the type: those missing in the order of the fields, then the
// others by name.
func (t SourceType) Check(keys []string) []Problem {
	if t.AnyKeys {
		return nil
	}
	given := map[string][]string{} // by field
	var others []Problem
	for _, key := range slices.Sorted(slices.Values(keys)) {
		f, ok := t.Field(key)
		if !ok {
			others = append(others, t.unknown(key))
			continue
		}
		if first := given[f.Name]; len(first) > 0 {
			others = append(others, Problem{key, Contradictory, fmt.Sprintf("says what %q says already: give one of them", first[0])})
		}
		given[f.Name] = append(given[f.Name], key)
	}
	missing, contradictory := t.checkChoice(given)
	for _, f := range t.Fields {
		if f.Required && len(given[f.Name]) == 0 {
			missing = append(missing, Problem{f.Name, Missing, "is required by the type " + t.ID + f.also()})
		}
	}
	order := func(p Problem) int {
		return slices.IndexFunc(t.Fields, func(f Field) bool { return f.Name == p.Key })
	}
	slices.SortStableFunc(missing, func(a, b Problem) int { return order(a) - order(b) })
	others = append(others, contradictory...)
	slices.SortStableFunc(others, func(a, b Problem) int { return strings.Compare(a.Key, b.Key) })
	return append(missing, others...)
}

// checkChoice looks for the one alternative that the keys have.
func (t SourceType) checkChoice(given map[string][]string) (missing, contradictory []Problem) {
	if len(t.Alternatives) == 0 {
		return nil, nil
	}
	var chosen []Alternative
	for _, a := range t.Alternatives {
		if slices.ContainsFunc(a.Fields(), func(name string) bool { return len(given[name]) > 0 }) {
			chosen = append(chosen, a)
		}
	}
	switch len(chosen) {
	case 0:
		return []Problem{{t.Alternatives[0].Required[0], Missing, "is required by the type " + t.ID + ", or instead of it " + t.instead()}}, nil
	case 1:
		for _, name := range chosen[0].Required {
			if len(given[name]) == 0 {
				f, _ := t.Field(name)
				missing = append(missing, Problem{name, Missing, fmt.Sprintf("is required by the type %s with %s%s", t.ID, chosen[0].Name, f.also())})
			}
		}
		return missing, nil
	}
	for _, a := range chosen {
		for _, name := range a.Fields() {
			for _, key := range given[name] {
				contradictory = append(contradictory, Problem{key, Contradictory, t.against(a, chosen, given)})
			}
		}
	}
	return nil, contradictory
}

// instead names the fields of the alternatives but the first.
func (t SourceType) instead() string {
	texts := make([]string, 0, len(t.Alternatives))
	for _, a := range t.Alternatives[1:] {
		texts = append(texts, quoted(a.Required, " and "))
	}
	return strings.Join(texts, ", or ")
}

// against tells what the keys of an alternative stand against.
func (t SourceType) against(a Alternative, chosen []Alternative, given map[string][]string) string {
	var keys []string
	for _, other := range chosen {
		if other.Name == a.Name {
			continue
		}
		for _, name := range other.Fields() {
			keys = append(keys, given[name]...)
		}
	}
	return fmt.Sprintf("is for %s, and %s for another way to log in: give the keys of one of them", a.Name, quoted(keys, ", "))
}

func (t SourceType) unknown(key string) Problem {
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.keys()...)
	}
	text := "is no key of the type " + t.ID
	if meant := nearest(key, names); meant != "" {
		text += fmt.Sprintf(": did you mean %q?", meant)
	} else {
		text += ", which has " + quoted(t.names(), ", ")
	}
	return Problem{key, Unknown, text}
}

func (t SourceType) names() []string {
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = f.Name
	}
	return names
}

// also names the aliases.
func (f Field) also() string {
	if len(f.Aliases) == 0 {
		return ""
	}
	return "; " + quoted(f.Aliases, " or ") + " would do"
}

// quoted tells keys from the words around them.
func quoted(keys []string, between string) string {
	texts := make([]string, len(keys))
	for i, key := range keys {
		texts[i] = strconv.Quote(key)
	}
	return strings.Join(texts, between)
}
