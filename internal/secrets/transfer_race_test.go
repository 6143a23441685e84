package secrets_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
)

// payloadsIn counts the payloads that are stored in a namespace.
func (f *fixture) payloadsIn(name string) int {
	f.t.Helper()
	n, err := f.GetNamespace(f.ctx(), f.root, name)
	f.must(err)
	return len(f.keysWith("data/payload/" + n.UID + "/"))
}

// many creates a secret with versions of the values 1 to n.
func (f *fixture) many(name string, n int) {
	f.t.Helper()
	parent, id := cut(name)
	_, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: parent, ID: id, Secret: secrets.Secret{MaxVersions: 100}})
	f.must(err)
	for i := range n {
		f.add(name, "k", fmt.Sprint(i+1))
	}
}

// Of two moves at once one wins, wherever they go, and nothing of the other stays.
func TestTransfer_twoMoves(t *testing.T) {
	for _, versions := range []int{1, 40} {
		for name, to := range map[string][2]string{
			"one secret to two names": {"namespaces/other/secrets/a", "namespaces/team/secrets/a"},
			"one secret to one name":  {away, away},
			"two secrets to one name": {away, away},
			"elsewhere and within":    {away, moved},
		} {
			t.Run(fmt.Sprint(name, versions), func(t *testing.T) {
				f := newFixture(t)
				f.many(db, versions)
				second := db
				if name == "two secrets to one name" {
					second = "namespaces/acme/secrets/second"
					f.many(second, versions)
				}
				var errs [2]error
				together(func() { errs[0] = f.tryMove(f.root, db, to[0]) }, func() { errs[1] = f.tryMove(f.root, second, to[1]) })
				won := 0
				for i, err := range errs {
					if err == nil {
						won++
						f.value(at(to[i], versions), "k")
					} else if !errors.Is(err, secrets.ErrNotFound) && !errors.Is(err, secrets.ErrPrecondition) && !errors.Is(err, secrets.ErrExists) {
						t.Errorf("a move that lost: %v", err)
					}
				}
				// A rename may come first, and the move then finds nothing, or the other way round.
				if won != 1 {
					t.Errorf("%d moves won: %v", won, errs)
				}
				f.swept("leftover/")
				stored := f.payloadsIn("namespaces/acme") + f.payloadsIn("namespaces/other") + f.payloadsIn("namespaces/team")
				want := 2 * versions // where it was, in the bin, and where it is
				if second != db {
					want += versions
				} else if errs[1] == nil && to[1] == moved {
					want = versions
				}
				if stored != want {
					t.Errorf("%d payloads are stored, want %d", stored, want)
				}
			})
		}
	}
}

// A deletion comes before a move or is refused; either way the secret is in one place.
func TestTransfer_againstDelete(t *testing.T) {
	f := newFixture(t)
	for i := range 12 {
		name, to := fmt.Sprint("namespaces/acme/secrets/s", i), fmt.Sprint("namespaces/other/secrets/s", i)
		f.many(name, []int{1, 20}[i%2])
		var moving, deleting error
		together(func() { moving = f.tryMove(f.root, name, to) },
			func() { deleting = only(f.DeleteSecret(f.ctx(), f.root, name, "", false, false)) })
		if (moving == nil) == (deleting == nil) {
			t.Errorf("moving: %v; deleting: %v; want one of them to fail", moving, deleting)
		}
		_, err := f.GetSecret(f.ctx(), f.root, to)
		if there := err == nil; there != (moving == nil) {
			t.Errorf("moving = %v, but the secret is there: %v", moving, there)
		}
	}
	f.swept("leftover/")
}

