package authn

import (
	"errors"
	"fmt"
	"strings"
)

// ErrTemplate: the text is not a template of a principal's name. It says what is wrong with it.
var ErrTemplate = errors.New("authn: not a template of a principal")

// rootNamespace is where the operators are. That somebody elsewhere calls a namespace so must not make its accounts ours.
const rootNamespace = "instance"

// Accounts finds the principal of a service account, named "namespaces/{namespace}/serviceAccounts/{id}".
type Accounts func(name string) (Principal, bool)

// Template makes the name of a principal out of parts of a credential. It is written as one of
//
//	user:{sub}
//	user:corp/{sub}
//	serviceAccount:namespaces/{/kubernetes.io/namespace}/serviceAccounts/{name}
//
// with placeholders in braces. A segment between two slashes has at most one, since "{a}-{b}" would give the same name
// to different people; a user's first of two segments has none, since who chooses it chooses whom to be taken for. An
// account of the root, namespaces/instance, is named by a template that spells that out, and by no placeholder.
type Template struct {
	kind     Kind
	segments []segment
}

// segment is text with at most one placeholder in it.
type segment struct {
	before, placeholder, after string
}

// ParseTemplate reads a template. Its error is ErrTemplate.
func ParseTemplate(text string) (*Template, error) {
	if len(text) > maxPrincipalSize {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrTemplate, maxPrincipalSize)
	}
	prefix, rest, _ := strings.Cut(text, ":")
	t := &Template{kind: Kind(prefix)}
	for more := true; more; {
		var s segment
		var err error
		if s, rest, more, err = parseSegment(rest); err != nil {
			return nil, err
		}
		t.segments = append(t.segments, s)
	}
	literal := func(i int, want string) bool { return t.segments[i] == segment{before: want} }
	switch n := len(t.segments); {
	case t.kind == KindUser && n == 1:
	case t.kind == KindUser && n == 2 && t.segments[0].placeholder == "":
	case t.kind == KindServiceAccount && n == 4 && literal(0, "namespaces") && literal(2, "serviceAccounts"):
	default:
		return nil, fmt.Errorf("%w: %q: want user:NAME, user:PREFIX/NAME or serviceAccount:namespaces/NAME/serviceAccounts/NAME", ErrTemplate, text)
	}
	return t, nil
}

// parseSegment reads up to the next slash outside of braces; more says that there was one.
func parseSegment(text string) (s segment, rest string, more bool, err error) {
	end := strings.IndexAny(text, "{}/")
	if end >= 0 && text[end] == '{' {
		s.before, text = text[:end], text[end+1:]
		if end = strings.IndexAny(text, "{}"); end <= 0 || text[end] != '}' {
			return s, "", false, fmt.Errorf("%w: a brace is not closed, or holds nothing or another", ErrTemplate)
		}
		s.placeholder, text = text[:end], text[end+1:]
		end = strings.IndexAny(text, "{}/")
	}
	if end >= 0 && text[end] != '/' {
		return s, "", false, fmt.Errorf("%w: a brace closes nothing, or a segment has two placeholders", ErrTemplate)
	}
	if end >= 0 {
		text, rest, more = text[:end], text[end+1:], true
	}
	if s.placeholder == "" {
		s.before = text
	} else {
		s.after = text
	}
	if CheckName(s.before+"x"+s.after) != nil || (s.placeholder == "" && CheckName(s.before) != nil) {
		return s, "", false, fmt.Errorf("%w: %q cannot be a part of a name", ErrTemplate, s.before+s.after)
	}
	return s, rest, more, nil
}

// Kind is that of the principals the template names.
func (t *Template) Kind() Kind { return t.kind }

// Placeholders lists what stands in braces, in order.
func (t *Template) Placeholders() []string {
	var all []string
	for _, s := range t.segments {
		if s.placeholder != "" {
			all = append(all, s.placeholder)
		}
	}
	return all
}

// Name fills the placeholders in. Every value must be there and pass CheckName, and so must the segment it becomes a
// part of. Its error is a RefusedError.
func (t *Template) Name(value func(placeholder string) (string, bool)) (string, error) {
	parts := make([]string, len(t.segments))
	for i, s := range t.segments {
		parts[i] = s.before
		if s.placeholder != "" {
			v, ok := value(s.placeholder)
			if !ok {
				return "", RefusedError("claim " + s.placeholder + " is missing or not text")
			}
			if CheckName(v) != nil {
				return "", RefusedError("what stands for {" + s.placeholder + "} is not a fit name")
			}
			parts[i] += v + s.after
		}
		if CheckName(parts[i]) != nil {
			return "", errUnfit
		}
		if t.kind == KindServiceAccount && i == 1 && s.placeholder != "" && parts[i] == rootNamespace {
			return "", RefusedError("{" + s.placeholder + "} may not stand for the root namespace")
		}
	}
	name := string(t.kind) + ":" + strings.Join(parts, "/")
	if _, _, err := SplitPrincipal(name); err != nil {
		return "", errUnfit
	}
	return name, nil
}

const (
	errUnfit     = RefusedError("the principal is not a fit name")
	errNoAccount = RefusedError("account does not exist")
)

// Principal returns the principal that the template names, a service account as accounts knows it. Its error is a
// RefusedError.
func (t *Template) Principal(value func(placeholder string) (string, bool), accounts Accounts) (Principal, error) {
	name, err := t.Name(value)
	if err != nil {
		return Principal{}, err
	}
	if t.kind == KindUser {
		return Principal{Name: name}, nil
	}
	if accounts == nil {
		return Principal{}, errNoAccount
	}
	account, ok := accounts(strings.TrimPrefix(name, string(KindServiceAccount)+":"))
	if !ok || account.Name != name || account.UID == "" {
		return Principal{}, errNoAccount
	}
	return account, nil
}
