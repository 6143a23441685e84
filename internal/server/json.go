package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// jsonMarshaler is the gateway's JSON, with errors that name the field and quote no value, and without tolerance for
// what follows the message.
type jsonMarshaler struct {
	*runtime.JSONPb
	limits Limits
	// repair makes JSON of a body that is nearly so; nil: there is nothing to make of it.
	repair func(body []byte) []byte
}

var (
	// errTarget: the gateway decodes into something that is no message.
	errTarget = errors.New("not a message")
	// errTooMuchJSON: the body is not decoded. Its text is what decodeError reads.
	errTooMuchJSON = errors.New("json too large")
)

// NewDecoder implements runtime.Marshaler.
func (m jsonMarshaler) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(into any) error {
		body, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if len(body) == 0 {
			return io.EOF
		}
		if err := m.limits.tooMuchJSON(body); err != nil {
			return err
		}
		if text, ok := into.(*string); ok { // the body is a text, such as a payload in the form of its platform
			*text = string(body)
			return nil
		}
		message, err := messageIn(into)
		if err != nil {
			return err
		}
		if m.repair != nil {
			body = m.repair(body)
		}
		return decodeJSON(body, message, m.UnmarshalOptions)
	})
}

// messageIn returns the message that the gateway wants filled: the request, or a field of it that is to be made.
func messageIn(into any) (proto.Message, error) {
	if message, ok := into.(proto.Message); ok {
		return message, nil
	}
	field := reflect.ValueOf(into)
	if field.Kind() != reflect.Pointer || field.Elem().Kind() != reflect.Pointer {
		return nil, errTarget
	}
	field.Elem().Set(reflect.New(field.Elem().Type().Elem()))
	message, ok := reflect.TypeAssert[proto.Message](field.Elem())
	if !ok {
		return nil, errTarget
	}
	return message, nil
}

// jsonError is what is wrong with a body: at which field, if it is known. Its text is what decodeError reads.
type jsonError struct{ field, problem string }

// Error implements error.
func (e *jsonError) Error() string { return fmt.Sprintf("json %q: %s", e.field, e.problem) }

var (
	jsonPlace     = regexp.MustCompile(`\(line (\d+):(\d+)\)`)
	jsonUnknown   = regexp.MustCompile(`unknown field ("(?:[^"\\]|\\.)*")`)
	jsonDuplicate = regexp.MustCompile(`duplicate field ("(?:[^"\\]|\\.)*")`)
	jsonInvalid   = regexp.MustCompile(`invalid value for (\w+) (?:type|field|key)`)
)

// decodeJSON fills the message. Its errors are jsonErrors.
func decodeJSON(body []byte, message proto.Message, options protojson.UnmarshalOptions) error {
	var raw json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(body, &raw); errors.As(err, &syntax) {
		return &jsonError{"", "is not one JSON value: see" + place(body, int(syntax.Offset))}
	}
	err := options.Unmarshal(body, message)
	if err == nil {
		return nil
	}
	text := err.Error()
	offset := offsetOf(body, jsonPlace.FindStringSubmatch(text))
	path, _ := pathAt(json.NewDecoder(bytes.NewReader(body)), int64(offset), message.ProtoReflect().Descriptor())
	at := place(body, offset)
	if m := jsonUnknown.FindStringSubmatch(text); m != nil {
		return &jsonError{strings.Join(append(path, unquote(m[1])), "."), "there is no such field:" + at}
	}
	if m := jsonDuplicate.FindStringSubmatch(text); m != nil {
		return &jsonError{strings.Join(append(path, unquote(m[1])), "."), "is given twice:" + at}
	}
	field := strings.Join(path, ".")
	if strings.Contains(text, "duplicate map key") {
		return &jsonError{field, "has a key twice:" + at}
	}
	if m := jsonInvalid.FindStringSubmatch(text); m != nil {
		return &jsonError{field, "is not a valid " + m[1] + ":" + at}
	}
	return &jsonError{field, "is not the JSON that is wanted here:" + at}
}

// place is an offset for people.
func place(body []byte, offset int) string {
	before := body[:min(offset, len(body))]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return fmt.Sprintf(" line %d, column %d", bytes.Count(before, []byte("\n"))+1, utf8.RuneCount(line)+1)
}

// offsetOf is the offset of a line and a column as protojson counts them.
func offsetOf(body []byte, at []string) int {
	if at == nil {
		return 0
	}
	line, _ := strconv.Atoi(at[1])
	column, _ := strconv.Atoi(at[2])
	offset := 0
	for ; line > 1; line-- {
		offset += bytes.IndexByte(body[offset:], '\n') + 1
	}
	for ; column > 1 && offset < len(body); column-- {
		_, size := utf8.DecodeRune(body[offset:])
		offset += size
	}
	return offset
}

// pathAt reads a value and returns the path of proto names within it that leads to the offset, as far as the message
// knows them: not into maps, whose keys are the caller's. found is false if the offset lies behind the value.
func pathAt(tokens *json.Decoder, offset int64, message protoreflect.MessageDescriptor) (path []string, found bool) {
	token, err := tokens.Token()
	if err != nil || tokens.InputOffset() > offset {
		return nil, true
	}
	if token == json.Delim('[') || token == json.Delim('{') {
		for tokens.More() {
			inner, name := message, ""
			if token == json.Delim('{') {
				key, err := tokens.Token()
				if err != nil || tokens.InputOffset() > offset {
					return nil, true
				}
				text, _ := key.(string)
				inner = nil
				if field := fieldNamed(message, text); field != nil {
					name = string(field.Name())
					if !field.IsMap() {
						inner = field.Message()
					}
				}
			}
			if path, found := pathAt(tokens, offset, inner); found {
				if name != "" {
					path = append([]string{name}, path...)
				}
				return path, true
			}
		}
		if _, err := tokens.Token(); err != nil {
			return nil, true
		}
	}
	return nil, tokens.InputOffset() > offset
}
