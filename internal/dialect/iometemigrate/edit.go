package iometemigrate

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

// entry is one of envSecrets or sparkConfSecrets.
type entry struct{ name, key, source string }

// style is how a member is written so that it looks like those around it.
type style struct {
	line  string // a line break and the indentation of the member; empty: all stands in one line
	unit  string // by which each level is indented further
	space string // after colons and commas
	first string // what stands before the member
}

// unitOf is by how much the members of a payload are indented.
func unitOf(root *hujson.Object) string {
	if len(root.Members) > 0 {
		if unit := strings.TrimLeft(lineOf(root.Members[0].Name.BeforeExtra), "\r\n"); unit != "" {
			return unit
		}
	}
	return "  "
}

// lineOf is the last line break of what stands before a value, and what follows it.
func lineOf(extra hujson.Extra) string {
	i := bytes.LastIndexByte(extra, '\n')
	if i < 0 {
		return ""
	}
	if i > 0 && extra[i-1] == '\r' {
		i--
	}
	return string(extra[i:])
}

// styleOf is that of the member i.
func styleOf(o *hujson.Object, i int, unit string) style {
	s := style{line: lineOf(o.Members[i].Name.BeforeExtra), unit: unit, space: " "}
	if s.first = s.line; s.line == "" {
		s.space = string(o.Members[i].Value.BeforeExtra)
		s.first = s.space
		if i > 0 {
			s.first = string(o.Members[i].Name.BeforeExtra)
		}
	}
	return s
}

// at is the break before something that is so many levels further in.
func (s style) at(level int) string {
	if s.line == "" {
		return ""
	}
	return s.line + strings.Repeat(s.unit, level)
}

// between is what stands before all but the first on a level.
func (s style) between(level int) string {
	if s.line == "" {
		return "," + s.space
	}
	return "," + s.at(level)
}

func (s style) pair(name, value string) string {
	return string(hujson.String(name)) + ":" + s.space + value
}

// object writes a secretObject that begins on a level.
func (s style) object(level int, key, source string) string {
	from := s.pair("type", string(hujson.String(kubernetes))) + "," + s.space + s.pair("id", string(hujson.String(source)))
	if s.space != "" {
		from = " " + from + " "
	}
	return "{" + s.at(level+1) + s.pair(entryKey, string(hujson.String(key))) +
		s.between(level+1) + s.pair("source", "{"+from+"}") + s.at(level) + "}"
}

// entry writes an entry of a list that begins on a level.
func (s style) entry(level int, e entry) string {
	return "{" + s.at(level+1) + s.pair(entryKey, string(hujson.String(e.name))) +
		s.between(level+1) + s.pair(secretObject, s.object(level+1, e.key, e.source)) + s.at(level) + "}"
}

func (s style) list(entries []entry) string {
	var b strings.Builder
	b.WriteString("[")
	for i, e := range entries {
		if i > 0 {
			b.WriteString(",")
			if s.line == "" {
				b.WriteString(s.space)
			}
		}
		b.WriteString(s.at(1) + s.entry(1, e))
	}
	return b.String() + s.at(0) + "]"
}

// member makes a member of what was written.
func (s style) member(name, value string) hujson.ObjectMember {
	return hujson.ObjectMember{
		Name:  hujson.Value{BeforeExtra: hujson.Extra(s.first), Value: hujson.String(name)},
		Value: hujson.Value{BeforeExtra: hujson.Extra(s.space), Value: hujson.Literal(value)},
	}
}

// extend adds entries to a list that is there.
func (m *migration) extend(o *hujson.Object, name string, entries []entry) {
	i := slices.IndexFunc(o.Members, func(member hujson.ObjectMember) bool { return nameOf(member) == name })
	s := styleOf(o, i, m.unit)
	list := o.Members[i].Value.Value.(*hujson.Array)
	if len(list.Elements) == 0 {
		o.Members[i].Value.Value = hujson.Literal(s.list(entries))
		return
	}
	last := list.Elements[len(list.Elements)-1]
	before := hujson.Extra(s.space)
	if s.line = lineOf(last.BeforeExtra); s.line != "" || len(list.Elements) > 1 {
		before = last.BeforeExtra
	}
	for _, e := range entries {
		list.Elements = append(list.Elements, hujson.Value{BeforeExtra: before, Value: hujson.Literal(s.entry(0, e))})
	}
}

// retain keeps some of the members. What stood before the first of all is before the first of them.
func retain(o *hujson.Object, members []hujson.ObjectMember) {
	if len(members) == 0 {
		o.Members, o.AfterExtra = nil, nil
		return
	}
	members[0].Name.BeforeExtra = o.Members[0].Name.BeforeExtra
	members[len(members)-1].Value.AfterExtra = nil // else there were a comma after the last
	o.Members = members
}

func nameOf(member hujson.ObjectMember) string { return member.Name.Value.(hujson.Literal).String() }

// valueOf is the value of a member, or the zero Value. The object may be nil.
func valueOf(o *hujson.Object, name string) hujson.Value {
	if o != nil {
		for _, member := range o.Members {
			if nameOf(member) == name {
				return member.Value
			}
		}
	}
	return hujson.Value{}
}

// textOf is the text that a value is.
func textOf(v hujson.Value) (text string, ok bool) {
	literal, ok := v.Value.(hujson.Literal)
	if !ok || literal.Kind() != '"' {
		return "", false
	}
	return literal.String(), true
}

var escapes = strings.NewReplacer("~", "~0", "/", "~1")

// pointer is the JSON pointer to a name below a place.
func pointer(place, name string) string { return place + "/" + escapes.Replace(name) }
