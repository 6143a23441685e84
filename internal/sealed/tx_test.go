package sealed_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

func TestTx_seesItsOwnWrites(t *testing.T) {
	f := newFixture(t)
	f.put(t, acme, "ns/1", "one")
	rev := f.update(t, func(tx *sealed.Tx) error {
		msg := new(wrapperspb.StringValue)
		if err := tx.Put(kindText, acme, "ns/1", wrapperspb.String("new")); err != nil {
			return err
		}
		if rev, err := tx.Get(kindText, acme, "ns/1", msg); err != nil || rev != 0 || msg.GetValue() != "new" {
			t.Errorf("Get after Put = %d, %v with %q, want 0 with new", rev, err, msg.GetValue())
		}
		want := plaintext.Payload{"password": text("p")}
		if err := tx.PutPayload(kindPayload, acme, "p", want); err != nil {
			return err
		}
		if got, err := tx.GetPayload(kindPayload, acme, "p"); err != nil || !got.Equal(want) {
			t.Errorf("GetPayload after PutPayload: another payload, %v", err)
		}
		tx.Delete("ns/1")
		if _, err := tx.Get(kindText, acme, "ns/1", msg); !errors.Is(err, sealed.ErrNotFound) {
			t.Errorf("Get after Delete: %v, want ErrNotFound", err)
		}
		if _, err := tx.Exists("ns/1"); !errors.Is(err, sealed.ErrNotFound) {
			t.Errorf("Exists after Delete: %v, want ErrNotFound", err)
		}
		return tx.Put(kindText, acme, "ns/1", wrapperspb.String("newest"))
	})
	if got, err := f.get(t, kindText, acme, "ns/1"); err != nil || got != "newest" {
		t.Errorf("Get after the commit = %q, %v, want newest", got, err)
	}
	f.update(t, func(tx *sealed.Tx) error {
		if got, err := tx.Exists("ns/1"); err != nil || got != rev {
			t.Errorf("Exists = %d, %v, want %d, which Update returned", got, err, rev)
		}
		return nil
	})
}

func TestTx_recordIsTheCallers(t *testing.T) {
	f := newFixture(t)
	f.update(t, func(tx *sealed.Tx) error {
		if err := tx.Put(kindText, acme, "ns/1", wrapperspb.String("one")); err != nil {
			return err
		}
		rec, err := tx.Record("ns/1")
		if err != nil {
			return err
		}
		if err := tx.Open(kindText, acme, rec, new(wrapperspb.StringValue)); err != nil {
			return err
		}
		clear(rec.Value)
		return nil
	})
	if got, err := f.get(t, kindText, acme, "ns/1"); err != nil || got != "one" {
		t.Errorf("Get = %q, %v: changing what Record returned changed what was written", got, err)
	}
}

func TestUpdate_errorWritesNothing(t *testing.T) {
	f := newFixture(t)
	before := f.put(t, acme, "ns/1", "one")
	refused := errors.New("refused")
	_, err := f.Update(t.Context(), func(tx *sealed.Tx) error {
		tx.Delete("ns/1")
		return refused
	})
	if err != refused {
		t.Errorf("Update: %v, want the error of fn as it is", err)
	}
	rev, err := f.Update(t.Context(), func(tx *sealed.Tx) error {
		_, err := tx.Exists("ns/1")
		return err
	})
	if err != nil || rev != before {
		t.Errorf("Update without a write = %d, %v, want revision %d, unmoved", rev, err, before)
	}
}

func TestUpdate_retriesOnConflict(t *testing.T) {
	f := newFixture(t)
	f.put(t, acme, "read", "0")
	f.put(t, acme, "deleted", "0")
	for name, interfere := range map[string]func(*sealed.Tx) error{
		"changed":   func(tx *sealed.Tx) error { return tx.Put(kindText, acme, "read", wrapperspb.String("1")) },
		"appeared":  func(tx *sealed.Tx) error { return tx.Put(kindText, acme, "absent", wrapperspb.String("1")) },
		"vanished":  func(tx *sealed.Tx) error { tx.Delete("deleted"); return nil },
		"unrelated": func(tx *sealed.Tx) error { return tx.Put(kindText, acme, "other", wrapperspb.String("1")) },
	} {
		t.Run(name, func(t *testing.T) {
			engine := storagetest.NewFaulty(f.engine)
			interfered := false
			engine.Set(storagetest.Faults{Update: func() error {
				if interfered {
					return nil
				}
				interfered = true
				f.update(t, interfere)
				return nil
			}})
			runs := 0
			_, err := f.over(engine).Update(t.Context(), func(tx *sealed.Tx) error {
				runs++
				for _, key := range []storage.Key{"read", "absent", "deleted"} {
					if _, err := tx.Exists(key); err != nil && !errors.Is(err, sealed.ErrNotFound) {
						return err
					}
				}
				return tx.Put(kindText, acme, "written", wrapperspb.String(name))
			})
			want := 2
			if name == "unrelated" {
				want = 1
			}
			if err != nil || runs != want {
				t.Errorf("Update ran fn %d times, %v, want %d", runs, err, want)
			}
		})
	}
}

