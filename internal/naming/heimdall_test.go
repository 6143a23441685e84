package naming_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/naming"
)

func TestHeimdallSecrets(t *testing.T) {
	for id, want := range map[string][]naming.HeimdallSecret{
		"github_np_r":  {{"github_np_r", ""}, {"github-np-r", ""}, {"github_np", "r"}, {"github-np", "r"}},
		"lakehouse_rw": {{"lakehouse_rw", ""}, {"lakehouse-rw", ""}, {"lakehouse", "rw"}},
		"bitbucket-r":  {{"bitbucket-r", ""}},
		"a_b":          {{"a_b", ""}, {"a-b", ""}},
		"x_r_rw":       {{"x_r_rw", ""}, {"x-r-rw", ""}, {"x_r", "rw"}, {"x-r", "rw"}},
		"_r":           {{"_r", ""}},
		"_a_r":         {{"_a_r", ""}, {"_a", "r"}},
		"":             {{"", ""}},
	} {
		if diff := cmp.Diff(want, naming.HeimdallSecrets(id)); diff != "" {
			t.Errorf("HeimdallSecrets(%q) (-want +got):\n%s", id, diff)
		}
	}
}
