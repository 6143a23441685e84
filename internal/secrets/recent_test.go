package secrets_test

import (
	"testing"

	"github.com/coffer-dev/coffer/internal/secrets"
)

// What was read a moment ago is never told for what is there now.
func TestAccess_neverStale(t *testing.T) {
	f := newFixture(t)
	f.secret(db, "k", "1")
	for i, want := range []string{"2", "3", "4"} {
		if i > 0 { // decoded before, and changed since
			f.value(at(db, "active"), "k")
		}
		f.add(db, "k", want)
		if got := f.value(at(db, "active"), "k"); got != want {
			t.Fatalf("the active version holds %q, want %q", got, want)
		}
	}
	_, err := f.ActivateSecretVersion(f.ctx(), f.root, at(db, 1), "", false)
	f.must(err)
	if got := f.value(at(db, "active"), "k"); got != "1" {
		t.Errorf("after the rollback the active version holds %q, want 1", got)
	}
	gone := f.drop(db)
	_, err = f.AccessSecretVersion(f.ctx(), f.root, at(db, "active"))
	f.check(err, secrets.ErrNotFound)
	f.secret(db, "k", "anew")
	if got := f.value(at(db, "active"), "k"); got != "anew" {
		t.Errorf("the secret created anew holds %q", got)
	}
	f.drop(db)
	_, err = f.UndeleteSecret(f.ctx(), f.root, gone, "", false)
	f.must(err)
	if got := f.value(at(db, "active"), "k"); got != "1" {
		t.Errorf("undeleted, the secret holds %q, want 1", got)
	}
}
