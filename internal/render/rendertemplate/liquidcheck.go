package rendertemplate

import (
	"slices"
	"strconv"
	"strings"
)

// maxOperators is the most comparisons in a template: they alone do not pay for the bytes they touch.
const maxOperators = 200

// liquidChecker refuses what can be known to fail or to have no bound.
type liquidChecker struct {
	*checker
	variables map[string]bool
	operators int
	open      []string // blocks that are open
}

func (l *liquidChecker) all(constructs []*construct) error {
	l.variables = map[string]bool{"secrets": true, "values": true, "forloop": true}
	for _, c := range constructs {
		name := l.assigned(c)
		if l.variables[name] && name != "" && slices.Contains([]string{"secrets", "values", "forloop"}, name) || strings.HasPrefix(name, "_") {
			return invalid(c.line, "no variable can be called %s", strconv.Quote(name))
		}
		l.variables[name] = true
	}
	for _, c := range constructs {
		if err := l.construct(c); err != nil {
			return err
		}
	}
	return nil
}

// assigned is the variable that the construct sets.
func (l *liquidChecker) assigned(c *construct) string {
	if (c.tag == "assign" || c.tag == "for" || c.tag == "capture") && len(c.tokens) > 0 && c.tokens[0].kind == nameToken {
		return c.tokens[0].text
	}
	return ""
}

func (l *liquidChecker) construct(c *construct) error {
	t := c.tokens
	switch c.tag {
	case "", "if", "elsif", "unless", "case", "when":
		if len(t) == 0 {
			return invalid(c.line, "there is no expression")
		}
		for _, other := range t {
			if c.tag == "when" && other.text == "," && l.compare(c.line) != nil {
				return l.compare(c.line)
			}
		}
		names, err := l.expression(c.line, t)
		if err == nil && c.tag == "" && whole(names) {
			err = invalid(c.line, "this is a whole secret, and not the value of a key")
		}
		return l.block(c, err)
	case "assign":
		if len(t) < 3 || t[0].kind != nameToken || t[1].text != "=" {
			return invalid(c.line, "it is {%% assign NAME = EXPRESSION %%}")
		}
		_, err := l.expression(c.line, t[2:])
		return err
	case "for":
		if len(t) < 3 || t[0].kind != nameToken || t[1].text != "in" {
			return invalid(c.line, "it is {%% for NAME in LIST %%}")
		}
		return l.block(c, l.loop(c))
	case "capture":
		if len(t) != 1 || t[0].kind != nameToken {
			return invalid(c.line, "it is {%% capture NAME %%}")
		}
		return l.block(c, nil)
	case "raw", "comment":
		return nil
	case "else", "break", "continue", "endif", "endunless", "endcase", "endfor", "endcapture":
		if len(t) != 0 {
			return invalid(c.line, "%s takes no arguments", c.tag)
		}
		return l.block(c, nil)
	}
	return invalid(c.line, "no tag %s", strconv.Quote(c.tag))
}

// block follows what is open, for break and continue and for depth; the library sees to the rest.
func (l *liquidChecker) block(c *construct, err error) error {
	switch c.tag {
	case "if", "unless", "case", "for", "capture":
		l.open = append(l.open, c.tag)
	case "endif", "endunless", "endcase", "endfor", "endcapture":
		if len(l.open) == 0 || "end"+l.open[len(l.open)-1] != c.tag {
			return invalid(c.line, "%s without its beginning", c.tag)
		}
		l.open = l.open[:len(l.open)-1]
	case "break", "continue":
		if !slices.Contains(l.open, "for") {
			return invalid(c.line, "%s outside of a loop", c.tag)
		}
	}
	if err == nil && len(l.open) > maxDepth {
		return invalid(c.line, "nested too deeply")
	}
	return err
}

