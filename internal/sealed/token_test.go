package sealed_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/sealed"
)

func TestToken_opensForItsHolderOnly(t *testing.T) {
	f := newFixture(t)
	token, err := f.SealToken(t.Context(), "user:alice", []byte("after=ns/1"))
	if err != nil {
		t.Fatalf("SealToken: %v", err)
	}
	got, err := f.OpenToken(t.Context(), "user:alice", token)
	if err != nil || string(got) != "after=ns/1" {
		t.Errorf("OpenToken = %q, %v", got, err)
	}
	if bytes.Contains(token, []byte("ns/1")) {
		t.Error("the token shows its content")
	}
	if _, err := f.OpenToken(t.Context(), "user:bob", token); !errors.Is(err, sealed.ErrIntegrity) {
		t.Errorf("OpenToken by another holder: %v, want ErrIntegrity", err)
	}
	f.put(t, keyring.System, "user:alice", "one")
	if _, err := f.OpenToken(t.Context(), "user:alice", f.raw(t, "user:alice")); !errors.Is(err, sealed.ErrIntegrity) {
		t.Errorf("OpenToken of a stored record: %v, want ErrIntegrity", err)
	}
	f.setRaw(t, "user:alice", token)
	_, err = f.get(t, kindText, keyring.System, "user:alice")
	expectIntegrity(t, err, "that is a client's token")
}

func TestDigest_tellsPayloadsApart(t *testing.T) {
	f := newFixture(t)
	mac, err := f.keys.MAC("digest")
	if err != nil {
		t.Fatal(err)
	}
	binary := plaintext.Entry{Value: plaintext.New([]byte("1")), Binary: true}
	seen := make(map[string]int)
	for i, p := range []plaintext.Payload{
		{}, {"a": text("")}, {"a": text("1")}, {"a": binary}, {"a1": text("")}, {"a": text("1"), "b": text("2")}, {"a": text("2"), "b": text("1")},
	} {
		digest := string(f.Digest(mac, p))
		if j, ok := seen[digest]; ok {
			t.Errorf("payloads %d and %d have the same digest", i, j)
		}
		seen[digest] = i
	}
	again := plaintext.Payload{"b": text("2"), "a": text("1")}
	if _, ok := seen[string(f.Digest(mac, again))]; !ok {
		t.Error("an equal payload has another digest")
	}
}
