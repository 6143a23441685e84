package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/coffer-dev/coffer/internal/demo/postgres"
	"github.com/coffer-dev/coffer/internal/demo/trace"
)

// Where the manifests are, from the top of the repository.
const (
	platformManifests = "internal/demo/manifests/1-platform.yaml"
	pipelineManifests = "internal/demo/manifests/2-pipeline.yaml"
	accessManifests   = "internal/demo/manifests/3-access.yaml"
)

// What PostgreSQL knows of the pipeline.
const (
	role     = "etl"
	database = "warehouse"
)

// The accounts of the manifests.
const (
	dana = "dana"
	etl  = "etl"
)

// errInterrupted: the user had enough.
var errInterrupted = errors.New("interrupted; what ran was stopped")

// demo is one run of the demonstration.
type demo struct {
	*screen
	root, bin string
	work      string // directory of this run, removed afterwards

	warehouse *postgres.Server
	server    *server
	log       *os.File // of the server
	password  string   // in force at the warehouse
	values    []string // all that must be found nowhere
}

type step struct {
	title string
	do    func(context.Context) error
}

func (d *demo) steps() []step {
	return []step{
		{"Build", d.build},
		{"A PostgreSQL of our own, as the pipeline's warehouse", d.startWarehouse},
		{"A Coffer server on a new data directory", d.startCoffer},
		{"The platform's operators describe teams, accounts and the secret", d.applyPlatform},
		{"A new login at the warehouse: its password goes to Coffer and is kept nowhere else", d.storeLogin},
		{"The data engineer writes down what her pipeline receives", d.applyPipeline},
		{"She can use the secret, and not read it", d.refuseEngineer},
		{"The pipeline runs; where is its password meanwhile?", d.runAndSearch},
		{"Rotation: a new password, the old one is worthless", d.rotate},
		{"The pipeline runs again, unchanged", d.runAgain},
		{"Whoever wrote the recipe loses the right to use the secret: delivery stops", d.withdraw},
		{"Who did what", d.audit},
		{"Stop everything, and search all that is left once more", d.finish},
	}
}

func runDemo(ctx context.Context, root, bin string) (err error) {
	began := time.Now()
	work, err := os.MkdirTemp("", "coffer-demo-")
	if err != nil {
		return fmt.Errorf("making a directory: %w", err)
	}
	d := &demo{screen: newScreen(os.Stdout), root: root, bin: bin, work: work}
	defer func() {
		if ctx.Err() != nil {
			err = errInterrupted
		}
		err = errors.Join(err, d.cleanup())
	}()
	for i, step := range d.steps() {
		err := d.heading(i+1, step.title)
		if err == nil {
			err = step.do(ctx)
		}
		if err != nil {
			if ctx.Err() == nil {
				d.showLog()
			}
			return fmt.Errorf("step %d, %s: %w", i+1, strings.ToLower(step.title[:1])+step.title[1:], err)
		}
	}
	_, err = fmt.Fprintf(d, "\n%sAll of it held, in %.0f seconds.%s\n", d.bold, time.Since(began).Seconds(), d.plain)
	return err
}

// cleanup stops what still runs and removes what this run made.
func (d *demo) cleanup() error {
	err := d.stop()
	if d.log != nil {
		d.log.Close()
	}
	return errors.Join(err, os.RemoveAll(d.work))
}

// stop stops both servers; again, it does nothing.
func (d *demo) stop() error {
	var errs []error
	if d.server != nil {
		errs = append(errs, d.server.stop())
		d.server = nil
	}
	if d.warehouse != nil {
		errs = append(errs, d.warehouse.Stop())
		d.warehouse = nil
	}
	return errors.Join(errs...)
}

// showLog shows the end of the server's log after a failure.
func (d *demo) showLog() {
	content, err := os.ReadFile(d.logFile())
	if err != nil || len(content) == 0 || trace.Of(d.password).In(content) {
		return
	}
	fmt.Fprintf(os.Stderr, "\nthe end of cofferd's log:\n%s\n", content[max(0, len(content)-4000):])
}

func (d *demo) logFile() string            { return filepath.Join(d.work, "cofferd.log") }
func (d *demo) dataDir() string            { return filepath.Join(d.work, "data") }
func (d *demo) pipeline() string           { return filepath.Join(d.work, "pipeline") }
func (d *demo) tokenFile(a string) string  { return filepath.Join(d.work, a+".token") }
func (d *demo) program(name string) string { return filepath.Join(d.bin, name) }

func (d *demo) build(ctx context.Context) error {
	if err := build(ctx, d.screen, d.root, d.bin, "./cmd/coffer", "./cmd/cofferd"); err != nil {
		return err
	}
	return build(ctx, d.screen, d.root, d.work, "./internal/demo/pipeline")
}

func (d *demo) startWarehouse(ctx context.Context) error {
	programs, err := postgres.Find(ctx, filepath.Join(d.root, ".cache"), d)
	if err != nil {
		return err
	}
	d.say("%s", programs.Source)
	if d.warehouse, err = postgres.Start(ctx, postgres.Config{Programs: programs}); err != nil {
		return err
	}
	d.say("listens on 127.0.0.1:%d as process %d; every login takes a password (SCRAM-SHA-256)", d.warehouse.Port(), d.warehouse.PID())
	return nil
}

func (d *demo) startCoffer(ctx context.Context) error {
	addresses, err := freeAddresses(ctx, 2)
	if err != nil {
		return err
	}
	if d.log, err = os.OpenFile(d.logFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return fmt.Errorf("opening the server's log: %w", err)
	}
	d.server, err = startServer(ctx, d.screen, d.program("cofferd"), d.dataDir(), addresses[0], addresses[1], d.log)
	if err != nil {
		return err
	}
	// The login of this run stays apart from the user's own.
	if err := os.Setenv("XDG_CONFIG_HOME", filepath.Join(d.work, "config")); err != nil {
		return fmt.Errorf("setting the place of the login: %w", err)
	}
	d.command(nil, "export", "XDG_CONFIG_HOME="+os.Getenv("XDG_CONFIG_HOME"))
	operatorToken := filepath.Join(d.dataDir(), "operator.token")
	if _, err := d.coffer(ctx, "", "", "login", "--address", "http://"+d.server.http, "--token-file", operatorToken); err != nil {
		return err
	}
	_, err = d.coffer(ctx, "", "", "status")
	return err
}

// finish stops the servers before cleanup would, so that a failure to stop is one of the demonstration.
func (d *demo) finish(context.Context) error {
	pids := []int{d.server.process.Process.Pid, d.warehouse.PID()}
	if err := d.server.stop(); err != nil {
		return err
	}
	d.server = nil
	// The data directory of PostgreSQL goes with it: search it before.
	if err := d.searchFiles(); err != nil {
		return err
	}
	if err := d.stop(); err != nil {
		return err
	}
	for _, pid := range pids {
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
			return fmt.Errorf("process %d still runs", pid)
		}
	}
	for _, value := range d.values {
		if trace.Of(value).In(d.shown()) {
			return errors.New("a password or token was shown on this screen")
		}
	}
	d.say("on this screen: nothing")
	d.say("cofferd and PostgreSQL have stopped")
	return nil
}
