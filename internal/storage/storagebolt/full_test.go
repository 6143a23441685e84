//go:build unix

package storagebolt_test

import (
	"errors"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
)

// TestUpdate_diskFull lets the file grow no further, by the process's limit, which the kernel answers like a full disk.
func TestUpdate_diskFull(t *testing.T) {
	e := open(t, storagebolt.Config{Path: filepath.Join(t.TempDir(), "coffer.db")})
	put(t, e, "a", nil)

	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	full := before
	full.Cur = 512 << 10 // less than the record takes, and more than what go test itself may write meanwhile
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		t.Fatal(err)
	}
	_, err := e.Update(t.Context(), func(txn storage.Txn) error { return txn.Put("b", make([]byte, storage.MaxValueSize)) })
	if restoreErr := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); restoreErr != nil {
		t.Fatal(restoreErr)
	}
	if !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("Update() on a full disk = %v, want %v", err, storage.ErrUnavailable)
	}
	if diff := cmp.Diff(map[storage.Key]storage.Revision{"a": 1}, keys(t, e)); diff != "" {
		t.Errorf("records on a full disk (-want +got):\n%s", diff)
	}
	put(t, e, "c", make([]byte, storage.MaxValueSize)) // room again
	if diff := cmp.Diff(map[storage.Key]storage.Revision{"a": 1, "c": 2}, keys(t, e)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}
