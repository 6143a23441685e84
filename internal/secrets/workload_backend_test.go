package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/resolve"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// backend stands in for systems that Coffer does not hold the values of.
type backend struct {
	mu    sync.Mutex
	keys  map[string]string // by NAME KEY
	asked []string
	fault error
}

func (b *backend) Fetch(ctx context.Context, name, key string) (plaintext.Value, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, name+" "+key)
	value, ok := b.keys[name+" "+key]
	switch {
	case errors.Is(b.fault, context.Canceled):
		<-ctx.Done()
		return plaintext.Value{}, ctx.Err()
	case b.fault != nil:
		return plaintext.Value{}, b.fault
	case !ok:
		return plaintext.Value{}, resolve.ErrUnresolved
	}
	return plaintext.New([]byte(value)), nil
}

// wasAsked checks what the backend was asked since the last time.
func (b *backend) wasAsked(t *testing.T, want ...string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.Sort(b.asked)
	if diff := cmp.Diff(want, b.asked); diff != "" {
		t.Errorf("the backend was asked (-want +got):\n%s", diff)
	}
	b.asked = nil
}

// configured is a fixture whose domain has another configuration.
func configured(t *testing.T, change func(*secrets.Config)) *fixture {
	t.Helper()
	f := newFixture(t)
	f.reconfigure(change)
	return f
}

func (f *fixture) reconfigure(change func(*secrets.Config)) {
	f.t.Helper()
	f.halt()
	change(&f.config)
	f.open()
}

// vault is a fixture with a backend of the namespace team.
func vault(t *testing.T) (*fixture, *backend) {
	t.Helper()
	b := &backend{keys: map[string]string{
		"namespaces/team/backends/v token": "from the vault", "namespaces/team/backends/v other": "too", "namespaces/acme/backends/v token": "of acme",
	}}
	return configured(t, func(c *secrets.Config) { c.Backend = b }), b
}

func ofVault(env, id, key string) string {
	return fmt.Sprintf(`{"key": %q, "secretObject": {"key": %q, "source": {"type": "VAULT", "id": %q}}}`, env, key, id)
}

func TestBackend_resolves(t *testing.T) {
	f, b := vault(t)
	f.secret("namespaces/team/secrets/s", "k", "stored")
	reader := f.with(authz.RoleSecretReader, "namespaces/team")
	payload := `{"envSecrets": [` + strings.Join([]string{ofVault("A", "v", "token"), ofVault("B", "v", "token"), ofVault("C", "v", "other")}, ",") +
		`], "envVars": {"D": "${secrets.s}"}, "x": {"storageSecret": {"key": "token", "source": {"type": "VAULT", "id": "v"}}}}`
	bundle, err := f.resolve(reader, payload)
	f.must(err)
	want := map[string]string{"A": "from the vault", "B": "from the vault", "C": "too", "D": "stored"}
	if diff := cmp.Diff(want, variables(bundle)); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if !strings.Contains(string(bundle.Payload.Reveal()), `"secretKey": "from the vault", "storageSecret"`) {
		t.Errorf("payload %s", bundle.Payload.Reveal())
	}
	b.wasAsked(t, "namespaces/team/backends/v other", "namespaces/team/backends/v token")
	f.recorded(reader, "ALLOW namespaces/team/secrets/s", "ALLOW namespaces/team/backends/v", "ALLOW namespaces/team")
}

// Nothing is asked for that the gate has not allowed, and what is missing reads as what is denied.
func TestBackend_authorizesFirst(t *testing.T) {
	f, b := vault(t)
	f.secret("namespaces/team/secrets/s", "k", "v")
	payload := `{"envSecrets": [` + ofVault("A", "v", "token") + "," + ofVault("B", "nowhere", "token") + `]}`
	_, err := f.resolve(f.with(authz.RoleSecretReader, "namespaces/team/secrets/s"), payload)
	denied := f.unresolved(err, "/envSecrets/0/secretObject", "/envSecrets/1/secretObject")
	b.wasAsked(t)
	_, err = f.resolve(f.with(authz.RoleDeveloper, "namespaces/team"), payload)
	f.check(err, gate.ErrDenied)
	b.wasAsked(t)

	reader := f.with(authz.RoleSecretReader, "namespaces/team")
	_, err = f.resolve(reader, `{"envSecrets": [`+ofVault("A", "v", "absent")+","+ofVault("B", "nowhere", "token")+`]}`)
	if got := f.unresolved(err, "/envSecrets/0/secretObject", "/envSecrets/1/secretObject"); got != denied {
		t.Errorf("missing reads %q, denied %q", got, denied)
	}
	b.wasAsked(t, "namespaces/team/backends/nowhere token", "namespaces/team/backends/v absent")

	f.policy("namespaces/team/policies/p", `forbid (principal, action == Action::"secret:access", resource) when { resource.id == "" && resource.namespace == "team" };`)
	_, err = f.resolve(reader, payload)
	f.unresolved(err, "/envSecrets/0/secretObject", "/envSecrets/1/secretObject")
	b.wasAsked(t)
}

