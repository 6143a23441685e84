package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// defaultSection is the section of those who name none.
const defaultSection = "DEFAULT"

const maxSection = 253

// The dialects of INI contradict each other as those of dotenv do, and have no common quoting. So a value is written as it
// is, and refused where Python's configparser (without interpolation) or Go's ini.v1 would read something else: lines,
// control characters and surrounding space; # and ; which begin a comment for ini.v1; a last backslash, which joins lines
// there; quotes around it and a first `, which it takes off; %(, which it replaces.
func iniProblem(value string) string {
	switch {
	case strings.ContainsFunc(value, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }):
		return "has lines or control characters"
	case strings.TrimFunc(value, unicode.IsSpace) != value:
		return "begins or ends with space"
	case strings.ContainsAny(value, "#;"):
		return "contains # or ;"
	case strings.Contains(value, "%("):
		return "contains %("
	case strings.HasSuffix(value, `\`):
		return "ends in a backslash"
	case strings.HasPrefix(value, "`"), strings.HasPrefix(value, `"""`), len(value) > 1 && strings.ContainsAny(value[:1], `'"`) && value[0] == value[len(value)-1]:
		return "is in quotes"
	}
	return ""
}

// iniNameProblem refuses the one name of a key that ini.v1 reads as another.
func iniNameProblem(name string) string {
	if name == "-" {
		return `is "-", which readers of INI files count up`
	}
	return ""
}

// sectionProblem says why a section cannot be named so.
func sectionProblem(section string) string {
	switch {
	case len(section) > maxSection:
		return fmt.Sprintf("is longer than %d bytes", maxSection)
	case !utf8.ValidString(section) || strings.ContainsFunc(section, unicode.IsControl):
		return "must be UTF-8 without control characters"
	case strings.ContainsAny(section, "[]#;"):
		return "must not contain [, ], # or ;"
	case strings.TrimFunc(section, unicode.IsSpace) != section:
		return "must not begin or end with space"
	}
	return ""
}

// encodeINI writes a section for each run of pairs of one; see filePlan.pairs for their order.
func encodeINI(pairs []pair) []byte {
	var b []byte
	section := ""
	for _, p := range pairs {
		if p.section != section {
			if section != "" {
				b = append(b, '\n')
			}
			section = p.section
			b = fmt.Appendf(b, "[%s]\n", section)
		}
		b = append(b, p.name...)
		b = append(b, " ="...)
		if p.text != "" {
			b = append(b, ' ')
			b = append(b, p.text...)
		}
		b = append(b, '\n')
	}
	return b
}
