package secrets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/emptypb"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/keyring"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// Usage is what a namespace holds, or may hold: secrets, the versions of them that keep a payload, and the bytes of keys
// and values in those. In a quota, 0 is no bound.
type Usage struct{ Secrets, Versions, Bytes int64 }

func (u Usage) plus(v Usage) Usage {
	return Usage{u.Secrets + v.Secrets, u.Versions + v.Versions, u.Bytes + v.Bytes}
}

func (u Usage) minus(v Usage) Usage { return u.plus(Usage{-v.Secrets, -v.Versions, -v.Bytes}) }

// or is u with the bounds of v where it has none.
func (u Usage) or(v Usage) Usage {
	pick := func(a, b int64) int64 {
		if a == 0 {
			return b
		}
		return a
	}
	return Usage{pick(u.Secrets, v.Secrets), pick(u.Versions, v.Versions), pick(u.Bytes, v.Bytes)}
}

func usageOf(r *storev1.Usage) Usage { return Usage{r.GetSecrets(), r.GetVersions(), r.GetBytes()} }

func (u Usage) stored() *storev1.Usage {
	return &storev1.Usage{Secrets: u.Secrets, Versions: u.Versions, Bytes: u.Bytes}
}

// takes is what a secret adds to the usage of its namespace; nil is one that does not exist.
func takes(r *storev1.Secret) Usage {
	if r == nil {
		return Usage{}
	}
	return Usage{1, int64(len(r.GetRetained())), r.GetStoredBytes()}
}

// storedBytes is what the payload of a version takes.
func storedBytes(keys []*storev1.Key) int64 {
	var n int64
	for _, k := range keys {
		n += int64(len(k.GetName())) + int64(k.GetSize())
	}
	return n
}

// usages counts what namespaces hold, in memory. Counts are stored now and then and at the end; after a crash what was
// stored is forgotten. A namespace without a stored count is counted in the background when it is first asked for; until
// that is done, only what changes is known.
type usages struct {
	mu     sync.Mutex
	counts map[string]*count // by UID of a namespace
	due    chan string       // namespaces to be counted
}

type count struct {
	Usage
	whole   bool             // everything in the namespace was counted
	moved   bool             // since it was stored
	at      storage.Revision // everything up to it is in Usage
	pending []pending        // what changed while it is being counted

	reserved Usage // by writes that are under way
}

// pending is a change that the count which is under way has seen or not.
type pending struct {
	rev    storage.Revision
	change Usage
}

// maxRecounts bounds the namespaces that wait to be counted; a further one is asked for again later.
const maxRecounts = 1024

func newUsages() *usages {
	return &usages{counts: map[string]*count{}, due: make(chan string, maxRecounts)}
}

// holding is what a namespace holds, during one write to it, which must end with release.
type holding struct {
	s        *Service
	ns       namespace
	count    *count
	changed  Usage
	reserved Usage // of changed, what the namespace grows by
}

// holding is made before the transaction, in which the store cannot be asked for counts.
func (s *Service) holding(ctx context.Context, n namespace) (*holding, error) {
	c, err := s.counted(ctx, n.uid)
	return &holding{s: s, ns: n, count: c}, err
}

// change says what the write does to a secret, and reserves the room for it. It returns ErrQuota if that would grow the
// namespace beyond its quota.
func (h *holding) change(before, after Usage) error {
	h.changed = after.minus(before)
	grows := Usage{max(h.changed.Secrets, 0), max(h.changed.Versions, 0), max(h.changed.Bytes, 0)}
	quota, u := h.ns.quota.or(h.s.quota), h.s.usages
	u.mu.Lock()
	defer u.mu.Unlock()
	others := h.count.reserved.minus(h.reserved)
	taken := h.count.known().plus(others).plus(grows)
	for _, bound := range []struct {
		what                string
		grows, taken, quota int64
	}{
		{"secrets, those in the bin included", grows.Secrets, taken.Secrets, quota.Secrets},
		{"versions with a payload", grows.Versions, taken.Versions, quota.Versions},
		{"bytes in payloads", grows.Bytes, taken.Bytes, quota.Bytes},
	} {
		if bound.quota > 0 && bound.grows > 0 && bound.taken > bound.quota {
			return fmt.Errorf("%w: %s may hold %d %s", ErrQuota, h.ns.name(), bound.quota, bound.what)
		}
	}
	h.count.reserved, h.reserved = others.plus(grows), grows
	return nil
}

// release gives back what was reserved: the write has ended, and is counted or was not made.
func (h *holding) release() {
	u := h.s.usages
	u.mu.Lock()
	defer u.mu.Unlock()
	h.count.reserved, h.reserved = h.count.reserved.minus(h.reserved), Usage{}
}

// commit counts the change that was written at the revision; 0: it was not written.
func (h *holding) commit(rev storage.Revision) {
	if rev == 0 || h.changed == (Usage{}) {
		return
	}
	u := h.s.usages
	u.mu.Lock()
	defer u.mu.Unlock()
	c := h.count
	c.reserved, h.reserved = c.reserved.minus(h.reserved), Usage{}
	if rev <= c.at {
		return // it was there when everything was counted
	}
	c.Usage, c.moved = c.plus(h.changed), true
	if !c.whole {
		c.pending = append(c.pending, pending{rev, h.changed})
	}
}

