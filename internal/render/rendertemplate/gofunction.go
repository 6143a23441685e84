package rendertemplate

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

var (
	errNoNode    = errors.New("only secrets and values have names in them")
	errNoRange   = errors.New("it goes over lists, the keys of a secret, and values")
	errIndex     = errors.New("it takes a secret and names, or a list and a number within it")
	errTwo       = errors.New("it takes two arguments, texts or numbers alike")
	errPrintf    = errors.New("it takes a format of %s, %v, %d, %q and %%, and what that asks for")
	errNoMeasure = errors.New("it takes a text or a list")
)

func wrapFailed(doing string, err error) error {
	if errors.Is(err, ErrFailed) || errors.Is(err, ErrMissing) || errors.Is(err, ErrBound) {
		return err
	}
	return fmt.Errorf("%w: %s: %w", ErrFailed, doing, err)
}

func goIndex(r *run, args []any) (any, error) {
	if len(args) == 0 {
		return nil, errIndex
	}
	base := args[0]
	for _, arg := range args[1:] {
		name, isName := arg.(string)
		i, isNumber := arg.(int)
		list, isList := base.([]string)
		switch {
		case isName && !isList:
			v, err := r.lookUp(base, name)
			if err != nil {
				return nil, err
			}
			base = v
		case isList && isNumber && i >= 0 && i < len(list):
			base = list[i]
		default:
			return nil, errIndex
		}
	}
	return base, nil
}

func goHasKey(_ *run, args []any) (any, error) {
	if len(args) == 2 {
		n, isNode := args[0].(node)
		name, isName := args[1].(string)
		if isNode && isName {
			return n.has(name), nil
		}
	}
	return nil, errIndex
}

func goLen(_ *run, args []any) (any, error) {
	if len(args) == 1 {
		switch v := args[0].(type) {
		case string:
			return len(v), nil
		case []string:
			return len(v), nil
		}
	}
	return nil, errNoMeasure
}

// goPrint writes its arguments, which are paid for, one after the other without spaces between.
func goPrint(_ *run, args []any) (any, error) {
	var b strings.Builder
	for _, arg := range args {
		s, err := text(arg)
		if err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func goPrintf(r *run, args []any) (any, error) {
	if len(args) == 0 {
		return nil, errPrintf
	}
	format, ok := args[0].(string)
	if !ok {
		return nil, errPrintf
	}
	args = args[1:]
	var parts []any
	for {
		before, after, found := strings.Cut(format, "%")
		parts = append(parts, before)
		if !found {
			break
		}
		if after == "" {
			return nil, errPrintf
		}
		verb := after[0]
		format = after[1:]
		if verb == '%' {
			parts = append(parts, "%")
			continue
		}
		if len(args) == 0 {
			return nil, errPrintf
		}
		part, err := formatted(r, verb, args[0])
		if err != nil {
			return nil, err
		}
		parts, args = append(parts, part), args[1:]
	}
	if len(args) > 0 {
		return nil, errPrintf
	}
	return goPrint(r, parts)
}

func formatted(r *run, verb byte, arg any) (any, error) {
	_, isText := arg.(string)
	_, isNumber := arg.(int)
	switch {
	case verb == 'v', verb == 's' && isText, verb == 'd' && isNumber:
		return arg, nil
	case verb == 'q' && isText:
		s, err := quoteJSON(r, arg, nil)
		if err != nil {
			return nil, err
		}
		return s, r.spend(len(s.(string)))
	}
	return nil, errPrintf
}

// compared is how a and b compare, where they are of one kind.
func compared(a, b any) (int, error) {
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b), nil
		}
	case int:
		if b, ok := b.(int); ok {
			return cmp.Compare(a, b), nil
		}
	case float64:
		if b, ok := b.(float64); ok {
			return cmp.Compare(a, b), nil
		}
	case bool:
		if b, ok := b.(bool); ok && a == b {
			return 0, nil
		} else if ok {
			return 1, nil
		}
	}
	return 0, errTwo
}

// goEqual tells whether the first argument equals any other.
func goEqual(_ *run, args []any) (any, error) {
	if len(args) < 2 {
		return nil, errTwo
	}
	for _, b := range args[1:] {
		c, err := compared(args[0], b)
		if err != nil {
			return nil, err
		}
		if c == 0 {
			return true, nil
		}
	}
	return false, nil
}

func goNotEqual(r *run, args []any) (any, error) {
	if len(args) != 2 {
		return nil, errTwo
	}
	equal, err := goEqual(r, args)
	if err != nil {
		return nil, err
	}
	return equal != true, nil
}

func ordered(holds func(int) bool) func(*run, []any) (any, error) {
	return func(_ *run, args []any) (any, error) {
		if len(args) != 2 {
			return nil, errTwo
		}
		if _, isBool := args[0].(bool); isBool {
			return nil, errTwo
		}
		c, err := compared(args[0], args[1])
		return holds(c), err
	}
}
