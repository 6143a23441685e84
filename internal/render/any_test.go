package render_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// Names that the recipes of TestRender_anyRecipe are made of: few, so that they collide, and some refused.
var (
	anyKey     = rapid.SampledFrom([]string{"a", "A", "b", "a.b", "a-b", "username", "password", "host", "path", ".dockerconfigjson", "a b"})
	anyPath    = rapid.SampledFrom([]string{"f", "g", "f/g", "h/i", "../f"})
	anyValue   = rapid.OneOf(rapid.SampledFrom([]string{"v", "w x"}), rapid.StringOfN(rapid.SampledFrom([]rune(hostile)), 0, 3, -1))
	anySection = rapid.SampledFrom([]string{"", "", "x", "DEFAULT", "]"})
)

// some draws nothing most of the time.
func some[T any](t *rapid.T, label string, value *rapid.Generator[T]) T {
	var none T
	return rapid.OneOf(rapid.Just(none), rapid.Just(none), rapid.Just(none), value).Draw(t, label)
}

func anyTarget(t *rapid.T) render.Target {
	target := render.Target{TakesOver: rapid.Bool().Draw(t, "takes over")}
	switch rapid.IntRange(0, 9).Draw(t, "target") {
	case 0:
		target.Env = &render.EnvTarget{Name: rapid.SampledFrom([]string{"A", "B", "PATH"}).Draw(t, "env")}
	case 1:
		target.Env = &render.EnvTarget{
			Prefix: rapid.SampledFrom([]string{"", "X_", "LD_"}).Draw(t, "prefix"), Case: render.Case(rapid.IntRange(0, 5).Draw(t, "case")),
		}
	case 2:
		text := rapid.SampledFrom([]string{"", "-a", "--b="}).Draw(t, "argument")
		target.Argument = &text
	case 3:
		target.Dictionary = rapid.SampledFrom([]string{"d", "e"}).Draw(t, "dictionary")
	case 4:
		target.SparkConf = &render.SparkConfTarget{Name: rapid.SampledFrom([]string{"spark.a", "spark.x.b", "spark.jars"}).Draw(t, "property")}
	case 5:
		target.SparkConf = &render.SparkConfTarget{Prefix: rapid.SampledFrom([]string{"", "spark.x."}).Draw(t, "property prefix")}
	default:
		target.File = &render.FileTarget{
			Path: anyPath.Draw(t, "path"), Format: render.Format(rapid.IntRange(0, 14).Draw(t, "format")),
			Mode: some(t, "mode", rapid.SampledFrom([]uint32{0o400, 0o640, 0o4755})), Section: anySection.Draw(t, "section"),
			Owner: some(t, "owner", rapid.SampledFrom([]string{"app", ":"})),
		}
		if rapid.Bool().Draw(t, "store") {
			target.File.Store = &render.StoreTarget{
				PasswordSecret: "pw", PasswordKey: "p", Password: plaintext.Payload{"p": text("changeit")},
			}
		}
	}
	return target
}

func anyItem(t *rapid.T) render.Item {
	item := render.Item{
		SecretName: rapid.SampledFrom([]string{"s", "t"}).Draw(t, "secret"), SecretType: "postgres", Target: anyTarget(t),
		Optional: rapid.Bool().Draw(t, "optional"), Entry: some(t, "entry", anyKey),
	}
	switch rapid.IntRange(0, 4).Draw(t, "selector") {
	case 0:
		item.Keys = rapid.SliceOfN(anyKey, 0, 3).Draw(t, "keys")
	case 1:
		item.AllKeys = true
	case 2:
		item.URL = renderlogin.Style(rapid.IntRange(0, 5).Draw(t, "url"))
	default:
		item.Key = anyKey.Draw(t, "key")
	}
	item.KeyNames = []string{}
	if rapid.IntRange(0, 5).Draw(t, "gone") > 0 {
		item.Payload = plaintext.Payload{}
		for key, value := range rapid.MapOfN(anyKey, anyValue, 1, -1).Draw(t, "payload") {
			item.Payload[key] = text(value)
		}
		item.KeyNames = slices.AppendSeq(item.KeyNames, maps.Keys(item.Payload))
	}
	return item
}

// TestRender_anyRecipe: whatever the recipe, nothing panics, Render refuses what Check refuses, the same recipe yields the
// same bundle, and its shape has the same names.
func TestRender_anyRecipe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		alone := func(item render.Item) bool { return render.Check(of(item)) == nil } // else few recipes would be rendered
		items := rapid.OneOf(rapid.Custom(anyItem).Filter(alone), rapid.Custom(anyItem).Filter(alone), rapid.Custom(anyItem))
		recipe := render.Recipe{Items: rapid.SliceOfN(items, 0, 4).Draw(t, "items"), AllowEnv: []string{"PATH"}}
		for range rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "templates") {
			recipe.Templates = append(recipe.Templates, render.Template{
				Engine: rendertemplate.None, Text: "text", Entry: some(t, "template's entry", anyKey), Target: anyTarget(t),
			})
		}
		recipe.Spark.DefaultsPath = some(t, "defaults", anyPath)
		refused := render.Check(recipe)
		bundle, err := render.Render(context.Background(), recipe)
		again, same := render.Render(context.Background(), recipe)
		if refused != nil && (err == nil || err.Error() != refused.Error()) {
			t.Fatalf("Render = %v, Check = %v", err, refused)
		}
		if diff := cmp.Diff(bundle, again, cmp.Comparer(plaintext.Equal)); diff != "" || (err == nil) != (same == nil) {
			t.Errorf("two runs differ: %v, %v\n%s", err, same, diff)
		}
		if err != nil {
			invalid, takeover := &render.InvalidError{}, &render.TakeoverError{}
			if !errors.As(err, &invalid) && !errors.As(err, &takeover) || !cmp.Equal(bundle, render.Bundle{}) {
				t.Errorf("Render = %+v, %v", bundle, err)
			}
			return
		}
		shape, err := render.ShapeOf(recipe)
		if err != nil {
			t.Fatalf("ShapeOf: %v", err)
		}
		for _, v := range bundle.Env {
			if !slices.Contains(shape.Env, v.Name) && !slices.Contains(shape.Env, render.HiddenName) {
				t.Errorf("the shape has no variable %s", v.Name)
			}
		}
		for _, f := range bundle.Files {
			if !slices.ContainsFunc(shape.Files, func(s render.FileShape) bool { return s.Path == f.Path && s.Mode == f.Mode && s.Owner == f.Owner }) {
				t.Errorf("the shape has no file %s", f.Path)
			}
		}
	})
}
