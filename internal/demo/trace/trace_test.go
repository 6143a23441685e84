package trace_test

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/demo/trace"
)

const value = "correct-horse?battery>staple~1"

func TestTraces_in(t *testing.T) {
	traces := trace.Of(value)
	for before := range 4 {
		for after := range 4 {
			text := []byte(strings.Repeat("\x00", before) + value + strings.Repeat("\xff", after))
			for name, content := range map[string]string{
				"raw":          string(text),
				"hex":          hex.EncodeToString(text),
				"HEX":          strings.ToUpper(hex.EncodeToString(text)),
				"base64":       base64.StdEncoding.EncodeToString(text),
				"base64 URL":   base64.URLEncoding.EncodeToString(text),
				"base64 unpad": base64.RawStdEncoding.EncodeToString(text),
			} {
				if !traces.In([]byte("{" + content + "}")) {
					t.Errorf("In(%s, %d bytes before and %d after): got false, want true", name, before, after)
				}
			}
		}
	}
	if traces.In([]byte(strings.ToUpper(value))) {
		t.Error("In(another value): got true, want false")
	}
}

func TestTraces_files(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	leaky := filepath.Join(deep, "leaky")
	for name, content := range map[string]string{leaky: "x" + value, filepath.Join(dir, "clean"): "x"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, searched, err := trace.Of(value).Files(dir)
	if err != nil || searched != 2 || !slices.Equal(found, []string{leaky}) {
		t.Errorf("Files(dir): got %v, %d, %v; want [%s], 2", found, searched, err, leaky)
	}
	if _, _, err := trace.Of(value).Files(filepath.Join(dir, "absent")); err == nil {
		t.Error("Files(absent): got no error")
	}
}

func TestTraces_processes(t *testing.T) {
	// Made here, so that the test's own process does not have it.
	value := strings.Repeat(value, 2)
	cmd := exec.CommandContext(t.Context(), "sleep", "60")
	cmd.Env = []string{"SECRET=" + value}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() })
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	found, searched, err := trace.Of(value).Processes("environ")
	if err != nil || searched == 0 || !slices.Equal(found, []int{cmd.Process.Pid}) {
		t.Errorf("Processes(environ): got %v of %d, %v; want [%d]", found, searched, err, cmd.Process.Pid)
	}
	if found, searched, err := trace.Of(value).Processes("cmdline"); err != nil || searched == 0 || len(found) > 0 {
		t.Errorf("Processes(cmdline): got %v of %d, %v; want none", found, searched, err)
	}
}
