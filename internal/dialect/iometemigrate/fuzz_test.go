package iometemigrate_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/coffer-dev/coffer/internal/dialect/iometemigrate"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/resolve"
)

// delivered is what a payload delivers where each secret's value is its name. ok is false where it does not resolve.
func delivered(t *testing.T, payload []byte) (env, spark map[string]string, ok bool) {
	document, err := resolve.Parse(string(payload), resolve.Config{})
	if err != nil {
		return nil, nil, false
	}
	result, err := document.Resolve(t.Context(), func(r resolve.Reference) (resolve.Found, error) {
		name := r.Names[0]
		return resolve.Found{Name: name, Payload: plaintext.Payload{"value": {Value: plaintext.New([]byte("value of " + name.Secret))}}}, nil
	})
	if err != nil {
		return nil, nil, false
	}
	env = map[string]string{}
	for _, v := range result.Bundle.Env {
		env[v.Name] = string(v.Value.Reveal())
	}
	return env, propertiesOf(result.Bundle.SparkConf), true
}

func propertiesOf(properties []render.Property) map[string]string {
	of := map[string]string{}
	for _, p := range properties {
		of[p.Name] = string(p.Value.Reveal())
	}
	return of
}

// Whatever is read: what is written can be read, delivers the same, and is as it was where nothing moved; and writing it
// again changes nothing.
func FuzzMigrate(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		result, err := iometemigrate.Migrate(slices.Clone(payload), located)
		if err != nil {
			if result.Output != nil {
				t.Fatalf("an error with an output: %v", err)
			}
			return
		}
		if len(result.Moved) == 0 {
			if !bytes.Equal(result.Output, payload) || len(result.Diff("f")) > 0 {
				t.Fatalf("nothing moved, and the output is %q", result.Output)
			}
			return
		}
		again, err := iometemigrate.Migrate(result.Output, located)
		if err != nil || len(again.Moved) > 0 || !bytes.Equal(again.Output, result.Output) {
			t.Fatalf("Migrate(%q) = %q; again: %+v, %v", payload, result.Output, again, err)
		}
		env, spark, ok := delivered(t, payload)
		if !ok {
			return
		}
		gotEnv, gotSpark, ok := delivered(t, result.Output)
		if diff := cmp.Diff(env, gotEnv) + cmp.Diff(spark, gotSpark); !ok || diff != "" {
			t.Fatalf("Migrate(%q) = %q delivers otherwise (%v, -before +after):\n%s", payload, result.Output, ok, diff)
		}
	})
}
