package secrets_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// deadFrom makes every write fail from the n-th on, as after a crash; lost: that one is made, and not told.
func (f *fixture) deadFrom(n int, lost bool) {
	var writes, commits atomic.Int64
	faults := storagetest.Faults{Update: func() error {
		if writes.Add(1) >= int64(n) && (!lost || commits.Load() >= int64(n)) {
			return storage.ErrUnavailable
		}
		return nil
	}}
	if lost {
		faults.Committed = func(storage.Revision) error {
			if commits.Add(1) >= int64(n) {
				return storage.ErrUnavailable
			}
			return nil
		}
	}
	f.engine.Set(faults)
}

// restart is the domain after a crash, before anything is swept.
func (f *fixture) restart() {
	f.t.Helper()
	f.halt()
	f.engine.Set(storagetest.Faults{})
	f.open()
}

// whole checks that a move, or copy, from db to away was made or was not, and nothing between.
func (f *fixture) whole(uid string, history []string, copied bool) (made bool) {
	f.t.Helper()
	f.check(secrets.SweepLeftovers(f.Service, f.ctx()), nil)
	f.swept("leftover/")
	_, err := f.GetSecret(f.ctx(), f.root, away)
	made = err == nil
	_, err = f.GetSecret(f.ctx(), f.root, db)
	if there := err == nil; there != (copied || !made) {
		f.t.Errorf("made %v, but the secret is where it was: %v", made, there)
	}
	n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/other")
	f.must(err)
	if !made {
		if keys := f.keysWith(n.UID + "/"); len(keys) > 0 {
			f.t.Errorf("what was not made left %q", keys)
		}
		f.add(db, "k", "goes on")
		return false
	}
	if diff := cmp.Diff(history, f.chronicle(away)); diff != "" {
		f.t.Errorf("versions (-before +after):\n%s", diff)
	}
	f.add(away, "k", "goes on")
	if !copied {
		f.must(only(f.UndeleteSecret(f.ctx(), f.root, "namespaces/acme/deletedSecrets/"+uid, "", false)))
		f.add(db, "k", "goes on")
	}
	return true
}

// Whatever step the server dies in or after, a move or a copy is made or was never begun.
func TestTransfer_crash(t *testing.T) {
	for _, copied := range []bool{false, true} {
		for _, lost := range []bool{false, true} {
			for dying := 1; dying <= 4; dying++ {
				t.Run(fmt.Sprintf("copy %v, lost %v, write %d", copied, lost, dying), func(t *testing.T) {
					f := newFixture(t)
					made := f.long(40)
					history := f.chronicle(db)
					f.deadFrom(dying, lost)
					var err error
					if copied {
						_, err = f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: away})
					} else {
						_, err = f.MoveSecret(f.ctx(), f.root, secrets.MoveSecret{Name: db, Destination: away})
					}
					done := dying > 3 || lost && dying == 3 // what is not told is looked for
					f.check(err, map[bool]error{false: storage.ErrUnavailable}[done])
					f.restart()
					if made := f.whole(made.UID, history, copied); made != done {
						t.Errorf("it was made: %v, want %v", made, done)
					}
				})
			}
		}
	}
}

// A step that fails while the server lives on is taken back at once, and told as it is.
func TestTransfer_stepFails(t *testing.T) {
	for _, copied := range []bool{false, true} {
		for failing := 1; failing <= 3; failing++ {
			t.Run(fmt.Sprintf("copy %v, write %d", copied, failing), func(t *testing.T) {
				f := newFixture(t)
				f.long(40)
				f.failAt(failing)
				if copied {
					f.check(only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: away})), storage.ErrUnavailable)
				} else {
					f.check(f.tryMove(f.root, db, away), storage.ErrUnavailable)
				}
				n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/other")
				f.must(err)
				if keys := append(f.keysWith("leftover/"), f.keysWith(n.UID+"/")...); len(keys) > 0 {
					t.Errorf("what failed left %q", keys)
				}
				f.add(db, "k", "goes on")
				f.move(db, away)
			})
		}
	}
}

