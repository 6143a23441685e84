package resolve

import (
	"fmt"
	"strconv"
	"strings"
)

// node is a value of a payload.
type node struct {
	kind    kind
	value   string // of a scalar; the name of an alias
	tag     string // of a scalar, as YAML names its type
	tagged  bool   // the tag is written
	members []member
	items   []*node
	json    bool
	flow    bool // a mapping in braces
	line    int  // of YAML
	// shared is why nothing may be delivered from here, where an alias or a merge writes it or what is below it: what that
	// delivers would stand elsewhere.
	shared error
	// extent is where a scalar stands in the payload; false: that is not known.
	extent func() (extent, bool)
}

type kind int

const (
	scalar kind = iota
	mapping
	list
	alias // of YAML; never followed
)

// member is a value of a mapping.
type member struct {
	key    string
	at     int // where the key begins in the payload
	indent int // how far it is indented, where it begins a line of YAML
	merge  merge
	value  *node
}

// merge is what a member of YAML merges into its mapping.
type merge int

const (
	mergesNothing merge = iota
	merges              // names that mean nothing
	mergesMeaning       // names of which one means something in a surface
)

// null is the tag of a scalar that is no value.
const null = "!!null"

// get returns a member of a mapping, or nil.
func (n *node) get(key string) *node {
	for _, m := range n.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// text is the value of a member that is a scalar, or empty.
func (n *node) text(key string) string {
	if v := n.get(key); v != nil && v.kind == scalar && v.tag != null {
		return v.value
	}
	return ""
}

// share notes why something is shared, the first that is found.
func (n *node) share(why error) {
	if n.shared == nil {
		n.shared = why
	}
}

// same compares two trees, members of mappings in any order. It returns the line of what differs.
func (n *node) same(other *node) (line int, same bool) {
	if n.kind != other.kind || n.value != other.value || n.tag != other.tag || len(n.members) != len(other.members) || len(n.items) != len(other.items) {
		return n.line, false
	}
	values := map[string]*node{}
	for _, m := range other.members {
		values[m.key] = m.value
	}
	for _, m := range n.members {
		if values[m.key] == nil {
			return n.line, false
		}
		if line, same := m.value.same(values[m.key]); !same {
			return line, false
		}
	}
	for i := range n.items {
		if line, same := n.items[i].same(other.items[i]); !same {
			return line, false
		}
	}
	return 0, true
}

// path is where a value stands. It is written out for references alone: names can be long, and have many values below them.
type path struct {
	up   *path // nil: this is the payload itself
	name string
	size int // of all names
}

func (p *path) to(name string) *path { return &path{p, name, p.size + len(name) + 1} }

func (p *path) index(i int) *path { return p.to(strconv.Itoa(i)) }

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// String writes it as a JSON pointer.
func (p *path) String() string {
	if p.up == nil {
		return ""
	}
	return p.up.String() + "/" + pointerEscapes.Replace(p.name)
}

func twice(line int) error { return &SyntaxError{line, "a name occurs twice in one mapping"} }

func merged(line int) error {
	return &SyntaxError{line, "a merged mapping stands where secrets are delivered: write it out"}
}

func tooMany(line int) error {
	return &SyntaxError{line, fmt.Sprintf("has more than %d values", maxNodes)}
}

func tooDeep(line int) error { return &SyntaxError{line, "is nested too deeply"} }
