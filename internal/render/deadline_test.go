package render_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
)

// ending is a context that ends when it was looked at so often.
type ending struct {
	context.Context
	looks int
}

func (e *ending) Err() error {
	if e.looks--; e.looks < 0 {
		return context.DeadlineExceeded
	}
	return e.Context.Err()
}

// slow is a recipe of stores, each of so many entries under the longest password, and of templates.
func slow(stores, entries, templates int) render.Recipe {
	data := map[string]string{}
	for i := range entries {
		data[fmt.Sprint("k", i)] = "v"
	}
	var recipe render.Recipe
	for i := range stores {
		recipe.Items = append(recipe.Items, to(fileTo(render.HadoopCredentials, func(f *render.FileTarget) {
			f.Path = fmt.Sprint("store", i)
			f.Store = &render.StoreTarget{
				PasswordSecret: "pw", PasswordKey: "p", Password: plaintext.Payload{"p": text(strings.Repeat("p", 1024))},
			}
		}), all, holding(data)))
	}
	for i := range templates {
		recipe.Templates = append(recipe.Templates, render.Template{
			Text: "x", Target: render.Target{File: &render.FileTarget{Path: fmt.Sprint("template", i)}},
		})
	}
	return recipe
}

func TestRender_deadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	recipe := slow(16, 16, 200)
	began := time.Now()
	bundle, err := render.Render(ctx, recipe)
	t.Logf("a deadline of 50ms ended it after %v", time.Since(began))
	if !errors.Is(err, context.DeadlineExceeded) || !cmp.Equal(bundle, render.Bundle{}) {
		t.Errorf("Render = %v, want the error of the deadline", err)
	}
}

// TestRender_ends: within one store as between them.
func TestRender_ends(t *testing.T) {
	for _, recipe := range []render.Recipe{slow(1, 30, 0), slow(30, 1, 0), slow(0, 0, 30)} {
		bundle, err := render.Render(&ending{t.Context(), 25}, recipe)
		if !errors.Is(err, context.DeadlineExceeded) || !cmp.Equal(bundle, render.Bundle{}) {
			t.Errorf("Render = %v, want the error of the context, since it ended before there were 30", err)
		}
	}
	if _, err := render.Render(t.Context(), slow(1, 1, 1)); err != nil {
		t.Errorf("with time: %v", err)
	}
}

func TestRender_longPassword(t *testing.T) {
	recipe := slow(1, 1, 0)
	recipe.Items[0].File.Store.Password["p"] = text(strings.Repeat("p", 60_000))
	_, err := render.Render(t.Context(), recipe)
	if v := violations(err); len(v) != 1 || v[0].Field != "items[0].file" || !strings.Contains(v[0].Description, "password of the store is too long") {
		t.Errorf("Render = %v", err)
	}
}