// The last write may be made though the store does not say so.
func TestTransfer_lastStepIsLost(t *testing.T) {
	for _, copied := range []bool{false, true} {
		t.Run(fmt.Sprint(copied), func(t *testing.T) {
			f := newFixture(t)
			made := f.long(40)
			history := f.chronicle(db)
			var commits atomic.Int64
			f.engine.Set(storagetest.Faults{Committed: func(storage.Revision) error {
				if commits.Add(1) == 3 {
					return storage.ErrUnavailable
				}
				return nil
			}})
			if copied {
				f.must(only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: away})))
			} else {
				f.move(db, away)
			}
			n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/other")
			f.must(err)
			if want := int64(len(f.kept(away))); n.Usage.Secrets != 1 || n.Usage.Versions != want {
				t.Errorf("usage %+v, want one secret with %d versions", n.Usage, want)
			}
			f.whole(made.UID, history, copied)
		})
	}
}

// What comes between two steps, and what becomes of the move.
func TestTransfer_meanwhile(t *testing.T) {
	tests := map[string]struct {
		between func(f *fixture)
		want    error
	}{
		"the name is taken":        {func(f *fixture) { f.secret(away, "k", "theirs") }, secrets.ErrExists},
		"the namespace is deleted": {func(f *fixture) { f.dropNamespace("namespaces/other") }, secrets.ErrNamespaceDeleted},
		"a projection uses it":     {func(f *fixture) { f.project(f.root, etl, env("db", "k", "K")) }, nil},
		"a sweep takes it back": {func(f *fixture) {
			f.check(secrets.SweepLeftovers(f.Service, f.ctx()), nil)
		}, nil},
	}
	for name, test := range tests {
		for between := 2; between <= 3; between++ {
			t.Run(fmt.Sprint(name, between), func(t *testing.T) {
				f := newFixture(t)
				made := f.long(40)
				history := f.chronicle(db)
				f.atWrite(between, func() { test.between(f) })
				err := f.tryMove(f.root, db, away)
				if name == "a sweep takes it back" { // it is made anew
					f.check(err, nil)
					n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/other")
					f.must(err)
					if want := int64(len(f.kept(away))); n.Usage.Secrets != 1 || n.Usage.Versions != want {
						t.Errorf("usage %+v, want one secret with %d versions", n.Usage, want)
					}
					if !f.whole(made.UID, history, false) {
						t.Error("the move was not made")
					}
					return
				}
				if _, inUse := errors.AsType[*secrets.InUseError](err); name == "a projection uses it" && !inUse {
					t.Errorf("MoveSecret = %v, want it in use", err)
				} else if test.want != nil {
					f.check(err, test.want)
				}
				if keys := f.keysWith("leftover/"); len(keys) > 0 {
					t.Errorf("what was taken back left %q", keys)
				}
				f.add(db, "k", "goes on")
			})
		}
	}
}

