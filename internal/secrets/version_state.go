package secrets

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/authn"
	"github.com/coffer-dev/coffer/internal/authz"
	"github.com/coffer-dev/coffer/internal/filter"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/storage"
)

// GetSecretVersion returns the metadata of a version.
func (s *Service) GetSecretVersion(ctx context.Context, caller authn.Caller, name string) (Version, error) {
	t, err := s.allowSecret(ctx, caller, authz.SecretGet, "name", name, namespaces, secretsOf, versionsOf)
	if err != nil {
		return Version{}, err
	}
	number, err := versionNumber(t.record, t.ids[1])
	if err != nil {
		return Version{}, err
	}
	return s.version(ctx, caller, t, number, false)
}

func (s *Service) version(ctx context.Context, caller authn.Caller, t secretAt, number int64, unchanged bool) (Version, error) {
	var v Version
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		r := &storev1.SecretVersion{}
		rev, err := snapshot.Get(kindVersion, t.ns.uid, t.key().version(versionPrefix, number), r)
		if ok, err := found(err); !ok {
			return firstError(err, ErrNotFound)
		}
		v = versionOf(t.ns, t.record, r, rev)
		v.Unchanged = unchanged
		return nil
	})
	return s.versionFor(caller, t, v), err
}

// ListSecretVersions returns the versions of a secret, newest first.
func (s *Service) ListSecretVersions(ctx context.Context, caller authn.Caller, parent string, page Page) ([]Version, string, error) {
	t, err := s.allowSecret(ctx, caller, authz.SecretGet, "parent", parent, namespaces, secretsOf)
	if err != nil {
		return nil, "", err
	}
	page.OrderBy = ""
	return list(ctx, s, caller, page, listing[Version]{
		method: "versions", parent: parent, prefixes: []storage.Key{key(versionPrefix, t.ns.uid, t.record.GetUid(), "")},
		fields: filter.Fields{},
		open: func(snapshot *sealed.Snapshot, rec storage.Record) (Version, bool, error) {
			r := &storev1.SecretVersion{}
			if err := snapshot.Open(kindVersion, t.ns.uid, rec, r); err != nil {
				return Version{}, false, err
			}
			return s.versionFor(caller, t, versionOf(t.ns, t.record, r, rec.Revision)), true, nil
		},
		read: func(snapshot *sealed.Snapshot, _, after storage.Key, limit int) ([]storage.Record, error) {
			return versionsBefore(snapshot, t, after, int64(limit))
		},
	})
}

// versionsBefore returns up to limit versions older than the one at a key, newest first; without a key, the newest.
// There are no gaps in the numbers, since tombstones stay.
func versionsBefore(snapshot *sealed.Snapshot, t secretAt, before storage.Key, limit int64) ([]storage.Record, error) {
	newest := t.record.GetLastVersion()
	if before != "" {
		number, err := strconv.ParseInt(segment(before, versionPrefix, 2), 16, 64)
		if err != nil {
			return nil, fmt.Errorf("%w: the key of a version: %w", sealed.ErrIntegrity, err)
		}
		newest = number - 1
	}
	if limit = min(limit, newest); limit == 0 {
		return nil, nil
	}
	after := t.key().version(versionPrefix, newest-limit)
	records, err := snapshot.Range(key(versionPrefix, t.ns.uid, t.record.GetUid(), ""), after, int(limit))
	slices.Reverse(records)
	return records, err
}

// EnableSecretVersion makes a disabled version usable again.
func (s *Service) EnableSecretVersion(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (Version, error) {
	return s.changeVersion(ctx, caller, authz.SecretEnable, name, etag, validateOnly, setDisabled(false))
}

// DisableSecretVersion makes a version unusable until it is enabled.
func (s *Service) DisableSecretVersion(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (Version, error) {
	return s.changeVersion(ctx, caller, authz.SecretDisable, name, etag, validateOnly, setDisabled(true))
}

// ActivateSecretVersion puts an enabled version in force.
func (s *Service) ActivateSecretVersion(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (Version, error) {
	return s.changeVersion(ctx, caller, authz.SecretActivate, name, etag, validateOnly,
		func(_ *sealed.Tx, _ string, secret *storev1.Secret, v *storev1.SecretVersion) error {
			if State(v.GetState()) != Enabled {
				return fmt.Errorf("%w: version %d is not enabled", ErrVersionState, v.GetNumber())
			}
			secret.ActiveVersion, secret.Keys = v.GetNumber(), v.GetKeys()
			return nil
		})
}

// DestroySecretVersion erases the payload of a version for good.
func (s *Service) DestroySecretVersion(ctx context.Context, caller authn.Caller, name, etag string, validateOnly bool) (Version, error) {
	return s.changeVersion(ctx, caller, authz.SecretDestroy, name, etag, validateOnly,
		func(tx *sealed.Tx, nsUID string, secret *storev1.Secret, v *storev1.SecretVersion) error {
			if State(v.GetState()) == Destroyed {
				return nil
			}
			if v.GetNumber() == secret.GetActiveVersion() {
				return fmt.Errorf("%w: the active version cannot be destroyed; activate another one first", ErrVersionState)
			}
			return s.destroy(tx, nsUID, secret, v)
		})
}

func setDisabled(disabled bool) versionChange {
	return func(tx *sealed.Tx, nsUID string, secret *storev1.Secret, v *storev1.SecretVersion) error {
		switch {
		case State(v.GetState()) == Destroyed:
			return fmt.Errorf("%w: version %d is destroyed", ErrVersionState, v.GetNumber())
		case disabled && v.GetNumber() == secret.GetActiveVersion():
			return fmt.Errorf("%w: the active version cannot be disabled; activate another one first", ErrVersionState)
		}
		v.State = int32(Enabled)
		if disabled {
			v.State = int32(Disabled)
		}
		i := slices.IndexFunc(secret.GetRetained(), func(r *storev1.Secret_Retained) bool { return r.GetNumber() == v.GetNumber() })
		secret.Retained[i].Disabled = disabled
		return tx.Put(kindVersion, nsUID, secretKey{nsUID, secret.GetUid()}.version(versionPrefix, v.GetNumber()), v)
	}
}

// versionChange changes a version and what its secret knows of it.
type versionChange func(tx *sealed.Tx, nsUID string, secret *storev1.Secret, v *storev1.SecretVersion) error

func (s *Service) changeVersion(ctx context.Context, caller authn.Caller, action authz.Action, name, etag string, validateOnly bool, change versionChange) (Version, error) {
	t, err := s.allowSecret(ctx, caller, action, "name", name, namespaces, secretsOf, versionsOf)
	if err != nil {
		return Version{}, err
	}
	var v *storev1.SecretVersion
	var before storage.Revision
	secret, rev, err := s.changeSecret(ctx, caller, t, "", validateOnly, func(tx *sealed.Tx, secret *storev1.Secret) error {
		number, err := versionNumber(secret, t.ids[1])
		if err != nil {
			return err
		}
		v = &storev1.SecretVersion{}
		k := secretKey{t.ns.uid, secret.GetUid()}
		before, err = tx.Get(kindVersion, t.ns.uid, k.version(versionPrefix, number), v)
		if ok, err := found(err); !ok {
			return firstError(err, ErrNotFound)
		}
		if err := checkEtag(etag, before); err != nil {
			return err
		}
		return change(tx, t.ns.uid, secret, v)
	})
	if err != nil {
		return Version{}, err
	}
	// Activation writes the secret and not the version.
	if validateOnly || action == authz.SecretActivate {
		rev = before
	}
	return s.versionFor(caller, t, versionOf(t.ns, secret, v, rev)), nil
}
