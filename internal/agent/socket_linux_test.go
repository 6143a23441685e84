package agent_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coffer-dev/coffer/internal/agent"
)

// listenAndSaySoNot takes connections and never answers.
func listenAndSaySoNot(t *testing.T, address string) (stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			if _, err := l.Accept(); err != nil {
				return
			}
		}
	}()
	return func() { _ = l.Close() }
}

// get asks at a socket.
func get(t *testing.T, socket, path, etag string) (status int, header http.Header, content string, err error) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://agent"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(body), err
}

// mustGet wants a status, and returns the answer.
func mustGet(t *testing.T, socket, path, etag string, want int) (http.Header, string) {
	t.Helper()
	status, header, content, err := get(t, socket, path, etag)
	if err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
	if status != want {
		t.Fatalf("GET %s: %d %s, want %d", path, status, content, want)
	}
	return header, content
}

func TestSocket(t *testing.T) {
	f := newFixture(t)
	socket := filepath.Join(memoryDir(t), "agent.sock")
	r := f.start(func(c *agent.Config) { c.Socket, c.Projections[0].Dir = socket, "" })
	r.awaitState(agent.Fresh)
	info, err := os.Stat(socket)
	f.must(nil, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v, want 0600", info.Mode())
	}

	header, content := mustGet(t, socket, "/v1/bundles/etl", "", http.StatusOK)
	var got struct {
		Env   map[string]string
		Files []struct {
			Path    string
			Mode    int
			Content []byte
		}
		Revision, Etag string
	}
	f.must(nil, json.Unmarshal([]byte(content), &got))
	if diff := cmp.Diff(map[string]string{"PGPASSWORD": password("0")}, got.Env); diff != "" {
		t.Errorf("env (-want +got):\n%s", diff)
	}
	if len(got.Files) != 2 || got.Files[0].Path != "password" || string(got.Files[0].Content) != password("0") || got.Files[0].Mode != 0o400 {
		t.Errorf("files = %+v", got.Files)
	}
	health := r.Health().Projections[0]
	if got.Etag != health.Etag || got.Revision != fmt.Sprint(health.Revision) || header.Get("ETag") != health.Etag || !strings.HasPrefix(health.Etag, `"`) {
		t.Errorf("etag %q, revision %q, header %q; want those of %+v", got.Etag, got.Revision, header.Get("ETag"), health)
	}
	if header.Get("Coffer-State") != "fresh" || header.Get("Cache-Control") != "no-store" {
		t.Errorf("header = %v", header)
	}
	if _, content := mustGet(t, socket, "/v1/bundles/etl", header.Get("ETag"), http.StatusNotModified); content != "" {
		t.Errorf("a bundle that has not changed came with %q", content)
	}
	mustGet(t, socket, "/v1/bundles/other", "", http.StatusNotFound)
	for _, path := range []string{"/", "/v1/bundles/", "/v1/bundles/etl/more", "/metrics"} {
		header, content := mustGet(t, socket, path, "", http.StatusNotFound)
		if header.Get("Content-Type") != "application/json" || !json.Valid([]byte(content)) {
			t.Errorf("GET %s: %v %s, want JSON", path, header, content)
		}
	}

	f.rotate("1")
	f.eventually("the new value is served", func() bool {
		_, content := mustGet(t, socket, "/v1/bundles/etl", "", http.StatusOK)
		return strings.Contains(content, password("1"))
	})
	_, content = mustGet(t, socket, "/healthz", "", http.StatusOK)
	if strings.Contains(content, marker) || !strings.Contains(content, `"state":"fresh"`) {
		t.Errorf("health: %s", content)
	}
	f.stop()
	r.awaitState(agent.Stale)
	header, _ = mustGet(t, socket, "/v1/bundles/etl", "", http.StatusOK)
	if header.Get("Coffer-State") != "stale" {
		t.Errorf("Coffer-State = %q, want stale", header.Get("Coffer-State"))
	}
	mustGet(t, socket, "/healthz", "", http.StatusOK)
	f.elsewhere(func() { revocations["grant"](f) })
	f.restart()
	r.awaitState(agent.Lost)
	if _, content := mustGet(t, socket, "/v1/bundles/etl", "", http.StatusServiceUnavailable); strings.Contains(content, marker) {
		t.Errorf("after the revocation: %s", content)
	}
	mustGet(t, socket, "/healthz", "", http.StatusServiceUnavailable)
	health2, err := agent.Status(t.Context(), socket)
	if err != nil || health2.Healthy || health2.Projections[0].State != agent.Lost {
		t.Errorf("Status = %+v, %v, want it lost", health2, err)
	}
	r.stop()
	if _, err := os.Lstat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after the end the socket is still there: %v", err)
	}
}

