package resolve

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
)

// Resolve puts values in the place of references: all, or none. It asks find once for each reference without a Problem;
// find returns ErrUnresolved where there is nothing for the caller, ErrBackend where that cannot be known, and any other
// error ends it. Otherwise errors are *UnresolvedError, ErrTooLarge and ErrTooMuch.
func (d *Document) Resolve(ctx context.Context, find func(Reference) (Found, error)) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	r := resolution{doc: d, problems: map[int]string{}, found: make([]Found, len(d.uses)), values: make([]string, len(d.uses))}
	for i, u := range d.uses {
		if u.Problem != "" {
			r.problems[i] = u.Problem
			continue
		}
		if u.output != nil {
			continue
		}
		found, err := find(u.Reference)
		switch {
		case errors.Is(err, ErrUnresolved):
			r.problems[i] = ErrUnresolved.Error()
		case errors.Is(err, ErrBackend):
			r.problems[i] = ErrBackend.Error()
		case err != nil:
			return Result{}, err
		default:
			r.take(i, found)
		}
	}
	if err := r.runTemplates(ctx); err != nil {
		return Result{}, err
	}
	return r.result(ctx)
}

// resolution is one run of Resolve.
type resolution struct {
	doc      *Document
	problems map[int]string // by index of the use
	found    []Found        // by use, with those keys alone that it delivers
	values   []string       // by use; empty for lists of DataOS
	texts    []string       // by edit
}

// take keeps what a use delivers of a secret.
func (r *resolution) take(i int, found Found) {
	if list := r.doc.uses[i].list; list != nil {
		r.takeList(i, list, found)
		return
	}
	key := found.Name.Key
	if key == "" && len(found.Payload) > 1 {
		r.problems[i] = severalKeys
		return
	}
	for only := range found.Payload {
		if key == "" {
			key = only
		}
	}
	entry, ok := found.Payload[key]
	if !ok {
		r.problems[i] = ErrUnresolved.Error()
		return
	}
	r.found[i] = Found{Name: found.Name, Payload: plaintext.Payload{key: entry}}
	if entry.Binary {
		r.values[i] = base64.StdEncoding.EncodeToString(entry.Value.Reveal())
	} else {
		r.values[i] = string(entry.Value.Reveal())
	}
	if !utf8.ValidString(r.values[i]) {
		r.problems[i] = "the value is stored as text but is not UTF-8"
	}
}

// takeList keeps what an item of DataOS delivers of a secret.
func (r *resolution) takeList(i int, list *dataOS, found Found) {
	keys, problem := list.pick(kept(found.Name.Secret, found.Annotations), slices.Sorted(maps.Keys(found.Payload)))
	if problem != "" {
		r.problems[i] = problem
		return
	}
	picked := plaintext.Payload{}
	for _, key := range keys {
		picked[key] = found.Payload[key]
	}
	r.found[i] = Found{found.Name, picked, found.Annotations}
}

const severalKeys = "the secret has several keys, and which one is not said"

func (r *resolution) result(ctx context.Context) (Result, error) {
	size := len(r.doc.source)
	for _, e := range r.doc.edits {
		for _, s := range e.segments {
			if s.use >= 0 {
				size += len(r.values[s.use])
			}
		}
		if size > render.MaxBundle {
			return Result{}, errTooManyBytes
		}
		r.texts = append(r.texts, e.text(r.values))
	}
	bundle, err := r.bundle(ctx)
	if err != nil {
		return Result{}, err
	}
	if err := r.unresolved(); err != nil {
		return Result{}, err
	}
	payload := r.doc.splice(r.texts)
	if len(payload)+sizeOf(bundle) > render.MaxBundle {
		return Result{}, errTooManyBytes
	}
	return Result{plaintext.New([]byte(payload)), bundle, r.doc.takeovers()}, nil
}

// bundle delivers what the payload sets itself, and over that what secrets do. Problems found are left in r.problems.
func (r *resolution) bundle(ctx context.Context) (render.Bundle, error) {
	variables := r.variables()
	if len(r.problems) > 0 {
		return render.Bundle{}, nil
	}
	if len(variables.items) > render.MaxItems {
		return render.Bundle{}, fmt.Errorf("%w: more than %d variables, files and lists of secrets", ErrTooLarge, render.MaxItems)
	}
	bundle, err := render.Render(ctx, render.Recipe{Items: variables.items})
	if invalid, ok := errors.AsType[*render.InvalidError](err); ok {
		return render.Bundle{}, variables.explain(r, invalid)
	} else if err != nil {
		return render.Bundle{}, err
	}
	set := map[string]bool{}
	for _, v := range bundle.Env {
		set[v.Name] = true
	}
	for _, s := range r.doc.env {
		if _, secret := s.use(); !secret && !set[s.name] {
			bundle.Env = append(bundle.Env, render.EnvVar{Name: s.name, Value: plaintext.New([]byte(r.value(s)))})
		}
	}
	bundle.SparkConf = r.spark(slices.Sorted(maps.Keys(set)))
	return bundle, nil
}

// value is what a setting of the payload sets.
func (r *resolution) value(s setting) string {
	if s.edit == nil {
		return s.value
	}
	return r.texts[slices.Index(r.doc.edits, s.edit)]
}

// unresolved is the error that names all problems, if there are any.
func (r *resolution) unresolved() error {
	if len(r.problems) == 0 {
		return nil
	}
	unresolved := &UnresolvedError{}
	for _, i := range slices.Sorted(maps.Keys(r.problems)) {
		unresolved.Problems = append(unresolved.Problems, Problem{r.doc.uses[i].Reference, r.problems[i]})
	}
	return unresolved
}

func sizeOf(b render.Bundle) int {
	n := 0
	for _, v := range b.Env {
		n += len(v.Name) + v.Value.Len()
	}
	for _, f := range b.Files {
		n += len(f.Path) + f.Content.Len()
	}
	for _, a := range b.Arguments {
		n += a.Len()
	}
	for _, d := range b.Dictionaries {
		n += len(d.Name)
		b.SparkConf = append(b.SparkConf, d.Entries...)
	}
	for _, p := range b.SparkConf {
		n += len(p.Name) + p.Value.Len()
	}
	return n
}
