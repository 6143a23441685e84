package secrets

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/filter"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// reader is what reads records: a snapshot or a transaction.
type reader interface {
	Get(kind sealed.Kind, nsUID string, key storage.Key, msg proto.Message) (storage.Revision, error)
}

var accessModes = map[AccessMode]string{AccessUnspecified: "ACCESS_MODE_UNSPECIFIED", AccessRead: "READ", AccessReadWrite: "READ_WRITE"}

// String is the mode's name on the API.
func (m AccessMode) String() string { return accessModes[m] }

func setNextRotation(r *storev1.Secret, s *Secret) { r.NextRotationTime = stamp(s.NextRotationTime) }

func setRotationPeriod(r *storev1.Secret, s *Secret) {
	r.RotationPeriod = nil
	if s.RotationPeriod > 0 {
		r.RotationPeriod = durationpb.New(s.RotationPeriod)
	}
}

// ListSecrets returns the secrets of a namespace that the caller may see, and after them, if asked for, those in its bin.
func (s *Service) ListSecrets(ctx context.Context, caller authn.Caller, parent string, page Page) ([]Secret, string, error) {
	at, visible, err := s.listIn(ctx, caller, authz.SecretList, parent)
	if err != nil {
		return nil, "", err
	}
	l := s.listedSecrets(caller, page, visible, func(storage.Record) namespace { return at.ns })
	l.method, l.parent, l.prefixes = "secrets", parent, []storage.Key{key(secretPrefix, at.ns.uid, "")}
	if page.ShowDeleted {
		l.prefixes = append(l.prefixes, key(binPrefix, at.ns.uid, ""))
	}
	return list(ctx, s, caller, page, l)
}

// listedSecrets lists secrets as the caller may see them. in is the namespace of a record.
func (s *Service) listedSecrets(caller authn.Caller, page Page, visible func(authz.Resource) bool, in func(storage.Record) namespace) listing[Secret] {
	return listing[Secret]{
		fields: metaFilter(filter.Fields{
			"type": filter.String, "owner": filter.String, "access_mode": filter.Enum, "expire_time": filter.Timestamp,
			"active_version": filter.Int, "keys": filter.StringList,
		}),
		open: func(snapshot *sealed.Snapshot, rec storage.Record) (Secret, bool, error) {
			n, r := in(rec), &storev1.Secret{}
			if err := snapshot.Open(kindSecret, n.uid, rec, r); err != nil {
				return Secret{}, false, err
			}
			secret := secretOf(n, r, rec.Revision)
			resource := secretIn(n, r)
			if !visible(resource) {
				return Secret{}, false, nil
			}
			if !s.gate.Holds(caller, authz.SecretAccess, resource) {
				hideSizes(secret.Keys)
			}
			k := secretKey{n.uid, r.GetUid()}
			err := readLastAccess(snapshot, k, &secret)
			return secret, page.UnusedSince.IsZero() || s.unusedSince(k, &secret, page.UnusedSince), err
		},
		get: func(secret *Secret, name string) any { return secret.field(name) },
	}
}

// field returns the value of a filter field.
func (s *Secret) field(name string) any {
	switch name {
	case "type":
		return s.Type
	case "owner":
		return s.Owner
	case "access_mode":
		return s.AccessMode.String()
	case "expire_time":
		return s.ExpireTime
	case "active_version":
		return s.ActiveVersion
	case "keys":
		return keyNames(s.Keys)
	}
	return s.get(s.Name, name)
}

// shortName tells whether a reference is an ID to look up rather than a full name.
func shortName(reference string) bool { return !strings.Contains(reference, "/") }
