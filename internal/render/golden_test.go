package render_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/render/renderlogin"
	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
)

// goldenRecipe is the input of a golden file. Its names are those of the API.
type goldenRecipe struct {
	Secrets map[string]goldenSecret
	Items   []struct {
		goldenTarget
		Secret, Key, URL  string
		Keys              []string
		AllKeys, Optional bool
		Connection        renderlogin.Connection
	}
	Sources []struct {
		Secret, ContextAlias string
		Keys                 []string
		Optional, Base64     bool
	}
	Values    map[string]string
	Templates []struct {
		goldenTarget
		Engine, Text string
	}
	Spark    render.Spark
	AllowEnv []string
}

type goldenSecret struct {
	Type   string
	Data   map[string]string
	Binary map[string][]byte
}

type goldenTarget struct {
	Entry           string
	Env, EnvCase    string
	EnvPrefix       *string
	Argument        *string
	Dictionary      string
	SparkConf       string
	SparkConfPrefix *string
	AllowTakeover   bool
	File            *goldenFile
}

type goldenFile struct {
	Path, Format, Owner, Section string
	Mode                         uint32
	Store                        *struct{ PasswordSecret, PasswordKey, Alias string }
}

func (g goldenRecipe) payload(secret string) (plaintext.Payload, []string) {
	s, ok := g.Secrets[secret]
	if !ok {
		return nil, nil
	}
	payload, keys := plaintext.Payload{}, []string{}
	for key, value := range s.Data {
		payload[key] = text(value)
	}
	for key, value := range s.Binary {
		payload[key] = binary(value)
	}
	return payload, slices.AppendSeq(keys, maps.Keys(payload))
}

func (g goldenRecipe) target(t goldenTarget) render.Target {
	out := render.Target{Argument: t.Argument, Dictionary: t.Dictionary, TakesOver: t.AllowTakeover}
	cases := map[string]render.Case{"LOWER": render.Lower, "AS_IS": render.AsIs, "CAMEL": render.Camel, "PASCAL": render.Pascal}
	switch {
	case t.Env != "":
		out.Env = &render.EnvTarget{Name: t.Env, Case: cases[t.EnvCase]}
	case t.EnvPrefix != nil:
		out.Env = &render.EnvTarget{Prefix: *t.EnvPrefix, Case: cases[t.EnvCase]}
	case t.SparkConf != "":
		out.SparkConf = &render.SparkConfTarget{Name: t.SparkConf}
	case t.SparkConfPrefix != nil:
		out.SparkConf = &render.SparkConfTarget{Prefix: *t.SparkConfPrefix}
	case t.File != nil:
		out.File = &render.FileTarget{
			Path: t.File.Path, Format: formatNamed(t.File.Format), Mode: t.File.Mode, Owner: t.File.Owner, Section: t.File.Section,
		}
		if s := t.File.Store; s != nil {
			password, _ := g.payload(s.PasswordSecret)
			out.File.Store = &render.StoreTarget{
				PasswordSecret: s.PasswordSecret, PasswordKey: s.PasswordKey, Alias: s.Alias, Password: password,
			}
		}
	}
	return out
}

func (g goldenRecipe) recipe() render.Recipe {
	styles := map[string]renderlogin.Style{
		"JDBC": renderlogin.JDBC, "SQLALCHEMY": renderlogin.SQLAlchemy, "ODBC": renderlogin.ODBC, "URI": renderlogin.URI,
	}
	engines := map[string]rendertemplate.Engine{"LIQUID": rendertemplate.Liquid, "NONE": rendertemplate.None}
	r := render.Recipe{Values: g.Values, Spark: g.Spark, AllowEnv: g.AllowEnv}
	for _, it := range g.Items {
		item := render.Item{
			SecretName: it.Secret, SecretType: g.Secrets[it.Secret].Type, Key: it.Key, Keys: it.Keys, AllKeys: it.AllKeys,
			URL: styles[it.URL], Connection: it.Connection, Entry: it.Entry, Optional: it.Optional, Target: g.target(it.goldenTarget),
		}
		item.Payload, item.KeyNames = g.payload(it.Secret)
		r.Items = append(r.Items, item)
	}
	for _, s := range g.Sources {
		source := render.Source{SecretName: s.Secret, Alias: s.ContextAlias, Keys: s.Keys, Optional: s.Optional, Base64: s.Base64}
		source.Payload, _ = g.payload(s.Secret)
		r.Sources = append(r.Sources, source)
	}
	for _, t := range g.Templates {
		r.Templates = append(r.Templates, render.Template{
			Engine: engines[t.Engine], Text: t.Text, Entry: t.Entry, Target: g.target(t.goldenTarget),
		})
	}
	return r
}

