package rpc

import "github.com/coffer-dev/coffer/internal/plaintext"

// ValueKey is the key of the one entry in a payload of a dialect whose secrets have one value each.
const ValueKey = "value"

// OneValue is the payload of such a secret.
func OneValue(value string) plaintext.Payload {
	return plaintext.Payload{ValueKey: {Value: plaintext.New([]byte(value))}}
}
