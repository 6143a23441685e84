package cli_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	proof    = regexp.MustCompile("`([^`]+)`")
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
)

// What the README's tables say to prove a statement is there: every row names a test or a script, and says of which
// package a test is (secrets.TestMove) where several have one of that name.
func TestReadme_proofs(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, rows, proving := testsOfModule(t), 0, false
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		switch {
		case !strings.HasPrefix(line, "|"):
			proving = false
		case strings.TrimSpace(cells[len(cells)-1]) == "proved by":
			proving = true
		case proving && !strings.HasPrefix(line, "| ---"):
			rows++
			names := proof.FindAllStringSubmatch(cells[len(cells)-1], -1)
			if len(names) == 0 || len(cells) != 3 {
				t.Errorf("no proof: %s", line)
			}
			for _, name := range names {
				if why := unproved(tests, name[1]); why != "" {
					t.Errorf("%s: %s", why, line)
				}
			}
		}
	}
	if rows < 70 {
		t.Errorf("%d statements are proved: the tables are not found", rows)
	}
}

// unproved tells why a name is not that of a proof. Empty: it is.
func unproved(tests map[string]int, name string) string {
	if _, err := os.Stat(filepath.Join("../..", name)); err == nil || tests[name] == 1 {
		return ""
	}
	if tests[name] > 1 {
		return "several packages have a " + name + ": want package." + name
	}
	return "there is no " + name
}

func TestReadme_proofNames(t *testing.T) {
	tests := testsOfModule(t)
	for name, want := range map[string]string{
		"TestReadme_proofs":               "",
		"cli.TestReadme_proofs":           "",
		"iomete.TestScenario":             "",
		"instill.TestScenario":            "",
		"internal/cli/testdata/script":    "",
		"TestScenario":                    "several packages have a TestScenario: want package.TestScenario",
		"cli.TestScenario":                "there is no cli.TestScenario",
		"TestNothing":                     "there is no TestNothing",
		"internal/cli/testdata/nothing.x": "there is no internal/cli/testdata/nothing.x",
	} {
		if got := unproved(tests, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// testsOfModule counts the tests of every name, with and without their package before it.
func testsOfModule(t *testing.T) map[string]int {
	t.Helper()
	tests := map[string]int{}
	for _, dir := range []string{"../../internal", "../../pkg"} {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "node_modules":
				return filepath.SkipDir
			case !strings.HasSuffix(path, "_test.go"):
				return nil
			}
			text, err := os.ReadFile(path)
			for _, m := range testFunc.FindAllSubmatch(text, -1) {
				tests[string(m[1])]++
				tests[filepath.Base(filepath.Dir(path))+"."+string(m[1])]++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return tests
}
