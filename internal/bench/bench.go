// Package main is the program behind `make bench`: it measures Coffer beside what limits it, on this machine and in one
// run, and says which of its bars are met.
//
// What it guarantees: server and client are separate processes that share the machine, and so are the bare servers that
// Coffer is compared with; disks are really flushed; every answer is checked; what is compared is measured in turns, a
// round of one and a round of the other, and a ratio is the median of those of the rounds. What threatens it is whatever
// else runs on the machine: the table says how many rounds there were, and CPU time for each call is the steadiest figure.
//
//	go run ./internal/bench                     the whole table, some ten minutes
//	go run ./internal/bench -quick              a small one, to see that it works
//	go run ./internal/bench -profile DIR        CPU profiles of the server under each kind of load, and no table
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is the benchmark, or one of its children.
func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "seed":
			return runSeed(ctx, args[1:])
		case "echo":
			size, err := strconv.Atoi(args[1])
			if err != nil {
				return err
			}
			return serveEcho(ctx, size)
		case "json":
			return serveJSON(ctx, []byte(args[1]))
		case "serve":
			return serve(ctx, args[1], args[2], args[3])
		}
	}
	config, err := parse(args)
	if err != nil {
		return err
	}
	if config.dir, err = os.MkdirTemp(config.dir, "coffer-bench-"); err != nil {
		return err
	}
	b := &bench{config: config, ctx: ctx, samples: samples{}}
	return errors.Join(b.run(), b.close(), os.RemoveAll(config.dir))
}

func runSeed(ctx context.Context, args []string) error {
	debug.SetGCPercent(400) // the live heap is small, and there is little else to do with the memory
	config := seedConfig{Dir: args[0]}
	for i, into := range []*int{&config.Secrets, &config.Versions, &config.Grants, &config.Policies} {
		n, err := strconv.Atoi(args[i+1])
		if err != nil {
			return err
		}
		*into = n
	}
	return seed(ctx, config, os.Stdout)
}

// config is what the flags say.
type config struct {
	dir, profile, cofferd string
	many, few, grants     int // secrets of the large store, of the small one; grants of each
	policies              int // of operators, in each
	rounds                int
	round                 time.Duration
}

func parse(args []string) (config, error) {
	var c config
	var quick bool
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&c.many, "secrets", 1_000_000, "secrets in the large store")
	flags.IntVar(&c.few, "few", 100, "secrets in the small store, at least 100")
	flags.IntVar(&c.grants, "grants", 10_000, "grants in each store")
	flags.IntVar(&c.policies, "policies", 200, "operators' policies in each store, the first ten of which apply to one secret")
	flags.DurationVar(&c.round, "round", 2*time.Second, "time of a round")
	flags.IntVar(&c.rounds, "rounds", 3, "rounds of each figure")
	flags.BoolVar(&quick, "quick", false, "10,000 secrets and one round of 0.3 s, unless said otherwise")
	flags.StringVar(&c.dir, "dir", "", "folder for the stores, on the disk that counts (default: that of temporary files)")
	flags.StringVar(&c.cofferd, "cofferd", "", "server program to measure (default: built from this module)")
	flags.StringVar(&c.profile, "profile", "", "folder to write CPU profiles of the server to")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if quick {
		said := map[string]bool{}
		flags.Visit(func(f *flag.Flag) { said[f.Name] = true })
		for name, value := range map[string]string{"secrets": "10000", "grants": "1000", "round": "300ms", "rounds": "1"} {
			if said[name] {
				continue
			}
			if err := flags.Set(name, value); err != nil {
				return c, err
			}
		}
	}
	if c.few < pageSize || c.many < c.few || c.grants < 1 || c.policies < len(applicable) || c.rounds < 1 {
		return c, fmt.Errorf("want -secrets ≥ -few ≥ %d, -policies ≥ %d, and -grants and -rounds ≥ 1", pageSize, len(applicable))
	}
	return c, nil
}
