package resolve

import (
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
	at     int      // where the key begins in the payload
	indent int      // how far it is indented, where it begins a line of YAML
	merged []string // of what YAML merges: the names that it brings
	value  *node
}

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

// fixed returns an error where a node or what is below it is written by an alias: what it delivers would stand elsewhere.
func (n *node) fixed() error {
	if n.kind == alias {
		return &SyntaxError{n.line, "an alias stands where secrets are delivered: write it out"}
	}
	for _, m := range n.members {
		if m.merged != nil {
			return merges(n.line)
		}
		if err := m.value.fixed(); err != nil {
			return err
		}
	}
	for _, item := range n.items {
		if err := item.fixed(); err != nil {
			return err
		}
	}
	return nil
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

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func at(place, key string) string { return place + "/" + pointerEscapes.Replace(key) }

func atIndex(place string, i int) string { return place + "/" + strconv.Itoa(i) }

func twice(line int) error { return &SyntaxError{line, "a name occurs twice in one mapping"} }

func merges(line int) error {
	return &SyntaxError{line, "a merged mapping stands where secrets are delivered: write it out"}
}

func tooDeep(line int) error { return &SyntaxError{line, "is nested too deeply"} }