func (u *usages) forget(nsUID string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.counts, nsUID)
}

// known is what a count says, under the lock. While not everything was counted, it may be below zero.
func (c *count) known() Usage {
	return Usage{max(c.Secrets, 0), max(c.Versions, 0), max(c.Bytes, 0)}
}

// counted is the count of a namespace, which is read from the store when it is first asked for.
func (s *Service) counted(ctx context.Context, nsUID string) (*count, error) {
	u := s.usages
	u.mu.Lock()
	c, ok := u.counts[nsUID]
	u.mu.Unlock()
	if ok {
		return c, nil
	}
	record := &storev1.Usage{}
	var stored bool
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		_, err := snapshot.Get(kindUsage, nsUID, key(usagePrefix, nsUID), record)
		stored, err = found(err)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading what the namespace holds: %w", err)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if c, ok := u.counts[nsUID]; ok {
		return c, nil
	}
	c = &count{Usage: usageOf(record), whole: stored}
	if !stored {
		select {
		case u.due <- nsUID:
		default:
			return c, nil // not kept, so that it is asked for again
		}
	}
	u.counts[nsUID] = c
	return c, nil
}

// countUsage counts namespaces that are due and stores counts, until ctx ends.
func (s *Service) countUsage(ctx context.Context) {
	tick := time.NewTicker(accessFlush)
	defer tick.Stop()
	for {
		select {
		case nsUID := <-s.usages.due:
			if err := s.recount(ctx, nsUID); err != nil && ctx.Err() == nil {
				s.log.Warn("counting what a namespace holds", "error", err)
				s.usages.forget(nsUID) // so that it is asked for again
			}
		case <-tick.C:
			if err := s.storeCounts(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("storing what namespaces hold", "error", err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			if err := s.closeCounts(last); err != nil {
				s.log.Warn("storing what namespaces hold; they are counted anew", "error", err)
			}
			return
		}
	}
}

// openCounts marks that counts are kept in memory. Where the mark is there already, the process before was killed, and
// what it had stored is forgotten.
func (s *Service) openCounts(ctx context.Context) error {
	killed := false
	_, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
		var err error
		if killed, err = exists(tx, usageOpenKey); err != nil || killed {
			return err
		}
		return tx.Put(kindUsageOpen, system, usageOpenKey, &emptypb.Empty{})
	})
	if err != nil || !killed {
		return err
	}
	_, err = s.eraseBelow(ctx, storage.Key(strings.TrimSuffix(string(usagePrefix), "/")), (*sealed.Tx).Delete, func(*sealed.Tx) error { return nil })
	return err
}

// closeCounts stores the counts and takes the mark away.
func (s *Service) closeCounts(ctx context.Context) error {
	if err := s.storeCounts(ctx); err != nil {
		return err
	}
	_, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
		tx.Delete(usageOpenKey)
		return nil
	})
	return err
}

// recount reads what a namespace holds, and adds what has changed since the snapshot that it read.
func (s *Service) recount(ctx context.Context, nsUID string) error {
	var total Usage
	var at storage.Revision
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		at = snapshot.Revision()
		for _, prefix := range []storage.Key{secretPrefix, binPrefix} {
			if err := eachRecord(snapshot, key(prefix, nsUID, ""), func(rec storage.Record) error {
				r := &storev1.Secret{}
				if err := snapshot.Open(kindSecret, nsUID, rec, r); err != nil {
					return err
				}
				total = total.plus(takes(r))
				return ctx.Err()
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.usages.mu.Lock()
	defer s.usages.mu.Unlock()
	c, ok := s.usages.counts[nsUID]
	if !ok {
		return nil // erased meanwhile
	}
	for _, p := range c.pending {
		if p.rev > at {
			total = total.plus(p.change)
		}
	}
	c.Usage, c.at, c.whole, c.moved, c.pending = total, at, true, true, nil
	return nil
}

// storeCounts stores the counts that moved. One of a namespace that is gone is forgotten.
func (s *Service) storeCounts(ctx context.Context) error {
	u := s.usages
	u.mu.Lock()
	moved := map[string]Usage{}
	for nsUID, c := range u.counts {
		if c.moved && c.whole {
			moved[nsUID], c.moved = c.Usage, false
		}
	}
	u.mu.Unlock()
	var errs []error
	for due := range slices.Chunk(slices.Collect(maps.Keys(moved)), storage.MaxTxnOps/2) {
		_, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
			for _, nsUID := range due {
				// Read, so that nothing is written into a namespace while it is erased.
				if lives, err := exists(tx, keyring.KeysetKey(nsUID)); err != nil {
					return err
				} else if !lives {
					continue
				}
				if err := tx.Put(kindUsage, nsUID, key(usagePrefix, nsUID), moved[nsUID].stored()); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			continue
		}
		errs = append(errs, err)
		u.mu.Lock()
		for _, nsUID := range due {
			if c, ok := u.counts[nsUID]; ok {
				c.moved = true
			}
		}
		u.mu.Unlock()
	}
	return errors.Join(errs...)
}
