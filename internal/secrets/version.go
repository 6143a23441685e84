package secrets

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// State is the state of a version. Its numbers are stored.
type State int32

// The states of a version.
const (
	Enabled State = iota + 1
	Disabled
	Destroyed
)

// Version is the metadata of a version.
type Version struct {
	Name        string
	State       State
	Active      bool
	Keys        []Key
	UID         string
	CreateTime  time.Time
	UpdateTime  time.Time // when its state last changed
	DestroyTime time.Time
	CreatedBy   string
	UpdatedBy   string
	Etag        string
	Revision    storage.Revision
	Unchanged   bool // nothing was added: the payload was identical to the active one
}

// AddVersion is what AddSecretVersion adds.
type AddVersion struct {
	Secret       string // full name
	Payload      plaintext.Payload
	Merge        bool
	RemoveKeys   []string
	Stage        bool // do not activate
	Etag         string
	RequestID    string
	ValidateOnly bool
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

// AddSecretVersion adds a payload as the next version.
func (s *Service) AddSecretVersion(ctx context.Context, caller authn.Caller, req AddVersion) (Version, error) {
	t, err := s.allowSecret(ctx, caller, authz.SecretAddVersion, "parent", req.Secret, namespaces, secretsOf)
	if err != nil {
		return Version{}, err
	}
	record := &storev1.SecretVersion{}
	once := s.once(caller, req.RequestID, "AddSecretVersion", t.record.GetUid(), req.Payload, req.Merge, req.RemoveKeys, req.Stage)
	if done, err := s.answered(ctx, once, record); err != nil {
		return Version{}, err
	} else if done {
		return s.added(ctx, caller, t, req, record, once.replayed)
	}
	if err := firstError(req.Fault, req.check()); err != nil {
		return Version{}, err
	}
	holding, err := s.holding(ctx, t.ns)
	if err != nil {
		return Version{}, err
	}
	defer holding.release()
	rev, err := s.update(ctx, req.ValidateOnly, once.wrap(record, func(tx *sealed.Tx) error {
		now := secretAt{place: t.place}
		if err := s.sameSecret(tx, t, &now, req.Etag); err != nil {
			return err
		}
		return s.addWithin(tx, caller, now, req, record, holding)
	}))
	if err != nil {
		return Version{}, s.named(ctx, caller, t, err)
	}
	holding.commit(once.wrote(rev))
	return s.added(ctx, caller, t, req, record, once.revision(rev))
}

// addWithin adds a version, as far as there is room for it.
func (s *Service) addWithin(tx *sealed.Tx, caller authn.Caller, now secretAt, req AddVersion, record *storev1.SecretVersion, h *holding) error {
	record.Reset()
	before := takes(now.record)
	if err := s.addVersion(tx, caller, now.ns.uid, req, now.record, record); err != nil {
		return err
	}
	if record.GetState() == 0 && !s.gate.Holds(caller, authz.SecretAccess, s.secretResource(now)) {
		// Where another value would find no room, that this one needs none would tell it, without a trace.
		after, err := s.asIfAdded(tx, now.ns.uid, now.record)
		if err := firstError(err, h.change(before, after)); err != nil {
			return err
		}
	}
	return h.change(before, takes(now.record))
}

// added is the answer to an added version.
func (s *Service) added(ctx context.Context, caller authn.Caller, t secretAt, req AddVersion, record *storev1.SecretVersion, rev storage.Revision) (Version, error) {
	if record.GetState() == 0 { // identical to the active version
		v, err := s.version(ctx, caller, t, strconv.FormatInt(record.GetNumber(), 10))
		v.Unchanged = true
		return v, err
	}
	v := versionOf(t.ns, t.record, record, rev)
	v.Active = !req.Stage // to a retry as to the first call, whatever was activated since
	return s.versionFor(caller, t, v), nil
}

func (req AddVersion) check() error {
	var p problems
	checkPayload(&p, "payload", req.Payload)
	if len(req.Payload) == 0 && !req.Merge {
		p.addf("payload", "is required")
	}
	if len(req.RemoveKeys) > 0 && !req.Merge {
		p.addf("remove_keys", "is for merge only")
	}
	for _, k := range req.RemoveKeys {
		if _, both := req.Payload[k]; both {
			p.addf("remove_keys", "%q is in the payload too", clip(k))
		}
	}
	return p.err()
}

// addVersion writes the next version of a secret. record becomes it, or only the number of the active one where that is
// identical.
func (s *Service) addVersion(tx *sealed.Tx, caller authn.Caller, nsUID string, req AddVersion, secret *storev1.Secret, record *storev1.SecretVersion) error {
	k := secretKey{nsUID, secret.GetUid()}
	var active plaintext.Payload
	if number := secret.GetActiveVersion(); number != 0 {
		var err error
		if active, err = tx.GetPayload(kindPayload, nsUID, k.version(payloadPrefix, number)); err != nil {
			return fmt.Errorf("reading the active version: %w", err)
		}
	}
	payload, err := req.merged(active)
	if err == nil {
		err = s.checkTyped(secret, slices.Collect(maps.Keys(payload)))
	}
	if err != nil {
		return err
	}
	if active != nil && !req.Stage && !req.ValidateOnly && payload.Equal(active) {
		record.Number = secret.GetActiveVersion()
		return nil
	}
	now := s.now()
	secret.LastVersion++
	secret.Retained = append(secret.Retained, secret.GetLastVersion())
	if !req.Stage {
		secret.ActiveVersion, secret.Keys = secret.GetLastVersion(), keysOf(payload)
	}
	touch(secret.Meta, caller.Name, now)
	if err := s.prune(tx, nsUID, secret); err != nil {
		return err
	}
	setVersion(record, secret.GetLastVersion(), payload, caller.Name, now)
	secret.StoredBytes += storedBytes(record.GetKeys())
	if err := putVersion(tx, nsUID, secret, record, payload); err != nil {
		return err
	}
	return tx.Put(kindSecret, nsUID, key(secretPrefix, nsUID, secret.GetId()), secret)
}

// merged is the payload to store.
func (req AddVersion) merged(active plaintext.Payload) (plaintext.Payload, error) {
	if !req.Merge {
		return req.Payload, nil
	}
	merged := plaintext.Payload{}
	maps.Copy(merged, active)
	maps.Copy(merged, req.Payload)
	var p problems
	for _, k := range req.RemoveKeys {
		if _, ok := merged[k]; !ok {
			p.addf("remove_keys", "the active version has no key %q", clip(k))
		}
		delete(merged, k)
	}
	checkPayload(&p, "payload", merged)
	if len(merged) == 0 {
		p.addf("payload", "nothing is left of it")
	}
	return merged, p.err()
}

func putVersion(tx *sealed.Tx, nsUID string, secret *storev1.Secret, record *storev1.SecretVersion, payload plaintext.Payload) error {
	k := secretKey{nsUID, secret.GetUid()}
	if err := tx.Put(kindVersion, nsUID, k.version(versionPrefix, record.GetNumber()), record); err != nil {
		return err
	}
	return tx.PutPayload(kindPayload, nsUID, k.version(payloadPrefix, record.GetNumber()), payload)
}

func setVersion(record *storev1.SecretVersion, number int64, payload plaintext.Payload, by string, now time.Time) {
	record.Number, record.State, record.CreateTime, record.CreatedBy = number, int32(Enabled), stamp(now), by
	record.Uid, record.UpdateTime, record.UpdatedBy = newUID(), stamp(now), by
	record.Keys = keysOf(payload)
}

// What one write destroys is bounded, so that it fits into a transaction; the next one goes on.
const (
	maxPruned     = 40
	maxTombstones = 256 << 10 // bytes, after which no further one is written; a single one has at most 70 KiB
)

// prune destroys the versions that a secret has outgrown.
func (s *Service) prune(tx *sealed.Tx, nsUID string, secret *storev1.Secret) error {
	k, size := secretKey{nsUID, secret.GetUid()}, 0
	due, err := outgrown(tx, k, secret)
	if err != nil {
		return err
	}
	for _, number := range due[:min(len(due), maxPruned)] {
		record := &storev1.SecretVersion{}
		if _, err := tx.Get(kindVersion, nsUID, k.version(versionPrefix, number), record); err != nil {
			return fmt.Errorf("reading version %d: %w", number, err)
		}
		if err := s.destroy(tx, nsUID, secret, record); err != nil {
			return err
		}
		if size += proto.Size(record); size > maxTombstones {
			return nil
		}
	}
	return nil
}

// asIfAdded is what the secret would take had the payload of the active version been added to it once more.
func (s *Service) asIfAdded(tx *sealed.Tx, nsUID string, secret *storev1.Secret) (Usage, error) {
	k, would := secretKey{nsUID, secret.GetUid()}, takes(secret).plus(Usage{Versions: 1, Bytes: storedBytes(secret.GetKeys())})
	after := proto.CloneOf(secret)
	after.LastVersion++
	after.Retained, after.ActiveVersion = append(after.Retained, after.GetLastVersion()), after.GetLastVersion()
	due, err := outgrown(tx, k, after)
	if err != nil {
		return Usage{}, err
	}
	for _, number := range due[:min(len(due), maxPruned)] {
		record := &storev1.SecretVersion{}
		if _, err := tx.Get(kindVersion, nsUID, k.version(versionPrefix, number), record); err != nil {
			return Usage{}, fmt.Errorf("reading version %d: %w", number, err)
		}
		would = would.minus(Usage{Versions: 1, Bytes: storedBytes(record.GetKeys())})
	}
	return would, nil
}

// destroy erases the payload of a version and makes its record the tombstone.
func (s *Service) destroy(tx *sealed.Tx, nsUID string, secret *storev1.Secret, record *storev1.SecretVersion) error {
	k, number := secretKey{nsUID, secret.GetUid()}, record.GetNumber()
	record.State, record.DestroyTime, record.UpdateTime = int32(Destroyed), stamp(s.now()), stamp(s.now())
	secret.StoredBytes = max(0, secret.GetStoredBytes()-storedBytes(record.GetKeys()))
	for _, key := range record.Keys {
		key.Size = 0
	}
	is := func(n int64) bool { return n == number }
	secret.Retained, secret.Disabled = slices.DeleteFunc(secret.Retained, is), slices.DeleteFunc(secret.Disabled, is)
	tx.Delete(k.version(payloadPrefix, number))
	return tx.Put(kindVersion, nsUID, k.version(versionPrefix, number), record)
}

// latest is the number of the newest enabled version.
func latest(secret *storev1.Secret) int64 {
	for _, n := range slices.Backward(secret.GetRetained()) {
		if !slices.Contains(secret.GetDisabled(), n) {
			return n
		}
	}
	return 0
}

// versionNumber resolves the last segment of a version's name.
func versionNumber(secret *storev1.Secret, id string) (int64, error) {
	var number int64
	switch id {
	case versionActive:
		number = secret.GetActiveVersion()
	case versionLatest:
		number = latest(secret)
	default:
		number, _ = parseVersion(id)
		if number > secret.GetLastVersion() {
			return 0, ErrNotFound
		}
	}
	if number == 0 {
		return 0, fmt.Errorf("%w: the secret has no %s version", ErrPayloadMissing, id)
	}
	return number, nil
}

// readable returns an error unless the version can be delivered.
func readable(secret *storev1.Secret, number int64, now time.Time) error {
	if expire := secret.GetExpireTime(); expire != nil && !now.Before(expire.AsTime()) {
		return ErrExpired
	}
	switch {
	case slices.Contains(secret.GetDisabled(), number):
		return fmt.Errorf("%w: version %d is disabled", ErrVersionState, number)
	case slices.Contains(secret.GetRetained(), number):
		return nil
	}
	return fmt.Errorf("%w: version %d is destroyed", ErrVersionState, number)
}

func versionOf(n namespace, secret *storev1.Secret, r *storev1.SecretVersion, rev storage.Revision) Version {
	return Version{
		Name:  join(namespaces, n.id, secretsOf, secret.GetId(), versionsOf, strconv.FormatInt(r.GetNumber(), 10)),
		State: State(r.GetState()), Active: r.GetNumber() == secret.GetActiveVersion(), Keys: keysFrom(r.GetKeys()),
		UID: r.GetUid(), CreateTime: unstamp(r.GetCreateTime()), UpdateTime: unstamp(r.GetUpdateTime()),
		DestroyTime: unstamp(r.GetDestroyTime()), CreatedBy: r.GetCreatedBy(), UpdatedBy: r.GetUpdatedBy(), Etag: etagOf(rev), Revision: rev,
	}
}

// versionFor is a version as the caller may see it.
func (s *Service) versionFor(caller authn.Caller, t secretAt, v Version) Version {
	if v.State == Destroyed || !s.gate.Holds(caller, authz.SecretAccess, s.secretResource(t)) {
		hideSizes(v.Keys)
	}
	return v
}

// Access is an accessed version.
type Access struct {
	Name     string // of the version, with its number
	Payload  plaintext.Payload
	Revision storage.Revision // the values were read at
}

// AccessSecretVersion returns the values of a version.
func (s *Service) AccessSecretVersion(ctx context.Context, caller authn.Caller, name string) (Access, error) {
	t := secretAt{place: s.locate("name", name, namespaces, secretsOf, versionsOf)}
	var access Access
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		if err := s.recent.read(snapshot, &t); err != nil {
			return err
		}
		if err := s.gate.AllowAll(ctx, caller, s.secretResource(t), t.note(), authz.SecretAccess); err != nil {
			return err
		}
		if err := t.told(); err != nil {
			return err
		}
		number, err := versionNumber(t.record, t.ids[1])
		if err != nil {
			return err
		}
		if err := readable(t.record, number, s.now()); err != nil {
			return err
		}
		access.Name = join(namespaces, t.ns.id, secretsOf, t.ids[0], versionsOf, strconv.FormatInt(number, 10))
		access.Revision = snapshot.Revision()
		access.Payload, err = snapshot.GetPayload(kindPayload, t.ns.uid, t.key().version(payloadPrefix, number))
		return err
	})
	if err != nil {
		return Access{}, err
	}
	s.noteAccess(t.key())
	return access, nil
}