func TestBackend_doesNotAnswer(t *testing.T) {
	f, b := vault(t)
	payload := `{"envSecrets": [` + ofVault("A", "v", "token") + `], "a": "${secret.absent}"}`
	b.fault = errors.New("dial tcp: refused")
	_, err := f.resolve(f.root, payload)
	unresolved, ok := errors.AsType[*secrets.UnresolvedError](err)
	if !ok || len(unresolved.References) != 2 || unresolved.References[0].Description != resolve.ErrBackend.Error() {
		t.Fatalf("a backend that is away: %v", err)
	}
	b.fault = nil
	b.keys["namespaces/team/backends/v token"] = strings.Repeat("x", 512<<10+1)
	if _, err := f.resolve(f.root, payload); err == nil || !strings.Contains(err.Error(), resolve.ErrBackend.Error()) || strings.Contains(err.Error(), "xx") {
		t.Errorf("a value that is too large: %v", err)
	}
	b.keys["namespaces/team/backends/v token"] = "\xff"
	if _, err := f.resolve(f.root, payload); err == nil || !strings.Contains(err.Error(), "is not UTF-8") {
		t.Errorf("a value that is no text: %v", err)
	}
	b.fault = context.Canceled
	ctx, cancel := context.WithTimeout(f.ctx(), 50*time.Millisecond)
	defer cancel()
	_, err = f.ResolveWorkload(ctx, f.root, secrets.ResolveWorkload{Parent: "namespaces/team", Payload: payload})
	f.check(err, context.DeadlineExceeded)
}

func TestBackend_keysAreBounded(t *testing.T) {
	f, b := vault(t)
	var of []string
	for i := range render.MaxSecrets + 1 {
		key := fmt.Sprint("k", i)
		b.keys["namespaces/team/backends/v "+key] = "x"
		of = append(of, ofVault(fmt.Sprint("V", i), "v", key))
	}
	_, err := f.resolve(f.root, `{"envSecrets": [`+strings.Join(of, ",")+`]}`)
	f.invalid(err, "payload")
	b.wasAsked(t)
	f.must(only(f.resolve(f.root, `{"envSecrets": [`+strings.Join(of[1:], ",")+`]}`)))
}

