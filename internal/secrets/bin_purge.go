package secrets

import (
	"context"
	"errors"
	"fmt"
	"time"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

const (
	// purgeEvery is how often at most what is deleted is looked through for what is due to be purged.
	purgeEvery = time.Hour
	// purgePage is how much of the bin is read at once.
	purgePage = 500
)

// errNotDue: what was due to be purged was undeleted meanwhile, or deleted anew.
var errNotDue = errors.New("it is not due any more")

// purgeDue purges what has been deleted for as long as it is kept.
func (s *Service) purgeDue(ctx context.Context) error {
	return errors.Join(s.purgeBin(ctx), s.purgeNamespaces(ctx))
}

// recordPurge records that the server itself purges something. What cannot be recorded is not purged.
func (s *Service) recordPurge(ctx context.Context, action authz.Action, name, uid string, due time.Time) error {
	err := s.audit.Record(ctx, &audit.Event{
		Kind: audit.KindSystem, Action: string(action), Resource: name, ResourceUID: uid,
		Detail: "it was kept until " + due.UTC().Format(time.RFC3339),
	}, audit.Synced)
	if err != nil {
		return fmt.Errorf("recording the purge of %s: %w", name, err)
	}
	return nil
}

// recordKept records that what recordPurge told did not come to pass.
func (s *Service) recordKept(action authz.Action, name, uid string, why error) {
	s.audit.Outcome(&audit.Event{
		Kind: audit.KindSystem, Action: string(action), Resource: name, ResourceUID: uid, Detail: "not purged: " + why.Error(),
	})
}

// binned is a secret in the bin.
type binned struct {
	ns     namespace
	record *storev1.Secret
}

// purgeBin purges the secrets in the bin whose purge_time has passed, page by page. What is in a deleted namespace stays
// until that is undeleted or erased.
func (s *Service) purgeBin(ctx context.Context) error {
	var errs []error
	for after := storage.Key(""); ; {
		due, last, damaged, err := s.dueInBin(ctx, after)
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("looking through the bin: %w", err))...)
		}
		errs = append(errs, damaged)
		for _, b := range due {
			if err := s.purgeBinned(ctx, b); err != nil {
				errs = append(errs, err)
			}
			if ctx.Err() != nil {
				return errors.Join(append(errs, ctx.Err())...)
			}
		}
		if last == "" {
			return errors.Join(errs...)
		}
		after = last
	}
}

// dueInBin are those of one page of the bin that are due. last is where the next page begins, if there may be one. A
// record that cannot be understood keeps none of the others.
func (s *Service) dueInBin(ctx context.Context, after storage.Key) (due []binned, last storage.Key, damaged, err error) {
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		records, err := snapshot.Range(binPrefix, after, purgePage)
		for _, r := range records {
			n, ok := s.directory.namespaceByUID(segment(r.Key, binPrefix, 0))
			if !ok || n.deleted {
				continue
			}
			record := &storev1.Secret{}
			if err := snapshot.Open(kindSecret, n.uid, r, record); err != nil {
				damaged = errors.Join(damaged, err)
				continue
			}
			if s.isDue(record) {
				due = append(due, binned{n, record})
			}
		}
		if len(records) == purgePage {
			last = records[purgePage-1].Key
		}
		return err
	})
	return due, last, damaged, err
}

// isDue tells whether a secret in the bin is to be purged. One that is being purged is gone on with by its mark.
func (s *Service) isDue(r *storev1.Secret) bool {
	return !r.GetPurging() && r.GetPurgeTime() != nil && !s.now().Before(r.GetPurgeTime().AsTime())
}

// purgeBinned purges one secret, as PurgeSecret does, unless it is not due any more.
func (s *Service) purgeBinned(ctx context.Context, b binned) error {
	name, uid := join(namespaces, b.ns.id, deletedSecrets, b.record.GetUid()), b.record.GetUid()
	if err := s.recordPurge(ctx, authz.SecretPurge, name, uid, b.record.GetPurgeTime().AsTime()); err != nil {
		return err
	}
	t := secretAt{place: place{name: name, nsID: b.ns.id, ns: b.ns, ids: []string{uid}}}
	_, err := s.update(ctx, false, func(tx *sealed.Tx) error {
		return s.beginPurge(tx, t, func(now *storev1.Secret) error {
			if !s.isDue(now) {
				return errNotDue
			}
			return nil
		})
	})
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrNamespaceDeleted) || errors.Is(err, errNotDue) {
		s.recordKept(authz.SecretPurge, name, uid, errNotDue)
		return nil
	}
	if err == nil {
		err = s.erase(ctx, secretKey{b.ns.uid, uid})
	}
	if err != nil {
		return fmt.Errorf("purging %s: %w", name, err)
	}
	return nil
}
