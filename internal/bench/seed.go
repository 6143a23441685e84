package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	cofferv1 "github.com/coffer-dev/coffer/gen/go/coffer/v1"
	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/kek/filekek"
	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/rpc"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage/storagebolt"
)

// A data dir as cofferd lays it out: it refuses to start on anything else.
const (
	kekFile   = "kek.json"
	storeFile = "coffer.db"
	auditDir  = "audit"
	auditMAC  = "audit-chain" // purpose of the key of the audit log
)

// seeders is how many calls are under way at once while seeding: the members of one group commit.
const seeders = 2000

// seedConfig says what a data dir is filled with.
type seedConfig struct {
	Dir      string
	Secrets  int
	Versions int // of each secret
	Grants   int
	Policies int // of operators, applicable of which apply to ruledSecret
}

// seeded tells how to use what was seeded.
type seeded struct {
	Reader, Writer, Workload string // tokens: of a secret-reader, of a developer, of the projection's workload
	Admin                    string // of a namespace-admin
	Stored                   int    // secrets
	Took                     time.Duration
}

// What is seeded: one namespace with all secrets, and what reads and writes them; one with a secret to which policies
// apply; and one for the other policies.
const (
	namespaceName  = "namespaces/bench"
	ruledName      = "namespaces/ruled"
	elsewhereName  = "namespaces/elsewhere"
	ruledSecret    = ruledName + "/secrets/ruled"
	projectionName = namespaceName + "/projections/app"
	payloadKey     = "password"
	valueSize      = 256
	maxVersions    = 10 // of a secret, the default
)

func secretID(i int) string { return fmt.Sprintf("s%07d", i) }

func secretName(i int) string { return namespaceName + "/secrets/" + secretID(i) }

// value is a value of secret i: it begins with the secret's ID, so that an answer can be recognised, and differs from
// version to version.
func value(i int, version uint64) string {
	b := make([]byte, 0, valueSize)
	b = fmt.Appendf(b, "%s/%020d/", secretID(i), version)
	for len(b) < valueSize {
		b = append(b, 'x')
	}
	return string(b)
}

func payload(i int, version uint64) *cofferv1.Payload {
	return &cofferv1.Payload{Data: map[string]string{payloadKey: value(i, version)}}
}

