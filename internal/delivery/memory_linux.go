package delivery

import (
	"os"

	"golang.org/x/sys/unix"
)

// InMemory tells whether the file system of a file is held in memory, if that can be known.
func InMemory(f *os.File) (memory, known bool) {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &fs); err != nil {
		return false, false
	}
	return fs.Type == unix.TMPFS_MAGIC || fs.Type == unix.RAMFS_MAGIC, true
}
