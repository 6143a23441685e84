package resolve

import (
	"slices"

	"github.com/coffer-dev/coffer/internal/render"
)

// Shape is what Resolve would deliver besides the payload, without values. held gives the names of the keys that the secret
// of a reference holds, and its annotations; nil: they are not known, or not for the caller.
func (d *Document) Shape(held func(Reference) (keys []string, annotations map[string]string)) render.Shape {
	shape, outputs := d.outputs()
	secret := outputs
	for _, s := range d.env {
		_, uses := s.use()
		secret = secret || uses
		shape.Env = append(shape.Env, s.name)
	}
	for _, s := range d.spark {
		_, uses := s.use()
		secret = secret || uses
		shape.SparkConf = append(shape.SparkConf, s.name)
	}
	for _, u := range d.uses {
		switch {
		case u.list != nil:
			secret = secret || u.list.consumption == asVariables
			if len(u.Names) > 0 {
				keys, annotations := held(u.Reference)
				u.list.shape(&shape, u.Names[0].Secret, keys, annotations)
			}
		case u.env != "":
			secret = true
			shape.Env = append(shape.Env, u.env)
		case u.spark != "":
			secret = true
			shape.SparkConf = append(shape.SparkConf, u.spark)
		}
	}
	if secret && len(shape.SparkConf) > 0 {
		shape.SparkConf = append(shape.SparkConf, redaction)
	}
	for _, names := range []*[]string{&shape.Env, &shape.SparkConf} {
		slices.Sort(*names)
		*names = slices.Compact(*names)
	}
	return shape
}

// Missing names the references whose keys are not there, as Resolve would: an *UnresolvedError, or nil. found tells what a
// reference was found to mean, and which keys that has; nil: they are not known, or not for the caller.
func (d *Document) Missing(found func(Reference) (Found, []string)) error {
	r := resolution{doc: d, problems: map[int]string{}}
	for i, u := range d.uses {
		is, keys := found(u.Reference)
		if u.Problem != "" || keys == nil {
			continue
		}
		switch key := is.Name.Key; {
		case u.list != nil:
			if _, problem := u.list.pick(kept(is.Name.Secret, is.Annotations), keys); problem != "" {
				r.problems[i] = problem
			}
		case key == "" && len(keys) > 1:
			r.problems[i] = severalKeys
		case key == "" && len(keys) == 0, key != "" && !slices.Contains(keys, key):
			r.problems[i] = ErrUnresolved.Error()
		}
	}
	return r.unresolved()
}

// outputs is what the templates of projections deliver, and whether that sets variables.
func (d *Document) outputs() (shape render.Shape, variables bool) {
	var recipe render.Recipe
	for _, u := range d.uses {
		if u.output != nil && u.Problem == "" {
			recipe.Items = append(recipe.Items, u.output.item(""))
		}
	}
	if len(recipe.Items) > 0 {
		shape, _ = render.ShapeOf(recipe) // what is wrong with it is told by Resolve
	}
	return shape, len(shape.Env) > 0
}
