package cli_test

import (
	"testing"

	"github.com/coffer-dev/coffer/internal/cli"
)

func TestHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"grpc-go/1.85.0":          "grpc-go/1.85.0",
		"a=b":                     "a=b",
		`=HYPERLINK("http://x")`:  `'=HYPERLINK("http://x")`,
		"+1":                      "'+1",
		"-1":                      "'-1",
		"@SUM(1)":                 "'@SUM(1)",
		"\t=1":                    "'\t=1",
		"\r=1":                    "'\r=1",
		"  =1":                    "'  =1",
		"＝1":                      "'＝1",
		"namespaces/acme/secrets": "namespaces/acme/secrets",
	} {
		if got := cli.Harmless(text); got != want {
			t.Errorf("Harmless(%q) = %q, want %q", text, got, want)
		}
	}
}
