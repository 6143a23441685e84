package iometemigrate

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"
)

// The names that mean something in a payload.
const (
	secretKey     = "secretKey"
	storageSecret = "storageSecret"
	secretObject  = "secretObject"
	entryKey      = "key"
	kubernetes    = "KUBERNETES"
	storagePlace  = "/" + storageSecret
)

// lists are where the second form has what stood in a mapping of the first.
var lists = map[string]string{"envVars": "envSecrets", "sparkConf": "sparkConfSecrets"}

// shown are the members that name something, by what they are in.
var shown = map[string][]string{
	"": {"name"}, "envSecrets": {entryKey}, "sparkConfSecrets": {entryKey}, secretObject: {entryKey}, storageSecret: {entryKey}, "source": {"type", "id"},
}

func isList(name string) bool { return name == lists["envVars"] || name == lists["sparkConf"] }

// isSurface tells whether a member has envVars and the like, as the payload itself does.
func isSurface(name string) bool {
	return name == "sparkConfig" || name == "template" || name == "config"
}

var (
	placeholder = regexp.MustCompile(`\$+\{[ \t]*secrets\.([^}]*)\}`)
	// keyRule is what a key can be.
	keyRule = regexp.MustCompile(`^[A-Za-z0-9_][-._A-Za-z0-9]{0,127}$`)
)

// migration is one run over a payload.
type migration struct {
	locate Locate
	known  map[string]located
	unit   string // by which the payload is indented
	moved  []Moved
	left   []Left
}

type located struct {
	id  string
	err error
}

func (m *migration) leave(place, reason string) { m.left = append(m.left, Left{place, reason}) }

// surface rewrites a mapping that can have envVars and the like, and those below it.
func (m *migration) surface(place string, o *hujson.Object) error {
	added := 0 // lists, each after what it is for
	for n := range len(o.Members) {
		i, before := n+added, len(o.Members)
		name := nameOf(o.Members[i])
		here := pointer(place, name)
		object, isObject := o.Members[i].Value.Value.(*hujson.Object)
		var err error
		switch {
		case isObject && isSurface(name):
			err = m.surface(here, object)
		case isObject && lists[name] != "":
			err = m.settings(here, o, i, object)
		case place == "" && name == secretKey:
			err = m.storage(o, i)
		default:
			m.others(here, &o.Members[i].Value)
		}
		if err != nil {
			return err
		}
		added += len(o.Members) - before
	}
	return nil
}

// settings moves the placeholders of envVars or sparkConf, which is the member i of a surface, into the list beside it.
func (m *migration) settings(place string, o *hujson.Object, i int, settings *hujson.Object) error {
	list := lists[nameOf(o.Members[i])]
	there := valueOf(o, list)
	elements, isArray := there.Value.(*hujson.Array)
	set := map[string]bool{}
	if isArray {
		set = setBy(elements)
	}
	var entries []entry
	var stay []hujson.ObjectMember
	for _, member := range settings.Members {
		name := nameOf(member)
		here := pointer(place, name)
		key, source, err := m.reference(here, member.Value)
		if err != nil {
			return err
		}
		switch {
		case key == "":
		case name == "":
			m.leave(here, "its name is empty")
		case there.Value != nil && !isArray:
			m.leave(here, list+" is there already and is no list")
		case set[name]:
			m.leave(here, list+" sets it already, and wins: remove one of the two")
		default:
			m.moved = append(m.moved, Moved{here, key, source})
			entries = append(entries, entry{name, key, source})
			continue
		}
		stay = append(stay, member)
	}
	if len(entries) == 0 {
		return nil
	}
	retain(settings, stay)
	if isArray {
		m.extend(o, list, entries)
		return nil
	}
	s := styleOf(o, i, m.unit)
	o.Members = slices.Insert(o.Members, i+1, s.member(list, s.list(entries)))
	return nil
}

// setBy are the names that a list sets.
func setBy(list *hujson.Array) map[string]bool {
	names := map[string]bool{}
	for _, element := range list.Elements {
		o, _ := element.Value.(*hujson.Object)
		name, _ := textOf(valueOf(o, entryKey))
		names[name] = true
	}
	return names
}

// storage makes a storageSecret of a secretKey, which is the member i of the payload.
func (m *migration) storage(o *hujson.Object, i int) error {
	const here = "/" + secretKey
	text, isText := textOf(o.Members[i].Value)
	if isText && text != "" && !refers(text) {
		m.leave(here, "is a value, and not a reference: store it as a secret, and name that in "+storageSecret)
		return nil
	}
	if valueOf(o, storageSecret).Value != nil {
		if isText && refers(text) {
			m.leave(here, storageSecret+" stands beside it and wins: it is a fallback")
		}
		return nil
	}
	key, source, err := m.reference(here, o.Members[i].Value)
	if err != nil || key == "" {
		return err
	}
	m.moved = append(m.moved, Moved{here, key, source})
	s := styleOf(o, i, m.unit)
	was := o.Members[i]
	o.Members[i] = s.member(storageSecret, s.object(0, key, source))
	o.Members[i].Name.BeforeExtra, o.Members[i].Value.AfterExtra = was.Name.BeforeExtra, was.Value.AfterExtra
	return nil
}

// reference reads a text that is a placeholder as a whole, and tells where its secret is. An empty key: it is none, or stays.
func (m *migration) reference(place string, value hujson.Value) (key, source string, err error) {
	text, ok := textOf(value)
	if !ok || !refers(text) {
		return "", "", nil
	}
	found := placeholder.FindStringSubmatch(text)
	key = strings.TrimSpace(found[1])
	switch {
	case found[0] != text || strings.HasPrefix(text, "$$"):
		m.leave(place, "a placeholder within other text has no second form: make the whole text a secret")
		return "", "", nil
	case !keyRule.MatchString(key):
		m.leave(place, "the placeholder does not name a secret")
		return "", "", nil
	}
	at, known := m.known[key]
	if !known {
		at.id, at.err = m.locate(key)
		m.known[key] = at
	}
	if errors.Is(at.err, ErrNoSecret) {
		m.leave(place, ErrNoSecret.Error())
		return "", "", nil
	}
	return key, at.id, at.err
}

// refers tells whether a text has a placeholder. Of the dollars before the brace, each two stand for one.
func refers(text string) bool {
	return slices.ContainsFunc(placeholder.FindAllString(text, -1), func(found string) bool {
		return strings.IndexByte(found, '{')%2 == 1
	})
}

// others tells of placeholders that stand where the second form has no list.
func (m *migration) others(place string, v *hujson.Value) {
	switch value := v.Value.(type) {
	case *hujson.Object:
		for i := range value.Members {
			m.others(pointer(place, nameOf(value.Members[i])), &value.Members[i].Value)
		}
	case *hujson.Array:
		for i := range value.Elements {
			m.others(pointer(place, strconv.Itoa(i)), &value.Elements[i])
		}
	case hujson.Literal:
		if text, ok := textOf(*v); ok && refers(text) {
			m.leave(place, "the second form has no place for a reference here")
		}
	}
}
