package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

// screen is where the demonstration tells what it does. It remembers all of it.
type screen struct {
	out                io.Writer
	bold, faint, plain string // what switches colours

	mu         sync.Mutex
	transcript bytes.Buffer
}

// newScreen uses colours on a terminal, unless NO_COLOR is set.
func newScreen(out *os.File) *screen {
	s := &screen{out: out}
	if os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(out.Fd())) {
		s.bold, s.faint, s.plain = "\x1b[1;36m", "\x1b[2m", "\x1b[0m"
	}
	return s
}

// Write shows text as it is.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.transcript.Write(p)
	return s.out.Write(p)
}

// shown is all that was.
func (s *screen) shown() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Clone(s.transcript.Bytes())
}

// heading begins a step. It fails when nobody reads the screen any more.
func (s *screen) heading(number int, text string) error {
	_, err := fmt.Fprintf(s, "\n%s%d. %s%s\n", s.bold, number, text, s.plain)
	return err
}

// say tells something about the step.
func (s *screen) say(format string, args ...any) {
	fmt.Fprintf(s, "   "+format+"\n", args...)
}

// command shows a command as one would type it.
func (s *screen) command(env []string, args ...string) {
	words := append([]string{}, env...)
	for _, arg := range args {
		words = append(words, quote(arg))
	}
	s.typed(strings.Join(words, " "))
}

// typed shows a line of shell.
func (s *screen) typed(line string) {
	fmt.Fprintf(s, "%s$ %s%s\n", s.faint, line, s.plain)
}

// quote makes a word for a shell.
func quote(word string) string {
	if word != "" && !strings.ContainsAny(word, " \t\n'\"\\$`&|;<>()*?[]{}#~!") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
