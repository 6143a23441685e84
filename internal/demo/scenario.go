package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/coffer-dev/coffer/internal/demo/trace"
)

func (d *demo) applyPlatform(ctx context.Context) error {
	if _, err := d.coffer(ctx, "", "", "apply", "-f", platformManifests); err != nil {
		return err
	}
	d.say("again, nothing changes:")
	printed, err := d.coffer(ctx, "", "", "apply", "-f", platformManifests)
	if err != nil {
		return err
	}
	if err := expect(printed, "0 created, 0 updated"); err != nil {
		return err
	}
	for _, account := range []string{dana, etl} {
		if err := d.mint(ctx, account); err != nil {
			return err
		}
	}
	return nil
}

// storeLogin makes the role at the warehouse. The password is drawn here, goes to Coffer on standard input, and to
// PostgreSQL as a verifier that it cannot be computed from.
func (d *demo) storeLogin(ctx context.Context) error {
	d.drawPassword()
	err := d.administer(ctx,
		"CREATE ROLE "+role+" LOGIN PASSWORD '"+verifier+"'",
		"CREATE DATABASE "+database+" OWNER "+role)
	if err != nil {
		return err
	}
	values := fmt.Sprintf("host=127.0.0.1\nport=%d\ndatabase=%s\nusername=%s\npassword=%s\n", d.warehouse.Port(), database, role, d.password)
	printed, err := d.coffer(ctx, "", values, "secret", "add-version", "orders-db", "-n", "orders", "--from-env-file", "-")
	if err != nil {
		return err
	}
	if err := expect(printed, "version 1 added"); err != nil {
		return err
	}
	printed, err = d.coffer(ctx, "", "", "get", "secret", "orders-db", "-n", "orders")
	if err != nil {
		return err
	}
	return expect(printed, "password", "postgres")
}

// drawPassword puts a new password in force here.
func (d *demo) drawPassword() {
	d.password = rand.Text() + rand.Text()
	d.values = append(d.values, d.password)
}

func (d *demo) applyPipeline(ctx context.Context) error {
	printed, err := d.coffer(ctx, dana, "", "apply", "-f", pipelineManifests)
	if err != nil {
		return err
	}
	if err := expect(printed, "projection/orders/etl created"); err != nil {
		return err
	}
	d.say("and the operators let the workload, and nobody else, have it delivered:")
	_, err = d.coffer(ctx, "", "", "apply", "-f", accessManifests)
	return err
}

// refuseEngineer shows that whoever writes a projection neither reads its secret nor renders it, by command line or REST.
func (d *demo) refuseEngineer(ctx context.Context) error {
	for _, args := range [][]string{
		{"secret", "access", "orders-db", "-n", "orders", "--reveal"},
		{"render", "etl", "-n", "orders", "--reveal"},
		d.workload(false),
	} {
		if err := d.refused(ctx, dana, args...); err != nil {
			return err
		}
	}
	token, err := os.ReadFile(d.tokenFile(dana))
	if err != nil {
		return fmt.Errorf("reading the token: %w", err)
	}
	url := "http://" + d.server.http + "/v1/namespaces/orders/projections/etl:render"
	d.typed(fmt.Sprintf(`curl -X POST -H "Authorization: Bearer $(cat %s)" %s`, d.tokenFile(dana), url))
	status, body, err := post(ctx, url, strings.TrimSpace(string(token)))
	if err != nil {
		return fmt.Errorf("rendering by REST: %w", err)
	}
	d.say("HTTP %d %s", status, body)
	if status != http.StatusForbidden {
		return fmt.Errorf("rendering by REST: got HTTP %d, want %d", status, http.StatusForbidden)
	}
	return nil
}

// runAndSearch holds the pipeline while it searches for the password.
func (d *demo) runAndSearch(ctx context.Context) error {
	printed := &watch{out: d, line: "waiting", seen: make(chan struct{})}
	cmd := d.cofferCommand(ctx, etl, nil, printed, d.workload(true))
	release, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("holding the pipeline: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("running the pipeline: %w", err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	select {
	case <-printed.seen:
	case err := <-exited:
		return fmt.Errorf("the pipeline ended early: %w", errors.Join(err, ctx.Err()))
	}
	files, searchErr := d.searchWhileRunning()
	if err := errors.Join(searchErr, release.Close(), <-exited); err != nil {
		return err
	}
	if _, err := os.Stat(files); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("the delivered files %s are still there: %w", files, err)
	}
	d.say("after it: %s is gone", files)
	return d.checkRun(ctx, printed.text(), 500)
}

