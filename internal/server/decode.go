package server

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/coffer-dev/coffer/internal/secrets"
)

// maxEcho bounds the names of a request that an error repeats.
const maxEcho = 128

// decode fills the message from the body, the path and the query, in this order: the path wins over the body, and a
// field that the body or the path carries is not taken from the query. Unknown fields are refused. An error names a
// field and never quotes a value.
func (r *route) decode(req *http.Request, p *splitPath, message any) error {
	m, ok := message.(proto.Message)
	if !ok {
		return fmt.Errorf("decoding %T: not a message", message)
	}
	into := m.ProtoReflect()
	if err := r.decodeBody(req, into); err != nil {
		return err
	}
	for i := range r.vars {
		v := &r.vars[i]
		at := into
		for _, field := range v.field[:len(v.field)-1] {
			at = at.Mutable(field).Message()
		}
		at.Set(v.field[len(v.field)-1], protoreflect.ValueOfString(p.part(v.from, v.to)))
	}
	if req.URL.RawQuery == "" {
		return nil
	}
	query, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		return secrets.Invalid("query", "is not well-formed")
	}
	for name, values := range query {
		if err := r.decodeQuery(into, name, values); err != nil {
			return err
		}
	}
	return nil
}

func (r *route) decodeBody(req *http.Request, into protoreflect.Message) error {
	if !r.whole && r.body == nil {
		return nil
	}
	if req.ContentLength > int64(r.method.maxBytes) {
		return tooLarge(r.method)
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, int64(r.method.maxBytes)+1))
	switch {
	case err != nil:
		return secrets.Invalid("body", "did not arrive whole")
	case len(body) > r.method.maxBytes:
		return tooLarge(r.method)
	case len(body) == 0:
		return nil
	}
	if r.body != nil {
		into = into.Mutable(r.body).Message()
	}
	if err := protojson.Unmarshal(body, into.Interface()); err != nil {
		return jsonError(err)
	}
	return nil
}

var (
	jsonUnknown   = regexp.MustCompile(`unknown field ("(?:[^"\\]|\\.)*")`)
	jsonDuplicate = regexp.MustCompile(`duplicate field ("(?:[^"\\]|\\.)*")`)
	jsonInvalid   = regexp.MustCompile(`invalid value for (\w+) (?:type|field) (\w+):`)
	jsonPlace     = regexp.MustCompile(`\(line (\d+):(\d+)\)`)
)

// jsonError tells what is wrong with a body. protojson's own text would do, but for quoting the value it stumbled on.
func jsonError(err error) error {
	text := err.Error()
	place := ""
	if at := jsonPlace.FindStringSubmatch(text); at != nil {
		place = " at line " + at[1] + ", column " + at[2]
	}
	if m := jsonUnknown.FindStringSubmatch(text); m != nil {
		return secrets.Invalid(unquote(m[1]), "there is no such field%s", place)
	}
	if m := jsonDuplicate.FindStringSubmatch(text); m != nil {
		return secrets.Invalid(unquote(m[1]), "is given twice%s", place)
	}
	if m := jsonInvalid.FindStringSubmatch(text); m != nil {
		return secrets.Invalid(m[2], "is not a valid %s%s", m[1], place)
	}
	return secrets.Invalid("body", "is not the JSON that is wanted here%s", place)
}

func unquote(name string) string {
	if plain, err := strconv.Unquote(name); err == nil {
		name = plain
	}
	return clip(name)
}

func clip(name string) string {
	if len(name) > maxEcho {
		name = strings.ToValidUTF8(name[:maxEcho], "") + "…"
	}
	return name
}

// decodeQuery sets one field from the query. name is a path of proto or JSON names.
func (r *route) decodeQuery(into protoreflect.Message, name string, values []string) error {
	unknown := secrets.Invalid(clip(name), "there is no such parameter")
	if r.whole {
		return unknown
	}
	var field protoreflect.FieldDescriptor
	parts := strings.Split(name, ".")
	for i, part := range parts {
		fields := into.Descriptor().Fields()
		if field = fields.ByJSONName(part); field == nil {
			field = fields.ByTextName(part)
		}
		if field == nil || field.IsMap() || (i == 0 && (field == r.body || r.inPath(field))) {
			return unknown
		}
		if i == len(parts)-1 {
			break
		}
		if field.Message() == nil || field.IsList() {
			return unknown
		}
		into = into.Mutable(field).Message()
	}
	if field.IsList() {
		list := into.Mutable(field).List()
		for _, text := range values {
			value, err := parseValue(field, list.NewElement(), text)
			if err != nil {
				return secrets.Invalid(clip(name), "is not a valid %s", kindName(field))
			}
			list.Append(value)
		}
		return nil
	}
	if len(values) != 1 || into.Has(field) {
		return secrets.Invalid(clip(name), "is given twice")
	}
	value, err := parseValue(field, into.NewField(field), values[0])
	if err != nil {
		return secrets.Invalid(clip(name), "is not a valid %s", kindName(field))
	}
	into.Set(field, value)
	return nil
}

// inPath tells whether the path carries the field or something in it.
func (r *route) inPath(field protoreflect.FieldDescriptor) bool {
	for _, v := range r.vars {
		if v.field[0] == field {
			return true
		}
	}
	return false
}

func kindName(field protoreflect.FieldDescriptor) string {
	if m := field.Message(); m != nil {
		return string(m.Name())
	}
	if e := field.Enum(); e != nil {
		return string(e.Name())
	}
	return field.Kind().String()
}

// parseValue parses the text of a query parameter. into is a new value of the field's kind, used for messages.
func parseValue(field protoreflect.FieldDescriptor, into protoreflect.Value, text string) (protoreflect.Value, error) {
	switch field.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(text), nil
	case protoreflect.BoolKind:
		b, err := strconv.ParseBool(text)
		return protoreflect.ValueOfBool(b), err
	case protoreflect.Int32Kind:
		n, err := strconv.ParseInt(text, 10, 32)
		return protoreflect.ValueOfInt32(int32(n)), err
	case protoreflect.Int64Kind:
		n, err := strconv.ParseInt(text, 10, 64)
		return protoreflect.ValueOfInt64(n), err
	case protoreflect.BytesKind:
		b, err := base64.StdEncoding.DecodeString(text)
		return protoreflect.ValueOfBytes(b), err
	case protoreflect.EnumKind:
		value := field.Enum().Values().ByName(protoreflect.Name(text))
		if value == nil {
			return into, errors.New("unknown name")
		}
		return protoreflect.ValueOfEnum(value.Number()), nil
	case protoreflect.MessageKind:
		message := into.Message().Interface()
		if mask, ok := message.(*fieldmaskpb.FieldMask); ok {
			mask.Paths = strings.Split(text, ",")
			return into, nil
		}
		return into, protojson.Unmarshal(strconv.AppendQuote(nil, text), message)
	default:
		return into, errors.New("kind not supported in a query")
	}
}
