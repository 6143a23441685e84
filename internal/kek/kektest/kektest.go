// Package kektest is the suite that every KEK provider passes. A provider that does not would either lose the root
// keyset or fail to notice that it was replaced.
package kektest

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/coffer-dev/coffer/internal/kek"
)

// Run tests the provider that open returns. Every call of open must open the same KEK anew.
func Run(t *testing.T, open func(t *testing.T) kek.Provider) {
	t.Run("Name", func(t *testing.T) { testName(t, open) })
	t.Run("RoundTrip", func(t *testing.T) { testRoundTrip(t, open) })
	t.Run("AssociatedData", func(t *testing.T) { testAssociatedData(t, open(t)) })
	t.Run("Tampered", func(t *testing.T) { testTampered(t, open(t)) })
	t.Run("Randomized", func(t *testing.T) { testRandomized(t, open(t)) })
	t.Run("Concurrent", func(t *testing.T) { testConcurrent(t, open(t)) })
}

func testName(t *testing.T, open func(t *testing.T) kek.Provider) {
	name := open(t).Name()
	if name == "" || len(name) > kek.MaxName {
		t.Errorf("len(Name()) = %d, want 1 to %d", len(name), kek.MaxName)
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		t.Errorf("Name() = %q, want printable ASCII", name)
	}
	if again := open(t).Name(); again != name {
		t.Errorf("Name() = %q after reopening, want %q", again, name)
	}
}

func testRoundTrip(t *testing.T, open func(t *testing.T) kek.Provider) {
	ad := []byte("kektest")
	for _, size := range []int{0, 1, 256, 4096} {
		want := bytes.Repeat([]byte{0xa5}, size)
		wrapped, err := open(t).AEAD().Encrypt(want, ad)
		if err != nil {
			t.Fatalf("Encrypt(%d bytes): %v", size, err)
		}
		if size >= 256 && bytes.Contains(wrapped, want[:32]) {
			t.Errorf("Encrypt(%d bytes) shows what it wraps", size)
		}
		got, err := open(t).AEAD().Decrypt(wrapped, ad)
		if err != nil {
			t.Fatalf("Decrypt(%d bytes) after reopening: %v", size, err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("Decrypt(Encrypt(%d bytes)) gave %d other bytes", size, len(got))
		}
	}
}

func testAssociatedData(t *testing.T, p kek.Provider) {
	wrapped := wrap(t, p, "keyset", "one")
	for _, ad := range []string{"", "on", "one ", "two"} {
		if _, err := p.AEAD().Decrypt(wrapped, []byte(ad)); err == nil {
			t.Errorf("Decrypt with associated data %q succeeded, want an error: it was %q", ad, "one")
		}
	}
}

func testTampered(t *testing.T, p kek.Provider) {
	wrapped := wrap(t, p, "keyset", "ad")
	for n := range wrapped {
		if _, err := p.AEAD().Decrypt(wrapped[:n], []byte("ad")); err == nil {
			t.Errorf("Decrypt of %d of %d bytes succeeded", n, len(wrapped))
		}
		flipped := bytes.Clone(wrapped)
		flipped[n] ^= 1 << (n % 8)
		if _, err := p.AEAD().Decrypt(flipped, []byte("ad")); err == nil {
			t.Errorf("Decrypt with a bit of byte %d flipped succeeded", n)
		}
	}
}

func testRandomized(t *testing.T, p kek.Provider) {
	if bytes.Equal(wrap(t, p, "keyset", "ad"), wrap(t, p, "keyset", "ad")) {
		t.Error("Encrypt gave the same bytes twice, want fresh randomness each time")
	}
}

func testConcurrent(t *testing.T, p kek.Provider) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			wrapped, err := p.AEAD().Encrypt([]byte("keyset"), nil)
			if err != nil {
				t.Errorf("Encrypt: %v", err)
				return
			}
			if _, err := p.AEAD().Decrypt(wrapped, nil); err != nil {
				t.Errorf("Decrypt: %v", err)
			}
		})
	}
	wg.Wait()
}

func wrap(t *testing.T, p kek.Provider, keyset, ad string) []byte {
	t.Helper()
	wrapped, err := p.AEAD().Encrypt([]byte(keyset), []byte(ad))
	if err != nil {
		t.Fatalf("Encrypt: %v", err)
	}
	return wrapped
}
