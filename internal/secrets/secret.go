package secrets

import (
	"cmp"
	"context"
	"slices"
	"time"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/catalog"
	"github.com/coffer-dev/coffer/internal/plaintext"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// AccessMode is what a credential may do at its source. Its numbers are stored.
type AccessMode int32

// The access modes.
const (
	AccessUnspecified AccessMode = iota
	AccessRead
	AccessReadWrite
)

// Limits of secrets.
const (
	maxPayloadKeys     = 256
	maxPayloadSize     = 512 << 10 // bytes of keys and values
	defaultMaxVersions = 10
	maxMaxVersions     = 100
)

// SourceCoffer is the source of a secret whose values Coffer itself keeps.
const SourceCoffer = "COFFER"

// Key is a payload key.
type Key struct {
	Name string
	Size int // bytes of its value; -1 where the caller may not know
}

// Secret is the metadata of a named credential.
type Secret struct {
	Meta
	Name             string
	Type             string
	AccessMode       AccessMode
	Owner            string
	Keys             []Key // of the active version, by name
	ActiveVersion    int64 // 0: none
	LatestVersion    int64 // the newest enabled; 0: none
	MaxVersions      int32
	ExpireTime       time.Time
	NextRotationTime time.Time
	RotationPeriod   time.Duration
	LastAccessTime   time.Time
	DeleteTime       time.Time
	PurgeTime        time.Time
	DeletedID        string // the ID it had; set only in the bin
}

// CreateSecret is what CreateSecret creates.
type CreateSecret struct {
	Parent       string
	ID           string
	Secret       Secret            // what is not output-only counts
	Payload      plaintext.Payload // nil: no version yet
	RequestID    string
	ValidateOnly bool
	// Fault is what whoever calls found wrong with the request while decoding it; it is told after the decision.
	Fault error
}

func storedSecretMeta(r *storev1.Secret) *storev1.Meta { return r.Meta }

func sentSecretMeta(s *Secret) *Meta { return &s.Meta }

// secretFields are the fields of a secret that an update mask can name.
var secretFields = append(metaFields(sentSecretMeta, storedSecretMeta), []field[Secret, storev1.Secret]{
	{"access_mode", func(s *Secret) bool { return s.AccessMode != 0 }, func(r *storev1.Secret, s *Secret) { r.AccessMode = int32(s.AccessMode) }},
	// Bound by whoever updates, where it changes.
	{"owner", func(s *Secret) bool { return s.Owner != "" }, func(r *storev1.Secret, s *Secret) { setOwner(r, &storev1.Principal{Name: s.Owner}) }},
	{"max_versions", func(s *Secret) bool { return s.MaxVersions != 0 }, func(r *storev1.Secret, s *Secret) { r.MaxVersions = orDefault(s.MaxVersions) }},
	{"expire_time", func(s *Secret) bool { return !s.ExpireTime.IsZero() }, func(r *storev1.Secret, s *Secret) { r.ExpireTime = stamp(s.ExpireTime) }},
	{"rotation.next_rotation_time", func(s *Secret) bool { return !s.NextRotationTime.IsZero() }, setNextRotation},
	{"rotation.period", func(s *Secret) bool { return s.RotationPeriod != 0 }, setRotationPeriod},
	{"rotation", func(*Secret) bool { return false }, func(r *storev1.Secret, s *Secret) {
		setNextRotation(r, s)
		setRotationPeriod(r, s)
	}},
}...)

func orDefault(n int32) int32 {
	if n == 0 {
		return defaultMaxVersions
	}
	return n
}

func (s *Secret) check(p *problems) {
	s.Meta.check(p, "secret.")
	if s.MaxVersions < 0 || s.MaxVersions > maxMaxVersions {
		p.addf("secret.max_versions", "must be 1 to %d", maxMaxVersions)
	}
	if s.AccessMode < AccessUnspecified || s.AccessMode > AccessReadWrite {
		p.addf("secret.access_mode", "is not a known mode")
	}
	if s.Type != "" && !sourceType.MatchString(s.Type) {
		p.addf("secret.type", "%q does not match %s", clip(s.Type), sourceType)
	}
	if s.RotationPeriod < 0 || (s.RotationPeriod > 0 && s.RotationPeriod < time.Hour) {
		p.addf("secret.rotation.period", "must be at least an hour")
	}
}

func checkPayload(p *problems, fieldName string, payload plaintext.Payload) {
	if len(payload) > maxPayloadKeys {
		p.addf(fieldName, "more than %d keys", maxPayloadKeys)
	}
	if payload.Size() > maxPayloadSize {
		p.addf(fieldName, "keys and values are larger than %d bytes together", maxPayloadSize)
	}
	for k := range payload {
		if !payloadKey.MatchString(k) {
			p.addf(fieldName, "key %q does not match %s", clip(k), payloadKey)
			return
		}
	}
}

// CreateSecret stores a secret; a payload becomes its version 1, active at once.
func (s *Service) CreateSecret(ctx context.Context, caller authn.Caller, req CreateSecret) (Secret, error) {
	at := s.locate("parent", req.Parent, namespaces)
	ownedBy, actions := cmp.Or(req.Secret.Owner, caller.Name), []authz.Action{authz.SecretCreate}
	if ownedBy != caller.Name {
		actions = append(actions, authz.SecretSetOwner)
	}
	if err := s.gate.AllowAll(ctx, caller, s.in(at, authz.KindSecret, secretsOf, req.ID), "", actions...); err != nil {
		return Secret{}, err
	}
	once := s.once(caller, req.RequestID, "CreateSecret", req.Parent, req.ID, req.Secret, req.Payload)
	first := &storev1.Secret{}
	if done, err := s.answered(ctx, once, first); err != nil || done {
		return s.secretFor(caller, at.ns, first, once.replayed), err
	}
	var p problems
	checkID(&p, "secret_id", secretsOf, req.ID)
	req.Secret.check(&p)
	checkPayload(&p, "secret.payload", req.Payload)
	s.checkNewType(&p, req.Secret.Type, req.Payload)
	if req.Payload != nil && len(req.Payload) == 0 {
		p.addf("secret.payload", "is empty; leave it out to create the secret without a version")
	}
	owner, err := s.own(caller, ownedBy)
	if err := firstError(at.fault, req.Fault, p.err(), err); err != nil {
		return Secret{}, err
	}
	record := newSecret(req, caller.Name, s.now())
	record.OwnedBy = owner
	holding, err := s.holding(ctx, at.ns)
	if err != nil {
		return Secret{}, err
	}
	defer holding.release()
	rev, err := s.update(ctx, req.ValidateOnly, once.wrap(record, func(tx *sealed.Tx) error {
		if err := s.liveNamespace(tx, at.ns); err != nil {
			return err
		}
		if err := vacant(tx, at.ns.uid, req.ID); err != nil {
			return err
		}
		if req.Payload != nil {
			version := &storev1.SecretVersion{}
			setVersion(version, 1, req.Payload, caller.Name, s.now())
			if err := putVersion(tx, at.ns.uid, record, version, req.Payload); err != nil {
				return err
			}
		}
		if err := holding.change(Usage{}, takes(record)); err != nil {
			return err
		}
		return tx.Put(kindSecret, at.ns.uid, key(secretPrefix, at.ns.uid, req.ID), record)
	}))
	if err != nil {
		return Secret{}, err
	}
	holding.commit(once.wrote(rev))
	return s.secretFor(caller, at.ns, record, once.revision(rev)), nil
}

func newSecret(req CreateSecret, by string, now time.Time) *storev1.Secret {
	sent := req.Secret
	record := &storev1.Secret{
		Uid: newUID(), Id: req.ID, Meta: newMeta(sent.Meta, by, now), Type: sent.Type, AccessMode: int32(sent.AccessMode),
		MaxVersions: orDefault(sent.MaxVersions), ExpireTime: stamp(sent.ExpireTime),
	}
	setNextRotation(record, &sent)
	setRotationPeriod(record, &sent)
	if record.Type == "" {
		record.Type = catalog.Generic
	}
	if req.Payload != nil {
		record.LastVersion, record.ActiveVersion = 1, 1
		record.Keys = keysOf(req.Payload)
		record.Retained, record.StoredBytes = []int64{1}, storedBytes(record.Keys)
	}
	return record
}

// GetSecret returns the metadata of a secret, or of one in the bin.
func (s *Service) GetSecret(ctx context.Context, caller authn.Caller, name string) (Secret, error) {
	if ids, ok := split(name, namespaces, deletedSecrets); ok && len(ids) == 2 {
		return s.getDeleted(ctx, caller, name)
	}
	t, err := s.allowSecret(ctx, caller, authz.SecretGet, "name", name, namespaces, secretsOf)
	if err != nil {
		return Secret{}, err
	}
	secret := s.secretFor(caller, t.ns, t.record, t.rev)
	return secret, s.addLastAccess(ctx, t.key(), &secret)
}

// secretFor is a secret as the caller may see it: sizes of values are for those who may access them.
func (s *Service) secretFor(caller authn.Caller, n namespace, r *storev1.Secret, rev storage.Revision) Secret {
	secret := secretOf(n, r, rev)
	if !s.gate.Holds(caller, authz.SecretAccess, secretIn(n, r)) {
		hideSizes(secret.Keys)
	}
	return secret
}

func hideSizes(keys []Key) {
	for i := range keys {
		keys[i].Size = -1
	}
}

func secretOf(n namespace, r *storev1.Secret, rev storage.Revision) Secret {
	s := Secret{
		Meta: metaOf(r.GetUid(), r.GetMeta(), rev), Name: join(namespaces, n.id, secretsOf, r.GetId()), Type: r.GetType(),
		AccessMode: AccessMode(r.GetAccessMode()), Owner: ownerName(r), Keys: keysFrom(r.GetKeys()),
		ActiveVersion: r.GetActiveVersion(), LatestVersion: latest(r), MaxVersions: r.GetMaxVersions(),
		ExpireTime: unstamp(r.GetExpireTime()), NextRotationTime: unstamp(r.GetNextRotationTime()),
		RotationPeriod: r.GetRotationPeriod().AsDuration(),
		DeleteTime:     unstamp(r.GetDeleteTime()), PurgeTime: unstamp(r.GetPurgeTime()),
	}
	if !s.DeleteTime.IsZero() {
		s.Name, s.DeletedID = join(namespaces, n.id, deletedSecrets, r.GetUid()), r.GetId()
	}
	return s
}

func keysFrom(stored []*storev1.Key) []Key {
	keys := make([]Key, len(stored))
	for i, k := range stored {
		keys[i] = Key{Name: k.GetName(), Size: int(k.GetSize())}
	}
	return keys
}

// keysOf are the keys of a payload, by name.
func keysOf(payload plaintext.Payload) []*storev1.Key {
	keys := make([]*storev1.Key, 0, len(payload))
	for name, e := range payload {
		keys = append(keys, &storev1.Key{Name: name, Size: int32(e.Value.Len())})
	}
	slices.SortFunc(keys, func(a, b *storev1.Key) int {
		if a.GetName() < b.GetName() {
			return -1
		}
		return 1
	})
	return keys
}
