//go:build interop

package clientstest_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// made is a Coffer that make run keeps up.
type made struct {
	t       *testing.T
	address string // of HTTP, which answers gRPC too
	token   string // of the operator
}

// makeRun starts a Coffer as a user would, at ports that are free, with an empty data dir.
func makeRun(t *testing.T, root string) made {
	t.Helper()
	install(t, root, "build", "bin/demo") // before ports are chosen, which others could take meanwhile
	dir, addresses := t.TempDir(), free(t, 2)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "make", "run")
	cmd.Dir = root
	cmd.Env = append(plainEnvironment(), "COFFER_DATA_DIR="+dir, "COFFER_HTTP="+addresses[0], "COFFER_GRPC="+addresses[1])
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	up, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "Coffer is up") {
				close(up)
			}
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) // as Ctrl-C: make and what it runs
		<-ended
		_ = cmd.Wait() // make tells that it was interrupted
	})
	select {
	case <-up:
	case <-ended:
		t.Fatal("make run ended instead of serving")
	case <-time.After(10 * time.Minute):
		t.Fatal("make run does not serve")
	}
	token, err := os.ReadFile(filepath.Join(dir, "operator.token"))
	if err != nil {
		t.Fatal(err)
	}
	return made{t, addresses[0], strings.TrimSpace(string(token))}
}

// free are loopback addresses that nobody listens on.
func free(t *testing.T, n int) (addresses []string) {
	t.Helper()
	for range n {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		addresses = append(addresses, l.Addr().String())
	}
	return addresses
}

// plainEnvironment is that of the test without what leads to other servers, and without the flags of another make.
func plainEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "COFFER_") || strings.HasPrefix(v, "MAKEFLAGS=") || strings.HasPrefix(v, "MFLAGS=") || strings.HasPrefix(v, "MAKELEVEL=")
	})
}

// call sends a request as the operator and returns the answer, which must be a success.
func (m made) call(method, path, body string) string {
	m.t.Helper()
	req, err := http.NewRequestWithContext(m.t.Context(), method, "http://"+m.address+path, strings.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+m.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		m.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		m.t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, answer, err)
	}
	return string(answer)
}
