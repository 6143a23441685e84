package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

const month = 30 * 24 * time.Hour

// purges are the details of what the log has of purges by the server itself, oldest first, each after what was purged.
func (f *fixture) purges() (told []string) {
	f.t.Helper()
	page, err := f.log.List(f.ctx(), audit.Query{Kind: audit.KindSystem, PageSize: 1000})
	f.must(err)
	for _, e := range page.Events {
		if strings.HasSuffix(e.Action, ":purge") {
			told = append([]string{e.Resource + " " + e.Detail}, told...)
		}
	}
	return told
}

// purgeDue is a look for what is due.
func (f *fixture) purgeDue(want error) {
	f.t.Helper()
	f.check(secrets.PurgeDue(f.Service, f.ctx()), want)
}

func TestPurgeDue_bin(t *testing.T) {
	f := newFixture(t)
	made := f.secret(db, "k", "0")
	for i := range 70 {
		f.add(db, "k", fmt.Sprint(i+1))
	}
	f.project(f.root, etl, env("db", "k", "K"))
	gone := f.drop(db)
	f.pass(time.Hour)
	later := f.drop(f.secret("namespaces/acme/secrets/later", "k", "v").Name)
	stays := f.secret("namespaces/acme/secrets/stays", "k", "v")

	f.pass(month - time.Hour - 1)
	f.purgeDue(nil)
	if got := f.purges(); len(got) > 0 {
		t.Errorf("before its time it was purged: %q", got)
	}
	f.pass(1)
	f.purgeDue(nil)
	if left := append(f.keysWith(made.UID), f.keysWith("leftover/")...); len(left) > 0 {
		t.Errorf("the store still has %q", left)
	}
	if got := f.purges(); len(got) != 1 || got[0] != gone+" it was kept until 2026-02-01T03:04:05Z" {
		t.Errorf("recorded %q", got)
	}
	_, err := f.GetSecret(f.ctx(), f.root, later)
	f.check(err, nil)
	if got := f.value(at(stays.Name, 1), "k"); got != "v" {
		t.Errorf("what was not deleted delivers %q", got)
	}
	before := f.revision()
	f.purgeDue(nil)
	if after := f.revision(); after != before {
		t.Errorf("with nothing due, the store moved from revision %d to %d", before, after)
	}
}

// The bin is read in pages, and all of them.
func TestPurgeDue_pages(t *testing.T) {
	f := newFixture(t)
	for i := range 510 {
		f.drop(f.secret(fmt.Sprintf("namespaces/acme/secrets/s%d", i)).Name)
	}
	f.drop(f.secret("namespaces/other/secrets/s", "k", "v").Name)
	f.pass(month)
	f.purgeDue(nil)
	if left := f.keysWith("data/bin/"); len(left) > 0 || len(f.purges()) != 511 {
		t.Errorf("%d were purged, %d are left, want 511 and none", len(f.purges()), len(left))
	}
}

// revisions are those of all records.
func (f *fixture) revisions() map[storage.Key]storage.Revision {
	f.t.Helper()
	all := map[storage.Key]storage.Revision{}
	f.must(f.engine.View(f.ctx(), func(r storage.Reader) error {
		records, err := r.Range("", "", storage.MaxRange)
		for _, record := range records {
			all[record.Key] = record.Revision
		}
		return err
	}))
	return all
}

// What cannot be recorded is not purged, nor is the door closed on it.
func TestPurgeDue_unrecorded(t *testing.T) {
	f := newFixture(t)
	f.drop(f.secret(db, "k", "v").Name)
	_, err := f.DeleteNamespace(f.ctx(), f.root, "namespaces/other", "", false)
	f.must(err)
	f.pass(month)
	f.must(f.log.Close(context.Background()))
	before := f.revisions()
	f.purgeDue(audit.ErrUnavailable)
	if diff := cmp.Diff(before, f.revisions()); diff != "" {
		t.Errorf("the store changed (-before +after):\n%s", diff)
	}
}

