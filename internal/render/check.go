package render

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/render/renderlogin"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// maxViolations bounds what one error reports.
const maxViolations = 50

// maxKeys bounds the keys of an item or source.
const maxKeys = 256

var payloadKey = regexp.MustCompile(`^[-._A-Za-z0-9]{1,253}$`)

// Violation is one thing wrong with one field.
type Violation struct {
	// Field is a path into the projection, like items[2].file.path. Its names are those of the API.
	Field string
	// Description may name secrets, keys and variables. It never tells anything about a value beyond what its format
	// cannot carry.
	Description string
}

// InvalidError says what is wrong with a recipe.
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
	_, err := check(recipe, unknownKeys)
	return err
}

// check is Check, and compiles the templates. What type of secret it was is not asked of one that is gone.
func check(recipe Recipe, keys keysOf) ([]*rendertemplate.Template, error) {
	c := checker{gone: keys.gone, names: rendertemplate.Names{Secrets: map[string][]string{}}}
	switch {
	case len(recipe.Items)+len(recipe.Templates) > MaxItems:
		c.addf("items", "more than %d items and templates", MaxItems)
	case len(recipe.Sources) > MaxItems:
		c.addf("sources", "more than %d sources", MaxItems)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	for i := range recipe.Items {
		c.item(fmt.Sprintf("items[%d]", i), &recipe.Items[i])
	}
	if countSecrets(recipe) > MaxSecrets {
		c.addf("items", "more than %d different secrets", MaxSecrets)
	}
	c.sources(recipe.Sources)
	c.values(recipe.Values)
	for i := range recipe.Templates {
		c.template(fmt.Sprintf("templates[%d]", i), &recipe.Templates[i])
	}
	c.spark(recipe.Spark)
	if err := c.err(); err != nil {
		return nil, err
	}
	_, err := planOf(recipe, unknownKeys)
	return c.compiled, err
}

func countSecrets(recipe Recipe) int {
	secrets := map[string]bool{}
	for _, item := range recipe.Items {
		secrets[item.SecretName] = true
		if item.File != nil && item.File.Store != nil && item.File.Store.PasswordSecret != "" {
			secrets[item.File.Store.PasswordSecret] = true
		}
	}
	for _, source := range recipe.Sources {
		secrets[source.SecretName] = true
	}
	return len(secrets)
}

type checker struct {
	violations
	gone     func(*Item) bool
	names    rendertemplate.Names // of templates
	compiled []*rendertemplate.Template
}

func (c *checker) item(field string, item *Item) {
	if !c.selector(field, item) {
		return
	}
	logins := item.File != nil && item.File.Format.logins()
	switch {
	case item.URL != renderlogin.NoURL: // checked with it
	case logins:
		c.connection(field+".connection", item.File.Format, item.Connection)
	case !item.Connection.IsZero():
		c.addf(field+".connection", "is for url and for files of logins")
	}
	single := item.Key != "" || item.URL != renderlogin.NoURL
	c.target(field, &item.Target, single)
	if item.URL != renderlogin.NoURL && item.File != nil && (logins || item.File.Format >= PEM && item.File.Format <= JKS) {
		c.addf(field+".file.format", "%v takes keys, no URL", item.File.Format)
	}
	c.entry(field+".entry", item)
}

// selector checks what an item delivers of its secret. It reports false if that is not clear.
func (c *checker) selector(field string, item *Item) bool {
	selectors := 0
	for _, given := range []bool{item.Key != "", len(item.Keys) > 0, item.AllKeys, item.URL != renderlogin.NoURL} {
		if given {
			selectors++
		}
	}
	switch {
	case selectors != 1:
		c.addf(field+".key", "give one of key, keys, all_keys and url")
		return false
	case item.Key != "" && !payloadKey.MatchString(item.Key):
		c.addf(field+".key", "must match %s", payloadKey)
	case item.URL < renderlogin.NoURL || item.URL > renderlogin.URI:
		c.addf(field+".url", "is not a known kind of URL")
	case item.URL != renderlogin.NoURL && c.gone(item):
	case item.URL != renderlogin.NoURL:
		if err := renderlogin.CheckURL(item.Connection, item.SecretType, item.URL); err != nil {
			c.addf(field+".url", "%v", err)
		}
	default:
		c.keys(field+".keys", item.Keys)
	}
	return true
}

func (c *checker) keys(field string, keys []string) {
	if len(keys) > maxKeys {
		c.addf(field, "more than %d keys", maxKeys)
		return
	}
	seen := map[string]bool{}
	for i, key := range keys {
		switch {
		case !payloadKey.MatchString(key):
			c.addf(fmt.Sprintf("%s[%d]", field, i), "must match %s", payloadKey)
		case seen[key]:
			c.addf(fmt.Sprintf("%s[%d]", field, i), "is named twice")
		}
		seen[key] = true
	}
}

// entry checks the name that an item gives its value. The URL has none of its own, so it needs one wherever there are
// names.
func (c *checker) entry(field string, item *Item) {
	named := item.Dictionary != "" || item.File != nil && item.File.Format != Raw
	switch {
	case item.Entry == "" && item.URL != renderlogin.NoURL && named:
		c.addf(field, "is required, since a URL has no name of its own")
	case item.Entry == "":
	case item.Key == "" && item.URL == renderlogin.NoURL:
		c.addf(field, "is for a single key or URL")
	case !named:
		c.addf(field, "is for dictionaries and for files that have names")
	case !payloadKey.MatchString(item.Entry):
		c.addf(field, "must match %s", payloadKey)
	}
}

// connection checks what an item says of its logins, for a file of those.
func (c *checker) connection(field string, format Format, connection renderlogin.Connection) {
	check := renderlogin.CheckPgpass
	switch format {
	case DockerConfig:
		check = renderlogin.CheckDockerConfig
	case Netrc:
		check = renderlogin.CheckNetrc
	default:
	}
	if err := check(connection); err != nil {
		c.addf(field, "%v", err)
	}
}

// lineProblem says why a text is not a bounded one of one line.
func lineProblem(text string, limit int) string {
	switch {
	case len(text) > limit:
		return fmt.Sprintf("is longer than %d bytes", limit)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return "must be UTF-8 without control characters"
	}
	return ""
}
