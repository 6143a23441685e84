package rendertemplate

import (
	"math"
	"reflect"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/filters"
	"github.com/osteele/liquid/values"
)

// standard are the library's filters by name.
type standard map[string]any

// AddFilter implements filters.FilterDictionary.
func (s standard) AddFilter(name string, f any) { s[name] = f }

// standardFilters are those of the library that are pure, and make little more than they take. It has some that are not:
// functions has its own of these. Nothing changes them.
var standardFilters = func() standard {
	s := standard{}
	filters.AddStandardFilters(s)
	for name := range functions {
		delete(s, name)
	}
	for _, name := range []string{
		"date",            // knows now
		"inspect", "type", // show what values are made of
		"map",           // of lists of objects, which there are none of
		"truncatewords", // builds an expression as long as it is told to
	} {
		delete(s, name)
	}
	return s
}()

type liquidFilter = func(subject any, args ...any) (any, error)

func (r *run) liquidFilters() map[string]liquidFilter {
	all := map[string]liquidFilter{liquidIterate: func(v any, _ ...any) (any, error) { return r.liquidIterate(v) }}
	for name, f := range functions {
		all[name] = func(subject any, args ...any) (any, error) {
			for i := range args {
				args[i] = ours(args[i])
			}
			return r.apply(name, f, ours(subject), args)
		}
	}
	for name, f := range standardFilters {
		all[name] = func(subject any, args ...any) (any, error) {
			return r.apply(name, function{0, 2, func(_ *run, subject any, args []any) (any, error) {
				return callStandard(f, subject, args)
			}}, ours(subject), args)
		}
	}
	return all
}

// callStandard calls a filter of the library, which panics where it cannot convert what it is given.
func callStandard(f, subject any, args []any) (_ any, err error) {
	defer func() {
		if recover() != nil {
			err = errUnfit
		}
	}()
	for _, v := range append([]any{subject}, args...) {
		switch v.(type) {
		case nil:
			return nil, errNothing
		case node:
			return nil, errNode
		}
	}
	result, err := values.Call(reflect.ValueOf(f), append([]any{subject}, args...))
	if err != nil {
		return nil, errUnfit // the cause quotes what it was called with
	}
	return ours(result), nil
}

// ours is a value of the library as functions take it: lists are of texts, and whole numbers are no floats.
func ours(v any) any {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case values.Range:
		if v.Len() > maxList {
			return nil
		}
		return ours(v.AsArray())
	case []any:
		list := make([]string, 0, len(v))
		for _, item := range v {
			if s, err := text(item); err == nil {
				list = append(list, s)
			}
		}
		return list
	case int64:
		return int(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int(v)
		}
	}
	return v
}

// liquidIterate lets loops go over lists, ranges, and the pairs of a node.
func (r *run) liquidIterate(v any) (any, error) {
	if err := r.take(v); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case []string:
		return v, nil
	case values.Range:
		if v.Len() <= maxList {
			return v, nil
		}
	case node:
		texts, err := v.texts()
		if err != nil {
			return nil, err
		}
		pairs := make([][]string, 0, len(texts))
		for _, name := range v.keys() {
			pairs = append(pairs, []string{name, texts[name]})
		}
		return pairs, nil
	}
	return nil, r.fail(wrapFailed("for", errNoRange))
}

var _ values.Value = node{}

// The library calls these of a node. They panic with what it recovers while it evaluates an expression.

// PropertyValue implements values.Value: `node.name`.
func (n node) PropertyValue(name values.Value) values.Value { return n.IndexValue(name) }

// IndexValue implements values.Value: `node['name']`.
func (n node) IndexValue(name values.Value) values.Value {
	s, ok := name.Interface().(string)
	if !ok {
		panic(expressions.FilterError{Err: n.r.fail(wrapFailed("looking up a name", errNoText))})
	}
	v, err := n.get(s)
	if err != nil {
		panic(expressions.FilterError{Err: err})
	}
	return values.ValueOf(v)
}

// Contains implements values.Value: it tells whether there is such a name.
func (n node) Contains(name values.Value) bool {
	s, ok := name.Interface().(string)
	return ok && n.has(s)
}

// Equal implements values.Value.
func (n node) Equal(values.Value) bool { panic(n.misused()) }

// Less implements values.Value.
func (n node) Less(values.Value) bool { panic(n.misused()) }

// Int implements values.Value.
func (n node) Int() int { panic(n.misused()) }

// Test implements values.Value.
func (n node) Test() bool { return true }

// Interface implements values.Value.
func (n node) Interface() any { return n }

// String is what the library prints. The run fails by it.
func (n node) String() string {
	_ = n.r.fail(wrapFailed("printing", errNode))
	return ""
}

func (n node) misused() expressions.FilterError {
	return expressions.FilterError{Err: n.r.fail(wrapFailed("comparing", errNode))}
}
