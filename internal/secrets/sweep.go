package secrets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/emptypb"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// What has more records than fit into a transaction is erased in steps. The transaction that closes the door on it leaves
// a mark, and the last step takes the mark away; where a crash or a caller who leaves comes between, sweepLeftovers finds
// the mark and goes on. Each step can be repeated, and by several at once.

// markLeftover marks that the erasing of a secret or of a service account's tokens has begun, or a change of a namespace
// that those below follow.
func markLeftover(tx *sealed.Tx, prefix storage.Key, k secretKey) error {
	return tx.Put(kindLeftover, system, k.in(prefix), &emptypb.Empty{})
}

// sweepEvery is how often what is due is done.
const sweepEvery = 10 * time.Minute

// sweepRegularly forgets old requests and logins, finishes what a crash left half done, and purges what is due, at once
// and then regularly.
func (s *Service) sweepRegularly(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	var purged time.Time // when it was last looked for what is due
	for {
		err := errors.Join(s.forgetRequests(ctx), s.forgetLogins(ctx), s.sweepLeftovers(ctx))
		if now := s.now(); now.Sub(purged) >= purgeEvery {
			err, purged = errors.Join(err, s.purgeDue(ctx)), now
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("sweeping what is left over", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// sweepLeftovers goes on with what was begun and not finished. What cannot be finished now does not keep the others from
// it.
func (s *Service) sweepLeftovers(ctx context.Context) error {
	return errors.Join(s.sweepTransfers(ctx), s.sweep(ctx, purgePrefix, s.erase), s.sweep(ctx, endedPrefix, s.eraseTokens), s.sweep(ctx, treePrefix, s.settleTree))
}

func (s *Service) sweep(ctx context.Context, prefix storage.Key, erase func(context.Context, secretKey) error) error {
	var due []secretKey
	var errs []error
	if err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		return eachRecord(snapshot, prefix, func(r storage.Record) error {
			// Only a mark that was made here, for this, erases anything.
			if err := snapshot.Open(kindLeftover, system, r, &emptypb.Empty{}); err != nil {
				errs = append(errs, err)
				return nil
			}
			due = append(due, secretKey{segment(r.Key, prefix, 0), segment(r.Key, prefix, 1)})
			return nil
		})
	}); err != nil {
		return fmt.Errorf("looking for leftovers: %w", err)
	}
	for _, k := range due {
		if err := erase(ctx, k); err != nil {
			errs = append(errs, fmt.Errorf("going on with %s: %w", k.in(prefix), err))
			continue
		}
		s.log.Info("finished what was left half done", "mark", k.in(prefix))
	}
	return errors.Join(errs...)
}

// erase deletes everything of a secret whose purge has begun: its versions first, its record in the bin last.
func (s *Service) erase(ctx context.Context, k secretKey) error {
	n, ok := s.directory.namespaceByUID(k.nsUID)
	if !ok {
		n.uid = k.nsUID
	}
	holding, err := s.holding(ctx, n)
	if err != nil {
		return err
	}
	defer holding.release()
	rev, err := s.eraseBelow(ctx, k.in(versionPrefix), func(tx *sealed.Tx, version storage.Key) {
		tx.Delete(version)
		tx.Delete(k.in(payloadPrefix) + version[len(k.in(versionPrefix)):])
	}, func(tx *sealed.Tx) error {
		t := secretAt{place: place{ns: n, ids: []string{k.uid}}}
		if err := firstError(t.readDeleted(tx), holding.change(takes(t.record), Usage{})); err != nil {
			return err
		}
		eraseDependents(tx, k)
		for _, prefix := range []storage.Key{binPrefix, bindingPrefix, lastAccessPrefix, pinnedPrefix, purgePrefix} {
			tx.Delete(k.in(prefix))
		}
		return nil
	})
	holding.commit(rev)
	return err
}

// eraseTokens deletes the tokens of a service account that was deleted. They authenticate nobody any more.
func (s *Service) eraseTokens(ctx context.Context, account secretKey) error {
	_, err := s.eraseBelow(ctx, account.in(tokenPrefix), func(tx *sealed.Tx, k storage.Key) {
		token := &storev1.Token{}
		if _, err := tx.Get(kindToken, account.nsUID, k, token); err == nil {
			tx.Delete(tokenUseKey(account.nsUID, token.GetUid()))
		}
		tx.Delete(k)
	}, func(tx *sealed.Tx) error {
		tx.Delete(account.in(endedPrefix))
		return nil
	})
	return err
}

// eraseBelow calls erase for every key below one, in steps, and then last, and returns the revision of that. erase
// deletes at most two keys.
func (s *Service) eraseBelow(ctx context.Context, parent storage.Key, erase func(*sealed.Tx, storage.Key), last func(*sealed.Tx) error) (storage.Revision, error) {
	const batch = storage.MaxTxnOps / 2
	for {
		var due []storage.Record
		if err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
			var err error
			due, err = snapshot.Range(parent+"/", "", batch)
			return err
		}); err != nil {
			return 0, err
		}
		rev, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
			for _, r := range due {
				erase(tx, r.Key)
			}
			if len(due) == 0 {
				return last(tx)
			}
			return nil
		})
		if err != nil || len(due) == 0 {
			return rev, err
		}
	}
}