// seed fills a new data dir by the handlers of the API themselves, over a store that does not sync; it syncs at the end.
func seed(ctx context.Context, config seedConfig, out io.Writer) (err error) {
	start := time.Now()
	s, err := openSeeder(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	answer, err := s.principals()
	if err != nil {
		return fmt.Errorf("seeding principals: %w", err)
	}
	if err := s.fill(); err != nil {
		return err
	}
	if err := s.policies(); err != nil {
		return fmt.Errorf("seeding policies: %w", err)
	}
	answer.Stored, answer.Took = config.Secrets, time.Since(start)
	return json.NewEncoder(out).Encode(answer)
}

type seeder struct {
	config seedConfig
	ctx    context.Context // of the seeding, with its operator as the caller
	stop   context.CancelFunc
	done   chan struct{} // closed when the background work has ended
	engine *storagebolt.Engine
	log    *audit.Log
	api    rpc.Services
}

func openSeeder(ctx context.Context, config seedConfig) (*seeder, error) {
	key, err := filekek.Create(filepath.Join(config.Dir, kekFile))
	if err != nil {
		return nil, err
	}
	engine, err := storagebolt.Open(ctx, storagebolt.Config{Path: filepath.Join(config.Dir, storeFile), NoSync: true})
	if err != nil {
		return nil, err
	}
	keys, err := keyring.Create(ctx, keyring.Config{Engine: engine, KEK: key})
	if err != nil {
		return nil, err
	}
	store := sealed.New(sealed.Config{Engine: engine, Keyring: keys})
	var token string
	if err := secrets.Bootstrap(ctx, store, time.Now(), func(first string) error { token = first; return nil }); err != nil {
		return nil, err
	}
	mac, err := keys.MAC(auditMAC)
	if err != nil {
		return nil, err
	}
	log, err := audit.Open(ctx, audit.Config{Dir: filepath.Join(config.Dir, auditDir), MAC: mac, Checkpoint: secrets.AuditHead{Store: store}})
	if err != nil {
		return nil, err
	}
	service, err := secrets.Open(ctx, secrets.Config{Store: store, Keyring: keys, Audit: log, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	operator, err := service.Authenticator().Authenticate(ctx, authn.Credentials{Bearer: token})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	s := &seeder{
		config: config, ctx: rpc.WithCaller(ctx, operator), stop: stop, done: make(chan struct{}), engine: engine, log: log,
		api: rpc.New(rpc.Config{Service: service}),
	}
	go func() {
		defer close(s.done)
		var wg sync.WaitGroup
		wg.Go(func() { _ = service.Run(ctx) })
		wg.Go(func() { _ = log.Run(ctx) })
		wg.Wait()
	}()
	return s, nil
}

// close ends the background work and syncs the store.
func (s *seeder) close() error {
	s.stop()
	<-s.done
	err := errors.Join(s.log.Close(context.WithoutCancel(s.ctx)), s.engine.Close())
	f, openErr := os.OpenFile(filepath.Join(s.config.Dir, storeFile), os.O_RDWR, 0)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// principals seeds the namespace and three service accounts with a token and a grant each.
func (s *seeder) principals() (answer seeded, err error) {
	if _, err = s.api.Namespaces.CreateNamespace(s.ctx, &cofferv1.CreateNamespaceRequest{NamespaceId: "bench"}); err != nil {
		return answer, err
	}
	if answer.Reader, err = s.account("reader", "secret-reader"); err != nil {
		return answer, err
	}
	if answer.Writer, err = s.account("writer", "developer"); err != nil {
		return answer, err
	}
	if answer.Admin, err = s.account("admin", "namespace-admin"); err != nil {
		return answer, err
	}
	answer.Workload, err = s.account("workload", "workload")
	return answer, err
}

func (s *seeder) account(id, role string) (string, error) {
	account, err := s.api.Access.CreateServiceAccount(s.ctx, &cofferv1.CreateServiceAccountRequest{Parent: namespaceName, ServiceAccountId: id})
	if err != nil {
		return "", err
	}
	if err := s.grant(id, account.GetName(), role, ""); err != nil {
		return "", err
	}
	token, err := s.api.Access.CreateToken(s.ctx, &cofferv1.CreateTokenRequest{Parent: account.GetName(), TokenId: "bench"})
	return token.GetSecret(), err
}

func (s *seeder) grant(id, account, role, resource string) error {
	_, err := s.api.Access.CreateGrant(s.ctx, &cofferv1.CreateGrantRequest{
		Parent: namespaceName, GrantId: id,
		Grant: &cofferv1.Grant{Principal: "serviceAccount:" + account, Role: role, Resource: resource},
	})
	return err
}

// fill seeds secrets, a projection of four keys of two of them, and grants, ten each of accounts that nobody uses.
func (s *seeder) fill() error {
	err := s.each(s.config.Secrets, func(i int) error {
		_, err := s.api.Secrets.CreateSecret(s.ctx, &cofferv1.CreateSecretRequest{
			Parent: namespaceName, SecretId: secretID(i), Secret: &cofferv1.Secret{Payload: payload(i, 0)},
		})
		for version := 1; version < s.config.Versions && err == nil; version++ {
			_, err = s.api.Secrets.AddSecretVersion(s.ctx, &cofferv1.AddSecretVersionRequest{Parent: secretName(i), Payload: payload(i, uint64(version))})
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("seeding secrets: %w", err)
	}
	if err := s.projection(); err != nil {
		return fmt.Errorf("seeding a projection: %w", err)
	}
	const each = 10
	accounts := (s.config.Grants + each - 1) / each
	err = s.each(accounts, func(i int) error {
		_, err := s.api.Access.CreateServiceAccount(s.ctx, &cofferv1.CreateServiceAccountRequest{
			Parent: namespaceName, ServiceAccountId: fmt.Sprintf("a%05d", i),
		})
		return err
	})
	if err == nil {
		err = s.each(s.config.Grants, func(i int) error {
			account := fmt.Sprintf("%s/serviceAccounts/a%05d", namespaceName, i%accounts)
			return s.grant(fmt.Sprintf("g%05d", i), account, "secret-reader", secretName(i%s.config.Secrets))
		})
	}
	if err != nil {
		return fmt.Errorf("seeding grants: %w", err)
	}
	return nil
}

// projection seeds two secrets of two keys and a projection of the four.
func (s *seeder) projection() error {
	p := &cofferv1.Projection{}
	for _, id := range []string{"db", "queue"} {
		_, err := s.api.Secrets.CreateSecret(s.ctx, &cofferv1.CreateSecretRequest{
			Parent: namespaceName, SecretId: id,
			Secret: &cofferv1.Secret{Payload: &cofferv1.Payload{Data: map[string]string{"user": id, "password": value(0, 0)}}},
		})
		if err != nil {
			return err
		}
		for _, key := range []string{"user", "password"} {
			p.Items = append(p.Items, &cofferv1.Projection_Item{Secret: id, Key: key, Env: id + "_" + key})
		}
	}
	_, err := s.api.Projections.CreateProjection(s.ctx, &cofferv1.CreateProjectionRequest{Parent: namespaceName, ProjectionId: "app", Projection: p})
	return err
}

// each calls fn for 0 to n-1, many at once, until one fails.
func (s *seeder) each(n int, fn func(int) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range min(n, seeders) {
		wg.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := fn(i); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}
