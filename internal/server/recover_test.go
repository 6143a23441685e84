package server_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/server"
	"github.com/coffer-dev/coffer/internal/servertest"
)

func TestRecover(t *testing.T) {
	s := servertest.Start(t, servertest.Config{})
	config := testConfig(s.Dir, io.Discard)
	if _, _, err := server.Recover(t.Context(), config, server.Recovery{}); err == nil || !strings.Contains(err.Error(), "another cofferd is running") {
		t.Errorf("beside a running server: %v, want it refused", err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := server.Recover(t.Context(), config, server.Recovery{Namespace: "nowhere"}); err == nil {
		t.Error("a recovery of a namespace that is not there succeeded")
	}
	account, path, err := server.Recover(t.Context(), config, server.Recovery{})
	if err != nil || path != filepath.Join(s.Dir, "recovery.token") || !strings.HasPrefix(account, "namespaces/instance/serviceAccounts/recovery-") {
		t.Fatalf("Recover: %q, %q, %v", account, path, err)
	}
	token, err := os.ReadFile(path)
	if info, statErr := os.Stat(path); err != nil || statErr != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the token's file: %v, %v, %v, want mode 0600", info, err, statErr)
	}
	if _, _, err := server.Recover(t.Context(), config, server.Recovery{}); err == nil || !strings.Contains(err.Error(), "earlier recovery") {
		t.Errorf("a second recovery: %v, want the token kept", err)
	}
	if again, err := os.ReadFile(path); err != nil || string(again) != string(token) {
		t.Errorf("the token's file changed: %v", err)
	}
	opened, _ := openServerOn(t, config)
	if err := getStatus(t, opened, strings.TrimSpace(string(token))); err != nil {
		t.Errorf("GetStatus by the token: %v", err)
	}
	if log := string(s.AuditLog()); !strings.Contains(log, "recovery by who holds") {
		t.Error("the audit log does not tell of the recovery")
	}
}

func TestRecover_refuses(t *testing.T) {
	config := testConfig(filepath.Join(t.TempDir(), "data"), io.Discard)
	if _, _, err := server.Recover(t.Context(), config, server.Recovery{}); err == nil || !strings.Contains(err.Error(), "nothing to recover") {
		t.Errorf("without a store: %v, want nothing to recover", err)
	}
	if _, err := os.Stat(config.DataDir); err == nil {
		t.Error("a data dir was made")
	}
	if err := openAndClose(t, config); err != nil {
		t.Fatal(err)
	}
	remove(t, config.DataDir, "kek.json")
	if _, _, err := server.Recover(t.Context(), config, server.Recovery{}); err == nil || !strings.Contains(err.Error(), "put it back") {
		t.Errorf("without the KEK: %v, want it refused", err)
	}
}
