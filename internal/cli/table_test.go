package cli_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/coffer-dev/coffer/internal/cli"
)

// What is followed fits a terminal, and is whole elsewhere.
func TestFollowLine(t *testing.T) {
	cells := []string{
		"2027-01-31T12:00:00Z", strings.Repeat("p", 60), "secret:access", "secret/acme/" + strings.Repeat("r", 60), "ALLOW OK", strings.Repeat("d", 200),
	}
	line := cli.FollowLine(80, cells)
	if width := utf8.RuneCountInString(line); width != 80 || !strings.HasPrefix(line, cells[0]) {
		t.Errorf("on a terminal of 80 columns: %q of %d, want 80 that begin with the time", line, width)
	}
	line = cli.FollowLine(0, cells)
	for _, cell := range cells {
		if !strings.Contains(line, cell) {
			t.Errorf("elsewhere: %q lacks %q", line, cell)
		}
	}
}
