package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/storage"
)

const (
	writers = 8
	rounds  = 40 // updates of each writer
)

// testCounter loses no increment, and keeps of fn's runs only what the last one saw.
func testCounter(t *testing.T, e storage.Engine) {
	seen := make([][]int, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for range rounds {
				var before int
				_, err := e.Update(t.Context(), func(txn storage.Txn) error {
					before = 0
					got, err := txn.Get("counter")
					if err == nil {
						before, err = strconv.Atoi(string(got.Value))
					} else if errors.Is(err, storage.ErrNotFound) {
						err = nil
					}
					return errors.Join(err, txn.Put("counter", strconv.AppendInt(nil, int64(before+1), 10)))
				})
				if err != nil {
					t.Errorf("Update() = %v, want nil", err)
				}
				seen[w] = append(seen[w], before)
			}
		})
	}
	wg.Wait()
	got := slices.Sorted(slices.Values(slices.Concat(seen...)))
	for want, before := range got {
		if before != want {
			t.Fatalf("increments saw %v, want each number from 0 once", got)
		}
	}
	wantContents(t, e, record("counter", strconv.Itoa(writers*rounds), writers*rounds))
}

func testRevisionOfItsOwn(t *testing.T, e storage.Engine) {
	revisions := make([][]storage.Revision, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range rounds {
				key := storage.Key(fmt.Sprintf("%d/%d", w, i))
				rev, err := e.Update(t.Context(), func(txn storage.Txn) error { return txn.Put(key, nil) })
				if err != nil {
					t.Errorf("Update() = %v, want nil", err)
				}
				err = e.View(t.Context(), func(r storage.Reader) error {
					got, err := r.Get(key)
					if got.Revision != rev || r.Revision() < rev {
						t.Errorf("Get(%s).Revision = %d at %d, want %d, which Update returned", key, got.Revision, r.Revision(), rev)
					}
					return err
				})
				if err != nil {
					t.Errorf("View() of an acknowledged write = %v, want nil", err)
				}
				revisions[w] = append(revisions[w], rev)
			}
		})
	}
	wg.Wait()
	got := slices.Sorted(slices.Values(slices.Concat(revisions...)))
	for i, rev := range got {
		if rev != storage.Revision(i+1) {
			t.Fatalf("revisions = %v, want each from 1 once", got)
		}
	}
}

// testWriteSkew proves that what a transaction read still holds when it commits, also what it read as absent.
func testWriteSkew(t *testing.T, e storage.Engine) {
	for round := range rounds {
		pair := [2]storage.Key{storage.Key(fmt.Sprintf("%d/a", round)), storage.Key(fmt.Sprintf("%d/b", round))}
		var wg sync.WaitGroup
		for i := range pair {
			wg.Go(func() {
				_, err := e.Update(t.Context(), func(txn storage.Txn) error {
					if _, err := txn.Get(pair[1-i]); !errors.Is(err, storage.ErrNotFound) {
						return err
					}
					return txn.Put(pair[i], nil)
				})
				if err != nil {
					t.Errorf("Update() = %v, want nil", err)
				}
			})
		}
		wg.Wait()
	}
	if records, _ := contents(t, e); len(records) != rounds {
		t.Errorf("%d records, want %d: one of each pair", len(records), rounds)
	}
}

// testSnapshotIsolation moves amounts between accounts while readers add them up.
func testSnapshotIsolation(t *testing.T, e storage.Engine) {
	accounts := manyKeys(10)
	update(t, e, func(txn storage.Txn) (err error) {
		for _, key := range accounts {
			err = errors.Join(err, txn.Put(key, []byte("100")))
		}
		return err
	})
	ctx, stop := context.WithCancel(t.Context())
	var readers, movers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for ctx.Err() == nil {
				if err := e.View(t.Context(), func(r storage.Reader) error { return checkSum(r, accounts) }); err != nil {
					t.Errorf("View() = %v, want nil", err)
					return
				}
			}
		})
	}
	for w := range writers {
		movers.Go(func() {
			for i := range rounds {
				from, to := accounts[(w+i)%10], accounts[(w*3+i*7+1)%10]
				if _, err := e.Update(t.Context(), func(txn storage.Txn) error { return move(txn, from, to) }); err != nil {
					t.Errorf("Update() = %v, want nil", err)
				}
			}
		})
	}
	movers.Wait()
	stop()
	readers.Wait()
	view(t, e, func(r storage.Reader) error { return checkSum(r, accounts) })
}

func move(txn storage.Txn, from, to storage.Key) error {
	for i, key := range []storage.Key{from, to} {
		got, err := txn.Get(key)
		if err != nil {
			return err
		}
		amount, err := strconv.Atoi(string(got.Value))
		if err != nil {
			return err
		}
		if err := txn.Put(key, strconv.AppendInt(nil, int64(amount-1+2*i), 10)); err != nil {
			return err
		}
	}
	return nil
}

