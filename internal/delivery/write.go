package delivery

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"syscall"
	"time"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// Names in a directory. The bundle in force is what current leads to.
const (
	current = "..data"
	next    = "..data_tmp" // becomes current by a rename
)

// bundleName is that of a bundle's directory: two dots and rand.Text.
var bundleName = regexp.MustCompile(`^\.\.[A-Z2-7]{26}$`)

// File is a file of a bundle.
type File = cofferv1.RenderProjectionResponse_RenderedFile

// Write puts files in the place of those delivered before, all at once, and tells whether that changed anything. After an
// error the files from before are in force, unless it says otherwise. A directory that was removed is made again, as Open
// made it.
func (d *Dir) Write(files []*File) (changed bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	owners, err := check(files)
	if err == nil {
		err = d.renew()
	}
	if err != nil {
		return false, err
	}
	names := map[string]bool{}
	for _, file := range files {
		names[first(file.GetPath())] = true
	}
	for name := range names {
		if err := d.free(name); err != nil {
			return false, err
		}
	}
	old, err := d.inForce()
	if err != nil {
		return false, err
	}
	if changed = old == "" || !d.holds(old, files, owners); changed {
		if err := d.replace(files, owners); err != nil {
			return false, err
		}
		if old != "" {
			time.AfterFunc(linger, func() { d.discard(old) })
		}
	}
	// Also where nothing changed: a process may have been killed before it came to this.
	if err := d.show(names); err != nil {
		return changed, fmt.Errorf("the files are in force, but not all can be seen: %w", err)
	}
	return changed, nil
}

// check returns the owners of files that can be written below a directory.
func check(files []*File) ([]owner, error) {
	owners := make([]owner, len(files))
	for i, file := range files {
		if p := file.GetPath(); !fs.ValidPath(p) || strings.HasPrefix(p, "..") || p == "." {
			return nil, fmt.Errorf("the file %q: %w", p, ErrPath)
		}
		var err error
		if owners[i], err = ownerOf(file.GetOwner()); err != nil {
			return nil, fmt.Errorf("the file %s: %w", file.GetPath(), err)
		}
	}
	return owners, nil
}

// first is the first name of a path, the one that can be seen in the directory.
func first(p string) string {
	name, _, _ := strings.Cut(p, "/")
	return name
}

// free makes sure that nothing that was not delivered has a name.
func (d *Dir) free(name string) error {
	_, err := d.root.Lstat(name)
	if err == nil && !d.shown(name) {
		err = inTheWay(name)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("writing the files: %w", err)
}

func inTheWay(name string) error {
	return fmt.Errorf("%s is in the way: it was not delivered, and is not replaced: %w", name, syscall.EEXIST)
}

// inForce is the bundle that current leads to, or empty.
func (d *Dir) inForce() (string, error) {
	bundle, err := d.root.Readlink(current)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("finding the files in force: %w", err)
	case !bundleName.MatchString(bundle):
		return "", inTheWay(current)
	}
	return bundle, nil
}

// shown tells whether a name is one that was delivered.
func (d *Dir) shown(name string) bool {
	to, err := d.root.Readlink(name)
	return err == nil && to == path.Join(current, name)
}

// holds tells whether a bundle's directory holds these files and no others, as they are to be.
func (d *Dir) holds(bundle string, files []*File, owners []owner) bool {
	dir, err := d.root.Lstat(bundle)
	if err != nil {
		return false
	}
	found := 0
	err = fs.WalkDir(d.root.FS(), bundle, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found++
		}
		return err
	})
	if err != nil || found != len(files) {
		return false
	}
	for i, file := range files {
		p := path.Join(bundle, file.GetPath())
		info, err := d.root.Lstat(p)
		if err != nil || info.Mode() != mode(file) || info.Size() != int64(len(file.GetContent())) || !owners[i].of(info, dir) {
			return false
		}
		content, err := d.root.ReadFile(p)
		if err != nil || !bytes.Equal(content, file.GetContent()) {
			return false
		}
	}
	return true
}

