package authz

import (
	"fmt"
	"iter"

	"github.com/cedar-policy/cedar-go"
)

// MaxDepth is how many namespaces may lie above a namespace, the root included.
const MaxDepth = 16

// tree is the tree of namespaces, or several trees while parents are not announced yet. It never holds a cycle.
type tree struct {
	nodes    map[string]*node           // by UID
	children map[string]map[string]bool // UID of a parent, announced or not, to the UIDs of its children
}

type node struct {
	uid      cedar.EntityUID
	parent   string
	isolated bool
	// inside is all that a resource of the namespace is in: the namespace, those above it, and their scopes. Cedar finds
	// any of it in one step. It does for the namespace as well, since everything is in itself.
	inside cedar.EntityUIDSet
}

// up yields the namespace and those above it, as far as they are announced.
func (t *tree) up(uid string) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for n, ok := t.nodes[uid]; ok && yield(n); n, ok = t.nodes[n.parent] {
		}
	}
}

// reaching yields the namespace and those above it whose grants reach it: no further than the first isolated one.
func (t *tree) reaching(uid string) iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for n := range t.up(uid) {
			if !yield(n) || n.isolated {
				return
			}
		}
	}
}

// parent is the UID of the namespace's parent; empty for the root and for what is not announced.
func (t *tree) parent(uid string) string {
	if n, ok := t.nodes[uid]; ok {
		return n.parent
	}
	return ""
}

func (t *tree) put(info NamespaceInfo) error {
	uid, parent, name := info.UID, info.ParentUID, info.Name
	if uid == "" {
		return fmt.Errorf("%w: %q has no UID", ErrTree, name)
	}
	if n, ok := t.nodes[uid]; ok && n.parent == parent {
		n.isolated = info.Isolated
		return nil
	}
	above := 0
	for at := parent; at != ""; at = t.parent(at) {
		if at == uid {
			return fmt.Errorf("%w: %q would be below itself", ErrTree, name)
		}
		above++
	}
	if above+t.height(uid) > MaxDepth {
		return fmt.Errorf("%w: %q, or what is below it, would be deeper than %d", ErrTree, name, MaxDepth)
	}
	t.unlink(uid)
	t.nodes[uid] = &node{uid: namespaceUID(uid), parent: parent, isolated: info.Isolated}
	if parent != "" {
		if t.children[parent] == nil {
			t.children[parent] = map[string]bool{}
		}
		t.children[parent][uid] = true
	}
	t.refresh(uid)
	return nil
}

func (t *tree) remove(uid string) {
	t.unlink(uid)
	for child := range t.children[uid] {
		t.refresh(child)
	}
}

func (t *tree) unlink(uid string) {
	n, ok := t.nodes[uid]
	if !ok {
		return
	}
	delete(t.nodes, uid)
	delete(t.children[n.parent], uid)
	if len(t.children[n.parent]) == 0 {
		delete(t.children, n.parent)
	}
}

// refresh makes the inside of the namespace, and of those below it, anew.
func (t *tree) refresh(uid string) {
	var inside []cedar.EntityUID
	for n := range t.up(uid) {
		inside = append(inside, n.uid, scopeOf(n.uid))
	}
	t.nodes[uid].inside = cedar.NewEntityUIDSet(inside...)
	for child := range t.children[uid] {
		t.refresh(child)
	}
}

// height is the number of levels below the namespace.
func (t *tree) height(uid string) int {
	height := 0
	for child := range t.children[uid] {
		height = max(height, 1+t.height(child))
	}
	return height
}

// reaches tells whether what is granted on the namespace reaches the other one.
func (t *tree) reaches(uid, other string) bool {
	for n := range t.reaching(other) {
		if n.uid.ID == cedar.String(uid) {
			return true
		}
	}
	return false
}

// within tells whether the namespace is the other one or lies below it.
func (t *tree) within(uid, other string) bool {
	for n := range t.up(uid) {
		if n.uid.ID == cedar.String(other) {
			return true
		}
	}
	return false
}

// related tells whether what is granted on the scope reaches the namespace, or something in it or below.
func (t *tree) related(scope Resource, namespace string) bool {
	return scope.Kind == KindNamespace && t.reaches(scope.UID, namespace) || t.within(scope.space(), namespace)
}
