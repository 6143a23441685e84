package dataosproperties_test

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/dialect/dataosproperties"
)

const pair = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE6TAbBgkqhkiG9w0BBQMwDgQILYPyCppzOwECAggABIIEyLiGSpeeGSe3xHP1\nwg==\n-----END ENCRYPTED PRIVATE KEY-----\n"

func write(data map[string]string) ([]byte, error) {
	var text []byte
	for _, key := range slices.Sorted(maps.Keys(data)) {
		var err error
		if text, err = dataosproperties.Append(text, key, []byte(data[key])); err != nil {
			return nil, err
		}
	}
	return text, nil
}

func TestAppend(t *testing.T) {
	got, err := write(map[string]string{"username": "u", "key": pair, "passphrase": " a=b\\n ", "none": ""})
	want := "key=" + pair + "\nnone=\npassphrase= a=b\\n \nusername=u\n"
	if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestAppend_refuses(t *testing.T) {
	const canary = "c4n4ry"
	body := strings.TrimSuffix(strings.SplitAfterN(pair, "\n", 2)[1], "\n")
	for name, value := range map[string]string{
		"two lines":            canary + "\n" + canary,
		"a line break behind":  canary + "\n",
		"a carriage return":    canary + "\r" + canary,
		"bytes":                canary + "\xff",
		"PEM with returns":     strings.ReplaceAll(pair, "\n", "\r\n"),
		"no end":               "-----BEGIN KEY-----\n" + canary,
		"another end":          "-----BEGIN KEY-----\n" + canary + "\n-----END CERTIFICATE-----\n",
		"text before PEM":      canary + "\n" + pair,
		"text behind PEM":      pair + canary,
		"a pair behind PEM":    pair + "user=" + canary,
		"a pair in PEM":        "-----BEGIN KEY-----\nuser=" + canary + "\n-----END KEY-----",
		"a pair in a header":   "-----BEGIN KEY-----\nInfo: user=" + canary + "\n-----END KEY-----",
		"a pair in a label":    "-----BEGIN user=" + canary + "-----\n-----END user=" + canary + "-----",
		"no beginning":         body,
		"indented PEM":         " " + pair,
		"a break before PEM":   "\n" + pair,
		"spaces behind a line": strings.ReplaceAll(pair, "\n", " \n"),
	} {
		_, err := write(map[string]string{"key": value})
		if !errors.Is(err, dataosproperties.ErrValue) || !strings.Contains(err.Error(), `"key"`) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v, want it refused by its key alone", name, err)
		}
	}
	for _, key := range []string{"", "a=b", "a\nb", "a b", strings.Repeat("a", 254)} {
		if _, err := write(map[string]string{key: "v"}); !errors.Is(err, dataosproperties.ErrValue) {
			t.Errorf("the key %q: %v, want it refused", key, err)
		}
	}
}

func TestRead(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"":                                {},
		"\n \n":                           {},
		"a=1\nb=2":                        {"a": "1", "b": "2"},
		"a=1\r\n\r\n\tb= 2 \r\n":          {"a": "1", "b": " 2 "},
		"a=-----BEGIN X-----\nb=1\n":      {"a": "-----BEGIN X-----", "b": "1"},
		"a=" + pair + "b=1\n":             {"a": strings.TrimSuffix(pair, "\n"), "b": "1"},
		"a=" + pair + "\nb=1\n":           {"a": pair, "b": "1"},
		"a=" + pair + pair + "\n\nb=1\n":  {"a": pair + pair + "\n", "b": "1"},
		"a=" + pair + "\n" + pair + "b=1": {"a": pair + "\n" + strings.TrimSuffix(pair, "\n"), "b": "1"},
		"a=" + strings.ReplaceAll(pair, "\n", "\r\n") + "b=1\r\n": {"a": strings.TrimSuffix(pair, "\n"), "b": "1"},
	} {
		got, err := dataosproperties.Read([]byte(text))
		if diff := cmp.Diff(want, texts(got)); err != nil || diff != "" {
			t.Errorf("Read(%q): %v (-want +got):\n%s", text, err, diff)
		}
	}
	for text, want := range map[string]string{
		"a=1\nc4n4ry\n":                     "line 2 is no key and value",
		"=c4n4ry":                           "line 1 is no key and value",
		"a=1\n\na=c4n4ry":                   "line 3 is no key and value",
		"a b=c4n4ry":                        "line 1 is no key and value",
		"a=-----BEGIN X-----\nc4n4ry\nb=1":  "line 2 is no key and value",
		"a=x\n-----BEGIN X-----\nb=c4n4ry":  "line 2 is no key and value",
		"a=" + pair + "c4n4ry\n":            "line 5 is no key and value",
		"-----BEGIN X-----=1\na=1\na=c4n4r": "line 1 is no key and value",
	} {
		if got, err := dataosproperties.Read([]byte(text)); got != nil || !errors.Is(err, dataosproperties.ErrSyntax) || err.Error() != want {
			t.Errorf("Read(%q) = %v, want %q", text, err, want)
		}
	}
}

