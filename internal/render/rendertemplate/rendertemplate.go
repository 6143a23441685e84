// Package rendertemplate runs templates over secrets: in Go's text/template, in Liquid, or none.
//
// A template reads what it is given and nothing else: no file, environment, network, clock or chance, so that the same
// values make the same text. What can be known when it is written is refused by Compile, with the line; a name that turns
// out to be missing later is an error and never an empty text, unless its source is optional.
//
// What threatens this is that templates are programs. Every run is bounded in output, in work (each loop, function and
// look-up pays for the bytes it touches, which bounds memory too) and in time, and no goroutine outlives it. The libraries
// quote values in their errors and panics, so that no word of theirs about a run is passed on.
package rendertemplate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// Bounds of templates.
const (
	// MaxText is the most bytes of a template.
	MaxText = 64 << 10
	// MaxOutput is the most bytes of a run's output, and of each text on the way to it.
	MaxOutput = 1 << 20
	// MaxTime is how long a run may take.
	MaxTime = time.Second
	// maxList is the most elements of a list.
	maxList = 10_000
	// maxWork is how much a run may do: bytes touched, and stepCost for whatever is done once.
	maxWork  = 32 << 20
	stepCost = 128
)

var (
	// ErrInvalid is returned by Compile for a template that can never run.
	ErrInvalid = errors.New("rendertemplate: not a valid template")
	// ErrMissing is returned by Execute when a secret, key or value that the template asks for is not there.
	ErrMissing = errors.New("rendertemplate: missing")
	// ErrBound is returned by Execute when the run would take more than it may.
	ErrBound = errors.New("rendertemplate: the run exceeds its bounds")
	// ErrFailed is returned by Execute when a function or operator cannot take what it is given.
	ErrFailed = errors.New("rendertemplate: the run failed")
)

// Engine is the language of a template.
type Engine int

// The engines.
const (
	// Go is text/template.
	Go Engine = iota
	// Liquid is Liquid.
	Liquid
	// None is the text as it is.
	None
)

// Names are those that a template may use.
type Names struct {
	// Secrets are the allowed keys by alias; none: all.
	Secrets map[string][]string
	// Values are the names of plain values.
	Values []string
}

// Data is what a template runs over.
type Data struct {
	// Secrets by alias.
	Secrets map[string]Secret
	// Values are plain values by name; they are no secrets.
	Values map[string]string
	// Work is what the run may do, with others of the same Work; nil: as much as one may.
	Work *Work
}

// Work is how much several runs, one after the other, may do together: as much as one may by itself.
type Work struct{ done int }

// Spent tells whether nothing is left.
func (w *Work) Spent() bool { return w.done > maxWork }

// Secret is what a template knows under an alias.
type Secret struct {
	// Payload is what there is; may be nil.
	Payload plaintext.Payload
	// Keys are those that the template may use; none: all.
	Keys []string
	// Optional makes a missing key an empty text.
	Optional bool
	// Base64 gives every value as base64, as binary values always are.
	Base64 bool
}

// Template is a template that Compile has looked at. It may run any number of times at once.
type Template struct {
	program program
	// literals are the names and texts that the template spells out: errors may name these.
	literals literals
}

// program is a template in one of the engines. It returns the line where the run failed, or 0, and whether it did: what
// went wrong is in the run, or else not to be told.
type program interface {
	execute(r *run, out *output) (line int, failed bool)
}

// Compile refuses with ErrInvalid what can be known to fail: syntax, unknown names, functions, filters and tags, and
// constructs without bound.
func Compile(engine Engine, text string, names Names) (_ *Template, err error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrInvalid, MaxText)
	}
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%w: it cannot be parsed", ErrInvalid)
		}
	}()
	t := &Template{literals: literals{}}
	c := &checker{names: names, literals: t.literals}
	switch engine {
	case Go:
		t.program, err = compileGo(text, c)
	case Liquid:
		t.program, err = compileLiquid(text, c)
	case None:
		t.program = literal(text)
	default:
		return nil, fmt.Errorf("%w: unknown engine", ErrInvalid)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Execute runs the template. It returns ErrMissing, ErrBound, ErrFailed, or the error of ctx; none tells a value.
func (t *Template) Execute(ctx context.Context, data Data) (plaintext.Value, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, MaxTime, fmt.Errorf("%w: it takes longer than %v", ErrBound, MaxTime))
	defer cancel()
	r := newRun(ctx, data, t.literals)
	out := &output{run: r}
	line, failed := r.guard(t.program, out)
	if err := r.spend(0); err != nil {
		return plaintext.Value{}, atLine(line, err)
	}
	if failed {
		return plaintext.Value{}, atLine(line, ErrFailed)
	}
	return plaintext.New(out.b.Bytes()), nil
}

func atLine(line int, err error) error {
	if line > 0 {
		return fmt.Errorf("line %d of the template: %w", line, err)
	}
	return fmt.Errorf("running the template: %w", err)
}

// literal is the program of None.
type literal string

func (l literal) execute(_ *run, out *output) (int, bool) {
	_, err := out.Write([]byte(l))
	return 0, err != nil
}

// output is where a run writes to.
type output struct {
	run *run
	b   bytes.Buffer
}

// Write implements io.Writer, within the bounds of the run.
func (o *output) Write(p []byte) (int, error) {
	if err := o.run.spend(len(p)); err != nil {
		return 0, err
	}
	if o.b.Len()+len(p) > MaxOutput {
		return 0, o.run.fail(errTooLong)
	}
	return o.b.Write(p)
}
