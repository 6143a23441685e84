package secrets_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/kek/filekek"
	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
	"github.com/coffer-dev/coffer/internal/storage/storagetest"
)

// start is what the clock of every fixture shows at first.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// fixture is the domain over real parts, with the namespaces instance > acme > team and instance > other.
type fixture struct {
	*secrets.Service
	t      testing.TB
	engine *storagetest.Faulty
	store  *sealed.Store
	config secrets.Config
	log    *audit.Log
	clock  atomic.Int64 // nanoseconds after start
	root   authn.Caller // the operator of the first start
	halt   func()       // stops the service
	grants int
	// watch is asked by the feed before each event.
	watch atomic.Pointer[func() error]
	// watchSecrets is asked by those who follow secrets before each event.
	watchSecrets atomic.Pointer[func() error]
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{t: t}
	dir := t.TempDir()
	bolt, err := storagebolt.Open(t.Context(), storagebolt.Config{Path: filepath.Join(dir, "coffer.db"), NoSync: true})
	f.must(err)
	t.Cleanup(func() { f.check(bolt.Close(), nil) })
	f.engine = storagetest.NewFaulty(bolt)
	kek, err := filekek.Create(filepath.Join(dir, "kek.json"))
	f.must(err)
	keys, err := keyring.Create(t.Context(), keyring.Config{Engine: f.engine, KEK: kek})
	f.must(err)
	mac, err := keys.MAC("audit")
	f.must(err)
	f.store = sealed.New(sealed.Config{Engine: f.engine, Keyring: keys})
	// The log's checkpoints come when they like: they stay out of reach of the faults that tests inject.
	head := secrets.AuditHead{Store: sealed.New(sealed.Config{Engine: bolt, Keyring: keys})}
	quiet := slog.New(slog.DiscardHandler)
	f.log, err = audit.Open(t.Context(), audit.Config{Dir: filepath.Join(dir, "audit"), MAC: mac, Checkpoint: head, Logger: quiet})
	f.must(err)
	var first string
	f.must(secrets.Bootstrap(t.Context(), f.store, f.now(), func(token string) error { first = token; return nil }))
	f.config = secrets.Config{Store: f.store, Keyring: keys, Audit: f.log, Now: f.now, Logger: quiet}
	f.engine.Set(storagetest.Faults{Watch: func(e storage.Event) error {
		fail := f.watch.Load()
		if strings.HasPrefix(string(e.Key), "data/secret/") {
			fail = f.watchSecrets.Load()
		} else if !strings.HasPrefix(string(e.Key), "access/") {
			return nil
		}
		if fail != nil {
			return (*fail)()
		}
		return nil
	}})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = f.log.Run(ctx) })
	f.open()
	t.Cleanup(func() {
		f.halt()
		cancel()
		running.Wait()
		f.engine.Set(storagetest.Faults{})
		_ = f.log.Close(context.Background())
	})
	f.root = f.login(first)
	f.namespace("acme", "instance")
	f.namespace("team", "acme")
	f.namespace("other", "instance")
	return f
}

// open opens the domain and runs it until halt.
func (f *fixture) open() {
	f.t.Helper()
	var err error
	f.Service, err = secrets.Open(f.ctx(), f.config)
	f.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = f.Run(ctx) })
	f.halt = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
}

// events are those that the audit log has of a caller, newest first.
func (f *fixture) events(caller authn.Caller) []audit.Event {
	f.t.Helper()
	page, err := f.log.List(f.ctx(), audit.Query{Principal: caller.Name, PageSize: 1000})
	f.must(err)
	return page.Events
}

// reopen is the same store opened a second time, without following it.
func (f *fixture) reopen() *fixture {
	f.t.Helper()
	again, err := secrets.Open(f.ctx(), f.config)
	f.must(err)
	return &fixture{Service: again, t: f.t}
}

func (f *fixture) now() time.Time       { return start.Add(time.Duration(f.clock.Load())) }
func (f *fixture) pass(d time.Duration) { f.clock.Add(int64(d)) }
func (f *fixture) ctx() context.Context { return f.t.Context() }

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatalf("unexpected error: %v", err)
	}
}

func (f *fixture) check(err, want error) {
	f.t.Helper()
	if !errors.Is(err, want) {
		f.t.Errorf("error %v, want %v", err, want)
	}
}

// invalid checks that err is an InvalidError about the field.
func (f *fixture) invalid(err error, field string) {
	f.t.Helper()
	var invalid *secrets.InvalidError
	if !errors.As(err, &invalid) {
		f.t.Errorf("error %v, want one about the field %s", err, field)
		return
	}
	for _, v := range invalid.Violations {
		if v.Field == field {
			return
		}
	}
	f.t.Errorf("error %v, want one about the field %s", err, field)
}

func (f *fixture) login(token string) authn.Caller {
	f.t.Helper()
	caller, err := f.Authenticator().Authenticate(f.ctx(), authn.Credentials{Bearer: token})
	f.must(err)
	return caller
}

// user is a caller without rights.
func user(name string) authn.Caller {
	return authn.Caller{Principal: authn.Principal{Name: "user:" + name}, Method: "test", RequestID: "request-of-" + name}
}

