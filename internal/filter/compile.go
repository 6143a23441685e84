package filter

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.einride.tech/aip/filtering"
	expr "google.golang.org/genproto/googleapis/api/expr/v1alpha1"
)

// match tells whether the item behind get satisfies a part of an expression.
type match func(get func(field string) any) bool

// compile turns the logical operators of an expression into a match, and has leaf do so for what they join.
func compile(e *expr.Expr, leaf func(*expr.Expr) (match, error)) (match, error) {
	operator, args := e.GetCallExpr().GetFunction(), e.GetCallExpr().GetArgs()
	switch operator {
	case filtering.FunctionAnd, filtering.FunctionFuzzyAnd, filtering.FunctionOr, filtering.FunctionNot:
	default:
		return leaf(e)
	}
	a, err := compile(args[0], leaf)
	if err != nil {
		return nil, err
	}
	if operator == filtering.FunctionNot {
		return func(get func(string) any) bool { return !a(get) }, nil
	}
	b, err := compile(args[1], leaf)
	if err != nil {
		return nil, err
	}
	if operator == filtering.FunctionOr {
		return func(get func(string) any) bool { return a(get) || b(get) }, nil
	}
	return func(get func(string) any) bool { return a(get) && b(get) }, nil
}

// restriction compiles a comparison, or a word that stands alone.
func (f Fields) restriction(e *expr.Expr) (match, error) {
	call := e.GetCallExpr()
	if call == nil {
		return f.word(e)
	}
	o, err := f.operand(path(call.GetArgs()[0]))
	if err != nil {
		return nil, err
	}
	operator, right := call.GetFunction(), call.GetArgs()[1]
	if known := o.kind.operators(); !slices.Contains(known, operator) {
		return nil, fmt.Errorf("operator %s does not apply to field %q, only %s", operator, o.field, strings.Join(known, " "))
	}
	if right.GetCallExpr() != nil && operator != filtering.FunctionHas && operator != filtering.FunctionEquals {
		return nil, fmt.Errorf("operator %s on field %q takes one value, not several in parentheses", operator, o.field)
	}
	return compile(right, func(e *expr.Expr) (match, error) {
		value := path(e)
		if value == nil {
			return nil, fmt.Errorf("field %q is compared with something other than a value", o.field)
		}
		holds, err := o.compare(operator, strings.Join(value, "."))
		if err != nil {
			return nil, fmt.Errorf("field %q is compared with %w", o.field, err)
		}
		return func(get func(string) any) bool { return holds(o.value(get)) }, nil
	})
}

// word compiles a word that stands alone.
func (f Fields) word(e *expr.Expr) (match, error) {
	if kind, ok := f["name"]; !ok || kind != String {
		return nil, errors.New("a word alone is not supported here: name a field")
	}
	switch name := e.GetIdentExpr().GetName(); name {
	case "and", "or", "not": // taken as a word, it would quietly select something else
		return nil, fmt.Errorf("write %s in upper case, or quote it", name)
	}
	holds, err := operand{}.compare(filtering.FunctionHas, strings.Join(path(e), "."))
	return func(get func(string) any) bool {
		name, _ := get("name").(string)
		return holds(name[strings.LastIndexByte(name, '/')+1:])
	}, err
}

// path returns the segments of a name or of an unquoted value, nil for anything else.
func path(e *expr.Expr) []string {
	switch {
	case e.GetIdentExpr() != nil:
		return []string{e.GetIdentExpr().GetName()}
	case e.GetConstExpr() != nil:
		return []string{e.GetConstExpr().GetStringValue()}
	case e.GetSelectExpr() != nil:
		return append(path(e.GetSelectExpr().GetOperand()), e.GetSelectExpr().GetField())
	}
	return nil
}

// operand resolves the left side of a comparison.
func (f Fields) operand(path []string) (operand, error) {
	if path == nil {
		return operand{}, errors.New("a field is expected to the left of an operator")
	}
	for _, name := range []string{path[0], protoName(path[0])} {
		kind, ok := f[name]
		switch {
		case ok && len(path) == 1:
			return operand{field: name, kind: kind}, nil
		case ok && kind == StringMap:
			return operand{field: name, kind: String, entry: true, key: strings.Join(path[1:], ".")}, nil
		case ok:
			return operand{}, fmt.Errorf("field %q has no fields of its own", name)
		}
	}
	known := strings.Join(slices.Sorted(maps.Keys(f)), ", ")
	return operand{}, fmt.Errorf("unknown field %.64q, known are %s", path[0], known)
}

// protoName returns the proto spelling of a field's JSON name.
func protoName(name string) string {
	var b strings.Builder
	for _, r := range name {
		if 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
