package resolve_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/resolve"
)

// full repeats pieces between a head and a tail until no more go into a payload.
func full(head, tail string, piece func(i int) string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := 0; ; i++ {
		next := piece(i)
		if b.Len()+len(next)+len(tail) > resolve.MaxPayload {
			return b.String() + tail
		}
		b.WriteString(next)
	}
}

func numbered(format string) func(int) string {
	return func(i int) string { return fmt.Sprintf(format, i) }
}

func again(piece string) func(int) string { return func(int) string { return piece } }

// What a payload costs grows as it does, whatever is in it. Most of these took gigabytes or many seconds once.
func TestParse_costs(t *testing.T) {
	const most = 512 << 20 // with the race detector on
	long := strings.Repeat("a", resolve.MaxPayload/2)
	for name, text := range map[string]string{
		"a merge of many that have many":  full(full("a: &a\n", "", numbered(" %x:\n"))[:resolve.MaxPayload/2]+":\nb:\n  <<: [", "*a]\n", again("*a,")),
		"many merges of what has many":    full(full("a: &a\n", "", numbered(" %x:\n"))[:resolve.MaxPayload/2]+":\nb:\n", "", again("- <<: *a\n")),
		"many merges of one list":         full(full("x: &x {}\na: &a\n", "", again("- *x\n"))[:resolve.MaxPayload/2]+"\nb:\n", "", again("- <<: *a\n")),
		"names on one line":               full("{", "z: '${secret.a}'}", numbered("%x: 1,")),
		"texts on one line":               full("[", "a]", again("'$${secret.a}',")),
		"nested texts on one line":        full(strings.Repeat("{a: [", 45), strings.Repeat("]}", 45), again("'$${secret.a}',")),
		"blocks":                          full("x:\n", "", again("- |\n  $${secret.}\n")),
		"tags and anchors":                full("x:\n", "", again("- !a &b '$${secret.}'\n")),
		"a long name above much":          full("? "+long+"\n: [", "a]", again("b,")),
		"a long name above texts":         full("? "+long+"\n: [", "a]", again("'$${secret.a}',")),
		"a long name above references":    full("? "+long+"\n: [", "a]", again("'${secret.a}',")),
		"a long name above lists":         full("? "+long+"\n: {dataosSecrets: [", "]}", again("{},")),
		"a long name above much JSON":     full(`{"`+long+`": [`, "1]}", again("1,")),
		"a long name above references, 2": full(`{"`+long+`": [`, "1]}", again(`"${secret.a}",`)),
		"a long tag":                      full("%TAG !a! "+long+"\n---\n", "", again("- !a!b c\n")),
		"a long tag in another document":  full("a: b\n...\n%TAG !a! "+long+"\n---\n", "", again("- !a!b c\n")),
		"many tags":                       full("", "---\na: b\n", numbered("%%TAG !%x! a\n")),
		"nested lists of secrets":         full(strings.Repeat("{secrets: ", 90)+"[", "]"+strings.Repeat("}", 90), again("{},")),
		"many names in a list":            full("dataosSecrets: [", "a]", again("a,")),
		"many templates":                  full("projection: {projections: {envVars: [", "{}]}}", again("{key: a, value: b},")),
		"a long template":                 full("projection: {secrets: [{id: a}], projections: {envVars: [{key: a, value: '", "'}]}}", again("{{.secrets.a.b}}")),
		"long templates in Liquid":        full("projection: {secrets: [{id: a}], projections: {envVars: [", "{}]}}", again("{key: a, template: '"+strings.Repeat("{{secrets.a.b}}", 2000)+"'},")),
		"nested projections":              full(strings.Repeat("{projection: ", 90)+"{projections: {a: [", "a]}}"+strings.Repeat("}", 90), again("{},")),
		"a manifest with many repos":      full("name: a\ntype: b\nversion: v1\nx: [", "a]", again("{repo: {secretId: a_b_r}},")),
		"many references":                 full("a: '", "'", again("${secret.x}")),
		"many values":                     full("[", "a]", again("a,")),
		"many values of JSON":             full("[", "1]", again("1,")),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := resolve.Parse(text, resolve.Config{})
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > most {
				t.Errorf("Parse takes %d MiB for %d bytes: %v", got>>20, len(text), err)
			}
			if len(text) > resolve.MaxPayload {
				t.Errorf("the payload has %d bytes", len(text))
			}
		})
	}
}

