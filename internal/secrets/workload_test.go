package secrets_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// resolve resolves a payload in the namespace team.
func (f *fixture) resolve(caller authn.Caller, payload string) (secrets.Bundle, error) {
	return f.ResolveWorkload(f.ctx(), caller, secrets.ResolveWorkload{Parent: "namespaces/team", Payload: payload})
}

// unresolved checks that err names the places, each with the same words, and returns those.
func (f *fixture) unresolved(err error, places ...string) string {
	f.t.Helper()
	unresolved, ok := errors.AsType[*secrets.UnresolvedError](err)
	if !ok {
		f.t.Fatalf("error %v, want an UnresolvedError", err)
	}
	var got []string
	for _, v := range unresolved.References {
		got = append(got, v.Field)
		if v.Description != unresolved.References[0].Description {
			f.t.Errorf("%s reads %q, others %q", v.Field, v.Description, unresolved.References[0].Description)
		}
	}
	if diff := cmp.Diff(places, got); diff != "" {
		f.t.Errorf("places (-want +got):\n%s", diff)
	}
	return unresolved.References[0].Description
}

func TestWorkload_resolves(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/near", "k", "near of team")
	f.secret("namespaces/acme/secrets/near", "k", "near of acme")
	f.secret("namespaces/acme/secrets/far", "k", "far", "other", "o")
	f.secret("namespaces/acme/secrets/far.dotted", "k", "dotted")
	f.secret("namespaces/instance/secrets/top", "k", "top")
	f.secret("namespaces/other/secrets/beside", "k", "beside")
	bundle, err := f.resolve(f.root, `{"a": "${secret.near} ${secrets.far.other} ${secret.far.dotted} ${secret.far.dotted.k}",
		"envVars": {"A": "plain"}, "envSecrets": [
			{"key": "TOP", "secretObject": {"key": "top"}}, {"key": "BESIDE", "secretObject": {"key": "beside", "source": {"type": "KUBERNETES", "id": "other"}}},
			{"key": "NEAR", "secretObject": {"key": "near", "source": {"type": "KUBERNETES", "id": "acme"}}}],
		"dataosSecrets": [{"name": "far", "allKeys": true, "consumptionType": "file"}]}`)
	f.must(err)
	if want := `{"a": "near of team o dotted dotted",`; !strings.HasPrefix(string(bundle.Payload.Reveal()), want) {
		t.Errorf("payload %s, want %s", bundle.Payload.Reveal(), want)
	}
	if diff := cmp.Diff(map[string]string{"A": "plain", "TOP": "top", "BESIDE": "beside", "NEAR": "near of acme"}, variables(bundle)); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if len(bundle.Files) != 2 || bundle.Files[0].Path != "far_k" || string(bundle.Files[1].Content.Reveal()) != "o" {
		t.Errorf("files %v", bundle.Files)
	}
	if bundle.Revision != f.revision() {
		t.Errorf("revision %d, want %d", bundle.Revision, f.revision())
	}
	f.storeAccesses()
	for _, name := range []string{"namespaces/acme/secrets/far", "namespaces/acme/secrets/far.dotted", "namespaces/instance/secrets/top"} {
		s, err := f.GetSecret(f.ctx(), f.root, name)
		f.must(err)
		if s.LastAccessTime.IsZero() {
			t.Errorf("that %s was delivered is not noted", name)
		}
	}
}

func TestWorkload_missingAndDeniedReadTheSame(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/mine", "k", "v")
	f.secret("namespaces/team/secrets/denied", "k", "v")
	f.secret("namespaces/acme/secrets/above", "k", "v")
	f.secret("namespaces/other/secrets/beside", "k", "v")
	reader := f.with(authz.RoleSecretReader, "namespaces/team/secrets/mine")
	_, err := f.resolve(reader, `["${secret.mine}", "${secret.absent}", "${secret.denied}", "${secret.above}", "${secret.mine.nokey}", "${secret.denied.k}",
		{"storageSecret": {"key": "beside", "source": {"type": "KUBERNETES", "id": "other"}}},
		{"storageSecret": {"key": "beside", "source": {"type": "KUBERNETES", "id": "nowhere"}}}]`)
	f.unresolved(err, "/1", "/2", "/3", "/4", "/5", "/6/storageSecret", "/7/storageSecret")
	bundle, err := f.resolve(reader, "a: ${secret.mine}\n")
	f.must(err)
	if got := string(bundle.Payload.Reveal()); got != "a: \"v\"\n" {
		t.Errorf("payload %q", got)
	}
	// What cannot be delivered now reads as what does not exist.
	all := f.with(authz.RoleSecretReader, "namespaces/team")
	f.secret("namespaces/team/secrets/empty")
	f.secret("namespaces/team/secrets/deleted", "k", "v")
	f.drop("namespaces/team/secrets/deleted")
	_, err = f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{
		Parent: "namespaces/team", ID: "expiring", Secret: secrets.Secret{ExpireTime: f.now().Add(time.Minute)}, Payload: payload("k", "v"),
	})
	f.must(err)
	f.pass(time.Hour)
	_, err = f.resolve(all, `["${secret.empty}", "${secret.deleted}", "${secret.expiring}", "${secret.absent}"]`)
	f.unresolved(err, "/0", "/1", "/2", "/3")
}

