package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// errInterrupted ends the program where the terminal itself does not, because it hands on every byte.
var errInterrupted = errors.New("interrupted")

// askLine prompts for something that may be seen.
func (a *app) askLine(ctx context.Context, what string) (string, error) {
	fmt.Fprintf(a.Err, "%s%s: ", prefix, printable(what))
	line, err := interruptible(ctx, func() (string, error) { return readLine(a.In) })
	if err != nil {
		fmt.Fprintln(a.Err)
		return "", fmt.Errorf("asking for %s: %w", what, err)
	}
	return strings.TrimSpace(line), nil
}

// readLine takes no byte more than the line: what was typed ahead is for the next prompt.
func readLine(from io.Reader) (string, error) {
	var line []byte
	var b [1]byte
	for len(line) < maxValues {
		n, err := from.Read(b[:])
		switch {
		case n == 1 && b[0] == '\n':
			return string(line), nil
		case n == 1:
			line = append(line, b[0])
		case errors.Is(err, io.EOF) && len(line) > 0:
			return string(line), nil
		case err != nil:
			return "", err
		}
	}
	return "", usage(fmt.Sprintf("a line is longer than %d bytes", maxValues))
}

// askLines prompts for a value of several lines, which an empty one ends, or for @FILE.
func (a *app) askLines(ctx context.Context, what string, echo bool) (string, error) {
	f, ok := a.In.(*os.File)
	if !ok || !isTerminal(f) {
		return "", usage("there is no terminal to ask for " + what + " on")
	}
	fmt.Fprintf(a.Err, "%s%s:\n", prefix, printable(what))
	if echo {
		return interruptible(ctx, func() (string, error) {
			return linesOf(func() (string, error) { return readLine(f) })
		})
	}
	// Between two reads without an echo there would be one, for what is pasted all at once.
	state, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return "", fmt.Errorf("asking for %s: %w", what, err)
	}
	defer func() { _ = term.Restore(int(f.Fd()), state) }()
	return interruptible(ctx, func() (string, error) {
		return linesOf(func() (string, error) { return readRawLine(f) })
	})
}

// linesOf reads lines up to an empty one, or one that names a file.
func linesOf(read func() (string, error)) (string, error) {
	var text strings.Builder
	for text.Len() < maxValues {
		line, err := read()
		switch {
		case errors.Is(err, io.EOF), err == nil && line == "":
			return text.String(), nil
		case err != nil:
			return "", err
		case text.Len() == 0 && strings.HasPrefix(line, "@"):
			return strings.TrimSpace(line), nil
		}
		text.WriteString(line + "\n")
	}
	return "", usage(fmt.Sprintf("the value is larger than %d bytes", maxValues))
}

// Bytes that a raw terminal hands on.
const (
	keyInterrupt = 3
	keyEnd       = 4
	keyBackspace = 8
	keyKill      = 21
	keyDelete    = 127
)

// readRawLine reads a line from a terminal that does not edit it.
func readRawLine(from io.Reader) (string, error) {
	var line []byte
	var b [1]byte
	for len(line) < maxValues {
		if _, err := io.ReadFull(from, b[:]); err != nil {
			return "", err
		}
		switch b[0] {
		case '\r', '\n':
			return string(line), nil
		case keyInterrupt:
			return "", errInterrupted
		case keyEnd:
			if len(line) == 0 {
				return "", io.EOF
			}
		case keyBackspace, keyDelete:
			_, size := utf8.DecodeLastRune(line)
			line = line[:len(line)-size]
		case keyKill:
			line = line[:0]
		default:
			line = append(line, b[0])
		}
	}
	return "", usage(fmt.Sprintf("a line is longer than %d bytes", maxValues))
}
