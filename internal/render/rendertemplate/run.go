package rendertemplate

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

var (
	errTooLong = fmt.Errorf("%w: a text grows longer than %d bytes", ErrBound, MaxOutput)
	errTooMany = fmt.Errorf("%w: a list grows longer than %d elements", ErrBound, maxList)
	errTooMuch = fmt.Errorf("%w: it does too much", ErrBound)
)

// literals is a set of texts that are in the template itself.
type literals map[string]bool

// run is one execution. Its first error stays, and everything it is asked for afterwards fails with it: whatever the
// libraries make of an error, it does not get lost.
type run struct {
	ctx      context.Context // of Execute, and no longer than it
	data     Data
	literals literals
	work     *Work
	err      error
	texts    map[[2]string]string // of keys, by alias and key: each value is copied once
}

func newRun(ctx context.Context, data Data, l literals) *run {
	work := data.Work
	if work == nil {
		work = &Work{}
	}
	return &run{ctx: ctx, data: data, literals: l, work: work, texts: map[[2]string]string{}}
}

// guard turns panics of the libraries into failures.
func (r *run) guard(p program, out *output) (line int, failed bool) {
	defer func() {
		if recover() != nil {
			failed = true
		}
	}()
	return p.execute(r, out)
}

func (r *run) fail(err error) error {
	if r.err == nil {
		r.err = err
	}
	return r.err
}

// spend pays for n bytes that are touched or made.
func (r *run) spend(n int) error {
	if r.err != nil {
		return r.err
	}
	if r.ctx.Err() != nil {
		return r.fail(context.Cause(r.ctx))
	}
	if r.work.done += n + stepCost; r.work.Spent() {
		return r.fail(errTooMuch)
	}
	return nil
}

// take pays for a value and refuses one that is too big.
func (r *run) take(v any) error {
	size := 0
	switch v := v.(type) {
	case string:
		size = len(v)
	case []string:
		if len(v) > maxList {
			return r.fail(errTooMany)
		}
		for _, s := range v {
			size += len(s) + 16 // of the string's header
		}
	}
	if size > MaxOutput {
		return r.fail(errTooLong)
	}
	return r.spend(size)
}

// quoted is name for an error. One that the template does not spell out was computed, perhaps from a value.
func (r *run) quoted(name string) string {
	if r.literals[name] {
		return strconv.Quote(name)
	}
	return "of a computed name"
}

// kind is what a node stands for.
type kind int

const (
	root kind = iota
	allSecrets
	oneSecret
	allValues
)

// node is something with names in it: what a template sees where there is no text yet.
type node struct {
	r     *run
	kind  kind
	alias string
}

// get looks up a name: another node, or a text.
func (n node) get(name string) (any, error) {
	if err := n.r.spend(0); err != nil {
		return nil, err
	}
	switch n.kind {
	case root:
		switch name {
		case "secrets":
			return node{n.r, allSecrets, ""}, nil
		case "values":
			return node{n.r, allValues, ""}, nil
		}
		return nil, n.r.fail(fmt.Errorf("%w: there are secrets and values, and nothing %s", ErrMissing, n.r.quoted(name)))
	case allSecrets:
		if _, ok := n.r.data.Secrets[name]; !ok {
			return nil, n.r.fail(fmt.Errorf("%w: no secret %s", ErrMissing, n.r.quoted(name)))
		}
		return node{n.r, oneSecret, name}, nil
	case allValues:
		value, ok := n.r.data.Values[name]
		if !ok {
			return nil, n.r.fail(fmt.Errorf("%w: no value %s", ErrMissing, n.r.quoted(name)))
		}
		return value, n.r.take(value)
	case oneSecret:
	}
	return n.key(name)
}

func (n node) key(name string) (any, error) {
	s := n.r.data.Secrets[n.alias]
	if len(s.Keys) > 0 && !slices.Contains(s.Keys, name) {
		return nil, n.r.fail(fmt.Errorf("%w: the template may not use key %s of secret %s", ErrMissing, n.r.quoted(name), n.r.quoted(n.alias)))
	}
	entry, ok := s.Payload[name]
	if !ok && s.Optional {
		return "", nil
	}
	if !ok {
		return nil, n.r.fail(fmt.Errorf("%w: no key %s in secret %s", ErrMissing, n.r.quoted(name), n.r.quoted(n.alias)))
	}
	id := [2]string{n.alias, name}
	text, ok := n.r.texts[id]
	if !ok {
		text = textOf(entry, s.Base64)
		n.r.texts[id] = text
	}
	return text, n.r.take(text)
}

func textOf(e plaintext.Entry, encoded bool) string {
	if e.Binary || encoded {
		return base64.StdEncoding.EncodeToString(e.Value.Reveal())
	}
	return string(e.Value.Reveal())
}

// keys are the names in n, sorted.
func (n node) keys() []string {
	switch n.kind {
	case allSecrets:
		return slices.Sorted(maps.Keys(n.r.data.Secrets))
	case allValues:
		return slices.Sorted(maps.Keys(n.r.data.Values))
	case oneSecret:
		s := n.r.data.Secrets[n.alias]
		names := slices.Sorted(maps.Keys(s.Payload))
		return slices.DeleteFunc(names, func(name string) bool { return len(s.Keys) > 0 && !slices.Contains(s.Keys, name) })
	case root:
	}
	return []string{"secrets", "values"}
}

// texts are the names in n with their texts.
func (n node) texts() (map[string]string, error) {
	if n.kind != oneSecret && n.kind != allValues {
		return nil, n.r.fail(fmt.Errorf("%w: it takes one secret, or the values", ErrFailed))
	}
	texts := map[string]string{}
	for _, name := range n.keys() {
		text, err := n.get(name)
		if err != nil {
			return nil, err
		}
		texts[name] = text.(string)
	}
	return texts, nil
}

// has tells whether the name is in n, for the template.
func (n node) has(name string) bool { return slices.Contains(n.keys(), name) }