// What comes after a reading that is denied would tell that it exists: it is as if it did not, wherever it is.
func TestWorkload_deniedIsAbsent(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/a", "b", "of a", "c", "of a")
	f.secret("namespaces/acme/secrets/s", "k", "of acme")
	f.secret("namespaces/acme/secrets/t", "k", "of acme")
	reader := f.with(authz.RoleSecretReader, "namespaces/team/secrets/a")
	for _, name := range []string{"namespaces/acme/secrets/s", "namespaces/acme/secrets/t"} {
		f.grant(reader, authz.RoleSecretReader, name)
	}
	f.secret("namespaces/team/secrets/a.b", "k", "hidden")
	f.secret("namespaces/team/secrets/s", "k", "hidden")
	bundle, err := f.resolve(reader, "[\"${secret.a.b}\", '${secret.a.c}', '${secret.s}', '${secret.t}', '${secret.s}']")
	f.must(err)
	if got, want := string(bundle.Payload.Reveal()), `["of a", "of a", "of acme", "of acme", "of acme"]`; got != want {
		t.Errorf("payload %s, want %s", got, want)
	}
	f.recorded(reader, "ALLOW namespaces/acme/secrets/t", "ALLOW namespaces/acme/secrets/s", "DENY namespaces/team/secrets/s",
		"ALLOW namespaces/team/secrets/a", "DENY namespaces/team/secrets/a.b", "ALLOW namespaces/team")

	author := f.with(authz.RoleDeveloper, "namespaces/acme")
	f.policy("namespaces/team/policies/p", `forbid (principal, action == Action::"secret:use", resource) when { resource.id == "s" || resource.id == "a.b" };`)
	p, err := f.register(author, "a: ${secret.a.b}\nb: ${secret.s}\n")
	f.must(err)
	if p.References[0].Secret != "namespaces/team/secrets/a" || p.References[1].Secret != "namespaces/acme/secrets/s" {
		t.Errorf("references %v", p.References)
	}
}

