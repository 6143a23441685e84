// Package filter decides which items of a list a caller asked for, and in which order: AIP-160 filters and AIP-132
// order_by. It sees metadata only, and it never widens what a caller may see: the gate has its say on every item that
// matches.
//
// Expressions come from the network. What threatens the package is an expression that costs much to parse or to match,
// so length, tokens and nesting are bounded before the parser runs, and matching an item is linear in both.
//
// The library lexes and parses; names, kinds and values are checked here, so that an error names the field at fault.
// What an expression means, where AIP-160 leaves a choice:
//
//   - Fields go by their proto name or the JSON spelling of it. A value needs no quotes up to the next space,
//     parenthesis or comma: created_by = user:alice, create_time > 2026-01-02T15:04:05Z, labels.cost-center = 7.
//   - OR binds tighter than AND. Terms side by side are joined by AND. The keywords are upper case only.
//   - A bare word is looked for in the last segment of the field "name", whatever the case.
//   - String: = and != know * at either end of the value; : is a substring, or such a pattern, whatever the case.
//   - Enum: = and !=, exact and case-sensitive. Bool: = and != with true or false. Timestamp: RFC 3339. On these, and on
//     Int, : is the same as =.
//   - StringMap: labels:team has the key, labels.team = x compares its value, and : does the same. All that follows the
//     first dot is the key, dots and slashes included.
//   - StringList: keys:password has an element equal to the value, * at either end allowed.
//   - field:* is true of a value that is not the zero value of its kind, and of a map key that exists.
//   - state:(A OR B) stands for state:A OR state:B; so with =.
//   - What is absent (a map key, a time not set) fails every comparison, != too. NOT labels.team = x includes it.
package filter

import (
	"errors"
	"fmt"
	"strings"

	"go.einride.tech/aip/filtering"
)

// Bounds of an expression.
const (
	MaxSize   = 4 << 10 // bytes
	MaxTokens = 1000    // words, strings, operators, parentheses and the spaces between them
	MaxGroups = 64      // parentheses opened, one inside another or not
)

// ErrInvalid: the filter or the order is ill-formed, or asks for something that the list does not offer. The text that
// wraps it is meant for the caller; it repeats names and operators, never a value.
var ErrInvalid = errors.New("invalid expression")

// Kind is what a field holds. It fixes the operators and the Go type that Match expects for the field.
type Kind int

// The kinds, and the Go type of each.
const (
	String     Kind = iota // string
	Int                    // int64
	Bool                   // bool
	Timestamp              // time.Time; the zero time is absent
	StringMap              // map[string]string
	StringList             // []string
	Enum                   // string, the name of the value
)

// Fields are the fields a list can be filtered by, under their proto names (snake_case).
type Fields map[string]Kind

// Filter is a parsed expression. It is immutable and safe for concurrent use. The zero value matches everything.
type Filter struct{ match match }

// Parse parses an expression over fields. The empty expression matches everything. Errors wrap ErrInvalid.
func Parse(expression string, fields Fields) (*Filter, error) {
	if len(expression) > MaxSize || strings.Count(expression, "(") > MaxGroups {
		return nil, fmt.Errorf("%w: longer than %d bytes, or with more than %d parentheses", ErrInvalid, MaxSize, MaxGroups)
	}
	if strings.TrimSpace(expression) == "" {
		return &Filter{}, nil
	}
	m, err := parse(expression, fields)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return &Filter{match: m}, nil
}

// Match tells whether an item satisfies the filter. get returns the item's value of a field, which it is asked for by
// proto name, in the type of the field's kind, or nil if the item has none. It may be called many times for a field.
func (f *Filter) Match(get func(field string) any) bool {
	return f.match == nil || f.match(get)
}

func parse(expression string, fields Fields) (match, error) {
	tokens, err := lex(expression)
	if err != nil {
		return nil, err
	}
	quoted, err := quote(tokens)
	if err != nil {
		return nil, err
	}
	var parser filtering.Parser
	parser.Init(quoted)
	parsed, err := parser.Parse()
	if err != nil {
		return nil, syntaxError(err)
	}
	return compile(parsed.GetExpr(), fields.restriction)
}
