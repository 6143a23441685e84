package secrets

import (
	"context"
	"errors"
	"maps"
	"slices"
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

// addLastAccess fills in when a secret was last accessed, as far as that is stored: the same on every node and in every
// answer.
func (s *Service) addLastAccess(ctx context.Context, k secretKey, secret *Secret) error {
	return s.store.View(ctx, func(snapshot *sealed.Snapshot) error { return readLastAccess(snapshot, k, secret) })
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

// unusedSince tells whether a secret was there at a time and nothing of it was delivered since. As accesses are known to
// the hour, one in the hour of that time counts as later: what this says is unused may be deleted by who reads it. For
// the same reason what is not stored yet counts too.
func (s *Service) unusedSince(k secretKey, secret *Secret, since time.Time) bool {
	s.accessMu.Lock()
	_, lately := s.accessed[k]
	s.accessMu.Unlock()
	last := secret.LastAccessTime
	return !lately && !secret.CreateTime.After(since) && (last.IsZero() || !last.Add(time.Hour).After(since))
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

// storeAccesses stores what noteAccess remembers. While the store fails, it stays remembered.
func (s *Service) storeAccesses(ctx context.Context) {
	s.accessMu.Lock()
	accessed := s.accessed
	s.accessed = make(map[secretKey]int64)
	s.accessMu.Unlock()
	const batch = storage.MaxTxnOps / 2 // each is two keys
	for due := range slices.Chunk(slices.Collect(maps.Keys(accessed)), batch) {
		if err := s.storeAccessBatch(ctx, accessed, due); err != nil {
			s.keepAccesses(accessed)
			if ctx.Err() == nil {
				s.log.Warn("storing when secrets were last accessed", "error", err)
			}
			return
		}
		for _, k := range due {
			delete(accessed, k)
		}
	}
}

// keepAccesses remembers again what could not be stored.
func (s *Service) keepAccesses(accessed map[secretKey]int64) {
	s.accessMu.Lock()
	defer s.accessMu.Unlock()
	for k, hour := range accessed {
		if _, newer := s.accessed[k]; !newer && len(s.accessed) < maxAccessed {
			s.accessed[k] = hour
		}
	}
}

// storeAccessBatch stores the hours of some secrets. A record that cannot be understood is left alone, for it is not here
// that it can be mended, and keeps none of the others from being stored.
func (s *Service) storeAccessBatch(ctx context.Context, accessed map[secretKey]int64, batch []secretKey) error {
	var damaged error
	_, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
		damaged = nil
		for _, k := range batch {
			switch err := putLastAccess(tx, k, accessed[k]); {
			case errors.Is(err, sealed.ErrIntegrity), errors.Is(err, sealed.ErrNoKeyset):
				damaged = errors.Join(damaged, err)
			case err != nil:
				return err
			}
		}
		return nil
	})
	if damaged != nil {
		s.log.Warn("storing when a secret was last accessed", "error", damaged)
	}
	return err
}

// putLastAccess writes an hour, unless the secret was purged in the meantime: every secret that was accessed has had a
// version 1, whose record, if only as a tombstone, goes first when it is purged and not before.
func putLastAccess(tx *sealed.Tx, k secretKey, hour int64) error {
	if lives, err := exists(tx, k.version(versionPrefix, 1)); !lives {
		return err
	}
	record := &storev1.LastAccess{}
	_, err := tx.Get(kindLastAccess, k.nsUID, k.in(lastAccessPrefix), record)
	if stored, err := found(err); err != nil || stored && record.GetHour() >= hour {
		return err
	}
	return tx.Put(kindLastAccess, k.nsUID, k.in(lastAccessPrefix), &storev1.LastAccess{Hour: hour})
}
