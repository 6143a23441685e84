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

// What the README's tables say to prove a statement is there: every row names a test or a script.
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
				if _, err := os.Stat(filepath.Join("../..", name[1])); err != nil && !tests[name[1]] {
					t.Errorf("there is no %s: %s", name[1], line)
				}
			}
		}
	}
	if rows < 70 {
		t.Errorf("%d statements are proved: the tables are not found", rows)
	}
}

// testsOfModule are the names of all tests.
func testsOfModule(t *testing.T) map[string]bool {
	t.Helper()
	tests := map[string]bool{}
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
				tests[string(m[1])] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return tests
}
