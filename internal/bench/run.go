package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/proto"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
)

// bench is one run.
type bench struct {
	config  config
	ctx     context.Context // of the run
	program string          // cofferd

	echo, json       *process
	few, many        *instance // the small and the large store
	rawFew, rawMany  *rawStore
	samples          samples
	decisions        []decision
	revoked          []revocation
	watching         watching
	starts           []time.Duration // of the large store
	fresh, worked    memory          // of its server, idle: after its start, after all the load
	requests, answer int             // bytes of an access
}

// callerCounts are the numbers of callers that everything is measured at.
var callerCounts = []int{1, 16, 64}

// Names of the targets. What is measured on both stores has two.
const (
	echoTarget    = "bare gRPC echo"
	jsonTarget    = "bare HTTP GET"
	fsyncTarget   = "fsync of 4 KiB, in place"
	appendTarget  = "fsync of 4 KiB, appending"
	accessTarget  = "gRPC access"
	ruledTarget   = "gRPC access under ten policies"
	restTarget    = "REST access"
	dataOSTarget  = "DataOS read"
	getTarget     = "Instill GET"
	pageTarget    = "Instill LIST, page of 100"
	renderTarget  = "gRPC render"
	listTarget    = "gRPC list, page of 100"
	addTarget     = "gRPC add version"
	rawTarget     = "raw bbolt, same puts"
	onLarge       = ", large"
	idleTime      = 3 * time.Second
	startsToCount = 3
)

func progress(what string) { fmt.Fprintln(os.Stderr, "bench:", what) }

func (b *bench) run() error {
	if err := b.setUp(); err != nil {
		return err
	}
	if b.config.profile != "" {
		return b.profiles()
	}
	if err := b.startUp(); err != nil {
		return err
	}
	c := b.config
	for _, callers := range callerCounts {
		for _, targets := range [][]target{b.reads(), b.writes()} {
			if err := b.samples.measure(b.ctx, targets, callers, c.rounds, c.round); err != nil {
				return err
			}
		}
	}
	var err error
	progress("decisions")
	if b.decisions, err = decisions(c.grants, c.policies, c.round); err != nil {
		return err
	}
	progress("revocations")
	if b.revoked, err = b.revocations(); err != nil {
		return err
	}
	progress("watches")
	if b.watching, err = b.watches(); err != nil {
		return err
	}
	if b.worked, err = b.idle(); err != nil {
		return err
	}
	return b.report(os.Stdout)
}

// setUp builds, seeds, copies and starts what is needed, the large server aside.
func (b *bench) setUp() (err error) {
	c := b.config
	if b.program = c.cofferd; b.program == "" && c.profile == "" {
		progress("building cofferd")
		if b.program, err = buildServer(b.ctx, c.dir); err != nil {
			return err
		}
	}
	// The small store begins in the steady state, where each version that is added takes an old one away.
	if b.few, b.rawFew, err = b.store("few", seedConfig{Secrets: c.few, Versions: maxVersions, Grants: c.grants, Policies: c.policies}); err != nil {
		return err
	}
	if b.many, b.rawMany, err = b.store("many", seedConfig{Secrets: c.many, Versions: 1, Grants: c.grants, Policies: c.policies}); err != nil {
		return err
	}
	body := accessAnswer()
	b.requests = proto.Size(&cofferv1.AccessSecretVersionRequest{Name: secretName(0) + "/versions/active"})
	b.answer = proto.Size(&cofferv1.AccessSecretVersionResponse{Name: secretName(0) + "/versions/1", Payload: payload(0, 0), Revision: 1_000_000})
	if b.echo, err = startSelf(b.ctx, "echo", fmt.Sprint(b.answer)); err != nil {
		return err
	}
	if b.json, err = startSelf(b.ctx, "json", string(body)); err != nil {
		return err
	}
	return b.few.start(b.ctx, b.program, c.profile != "")
}

// store seeds a store and copies it for raw bbolt.
func (b *bench) store(name string, seed seedConfig) (*instance, *rawStore, error) {
	progress(fmt.Sprintf("seeding %d secrets", seed.Secrets))
	seed.Dir = filepath.Join(b.config.dir, name)
	in, err := seedInstance(b.ctx, seed)
	if err != nil {
		return nil, nil, err
	}
	progress(fmt.Sprintf("seeded in %.1f s", in.Took.Seconds()))
	if b.config.profile != "" {
		return in, nil, nil
	}
	path := filepath.Join(b.config.dir, name+".raw.db")
	if err := copyStore(in.dir, path); err != nil {
		return in, nil, err
	}
	raw, err := openRaw(path, seed.Secrets, seed.Versions)
	return in, raw, err
}

// startUp starts the server of the large store some times, and looks at its memory once nothing happens any more.
func (b *bench) startUp() (err error) {
	for i := range startsToCount {
		progress(fmt.Sprintf("start %d of the large server", i+1))
		if err := errors.Join(b.many.stop(), b.many.start(b.ctx, b.program, false)); err != nil {
			return err
		}
		b.starts = append(b.starts, b.many.ready)
	}
	b.fresh, err = b.idle()
	return err
}

