package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// Each namespace that would come back is decided on, an isolated one by itself, and those that stay deleted are not.
func TestUndeleteNamespace_decisions(t *testing.T) {
	f := newFixture(t)
	f.namespace("before", "acme")
	f.dropNamespace("namespaces/before")
	inside := f.with(authz.RoleNamespaceAdmin, team)
	f.grant(inside, authz.RoleNamespaceAdmin, acme)
	f.must(f.isolate(inside, team, true))
	f.must(only(f.DeleteNamespaceTree(f.ctx(), inside, secrets.DeleteTree{Name: acme})))
	for _, validateOnly := range []bool{true, false} {
		_, err := f.UndeleteNamespace(f.ctx(), f.root, acme, "", validateOnly)
		f.check(err, gate.ErrDenied)
		if e := f.events(f.root)[0]; e.Action != "namespace:undelete" || e.Resource != team || e.Decision != audit.Deny {
			t.Errorf("recorded is %s on %s: %s", e.Action, e.Resource, e.Decision)
		}
	}
	if n, err := f.GetNamespace(f.ctx(), inside, team); err != nil || n.DeleteTime.IsZero() {
		t.Errorf("what was denied = %+v, %v; want it deleted", n, err)
	}
	inside.RequestID = "again"
	f.must(only(f.UndeleteNamespace(f.ctx(), inside, acme, "", false)))
	if events, _ := f.decisions("again"); len(events) != 2 {
		t.Errorf("recorded %+v, want two decisions", events)
	}
	f.wantDeleted("before")
}

// One that was deleted again meanwhile, with others, is decided on again.
func TestUndeleteNamespace_deletedAgain(t *testing.T) {
	f := newFixture(t)
	f.cascade(acme)
	f.beforeWrite(func() {
		f.undelete(acme)
		f.pass(time.Second)
		f.cascade(acme)
	})
	_, err := f.UndeleteNamespace(f.ctx(), f.root, acme, "", false)
	f.check(err, secrets.ErrChanged)
	f.wantDeleted("acme team")
}

// forest makes namespaces below acme: n beside each other, and one below each of them.
func (f *fixture) forest(n int) {
	f.t.Helper()
	for i := range n {
		f.namespace(fmt.Sprintf("n%d", i), "acme")
		f.namespace(fmt.Sprintf("n%d-below", i), fmt.Sprintf("n%d", i))
	}
}

// Wherever it stops, the sweep goes on: down when it was deleted, up when it was undeleted.
func TestTree_resumes(t *testing.T) {
	for failing := 1; failing <= 9; failing++ {
		t.Run(fmt.Sprintf("write %d fails", failing), func(t *testing.T) {
			f := newFixture(t)
			f.forest(4) // with acme and team 10
			f.cascade("namespaces/n2")
			count := func() int { return len(strings.Fields(f.deleted())) }
			f.failAt(failing)
			_, err := f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: acme})
			f.check(err, storage.ErrUnavailable)
			f.engine.Set(storagetest.Faults{})
			if failing == 1 { // the door was not closed, and nothing was begun
				if got := count(); got != 2 {
					t.Fatalf("%d are deleted, want 2", got)
				}
				return
			}
			f.swept("nothing of that name")
			if got := count(); got != 10 {
				t.Fatalf("after the sweep %d are deleted, want all 10", got)
			}
			f.failAt(failing)
			_, err = f.UndeleteNamespace(f.ctx(), f.root, acme, "", false)
			f.check(err, storage.ErrUnavailable)
			f.swept("nothing of that name")
			f.engine.Set(storagetest.Faults{})
			f.wantDeleted("n2 n2-below")
		})
	}
}

// What a node did not get to know of is settled all the same: a commit whose answer was lost.
func TestTree_lostAnswer(t *testing.T) {
	f := newFixture(t)
	lost := true
	f.engine.Set(storagetest.Faults{Committed: func(storage.Revision) error {
		if lost {
			lost = false
			return storage.ErrUnavailable
		}
		return nil
	}})
	_, err := f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: acme})
	f.check(err, storage.ErrUnavailable)
	f.engine.Set(storagetest.Faults{})
	f.wantDeleted("acme team")
	f.swept("nothing of that name")
}

// Deletions within each other come apart again as they came together.
func TestTree_nested(t *testing.T) {
	f := newFixture(t)
	f.namespace("a", "team")
	f.namespace("b", "a")
	f.namespace("c", "b")
	f.cascade("namespaces/a")
	f.undelete("namespaces/a")
	f.cascade("namespaces/b")
	f.cascade(team)
	f.wantDeleted("a b c team")
	f.cascade(acme)
	f.undelete(acme)
	f.wantDeleted("a b c team")
	_, err := f.UndeleteNamespace(f.ctx(), f.root, "namespaces/a", "", false)
	f.check(err, secrets.ErrNamespaceDeleted)
	f.undelete(team)
	f.wantDeleted("b c")
	f.undelete("namespaces/b")
	f.wantDeleted("")
}

// Deleted anew before all of it was back, it is kept anew as a whole.
func TestTree_deletedAnew(t *testing.T) {
	f := newFixture(t)
	f.forest(30)
	f.cascade(acme)
	f.failAt(2) // only the top is back
	_, err := f.UndeleteNamespace(f.ctx(), f.root, acme, "", false)
	f.check(err, storage.ErrUnavailable)
	f.engine.Set(storagetest.Faults{})
	f.pass(time.Hour)
	want := f.cascade(acme).PurgeTime
	for _, id := range strings.Fields(f.deleted()) {
		if n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/"+id); err != nil || n.PurgeTime != want {
			t.Errorf("%s is kept until %v, %v, want %v", id, n.PurgeTime, err, want)
		}
	}
	f.undelete(acme)
	f.wantDeleted("")
}

