package cli_test

import (
	"encoding/base64"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/cli"
)

const hidden = "********"

func TestMask(t *testing.T) {
	pem := "-----BEGIN KEY-----\nMIIBVgIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n"
	tests := []struct {
		name   string
		values []string
		in     string
		want   string
	}{
		{"whole", []string{"hunter2"}, "pw=hunter2\n", "pw=" + hidden + "\n"},
		{"nothing to mask", []string{"hunter2"}, "hunter1\n", "hunter1\n"},
		{"at both ends", []string{"hunter2"}, "hunter2, hunter2", hidden + ", " + hidden},
		{"overlapping values", []string{"abcdef", "defghi"}, "<abcdefghi>", "<" + hidden + ">"},
		{"value in value", []string{"abcd", "xabcdx"}, "xabcdx abcd xabcd", hidden + " " + hidden + " x" + hidden},
		{"longest", []string{"password", "password-long"}, "password-long", hidden},
		{"side by side", []string{"hunter2"}, "hunter2hunter2.", hidden + hidden + "."},
		{"a false start", []string{"aaab"}, "aaaaab", "aa" + hidden},
		{"too short", []string{"abc", "long-enough"}, "abc", "abc"},
		{"line break at the end", []string{"hunter2\n"}, "hunter2.", hidden + "."},
		{"a line of a value", []string{pem}, "x MIIBVgIBADANBg y", "x " + hidden + " y"},
		{"all lines", []string{pem}, pem, hidden + "\n"},
		{"lines with carriage returns", []string{"line-one\r\nline-two"}, "line-two", hidden},
		{"base64", []string{"hunter2"}, base64.StdEncoding.EncodeToString([]byte("hunter2")), hidden + "=="},
		{"json", []string{"say \"hi\""}, `{"v":"say \"hi\""}`, `{"v":"` + hidden + `"}`},
		{"url", []string{"p@ss/word"}, "postgres://u:" + url.QueryEscape("p@ss/word") + "@h", "postgres://u:" + hidden + "@h"},
		{"url of python", []string{"a /b+c?é"}, "x=a%20/b%2Bc%3F%C3%A9;", "x=" + hidden + ";"},
		{"url of javascript", []string{"(a b)'*!/"}, "x=(a%20b)'*!%2F;", "x=" + hidden + ";"},
		{"json in ascii", []string{"pässwörd-😀\x7f\"\n<x>"}, `{"v": "p\u00e4ssw\u00f6rd-\ud83d\ude00\u007f\"\n<x>"}`, `{"v": "` + hidden + `"}`},
		{"json not for html", []string{"<ü>\x01&x"}, `{"v": "<ü>\u0001&x"}`, `{"v": "` + hidden + `"}`},
		{"binary", []string{"\xff\xfe\xfd\xfc"}, "<\xff\xfe\xfd\xfc>", "<" + hidden + ">"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := cli.Mask(test.values, false, test.in); got != test.want {
				t.Errorf("in one piece: %q, want %q", got, test.want)
			}
			if got := cli.Mask(test.values, false, strings.Split(test.in, "")...); got != test.want {
				t.Errorf("byte by byte: %q, want %q", got, test.want)
			}
		})
	}
}

// A value inside something longer that is then encoded, such as the user:password of a header, shares characters with
// its neighbours; all but those must go.
func TestMaskBase64WithNeighbours(t *testing.T) {
	const value = "correct-horse-battery"
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		for before := range 4 {
			for after := range 4 {
				text := strings.Repeat("u", before) + value + strings.Repeat("z", after)
				got := cli.Mask([]string{value}, false, encoding.EncodeToString([]byte(text)))
				if !strings.Contains(got, hidden) || len(got) > len(hidden)+before*2+after*2+6 {
					t.Errorf("%d before, %d after: %q", before, after, got)
				}
			}
		}
	}
}

