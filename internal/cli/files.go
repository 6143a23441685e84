package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"syscall"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// delivery is files written for a child. Its zero value holds none.
type delivery struct {
	dir     string   // absolute; empty without files
	private bool     // made here, and removed with all that is in it
	lock    *os.File // of a private directory that nobody named
	made    []string // in a directory that is not private: files and directories made, parents first
}

// writeFiles writes the files of a bundle below dir, or below a new private directory if dir is empty. What it returns
// is to be removed, also after an error.
func writeFiles(dir string, files []*cofferv1.RenderProjectionResponse_RenderedFile) (*delivery, error) {
	d := &delivery{}
	if len(files) == 0 {
		return d, nil
	}
	if err := d.open(dir); err != nil {
		return d, err
	}
	// All below goes through root, which no path and no symbolic link leads out of.
	root, err := os.OpenRoot(d.dir)
	if err != nil {
		return d, fmt.Errorf("opening the directory of the files: %w", err)
	}
	defer func() { _ = root.Close() }()
	for _, file := range files {
		if err := d.write(root, file); err != nil {
			return d, fmt.Errorf("writing the file %s: %w", file.GetPath(), err)
		}
	}
	return d, nil
}

func (d *delivery) open(dir string) error {
	if dir == "" {
		for _, parent := range memoryDirs() {
			if made, lock, err := makePrivate(parent); err == nil {
				d.dir, d.private, d.lock = made, true, lock
				return nil
			}
		}
		return errors.New("making a private directory for the files: there is no place for one; name one with --file-dir")
	}
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		d.private = true
	} else if !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("making the directory of the files: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("opening the directory of the files: %w", err)
	}
	if !info.IsDir() || !ours(info) || info.Mode().Perm()&0o022 != 0 {
		return usage("--file-dir " + dir + ": want a directory of yours that nobody else can write to")
	}
	if d.dir, err = absolute(dir); err != nil {
		return err
	}
	return nil
}

func absolute(dir string) (string, error) {
	if path.IsAbs(dir) {
		return dir, nil
	}
	wd, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the directory of the files: %w", err)
	}
	return path.Join(wd, dir), nil
}

// memoryDirs are places for a private directory, those that never reach a disk first.
func memoryDirs() []string {
	dirs := []string{os.TempDir()}
	if runtime.GOOS == "linux" {
		dirs = append([]string{"/dev/shm"}, dirs...)
		if runtimeDir := os.Getenv("XDG_RUNTIME_DIR"); path.IsAbs(runtimeDir) {
			dirs = append([]string{runtimeDir}, dirs...)
		}
	}
	return dirs
}

// write creates a file that only the user can open until all of it is there.
func (d *delivery) write(root *os.Root, file *cofferv1.RenderProjectionResponse_RenderedFile) error {
	if err := d.makeParents(root, path.Dir(file.GetPath())); err != nil {
		return err
	}
	f, err := root.OpenFile(file.GetPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	d.made = append(d.made, file.GetPath())
	n, err := f.Write(file.GetContent())
	if err == nil && n < len(file.GetContent()) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = f.Chmod(fs.FileMode(file.GetMode()) & fs.ModePerm)
	}
	return errors.Join(err, f.Close())
}

func (d *delivery) makeParents(root *os.Root, dir string) error {
	if dir == "." {
		return nil
	}
	if err := d.makeParents(root, path.Dir(dir)); err != nil {
		return err
	}
	err := root.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil {
		d.made = append(d.made, dir)
	}
	return err
}

// remove takes the files away again; from a directory that was there before, only what was put into it.
func (d *delivery) remove() error {
	if d.dir == "" {
		return nil
	}
	if d.lock != nil {
		defer d.lock.Close()
	}
	if d.private {
		return os.RemoveAll(d.dir)
	}
	root, err := os.OpenRoot(d.dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	var failed error
	for _, made := range slices.Backward(d.made) {
		// A directory into which the child put something stays.
		if err := root.Remove(made); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}
