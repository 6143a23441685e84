package secrets_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
)

// watched is a watch that runs: what it delivers, and why it ends.
type watched struct {
	bundles chan map[string]string
	ended   chan error
	etags   chan string
}

func (f *fixture) watchProjection(ctx context.Context, caller authn.Caller, name, etag string) watched {
	w := watched{make(chan map[string]string, 100), make(chan error, 1), make(chan string, 100)}
	go func() {
		w.ended <- f.WatchProjection(ctx, caller, secrets.RenderProjection{Name: name, IfNoneMatch: etag}, func(b *secrets.Bundle) error {
			if b != nil {
				w.etags <- b.Etag // first: who has the bundle finds it
				w.bundles <- variables(*b)
			}
			return nil
		})
	}()
	return w
}

// next is the next delivery that has the value of K.
func (w watched) next(t *testing.T, want string) {
	t.Helper()
	for {
		select {
		case env := <-w.bundles:
			if env["K"] == want {
				return
			}
		case err := <-w.ended:
			t.Fatalf("the watch ended with %v, want a delivery of %q", err, want)
		case <-time.After(30 * time.Second):
			t.Fatalf("no delivery of %q", want)
		}
	}
}

// end waits for the watch to end and fails if it delivers before.
func (w watched) end(t *testing.T, want error) {
	t.Helper()
	select {
	case env := <-w.bundles:
		t.Fatalf("the watch delivered %v, want an end with %v", env, want)
	case err := <-w.ended:
		if !errors.Is(err, want) {
			t.Errorf("the watch ended with %v, want %v", err, want)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("the watch goes on, want an end with %v", want)
	}
}

// delivering is a fixture with a projection that delivers db's k as K by the right of its author, and who may watch it.
func delivering(t *testing.T) (f *fixture, author, workload authn.Caller, grants map[string]string) {
	f = newFixture(t)
	f.secret(db, "k", "one")
	author, workload = user("author"), user("workload")
	grants = map[string]string{"write": f.grant(author, authz.RoleDeveloper, "namespaces/acme")}
	f.project(author, etl, secrets.Item{Item: render.Item{SecretName: "db", Key: "k", Target: render.Target{Env: &render.EnvTarget{Name: "K"}}}})
	grants["workload"] = f.grant(workload, authz.RoleWorkload, etl)
	return f, author, workload, grants
}

func TestWatchProjection_delivers(t *testing.T) {
	f, _, workload, _ := delivering(t)
	w := f.watchProjection(f.ctx(), workload, etl, "")
	w.next(t, "one")
	f.add(db, "k", "two")
	w.next(t, "two")
	f.secret("namespaces/acme/secrets/unrelated", "k", "x")
	f.stage(db, "k", "three")
	_, err := f.ActivateSecretVersion(f.ctx(), f.root, at(db, 3), "", false)
	f.must(err)
	w.next(t, "three")
	if len(w.bundles) > 0 {
		t.Error("what changed nothing was delivered too")
	}
	_, err = f.DeleteSecret(f.ctx(), f.root, db, "", true, false)
	f.must(err)
	w.end(t, secrets.ErrDangling)
}

func TestWatchProjection_resumes(t *testing.T) {
	f, _, workload, _ := delivering(t)
	ctx, cancel := context.WithCancel(f.ctx())
	w := f.watchProjection(ctx, workload, etl, "")
	w.next(t, "one")
	etag := <-w.etags
	cancel()
	w.end(t, context.Canceled)
	again := f.watchProjection(f.ctx(), workload, etl, etag)
	f.add(db, "k", "two")
	if env := <-again.bundles; env["K"] != "two" {
		t.Errorf("a watch with the current etag delivered %v first, want the change alone", env)
	}
}

// A watch that is open and idle ends when any of the rights behind it does.
func TestWatchProjection_endsWithoutRights(t *testing.T) {
	tests := []struct {
		name string
		end  func(f *fixture, grants map[string]string)
		want error
	}{
		{"the workload's grant is revoked", func(f *fixture, grants map[string]string) {
			f.must(erred(f.DeleteGrant(f.ctx(), f.root, grants["workload"], "", false)))
		}, gate.ErrDenied},
		{"the author's grant is revoked", func(f *fixture, grants map[string]string) {
			f.must(erred(f.DeleteGrant(f.ctx(), f.root, grants["write"], "", false)))
		}, gate.ErrDenied},
		{"a forbid by a label that the secret gets", func(f *fixture, _ map[string]string) {
			f.policy("namespaces/acme/policies/frozen", `forbid (principal, action == Action::"secret:use", resource) when { resource.hasTag("frozen") };`)
			_, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Labels: map[string]string{"frozen": ""}}}})
			f.must(err)
		}, gate.ErrDenied},
		{"the projection is deleted", func(f *fixture, _ map[string]string) {
			f.must(erred(f.DeleteProjection(f.ctx(), f.root, etl, "", false)))
		}, gate.ErrDenied}, // of which the workload may not know
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, _, workload, grants := delivering(t)
			w := f.watchProjection(f.ctx(), workload, etl, "")
			w.next(t, "one")
			test.end(f, grants)
			w.end(t, test.want)
		})
	}
}

