// Package secrets is the domain: namespaces, secrets with their versions, projections, service accounts, tokens and
// grants, and every rule about them.
//
// It has one door. Each method takes the caller explicitly, asks the gate, which authorizes and records, and only then
// touches the sealed store; gRPC, REST and every dialect go through it. It holds values without opening them: they come
// and go as plaintext.Value, whose Reveal is forbidden here.
//
// What is named in a request may exist or not; where the caller lacks the right, both look the same. References between
// resources are bound to UIDs when they are written, so what is created later under an old name inherits nothing.
//
// A write is one transaction of the sealed store: it is computed on a snapshot and committed only if nothing that it
// read has changed, so functions passed to update may run several times and must have no effect of their own.
package secrets

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/catalog"
	"github.com/coffer-dev/coffer/internal/gate"
	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/naming"
	"github.com/coffer-dev/coffer/internal/resolve"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Config says what a Service works on.
type Config struct {
	// Store holds everything. Required.
	Store *sealed.Store
	// Keyring is that of the store: page tokens and request digests are keyed from it. Required.
	Keyring *keyring.Keyring
	// Audit records every decision. Required.
	Audit *audit.Log
	// Now is the clock. nil: time.Now.
	Now func() time.Time
	// BinRetention is how long a deleted secret or namespace can be undeleted; then it is purged. 0: 30 days.
	BinRetention time.Duration
	// Quota bounds what a namespace holds that has no quota of its own. Zero fields: no bound.
	Quota Usage
	// PersonalTokensOff lets nobody mint tokens for people, and none there are work. It must be set where an issuer, or a
	// rule for certificates, gives people names without a prefix: one of them could be taken for another person.
	PersonalTokensOff bool
	// LoginMaxAge is how long the groups and claims of a person's last login count where its right is used while it is
	// absent. 0: 7 days.
	LoginMaxAge time.Duration
	// DataOS says which namespaces the workspaces and tenants are that manifests of DataOS name.
	DataOS naming.DataOS
	// SecretObjectsOff refuses references of the form secretObject and storageSecret in payloads.
	SecretObjectsOff bool
	// Backend answers the references in payloads whose source is VAULT. nil: they cannot be resolved.
	Backend Backend
	// Logger is told of trouble in the background, never of a value. nil: nobody is.
	Logger *slog.Logger
}

// Service is the domain. It is safe for concurrent use.
type Service struct {
	store     *sealed.Store
	keyring   *keyring.Keyring
	digests   keyring.MAC
	gate      *gate.Gate
	audit     *audit.Log
	authz     *authz.Authorizer
	catalog   *catalog.Catalog
	tokens    *authn.TokenIndex
	directory *directory
	feed      *feed
	changes   *changes
	usages    *usages
	quota     Usage
	now       func() time.Time
	retention time.Duration
	log       *slog.Logger

	recent *recent
	ages   *agesKept

	dialects resolve.Config
	backend  Backend

	personalTokensOff bool
	spending          [256]chan struct{} // uses of tokens with a limit take turns, by the first byte of their hash
	logins            *logins

	accessMu sync.Mutex
	accessed map[secretKey]int64 // hours of accesses not yet stored
}

// Open loads what must be in memory, namespaces, accounts, tokens and grants, and returns the domain. The store must
// have been bootstrapped. Run must be running for what is written to take effect.
func Open(ctx context.Context, config Config) (*Service, error) {
	if config.Store == nil || config.Keyring == nil || config.Audit == nil {
		return nil, errors.New("secrets: Store, Keyring and Audit are required")
	}
	s := &Service{
		store: config.Store, keyring: config.Keyring, audit: config.Audit, now: config.Now, retention: config.BinRetention,
		log: config.Logger, directory: newDirectory(), recent: newRecent(), ages: newAgesKept(), accessed: map[secretKey]int64{},
		usages: newUsages(), quota: config.Quota, backend: config.Backend,
		dialects: resolve.Config{DataOS: config.DataOS, ObjectsOff: config.SecretObjectsOff, Backend: config.Backend != nil},
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.retention == 0 {
		s.retention = 30 * 24 * time.Hour
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.digests, err = config.Keyring.MAC("request-digest"); err != nil {
		return nil, fmt.Errorf("deriving the key of request digests: %w", err)
	}
	if s.authz, err = authz.New(authz.Config{Now: s.now}); err != nil {
		return nil, err
	}
	if s.catalog, err = catalog.New(); err != nil {
		return nil, err
	}
	s.personalTokensOff, s.logins = config.PersonalTokensOff, newLogins(config.LoginMaxAge)
	for i := range s.spending {
		s.spending[i] = make(chan struct{}, 1)
	}
	s.tokens = authn.NewTokenIndex(authn.TokenIndexConfig{Now: s.now, Spend: s.spendToken})
	s.changes = newChanges(s.store, s.log)
	s.feed = newFeed(s.store, s.directory, s.authz, s.tokens, s.log)
	s.feed.personalTokensOff = s.personalTokensOff
	if s.gate, err = gate.New(gate.Config{Authorizer: s.authz, Log: s.audit, Fresh: s.feed.fresh}); err != nil {
		return nil, err
	}
	if err := s.feed.load(ctx); err != nil {
		return nil, fmt.Errorf("loading access control: %w", err)
	}
	if err := s.openCounts(ctx); err != nil {
		return nil, fmt.Errorf("opening the counts of what namespaces hold: %w", err)
	}
	return s, nil
}

// Run follows the store and does what is due in the background until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { s.feed.run(ctx) })
	wg.Go(func() { s.changes.run(ctx) })
	wg.Go(func() { s.flushAccesses(ctx) })
	wg.Go(func() { s.rememberLogins(ctx) })
	wg.Go(func() { s.countUsage(ctx) })
	wg.Go(func() { s.sweepRegularly(ctx) })
	wg.Wait()
	return ctx.Err()
}

// Authenticator recognises Coffer's own tokens.
func (s *Service) Authenticator() authn.Authenticator { return s.tokens }

// Fresh returns an error while access control may not know of the latest grants; nothing is allowed then.
func (s *Service) Fresh() error { return s.feed.fresh() }

// Roles is the role table.
func (s *Service) Roles() []authz.RoleInfo { return s.authz.Roles() }

// errValidated ends a transaction that was only to be validated.
var errValidated = errors.New("validated")

// update runs fn as one transaction and returns its revision. With validateOnly it runs every check and writes nothing.
func (s *Service) update(ctx context.Context, validateOnly bool, fn func(*sealed.Tx) error) (storage.Revision, error) {
	rev, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
		if err := fn(tx); err != nil || !validateOnly {
			return err
		}
		return errValidated
	})
	if errors.Is(err, errValidated) {
		return 0, nil
	}
	return rev, err
}

// updateAccess is update for what access control depends on: it returns once the change, if there was any, is in force.
// The transaction writes one such record: the feed has come to a revision with the first that it applies of it.
func (s *Service) updateAccess(ctx context.Context, validateOnly bool, fn func(*sealed.Tx) error) (storage.Revision, error) {
	wrote := false
	rev, err := s.update(ctx, validateOnly, func(tx *sealed.Tx) error {
		err := fn(tx)
		wrote = !validateOnly && tx.Wrote()
		return err
	})
	if err != nil || !wrote {
		return rev, err
	}
	return rev, s.feed.wait(ctx, rev)
}
