package secrets

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"slices"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// What uses a secret is kept in shards, records that each hold the projections of some UIDs: writing a projection
// rewrites one shard of each of its secrets, deleting a secret reads them all. The largest projection, with what is
// remembered of its request and a full shard of each of its 40 secrets, or with those of 40 it leaves and 40 it gets, fits
// into a transaction (storage.MaxTxnSize, MaxTxnOps).
//
// The size of a shard counts, not its dependents, so a secret can have some 4,000 in its own namespace, 2,800 in others,
// and 1,100 with the longest names. Their number is part of the format.
const (
	dependentsShards = 32
	maxShardSize     = 7 << 10 // bytes
)

// Dependents are the projections that use a secret.
type Dependents struct {
	Projections []string // full names of those that the caller may see, in order
	Hidden      int      // how many more there are
}

// ListDependents returns what uses a secret.
func (s *Service) ListDependents(ctx context.Context, caller authn.Caller, name string) (Dependents, error) {
	t, err := s.allowSecret(ctx, caller, authz.SecretGet, "name", name, namespaces, secretsOf)
	if err != nil {
		return Dependents{}, err
	}
	var d Dependents
	err = s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		used, err := dependentsOf(snapshot, t.key())
		if err == nil {
			d, err = s.dependentsFor(caller, snapshot, t.key(), used)
		}
		return err
	})
	return d, err
}

// dependentsOf are the projections that use a secret.
func dependentsOf(r reader, k secretKey) ([]*storev1.Dependents_Dependent, error) {
	var used []*storev1.Dependents_Dependent
	for shard := range dependentsShards {
		record, err := readShard(r, k, shardKey(k, shard))
		if err != nil {
			return nil, err
		}
		used = append(used, record.GetProjections()...)
	}
	return used, nil
}

// dependentsFor names the dependents of a secret that the caller may see and counts the others. What it may see can hang
// on their labels, so it reads each; that is no work for a transaction.
func (s *Service) dependentsFor(caller authn.Caller, snapshot *sealed.Snapshot, k secretKey, used []*storev1.Dependents_Dependent) (Dependents, error) {
	var d Dependents
	for _, p := range used {
		nsUID := p.GetNamespaceUid()
		if nsUID == "" {
			nsUID = k.nsUID
		}
		n, lives := s.directory.namespaceByUID(nsUID)
		t := projectionAt{place: place{nsID: n.id, ns: n, ids: []string{p.GetId()}}}
		if err := t.read(snapshot); err != nil {
			return Dependents{}, err
		}
		if !lives || t.record.GetUid() != p.GetUid() || !s.gate.Holds(caller, authz.ProjectionGet, projectionIn(n, t.record)) {
			d.Hidden++
			continue
		}
		d.Projections = append(d.Projections, join(namespaces, n.id, projections, p.GetId()))
	}
	slices.Sort(d.Projections)
	return d, nil
}

// inUse is why a secret with dependents is not deleted.
func (s *Service) inUse(ctx context.Context, caller authn.Caller, t secretAt, used []*storev1.Dependents_Dependent) error {
	return s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		d, err := s.dependentsFor(caller, snapshot, t.key(), used)
		if err != nil {
			return err
		}
		return &InUseError{Secret: join(namespaces, t.ns.id, secretsOf, t.ids[0]), Projections: d.Projections, Hidden: d.Hidden}
	})
}

func shardKey(k secretKey, shard int) storage.Key {
	return key(dependentsPrefix, k.nsUID, k.uid, fmt.Sprintf("%02x", shard))
}

// shardOf is the shard of a secret's dependents that a projection is in.
func shardOf(k secretKey, projectionUID string) storage.Key {
	h := fnv.New32a()
	_, _ = h.Write([]byte(projectionUID))
	return shardKey(k, int(h.Sum32()%dependentsShards))
}

func readShard(r reader, k secretKey, shard storage.Key) (*storev1.Dependents, error) {
	record := &storev1.Dependents{}
	_, err := r.Get(kindDependents, k.nsUID, shard, record)
	_, err = found(err)
	return record, err
}

// setDependents writes that a projection depends on the secrets that its record names now, where before it named others.
// The secrets must be what they were when they were bound.
func (s *Service) setDependents(tx *sealed.Tx, n namespace, before, now *storev1.Projection) error {
	uid := cmp.Or(before.GetUid(), now.GetUid())
	had, has := bindingsOf(before), bindingsOf(now)
	for k := range had {
		if _, keep := has[k]; keep {
			continue
		}
		if err := removeDependent(tx, k, uid); err != nil {
			return err
		}
	}
	for k, b := range has {
		secret := &storev1.Secret{}
		_, err := tx.Get(kindSecret, k.nsUID, key(secretPrefix, k.nsUID, b.id), secret)
		if ok, err := found(err); err != nil || !ok || secret.GetUid() != k.uid {
			return firstError(err, fmt.Errorf("%w: the secret %q was deleted meanwhile", ErrDangling, b.id))
		}
		if err := pinnable(secret, b); err != nil {
			return err
		}
		old, kept := had[k]
		if !kept {
			if err := addDependent(tx, k, n.uid, now); err != nil {
				return fmt.Errorf("binding to the secret %q: %w", b.id, err)
			}
		}
		if slices.Equal(b.pins, old.pins) {
			continue
		}
		if err := setPins(tx, k, uid, b.pins); err != nil {
			return fmt.Errorf("binding to versions of the secret %q: %w", b.id, err)
		}
	}
	return nil
}

// pinnable returns an error unless every version that a projection names by its number still has a payload.
func pinnable(secret *storev1.Secret, b boundTo) error {
	for _, number := range b.pins {
		if !slices.Contains(secret.GetRetained(), number) {
			return fmt.Errorf("%w: version %d of the secret %q was destroyed meanwhile", ErrVersionState, number, b.id)
		}
	}
	return nil
}

// addDependent writes that a projection in the namespace uses a secret.
func addDependent(tx *sealed.Tx, k secretKey, nsUID string, p *storev1.Projection) error {
	shard := shardOf(k, p.GetUid())
	record, err := readShard(tx, k, shard)
	if err != nil {
		return err
	}
	d := &storev1.Dependents_Dependent{Uid: p.GetUid(), Id: p.GetId()}
	if nsUID != k.nsUID { // that of the secret goes without saying
		d.NamespaceUid = nsUID
	}
	record.Projections = append(record.Projections, d)
	if proto.Size(record) > maxShardSize {
		return fmt.Errorf("%w: too many projections use it; delete some, or use a copy of the secret", ErrLimit)
	}
	return tx.Put(kindDependents, k.nsUID, shard, record)
}

// removeDependent writes that a projection uses a secret no more.
func removeDependent(tx *sealed.Tx, k secretKey, projectionUID string) error {
	shard := shardOf(k, projectionUID)
	record, err := readShard(tx, k, shard)
	if err != nil {
		return err
	}
	before := len(record.GetProjections())
	record.Projections = slices.DeleteFunc(record.Projections, func(d *storev1.Dependents_Dependent) bool { return d.GetUid() == projectionUID })
	switch len(record.Projections) {
	case before: // purged, and with it the shard
		return nil
	case 0:
		tx.Delete(shard)
		return nil
	}
	return tx.Put(kindDependents, k.nsUID, shard, record)
}

// eraseDependents forgets what uses a secret.
func eraseDependents(tx *sealed.Tx, k secretKey) {
	for shard := range dependentsShards {
		tx.Delete(shardKey(k, shard))
	}
}
