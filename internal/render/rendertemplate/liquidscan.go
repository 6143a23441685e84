package rendertemplate

import "strings"

// maxTokens is the most tokens of an expression: the library's parser is quadratic in them.
const maxTokens = 2000

// token is one of an expression of Liquid, as the library's scanner cuts it.
type token struct {
	kind tokenKind
	text string // of a string, without quotes; of a property, without its dot; of a parameter, without its colon
	at   int    // where it begins
}

type tokenKind int

const (
	stringToken    tokenKind = iota
	numberToken              // 12, -1.5
	nameToken                // secrets
	propertyToken            // .key
	parameterToken           // replace:
	operatorToken            // == ( |
)

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// scan cuts an expression into tokens, and refuses what no expression has in it.
func scan(line int, source string) ([]token, error) {
	var tokens []token
	for at := 0; at < len(source); {
		if strings.IndexByte(" \t\r\n\v\f", source[at]) >= 0 {
			at++
			continue
		}
		t, n := nextToken(source[at:])
		if n == 0 {
			return nil, invalid(line, "syntax error: unexpected character, or a text that is not closed on its line")
		}
		t.at = at
		tokens = append(tokens, t)
		if len(tokens) > maxTokens {
			return nil, invalid(line, "an expression of more than %d words", maxTokens)
		}
		at += n
	}
	return tokens, nil
}

// nextToken returns the token that s begins with, and its length; 0 means that there is none.
func nextToken(s string) (token, int) {
	switch c := s[0]; {
	case c == '"' || c == '\'':
		n := strings.IndexByte(s[1:], c)
		if n < 0 || strings.Contains(s[1:1+n], "\n") {
			return token{}, 0
		}
		return token{kind: stringToken, text: s[1 : 1+n]}, n + 2
	case isDigit(c) || c == '-' && len(s) > 1 && isDigit(s[1]):
		n := numberLen(s)
		return token{kind: numberToken, text: s[:n]}, n
	case isLetter(c):
		n := nameLen(s)
		if n < len(s) && s[n] == ':' {
			return token{kind: parameterToken, text: s[:n]}, n + 1
		}
		return token{kind: nameToken, text: s[:n]}, n
	case c == '.' && len(s) > 1 && isLetter(s[1]):
		n := 1 + nameLen(s[1:])
		return token{kind: propertyToken, text: s[1:n]}, n
	}
	for _, operator := range []string{"..", "==", "!=", ">=", "<=", "<", ">", "(", ")", "[", "]", "|", ",", "=", ":"} {
		if strings.HasPrefix(s, operator) {
			return token{kind: operatorToken, text: operator}, len(operator)
		}
	}
	return token{}, 0
}

func numberLen(s string) int {
	n := 1
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	if n+1 < len(s) && s[n] == '.' && isDigit(s[n+1]) {
		for n++; n < len(s) && isDigit(s[n]); n++ {
		}
	}
	return n
}

func nameLen(s string) int {
	n := 1
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '-') {
		n++
	}
	if n < len(s) && s[n] == '?' {
		n++
	}
	return n
}

// modifiers is where in the arguments of a for tag its limit, offset or reversed begins, or else their end.
func modifiers(tokens []token, end int) int {
	for i, t := range tokens {
		isModifier := t.kind == parameterToken && (t.text == "limit" || t.text == "offset") || t.kind == nameToken && t.text == "reversed"
		if i > 2 && isModifier && tokens[i-1].text != "|" {
			return t.at
		}
	}
	return end
}
