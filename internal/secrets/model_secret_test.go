package secrets_test

import (
	"fmt"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/secrets"
)

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

// clone is the same with versions of its own.
func (s *modelSecret) clone() *modelSecret {
	c := *s
	c.versions = slices.Clone(s.versions)
	return &c
}

// prune is the rule of max_versions: the oldest go, but not the active one, the newest, or those that are pinned. It
// returns the version that stands in the way, where pins leave no room.
func (s *modelSecret) prune(pins map[int]int) (pinned int) {
	kept, stay := s.kept(), 0
	for _, n := range kept {
		switch {
		case n == s.active || n == len(s.versions):
			stay++
		case pins[n] > 0 && pinned == 0:
			pinned = n
		}
	}
	over := len(kept) - s.limit
	for _, n := range kept {
		if over > 0 && n != s.active && n != len(s.versions) && pins[n] == 0 {
			s.versions[n-1].state = secrets.Destroyed
			over--
		}
	}
	if len(s.kept()) > max(s.limit, stay) {
		return pinned
	}
	return 0
}

func (m *machine) create(t *rapid.T) {
	n, id, limit := pick(t, m.spaces, isOpen), ids.Draw(t, "id"), rapid.IntRange(1, 4).Draw(t, "limit")
	value := rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "value")
	if n == nil {
		return
	}
	made := &modelSecret{space: n, id: id, limit: limit}
	req := secrets.CreateSecret{Parent: n.name, ID: id, Secret: secrets.Secret{MaxVersions: int32(limit)}}
	if value != "" {
		req.Payload, made.versions, made.active = payload("k", value), []modelVersion{{value, secrets.Enabled}}, 1
	}
	s, err := m.CreateSecret(m.ctx(), m.root, req)
	if m.live(n, id) != nil {
		m.expect(t, err, secrets.ErrExists)
		return
	}
	m.expect(t, err, nil)
	made.uid = s.UID
	m.secrets = append(m.secrets, made)
}

func (m *machine) addVersion(t *rapid.T) {
	if s := pick(t, m.secrets, isLive); s != nil {
		m.adds(t, s, values.Draw(t, "value"), rapid.Bool().Draw(t, "stage"))
	}
}

// addMany adds more versions than a move carries at once.
func (m *machine) addMany(t *rapid.T) {
	s := pick(t, m.secrets, func(s *modelSecret) bool { return isLive(s) && len(s.versions) < 8 })
	for i := 0; s != nil && i < 12; i++ {
		m.adds(t, s, fmt.Sprint("many", i), i%3 == 0)
	}
}

// adds is to add a version; it tells whether there was room for it.
func (m *machine) adds(t *rapid.T, s *modelSecret, value string, stage bool) bool {
	v, err := m.AddSecretVersion(m.ctx(), m.root, secrets.AddVersion{Secret: m.name(s), Payload: payload("k", value), Stage: stage})
	identical, number := s.active != 0 && s.versions[s.active-1].value == value && !stage, s.active
	if !identical {
		after, pins := s.clone(), m.pins(s)
		after.versions = append(after.versions, modelVersion{value, secrets.Enabled})
		number = len(after.versions)
		if !stage {
			after.active = number
		}
		if pinned := after.prune(pins); pinned != 0 {
			m.expectUsed(t, err, pins[pinned])
			return false
		}
		*s = *after
	}
	m.expect(t, err, nil)
	if v.Unchanged != identical || v.Name != m.version(s, number) || v.Active != (number == s.active) {
		t.Fatalf("added %+v, want number %d of active %d, unchanged %v", v, number, s.active, identical)
	}
	return true
}

// changeState draws a version and one of the four changes of state.
func (m *machine) changeState(t *rapid.T) {
	guarded := func(s *modelSecret) []int { // versions that only a pin keeps as they are
		return slices.DeleteFunc(slices.Sorted(maps.Keys(m.pins(s))), func(n int) bool { return n == s.active })
	}
	s := pick(t, m.secrets, func(s *modelSecret) bool { return hasAny(s) && len(guarded(s)) > 0 })
	whichever := s == nil || rapid.Bool().Draw(t, "any")
	if whichever {
		s = pick(t, m.secrets, hasAny)
	}
	if s == nil {
		return
	}
	n := rapid.IntRange(1, len(s.versions)).Draw(t, "number")
	if !whichever {
		n = rapid.SampledFrom(guarded(s)).Draw(t, "pinned")
	}
	name, v, active, pins := m.version(s, n), &s.versions[n-1], n == s.active, m.pins(s)[n]
	var err error
	allowed, after := true, v.state
	switch rapid.SampledFrom([]string{"activate", "enable", "disable", "destroy"}).Draw(t, "change") {
	case "activate":
		_, err = m.ActivateSecretVersion(m.ctx(), m.root, name, "", false)
		if allowed, pins = v.state == secrets.Enabled, 0; allowed {
			s.active = n
		}
	case "enable":
		_, err = m.EnableSecretVersion(m.ctx(), m.root, name, "", false)
		allowed, after, pins = v.state != secrets.Destroyed, secrets.Enabled, 0
	case "disable":
		_, err = m.DisableSecretVersion(m.ctx(), m.root, name, "", false)
		allowed, after = v.state != secrets.Destroyed && !active, secrets.Disabled
	case "destroy":
		_, err = m.DestroySecretVersion(m.ctx(), m.root, name, "", false)
		allowed, after = !active, secrets.Destroyed
	}
	switch {
	case !allowed:
		m.expect(t, err, secrets.ErrVersionState)
	case pins > 0 && v.state != after:
		m.expectUsed(t, err, pins)
	default:
		m.expect(t, err, nil)
		v.state = after
	}
}

