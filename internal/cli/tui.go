package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// The rules of the terminal, kept here alone:
//
//   - Results go to standard output, everything else to standard error, each line prefixed "coffer: ".
//   - A prompt needs a terminal on standard input and writes to standard error. Values are not echoed.
//   - What a server sent is never written to a terminal with control characters in it, and binary not at all.
//   - A verb that destroys, or moves the borders of rights, asks first on a terminal, and elsewhere needs --yes.

// prefix stands before each line on standard error.
const prefix = "coffer: "

// note tells the user something that is not a result.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		a.warn(format, args...)
	}
}

// warn tells the user what even --quiet must not hide.
func (a *app) warn(format string, args ...any) {
	for line := range strings.SplitSeq(strings.TrimRight(fmt.Sprintf(format, args...), "\n"), "\n") {
		fmt.Fprintf(a.Err, "%s%s\n", prefix, printable(line))
	}
}

// isTerminal tells whether x is a file of a terminal.
func isTerminal(x any) bool {
	f, ok := x.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// confirm asks before something that cannot be taken back, or reaches far, unless the user already said yes.
func (a *app) confirm(ctx context.Context, yes bool, format string, args ...any) error {
	if yes {
		return nil
	}
	sure, err := a.ask(ctx, fmt.Sprintf(format, args...))
	if err == nil && !sure {
		err = usage("not confirmed, nothing was done")
	}
	return err
}

// ask asks a question that is answered with yes or no.
func (a *app) ask(ctx context.Context, question string) (yes bool, err error) {
	if !isTerminal(a.In) {
		return false, usage("there is no terminal to ask on: give --yes if you mean it: " + question)
	}
	fmt.Fprintf(a.Err, "%s%s [y/N] ", prefix, printable(question))
	answer, err := interruptible(ctx, func() (string, error) { return bufio.NewReader(a.In).ReadString('\n') })
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("asking: %w", err)
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", nil
}

// askValue prompts for a value without echoing it.
func (a *app) askValue(ctx context.Context, what string) (string, error) {
	f, ok := a.In.(*os.File)
	if !ok || !isTerminal(f) {
		return "", usage("there is no terminal to ask for " + what + " on")
	}
	fd := int(f.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("asking for %s: %w", what, err)
	}
	fmt.Fprintf(a.Err, "%s%s: ", prefix, printable(what))
	value, err := interruptible(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	fmt.Fprintln(a.Err)
	if err != nil {
		// The reader may still be waiting: without this the shell would go on without an echo.
		_ = term.Restore(fd, state)
		return "", fmt.Errorf("asking for %s: %w", what, err)
	}
	return string(value), nil
}

// interruptible returns when ctx ends, although a read from a terminal cannot be cancelled.
func interruptible[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}

// printable writes control characters as escapes, so that text from elsewhere cannot drive the terminal or fake lines.
func printable(s string) string {
	if strings.IndexFunc(s, isControl) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case isControl(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isControl also knows the marks that reorder text on a terminal.
func isControl(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// writeRaw writes a value byte for byte, but to a terminal only if that is harmless.
func (a *app) writeRaw(value []byte) error {
	if isTerminal(a.Out) {
		unsafe := func(r rune) bool { return isControl(r) && r != '\n' && r != '\t' && r != '\r' }
		if !utf8.Valid(value) || strings.IndexFunc(string(value), unsafe) >= 0 {
			return usage("the value is binary: send it to a file or a pipe instead of a terminal")
		}
	}
	if _, err := a.Out.Write(value); err != nil {
		return fmt.Errorf("writing the value: %w", err)
	}
	return nil
}
