package resolve

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// edit puts a text, quoted, in the place of a piece of the payload.
type edit struct {
	extent
	before   string // what comes before the text: the name of a member that is added
	segments []segment
	node     *node // whose text it is; the mapping, where a member is added
}

// extent is a piece of the payload that holds a text.
type extent struct {
	start, end int
	after      string // what of it stays, after the text: the comment on the header of a block of YAML
}

// use is the first use whose value the text holds; false: it holds none.
func (e *edit) use() (index int, ok bool) {
	for _, s := range e.segments {
		if s.use >= 0 {
			return s.use, true
		}
	}
	return 0, false
}

// text is the text with the values of uses in it.
func (e *edit) text(values []string) string {
	var b strings.Builder
	for _, s := range e.segments {
		if s.use < 0 {
			b.WriteString(s.literal)
		} else {
			b.WriteString(values[s.use])
		}
	}
	return b.String()
}

// splice writes the payload with texts in the place of the edits, which are in its order.
func (d *Document) splice(texts []string) string {
	var b []byte
	rest := 0
	for i, e := range d.edits {
		b = append(append(b, d.source[rest:e.start]...), e.before...)
		b = append(appendQuoted(b, texts[i]), e.after...)
		rest = e.end
	}
	return string(append(b, d.source[rest:]...))
}

// appendQuoted writes a text, which is UTF-8, so that JSON and YAML read the same.
func appendQuoted(b []byte, text string) []byte {
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff' || r == '\ufffe' || r == '\uffff':
			b = fmt.Appendf(b, `\u%04x`, r) // what YAML does not print, or breaks lines at
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

// verify makes sure that texts come where they belong: it writes the payload of YAML with texts that look like syntax,
// reads that, and compares it with what is meant.
func (d *Document) verify(root *node) error {
	if len(d.edits) == 0 || root.json {
		return nil
	}
	texts := make([]string, len(d.edits))
	for i, e := range d.edits {
		texts[i] = fmt.Sprintf("- a: b # \"'\n\t{%d\\", i)
		if e.node.kind == mapping {
			e.node.members = append(e.node.members, member{key: secretKey, value: &node{tag: "!!str", value: texts[i]}})
			continue
		}
		e.node.value = texts[i]
		if !e.node.tagged {
			e.node.tag = "!!str"
		}
	}
	written, err := parseYAML(d.splice(texts))
	if err != nil {
		return &SyntaxError{0, "a reference stands where no text can be put: write the text around it in double quotes"}
	}
	if line, same := root.same(written); !same {
		return &SyntaxError{line, "a reference stands where no text can be put: write the text around it in double quotes"}
	}
	return nil
}
