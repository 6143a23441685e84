package secrets_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// modelVersion is a version of the model.
type modelVersion struct {
	value string
	state secrets.State
}

// modelSecret is a secret of the model, in its namespace or in the bin.
type modelSecret struct {
	id, uid  string
	versions []modelVersion // that of number n at n-1
	active   int            // number; 0: none
	limit    int
	deleted  bool
	reader   string // grant that lets the reader access it
	gives    bool   // what the grant gives counts: its condition holds, or its role has access
	custom   bool   // it is a grant of the custom role
}

func (s *modelSecret) kept() (numbers []int) {
	for i, v := range s.versions {
		if v.state != secrets.Destroyed {
			numbers = append(numbers, i+1)
		}
	}
	return numbers
}

func (s *modelSecret) latest() int {
	for n := len(s.versions); n > 0; n-- {
		if s.versions[n-1].state == secrets.Enabled {
			return n
		}
	}
	return 0
}

// prune is the rule of max_versions: the oldest that is not active goes, but never the one just added.
func (s *modelSecret) prune() {
	for kept := s.kept(); len(kept) > s.limit; kept = s.kept() {
		i := slices.IndexFunc(kept, func(n int) bool { return n != s.active })
		if kept[i] == len(s.versions) {
			return
		}
		s.versions[kept[i]-1].state = secrets.Destroyed
	}
}

// machine runs the domain beside the model.
type machine struct {
	*fixture
	ns          string
	secrets     []*modelSecret
	projections map[string]*modelSecret // by ID, each with one item
	access      bool                    // the custom role has it
}

func (m *machine) name(s *modelSecret) string {
	if s.deleted {
		return m.ns + "/deletedSecrets/" + s.uid
	}
	return m.ns + "/secrets/" + s.id
}

func (m *machine) version(s *modelSecret, n int) string {
	return fmt.Sprintf("%s/versions/%d", m.name(s), n)
}

// live is the secret that has the ID now.
func (m *machine) live(id string) *modelSecret {
	for _, s := range m.secrets {
		if s.id == id && !s.deleted {
			return s
		}
	}
	return nil
}

func (m *machine) dependents(s *modelSecret) (ids []string) {
	for id, on := range m.projections {
		if on == s {
			ids = append(ids, id)
		}
	}
	return ids
}

var (
	ids         = rapid.SampledFrom([]string{"a", "b", "c"})
	values      = rapid.SampledFrom([]string{"x", "y", "z"})
	projections = rapid.SampledFrom([]string{"p", "q"})
)

// pick draws a secret of the model that fits, or returns nil where there is none: the action then does nothing.
func (m *machine) pick(t *rapid.T, fits func(*modelSecret) bool) *modelSecret {
	var fitting []*modelSecret
	for _, s := range m.secrets {
		if fits(s) {
			fitting = append(fitting, s)
		}
	}
	if len(fitting) == 0 {
		return nil
	}
	return rapid.SampledFrom(fitting).Draw(t, "which")
}

