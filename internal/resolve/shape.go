package resolve

import (
	"slices"

	"github.com/coffer-dev/coffer/internal/render"
)

// Shape is what Resolve would deliver besides the payload, without values. keys gives the names of the keys that the
// secret of a reference holds; nil: they are not known, or not for the caller.
func (d *Document) Shape(keys func(Reference) []string) render.Shape {
	var shape render.Shape
	secret := false
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
			u.list.shape(&shape, keys(u.Reference))
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

// shape adds what an item of DataOS delivers of a secret with these keys.
func (l *dataOS) shape(shape *render.Shape, keys []string) {
	switch {
	case len(l.keys) > 0:
		keys = slices.Compact(slices.Sorted(slices.Values(l.keys)))
	case keys == nil:
		keys = []string{render.HiddenName}
	}
	if l.consumption == asProperties {
		shape.Files = append(shape.Files, render.FileShape{Path: l.secret, Format: render.Properties, Mode: render.DefaultMode, Entries: keys})
	}
	for _, key := range keys {
		switch {
		case l.consumption != asVariables:
			shape.Files = append(shape.Files, render.FileShape{Path: l.secret + "_" + key, Format: render.Raw, Mode: render.DefaultMode})
		case key == render.HiddenName:
			shape.Env = append(shape.Env, key)
		default:
			shape.Env = append(shape.Env, render.AsIs.Name("", key))
		}
	}
}