func (b *bench) idle() (memory, error) {
	time.Sleep(min(idleTime, 10*b.config.round))
	return b.many.server.memory(filepath.Join(b.many.dir, storeFile))
}

// reads are what is measured in turns with a bare server.
func (b *bench) reads() []target {
	targets := []target{
		{name: echoTarget, server: b.echo, callers: overGRPC(b.echo.first, "", echo(b.requests, b.answer))},
		{name: accessTarget, server: b.few.server, callers: overGRPC(b.few.grpc, b.few.Reader, access(b.few.Stored))},
		{name: ruledTarget, server: b.few.server, callers: overGRPC(b.few.grpc, b.few.Reader, accessRuled)},
		{name: accessTarget + onLarge, server: b.many.server, callers: overGRPC(b.many.grpc, b.many.Reader, access(b.many.Stored))},
		{name: jsonTarget, server: b.json, callers: overHTTP(b.json.first, bareREST(b.json.first, b.few.Reader, accessAnswer()))},
		{name: restTarget, server: b.few.server, callers: overHTTP(b.few.http, accessREST(b.few.http, b.few.Reader, b.few.Stored))},
		{name: dataOSTarget, server: b.few.server, callers: overHTTP(b.few.http, readDataOS(b.few.http, b.few.Reader, b.few.Stored))},
		{name: getTarget, server: b.few.server, callers: overHTTP(b.few.http, getInstill(b.few.http, b.few.Writer, b.few.Stored))},
		{name: pageTarget, server: b.few.server, callers: overHTTP(b.few.http, listInstill(b.few.http, b.few.Writer))},
		{name: restTarget + onLarge, server: b.many.server, callers: overHTTP(b.many.http, accessREST(b.many.http, b.many.Reader, b.many.Stored))},
	}
	for _, in := range []*instance{b.few, b.many} {
		suffix := ""
		if in == b.many {
			suffix = onLarge
		}
		targets = append(targets,
			target{name: renderTarget + suffix, server: in.server, callers: overGRPC(in.grpc, in.Workload, render)},
			target{name: listTarget + suffix, server: in.server, callers: overGRPC(in.grpc, in.Writer, list)})
	}
	return targets
}

// writes are what is measured in turns with the disk and with raw bbolt.
func (b *bench) writes() []target {
	return []target{
		{name: fsyncTarget, most: 1, callers: fsyncs(b.config.dir, false)},
		{name: appendTarget, most: 1, callers: fsyncs(b.config.dir, true)},
		{name: rawTarget, callers: b.rawFew.callers},
		{name: addTarget, server: b.few.server, callers: overGRPC(b.few.grpc, b.few.Writer, addVersion(b.few.Stored))},
		{name: rawTarget + onLarge, callers: b.rawMany.callers},
		{name: addTarget + onLarge, server: b.many.server, callers: overGRPC(b.many.grpc, b.many.Writer, addVersion(b.many.Stored))},
	}
}

// profiles writes a CPU profile of the server for each kind of load on the small store.
func (b *bench) profiles() error {
	dir, err := filepath.Abs(b.config.profile)
	if err != nil {
		return err
	}
	if err := errors.Join(os.MkdirAll(dir, 0o755), b.many.start(b.ctx, "", true)); err != nil {
		return err
	}
	most := callerCounts[len(callerCounts)-1]
	add := overGRPC(b.few.grpc, b.few.Writer, addVersion(b.few.Stored))
	for _, load := range []struct {
		name    string
		callers int
		start   func(int) ([]call, func(), error)
	}{
		{"access", most, overGRPC(b.few.grpc, b.few.Reader, access(b.few.Stored))},
		{"rest", most, overHTTP(b.few.http, accessREST(b.few.http, b.few.Reader, b.few.Stored))},
		{"dataos", most, overHTTP(b.few.http, readDataOS(b.few.http, b.few.Reader, b.few.Stored))},
		{"instill-get", most, overHTTP(b.few.http, getInstill(b.few.http, b.few.Writer, b.few.Stored))},
		{"instill-list", most, overHTTP(b.few.http, listInstill(b.few.http, b.few.Writer))},
		{"render", most, overGRPC(b.few.grpc, b.few.Workload, render)},
		{"list", most, overGRPC(b.few.grpc, b.few.Writer, list)},
		{"add", most, add},
		{"add-alone", 1, add},
	} {
		path := filepath.Join(dir, load.name+".pprof")
		err := b.few.profile(path, func() error {
			one, err := target{server: b.few.server, callers: load.start}.measure(b.ctx, load.callers, 2*b.config.round)
			progress(fmt.Sprintf("%s at %d callers: %.0f/s, p50 %v, %v of the server for each; %s", load.name, load.callers, one.rate, one.p50, one.cpu, path))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) close() error {
	var errs []error
	for _, in := range []*instance{b.few, b.many} {
		if in != nil {
			errs = append(errs, in.stop())
		}
	}
	for _, p := range []*process{b.echo, b.json} {
		if p != nil {
			errs = append(errs, p.stop())
		}
	}
	for _, raw := range []*rawStore{b.rawFew, b.rawMany} {
		if raw != nil {
			errs = append(errs, raw.close())
		}
	}
	return errors.Join(errs...)
}
