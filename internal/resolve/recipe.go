package resolve

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
)

// recipe is what secrets set in variables and files, for the renderer to check and to write.
type recipe struct {
	items []render.Item
	uses  []int // by item, which one it is for

	delivered map[string]plaintext.Value // by variables and paths, what references of DataOS deliver
}

func (c *recipe) add(use int, item render.Item) {
	c.items, c.uses = append(c.items, item), append(c.uses, use)
}

// variables are the variables and files that secrets set.
func (r *resolution) variables() recipe {
	var c recipe
	objects := map[string]bool{}
	for i, u := range r.doc.uses {
		switch {
		case u.list != nil:
			if r.problems[i] != "" {
				continue
			}
			if problem := c.mount(i, u.list, r.found[i]); problem != "" {
				r.problems[i] = problem
			}
		case u.output != nil:
			c.add(i, u.output.item(r.values[i]))
		case u.env != "" && objects[u.env]:
			r.problems[i] = "another reference sets the same variable"
		case u.env != "":
			objects[u.env] = true
			c.addText(i, u.env, r.found[i].Name.Secret, r.values[i])
		}
	}
	for _, s := range r.doc.env {
		if use, ok := s.use(); ok && !objects[s.name] {
			c.addText(use, s.name, r.found[use].Name.Secret, r.value(s))
		}
	}
	return c
}

// addText sets a variable to a text that a secret is part of.
func (c *recipe) addText(use int, name, secret, text string) {
	const key = "value"
	c.add(use, render.Item{
		SecretName: secret, Key: key, Payload: plaintext.Payload{key: {Value: plaintext.New([]byte(text))}},
		Target: render.Target{Env: &render.EnvTarget{Name: name}},
	})
}

var itemField = regexp.MustCompile(`items\[(\d+)\]`)

// explain tells what the renderer finds wrong with items as problems of the references that they are for. What it finds
// wrong with the whole, one of its bounds, is an error.
func (c *recipe) explain(r *resolution, invalid *render.InvalidError) error {
	for _, v := range invalid.Violations {
		m := itemField.FindStringSubmatch(v.Field)
		if m == nil {
			return fmt.Errorf("%w: %s", ErrTooLarge, v.Description)
		}
		i, _ := strconv.Atoi(m[1])
		r.problems[c.uses[i]] = itemField.ReplaceAllStringFunc(v.Description, func(field string) string {
			i, _ := strconv.Atoi(itemField.FindStringSubmatch(field)[1])
			return r.doc.uses[c.uses[i]].Place
		})
	}
	return nil
}

// sparkName is wider than what Spark knows, since IOMETE takes other properties too, and has nothing that would need an
// escape in an expression.
var sparkName = regexp.MustCompile(`^[-_.A-Za-z0-9]{1,512}$`)

const redaction = "spark.redaction.regex"

// spark is Spark's configuration. What it redacts is widened to what secrets set, variables among it.
func (r *resolution) spark(variables []string) []render.Property {
	conf := map[string]string{}
	for _, s := range r.doc.spark {
		if _, secret := s.use(); !secret {
			conf[s.name] = r.value(s)
		}
	}
	var secret []string
	objects := map[string]bool{}
	set := func(use int, name, value string) {
		switch {
		case !sparkName.MatchString(name):
			r.problems[use] = fmt.Sprintf("the property does not match %s", sparkName)
		case slices.Contains(secret, name):
			r.problems[use] = "another reference sets the same property"
		default:
			if why := render.SparkProblem(name, value); why != "" {
				r.problems[use] = "the property " + why
			}
			secret = append(secret, name)
			conf[name] = value
		}
	}
	for i, u := range r.doc.uses {
		if u.spark != "" {
			objects[u.spark] = true
			set(i, u.spark, r.values[i])
		}
	}
	for _, s := range r.doc.spark {
		if use, ok := s.use(); ok && !objects[s.name] {
			set(use, s.name, r.value(s))
		}
	}
	if len(conf) > 0 && len(secret)+len(variables) > 0 {
		slices.Sort(secret)
		conf[redaction] = render.RedactionRegex(conf[redaction], slices.Concat(variables, secret))
	}
	properties := make([]render.Property, 0, len(conf))
	for _, name := range slices.Sorted(maps.Keys(conf)) {
		properties = append(properties, render.Property{Name: name, Value: plaintext.New([]byte(conf[name]))})
	}
	return properties
}
