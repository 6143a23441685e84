package rendertemplate

import (
	"fmt"
	"slices"
	"strconv"
)

// checker knows what a template may name.
type checker struct {
	names    Names
	literals literals
}

func invalid(line int, format string, args ...any) error {
	return fmt.Errorf("%w: line %d: %s", ErrInvalid, line, fmt.Sprintf(format, args...))
}

// path checks names that follow one another from the root on, as far as they are known. The last may be a node.
func (c *checker) path(line int, names []string) error {
	if len(names) == 0 {
		return nil
	}
	for i, name := range names {
		c.literals[name] = true
		if i > 3 {
			break
		}
	}
	switch names[0] {
	case "secrets":
		return c.secret(line, names[1:])
	case "values":
		if len(names) > 2 {
			return invalid(line, "a value has nothing in it")
		}
		if len(names) == 2 && !slices.Contains(c.names.Values, names[1]) {
			return invalid(line, "no value %s", strconv.Quote(names[1]))
		}
		return nil
	}
	return invalid(line, "there are secrets and values, and nothing %s", strconv.Quote(names[0]))
}

func (c *checker) secret(line int, names []string) error {
	if len(names) == 0 {
		return nil
	}
	keys, ok := c.names.Secrets[names[0]]
	if !ok {
		return invalid(line, "no secret %s", strconv.Quote(names[0]))
	}
	if len(names) > 1 && len(keys) > 0 && !slices.Contains(keys, names[1]) {
		return invalid(line, "no key %s of secret %s that the template may use", strconv.Quote(names[1]), strconv.Quote(names[0]))
	}
	if len(names) > 2 {
		return invalid(line, "a key has nothing in it")
	}
	return nil
}

// whole tells whether names are known to lead to what is no text.
func whole(names []string) bool {
	return names != nil && (len(names) < 2 || names[0] == "secrets" && len(names) < 3)
}