func TestUpdate_conflictsUntilContextEnds(t *testing.T) {
	f := newFixture(t)
	f.put(t, acme, "counter", "0")
	ctx, cancel := context.WithCancel(t.Context())
	engine := storagetest.NewFaulty(f.engine)
	runs := 0
	engine.Set(storagetest.Faults{Update: func() error {
		f.put(t, acme, "counter", fmt.Sprint(runs))
		if runs == 8 {
			cancel()
		}
		return nil
	}})
	_, err := f.over(engine).Update(ctx, func(tx *sealed.Tx) error {
		runs++
		if _, err := tx.Exists("counter"); err != nil {
			return err
		}
		return tx.Put(kindText, acme, "counter", wrapperspb.String("mine"))
	})
	if !errors.Is(err, context.Canceled) || runs != 8 {
		t.Errorf("Update gave up after %d runs: %v, want Canceled after 8", runs, err)
	}
	if got, _ := f.get(t, kindText, acme, "counter"); got != "8" {
		t.Errorf("the counter is %q, want the rival's 8", got)
	}
}

func TestUpdate_noLostUpdates(t *testing.T) {
	f := newFixture(t)
	const writers, each = 8, 20
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				_, err := f.Update(t.Context(), func(tx *sealed.Tx) error {
					counter := new(wrapperspb.Int64Value)
					_, err := tx.Get(kindText, acme, "counter", counter)
					if err != nil && !errors.Is(err, sealed.ErrNotFound) {
						return err
					}
					return tx.Put(kindText, acme, "counter", wrapperspb.Int64(counter.GetValue()+1))
				})
				if err != nil {
					t.Errorf("Update: %v", err)
				}
			}
		})
	}
	wg.Wait()
	counter := new(wrapperspb.Int64Value)
	f.update(t, func(tx *sealed.Tx) error {
		_, err := tx.Get(kindText, acme, "counter", counter)
		return err
	})
	if got := counter.GetValue(); got != writers*each {
		t.Errorf("the counter is %d after %d increments", got, writers*each)
	}
}

func TestUpdate_engineRerunsCommit(t *testing.T) {
	f := newFixture(t)
	engine := storagetest.NewFaulty(f.engine)
	engine.Set(storagetest.Faults{Reruns: 3})
	runs := 0
	_, err := f.over(engine).Update(t.Context(), func(tx *sealed.Tx) error {
		runs++
		return tx.Put(kindText, acme, "ns/1", wrapperspb.String("one"))
	})
	if err != nil || runs != 1 {
		t.Errorf("Update ran fn %d times, %v, want once: nothing is encrypted inside the engine's transaction", runs, err)
	}
	if got, err := f.get(t, kindText, acme, "ns/1"); err != nil || got != "one" {
		t.Errorf("Get = %q, %v, want one", got, err)
	}
}

func TestFaults_passThrough(t *testing.T) {
	f := newFixture(t)
	f.put(t, acme, "ns/1", "one")
	broken := func() error { return storage.ErrUnavailable }
	for name, faults := range map[string]storagetest.Faults{
		"view":      {View: broken},
		"read":      {Read: func(storage.Record) (storage.Record, error) { return storage.Record{}, storage.ErrUnavailable }},
		"update":    {Update: broken},
		"committed": {Committed: func(storage.Revision) error { return storage.ErrUnavailable }},
	} {
		t.Run(name, func(t *testing.T) {
			engine := storagetest.NewFaulty(f.engine)
			engine.Set(faults)
			_, err := f.over(engine).Update(t.Context(), func(tx *sealed.Tx) error {
				if _, err := tx.Get(kindText, acme, "ns/1", new(wrapperspb.StringValue)); err != nil {
					return err
				}
				return tx.Put(kindText, acme, "ns/1", wrapperspb.String("two"))
			})
			if !errors.Is(err, storage.ErrUnavailable) || errors.Is(err, sealed.ErrNotFound) || errors.Is(err, sealed.ErrIntegrity) {
				t.Errorf("Update: %v, want ErrUnavailable alone", err)
			}
		})
	}
}

