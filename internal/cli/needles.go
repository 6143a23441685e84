package cli

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// minNeedle is the length of the shortest value that is masked, in bytes. Shorter ones stand everywhere by chance, and
// what is left of the output would tell which they are.
const minNeedle = 4

// maxForms is the length up to which a value is also masked in other forms than its own and its lines, in bytes: each
// form takes as much memory again.
const maxForms = 64 << 10

// needles are the strings to mask, found by their first bytes.
type needles struct {
	byHead map[string][]string // first minNeedle bytes → needles, longest first
	starts map[string]bool     // proper prefixes of heads
}

// newNeedles collects the forms of values; nil if there is nothing to mask.
func newNeedles(values []string) *needles {
	all := map[string]bool{}
	for _, value := range values {
		for _, form := range forms(value) {
			if len(form) >= minNeedle {
				all[form] = true
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	n := &needles{byHead: map[string][]string{}, starts: map[string]bool{}}
	for needle := range all {
		head := needle[:minNeedle]
		n.byHead[head] = append(n.byHead[head], needle)
		for i := 1; i < minNeedle; i++ {
			n.starts[head[:i]] = true
		}
	}
	for _, same := range n.byHead {
		slices.SortFunc(same, func(a, b string) int { return len(b) - len(a) })
	}
	return n
}

// match returns the length of the longest needle that b starts with, 0 if none does, and whether more bytes could make
// a longer one.
func (n *needles) match(b []byte) (length int, more bool) {
	if len(b) < minNeedle {
		return 0, n.starts[string(b)]
	}
	for _, needle := range n.byHead[string(b[:minNeedle])] {
		switch {
		case len(needle) > len(b):
			more = more || needle[:len(b)] == string(b)
		case needle == string(b[:len(needle)]):
			return len(needle), more
		}
	}
	return 0, more
}

// forms are the ways in which a value is likely to be printed.
func forms(value string) []string {
	trimmed := strings.TrimSpace(value)
	if len(trimmed) < minNeedle {
		return nil
	}
	all := []string{trimmed}
	if strings.ContainsAny(trimmed, "\r\n") {
		for line := range strings.SplitSeq(trimmed, "\n") {
			all = append(all, strings.TrimSpace(line))
		}
	}
	if len(trimmed) > maxForms {
		return all
	}
	if utf8.ValidString(trimmed) {
		quoted := strconv.Quote(trimmed)
		all = append(all, quoted[1:len(quoted)-1], url.QueryEscape(trimmed), url.PathEscape(trimmed))
		if asJSON, err := json.Marshal(trimmed); err == nil {
			all = append(all, string(asJSON[1:len(asJSON)-1]))
		}
	}
	for _, text := range []string{value, trimmed} {
		all = append(all, base64Forms(text)...)
	}
	return all
}

// base64Forms are what base64 makes of a value alone and within something longer, such as the user:password of a header:
// there it depends on where it starts, so that the characters it shares with its neighbours are left out.
func base64Forms(value string) []string {
	var all []string
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("x", shift) + value))
			start := (shift*8 + 5) / 6
			end := (shift + len(value)) * 8 / 6
			if start < end {
				all = append(all, encoded[start:end])
			}
		}
		all = append(all, encoding.EncodeToString([]byte(value)))
	}
	return all
}

// fileValues are the values in a file: all of it, and, since a program prints one and not the file, what stands in it
// where it is JSON, YAML, properties or dotenv.
func fileValues(content string) []string {
	values := []string{content}
	var tree map[string]any
	if utf8.ValidString(content) && yaml.Unmarshal([]byte(content), &tree) == nil {
		return append(values, leaves(tree)...)
	}
	for line := range strings.SplitSeq(content, "\n") {
		if _, value, ok := strings.Cut(line, "="); ok {
			value = strings.TrimSpace(value)
			if len(value) > 1 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
				value = value[1 : len(value)-1]
			}
			values = append(values, value, unescapeProperties(value))
		}
	}
	if pairs, err := parseDotenv(content); err == nil {
		for _, pair := range pairs {
			values = append(values, pair.value)
		}
	}
	return values
}

func leaves(tree any) []string {
	var all []string
	switch node := tree.(type) {
	case map[string]any:
		for _, child := range node {
			all = append(all, leaves(child)...)
		}
	case []any:
		for _, child := range node {
			all = append(all, leaves(child)...)
		}
	case string:
		all = append(all, node)
	}
	return all
}

// unescapeProperties undoes the escapes of Java properties.
func unescapeProperties(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			if i+4 < len(s) {
				if code, err := strconv.ParseUint(s[i+1:i+5], 16, 16); err == nil {
					b.WriteRune(rune(code))
					i += 4
				}
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