func texts(pairs map[string][]byte) map[string]string {
	read := map[string]string{}
	for key, value := range pairs {
		read[key] = string(value)
	}
	return read
}

// published is how pyflare takes a text apart.
var published = regexp.MustCompile(`(\w+)=(.*?)\n[ \t]*`)

// What goes in comes out through the reader; what is on one line does so through the published one too.
func TestRoundTrip(t *testing.T) {
	lines := rapid.OneOf(
		rapid.StringMatching(`[^\r\n]*`), rapid.StringMatching(`[A-Za-z0-9+/]{0,8}={0,3}`),
		rapid.SampledFrom([]string{"-----BEGIN A-----", "-----END A-----", "-----BEGIN B-----", "-----END B-----", "=", "", "A: b"}),
	)
	blocks := rapid.Custom(func(t *rapid.T) string {
		label := rapid.StringMatching(`[A-Z][A-Z ]{0,5}`).Draw(t, "label")
		body := rapid.StringMatching(`([A-Z][a-z]{0,3}: [a-z]{0,5}\n)?([A-Za-z0-9+/]{0,8}\n){0,3}([A-Za-z0-9+/]{0,4}={0,2}\n)?`).Draw(t, "body")
		return "-----BEGIN " + label + "-----\n" + body + "-----END " + label + "-----" + rapid.SampledFrom([]string{"", "\n", "\n\n"}).Draw(t, "end")
	})
	pems := rapid.Map(rapid.SliceOfN(blocks, 1, 3), func(b []string) string { return strings.Join(b, "\n") })
	freely := rapid.Map(rapid.SliceOfN(lines, 1, 5), func(l []string) string { return strings.Join(l, "\n") })
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.MapOfN(rapid.StringMatching(`\w{1,3}`), rapid.OneOf(lines, pems, freely), 1, 6).Draw(t, "data")
		oneLine := true
		for key, value := range data {
			_, err := dataosproperties.Append(nil, key, []byte(value))
			if !strings.ContainsAny(value, "\r\n") && err != nil {
				t.Fatalf("the line %q: %v", value, err)
			}
			if err != nil {
				delete(data, key)
			}
			oneLine = oneLine && !strings.Contains(data[key], "\n")
		}
		text, err := write(data)
		if err != nil {
			t.Fatal(err)
		}
		got, err := dataosproperties.Read(text)
		if diff := cmp.Diff(data, texts(got)); err != nil || diff != "" {
			t.Fatalf("%q: %v (-want +got):\n%s", text, err, diff)
		}
		read := map[string]string{}
		for _, m := range published.FindAllStringSubmatch(string(text), -1) {
			read[m[1]] = m[2]
		}
		if diff := cmp.Diff(data, read); oneLine && diff != "" {
			t.Fatalf("%q, as published (-want +got):\n%s", text, diff)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("a=1\nkey=" + pair + "\n"))
	f.Add([]byte("a=-----BEGIN X-----\nb==\n-----END X-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		pairs, err := dataosproperties.Read(text)
		if err != nil {
			return
		}
		again, err := write(texts(pairs))
		if err != nil {
			return // it has what the writer does not write, such as returns within a line
		}
		if read, err := dataosproperties.Read(again); err != nil || !cmp.Equal(pairs, read) {
			t.Fatalf("%q was written as %q and read as %q, %v", text, again, read, err)
		}
	})
}
