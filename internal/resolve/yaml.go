package resolve

import (
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parseYAML reads one document of YAML.
func parseYAML(payload string) (*node, error) {
	if strings.HasPrefix(payload, "\ufeff") {
		return nil, &SyntaxError{1, "begins with a byte order mark"}
	}
	if !utf8.ValidString(payload) {
		return nil, &SyntaxError{0, "is not UTF-8"}
	}
	where := positionsOf(payload)
	for line := range where.lines {
		if strings.HasPrefix(payload[where.offset(line+1, 1):], "%TAG") {
			return nil, &SyntaxError{line + 1, "has a %TAG directive: write its tags out"} // short tags would become long ones
		}
	}
	root, err := decodeYAML(payload)
	if err != nil {
		return nil, err
	}
	p := yamlParser{payload: payload, positions: where, brought: map[*yaml.Node]bool{}}
	return p.value(root, 0)
}

// decodeYAML returns the root of the one document that there is.
func decodeYAML(payload string) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(strings.NewReader(payload))
	var document, more yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, &SyntaxError{0, "is empty"}
	} else if err != nil {
		return nil, yamlError(err)
	}
	if err := decoder.Decode(&more); err == nil {
		return nil, &SyntaxError{more.Line, "has more than one document"}
	} else if !errors.Is(err, io.EOF) {
		return nil, yamlError(err)
	}
	return document.Content[0], nil
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// yamlError keeps the line alone: the parser's own text can quote the payload.
func yamlError(err error) error {
	syntax := &SyntaxError{0, "is neither well-formed JSON nor well-formed YAML"}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		syntax.Line, _ = strconv.Atoi(m[1])
	}
	return syntax
}

type yamlParser struct {
	payload string
	positions
	brought map[*yaml.Node]bool // what was found out about merged values
	nodes   int
}

func (p *yamlParser) value(from *yaml.Node, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, tooDeep(from.Line)
	}
	if p.nodes++; p.nodes > maxNodes {
		return nil, tooMany(from.Line)
	}
	n := &node{line: from.Line}
	switch from.Kind {
	case yaml.MappingNode:
		n.kind, n.flow = mapping, from.Style&yaml.FlowStyle != 0
		return n, p.members(n, from, depth)
	case yaml.SequenceNode:
		n.kind = list
		for _, content := range from.Content {
			item, err := p.value(content, depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
			n.share(item.shared)
		}
		return n, nil
	case yaml.ScalarNode:
		n.value, n.tag, n.tagged = from.Value, from.ShortTag(), from.Style&yaml.TaggedStyle != 0
		n.extent = func() (extent, bool) { return p.extent(from) }
		return n, nil
	case yaml.AliasNode:
		n.kind, n.value = alias, from.Value
		n.share(&SyntaxError{n.line, "an alias stands where secrets are delivered: write it out"})
		return n, nil
	}
	return nil, &SyntaxError{from.Line, "is neither well-formed JSON nor well-formed YAML"}
}

func (p *yamlParser) members(n *node, from *yaml.Node, depth int) error {
	seen := map[string]bool{}
	for i := 0; i+1 < len(from.Content); i += 2 {
		key := from.Content[i]
		if key.Kind != yaml.ScalarNode {
			return &SyntaxError{key.Line, "a name in a mapping is no scalar"}
		}
		if seen[key.Value] {
			return twice(key.Line)
		}
		seen[key.Value] = true
		value, err := p.value(from.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		m := member{key: key.Value, at: p.offset(key.Line, key.Column), indent: key.Column - 1, value: value, merge: p.merge(key, from.Content[i+1])}
		n.members = append(n.members, m)
		if m.merge != mergesNothing {
			n.share(merged(n.line))
		}
		n.share(value.shared)
	}
	return nil
}

// merge tells what a member that is tagged as a merge does to its mapping.
func (p *yamlParser) merge(key, value *yaml.Node) merge {
	switch {
	case key.ShortTag() != "!!merge":
		return mergesNothing
	case p.brings(value):
		return mergesMeaning
	}
	return merges
}

// brings tells whether what is merged has names that mean something in a surface. What an alias stands for is looked at
// once, and no further: a merge within it means something, since it might bring such a name.
func (p *yamlParser) brings(from *yaml.Node) bool {
	if from.Kind == yaml.AliasNode {
		from = from.Alias
	}
	if known, ok := p.brought[from]; ok {
		return known
	}
	p.brought[from] = true // for an alias of what it stands in
	brings := from.Kind == yaml.SequenceNode && slices.ContainsFunc(from.Content, p.brings)
	if from.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(from.Content) && !brings; i += 2 {
			brings = matters(from.Content[i].Value)
		}
	}
	p.brought[from] = brings
	return brings
}

// extent is where the text of a scalar stands, without its tag and anchor. The parser tells where it begins. Where it
// ends follows from its value: but for quoted ones, a scalar is written with the same letters as its value has, in the
// same order, and other spaces between them. Parse makes sure by reading what it would write (verify).
func (p *yamlParser) extent(n *yaml.Node) (e extent, ok bool) {
	rest := p.payload[p.offset(n.Line, n.Column):]
	for rest != "" && (rest[0] == '&' || rest[0] == '!') {
		rest = strings.TrimLeft(rest[until(rest, " \t\r\n"):], " \t\r\n")
	}
	e.start = len(p.payload) - len(rest)
	var length int
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		length, ok = quotedEnd(rest, '"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		length, ok = quotedEnd(rest, '\'')
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		header := until(rest, "\r\n")
		if space := strings.IndexAny(rest[:header], " \t"); space > 0 && strings.ContainsRune(rest[:header], '#') {
			e.after = rest[space:header]
		}
		length, ok = lettersEnd(rest[header:], n.Value)
		length += header
		length += len(rest[length:]) - len(strings.TrimLeft(rest[length:], " \t"))
	default:
		length, ok = lettersEnd(rest, n.Value)
	}
	e.end = e.start + length
	return e, ok
}

// until is where the first of some characters stands in s, or its end.
func until(s, chars string) int {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return i
	}
	return len(s)
}

// quotedEnd is where a quoted text ends.
func quotedEnd(s string, quote byte) (int, bool) {
	if s == "" || s[0] != quote {
		return 0, false
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote == '"':
			i++
		case s[i] == quote && quote == '\'' && strings.HasPrefix(s[i+1:], "'"):
			i++
		case s[i] == quote:
			return i + 1, true
		}
	}
	return 0, false
}

// lettersEnd is where the last letter of value stands in s, between whose letters s may have other spaces.
func lettersEnd(s, value string) (int, bool) {
	end := 0
	for _, letter := range value {
		if unicode.IsSpace(letter) {
			continue
		}
		end += len(s[end:]) - len(strings.TrimLeftFunc(s[end:], unicode.IsSpace))
		r, size := utf8.DecodeRuneInString(s[end:])
		if size == 0 || r != letter {
			return 0, false
		}
		end += size
	}
	return end, end > 0
}