func (l *liquidChecker) loop(c *construct) error {
	end := modifiers(c.tokens, len(c.args))
	var list, rest []token
	for _, t := range c.tokens[2:] {
		switch {
		case t.at < end:
			list = append(list, t)
		case t.kind == parameterToken && (t.text == "limit" || t.text == "offset") || t.text == "reversed":
		default:
			rest = append(rest, t)
		}
	}
	if _, err := l.expression(c.line, list); err != nil {
		return err
	}
	_, err := l.expression(c.line, rest)
	return err
}

// expression returns the names that it is, where it is nothing but names from the root on.
func (l *liquidChecker) expression(line int, tokens []token) ([]string, error) {
	var names []string
	for i, t := range tokens {
		isFilter := i > 0 && tokens[i-1].text == "|" && tokens[i-1].kind == operatorToken
		var err error
		switch t.kind {
		case stringToken, propertyToken:
			l.literals[t.text] = true
		case parameterToken:
			if !isFilter {
				return nil, invalid(line, "syntax error: unexpected %s", strconv.Quote(t.text))
			}
			err = l.filter(line, t.text)
		case nameToken:
			if isFilter {
				err = l.filter(line, t.text)
			} else {
				names, err = l.name(line, tokens[i:])
			}
		case operatorToken:
			err = l.operator(line, tokens, i)
		case numberToken:
		}
		if err != nil {
			return nil, err
		}
	}
	if len(tokens) > 0 && tokens[len(tokens)-1].at != l.pathEnd(tokens) {
		names = nil
	}
	return names, nil
}

// pathEnd is where the last token of the path begins that the tokens start with.
func (l *liquidChecker) pathEnd(tokens []token) int {
	_, n := namesOf(tokens)
	return tokens[n-1].at
}

// namesOf returns the names that the tokens start with, and how many tokens they are.
func namesOf(tokens []token) (names []string, n int) {
	names, n = []string{tokens[0].text}, 1
	for n < len(tokens) {
		switch {
		case tokens[n].kind == propertyToken:
			names = append(names, tokens[n].text)
			n++
		case n+2 < len(tokens) && tokens[n].text == "[" && tokens[n+1].kind == stringToken && tokens[n+2].text == "]":
			names = append(names, tokens[n+1].text)
			n += 3
		default:
			return names, n
		}
	}
	return names, n
}

func (l *liquidChecker) name(line int, tokens []token) ([]string, error) {
	switch name := tokens[0].text; name {
	case "true", "false", "nil", "and", "or":
	case "contains":
		return nil, l.compare(line)
	case "secrets", "values":
		names, _ := namesOf(tokens)
		return names, l.path(line, names)
	default:
		if !l.variables[name] {
			return nil, invalid(line, "no variable %s", strconv.Quote(name))
		}
	}
	return nil, nil
}

func (l *liquidChecker) filter(line int, name string) error {
	_, own := functions[name]
	_, library := standardFilters[name]
	if !own && !library {
		return invalid(line, "no filter %s", strconv.Quote(name))
	}
	return nil
}

func (l *liquidChecker) operator(line int, tokens []token, i int) error {
	switch tokens[i].text {
	case "==", "!=", "<", ">", "<=", ">=":
		return l.compare(line)
	case "..":
		if i > 0 && i+1 < len(tokens) {
			from, err := strconv.Atoi(tokens[i-1].text)
			to, err2 := strconv.Atoi(tokens[i+1].text)
			if err == nil && err2 == nil && tokens[i-1].kind == numberToken && tokens[i+1].kind == numberToken &&
				min(from, to) > -1<<31 && max(from, to) < 1<<31 && to-from < maxList {
				return nil
			}
		}
		return invalid(line, "a range is of two numbers, at most %d apart", maxList)
	case "=", ":":
		return invalid(line, "syntax error: unexpected %s", tokens[i].text)
	}
	return nil
}

func (l *liquidChecker) compare(line int) error {
	if l.operators++; l.operators > maxOperators {
		return invalid(line, "more than %d comparisons", maxOperators)
	}
	return nil
}
