package dataosmanifest

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

// Bounds of a document. Aliases make a small one large, and one that contains itself endless.
const (
	maxDepth = 64
	maxNodes = 1 << 17
)

type kind int

const (
	null kind = iota
	scalar
	mapping
	list
)

// node is a value of a document and the line it is on. A scalar is exactly what is written.
type node struct {
	kind   kind
	line   int
	text   string
	tag    string // YAML's, of a scalar
	fields []field
	items  []*node
}

type field struct {
	key   string
	line  int
	value *node
}

// get returns a member of a mapping; nil for none. A nil node has none.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for _, f := range n.fields {
		if f.key == key {
			return f.value
		}
	}
	return nil
}

// str is the text of a scalar member; empty for none.
func (n *node) str(key string) string {
	if v := n.get(key); v != nil && v.kind == scalar {
		return v.text
	}
	return ""
}

var (
	jsonStart = regexp.MustCompile(`^[ \t\r\n]*\{[ \t\r\n]*["}]`)
	// yamlBreak is what YAML takes for a line break and others do not: in a value it would not stay as it is.
	yamlBreak = regexp.MustCompile("[\u0085\u2028\u2029]")
	yamlLine  = regexp.MustCompile(`line (\d+): (.*)`)
)

// decode reads one document, JSON if it can be. first is the line of the stream that it begins on.
func decode(text string, first int) (*node, *Fault) {
	if jsonStart.MatchString(text) {
		d := jsonReader{decoder: jsontext.NewDecoder(strings.NewReader(text)), text: text, first: first}
		if n, err := d.document(); err == nil {
			return n, nil
		}
	}
	if at := yamlBreak.FindStringIndex(text); at != nil {
		return nil, &Fault{first + strings.Count(text[:at[0]], "\n"), "", `a line break that only YAML knows: write it as \u…, in double quotes`}
	}
	d := yamlReader{first: first - 1}
	return d.document(text)
}

// yamlReader turns YAML into nodes.
type yamlReader struct {
	first, nodes int
	fault        *Fault
}

func (d *yamlReader) document(text string) (*node, *Fault) {
	parser := yaml.NewDecoder(strings.NewReader(text))
	var root, second yaml.Node
	err := parser.Decode(&root)
	if errors.Is(err, io.EOF) {
		return nil, &Fault{d.first + 1, "", "is empty"}
	}
	if err == nil && !errors.Is(parser.Decode(&second), io.EOF) {
		err = errors.New("more follows")
	}
	if err != nil {
		return nil, d.syntax(err)
	}
	n := d.value(root.Content[0], 0)
	return n, d.fault
}

// syntax is a mistake in the parser's words, where they quote nothing of the document.
func (d *yamlReader) syntax(err error) *Fault {
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if found := yamlLine.FindStringSubmatch(text); found != nil {
		line, _ = strconv.Atoi(found[1])
		text = found[2]
	}
	if strings.HasPrefix(text, "unknown anchor ") {
		text = "an alias of no anchor"
	}
	return &Fault{d.first + line, "", "not valid YAML: " + text}
}

func (d *yamlReader) value(from *yaml.Node, depth int) *node {
	n := &node{line: d.first + from.Line}
	if d.nodes++; depth > maxDepth || d.nodes > maxNodes {
		d.fail(n.line, "nested too deeply or repeated too often")
	}
	if d.fault != nil {
		return n
	}
	switch from.Kind {
	case yaml.AliasNode:
		return d.value(from.Alias, depth+1)
	case yaml.MappingNode:
		n.kind = mapping
		d.mapping(n, from, depth)
	case yaml.SequenceNode:
		n.kind = list
		for _, item := range from.Content {
			n.items = append(n.items, d.value(item, depth+1))
		}
	default:
		n.kind, n.text, n.tag = scalar, from.Value, from.ShortTag()
		switch {
		case n.tag == "!!null":
			n.kind = null
		case n.tag == "!!binary" || strings.HasPrefix(n.tag, "!") && !strings.HasPrefix(n.tag, "!!"):
			d.fail(n.line, "no tag may stand here")
		}
	}
	return n
}

func (d *yamlReader) fail(line int, text string) {
	if d.fault == nil {
		d.fault = &Fault{line, "", text}
	}
}

// mapping takes what is merged in with << behind the mapping's own keys.
func (d *yamlReader) mapping(n *node, from *yaml.Node, depth int) {
	var merged []*node
	seen := map[string]bool{}
	for i := 0; i+1 < len(from.Content) && d.fault == nil; i += 2 {
		key, value := from.Content[i], from.Content[i+1]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		switch {
		case key.ShortTag() == "!!merge":
			m := d.value(value, depth+1)
			merged = append(merged, m)
			if m.kind == list {
				merged = append(merged, m.items...)
			}
		case key.Kind != yaml.ScalarNode:
			d.fail(d.first+key.Line, "a key is to be a text")
		case seen[key.Value]:
			d.fail(d.first+key.Line, "the key "+key.Value+" is given twice")
		default:
			seen[key.Value] = true
			n.fields = append(n.fields, field{key.Value, d.first + key.Line, d.value(value, depth+1)})
		}
	}
	for _, m := range merged {
		for _, f := range m.fields {
			if !seen[f.key] {
				seen[f.key] = true
				n.fields = append(n.fields, f)
			}
		}
	}
}

// jsonReader turns JSON into nodes. Read as YAML, its escapes could mean others.
type jsonReader struct {
	decoder      *jsontext.Decoder
	text         string
	first, nodes int
	read, line   int // so far
}

var errTooMuch = errors.New("nested too deeply")

func (d *jsonReader) document() (*node, error) {
	n, err := d.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := d.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more follows")
	}
	return n, nil
}

// at is the line of the token that was read last.
func (d *jsonReader) at() int {
	offset := min(int(d.decoder.InputOffset()), len(d.text))
	d.line += strings.Count(d.text[d.read:offset], "\n")
	d.read = offset
	return d.first + d.line
}

func (d *jsonReader) value(depth int) (*node, error) {
	if d.nodes++; depth > maxDepth || d.nodes > maxNodes {
		return nil, errTooMuch
	}
	token, err := d.decoder.ReadToken()
	if err != nil {
		return nil, err
	}
	n := &node{kind: scalar, text: token.String(), tag: "!!str"}
	kind := token.Kind()
	n.line = d.at()
	switch kind {
	case '{':
		n.kind, n.text = mapping, ""
		for d.decoder.PeekKind() != '}' {
			name, err := d.decoder.ReadToken()
			if err != nil {
				return nil, err
			}
			f := field{key: name.String(), line: d.at()}
			if f.value, err = d.value(depth + 1); err != nil {
				return nil, err
			}
			n.fields = append(n.fields, f)
		}
		_, err = d.decoder.ReadToken()
	case '[':
		n.kind, n.text = list, ""
		for d.decoder.PeekKind() != ']' {
			item, err := d.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		_, err = d.decoder.ReadToken()
	case 'n':
		n.kind, n.tag = null, "!!null"
	case 't', 'f':
		n.tag = "!!bool"
	case '0':
		n.tag = "!!float"
		if !strings.ContainsAny(n.text, ".eE") {
			n.tag = "!!int"
		}
	}
	return n, err
}