// Whatever is created while a tree is deleted, nothing lives below what is deleted, and it all comes back.
func TestTree_againstCreation(t *testing.T) {
	f := newFixture(t)
	for i := range 15 {
		top := f.namespace(fmt.Sprintf("top%d", i), "acme").Name
		middle := f.namespace(fmt.Sprintf("middle%d", i), fmt.Sprintf("top%d", i)).Name
		var deleting error
		var creating [3]error
		below := fmt.Sprintf("below%d", i)
		together(
			func() {
				_, deleting = f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: top})
			},
			func() {
				_, creating[0] = f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: below, Namespace: secrets.Namespace{Parent: middle}})
			},
			func() {
				_, creating[1] = f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: middle, ID: "s", Payload: payload("k", "v")})
			},
			func() {
				_, creating[2] = f.CreateServiceAccount(f.ctx(), f.root, secrets.CreateServiceAccount{Parent: top, ID: "s"})
			},
		)
		f.check(deleting, nil)
		for _, err := range creating {
			if err != nil && !errors.Is(err, secrets.ErrNamespaceDeleted) {
				t.Errorf("creating = %v", err)
			}
		}
		for _, name := range []string{top, middle, "namespaces/" + below} {
			n, err := f.GetNamespace(f.ctx(), f.root, name)
			if err == nil && n.DeleteTime.IsZero() {
				t.Errorf("%s lives in a deleted namespace", name)
			} else if err != nil && creating[0] == nil {
				t.Errorf("%s = %v", name, err)
			}
		}
		f.undelete(top)
		if creating[1] == nil {
			if got := f.value(middle+"/secrets/s/versions/1", "k"); got != "v" {
				t.Errorf("it delivers %q", got)
			}
		}
	}
	f.wantDeleted("")
}

// Two at once, one way or the other, leave it whole.
func TestTree_againstItself(t *testing.T) {
	f := newFixture(t)
	f.forest(3)
	for range 10 {
		together(
			func() { _, _ = f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: acme}) },
			func() { _, _ = f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: "namespaces/n1"}) },
			func() { _, _ = f.UndeleteNamespace(f.ctx(), f.root, acme, "", false) },
			func() { _, _ = f.UndeleteNamespace(f.ctx(), f.root, "namespaces/n1", "", false) },
		)
		f.swept("nothing of that name")
		if n, err := f.GetNamespace(f.ctx(), f.root, acme); err == nil && !n.DeleteTime.IsZero() {
			f.undelete(acme)
		}
		switch got := f.deleted(); got {
		case "":
		case "n1 n1-below":
			f.undelete("namespaces/n1")
		default:
			t.Fatalf("deleted are %q", got)
		}
	}
}

// Between the closing of the top and that of what is below, no namespace is made below that would be left out.
func TestTree_creationBetweenSteps(t *testing.T) {
	f := newFixture(t)
	writes := 0
	f.engine.Set(storagetest.Faults{Update: func() error {
		if writes++; writes == 2 { // the first has closed acme, this one is to close team
			f.engine.Set(storagetest.Faults{})
			_, err := f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: "late", Namespace: secrets.Namespace{Parent: team}})
			f.check(err, secrets.ErrNamespaceDeleted)
		}
		return nil
	}})
	f.cascade(acme)
	f.wantDeleted("acme team")
}

// A namespace that is made just before the door closes is decided on, too.
func TestTree_decidesOnLatecomers(t *testing.T) {
	f := newFixture(t)
	caller := f.with(authz.RoleNamespaceAdmin, acme)
	f.beforeWrite(func() {
		f.namespace("late", "team")
		inside := f.with(authz.RoleNamespaceAdmin, "namespaces/late")
		f.must(f.isolate(inside, "namespaces/late", true))
	})
	_, err := f.DeleteNamespaceTree(f.ctx(), caller, secrets.DeleteTree{Name: acme})
	f.check(err, gate.ErrDenied)
	f.wantDeleted("")
	f.swept("nothing of that name")
}

// A caller who leaves once it is begun stops nothing.
func TestTree_callerLeaves(t *testing.T) {
	f := newFixture(t)
	f.forest(30)
	for _, change := range []func(context.Context) error{
		func(ctx context.Context) error {
			return only(f.DeleteNamespaceTree(ctx, f.root, secrets.DeleteTree{Name: acme}))
		},
		func(ctx context.Context) error { return only(f.UndeleteNamespace(ctx, f.root, acme, "", false)) },
	} {
		ctx, cancel := context.WithCancel(f.ctx())
		f.engine.Set(storagetest.Faults{Committed: func(storage.Revision) error {
			cancel()
			return nil
		}})
		_ = change(ctx) // it may or may not hear of it
		f.engine.Set(storagetest.Faults{})
		if marks := f.keysWith("leftover/"); len(marks) > 0 {
			t.Errorf("left over are %q", marks)
		}
		if got := len(strings.Fields(f.deleted())); got != 62 && got != 0 {
			t.Errorf("%d are deleted, want all 62 or none", got)
		}
	}
	f.wantDeleted("")
}
