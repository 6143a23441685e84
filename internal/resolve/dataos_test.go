package resolve_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/resolve"
)

var update = flag.Bool("update", false, "write the golden files anew")

// secret is one that a golden file has.
type secret struct {
	Type   string            // of DataOS
	Data   map[string]string // texts
	Binary map[string]string // bytes
	Files  map[string]string // base names
}

func (s secret) found(name resolve.Name) resolve.Found {
	f := resolve.Found{Name: name, Payload: payload(s.Data), Annotations: map[string]string{}}
	for key, value := range s.Binary {
		f.Payload[key] = plaintext.Entry{Value: plaintext.New([]byte(value)), Binary: true}
	}
	if s.Type != "" {
		f.Annotations[naming.DataOSType] = s.Type
	}
	if s.Files != nil {
		files, _ := json.Marshal(s.Files)
		f.Annotations[naming.DataOSFiles] = string(files)
	}
	return f
}

// Each form of manifest that refers to secrets, as it is published, yields what the platform would mount. In a golden file
// are the manifest, the secrets that there are, by namespace and name, and what is found and delivered.
func TestDataOSManifests(t *testing.T) {
	paths, err := filepath.Glob("testdata/dataos/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("golden files: %v, %v", paths, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			manifest, secrets := string(archive.Files[0].Data), map[string]secret{}
			if err := yaml.Unmarshal(archive.Files[1].Data, &secrets); err != nil {
				t.Fatal(err)
			}
			got := describe(t, manifest, secrets)
			if *update {
				archive.Files = append(archive.Files[:2], txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(archive.Files[2].Data), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// describe tells what a manifest refers to and what it delivers, and checks that its shape tells the same names.
func describe(t *testing.T, manifest string, secrets map[string]secret) string {
	t.Helper()
	config := resolve.Config{DataOS: naming.DataOS{Workspaces: map[string]string{"public": "shared"}, Tenants: map[string]string{"acme": "acme-prod"}}}
	d, err := resolve.Parse(manifest, config)
	if err != nil {
		return fmt.Sprintf("not read: %v\n", err)
	}
	find := func(r resolve.Reference) (resolve.Found, error) {
		for _, name := range r.Names {
			if s, ok := secrets[name.Namespace+"/"+name.Secret]; ok {
				return s.found(name), nil
			}
		}
		return resolve.Found{}, resolve.ErrUnresolved
	}
	var b strings.Builder
	for _, r := range d.References() {
		fmt.Fprintf(&b, "reference %s", r.Place)
		for _, name := range r.Names {
			fmt.Fprintf(&b, " %s/%s", name.Namespace, name.Secret)
		}
		b.WriteString("\n")
	}
	r, err := d.Resolve(t.Context(), find)
	if err != nil {
		fmt.Fprintf(&b, "not delivered: %v\n", err)
		return b.String()
	}
	if got := string(r.Payload.Reveal()); got != manifest {
		t.Errorf("the manifest is changed: %s", cmp.Diff(manifest, got))
	}
	var env, files []string
	for _, v := range r.Bundle.Env {
		fmt.Fprintf(&b, "env %s = %q\n", v.Name, v.Value.Reveal())
		env = append(env, v.Name)
	}
	for _, f := range r.Bundle.Files {
		fmt.Fprintf(&b, "file %s = %q\n", f.Path, f.Content.Reveal())
		files = append(files, f.Path)
	}
	for _, a := range r.Bundle.Arguments {
		fmt.Fprintf(&b, "argument %q\n", a.Reveal())
	}
	for _, dictionary := range r.Bundle.Dictionaries {
		for _, entry := range dictionary.Entries {
			fmt.Fprintf(&b, "dictionary %s: %s = %q\n", dictionary.Name, entry.Name, entry.Value.Reveal())
		}
	}
	shape := d.Shape(func(r resolve.Reference) ([]string, map[string]string) {
		found, err := find(r)
		if errors.Is(err, resolve.ErrUnresolved) {
			return nil, nil
		}
		return slices.Sorted(maps.Keys(found.Payload)), found.Annotations
	})
	checkShape(t, shape, env, files)
	return b.String()
}

func checkShape(t *testing.T, shape render.Shape, env, files []string) {
	t.Helper()
	var paths []string
	for _, f := range shape.Files {
		paths = append(paths, f.Path)
	}
	for _, names := range []*[]string{&env, &files, &paths} {
		slices.Sort(*names)
	}
	if diff := cmp.Diff([][]string{env, files}, [][]string{shape.Env, paths}); diff != "" {
		t.Errorf("Shape names others than Resolve delivers (-delivered +named):\n%s", diff)
	}
}

// What stands elsewhere, and would name secrets here, is refused: nobody would see it.
func TestDataOS_sharedIsRefused(t *testing.T) {
	const head = "name: a\nversion: v1\ntype: service\nx: &x {imagePullSecret: p, secretId: n_r, secret: [], secrets: []}\n"
	const alias, merge = "line 5: an alias stands where secrets are delivered: write it out", "line 5: a merged mapping stands where secrets are delivered: write it out"
	for in, want := range map[string]string{
		"stackSpec: *x\n":                            alias,
		"stackSpec: {<<: *x}\n":                      merge,
		"y: {repo: *x}\n":                            alias,
		"storage: {<<: *x}\n":                        merge,
		"projection: *x\n":                           alias,
		"projection: {secrets: [{id: a}, *x]}\n":     alias,
		"storage: {secret: *x}\n":                    alias,
		"stackSpec: {imagePullSecret: *x}\n":         alias,
		"repo: {secretId: *x}\n":                     alias,
		"storage: {secret: [{name: a}, {<<: *x}]}\n": merge,
	} {
		if _, err := resolve.Parse(head+in, resolve.Config{}); err == nil || err.Error() != want {
			t.Errorf("Parse(%q) = %v, want %q", in, err, want)
		}
	}
	if _, err := resolve.Parse(head+"stackSpec: {resources: *x, y: {<<: *x}}\nrepo: {flags: *x}\n", resolve.Config{}); err != nil {
		t.Errorf("what names no secret is refused: %v", err)
	}
}

func TestConfig(t *testing.T) {
	const payload = `{"envSecrets": [{"key": "A", "secretObject": {"key": "k", "source": {"type": "VAULT", "id": "v-1"}}},
		{"key": "B", "secretObject": {"key": "k", "source": {"type": "KUBERNETES", "id": "Sales EU"}}},
		{"key": "C", "secretObject": {"key": "k", "source": {"type": "KUBERNETES", "id": "instance"}}}],
		"storageSecret": {"key": "k"}, "x": "${secrets.k}"}`
	off := "references of this form are off: features.secretsV2.enabled is false"
	none := "its source is VAULT, and no such backend is configured"
	object := func(text string, of resolve.Reference) resolve.Reference {
		of.Text, of.Kind = text, resolve.Object
		return of
	}
	for _, c := range []struct {
		name   string
		config resolve.Config
		want   []resolve.Reference
	}{
		{"nothing", resolve.Config{}, []resolve.Reference{
			{Problem: none},
			{Names: []resolve.Name{{Namespace: "__sales__20-__e__u", Secret: "k"}}},
			{Names: []resolve.Name{{Namespace: "instance", Secret: "k"}}},
			{Names: []resolve.Name{{Secret: "k"}}},
		}},
		{"a backend", resolve.Config{Backend: true}, []resolve.Reference{
			{Backend: "v-1", Names: []resolve.Name{{Key: "k"}}},
			{Names: []resolve.Name{{Namespace: "__sales__20-__e__u", Secret: "k"}}},
			{Names: []resolve.Name{{Namespace: "instance", Secret: "k"}}},
			{Names: []resolve.Name{{Secret: "k"}}},
		}},
		{"the second form off", resolve.Config{Backend: true, ObjectsOff: true}, []resolve.Reference{{Problem: off}, {Problem: off}, {Problem: off}, {Problem: off}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := resolve.Parse(payload, c.config)
			if err != nil {
				t.Fatal(err)
			}
			var want []resolve.Reference
			for i, place := range []string{"/envSecrets/0/secretObject", "/envSecrets/1/secretObject", "/envSecrets/2/secretObject", "/storageSecret"} {
				c.want[i].Place = place
				want = append(want, object("k", c.want[i]))
			}
			want = append(want, resolve.Reference{Place: "/x", Text: "${secrets.k}", Kind: resolve.Secrets, Names: []resolve.Name{{Secret: "k"}}})
			if diff := cmp.Diff(want, d.References()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for id, want := range map[string]string{"a/b": "source.id is not the ID of a backend", "": "source.id is not the ID of a backend"} {
		d, err := resolve.Parse(`{"storageSecret": {"key": "k", "source": {"type": "VAULT", "id": "`+id+`"}}}`, resolve.Config{Backend: true})
		if err != nil || d.References()[0].Problem != want {
			t.Errorf("the backend %q: %v, %v, want %q", id, d.References(), err, want)
		}
	}
}
