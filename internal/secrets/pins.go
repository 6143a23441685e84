package secrets

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/sealed"
)

// A version that a projection names by its number is pinned: nobody disables or destroys it, and no newer one displaces
// it. A pin is part of what is remembered of a dependent, so that it costs a projection no record of its own, and comes
// and goes with it: it stays while the secret is in the bin, and a purge erases it. That a secret was ever pinned is a mark
// of its own, for those who add versions, who would else look through all dependents each time.

// pinned are the projections that name versions of a secret by their numbers.
func pinned(r reader, k secretKey) (map[int64][]*storev1.Dependents_Dependent, error) {
	_, err := r.Get(kindPinned, k.nsUID, k.in(pinnedPrefix), &emptypb.Empty{})
	if ever, err := found(err); err != nil || !ever {
		return nil, err
	}
	used, err := dependentsOf(r, k)
	if err != nil {
		return nil, err
	}
	by := map[int64][]*storev1.Dependents_Dependent{}
	for _, d := range used {
		for _, number := range d.GetVersions() {
			by[number] = append(by[number], d)
		}
	}
	return by, nil
}

// setPins writes which versions of a secret a dependent of it names by their numbers, in place of those it did.
func setPins(tx *sealed.Tx, k secretKey, projectionUID string, versions []int64) error {
	shard := shardOf(k, projectionUID)
	record, err := readShard(tx, k, shard)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(record.GetProjections(), func(d *storev1.Dependents_Dependent) bool { return d.GetUid() == projectionUID })
	if i < 0 {
		if len(versions) == 0 {
			return nil // it went with its pins
		}
		return fmt.Errorf("pinning versions of %s: the projection %s is none of its dependents", k.uid, projectionUID)
	}
	if len(versions) > 0 {
		if err := tx.Put(kindPinned, k.nsUID, k.in(pinnedPrefix), &emptypb.Empty{}); err != nil {
			return err
		}
	}
	record.Projections[i].Versions = slices.Sorted(slices.Values(versions))
	if proto.Size(record) > maxShardSize {
		return fmt.Errorf("%w: too many projections use it; delete some, or name fewer versions by their numbers", ErrLimit)
	}
	return tx.Put(kindDependents, k.nsUID, shard, record)
}

// usedError ends a transaction because of dependents. Who they are is told after it, by named.
type usedError struct {
	version int64 // that they pin; 0: it is about the secret
	used    []*storev1.Dependents_Dependent
}

// Error implements error.
func (e *usedError) Error() string { return "in use" }

// named makes a usedError of the secret the InUseError for the caller, and leaves any other error as it is.
func (s *Service) named(ctx context.Context, caller authn.Caller, t secretAt, err error) error {
	why, ok := errors.AsType[*usedError](err)
	if !ok {
		return err
	}
	err = s.inUse(ctx, caller, t, why.used)
	if inUse, ok := errors.AsType[*InUseError](err); ok {
		inUse.Version = why.version
	}
	return err
}

// unpinned returns a usedError if the version is pinned.
func unpinned(r reader, k secretKey, number int64) error {
	by, err := pinned(r, k)
	if err == nil && len(by[number]) > 0 {
		return &usedError{number, by[number]}
	}
	return err
}

// outgrown are the versions that go, oldest first, so that a secret keeps no more than it may: the active one stays, the
// newest, which may just have been staged, and those that are pinned. Where pins leave no room for the others, it returns
// a usedError.
func outgrown(r reader, k secretKey, secret *storev1.Secret) ([]int64, error) {
	retained, most := secret.GetRetained(), int(secret.GetMaxVersions())
	if len(retained) <= most {
		return nil, nil
	}
	by, err := pinned(r, k)
	if err != nil {
		return nil, err
	}
	var due []int64
	var oldest int64 // of those that are pinned and nothing else
	stay := 0        // of themselves
	for _, number := range retained {
		switch {
		case number == secret.GetActiveVersion(), number == secret.GetLastVersion():
			stay++
		case len(by[number]) == 0:
			due = append(due, number)
		case oldest == 0:
			oldest = number
		}
	}
	due = due[:min(len(due), len(retained)-most)]
	if len(retained)-len(due) > max(most, stay) {
		return nil, &usedError{oldest, by[oldest]}
	}
	return due, nil
}
