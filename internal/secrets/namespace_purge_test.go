package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// furnish puts something of everything into a namespace, and uses a secret of another one.
func (f *fixture) furnish(ns string) (token string) {
	f.t.Helper()
	f.secret(ns+"/secrets/s", "k", "v")
	f.add(ns+"/secrets/s", "k", "w")
	f.value(ns+"/secrets/s/versions/1", "k")
	f.drop(f.secret(ns+"/secrets/binned", "k", "v").Name)
	back, err := f.UndeleteSecret(f.ctx(), f.root, f.drop(f.secret(ns+"/secrets/moved", "k", "v").Name), "elsewhere", false)
	f.must(err)
	f.project(f.root, ns+"/projections/p", pin("s", 1, "K"), env(other+"/secrets/shared", "k", "SHARED"))
	f.project(f.root, ns+"/projections/q", env(back.Name, "k", "K"), pin(other+"/secrets/shared", 1, "SHARED"))
	robot, token := f.account(ns + "/serviceAccounts/robot")
	counted, err := f.CreateToken(f.ctx(), f.root, secrets.CreateToken{Parent: ns + "/serviceAccounts/robot", ID: "counted", UseLimit: 5})
	f.must(err)
	f.login(counted.Secret)
	f.role(ns+"/roles/r", "secret:get")
	f.policy(ns+"/policies/p", `forbid (principal, action == Action::"secret:destroy", resource);`)
	f.grant(robot, authz.RoleViewer, ns)
	f.grant(robot, authz.RoleSecretReader, other)
	_, err = f.GetNamespace(f.ctx(), f.root, ns) // and have it counted
	f.must(err)
	return token
}

// left are the keys that name one of the namespaces.
func (f *fixture) left(uids ...string) (keys []string) {
	f.t.Helper()
	for _, uid := range uids {
		keys = append(keys, f.keysWith(uid)...)
	}
	return append(keys, f.keysWith("leftover/")...)
}

func TestPurgeDue_namespaces(t *testing.T) {
	f := newFixture(t)
	f.secret(other+"/secrets/shared", "k", "shared")
	tokens := []string{f.furnish(acme), f.furnish(team)}
	f.project(f.root, other+"/projections/outside", env(team+"/secrets/s", "k", "K"))
	uids := []string{f.uidOf(acme), f.uidOf(team)}
	secrets.StoreAccesses(f.Service, f.ctx())
	f.halt()
	f.open() // with counts stored
	for _, prefix := range secrets.Namespaced {
		if !strings.HasPrefix(string(prefix), "leftover/") && len(f.keysWith(string(prefix)+uids[0])) == 0 {
			t.Fatalf("there is nothing below %s to be erased", prefix)
		}
	}
	f.cascade(acme)
	f.pass(month - 1)
	f.purgeDue(nil)
	if got := f.purges(); len(got) > 0 {
		t.Errorf("before its time it was purged: %q", got)
	}
	f.pass(1)
	f.purgeDue(nil)
	if left := f.left(uids...); len(left) > 0 {
		t.Errorf("the store still has %q", left)
	}
	const until = " it was kept until 2026-02-01T03:04:05Z"
	if diff := cmp.Diff([]string{acme + until, team + until}, f.purges()); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	for _, name := range []string{acme, team} {
		_, err := f.GetNamespace(f.ctx(), f.root, name)
		f.check(err, secrets.ErrNotFound)
		_, err = f.UndeleteNamespace(f.ctx(), f.root, name, "", false)
		f.check(err, secrets.ErrNotFound)
	}
	// What was elsewhere stays, and knows nothing of it.
	_, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: other + "/projections/outside"})
	f.check(err, secrets.ErrDangling)
	d, err := f.ListDependents(f.ctx(), f.root, other+"/secrets/shared")
	if err != nil || len(d.Projections)+d.Hidden != 0 {
		t.Errorf("the dependents of the secret elsewhere = %+v, %v", d, err)
	}
	f.inheritsNothing(tokens)
	// What is counted and noted in memory writes nothing about it.
	secrets.StoreAccesses(f.Service, f.ctx())
	f.halt()
	if left := f.left(uids...); len(left) > 0 {
		t.Errorf("in the end the store has %q", left)
	}
}

