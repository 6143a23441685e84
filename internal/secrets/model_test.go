package secrets_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// modelSpace is a namespace of the model.
type modelSpace struct {
	name    string
	above   *modelSpace
	deleted bool
	with    *modelSpace // with which it was deleted, where that was not itself
	uses    string      // grant that lets the author use the secrets in it and below it
}

// under tells whether it is the other one, or below it.
func (n *modelSpace) under(other *modelSpace) bool {
	return n == other || n.above != nil && n.above.under(other)
}

// modelVersion is a version of the model.
type modelVersion struct {
	value string
	state secrets.State
}

// modelSecret is a secret of the model, in its namespace, in the bin, or gone.
type modelSecret struct {
	space    *modelSpace
	id, uid  string
	versions []modelVersion // that of number n at n-1
	active   int            // number; 0: none
	limit    int
	deleted  bool
	purged   bool
	reader   string // grant that lets the reader access it
	gives    bool   // what the grant gives counts: its condition holds, or its role has access
	custom   bool   // it is a grant of the custom role
}

// machine runs the domain beside the model: a namespace with two below it, one of which has another below.
type machine struct {
	*fixture
	top         string
	spaces      []*modelSpace
	secrets     []*modelSecret // those that are not purged
	projections []*modelProjection
	access      bool // the custom role has it
	author      authn.Caller
	workload    authn.Caller
	renders     string // grant that lets the workload render
	values      int
}

func (m *machine) name(s *modelSecret) string {
	if s.deleted {
		return s.space.name + "/deletedSecrets/" + s.uid
	}
	return s.space.name + "/secrets/" + s.id
}

func (m *machine) version(s *modelSecret, n int) string {
	return fmt.Sprintf("%s/versions/%d", m.name(s), n)
}

// live is the secret that has the ID now.
func (m *machine) live(n *modelSpace, id string) *modelSecret {
	for _, s := range m.secrets {
		if s.space == n && s.id == id && !s.deleted {
			return s
		}
	}
	return nil
}

var (
	ids    = rapid.SampledFrom([]string{"a", "b", "c"})
	values = rapid.SampledFrom([]string{"x", "y", "z"})
)

// pick draws one of the model that fits, or returns nil where there is none: the action then does nothing.
func pick[T any](t *rapid.T, from []*T, fits func(*T) bool) *T {
	var fitting []*T
	for _, one := range from {
		if fits(one) {
			fitting = append(fitting, one)
		}
	}
	if len(fitting) == 0 {
		return nil
	}
	return rapid.SampledFrom(fitting).Draw(t, "which")
}

func isOpen(n *modelSpace) bool      { return !n.deleted }
func isLive(s *modelSecret) bool     { return !s.deleted && !s.space.deleted }
func inBin(s *modelSecret) bool      { return s.deleted && !s.space.deleted }
func hasAny(s *modelSecret) bool     { return isLive(s) && len(s.versions) > 0 }
func inOpen(s *modelSecret) bool     { return !s.space.deleted }
func stands(p *modelProjection) bool { return !p.space.deleted }