func (m *machine) changeLimit(t *rapid.T) {
	s, limit := pick(t, m.secrets, isLive), rapid.IntRange(1, 4).Draw(t, "limit")
	if s == nil {
		return
	}
	_, err := m.UpdateSecret(m.ctx(), m.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: m.name(s), MaxVersions: int32(limit)}})
	after, pins := s.clone(), m.pins(s)
	after.limit = limit
	if pinned := after.prune(pins); pinned != 0 {
		m.expectUsed(t, err, pins[pinned])
		return
	}
	m.expect(t, err, nil)
	*s = *after
}

func (m *machine) deleteSecret(t *rapid.T) {
	s, force := pick(t, m.secrets, isLive), rapid.Bool().Draw(t, "force")
	if s == nil {
		return
	}
	_, err := m.DeleteSecret(m.ctx(), m.root, m.name(s), "", force, false)
	if used := m.dependents(s); used > 0 && !force {
		m.expectUsed(t, err, used)
		return
	}
	m.expect(t, err, nil)
	s.deleted = true
}

func (m *machine) undeleteSecret(t *rapid.T) {
	s := pick(t, m.secrets, inBin)
	if s == nil {
		return
	}
	id := rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "new ID")
	_, err := m.UndeleteSecret(m.ctx(), m.root, m.name(s), id, false)
	if id == "" {
		id = s.id
	}
	if m.live(s.space, id) != nil {
		m.expect(t, err, secrets.ErrExists)
		return
	}
	m.expect(t, err, nil)
	s.id, s.deleted = id, false
}

func (m *machine) purgeSecret(t *rapid.T) {
	s := pick(t, m.secrets, inBin)
	if s == nil {
		return
	}
	m.expect(t, erred(m.PurgeSecret(m.ctx(), m.root, m.name(s), true, false)), nil)
	m.secrets = slices.DeleteFunc(m.secrets, func(other *modelSecret) bool { return other == s })
	s.purged = true
}

// rename moves a secret within its namespace, where it stays what it is.
func (m *machine) rename(t *rapid.T) {
	s, id := pick(t, m.secrets, isLive), ids.Draw(t, "id")
	if s == nil {
		return
	}
	got, err := m.MoveSecret(m.ctx(), m.root, secrets.MoveSecret{Name: m.name(s), Destination: s.space.name + "/secrets/" + id})
	switch {
	case id == s.id:
		m.invalid(err, "destination")
		return
	case m.live(s.space, id) != nil:
		m.expect(t, err, secrets.ErrExists)
		return
	}
	m.expect(t, err, nil)
	if s.id = id; got.UID != s.uid {
		t.Fatalf("renamed, %s became %s", s.uid, got.UID)
	}
}

// move moves a secret to another namespace: there it is a new one.
func (m *machine) move(t *rapid.T) {
	s, force := pick(t, m.secrets, isLive), rapid.Bool().Draw(t, "force")
	if s == nil {
		return
	}
	n, id := pick(t, m.spaces, func(n *modelSpace) bool { return n != s.space }), ids.Draw(t, "id")
	got, err := m.MoveSecret(m.ctx(), m.root, secrets.MoveSecret{Name: m.name(s), Destination: n.name + "/secrets/" + id, Force: force})
	if used := m.dependents(s); !n.deleted && m.live(n, id) == nil && used > 0 && !force {
		m.expectUsed(t, err, used)
		return
	}
	if m.lands(t, s, n, id, got, err) {
		s.deleted = true
	}
}

func (m *machine) copy(t *rapid.T) {
	s, n, id := pick(t, m.secrets, isLive), pick(t, m.spaces, func(*modelSpace) bool { return true }), ids.Draw(t, "id")
	if s == nil {
		return
	}
	got, err := m.CopySecret(m.ctx(), m.root, secrets.CopySecret{Name: m.name(s), Destination: n.name + "/secrets/" + id})
	m.lands(t, s, n, id, got, err)
}

// lands adds to the model what came of a move or a copy.
func (m *machine) lands(t *rapid.T, s *modelSecret, n *modelSpace, id string, got secrets.Secret, err error) bool {
	switch {
	case n.deleted:
		m.expect(t, err, secrets.ErrNamespaceDeleted)
		return false
	case m.live(n, id) != nil:
		m.expect(t, err, secrets.ErrExists)
		return false
	}
	m.expect(t, err, nil)
	c := s.clone()
	c.space, c.id, c.uid, c.reader = n, id, got.UID, ""
	m.secrets = append(m.secrets, c)
	return true
}

// toggleReader gives the reader access to a secret, or takes it away, whether the secret is there or in the bin.
func (m *machine) toggleReader(t *rapid.T) {
	s := pick(t, m.secrets, inOpen)
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
			grant.Role = m.top + "/roles/r"
		}
		grant.Condition, s.gives = holds, holds != "false"
		g, err := m.CreateGrant(m.ctx(), m.root, secrets.CreateGrant{Parent: s.space.name, Grant: grant})
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
	_, err := m.UpdateRole(m.ctx(), m.root, secrets.Role{Name: m.top + "/roles/r", Actions: actions}, nil, false)
	m.expect(t, err, nil)
}
