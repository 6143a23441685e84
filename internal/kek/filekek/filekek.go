// Package filekek keeps the KEK in a file: a cleartext Tink keyset in JSON that only its owner may read.
//
// It protects stored secrets from whoever gets the store without the file (a backup, a disk image, a snapshot), so the
// two belong on different media. It does not protect from whoever reads files as the server's user. Tink's own tools
// can rotate the keyset: the new primary key wraps, the older ones still unwrap.
package filekek

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/coffer-dev/coffer/internal/kek"
)

// maxFile bounds what is read, in bytes. A keyset of one key takes about 300.
const maxFile = 64 << 10

var (
	// ErrPermissions: others than its owner may read or write the file.
	ErrPermissions = errors.New("filekek: file is open to group or others, want mode 0600")
	// ErrExists: there is already a file at the path. It is never overwritten, since it may be the only copy.
	ErrExists = errors.New("filekek: file exists")
	// ErrFormat: the file is not a Tink AEAD keyset in JSON. It says no more, because a parser's message would quote
	// the file.
	ErrFormat = errors.New("filekek: file is not a Tink AEAD keyset in JSON")
)

// KEK is a key-encryption key read from a file.
type KEK struct {
	name string
	aead tink.AEAD
}

var _ kek.Provider = (*KEK)(nil)

// Open reads the KEK at path. It returns an error that is fs.ErrNotExist when there is none, ErrPermissions, or
// ErrFormat.
func Open(path string) (*KEK, error) {
	content, err := readPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("opening KEK %s: %w", path, err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(content)))
	if err != nil {
		return nil, fmt.Errorf("opening KEK %s: %w", path, ErrFormat)
	}
	k, err := newKEK(handle)
	if err != nil {
		return nil, fmt.Errorf("opening KEK %s: %w", path, err)
	}
	return k, nil
}

// Create makes a new KEK and writes it to path, durably, before it returns. It returns ErrExists rather than overwrite.
func Create(path string) (*KEK, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("creating KEK: %w", err)
	}
	var content bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&content)); err != nil {
		return nil, fmt.Errorf("creating KEK: %w", err)
	}
	if err := writePrivate(path, content.Bytes()); err != nil {
		return nil, fmt.Errorf("creating KEK %s: %w", path, err)
	}
	return newKEK(handle)
}

// Name is made of the ID of the key that wraps, not of the path, so the file may move.
func (k *KEK) Name() string { return k.name }

// AEAD wraps with the primary key and unwraps with any key of the file.
func (k *KEK) AEAD() tink.AEAD { return k.aead }

func newKEK(handle *keyset.Handle) (*KEK, error) {
	primary, err := handle.Primary()
	if err != nil {
		return nil, ErrFormat
	}
	a, err := aead.New(handle)
	if err != nil {
		return nil, ErrFormat
	}
	return &KEK{name: fmt.Sprintf("tink:%08x", primary.KeyID()), aead: a}, nil
}

// readPrivate checks the file that it opened, not the path, which could be swapped in between. Symbolic links are
// followed: that is how orchestrators mount secrets.
func readPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrFormat
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, ErrPermissions
	}
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxFile {
		return nil, ErrFormat
	}
	return content, nil
}

// writePrivate links a finished file into place: a crash leaves the whole file or none, and linking never overwrites.
func writePrivate(path string, content []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".kek-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return ErrExists
		}
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