// recorded checks what was decided for a caller, the newest first.
func (f *fixture) recorded(caller authn.Caller, want ...string) {
	f.t.Helper()
	var got []string
	for _, e := range f.events(caller) {
		if e.Kind == audit.KindDecision {
			got = append(got, fmt.Sprint(e.Decision, " ", e.Resource))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("recorded (-want +got):\n%s", diff)
	}
}

// References of one name that can mean different things are looked up apart, whichever comes first.
func TestWorkload_readings(t *testing.T) {
	const text, list = `"a": "${secret.a.b}"`, `"dataosSecrets": [{"name": "a.b", "allKeys": true, "consumptionType": "envVars"}]`
	for _, payload := range []string{"{" + text + "," + list + "}", "{" + list + "," + text + "}"} {
		f := newFixture(t)
		f.secret("namespaces/team/secrets/a", "b", "of a", "c", "not asked for")
		_, err := f.resolve(f.root, payload)
		f.unresolved(err, "/dataosSecrets/0")
		f.secret("namespaces/acme/secrets/a.b", "k", "of a.b")
		_, err = f.resolve(f.root, payload)
		f.must(err)
		bundle, err := f.resolve(f.root, payload)
		f.must(err)
		if diff := cmp.Diff(map[string]string{"k": "of a.b"}, variables(bundle)); diff != "" {
			t.Errorf("%s: environment (-want +got):\n%s", payload, diff)
		}
		if got := string(bundle.Payload.Reveal()); !strings.Contains(got, `"a": "of a"`) {
			t.Errorf("payload %s", got)
		}
	}
}

func TestWorkload_theGateComesFirst(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/s", "k", "v")
	for _, payload := range []string{"", "{", `["${secret.s}"]`, strings.Repeat("a", 300<<10)} {
		for _, caller := range []authn.Caller{user("nobody"), f.with(authz.RoleDeveloper, "namespaces/team")} {
			_, err := f.resolve(caller, payload)
			f.check(err, gate.ErrDenied)
		}
	}
	reader := f.with(authz.RoleSecretReader, "namespaces/team/secrets/s")
	for _, payload := range []string{"", "a: [", "a: 1\na: 2\n"} {
		_, err := f.resolve(reader, payload)
		f.invalid(err, "payload")
	}
	_, err := f.ResolveWorkload(f.ctx(), reader, secrets.ResolveWorkload{Parent: "namespaces/nowhere", Payload: "a: 1"})
	f.check(err, gate.ErrDenied)
}

func TestWorkload_recordsEachSecretOnce(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/s", "k", "v", "l", "w")
	f.secret("namespaces/acme/secrets/above", "k", "v")
	reader := f.with(authz.RoleSecretReader, "namespaces/team")
	_, err := f.resolve(reader, `["${secret.s.k}", "${secret.s.l} ${secrets.s.k}", "${secret.above}", "${secret.absent}"]`)
	f.unresolved(err, "/2", "/3")
	var got []string
	for _, e := range f.events(reader) {
		if e.Kind == audit.KindDecision {
			got = append(got, fmt.Sprint(e.Decision, " ", e.Action, " ", e.Resource, " ", e.Detail))
		}
	}
	want := []string{
		"ALLOW secret:access namespaces/team/secrets/absent ",
		"ALLOW secret:access namespaces/team/secrets/above ",
		"DENY secret:access namespaces/acme/secrets/above version 1",
		"ALLOW secret:access namespaces/team/secrets/s version 1",
		"ALLOW secret:access namespaces/team ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
}

func TestWorkload_overrides(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/s", "k", "stored")
	reader := f.with(authz.RoleSecretReader, "namespaces/team/secrets/s")
	ask := func(payload string, overrides map[string]plaintext.Value) (secrets.Bundle, error) {
		return f.ResolveWorkload(f.ctx(), reader, secrets.ResolveWorkload{Parent: "namespaces/team", Payload: payload, Overrides: overrides})
	}
	value := plaintext.New([]byte("given ${secret.s}"))
	bundle, err := ask(`["${secret.s}", "${secrets.s}", "${secret.absent}", "${secret.INSTILL_SECRET}"]`,
		map[string]plaintext.Value{"s": value, "absent": value, "INSTILL_SECRET": value, "unused": value})
	f.must(err)
	if got, want := string(bundle.Payload.Reveal()), `["given ${secret.s}", "stored", "given ${secret.s}", "${secret.INSTILL_SECRET}"]`; got != want {
		t.Errorf("payload %s, want %s", got, want)
	}
	_, err = ask(`["${secrets.absent}", {"storageSecret": {"key": "absent"}}]`, map[string]plaintext.Value{"absent": value})
	f.unresolved(err, "/0", "/1/storageSecret")
	many := map[string]plaintext.Value{}
	for i := range 65 {
		many[fmt.Sprint(i)] = value
	}
	for _, overrides := range []map[string]plaintext.Value{many, {"s": plaintext.New(make([]byte, 512<<10))}} {
		_, err = ask("a: 1", overrides)
		f.invalid(err, "overrides")
	}
}

func TestWorkload_secretsAreBounded(t *testing.T) {
	f := newFixture(t)
	var placeholders []string
	for i := range render.MaxSecrets + 1 {
		f.secret(fmt.Sprintf("namespaces/team/secrets/s%d", i), "k", "v")
		placeholders = append(placeholders, fmt.Sprintf(`"${secret.s%d}"`, i))
	}
	all := "[" + strings.Join(placeholders, ",") + "]"
	_, err := f.resolve(f.root, all)
	f.invalid(err, "payload")
	_, err = f.resolve(f.root, "["+strings.Join(placeholders[1:], ",")+"]")
	f.must(err)
	f.invalid(only(f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{
		Parent: "namespaces/team", ID: "p", Projection: secrets.Projection{Workload: all},
	})), "projection.workload.payload")
}

const job = "namespaces/team/projections/job"

// register makes job of a payload.
func (f *fixture) register(author authn.Caller, payload string) (secrets.Projection, error) {
	return f.CreateProjection(f.ctx(), author, secrets.CreateProjection{
		Parent: "namespaces/team", ID: "job", Projection: secrets.Projection{Workload: payload},
	})
}

const jobPayload = "envVars:\n  TOKEN: ${secret.api.token}\n  PLAIN: x # not secret\nsparkConfSecrets:\n- key: spark.x\n  secretObject: {key: near}\n" +
	"dataosSecrets:\n- {name: api, allKeys: true}\n"

func TestWorkload_registered(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/api", "token", "t1")
	f.secret("namespaces/acme/secrets/near", "k", "of acme")
	author := f.with(authz.RoleDeveloper, "namespaces/acme")
	p, err := f.register(author, jobPayload)
	f.must(err)
	want := []secrets.WorkloadReference{
		{Place: "/envVars/TOKEN", Text: "${secret.api.token}", Secret: "namespaces/team/secrets/api", Bound: "namespaces/team/secrets/api"},
		{Place: "/sparkConfSecrets/0/secretObject", Text: "near", Secret: "namespaces/acme/secrets/near", Bound: "namespaces/acme/secrets/near"},
		{Place: "/dataosSecrets/0", Text: "api", Secret: "namespaces/team/secrets/api", Bound: "namespaces/team/secrets/api"},
	}
	if diff := cmp.Diff(want, p.References); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
	if p.AuthorizedBy != author.Name || p.Workload != jobPayload {
		t.Errorf("authorized by %s, workload %q", p.AuthorizedBy, p.Workload)
	}
	f.check(only(f.RenderProjection(f.ctx(), author, secrets.RenderProjection{Name: job})), gate.ErrDenied)

	workload := f.with(authz.RoleWorkload, job)
	first, err := f.RenderProjection(f.ctx(), workload, secrets.RenderProjection{Name: job})
	f.must(err)
	if diff := cmp.Diff(map[string]string{"TOKEN": "t1", "PLAIN": "x", "token": "t1"}, variables(first)); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if got, want := string(first.Payload.Reveal()), strings.Replace(jobPayload, "${secret.api.token}", `"t1"`, 1); got != want {
		t.Errorf("payload %s, want %s", got, want)
	}
	if len(first.SparkConf) != 2 || first.SparkConf[0].Name != "spark.redaction.regex" || string(first.SparkConf[1].Value.Reveal()) != "of acme" {
		t.Errorf("Spark's configuration %v", first.SparkConf)
	}

	// What comes later and nearer is not taken, what changes is.
	f.secret("namespaces/team/secrets/near", "k", "of team")
	f.add("namespaces/team/secrets/api", "token", "t2")
	second, err := f.RenderProjection(f.ctx(), workload, secrets.RenderProjection{Name: job, IfNoneMatch: first.Etag})
	f.must(err)
	if second.NotModified || variables(second)["TOKEN"] != "t2" || string(second.SparkConf[1].Value.Reveal()) != "of acme" {
		t.Errorf("second rendering: %v, Spark %v", variables(second), second.SparkConf)
	}
	again, err := f.RenderProjection(f.ctx(), workload, secrets.RenderProjection{Name: job, IfNoneMatch: second.Etag})
	f.must(err)
	if !again.NotModified || again.Payload.Len() != 0 {
		t.Error("the same bundle is delivered again")
	}

	// Its secrets are guarded, and one that was deleted is shown as dangling.
	_, err = f.DeleteSecret(f.ctx(), f.root, "namespaces/team/secrets/api", "", false, false)
	if _, ok := errors.AsType[*secrets.InUseError](err); !ok {
		t.Errorf("deleting a secret of a workload: %v", err)
	}
	_, err = f.DeleteSecret(f.ctx(), f.root, "namespaces/team/secrets/api", "", true, false)
	f.must(err)
	f.secret("namespaces/team/secrets/api", "token", "of another")
	f.check(only(f.RenderProjection(f.ctx(), workload, secrets.RenderProjection{Name: job})), secrets.ErrDangling)
	p, err = f.GetProjection(f.ctx(), f.root, job)
	f.must(err)
	if p.References[0].Bound != "" || p.References[1].Bound == "" {
		t.Errorf("references %v, want the first to dangle", p.References)
	}
	// Written again, it is bound again.
	_, err = f.UpdateProjection(f.ctx(), author, secrets.UpdateProjection{Projection: secrets.Projection{Name: job, Workload: jobPayload}, Mask: []string{"workload"}})
	f.must(err)
	if got := f.rendered(job)["TOKEN"]; got != "of another" {
		t.Errorf("TOKEN is %q", got)
	}
}

func TestWorkload_registeringNeedsUseOfEverySecret(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/s", "k", "v")
	f.secret("namespaces/acme/secrets/above", "k", "v")
	developer := f.with(authz.RoleDeveloper, "namespaces/team")
	hidden, absent := only(f.register(developer, "a: ${secret.above}")), only(f.register(developer, "a: ${secret.absent}"))
	f.invalid(hidden, "projection.workload.payload")
	if got := strings.ReplaceAll(hidden.Error(), "above", "absent"); got != absent.Error() {
		t.Errorf("about what exists above %q, about what does not %q", got, absent)
	}
	f.check(only(f.register(developer, "storageSecret: {key: above, source: {type: KUBERNETES, id: acme}}")), gate.ErrDenied)
	f.policy("namespaces/team/policies/s", `forbid (principal, action == Action::"secret:use", resource) when { resource.id == "s" };`)
	f.check(only(f.register(developer, "a: ${secret.s}")), gate.ErrDenied)
	for _, payload := range []string{"a: [", "a: ${secret.}", `storageSecret: {key: k, source: {type: VAULT, id: v}}`} {
		f.invalid(only(f.register(developer, payload)), "projection.workload.payload")
	}
	_, err := f.CreateProjection(f.ctx(), developer, secrets.CreateProjection{
		Parent: "namespaces/team", ID: "p", Projection: secrets.Projection{Workload: "a: 1", Items: []secrets.Item{env("s", "k", "K")}},
	})
	f.invalid(err, "projection.workload")
}

// Whoever writes a payload decides its variables: those that take over a process come to nobody who does not want them.
func TestWorkload_takeovers(t *testing.T) {
	f := newFixture(t)
	f.must(only(f.register(f.root, "envVars: {PATH: /tmp, A: b}\nsparkConf: {spark.jars: x.jar}\n")))
	ask := func(allow ...string) error {
		return only(f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: job, AllowEnv: allow}))
	}
	f.check(ask(), secrets.ErrTakeover)
	f.check(ask("PATH"), secrets.ErrTakeover)
	f.check(ask("spark.jars", "PATH"), nil)
	_, err := f.resolve(f.root, "envVars: {PATH: /tmp, A: b}\n")
	f.must(err)
}