func TestParseRefuses_whatCosts(t *testing.T) {
	for in, want := range map[string]string{
		full("[", "a]", again("a,")):                                                   "line 1: has more than 50000 values",
		full("[\n", "1]", again("1,")):                                                 "line 2: has more than 50000 values",
		"%TAG !a! b\n---\na: b\n":                                                      "line 1: has a %TAG directive: write its tags out",
		"a: b\n...\n%TAG !a! b\n---\na: b\n":                                           "line 3: has a %TAG directive: write its tags out",
		`{"` + strings.Repeat("a", 4<<10) + `": "${secret.a}"}`:                        "has a reference below names of more than 4096 bytes",
		"x: &x {envVars: {A: b}}\ny: &y [*x]\ntemplate: {<<: *y}\n":                    "line 3: a merged mapping stands where secrets are delivered: write it out",
		"x: &x {a: b}\ny: &y {config: {}}\ntemplate: {<<: [*x, *x, {}, *y]}\n":         "line 3: a merged mapping stands where secrets are delivered: write it out",
		"x: &x {a: b}\ntemplate:\n  <<: *x\n  envVars: {<<: *x}\n":                     "line 4: a merged mapping stands where secrets are delivered: write it out",
		"x: &x {a: b}\ndataosSecrets:\n- name: a\n  keys:\n  - b\n  - {c: {<<: *x}}\n": "line 6: a merged mapping stands where secrets are delivered: write it out",
	} {
		if _, err := resolve.Parse(in, resolve.Config{}); err == nil || err.Error() != want {
			t.Errorf("Parse(%.60q) = %v, want %q", in, err, want)
		}
	}
	const merged = "x: &x {a: b}\ny: &y [*x, *x]\ntemplate: {<<: *y, d: {<<: [*x, {a: c}]}, c: '${secret.api-key}'}\n"
	if got, want := string(resolved(t, merged).Payload.Reveal()), strings.Replace(merged, "'${secret.api-key}'", `"sk-1"`, 1); got != want {
		t.Errorf("Resolve = %s, want %s", got, want)
	}
}

// Positions come from a table that has each rune, and are those that one finds by reading lines from their beginning.
func TestPositions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SampledFrom([]string{"a", "é", "😀", "\n", "\r", "\r\n", "\u0085", "\u2028", "\u2029", " ", "\ufeff"})
		payload := strings.Join(rapid.SliceOfN(pieces, 0, 20).Draw(t, "payload"), "")
		line, column := 1, 1
		for i, r := range payload {
			if got := resolve.Offset(payload, line, column); got != i {
				t.Fatalf("line %d, column %d of %q is at %d, want %d", line, column, payload, got, i)
			}
			column++
			if strings.ContainsRune("\n\u0085\u2028\u2029", r) || r == '\r' && !strings.HasPrefix(payload[i+1:], "\n") {
				line, column = line+1, 1
			}
		}
		for _, beyond := range [][2]int{{line, column}, {line, column + 5}, {line + 1, 1}, {0, 1}} {
			if got := resolve.Offset(payload, beyond[0], beyond[1]); got != len(payload) {
				t.Fatalf("line %d, column %d of %q is at %d, want its end", beyond[0], beyond[1], payload, got)
			}
		}
		if got, want := resolve.KnownPositions(payload), utf8.RuneCountInString(payload)+1; got != want {
			t.Fatalf("%d positions of %q are known, want %d", got, payload, want)
		}
	})
}

// All templates of a payload together may do no more than one may.
func TestResolve_work(t *testing.T) {
	list := func(n int) string { return `split \",\" \"` + strings.Repeat("a,", n) + `\"` }
	loop := "{{range " + list(1000) + "}}{{range " + list(50) + "}}{{end}}{{end}}"
	for n, want := range map[int]error{1: nil, 16: resolve.ErrTooMuch} {
		var items []string
		for i := range n {
			items = append(items, fmt.Sprintf(`{"key": "V%d", "value": "%s"}`, i, loop))
		}
		d, err := resolve.Parse(`{"projection": {"projections": {"envVars": [`+strings.Join(items, ",")+`]}}}`, resolve.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Resolve(t.Context(), nil); !errors.Is(err, want) {
			t.Errorf("%d templates: %v, want %v", n, err, want)
		}
	}
}
