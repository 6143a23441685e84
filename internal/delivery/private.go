package delivery

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

// Private directories are locked by the process that made them for as long as it lives, however it ends. What is not
// locked was left behind by one that was killed, and the next run removes it.
const privatePattern = "coffer-run-*"

// privateName is what os.MkdirTemp makes of the pattern.
var privateName = regexp.MustCompile(`^coffer-run-[0-9]+$`)

// privateParents are places for a private directory, those that never reach a disk first.
func privateParents() []string { return append(MemoryDirs(), os.TempDir()) }

// makePrivate makes a directory for this process alone. The lock ends with the process, or when the file is closed.
func makePrivate(parent string) (string, *os.File, error) {
	for {
		dir, err := os.MkdirTemp(parent, privatePattern) // 0700
		if err != nil {
			return "", nil, err
		}
		lock, err := lockDir(dir)
		if err == nil {
			return dir, lock, nil
		}
		// Another run may have come between the two, found it without a lock and removed it.
		if !errors.Is(err, ErrTaken) && !errors.Is(err, fs.ErrNotExist) {
			return "", nil, errors.Join(err, os.Remove(dir))
		}
	}
}

// lockDir locks a directory, and makes sure that it is still the one of that name.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	opened, err := f.Stat()
	if err == nil {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrTaken
	}
	var named fs.FileInfo
	if err == nil {
		named, err = os.Lstat(dir)
	}
	if err == nil && !os.SameFile(opened, named) {
		err = ErrTaken
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// RemoveStale removes the private directories of processes of this user that were killed. What cannot be removed is for
// the next process to try.
func RemoveStale() {
	for _, parent := range privateParents() {
		entries, err := os.ReadDir(parent)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			if !entry.IsDir() || !privateName.MatchString(entry.Name()) {
				continue
			}
			dir := filepath.Join(parent, entry.Name())
			if info, err := entry.Info(); err != nil || !Ours(info) {
				continue
			}
			if lock, err := lockDir(dir); err == nil {
				_ = os.RemoveAll(dir)
				_ = lock.Close()
			}
		}
	}
}