func (d *demo) checkRun(ctx context.Context, printed string, orders int) error {
	if err := expect(printed, "loaded 500 orders", "postgres://"+role+":"+masked+"@"); err != nil {
		return err
	}
	if strings.Contains(printed, d.password) {
		return errors.New("the pipeline's output has the password unmasked")
	}
	return d.checkWarehouse(ctx, orders)
}

// searchWhileRunning searches everything for the password while the pipeline has it. That the search finds it there
// shows that it would find it elsewhere. It returns the directory of the delivered files.
func (d *demo) searchWhileRunning() (string, error) {
	password := trace.Of(d.password)
	holders, searched, err := password.Processes("environ")
	if err != nil {
		return "", err
	}
	if len(holders) != 1 {
		return "", fmt.Errorf("processes %v have the password in their environment, want the pipeline alone", holders)
	}
	pipeline := filepath.Join("/proc", fmt.Sprint(holders[0]))
	if program, err := os.Readlink(filepath.Join(pipeline, "exe")); err != nil || program != d.pipeline() {
		return "", fmt.Errorf("process %d has the password in its environment and is %q: %w", holders[0], program, err)
	}
	d.say("in the environment of %d processes: the pipeline alone (%d)", searched, holders[0])
	listed, searched, err := password.Processes("cmdline")
	if err != nil {
		return "", err
	}
	if len(listed) > 0 {
		return "", fmt.Errorf("the process list shows the password: %v", listed)
	}
	d.say("in the process list (%d command lines): nothing", searched)
	environ, err := os.ReadFile(filepath.Join(pipeline, "environ"))
	if err != nil {
		return "", fmt.Errorf("reading the pipeline's environment: %w", err)
	}
	_, files, _ := strings.Cut(string(environ), "\x00COFFER_FILES=")
	files, _, _ = strings.Cut(files, "\x00")
	found, _, err := password.Files(files)
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("the pipeline's files %v have the password, want one", found)
	}
	d.say("in the pipeline's own files: %s", found[0])
	return files, d.searchFiles()
}

// searchFiles expects none of the values in what the servers wrote.
func (d *demo) searchFiles() error {
	places := []struct{ title, path string }{
		{"in the store, the audit log and the keys", d.dataDir()},
		{"in cofferd's log", d.logFile()},
		{"in PostgreSQL's data", d.warehouse.DataDir()},
		{"in PostgreSQL's log", d.warehouse.LogFile()},
	}
	for _, place := range places {
		var count int
		for _, value := range d.values {
			found, searched, err := trace.Of(value).Files(place.path)
			if err != nil {
				return err
			}
			if len(found) > 0 {
				return fmt.Errorf("a password or token is %s: %v", place.title, found)
			}
			count = searched
		}
		d.say("%s (files searched raw, in hex and base64: %d): nothing", place.title, count)
	}
	return nil
}

func (d *demo) rotate(ctx context.Context) error {
	old := d.password
	d.drawPassword()
	printed, err := d.coffer(ctx, "", d.password, "secret", "add-version", "orders-db", "-n", "orders", "--merge", "password=-")
	if err != nil {
		return err
	}
	if err := expect(printed, "version 2 added"); err != nil {
		return err
	}
	if err := d.administer(ctx, "ALTER ROLE "+role+" PASSWORD '"+verifier+"'"); err != nil {
		return err
	}
	if _, err := d.coffer(ctx, "", "", "secret", "versions", "orders-db", "-n", "orders"); err != nil {
		return err
	}
	d.say("the old password now:")
	return d.refuseLogin(ctx, old)
}

func (d *demo) runAgain(ctx context.Context) error {
	printed, err := d.coffer(ctx, etl, "", d.workload(false)...)
	if err != nil {
		return err
	}
	return d.checkRun(ctx, printed, 1000)
}

func (d *demo) withdraw(ctx context.Context) error {
	if _, err := d.coffer(ctx, "", "", "delete", "grant", "dana-develops", "-n", "orders", "--yes"); err != nil {
		return err
	}
	return d.refused(ctx, etl, d.workload(false)...)
}

func (d *demo) audit(ctx context.Context) error {
	printed, err := d.coffer(ctx, "", "", "audit", "list", "--kind", "decision", "--resource", "namespaces/orders", "--limit", "40")
	if err != nil {
		return err
	}
	if err := expect(printed, " "+dana+"@orders ", " "+etl+"@orders ", "secret:access", "projection:render", "secret:addVersion", "DENY", "ALLOW"); err != nil {
		return err
	}
	printed, err = d.coffer(ctx, "", "", "audit", "verify")
	if err != nil {
		return err
	}
	return expect(printed, "intact")
}
