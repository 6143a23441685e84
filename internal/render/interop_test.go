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
		"PGPASSWORD": true, "spark.executorEnv.PGPASSWORD": true, "-e PGPASSWORD=x": true, "pgpassword": false, "PGPASSWORDS": false,
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
