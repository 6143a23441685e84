// Package server is cofferd: it opens what is stored, surrounds the handlers with the chain of interceptors, and serves
// them over gRPC and REST.
//
// It guarantees that every call, through whichever door, runs the same chain: it is authenticated before its message is
// decoded, bounded, recorded, counted, and stopped if it would succeed without a decision of the gate. What it needs to
// know of a method comes from the method's proto, and a method without that does not start. It refuses to start where
// it would not be safe: without its KEK, without an audit log, without TLS beyond this machine.
//
// What threatens it is whatever arrives before a caller is known: connections that send slowly or never, oversized
// headers and bodies, guessed tokens. All of them are bounded here.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/audit/auditsink"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// drainTimeout is how long calls may take to end once the server stops.
const drainTimeout = 10 * time.Second

// Server is an opened server. Serve serves until its context ends, and closes it.
type Server struct {
	log      *slog.Logger
	data     *dataDir
	audit    *audit.Log
	sinks    *auditsink.Set
	domain   *secrets.Service
	tracing  *tracing
	chain    *chain
	services []service
	gateway  *gateway
	health   *healthService
	resource func(*http.Request) []byte // what is told of whom to log in with
	stopping atomic.Bool

	native       *grpc.Server // of the gRPC listener
	httpGRPC     *grpc.Server // behind the HTTP listener
	http         *http.Server
	grpcListener net.Listener
	httpListener net.Listener
}

// Run opens a server and serves until ctx ends.
func Run(ctx context.Context, config Config) error {
	s, err := Open(ctx, config)
	if err != nil {
		return err
	}
	return s.Serve(ctx)
}

// Open opens everything that a server needs, its listeners included. Calls wait until Serve answers them.
func Open(ctx context.Context, config Config) (_ *Server, err error) {
	if config.Version == "" {
		config.Version = "devel"
	}
	if err := config.Validate(); err != nil {
		return nil, err
	}
	s := &Server{log: config.Logger, health: newHealth()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(context.WithoutCancel(ctx)))
		}
	}()
	tlsConfig, err := newTLS(config.TLS, s.log)
	if err != nil {
		return nil, err
	}
	if s.data, err = openDataDir(ctx, config); err != nil {
		return nil, err
	}
	if err := s.openAudit(ctx, config); err != nil {
		return nil, err
	}
	if err := s.openDomain(ctx, config); err != nil {
		return nil, err
	}
	if s.tracing, err = newTracing(ctx, config.Version); err != nil {
		return nil, err
	}
	if err := s.assemble(ctx, config); err != nil {
		return nil, err
	}
	// What loading left behind would stay until the heap has grown to many times what is in use.
	debug.FreeOSMemory()
	return s, s.listen(ctx, config, tlsConfig)
}

// openDomain opens what is above the audit log.
func (s *Server) openDomain(ctx context.Context, config Config) error {
	personalOff := config.Auth.unprefixed()
	if personalOff {
		s.log.Warn("people whom only Coffer knows have no tokens: an issuer or a rule for certificates gives names without a prefix, which could be theirs")
	}
	var err error
	s.domain, err = secrets.Open(ctx, secrets.Config{
		Store: s.data.store, Keyring: s.data.keyring, Audit: s.audit, Logger: s.log, PersonalTokensOff: personalOff,
		LoginMaxAge: time.Duration(config.Auth.LoginMaxAge), DataOS: config.DataOS, SecretObjectsOff: !config.Features.SecretsV2.Enabled,
		Quota: secrets.Usage{Secrets: config.Limits.NamespaceSecrets, Versions: config.Limits.NamespaceVersions, Bytes: config.Limits.NamespaceBytes},
	})
	return err
}

// assemble puts the chain around the handlers.
func (s *Server) assemble(ctx context.Context, config Config) error {
	s.services = registered(rpc.New(rpc.Config{
		Service: s.domain, Version: config.Version, Storage: config.Storage, KEK: s.data.kek.Name(), StartTime: time.Now(),
	}), newDialects(s.domain, config.DataOS, func() bool { return s.readiness() == nil }))
	var actions []authz.Action
	for _, role := range s.domain.Roles() {
		actions = append(actions, role.Actions...)
	}
	if err := newTable(s.services, actions); err != nil {
		return fmt.Errorf("method table: %w", err)
	}
	for _, service := range s.services {
		for _, m := range service.methods {
			if limit := config.Limits.RequestBytes; limit > 0 {
				m.maxBytes = min(m.maxBytes, limit)
			}
		}
	}
	authenticator, err := s.newAuthenticator(config.Auth)
	if err != nil {
		return err
	}
	s.chain = &chain{
		authenticator: authenticator,
		domain:        s.domain,
		audit:         s.audit,
		log:           s.log,
		tracing:       s.tracing,
		limiters:      newLimiters(config.Limits),
		streams:       newStreams(config.Limits),
	}
	s.chain.metrics = newMetrics(s.readiness, s.chain.streams.count, s.sinks.States)
	s.chain.install(s.services)
	s.resource = describeResource(config)
	s.gateway, err = newGateway(ctx, s.chain, s.services, config.Limits)
	return err
}

