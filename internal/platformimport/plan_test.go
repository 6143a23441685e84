package platformimport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/platformimport"
	"github.com/coffer-dev/coffer/internal/servertest"
	"github.com/coffer-dev/coffer/pkg/client"
)

// house is a server with a namespace acme.
type house struct {
	*servertest.Server
	t *testing.T
}

func newHouse(t *testing.T) house {
	t.Helper()
	s := servertest.Start(t, servertest.Config{})
	s.Namespace("acme")
	return house{s, t}
}

func (h house) client(token string) *client.Client {
	h.t.Helper()
	c, err := client.New(client.Config{Address: h.URL(), Token: token})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (h house) config(token string) platformimport.Config {
	return platformimport.Config{
		Client: h.client(token), OnConflict: platformimport.Fail, Progress: func(string, int, int) {},
	}
}

func (h house) prepare(config platformimport.Config, items []platformimport.Item) *platformimport.Plan {
	h.t.Helper()
	plan, err := platformimport.Prepare(h.t.Context(), config, items)
	if err != nil {
		h.t.Fatalf("Prepare: %v", err)
	}
	text, err := json.Marshal(plan.Rows)
	if err != nil || strings.Contains(string(text), canary) {
		h.t.Fatalf("the plan tells a value, or cannot be written (%v)", err)
	}
	return plan
}

// run imports items, and returns what became of each.
func (h house) run(config platformimport.Config, items []platformimport.Item) []string {
	h.t.Helper()
	plan := h.prepare(config, items)
	if err := plan.Apply(h.t.Context(), func(*platformimport.Row) {}); err != nil {
		h.t.Fatalf("Apply: %v", err)
	}
	return results(plan)
}

func results(plan *platformimport.Plan) []string {
	var all []string
	for _, row := range plan.Rows {
		what := string(row.Result)
		if what == "" {
			what = string(row.Action)
		}
		all = append(all, what)
	}
	return all
}

// store is a Kubernetes Secret of the domain acme of IOMETE with keys.
func store(values ...string) []platformimport.Item {
	s := platformimport.KubernetesSecret{Name: "iomete-secret-store-acme", Values: map[string][]byte{}}
	for i, value := range values {
		s.Values[fmt.Sprintf("k%d", i)] = []byte(value)
	}
	return platformimport.IOMETEStores([]platformimport.KubernetesSecret{s}, platformimport.IOMETEScope{})
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Whoever may write secrets may import them: reading values takes another right, and it is not needed.
func TestImport_needsNoAccess(t *testing.T) {
	h := newHouse(t)
	config := h.config(h.Account("namespaces/acme", "importer", "developer", ""))
	same(t, "the first import", h.run(config, store(canary, canary)), "created", "created")
	same(t, "the second import", h.run(config, store(canary, canary)), "unchanged", "unchanged")
	same(t, "the third import", h.run(config, store(canary, canary+"2")), "unchanged", "updated")
	for _, event := range h.AuditEvents("") {
		if event.Action == "secret:access" {
			t.Errorf("the import accessed %s", event.Resource)
		}
	}
	same(t, "an import by who may not write",
		h.run(h.config(h.Account("namespaces/acme", "reader", "viewer", "")), store(canary, canary, canary)), "refused", "refused", "refused")
}

// What changes between the preview and the import is not overwritten, and does not keep the others from being written.
func TestImport_changedMeanwhile(t *testing.T) {
	h := newHouse(t)
	config := h.config(h.OperatorToken)
	h.run(config, store("a", "b", "c"))
	plan := h.prepare(config, store("a2", "b2", "c2", "d2"))
	ctx := t.Context()
	payload := &cofferv1.Payload{Data: map[string]string{"value": "rotated"}}
	if _, err := config.Client.AddSecretVersion(ctx, &cofferv1.AddSecretVersionRequest{Parent: "namespaces/acme/secrets/k1", Payload: payload}); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Client.CreateSecret(ctx, &cofferv1.CreateSecretRequest{
		Parent: "namespaces/acme", SecretId: "k3", Secret: &cofferv1.Secret{Payload: payload},
	}); err != nil {
		t.Fatal(err)
	}
	var told []string
	if err := plan.Apply(ctx, func(row *platformimport.Row) { told = append(told, string(row.Result)) }); err != nil {
		t.Fatalf("Apply: %v", err)
	}
	same(t, "what was told", told, "updated", "failed", "updated", "failed")
	if !errors.Is(plan.Rows[1].Err, client.ErrEtag) || !errors.Is(plan.Rows[3].Err, client.ErrExists) {
		t.Errorf("failed for %v and %v, want a stale etag and a name that is taken", plan.Rows[1].Err, plan.Rows[3].Err)
	}
	for _, id := range []string{"k1", "k3"} {
		got, err := config.Client.Access(ctx, "namespaces/acme/secrets/"+id)
		if err != nil || got.GetPayload().GetData()["value"] != "rotated" {
			t.Errorf("%s was overwritten, or cannot be read (%v)", id, err)
		}
	}
	same(t, "the next preview", results(h.prepare(config, store("a2", "b2", "c2", "d2"))),
		"new-version-or-unchanged", "conflict", "new-version-or-unchanged", "conflict")
}

// An interruption completes the secret under way, so that the next run knows what this one wrote.
func TestImport_interrupted(t *testing.T) {
	h := newHouse(t)
	config := h.config(h.OperatorToken)
	h.run(config, store("a", "b", "c", "d"))
	items := store("a2", "b2", "c2", "d2")
	ctx, cancel := context.WithCancel(t.Context())
	calls, until := 0, 0
	interrupted, err := client.New(client.Config{Address: h.URL(), TokenSource: func(context.Context) (string, error) {
		if calls++; calls == until {
			cancel()
		}
		return h.OperatorToken, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = interrupted.Close() })
	config.Client = interrupted
	plan := h.prepare(config, items)
	// A version that differs takes three calls: it is added, and noted as the import's. This is between the two, of the second.
	until = calls + 5
	if err := plan.Apply(ctx, func(*platformimport.Row) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply when interrupted: %v, want %v", err, context.Canceled)
	}
	same(t, "the interrupted import", results(plan), "updated", "updated", "not-tried", "not-tried")
	same(t, "the next import", h.run(config, items), "unchanged", "unchanged", "updated", "updated")
}

// What is killed between adding a version and noting that it did goes on when it is run again, as long as the version is
// its own.
func TestImport_killed(t *testing.T) {
	h := newHouse(t)
	config := h.config(h.OperatorToken)
	h.run(config, store("a", "b", "c"))
	calls, until := 0, -1
	killed, err := client.New(client.Config{Address: h.URL(), TokenSource: func(context.Context) (string, error) {
		if calls++; calls == until {
			return "", client.ErrUnavailable
		}
		return h.OperatorToken, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = killed.Close() })
	for _, changed := range []string{"a2", "a3"} {
		items := store(changed, "b", "c2")
		mortal := config
		mortal.Client = killed
		plan := h.prepare(mortal, items)
		// The call after the one that adds the version finds no server. If the payload of before was imported again, it takes
		// one more to add it.
		until = calls + 2
		if changed == "a3" {
			until++
		}
		if err := plan.Apply(t.Context(), func(*platformimport.Row) {}); err == nil {
			t.Fatal("Apply ended, and was to be killed")
		}
		got, err := config.Client.Access(t.Context(), "namespaces/acme/secrets/k0")
		if err != nil || got.GetPayload().GetData()["value"] != changed {
			t.Fatalf("the import was killed before it added a version (%v)", err)
		}
		other := config
		other.Client = h.client(h.Account("namespaces/acme", "other-"+changed, "developer", ""))
		same(t, "the preview of somebody else", results(h.prepare(other, items)), "conflict", "new-version-or-unchanged", "new-version-or-unchanged")
		same(t, "the preview with another value", results(h.prepare(config, store("x", "b", "c")))[:1], "conflict")
		same(t, "the next preview", results(h.prepare(config, items)), "new-version-or-unchanged", "new-version-or-unchanged", "new-version-or-unchanged")
		same(t, "the next import", h.run(config, items)[:2], "updated", "unchanged")
		same(t, "and again", h.run(config, items), "unchanged", "unchanged", "unchanged")
	}
}

// A server that goes away ends an import: nothing else would be written either.
func TestImport_serverGone(t *testing.T) {
	h := newHouse(t)
	config := h.config(h.OperatorToken)
	plan := h.prepare(config, store("a", "b", "c"))
	err := plan.Apply(t.Context(), func(*platformimport.Row) {
		if err := h.Stop(); err != nil {
			t.Fatal(err)
		}
	})
	if !errors.Is(err, client.ErrUnavailable) {
		t.Errorf("Apply without a server: %v, want %v", err, client.ErrUnavailable)
	}
	same(t, "the import", results(plan), "created", "failed", "not-tried")
}

// Nothing is written while there is a conflict.
func TestImport_conflict(t *testing.T) {
	h := newHouse(t)
	config := h.config(h.OperatorToken)
	if _, err := config.Client.CreateSecret(t.Context(), &cofferv1.CreateSecretRequest{Parent: "namespaces/acme", SecretId: "k1"}); err != nil {
		t.Fatal(err)
	}
	plan := h.prepare(config, store("a", "b"))
	if err := plan.Apply(t.Context(), func(*platformimport.Row) {}); !errors.Is(err, platformimport.ErrConflict) {
		t.Errorf("Apply: %v, want %v", err, platformimport.ErrConflict)
	}
	if _, err := config.Client.GetSecret(t.Context(), &cofferv1.GetSecretRequest{Name: "namespaces/acme/secrets/k0"}); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("k0 was written in spite of a conflict: %v", err)
	}
	config.OnConflict = platformimport.SkipIt
	same(t, "skipping", h.run(config, store("a", "b")), "created", "skip")
	config.OnConflict = platformimport.AddVersion
	same(t, "adding a version", h.run(config, store("a", "b")), "unchanged", "updated")
	same(t, "again", h.run(config, store("a", "b")), "unchanged", "unchanged")
}

// What another import made is not this one's.
func TestImport_otherSource(t *testing.T) {
	h := newHouse(t)
	config := h.config(h.OperatorToken)
	h.run(config, store("a"))
	items := store("a")
	items[0].Source = "iomete:domains/other/k0"
	plan := h.prepare(config, items)
	same(t, "the plan", results(plan), "conflict")
	if want := "it is there, imported from iomete:domains/acme/k0"; plan.Rows[0].Note != want {
		t.Errorf("the note is %q, want %q", plan.Rows[0].Note, want)
	}
}

// A workload is bound anew to a secret that was made again, and left alone otherwise.
func TestImport_workload(t *testing.T) {
	h := newHouse(t)
	config := h.config(h.OperatorToken)
	ctx := t.Context()
	items := func() []platformimport.Item {
		workload := &cofferv1.Projection_Workload{Payload: `{"key": "${secrets.k0}"}`}
		return append(store(canary), platformimport.Item{
			Source:   "dataos:service:v1:x:acme",
			Resource: &cofferv1.Projection{Name: "namespaces/acme/projections/service.x", Workload: workload, Labels: map[string]string{"a": "b"}},
		})
	}
	same(t, "the first import", h.run(config, items()), "created", "created")
	same(t, "the second import", h.run(config, items()), "unchanged", "unchanged")
	if _, err := config.Client.DeleteSecret(ctx, &cofferv1.DeleteSecretRequest{Name: "namespaces/acme/secrets/k0", Force: true}); err != nil {
		t.Fatal(err)
	}
	same(t, "the third import", h.run(config, items()), "created", "updated")
	if _, err := config.Client.Render(ctx, "namespaces/acme/projections/service.x"); err != nil {
		t.Errorf("rendering what was bound anew: %v", err)
	}
	same(t, "the fourth import", h.run(config, items()), "unchanged", "unchanged")
}

// The namespaces that are missing are told of all at once, and one that cannot be created takes nothing else with it.
func TestImport_namespaces(t *testing.T) {
	h := newHouse(t)
	config := h.config(h.OperatorToken)
	items := append(store("a"), platformimport.IOMETEStores([]platformimport.KubernetesSecret{
		{Name: "iomete-secret-store-x", Values: map[string][]byte{"k": []byte(canary)}},
		{Name: "iomete-secret-store-y", Values: map[string][]byte{"k": []byte(canary)}},
	}, platformimport.IOMETEScope{})...)
	_, err := platformimport.Prepare(t.Context(), config, items)
	if !errors.Is(err, platformimport.ErrNoNamespace) || !strings.Contains(err.Error(), "namespaces/x, namespaces/y") {
		t.Errorf("Prepare: %v, want %v for x and y", err, platformimport.ErrNoNamespace)
	}
	config.CreateNamespaces, config.Parent = true, "namespaces/none"
	plan := h.prepare(config, items)
	if err := plan.Apply(t.Context(), func(*platformimport.Row) {}); err != nil {
		t.Fatal(err)
	}
	same(t, "below a namespace that is not there", results(plan), "failed", "failed", "created", "not-tried", "not-tried")
	config.Parent = "namespaces/acme"
	same(t, "below acme", h.run(config, items), "created", "created", "unchanged", "created", "created")
	if _, err := config.Client.DeleteNamespace(t.Context(), &cofferv1.DeleteNamespaceRequest{Name: "namespaces/x", Cascade: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := platformimport.Prepare(t.Context(), config, items); !errors.Is(err, platformimport.ErrNoNamespace) {
		t.Errorf("Prepare for a deleted namespace: %v, want %v", err, platformimport.ErrNoNamespace)
	}
}
