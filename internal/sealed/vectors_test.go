package sealed_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/coffer-dev/coffer/internal/kek/filekek"
	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
)

// addVectors names a new file of vectors to write, such as v2.json. Existing files are frozen: stores of every release
// hold such records.
var addVectors = flag.String("add-vectors", "", "write a new `file` to testdata/vectors in the present format")

// vectors is a whole store: the KEK, every record as the engine holds it, and what opens from it.
type vectors struct {
	KEK      json.RawMessage        `json:"kek"`
	Records  map[storage.Key]string `json:"records"` // hex
	Messages []messageVector        `json:"messages"`
	MACs     map[string]string      `json:"macs"` // purpose to hex of the MAC of "coffer"
}

type messageVector struct {
	Kind      sealed.Kind `json:"kind"`
	Namespace string      `json:"namespace"`
	Key       storage.Key `json:"key"`
	// One of the two.
	Text    string            `json:"text,omitempty"`
	Payload map[string]string `json:"payload"` // base64; binary if the key ends in .bin
}

func TestVectors(t *testing.T) {
	if *addVectors != "" {
		writeVectors(t, filepath.Join("testdata", "vectors", *addVectors))
	}
	files, err := filepath.Glob("testdata/vectors/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { testVectors(t, file) })
	}
}

func testVectors(t *testing.T, file string) {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(content, &v); err != nil {
		t.Fatal(err)
	}
	store, keys := openVectors(t, v)
	err = store.View(t.Context(), func(s *sealed.Snapshot) error {
		for _, m := range v.Messages {
			checkVector(t, s, m)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("View: %v", err)
	}
	for purpose, want := range v.MACs {
		mac, err := keys.MAC(purpose)
		if err != nil {
			t.Fatalf("MAC(%q): %v", purpose, err)
		}
		if got := hex.EncodeToString(mac.Sum([]byte("coffer"))); got != want {
			t.Errorf("MAC(%q) = %s, want %s", purpose, got, want)
		}
	}
}

func checkVector(t *testing.T, s *sealed.Snapshot, m messageVector) {
	t.Helper()
	if m.Payload == nil {
		msg := new(wrapperspb.StringValue)
		if _, err := s.Get(m.Kind, m.Namespace, m.Key, msg); err != nil || msg.GetValue() != m.Text {
			t.Errorf("Get(%q) = %q, %v, want %q", m.Key, msg.GetValue(), err, m.Text)
		}
		return
	}
	payload, err := s.GetPayload(m.Kind, m.Namespace, m.Key)
	if err != nil {
		t.Errorf("GetPayload(%q): %v", m.Key, err)
		return
	}
	if diff := cmp.Diff(m.Payload, encodeVector(payload)); diff != "" {
		t.Errorf("GetPayload(%q) (-want +got)\n%s", m.Key, diff)
	}
}

func openVectors(t *testing.T, v vectors) (*sealed.Store, *keyring.Keyring) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kek.json")
	if err := os.WriteFile(path, v.KEK, 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := filekek.Open(path)
	if err != nil {
		t.Fatalf("opening KEK: %v", err)
	}
	engine, err := storagebolt.Open(t.Context(), storagebolt.Config{Path: filepath.Join(t.TempDir(), "store.db"), NoSync: true})
	if err != nil {
		t.Fatalf("opening engine: %v", err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	_, err = engine.Update(t.Context(), func(txn storage.Txn) error {
		for key, value := range v.Records {
			envelope, err := hex.DecodeString(value)
			if err != nil {
				return err
			}
			if err := txn.Put(key, envelope); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("writing records: %v", err)
	}
	keys, err := keyring.Open(t.Context(), keyring.Config{Engine: engine, KEK: k})
	if err != nil {
		t.Fatalf("opening keyring: %v", err)
	}
	return sealed.New(sealed.Config{Engine: engine, Keyring: keys}), keys
}

func writeVectors(t *testing.T, file string) {
	f := newFixture(t)
	v := vectors{Records: make(map[storage.Key]string), MACs: make(map[string]string)}
	var err error
	if v.KEK, err = os.ReadFile(f.kekPath); err != nil {
		t.Fatal(err)
	}
	payloads := map[storage.Key]plaintext.Payload{
		"vector/payload":       {"password": text("p"), "keystore.bin": {Value: plaintext.New([]byte{0, 255}), Binary: true}},
		"vector/payload-empty": {},
	}
	f.update(t, func(tx *sealed.Tx) error {
		for key, payload := range payloads {
			v.Messages = append(v.Messages, messageVector{
				Kind: kindPayload, Namespace: acme, Key: key, Payload: encodeVector(payload),
			})
			if err := tx.PutPayload(kindPayload, acme, key, payload); err != nil {
				return err
			}
		}
		return nil
	})
	for _, nsUID := range []string{acme, globex, keyring.System} {
		key := storage.Key("vector/" + nsUID)
		v.Messages = append(v.Messages, messageVector{Kind: kindText, Namespace: nsUID, Key: key, Text: "one"})
		f.put(t, nsUID, key, "one")
	}
	for _, purpose := range []string{"audit", "page"} {
		mac, err := f.keys.MAC(purpose)
		if err != nil {
			t.Fatal(err)
		}
		v.MACs[purpose] = hex.EncodeToString(mac.Sum([]byte("coffer")))
	}
	err = f.View(t.Context(), func(s *sealed.Snapshot) error {
		recs, err := s.Range("", "", 100)
		for _, rec := range recs {
			v.Records[rec.Key] = hex.EncodeToString(rec.Value)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	writeNew(t, file, v)
}

// writeNew refuses to replace a file.
func writeNew(t *testing.T, file string, v vectors) {
	t.Helper()
	content, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.Write(append(content, '\n')); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func encodeVector(p plaintext.Payload) map[string]string {
	encoded := make(map[string]string)
	for key, entry := range p {
		encoded[key] = base64.StdEncoding.EncodeToString(entry.Value.Reveal())
		if entry.Binary != (filepath.Ext(key) == ".bin") {
			encoded[key] += " with the wrong kind"
		}
	}
	return encoded
}
