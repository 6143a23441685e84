// Package postgres brings up a private PostgreSQL server for as long as a demonstration or a test needs one.
//
// It guarantees that the server listens on the loopback address only, lets nobody in without a password (SCRAM-SHA-256,
// the superuser included, whose password is random and held in memory alone), does not touch any other PostgreSQL of the
// machine, needs no root, and is gone with all its files after Stop. What threatens it is the rest of the machine: root,
// and the user it runs as. PostgreSQL refuses to run as root, so root has an unprivileged user of the system run it.
package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Superuser is the role that Admin connects as.
const Superuser = "postgres"

const (
	startTime = 30 * time.Second
	stopTime  = 10 * time.Second
)

// ErrStart: the server did not come up. The text has the end of its log.
var ErrStart = errors.New("PostgreSQL did not start")

// Config says which programs to run.
type Config struct {
	// Programs are those of Find. Required.
	Programs Programs
}

// Server is a running PostgreSQL.
type Server struct {
	port     int
	password string
	dir      string
	log      *os.File
	process  *exec.Cmd
	exited   chan struct{} // closed when the process has ended
}

// Start initialises a server in a new directory and returns once it answers.
func Start(ctx context.Context, config Config) (*Server, error) {
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(owner.tempDir(), "coffer-postgres-")
	if err != nil {
		return nil, fmt.Errorf("making the server's directory: %w", err)
	}
	s := &Server{password: rand.Text(), dir: dir, exited: make(chan struct{})}
	if err := s.start(ctx, config.Programs, owner); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, programs Programs, owner owner) error {
	err := owner.own(s.dir)
	if err != nil {
		return err
	}
	if programs, err = programs.reachable(ctx, owner, s.dir); err != nil {
		return err
	}
	if s.log, err = os.OpenFile(s.LogFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return fmt.Errorf("opening the server's log: %w", err)
	}
	if err := s.initialise(ctx, programs, owner); err != nil {
		return err
	}
	if s.port, err = freePort(ctx); err != nil {
		return err
	}
	// Not to be killed when ctx ends: Stop ends it in order.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), programs.path("postgres"), "-D", s.DataDir(), "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off")
	owner.run(cmd, s.dir, s.log)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting PostgreSQL: %w", err)
	}
	s.process = cmd
	go func() {
		defer close(s.exited)
		_ = cmd.Wait() // what it had to say is in its log
	}()
	return s.await(ctx)
}

// initialise makes an empty database cluster whose superuser has the random password.
func (s *Server) initialise(ctx context.Context, programs Programs, owner owner) error {
	passwordFile := filepath.Join(s.dir, "superuser")
	if err := os.WriteFile(passwordFile, []byte(s.password), 0o600); err != nil {
		return fmt.Errorf("writing the superuser's password for initdb: %w", err)
	}
	defer os.Remove(passwordFile)
	if err := owner.own(passwordFile); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, programs.path("initdb"), "--pgdata", s.DataDir(), "--username", Superuser,
		"--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	owner.run(cmd, s.dir, s.log)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: initdb: %w\n%s", ErrStart, err, s.tail())
	}
	return nil
}

// await returns once the server lets the superuser in.
func (s *Server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		conn, err := s.Admin(ctx)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.exited:
			return fmt.Errorf("%w:\n%s", ErrStart, s.tail())
		case <-ctx.Done():
			return fmt.Errorf("%w: %w\n%s", ErrStart, err, s.tail())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop ends the server, without waiting for its clients, and removes its files.
func (s *Server) Stop() error {
	if s.process != nil {
		for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
			_ = s.process.Process.Signal(signal) // fails only if it has ended
			select {
			case <-s.exited:
			case <-time.After(stopTime):
				continue
			}
			break
		}
	}
	if s.log != nil {
		s.log.Close()
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("removing the server's files: %w", err)
	}
	return nil
}

// Port is where the server listens on 127.0.0.1.
func (s *Server) Port() int { return s.port }

// PID is the server's first process.
func (s *Server) PID() int { return s.process.Process.Pid }

// DataDir holds all that the server stores.
func (s *Server) DataDir() string { return filepath.Join(s.dir, "data") }

// LogFile is where the server logs.
func (s *Server) LogFile() string { return filepath.Join(s.dir, "log") }

// Admin connects as the superuser.
func (s *Server) Admin(ctx context.Context) (*pgx.Conn, error) {
	return s.Connect(ctx, Superuser, s.password, "postgres")
}

// Connect logs in with a password.
func (s *Server) Connect(ctx context.Context, role, password, database string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig("sslmode=disable")
	if err != nil {
		return nil, fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	config.Host, config.Port = "127.0.0.1", uint16(s.port)
	config.User, config.Password, config.Database = role, password, database
	config.Fallbacks = nil
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to PostgreSQL as %s: %w", role, err)
	}
	return conn, nil
}

// tail is the end of the server's log.
func (s *Server) tail() string {
	content, err := os.ReadFile(s.LogFile())
	if err != nil {
		return err.Error()
	}
	return string(content[max(0, len(content)-2000):])
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