// A registered payload delivers the keys of a backend by the right of its author, and shows where they come from.
func TestBackend_registered(t *testing.T) {
	f, b := vault(t)
	f.secret("namespaces/team/secrets/s", "k", "stored")
	payload := `{"envSecrets": [` + ofVault("A", "v", "token") + `, {"key": "B", "secretObject": {"key": "s"}}], "sparkConfSecrets": [` + ofVault("spark.x", "v", "other") + `]}`
	f.check(only(f.register(f.with(authz.RoleViewer, "namespaces/team"), payload)), gate.ErrDenied)
	author := f.with(authz.RoleDeveloper, "namespaces/team")
	p, err := f.register(author, payload)
	f.must(err)
	b.wasAsked(t)
	want := []secrets.WorkloadReference{
		{Place: "/envSecrets/0/secretObject", Text: "token", Secret: "namespaces/team/backends/v", Bound: "namespaces/team/backends/v"},
		{Place: "/envSecrets/1/secretObject", Text: "s", Secret: "namespaces/team/secrets/s", Bound: "namespaces/team/secrets/s"},
		{Place: "/sparkConfSecrets/0/secretObject", Text: "other", Secret: "namespaces/team/backends/v", Bound: "namespaces/team/backends/v"},
	}
	if diff := cmp.Diff(want, p.References); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
	shape, err := f.ShapeProjection(f.ctx(), f.root, job)
	f.must(err)
	if diff := cmp.Diff([]string{"A", "B"}, shape.Shape.Env); diff != "" {
		t.Errorf("shape (-want +got):\n%s", diff)
	}
	b.wasAsked(t)

	workload := f.with(authz.RoleWorkload, job)
	render := func(etag string) (secrets.Bundle, error) {
		return f.RenderProjection(f.ctx(), workload, secrets.RenderProjection{Name: job, IfNoneMatch: etag})
	}
	first, err := render("")
	f.must(err)
	if diff := cmp.Diff(map[string]string{"A": "from the vault", "B": "stored"}, variables(first)); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	b.wasAsked(t, "namespaces/team/backends/v other", "namespaces/team/backends/v token")
	f.recorded(workload, "ALLOW "+job, "ALLOW namespaces/team/backends/v", "ALLOW namespaces/team/secrets/s")
	// Coffer does not know when a backend has changed.
	b.keys["namespaces/team/backends/v token"] = "rotated"
	second, err := render(first.Etag)
	f.must(err)
	if second.NotModified || second.Etag == first.Etag || variables(second)["A"] != "rotated" {
		t.Errorf("after a change in the backend: %v, etag %s after %s", variables(second), second.Etag, first.Etag)
	}
	b.wasAsked(t, "namespaces/team/backends/v other", "namespaces/team/backends/v token")

	f.policy("namespaces/team/policies/p", `forbid (principal, action == Action::"secret:use", resource) when { resource.id == "" };`)
	f.check(only(render("")), gate.ErrDenied)
	b.wasAsked(t)
}

// Whoever follows a workload of a backend gets it once, and again when something changes.
func TestBackend_watched(t *testing.T) {
	f, b := vault(t)
	f.secret("namespaces/team/secrets/s", "k", "one")
	f.must(only(f.register(f.root, `{"envSecrets": [`+ofVault("A", "v", "token")+`], "envVars": {"B": "${secrets.s}"}}`)))
	ctx, cancel := context.WithCancel(f.ctx())
	defer cancel()
	var got []string
	err := f.WatchProjection(ctx, f.root, secrets.RenderProjection{Name: job}, func(bundle *secrets.Bundle) error {
		if bundle == nil {
			return nil
		}
		got = append(got, variables(*bundle)["B"])
		if len(got) == 1 {
			f.add("namespaces/team/secrets/s", "k", "two")
		} else {
			cancel()
		}
		return nil
	})
	f.check(err, context.Canceled)
	if diff := cmp.Diff([]string{"one", "two"}, got); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
	b.wasAsked(t, "namespaces/team/backends/v token", "namespaces/team/backends/v token")
}

// Without a backend there is no asking: each reference says so.
func TestBackend_none(t *testing.T) {
	f := newFixture(t)
	payload := `{"envSecrets": [` + ofVault("A", "v", "token") + `]}`
	const why = "its source is VAULT, and no such backend is configured"
	_, err := f.resolve(f.root, payload)
	if got := f.unresolved(err, "/envSecrets/0/secretObject"); got != why {
		t.Errorf("resolving reads %q, want %q", got, why)
	}
	_, err = f.register(f.root, payload)
	f.invalid(err, "projection.workload.payload")
	if !strings.Contains(err.Error(), why) {
		t.Errorf("registering reads %q, want %q", err, why)
	}
}

