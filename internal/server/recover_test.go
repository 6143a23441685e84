package server_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
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

// An audit log that is lost stops everything but what accepts that, and everything but it and the store goes on as before.
func TestAcceptAuditLoss(t *testing.T) {
	out := &console{}
	s := servertest.Start(t, servertest.Config{Change: func(c *server.Config) {
		c.Audit.Sinks = []auditsink.Settings{{Name: "out", Kind: auditsink.Stdout, From: "beginning"}}
		c.Stdout = out
	}})
	s.AuditOutcome(s.REST(s.OperatorToken, "GET", "/v1/status", "").Header.Get("X-Request-Id"))
	config := testConfig(s.Dir, io.Discard)
	if _, err := server.AcceptAuditLoss(t.Context(), config); err == nil || !strings.Contains(err.Error(), "another cofferd is running") {
		t.Errorf("beside a running server: %v, want it refused", err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := server.AcceptAuditLoss(t.Context(), config); !errors.Is(err, audit.ErrWhole) {
		t.Errorf("of a whole log: %v, want it refused", err)
	}
	// The sink has taken two events.
	cursor := filepath.Join(s.Dir, "sinks", "out.json")
	text, err := os.ReadFile(cursor)
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`"delivered":[0-9]+`).ReplaceAll(text, []byte(`"delivered":2`))
	if err := errors.Join(os.WriteFile(cursor, text, 0o600), os.Rename(filepath.Join(s.Dir, "audit"), filepath.Join(t.TempDir(), "away"))); err != nil {
		t.Fatal(err)
	}
	const named = "cofferd recover --accept-audit-loss"
	if err := openAndClose(t, config); err == nil || !strings.Contains(err.Error(), named) {
		t.Errorf("a start without the log: %v, want the command named", err)
	}
	if _, _, err := server.Recover(t.Context(), config, server.Recovery{}); err == nil || !strings.Contains(err.Error(), named) {
		t.Errorf("a recovery without the log: %v, want the command named", err)
	}
	loss, err := server.AcceptAuditLoss(t.Context(), config)
	if err != nil || loss.First != 1 || loss.Last < 3 {
		t.Fatalf("AcceptAuditLoss: %+v, %v", loss, err)
	}
	s.Restart()
	first := s.AuditEvents("")[0]
	if first.Seq != loss.Last+1 || first.Kind != "SYSTEM" || first.Count != loss.Last || !strings.Contains(first.Detail, "accepted by cofferd recover") {
		t.Errorf("the log begins with %+v", first)
	}
	if r := s.REST(s.OperatorToken, "POST", "/v1/audit:verify", "{}"); r.Status != 200 {
		t.Errorf("verify: %d %s", r.Status, r.Body)
	}
	gap := fmt.Sprintf("audit sink out: events 3 to %d were removed", loss.Last)
	eventually(t, "the sink to be told of the gap", func() bool {
		return strings.Contains(out.String(), gap) && strings.Contains(out.String(), "accepted by cofferd recover")
	})
}
