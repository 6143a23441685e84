package render_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/magiconair/properties"
	"gopkg.in/ini.v1"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
)

func TestRoundTrip_ini(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload, _ := writable(t, render.INI, payloads(0x10ffff).Draw(t, "payload"))
		checkINI(t, payload)
	})
}

// TestRoundTrip_iniShort is exhaustive where the property test is random.
func TestRoundTrip_iniShort(t *testing.T) {
	payload, _ := everyShort(t, render.INI, iniAlphabet)
	checkINI(t, payload)
}

const iniAlphabet = "'\"`\\ \t\n\r#;%(=:[]s)$A\u00e9\u2028"

func checkINI(t rapid.TB, payload plaintext.Payload) {
	t.Helper()
	file, err := ini.Load(fileOf(t, render.INI, payload))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, key := range file.Section("DEFAULT").Keys() {
		got[key.Name()] = key.String() // unlike Value, it replaces %(name)s
	}
	if diff := cmp.Diff(texts(payload, base64.StdEncoding.EncodeToString), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRoundTrip_iniSections(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		section := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune(hostile)), rapid.Rune())).Draw(t, "section")
		item := file("f")
		item.File.Format, item.File.Section, item.Payload = render.INI, section, plaintext.Payload{"k": text("v")}
		bundle, err := render.Render(context.Background(), of(item))
		if err != nil {
			if v := violations(err); len(v) != 1 || v[0].Field != "items[0].file.section" {
				t.Fatalf("Render with section %q: %v", section, err)
			}
			return
		}
		read, err := ini.Load(bundle.Files[0].Content.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		if got := read.Section(section).Key("k").String(); got != "v" {
			t.Errorf("section %q has k = %q, want v", section, got)
		}
	})
}

// readHadoop reads a configuration of Hadoop as maps of names, refusing anything that is not there.
func readHadoop(t rapid.TB, b []byte) map[string]string {
	t.Helper()
	var c struct {
		XMLName  xml.Name `xml:"configuration"`
		Property []struct {
			Name  string  `xml:"name"`
			Value string  `xml:"value"`
			Final *string `xml:"final"`
		} `xml:"property"`
	}
	if err := xml.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range c.Property {
		if p.Final != nil {
			t.Errorf("property %s is final", p.Name)
		}
		got[p.Name] = p.Value
	}
	return got
}

func TestRoundTrip_hadoop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload, _ := writable(t, render.HadoopXML, payloads(0x10ffff).Draw(t, "payload"))
		got := readHadoop(t, fileOf(t, render.HadoopXML, payload))
		if diff := cmp.Diff(texts(payload, base64.StdEncoding.EncodeToString), got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// sparkRecipe delivers a payload as properties, arguments and a file of Spark.
func sparkRecipe(payload plaintext.Payload) render.Recipe {
	r := of(render.Item{
		SecretName: "s", AllKeys: true, Payload: payload,
		Target: render.Target{SparkConf: &render.SparkConfTarget{Prefix: "spark.x."}},
	})
	r.Spark = render.Spark{DefaultsPath: "spark-defaults.conf", Arguments: true}
	return r
}

// TestRoundTrip_spark reads the file as Utils.getPropertiesFromFile of Spark does: java.util.Properties, and then all
// that is not above a space is taken off either end, but for line breaks.
func TestRoundTrip_spark(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]string{}
		kept := plaintext.Payload{}
		for key, e := range payloads(0xffff).Draw(t, "payload") {
			name, one := "spark.x."+key, plaintext.Payload{key: e}
			if _, err := render.Render(context.Background(), sparkRecipe(one)); err == nil {
				kept[key] = e
				want[name] = texts(one, base64.StdEncoding.EncodeToString)[key]
			} else if v := string(e.Value.Reveal()); !strings.ContainsAny(v, "\x00$") && strings.TrimFunc(v, atMostSpace) == v {
				t.Fatalf("Render refuses %q for Spark: %v", v, err)
			}
		}
		bundle, err := render.Render(context.Background(), sparkRecipe(kept))
		if err != nil {
			t.Fatal(err)
		}
		conf := map[string]string{}
		for _, p := range bundle.SparkConf {
			conf[p.Name] = string(p.Value.Reveal())
		}
		want["spark.redaction.regex"] = conf["spark.redaction.regex"]
		if diff := cmp.Diff(want, conf); diff != "" {
			t.Errorf("SparkConf -want +got:\n%s", diff)
		}
		arguments := map[string]string{}
		for pair := range slices.Chunk(bundle.Arguments, 2) {
			name, value, _ := strings.Cut(string(pair[1].Reveal()), "=")
			arguments[name] = value
			if string(pair[0].Reveal()) != "--conf" {
				t.Errorf("the argument before %s is not --conf", name)
			}
		}
		if diff := cmp.Diff(want, arguments); diff != "" {
			t.Errorf("Arguments -want +got:\n%s", diff)
		}
		loader := properties.Loader{Encoding: properties.ISO_8859_1, DisableExpansion: true}
		read, err := loader.LoadBytes(bundle.Files[0].Content.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		got := read.Map()
		for name, value := range got {
			got[name] = strings.TrimFunc(value, atMostSpace)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("spark-defaults.conf -want +got:\n%s", diff)
		}
	})
}

func atMostSpace(r rune) bool { return r <= ' ' && r != '\r' && r != '\n' }

