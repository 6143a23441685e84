package server_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/pkg/client"
)

// build returns the path of the program.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cofferd")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/coffer-dev/coffer/cmd/cofferd").CombinedOutput(); err != nil {
		t.Fatalf("building cofferd: %v\n%s", err, out)
	}
	return path
}

// process is a running cofferd.
type process struct {
	cmd  *exec.Cmd
	dir  string
	grpc string
	log  *strings.Builder
	gone chan error
}

// startProcess starts cofferd on free ports and returns when it serves.
func startProcess(t *testing.T, program, dir string) *process {
	t.Helper()
	p := launch(t, program, dir)
	if p.grpc == "" {
		t.Fatalf("cofferd ended: %v\n%s", <-p.gone, p.log)
	}
	return p
}

// launch starts cofferd and returns when it serves or has ended.
func launch(t *testing.T, program, dir string) *process {
	t.Helper()
	cmd := exec.Command(program, "--data-dir", dir, "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	p := &process{cmd: cmd, dir: dir, log: &strings.Builder{}, gone: make(chan error, 1)}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		p.log.WriteString(lines.Text() + "\n")
		var line struct{ Msg, GRPC string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			p.grpc = line.GRPC
			break
		}
	}
	go func() {
		for lines.Scan() { // or the pipe would fill up
		}
		p.gone <- cmd.Wait()
		close(p.gone)
	}()
	return p
}

// kill ends the process as a power loss would, but for what the kernel still writes.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	for range p.gone {
	}
}

func (p *process) client(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{Address: "grpc://" + p.grpc, TokenFile: filepath.Join(p.dir, "operator.token"), Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestProgram(t *testing.T) {
	program := build(t)
	for _, tt := range []struct {
		arguments []string
		code      int
		want      string
	}{
		{[]string{"--help"}, 0, "--data-dir"},
		{[]string{"--version"}, 0, "cofferd "},
		{[]string{"--nope"}, 1, "cofferd: unknown flag: --nope"},
		{[]string{"--storage", "etcd"}, 1, "cofferd: storage engine etcd is not built into this version"},
		{[]string{"--http", "0.0.0.0:1"}, 1, "cofferd: refusing to serve --http 0.0.0.0:1 without TLS"},
	} {
		cmd := exec.CommandContext(t.Context(), program, tt.arguments...)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != tt.code || !strings.Contains(string(out), tt.want) {
			t.Errorf("cofferd %v: %v, %s, want exit code %d and %q", tt.arguments, err, out, tt.code, tt.want)
		}
	}
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		p := startProcess(t, program, filepath.Join(t.TempDir(), "data"))
		if err := p.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := <-p.gone; err != nil {
			t.Errorf("cofferd ended by %v: %v, want exit code 0", signal, err)
		}
	}
}

// A second signal ends a server at once that waits for calls to end.
func TestProgram_secondSignal(t *testing.T) {
	p := startProcess(t, build(t), filepath.Join(t.TempDir(), "data"))
	conn, err := grpc.NewClient(p.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	stream, err := reflectionv1.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil { // the call is under way
		t.Fatal(err)
	}
	for range 2 {
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a new connection to be refused", func() bool {
			var dialer net.Dialer
			conn, err := dialer.DialContext(t.Context(), "tcp", p.grpc)
			if err == nil {
				_ = conn.Close()
			}
			return err != nil
		})
	}
	var exit *exec.ExitError
	if err := <-p.gone; !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("cofferd ended by a second signal: %v, want the signal's own end", err)
	}
}

// A first start that is killed at any moment loses nothing: the next one has an operator whose token is in the file.
func TestKill_firstStart(t *testing.T) {
	program := build(t)
	for i := range kills(t) {
		dir := filepath.Join(t.TempDir(), "data")
		cmd := exec.Command(program, "--data-dir", dir, "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i%40) * 2 * time.Millisecond)
		_ = cmd.Process.Kill()
		var exit *exec.ExitError
		if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		p := startProcess(t, program, dir)
		if _, err := p.client(t).GetStatus(t.Context(), &cofferv1.GetStatusRequest{}); err != nil {
			t.Errorf("GetStatus after a first start killed in round %d: %v\n%s", i, err, p.log)
		}
		p.kill()
	}
}

// kills is how often to kill: COFFER_TEST_KILLS, or a few times.
func kills(t *testing.T) int {
	t.Helper()
	n := 10
	if text := os.Getenv("COFFER_TEST_KILLS"); text != "" {
		if _, err := fmt.Sscan(text, &n); err != nil {
			t.Fatalf("COFFER_TEST_KILLS: %v", err)
		}
	}
	return n
}
