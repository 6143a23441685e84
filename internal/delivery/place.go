package delivery

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Ours tells whether a file is this user's.
func Ours(info fs.FileInfo) bool { return ownedBy(info, os.Geteuid()) }

// Guarded tells whether a file is this user's or root's, and nobody else's to write: what is there can be relied on.
func Guarded(info fs.FileInfo) bool {
	return (Ours(info) || ownedBy(info, 0)) && info.Mode().Perm()&0o022 == 0
}

func ownedBy(info fs.FileInfo, uid int) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) == uid
}

// OpenRoot opens a directory of this user that gives others none of these rights; otherwise it is ErrUnsafe.
func OpenRoot(dir string, others fs.FileMode) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(".")
	if err == nil && (!Ours(info) || info.Mode().Perm()&others != 0) {
		err = ErrUnsafe
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}

// MemoryDirs are directories that this user can make others in, and that never reach a disk. The first are the better.
func MemoryDirs() []string {
	if runtime.GOOS != "linux" {
		return nil
	}
	dirs := []string{"/dev/shm"}
	if runtimeDir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(runtimeDir) {
		dirs = append([]string{runtimeDir}, dirs...)
	}
	return dirs
}
