// Package plaintext holds the only in-process form of a secret value.
//
// Importing it is a privilege that a lint list grants (internal/README.md), so who can see secrets is answered by
// grep. A Value never prints, logs or marshals itself: Reveal is the one way out. What threatens it is copies: strings
// made of revealed bytes cannot be erased, and live as long as the garbage collector likes.
package plaintext

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// ErrMarshal is returned by every attempt to marshal a Value.
var ErrMarshal = errors.New("plaintext: a value cannot be marshalled")

// Value is opaque secret bytes. The zero Value is the empty value. Values are immutable: nobody changes the bytes.
//
// The bytes are behind a function because package fmt calls no method for %p, nor for a value in an unexported field:
// it then prints what the struct holds. Of a function it prints the address; a pointer it would follow.
type Value struct{ reveal func() []byte }

// New takes ownership of b.
func New(b []byte) Value { return Value{reveal: func() []byte { return b }} }

// Reveal returns the bytes, which the caller must not change.
func (v Value) Reveal() []byte {
	if v.reveal == nil {
		return nil
	}
	return v.reveal()
}

// Len is the number of bytes. It too is confidential: only holders of access may learn it.
func (v Value) Len() int { return len(v.Reveal()) }

// Equal compares in time that depends on the lengths only.
func Equal(a, b Value) bool { return subtle.ConstantTimeCompare(a.Reveal(), b.Reveal()) == 1 }

// String implements fmt.Stringer and redacts.
func (Value) String() string { return redacted }

// GoString implements fmt.GoStringer and redacts.
func (Value) GoString() string { return redacted }

// Format implements fmt.Formatter and redacts for every verb.
func (Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue implements slog.LogValuer and redacts.
func (Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON refuses with ErrMarshal.
func (Value) MarshalJSON() ([]byte, error) { return nil, ErrMarshal }

// MarshalText refuses with ErrMarshal.
func (Value) MarshalText() ([]byte, error) { return nil, ErrMarshal }

// Entry is one value of a payload.
type Entry struct {
	Value Value
	// Binary tells that the value came as bytes rather than text and is given back likewise.
	Binary bool
}

// Payload maps payload keys to values: what a secret version holds.
type Payload map[string]Entry

// Size is the number of bytes of all keys and values together.
func (p Payload) Size() int {
	n := 0
	for key, e := range p {
		n += len(key) + e.Value.Len()
	}
	return n
}

// Equal tells whether both payloads hold the same keys with the same values. Each value is compared in constant time.
func (p Payload) Equal(q Payload) bool {
	if len(p) != len(q) {
		return false
	}
	same := true
	for key, e := range p {
		f, ok := q[key]
		same = Equal(e.Value, f.Value) && ok && e.Binary == f.Binary && same
	}
	return same
}
