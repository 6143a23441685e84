// Package dataosproperties writes and reads the text that a secret of DataOS of the type key-value-properties is.
//
// It guarantees that what was written is read back, and that a value is not read as the pairs of others: a line KEY=VALUE is
// for each pair, in which nothing is escaped, since the platform's readers undo no escapes. A value that is PEM, such as the
// key of a pair, goes on over lines as it is; any other that a line cannot carry is refused. What threatens it are values
// made to look like PEM that have pairs inside, which is why the lines of a block are held to what PEM has there. No error
// carries a value.
package dataosproperties

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	// ErrValue: a line cannot carry the value of a key.
	ErrValue = errors.New("cannot be properties")
	// ErrSyntax: a text is not properties.
	ErrSyntax = errors.New("is no key and value")
)

var (
	keyForm = regexp.MustCompile(`^[-._A-Za-z0-9]{1,253}$`)
	begin   = regexp.MustCompile(`^-----BEGIN ([A-Z0-9][A-Z0-9 ]{0,63})-----$`)
	// inside is a line of a block: a header, or base64.
	inside = regexp.MustCompile(`^([A-Za-z0-9-]{1,63}: [^=]*|[A-Za-z0-9+/]*={0,2})$`)
)

// Append adds a pair to a text. Its error is ErrValue, and names the key.
func Append(text []byte, key string, value []byte) ([]byte, error) {
	switch {
	case !keyForm.MatchString(key):
		return nil, fmt.Errorf("%w: the key %q does not match %s", ErrValue, key, keyForm)
	case !utf8.Valid(value):
		return nil, fmt.Errorf("%w: the value of the key %q is not text: make it a file of the secret", ErrValue, key)
	case bytes.ContainsAny(value, "\r\n"):
		if lines := strings.Split(string(value), "\n"); blocks(lines) != len(lines) {
			return nil, fmt.Errorf("%w: the value of the key %q has line breaks and is not PEM: make it a file of the secret", ErrValue, key)
		}
	}
	text = append(text, key+"="...)
	text = append(text, value...)
	return append(text, '\n'), nil
}

// Read takes a text apart. Its error is ErrSyntax, and names the line.
func Read(text []byte) (map[string][]byte, error) {
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	pairs := map[string][]byte{}
	for i := 0; i < len(lines); {
		line := strings.TrimLeft(lines[i], " \t")
		if line == "" {
			i++
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if _, twice := pairs[key]; !ok || twice || !keyForm.MatchString(key) {
			return nil, fmt.Errorf("line %d %w", i+1, ErrSyntax)
		}
		lines[i] = value
		n := max(1, blocks(lines[i:]))
		pairs[key] = []byte(strings.Join(lines[i:i+n], "\n"))
		i += n
	}
	return pairs, nil
}

// blocks is how many of some lines are blocks of PEM and the empty lines behind each; 0: they begin with none.
func blocks(lines []string) int {
	n := 0
	for {
		size := block(lines[n:])
		if size == 0 {
			return n
		}
		for n += size; n < len(lines) && lines[n] == ""; n++ {
		}
	}
}

// block is how many lines the block of PEM has that some lines begin with; 0: they begin with none.
func block(lines []string) int {
	if len(lines) == 0 {
		return 0
	}
	m := begin.FindStringSubmatch(lines[0])
	if m == nil {
		return 0
	}
	for i, line := range lines[1:] {
		if line == "-----END "+m[1]+"-----" {
			return i + 2
		}
		if !inside.MatchString(line) {
			return 0
		}
	}
	return 0
}
