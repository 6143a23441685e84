package iometemigrate

import (
	"fmt"
	"maps"
	"strings"

	"github.com/tailscale/hujson"
)

// bindings tell what the names in a payload are set to, by place.
type bindings map[string]string

// read fills bindings from a surface and those below it.
func (b bindings) read(place string, surface *hujson.Object) {
	for _, member := range surface.Members {
		name := nameOf(member)
		here := pointer(place, name)
		switch value := member.Value.Value.(type) {
		case *hujson.Object:
			switch {
			case isSurface(name):
				b.read(here, value)
			case lists[name] != "":
				for _, setting := range value.Members {
					b[pointer(here, nameOf(setting))] = string(hujson.Value{Value: setting.Value.Value}.Pack())
				}
			case place == "" && name == storageSecret:
				b[here] = bound(read(value))
			}
		case *hujson.Array:
			if !isList(name) {
				continue
			}
			for _, element := range value.Elements {
				entry, _ := element.Value.(*hujson.Object)
				set, _ := textOf(valueOf(entry, entryKey))
				object, _ := valueOf(entry, secretObject).Value.(*hujson.Object)
				b[pointer(here, set)] += "\n" + bound(read(object))
			}
		case hujson.Literal:
			if place == "" && name == secretKey {
				b[here] = value.String()
			}
		}
	}
}

// read returns what a secretObject names.
func read(object *hujson.Object) (key, source string) {
	key, _ = textOf(valueOf(object, entryKey))
	from, _ := valueOf(object, "source").Value.(*hujson.Object)
	kind, _ := textOf(valueOf(from, "type"))
	id, _ := textOf(valueOf(from, "id"))
	return key, kind + " " + id
}

func bound(key, source string) string { return fmt.Sprintf("%q of %q", key, source) }

// verify makes sure that a payload is bound as another was, but for the references that moved.
func (b bindings) verify(moved []Moved, output []byte) error {
	want := maps.Clone(b)
	for _, m := range moved {
		delete(want, m.Place)
		to, mark := storagePlace, ""
		if m.Place != "/"+secretKey {
			parts := strings.Split(m.Place, "/")
			parts[len(parts)-2] = lists[parts[len(parts)-2]]
			to, mark = strings.Join(parts, "/"), "\n"
		}
		want[to] += mark + bound(m.Key, kubernetes+" "+m.Source)
	}
	root, err := parse(output)
	if err != nil {
		return errUnsure
	}
	got := bindings{}
	got.read("", root.Value.(*hujson.Object))
	if !maps.Equal(got, want) {
		return errUnsure
	}
	return nil
}
