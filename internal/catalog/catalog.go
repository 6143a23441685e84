// Package catalog knows the source types: what kinds of credentials there are, which keys each has, which of them belong
// together, and which hold something that is not to be shown.
//
// It guarantees that a key set is judged alike wherever that happens (by the server before it stores one, by the command
// line before it sends one), and that all that is wrong with it is told at once. It sees names of keys, never values, and
// it renames nothing: what was stored under an alias stays under it. Types are data, one file each in types, and the
// program does not start with one that contradicts itself. What threatens it is drift between a type and those who read
// its keys: tests hold it to the names that connection URLs are composed from.
package catalog

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Generic is the type of a secret that names none. It takes any keys.
const Generic = "generic"

//go:embed types/*.yaml
var files embed.FS

// Catalog is the source types. It does not change.
type Catalog struct {
	types []SourceType
	byID  map[string]int // IDs and aliases
}

// New returns the catalog, or says what is wrong with its files.
func New() (*Catalog, error) {
	entries, err := files.ReadDir("types")
	if err != nil {
		return nil, fmt.Errorf("reading the catalog: %w", err)
	}
	c := &Catalog{byID: map[string]int{}}
	for _, entry := range entries {
		raw, err := files.ReadFile("types/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("reading the catalog: %w", err)
		}
		t, err := Parse(raw)
		if err == nil && t.ID+".yaml" != entry.Name() {
			err = fmt.Errorf("the file is not named for its type %s", t.ID)
		}
		if err == nil {
			err = c.add(t)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the catalog: %s: %w", entry.Name(), err)
		}
	}
	if _, ok := c.byID[Generic]; !ok {
		return nil, errors.New("reading the catalog: there is no type " + Generic)
	}
	return c, nil
}

func (c *Catalog) add(t SourceType) error {
	for _, id := range append([]string{t.ID}, t.Aliases...) {
		if _, taken := c.byID[id]; taken {
			return fmt.Errorf("%s names another type too", id)
		}
		c.byID[id] = len(c.types)
	}
	c.types = append(c.types, t)
	return nil
}

// Types are all source types by their IDs.
func (c *Catalog) Types() []SourceType { return slices.Clone(c.types) }

// Get returns the type of an ID or an alias. "" is the generic type.
func (c *Catalog) Get(id string) (SourceType, bool) {
	if id == "" {
		id = Generic
	}
	i, ok := c.byID[id]
	if !ok {
		return SourceType{}, false
	}
	return c.types[i], true
}

// Nearest returns the ID or alias that may have been meant; empty if there is none.
func (c *Catalog) Nearest(id string) string {
	var known []string
	for name := range c.byID {
		known = append(known, name)
	}
	return nearest(id, known)
}

// maxSuggested bounds what is compared, in bytes: nothing that is longer can have been meant.
const maxSuggested = 64

// nearest returns the name that differs least, if it differs by little for its length, whatever the case.
func nearest(text string, names []string) string {
	if len(text) > maxSuggested {
		return ""
	}
	slices.Sort(names)
	best, least := "", max(1, len(text)/3)+1
	for _, name := range names {
		lower, typed := strings.ToLower(name), strings.ToLower(text)
		distance := levenshtein.Distance(typed, lower, nil)
		if len(typed) > 3 && strings.HasPrefix(lower, typed) {
			distance = min(distance, 1)
		}
		if distance < least {
			best, least = name, distance
		}
	}
	return best
}
