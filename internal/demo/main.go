// Command demo shows the main job of Coffer from end to end on this machine, or keeps a server running to try it out.
//
//	make demo   a data pipeline gets its PostgreSQL login from Coffer; everything is checked, and gone afterwards
//	make run    a server on 127.0.0.1:8080 and 8081 until interrupted
//
// The demonstration is an end-to-end test of the shipped programs: it fails unless every single thing it says is so. It
// guarantees that it touches nothing of the user's, neither a login nor a server, and that it stops what it started,
// also when it fails or is interrupted. What threatens that is being killed outright.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// module is in go.mod's first line.
const module = "module github.com/coffer-dev/coffer\n"

func main() {
	// Further signals change nothing: cleaning up takes a bounded time.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// Taken, so that a reader of our output who leaves does not end us before we have cleaned up.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	err := start(ctx, os.Args[1:])
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "demo:", err)
	}
	if err != nil {
		os.Exit(1)
	}
}

func start(ctx context.Context, args []string) error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	bin := flags.String("bin", filepath.Join(root, "bin"), "where the programs are built")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: demo [--bin DIR] demo|run")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	at := runPlace(root)
	if err := clearEnvironment(); err != nil {
		return err
	}
	switch {
	case flags.NArg() == 1 && flags.Arg(0) == "demo":
		return runDemo(ctx, root, *bin)
	case flags.NArg() == 1 && flags.Arg(0) == "run":
		return runServer(ctx, root, *bin, at)
	}
	flags.Usage()
	return flag.ErrHelp
}

// clearEnvironment drops what would lead the programs to another server, of Coffer or of PostgreSQL.
func clearEnvironment() error {
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "COFFER_") || strings.HasPrefix(name, "PG") {
			if err := os.Unsetenv(name); err != nil {
				return fmt.Errorf("clearing %s: %w", name, err)
			}
		}
	}
	return nil
}

// findRoot is the top of the repository that the working directory is in.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for {
		content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(content), module) {
			return dir, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("finding the repository: %w", err)
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("run this in a checkout of Coffer")
		}
		dir = filepath.Dir(dir)
	}
}
