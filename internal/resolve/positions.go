package resolve

import (
	"strings"
	"unicode/utf8"
)

// positions tell where the lines and columns of a payload are that the YAML parser counts, each without a search: there are
// as many as nodes, and all may stand on one line.
type positions struct {
	runes []int32 // where each rune begins, and the end; MaxPayload bounds it
	lines []int32 // which rune each line begins with
}

func positionsOf(payload string) positions {
	p := positions{runes: make([]int32, 0, utf8.RuneCountInString(payload)+1), lines: []int32{0}}
	for i, r := range payload {
		p.runes = append(p.runes, int32(i))
		switch r {
		case '\r':
			if strings.HasPrefix(payload[i+1:], "\n") {
				continue
			}
			fallthrough
		case '\n', '\u0085', '\u2028', '\u2029':
			p.lines = append(p.lines, int32(len(p.runes)))
		}
	}
	p.runes = append(p.runes, int32(len(payload)))
	return p
}

// offset is where a line, counted from 1, has a column, counted from 1.
func (p positions) offset(line, column int) int {
	last := len(p.runes) - 1
	if line < 1 || line > len(p.lines) {
		return int(p.runes[last])
	}
	return int(p.runes[min(int(p.lines[line-1])+column-1, last)])
}