func isLive(s *modelSecret) bool { return !s.deleted }
func inBin(s *modelSecret) bool  { return s.deleted }
func hasAny(s *modelSecret) bool { return !s.deleted && len(s.versions) > 0 }
func anywhere(*modelSecret) bool { return true }
func (m *machine) expect(t *rapid.T, err, want error) {
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

func (m *machine) create(t *rapid.T) {
	id, limit := ids.Draw(t, "id"), rapid.IntRange(1, 4).Draw(t, "limit")
	s, err := m.CreateSecret(m.ctx(), m.root, secrets.CreateSecret{Parent: m.ns, ID: id, Secret: secrets.Secret{MaxVersions: int32(limit)}})
	if m.live(id) != nil {
		m.expect(t, err, secrets.ErrExists)
		return
	}
	m.expect(t, err, nil)
	m.secrets = append(m.secrets, &modelSecret{id: id, uid: s.UID, limit: limit})
}

func (m *machine) addVersion(t *rapid.T) {
	s, value, stage := m.pick(t, isLive), values.Draw(t, "value"), rapid.Bool().Draw(t, "stage")
	if s == nil {
		return
	}
	v, err := m.AddSecretVersion(m.ctx(), m.root, secrets.AddVersion{Secret: m.name(s), Payload: payload("k", value), Stage: stage})
	m.expect(t, err, nil)
	identical := s.active != 0 && s.versions[s.active-1].value == value && !stage
	if v.Unchanged != identical {
		t.Fatalf("adding %q: unchanged %v, want %v", value, v.Unchanged, identical)
	}
	if !identical {
		s.versions = append(s.versions, modelVersion{value, secrets.Enabled})
		if !stage {
			s.active = len(s.versions)
		}
		s.prune()
	}
	number := len(s.versions)
	if identical {
		number = s.active
	}
	if v.Name != m.version(s, number) || v.Active != (number == s.active) {
		t.Fatalf("added %s, active %v; want number %d of active %d", v.Name, v.Active, number, s.active)
	}
}

// changeState draws a version and one of the four changes of state.
func (m *machine) changeState(t *rapid.T) {
	s := m.pick(t, hasAny)
	if s == nil {
		return
	}
	n := rapid.IntRange(1, len(s.versions)).Draw(t, "number")
	name, v, active := m.version(s, n), &s.versions[n-1], n == s.active
	var err error
	allowed := true
	switch rapid.SampledFrom([]string{"activate", "enable", "disable", "destroy"}).Draw(t, "change") {
	case "activate":
		_, err = m.ActivateSecretVersion(m.ctx(), m.root, name, "", false)
		if allowed = v.state == secrets.Enabled; allowed {
			s.active = n
		}
	case "enable":
		_, err = m.EnableSecretVersion(m.ctx(), m.root, name, "", false)
		if allowed = v.state != secrets.Destroyed; allowed {
			v.state = secrets.Enabled
		}
	case "disable":
		_, err = m.DisableSecretVersion(m.ctx(), m.root, name, "", false)
		if allowed = v.state != secrets.Destroyed && !active; allowed {
			v.state = secrets.Disabled
		}
	case "destroy":
		_, err = m.DestroySecretVersion(m.ctx(), m.root, name, "", false)
		if allowed = !active; allowed {
			v.state = secrets.Destroyed
		}
	}
	if allowed {
		m.expect(t, err, nil)
	} else {
		m.expect(t, err, secrets.ErrVersionState)
	}
}

func (m *machine) deleteSecret(t *rapid.T) {
	s, force := m.pick(t, isLive), rapid.Bool().Draw(t, "force")
	if s == nil {
		return
	}
	_, err := m.DeleteSecret(m.ctx(), m.root, m.name(s), "", force, false)
	if used := m.dependents(s); len(used) > 0 && !force {
		var inUse *secrets.InUseError
		if !errors.As(err, &inUse) || len(inUse.Projections) != len(used) {
			t.Fatalf("deleting what %v use: %v", used, err)
		}
		return
	}
	m.expect(t, err, nil)
	s.deleted = true
}

func (m *machine) undeleteSecret(t *rapid.T) {
	s := m.pick(t, inBin)
	if s == nil {
		return
	}
	id := rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "new ID")
	_, err := m.UndeleteSecret(m.ctx(), m.root, m.name(s), id, false)
	if id == "" {
		id = s.id
	}
	if m.live(id) != nil {
		m.expect(t, err, secrets.ErrExists)
		return
	}
	m.expect(t, err, nil)
	s.id, s.deleted = id, false
}

func (m *machine) purgeSecret(t *rapid.T) {
	s := m.pick(t, inBin)
	if s == nil {
		return
	}
	m.expect(t, erred(m.PurgeSecret(m.ctx(), m.root, m.name(s), true, false)), nil)
	m.secrets = slices.DeleteFunc(m.secrets, func(other *modelSecret) bool { return other == s })
}

func (m *machine) writeProjection(t *rapid.T) {
	id, s := projections.Draw(t, "projection"), m.pick(t, isLive)
	if s == nil {
		return
	}
	items := []secrets.Item{env(s.id, "k", "K")}
	var err error
	if _, there := m.projections[id]; there {
		_, err = m.UpdateProjection(m.ctx(), m.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: m.ns + "/projections/" + id, Items: items}})
	} else {
		_, err = m.CreateProjection(m.ctx(), m.root, secrets.CreateProjection{Parent: m.ns, ID: id, Projection: secrets.Projection{Items: items}})
	}
	m.expect(t, err, nil)
	m.projections[id] = s
}

