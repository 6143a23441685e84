//go:build interop

// These need python3 with python-dotenv, and a JDK: run them with -tags interop.

package render_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
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
	payload, want := everyShort(t, dotenvAlphabet)
	got := readWith(t, render.Dotenv, payload, "python3", "-c",
		`import dotenv, json, sys; print(json.dumps(dotenv.dotenv_values(sys.argv[1])))`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("python-dotenv reads (-want +got):\n%s", diff)
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