func mode(file *File) fs.FileMode { return fs.FileMode(file.GetMode()) & fs.ModePerm }

// replace writes a bundle's directory and brings it into force.
func (d *Dir) replace(files []*File, owners []owner) error {
	bundle := ".." + rand.Text()
	err := d.write(bundle, files, owners)
	if err == nil {
		err = d.point(bundle)
	}
	if err != nil {
		return errors.Join(err, d.root.RemoveAll(bundle))
	}
	return nil
}

func (d *Dir) point(bundle string) error {
	err := d.root.Remove(next)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = d.root.Symlink(bundle, next)
	}
	if err == nil {
		err = d.root.Rename(next, current)
	}
	if err != nil {
		return fmt.Errorf("bringing the files into force: %w", err)
	}
	return nil
}

// write makes a directory that only this user can open until all of it is there.
func (d *Dir) write(bundle string, files []*File, owners []owner) error {
	if err := d.root.Mkdir(bundle, 0o700); err != nil {
		return fmt.Errorf("writing the files: %w", bare(err))
	}
	dirs := map[string]bool{bundle: true}
	for i, file := range files {
		p := path.Join(bundle, file.GetPath())
		for dir := path.Dir(p); !dirs[dir]; dir = path.Dir(dir) {
			dirs[dir] = true
		}
		if err := d.writeFile(p, file, owners[i]); err != nil {
			return fmt.Errorf("writing the file %s: %w", file.GetPath(), bare(err))
		}
	}
	for dir := range dirs {
		if err := d.root.Chmod(dir, d.mode); err != nil {
			return fmt.Errorf("writing the files: %w", err)
		}
	}
	return nil
}

// bare is an error without the path that it names: that of a bundle's directory is random, and another on each try.
func bare(err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		return of.Err
	}
	return err
}

func (d *Dir) writeFile(p string, file *File, o owner) error {
	if err := d.root.MkdirAll(path.Dir(p), 0o700); err != nil {
		return err
	}
	f, err := d.root.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	n, err := f.Write(file.GetContent())
	if err == nil && n < len(file.GetContent()) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = o.give(f)
	}
	if err == nil {
		err = f.Chmod(mode(file)) // last: a change of the owner may take bits away
	}
	return errors.Join(err, f.Close())
}

// show makes links to what is delivered under these names, and removes those to what no longer is.
func (d *Dir) show(names map[string]bool) error {
	for name := range names {
		if d.shown(name) {
			continue
		}
		if err := d.root.Symlink(path.Join(current, name), name); err != nil {
			return err
		}
	}
	return d.each(func(name string) error {
		if names[name] || !d.shown(name) {
			return nil
		}
		return d.root.Remove(name)
	})
}

// discard removes a bundle that was replaced.
func (d *Dir) discard(bundle string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lock == nil {
		return
	}
	_ = d.root.RemoveAll(bundle) // should that fail, the next process that opens the directory does it
}

// sweep removes what a process that was killed left, and what is lingering.
func (d *Dir) sweep() error {
	inForce, err := d.inForce()
	if err != nil {
		return err
	}
	return d.each(func(name string) error {
		if name == next || name != inForce && bundleName.MatchString(name) {
			return d.root.RemoveAll(name)
		}
		return nil
	})
}

// clear removes all that was delivered.
func (d *Dir) clear() error {
	if _, err := d.inForce(); err != nil {
		return err
	}
	err := d.show(nil)
	if gone := d.root.Remove(current); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	if err = errors.Join(err, d.sweep()); err != nil {
		return fmt.Errorf("removing the files: %w", err)
	}
	return nil
}

// each calls do with the names in the directory, all of them whatever it returns.
func (d *Dir) each(do func(name string) error) error {
	entries, err := fs.ReadDir(d.root.FS(), ".")
	if errors.Is(err, fs.ErrNotExist) { // the directory was removed
		err = nil
	}
	for _, entry := range entries {
		err = errors.Join(err, do(entry.Name()))
	}
	return err
}
