package iomete

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"

	"github.com/coffer-dev/coffer/internal/secrets"
)

const (
	secretKey     = "secretKey"
	storageSecret = "storageSecret"
	// maxFaults bounds what is told of one payload.
	maxFaults = 10
)

var (
	// workloadName is what the name of a payload can be: the ID of a projection has 128 characters, with the kind before it.
	workloadName = regexp.MustCompile(`^[-._A-Za-z0-9]{1,100}$`)
	// reference is a text that is one placeholder and nothing else. The domain refuses one that names no secret.
	reference = regexp.MustCompile(`^\$\{[ \t]*secrets?\.[^{}]*\}$`)
)

// registration reads a payload that is registered.
type registration struct {
	domain  string
	faults  []secrets.Violation
	emptied bool
}

// registered is the name in a payload, and what is kept of it: all but a secretKey in clear, since whoever may see a
// projection sees its payload. One beside a storageSecret delivers nothing, and is emptied; another is refused.
func registered(domain, payload string) (name, kept string, err error) {
	var members map[string]json.RawMessage // and not a struct, whose names would be matched in any case
	root, err := hujson.Parse([]byte(payload))
	if err != nil || json.Unmarshal([]byte(payload), &members) != nil || members == nil {
		return "", "", secrets.Invalid("payload", "is not an object of JSON")
	}
	r := registration{domain: domain}
	if given, ok := members["name"]; !ok || json.Unmarshal(given, &name) != nil || name == "" {
		r.fault("payload.name", "is required: a text that tells the workload from others of its kind in the domain, under which it is "+
			"registered. To resolve a payload, which needs no name, send it to the same path with :resolve at its end")
	} else if !workloadName.MatchString(name) {
		r.fault("payload.name", "does not match "+workloadName.String())
	}
	r.keys([]string{"payload"}, &root)
	if len(r.faults) > 0 {
		return "", "", &secrets.InvalidError{Violations: r.faults}
	}
	if r.emptied {
		payload = string(root.Pack())
	}
	return name, payload, nil
}

func (r *registration) fault(field, description string) {
	if len(r.faults) < maxFaults {
		r.faults = append(r.faults, secrets.Violation{Field: field, Description: description})
	}
}

// keys sees to each secretKey in a value.
func (r *registration) keys(place []string, v *hujson.Value) {
	switch value := v.Value.(type) {
	case *hujson.Object:
		fallback := slices.ContainsFunc(value.Members, func(m hujson.ObjectMember) bool {
			_, object := m.Value.Value.(*hujson.Object)
			return object && nameOf(m) == storageSecret
		})
		for i := range value.Members {
			member, here := &value.Members[i].Value, append(place, nameOf(value.Members[i]))
			if here[len(place)] == secretKey {
				r.key(here, member, fallback)
			} else {
				r.keys(here, member)
			}
		}
	case *hujson.Array:
		for i := range value.Elements {
			r.keys(append(place, strconv.Itoa(i)), &value.Elements[i])
		}
	}
}

// key sees to a secretKey. It may be a reference, or nothing.
func (r *registration) key(place []string, v *hujson.Value, fallback bool) {
	literal, ok := v.Value.(hujson.Literal)
	switch kind := literal.Kind(); {
	case kind == 'n', kind == '"' && (literal.String() == "" || reference.MatchString(literal.String())):
	case ok && fallback:
		v.Value, r.emptied = hujson.String(""), true
	default:
		r.fault(field(place), "is a value, which everybody would see who may see the workload: store it by POST /api/v2/domains/"+
			url.PathEscape(r.domain)+`/secrets with {"key": KEY, "value": VALUE}, and put "storageSecret": {"key": KEY, "source": {"type": `+
			`"KUBERNETES", "id": `+strconv.Quote(r.domain)+"}} in its place")
	}
}

// field is how a place in a payload is told.
func field(place []string) string {
	const most = 200
	text := strings.Join(place, ".")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

func nameOf(m hujson.ObjectMember) string {
	name, _ := m.Name.Value.(hujson.Literal)
	return name.String()
}
