// Command coffer is the command line of Coffer; package cli says what it does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/coffer-dev/coffer/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Main(ctx, os.Args, cli.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
