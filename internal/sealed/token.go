package sealed

import (
	"context"
	"fmt"

	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/storage"
)

// kindToken is what tokens given to clients are bound to, so that no record opens as one, nor one as a record.
const kindToken Kind = "coffer/client-token/v1"

// SealToken encrypts what a client is to bring back unread and unchanged. It opens only for the same holder.
func (s *Store) SealToken(ctx context.Context, holder string, content []byte) ([]byte, error) {
	var envelope []byte
	err := s.View(ctx, func(snapshot *Snapshot) error {
		var err error
		envelope, err = snapshot.box.encrypt(kindToken, keyring.System, storage.Key(holder), content)
		return err
	})
	return envelope, err
}

// OpenToken decrypts what SealToken gave to the holder. ErrIntegrity.
func (s *Store) OpenToken(ctx context.Context, holder string, envelope []byte) ([]byte, error) {
	var content []byte
	err := s.View(ctx, func(snapshot *Snapshot) error {
		var err error
		content, err = snapshot.box.decrypt(kindToken, keyring.System, storage.Record{Key: storage.Key(holder), Value: envelope})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("opening a client's token: %w", err)
	}
	return content, nil
}
