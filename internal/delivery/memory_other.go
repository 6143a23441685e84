//go:build !linux

package delivery

import "os"

// InMemory tells whether the file system of a file is held in memory, if that can be known.
func InMemory(*os.File) (memory, known bool) { return false, false }
