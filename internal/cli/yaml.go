package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Bounds of a document. Aliases make a small one large, and one that contains itself endless.
const (
	maxDepth     = 64
	maxYAMLNodes = 1 << 20
)

// wantMapping is what is wrong with a document that is a list, a text or a number.
const wantMapping = "want a mapping with apiVersion, kind, metadata and spec"

// yamlLine finds the line in an error of the YAML parser, and its cause.
var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// yamlBreak is what YAML takes for a line break and others do not. In a text it would become a space or another break, and
// in a comment it would end it.
var yamlBreak = regexp.MustCompile("[\u0085\u2028\u2029]")

// decodeDocument reads a YAML or JSON document; nil if there is nothing in it. The document of a file that says it is JSON
// is, and others are if they can be.
func decodeDocument(doc document) (map[string]any, error) {
	if !doc.json && !jsonStart.MatchString(doc.Text) {
		return decodeYAML(doc.Text)
	}
	object, err := decodeJSON(doc.Text)
	if err == nil || doc.json {
		return object, err
	}
	if object, other := decodeYAML(doc.Text); other == nil {
		return object, nil
	}
	return nil, err
}

// decodeYAML reads a YAML document. A key is exactly what is written, or refused where YAML takes it for something else
// than a string: read as a number and written again, 1.10 were 1.1. What only YAML 1.1 takes for a boolean, such as y and
// no, is text.
func decodeYAML(text string) (map[string]any, error) {
	if at := yamlBreak.FindStringIndex(text); at != nil {
		r, _ := utf8.DecodeRuneInString(text[at[0]:])
		return nil, usage(fmt.Sprintf(`%s%U is a line break in YAML and would not stay as it is: write "\u%04x", in double quotes`,
			position(text, int64(at[0])), r, r))
	}
	parser := yaml.NewDecoder(strings.NewReader(text))
	var node, second yaml.Node
	err := parser.Decode(&node)
	if errors.Is(err, io.EOF) {
		return map[string]any(nil), nil
	}
	// A second document begins where only YAML sees a line break, and would be lost without a word.
	if err == nil && !errors.Is(parser.Decode(&second), io.EOF) {
		err = errors.New("more follows")
	}
	if err != nil {
		return nil, usage(yamlCause(err))
	}
	var d yamlDocument
	value, err := d.value(node.Content[0], 0)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any) // nil if there is nothing
	if !ok && value != nil {
		return nil, usage(wantMapping)
	}
	return object, nil
}

// yamlCause tells what is wrong, in the parser's words where they quote nothing of the document.
func yamlCause(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.HasPrefix(text, "unknown anchor ") {
		return "not valid YAML: an alias of no anchor"
	}
	if found := yamlLine.FindStringSubmatch(text); found != nil {
		return "line " + found[1] + " of the document: not valid YAML: " + found[2]
	}
	return "not valid YAML: " + text
}

// yamlDocument turns the nodes of a document into maps, slices, strings, booleans and numbers: json.Numbers as they are
// written, and an int64 where it is not written as JSON would.
type yamlDocument struct{ nodes int }

// fault names a line, and quotes no value.
func fault(node *yaml.Node, format string, args ...any) error {
	return usage(fmt.Sprintf("line %d of the document: ", node.Line) + fmt.Sprintf(format, args...))
}

func (d *yamlDocument) value(node *yaml.Node, depth int) (any, error) {
	if d.nodes++; depth > maxDepth || d.nodes > maxYAMLNodes {
		return nil, fault(node, "nested too deeply or repeated too often")
	}
	tagged := node.Style&yaml.TaggedStyle != 0
	switch tag := node.ShortTag(); {
	case node.Kind == yaml.AliasNode:
		return d.value(node.Alias, depth+1)
	case tag == "!!binary":
		return nil, fault(node, "binary values go into binaryData, as base64")
	case tagged && tag != "!!str" && tag != "!!map" && tag != "!!seq":
		return nil, fault(node, "not valid YAML: no tag but !!str may stand here")
	case node.Kind == yaml.MappingNode:
		return d.mapping(node, depth)
	case node.Kind == yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, entry := range node.Content {
			var err error
			if list[i], err = d.value(entry, depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return yamlScalar(node), nil
}

func yamlScalar(node *yaml.Node) any {
	switch node.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(node.Value, "true")
	case "!!int":
		// The mode of a file is written 0440, and 440 is another.
		var number int64
		if node.Decode(&number) == nil && strconv.FormatInt(number, 10) != node.Value {
			return number
		}
		return json.Number(node.Value)
	case "!!float":
		return json.Number(node.Value)
	}
	return node.Value
}

// mapping refuses a key given twice. What is merged in with << gives way to the mapping's own keys.
func (d *yamlDocument) mapping(node *yaml.Node, depth int) (map[string]any, error) {
	object, merged := map[string]any{}, map[string]any{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].ShortTag() == "!!merge" {
			if err := d.merge(node.Content[i+1], merged, depth+1); err != nil {
				return nil, err
			}
			continue
		}
		key, err := yamlKey(node.Content[i])
		if err != nil {
			return nil, err
		}
		if _, twice := object[key]; twice {
			return nil, fault(node.Content[i], "the key %s is given twice", key)
		}
		if object[key], err = d.value(node.Content[i+1], depth+1); err != nil {
			return nil, err
		}
	}
	for key, value := range merged {
		if _, own := object[key]; !own {
			object[key] = value
		}
	}
	return object, nil
}

// merge adds the keys of a mapping, or of a list of them, of which the first counts.
func (d *yamlDocument) merge(node *yaml.Node, into map[string]any, depth int) error {
	value, err := d.value(node, depth)
	if err != nil {
		return err
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, entry := range list {
		object, ok := entry.(map[string]any)
		if !ok {
			return fault(node, "<< wants a mapping")
		}
		for key, value := range object {
			if _, earlier := into[key]; !earlier {
				into[key] = value
			}
		}
	}
	return nil
}

func yamlKey(node *yaml.Node) (string, error) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.ScalarNode {
		return "", fault(node, "a key is to be a string")
	}
	switch tag := node.ShortTag(); tag {
	case "!!str":
		return node.Value, nil
	case "!!int", "!!float", "!!bool", "!!null", "!!timestamp":
		return "", fault(node, "YAML does not take the key %s for a string: put it into quotes", node.Value)
	}
	return "", fault(node, "not valid YAML: no tag but !!str may stand here")
}
