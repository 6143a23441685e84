package cli

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"sigs.k8s.io/yaml"
)

// minNeedle is the length of the shortest value that is masked, in bytes. Shorter ones stand everywhere by chance, and
// what is left of the output would tell which they are.
const minNeedle = 4

// maxForms is the length up to which a value is also masked in other forms than its own and its lines, in bytes: each
// form takes as much memory again.
const maxForms = 64 << 10

// maxBlanks bounds the white space that may stand between two characters of base64, in bytes: a line break and what the
// next line is indented by.
const maxBlanks = 256

// needles are the strings to mask, found by their first bytes.
type needles struct {
	plain needleSet
	// broken ones are masked however white space divides them: base64 is often written in lines, 76 or 64 columns wide,
	// which begin anywhere in a value if something stands before it.
	broken needleSet
}

type needleSet struct {
	byHead map[string][]string // first minNeedle bytes → needles, longest first
	starts map[string]bool     // proper prefixes of heads
}

// newNeedles collects the forms of values; nil if there is nothing to mask.
func newNeedles(values []string) *needles {
	plain, broken := map[string]bool{}, map[string]bool{}
	for _, value := range values {
		trimmed := strings.TrimSpace(value)
		if len(trimmed) < minNeedle {
			continue
		}
		for _, form := range forms(trimmed) {
			plain[form] = true
		}
		if len(trimmed) > maxForms {
			continue
		}
		for _, form := range append(base64Forms(value), base64Forms(trimmed)...) {
			broken[form] = true
		}
	}
	if len(plain) == 0 {
		return nil
	}
	return &needles{newNeedleSet(plain), newNeedleSet(broken)}
}

func newNeedleSet(all map[string]bool) needleSet {
	s := needleSet{byHead: map[string][]string{}, starts: map[string]bool{}}
	for needle := range all {
		if len(needle) < minNeedle {
			continue
		}
		head := needle[:minNeedle]
		s.byHead[head] = append(s.byHead[head], needle)
		for i := 1; i < minNeedle; i++ {
			s.starts[head[:i]] = true
		}
	}
	for _, same := range s.byHead {
		slices.SortFunc(same, func(a, b string) int { return len(b) - len(a) })
	}
	return s
}

// match returns the length of the longest needle that b starts with, 0 if none does, and whether more bytes could make
// a longer one.
func (n *needles) match(b []byte) (length int, more bool) {
	length, more = n.plain.match(b)
	brokenLength, brokenMore := n.broken.matchBroken(b)
	return max(length, brokenLength), more || brokenMore
}

func (s needleSet) match(b []byte) (length int, more bool) {
	if len(b) < minNeedle {
		return 0, s.starts[string(b)]
	}
	for _, needle := range s.byHead[string(b[:minNeedle])] {
		switch {
		case len(needle) > len(b):
			more = more || needle[:len(b)] == string(b)
		case needle == string(b[:len(needle)]):
			return len(needle), more
		}
	}
	return 0, more
}

// matchBroken passes over white space within a needle.
func (s needleSet) matchBroken(b []byte) (length int, more bool) {
	var head [minNeedle]byte
	at, n := 0, 0
	for ; n < minNeedle; n++ {
		if n > 0 {
			at += blanks(b[at:])
		}
		if at == len(b) {
			return 0, s.starts[string(head[:n])]
		}
		head[n] = b[at]
		at++
	}
	for _, needle := range s.byHead[string(head[:])] {
		end, i := at, minNeedle
		for i < len(needle) {
			end += blanks(b[end:])
			if end == len(b) || b[end] != needle[i] {
				break
			}
			end, i = end+1, i+1
		}
		switch {
		case i == len(needle):
			return end, more
		case end == len(b):
			more = true
		}
	}
	return 0, more
}

// blanks is the length of the white space that b starts with, also where a quoted string has a line break as \n. It is
// bounded, so that little is held back.
func blanks(b []byte) int {
	b = b[:min(len(b), maxBlanks)]
	for i := 0; ; {
		switch {
		case i < len(b) && (b[i] == '\n' || b[i] == '\r' || b[i] == ' ' || b[i] == '\t'):
			i++
		case i+1 < len(b) && b[i] == '\\' && (b[i+1] == 'n' || b[i+1] == 'r'):
			i += 2
		case i+1 == len(b) && b[i] == '\\': // its second half is yet to come
			i++
		default:
			return i
		}
	}
}

// forms are the ways, besides base64, in which a value is likely to be printed.
func forms(value string) []string {
	all := []string{value}
	if strings.ContainsAny(value, "\r\n") {
		for line := range strings.SplitSeq(value, "\n") {
			all = append(all, strings.TrimSpace(line))
		}
	}
	if len(value) > maxForms || !utf8.ValidString(value) {
		return all
	}
	quoted := strconv.Quote(value)
	return append(append(append(all, quoted[1:len(quoted)-1]), urlForms(value)...), jsonForms(value)...)
}

// urlForms differ in what they leave as it is.
func urlForms(value string) []string {
	query := url.QueryEscape(value)
	strict := strings.ReplaceAll(query, "+", "%20")
	return []string{
		query, url.PathEscape(value), strict,
		strings.ReplaceAll(strict, "%2F", "/"), // Python's quote
		strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(strict), // JavaScript's encodeURIComponent
	}
}

// jsonForms are JSON as it is, safe within HTML as Go writes it, and in ASCII as Python does.
func jsonForms(value string) []string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return nil
	}
	plain := strings.TrimSuffix(b.String(), "\n")
	all := []string{plain[1 : len(plain)-1], asciiJSON(plain[1 : len(plain)-1])}
	if asJSON, err := json.Marshal(value); err == nil {
		all = append(all, string(asJSON[1:len(asJSON)-1]))
	}
	return all
}

func asciiJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x7f:
			b.WriteRune(r)
		case r > 0xffff:
			first, second := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, first, second)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
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
