package secrets_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	storev1 "github.com/coffer-dev/coffer/gen/go/coffer/store/v1"
	"github.com/coffer-dev/coffer/internal/render"
	"github.com/coffer-dev/coffer/internal/sealed"
	"github.com/coffer-dev/coffer/internal/secrets"
	"github.com/coffer-dev/coffer/internal/storage"
)

// wide are the longest names that secrets can have, 40 of them, in a namespace other than that of a projection below it.
func (f *fixture) wide(prefix string) []secrets.Secret {
	f.t.Helper()
	made := make([]secrets.Secret, render.MaxSecrets)
	for i := range made {
		made[i] = f.secret("namespaces/acme/secrets/" + long(fmt.Sprintf("%s%02d", prefix, i), 128))
	}
	return made
}

func long(prefix string, n int) string { return prefix + strings.Repeat("x", n-len(prefix)) }

// widest is as large as a projection gets.
func widest(of []secrets.Secret) secrets.Projection {
	p := secrets.Projection{Meta: secrets.Meta{Description: long("d", 1024), Annotations: map[string]string{"a": long("a", 16<<10-1)}}}
	p.Labels = map[string]string{}
	for i := range 64 {
		p.Labels[long(fmt.Sprint("l", i, "-"), 63)] = long("v", 256)
	}
	for i := range render.MaxItems {
		path := strings.Repeat(long(fmt.Sprint("p", i, "-"), 254)+"/", 4)
		p.Items = append(p.Items, secrets.Item{Item: render.Item{
			SecretName: of[i%len(of)].Name, Key: long("k", 253), Optional: true,
			Target: render.Target{File: &render.FileTarget{Path: path[:len(path)-1], Format: render.Properties, Mode: 0o777}},
		}})
	}
	return p
}

// crowd fills the shards of what uses a secret up to room bytes from their limit.
func (f *fixture) crowd(room int, of []secrets.Secret) {
	f.t.Helper()
	n, err := f.GetNamespace(f.ctx(), f.root, "namespaces/acme")
	f.must(err)
	full := &storev1.Dependents{}
	for next := full; proto.Size(next) <= secrets.MaxShardSize-room; {
		full = next
		// Shorter than any real one, for which there is no more room then.
		shortest := &storev1.Dependents_Dependent{Uid: fmt.Sprintf("%026d", len(full.GetProjections()))}
		next = &storev1.Dependents{Projections: append(slices.Clone(full.GetProjections()), shortest)}
	}
	for _, s := range of {
		_, err := f.store.Update(f.ctx(), func(tx *sealed.Tx) error {
			for shard := range secrets.DependentsShards {
				if err := tx.Put("coffer/dependents/v1", n.UID, storage.Key(secrets.DependentsKey(n.UID, s.UID, shard)), full); err != nil {
					return err
				}
			}
			return nil
		})
		f.must(err)
	}
}

// oneMore is the room that the longest dependent takes: two UIDs, an ID and what encodes them.
const oneMore = 26 + 26 + 128 + 2 + 2 + 3 + 3

// The largest projection can be created, moved to 40 other secrets and deleted, though each of them is as much used as
// can be.
func TestDependents_fullShards(t *testing.T) {
	f := newFixture(t)
	before, after := f.wide("before"), f.wide("after")
	f.crowd(oneMore, before)
	f.crowd(oneMore, after)
	id := long("p", 128)
	name := "namespaces/team/projections/" + id
	made, err := f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{
		Parent: "namespaces/team", ID: id, Projection: widest(before), RequestID: "6b2f2c1e-58f1-4c6e-9d1c-0a5f6f1f7a11",
	})
	if err != nil {
		t.Fatalf("creating it: %v", err)
	}
	moved := widest(after)
	moved.Name = name
	if _, err = f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: moved, Mask: []string{"*"}}); err != nil {
		t.Errorf("moving it to other secrets: %v", err)
	}
	if _, err = f.UpdateProjection(f.ctx(), f.root, secrets.UpdateProjection{Projection: secrets.Projection{Name: name, Items: made.Items}}); err != nil {
		t.Errorf("and back: %v", err)
	}
	_, err = f.DeleteSecret(f.ctx(), f.root, before[0].Name, "", false, false)
	if inUse, ok := errors.AsType[*secrets.InUseError](err); !ok || !strings.Contains(strings.Join(inUse.Projections, " "), name) {
		t.Errorf("deleting a secret of it: %v, want it in use", err)
	}
	if err := erred(f.DeleteProjection(f.ctx(), f.root, name, "", false)); err != nil {
		t.Errorf("deleting it: %v", err)
	}
}

func TestDependents_limit(t *testing.T) {
	f := newFixture(t)
	s := f.secret(db, "k", "v")
	f.crowd(0, []secrets.Secret{s})
	_, err := f.CreateProjection(f.ctx(), f.root, secrets.CreateProjection{
		Parent: "namespaces/acme", ID: "etl", Projection: secrets.Projection{Items: []secrets.Item{env("db", "k", "K")}},
	})
	f.check(err, secrets.ErrLimit)
	if err != nil && !strings.Contains(err.Error(), `secret "db": limit exceeded: too many projections use it`) {
		t.Errorf("the error %q does not tell of what there is too much", err)
	}
	_, err = f.DeleteSecret(f.ctx(), f.root, db, "", false, false)
	if _, ok := errors.AsType[*secrets.InUseError](err); !ok {
		t.Errorf("deleting what is used so much: %v, want it in use", err)
	}
	// Forced and purged, nothing of it is left.
	gone := f.drop(db)
	f.must(erred(f.PurgeSecret(f.ctx(), f.root, gone, true, false)))
	if left := f.keysWith(s.UID); len(left) > 0 {
		t.Errorf("the store still has %q", left)
	}
}

// Whichever shard a projection is in, it is found, and leaves again.
func TestDependents_everyShard(t *testing.T) {
	f := newFixture(t)
	s := f.secret(db, "k", "v")
	const n = 150
	for i := range n {
		namespace := []string{"acme", "team", "instance"}[i%3]
		f.project(f.root, fmt.Sprintf("namespaces/%s/projections/p%03d", namespace, i), env(db, "k", "K"))
	}
	d, err := f.ListDependents(f.ctx(), f.root, db)
	if err != nil || len(d.Projections) != n || d.Hidden != 0 {
		t.Fatalf("ListDependents = %d projections and %d hidden, %v; want %d", len(d.Projections), d.Hidden, err, n)
	}
	if keys := f.keysWith("dependents/"); len(keys) < 2 {
		t.Errorf("all of them are at %q", keys)
	}
	for i, name := range d.Projections {
		_, err := f.DeleteSecret(f.ctx(), f.root, db, "", false, false)
		if inUse, ok := errors.AsType[*secrets.InUseError](err); !ok || len(inUse.Projections) != n-i {
			t.Fatalf("DeleteSecret with %d left: %v", n-i, err)
		}
		f.must(erred(f.DeleteProjection(f.ctx(), f.root, name, "", false)))
	}
	if keys := f.keysWith("dependents/"); len(keys) > 0 {
		t.Errorf("used by none, it still has %q", keys)
	}
	_, err = f.DeleteSecret(f.ctx(), f.root, s.Name, "", false, false)
	f.check(err, nil)
}
