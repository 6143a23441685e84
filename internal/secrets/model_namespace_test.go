package secrets_test

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/secrets"
)

// deleteNamespace deletes a namespace that holds nothing.
func (m *machine) deleteNamespace(t *rapid.T) {
	n := pick(t, m.spaces, isOpen)
	if n == nil {
		return
	}
	_, err := m.DeleteNamespace(m.ctx(), m.root, n.name, "", false)
	holds := slices.ContainsFunc(m.secrets, func(s *modelSecret) bool { return s.space == n && !s.deleted }) ||
		slices.ContainsFunc(m.projections, func(p *modelProjection) bool { return p.space == n }) ||
		slices.ContainsFunc(m.spaces, func(below *modelSpace) bool { return below.above == n && !below.deleted })
	if holds {
		m.expect(t, err, secrets.ErrNamespaceNotEmpty)
		return
	}
	m.expect(t, err, nil)
	n.deleted = true
}

// deleteTree deletes a namespace with everything in it and below it.
func (m *machine) deleteTree(t *rapid.T) {
	n, force := pick(t, m.spaces, isOpen), rapid.Bool().Draw(t, "force")
	if n == nil {
		return
	}
	used := 0
	for _, p := range m.projections {
		uses := func(i modelItem) bool {
			return !i.secret.purged && !i.secret.deleted && !i.secret.space.deleted && i.secret.space.under(n)
		}
		if !p.space.under(n) && slices.ContainsFunc(p.items, uses) {
			used++
		}
	}
	_, err := m.DeleteNamespaceTree(m.ctx(), m.root, secrets.DeleteTree{Name: n.name, Force: force})
	if used > 0 && !force {
		m.expectUsed(t, err, used)
		return
	}
	m.expect(t, err, nil)
	for _, below := range m.within(n) {
		if below != n && !below.deleted {
			below.deleted, below.with = true, n
		}
	}
	n.deleted = true
}

// undeleteNamespace brings a namespace back, with what was deleted with it.
func (m *machine) undeleteNamespace(t *rapid.T) {
	n := pick(t, m.spaces, func(n *modelSpace) bool { return n.deleted })
	if n == nil {
		return
	}
	_, err := m.UndeleteNamespace(m.ctx(), m.root, n.name, "", false)
	if n.above != nil && n.above.deleted {
		m.expect(t, err, secrets.ErrNamespaceDeleted)
		return
	}
	m.expect(t, err, nil)
	n.deleted = false
	for _, below := range m.spaces {
		if below.with == n {
			below.deleted, below.with = false, nil
		}
	}
}
