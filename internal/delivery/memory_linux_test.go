package delivery_test

import (
	"os"
	"path/filepath"
	"testing"
)

func TestDir_OnDisk(t *testing.T) {
	memory, err := os.MkdirTemp("/dev/shm", "coffer-test-") //nolint:usetesting // t.TempDir may be on a disk
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(memory) })
	disk, err := os.MkdirTemp(".", "disk-") //nolint:usetesting // t.TempDir may be in memory
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(disk) })
	for dir, want := range map[string]bool{memory: false, disk: true} {
		if got := open(t, filepath.Join(dir, "secrets")).OnDisk(); got != want {
			t.Errorf("OnDisk of %s = %t, want %t", dir, got, want)
		}
	}
}