// No version that was acknowledged is lost by a move.
func TestTransfer_againstAddVersion(t *testing.T) {
	f := newFixture(t)
	for i := range 8 {
		name, to := fmt.Sprint("namespaces/acme/secrets/s", i), fmt.Sprint("namespaces/other/secrets/s", i)
		f.many(name, []int{1, 20}[i%2])
		var added []string
		together(func() { f.check(f.tryMove(f.root, name, to), nil) }, func() {
			for j := range 10 {
				value := fmt.Sprint("added ", j)
				_, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: name, Payload: payload("k", value)})
				if err == nil {
					added = append(added, value)
				} else if !errors.Is(err, secrets.ErrNotFound) && !errors.Is(err, secrets.ErrPrecondition) {
					t.Errorf("adding a version: %v", err)
				}
			}
		})
		history := f.chronicle(to)
		for _, value := range added {
			if !slices.ContainsFunc(history, func(line string) bool { return strings.Contains(line, value) }) {
				t.Errorf("%q was added and is not in %s", value, to)
			}
		}
	}
}

// Nothing lands in a namespace that is deleted.
func TestTransfer_againstDeleteNamespace(t *testing.T) {
	f := newFixture(t)
	for i := range 10 {
		name, ns := fmt.Sprint("namespaces/acme/secrets/s", i), f.namespace(fmt.Sprint("n", i), "instance").Name
		f.many(name, []int{1, 20}[i%2])
		var moving, deleting error
		together(func() { moving = f.tryMove(f.root, name, ns+"/secrets/s") },
			func() { deleting = only(f.DeleteNamespace(f.ctx(), f.root, ns, "", false)) })
		switch {
		case (moving == nil) == (deleting == nil):
			t.Errorf("moving: %v; deleting: %v; want one of them to fail", moving, deleting)
		case moving == nil:
			f.value(ns+"/secrets/s/versions/1", "k")
		default:
			f.check(moving, secrets.ErrNamespaceDeleted)
			f.value(at(name, 1), "k")
			f.add(name, "k", "goes on")
		}
	}
	f.swept("leftover/")
}

// A copy that a sweep takes back while it is made is made anew.
func TestCopySecret_sweptMeanwhile(t *testing.T) {
	f := newFixture(t)
	f.many(db, 40)
	f.atWrite(2, func() { f.check(secrets.SweepLeftovers(f.Service, f.ctx()), nil) })
	f.must(only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: away})))
	f.value(at(away, 40), "k")
}

// A version that was altered is not carried on, and the secret stays where it is.
func TestMoveSecret_damagedVersion(t *testing.T) {
	f := newFixture(t)
	made := f.long(40)
	payloads := f.keysWith("data/payload/")
	damaged := payloads[len(payloads)-1]
	_, err := f.engine.Update(f.ctx(), func(txn storage.Txn) error { return txn.Put(storage.Key(damaged), []byte("\x01altered")) })
	f.must(err)
	f.check(f.tryMove(f.root, db, away), sealed.ErrIntegrity)
	f.check(only(f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: away})), sealed.ErrIntegrity)
	f.swept("leftover/")
	if n := f.payloadsIn("namespaces/other"); n != 0 {
		t.Errorf("%d payloads were left", n)
	}
	s, err := f.UpdateSecret(f.ctx(), f.root, secrets.UpdateSecret{Secret: secrets.Secret{Name: db, Meta: secrets.Meta{Description: "x"}}})
	if err != nil || s.UID != made.UID {
		t.Errorf("UpdateSecret = %+v, %v", s, err)
	}
}

// What was used lately is not unused under its new name.
func TestMoveSecret_lastAccess(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "v")
	f.pass(10 * time.Hour)
	f.value(at(db, 1), "k")
	f.move(db, away)
	f.storeAccesses()
	for name, want := range map[string]time.Time{away: f.now().Truncate(time.Hour), f.copied(away, db): {}} {
		if s, err := f.GetSecret(f.ctx(), f.root, name); err != nil || !s.LastAccessTime.Equal(want) {
			t.Errorf("%s was accessed at %v, %v; want %v", name, s.LastAccessTime, err, want)
		}
	}
}

// copied copies a secret and returns the name of the copy.
func (f *fixture) copied(name, to string) string {
	f.t.Helper()
	s, err := f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: name, Destination: to})
	f.must(err)
	return s.Name
}
