package keyring_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/coffer-dev/coffer/internal/keyring"
)

func TestMAC_sameForLifeOfStore(t *testing.T) {
	cfg := newConfig(t)
	before := mac(t, create(t, cfg), "audit")
	reopened, err := keyring.Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	after := mac(t, reopened, "audit")
	sum := before.Sum([]byte("record"))
	if len(sum) != 32 {
		t.Errorf("len(Sum) = %d, want 32", len(sum))
	}
	if !bytes.Equal(after.Sum([]byte("record")), sum) || !after.Verify([]byte("record"), sum) {
		t.Error("the MAC of the same data differs after reopening")
	}
}

func TestMAC_separated(t *testing.T) {
	k := create(t, newConfig(t))
	audit := mac(t, k, "audit")
	sum := audit.Sum([]byte("record"))
	if mac(t, k, "page").Verify([]byte("record"), sum) {
		t.Error("a MAC for one purpose is valid for another")
	}
	if mac(t, create(t, newConfig(t)), "audit").Verify([]byte("record"), sum) {
		t.Error("a MAC of one store is valid in another")
	}
	for _, bad := range [][]byte{nil, sum[:31], append(bytes.Clone(sum), 0), audit.Sum([]byte("records"))} {
		if audit.Verify([]byte("record"), bad) {
			t.Errorf("Verify accepts a sum of %d bytes that is not the MAC", len(bad))
		}
	}
}

func TestMAC_noPurpose(t *testing.T) {
	if _, err := create(t, newConfig(t)).MAC(""); err == nil {
		t.Error(`MAC("") succeeded`)
	}
}

func TestMAC_concurrent(t *testing.T) {
	m := mac(t, create(t, newConfig(t)), "audit")
	want := m.Sum([]byte("record"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if !bytes.Equal(m.Sum([]byte("record")), want) {
					t.Error("concurrent Sum differs")
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkMAC_Sum(b *testing.B) {
	k := create(b, newConfig(b))
	m := mac(b, k, "audit")
	data := make([]byte, 300)
	b.ReportAllocs()
	for b.Loop() {
		m.Sum(data)
	}
}

func mac(t testing.TB, k *keyring.Keyring, purpose string) keyring.MAC {
	t.Helper()
	m, err := k.MAC(purpose)
	if err != nil {
		t.Fatalf("MAC(%q): %v", purpose, err)
	}
	return m
}
