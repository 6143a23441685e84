package cli

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// decodeSpec fills a message from what YAML or JSON gave, strictly: unknown and output-only fields and wrong types are
// refused. It looks itself before protojson does, because protojson's errors quote the value they stumble over. What is
// valid and perhaps not meant so, it warns of.
func decodeSpec(path string, spec map[string]any, into proto.Message) (notices []string, err error) {
	if _, ok := into.(*cofferv1.Projection); ok {
		if notices, err = readModes(path, spec); err != nil {
			return nil, err
		}
	}
	if err := checkMessage(path, spec, into.ProtoReflect().Descriptor()); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("%s: it cannot be read", path)
	}
	if err := protojson.Unmarshal(raw, into); err != nil {
		return nil, fmt.Errorf("%s: it does not fit a %s", path, into.ProtoReflect().Descriptor().Name())
	}
	return notices, nil
}

func checkMessage(path string, value map[string]any, message protoreflect.MessageDescriptor) error {
	seen := map[protoreflect.Name]bool{}
	for _, key := range slices.Sorted(maps.Keys(value)) {
		field := findField(message, key)
		at := path + "." + key
		switch {
		case field == nil:
			return fmt.Errorf("%s: unknown field", at)
		case seen[field.Name()]:
			return fmt.Errorf("%s: given twice, as %s and as %s", at, field.JSONName(), field.Name())
		case behaves(field, annotations.FieldBehavior_OUTPUT_ONLY):
			return fmt.Errorf("%s: only the server sets this field", at)
		}
		seen[field.Name()] = true
		if value[key] == nil {
			continue
		}
		if err := checkField(at, value[key], field); err != nil {
			return err
		}
	}
	return nil
}

// findField takes both spellings, as protojson does.
func findField(message protoreflect.MessageDescriptor, key string) protoreflect.FieldDescriptor {
	if field := message.Fields().ByJSONName(key); field != nil {
		return field
	}
	return message.Fields().ByName(protoreflect.Name(key))
}

func behaves(field protoreflect.FieldDescriptor, behavior annotations.FieldBehavior) bool {
	behaviors, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behaviors, behavior)
}

func checkField(path string, value any, field protoreflect.FieldDescriptor) error {
	switch {
	case field.IsMap():
		entries, ok := value.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: want a mapping", path)
		}
		if err := checkFilled(path, entries); err != nil {
			return err
		}
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			if err := checkValue(path+"."+key, entries[key], field.MapValue()); err != nil {
				return err
			}
		}
		return nil
	case field.IsList():
		entries, ok := value.([]any)
		if !ok {
			return fmt.Errorf("%s: want a list", path)
		}
		for i, entry := range entries {
			if err := checkValue(fmt.Sprintf("%s[%d]", path, i), entry, field); err != nil {
				return err
			}
		}
		return nil
	}
	return checkValue(path, value, field)
}

// checkFilled names all keys without a value, as they are in a manifest that waits to be filled in.
func checkFilled(path string, entries map[string]any) error {
	empty := slices.DeleteFunc(slices.Sorted(maps.Keys(entries)), func(key string) bool { return entries[key] != nil })
	if len(empty) == 0 {
		return nil
	}
	return fmt.Errorf("%s: there is no value for %s: fill it in, or take the line away", path, strings.Join(empty, ", "))
}

// checkValue looks at one value. No error quotes it: it may be a secret in the wrong place.
func checkValue(path string, value any, field protoreflect.FieldDescriptor) error {
	if number, ok := value.(int64); ok {
		value = json.Number(strconv.FormatInt(number, 10))
	}
	text, isText := value.(string)
	_, isNumber := value.(json.Number)
	switch field.Kind() {
	case protoreflect.MessageKind:
		return checkNested(path, value, field.Message())
	case protoreflect.StringKind:
		if isText {
			return nil
		}
		return fmt.Errorf("%s: want a string: put it into quotes", path)
	case protoreflect.BytesKind:
		if isText && isBase64(text) {
			return nil
		}
		return fmt.Errorf("%s: want base64", path)
	case protoreflect.BoolKind:
		if _, ok := value.(bool); ok {
			return nil
		}
		return fmt.Errorf("%s: want true or false", path)
	case protoreflect.EnumKind:
		if isText && field.Enum().Values().ByName(protoreflect.Name(text)) != nil {
			return nil
		}
		return fmt.Errorf("%s: want one of %s", path, enumNames(field.Enum()))
	default:
		if isNumber && isInteger(value.(json.Number).String(), field.Kind()) || isText && isInteger(text, field.Kind()) {
			return nil
		}
		return fmt.Errorf("%s: want a whole number", path)
	}
}

func checkNested(path string, value any, message protoreflect.MessageDescriptor) error {
	switch message.FullName() {
	case "google.protobuf.Timestamp":
		if text, ok := value.(string); ok && parses(text, &timestamppb.Timestamp{}) {
			return nil
		}
		return fmt.Errorf("%s: want a time such as 2027-01-31T12:00:00Z", path)
	case "google.protobuf.Duration":
		if text, ok := value.(string); ok && parses(text, &durationpb.Duration{}) {
			return nil
		}
		return fmt.Errorf("%s: want a duration in seconds such as 3600s", path)
	}
	entries, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: want a mapping", path)
	}
	return checkMessage(path, entries, message)
}

func parses(text string, into proto.Message) bool {
	raw, err := json.Marshal(text)
	return err == nil && protojson.Unmarshal(raw, into) == nil
}

func isBase64(text string) bool {
	text = strings.TrimRight(text, "=")
	if strings.ContainsAny(text, "\r\n") {
		return false
	}
	_, err := base64.RawStdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/").Replace(text))
	return err == nil
}

// isInteger takes plain decimal numbers alone: JSON knows no others, and "010" in quotes may be meant as 8 or 10.
func isInteger(text string, kind protoreflect.Kind) bool {
	digits := strings.TrimPrefix(text, "-")
	if len(digits) > 1 && digits[0] == '0' || strings.HasPrefix(text, "+") {
		return false
	}
	var err error
	switch kind {
	case protoreflect.Int32Kind:
		_, err = strconv.ParseInt(text, 10, 32)
	case protoreflect.Uint32Kind:
		_, err = strconv.ParseUint(text, 10, 32)
	case protoreflect.Int64Kind:
		_, err = strconv.ParseInt(text, 10, 64)
	case protoreflect.Uint64Kind:
		_, err = strconv.ParseUint(text, 10, 64)
	default:
		err = errors.New("no integer")
	}
	return err == nil
}

func enumNames(enum protoreflect.EnumDescriptor) string {
	var names []string
	for i := range enum.Values().Len() {
		if value := enum.Values().Get(i); value.Number() != 0 {
			names = append(names, string(value.Name()))
		}
	}
	return strings.Join(names, ", ")
}
