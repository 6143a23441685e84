package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxSegments bounds the segments of a path.
const maxSegments = 16

// route is one HTTP binding of a method, from the google.api.http option of its proto.
type route struct {
	method   *method
	verb     string   // what follows the colon of the last segment
	segments []string // "*" matches any one segment
	vars     []pathVar
	body     protoreflect.FieldDescriptor // nil: no body, or the whole message
	whole    bool                         // the body is the whole message
}

// pathVar is a field whose value is a part of the path.
type pathVar struct {
	field    []protoreflect.FieldDescriptor // from the message down
	from, to int                            // segments
}

// routeKey is what can be told of a path before its segments are compared.
type routeKey struct {
	httpMethod string
	segments   int
	verb       string
}

// routes finds the route of a request.
type routes struct {
	byKey map[routeKey][]*route
	verbs map[string]bool
}

func newRoutes(services []service) (*routes, error) {
	rs := &routes{byKey: map[routeKey][]*route{}, verbs: map[string]bool{}}
	for _, s := range services {
		for _, m := range s.methods {
			rule, ok := proto.GetExtension(m.desc.Options(), annotations.E_Http).(*annotations.HttpRule)
			if !ok || rule == nil {
				return nil, fmt.Errorf("method %s has no HTTP binding", m.name)
			}
			for _, binding := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
				if err := rs.add(m, binding); err != nil {
					return nil, fmt.Errorf("HTTP binding of %s: %w", m.name, err)
				}
			}
		}
	}
	return rs, nil
}

func (rs *routes) add(m *method, rule *annotations.HttpRule) error {
	httpMethod, template := bindingOf(rule)
	if httpMethod == "" {
		return errors.New("has no method that is served here")
	}
	r := &route{method: m, whole: rule.GetBody() == "*"}
	if name := rule.GetBody(); name != "" && !r.whole {
		if r.body = m.desc.Input().Fields().ByName(protoreflect.Name(name)); r.body == nil || r.body.Message() == nil {
			return fmt.Errorf("body %q is not a message of the request", name)
		}
	}
	if err := r.parse(template); err != nil {
		return fmt.Errorf("%s: %w", template, err)
	}
	key := routeKey{httpMethod, len(r.segments), r.verb}
	for _, other := range rs.byKey[key] {
		if slices.Equal(other.segments, r.segments) {
			return fmt.Errorf("%s is that of %s too", template, other.method.name)
		}
	}
	rs.byKey[key] = append(rs.byKey[key], r)
	rs.verbs[r.verb] = true
	return nil
}

func bindingOf(rule *annotations.HttpRule) (httpMethod, template string) {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return "GET", p.Get
	case *annotations.HttpRule_Post:
		return "POST", p.Post
	case *annotations.HttpRule_Patch:
		return "PATCH", p.Patch
	case *annotations.HttpRule_Delete:
		return "DELETE", p.Delete
	}
	return "", ""
}

// parse takes a template apart: /v1/{parent=namespaces/*}/secrets or /v1/{name=namespaces/*/secrets/*}:verb.
func (r *route) parse(template string) error {
	rest, ok := strings.CutPrefix(template, "/")
	if !ok {
		return errors.New("does not begin with a slash")
	}
	if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexAny(rest, "}/") {
		rest, r.verb = rest[:i], rest[i+1:]
	}
	for rest != "" {
		inner, after, isVar := strings.Cut(strings.TrimPrefix(rest, "{"), "}")
		if isVar = isVar && rest[0] == '{'; !isVar {
			inner, after, _ = strings.Cut(rest, "/")
			r.segments = append(r.segments, inner)
			rest = after
			continue
		}
		path, pattern, ok := strings.Cut(inner, "=")
		if !ok {
			pattern = "*"
		}
		field, err := fieldsOf(r.method.desc.Input(), path)
		if err != nil {
			return err
		}
		v := pathVar{field: field, from: len(r.segments)}
		r.segments = append(r.segments, strings.Split(pattern, "/")...)
		v.to = len(r.segments)
		r.vars = append(r.vars, v)
		rest = strings.TrimPrefix(after, "/")
	}
	if len(r.segments) > maxSegments || slices.Contains(r.segments, "**") || slices.Contains(r.segments, "") {
		return errors.New("is not a path that is served here")
	}
	return nil
}

// fieldsOf returns the string field at a path of proto names, with the messages that lead to it.
func fieldsOf(message protoreflect.MessageDescriptor, path string) ([]protoreflect.FieldDescriptor, error) {
	var fields []protoreflect.FieldDescriptor
	for name := range strings.SplitSeq(path, ".") {
		if message == nil {
			return nil, fmt.Errorf("%q is not a field", path)
		}
		field := message.Fields().ByName(protoreflect.Name(name))
		if field == nil || field.Cardinality() == protoreflect.Repeated {
			return nil, fmt.Errorf("%q is not a field", path)
		}
		fields = append(fields, field)
		message = field.Message()
	}
	if fields[len(fields)-1].Kind() != protoreflect.StringKind {
		return nil, fmt.Errorf("%q is not a string", path)
	}
	return fields, nil
}

// splitPath is a path with the places where its segments end.
type splitPath struct {
	path  string // without the leading slash and the verb
	verb  string
	ends  [maxSegments]int
	count int
}

// split takes a path apart. ok is false for one that no route can match.
func (rs *routes) split(path string) (p splitPath, ok bool) {
	if path == "" || path[0] != '/' {
		return p, false
	}
	p.path = path[1:]
	// No ID holds a colon, so what follows one is a verb, if it is any.
	if i := strings.LastIndexByte(p.path, ':'); i >= 0 && rs.verbs[p.path[i+1:]] {
		p.path, p.verb = p.path[:i], p.path[i+1:]
	}
	begin := 0
	for i := 0; i <= len(p.path); i++ {
		if i < len(p.path) && p.path[i] != '/' {
			continue
		}
		if i == begin || p.count == maxSegments {
			return p, false
		}
		p.ends[p.count] = i
		p.count++
		begin = i + 1
	}
	return p, true
}

// part is the segments from one to another, slashes between them included.
func (p *splitPath) part(from, to int) string {
	begin := 0
	if from > 0 {
		begin = p.ends[from-1] + 1
	}
	return p.path[begin:p.ends[to-1]]
}

// find returns the route of a method and a path, or nil.
func (rs *routes) find(httpMethod string, p *splitPath) *route {
	for _, r := range rs.byKey[routeKey{httpMethod, p.count, p.verb}] {
		if r.matches(p) {
			return r
		}
	}
	return nil
}

func (r *route) matches(p *splitPath) bool {
	for i, segment := range r.segments {
		if segment != "*" && segment != p.part(i, i+1) {
			return false
		}
	}
	return true
}

// allowed returns the HTTP methods that the path has.
func (rs *routes) allowed(p *splitPath) []string {
	var methods []string
	for _, m := range []string{"GET", "POST", "PATCH", "DELETE"} {
		if rs.find(m, p) != nil {
			methods = append(methods, m)
		}
	}
	return methods
}
