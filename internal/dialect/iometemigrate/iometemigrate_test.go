package iometemigrate_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/coffer-dev/coffer/internal/dialect/iometemigrate"
)

// located has the keys that begin with global_ globally, and knows none that begin with unknown_.
func located(key string) (string, error) {
	switch {
	case strings.HasPrefix(key, "unknown_"):
		return "", iometemigrate.ErrNoSecret
	case strings.HasPrefix(key, "global_"):
		return "instance", nil
	}
	return "secret-domain", nil
}

// told is what a result says besides its output.
func told(r iometemigrate.Result) []byte {
	var b bytes.Buffer
	for _, m := range r.Moved {
		fmt.Fprintf(&b, "moved %s: %s of %s\n", m.Place, m.Key, m.Source)
	}
	for _, l := range r.Left {
		fmt.Fprintf(&b, "left %s: %s\n", l.Place, l.Reason)
	}
	return b.Bytes()
}

func TestMigrate(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d archives: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			payload := archive.Files[0].Data
			result, err := iometemigrate.Migrate(payload, located)
			if err != nil {
				t.Fatalf("Migrate: %v", err)
			}
			got := []txtar.File{archive.Files[0], {Name: "told", Data: told(result)}, {Name: "diff", Data: result.Diff("payload.json")}}
			if bytes.Contains(got[2].Data, []byte("hunter2")) {
				t.Errorf("the diff shows a value:\n%s", got[2].Data)
			}
			if os.Getenv("COFFER_TEST_UPDATE") != "" {
				archive.Files = got
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(archive.Files, got, cmp.Transformer("text", func(b []byte) string { return string(b) })); diff != "" {
				t.Errorf("Migrate (-want +got):\n%s", diff)
			}
			again, err := iometemigrate.Migrate(result.Output, located)
			if err != nil || len(again.Moved) > 0 || !bytes.Equal(again.Output, result.Output) || len(again.Left) != len(result.Left) {
				t.Errorf("Migrate again: %+v, %v, want nothing more and the same places left", again, err)
			}
		})
	}
}

// Line breaks of Windows stay, and new lines have them too.
func TestMigrate_lineBreaks(t *testing.T) {
	payload := strings.ReplaceAll("{\n\t\"envVars\": {\n\t\t\"A\": \"${secrets.a}\"\n\t}\n}\n", "\n", "\r\n")
	result, err := iometemigrate.Migrate([]byte(payload), located)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(result.Output), "\r\n")
	if strings.Contains(strings.Join(lines, ""), "\n") || lines[1] != "\t\"envVars\": {}," || lines[2] != "\t\"envSecrets\": [" {
		t.Errorf("Migrate wrote %q", result.Output)
	}
}

func TestMigrate_refused(t *testing.T) {
	for _, payload := range []string{
		"", "[]", "\"text\"", "{", "{} {}", "// comment\n{}", `{"a": 1,}`, `{"a": 1, "a": 2}`, `{"config": {"envVars": {"A": "x", "A": "hunter2"}}}`,
		"{\"a\": \"\xff\"}", `{"a": "` + strings.Repeat("x", iometemigrate.MaxPayload) + `"}`,
	} {
		result, err := iometemigrate.Migrate([]byte(payload), located)
		if !errors.Is(err, iometemigrate.ErrPayload) || result.Output != nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Migrate(%.40q) = %+v, %v, want ErrPayload", payload, result, err)
		}
	}
}

// An error of the look-up ends the whole; each key is looked up once.
func TestMigrate_locate(t *testing.T) {
	broken := errors.New("the server is away")
	asked := 0
	_, err := iometemigrate.Migrate([]byte(`{"envVars": {"A": "${secrets.a}"}}`), func(string) (string, error) { return "", broken })
	if !errors.Is(err, broken) {
		t.Errorf("Migrate: %v, want the error of Locate", err)
	}
	_, err = iometemigrate.Migrate([]byte(`{"envVars": {"A": "${secrets.a}", "B": "${secrets.a}"}}`), func(string) (string, error) {
		asked++
		return "d", nil
	})
	if err != nil || asked != 1 {
		t.Errorf("Migrate asked %d times for one key: %v", asked, err)
	}
}
