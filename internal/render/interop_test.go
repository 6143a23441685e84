//go:build interop

// These need python3 with python-dotenv, and a JDK: run them with -tags interop.

package render_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
)

// readWith has another language's reader turn the file into JSON.
func readWith(t *testing.T, format render.Format, payload plaintext.Payload, command ...string) map[string]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, fileOf(t, format, payload), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(command[0], append(command[1:], path)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", command[0], err)
	}
	var got map[string]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestInterop_pythonDotenv(t *testing.T) {
	payload, want := everyShort(t, render.Dotenv, dotenvAlphabet)
	got := readWith(t, render.Dotenv, payload, "python3", "-c",
		`import dotenv, json, sys; print(json.dumps(dotenv.dotenv_values(sys.argv[1])))`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("python-dotenv reads (-want +got):\n%s", diff)
	}
}

func TestInterop_pythonConfigparser(t *testing.T) {
	payload, _ := everyShort(t, render.INI, iniAlphabet+"\v\x1c\x1f\u0085\u00a0\u3000\u2029")
	got := readWith(t, render.INI, payload, "python3", "-c", `
import configparser, json, sys
p = configparser.RawConfigParser()
p.read(sys.argv[1], encoding="utf-8")
print(json.dumps(p.defaults()))`)
	if diff := cmp.Diff(texts(payload, nil), got); diff != "" {
		t.Errorf("configparser reads (-want +got):\n%s", diff)
	}
}

func TestInterop_pythonXML(t *testing.T) {
	payload, _ := everyShort(t, render.HadoopXML, "<>&]'\"\t\r\n $a\u0085\u2028\ufffd\U0001f600")
	got := readWith(t, render.HadoopXML, payload, "python3", "-c", `
import json, sys, xml.etree.ElementTree as tree
print(json.dumps({p.find("name").text: p.find("value").text or "" for p in tree.parse(sys.argv[1]).getroot()}))`)
	if diff := cmp.Diff(texts(payload, nil), got); diff != "" {
		t.Errorf("ElementTree reads (-want +got):\n%s", diff)
	}
}

