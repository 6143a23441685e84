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
  cofferd recover [--namespace NAMESPACE] [--account ACCOUNT] [flags]
  cofferd recover --accept-audit-loss [flags]
  cofferd --version

cofferd recover lets those back in who hold the data dir and the KEK, while no server runs on them: it makes a service
account of the instance an operator, or with --namespace the admin of that one, and writes a token of it that works for a
day to recovery.token in the data dir. It is recorded in the audit log.

An audit log that was lost or damaged is refused, and its folder is to be put back from a copy. Where there is none,
--accept-audit-loss moves what is left of it aside and goes on after the last record that the store knows of. The log then
begins with a record of which are missing. Nobody is let in by that.

Flags:
`

const gcPercent = 400

func main() { os.Exit(run(os.Args[1:])) }

func run(arguments []string) int {
	if len(arguments) == 1 && arguments[0] == "--version" {
		fmt.Println("cofferd", version())
		return 0
	}
	recovering := len(arguments) > 0 && arguments[0] == "recover"
	var c config.Config
	var recovery config.Recover
	var err error
	if recovering {
		c, recovery, err = config.ParseRecover(arguments[1:], os.Environ())
	} else {
		c, err = config.Parse(arguments, os.Environ())
	}
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
	signalled, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// A second signal ends the process at once, from the moment on when anything begins to end.
	context.AfterFunc(signalled, func() {
		stop()
		cancel()
	})
	c.Server.Logger, c.Server.Version, c.Server.Stdout = logger, version(), os.Stdout
	switch {
	case recovery.AcceptAuditLoss:
		err = acceptAuditLoss(ctx, c.Server)
	case recovering:
		err = recoverAccess(ctx, c.Server, recovery.Recovery)
	default:
		err = server.Run(ctx, c.Server)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cofferd:", err)
		return 1
	}
	return 0
}

func recoverAccess(ctx context.Context, c server.Config, recovery server.Recovery) error {
	account, path, err := server.Recover(ctx, c, recovery)
	if err != nil {
		return err
	}
	fmt.Printf("%s can log in again, by the token in %s, for a day.\nRemove the account or its grant when they are no longer needed.\n", account, path)
	return nil
}

func acceptAuditLoss(ctx context.Context, c server.Config) error {
	loss, err := server.AcceptAuditLoss(ctx, c)
	if err != nil {
		return err
	}
	fmt.Printf("The audit log goes on after record %d and tells that those from %d on are missing.\n", loss.Last, loss.First)
	if loss.Aside != "" {
		fmt.Printf("What was left of it is in %s.\n", loss.Aside)
	}
	return nil
}

// version is that of the module, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return info.Main.Version
}