func (m *machine) expect(t *rapid.T, err, want error) {
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

// expectUsed checks that something is refused because so many projections use it.
func (m *machine) expectUsed(t *rapid.T, err error, used int) {
	if inUse, ok := errors.AsType[*secrets.InUseError](err); !ok || len(inUse.Projections)+inUse.Hidden != used {
		t.Fatalf("error %v, want it in use by %d", err, used)
	}
}

// compare checks everything that can be seen against the model.
func (m *machine) compare(t *rapid.T) {
	found, open := 0, 0
	for _, s := range m.secrets {
		got, err := m.GetSecret(m.ctx(), m.root, m.name(s))
		if s.space.deleted {
			m.expect(t, err, secrets.ErrNamespaceDeleted)
			continue
		}
		m.expect(t, err, nil)
		if got.UID != s.uid || got.Name != m.name(s) || int(got.ActiveVersion) != s.active || int(got.LatestVersion) != s.latest() {
			t.Fatalf("GetSecret = %+v, want %+v", got, s)
		}
		if open++; !s.deleted {
			m.compareVersions(t, s)
		}
	}
	for _, n := range m.spaces {
		list, _, err := m.ListSecrets(m.ctx(), m.root, n.name, secrets.Page{ShowDeleted: true})
		if n.deleted {
			m.expect(t, err, secrets.ErrNamespaceDeleted)
			continue
		}
		m.expect(t, err, nil)
		found += len(list)
	}
	searched, _, err := m.SearchSecrets(m.ctx(), m.root, m.top, "", secrets.Page{ShowDeleted: true, Size: 1000})
	m.expect(t, err, nil)
	if found != open || len(searched) != open {
		t.Fatalf("listed %d and found %d secrets, want %d", found, len(searched), open)
	}
	for _, p := range m.projections {
		m.compareProjection(t, p)
	}
}

func (m *machine) compareVersions(t *rapid.T, s *modelSecret) {
	list, _, err := m.ListSecretVersions(m.ctx(), m.root, m.name(s), secrets.Page{Size: 1000})
	m.expect(t, err, nil)
	if len(list) != len(s.versions) {
		t.Fatalf("%d versions of %+v", len(list), s)
	}
	for i, v := range s.versions {
		if got := list[len(list)-1-i]; got.Name != m.version(s, i+1) || got.State != v.state || got.Active != (i+1 == s.active) {
			t.Fatalf("version %d = %+v, want %+v of %+v", i+1, got, v, s)
		}
		access, err := m.AccessSecretVersion(m.ctx(), m.root, m.version(s, i+1))
		if v.state != secrets.Enabled {
			m.expect(t, err, secrets.ErrVersionState)
			continue
		}
		m.expect(t, err, nil)
		if got := string(access.Payload["k"].Value.Reveal()); got != v.value {
			t.Fatalf("version %d delivers %q, want %q", i+1, got, v.value)
		}
	}
	_, err = m.AccessSecretVersion(m.ctx(), user("reader"), m.name(s)+"/versions/active")
	switch {
	case s.reader == "" || !s.gives || s.custom && !m.access:
		m.expect(t, err, gate.ErrDenied)
	case s.active == 0:
		m.expect(t, err, secrets.ErrPayloadMissing)
	default:
		m.expect(t, err, nil)
	}
}

// newMachine is the model of three namespaces that hold nothing yet.
func newMachine(f *fixture, run int) *machine {
	m := &machine{fixture: f, author: user(fmt.Sprint("author", run)), workload: user(fmt.Sprint("workload", run))}
	m.top = f.namespace(fmt.Sprint("run", run), "acme").Name
	add := func(id string, above *modelSpace, parent string) *modelSpace {
		n := &modelSpace{name: f.namespace(fmt.Sprintf("run%d-%s", run, id), parent).Name, above: above}
		n.uses = f.grant(m.author, authz.RoleSecretUser, n.name)
		m.spaces = append(m.spaces, n)
		return n
	}
	one := add("one", nil, fmt.Sprint("run", run))
	add("two", nil, fmt.Sprint("run", run))
	add("below", one, fmt.Sprintf("run%d-one", run))
	f.role(m.top+"/roles/r", "secret:get")
	f.role(m.top+"/roles/writer", "projection:create", "projection:get", "projection:update", "projection:delete")
	f.grant(m.author, authz.Role(m.top+"/roles/writer"), m.top)
	m.renders = f.grant(m.workload, authz.RoleWorkload, m.top)
	return m
}

func TestModel(t *testing.T) {
	f := newFixture(t)
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		m := newMachine(f, run)
		t.Repeat(map[string]func(*rapid.T){
			"create": m.create, "create2": m.create, "addVersion": m.addVersion, "addVersion2": m.addVersion, "addMany": m.addMany,
			"changeState": m.changeState, "changeState2": m.changeState, "changeLimit": m.changeLimit, "deleteSecret": m.deleteSecret,
			"undeleteSecret": m.undeleteSecret, "purgeSecret": m.purgeSecret, "rename": m.rename, "move": m.move, "copy": m.copy,
			"writeProjection": m.writeProjection, "writeProjection2": m.writeProjection, "writeProjection3": m.writeProjection,
			"describeProjection": m.describeProjection, "deleteProjection": m.deleteProjection, "watch": m.watch, "watch2": m.watch,
			"toggleReader": m.toggleReader, "toggleRole": m.toggleRole, "withoutRender": m.withoutRender, "takeUse": m.takeUse,
			"giveUse": m.giveUse, "deleteNamespace": m.deleteNamespace, "deleteTree": m.deleteTree,
			"undeleteNamespace": m.undeleteNamespace, "undeleteNamespace2": m.undeleteNamespace, "": m.compare,
		})
	})
}

// within are the spaces that are the one or below it.
func (m *machine) within(n *modelSpace) []*modelSpace {
	return slices.DeleteFunc(slices.Clone(m.spaces), func(other *modelSpace) bool { return !other.under(n) })
}
