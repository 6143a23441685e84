package main_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestQuick runs the whole benchmark very small: every call of it succeeds and every answer is the right one. Nothing is
// said of how long anything takes.
func TestQuick(t *testing.T) {
	program := filepath.Join(t.TempDir(), "bench")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, "-quick", "-secrets", "300", "-grants", "30", "-round", "50ms", "-dir", t.TempDir())
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, stderr.String())
	}
	for _, want := range []string{"gRPC access, large", "DataOS read", "raw bbolt, same puts", "resident memory", "start to ready, large"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%v: no %q in\n%s", cmd, want, stdout.String())
		}
	}
}
