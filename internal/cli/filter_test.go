package cli_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/cli"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// The server knows every field that help says a filter may name, and the example.
func TestFiltersOfHelp(t *testing.T) {
	opening.Lock()
	s := servertest.Start(t, servertest.Config{})
	opening.Unlock()
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("COFFER_ADDR", s.URL())
	t.Setenv("COFFER_TOKEN_FILE", s.Dir+"/operator.token")
	list := func(path, filter string) {
		t.Helper()
		var out, errs strings.Builder
		args := append(strings.Fields(path), "-n", "instance", "--filter", filter)
		if code := cli.Main(t.Context(), args, cli.Stdio{In: strings.NewReader(""), Out: &out, Err: &errs}); code != 0 {
			t.Errorf("%s --filter '%s': %s", path, filter, errs.String())
		}
	}
	fields := regexp.MustCompile(`in these words, are: ([^.]*(?:\.KEY[^.]*)?)\.`)
	example := regexp.MustCompile(`AIP-160 filter, e\.g\. '([^']*)'`)
	found := 0
	for path, help := range cli.Help() {
		help = strings.Join(strings.Fields(help), " ")
		named := fields.FindStringSubmatch(help)
		if named == nil {
			continue
		}
		found++
		list(path, example.FindStringSubmatch(help)[1])
		for _, field := range strings.Split(named[1], ", ") {
			value := `"x"`
			switch {
			case strings.HasSuffix(field, "_time"):
				value = `"2027-01-01T00:00:00Z"`
			case field == "active_version":
				value = "1"
			}
			operator := " = "
			if field == "keys" {
				operator = ":"
			}
			list(path, field+operator+value)
		}
	}
	if found != 7 {
		t.Errorf("help of %d lists names fields, want 7", found)
	}
}
