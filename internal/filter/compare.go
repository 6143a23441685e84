package filter

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// operand is the left side of a comparison: a field, or the entry of a StringMap field at a key.
type operand struct {
	field string
	kind  Kind // of the value, so String for an entry
	entry bool
	key   string
}

// value returns the item's value, nil if it has none.
func (o operand) value(get func(string) any) any {
	v := get(o.field)
	if t, ok := v.(time.Time); ok && t.IsZero() {
		return nil
	}
	if o.entry {
		m, _ := v.(map[string]string)
		if s, ok := m[o.key]; ok {
			return s
		}
		return nil
	}
	return v
}

// operators returns those defined for a kind.
func (k Kind) operators() []string {
	switch k {
	case Bool, Enum:
		return []string{":", "=", "!="}
	case StringMap, StringList:
		return []string{":"}
	}
	return []string{":", "=", "!=", "<", "<=", ">", ">="}
}

// compare returns the comparison of a value of the operand with the one given. Its error tells what is expected instead.
func (o operand) compare(operator, want string) (holds func(v any) bool, err error) {
	switch {
	case operator == ":" && want == "*":
		return o.present, nil
	case o.kind == Int:
		n, err := strconv.ParseInt(want, 10, 64)
		if err != nil {
			return nil, errors.New("an integer")
		}
		return ordered(operator, n, cmp.Compare[int64]), nil
	case o.kind == Timestamp:
		t, err := time.Parse(time.RFC3339, want)
		if err != nil {
			return nil, errors.New("a time such as 2026-01-02T15:04:05Z")
		}
		return ordered(operator, t, time.Time.Compare), nil
	case o.kind == Bool:
		if want != "true" && want != "false" {
			return nil, errors.New("true or false")
		}
		return is(func(v bool) bool { return (strconv.FormatBool(v) == want) == (operator != "!=") }), nil
	case o.kind == StringMap:
		return is(func(m map[string]string) bool { _, ok := m[want]; return ok }), nil
	case o.kind == StringList:
		return is(func(list []string) bool { return slices.ContainsFunc(list, wildcard(want, false)) }), nil
	case o.kind == String && slices.Contains([]string{":", "=", "!="}, operator):
		matches := wildcard(want, operator == ":" && !o.entry)
		return is(func(v string) bool { return matches(v) == (operator != "!=") }), nil
	}
	return ordered(operator, want, strings.Compare), nil
}

// is adapts a test of a type to any value: one of another type fails it.
func is[T any](test func(T) bool) func(any) bool {
	return func(v any) bool {
		t, ok := v.(T)
		return ok && test(t)
	}
}

// ordered returns the comparison with want, given how compare orders (-1, 0 or 1) an item's value relative to it.
func ordered[T any](operator string, want T, compare func(v, want T) int) func(any) bool {
	accepted := map[string][]int{":": {0}, "=": {0}, "!=": {-1, 1}, "<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {0, 1}}[operator]
	return is(func(v T) bool { return slices.Contains(accepted, compare(v, want)) })
}

// present tells whether there is an entry, or a field's value other than zero.
func (o operand) present(v any) bool {
	switch v := v.(type) {
	case string:
		return v != "" || o.entry
	case int64:
		return v != 0
	case bool:
		return v
	case map[string]string:
		return len(v) > 0
	case []string:
		return len(v) > 0
	}
	return v != nil
}

// wildcard returns the test for equality with a text in which * at either end stands for anything. A * elsewhere is a
// character like any other. Fuzzy, case does not matter, and a text without * may be anywhere in the string.
func wildcard(text string, fuzzy bool) func(string) bool {
	if fuzzy {
		text = strings.ToLower(text)
	}
	text, head := strings.CutPrefix(text, "*")
	text, tail := strings.CutSuffix(text, "*")
	anywhere := head && tail || fuzzy && !head && !tail
	return func(s string) bool {
		if fuzzy {
			s = strings.ToLower(s)
		}
		return s == text ||
			anywhere && strings.Contains(s, text) ||
			head && strings.HasSuffix(s, text) ||
			tail && strings.HasPrefix(s, text)
	}
}
