package sealed_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/coffer-dev/coffer/internal/kek/filekek"
	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
)

const (
	kindText    sealed.Kind = "coffer/test-text/v1"
	kindPayload sealed.Kind = "coffer/test-payload/v1"
	acme                    = "uid-acme"
	globex                  = "uid-globex"
)

// fixture is a store with two namespaces, and the engine below it.
type fixture struct {
	*sealed.Store
	engine        storage.Engine
	keys          *keyring.Keyring
	path, kekPath string
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{path: filepath.Join(t.TempDir(), "store.db"), kekPath: filepath.Join(t.TempDir(), "kek.json")}
	engine, err := storagebolt.Open(t.Context(), storagebolt.Config{Path: f.path, NoSync: true})
	if err != nil {
		t.Fatalf("opening engine: %v", err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	k, err := filekek.Create(f.kekPath)
	if err != nil {
		t.Fatalf("creating KEK: %v", err)
	}
	f.engine = engine
	f.keys, err = keyring.Create(t.Context(), keyring.Config{Engine: engine, KEK: k})
	if err != nil {
		t.Fatalf("creating keyring: %v", err)
	}
	f.Store = sealed.New(sealed.Config{Engine: engine, Keyring: f.keys})
	f.update(t, func(tx *sealed.Tx) error { return errors.Join(tx.NewKeyset(acme), tx.NewKeyset(globex)) })
	return f
}

// over is the same store over a wrapped engine.
func (f *fixture) over(engine storage.Engine) *sealed.Store {
	return sealed.New(sealed.Config{Engine: engine, Keyring: f.keys})
}

func (f *fixture) update(t testing.TB, fn func(*sealed.Tx) error) storage.Revision {
	t.Helper()
	rev, err := f.Update(t.Context(), fn)
	if err != nil {
		t.Fatalf("Update: %v", err)
	}
	return rev
}

func (f *fixture) put(t testing.TB, nsUID string, key storage.Key, text string) storage.Revision {
	t.Helper()
	return f.update(t, func(tx *sealed.Tx) error { return tx.Put(kindText, nsUID, key, wrapperspb.String(text)) })
}

func (f *fixture) get(t testing.TB, kind sealed.Kind, nsUID string, key storage.Key) (string, error) {
	t.Helper()
	msg := new(wrapperspb.StringValue)
	err := f.View(t.Context(), func(s *sealed.Snapshot) error {
		_, err := s.Get(kind, nsUID, key, msg)
		return err
	})
	return msg.GetValue(), err
}

// raw reads what the engine holds, and setRaw changes it behind the store's back.
func (f *fixture) raw(t testing.TB, key storage.Key) []byte {
	t.Helper()
	var rec storage.Record
	err := f.engine.View(t.Context(), func(r storage.Reader) (err error) {
		rec, err = r.Get(key)
		return err
	})
	if err != nil {
		t.Fatalf("reading %q: %v", key, err)
	}
	return rec.Value
}

func (f *fixture) setRaw(t testing.TB, key storage.Key, value []byte) {
	t.Helper()
	if _, err := f.engine.Update(t.Context(), func(txn storage.Txn) error { return txn.Put(key, value) }); err != nil {
		t.Fatalf("writing %q: %v", key, err)
	}
}

func TestSnapshot_reads(t *testing.T) {
	f := newFixture(t)
	one := f.put(t, acme, "ns/acme/1", "one")
	two := f.put(t, acme, "ns/acme/2", "two")
	err := f.View(t.Context(), func(s *sealed.Snapshot) error {
		if s.Revision() != two {
			t.Errorf("Revision() = %d, want %d", s.Revision(), two)
		}
		msg := wrapperspb.String("what it held before")
		if rev, err := s.Get(kindText, acme, "ns/acme/1", msg); err != nil || rev != one || msg.GetValue() != "one" {
			t.Errorf("Get = %d, %v with %q, want %d with one", rev, err, msg.GetValue(), one)
		}
		if rev, err := s.Exists("ns/acme/2"); err != nil || rev != two {
			t.Errorf("Exists = %d, %v, want %d", rev, err, two)
		}
		recs, err := s.Range("ns/acme/", "ns/acme/1", 10)
		if err != nil || len(recs) != 1 {
			t.Fatalf("Range = %d records, %v, want 1", len(recs), err)
		}
		if err := s.Open(kindText, acme, recs[0], msg); err != nil || msg.GetValue() != "two" {
			t.Errorf("Open = %v with %q, want two", err, msg.GetValue())
		}
		return nil
	})
	if err != nil {
		t.Fatalf("View: %v", err)
	}
}

func TestSnapshot_absent(t *testing.T) {
	f := newFixture(t)
	err := f.View(t.Context(), func(s *sealed.Snapshot) error {
		if _, err := s.Get(kindText, acme, "absent", new(wrapperspb.StringValue)); !errors.Is(err, sealed.ErrNotFound) {
			t.Errorf("Get: %v, want ErrNotFound", err)
		}
		if _, err := s.GetPayload(kindPayload, acme, "absent"); !errors.Is(err, sealed.ErrNotFound) {
			t.Errorf("GetPayload: %v, want ErrNotFound", err)
		}
		if _, err := s.Exists("absent"); !errors.Is(err, sealed.ErrNotFound) {
			t.Errorf("Exists: %v, want ErrNotFound", err)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("View: %v", err)
	}
}

func expectIntegrity(t *testing.T, err error, what string) {
	t.Helper()
	if !errors.Is(err, sealed.ErrIntegrity) || errors.Is(err, sealed.ErrNotFound) {
		t.Errorf("Get of a record %s: %v, want ErrIntegrity", what, err)
	}
}

func TestGet_moved(t *testing.T) {
	f := newFixture(t)
	f.put(t, acme, "ns/1", "one")
	f.setRaw(t, "ns/2", f.raw(t, "ns/1"))

	_, err := f.get(t, kindText, acme, "ns/2")
	expectIntegrity(t, err, "moved to another key")
	_, err = f.get(t, kindText, globex, "ns/1")
	expectIntegrity(t, err, "of another namespace")
	_, err = f.get(t, "coffer/test-other/v1", acme, "ns/1")
	expectIntegrity(t, err, "of another kind")
	// The same bytes, cut into fields elsewhere.
	_, err = f.get(t, kindText+"uid-", strings.TrimPrefix(acme, "uid-"), "ns/1")
	expectIntegrity(t, err, "whose fields are cut elsewhere")
	if got, err := f.get(t, kindText, acme, "ns/1"); err != nil || got != "one" {
		t.Errorf("Get of the record itself = %q, %v", got, err)
	}
}

func TestGet_everyBitAndLength(t *testing.T) {
	f := newFixture(t)
	f.put(t, acme, "ns/1", "one")
	good := f.raw(t, "ns/1")
	err := f.View(t.Context(), func(s *sealed.Snapshot) error {
		open := func(value []byte) error {
			rec := storage.Record{Key: "ns/1", Value: value, Revision: 1}
			return s.Open(kindText, acme, rec, new(wrapperspb.StringValue))
		}
		for bit := range 8 * len(good) {
			bad := bytes.Clone(good)
			bad[bit/8] ^= 1 << (bit % 8)
			expectIntegrity(t, open(bad), "with a flipped bit")
		}
		for n := range good {
			expectIntegrity(t, open(good[:n]), "cut short")
		}
		expectIntegrity(t, open(append(bytes.Clone(good), 0)), "with a byte more")
		return open(good)
	})
	if err != nil {
		t.Errorf("Get of the record itself: %v", err)
	}
}

func TestGet_ofAnotherStore(t *testing.T) {
	f, other := newFixture(t), newFixture(t)
	other.put(t, acme, "ns/1", "one")
	f.setRaw(t, "ns/1", other.raw(t, "ns/1"))
	_, err := f.get(t, kindText, acme, "ns/1")
	expectIntegrity(t, err, "of another store")

	// With its keyset too: another root keyset, and so another KEK, wrapped it.
	f.setRaw(t, keyring.KeysetKey("uid-theirs"), other.raw(t, keyring.KeysetKey(acme)))
	_, err = f.get(t, kindText, "uid-theirs", "ns/1")
	expectIntegrity(t, err, "under a keyset of another store")
}

func TestGet_otherMessage(t *testing.T) {
	f := newFixture(t)
	f.put(t, acme, "ns/1", "\xf0\x9f\x94\x91")
	err := f.View(t.Context(), func(s *sealed.Snapshot) error {
		_, err := s.GetPayload(kindText, acme, "ns/1")
		return err
	})
	expectIntegrity(t, err, "that is no payload")
}

func TestGet_emptyFields(t *testing.T) {
	f := newFixture(t)
	_, err := f.Update(t.Context(), func(tx *sealed.Tx) error { return tx.Put("", acme, "ns/1", wrapperspb.String("one")) })
	if err == nil {
		t.Error("Put without a kind succeeded")
	}
	for _, nsUID := range []string{"", "uid-absent"} {
		_, err = f.Update(t.Context(), func(tx *sealed.Tx) error {
			return tx.Put(kindText, nsUID, "ns/1", wrapperspb.String("one"))
		})
		if !errors.Is(err, sealed.ErrNoKeyset) {
			t.Errorf("Put into namespace %q: %v, want ErrNoKeyset", nsUID, err)
		}
	}
}

func TestPayload_roundTrip(t *testing.T) {
	many := make(plaintext.Payload)
	for i := range 256 {
		many[strings.Repeat("k", i+1)] = text(strings.Repeat("v", i))
	}
	for name, want := range map[string]plaintext.Payload{
		"empty":       {},
		"one":         {"password": text("p")},
		"empty value": {"password": text(""), "token": text("t")},
		"binary":      {"keystore": {Value: plaintext.New([]byte{0, 255, 10}), Binary: true}, "password": text("p")},
		"large":       {"blob": {Value: plaintext.New(bytes.Repeat([]byte{7}, 512<<10)), Binary: true}},
		"many":        many,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.update(t, func(tx *sealed.Tx) error { return tx.PutPayload(kindPayload, acme, "p", want) })
			err := f.View(t.Context(), func(s *sealed.Snapshot) error {
				got, err := s.GetPayload(kindPayload, acme, "p")
				if !got.Equal(want) {
					t.Error("GetPayload gave another payload than was put")
				}
				return err
			})
			if err != nil {
				t.Errorf("GetPayload: %v", err)
			}
		})
	}
}

func TestPayload_valuesDoNotOverlap(t *testing.T) {
	b := sealed.EncodePayload(plaintext.Payload{"a": text("one"), "b": text("two")})
	p, err := sealed.DecodePayload(b)
	if err != nil {
		t.Fatalf("DecodePayload: %v", err)
	}
	_ = append(p["a"].Value.Reveal(), "overwritten"...)
	if got := string(p["b"].Value.Reveal()); got != "two" {
		t.Errorf("appending to one value changed the other to %q", got)
	}
}

func TestFile_showsNothing(t *testing.T) {
	f := newFixture(t)
	const canary = "c4n4ry-0f-a-stored-value"
	f.put(t, acme, "ns/1", canary)
	f.update(t, func(tx *sealed.Tx) error {
		return tx.PutPayload(kindPayload, acme, "p", plaintext.Payload{"password": text(canary)})
	})
	content, err := os.ReadFile(f.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{canary, "password"} {
		if bytes.Contains(content, []byte(secret)) {
			t.Errorf("the store's file contains %q", secret)
		}
	}
}

func TestWatch_passesOn(t *testing.T) {
	f := newFixture(t)
	from := f.put(t, acme, "ns/1", "one")
	rev := f.update(t, func(tx *sealed.Tx) error {
		tx.Delete("ns/1")
		return tx.Put(kindText, acme, "other", wrapperspb.String("unwatched"))
	})
	for event, err := range f.Watch(t.Context(), "ns/", from) {
		want := storage.Event{Key: "ns/1", Revision: rev, Deleted: true}
		if diff := cmp.Diff(want, event); diff != "" || err != nil {
			t.Errorf("Watch: %v (-want +got)\n%s", err, diff)
		}
		break
	}
}

func text(s string) plaintext.Entry { return plaintext.Entry{Value: plaintext.New([]byte(s))} }

func FuzzEnvelope(f *testing.F) {
	fix := newFixture(f)
	fix.put(f, acme, "ns/1", "one")
	good := fix.raw(f, "ns/1")
	f.Add(good)
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add([]byte{2, 1, 2, 3, 4, 5})
	f.Add(good[:6])
	f.Fuzz(func(t *testing.T, envelope []byte) {
		_ = fix.View(t.Context(), func(s *sealed.Snapshot) error {
			rec := storage.Record{Key: "ns/1", Value: envelope, Revision: 1}
			err := s.Open(kindText, acme, rec, new(wrapperspb.StringValue))
			if bytes.Equal(envelope, good) {
				if err != nil {
					t.Errorf("the good envelope does not open: %v", err)
				}
			} else if !errors.Is(err, sealed.ErrIntegrity) {
				t.Errorf("Open: %v, want ErrIntegrity", err)
			}
			return nil
		})
	})
}

func FuzzDecodePayload(f *testing.F) {
	f.Add([]byte{})
	f.Add(sealed.EncodePayload(plaintext.Payload{"a": text("one"), "b": {Value: plaintext.New(nil), Binary: true}}))
	msg, _ := proto.Marshal(wrapperspb.String("one"))
	f.Add(msg)
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := sealed.DecodePayload(b)
		if err != nil {
			if !errors.Is(err, sealed.ErrIntegrity) {
				t.Errorf("DecodePayload: %v, want ErrIntegrity", err)
			}
			return
		}
		again, err := sealed.DecodePayload(sealed.EncodePayload(p))
		if err != nil || !again.Equal(p) {
			t.Errorf("the payload of %x changes when coded again: %v", b, err)
		}
	})
}