func (m *machine) deleteProjection(t *rapid.T) {
	id := projections.Draw(t, "projection")
	err := erred(m.DeleteProjection(m.ctx(), m.root, m.ns+"/projections/"+id, "", false))
	if _, there := m.projections[id]; !there {
		m.expect(t, err, secrets.ErrNotFound)
		return
	}
	m.expect(t, err, nil)
	delete(m.projections, id)
}

// toggleReader gives the reader access to a secret, or takes it away, whether the secret is there or in the bin.
func (m *machine) toggleReader(t *rapid.T) {
	s := m.pick(t, anywhere)
	if s == nil {
		return
	}
	switch {
	case s.reader != "":
		m.expect(t, erred(m.DeleteGrant(m.ctx(), m.root, s.reader, "", false)), nil)
		s.reader = ""
	case !s.deleted:
		grant := secrets.Grant{Principal: "user:reader", Role: string(authz.RoleSecretReader), Resource: m.name(s)}
		holds := rapid.SampledFrom([]string{"", "true", "false"}).Draw(t, "condition")
		if s.custom = rapid.Bool().Draw(t, "custom"); s.custom {
			grant.Role = m.ns + "/roles/r"
		}
		grant.Condition, s.gives = holds, holds != "false"
		g, err := m.CreateGrant(m.ctx(), m.root, secrets.CreateGrant{Parent: m.ns, Grant: grant})
		m.expect(t, err, nil)
		s.reader = g.Name
	}
}

// toggleRole gives the custom role access, or takes it away, and with it what its grants give.
func (m *machine) toggleRole(t *rapid.T) {
	m.access = !m.access
	actions := []string{"secret:get"}
	if m.access {
		actions = append(actions, "secret:access")
	}
	_, err := m.UpdateRole(m.ctx(), m.root, secrets.Role{Name: m.ns + "/roles/r", Actions: actions}, nil, false)
	m.expect(t, err, nil)
}

// compare checks everything that can be seen against the model.
func (m *machine) compare(t *rapid.T) {
	for _, s := range m.secrets {
		got, err := m.GetSecret(m.ctx(), m.root, m.name(s))
		m.expect(t, err, nil)
		if got.UID != s.uid || got.Name != m.name(s) || int(got.ActiveVersion) != s.active || int(got.LatestVersion) != s.latest() {
			t.Fatalf("GetSecret = %+v, want %+v", got, s)
		}
		if !s.deleted {
			m.compareVersions(t, s)
		}
	}
	list, _, err := m.ListSecrets(m.ctx(), m.root, m.ns, secrets.Page{ShowDeleted: true})
	m.expect(t, err, nil)
	if len(list) != len(m.secrets) {
		t.Fatalf("listed %d secrets, want %d", len(list), len(m.secrets))
	}
	for id, s := range m.projections {
		bundle, err := m.RenderProjection(m.ctx(), m.root, secrets.RenderProjection{Name: m.ns + "/projections/" + id})
		switch {
		case !slices.Contains(m.secrets, s) || s.deleted:
			m.expect(t, err, secrets.ErrDangling)
		case s.active == 0:
			m.expect(t, err, secrets.ErrPayloadMissing)
		default:
			m.expect(t, err, nil)
			if diff := cmp.Diff(map[string]string{"K": s.versions[s.active-1].value}, variables(bundle)); diff != "" {
				t.Fatalf("projection %s (-want +got):\n%s", id, diff)
			}
		}
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

func TestModel(t *testing.T) {
	f := newFixture(t)
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		m := &machine{fixture: f, ns: f.namespace(fmt.Sprint("run", run), "acme").Name, projections: map[string]*modelSecret{}}
		f.role(m.ns+"/roles/r", "secret:get")
		t.Repeat(map[string]func(*rapid.T){
			"create": m.create, "addVersion": m.addVersion, "addVersion2": m.addVersion, "changeState": m.changeState, "deleteSecret": m.deleteSecret,
			"undeleteSecret": m.undeleteSecret, "purgeSecret": m.purgeSecret, "writeProjection": m.writeProjection,
			"deleteProjection": m.deleteProjection, "toggleReader": m.toggleReader, "toggleRole": m.toggleRole, "": m.compare,
		})
	})
}
