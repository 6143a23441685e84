package rendertemplate

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"
)

// YAMLNode is a text, or the base64 of !!binary, as a scalar on one line that stays one: no reader takes it for a number,
// a date or a no.
func YAMLNode(tag, s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Style: yaml.DoubleQuotedStyle, Value: s}
}

func quoteYAML(s string) (string, error) {
	b, err := yaml.Marshal(YAMLNode("!!str", s))
	if err != nil {
		return "", errNoUTF8
	}
	return strings.TrimSuffix(string(b), "\n"), nil
}

// QuoteProperties is a value in a Java properties file: what java.util.Properties would read as something else is escaped,
// and nothing more.
func QuoteProperties(s string) string {
	var b []byte
	leading := true
	for _, r := range s {
		switch {
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\f':
			b = append(b, `\f`...)
		case r == '\\':
			b = append(b, `\\`...)
		case r == ' ' && leading:
			b = append(b, `\ `...)
		case r >= ' ' && r <= '~':
			b = append(b, byte(r))
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				b = fmt.Appendf(b, `\u%04X`, unit)
			}
		}
		leading = leading && r == ' '
	}
	return string(b)
}