// The kernel says who asks; this process is not among those who may.
func TestSocket_peer(t *testing.T) {
	f := newFixture(t)
	socket := filepath.Join(memoryDir(t), "agent.sock")
	r := f.start(func(c *agent.Config) { c.Socket, c.UIDs = socket, []int{os.Geteuid() + 1} })
	r.awaitState(agent.Fresh)
	for range 3 {
		if status, _, content, err := get(t, socket, "/v1/bundles/etl", ""); err == nil {
			t.Fatalf("a process of another user is answered %d %s", status, content)
		}
	}
	if _, err := agent.Status(t.Context(), socket); err == nil {
		t.Error("Status, of another user: no error")
	}
	if told := strings.Count(f.told.String(), "refused a process at the socket"); told != 1 {
		t.Errorf("it was told %d times, want once", told)
	}
	// Who may ask must be able to connect, whatever the mode of other sockets.
	info, err := os.Stat(socket)
	f.must(nil, err)
	if info.Mode().Perm() != 0o666 {
		t.Errorf("the socket has mode %v, want 0666", info.Mode())
	}
}

// The system calls a path that is too long an invalid argument.
func TestSocket_longPath(t *testing.T) {
	f := newFixture(t)
	long := filepath.Join(memoryDir(t), strings.Repeat("x", 108))
	_, err := agent.New(f.config(func(c *agent.Config) { c.Socket = long }))
	if !errors.Is(err, agent.ErrSocket) || !strings.Contains(err.Error(), "may have 107 bytes, and this one has 1") {
		t.Errorf("New: %v, want ErrSocket and what is too long", err)
	}
	if _, err := agent.Status(t.Context(), long); err == nil || !strings.Contains(err.Error(), "may have 107 bytes") {
		t.Errorf("Status: %v, want what is too long", err)
	}
}

func TestSocket_place(t *testing.T) {
	f := newFixture(t)
	dir := memoryDir(t)
	socket := filepath.Join(dir, "agent.sock")
	at := func(path string) func(*agent.Config) {
		return func(c *agent.Config) { c.Socket, c.Projections[0].Dir = path, "" }
	}
	refused := func(why string) {
		t.Helper()
		if _, err := agent.New(f.config(at(socket))); !errors.Is(err, agent.ErrSocket) {
			t.Errorf("New, %s: %v, want ErrSocket", why, err)
		}
	}
	f.must(nil, os.Chmod(dir, 0o777))
	refused("in a directory that others can write to")
	f.must(nil, os.Chmod(dir, 0o700))
	f.must(nil, os.WriteFile(socket, []byte("mine"), 0o600))
	refused("at a file")
	f.must(nil, os.Remove(socket))
	first := f.start(at(socket))
	refused("at the socket of another agent")
	first.awaitState(agent.Fresh)
	mustGet(t, socket, "/healthz", "", http.StatusOK)
	first.stop()

	// One that was killed leaves its socket behind.
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	f.must(nil, err)
	dead.SetUnlinkOnClose(false)
	f.must(nil, dead.Close())
	f.start(at(socket)).awaitState(agent.Fresh)
}
