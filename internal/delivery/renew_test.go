package delivery_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/coffer-dev/coffer/internal/delivery"
)

// What becomes of the directory while a process delivers into it is mended by the next delivery, also of the same files.
func TestDir_renewed(t *testing.T) {
	for name, change := range map[string]func(dir string) error{
		"removed": os.RemoveAll,
		"moved":   func(dir string) error { return os.Rename(dir, dir+"-old") },
		"replaced": func(dir string) error {
			return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700))
		},
		"emptied": func(dir string) error {
			entries, err := os.ReadDir(dir)
			for _, entry := range entries {
				err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "secrets")
			d, err := delivery.Open(dir, 0o711)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			write(t, d, true, file("password", "one"))
			if err := change(dir); err != nil {
				t.Fatal(err)
			}
			write(t, d, true, file("password", "one"))
			wantSeen(t, d, map[string]string{"password": "400 one"})
			write(t, d, false, file("password", "one"))
			if info, err := os.Stat(dir); err != nil || name != "replaced" && info.Mode().Perm() != 0o711 {
				t.Errorf("the directory has mode %v, %v; want 0711", info.Mode(), err)
			}
			if _, err := delivery.Open(dir, 0); !errors.Is(err, delivery.ErrTaken) {
				t.Errorf("Open: %v, want ErrTaken", err)
			}
			if old, err := os.ReadDir(dir + "-old"); err == nil && len(old) > 0 {
				t.Errorf("%v stayed where the directory was moved to", old)
			}
		})
	}
}

// Without the directory, nothing is there to be taken away, and a directory of others that has its name is left alone.
func TestDir_removedUnderIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "parent", "secrets")
	if err := os.Mkdir(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	d := open(t, dir)
	write(t, d, true, file("password", "one"))
	if err := os.RemoveAll(filepath.Dir(dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write([]*delivery.File{file("password", "one")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Write, without a parent: %v, want fs.ErrNotExist", err)
	}
	if err := d.Clear(); err != nil {
		t.Errorf("Clear: %v", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.Remove(); err != nil {
		t.Errorf("Remove: %v", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "mine")); err != nil {
		t.Error(err)
	}
}
