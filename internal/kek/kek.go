// Package kek is the boundary to the key that Coffer does not store: the key-encryption key (KEK).
//
// A Provider gives one named KEK as a Tink AEAD. It wraps the root keyset and nothing else, so it is called once when
// the store is opened and never while requests are served: an outage of a key service does not stop a running node.
// Whoever has both the KEK and the store reads every secret; whoever loses the KEK loses them all. Every provider
// passes kektest.Run.
package kek

import "github.com/tink-crypto/tink-go/v2/tink"

// MaxName is the longest name of a KEK, in bytes.
const MaxName = 256

// Provider gives one KEK.
type Provider interface {
	// Name tells which key this is: 1 to MaxName bytes of printable ASCII, the same wherever and whenever the same key
	// is opened. It is stored beside what the key wrapped and shown in errors, so it gives away nothing about the key.
	Name() string
	// AEAD wraps and unwraps with the key. It is safe for concurrent use. It may be slow, being a call to a key
	// service, and it accepts at least 4 KiB.
	AEAD() tink.AEAD
}
