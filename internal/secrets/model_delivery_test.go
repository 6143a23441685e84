package secrets_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// modelProjection is a projection of the model. Each item delivers a variable, K0, K1, …
type modelProjection struct {
	space     *modelSpace
	id        string
	items     []modelItem
	writes    int
	etag, had string // of the last bundle, and what that was of
}

// modelItem is an item of a projection.
type modelItem struct {
	secret   *modelSecret
	version  string // empty, latest, or a number
	optional bool
}

func (p *modelProjection) name() string { return p.space.name + "/projections/" + p.id }

// there tells whether the secret can be delivered at all.
func (i modelItem) there() bool { return !i.secret.purged && isLive(i.secret) }

// number is the version that an item delivers, and why it cannot.
func (i modelItem) number() (int, error) {
	if !i.there() {
		return 0, secrets.ErrDangling
	}
	n, err := strconv.Atoi(i.version)
	switch {
	case err == nil && i.secret.versions[n-1].state != secrets.Enabled:
		return 0, secrets.ErrVersionState
	case err == nil:
		return n, nil
	case i.version == "latest":
		n = i.secret.latest()
	default:
		n = i.secret.active
	}
	if n == 0 {
		return 0, secrets.ErrPayloadMissing
	}
	return n, nil
}

// dependents counts the projections that use a secret.
func (m *machine) dependents(s *modelSecret) (used int) {
	for _, p := range m.projections {
		if slices.ContainsFunc(p.items, func(i modelItem) bool { return i.secret == s }) {
			used++
		}
	}
	return used
}

// pins counts the projections that name a version of a secret by its number.
func (m *machine) pins(s *modelSecret) map[int]int {
	pins := map[int]int{}
	for _, p := range m.projections {
		of := map[int]bool{}
		for _, i := range p.items {
			if n, err := strconv.Atoi(i.version); err == nil && i.secret == s {
				of[n] = true
			}
		}
		for n := range of {
			pins[n]++
		}
	}
	return pins
}

// mayUse tells whether the author may use the secret.
func (m *machine) mayUse(s *modelSecret) bool {
	return slices.ContainsFunc(m.spaces, func(n *modelSpace) bool { return n.uses != "" && s.space.under(n) })
}

func (m *machine) writeProjection(t *rapid.T) {
	n, id := pick(t, m.spaces, isOpen), rapid.SampledFrom([]string{"p", "q"}).Draw(t, "projection")
	var items []modelItem
	var sent []secrets.Item
	var want error
	unpinnable := "" // field of a version that could not be delivered
	for k := range rapid.IntRange(1, 3).Draw(t, "items") {
		s := pick(t, m.secrets, isLive)
		if s == nil || n == nil {
			return
		}
		i := modelItem{secret: s, version: rapid.SampledFrom([]string{"", "latest", "number"}).Draw(t, "version"), optional: rapid.Bool().Draw(t, "optional")}
		if i.version == "number" {
			number := rapid.IntRange(1, max(1, len(s.versions))).Draw(t, "number")
			i.version = strconv.Itoa(number)
			if !slices.Contains(s.kept(), number) {
				unpinnable = fmt.Sprintf("projection.items[%d].version", k)
			}
		}
		if !m.mayUse(s) {
			want = gate.ErrDenied
		}
		item := env(m.name(s), "k", fmt.Sprint("K", k))
		item.Version, item.Optional = i.version, i.optional
		items, sent = append(items, i), append(sent, item)
	}
	p := pick(t, m.projections, func(p *modelProjection) bool { return p.space == n && p.id == id })
	var err error
	if p == nil {
		p = &modelProjection{space: n, id: id}
		_, err = m.CreateProjection(m.ctx(), m.author, secrets.CreateProjection{Parent: n.name, ID: id, Projection: secrets.Projection{Items: sent}})
	} else {
		_, err = m.UpdateProjection(m.ctx(), m.author, secrets.UpdateProjection{Projection: secrets.Projection{Name: p.name(), Items: sent}})
	}
	if want == nil && unpinnable != "" {
		m.invalid(err, unpinnable)
		return
	}
	if m.expect(t, err, want); want != nil {
		return
	}
	if p.items = items; p.writes == 0 {
		m.projections = append(m.projections, p)
	}
	p.writes++
}

// describeProjection writes a projection without what it delivers.
func (m *machine) describeProjection(t *rapid.T) {
	p := pick(t, m.projections, stands)
	if p == nil {
		return
	}
	described := secrets.Projection{Name: p.name(), Meta: secrets.Meta{Description: fmt.Sprint(p.writes)}}
	_, err := m.UpdateProjection(m.ctx(), m.root, secrets.UpdateProjection{Projection: described})
	m.expect(t, err, nil)
	p.writes++
}

func (m *machine) deleteProjection(t *rapid.T) {
	p := pick(t, m.projections, stands)
	if p == nil {
		return
	}
	m.expect(t, erred(m.DeleteProjection(m.ctx(), m.root, p.name(), "", false)), nil)
	m.projections = slices.DeleteFunc(m.projections, func(other *modelProjection) bool { return other == p })
}