// checkSum reads each account twice, by Range and by Get.
func checkSum(r storage.Reader, accounts []storage.Key) error {
	rev := r.Revision()
	records, err := r.Range("key/", "", storage.MaxRange)
	if err != nil {
		return err
	}
	sum := 0
	for i, key := range accounts {
		got, err := r.Get(key)
		if err != nil {
			return err
		}
		if !equalRecords(got, records[i]) || got.Revision > rev {
			return fmt.Errorf("Get(%s) = %v, Range() = %v at revision %d", key, got, records[i], rev)
		}
		amount, err := strconv.Atoi(string(got.Value))
		if err != nil {
			return err
		}
		sum += amount
	}
	if want := 100 * len(accounts); sum != want || r.Revision() != rev {
		return fmt.Errorf("sum = %d at revision %d, then %d, want %d at one revision", sum, rev, r.Revision(), want)
	}
	return nil
}

func testFailingAmongSucceeding(t *testing.T, e storage.Engine) {
	errFn := errors.New("fn says no")
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range rounds {
				fails := (w+i)%3 == 0
				_, err := e.Update(t.Context(), func(txn storage.Txn) error {
					if err := txn.Put(storage.Key(fmt.Sprintf("%v/%d/%d", fails, w, i)), nil); err != nil {
						return err
					}
					if fails {
						return errFn
					}
					return nil
				})
				if errors.Is(err, errFn) != fails || (err == nil) == fails {
					t.Errorf("Update(fails: %v) = %v", fails, err)
				}
			}
		})
	}
	wg.Wait()
	view(t, e, func(r storage.Reader) error {
		failed, err := r.Range("true/", "", storage.MaxRange)
		if len(failed) != 0 {
			t.Errorf("%d records of failed transactions, want none", len(failed))
		}
		succeeded, _ := r.Range("false/", "", storage.MaxRange)
		if storage.Revision(len(succeeded)) != r.Revision() {
			t.Errorf("%d records at revision %d, want as many", len(succeeded), r.Revision())
		}
		return err
	})
}

func testCancellation(t *testing.T, e storage.Engine) {
	put(t, e, "a", "1")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	fail := func(storage.Txn) error { t.Error("fn was called with an ended context"); return nil }
	_, err := e.Update(cancelled, fail)
	wantError(t, "Update() with an ended context", err, context.Canceled)
	err = e.View(cancelled, func(storage.Reader) error { t.Error("fn was called with an ended context"); return nil })
	wantError(t, "View() with an ended context", err, context.Canceled)

	during, cancel := context.WithCancel(t.Context())
	_, err = e.Update(during, func(txn storage.Txn) error {
		cancel()
		return txn.Put("a", []byte("2"))
	})
	wantError(t, "Update() whose context ends in fn", err, context.Canceled)
	wantContents(t, e, record("a", "1", 1))

	// Among others, and at any moment: whoever is told of the end has written nothing.
	var wg sync.WaitGroup
	var mu sync.Mutex
	var want []storage.Key
	for i := range writers * rounds {
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			key := storage.Key(fmt.Sprintf("b/%06d", i))
			_, err := e.Update(ctx, func(txn storage.Txn) error { return txn.Put(key, nil) })
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				want = append(want, key)
			} else if !errors.Is(err, context.Canceled) {
				t.Errorf("Update() = %v, want %v", err, context.Canceled)
			}
		})
		if i%2 == 0 {
			wg.Go(cancel)
		} else {
			defer cancel()
		}
	}
	wg.Wait()
	var got []storage.Key
	view(t, e, func(r storage.Reader) error {
		records, err := r.Range("b/", "", storage.MaxRange)
		for _, record := range records {
			got = append(got, record.Key)
		}
		return err
	})
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records of acknowledged updates (-want +got):\n%s", diff)
	}
}

func testPanic(t *testing.T, e storage.Engine) {
	panics := func() (p any) {
		defer func() { p = recover() }()
		_, err := e.Update(t.Context(), func(txn storage.Txn) error {
			_ = txn.Put("lost", nil)
			panic("fn panics")
		})
		t.Errorf("Update() = %v, want the panic of fn", err)
		return nil
	}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			if p := panics(); p != "fn panics" {
				t.Errorf("recover() = %v, want the panic of fn", p)
			}
		})
		wg.Go(func() {
			_, err := e.Update(t.Context(), func(txn storage.Txn) error { return txn.Put("kept", []byte(strconv.Itoa(w))) })
			if err != nil {
				t.Errorf("Update() beside one that panics = %v, want nil", err)
			}
		})
	}
	wg.Wait()
	func() {
		defer func() {
			if p := recover(); p != "fn panics" {
				t.Errorf("recover() of a View = %v, want the panic of fn", p)
			}
		}()
		_ = e.View(t.Context(), func(storage.Reader) error { panic("fn panics") })
	}()
	records, rev := contents(t, e)
	if len(records) != 1 || records[0].Key != "kept" || rev != writers {
		t.Errorf("records = %v at revision %d, want kept at %d", records, rev, writers)
	}
}
