package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/secrets"
)

// Recovery says what Recover gives back.
type Recovery struct {
	// Account is the ID of a service account of the instance. Empty: a new one.
	Account string
	// Namespace is the ID of the namespace that the account becomes namespace-admin of. Empty: it becomes an operator.
	Namespace string
}

// Recover lets those back in who hold the data dir and the KEK, while no server runs on them: it gives an account a role
// and a token for a day, which it writes to a file of the data dir. It returns the name of the account and the path of
// the file. A token that is in the file already is not overwritten.
func Recover(ctx context.Context, config Config, recovery Recovery) (account, path string, err error) {
	s := &Server{log: config.Logger}
	if s.data, err = openStopped(ctx, config); err != nil {
		return "", "", err
	}
	defer func() { err = errors.Join(err, s.data.close()) }()
	path = s.data.file(recoveryFile)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return "", "", fmt.Errorf("there is a token of an earlier recovery in %s: use it, or remove it first", path)
	}
	if err := s.openLog(ctx, config); err != nil {
		return "", "", err
	}
	background, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { _ = s.audit.Run(background) }) // what fails, fails below too
	account, err = secrets.Recover(ctx, secrets.Recovery{
		Store: s.data.store, Audit: s.audit, Account: recovery.Account, Namespace: recovery.Namespace,
		Keep: func(token string) error { return s.data.writeToken(recoveryFile, token) },
	})
	stop()
	running.Wait()
	if err != nil {
		_ = os.Remove(path) // it is good for nothing
	}
	return account, path, errors.Join(err, s.audit.Close(context.WithoutCancel(ctx)))
}

// AcceptAuditLoss goes on without the records that the audit log has lost, or that were tampered with, while no server
// runs on the data dir: see audit.AcceptLoss. A log that is whole is refused. It lets nobody in.
func AcceptAuditLoss(ctx context.Context, config Config) (_ audit.Loss, err error) {
	data, err := openStopped(ctx, config)
	if err != nil {
		return audit.Loss{}, err
	}
	defer func() { err = errors.Join(err, data.close()) }()
	c, err := data.auditConfig(config)
	if err != nil {
		return audit.Loss{}, err
	}
	return audit.AcceptLoss(ctx, c)
}

// openStopped opens a data dir that is there and that no server runs on.
func openStopped(ctx context.Context, config Config) (*dataDir, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	there := &dataDir{path: config.DataDir}
	if _, err := os.Lstat(there.file(storeFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s in %s: there is nothing to recover", storeFile, config.DataDir)
	}
	return openDataDir(ctx, config)
}
