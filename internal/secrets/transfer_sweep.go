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

// sweepTransfers ends the transfers that there are marks of: moves are finished where they can be, copies are taken back,
// which a call that still works on one does again. What cannot be ended now does not keep the others from it.
func (s *Service) sweepTransfers(ctx context.Context) error {
	var due []*transit
	var errs []error
	if err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		return eachRecord(snapshot, transferPrefix, func(r storage.Record) error {
			t, err := s.readTransit(snapshot, r)
			if err != nil {
				errs = append(errs, err)
				return nil
			}
			due = append(due, t)
			return nil
		})
	}); err != nil {
		return fmt.Errorf("looking for transfers: %w", err)
	}
	for _, t := range due {
		if err := s.endTransfer(ctx, t); err != nil {
			errs = append(errs, fmt.Errorf("going on with %s: %w", t.mark(), err))
		}
	}
	return errors.Join(errs...)
}

// readTransit makes of a mark what it stands for.
func (s *Service) readTransit(snapshot *sealed.Snapshot, mark storage.Record) (*transit, error) {
	record := &storev1.Transfer{}
	if err := snapshot.Open(kindTransfer, system, mark, record); err != nil {
		return nil, err
	}
	t := &transit{record: record, once: &once{}, uid: segment(mark.Key, transferPrefix, 1)}
	for uid, n := range map[string]*namespace{segment(mark.Key, transferPrefix, 0): &t.from, record.GetDestinationNamespaceUid(): &t.to} {
		if *n, _ = s.directory.namespaceByUID(uid); n.uid == "" {
			n.uid = uid // gone: there is nothing to finish
		}
	}
	now := secretAt{place: place{ns: t.from, ids: []string{record.GetId()}}}
	err := now.read(snapshot)
	if t.rev = now.rev; !now.record.GetMoving() {
		t.rev = 0
	}
	return t, err
}

func (s *Service) endTransfer(ctx context.Context, t *transit) error {
	if t.record.GetCopy() {
		return s.backOut(ctx, t, errors.New("nobody was told of it"))
	}
	var err error
	if t.holding, err = s.holding(ctx, t.to); err != nil {
		return err
	}
	defer t.holding.release()
	_, rev, why := s.proceed(ctx, t, 1)
	if why != nil {
		return s.backOut(ctx, t, why)
	}
	t.holding.commit(rev)
	s.moveAccess(t)
	s.recordEnd(t, "finished after it was left half done")
	return nil
}

// backOut takes back what was left half done.
func (s *Service) backOut(ctx context.Context, t *transit, why error) error {
	if err := s.takeBack(ctx, t); err != nil && !errors.Is(err, errSettled) {
		return err
	}
	s.recordEnd(t, "taken back after it was left half done: "+why.Error())
	return nil
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