// A secret that is undeleted between the look and the purge is not purged, and the log says so.
func TestPurgeDue_undeletedMeanwhile(t *testing.T) {
	f := newFixture(t)
	gone := f.drop(f.secret(db, "k", "v").Name)
	f.pass(month)
	var first atomic.Bool
	f.engine.Set(storagetest.Faults{Update: func() error {
		if first.CompareAndSwap(false, true) { // the purge is about to commit
			f.engine.Set(storagetest.Faults{})
			_, err := f.UndeleteSecret(f.ctx(), f.root, gone, "", false)
			f.check(err, nil)
		}
		return nil
	}})
	f.purgeDue(nil)
	if got := f.value(at(db, 1), "k"); got != "v" {
		t.Errorf("it delivers %q", got)
	}
	if got := f.purges(); len(got) != 2 || !strings.Contains(got[1], "not purged") {
		t.Errorf("recorded %q, want that it was not purged after all", got)
	}
	// Deleted anew, it is kept anew.
	f.drop(db)
	f.purgeDue(nil)
	_, err := f.UndeleteSecret(f.ctx(), f.root, gone, "", false)
	f.check(err, nil)
}

// However a purge and an undeletion fall together, a secret is whole or gone.
func TestPurgeDue_againstUndelete(t *testing.T) {
	f := newFixture(t)
	for i := range 20 {
		name := fmt.Sprintf("namespaces/acme/secrets/s%d", i)
		made := f.secret(name, "k", "v")
		gone := f.drop(name)
		f.pass(month)
		var undeleting error
		together(
			func() { f.purgeDue(nil) },
			func() { _, undeleting = f.UndeleteSecret(f.ctx(), f.root, gone, "", false) },
		)
		switch {
		case undeleting == nil:
			if got := f.value(at(name, 1), "k"); got != "v" {
				t.Errorf("undeleted, it delivers %q", got)
			}
		case errors.Is(undeleting, secrets.ErrNotFound), errors.Is(undeleting, secrets.ErrPrecondition):
			if left := f.keysWith(made.UID); len(left) > 0 {
				t.Errorf("purged, it leaves %q", left)
			}
		default:
			t.Errorf("undeleting = %v", undeleting)
		}
	}
}

// A purge that stopped anywhere is finished, and recorded once.
func TestPurgeDue_resumes(t *testing.T) {
	for failing := 2; failing <= 4; failing++ {
		t.Run(fmt.Sprintf("write %d fails", failing), func(t *testing.T) {
			f := newFixture(t)
			made := f.secret(db, "k", "0")
			for i := range 70 {
				f.add(db, "k", fmt.Sprint(i+1))
			}
			gone := f.drop(db)
			f.pass(month)
			f.failAt(failing)
			f.purgeDue(storage.ErrUnavailable)
			f.engine.Set(storagetest.Faults{})
			f.purgeDue(nil) // which is not what finishes it
			_, err := f.UndeleteSecret(f.ctx(), f.root, gone, "", false)
			f.check(err, secrets.ErrPrecondition)
			f.swept(made.UID)
			if got := f.purges(); len(got) != 1 {
				t.Errorf("recorded %q, want it once", got)
			}
		})
	}
}

// A record that cannot be understood keeps none of the others.
func TestPurgeDue_damaged(t *testing.T) {
	f := newFixture(t)
	bad := f.secret(db, "k", "v")
	f.drop(db)
	good := f.secret("namespaces/acme/secrets/good", "k", "v")
	f.drop(good.Name)
	f.pass(month)
	f.engine.Set(storagetest.Faults{Read: func(r storage.Record) (storage.Record, error) {
		if strings.HasPrefix(string(r.Key), "data/bin/") && strings.HasSuffix(string(r.Key), bad.UID) {
			r.Value = append([]byte(nil), r.Value...)
			r.Value[len(r.Value)-1] ^= 1
		}
		return r, nil
	}})
	f.purgeDue(sealed.ErrIntegrity)
	f.engine.Set(storagetest.Faults{})
	if left := f.keysWith(good.UID); len(left) > 0 {
		t.Errorf("the store still has %q", left)
	}
	if left := f.keysWith("data/bin/"); len(left) != 1 {
		t.Errorf("the bin has %q, want the damaged record", left)
	}
}

// At the start what is due is purged without anybody's doing.
func TestPurgeDue_atStart(t *testing.T) {
	f := newFixture(t)
	made := f.secret(db, "k", "v")
	f.drop(db)
	f.pass(month)
	f.halt()
	f.open()
	for range 1000 {
		if len(f.keysWith(made.UID)) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the store still has %q", f.keysWith(made.UID))
}