func formatNamed(name string) render.Format {
	f := render.Raw
	for name != "" && f <= render.Pgpass && f.String() != name {
		f++
	}
	return f
}

func text(s string) plaintext.Entry { return plaintext.Entry{Value: plaintext.New([]byte(s))} }

func binary(b []byte) plaintext.Entry {
	return plaintext.Entry{Value: plaintext.New(b), Binary: true}
}

func violations(err error) []render.Violation {
	if invalid, ok := errors.AsType[*render.InvalidError](err); ok {
		return invalid.Violations
	}
	return nil
}

// describe is the bundle, or the error, as the files of a golden archive.
func describe(bundle render.Bundle, err error) []txtar.File {
	var files []txtar.File
	add := func(name string, lines []string) {
		if len(lines) > 0 {
			files = append(files, txtar.File{Name: name, Data: []byte(strings.Join(lines, "\n") + "\n")})
		}
	}
	if err != nil {
		lines := []string{err.Error()}
		if v := violations(err); v != nil {
			lines = nil
			for _, v := range v {
				lines = append(lines, v.Field+": "+v.Description)
			}
		}
		add("error", lines)
		return files
	}
	var lines []string
	for _, v := range bundle.Env {
		lines = append(lines, fmt.Sprintf("%s=%q", v.Name, v.Value.Reveal()))
	}
	add("env", lines)
	lines = nil
	for _, v := range bundle.Arguments {
		lines = append(lines, fmt.Sprintf("%q", v.Reveal()))
	}
	add("arguments", lines)
	for _, d := range bundle.Dictionaries {
		add("dictionary "+d.Name, linesOf(d.Entries))
	}
	add("spark conf", linesOf(bundle.SparkConf))
	for _, f := range bundle.Files {
		content := f.Content.Reveal()
		if !utf8.Valid(content) {
			content = []byte("base64 " + base64.StdEncoding.EncodeToString(content))
		}
		files = append(files, txtar.File{Name: strings.TrimSpace(fmt.Sprintf("%s %04o %s", f.Path, f.Mode, f.Owner)), Data: content})
	}
	return files
}

func linesOf(all []render.Property) []string {
	var lines []string
	for _, p := range all {
		lines = append(lines, fmt.Sprintf("%s=%q", p.Name, p.Value.Reveal()))
	}
	return lines
}

// describeShape is the shape, one thing a line.
func describeShape(shape render.Shape, err error) txtar.File {
	var b bytes.Buffer
	if err != nil {
		fmt.Fprintf(&b, "%v\n", err)
		return txtar.File{Name: "shape", Data: b.Bytes()}
	}
	for _, name := range shape.Env {
		fmt.Fprintf(&b, "env %s\n", name)
	}
	for _, f := range shape.Files {
		fmt.Fprintf(&b, "file %s %v %04o %q %q\n", f.Path, f.Format, f.Mode, f.Owner, f.Entries)
	}
	for _, text := range shape.Arguments {
		fmt.Fprintf(&b, "argument %q\n", text)
	}
	for _, d := range shape.Dictionaries {
		fmt.Fprintf(&b, "dictionary %s %q\n", d.Name, d.Entries)
	}
	for _, name := range shape.SparkConf {
		fmt.Fprintf(&b, "spark %s\n", name)
	}
	return txtar.File{Name: "shape", Data: b.Bytes()}
}

// TestRender_golden compares what is rendered with testdata/golden; COFFER_TEST_UPDATE=1 writes that anew, to be read.
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
			var in goldenRecipe
			dec := json.NewDecoder(bytes.NewReader(archive.Files[0].Data))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&in); err != nil {
				t.Fatalf("items.json: %v", err)
			}
			want := archive.Files[1:]
			archive.Files = append(archive.Files[:1:1], describe(render.Render(t.Context(), in.recipe()))...)
			archive.Files = append(archive.Files, describeShape(render.ShapeOf(in.recipe())))
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
