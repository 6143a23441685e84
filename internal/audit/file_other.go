//go:build !linux

package audit

// Sync waits until the file is on stable storage.
func (f datafile) Sync() error { return f.File.Sync() }