// A backend that is taken away, or the second form of references, leaves what was registered with an error.
func TestWorkload_takenAway(t *testing.T) {
	f, _ := vault(t)
	f.secret("namespaces/team/secrets/s", "k", "v")
	f.must(only(f.register(f.root, `{"envSecrets": [`+ofVault("A", "v", "token")+`, {"key": "B", "secretObject": {"key": "s"}}], "envVars": {"C": "${secrets.s}"}}`)))
	ask := func(payload string) (secrets.Bundle, error) { return f.resolve(f.root, payload) }
	for _, c := range []struct {
		change func(*secrets.Config)
		places []string
		why    string
	}{
		{func(c *secrets.Config) { c.Backend = nil }, []string{"/envSecrets/0/secretObject"}, "its source is VAULT, and no such backend is configured"},
		{
			func(c *secrets.Config) { c.SecretObjectsOff = true },
			[]string{"/envSecrets/0/secretObject", "/envSecrets/1/secretObject"},
			"references of this form are off: features.secretsV2.enabled is false",
		},
	} {
		f.reconfigure(c.change)
		_, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: job})
		if got := f.unresolved(err, c.places...); got != c.why {
			t.Errorf("rendering reads %q, want %q", got, c.why)
		}
		f.must(only(f.ShapeProjection(f.ctx(), f.root, job)))
		f.must(only(f.GetProjection(f.ctx(), f.root, job)))
	}
	_, err := ask(`{"storageSecret": {"key": "s"}, "secretKey": "fallback"}`)
	f.unresolved(err, "/storageSecret")
	_, err = f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{Parent: "namespaces/team", ID: "p", Projection: secrets.Projection{Workload: `{"storageSecret": {"key": "s"}}`}})
	f.invalid(err, "projection.workload.payload")
	bundle, err := ask(`{"envVars": {"C": "${secrets.s}"}, "dataosSecrets": [{"name": "s"}]}`)
	f.must(err)
	if diff := cmp.Diff(map[string]string{"C": "v", "k": "v"}, variables(bundle)); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

// Workspaces, tenants and the instance of DataOS are what the configuration says, and what it says of a secret decides what
// is delivered.
func TestWorkload_dataOS(t *testing.T) {
	f := configured(t, func(c *secrets.Config) {
		c.DataOS = naming.DataOS{Instance: "other", Workspaces: map[string]string{"public": "acme"}, Tenants: map[string]string{"t": "team"}}
	})
	f.secret("namespaces/other/secrets/everywhere", "E", "e")
	f.secret("namespaces/acme/secrets/tokens", "A", "a")
	f.secret("namespaces/team/secrets/mine", "M", "m")
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
		Parent: "namespaces/team", ID: "db-r", Payload: payload("username", "u", "key", "{}"),
		Secret: secrets.Secret{Meta: secrets.Meta{Annotations: map[string]string{
			naming.DataOSType: naming.KeyValueProperties, naming.DataOSFiles: `{"key": "sa.json"}`,
		}}},
	})
	f.must(err)
	const manifest = "name: x\nversion: v1\ntype: service\nservice:\n  dataosSecrets: [{name: everywhere}, {name: tokens, workspace: public}, {name: mine}]\n" +
		"  secrets: [{id: \"t:db-r\", consumptionType: propFile}]\n"
	deliver := func(bundle secrets.Bundle, err error) []string {
		t.Helper()
		f.must(err)
		var got []string
		for _, v := range bundle.Env {
			got = append(got, v.Name+"="+string(v.Value.Reveal()))
		}
		for _, file := range bundle.Files {
			got = append(got, file.Path+": "+string(file.Content.Reveal()))
		}
		return got
	}
	want := []string{"E=e", "A=a", "M=m", "db-r: key=db-r_sa.json\nusername=u\n", "db-r_sa.json: {}"}
	if diff := cmp.Diff(want, deliver(f.resolve(f.root, manifest))); diff != "" {
		t.Errorf("resolved (-want +got):\n%s", diff)
	}
	f.must(only(f.register(f.root, manifest)))
	first, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: job})
	if diff := cmp.Diff(want, deliver(first, err)); diff != "" {
		t.Errorf("rendered (-want +got):\n%s", diff)
	}
	shape, err := f.ShapeProjection(f.ctx(), f.root, job)
	f.must(err)
	if diff := cmp.Diff([]render.FileShape{
		{Path: "db-r", Format: render.Properties, Mode: 0o400, Entries: []string{"key", "username"}}, {Path: "db-r_sa.json", Mode: 0o400},
	}, shape.Shape.Files); diff != "" {
		t.Errorf("shape (-want +got):\n%s", diff)
	}
	// What is said of a secret changes what is delivered, and so the etag.
	_, err = f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{
		Secret: secrets.Secret{Name: "namespaces/team/secrets/db-r", Meta: secrets.Meta{Annotations: map[string]string{naming.DataOSType: naming.KeyValueProperties}}},
		Mask:   []string{"annotations"},
	})
	f.must(err)
	second, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: job, IfNoneMatch: first.Etag})
	want = append(want[:3], "db-r: key={}\nusername=u\n")
	if diff := cmp.Diff(want, deliver(second, err)); diff != "" {
		t.Errorf("rendered again (-want +got):\n%s", diff)
	}
}
