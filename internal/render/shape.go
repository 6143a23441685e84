package render

import (
	"slices"
	"strings"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// ShapeOf is the bundle that Render would make, as names without values, from what is known of the keys. Its errors are
// those that Render would give for the names known. It does not look at payloads, nor at AllowEnv.
func ShapeOf(recipe Recipe) (Shape, error) {
	if _, err := check(recipe, keysNamed); err != nil {
		return Shape{}, err
	}
	plan, err := planOf(recipe, keysNamed)
	if err != nil {
		return Shape{}, err
	}
	shape := Shape{Env: names(plan.env)}
	shape.SparkConf, _ = plan.sparkNames(recipe.Spark)
	for _, f := range plan.files {
		file := FileShape{Path: f.Path, Format: f.Format, Mode: f.Mode, Owner: f.Owner}
		switch {
		case len(f.parts) == 0:
			file.Entries = shape.SparkConf
		case f.Format != Raw:
			var all []slot
			for _, part := range f.parts {
				all = append(all, part.slots...)
			}
			file.Entries = names(all)
		}
		shape.Files = append(shape.Files, file)
	}
	slices.SortFunc(shape.Files, func(a, b FileShape) int { return strings.Compare(a.Path, b.Path) })
	for _, s := range plan.arguments {
		before, beginning := argument(s.name)
		shape.Arguments = append(shape.Arguments, append(before, beginning)...)
	}
	if recipe.Spark.Arguments {
		for _, name := range shape.SparkConf {
			shape.Arguments = append(shape.Arguments, sparkArgument, name+"=")
		}
	}
	for name, slots := range plan.dictionaries {
		shape.Dictionaries = append(shape.Dictionaries, DictionaryShape{Name: name, Entries: names(slots)})
	}
	slices.SortFunc(shape.Dictionaries, func(a, b DictionaryShape) int { return strings.Compare(a.Name, b.Name) })
	return shape, nil
}

// keysNamed are the keys that are named. No version has none.
func keysNamed(_ plaintext.Payload, names []string) ([]string, bool) {
	return slices.Sorted(slices.Values(names)), names != nil
}

// names are those of slots, sorted, each once.
func names(slots []slot) []string {
	var all []string
	for _, s := range slots {
		all = append(all, s.name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