// with is a new user with a role on a resource.
func (f *fixture) with(role authz.Role, resource string) authn.Caller {
	f.t.Helper()
	f.grants++
	caller := user(fmt.Sprintf("%s-%d", role, f.grants))
	f.grant(caller, role, resource)
	return caller
}

// grant gives a role and returns the name of the grant.
func (f *fixture) grant(to authn.Caller, role authz.Role, resource string) string {
	f.t.Helper()
	f.grants++
	segments := strings.Split(resource, "/")
	g, err := f.CreateGrant(f.ctx(), f.root, secrets.CreateGrant{
		Parent: strings.Join(segments[:2], "/"), ID: fmt.Sprintf("grant-%d", f.grants),
		Grant: secrets.Grant{Principal: to.Name, Role: string(role), Resource: resource},
	})
	f.must(err)
	return g.Name
}

// role makes a role of actions.
func (f *fixture) role(name string, actions ...string) secrets.Role {
	f.t.Helper()
	parent, id := cut(name)
	r, err := f.CreateRole(f.ctx(), f.root, secrets.CreateRole{Parent: parent, ID: id, Role: secrets.Role{Actions: actions}})
	f.must(err)
	return r
}

// policy puts a policy in force.
func (f *fixture) policy(name, text string) secrets.Policy {
	f.t.Helper()
	parent, id := cut(name)
	p, err := f.CreatePolicy(f.ctx(), f.root, secrets.CreatePolicy{Parent: parent, ID: id, Policy: secrets.Policy{Text: text}})
	f.must(err)
	return p
}

func (f *fixture) namespace(id, parent string) secrets.Namespace {
	f.t.Helper()
	n, err := f.CreateNamespace(f.ctx(), f.root, secrets.CreateNamespace{ID: id, Namespace: secrets.Namespace{Parent: "namespaces/" + parent}})
	f.must(err)
	return n
}

// secret creates a secret with the payload as its version 1, or without a version.
func (f *fixture) secret(name string, pairs ...string) secrets.Secret {
	f.t.Helper()
	parent, id := cut(name)
	s, err := f.CreateSecret(f.ctx(), f.root, secrets.CreateSecret{Parent: parent, ID: id, Payload: payload(pairs...)})
	f.must(err)
	return s
}

// add adds a version as the operator.
func (f *fixture) add(secret string, pairs ...string) secrets.Version {
	f.t.Helper()
	v, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: secret, Payload: payload(pairs...)})
	f.must(err)
	return v
}

// stage adds a version that is not activated.
func (f *fixture) stage(secret string, pairs ...string) secrets.Version {
	f.t.Helper()
	v, err := f.AddSecretVersion(f.ctx(), f.root, secrets.AddVersion{Secret: secret, Payload: payload(pairs...), Stage: true})
	f.must(err)
	return v
}

// value returns a key of a version.
func (f *fixture) value(version, key string) string {
	f.t.Helper()
	access, err := f.AccessSecretVersion(f.ctx(), f.root, version)
	f.must(err)
	return string(access.Payload[key].Value.Reveal())
}

// account creates a service account with a token and returns who the token stands for, and the token.
func (f *fixture) account(name string) (authn.Caller, string) {
	f.t.Helper()
	parent, id := cut(name)
	_, err := f.CreateServiceAccount(f.ctx(), f.root, secrets.CreateServiceAccount{Parent: parent, ID: id})
	f.must(err)
	token, err := f.CreateToken(f.ctx(), f.root, secrets.CreateToken{Parent: name, ID: "first"})
	f.must(err)
	return f.login(token.Secret), token.Secret
}

// project creates a projection of the items.
func (f *fixture) project(author authn.Caller, name string, items ...secrets.Item) secrets.Projection {
	f.t.Helper()
	parent, id := cut(name)
	p, err := f.CreateProjection(f.ctx(), author, secrets.CreateProjection{Parent: parent, ID: id, Projection: secrets.Projection{Items: items}})
	f.must(err)
	return p
}

// rendered returns the variables of a projection, as the operator.
func (f *fixture) rendered(name string) map[string]string {
	f.t.Helper()
	bundle, err := f.RenderProjection(f.ctx(), f.root, secrets.RenderProjection{Name: name})
	f.must(err)
	return variables(bundle)
}

func variables(b secrets.Bundle) map[string]string {
	env := map[string]string{}
	for _, v := range b.Env {
		env[v.Name] = string(v.Value.Reveal())
	}
	return env
}

// revision is that of the store.
func (f *fixture) revision() storage.Revision {
	f.t.Helper()
	status, err := f.Status(f.ctx(), f.root)
	f.must(err)
	return status.Revision
}

// cut splits a resource name into its parent and its ID.
func cut(name string) (parent, id string) {
	segments := strings.Split(name, "/")
	return strings.Join(segments[:max(0, len(segments)-2)], "/"), segments[len(segments)-1]
}

// payload makes a payload of keys and values in turn; of none, nil.
func payload(pairs ...string) plaintext.Payload {
	if len(pairs) == 0 {
		return nil
	}
	p := plaintext.Payload{}
	for i := 0; i < len(pairs); i += 2 {
		p[pairs[i]] = plaintext.Entry{Value: plaintext.New([]byte(pairs[i+1]))}
	}
	return p
}

// erred is the error of a deletion, without its revision.
func erred(_ storage.Revision, err error) error { return err }
