package dataosmanifest

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// variable is what the platform's command line takes for one. References to secrets look alike.
var variable = regexp.MustCompile(`\$\{[^}]*\}|\$[A-Za-z_][A-Za-z0-9_]*`)

var variableName = regexp.MustCompile(`^\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})$`)

// nameOf is the name of a variable; empty for a reference to a secret, and for what is none.
func nameOf(text string) string {
	if strings.HasPrefix(text, "${secret") {
		return ""
	}
	found := variableName.FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	return found[1] + found[2]
}

func isVariable(text string) bool { return nameOf(text) != "" }

// stays tells of what is not expanded.
const stays = "has a $ in it, which stays: the platform's command line would put a variable there, as --interpolate does"

// errMissing does not name the variable: that may be part of a password with a $ in it.
var errMissing = errors.New("a variable that it names is not there")

// expand puts the variables that are known into a text that is no value, and tells which: others see the text.
func (t *translator) expand(text string) string {
	if t.options.Lookup == nil || !strings.Contains(text, "$") {
		return text
	}
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		if name := nameOf(found); name != "" {
			if value, ok := t.options.Lookup(name); ok {
				t.told(name)
				return value
			}
		}
		return found
	})
}

// told has it told once that a variable is put in.
func (t *translator) told(name string) {
	notice := "$" + name + " is put in where others see it, for what the environment says: --disable-interpolation keeps it"
	if !slices.Contains(t.manifest.Notices, notice) {
		t.noticef("%s", notice)
	}
}

// expandValue is expand for a value of a secret, which is expanded on request alone.
func (t *translator) expandValue(at, text string) (string, error) {
	if !variable.MatchString(text) {
		return text, nil
	}
	if t.options.Lookup == nil || !t.options.ExpandValues {
		t.dollars = append(t.dollars, at)
		return text, nil
	}
	missing := false
	expanded := variable.ReplaceAllStringFunc(text, func(found string) string {
		name := nameOf(found)
		if name == "" {
			return found
		}
		value, ok := t.options.Lookup(name)
		missing = missing || !ok
		return value
	})
	if missing {
		return "", errMissing
	}
	return expanded, nil
}
