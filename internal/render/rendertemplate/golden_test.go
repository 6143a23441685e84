package rendertemplate_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

var update = flag.Bool("update", false, "write the golden files anew")

func value(s string) plaintext.Entry { return plaintext.Entry{Value: plaintext.New([]byte(s))} }

func data() rendertemplate.Data {
	return rendertemplate.Data{
		Secrets: map[string]rendertemplate.Secret{
			"db": {Payload: plaintext.Payload{
				"username": value("bob"), "host": value("db.example"), "port": value("5432"), "my-key": value("dashed"),
				"dotted.key": value("dotted"), "hostile": value("it's \"a\" $b\\ü #c & </d>\t%"), "lines": value("x\ny"),
				"binary": {Value: plaintext.New([]byte{0, 0xff}), Binary: true},
			}},
			"my-alias": {Payload: plaintext.Payload{"a": value("aliased")}},
			"few":      {Payload: plaintext.Payload{"a": value("1"), "b": value("2"), "c": value("3")}, Keys: []string{"a", "b"}},
			"maybe":    {Payload: plaintext.Payload{"there": value("here")}, Optional: true},
			"none":     {Optional: true},
			"encoded":  {Payload: plaintext.Payload{"user": value("bob"), "raw": {Value: plaintext.New([]byte{0}), Binary: true}}, Base64: true},
		},
		Values: map[string]string{"env": "prod", "list": "x,y", "with-dash": "w", "empty": ""},
	}
}

func names() rendertemplate.Names {
	d := data()
	n := rendertemplate.Names{Secrets: map[string][]string{}}
	for alias, s := range d.Secrets {
		n.Secrets[alias] = s.Keys
	}
	for name := range d.Values {
		n.Values = append(n.Values, name)
	}
	return n
}

// run is what a template yields, or else its error.
func run(t *testing.T, engine rendertemplate.Engine, text string) string {
	t.Helper()
	template, err := rendertemplate.Compile(engine, text, names())
	if err != nil {
		return err.Error()
	}
	v, err := template.Execute(t.Context(), data())
	again, againErr := template.Execute(t.Context(), data())
	if !plaintext.Equal(v, again) || (err == nil) != (againErr == nil) {
		t.Errorf("%s: two runs yield two things", text)
	}
	if err != nil {
		return err.Error()
	}
	return string(v.Reveal())
}

func TestExecute(t *testing.T) {
	for name, engine := range map[string]rendertemplate.Engine{"go": rendertemplate.Go, "liquid": rendertemplate.Liquid} {
		path := filepath.Join("testdata", name+".txtar")
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		golden := &txtar.Archive{Comment: archive.Comment}
		for i, f := range archive.Files {
			if filepath.Ext(f.Name) == ".out" {
				continue
			}
			got := run(t, engine, string(f.Data)) + "$\n" // the line end that txtar needs, made visible
			golden.Files = append(golden.Files, f, txtar.File{Name: f.Name + ".out", Data: []byte(got)})
			if *update {
				continue
			}
			if i+1 == len(archive.Files) || archive.Files[i+1].Name != f.Name+".out" {
				t.Errorf("%s: %s has no golden output", path, f.Name)
				continue
			}
			if diff := cmp.Diff(string(archive.Files[i+1].Data), got); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", path, f.Name, diff)
			}
		}
		if *update {
			if err := os.WriteFile(path, txtar.Format(golden), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestExecute_none(t *testing.T) {
	text := "{{ as }} {% it is"
	if got := run(t, rendertemplate.None, text); got != text {
		t.Errorf("got %q, want %q", got, text)
	}
}