// TestRoundTrip_verbatim is for the targets that have no syntax.
func TestRoundTrip_verbatim(t *testing.T) {
	empty := ""
	rapid.Check(t, func(t *rapid.T) {
		payload := payloads(0x10ffff).Draw(t, "payload")
		var items []render.Item
		var want []string
		for i, key := range slices.Sorted(maps.Keys(payload)) {
			if bytes.ContainsRune(payload[key].Value.Reveal(), 0) && !payload[key].Binary {
				continue
			}
			want = append(want, texts(plaintext.Payload{key: payload[key]}, base64.StdEncoding.EncodeToString)[key])
			for _, target := range []render.Target{
				{Argument: &empty}, {Dictionary: "d"}, {Env: &render.EnvTarget{Name: fmt.Sprintf("V%d", i)}},
			} {
				items = append(items, render.Item{SecretName: "s", Key: key, Payload: payload, Target: target})
			}
			if len(items) > render.MaxItems-3 {
				break
			}
		}
		bundle, err := render.Render(context.Background(), of(items...))
		if err != nil {
			t.Fatal(err)
		}
		var env, arguments, dictionary []string
		for i := range bundle.Env {
			env = append(env, string(bundle.Env[i].Value.Reveal()))
			arguments = append(arguments, string(bundle.Arguments[i].Reveal()))
			dictionary = append(dictionary, string(bundle.Dictionaries[0].Entries[i].Value.Reveal()))
		}
		for _, got := range [][]string{env, arguments, dictionary} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		}
	})
}

// TestRoundTrip_merge: a file that several items make is the file that one item would make.
func TestRoundTrip_merge(t *testing.T) {
	formats := []render.Format{render.JSON, render.YAML, render.Properties, render.HadoopXML, render.INI, render.Dotenv}
	rapid.Check(t, func(t *rapid.T) {
		format := rapid.SampledFrom(formats).Draw(t, "format")
		payload, _ := writable(t, format, payloads(0x10ffff).Draw(t, "payload"))
		halves := [2]plaintext.Payload{{}, {}}
		for key, e := range payload {
			halves[rapid.IntRange(0, 1).Draw(t, key)][key] = e
		}
		var items []render.Item
		for _, half := range halves {
			items = append(items, render.Item{
				SecretName: "s", AllKeys: true, Payload: half, Target: render.Target{File: &render.FileTarget{Path: "f", Format: format}},
			})
		}
		bundle, err := render.Render(context.Background(), of(items...))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(bundle.Files[0].Content.Reveal()), string(fileOf(t, format, payload)); len(bundle.Files) != 1 || got != want {
			t.Errorf("two items give %d files, the first\n%s\nwant\n%s", len(bundle.Files), got, want)
		}
	})
}

// TestShapeOf_bundle: the shape is the bundle without its values.
func TestShapeOf_bundle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload, _ := writable(t, render.INI, payloads(0xffff).Draw(t, "payload")) // all other formats take these values
		if len(payload) == 0 {
			payload["key"] = text("every version has one")
		}
		recipe := sparkRecipe(payload)
		recipe.Items[0].KeyNames = slices.AppendSeq([]string{}, maps.Keys(payload))
		for i, target := range []render.Target{
			{Env: &render.EnvTarget{Prefix: "V_", Case: render.AsIs}},
			{Dictionary: "d"},
			{File: &render.FileTarget{Path: "f.json", Format: render.JSON, Mode: 0o440, Owner: "app"}},
		} {
			item := recipe.Items[0]
			item.Target, item.SecretName = target, fmt.Sprint(i)
			recipe.Items = append(recipe.Items, item)
		}
		bundle, err := render.Render(context.Background(), recipe)
		if err != nil {
			t.Fatal(err)
		}
		shape, err := render.ShapeOf(recipe)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(shapeOf(t, bundle), shape); diff != "" {
			t.Errorf("-bundle +shape:\n%s", diff)
		}
	})
}

// shapeOf is what is to be seen of a bundle of properties, variables, arguments, a dictionary and a JSON file.
func shapeOf(t rapid.TB, bundle render.Bundle) render.Shape {
	t.Helper()
	var shape render.Shape
	for _, v := range bundle.Env {
		shape.Env = append(shape.Env, v.Name)
	}
	for _, p := range bundle.SparkConf {
		shape.SparkConf = append(shape.SparkConf, p.Name)
	}
	for _, a := range bundle.Arguments {
		name, _, found := strings.Cut(string(a.Reveal()), "=")
		if found {
			name += "="
		}
		shape.Arguments = append(shape.Arguments, name)
	}
	for _, d := range bundle.Dictionaries {
		out := render.DictionaryShape{Name: d.Name}
		for _, e := range d.Entries {
			out.Entries = append(out.Entries, e.Name)
		}
		shape.Dictionaries = append(shape.Dictionaries, out)
	}
	for _, f := range bundle.Files {
		out := render.FileShape{Path: f.Path, Format: render.Properties, Mode: f.Mode, Owner: f.Owner, Entries: shape.SparkConf}
		if strings.HasSuffix(f.Path, ".json") {
			var names map[string]string
			if err := json.Unmarshal(f.Content.Reveal(), &names); err != nil {
				t.Fatal(err)
			}
			out.Format, out.Entries = render.JSON, slices.Sorted(maps.Keys(names))
		}
		shape.Files = append(shape.Files, out)
	}
	slices.Sort(shape.Env)
	return shape
}
