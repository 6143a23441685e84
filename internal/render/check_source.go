package render

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// Bounds of the plain values of templates.
const (
	maxValues     = 64
	maxValuesSize = 16 << 10
)

var sourceAlias = regexp.MustCompile(`^[A-Za-z_][-A-Za-z0-9_]{0,62}$`)

func (c *checker) sources(sources []Source) {
	for i, source := range sources {
		field := fmt.Sprintf("sources[%d]", i)
		c.keys(field+".keys", source.Keys)
		if !sourceAlias.MatchString(source.Alias) {
			c.addf(field+".context_alias", "must match %s", sourceAlias)
			continue
		}
		if _, taken := c.names.Secrets[source.Alias]; taken {
			c.addf(field+".context_alias", "another source is called %s", source.Alias)
		}
		c.names.Secrets[source.Alias] = slices.Clone(source.Keys)
	}
}

func (c *checker) values(values map[string]string) {
	if len(values) > maxValues {
		c.addf("values", "more than %d", maxValues)
		return
	}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(values)) {
		size += len(name) + len(values[name])
		switch {
		case !payloadKey.MatchString(name):
			c.addf("values", "the name %q does not match %s", name[:min(len(name), 64)], payloadKey)
		case !utf8.ValidString(values[name]):
			c.addf("values", "%s is not UTF-8", name)
		}
		c.names.Values = append(c.names.Values, name)
	}
	if size > maxValuesSize {
		c.addf("values", "larger than %d bytes together", maxValuesSize)
	}
}

func (c *checker) template(field string, t *Template) {
	c.target(field, &t.Target, true)
	if t.File != nil && t.File.Format != Raw {
		c.addf(field+".file.format", "a template makes RAW files only")
	}
	switch {
	case t.Dictionary == "":
		if t.Entry != "" {
			c.addf(field+".entry", "is for dictionaries only")
		}
	case !payloadKey.MatchString(t.Entry):
		c.addf(field+".entry", "must match %s", payloadKey)
	}
	compiled, err := rendertemplate.Compile(t.Engine, t.Text, c.names)
	if err != nil {
		c.addf(field+".text", "%v", err)
	}
	c.compiled = append(c.compiled, compiled)
}

// spark checks where Spark's configuration goes. Spark's expressions are Java's; those that Go cannot read are refused,
// since one that Java cannot read either would stop Spark.
func (c *checker) spark(spark Spark) {
	if spark.DefaultsPath != "" {
		if why := pathProblem(spark.DefaultsPath); why != "" {
			c.addf("spark.defaults_path", "%s", why)
		}
	}
	if why := lineProblem(spark.RedactionRegex, maxRedaction); why != "" {
		c.addf("spark.redaction_regex", "%s", why)
	} else if _, err := regexp.Compile(spark.RedactionRegex); err != nil {
		c.addf("spark.redaction_regex", "is not a regular expression that Coffer can check")
	} else if sparkValueProblem(spark.RedactionRegex) != "" || strings.TrimSpace(spark.RedactionRegex) != spark.RedactionRegex {
		c.addf("spark.redaction_regex", "would not reach Spark as it is: no ${…}, and no space around it")
	}
}
