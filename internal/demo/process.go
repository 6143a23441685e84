package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	readyTime = 30 * time.Second
	stopTime  = 15 * time.Second
)

// build makes the programs that packages name.
func build(ctx context.Context, out *screen, root, bin string, packages ...string) error {
	args := append([]string{"build", "-trimpath", "-o", bin + string(filepath.Separator)}, packages...)
	out.command(nil, append([]string{"go"}, args...)...)
	cmd := command(ctx, "go", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building %s: %w", strings.Join(packages, ", "), err)
	}
	return nil
}

// command is a process of its own group, so that Ctrl-C reaches it through us alone, and which is interrupted when ctx
// ends and killed when that does not help.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = stopTime
	return cmd
}

// server is a running cofferd.
type server struct {
	http, grpc string // addresses
	dataDir    string
	process    *exec.Cmd
	serving    chan struct{} // closed when the process says that it serves
	exited     chan struct{} // closed when the process has ended
	err        error         // how it ended, once exited is closed
}

// startServer starts cofferd and returns when it is ready. What it writes goes to log.
func startServer(ctx context.Context, out *screen, program, dataDir, httpAddress, grpcAddress string, log io.Writer) (*server, error) {
	s := &server{http: httpAddress, grpc: grpcAddress, dataDir: dataDir, serving: make(chan struct{}), exited: make(chan struct{})}
	args := []string{"--data-dir", dataDir, "--http", httpAddress, "--grpc", grpcAddress}
	out.command(nil, append([]string{program}, args...)...)
	// Not to be killed when ctx ends: stop ends it in order.
	s.process = exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	s.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	said := &announcement{out: log, text: []byte(`"msg":"serving"`), made: s.serving}
	s.process.Stdout, s.process.Stderr = said, said
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("starting cofferd: %w", err)
	}
	go func() {
		s.err = s.process.Wait()
		close(s.exited)
	}()
	if err := s.await(ctx); err != nil {
		_ = s.stop() // the first error tells more
		return nil, err
	}
	return s, nil
}

// announcement passes a log on and closes made when a text comes.
type announcement struct {
	out  io.Writer
	text []byte
	made chan struct{}
	tail []byte // may hold the beginning of the text
	done bool
}

// Write implements io.Writer.
func (a *announcement) Write(p []byte) (int, error) {
	if !a.done {
		a.tail = append(a.tail, p...)
		if bytes.Contains(a.tail, a.text) {
			a.done, a.tail = true, nil
			close(a.made)
		} else {
			a.tail = a.tail[max(0, len(a.tail)-len(a.text)):]
		}
	}
	return a.out.Write(p)
}

// await returns when the server says that it is ready. Before its log says that it has the addresses, another server
// may be the one that answers there.
func (s *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	select {
	case <-s.serving:
	case <-s.exited:
		return fmt.Errorf("cofferd ended instead of starting: %w", s.err)
	case <-ctx.Done():
		return fmt.Errorf("cofferd did not say that it serves: %w", ctx.Err())
	}
	for {
		status, _, err := get(ctx, "http://"+s.http+"/readyz", "")
		if err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("cofferd ended instead of starting: %w", s.err)
		case <-ctx.Done():
			return fmt.Errorf("cofferd did not become ready: status %d: %w", status, errors.Join(err, ctx.Err()))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop ends the server in order, and by force if that takes too long. That somebody else ended it in order is no fault.
func (s *server) stop() error {
	select {
	case <-s.exited:
		if s.err != nil {
			return fmt.Errorf("cofferd ended by itself: %w", s.err)
		}
		return nil
	default:
	}
	_ = s.process.Process.Signal(syscall.SIGTERM) // fails only if it has ended
	select {
	case <-s.exited:
	case <-time.After(stopTime):
		_ = syscall.Kill(-s.process.Process.Pid, syscall.SIGKILL)
		<-s.exited
		return errors.New("cofferd did not stop in time and was killed")
	}
	if s.err != nil {
		return fmt.Errorf("stopping cofferd: %w", s.err)
	}
	return nil
}

// freeAddresses are loopback addresses that nobody listens on.
func freeAddresses(ctx context.Context, n int) ([]string, error) {
	var addresses []string
	for range n {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("finding a free port: %w", err)
		}
		defer l.Close() // at the end, so that none is found twice
		addresses = append(addresses, l.Addr().String())
	}
	return addresses, nil
}

// get is an HTTP GET; post is a POST of an empty object. They return the status and the body.
func get(ctx context.Context, url, token string) (int, string, error) {
	return request(ctx, http.MethodGet, url, token, nil)
}

func post(ctx context.Context, url, token string) (int, string, error) {
	return request(ctx, http.MethodPost, url, token, []byte("{}"))
}

func request(ctx context.Context, method, url, token string, body []byte) (int, string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return answer.StatusCode, string(content), err
}

// writePrivate writes a file for its owner's eyes only.
func writePrivate(name, content string) error {
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
