package sealed

import (
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/coffer-dev/coffer/internal/plaintext"
)

// A payload is stored as the protobuf message below, entries in the order of their keys. It is coded by hand so that
// values go between buffer and plaintext.Value without a copy, and so that each payload has exactly one encoding.
//
//	message Payload { repeated Entry entries = 1; }
//	message Entry {
//	  string key = 1;
//	  bytes value = 2;
//	  bool binary = 3;  // present only when true
//	}
const (
	fieldEntries = 1
	fieldKey     = 1
	fieldValue   = 2
	fieldBinary  = 3
)

func encodePayload(p plaintext.Payload) []byte {
	const perEntry = 16 // bytes of tags and lengths, generously
	b := make([]byte, 0, p.Size()+perEntry*len(p))
	for _, key := range slices.Sorted(maps.Keys(p)) {
		entry := p[key]
		size := 2*protowire.SizeTag(fieldKey) + protowire.SizeBytes(len(key)) + protowire.SizeBytes(entry.Value.Len())
		if entry.Binary {
			size += protowire.SizeTag(fieldBinary) + protowire.SizeVarint(1)
		}
		b = protowire.AppendTag(b, fieldEntries, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(size))
		b = protowire.AppendTag(b, fieldKey, protowire.BytesType)
		b = protowire.AppendString(b, key)
		b = protowire.AppendTag(b, fieldValue, protowire.BytesType)
		b = protowire.AppendBytes(b, entry.Value.Reveal())
		if entry.Binary {
			b = protowire.AppendTag(b, fieldBinary, protowire.VarintType)
			b = protowire.AppendVarint(b, 1)
		}
	}
	return b
}

// decodePayload accepts what encodePayload makes and refuses other fields, another order and duplicates. The values
// share b, which must not be used again.
func decodePayload(b []byte) (plaintext.Payload, error) {
	p := make(plaintext.Payload)
	last := ""
	for len(b) > 0 {
		entry, rest, ok := cutBytes(b, fieldEntries)
		if !ok {
			return nil, fmt.Errorf("payload entry: %w", ErrIntegrity)
		}
		b = rest
		name, entry, okName := cutBytes(entry, fieldKey)
		value, entry, okValue := cutBytes(entry, fieldValue)
		binary, okBinary := takeBinary(entry)
		key := string(name)
		if !okName || !okValue || !okBinary || len(p) > 0 && key <= last {
			return nil, fmt.Errorf("payload entry: %w", ErrIntegrity)
		}
		p[key] = plaintext.Entry{Value: plaintext.New(slices.Clip(value)), Binary: binary}
		last = key
	}
	return p, nil
}

// cutBytes takes a field of bytes off the front of b.
func cutBytes(b []byte, field protowire.Number) (value, rest []byte, ok bool) {
	number, kind, n := protowire.ConsumeTag(b)
	if n < 0 || number != field || kind != protowire.BytesType {
		return nil, nil, false
	}
	value, m := protowire.ConsumeBytes(b[n:])
	if m < 0 {
		return nil, nil, false
	}
	return value, b[n+m:], true
}

// takeBinary reads what is left of an entry: nothing, or the field binary.
func takeBinary(b []byte) (binary, ok bool) {
	if len(b) == 0 {
		return false, true
	}
	number, kind, n := protowire.ConsumeTag(b)
	return true, n == 1 && number == fieldBinary && kind == protowire.VarintType && len(b) == 2 && b[1] == 1
}
