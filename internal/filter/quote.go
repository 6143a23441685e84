package filter

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.einride.tech/aip/filtering"
)

// quote writes tokens as an expression, with quotes around unquoted values and around names with a dash or a leading
// digit in them. AIP-160 allows these, and most names of ours have a dash; the library's parser knows neither. It also
// refuses function calls, so that the parser yields nothing but operators.
func quote(tokens []filtering.Token) (string, error) {
	var b strings.Builder
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	value := false // what comes next is the right side of an operator
	for len(tokens) > 0 {
		t, n := tokens[0], word(tokens, value)
		rest := tokens[max(n, 1):]
		var next filtering.TokenType
		if len(rest) > 0 {
			next = rest[0].Type
		}
		switch {
		case n > 0 && next == filtering.TokenTypeLeftParen:
			return "", errors.New("functions are not supported; put a space before the parenthesis")
		case n > 1 || n == 1 && (value || t.Type != filtering.TokenTypeText):
			b.WriteByte('"')
			for _, part := range tokens[:n] {
				b.WriteString(escape.Replace(part.Value))
			}
			b.WriteByte('"')
		case t.Type == filtering.TokenTypeWhitespace && next == filtering.TokenTypeRightParen: // the parser would expect a term after it
		case t.Type.IsKeyword() && next == filtering.TokenTypeLeftParen: // the parser would see a function
			b.WriteString(t.Value + " ")
		default:
			b.WriteString(t.Value)
		}
		value = t.Type.IsComparator() || value && t.Type == filtering.TokenTypeWhitespace
		tokens = rest
	}
	return b.String(), nil
}

// word returns how many tokens from the first on are one unquoted word. On the right side of an operator dots, dashes
// and colons belong to it; elsewhere a dot separates names and a dash in front negates.
func word(tokens []filtering.Token, value bool) int {
	for n, t := range tokens {
		switch {
		case t.Type == filtering.TokenTypeText, t.Type == filtering.TokenTypeNumber, t.Type == filtering.TokenTypeHexNumber:
		case t.Type == filtering.TokenTypeDot && value:
		case t.Type == filtering.TokenTypeMinus && (n > 0 || value):
		case t.Type == filtering.TokenTypeHas && n > 0 && value:
		case t.Type.IsKeyword() && n > 0:
		default:
			return n
		}
	}
	return len(tokens)
}

// lex splits an expression into tokens, within the bounds.
func lex(expression string) (tokens []filtering.Token, err error) {
	var lexer filtering.Lexer
	lexer.Init(expression)
	for len(tokens) <= MaxTokens {
		t, err := lexer.Lex()
		if errors.Is(err, io.EOF) {
			return tokens, nil
		}
		if err != nil {
			return nil, syntaxError(err)
		}
		tokens = append(tokens, t)
	}
	return nil, fmt.Errorf("more than %d words, operators and spaces", MaxTokens)
}

// syntaxError reduces the parser's error, a chain through its grammar that repeats the expression at each link, to the
// cause.
func syntaxError(err error) error {
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		err = cause
	}
	if errors.Is(err, io.EOF) {
		return errors.New("it ends where a field or a value is expected")
	}
	if cause, ok := err.(interface{ Message() string }); ok {
		return errors.New(cause.Message())
	}
	return err
}
