package resolve

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

func isJSON(payload string) bool { return utf8.ValidString(payload) && json.Valid([]byte(payload)) }

// parseJSON reads what isJSON.
func parseJSON(payload string) (*node, error) {
	p := jsonParser{payload: payload, tokens: json.NewDecoder(strings.NewReader(payload))}
	p.tokens.UseNumber()
	return p.value(0)
}

type jsonParser struct {
	payload string
	tokens  *json.Decoder
	nodes   int
}

// next returns a token and where it stands.
func (p *jsonParser) next() (token json.Token, start, end int, err error) {
	start = int(p.tokens.InputOffset())
	token, err = p.tokens.Token()
	if err != nil {
		return nil, 0, 0, &SyntaxError{p.line(start), "is not well-formed JSON"}
	}
	end = int(p.tokens.InputOffset())
	start += len(p.payload[start:end]) - len(strings.TrimLeft(p.payload[start:end], " \t\r\n,:"))
	return token, start, end, nil
}

func (p *jsonParser) line(offset int) int { return 1 + strings.Count(p.payload[:offset], "\n") }

func (p *jsonParser) value(depth int) (*node, error) {
	token, start, end, err := p.next()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, tooDeep(p.line(start))
	}
	if p.nodes++; p.nodes > maxNodes {
		return nil, tooMany(p.line(start))
	}
	switch token {
	case json.Delim('{'):
		return p.object(depth)
	case json.Delim('['):
		return p.array(depth)
	}
	n := &node{json: true, value: p.payload[start:end]}
	switch token := token.(type) {
	case nil:
		n.tag = null
	case string:
		n.value, n.tag = token, "!!str"
	}
	n.extent = func() (extent, bool) { return extent{start: start, end: end}, true }
	return n, nil
}

func (p *jsonParser) object(depth int) (*node, error) {
	n := &node{json: true, kind: mapping, flow: true}
	seen := map[string]bool{}
	for p.tokens.More() {
		token, start, _, err := p.next()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string)
		if seen[key] {
			return nil, twice(p.line(start))
		}
		seen[key] = true
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.members = append(n.members, member{key: key, at: start, value: value})
	}
	_, _, _, err := p.next()
	return n, err
}

func (p *jsonParser) array(depth int) (*node, error) {
	n := &node{json: true, kind: list}
	for p.tokens.More() {
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, value)
	}
	_, _, _, err := p.next()
	return n, err
}
