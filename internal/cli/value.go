package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// maxValues bounds what is read from a file or standard input, in bytes: more than a payload may hold.
const maxValues = 1 << 20

const valueHelp = `Values are given as
  KEY          asked for on the terminal, without an echo
  KEY=@FILE    the content of a file
  KEY=-        standard input, less the line break that ends a single line; on a
               terminal asked for like KEY
  KEY=VALUE    as it stands: shells keep it in their history, and it shows in
               the process list
and with --from-env-file. A single line from a file or standard input must not begin or end with white space, such as
the line break at the end of a file: --trim cuts it off, --verbatim keeps it. Several lines are taken as they are.`

// valueFlags say where values come from and what is done to white space around them.
type valueFlags struct {
	envFile        string
	trim, verbatim bool
}

func (f *valueFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.envFile, "from-env-file", "", "take all keys of a file of KEY=VALUE lines; nothing is expanded")
	flags.BoolVar(&f.trim, "trim", false, "cut white space off around values from files and standard input")
	flags.BoolVar(&f.verbatim, "verbatim", false, "keep white space around values from files and standard input")
}

// readValues makes a payload of arguments. What is not UTF-8 text becomes binary.
func (a *app) readValues(ctx context.Context, args []string, f valueFlags) (*cofferv1.Payload, error) {
	p, err := a.collectValues(ctx, args, f)
	if err != nil {
		return nil, err
	}
	return p.message(), nil
}

// collectValues reads what arguments say.
func (a *app) collectValues(ctx context.Context, args []string, f valueFlags) (*payload, error) {
	if f.trim && f.verbatim {
		return nil, usage("--trim and --verbatim exclude each other")
	}
	p := &payload{values: map[string]string{}}
	if f.envFile != "" {
		if err := a.readEnvFile(f.envFile, p); err != nil {
			return nil, err
		}
	}
	usedStdin, warned := f.envFile == "-", false
	for _, arg := range args {
		key, source, given := strings.Cut(arg, "=")
		if key == "" {
			return nil, usage("a value without a key was given: want KEY, KEY=@FILE, KEY=- or KEY=VALUE")
		}
		var value string
		var err error
		switch {
		case !given, source == "-" && isTerminal(a.In):
			value, err = a.askValue(ctx, "value of "+key)
		case source == "-" && usedStdin:
			err = usage("standard input can give one value only")
		case source == "-":
			usedStdin = true
			value, err = f.readStdin(key, a.In)
		case strings.HasPrefix(source, "@"):
			value, err = f.readFile(key, source[1:])
		default:
			value = source
			if !warned {
				warned = true
				a.note("shells keep what is typed as %s=… in their history: %s alone asks for it, %s=@FILE and %s=- read it", key, key, key, key)
			}
		}
		if err == nil {
			err = p.add(key, value)
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (a *app) readEnvFile(path string, p *payload) error {
	from := a.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		defer f.Close()
		from = f
	}
	content, err := readBounded(path, from)
	if err != nil {
		return err
	}
	pairs, err := parseDotenv(content)
	if err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	for _, pair := range pairs {
		if err := p.add(pair.key, pair.value); err != nil {
			return err
		}
	}
	return nil
}

func (f valueFlags) readFile(key, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("reading the value of %s: %w", key, err)
	}
	defer file.Close()
	return f.read(key, path, file)
}

// readStdin leaves out the line break that echo and its like put after a line.
func (f valueFlags) readStdin(key string, from io.Reader) (string, error) {
	value, err := readBounded("standard input", from)
	if err != nil {
		return "", err
	}
	if line, ok := strings.CutSuffix(value, "\n"); ok && !f.verbatim && line != "" && !strings.Contains(line, "\n") {
		value = line
	}
	return f.check(key, "standard input", value)
}

func (f valueFlags) read(key, name string, from io.Reader) (string, error) {
	value, err := readBounded(name, from)
	if err != nil {
		return "", err
	}
	return f.check(key, name, value)
}

// check refuses a line with white space around it that nobody is likely to mean.
func (f valueFlags) check(key, name, value string) (string, error) {
	trimmed := strings.TrimSpace(value)
	switch {
	case f.trim:
		return trimmed, nil
	case f.verbatim, value == trimmed, !utf8.ValidString(value), strings.Contains(trimmed, "\n"):
		return value, nil
	}
	return "", usage(fmt.Sprintf("the value of %s from %s has white space around it, such as a line break at its end: "+
		"--trim cuts it off, --verbatim keeps it", key, name))
}

func readBounded(name string, from io.Reader) (string, error) {
	content, err := io.ReadAll(io.LimitReader(from, maxValues+1))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", name, err)
	}
	if len(content) > maxValues {
		return "", usage(fmt.Sprintf("%s is larger than %d bytes", name, maxValues))
	}
	return string(content), nil
}

// isText tells whether a value can travel as text.
func isText(value []byte) bool { return utf8.Valid(value) && !bytes.Contains(value, []byte{0}) }

// payload collects values and refuses a key given twice.
type payload struct{ values map[string]string }

func (p *payload) add(key, value string) error {
	if _, twice := p.values[key]; twice {
		return usage("the key " + key + " is given twice")
	}
	p.values[key] = value
	return nil
}

func (p *payload) message() *cofferv1.Payload {
	m := &cofferv1.Payload{}
	for key, value := range p.values {
		if isText([]byte(value)) {
			if m.Data == nil {
				m.Data = map[string]string{}
			}
			m.Data[key] = value
			continue
		}
		if m.BinaryData == nil {
			m.BinaryData = map[string][]byte{}
		}
		m.BinaryData[key] = []byte(value)
	}
	return m
}
