// Package trace searches files and processes for what is left of a secret value.
//
// It guarantees to find the value raw, in hex, and in base64 wherever it starts within something longer. What threatens
// it are other forms: compressed, encrypted under a key that lies beside it, or cut into pieces.
package trace

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Traces are the forms in which a value could have been left somewhere.
type Traces [][]byte

// Of makes the traces of a value, which should be long enough to stand nowhere by chance.
func Of(value string) Traces {
	plain := []byte(value)
	lower := hex.EncodeToString(plain)
	found := Traces{plain, []byte(lower), []byte(strings.ToUpper(lower))}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			encoded := encoding.EncodeToString(append(make([]byte, shift), plain...))
			// The characters that the value shares with its neighbours are not its own.
			found = append(found, []byte(encoded[(shift*8+5)/6:(shift+len(plain))*8/6]))
		}
	}
	return found
}

// In tells whether content has a trace.
func (t Traces) In(content []byte) bool {
	for _, trace := range t {
		if bytes.Contains(content, trace) {
			return true
		}
	}
	return false
}

// Files are the files at and below path that have a trace, and how many were searched.
func (t Traces) Files(path string) (found []string, searched int, err error) {
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			if name != path && errors.Is(err, fs.ErrNotExist) {
				return nil // removed while we looked
			}
			return err
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(name) //nolint:gosec // only searched: nothing of it is shown
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		searched++
		if t.In(content) {
			found = append(found, name)
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("searching %s: %w", path, err)
	}
	return found, searched, nil
}

// Processes are those with a trace in the part of /proc that file names, such as cmdline, and how many could be read:
// what the system does not let us read it lets no other user read either.
func (t Traces) Processes(file string) (found []int, searched int, err error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, 0, fmt.Errorf("listing processes: %w", err)
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		content, err := os.ReadFile(filepath.Join("/proc", entry.Name(), file))
		if err != nil {
			continue // ended, or closed to us
		}
		searched++
		if t.In(content) {
			found = append(found, pid)
		}
	}
	return found, searched, nil
}
