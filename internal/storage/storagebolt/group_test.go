package storagebolt_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
)

// inGroup opens an engine in a bubble of synctest, holds its first update inside fn, lets start begin others, and lets
// them all go on once every one of them waits: they form one group with the first.
func inGroup(t *testing.T, start func(t *testing.T, e *storagebolt.Engine, wg *sync.WaitGroup), check func(*testing.T, *storagebolt.Engine)) {
	path := filepath.Join(t.TempDir(), "coffer.db")
	synctest.Test(t, func(t *testing.T) {
		e := open(t, storagebolt.Config{Path: path, NoSync: true})
		var wg sync.WaitGroup
		release := make(chan struct{})
		wg.Go(func() {
			rev, err := e.Update(t.Context(), func(txn storage.Txn) error {
				<-release
				return txn.Put("first", []byte("1"))
			})
			if rev != 1 || err != nil {
				t.Errorf("first Update() = %d, %v, want 1", rev, err)
			}
		})
		synctest.Wait()
		start(t, e, &wg)
		synctest.Wait()
		release <- struct{}{}
		wg.Wait()
		check(t, e)
		closeEngine(t, e)
	})
}

func keys(t *testing.T, e *storagebolt.Engine) map[storage.Key]storage.Revision {
	t.Helper()
	got := map[storage.Key]storage.Revision{}
	err := e.View(t.Context(), func(r storage.Reader) error {
		records, err := r.Range("", "", storage.MaxRange)
		for _, record := range records {
			got[record.Key] = record.Revision
		}
		return err
	})
	if err != nil {
		t.Errorf("View() = %v, want nil", err)
	}
	return got
}

func TestGroup_failingAmongSucceeding(t *testing.T) {
	errFn := errors.New("fn says no")
	inGroup(t, func(t *testing.T, e *storagebolt.Engine, wg *sync.WaitGroup) {
		for i := range 6 {
			wg.Go(func() {
				rev, err := e.Update(t.Context(), func(txn storage.Txn) error {
					// A member sees those before it, which nobody else does until the group is committed.
					if i > 0 {
						if _, err := txn.Get("first"); err != nil {
							t.Errorf("Get(first) of member %d = %v, want nil", i, err)
						}
					}
					if _, err := txn.Get(storage.Key(fmt.Sprint(i - 1))); (err == nil) != (i%2 == 1) {
						t.Errorf("Get() of the write of member %d = %v", i-1, err)
					}
					_ = e.View(t.Context(), func(r storage.Reader) error {
						if r.Revision() != 0 {
							t.Errorf("Revision() before the commit = %d, want 0", r.Revision())
						}
						return nil
					})
					if err := txn.Put(storage.Key(fmt.Sprint(i)), nil); err != nil || i%2 == 0 {
						return err
					}
					return errFn
				})
				if want := storage.Revision(2 + i/2); i%2 == 0 && (rev != want || err != nil) {
					t.Errorf("Update() of member %d = %d, %v, want %d", i, rev, err, want)
				}
				if i%2 == 1 && !errors.Is(err, errFn) {
					t.Errorf("Update() of member %d = %v, want %v", i, err, errFn)
				}
			})
			synctest.Wait() // in this order
		}
	}, func(t *testing.T, e *storagebolt.Engine) {
		want := map[storage.Key]storage.Revision{"first": 1, "0": 2, "2": 3, "4": 4}
		if diff := cmp.Diff(want, keys(t, e)); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	})
}

