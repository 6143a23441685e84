package sealed_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

const benchKey storage.Key = "ns/3f2c9a54-7d1e-4a86-9a55-0e6b8f6a1f10/secrets/8d3b2f90-5c1a-4f0e-8a53-2f9e1c7b6d20/versions/1"

func BenchmarkSnapshot_Get(b *testing.B) {
	f := newFixture(b)
	f.put(b, acme, benchKey, strings.Repeat("v", 256))
	benchmark(b, f, func(s *sealed.Snapshot) error {
		var msg wrapperspb.StringValue
		_, err := s.Get(kindText, acme, benchKey, &msg)
		return err
	})
}

func BenchmarkSnapshot_GetPayload(b *testing.B) {
	f := newFixture(b)
	f.update(b, func(tx *sealed.Tx) error {
		return tx.PutPayload(kindPayload, acme, benchKey, plaintext.Payload{"password": text(strings.Repeat("v", 256))})
	})
	benchmark(b, f, func(s *sealed.Snapshot) error {
		_, err := s.GetPayload(kindPayload, acme, benchKey)
		return err
	})
}

// benchmark measures fn within one snapshot, and with a snapshot of its own each time.
func benchmark(b *testing.B, f *fixture, fn func(*sealed.Snapshot) error) {
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		err := f.View(b.Context(), func(s *sealed.Snapshot) error {
			for b.Loop() {
				if err := fn(s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	})
	b.Run("view+read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := f.View(b.Context(), fn); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkUpdate_threePuts(b *testing.B) {
	f := newFixture(b)
	b.ReportAllocs()
	for b.Loop() {
		f.update(b, func(tx *sealed.Tx) error {
			for _, key := range []storage.Key{benchKey, benchKey + "0", benchKey + "00"} {
				if err := tx.Put(kindText, acme, key, wrapperspb.String("one")); err != nil {
					return err
				}
			}
			return nil
		})
	}
}
