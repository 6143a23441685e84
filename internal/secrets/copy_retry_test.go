package secrets_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
)

// copyOnce copies db elsewhere, by a request_id.
func (f *fixture) copyOnce() (secrets.Secret, error) {
	return f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: away, RequestID: aRequest})
}

// onlyCopy checks that there is one copy, of which nothing else is left, and that it was counted once; a crash leaves
// that to the count of everything.
func (f *fixture) onlyCopy(history []string, counted bool) {
	f.t.Helper()
	f.check(secrets.SweepLeftovers(f.Service, f.ctx()), nil)
	if diff := cmp.Diff(history, f.chronicle(away)); diff != "" {
		f.t.Errorf("versions (-before +after):\n%s", diff)
	}
	f.swept("leftover/")
	n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/other")
	f.must(err)
	payloads := len(f.keysWith("data/payload/" + n.UID + "/"))
	want := len(f.kept(away))
	if payloads != want || counted && (n.Usage.Secrets != 1 || n.Usage.Versions != int64(want)) {
		f.t.Errorf("usage %+v and %d payloads, want one secret with %d versions", n.Usage, payloads, want)
	}
}

// A retry answers as the first call did, whatever has become of either secret since.
func TestCopySecret_retried(t *testing.T) {
	for _, versions := range []int{0, 1, 40} {
		t.Run(fmt.Sprint(versions), func(t *testing.T) {
			f := newFixture(t)
			f.long(versions)
			history := f.chronicle(db)
			first, err := f.copyOnce()
			f.must(err)
			f.onlyCopy(history, true)
			f.add(db, "k", "since")
			f.add(away, "k", "since")
			again, err := f.copyOnce()
			if diff := cmp.Diff(first, again); err != nil || diff != "" {
				t.Errorf("retried: %v (-first +again):\n%s", err, diff)
			}
			f.drop(away)
			f.drop(db)
			again, err = f.copyOnce()
			if err != nil || again.UID != first.UID {
				t.Errorf("retried when both are gone: %+v, %v", again, err)
			}
			_, err = f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: moved, RequestID: aRequest})
			f.check(err, secrets.ErrRequestReused)
			_, err = f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: away, RequestID: "none"})
			f.invalid(err, "request_id")
			_, err = f.CopySecret(f.ctx(), user("nobody"), secrets.CopySecret{Name: db, Destination: away, RequestID: aRequest})
			f.check(err, gate.ErrDenied)
		})
	}
}

// What was tried without being written is not remembered.
func TestCopySecret_validateOnlyIsNotRemembered(t *testing.T) {
	f := newFixture(t)
	f.long(40)
	history := f.chronicle(db)
	_, err := f.CopySecret(f.ctx(), f.root, secrets.CopySecret{Name: db, Destination: away, RequestID: aRequest, ValidateOnly: true})
	f.must(err)
	f.check(only(f.GetSecret(f.ctx(), f.root, away)), secrets.ErrNotFound)
	f.must(only(f.copyOnce()))
	f.onlyCopy(history, true)
}

// Of two calls that are under way at the same time, one makes the copy, and the other answers with it.
func TestCopySecret_retriedMeanwhile(t *testing.T) {
	for versions, writes := range map[int]int{1: 1, 40: 3} {
		for between := 1; between <= writes; between++ {
			t.Run(fmt.Sprint(versions, between), func(t *testing.T) {
				f := newFixture(t)
				f.long(versions)
				history := f.chronicle(db)
				var meanwhile secrets.Secret
				f.atWrite(between, func() {
					var err error
					meanwhile, err = f.copyOnce()
					f.must(err)
				})
				got, err := f.copyOnce()
				if diff := cmp.Diff(meanwhile, got); err != nil || diff != "" {
					t.Errorf("the other call: %v (-one +other):\n%s", err, diff)
				}
				f.onlyCopy(history, true)
			})
		}
	}
}

// Whatever step the server dies in or after, a retry finds the copy or makes it.
func TestCopySecret_retriedAfterCrash(t *testing.T) {
	for _, lost := range []bool{false, true} {
		for dying := 1; dying <= 4; dying++ {
			for _, sweep := range []bool{false, true} {
				t.Run(fmt.Sprint(lost, dying, sweep), func(t *testing.T) {
					f := newFixture(t)
					f.long(40)
					history := f.chronicle(db)
					f.deadFrom(dying, lost)
					if _, err := f.copyOnce(); err != nil && !errors.Is(err, storage.ErrUnavailable) {
						t.Errorf("CopySecret = %v", err)
					}
					f.restart()
					if sweep {
						f.check(secrets.SweepLeftovers(f.Service, f.ctx()), nil)
					}
					f.must(only(f.copyOnce()))
					f.onlyCopy(history, false)
				})
			}
		}
	}
}
