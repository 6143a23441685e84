package audit

import (
	"bytes"
	"fmt"
	"time"
)

// nextField returns the first member of rest, which is a record or what follows a member of it, and what follows: the
// name, and the value as it is written, without its quotes if it is a string. The name is nil at the end; ok is false
// if rest is not part of a record.
func nextField(rest []byte) (name, value, after []byte, ok bool) {
	switch {
	case bytes.Equal(rest, []byte("}\n")):
		return nil, nil, nil, true
	case len(rest) < 2 || rest[0] != '{' && rest[0] != ',' || rest[1] != '"':
		return nil, nil, nil, false
	}
	end := stringEnd(rest[2:])
	if end < 0 {
		return nil, nil, nil, false
	}
	name, rest = rest[2:2+end], rest[2+end+1:]
	if len(rest) < 2 || rest[0] != ':' {
		return nil, nil, nil, false
	}
	rest = rest[1:]
	switch rest[0] {
	case '"':
		if end = stringEnd(rest[1:]); end >= 0 {
			return name, rest[1 : 1+end], rest[end+2:], true
		}
	case '[':
		if end = listEnd(rest); end >= 0 {
			return name, rest[:end], rest[end:], true
		}
	default:
		if end = bytes.IndexAny(rest, ",}"); end >= 0 {
			return name, rest[:end], rest[end:], true
		}
	}
	return nil, nil, nil, false
}

// stringEnd returns where the quote is that ends the string that b begins in; -1 if there is none.
func stringEnd(b []byte) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return -1
}

// listEnd returns where the list of strings ends that b begins with; -1 if it does not.
func listEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case ']':
			return i + 1
		case '"':
			n := stringEnd(b[i+1:])
			if n < 0 {
				return -1
			}
			i += n + 1
		}
	}
	return -1
}

// lineTime returns the time of a record.
func lineTime(line []byte) (time.Time, error) {
	const name = `,"time":"`
	var at time.Time
	i := bytes.Index(line[:min(len(line), 64)], []byte(name))
	if i < 0 {
		return at, fmt.Errorf("%w: a record has no time", ErrTampered)
	}
	value := line[i+len(name):]
	if err := at.UnmarshalText(value[:max(bytes.IndexByte(value, '"'), 0)]); err != nil {
		return at, fmt.Errorf("%w: a record has no time", ErrTampered)
	}
	return at, nil
}
