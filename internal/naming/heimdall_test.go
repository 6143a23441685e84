package naming_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/naming"
)

func TestHeimdallSecrets(t *testing.T) {
	for id, want := range map[string][]string{
		"github_np_r":  {"github-np", "github-np-r", "github_np", "github_np_r"},
		"lakehouse_rw": {"lakehouse", "lakehouse-rw", "lakehouse_rw"},
		"bitbucket-r":  {"bitbucket-r"},
		"a_b":          {"a-b", "a_b"},
		"_r":           {"-r", "_r"},
	} {
		if diff := cmp.Diff(want, naming.HeimdallSecrets(id)); diff != "" {
			t.Errorf("HeimdallSecrets(%q) (-want +got):\n%s", id, diff)
		}
	}
}
