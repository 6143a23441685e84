package keyring

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/tink-crypto/tink-go/v2/keyset"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/coffer-dev/coffer/internal/kek"
)

// formatVersion is the first byte of every record of the keyring.
const formatVersion = 1

// AppendAssociatedData appends the fields, each preceded by its length, so that no two lists of fields give the same
// bytes. It is the one encoding of associated data in Coffer.
func AppendAssociatedData(dst []byte, fields ...string) []byte {
	size := len(fields) * binary.MaxVarintLen16 // room for the lengths, which rarely exceed it
	for _, field := range fields {
		size += len(field)
	}
	dst = slices.Grow(dst, size)
	for _, field := range fields {
		dst = binary.AppendUvarint(dst, uint64(len(field)))
		dst = append(dst, field...)
	}
	return dst
}

func wrap(handle *keyset.Handle, by tink.AEAD, fields ...string) ([]byte, error) {
	ciphertext, err := encrypt(handle, by, fields...)
	if err != nil {
		return nil, err
	}
	return append([]byte{formatVersion}, ciphertext...), nil
}

func unwrap(record []byte, by tink.AEAD, fields ...string) (*keyset.Handle, error) {
	if len(record) == 0 || record[0] != formatVersion {
		return nil, fmt.Errorf("format version: %w", ErrIntegrity)
	}
	handle, err := decrypt(record[1:], by, fields...)
	if err != nil {
		return nil, fmt.Errorf("unwrapping: %w", ErrIntegrity)
	}
	return handle, nil
}

func wrapRoot(handle *keyset.Handle, provider kek.Provider) ([]byte, error) {
	name := provider.Name()
	if name == "" || len(name) > kek.MaxName {
		return nil, fmt.Errorf("name of KEK has %d bytes, want 1 to %d", len(name), kek.MaxName)
	}
	ciphertext, err := encrypt(handle, provider.AEAD(), rootLabel, name)
	if err != nil {
		return nil, fmt.Errorf("wrapping root keyset by KEK %s: %w", name, err)
	}
	record := AppendAssociatedData([]byte{formatVersion}, name)
	return append(record, ciphertext...), nil
}

// unwrapRoot tries the KEK whatever its name: a rotated one has a new name and still unwraps.
func unwrapRoot(record []byte, provider kek.Provider) (*keyset.Handle, error) {
	name, ciphertext, err := cutRoot(record)
	if err != nil {
		return nil, fmt.Errorf("root keyset: %w", err)
	}
	handle, err := decrypt(ciphertext, provider.AEAD(), rootLabel, name)
	if err != nil {
		return nil, fmt.Errorf("%w: it was wrapped by %q, the KEK given is %q: %w", ErrKEK, name, provider.Name(), err)
	}
	return handle, nil
}

func cutRoot(record []byte) (name string, ciphertext []byte, err error) {
	if len(record) == 0 || record[0] != formatVersion {
		return "", nil, fmt.Errorf("format version: %w", ErrIntegrity)
	}
	size, n := binary.Uvarint(record[1:])
	if n <= 0 || size > kek.MaxName || size > uint64(len(record)-1-n) {
		return "", nil, fmt.Errorf("name of KEK: %w", ErrIntegrity)
	}
	rest := record[1+n:]
	return string(rest[:size]), rest[size:], nil
}

func encrypt(handle *keyset.Handle, by tink.AEAD, fields ...string) ([]byte, error) {
	var c container
	if err := handle.WriteWithAssociatedData(&c, by, AppendAssociatedData(nil, fields...)); err != nil {
		return nil, err
	}
	return c.ciphertext, nil
}

func decrypt(ciphertext []byte, by tink.AEAD, fields ...string) (*keyset.Handle, error) {
	return keyset.ReadWithAssociatedData(&container{ciphertext}, by, AppendAssociatedData(nil, fields...))
}

// container takes and gives Tink's ciphertext of a keyset alone, without the description of the keys that Tink would
// store beside it and that nothing authenticates. A keyset in the clear it refuses.
type container struct{ ciphertext []byte }

var (
	_ keyset.Writer = (*container)(nil)
	_ keyset.Reader = (*container)(nil)

	errCleartext = errors.New("keyring: a keyset is never in the clear")
)

func (c *container) WriteEncrypted(k *tinkpb.EncryptedKeyset) error {
	c.ciphertext = k.GetEncryptedKeyset()
	return nil
}

func (c *container) ReadEncrypted() (*tinkpb.EncryptedKeyset, error) {
	return &tinkpb.EncryptedKeyset{EncryptedKeyset: c.ciphertext}, nil
}

func (*container) Write(*tinkpb.Keyset) error { return errCleartext }

func (*container) Read() (*tinkpb.Keyset, error) { return nil, errCleartext }
