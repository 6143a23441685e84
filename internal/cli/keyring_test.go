package cli_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/coffer-dev/coffer/internal/cli"
	"github.com/coffer-dev/coffer/internal/servertest"
)

// TestKeyring runs the program in this process, whose keyring is in memory.
func TestKeyring(t *testing.T) {
	keyring.MockInit()
	s := servertest.Start(t, servertest.Config{})
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	t.Setenv("COFFER_ADDR", s.URL())
	for _, name := range []string{"COFFER_TOKEN", "COFFER_TOKEN_FILE", "COFFER_NAMESPACE"} {
		t.Setenv(name, "")
	}
	run := func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		stdio := cli.Stdio{In: strings.NewReader(s.OperatorToken), Out: &out, Err: &out}
		if got := cli.Main(t.Context(), append([]string{"coffer"}, args...), stdio); got != want {
			t.Fatalf("coffer %v: exit code %d, want %d: %s", args, got, want, out.String())
		}
		return out.String()
	}
	file := func() string {
		content, _ := os.ReadFile(filepath.Join(config, "coffer", "config.yaml"))
		return string(content)
	}

	for _, store := range []string{"auto", "keyring"} {
		if told := run(0, "login", "--store", store); !strings.Contains(told, "stored in the keyring") {
			t.Errorf("login --store %s told %q", store, told)
		}
		if _, err := keyring.Get("coffer", s.URL()); err != nil || strings.Contains(file(), "cfr_") {
			t.Errorf("the keyring says %v, the file %q; want the token in the keyring alone", err, file())
		}
		run(0, "whoami")
	}
	if told := run(2, "whoami", "--address", "grpc://"+s.GRPCAddr()); !strings.Contains(told, "no token was given") {
		t.Errorf("another address: %q, want no token for it", told)
	}

	run(0, "login", "--store", "file")
	if _, err := keyring.Get("coffer", s.URL()); err == nil || !strings.Contains(file(), "cfr_") {
		t.Error("after login --store file the token is still in the keyring, or not in the file")
	}
	run(0, "login", "--store", "keyring")
	if err := keyring.Set("coffer", s.URL(), "{"); err != nil {
		t.Fatal(err)
	}
	if told := run(2, "whoami"); !strings.Contains(told, "the login in the keyring is damaged") {
		t.Errorf("a damaged entry: %q", told)
	}
	run(0, "logout")
	if _, err := keyring.Get("coffer", s.URL()); err == nil || file() != "" {
		t.Error("after logout something is still stored")
	}
	run(1, "login", "--store", "cloud")

	run(0, "login", "--store", "keyring")
	keyring.MockInitWithError(errors.New("locked"))
	if told := run(2, "whoami"); !strings.Contains(told, "reading the login from the keyring: locked") {
		t.Errorf("a locked keyring: %q", told)
	}
	if told := run(1, "logout"); !strings.Contains(told, "removing the login from the keyring: locked") || file() != "" {
		t.Errorf("logout with a locked keyring: %q, and the file is %q", told, file())
	}
}