// inheritsNothing checks that the IDs of acme and team are free, and that what takes them has nothing of what was there.
func (f *fixture) inheritsNothing(tokens []string) {
	f.t.Helper()
	for _, id := range []string{"team", "acme"} {
		f.namespace(id, "instance")
		ns := "namespaces/" + id
		f.account(ns + "/serviceAccounts/robot")
		f.secret(ns+"/secrets/s", "k", "new")
		robot, ok := f.AccountPrincipal(ns + "/serviceAccounts/robot")
		if !ok {
			f.t.Fatal("there is no robot")
		}
		for _, name := range []string{ns + "/secrets/s", other + "/secrets/shared"} {
			_, err := f.AccessSecretVersion(f.ctx(), authn.Caller{Principal: robot}, at(name, 1))
			f.check(err, gate.ErrDenied)
		}
		f.add(ns+"/secrets/s", "k", "newer")
		_, err := f.DestroySecretVersion(f.ctx(), f.root, at(ns+"/secrets/s", 1), "", false)
		f.check(err, nil) // by no pin and no policy
		_, err = f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: ns + "/projections/p"})
		f.check(err, secrets.ErrNotFound)
	}
	for _, token := range tokens {
		_, err := f.Authenticator().Authenticate(f.ctx(), authn.Credentials{Bearer: token})
		f.check(err, authn.ErrUnauthenticated)
	}
	_, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: other + "/projections/outside"})
	f.check(err, secrets.ErrDangling)
}

// Wherever it stops, the door stays closed, the sweep finishes it, and each is recorded once.
func TestPurgeDue_namespacesResume(t *testing.T) {
	finished := false
	for failing := 2; !finished; failing++ {
		t.Run(fmt.Sprintf("write %d fails", failing), func(t *testing.T) {
			f := newFixture(t)
			f.secret(other+"/secrets/shared", "k", "shared")
			f.furnish(team)
			uids := []string{f.uidOf(acme), f.uidOf(team)}
			f.cascade(acme)
			f.pass(month)
			f.failAt(failing)
			err := secrets.PurgeDue(f.Service, f.ctx())
			f.engine.Set(storagetest.Faults{})
			if finished = err == nil; !finished {
				f.check(err, storage.ErrUnavailable)
				_, err := f.UndeleteNamespace(f.ctx(), f.root, acme, "", false)
				if !errors.Is(err, secrets.ErrPrecondition) && !errors.Is(err, secrets.ErrNotFound) {
					t.Errorf("undeleting what is half erased = %v", err)
				}
			}
			f.check(secrets.SweepLeftovers(f.Service, f.ctx()), nil)
			if left := f.left(uids...); len(left) > 0 {
				t.Errorf("after the sweep the store has %q", left)
			}
			if got := f.purges(); len(got) != 2 && failing != 2 { // which closes team, after the record of it
				t.Errorf("recorded %q, want each once", got)
			}
			_, err = f.GetNamespace(f.ctx(), f.root, acme)
			f.check(err, secrets.ErrNotFound)
		})
	}
}

// Undeleted between the look and the purge, it stays, and the log says so.
func TestPurgeDue_namespaceUndeletedMeanwhile(t *testing.T) {
	f := newFixture(t)
	f.secret(team+"/secrets/s", "k", "v")
	f.cascade(acme)
	f.pass(month)
	f.beforeWrite(func() { f.undelete(acme) })
	f.purgeDue(nil)
	if got := f.value(team+"/secrets/s/versions/1", "k"); got != "v" {
		t.Errorf("it delivers %q", got)
	}
	if got := f.purges(); len(got) != 2 || !strings.Contains(got[1], "not purged") {
		t.Errorf("recorded %q, want that it was not purged after all", got)
	}
	f.purgeDue(nil)
	f.wantDeleted("")
}