// Programs break base64 into lines, which hold nothing that one line of it all would.
func TestMaskBase64Lines(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	key := make([]byte, 600)
	for i := range key {
		key[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/\n"[random.IntN(55)]
	}
	value := "-----BEGIN KEY-----\n" + string(key) + "\n-----END KEY-----\n"
	for _, before := range []string{"", "u", "user:", strings.Repeat("p", 56)} {
		for _, width := range []int{60, 64, 76, 3} {
			for _, between := range []string{"\n", "\r\n", "\n    ", `\n`} {
				encoded := base64.StdEncoding.EncodeToString([]byte(before + strings.TrimSpace(value) + "\n"))
				var lines []string
				for line := range slices.Chunk([]byte(encoded), width) {
					lines = append(lines, string(line))
				}
				text := "key: " + strings.Join(lines, between) + "\nend"
				got := cli.Mask([]string{value}, false, text)
				if left := len(got) - len("key: "+hidden+"\nend"); left > len(before)*2+len(between)*len(before)+8 || !strings.HasSuffix(got, "\nend") {
					t.Errorf("after %q, %d wide, between %q: %q", before, width, between, got)
				}
				if pieces := cli.Mask([]string{value}, false, strings.Split(text, "")...); pieces != got {
					t.Errorf("byte by byte: %q, in one piece %q", pieces, got)
				}
			}
		}
	}
}

// However the stream is cut, and whatever is flushed in between, no more of a value shows than its first bytes.
func TestMaskPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	values := []string{"secret-value-1", "cret-val", "value-1-and-more", "aaaa", "abababab"}
	for range 2000 {
		var whole strings.Builder
		for range 1 + random.IntN(6) {
			if random.IntN(2) == 0 {
				whole.WriteString(values[random.IntN(len(values))])
			} else {
				whole.WriteString([]string{"a", "sec", "-value", " ", "b\n", "secret-value-"}[random.IntN(6)])
			}
		}
		var pieces []string
		for rest := whole.String(); rest != ""; {
			n := 1 + random.IntN(len(rest))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		want := cli.Mask(values, false, whole.String())
		if got := cli.Mask(values, false, pieces...); got != want {
			t.Fatalf("pieces %q: %q, in one piece %q", pieces, got, want)
		}
		flushed := cli.Mask(values, true, pieces...)
		for _, value := range values {
			if strings.Contains(want, value) || strings.Contains(flushed, value) {
				t.Fatalf("pieces %q: %q and, flushed, %q hold %q", pieces, want, flushed, value)
			}
		}
	}
}

func TestMaskFlushShowsPrompts(t *testing.T) {
	// "po" may be the start of the value. A pause shows it, and the rest is masked all the same.
	if got, want := cli.Mask([]string{"postgres"}, true, "go to po", "stgres now"), "go to po"+hidden+" now"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := cli.Mask([]string{"postgres"}, true, "stop", "! po", "nd"), "stop! pond"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFileValues(t *testing.T) {
	for name, content := range map[string]string{
		"json":       `{"password":"it's \"here\"","user":"x"}`,
		"yaml":       "\"password\": \"it's \\\"here\\\"\"\n",
		"dotenv":     "USER=x\nPASSWORD=\"it's \\\"here\\\"\"\n",
		"properties": "user=x\npassword=it's\\u0020\"here\"\n",
		"raw":        `it's "here"`,
	} {
		if values := cli.FileValues(content); !slices.Contains(values, `it's "here"`) {
			t.Errorf("%s: %q lacks the value", name, values)
		}
	}
}

func FuzzMask(f *testing.F) {
	f.Add("hunter2", "pw=hunter2 hunter hunter2x", 3)
	f.Add("aaaa", "aaaaaaaaa", 2)
	f.Fuzz(func(t *testing.T, value, text string, cut int) {
		if len(strings.TrimSpace(value)) < cli.MinNeedle {
			return
		}
		whole := cli.Mask([]string{value}, false, text)
		if strings.Contains(strings.ReplaceAll(whole, hidden, "\n"), strings.TrimSpace(value)) {
			t.Fatalf("value %q in %q", value, whole)
		}
		at := min(max(cut, 0), len(text))
		if pieces := cli.Mask([]string{value}, false, text[:at], text[at:]); pieces != whole {
			t.Fatalf("cut at %d: %q, whole %q", at, pieces, whole)
		}
	})
}
