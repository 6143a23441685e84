package audit

import "syscall"

// Sync waits until the file's content and size are on stable storage; unlike fsync it leaves its times alone.
func (f datafile) Sync() error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); err != syscall.EINTR {
			return err
		}
	}
}

// freeSpace returns how many bytes others than root can still write to the disk of dir.
func freeSpace(dir string) (int64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, err
	}
	return int64(fs.Bavail) * fs.Bsize, nil
}
