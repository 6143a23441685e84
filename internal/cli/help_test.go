package cli_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/cli"
)

// Help fits a terminal of 80 columns.
func TestHelp(t *testing.T) {
	helps := cli.Help()
	if len(helps) < 80 {
		t.Errorf("%d commands, want 80 and more", len(helps))
	}
	for path, help := range helps {
		for line := range strings.SplitSeq(help, "\n") {
			if utf8.RuneCountInString(line) > 80 {
				t.Errorf("%s --help has a line of more than 80 characters: %q", path, line)
			}
		}
	}
}
