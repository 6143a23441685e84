//go:build interop

// These need a shell: run them with -tags interop.

package rendertemplate_test

import (
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestInterop_shell(t *testing.T) {
	for _, shell := range []string{"sh", "bash"} {
		rapid.Check(t, func(t *rapid.T) {
			s := strings.ReplaceAll(hostileText().Draw(t, "text"), "\x00", "")
			quoted := quotedBy(t, "quoteShell", s)
			out, err := exec.CommandContext(t.Context(), shell, "-c", "printf '%s|%s' "+quoted+" end").Output()
			if err != nil || string(out) != s+"|end" {
				t.Errorf("%s reads %q as %q, want %q: %v", shell, quoted, out, s, err)
			}
		})
	}
}
