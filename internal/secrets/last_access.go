package secrets

import (
	"context"
	"time"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

const (
	accessFlush = time.Minute // how often accesses are stored
	// maxAccessed bounds the accesses kept in memory between two flushes. Where more secrets are accessed within a
	// minute, the time of some lags until they are accessed again.
	maxAccessed = 100_000
)

// noteAccess remembers that values of a secret were delivered now, to the hour. It moves no etag, revision or watch of
// the secret, which is why it is a record of its own.
func (s *Service) noteAccess(k secretKey) {
	hour := s.now().Unix() / 3600
	s.accessMu.Lock()
	defer s.accessMu.Unlock()
	if s.accessed[k] == hour || (len(s.accessed) >= maxAccessed && s.accessed[k] == 0) {
		return
	}
	s.accessed[k] = hour
}

// addLastAccess fills in when a secret was last accessed.
func (s *Service) addLastAccess(ctx context.Context, k secretKey, secret *Secret) error {
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return readLastAccess(snapshot, k, secret) })
	s.accessMu.Lock()
	defer s.accessMu.Unlock()
	if hour, ok := s.accessed[k]; ok {
		secret.LastAccessTime = time.Unix(hour*3600, 0).UTC()
	}
	return err
}

func readLastAccess(r reader, k secretKey, secret *Secret) error {
	record := &storev1.LastAccess{}
	_, err := r.Get(kindLastAccess, k.nsUID, k.in(lastAccessPrefix), record)
	if ok, err := found(err); !ok {
		return err
	}
	secret.LastAccessTime = time.Unix(record.GetHour()*3600, 0).UTC()
	return nil
}

// flushAccesses stores what noteAccess remembers, and once more when ctx ends.
func (s *Service) flushAccesses(ctx context.Context) {
	tick := time.NewTicker(accessFlush)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.storeAccesses(ctx)
		case <-ctx.Done():
			// The caller's time is up, but the server closes the store only after this returns.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			s.storeAccesses(last)
			return
		}
	}
}

func (s *Service) storeAccesses(ctx context.Context) {
	s.accessMu.Lock()
	accessed := s.accessed
	s.accessed = make(map[secretKey]int64)
	s.accessMu.Unlock()
	batch := make(map[secretKey]int64, storage.MaxTxnOps/2)
	for k, hour := range accessed {
		batch[k] = hour
		if len(batch) == storage.MaxTxnOps/2 {
			s.storeAccessBatch(ctx, batch)
			clear(batch)
		}
	}
	if len(batch) > 0 {
		s.storeAccessBatch(ctx, batch)
	}
}

func (s *Service) storeAccessBatch(ctx context.Context, batch map[secretKey]int64) {
	_, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
		for k, hour := range batch {
			record := &storev1.LastAccess{}
			_, err := tx.Get(kindLastAccess, k.nsUID, k.in(lastAccessPrefix), record)
			ok, err := found(err)
			if err != nil {
				return err
			}
			if ok && record.GetHour() >= hour {
				continue
			}
			if err := tx.Put(kindLastAccess, k.nsUID, k.in(lastAccessPrefix), &storev1.LastAccess{Hour: hour}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		s.log.Warn("storing when secrets were last accessed", "error", err)
	}
}
