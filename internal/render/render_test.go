package render_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
)

// recipe is the input of a golden file.
type recipe struct {
	Secrets map[string]struct {
		Data   map[string]string
		Binary map[string][]byte
	}
	Items []struct {
		Secret, Key, Env  string
		AllKeys, Optional bool
		EnvPrefix         *string
		File              *struct {
			Path, Format string
			Mode         uint32
		}
	}
}

func (r recipe) items() []render.Item {
	var items []render.Item
	for _, it := range r.Items {
		item := render.Item{SecretName: it.Secret, Key: it.Key, AllKeys: it.AllKeys, Optional: it.Optional}
		switch {
		case it.File != nil:
			item.File = &render.FileTarget{Path: it.File.Path, Format: formatNamed(it.File.Format), Mode: it.File.Mode}
		case it.EnvPrefix != nil:
			item.Env = &render.EnvTarget{Prefix: *it.EnvPrefix}
		default:
			item.Env = &render.EnvTarget{Name: it.Env}
		}
		if secret, ok := r.Secrets[it.Secret]; ok {
			item.Payload = plaintext.Payload{}
			for key, value := range secret.Data {
				item.Payload[key] = text(value)
			}
			for key, value := range secret.Binary {
				item.Payload[key] = binary(value)
			}
		}
		items = append(items, item)
	}
	return items
}

func formatNamed(name string) render.Format {
	f := render.Raw
	for f <= render.Properties && f.String() != name {
		f++
	}
	return f
}

func text(s string) plaintext.Entry { return plaintext.Entry{Value: plaintext.New([]byte(s))} }

func binary(b []byte) plaintext.Entry {
	return plaintext.Entry{Value: plaintext.New(b), Binary: true}
}

// describe is the bundle, or the error, as the files of a golden archive.
func describe(bundle render.Bundle, err error) []txtar.File {
	if err != nil {
		var b strings.Builder
		for _, v := range violations(err) {
			fmt.Fprintf(&b, "%s: %s\n", v.Field, v.Description)
		}
		return []txtar.File{{Name: "error", Data: []byte(b.String())}}
	}
	var files []txtar.File
	if len(bundle.Env) > 0 {
		var b bytes.Buffer
		for _, v := range bundle.Env {
			fmt.Fprintf(&b, "%s=%q\n", v.Name, v.Value.Reveal())
		}
		files = append(files, txtar.File{Name: "env", Data: b.Bytes()})
	}
	for _, f := range bundle.Files {
		files = append(files, txtar.File{Name: fmt.Sprintf("%s %04o", f.Path, f.Mode), Data: f.Content.Reveal()})
	}
	return files
}

func violations(err error) []render.Violation {
	if invalid, ok := errors.AsType[*render.InvalidError](err); ok {
		return invalid.Violations
	}
	return nil
}

func TestRender_golden(t *testing.T) {
	paths, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var in recipe
			dec := json.NewDecoder(bytes.NewReader(archive.Files[0].Data))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&in); err != nil {
				t.Fatalf("items.json: %v", err)
			}
			want := archive.Files[1:]
			archive.Files = append(archive.Files[:1:1], describe(render.Render(t.Context(), of(in.items()...)))...)
			got := txtar.Parse(txtar.Format(archive)).Files[1:]
			if os.Getenv("COFFER_TEST_UPDATE") != "" {
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Render (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRender_rawIsExact(t *testing.T) {
	content := []byte("\x00\xff no newline at the end")
	for _, entry := range []plaintext.Entry{{Value: plaintext.New(content)}, binary(content)} {
		bundle, err := render.Render(t.Context(), of(render.Item{
			SecretName: "s", Key: "k", Payload: plaintext.Payload{"k": entry}, Target: render.Target{File: &render.FileTarget{Path: "f"}},
		}))
		if err != nil {
			t.Fatal(err)
		}
		if got := bundle.Files[0]; !bytes.Equal(got.Content.Reveal(), content) || got.Mode != render.DefaultMode {
			t.Errorf("Render = %q mode %o, want %q mode %o", got.Content.Reveal(), got.Mode, content, render.DefaultMode)
		}
	}
}

func TestRender_refusesValuesWithoutTellingThem(t *testing.T) {
	const canary = "cAnArY"
	env := &render.EnvTarget{Name: "V"}
	file := func(f render.Format) *render.FileTarget { return &render.FileTarget{Path: "f", Format: f} }
	tests := []struct {
		name, value string
		env         *render.EnvTarget
		file        *render.FileTarget
		field, want string
	}{
		{"NUL in a variable", canary + "\x00", env, nil, "items[0].env", "variable V contains a NUL"},
		{"not UTF-8 in a variable", canary + "\xff", env, nil, "items[0]", "not UTF-8"},
		{"not UTF-8 in JSON", canary + "\xff", nil, file(render.JSON), "items[0]", "not UTF-8"},
		{"NUL in dotenv", canary + "\x00", nil, file(render.Dotenv), "items[0].file.format", `key "k" of secret "s"`},
		{"CRLF in dotenv", canary + "\r\n", nil, file(render.Dotenv), "items[0].file.format", "another format"},
		{"last backslash in dotenv", canary + `\`, nil, file(render.Dotenv), "items[0].file.format", "another format"},
		{"quote and dollar in dotenv", canary + `'$`, nil, file(render.Dotenv), "items[0].file.format", "another format"},
		{"expansion and quote in dotenv", canary + "${x}", nil, file(render.Dotenv), "items[0].file.format", "another format"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bundle, err := render.Render(t.Context(), of(render.Item{
				SecretName: "s", Key: "k", Payload: plaintext.Payload{"k": text(tt.value)}, Target: render.Target{Env: tt.env, File: tt.file},
			}))
			v := violations(err)
			if len(v) != 1 || v[0].Field != tt.field || !strings.Contains(v[0].Description, tt.want) {
				t.Errorf("Render = %v, want one violation of %s saying %q", err, tt.field, tt.want)
			}
			if strings.Contains(fmt.Sprintf("%+v %v", bundle, err), canary) {
				t.Errorf("Render tells the value: %v", err)
			}
			if len(bundle.Env)+len(bundle.Files) != 0 {
				t.Errorf("Render gave a part of a bundle with the error %v", err)
			}
		})
	}
}

func TestRender_refusesForeignKeys(t *testing.T) {
	_, err := render.Render(t.Context(), of(render.Item{
		SecretName: "s", AllKeys: true, Payload: plaintext.Payload{"a=b\nc": text("v")},
		Target: render.Target{File: &render.FileTarget{Path: "f", Format: render.Properties}},
	}))
	if v := violations(err); len(v) != 1 || v[0].Field != "items[0]" {
		t.Errorf("Render = %v, want a violation of items[0]", err)
	}
}

func TestRender_bundleBound(t *testing.T) {
	item := func(i, n int) render.Item {
		return render.Item{
			SecretName: "s", Key: "k", Payload: plaintext.Payload{"k": binary(make([]byte, n))},
			Target: render.Target{File: &render.FileTarget{Path: string(rune('a' + i))}},
		}
	}
	items := []render.Item{item(0, render.MaxBundle/2-1), item(1, render.MaxBundle/2-1)}
	if _, err := render.Render(t.Context(), of(items...)); err != nil {
		t.Errorf("Render of just %d bytes: %v", render.MaxBundle, err)
	}
	items[1] = item(1, render.MaxBundle/2)
	_, err := render.Render(t.Context(), of(items...))
	if v := violations(err); len(v) != 1 || v[0].Field != "items" {
		t.Errorf("Render of %d bytes = %v, want a violation of items", render.MaxBundle+1, err)
	}
}
