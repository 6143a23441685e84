package authz

import (
	"fmt"

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
	parent string
	entity cedar.Entity
}

func (t *tree) put(uid, parent, name string) error {
	if uid == "" {
		return fmt.Errorf("%w: %q has no UID", ErrTree, name)
	}
	old, known := t.nodes[uid]
	if known && old.parent == parent {
		return nil
	}
	above := 0
	for at := parent; at != ""; above++ {
		if at == uid {
			return fmt.Errorf("%w: %q would be below itself", ErrTree, name)
		}
		n, ok := t.nodes[at]
		if !ok {
			at = ""
			continue
		}
		at = n.parent
	}
	if above+t.height(uid) > MaxDepth {
		return fmt.Errorf("%w: %q, or what is below it, would be deeper than %d", ErrTree, name, MaxDepth)
	}
	t.remove(uid)
	parents := []cedar.EntityUID{scopeOf(namespaceUID(uid))}
	if parent != "" {
		parents = append(parents, namespaceUID(parent))
		if t.children[parent] == nil {
			t.children[parent] = map[string]bool{}
		}
		t.children[parent][uid] = true
	}
	t.nodes[uid] = &node{
		parent: parent,
		entity: cedar.Entity{UID: namespaceUID(uid), Parents: cedar.NewEntityUIDSet(parents...)},
	}
	return nil
}

func (t *tree) remove(uid string) {
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

// height is the number of levels below the namespace.
func (t *tree) height(uid string) int {
	height := 0
	for child := range t.children[uid] {
		height = max(height, 1+t.height(child))
	}
	return height
}

// within tells whether the namespace is the other one or lies below it, along announced namespaces.
func (t *tree) within(uid, other string) bool {
	for n, ok := t.nodes[uid]; ok; n, ok = t.nodes[n.parent] {
		if n.entity.UID.ID == cedar.String(other) {
			return true
		}
	}
	return false
}

// above is the UID of the namespace that the resource is in: by the tree when it is an announced namespace.
func (t *tree) above(r Resource) string {
	if r.Kind == KindNamespace && r.UID != "" {
		if n, ok := t.nodes[r.UID]; ok {
			return n.parent
		}
	}
	return r.NamespaceUID
}

// entity is the resource as Cedar sees it.
func (t *tree) entity(r Resource) cedar.Entity {
	uid := r.entityUID()
	if r.Kind == KindNamespace {
		if n, ok := t.nodes[r.UID]; ok {
			return n.entity
		}
	}
	parents := make([]cedar.EntityUID, 0, 2)
	if r.UID != "" {
		parents = append(parents, scopeOf(uid))
	}
	if r.NamespaceUID != "" {
		parents = append(parents, namespaceUID(r.NamespaceUID))
	}
	return cedar.Entity{UID: uid, Parents: cedar.NewEntityUIDSet(parents...)}
}

// related tells whether the scope reaches the namespace, or lies in it or below.
func (t *tree) related(scope Resource, namespace string) bool {
	if scope.Kind == KindNamespace {
		return t.within(namespace, scope.UID) || t.within(scope.UID, namespace)
	}
	return t.within(scope.NamespaceUID, namespace)
}
