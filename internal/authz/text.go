package authz

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
)

// What a text may be made of. Cedar's parser and validator recurse, and some constructs cost them the square of their
// length.
const (
	MaxPolicySize    = 16 << 10 // bytes of an operator's policy
	MaxStatements    = 32       // of an operator's policy
	MaxConditionSize = 4 << 10  // bytes of a grant's condition

	maxNesting  = 32   // brackets in brackets
	maxChain    = 32   // attributes of attributes, and signs before an expression
	maxNodes    = 1024 // of the syntax trees of one text
	maxLooks    = 32   // for whether there is an attribute or a tag, in one clause: they cost the cube of their number
	maxErrorLen = 300  // bytes of what Cedar says is wrong
)

// parse reads the statements of a text of at most size bytes, of which the first indent are not its writer's. Its error is
// ErrPolicy.
func parse(text string, size, indent int) ([]*cedar.Policy, error) {
	if err := checkText(text, size); err != nil {
		return nil, err
	}
	list, err := cedar.NewPolicyListFromBytes("", []byte(text))
	if err != nil {
		return nil, placed(err, indent)
	}
	if len(list) > MaxStatements {
		return nil, fmt.Errorf("%w: more than %d statements", ErrPolicy, MaxStatements)
	}
	nodes := 0
	for _, p := range list {
		for _, condition := range syntax(p).Conditions {
			more, looks := count(condition.Body, maxNodes-nodes)
			if nodes += more; nodes > maxNodes {
				return nil, fmt.Errorf("%w: more than %d operands and operators", ErrPolicy, maxNodes)
			}
			if looks > maxLooks {
				return nil, fmt.Errorf("%w: more than %d of has and hasTag in a clause", ErrPolicy, maxLooks)
			}
		}
	}
	return list, nil
}

// count is the number of nodes of a syntax tree, and of has and hasTag among them. It stops above the bound.
func count(node ast.IsNode, bound int) (nodes, looks int) {
	ast.Inspect(ast.NewNode(node), func(node ast.IsNode) bool {
		nodes++
		switch node.(type) {
		case ast.NodeTypeHas, ast.NodeTypeHasTag:
			looks++
		}
		return nodes <= bound
	})
	return nodes, looks
}

// checkText finds what would cost too much to parse. It reads no more of Cedar than strings, comments and brackets.
func checkText(text string, size int) error {
	if len(text) > size {
		return fmt.Errorf("%w: longer than %d bytes", ErrPolicy, size)
	}
	if !utf8.ValidString(text) {
		return fmt.Errorf("%w: not UTF-8", ErrPolicy)
	}
	nesting, chain, line := 0, 0, 1
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			line++
		case c == '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			chain = 0
		case strings.HasPrefix(text[i:], "//"):
			for i+1 < len(text) && text[i+1] != '\n' {
				i++
			}
		case c == '(' || c == '[' || c == '{':
			nesting++
			chain = 0
		case c == ')' || c == ']' || c == '}':
			nesting--
			chain = 0
		case c == '.' || c == '!' || c == '-':
			chain++
		case strings.IndexByte("&|<>=+*,;:@", c) >= 0:
			chain = 0
		}
		if nesting > maxNesting || chain > maxChain {
			return fmt.Errorf("%w: line %d: nested deeper than %d", ErrPolicy, line, maxNesting)
		}
	}
	return nil
}

var position = regexp.MustCompile(`<input>:(\d+):(\d+)(?: "(?:[^"\\]|\\.)*")?:? `)

// placed makes an ErrPolicy of an error of Cedar's parser, with the line and column where it stopped.
func placed(err error, indent int) error {
	text := strings.TrimPrefix(err.Error(), "parser error: ")
	if found := position.FindStringSubmatchIndex(text); found != nil {
		line := text[found[2]:found[3]]
		column, _ := strconv.Atoi(text[found[4]:found[5]])
		if line == "1" {
			column -= indent
		}
		return fmt.Errorf("%w: line %s, column %d: %s", ErrPolicy, line, column, brief(text[found[1]:]))
	}
	return fmt.Errorf("%w: %s", ErrPolicy, brief(text))
}

// brief is the first of what Cedar found wrong: it finds the same again for each kind of request.
func brief(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	if len(first) > maxErrorLen {
		return strings.ToValidUTF8(first[:maxErrorLen], "") + "…"
	}
	return first
}
