package secrets_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// failAt makes the n-th write from now fail, and none after.
func (f *fixture) failAt(n int) {
	var writes atomic.Int64 // what runs in the background writes too
	f.engine.Set(storagetest.Faults{Update: func() error {
		if writes.Add(1) == int64(n) {
			return storage.ErrUnavailable
		}
		return nil
	}})
}

// swept checks that a sweep leaves nothing with the text in its key, and no mark.
func (f *fixture) swept(text string) {
	f.t.Helper()
	f.check(secrets.SweepLeftovers(f.Service, f.ctx()), nil)
	if left := append(f.keysWith(text), f.keysWith("leftover/")...); len(left) > 0 {
		f.t.Errorf("after the sweep the store still has %q", left)
	}
}

// A purge that stopped anywhere is finished without anybody's doing.
func TestSweep_purge(t *testing.T) {
	for failing := 2; failing <= 4; failing++ {
		t.Run(fmt.Sprintf("write %d fails", failing), func(t *testing.T) {
			f := newFixture(t)
			made := f.secret(db, "k", "0")
			for i := range 70 {
				f.add(db, "k", fmt.Sprint(i+1))
			}
			f.project(f.root, etl, env("db", "k", "K"))
			gone := f.drop(db)
			f.failAt(failing)
			f.check(erred(f.PurgeSecret(f.ctx(), f.root, gone, true, false)), storage.ErrUnavailable)
			f.swept(made.UID)
			_, err := f.GetSecret(f.ctx(), f.root, gone)
			f.check(err, secrets.ErrNotFound)
		})
	}
}

// What was forced once need not be forced again, early as it may be.
func TestPurgeSecret_retriedWithoutForce(t *testing.T) {
	f := newFixture(t)
	made := f.secret(db, "k", "v")
	gone := f.drop(db)
	f.failAt(2)
	f.check(erred(f.PurgeSecret(f.ctx(), f.root, gone, true, false)), storage.ErrUnavailable)
	f.check(erred(f.PurgeSecret(f.ctx(), f.root, gone, false, false)), nil)
	f.swept(made.UID)
}

func TestSweep_tokens(t *testing.T) {
	for failing := 2; failing <= 4; failing++ {
		t.Run(fmt.Sprintf("write %d fails", failing), func(t *testing.T) {
			f := newFixture(t)
			const name = "namespaces/acme/serviceAccounts/etl"
			f.account(name)
			made, err := f.GetServiceAccount(f.ctx(), f.root, name)
			f.must(err)
			for range 70 {
				_, err := f.CreateToken(f.ctx(), f.root, secrets.CreateToken{Parent: name})
				f.must(err)
			}
			f.failAt(failing)
			f.check(erred(f.DeleteServiceAccount(f.ctx(), f.root, name, "", false)), storage.ErrUnavailable)
			f.swept(made.UID)
		})
	}
}

func TestSweep_nothing(t *testing.T) {
	f := newFixture(t)
	gone := f.secret(db, "k", "v")
	f.account("namespaces/acme/serviceAccounts/etl")
	f.must(erred(f.DeleteServiceAccount(f.ctx(), f.root, "namespaces/acme/serviceAccounts/etl", "", false)))
	f.must(erred(f.PurgeSecret(f.ctx(), f.root, f.drop(db), true, false)))
	before := f.revision()
	f.swept(gone.UID)
	if after := f.revision(); after != before {
		t.Errorf("a sweep of nothing moved the store from revision %d to %d", before, after)
	}
}

// A mark that an engine moved or made erases nothing, and keeps no other from being seen to.
func TestSweep_forgedMark(t *testing.T) {
	f := newFixture(t)
	made := f.secret(db, "k", "v")
	other := f.secret("namespaces/acme/secrets/other", "k", "v")
	gone := f.drop(db)
	f.failAt(2)
	f.check(erred(f.PurgeSecret(f.ctx(), f.root, gone, true, false)), storage.ErrUnavailable)
	marks := f.keysWith("leftover/")
	if len(marks) != 1 {
		t.Fatalf("the marks are %q, want one", marks)
	}
	forged := storage.Key(marks[0][:len(marks[0])-len(made.UID)] + other.UID)
	_, err := f.engine.Update(f.ctx(), func(txn storage.Txn) error {
		record, err := txn.Get(storage.Key(marks[0]))
		if err != nil {
			return err
		}
		return txn.Put(forged, record.Value)
	})
	f.must(err)
	f.check(secrets.SweepLeftovers(f.Service, f.ctx()), sealed.ErrIntegrity)
	if left := f.keysWith(made.UID); len(left) > 0 {
		t.Errorf("the store still has %q", left)
	}
	if got := f.value(at(other.Name, 1), "k"); got != "v" {
		t.Errorf("the secret that a forged mark names delivers %q", got)
	}
}
