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
	return s.version(ctx, caller, t, t.ids[1])
}

// version reads a version of the secret that was decided on, as both are now.
func (s *Service) version(ctx context.Context, caller authn.Caller, t secretAt, id string) (Version, error) {
	var v Version
	err := s.store.View(ctx, func(snapshot *sealed.Snapshot) error {
		now := secretAt{place: t.place}
		if err := now.read(snapshot); err != nil {
			return err
		}
		if now.record.GetUid() != t.record.GetUid() {
			return ErrNotFound
		}
		number, err := versionNumber(now.record, id)
		if err != nil {
			return err
		}
		r := &storev1.SecretVersion{}
		rev, err := snapshot.Get(kindVersion, t.ns.uid, t.key().version(versionPrefix, number), r)
		if ok, err := found(err); !ok {
			return firstError(err, ErrNotFound)
		}
		v = versionOf(t.ns, now.record, r, rev)
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
	if page.OrderBy != "" && page.OrderBy != "create_time desc" {
		return nil, "", Invalid("order_by", "versions come newest first: create_time desc")
	}
	page.OrderBy = ""
	return list(ctx, s, caller, page, listing[Version]{
		method: "versions", parent: parent, prefixes: []storage.Key{key(versionPrefix, t.ns.uid, t.record.GetUid(), "")},
		fields: filter.Fields{
			"state": filter.Enum, "active": filter.Bool, "keys": filter.StringList, "create_time": filter.Timestamp,
			"destroy_time": filter.Timestamp, "created_by": filter.String,
		},
		open: func(snapshot *sealed.Snapshot, rec storage.Record) (Version, bool, error) {
			r := &storev1.SecretVersion{}
			if err := snapshot.Open(kindVersion, t.ns.uid, rec, r); err != nil {
				return Version{}, false, err
			}
			return s.versionFor(caller, t, versionOf(t.ns, t.record, r, rec.Revision)), true, nil
		},
		get: func(v *Version, name string) any { return v.field(name) },
		read: func(snapshot *sealed.Snapshot, _, after storage.Key, limit int) ([]storage.Record, error) {
			return versionsBefore(snapshot, t, after, int64(limit))
		},
	})
}

var stateNames = map[State]string{Enabled: "ENABLED", Disabled: "DISABLED", Destroyed: "DESTROYED"}

// String is the state's name on the API.
func (s State) String() string { return stateNames[s] }

// field returns the value of a filter field.
func (v *Version) field(name string) any {
	switch name {
	case "state":
		return v.State.String()
	case "active":
		return v.Active
	case "keys":
		return keyNames(v.Keys)
	case "create_time":
		return v.CreateTime
	case "destroy_time":
		return v.DestroyTime
	case "created_by":
		return v.CreatedBy
	}
	return nil
}

func keyNames(keys []Key) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Name
	}
	return names
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
			if err := s.checkTyped(secret, storedNames(v.GetKeys())); err != nil {
				return err
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
			if err := unpinned(tx, secretKey{nsUID, secret.GetUid()}, v.GetNumber()); err != nil {
				return err
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
		case disabled && State(v.GetState()) == Enabled:
			if err := unpinned(tx, secretKey{nsUID, secret.GetUid()}, v.GetNumber()); err != nil {
				return err
			}
		}
		secret.Disabled = slices.DeleteFunc(secret.Disabled, func(n int64) bool { return n == v.GetNumber() })
		v.State = int32(Enabled)
		if disabled {
			v.State = int32(Disabled)
			secret.Disabled = append(secret.Disabled, v.GetNumber())
		}
		return nil
	}
}

// versionChange changes a version, and what its secret knows of it. Doing what is done already changes nothing.
type versionChange func(tx *sealed.Tx, nsUID string, secret *storev1.Secret, v *storev1.SecretVersion) error

func (s *Service) changeVersion(ctx context.Context, caller authn.Caller, action authz.Action, name, etag string, validateOnly bool, change versionChange) (Version, error) {
	t, err := s.allowSecret(ctx, caller, action, "name", name, namespaces, secretsOf, versionsOf)
	if err != nil {
		return Version{}, err
	}
	var v *storev1.SecretVersion
	var now secretAt
	var before storage.Revision // of the version; it stays where the version's own record does
	holding, err := s.holding(ctx, t.ns)
	if err != nil {
		return Version{}, err
	}
	defer holding.release()
	rev, err := s.update(ctx, validateOnly, func(tx *sealed.Tx) error {
		now, v = secretAt{place: t.place}, &storev1.SecretVersion{}
		if err := s.sameSecret(tx, t, &now, ""); err != nil {
			return err
		}
		number, err := versionNumber(now.record, t.ids[1])
		if err != nil {
			return err
		}
		k := t.key().version(versionPrefix, number)
		before, err = tx.Get(kindVersion, t.ns.uid, k, v)
		if ok, err := found(err); !ok {
			return firstError(err, ErrNotFound)
		}
		if err := checkEtag(etag, before); err != nil {
			return err
		}
		state, active, held := v.GetState(), now.record.GetActiveVersion(), takes(now.record)
		if err := firstError(change(tx, t.ns.uid, now.record, v), holding.change(held, takes(now.record))); err != nil {
			return err
		}
		if v.GetState() != state {
			v.UpdateTime, v.UpdatedBy, before = stamp(s.now()), caller.Name, 0
			if err := tx.Put(kindVersion, t.ns.uid, k, v); err != nil {
				return err
			}
		} else if now.record.GetActiveVersion() == active {
			return nil
		}
		touch(now.record.Meta, caller.Name, s.now())
		return tx.Put(kindSecret, t.ns.uid, key(secretPrefix, t.ns.uid, now.record.GetId()), now.record)
	})
	if err != nil {
		return Version{}, s.named(ctx, caller, t, err)
	}
	holding.commit(rev)
	if before != 0 {
		rev = before
	}
	return s.versionFor(caller, t, versionOf(t.ns, now.record, v, rev)), nil
}