func TestWorkload_shape(t *testing.T) {
	f := newFixture(t)
	f.secret("namespaces/team/secrets/api", "token", "t1", "b.c", "x")
	f.secret("namespaces/acme/secrets/near", "k", "of acme")
	f.must(only(f.register(f.root, jobPayload+"- {name: api, allkeys: true, consumptionType: propFile}\n- {name: near, key: k, consumptionType: file}\n")))
	want := &render.Shape{
		Env: []string{"PLAIN", "TOKEN", "b_c", "token"}, SparkConf: []string{"spark.redaction.regex", "spark.x"}, Payload: true,
		Files: []render.FileShape{
			{Path: "api", Format: render.Properties, Mode: 0o400, Entries: []string{"b.c", "token"}},
			{Path: "near_k", Mode: 0o400},
		},
	}
	bundle, err := f.ShapeProjection(f.ctx(), f.root, job)
	f.must(err)
	if diff := cmp.Diff(want, bundle.Shape); diff != "" {
		t.Errorf("shape (-want +got):\n%s", diff)
	}
	f.role("namespaces/team/roles/lookout", "projection:get")
	lookout := user("lookout")
	f.grant(lookout, "namespaces/team/roles/lookout", "namespaces/team")
	bundle, err = f.ShapeProjection(f.ctx(), lookout, job)
	f.must(err)
	if diff := cmp.Diff([]string{"*", "PLAIN", "TOKEN"}, bundle.Shape.Env); diff != "" {
		t.Errorf("environment to somebody who may not see the secret (-want +got):\n%s", diff)
	}
	if bundle.Payload.Len() != 0 {
		t.Error("a dry run has a payload")
	}

	// What a rendering lacks is told, to those who may know which keys there are.
	f.must(only(f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: "namespaces/acme/secrets/near", Payload: payload("other", "x")})))
	_, err = f.ShapeProjection(f.ctx(), f.root, job)
	if _, ok := errors.AsType[*secrets.UnresolvedError](err); !ok {
		t.Errorf("a dry run without a key: %v, want that it is missing", err)
	}
	_, err = f.ShapeProjection(f.ctx(), lookout, job)
	f.must(err)
}
