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