// takeUse takes the use of what is in a namespace and below it from the author.
func (m *machine) takeUse(t *rapid.T) {
	if n := pick(t, m.spaces, func(n *modelSpace) bool { return !n.deleted && n.uses != "" }); n != nil {
		m.expect(t, erred(m.DeleteGrant(m.ctx(), m.root, n.uses, "", false)), nil)
		n.uses = ""
	}
}

// giveUse gives it back.
func (m *machine) giveUse(*rapid.T) {
	for _, n := range m.spaces {
		if !n.deleted && n.uses == "" {
			n.uses = m.grant(m.author, authz.RoleSecretUser, n.name)
		}
	}
}

// withoutRender looks what the workload is delivered while it may not render.
func (m *machine) withoutRender(t *rapid.T) {
	m.expect(t, erred(m.DeleteGrant(m.ctx(), m.root, m.renders, "", false)), nil)
	m.renders = ""
	for _, p := range m.projections {
		m.compareProjection(t, p)
	}
	m.renders = m.grant(m.workload, authz.RoleWorkload, m.top)
}

// delivered is what a projection delivers, of what, and why not.
func (m *machine) delivered(p *modelProjection) (env map[string]string, of string, err error) {
	// Rights come first, before what is missing is told.
	if m.renders == "" || slices.ContainsFunc(p.items, func(i modelItem) bool { return i.there() && !m.mayUse(i.secret) }) {
		return nil, "", gate.ErrDenied
	}
	env, of = map[string]string{}, fmt.Sprint(p.writes)
	for k, i := range p.items {
		n, problem := i.number()
		if problem == nil {
			env[fmt.Sprint("K", k)] = i.secret.versions[n-1].value
		} else if err == nil && !i.optional {
			err = problem
		}
		of += fmt.Sprint(" ", i.secret.uid, n)
	}
	if p.space.deleted {
		err = secrets.ErrNamespaceDeleted
	}
	return env, of, err
}

func (m *machine) compareProjection(t *rapid.T, p *modelProjection) {
	env, of, want := m.delivered(p)
	bundle, err := m.RenderProjection(m.ctx(), m.workload, secrets.RenderProjection{Name: p.name(), IfNoneMatch: p.etag})
	if m.expect(t, err, want); want == nil {
		if bundle.NotModified != (p.had == of) {
			t.Fatalf("projection %s: not modified %v, had %q, has %q", p.name(), bundle.NotModified, p.had, of)
		}
		if diff := cmp.Diff(env, variables(bundle)); diff != "" && !bundle.NotModified {
			t.Fatalf("projection %s (-want +got):\n%s", p.name(), diff)
		}
		p.etag, p.had = bundle.Etag, of
	}
	if p.space.deleted {
		return
	}
	got, err := m.GetProjection(m.ctx(), m.root, p.name())
	m.expect(t, err, nil)
	for k, i := range p.items {
		if want := map[bool]string{true: m.name(i.secret)}[i.there()]; got.Items[k].Bound != want {
			t.Fatalf("item %d of %s is bound to %q, want %q", k, p.name(), got.Items[k].Bound, want)
		}
	}
}

// watch watches a projection while a secret of it gets another name and then another version: it delivers that, and
// nothing in between.
func (m *machine) watch(t *rapid.T) {
	p := pick(t, m.projections, func(p *modelProjection) bool {
		_, _, err := m.delivered(p)
		return err == nil && slices.ContainsFunc(p.items, func(i modelItem) bool { return i.there() && i.version == "" })
	})
	if p == nil {
		return
	}
	ctx, cancel := context.WithCancel(m.ctx())
	w := m.watchProjection(ctx, m.workload, p.name(), "")
	defer func() {
		cancel()
		select {
		case err := <-w.ended:
			m.expect(t, err, context.Canceled)
		case <-time.After(30 * time.Second):
			t.Errorf("the watch of %s goes on", p.name())
		}
	}()
	m.receives(t, w, p)
	s := p.items[slices.IndexFunc(p.items, func(i modelItem) bool { return i.there() && i.version == "" })].secret
	for _, id := range []string{"a", "b", "c"} {
		if m.live(s.space, id) == nil {
			_, err := m.MoveSecret(m.ctx(), m.root, secrets.MoveSecret{Name: m.name(s), Destination: s.space.name + "/secrets/" + id})
			m.expect(t, err, nil)
			s.id = id
		}
	}
	m.values++
	if m.adds(t, s, fmt.Sprint("value", m.values), false) {
		m.receives(t, w, p)
	}
}

func (m *machine) receives(t *rapid.T, w watched, p *modelProjection) {
	want, _, _ := m.delivered(p)
	select {
	case got := <-w.bundles:
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("the watch of %s delivered (-want +got):\n%s", p.name(), diff)
		}
	case err := <-w.ended:
		w.ended <- err
		t.Fatalf("the watch of %s ended: %v", p.name(), err)
	case <-time.After(30 * time.Second):
		t.Fatalf("the watch of %s delivers nothing, want %v", p.name(), want)
	}
}