func TestWatchProjection_endsWithItsToken(t *testing.T) {
	for _, how := range []string{"revoked", "expired", "with its account"} {
		t.Run(how, func(t *testing.T) {
			f, _, _, _ := delivering(t)
			caller, _ := f.account("namespaces/acme/serviceAccounts/app")
			f.grant(caller, authz.RoleWorkload, etl)
			w := f.watchProjection(f.ctx(), caller, etl, "")
			w.next(t, "one")
			switch how {
			case "revoked":
				f.must(erred(f.DeleteToken(f.ctx(), f.root, caller.TokenName, "", false)))
			case "with its account":
				f.must(erred(f.DeleteServiceAccount(f.ctx(), f.root, "namespaces/acme/serviceAccounts/app", "", false)))
			case "expired":
				f.pass(91 * 24 * time.Hour)
			}
			w.end(t, authn.ErrUnauthenticated)
		})
	}
}

// A right that runs out by itself sends no signal; the watch notices all the same.
func TestWatchProjection_endsWhenAGrantExpires(t *testing.T) {
	f, _, _, _ := delivering(t)
	brief := user("brief")
	_, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{Parent: "namespaces/acme", ID: "brief", Grant: secrets.Grant{
		Principal: brief.Name, Role: string(authz.RoleWorkload), Resource: etl, ExpireTime: f.now().Add(time.Hour),
	}})
	f.must(err)
	w := f.watchProjection(f.ctx(), brief, etl, "")
	w.next(t, "one")
	f.pass(2 * time.Hour)
	w.end(t, gate.ErrDenied)
}

// While nobody takes what is sent, changes are not queued: the newest state comes next.
func TestWatchProjection_slowReader(t *testing.T) {
	f, _, workload, _ := delivering(t)
	sent, taken := make(chan map[string]string), make(chan struct{})
	go func() {
		_ = f.WatchProjection(f.ctx(), workload, secrets.RenderProjection{Name: etl}, func(b *secrets.Bundle) error {
			if b != nil {
				sent <- variables(*b)
				<-taken
			}
			return nil
		})
	}()
	if env := <-sent; env["K"] != "one" {
		t.Fatalf("delivered %v first", env)
	}
	for _, value := range []string{"two", "three", "four"} {
		f.add(db, "k", value)
	}
	close(taken)
	if env := <-sent; env["K"] != "four" {
		t.Errorf("delivered %v after three changes, want the newest state", env)
	}
}

// Each delivery is on the record; waiting is not.
func TestWatchProjection_recordsDeliveries(t *testing.T) {
	f, _, workload, _ := delivering(t)
	w := f.watchProjection(f.ctx(), workload, etl, "")
	w.next(t, "one")
	f.add(db, "k", "two")
	w.next(t, "two")
	decisions, uses := 0, 0
	for _, e := range f.events(workload) {
		switch e.Action {
		case "projection:watch":
			decisions++
		case "secret:use":
			uses++
		}
	}
	if decisions != 2 || uses != 2 {
		t.Errorf("two deliveries recorded %d decisions and %d uses, want two of each", decisions, uses)
	}
}

// TestWatchProjection_outlivesItsHistory: where the changes that a watch is woken by are no longer kept, it looks at what
// is there now, and goes on.
func TestWatchProjection_outlivesItsHistory(t *testing.T) {
	f, _, workload, _ := delivering(t)
	w := f.watchProjection(t.Context(), workload, etl, "")
	w.next(t, "one")
	var lost atomic.Int32
	fail := func() error {
		if lost.Add(1) == 1 {
			return storage.ErrCompacted
		}
		return nil
	}
	f.watchSecrets.Store(&fail)
	for _, want := range []string{"two", "three"} {
		f.add(db, "k", want)
		w.next(t, want)
	}
	if lost.Load() < 2 {
		t.Errorf("%d events after the history was lost: the watch was not woken by them", lost.Load())
	}
	select {
	case env := <-w.bundles:
		t.Errorf("%v was delivered again", env)
	default:
	}
	// Who comes back with what it has gets nothing again, and nothing less.
	newest := func() (etag string) {
		for len(w.etags) > 0 {
			etag = <-w.etags
		}
		return etag
	}
	third := newest()
	f.add(db, "k", "four")
	w.next(t, "four")
	again := f.watchProjection(t.Context(), workload, etl, third)
	again.next(t, "four")
	again = f.watchProjection(t.Context(), workload, etl, newest())
	f.add(db, "k", "five")
	select {
	case env := <-again.bundles:
		if env["K"] != "five" {
			t.Errorf("the watch that came back delivered %v, want five", env)
		}
	case <-time.After(30 * time.Second):
		t.Error("the watch that came back delivers nothing")
	}
}
