package lastgood

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/coffer-dev/coffer/internal/delivery"
)

// maxKey bounds a key, in bytes. A keyset of one takes about 100.
const maxKey = 4 << 10

// openKey finds the key of that name where keys are, or makes one.
func openKey(dir, name string) (tink.AEAD, error) {
	if dir != "" {
		return keyIn(dir, name)
	}
	key, err := ringKey(name)
	if err == nil {
		return key, nil
	}
	tried := []error{ErrNoKey, err}
	for _, dir := range delivery.MemoryDirs() {
		key, err := keyIn(filepath.Join(dir, "coffer-"+strconv.Itoa(os.Geteuid())), name)
		if err == nil {
			return key, nil
		}
		tried = append(tried, err)
	}
	return nil, errors.Join(tried...)
}

// keyIn finds the key in a directory that is in memory.
func keyIn(dir, name string) (tink.AEAD, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("the directory of the key: %w", err)
	}
	root, err := openPrivate(dir)
	if err != nil {
		return nil, fmt.Errorf("the directory of the key: %w", err)
	}
	defer func() { _ = root.Close() }()
	opened, err := root.Open(".")
	if err != nil {
		return nil, fmt.Errorf("the directory of the key: %w", err)
	}
	defer opened.Close()
	if memory, known := delivery.InMemory(opened); !known || !memory {
		return nil, fmt.Errorf("the directory of the key %s is not in memory: %w", dir, ErrNoKey)
	}
	content, err := readBounded(root, name, maxKey)
	if err == nil {
		if key, err := parseKey(content); err == nil {
			return key, nil
		}
		err = root.Remove(name)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	content, key, err := newKey()
	if err != nil {
		return nil, err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if err == nil {
		_, err = f.Write(content)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("keeping the key: %w", err)
	}
	return key, nil
}

func newKey() ([]byte, tink.AEAD, error) {
	handle, err := keyset.NewHandle(aead.XChaCha20Poly1305KeyTemplate())
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	var content bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&content)); err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	key, err := aead.New(handle)
	return content.Bytes(), key, err
}

func parseKey(content []byte) (tink.AEAD, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(content)))
	if err != nil {
		return nil, errors.New("the key is no Tink keyset") // a parser's message could quote it
	}
	return aead.New(handle)
}
