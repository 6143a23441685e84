package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/coffer-dev/coffer/internal/server"
)

// instance is a seeded data dir and the cofferd that serves it.
type instance struct {
	seeded
	dir        string
	http, grpc string // addresses
	server     *process
	ready      time.Duration // from its start until it was
}

// seedInstance seeds a new data dir, by a child so that nothing of it stays in this process.
func seedInstance(ctx context.Context, config seedConfig) (*instance, error) {
	if err := os.Mkdir(config.Dir, 0o700); err != nil {
		return nil, err
	}
	child, err := startSelf(ctx, "seed", config.Dir, fmt.Sprint(config.Secrets), fmt.Sprint(config.Versions), fmt.Sprint(config.Grants), fmt.Sprint(config.Policies))
	if err != nil {
		return nil, fmt.Errorf("seeding: %w", err)
	}
	in := &instance{dir: config.Dir}
	return in, errors.Join(json.Unmarshal([]byte(child.first), &in.seeded), child.stop())
}

// buildServer builds cofferd into a folder, the way a release is.
func buildServer(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "cofferd")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", path, "github.com/coffer-dev/coffer/cmd/cofferd")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("building cofferd: %w", err)
	}
	return path, nil
}

// unlimited keeps the limits at work and out of reach: one account makes all calls, from one address.
var unlimited = []string{
	"--limit-principal-rate=1000000000", "--limit-principal-burst=1000000000", "--limit-address-rate=1000000000", "--limit-address-burst=1000000000",
	"--limit-namespace-secrets=1000000000", "--limit-namespace-versions=1000000000", "--limit-namespace-bytes=1000000000000",
}

// start starts a server on the data dir and waits until it is ready. With profiled, it is this program as the server.
func (in *instance) start(ctx context.Context, program string, profiled bool) (err error) {
	if in.http, err = freeAddr(ctx); err != nil {
		return err
	}
	if in.grpc, err = freeAddr(ctx); err != nil {
		return err
	}
	args := append([]string{"--data-dir", in.dir, "--http", in.http, "--grpc", in.grpc}, unlimited...)
	if profiled {
		if program, err = os.Executable(); err != nil {
			return err
		}
		args = []string{"serve", in.dir, in.http, in.grpc}
	}
	log, err := os.OpenFile(in.dir+".log", os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() // the child has its own
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	in.server = &process{cmd: cmd, stdin: stdin}
	if err := in.await(ctx); err != nil {
		said, _ := os.ReadFile(log.Name())
		return errors.Join(fmt.Errorf("starting %s: %w\n%s", program, err, said), in.server.stop())
	}
	in.ready = time.Since(begin)
	return nil
}

// await returns once the server says that it is ready.
func (in *instance) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for ; ; time.Sleep(2 * time.Millisecond) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+in.http+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		if ctx.Err() != nil {
			return errors.Join(errors.New("it does not get ready"), err)
		}
	}
}

func (in *instance) stop() error {
	if in.server == nil {
		return nil
	}
	err := in.server.stop()
	in.server = nil
	return err
}

func freeAddr(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// profile has the server write a CPU profile while it does the work.
func (in *instance) profile(path string, work func() error) error {
	if _, err := fmt.Fprintln(in.server.stdin, "profile", path); err != nil {
		return err
	}
	err := work()
	if _, stopErr := fmt.Fprintln(in.server.stdin, "stop"); stopErr != nil {
		return errors.Join(err, stopErr)
	}
	time.Sleep(time.Second) // it is being written
	return err
}

// serve is cofferd in this program, so that it can be profiled by commands on its standard input: the shipped program
// has no such door.
func serve(ctx context.Context, dir, httpAddr, grpcAddr string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer stop()
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			path, begin := strings.CutPrefix(lines.Text(), "profile ")
			pprof.StopCPUProfile()
			if !begin {
				continue
			}
			f, err := os.Create(path)
			if err == nil {
				err = pprof.StartCPUProfile(f)
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, "profile:", err)
			}
		}
	}()
	config := server.DefaultConfig()
	config.DataDir, config.HTTP, config.GRPC = dir, httpAddr, grpcAddr
	config.Logger = slog.New(slog.NewJSONHandler(os.Stderr, nil))
	config.Limits = server.Limits{PrincipalRate: 1e9, PrincipalBurst: 1e9, AddressRate: 1e9, AddressBurst: 1e9}
	return server.Run(ctx, config)
}
