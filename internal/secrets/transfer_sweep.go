package secrets

import (
	"context"
	"errors"
	"fmt"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/audit"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// takeBack ends a transfer without a trace: the secret can be written again, and what was carried is erased. It returns
// errSettled where there is no mark any more.
func (s *Service) takeBack(ctx context.Context, t *transit) error {
	if _, err := s.store.Update(ctx, func(tx *sealed.Tx) error {
		if marked, err := exists(tx, t.mark()); !marked {
			return firstError(err, errSettled)
		}
		return withdraw(tx, t)
	}); err != nil {
		return err
	}
	return s.erase(ctx, t.destination())
}

// withdraw makes a transfer with a mark one that is taken back.
func withdraw(tx *sealed.Tx, t *transit) error {
	tx.Delete(t.mark())
	if !t.record.GetCopy() {
		if err := free(tx, t.source(), t.record.GetId()); err != nil {
			return fmt.Errorf("freeing the secret: %w", err)
		}
	}
	return markLeftover(tx, purgePrefix, t.destination())
}

// free lets a secret be written again that was to move, wherever it is by now.
func free(tx *sealed.Tx, k secretKey, id string) error {
	record, err := readByUID(tx, k, id)
	at := key(secretPrefix, k.nsUID, record.GetId())
	if errors.Is(err, sealed.ErrNotFound) {
		bin := secretAt{place: place{ns: namespace{uid: k.nsUID}, ids: []string{k.uid}}}
		err = bin.readDeleted(tx)
		record, at = bin.record, k.in(binPrefix)
	}
	if err != nil || !record.GetMoving() {
		return err
	}
	record.Moving = false
	return tx.Put(kindSecret, k.nsUID, at, record)
}

// sweepTransfers takes back what there are marks of. A call that still works on one does it again. What cannot be taken
// back now does not keep the others from it.
func (s *Service) sweepTransfers(ctx context.Context) error {
	due, err := s.halfDone(ctx)
	errs := []error{err}
	for _, t := range due {
		if err := s.takeBack(ctx, t); err == nil {
			s.recordEnd(t, "taken back after it was left half done")
		} else if !errors.Is(err, errSettled) {
			errs = append(errs, fmt.Errorf("taking back %s: %w", t.mark(), err))
		}
	}
	return errors.Join(errs...)
}

// halfDone are the transfers that there are marks of.
func (s *Service) halfDone(ctx context.Context) (due []*transit, err error) {
	var errs []error
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		return eachRecord(snapshot, transferPrefix, func(r storage.Record) error {
			record := &storev1.Transfer{}
			if err := snapshot.Open(kindTransfer, system, r, record); err != nil {
				errs = append(errs, err)
				return nil
			}
			t := &transit{record: record, uid: segment(r.Key, transferPrefix, 1)}
			for uid, n := range map[string]*namespace{segment(r.Key, transferPrefix, 0): &t.from, record.GetDestinationNamespaceUid(): &t.to} {
				if *n, _ = s.directory.namespaceByUID(uid); n.uid == "" {
					n.uid = uid // gone
				}
			}
			due = append(due, t)
			return nil
		})
	})
	return due, errors.Join(append(errs, err)...)
}

// recordEnd records what became of a transfer whose call did not tell.
func (s *Service) recordEnd(t *transit, how string) {
	e := &audit.Event{
		Kind: audit.KindSystem, Action: string(authz.SecretMove), Detail: how,
		Resource: join(namespaces, t.to.id, secretsOf, t.record.GetDestinationId()), ResourceUID: t.record.GetDestinationUid(),
	}
	if t.record.GetCopy() {
		e.Action = string(authz.SecretCopy)
	}
	s.audit.Outcome(e)
	s.log.Info("ended a transfer", "mark", t.mark(), "how", how)
}
