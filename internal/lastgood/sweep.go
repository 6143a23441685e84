package lastgood

import (
	"io/fs"
	"slices"
	"strings"
	"time"
)

// Names of files.
const (
	suffix  = ".bundle"
	leaving = ".new" // before something random: a file on its way to its place
)

const (
	// keepFor is how long an entry stays at least that nobody asks for: its projection, or its key, may be gone. It is
	// longer than MaxAge mostly is, since processes that share the directory may differ in that.
	keepFor = 7 * 24 * time.Hour
	// maxEntries bounds how many there are. The newest stay.
	maxEntries = 1000
)

// sweep removes what is of no more use, with the lock held. What cannot be removed is for the next process to try.
func (c *Cache) sweep() {
	now, _ := c.clock()
	found, _ := fs.ReadDir(c.root.FS(), ".")
	var entries []fs.FileInfo
	for _, file := range found {
		switch info, err := file.Info(); {
		case strings.HasPrefix(file.Name(), leaving): // of a process that was killed: who writes has the lock
			_ = c.root.Remove(file.Name())
		case err == nil && strings.HasSuffix(file.Name(), suffix):
			entries = append(entries, info)
		}
	}
	slices.SortFunc(entries, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for i, entry := range entries {
		if i >= maxEntries || now.Sub(entry.ModTime()) > max(keepFor, c.maxAge) {
			_ = c.root.Remove(entry.Name())
		}
	}
}
