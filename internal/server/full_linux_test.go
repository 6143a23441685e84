package server_test

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

const fullDisk = "COFFER_TEST_FULL_DISK"

// While the disk of the audit log is full the server says so, refuses, and lives; once there is space it goes on, and
// tells what it refused. The disk is a small one of a process that may mount because it has namespaces of its own.
func TestFullDisk(t *testing.T) {
	if os.Getenv(fullDisk) != "" {
		fillDisk(t)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
	cmd.Env = append(os.Environ(), fullDisk+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) {
		t.Log("this machine gives no namespaces: a full disk cannot be had here")
		return
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func fillDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	disk := filepath.Join(dir, "audit")
	s := servertest.Start(t, servertest.Config{Dir: dir, Change: func(c *server.Config) { c.Audit.MinFree = -1 }})
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(t.TempDir(), "audit")
	if err := os.Rename(disk, moved); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=3m,mode=0700"); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(disk, os.DirFS(moved)); err != nil {
		t.Fatal(err)
	}
	s.Restart()
	ballast := filepath.Join(disk, "ballast")
	fill := func() {
		f, err := os.OpenFile(ballast, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return // not even for that is there space
		}
		defer f.Close()
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
	}
	status := func() int { return s.REST(s.OperatorToken, "GET", "/v1/status", "").Status }
	eventually(t, "a refusal", func() bool { fill(); return status() == http.StatusServiceUnavailable })
	fill()
	if r := s.REST("", "GET", "/readyz", ""); r.Status != http.StatusServiceUnavailable || !strings.Contains(string(r.Body), "full") {
		t.Errorf("/readyz on a full disk: %d %s, want 503 that tells", r.Status, r.Body)
	}
	for range 5 {
		if got := status(); got != http.StatusServiceUnavailable {
			t.Errorf("a call on a full disk: %d, want 503", got)
		}
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	eventually(t, "service", func() bool { return status() == http.StatusOK })
	eventually(t, "readiness", func() bool { return s.REST("", "GET", "/readyz", "").Status == http.StatusOK })
	if log := string(s.AuditLog()); !strings.Contains(log, "events refused since") {
		t.Error("the audit log does not tell of what was refused")
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if err := syscall.Unmount(disk, 0); err != nil {
		t.Error(err)
	}
}
