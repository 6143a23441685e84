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
	uid    cedar.EntityUID
	parent string
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

// parent is the UID of the namespace's parent; empty for the root and for what is not announced.
func (t *tree) parent(uid string) string {
	if n, ok := t.nodes[uid]; ok {
		return n.parent
	}
	return ""
}

func (t *tree) put(uid, parent, name string) error {
	if uid == "" {
		return fmt.Errorf("%w: %q has no UID", ErrTree, name)
	}
	if n, ok := t.nodes[uid]; ok && n.parent == parent {
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
	t.nodes[uid] = &node{uid: namespaceUID(uid), parent: parent}
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

// within tells whether the namespace is the other one or lies below it.
func (t *tree) within(uid, other string) bool {
	for n := range t.up(uid) {
		if n.uid.ID == cedar.String(other) {
			return true
		}
	}
	return false
}

// related tells whether the scope reaches the namespace, or lies in it or below.
func (t *tree) related(scope Resource, namespace string) bool {
	if scope.Kind == KindNamespace {
		return t.within(namespace, scope.UID) || t.within(scope.UID, namespace)
	}
	return t.within(scope.NamespaceUID, namespace)
}
