package delivery_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/delivery"
)

// Whatever bundles follow each other, a reader finds the last one and nothing else.
func TestDir_model(t *testing.T) {
	parent := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(parent, "") //nolint:usetesting // one for each check
		if err != nil {
			t.Fatal(err)
		}
		d, err := delivery.Open(filepath.Join(dir, "secrets"), 0)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = d.Remove() }()
		var inForce map[string]string // nil: none
		for range rapid.IntRange(1, 8).Draw(t, "bundles") {
			switch rapid.IntRange(0, 5).Draw(t, "then") {
			case 0:
				if err := d.Clear(); err != nil {
					t.Fatal(err)
				}
				inForce = nil
			case 1:
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
				if d, err = delivery.Open(d.Path(), 0); err != nil {
					t.Fatal(err)
				}
			}
			// One name may be a file in one bundle and a directory in the next.
			want := map[string]string{}
			var files []*delivery.File
			for _, name := range []string{"a", "b", ".c"} {
				shape := rapid.SampledFrom([][]string{nil, {""}, {"/x"}, {"/x", "/y/z"}}).Draw(t, name)
				for _, below := range shape {
					f := file(name+below, rapid.StringN(0, 3, 8).Draw(t, "content"))
					f.Mode = rapid.SampledFrom([]uint32{0o400, 0o440, 0o600}).Draw(t, "mode")
					files = append(files, f)
					want[f.GetPath()] = fmt.Sprintf("%o %s", f.GetMode(), f.GetContent())
				}
			}
			changed, err := d.Write(files)
			if err != nil {
				t.Fatalf("Write(%v): %v", files, err)
			}
			if wantChanged := inForce == nil || !cmp.Equal(inForce, want); changed != wantChanged {
				t.Fatalf("Write = %t over %v, want %t for %v", changed, inForce, wantChanged, want)
			}
			inForce = want
		}
		if diff := cmp.Diff(inForce, seen(t, d.Path())); diff != "" {
			t.Fatalf("in the directory (-want +got):\n%s", diff)
		}
	})
}
