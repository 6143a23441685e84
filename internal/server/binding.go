package server

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/coffer-dev/coffer/internal/secrets"
)

// binding tells where the fields of a request come from over REST: what the path and the body leave comes in the query.
type binding struct {
	path  []string // fields of the request that the path carries, or carries a part of
	body  string   // field of the request that is the body; empty: none
	whole bool     // the body is the whole request
}

// pathField finds the first name of a field in the pattern of a path.
var pathField = regexp.MustCompile(`\{([a-z_0-9]+)`)

func bindingOf(desc protoreflect.MethodDescriptor) binding {
	rule, _ := proto.GetExtension(desc.Options(), annotations.E_Http).(*annotations.HttpRule)
	var path []string
	// Only one of the five is set; other bindings of a method carry the same fields.
	for _, m := range pathField.FindAllStringSubmatch(rule.GetGet()+rule.GetPost()+rule.GetPut()+rule.GetPatch()+rule.GetDelete(), -1) {
		path = append(path, m[1])
	}
	if rule.GetBody() == "*" {
		return binding{path: path, whole: true}
	}
	return binding{path: path, body: rule.GetBody()}
}

// checkQuery refuses parameters that the request does not have, which the gateway would ignore.
func (b binding) checkQuery(request protoreflect.MessageDescriptor, query string) error {
	if query == "" {
		return nil
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return secrets.Invalid("query", "is not well-formed")
	}
	for name := range values {
		first, ok := firstField(request, strings.Split(name, "."))
		if !ok || b.whole || slices.Contains(b.path, first) || first == b.body {
			return secrets.Invalid(clip(name), "there is no such parameter")
		}
	}
	return nil
}

// firstField returns the proto name of the first field of a path of JSON or proto names. ok is false if the path leads
// nowhere.
func firstField(message protoreflect.MessageDescriptor, path []string) (first string, ok bool) {
	for i, name := range path {
		field := fieldNamed(message, name)
		if field == nil || field.IsMap() || (field.IsList() && i < len(path)-1) {
			return "", false
		}
		if i == 0 {
			first = string(field.Name())
		}
		message = field.Message()
	}
	return first, true
}

// fieldNamed returns the field with a JSON or proto name, or nil.
func fieldNamed(message protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if message == nil {
		return nil
	}
	if field := message.Fields().ByJSONName(name); field != nil {
		return field
	}
	return message.Fields().ByTextName(name)
}
