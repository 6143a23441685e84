package authz

import (
	"hash/maphash"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/cedar-policy/cedar-go"

	"github.com/coffer-dev/coffer/internal/authn"
)

// memo keeps what was made last for each of a bounded number of keys: making Cedar's records of the same labels again and
// again costs more than deciding by them. What is kept is used only for what is equal in everything that it was made of.
// What is large is made each time, so that the memory is bounded too.
type memo[T any] struct {
	seed  maphash.Seed
	slots [1 << 11]atomic.Pointer[T]
}

func newMemo[T any]() *memo[T] { return &memo[T]{seed: maphash.MakeSeed()} }

// maxKept bounds what is kept of one key: the strings that it was made of, and maxEntry for each. Cedar's records of
// them take a few times as much.
const (
	maxKept  = 16 << 10
	maxEntry = 64
)

func (m *memo[T]) of(key string, is func(*T) bool, size func() int, remake func() *T) *T {
	slot := &m.slots[maphash.String(m.seed, key)%uint64(len(m.slots))]
	if kept := slot.Load(); kept != nil && is(kept) {
		return kept
	}
	made := remake()
	if size() <= maxKept {
		slot.Store(made)
	}
	return made
}

func sizeOf(of map[string]string) int {
	size := 0
	for key, value := range of {
		size += maxEntry + len(key) + len(value)
	}
	return size
}

// seenResource is what policies see of a resource, but for what it is in.
type seenResource struct {
	of         Resource
	attributes cedar.Record
	tags       cedar.Record
}

// seen is what policies see of the resource, whose ID is given.
func (a *Authorizer) seen(r *Resource, id string) *seenResource {
	is := func(kept *seenResource) bool { return kept.of.equal(r) }
	size := func() int {
		return len(r.UID) + len(r.Name) + len(r.Type) + len(r.AccessMode) + len(r.Owner) + sizeOf(r.Labels)
	}
	return a.resources.of(r.UID, is, size, func() *seenResource {
		of := *r
		of.Labels = maps.Clone(r.Labels)
		return &seenResource{of: of, attributes: of.attributes(id), tags: tags(of.Labels)}
	})
}

func (r *Resource) equal(o *Resource) bool {
	return r.UID == o.UID && r.Kind == o.Kind && r.Name == o.Name && r.Type == o.Type && r.AccessMode == o.AccessMode &&
		r.Owner == o.Owner && maps.Equal(r.Labels, o.Labels)
}

// seenPrincipal is what policies see of a principal, but for its attributes.
type seenPrincipal struct {
	of      authn.Principal
	parents []cedar.EntityUID
	set     cedar.EntityUIDSet // of the parents
	tags    cedar.Record
}

func (a *Authorizer) asked(p *authn.Principal) *seenPrincipal {
	is := func(kept *seenPrincipal) bool {
		return kept.of.Name == p.Name && kept.of.NamespaceUID == p.NamespaceUID && slices.Equal(kept.of.Groups, p.Groups) &&
			maps.Equal(kept.of.Claims, p.Claims)
	}
	size := func() int {
		size := len(p.Name) + sizeOf(p.Claims)
		for _, group := range p.Groups {
			size += maxEntry + len(group)
		}
		return size
	}
	return a.principals.of(p.Name, is, size, func() *seenPrincipal {
		of := authn.Principal{Name: p.Name, NamespaceUID: p.NamespaceUID, Groups: slices.Clone(p.Groups), Claims: maps.Clone(p.Claims)}
		parents := groupsOf(of.Groups)
		if of.NamespaceUID != "" {
			parents = append(parents, namespaceUID(of.NamespaceUID))
		}
		return &seenPrincipal{of: of, parents: parents, set: cedar.NewEntityUIDSet(parents...), tags: tags(of.Claims)}
	})
}