func TestFaults_swappedRecords(t *testing.T) {
	f := newFixture(t)
	f.put(t, acme, "ns/1", "one")
	engine := storagetest.NewFaulty(f.engine)
	other := f.raw(t, keyring.KeysetKey(globex))
	engine.Set(storagetest.Faults{Read: func(rec storage.Record) (storage.Record, error) {
		rec.Value = other
		return rec, nil
	}})
	_, err := f.over(engine).Update(t.Context(), func(tx *sealed.Tx) error {
		_, err := tx.Get(kindText, acme, "ns/1", new(wrapperspb.StringValue))
		return err
	})
	expectIntegrity(t, err, "swapped by the engine")
}

func TestUpdate_limits(t *testing.T) {
	f := newFixture(t)
	_, err := f.Update(t.Context(), func(tx *sealed.Tx) error {
		for i := range storage.MaxTxnOps + 1 {
			if err := tx.Put(kindText, acme, storage.Key(fmt.Sprint("ns/", i)), wrapperspb.String("one")); err != nil {
				return err
			}
		}
		return nil
	})
	if !errors.Is(err, storage.ErrLimit) {
		t.Errorf("Update of too many records: %v, want ErrLimit", err)
	}
	if _, err := f.get(t, kindText, acme, "ns/0"); !errors.Is(err, sealed.ErrNotFound) {
		t.Errorf("Get of one of them: %v, want ErrNotFound", err)
	}
}

func TestKeyset_usableInItsOwnTransaction(t *testing.T) {
	f := newFixture(t)
	f.update(t, func(tx *sealed.Tx) error {
		if err := tx.NewKeyset("uid-new"); err != nil {
			return err
		}
		return tx.Put(kindText, "uid-new", "ns/1", wrapperspb.String("one"))
	})
	if got, err := f.get(t, kindText, "uid-new", "ns/1"); err != nil || got != "one" {
		t.Errorf("Get = %q, %v, want one", got, err)
	}
}

func TestKeyset_neverReplaced(t *testing.T) {
	f := newFixture(t)
	_, err := f.Update(t.Context(), func(tx *sealed.Tx) error { return tx.NewKeyset(acme) })
	if !errors.Is(err, sealed.ErrKeysetExists) {
		t.Errorf("NewKeyset of a namespace that has one: %v, want ErrKeysetExists", err)
	}

	// Two transactions that create the same namespace: the second finds the keyset of the first.
	engine := storagetest.NewFaulty(f.engine)
	first := true
	engine.Set(storagetest.Faults{Update: func() error {
		if first {
			first = false
			f.update(t, func(tx *sealed.Tx) error { return tx.NewKeyset("uid-new") })
		}
		return nil
	}})
	_, err = f.over(engine).Update(t.Context(), func(tx *sealed.Tx) error { return tx.NewKeyset("uid-new") })
	if !errors.Is(err, sealed.ErrKeysetExists) {
		t.Errorf("NewKeyset of a namespace just created: %v, want ErrKeysetExists", err)
	}
}

func TestKeyset_destroyed(t *testing.T) {
	f := newFixture(t)
	f.put(t, acme, "ns/1", "one")
	f.update(t, func(tx *sealed.Tx) error {
		tx.DeleteKeyset(acme)
		if err := tx.Put(kindText, acme, "ns/2", wrapperspb.String("two")); !errors.Is(err, sealed.ErrNoKeyset) {
			t.Errorf("Put after DeleteKeyset: %v, want ErrNoKeyset", err)
		}
		return nil
	})
	_, err := f.get(t, kindText, acme, "ns/1")
	expectIntegrity(t, err, "whose keyset was destroyed")
	if !errors.Is(err, sealed.ErrNoKeyset) {
		t.Errorf("Get after DeleteKeyset: %v, want ErrNoKeyset too", err)
	}
	_, err = f.Update(t.Context(), func(tx *sealed.Tx) error {
		return tx.Put(kindText, acme, "ns/2", wrapperspb.String("two"))
	})
	if !errors.Is(err, sealed.ErrNoKeyset) {
		t.Errorf("Put after DeleteKeyset: %v, want ErrNoKeyset", err)
	}
}

func TestKeyset_reserved(t *testing.T) {
	f := newFixture(t)
	for name, fn := range map[string]func(*sealed.Tx) error{
		"put":    func(tx *sealed.Tx) error { return tx.Put(kindText, acme, "keyring/root", wrapperspb.String("one")) },
		"delete": func(tx *sealed.Tx) error { tx.Delete(keyring.KeysetKey(acme)); return nil },
		"system": func(tx *sealed.Tx) error { tx.DeleteKeyset(keyring.System); return nil },
	} {
		if _, err := f.Update(t.Context(), fn); !errors.Is(err, sealed.ErrReserved) {
			t.Errorf("%s: %v, want ErrReserved", name, err)
		}
	}
	if _, err := f.get(t, kindText, keyring.System, "absent"); !errors.Is(err, sealed.ErrNotFound) {
		t.Errorf("Get afterwards: %v, want ErrNotFound", err)
	}
}
