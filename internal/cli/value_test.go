package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/cli"
)

func TestParseDotenv(t *testing.T) {
	got, err := cli.ParseDotenv("\uFEFF# comment\n\nBARE=a b # comment\nexport EXPORTED=x\r\nHASH=#not-a-comment\n" +
		"EMPTY=\nEQUALS=a=b==\nDOLLAR=$HOME${x}`id`\nSINGLE='it is \\n $raw'\nDOUBLE=\"a\\n\\\"b\\\" \\$c \\d\" # comment\n" +
		"MULTI=\"one\ntwo\"\n  INDENTED = spaced  \nLAST=end")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"BARE": "a b", "EXPORTED": "x", "HASH": "#not-a-comment", "EMPTY": "", "EQUALS": "a=b==", "DOLLAR": "$HOME${x}`id`",
		"SINGLE": `it is \n $raw`, "DOUBLE": "a\n\"b\" $c \\d", "MULTI": "one\ntwo", "INDENTED": "spaced", "LAST": "end",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for content, where := range map[string]string{
		"A=1\nhunter2\n": "line 2: want KEY=VALUE", "=hunter2": "line 1: want KEY=VALUE", "A B=hunter2": "want KEY=VALUE",
		"A='x'\nB='hunter2": "line 2: the quote is never closed", "A='x' hunter2": "after the closing quote",
	} {
		if _, err := cli.ParseDotenv(content); err == nil || !strings.Contains(err.Error(), where) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("ParseDotenv(%q) = %v, want %q and no value", content, err, where)
		}
	}
}

func FuzzDotenv(f *testing.F) {
	f.Add("A=1\nexport B='x\ny' # c\nC=\"\\n\"")
	f.Fuzz(func(t *testing.T, content string) {
		values, err := cli.ParseDotenv(content)
		for key := range values {
			if key == "" || strings.ContainsAny(key, "=\n") {
				t.Errorf("key %q", key)
			}
		}
		if err != nil && !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("error %v names no line", err)
		}
	})
}

func TestChildEnv(t *testing.T) {
	own := []string{"PATH=/bin", "OTHER=1", "COFFER_TOKEN=x", "COFFER_TOKEN_FILE=x", "COFFER_FILES=x", "COFFER_ADDR=a", "LC_ALL=C"}
	env, err := cli.ChildEnv(own, map[string]string{"PGPASSWORD": "p"}, false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"PATH=/bin", "OTHER=1", "COFFER_ADDR=a", "LC_ALL=C", "PGPASSWORD=p"}, env); diff != "" {
		t.Error(diff)
	}
	if env, err = cli.ChildEnv(own, nil, true); err != nil || !slices.Equal(env, []string{"PATH=/bin", "LC_ALL=C"}) {
		t.Errorf("clean: %q, %v", env, err)
	}
	// NAME=value and its NUL may have 131,072 bytes.
	const limit = 128<<10 - len("BIG=") - 1
	if _, err := cli.ChildEnv(nil, map[string]string{"BIG": strings.Repeat("x", limit)}, false); err != nil {
		t.Errorf("the largest value: %v", err)
	}
	for name, test := range map[string]struct{ name, value, want string }{
		"too large": {"BIG", strings.Repeat("hunter2", limit/7+1), "BIG is too large"},
		"NUL":       {"NULL", "hunter2\x00x", "NULL holds a NUL byte"},
		"name":      {"A=B", "hunter2", `variable "A=B"`},
		"no name":   {"", "hunter2", `variable ""`},
	} {
		_, err := cli.ChildEnv(nil, map[string]string{test.name: test.value}, false)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q and no value", name, err, test.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain ünïcode": "plain ünïcode", "a\x1b[31mred": `a\x1b[31mred`, "two\nlines": `two\nlines`,
		"\u202eevil": `\u202eevil`, "bad\xff": `bad\xff`, "\uFFFD": "\uFFFD", "\u009b": `\u009b`,
	} {
		if got := cli.Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSettings(t *testing.T) {
	tests := []struct {
		name, flagAddress, flagFile string
		env                         map[string]string
		stored                      string
		want                        string
	}{
		{"nothing", "", "", nil, "", "http://127.0.0.1:8080  "},
		{"login", "", "", nil, "https://c", "https://c stored "},
		{"env beats login", "", "", map[string]string{"COFFER_TOKEN": "e"}, "https://c", "https://c e "},
		{"token beats token file", "", "", map[string]string{"COFFER_TOKEN": "e", "COFFER_TOKEN_FILE": "f"}, "", "http://127.0.0.1:8080 e "},
		{"env file beats login", "", "", map[string]string{"COFFER_TOKEN_FILE": "f"}, "https://c", "https://c  f"},
		{"flag beats env", "https://f", "ff", map[string]string{"COFFER_ADDR": "https://e", "COFFER_TOKEN": "e"}, "", "https://f  ff"},
		{"the token stays with its server", "", "", map[string]string{"COFFER_ADDR": "https://evil"}, "https://c", "https://evil  "},
		{"the same server", "https://c", "", nil, "https://c", "https://c stored "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			token := ""
			if test.stored != "" {
				token = "stored"
			}
			address, got, file := cli.Settings(test.flagAddress, test.flagFile, test.env, test.stored, token)
			if text := fmt.Sprintf("%s %s %s", address, got, file); text != test.want {
				t.Errorf("address, token, token file = %q, want %q", text, test.want)
			}
		})
	}
}
