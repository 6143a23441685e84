package filekek_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/coffer-dev/coffer/internal/kek"
	"github.com/coffer-dev/coffer/internal/kek/filekek"
	"github.com/coffer-dev/coffer/internal/kek/kektest"
)

func TestProvider(t *testing.T) {
	path := create(t)
	kektest.Run(t, func(t *testing.T) kek.Provider {
		k, err := filekek.Open(path)
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		return k
	})
}

func TestCreate_opensAsItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kek.json")
	created, err := filekek.Create(path)
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	opened, err := filekek.Open(path)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if opened.Name() != created.Name() {
		t.Errorf("Open gave name %q, Create %q", opened.Name(), created.Name())
	}
	wrapped, err := created.AEAD().Encrypt([]byte("keyset"), []byte("ad"))
	if err != nil {
		t.Fatalf("Encrypt: %v", err)
	}
	if got, err := opened.AEAD().Decrypt(wrapped, []byte("ad")); err != nil || string(got) != "keyset" {
		t.Errorf("Decrypt by the opened KEK: %d bytes, %v", len(got), err)
	}
}

func TestCreate_leavesOnePrivateFile(t *testing.T) {
	path := create(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode(); got != 0o600 {
		t.Errorf("mode = %v, want 0600", got)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("Create left %v, want the KEK alone", entries)
	}
}

func TestCreate_neverOverwrites(t *testing.T) {
	path := create(t)
	before := read(t, path)
	if _, err := filekek.Create(path); !errors.Is(err, filekek.ErrExists) {
		t.Errorf("Create over a file: %v, want ErrExists", err)
	}
	if !bytes.Equal(read(t, path), before) {
		t.Error("Create changed the file it refused to overwrite")
	}

	link := filepath.Join(t.TempDir(), "link.json")
	if err := os.Symlink(filepath.Join(t.TempDir(), "absent.json"), link); err != nil {
		t.Fatal(err)
	}
	if _, err := filekek.Create(link); !errors.Is(err, filekek.ErrExists) {
		t.Errorf("Create over a dangling link: %v, want ErrExists", err)
	}
	if _, err := filekek.Create(filepath.Join(t.TempDir(), "absent", "kek.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Create in an absent directory: %v, want ErrNotExist", err)
	}
}

func TestOpen_refusesOpenModes(t *testing.T) {
	path := create(t)
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o602, 0o601, 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := filekek.Open(path); !errors.Is(err, filekek.ErrPermissions) {
			t.Errorf("Open with mode %v: %v, want ErrPermissions", mode, err)
		}
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := filekek.Open(path); err != nil {
		t.Errorf("Open with mode 0400: %v", err)
	}
}

func TestOpen_refusesOtherContent(t *testing.T) {
	whole := string(read(t, create(t)))
	signature := `{"primaryKeyId":1,"key":[{"keyData":{"typeUrl":"type.googleapis.com/google.crypto.tink.HmacKey",` +
		`"value":"EgQIAxAgGiDBCg==","keyMaterialType":"SYMMETRIC"},"status":"ENABLED","keyId":1,"outputPrefixType":"TINK"}]}`
	for name, content := range map[string]string{
		"empty":     "",
		"text":      "k3y-material-in-the-wrong-shape",
		"truncated": whole[:len(whole)-20],
		"no key":    `{"primaryKeyId":1,"key":[]}`,
		"not AEAD":  signature,
		"too large": whole + strings.Repeat(" ", 64<<10),
	} {
		path := filepath.Join(t.TempDir(), "kek.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := filekek.Open(path)
		if !errors.Is(err, filekek.ErrFormat) {
			t.Errorf("Open of a file that is %s: %v, want ErrFormat", name, err)
			continue
		}
		if strings.Contains(err.Error(), "k3y-material") {
			t.Errorf("the error quotes the file: %v", err)
		}
	}
}

func TestOpen_refusesNoFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := filekek.Open(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of nothing: %v, want ErrNotExist", err)
	}
	if _, err := filekek.Open(dir); !errors.Is(err, filekek.ErrFormat) {
		t.Errorf("Open of a directory: %v, want ErrFormat", err)
	}
}

func TestOpen_rotated(t *testing.T) {
	path := create(t)
	before, err := filekek.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := before.AEAD().Encrypt([]byte("keyset"), nil)
	if err != nil {
		t.Fatal(err)
	}
	rotate(t, path)
	after, err := filekek.Open(path)
	if err != nil {
		t.Fatalf("Open of a rotated KEK: %v", err)
	}
	if got, err := after.AEAD().Decrypt(wrapped, nil); err != nil || string(got) != "keyset" {
		t.Errorf("Decrypt of what the older key wrapped: %d bytes, %v", len(got), err)
	}
	if after.Name() == before.Name() {
		t.Errorf("Name() = %q before and after, though another key wraps now", after.Name())
	}
}

// rotate adds a primary key to the file, as Tink's tools do.
func rotate(t *testing.T, path string) {
	t.Helper()
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(read(t, path))))
	if err != nil {
		t.Fatal(err)
	}
	manager := keyset.NewManagerFromHandle(handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		t.Fatal(err)
	}
	if err := manager.SetPrimary(id); err != nil {
		t.Fatal(err)
	}
	if handle, err = manager.Handle(); err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&content)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kek.json")
	if _, err := filekek.Create(path); err != nil {
		t.Fatalf("Create: %v", err)
	}
	return path
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
