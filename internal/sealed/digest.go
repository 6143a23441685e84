package sealed

import (
	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/plaintext"
)

// Digest is a keyed digest of a payload: equal for equal payloads, and of no use to whoever lacks the key.
func (*Store) Digest(mac keyring.MAC, payload plaintext.Payload) []byte {
	content := encodePayload(payload)
	defer clear(content)
	return mac.Sum(content)
}