// The same after a crash: the sweep takes back what is half done, whatever has become of the rest.
func TestTransfer_sweepTakesBack(t *testing.T) {
	tests := map[string]func(f *fixture){
		"nothing":                         func(*fixture) {},
		"the name is taken":               func(f *fixture) { f.secret(away, "k", "theirs") },
		"the namespace is deleted":        func(f *fixture) { f.dropNamespace("namespaces/other") },
		"the source is deleted with all":  func(f *fixture) { f.dropTree("namespaces/acme") },
		"both are deleted, with all else": func(f *fixture) { f.dropTree("namespaces/acme"); f.dropNamespace("namespaces/other") },
		"there is no room": func(f *fixture) {
			f.limitOf("namespaces/other", secrets.Usage{Bytes: 1})
		},
	}
	for name, meanwhile := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			made := f.long(40)
			f.deadFrom(3, false)
			f.check(f.tryMove(f.root, db, away), storage.ErrUnavailable)
			f.engine.Set(storagetest.Faults{})
			other, err := f.GetNamespace(f.ctx(), f.root, "namespaces/other")
			f.must(err)
			carried := len(f.keysWith("data/payload/" + other.UID + "/"))
			if len(f.keysWith("leftover/transfer/")) != 1 || carried == 0 {
				t.Fatalf("there is nothing half done: %d payloads", carried)
			}
			meanwhile(f)
			f.check(secrets.SweepLeftovers(f.Service, f.ctx()), nil)
			if page, err := f.log.List(f.ctx(), audit.Query{Kind: audit.KindSystem}); err != nil || len(page.Events) == 0 || page.Events[0].Resource != away {
				t.Errorf("the log tells nothing of what was taken back: %+v, %v", page.Events, err)
			}
			left := f.keysWith("data/payload/" + other.UID + "/")
			if name == "the name is taken" && len(left) == 1 {
				left = nil // theirs
			}
			if left = append(left, f.keysWith("leftover/transfer/")...); len(left) > 0 {
				t.Errorf("taken back, it left %q", left)
			}
			acme, err := f.GetNamespace(f.ctx(), f.root, "namespaces/acme")
			f.must(err)
			if !acme.DeleteTime.IsZero() {
				f.undropTree("namespaces/acme")
			}
			f.add(db, "k", "goes on")
			if s, err := f.GetSecret(f.ctx(), f.root, db); err != nil || s.UID != made.UID {
				t.Errorf("the secret = %+v, %v", s, err)
			}
		})
	}
}

// What was told as failed does not happen later, when whoever asked for it may not do it any more.
func TestTransfer_revokedMeanwhile(t *testing.T) {
	f := newFixture(t)
	f.long(40)
	bob := user("bob")
	grants := []string{
		f.grant(bob, authz.RoleDeveloper, acme), f.grant(bob, authz.RoleSecretReader, acme), f.grant(bob, authz.RoleDeveloper, other),
	}
	f.deadFrom(2, false)
	f.check(f.tryMove(bob, db, away), storage.ErrUnavailable)
	f.restart()
	for _, g := range grants {
		f.must(erred(f.DeleteGrant(f.ctx(), f.root, g, "", false)))
	}
	f.must(secrets.SweepLeftovers(f.Service, f.ctx()))
	f.check(only(f.GetSecret(f.ctx(), f.root, away)), secrets.ErrNotFound)
	f.add(db, "k", "goes on")
}

// A transfer that runs out of time is taken back all the same.
func TestTransfer_outOfTime(t *testing.T) {
	f := newFixture(t)
	f.long(40)
	f.deadFrom(3, false)
	f.check(f.tryMove(f.root, db, away), storage.ErrUnavailable)
	f.engine.Set(storagetest.Faults{})
	f.must(secrets.OutOfTime(f.ctx(), f.Service))
	if n := f.payloadsIn(other); n != 0 || len(f.keysWith("leftover/")) != 0 {
		t.Errorf("%d payloads are left, and %q", n, f.keysWith("leftover/"))
	}
	f.add(db, "k", "goes on")
}

// A mark that the engine makes or alters moves nothing.
func TestTransfer_forgedMark(t *testing.T) {
	f := newFixture(t)
	made := f.secret(db, "k", "v")
	_, err := f.engine.Update(f.ctx(), func(txn storage.Txn) error {
		return txn.Put(storage.Key("leftover/transfer/x/"+made.UID), []byte("forged"))
	})
	f.must(err)
	if err := secrets.SweepLeftovers(f.Service, f.ctx()); err == nil {
		t.Error("a forged mark is swept without a word")
	}
	f.value(at(db, 1), "k")
}

// dropTree deletes a namespace with everything in it and below it.
func (f *fixture) dropTree(name string) {
	f.t.Helper()
	f.must(only(f.DeleteNamespaceTree(f.ctx(), f.root, secrets.DeleteTree{Name: name, Force: true})))
}

func (f *fixture) undropTree(name string) {
	f.t.Helper()
	f.must(only(f.UndeleteNamespace(f.ctx(), f.root, name, "", false)))
}
