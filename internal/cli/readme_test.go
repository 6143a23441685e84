package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/coffer-dev/coffer/internal/servertest"
)

// TestReadme types what the README tells to type, between its five minutes and what is the same over REST.
func TestReadme(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/readme",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			setUp(t, env, servertest.Config{})
			return os.WriteFile(filepath.Join(env.WorkDir, "readme.sh"), []byte(readmeScript(t)), 0o600)
		},
	})
}

// readmeScript is the code of the README as a script: values that are prompted for are given, what goes on for ever is
// left out, and what is to be refused must be.
func readmeScript(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, tour, found := strings.Cut(string(text), "\n## Five minutes\n")
	tour, _, ended := strings.Cut(tour, "\nThe same over REST")
	if !found || !ended {
		t.Fatal("the README has no five minutes, or does not say what is the same over REST")
	}
	var script strings.Builder
	code := false
	for line := range strings.Lines(tour) {
		switch {
		case strings.HasPrefix(line, "```"):
			code = !code
		case !code, strings.HasPrefix(line, "make "), strings.HasPrefix(line, "export "), strings.HasPrefix(line, "coffer audit follow"):
		case strings.Contains(line, "# refused"), strings.HasPrefix(line, "coffer access check"):
			command, _, _ := strings.Cut(line, " #")
			script.WriteString("if " + strings.TrimSpace(command) + "; then echo was not refused; exit 1; fi\n")
		default:
			script.WriteString(strings.ReplaceAll(line, "password=-", "password=s3cret"))
		}
	}
	return script.String()
}
