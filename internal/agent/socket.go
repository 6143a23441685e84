package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/coffer-dev/coffer/internal/delivery"
)

const (
	// requestTime bounds an exchange.
	requestTime = 10 * time.Second
	// maxConns bounds the connections that are open at a time. Who comes later waits.
	maxConns = 64
	// maxHeader bounds a request, in bytes.
	maxHeader = 8 << 10
	// stateHeader tells how well a bundle is delivered.
	stateHeader = "Coffer-State"
)

// socket answers those of this machine who may ask. The peer's user is checked when it connects, whatever the mode of the
// socket lets in.
type socket struct {
	listener *net.UnixListener
	uids     []int
	log      *slog.Logger
	slots    chan struct{}
	told     map[int]bool // the refused that were logged
}

// listen takes a path for the socket. Its directory must be this user's or root's, and nobody else's to write in: they
// could put a socket of their own in its place.
func listen(path string, uids []int, log *slog.Logger) (*socket, error) {
	s := &socket{uids: uids, log: log, slots: make(chan struct{}, maxConns), told: map[int]bool{}}
	err := checkSocketPath(path)
	if err == nil {
		err = checkSocketDir(filepath.Dir(path))
	}
	if err == nil {
		err = removeDead(path)
	}
	if err == nil {
		s.listener, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	}
	if err == nil {
		mode := fs.FileMode(0o600)
		if slices.ContainsFunc(uids, func(uid int) bool { return uid != os.Geteuid() }) {
			mode = 0o666
		}
		if err = os.Chmod(path, mode); err != nil {
			err = errors.Join(err, s.listener.Close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrSocket, path, err)
	}
	return s, nil
}

// checkSocketPath refuses what the system would only call an invalid argument.
func checkSocketPath(path string) error {
	if most := len(syscall.RawSockaddrUnix{}.Path) - 1; len(path) > most {
		return fmt.Errorf("the path of a socket may have %d bytes, and this one has %d", most, len(path))
	}
	return nil
}

func checkSocketDir(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !delivery.Guarded(info) {
		return fmt.Errorf("the directory %s: %w", dir, delivery.ErrUnsafe)
	}
	return nil
}

// removeDead removes a socket at which nobody answers any more.
func removeDead(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket || !delivery.Ours(info) {
		return syscall.EEXIST
	}
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err == nil {
		return errors.Join(syscall.EADDRINUSE, conn.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}

func (s *socket) close() error {
	if err := s.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// serve answers until ctx ends.
func (s *socket) serve(ctx context.Context, a *Agent) error {
	server := &http.Server{
		Handler: a.routes(), ReadTimeout: requestTime, WriteTimeout: requestTime, IdleTimeout: requestTime, MaxHeaderBytes: maxHeader,
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(peers{s}); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("%w: %w", ErrSocket, err)
	}
	return nil
}

// peers accepts connections of those who may ask.
type peers struct{ *socket }

var _ net.Listener = peers{}

// Accept implements net.Listener.
func (p peers) Accept() (net.Conn, error) {
	for {
		p.slots <- struct{}{}
		conn, err := p.listener.AcceptUnix()
		if err != nil {
			<-p.slots
			return nil, err
		}
		uid, err := peerUID(conn)
		if err == nil && slices.Contains(p.uids, uid) {
			return &peerConn{Conn: conn, release: sync.OnceFunc(func() { <-p.slots })}, nil
		}
		if !p.told[uid] && len(p.told) < maxConns {
			p.told[uid] = true
			p.log.Warn("refused a process at the socket", "uid", uid, "error", err)
		}
		_ = conn.Close()
		<-p.slots
	}
}

// Addr implements net.Listener.
func (p peers) Addr() net.Addr { return p.listener.Addr() }

// Close implements net.Listener.
func (p peers) Close() error { return p.close() }

// peerUID is the user of the process that made a connection.
func peerUID(conn *net.UnixConn) (int, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1, err
	}
	uid := -1
	var failed error
	err = raw.Control(func(fd uintptr) { uid, failed = socketUID(int(fd)) })
	return uid, errors.Join(err, failed)
}

// peerConn makes room for another when it is closed.
type peerConn struct {
	net.Conn
	release func()
}

// Close implements net.Conn.
func (c *peerConn) Close() error {
	defer c.release()
	return c.Conn.Close()
}

func (a *Agent) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/bundles/{name}", a.serveBundle)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		health := a.Health()
		answer(w, health.status(), health)
	})
	// All answers are JSON, also those that the mux would give.
	for _, path := range []string{"/v1/bundles/{name}", "/healthz"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", "GET, HEAD")
			answer(w, http.StatusMethodNotAllowed, refusal{"want the method GET"})
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusNotFound, refusal{"there are /v1/bundles/NAME and /healthz"})
	})
	return mux
}

// serveBundle answers as RenderProjection does over REST.
func (a *Agent) serveBundle(w http.ResponseWriter, r *http.Request) {
	at := slices.IndexFunc(a.followers, func(f *follower) bool { return f.Name == r.PathValue("name") })
	if at < 0 {
		answer(w, http.StatusNotFound, refusal{"the agent delivers no such projection"})
		return
	}
	bundle, health := a.followers[at].snapshot()
	w.Header().Set(stateHeader, string(health.State))
	if bundle == nil {
		answer(w, http.StatusServiceUnavailable, refusal{health.Reason})
		return
	}
	etag := bundle.GetEtag() // the server's are quoted, as HTTP wants them
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	content, err := protojson.Marshal(bundle)
	if err != nil {
		answer(w, http.StatusInternalServerError, refusal{"the bundle has no form in JSON"})
		return
	}
	answer(w, http.StatusOK, json.RawMessage(content))
}

// refusal is the answer to what cannot be answered.
type refusal struct {
	Error string `json:"error"`
}

func answer(w http.ResponseWriter, status int, body any) {
	content, err := json.Marshal(body)
	if err != nil {
		status, content = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(content, '\n')) // to who may have gone away
}
