package render_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
)

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
