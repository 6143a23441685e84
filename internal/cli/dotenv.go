package cli

import (
	"fmt"
	"strings"
)

type dotenvPair struct{ key, value string }

// parseDotenv reads KEY=VALUE lines. It expands nothing, so that a password with $ in it stays what it is. Blank lines,
// comments and a leading "export" are skipped. A value is taken
//
//	bare              up to the end of the line or " #", less white space around it
//	'in single'       as it is, line breaks included
//	"in double"       with \n, \r, \t, \", \\, \$ and \` undone, line breaks included
//
// Errors name the line, never what is on it.
func parseDotenv(content string) ([]dotenvPair, error) {
	p := dotenvParser{rest: strings.ReplaceAll(content, "\r\n", "\n"), line: 1}
	p.rest = strings.TrimPrefix(p.rest, "\uFEFF")
	var pairs []dotenvPair
	for p.rest != "" {
		pair, err := p.next()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", p.line, err)
		}
		if pair.key != "" {
			pairs = append(pairs, pair)
		}
	}
	return pairs, nil
}

type dotenvParser struct {
	rest string
	line int
}

// next reads a line, and those that a quoted value goes on to. The key is empty where there is nothing on it.
func (p *dotenvParser) next() (dotenvPair, error) {
	end := lineEnd(p.rest, 0)
	line := strings.TrimSpace(p.rest[:end])
	if line == "" || line[0] == '#' {
		p.skip(end)
		return dotenvPair{}, nil
	}
	name, _, ok := strings.Cut(p.rest[:end], "=")
	if !ok {
		return dotenvPair{}, usage("want KEY=VALUE")
	}
	key := strings.TrimSpace(name)
	if exported, ok := strings.CutPrefix(key, "export "); ok {
		key = strings.TrimSpace(exported)
	}
	if key == "" || strings.ContainsAny(key, " \t'\"") {
		return dotenvPair{}, usage("want KEY=VALUE")
	}
	start := len(name) + 1
	for start < end && (p.rest[start] == ' ' || p.rest[start] == '\t') {
		start++
	}
	if start < end && (p.rest[start] == '\'' || p.rest[start] == '"') {
		value, err := p.quoted(start)
		return dotenvPair{key, value}, err
	}
	value := strings.ReplaceAll(p.rest[len(name)+1:end], "\t#", " #")
	value, _, _ = strings.Cut(value, " #")
	p.skip(end)
	return dotenvPair{key, strings.TrimSpace(value)}, nil
}

// quoted reads a quoted value that starts at a position of the rest.
func (p *dotenvParser) quoted(start int) (string, error) {
	quote := p.rest[start]
	var b strings.Builder
	for i := start + 1; i < len(p.rest); i++ {
		c := p.rest[i]
		switch {
		case c == quote:
			end := lineEnd(p.rest, i)
			if after := strings.TrimSpace(p.rest[i+1 : end]); after != "" && after[0] != '#' {
				return "", usage("there is something after the closing quote")
			}
			p.skip(end)
			return b.String(), nil
		case c == '\\' && quote == '"' && i+1 < len(p.rest):
			i++
			b.WriteString(unescapeDotenv(p.rest[i]))
		default:
			b.WriteByte(c)
		}
	}
	return "", usage("the quote is never closed")
}

func unescapeDotenv(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	case '"', '\\', '$', '`':
		return string(c)
	}
	return `\` + string(c)
}

// lineEnd is the position of the line break that ends the line of a position.
func lineEnd(s string, from int) int {
	if i := strings.IndexByte(s[from:], '\n'); i >= 0 {
		return from + i
	}
	return len(s)
}

// skip goes on after the line break at end.
func (p *dotenvParser) skip(end int) {
	p.line += strings.Count(p.rest[:min(end+1, len(p.rest))], "\n")
	p.rest = p.rest[min(end+1, len(p.rest)):]
}
