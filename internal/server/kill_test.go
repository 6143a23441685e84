package server_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

const (
	writers   = 8
	namespace = "namespaces/acme"
)

// written is what a server acknowledged, and what it was asked without an answer.
type written struct {
	mu           sync.Mutex
	acknowledged map[string]string // full name of a version → its value
	deleted      map[string]bool   // secrets
	unanswered   map[string]bool   // secrets with a write that may or may not have happened
}

func (w *written) acknowledge(version, value string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acknowledged[version] = value
}

// write writes until the server is gone: secrets of one or two versions, some of which it deletes.
func (w *written) write(ctx context.Context, c *client.Client) {
	for ctx.Err() == nil {
		id := "s-" + strings.ToLower(rand.Text())
		name := namespace + "/secrets/" + id
		payload, value := newPayload()
		_, err := c.CreateSecret(ctx, &cofferv1.CreateSecretRequest{
			Parent: namespace, SecretId: id, Secret: &cofferv1.Secret{Payload: payload},
		})
		if err != nil {
			w.lost(name)
			return
		}
		w.acknowledge(name+"/versions/1", value)
		payload, value = newPayload()
		version, err := c.AddSecretVersion(ctx, &cofferv1.AddSecretVersionRequest{Parent: name, Payload: payload})
		if err != nil {
			w.lost(name)
			return
		}
		w.acknowledge(version.GetName(), value)
		if id[2] > 'd' {
			continue
		}
		if _, err := c.DeleteSecret(ctx, &cofferv1.DeleteSecretRequest{Name: name}); err != nil {
			w.lost(name)
			return
		}
		w.mu.Lock()
		w.deleted[name] = true
		w.mu.Unlock()
	}
}

func (w *written) lost(secret string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unanswered[secret] = true
}

// newPayload holds the same value twice, so that half of it shows.
func newPayload() (*cofferv1.Payload, string) {
	value := strings.Repeat(rand.Text(), 20)
	return &cofferv1.Payload{Data: map[string]string{"a": value, "b": value}}, value
}

// check compares what the server has with what it acknowledged.
func (w *written) check(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	for version, value := range w.acknowledged {
		secret, _, _ := strings.Cut(version, "/versions/")
		got, err := c.Access(ctx, version)
		switch {
		case w.deleted[secret]:
			if !errors.Is(err, client.ErrNotFound) {
				t.Errorf("%s was deleted, and acknowledged: %v", version, err)
			}
		case err != nil && w.unanswered[secret] && errors.Is(err, client.ErrNotFound):
			// The delete without an answer happened.
		case err != nil:
			t.Errorf("%s was acknowledged: %v", version, err)
		case got.GetPayload().GetData()["a"] != value || got.GetPayload().GetData()["b"] != value:
			t.Errorf("%s has another value than what was acknowledged", version)
		}
	}
	// What was not acknowledged is there whole or not at all.
	for secret := range w.unanswered {
		got, err := c.GetSecret(ctx, &cofferv1.GetSecretRequest{Name: secret})
		if errors.Is(err, client.ErrNotFound) {
			continue
		}
		if err != nil {
			t.Errorf("%s, a write without an answer: %v", secret, err)
			continue
		}
		w.checkWhole(t, c, got)
	}
}

func (w *written) checkWhole(t *testing.T, c *client.Client, secret *cofferv1.Secret) {
	t.Helper()
	list, err := c.ListSecretVersions(t.Context(), &cofferv1.ListSecretVersionsRequest{Parent: secret.GetName()})
	if err != nil {
		t.Errorf("versions of %s: %v", secret.GetName(), err)
		return
	}
	if n := int64(len(list.GetVersions())); n == 0 || n != secret.GetLatestVersion() || n != secret.GetActiveVersion() {
		t.Errorf("%s has %d versions, and tells of %d and %d as active", secret.GetName(), n, secret.GetLatestVersion(), secret.GetActiveVersion())
	}
	for _, version := range list.GetVersions() {
		got, err := c.Access(t.Context(), version.GetName())
		if err != nil || got.GetPayload().GetData()["a"] == "" || got.GetPayload().GetData()["a"] != got.GetPayload().GetData()["b"] {
			t.Errorf("%s is half written: %v", version.GetName(), err)
		}
	}
}

// A server is killed again and again while it is written to. Every write that it acknowledged is there, none is there by
// half, lists agree, and the chain of the audit log holds.
func TestKill(t *testing.T) {
	program, dir := build(t), filepath.Join(t.TempDir(), "data")
	p := startProcess(t, program, dir)
	if _, err := p.client(t).CreateNamespace(t.Context(), &cofferv1.CreateNamespaceRequest{
		NamespaceId: "acme", Namespace: &cofferv1.Namespace{Parent: "namespaces/instance"},
	}); err != nil {
		t.Fatal(err)
	}
	all := &written{acknowledged: map[string]string{}, deleted: map[string]bool{}, unanswered: map[string]bool{}}
	for round := range kills(t) {
		now := &written{acknowledged: map[string]string{}, deleted: map[string]bool{}, unanswered: map[string]bool{}}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range writers {
			c := p.client(t)
			wg.Go(func() { now.write(ctx, c) })
		}
		time.Sleep(time.Duration(50+37*round%300) * time.Millisecond)
		p.kill()
		cancel()
		wg.Wait()
		p = startProcess(t, program, dir)
		c := p.client(t)
		now.check(t, c)
		if _, err := c.VerifyAuditLog(t.Context(), &cofferv1.VerifyAuditLogRequest{}); err != nil {
			t.Errorf("the audit log after kill %d: %v", round, err)
		}
		if t.Failed() {
			t.Fatalf("after kill %d; the log:\n%s", round, p.log)
		}
		maps.Copy(all.acknowledged, now.acknowledged)
		maps.Copy(all.deleted, now.deleted)
		maps.Copy(all.unanswered, now.unanswered)
	}
	t.Logf("%d versions acknowledged, %d writes without an answer", len(all.acknowledged), len(all.unanswered))
	if len(all.acknowledged) == 0 {
		t.Error("no write was acknowledged: the test does not test")
	}
	c := p.client(t)
	all.check(t, c)
	all.checkList(t, c)
	p.kill()
}

// checkList compares the list of all secrets with what was acknowledged.
func (w *written) checkList(t *testing.T, c *client.Client) {
	t.Helper()
	want, got := map[string]bool{}, map[string]bool{}
	for version := range w.acknowledged {
		secret, _, _ := strings.Cut(version, "/versions/")
		if !w.deleted[secret] && !w.unanswered[secret] {
			want[secret] = true
		}
	}
	for token := ""; ; {
		page, err := c.ListSecrets(t.Context(), &cofferv1.ListSecretsRequest{Parent: namespace, PageSize: 1000, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range page.GetSecrets() {
			if !w.unanswered[secret.GetName()] {
				got[secret.GetName()] = true
			}
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("ListSecrets differs from what was acknowledged:\n%s", fmt.Sprintf("%.2000s", diff))
	}
}