// However a purge and an undeletion fall together, a tree is whole or gone.
func TestPurgeDue_namespaceAgainstUndelete(t *testing.T) {
	f := newFixture(t)
	for i := range 10 {
		top, below := fmt.Sprintf("top%d", i), fmt.Sprintf("below%d", i)
		f.namespace(top, "other")
		f.namespace(below, top)
		f.secret("namespaces/"+below+"/secrets/s", "k", "v")
		uids := []string{f.uidOf("namespaces/" + top), f.uidOf("namespaces/" + below)}
		f.cascade("namespaces/" + top)
		f.pass(month)
		var undeleting error
		together(
			func() { f.purgeDue(nil) },
			func() { _, undeleting = f.UndeleteNamespace(f.ctx(), f.root, "namespaces/"+top, "", false) },
		)
		switch {
		case undeleting == nil:
			if got := f.value("namespaces/"+below+"/secrets/s/versions/1", "k"); got != "v" {
				t.Errorf("undeleted, it delivers %q", got)
			}
		case errors.Is(undeleting, secrets.ErrNotFound), errors.Is(undeleting, secrets.ErrPrecondition), errors.Is(undeleting, gate.ErrDenied):
			// Denied where it goes between the look and the decision: nobody has a right to what is not there.
			if left := f.left(uids...); len(left) > 0 {
				t.Errorf("purged, it leaves %q", left)
			}
		default:
			t.Errorf("undeleting = %v", undeleting)
		}
	}
}

// What was deleted before with more time has all of it: the one above waits.
func TestPurgeDue_namespaceWaits(t *testing.T) {
	f := newFixture(t)
	f.cascade(team)
	f.halt()
	f.config.BinRetention = time.Hour
	f.open()
	f.cascade(acme)
	f.cascade(other)
	f.pass(2 * time.Hour)
	f.purgeDue(nil)
	f.wantDeleted("acme team")
	f.pass(month)
	f.purgeDue(nil)
	f.wantDeleted("")
}

// What is in the bin of a deleted namespace stays with it.
func TestPurgeDue_binOfDeletedNamespace(t *testing.T) {
	f := newFixture(t)
	gone := f.drop(f.secret(db, "k", "v").Name)
	f.pass(time.Hour)
	f.cascade(acme)
	f.pass(month - time.Hour)
	f.purgeDue(nil)
	f.undelete(acme)
	_, err := f.UndeleteSecret(f.ctx(), f.root, gone, "", false)
	f.check(err, nil)
}

// A server that stops while it purges goes on when it starts.
func TestPurgeDue_stopped(t *testing.T) {
	f := newFixture(t)
	f.secret(team+"/secrets/s", "k", "v")
	for i := range 200 {
		f.add(team+"/secrets/s", "k", fmt.Sprint(i))
	}
	uids := []string{f.uidOf(acme), f.uidOf(team)}
	f.cascade(acme)
	f.pass(month)
	ctx, cancel := context.WithCancel(f.ctx())
	writes := 0
	f.engine.Set(storagetest.Faults{Committed: func(storage.Revision) error {
		if writes++; writes == 4 {
			cancel()
		}
		return nil
	}})
	f.check(secrets.PurgeDue(f.Service, ctx), context.Canceled)
	f.engine.Set(storagetest.Faults{})
	if len(f.left(uids...)) == 0 {
		t.Fatal("it did not stop before all was erased")
	}
	f.halt()
	f.open()
	for range 1000 {
		if len(f.left(uids...)) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the store still has %q", f.left(uids...))
}

// A deleted namespace whose time is not known is kept, and so is what is above it.
func TestPurgeDue_noPurgeTime(t *testing.T) {
	f := newFixture(t)
	f.secret(team+"/secrets/s", "k", "v")
	f.cascade(acme)
	_, err := f.store.Update(f.ctx(), func(tx *sealed.Tx) error {
		record := &storev1.Namespace{}
		const kind, at = "coffer/namespace/v1", "access/namespace/team"
		if _, err := tx.Get(kind, "system", at, record); err != nil {
			return err
		}
		record.PurgeTime = nil
		return tx.Put(kind, "system", at, record)
	})
	f.must(err)
	f.pass(1000 * month)
	f.purgeDue(nil)
	if told := f.purges(); len(told) > 0 {
		t.Errorf("purged: %q", told)
	}
	f.undelete(acme)
	f.value(at(team+"/secrets/s", 1), "k")
}
