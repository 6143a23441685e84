package render

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a file's path, in bytes: what every file system that matters can hold below a directory.
const (
	maxPath    = 1024
	maxSegment = 255
)

// maxViolations bounds what one error reports.
const maxViolations = 50

var payloadKey = regexp.MustCompile(`^[-._A-Za-z0-9]{1,253}$`)

// Violation is one thing wrong with one field.
type Violation struct {
	// Field is a path into the projection, like items[2].file.path. Its names are those of the API.
	Field string
	// Description may name secrets, keys and variables. It never tells anything about a value beyond what its format
	// cannot carry.
	Description string
}

// InvalidError says what is wrong with the items, in their order.
type InvalidError struct {
	// Violations has at least one and at most 50 entries.
	Violations []Violation
}

// Error implements error.
func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		parts[i] = v.Field + ": " + v.Description
	}
	return "invalid projection: " + strings.Join(parts, "; ")
}

type violations []Violation

func (v *violations) addf(field, format string, args ...any) {
	if len(*v) < maxViolations {
		*v = append(*v, Violation{Field: field, Description: fmt.Sprintf(format, args...)})
	}
}

func (v *violations) err() error {
	if len(*v) == 0 {
		return nil
	}
	return &InvalidError{Violations: slices.Clone(*v)}
}

// owners remembers who was first to give a name.
type owners map[string]string

// claim returns who has the name already, if anybody.
func (o owners) claim(name, owner string) (string, bool) {
	if other, taken := o[name]; taken {
		return other, true
	}
	o[name] = owner
	return "", false
}

// Check tells what is wrong with a recipe as far as that is known without payloads, which it does not look at: it is for
// the moment a projection is written. What depends on key names and values is left to Render. Every error is an
// *InvalidError.
func Check(recipe Recipe) error {
	items := recipe.Items
	c := checker{variables: owners{}, files: owners{}}
	if len(items) > MaxItems {
		c.addf("items", "more than %d items", MaxItems)
		return c.err()
	}
	secrets := map[string]bool{}
	for i, item := range items {
		secrets[item.SecretName] = true
		c.item(fmt.Sprintf("items[%d]", i), item)
	}
	if len(secrets) > MaxSecrets {
		c.addf("items", "more than %d different secrets", MaxSecrets)
	}
	c.nesting(items)
	return c.err()
}

type checker struct {
	violations
	variables, files owners
}

func (c *checker) item(field string, item Item) {
	switch {
	case item.AllKeys == (item.Key != ""):
		c.addf(field+".key", "give either a key or all_keys")
	case !item.AllKeys && !payloadKey.MatchString(item.Key):
		c.addf(field+".key", "must match %s", payloadKey)
	}
	switch {
	case (item.Env == nil) == (item.File == nil):
		c.addf(field, "give either env or file")
	case item.Env != nil:
		c.env(field, item.AllKeys, *item.Env)
	default:
		c.file(field+".file", item.AllKeys, *item.File)
	}
}

func (c *checker) env(field string, allKeys bool, target EnvTarget) {
	if allKeys {
		if target.Name != "" {
			c.addf(field+".env", "names one variable, but all_keys gives one for each key: use env_prefix")
		}
		if why := envPrefixProblem(target.Prefix); why != "" {
			c.addf(field+".env_prefix", "%s", why)
		}
		return
	}
	if target.Prefix != "" {
		c.addf(field+".env_prefix", "is for all_keys only")
	}
	if why := envNameProblem(target.Name); why != "" {
		c.addf(field+".env", "%s", why)
		return
	}
	if other, taken := c.variables.claim(target.Name, field); taken {
		c.addf(field+".env", "%s sets the variable %s too", other, target.Name)
	}
}

func (c *checker) file(field string, allKeys bool, target FileTarget) {
	switch {
	case target.Format < Raw || target.Format > Properties:
		c.addf(field+".format", "is not a known format")
	case target.Format == Raw && allKeys:
		c.addf(field+".format", "RAW takes a single key")
	}
	if target.Mode&^0o777 != 0 {
		c.addf(field+".mode", "has more than permission bits (0777): no setuid, setgid or sticky")
	}
	if why := pathProblem(target.Path); why != "" {
		c.addf(field+".path", "%s", why)
		return
	}
	if other, taken := c.files.claim(target.Path, field); taken {
		c.addf(field+".path", "%s has the same path", other)
	}
}

// nesting refuses a file that another one needs as its directory.
func (c *checker) nesting(items []Item) {
	for i, item := range items {
		if item.File == nil || pathProblem(item.File.Path) != "" {
			continue
		}
		for dir := path.Dir(item.File.Path); dir != "."; dir = path.Dir(dir) {
			if other, taken := c.files[dir]; taken {
				c.addf(fmt.Sprintf("items[%d].file.path", i), "lies below the path of %s, which is a file", other)
			}
		}
	}
}

// pathProblem says why a path could leave the bundle's directory or could not be written, on any operating system.
func pathProblem(p string) string {
	switch {
	case p == "":
		return "is required"
	case len(p) > maxPath:
		return fmt.Sprintf("is longer than %d bytes", maxPath)
	case strings.HasPrefix(p, "/"):
		return "must be relative"
	case !utf8.ValidString(p) || strings.ContainsFunc(p, unicode.IsControl):
		return "must be UTF-8 without control characters"
	case strings.ContainsAny(p, `\:`):
		return `must not contain a backslash or a colon`
	}
	for segment := range strings.SplitSeq(p, "/") {
		switch {
		case segment == "" || segment == "." || segment == "..":
			return `must not have empty, "." or ".." segments`
		case len(segment) > maxSegment:
			return fmt.Sprintf("has a segment longer than %d bytes", maxSegment)
		}
	}
	return ""
}