// TestInterop_redaction has Java, in whose expressions Spark's are written, say what is redacted.
func TestInterop_redaction(t *testing.T) {
	names := []string{"", "PGPASSWORD", "A", `x\E|y`, "a-b", "spark.orders.url", "spark.a-", "spark.b."}
	subjects := map[string]bool{
		"PGPASSWORD": true, "spark.executorEnv.PGPASSWORD": true, "-e PGPASSWORD=x": true, "pgpassword": true, "PGPASSWORDS": true,
		"A": true, "AB": false, "spark.orders.url": true, "-Dspark.orders.url=x": true, "--conf spark.orders.url=x": true,
		"sparkXorders.url": false, "spark.orders.urls": false, "spark.a-": true, "spark.b.": true, "spark.app.name": false,
		"my.SeCrEt": true, "plain": false, `x\E|y`: true, "y": false, "a-b": true, "aa-b": false, "a-bb": false,
	}
	program := filepath.Join(t.TempDir(), "Redact.java")
	if err := os.WriteFile(program, []byte(`
class Redact {
  public static void main(String[] args) {
    var regex = java.util.regex.Pattern.compile(args[0]);
    for (int i = 1; i < args.length; i++) System.out.println(regex.matcher(args[i]).find());
  }
}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{"(?i)secret", `(?i)secret|\Qopen`} {
		list := slices.Sorted(maps.Keys(subjects))
		out, err := exec.Command("java", append([]string{program, render.RedactionRegex(base, names)}, list...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Fields(string(out))
		for i, subject := range list {
			if lines[i] != fmt.Sprint(subjects[subject]) {
				t.Errorf("with base %s, whether %q is redacted is %s, want %v", base, subject, lines[i], subjects[subject])
			}
		}
	}
}

func TestInterop_java(t *testing.T) {
	payload := plaintext.Payload{}
	for i, r := range []rune(hostile) {
		for j, q := range []rune(hostile) {
			payload[string(rune('a'+i/26))+string(rune('a'+i%26))+string(rune('a'+j/26))+string(rune('a'+j%26))] = text(string([]rune{r, q, r}))
		}
	}
	program := filepath.Join(t.TempDir(), "Read.java")
	if err := os.WriteFile(program, []byte(`
import java.io.*; import java.util.*;
class Read {
  public static void main(String[] args) throws Exception {
    for (String charset : new String[] {"ISO-8859-1", "UTF-8"}) {
      Properties p = new Properties();
      p.load(new InputStreamReader(new FileInputStream(args[0]), charset));
      StringBuilder b = new StringBuilder("{");
      for (String name : p.stringPropertyNames()) {
        b.append(b.length() > 1 ? "," : "").append('"').append(name).append("\":\"");
        for (char c : p.getProperty(name).toCharArray()) b.append(String.format("\\u%04x", (int) c));
        b.append('"');
      }
      if (charset.equals("UTF-8")) System.out.println(b.append("}"));
    }
  }
}`), 0o600); err != nil {
		t.Fatal(err)
	}
	got := readWith(t, render.Properties, payload, "java", program)
	if diff := cmp.Diff(texts(payload, nil), got); diff != "" {
		t.Errorf("java.util.Properties reads (-want +got):\n%s", diff)
	}
}

// sparkProgram runs a program of one class, with Spark's and Hadoop's own beside it, and returns its JSON.
func sparkProgram(t *testing.T, body string, args ...string) map[string]string {
	t.Helper()
	home, err := exec.Command("python3", "-c", "import pyspark; print(pyspark.__path__[0])").Output()
	if err != nil {
		t.Fatalf("pyspark, of which make test installs the version that it needs: %v", err)
	}
	program := filepath.Join(t.TempDir(), "Read.java")
	if err := os.WriteFile(program, []byte(`
import java.io.*; import java.util.*;
class Read {
  static Map<String, String> read(String[] args) throws Exception {`+body+`}
  public static void main(String[] args) throws Exception {
    System.out.println(new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsString(read(args)));
  }
}`), 0o600); err != nil {
		t.Fatal(err)
	}
	jars := filepath.Join(strings.TrimSpace(string(home)), "jars", "*")
	cmd := exec.Command("java", append([]string{"-cp", jars, program}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

const sparkAlphabet = "$ {}a=#\\\t\n\r\x01<&]\u00a0\U0001f600"

// kept is the part of the payload that the recipe of a single key takes.
func kept(t *testing.T, payload plaintext.Payload, recipe func(plaintext.Payload) render.Recipe) plaintext.Payload {
	t.Helper()
	out := plaintext.Payload{}
	for key, e := range payload {
		if _, err := render.Render(t.Context(), recipe(plaintext.Payload{key: e})); err == nil {
			out[key] = e
		}
	}
	t.Logf("%d of %d values can be written", len(out), len(payload))
	return out
}

func shortTexts(alphabet string) plaintext.Payload {
	payload := plaintext.Payload{"k": text("")}
	for _, a := range alphabet {
		for _, b := range alphabet {
			for _, c := range alphabet {
				payload[fmt.Sprint("k", len(payload))] = text(string([]rune{a, b, c}))
			}
		}
	}
	for _, s := range []string{"${env:HOME}", "${user.home}", "${spark.app.name}", "${system:user.home}", "x${", "${}", "$a}"} {
		payload[fmt.Sprint("k", len(payload))] = text(s)
	}
	return payload
}

// TestInterop_spark has Spark load the file, and take the properties for its own as it does with those it knows.
func TestInterop_spark(t *testing.T) {
	payload := kept(t, shortTexts(sparkAlphabet), sparkRecipe)
	bundle, err := render.Render(t.Context(), sparkRecipe(payload))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "spark-defaults.conf")
	if err := os.WriteFile(path, bundle.Files[0].Content.Reveal(), 0o600); err != nil {
		t.Fatal(err)
	}
	got := sparkProgram(t, `
    var loaded = scala.jdk.javaapi.CollectionConverters.asJava(org.apache.spark.util.Utils.getPropertiesFromFile(args[0]));
    var conf = new org.apache.spark.SparkConf(false);
    loaded.forEach(conf::set);
    var read = new HashMap<String, String>();
    for (var e : loaded.entrySet()) {
      read.put(e.getKey(), e.getValue());
      if (e.getKey().equals("spark.redaction.regex")) continue; // it is one already
      var entry = new org.apache.spark.internal.config.ConfigBuilder(e.getKey()).stringConf().createWithDefault("");
      read.put("entry " + e.getKey(), (String) conf.get(entry));
    }
    return read;`, path)
	want := map[string]string{}
	for _, p := range bundle.SparkConf {
		want[p.Name] = string(p.Value.Reveal())
		want["entry "+p.Name] = want[p.Name]
	}
	delete(want, "entry spark.redaction.regex")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Spark reads (-want +got):\n%s", diff)
	}
}

// TestInterop_sparkRedacts has Spark redact what is delivered, and nothing else.
func TestInterop_sparkRedacts(t *testing.T) {
	recipe := sparkRecipe(plaintext.Payload{"user": text("u"), "url": text("v")})
	variable := recipe.Items[0]
	variable.Target = render.Target{Env: &render.EnvTarget{Prefix: "PG"}}
	recipe.Items = append(recipe.Items, variable)
	bundle, err := render.Render(t.Context(), recipe)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"spark.app.name", "spark.executorEnv.PGUSER", "spark.executorEnv.PGHOST", "my.password"}
	regex := ""
	for _, p := range bundle.SparkConf {
		args = append(args, p.Name)
		if p.Name == "spark.redaction.regex" {
			regex = string(p.Value.Reveal())
		}
	}
	got := sparkProgram(t, `
    var conf = new org.apache.spark.SparkConf(false).set("spark.redaction.regex", args[0]);
    var read = new HashMap<String, String>();
    for (String name : List.of(args).subList(1, args.length)) {
      var pairs = new ArrayList<scala.Tuple2<String, String>>();
      pairs.add(new scala.Tuple2<>(name, "shown"));
      pairs.add(new scala.Tuple2<>("sun.java.command", "SparkSubmit --conf " + name + "=shown"));
      var redacted = org.apache.spark.util.Utils.redact(conf, scala.jdk.javaapi.CollectionConverters.asScala(pairs).toSeq());
      read.put(name, "" + redacted.apply(0)._2().endsWith("shown") + redacted.apply(1)._2().endsWith("shown"));
    }
    return read;`, append([]string{regex}, args...)...)
	want := map[string]string{
		"spark.app.name": "truetrue", "spark.executorEnv.PGUSER": "falsefalse", "spark.executorEnv.PGHOST": "truetrue",
		"my.password": "falsefalse", "spark.redaction.regex": "truetrue", "spark.x.user": "falsefalse", "spark.x.url": "falsefalse",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Spark shows (-want +got):\n%s", diff)
	}
}

// TestInterop_hadoop has Hadoop read its configuration, with whatever it replaces, and credentials.
func TestInterop_hadoop(t *testing.T) {
	hadoop := func(payload plaintext.Payload) render.Recipe {
		return of(to(fileTo(render.HadoopXML), all, func(i *render.Item) { i.Payload = payload }))
	}
	payload := kept(t, shortTexts(sparkAlphabet), hadoop)
	recipe := hadoop(payload)
	credentials := to(fileTo(render.HadoopCredentials, func(f *render.FileTarget) { f.Path = "c" }), holding(map[string]string{"k": "s3 cr\u00e9t"}), entry("My.Alias"))
	recipe.Items = append(recipe.Items, credentials)
	bundle, err := render.Render(t.Context(), recipe)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range bundle.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Path), f.Content.Reveal(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := sparkProgram(t, `
    var conf = new org.apache.hadoop.conf.Configuration(false);
    conf.addResource(new org.apache.hadoop.fs.Path("file://" + args[0] + "/f"));
    var read = new HashMap<String, String>();
    for (var e : conf) read.put(e.getKey(), conf.get(e.getKey()));
    conf.set("hadoop.security.credential.provider.path", "localjceks://file" + args[0] + "/c");
    read.put("credential", new String(conf.getPassword("My.Alias")));
    return read;`, dir)
	want := texts(payload, nil)
	want["credential"] = "s3 cr\u00e9t"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Hadoop reads (-want +got):\n%s", diff)
	}
}