func TestGroup_overwritesAndDeletesWithin(t *testing.T) {
	inGroup(t, func(t *testing.T, e *storagebolt.Engine, wg *sync.WaitGroup) {
		for i, fn := range []func(storage.Txn) error{
			func(txn storage.Txn) error { return errors.Join(txn.Put("a", nil), txn.Put("b", nil)) },
			func(txn storage.Txn) error { return errors.Join(txn.Delete("a"), txn.Delete("first")) },
			func(txn storage.Txn) error { return txn.Delete("a") }, // gone already: no write
			func(txn storage.Txn) error { return txn.Put("b", nil) },
		} {
			wg.Go(func() {
				rev, err := e.Update(t.Context(), fn)
				if want := []storage.Revision{2, 3, 3, 4}[i]; rev != want || err != nil {
					t.Errorf("Update() of member %d = %d, %v, want %d", i, rev, err, want)
				}
			})
			synctest.Wait()
		}
	}, func(t *testing.T, e *storagebolt.Engine) {
		if diff := cmp.Diff(map[storage.Key]storage.Revision{"b": 4}, keys(t, e)); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
		want := []storage.Event{
			{Key: "first", Revision: 1},
			{Key: "a", Revision: 2},
			{Key: "b", Revision: 2},
			{Key: "a", Revision: 3, Deleted: true},
			{Key: "first", Revision: 3, Deleted: true},
			{Key: "b", Revision: 4},
		}
		for from := range want { // also from the middle of a group
			var got []storage.Event
			after := want[from].Revision - 1
			for event, err := range e.Watch(t.Context(), "", after) {
				if err != nil {
					t.Fatalf("Watch(%d) = %v", after, err)
				}
				if got = append(got, event); event.Revision == 4 {
					break
				}
			}
			if diff := cmp.Diff(want[len(want)-len(got):], got); diff != "" || got[0].Revision != after+1 {
				t.Errorf("Watch(%d) (-want +got):\n%s", after, diff)
			}
		}
	})
}

func TestGroup_cancelledWhileWaiting(t *testing.T) {
	inGroup(t, func(t *testing.T, e *storagebolt.Engine, wg *sync.WaitGroup) {
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() {
			_, err := e.Update(ctx, func(storage.Txn) error { t.Error("fn of a cancelled member was called"); return nil })
			left <- err
		}()
		wg.Go(func() { put(t, e, "other", nil) })
		synctest.Wait()
		cancel()
		if err := <-left; !errors.Is(err, context.Canceled) { // while the group is still held
			t.Errorf("Update() = %v, want %v", err, context.Canceled)
		}
	}, func(t *testing.T, e *storagebolt.Engine) {
		if diff := cmp.Diff(map[storage.Key]storage.Revision{"first": 1, "other": 2}, keys(t, e)); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	})
}

func TestGroup_panicAmongSucceeding(t *testing.T) {
	inGroup(t, func(t *testing.T, e *storagebolt.Engine, wg *sync.WaitGroup) {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != "fn panics" {
					t.Errorf("recover() = %v, want the panic of fn", p)
				}
			}()
			_, _ = e.Update(t.Context(), func(txn storage.Txn) error {
				_ = txn.Put("lost", nil)
				panic("fn panics")
			})
		})
		wg.Go(func() { put(t, e, "other", nil) })
	}, func(t *testing.T, e *storagebolt.Engine) {
		if diff := cmp.Diff(map[storage.Key]storage.Revision{"first": 1, "other": 2}, keys(t, e)); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	})
}

// TestUpdate_fnEndsItsGoroutine is what t.FailNow inside fn does.
func TestUpdate_fnEndsItsGoroutine(t *testing.T) {
	e := open(t, storagebolt.Config{Path: filepath.Join(t.TempDir(), "coffer.db"), NoSync: true})
	_, err := e.Update(t.Context(), func(txn storage.Txn) error {
		_ = txn.Put("lost", nil)
		runtime.Goexit()
		return nil
	})
	if err == nil {
		t.Error("Update() whose fn does not return = nil, want an error")
	}
	put(t, e, "a", nil)
	if diff := cmp.Diff(map[storage.Key]storage.Revision{"a": 1}, keys(t, e)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestClose_commitsWhoWaits(t *testing.T) {
	inGroup(t, func(t *testing.T, e *storagebolt.Engine, wg *sync.WaitGroup) {
		wg.Go(func() { put(t, e, "waiting", nil) })
		synctest.Wait()
		go e.Close()
		synctest.Wait()
		if _, err := e.Update(t.Context(), func(storage.Txn) error { return nil }); !errors.Is(err, storage.ErrClosed) {
			t.Errorf("Update() of a closing engine = %v, want %v", err, storage.ErrClosed)
		}
	}, func(*testing.T, *storagebolt.Engine) {})
}
