// Package delivery puts the files of bundles where a workload reads them.
//
// It guarantees that a reader finds the files of one bundle or of the next, whole, and never a name without its file: all
// of a bundle is written to a directory of its own, and one rename brings it into force. Owner and mode are as the bundle
// says before that, or the delivery fails. Nothing in the directory that was not delivered is changed. What threatens it
// are others who can write to the directory, which are refused, symbolic links and paths that lead out of it, which
// os.Root does not follow, and a process that is killed, whose leavings the next one removes.
//
// A directory looks as kubelet's look:
//
//	conf -> ..data/conf
//	..data -> ..JBSWY3DPEHPK3PXPJBSWY3DPEH
//	..JBSWY3DPEHPK3PXPJBSWY3DPEH/conf/db.properties
//
// Who reads several files and wants them to be of one bundle opens ..data once and reads them below what was opened. What
// a bundle replaced stays for two seconds, for those who do.
package delivery

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

var (
	// ErrUnsafe: others can write to the directory, or it is not this user's, or not one at all.
	ErrUnsafe = errors.New("want a directory of yours that nobody else can write to")
	// ErrTaken: another process delivers into the directory.
	ErrTaken = errors.New("another process delivers into the directory")
	// ErrPath: a file of the bundle has no path below the directory.
	ErrPath = errors.New("want a path below the directory, whose first name does not begin with two dots")
)

// linger is how long a bundle that was replaced stays for who has begun to read it.
const linger = 2 * time.Second

// Dir is a directory that bundles are delivered into, one after the other. It belongs to this process until it is closed.
type Dir struct {
	path string

	mu    sync.Mutex
	lock  *os.File // nil once closed
	root  *os.Root
	made  bool        // by us, so that all of it may be removed
	mode  fs.FileMode // of the directories in it
	asked fs.FileMode // of the directory, should it be made
}

// Open opens a directory, or makes it if there is none; its parent must exist. One that is made gets the mode, 0 being 0700.
// Who can enter the directory, by its mode, can enter those in it.
func Open(path string, mode fs.FileMode) (*Dir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding the directory of the files: %w", err)
	}
	err = os.Mkdir(path, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("making the directory of the files: %w", err)
	}
	made := err == nil
	lock, err := lockDir(path)
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) {
		err = ErrUnsafe
	}
	if err != nil {
		return nil, fmt.Errorf("opening the directory of the files %s: %w", path, err)
	}
	d, err := newDir(path, lock, made)
	if err != nil {
		return nil, err
	}
	d.asked = mode
	if made && mode != 0 {
		d.mode = 0o700 | mode&0o055
		if err := lock.Chmod(d.mode); err != nil {
			return nil, fmt.Errorf("opening the directory of the files %s: %w", path, errors.Join(err, d.Close()))
		}
	}
	return d, nil
}

// renew opens the directory anew if it was removed, or if another has its name.
func (d *Dir) renew() error {
	if d.lock == nil || d.named() {
		return nil
	}
	opened, err := Open(d.path, d.asked)
	if err != nil {
		return err
	}
	_ = errors.Join(d.clear(), d.close()) // wherever it went, what was delivered is not to stay there
	d.lock, d.root, d.made, d.mode = opened.lock, opened.root, opened.made, opened.mode
	return nil
}

// named tells whether the directory is still the one of its name.
func (d *Dir) named() bool {
	opened, err := d.lock.Stat()
	if err != nil {
		return false
	}
	found, err := os.Lstat(d.path)
	return err == nil && os.SameFile(opened, found)
}

// Private makes a directory for this process alone, in memory where the system has such a place. The next process that
// calls RemoveStale removes it should this one be killed.
func Private() (*Dir, error) {
	for _, parent := range privateParents() {
		if path, lock, err := makePrivate(parent); err == nil {
			return newDir(path, lock, true)
		}
	}
	return nil, errors.New("making a private directory for the files: there is no place for one")
}

func newDir(path string, lock *os.File, made bool) (*Dir, error) {
	d := &Dir{path: path, made: made, lock: lock}
	info, err := lock.Stat()
	if err == nil {
		d.mode = 0o700 | info.Mode().Perm()&0o055
		d.root, err = OpenRoot(path, 0o022)
	}
	if err == nil {
		err = d.sweep()
	}
	if err != nil {
		return nil, fmt.Errorf("opening the directory of the files %s: %w", path, errors.Join(err, lock.Close()))
	}
	return d, nil
}

// Path is where the files are, absolute.
func (d *Dir) Path() string { return d.path }

// OnDisk tells whether what is written there reaches a disk, as far as the system can tell.
func (d *Dir) OnDisk() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	memory, known := InMemory(d.lock)
	return known && !memory
}

// Clear takes away what was delivered. What else is in the directory stays.
func (d *Dir) Clear() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clear()
}

// Remove takes away what was delivered, and the directory with all that is in it if it was made here, and closes d.
func (d *Dir) Remove() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lock == nil {
		return nil
	}
	var err error
	if d.made && d.named() {
		err = os.RemoveAll(d.path)
	} else {
		err = d.clear()
	}
	return errors.Join(err, d.close())
}

// Close leaves what was delivered last, and lets other processes have the directory.
func (d *Dir) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lock == nil {
		return nil
	}
	return errors.Join(d.sweep(), d.close())
}

func (d *Dir) close() error {
	err := errors.Join(d.root.Close(), d.lock.Close())
	d.lock = nil
	return err
}
