package rendertemplate

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"
)

// quoteYAML is s as a scalar on one line that stays a text: no reader takes it for a number, a date or a no.
func quoteYAML(s string) (string, error) {
	b, err := yaml.Marshal(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: s})
	if err != nil {
		return "", errNoUTF8
	}
	return strings.TrimSuffix(string(b), "\n"), nil
}

// quoteProperties is s as a value in a Java properties file.
func quoteProperties(s string) (string, error) {
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
	return string(b), nil
}
