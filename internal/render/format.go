package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"
)

// pair is a named text on its way into a file.
type pair struct {
	section    string // of INI files
	name, text string
	binary     bool // text is base64
}

// encode writes pairs, which are sorted, unique and valid for the format. It cannot fail on such input: a panic here is
// a bug of this package or of a library, and better than a bundle that says something else.
func encode(format Format, pairs []pair) []byte {
	switch format {
	case JSON:
		return encodeJSON(pairs)
	case YAML:
		return encodeYAML(pairs)
	case Dotenv:
		return encodeDotenv(pairs)
	case Properties:
		return encodeProperties(pairs)
	case INI:
		return encodeINI(pairs)
	case HadoopXML:
		return encodeHadoop(pairs)
	case Raw, PEM, PKCS12, JKS, HadoopCredentials, DockerConfig, Netrc, Pgpass:
	}
	panic(fmt.Sprintf("render: no encoder for %v", format))
}

func encodeJSON(pairs []pair) []byte {
	object := make(map[string]string, len(pairs))
	for _, p := range pairs {
		object[p.name] = p.text
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(object); err != nil {
		panic("render: encoding JSON") // not the cause, which could quote the value
	}
	return b.Bytes()
}

func encodeYAML(pairs []pair) []byte {
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	for _, p := range pairs {
		tag := "!!str"
		if p.binary {
			tag = "!!binary"
		}
		mapping.Content = append(mapping.Content, quoted("!!str", p.name), quoted(tag, p.text))
	}
	out, err := yaml.Marshal(mapping)
	if err != nil {
		panic("render: encoding YAML")
	}
	return out
}

func quoted(tag, s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Style: yaml.DoubleQuotedStyle, Value: s}
}

// encodeProperties escapes what java.util.Properties would read as something else, and nothing more. Key names need no
// escape: payload keys have no space, '=', ':', '#' or '!'.
func encodeProperties(pairs []pair) []byte {
	var b []byte
	for _, p := range pairs {
		b = append(b, p.name...)
		b = append(b, '=')
		leading := true
		for _, r := range p.text {
			b = appendProperty(b, r, leading)
			leading = leading && r == ' '
		}
		b = append(b, '\n')
	}
	return b
}

func appendProperty(b []byte, r rune, leading bool) []byte {
	switch {
	case r == '\n':
		return append(b, `\n`...)
	case r == '\r':
		return append(b, `\r`...)
	case r == '\t':
		return append(b, `\t`...)
	case r == '\f':
		return append(b, `\f`...)
	case r == '\\':
		return append(b, `\\`...)
	case r == ' ' && leading:
		return append(b, `\ `...)
	case r >= ' ' && r <= '~':
		return append(b, byte(r))
	}
	for _, unit := range utf16.Encode([]rune{r}) {
		b = fmt.Appendf(b, `\u%04X`, unit)
	}
	return b
}
