package render

import (
	"bytes"
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/coffer-dev/coffer/internal/render/rendertemplate"
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
		mapping.Content = append(mapping.Content, rendertemplate.YAMLNode("!!str", p.name), rendertemplate.YAMLNode(tag, p.text))
	}
	out, err := yaml.Marshal(mapping)
	if err != nil {
		panic("render: encoding YAML")
	}
	return out
}

// encodeProperties writes lines for java.util.Properties. Key names need no escape: payload keys have no space, '=', ':',
// '#' or '!'.
func encodeProperties(pairs []pair) []byte {
	var b []byte
	for _, p := range pairs {
		b = append(b, p.name+"="+rendertemplate.QuoteProperties(p.text)+"\n"...)
	}
	return b
}