func (s *Server) listen(ctx context.Context, config Config, tlsConfig *tls.Config) error {
	s.native, s.httpGRPC, s.http = s.newGRPC(tlsConfig), s.newGRPC(nil), s.newHTTP()
	var listener net.ListenConfig
	var err error
	if s.grpcListener, err = listener.Listen(ctx, "tcp", config.GRPC); err != nil {
		return fmt.Errorf("listening on --grpc: %w", err)
	}
	if s.httpListener, err = listener.Listen(ctx, "tcp", config.HTTP); err != nil {
		return fmt.Errorf("listening on --http: %w", err)
	}
	if tlsConfig != nil {
		s.httpListener = tls.NewListener(s.httpListener, tlsConfig)
	}
	return nil
}

// HTTPAddr is the address of the HTTP listener.
func (s *Server) HTTPAddr() net.Addr { return s.httpListener.Addr() }

// GRPCAddr is the address of the gRPC listener.
func (s *Server) GRPCAddr() net.Addr { return s.grpcListener.Addr() }

// Serve answers calls until ctx ends, lets those under way end, and closes everything in the reverse order of opening.
func (s *Server) Serve(ctx context.Context) error {
	// What runs in the background outlives ctx: calls that are still being answered need it.
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var running, serving sync.WaitGroup
	// What ends by itself stops the server.
	watch := func(wg *sync.WaitGroup, what string, run func() error) {
		wg.Go(func() {
			if err := run(); err != nil && background.Err() == nil && !s.stopping.Load() {
				stop(fmt.Errorf("%s: %w", what, err))
			}
		})
	}
	watch(&running, "audit log", func() error { return s.audit.Run(background) })
	watch(&running, "domain", func() error { return s.domain.Run(background) })
	watch(&running, "audit sinks", func() error { return s.sinks.Run(background) })
	running.Go(func() { s.watchReadiness(background, stop) })
	watch(&serving, "serving gRPC", func() error { return s.native.Serve(s.grpcListener) })
	watch(&serving, "serving HTTP", func() error { return s.http.Serve(s.httpListener) })
	if s.domain.BootstrapAlive() {
		s.log.Warn("the operator of the first start still exists: grant the role operator to somebody else, then delete it",
			"account", "namespaces/instance/serviceAccounts/bootstrap")
	}
	s.log.Info("serving", "http", s.HTTPAddr().String(), "grpc", s.GRPCAddr().String(), "data_dir", s.data.path)

	<-ctx.Done()
	s.stopping.Store(true)
	s.health.stop()
	s.log.Info("stopping")
	s.drain(context.WithoutCancel(ctx))
	serving.Wait()
	stopBackground()
	running.Wait()
	err := s.close(context.WithoutCancel(ctx))
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	s.log.Info("stopped")
	return err
}

// drain ends the streams, which would go on for ever, then lets the calls under way end, and ends them when it takes too
// long.
func (s *Server) drain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	select {
	case <-s.chain.streams.stop():
	case <-ctx.Done():
	}
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close() // it has no more to tell than that calls were cut off
	}
	s.httpGRPC.Stop()
	drained := make(chan struct{})
	go func() {
		s.native.GracefulStop()
		close(drained)
	}()
	select {
	case <-drained:
	case <-ctx.Done():
		s.native.Stop()
		<-drained
	}
}

// close closes what Open opened, in reverse order.
func (s *Server) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	var errs []error
	for _, listener := range []net.Listener{s.httpListener, s.grpcListener} {
		if listener == nil {
			continue
		}
		if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	errs = append(errs, s.tracing.close(ctx))
	if s.audit != nil {
		s.audit.Outcome(&audit.Event{Kind: audit.KindSystem, Detail: "server stopped"})
		errs = append(errs, s.audit.Close(ctx))
	}
	if s.data != nil {
		errs = append(errs, s.data.close())
	}
	return errors.Join(errs...)
}
