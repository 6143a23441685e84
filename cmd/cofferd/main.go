// Command cofferd is the Coffer server.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/coffer-dev/coffer/internal/config"
	"github.com/coffer-dev/coffer/internal/server"
)

const usage = `cofferd is the Coffer server: it keeps secrets and delivers them to workloads.

Usage:
  cofferd [flags]
  cofferd --version

Flags:
`

const gcPercent = 400

func main() { os.Exit(run(os.Args[1:])) }

func run(arguments []string) int {
	if len(arguments) == 1 && arguments[0] == "--version" {
		fmt.Println("cofferd", version())
		return 0
	}
	c, err := config.Parse(arguments, os.Environ())
	if errors.Is(err, pflag.ErrHelp) {
		fmt.Print(usage + config.Reference() + "  --version\n      print the version\n")
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cofferd:", err)
		return 1
	}
	logger, err := c.Log.Logger(os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "cofferd:", err)
		return 1
	}
	// What is live is a few megabytes, so that collecting at double that size would take a tenth of the time of a call.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if err := noCoreDumps(); err != nil {
		fmt.Fprintln(os.Stderr, "cofferd: turning off core dumps:", err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	c.Server.Logger, c.Server.Version, c.Server.Stdout = logger, version(), os.Stdout
	if err := server.Run(ctx, c.Server); err != nil {
		fmt.Fprintln(os.Stderr, "cofferd:", err)
		return 1
	}
	return 0
}

// version is that of the module, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return info.Main.Version
}
